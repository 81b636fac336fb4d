package ui

import (
	"bytes"
	"fmt"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/assets"
)

// icon is a drawing of package assets in a colour of the theme. The toolkit's
// own themed resources recolour only what is filled; ours are strokes.
type icon struct {
	name  string
	color fyne.ThemeColorName
}

// Name implements [fyne.Resource]. The toolkit caches drawings by name, and
// forgets them when the theme changes.
func (i icon) Name() string { return i.name + "-" + string(i.color) + ".svg" }

// Content implements [fyne.Resource].
func (i icon) Content() []byte {
	c, _ := color.NRGBAModel.Convert(theme.Color(i.color)).(color.NRGBA)
	hex := fmt.Appendf(nil, "#%02x%02x%02x", c.R, c.G, c.B)
	return bytes.ReplaceAll(assets.Icon(i.name), []byte("currentColor"), hex)
}

// glyph is a drawing in the colour of text.
func glyph(name string) fyne.Resource { return icon{name, theme.ColorNameForeground} }

// glyphOn is a drawing for a button of high importance.
func glyphOn(name string) fyne.Resource { return icon{name, theme.ColorNameForegroundOnPrimary} }

// AppIcon is the program's icon, for the window and the desktop.
func AppIcon() fyne.Resource { return fyne.NewStaticResource("photoferry.png", assets.AppIcon) }

// stateColors says what a state looks like; a calm one has the accent colour.
var stateColors = map[control.State]fyne.ThemeColorName{
	control.StateStopped:   theme.ColorNameError,
	control.StateAttention: theme.ColorNameWarning,
	control.StateIdle:      theme.ColorNameSuccess,
	control.StatePaused:    colorMuted,
	control.StateOffline:   colorMuted,
	control.StateWaiting:   colorMuted,
	stateGone:              colorMuted,
}

func stateColor(s control.State) fyne.ThemeColorName {
	if c, ok := stateColors[s]; ok {
		return c
	}
	return theme.ColorNamePrimary
}

func stateIcon(s control.State) fyne.Resource {
	name := "state-" + string(s)
	if assets.Icon(name) == nil {
		name = "state-gone"
	}
	return icon{name, stateColor(s)}
}
