package desktop

// Surroundings is what [Watch] reports.
type Surroundings struct {
	Network Network
	Power   Power
}

// Network is the connection in use.
type Network struct {
	Metered Metered
	Missing Missing // why Metered cannot be told; then it is MeteredUnknown
}

// Metered tells whether somebody pays for each byte of a connection.
type Metered uint32

// The values are NetworkManager's.
const (
	MeteredUnknown  Metered = iota // no connection, for example
	MeteredYes                     // the user, or the network itself, has said so
	MeteredNo                      // nobody counts
	MeteredGuessYes                // a phone that shares its connection, for example
	MeteredGuessNo
)

// Costs reports whether bytes are to be saved: Yes, or probably so.
func (m Metered) Costs() bool { return m == MeteredYes || m == MeteredGuessYes }

// Power is what the computer runs on.
type Power struct {
	OnBattery bool
	Percent   int     // of all batteries together; -1 without one
	Missing   Missing // why all this cannot be told; then OnBattery is false and Percent is -1
}

// Missing says for a person why something cannot be told. It is empty when it can.
type Missing string

// All the reasons there are: sentences to be shown, and to be translated by
// their text.
const (
	NotHere          Missing = "This is not available on this system."
	NoBus            Missing = "The system bus cannot be reached."
	NoNetworkManager Missing = "NetworkManager does not answer."
	NoUPower         Missing = "UPower does not answer."
)

func missing(network, power Missing) Surroundings {
	return Surroundings{Network{Missing: network}, Power{Percent: -1, Missing: power}}
}
