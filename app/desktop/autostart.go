package desktop

// Autostart starts a program with the computer, for this user: on Linux and BSD
// by an entry in the autostart folder, on Windows by one in the registry. Its
// methods fail with [errors.ErrUnsupported] elsewhere.
type Autostart struct {
	Name    string   // the program's name on the screen
	Entry   string   // a name of letters and digits for the entry
	Icon    string   // the name of its icon; may be empty
	Command []string // the program by its whole path, and its arguments
}

// AutostartState is what the computer does at its start.
type AutostartState struct {
	// On: this program is started.
	On bool
	// Elsewhere is the program that is started in its place: another copy, or
	// the place where this one was before it was moved. On is false then.
	// Setting it on again points it here.
	Elsewhere string
}
