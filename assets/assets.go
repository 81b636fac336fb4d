package assets

import (
	"embed"
	"io/fs"
	"strings"
)

//go:generate go run render.go

//go:embed icons/*.svg
var icons embed.FS

//go:embed tray/*.png
var trays embed.FS

// Words are the translations of what people read: one JSON file for each
// language in the form of go-i18n, whose keys are the English texts. See
// docs/translating.md.
//
//go:embed words/*.json
var Words embed.FS

// AppIcon is the program's icon, a PNG of 256 by 256 pixels.
//
//go:embed icon.png
var AppIcon []byte

// AppIconSVG is the drawing that AppIcon is made from.
//
//go:embed icon.svg
var AppIconSVG []byte

// Icon returns the drawing of that name, such as "folder": SVG of 24 by 24
// units whose strokes are "currentColor". It is nil for an unknown name.
func Icon(name string) []byte {
	b, err := icons.ReadFile("icons/" + name + ".svg")
	if err != nil {
		return nil
	}
	return b
}

// Icons lists the names that Icon knows, sorted.
func Icons() []string { return names(icons, "icons", ".svg") }

// Tray returns the tray icon for a state in the words of the control API, such
// as "sending": a PNG of 64 by 64 pixels. A state that is not known, and an
// engine that does not answer, is shown as "gone".
func Tray(state string) []byte {
	b, err := trays.ReadFile("tray/" + state + ".png")
	if err != nil {
		b, _ = trays.ReadFile("tray/gone.png") // embedded: the compiler has seen it
	}
	return b
}

// TrayStates lists the states that have a tray icon of their own, sorted.
func TrayStates() []string { return names(trays, "tray", ".png") }

func names(f fs.FS, dir, ext string) []string {
	es, _ := fs.ReadDir(f, dir) // embedded: cannot fail
	var ns []string
	for _, e := range es {
		ns = append(ns, strings.TrimSuffix(e.Name(), ext))
	}
	return ns
}
