package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Colours of our own, beside those that the toolkit names.
const (
	colorBar   fyne.ThemeColorName = "photoferryBar"   // the left bar and the strip
	colorCard  fyne.ThemeColorName = "photoferryCard"  // what lies on a page
	colorTrack fyne.ThemeColorName = "photoferryTrack" // the empty part of a progress bar
	colorMuted fyne.ThemeColorName = "photoferryMuted" // text that is read second
	colorVeil  fyne.ThemeColorName = "photoferryVeil"  // what the drop zone lays over the window
)

// ferryTheme is the toolkit's theme with one accent colour, the colour of deep
// water, and softer greys. It follows the system's choice of light or dark
// unless the settings have made one.
type ferryTheme struct {
	fyne.Theme
	choice string // "light" or "dark"; anything else is the system's
}

func newTheme(choice string) fyne.Theme { return ferryTheme{theme.DefaultTheme(), choice} }

func rgb(v uint32) color.Color {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 0xff}
}

func rgba(v uint32, a uint8) color.Color {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: a}
}

var lightColors = map[fyne.ThemeColorName]color.Color{
	colorBar:   rgb(0xedf2f4),
	colorCard:  rgb(0xffffff),
	colorTrack: rgb(0xd9e2e6),
	colorMuted: rgb(0x5b6972),
	colorVeil:  rgba(0xf8fafb, 0xf4),

	theme.ColorNameBackground:          rgb(0xf8fafb),
	theme.ColorNameForeground:          rgb(0x1d2a31),
	theme.ColorNameButton:              rgb(0xe4ebee),
	theme.ColorNameDisabledButton:      rgb(0xeef2f4),
	theme.ColorNameDisabled:            rgb(0x75828a),
	theme.ColorNamePrimary:             rgb(0x0b7285),
	theme.ColorNameHyperlink:           rgb(0x0b7285),
	theme.ColorNameForegroundOnPrimary: rgb(0xffffff),
	theme.ColorNameFocus:               rgba(0x0b7285, 0x40),
	theme.ColorNameSelection:           rgba(0x0b7285, 0x22),
	theme.ColorNameHover:               rgba(0x0b2a33, 0x0d),
	theme.ColorNameInputBackground:     rgb(0xf3f6f8),
	theme.ColorNameInputBorder:         rgb(0xc3ced4),
	theme.ColorNameMenuBackground:      rgb(0xffffff),
	theme.ColorNameOverlayBackground:   rgb(0xffffff),
	theme.ColorNameHeaderBackground:    rgb(0xedf2f4),
	theme.ColorNamePlaceHolder:         rgb(0x68757d),
	theme.ColorNameSeparator:           rgb(0xe0e7ea),
	theme.ColorNameScrollBar:           rgba(0x0b2a33, 0x55),
	theme.ColorNameScrollBarBackground: rgba(0x0b2a33, 0x0a),
	theme.ColorNameShadow:              rgba(0x0b2a33, 0x33),
	theme.ColorNameSuccess:             rgb(0x2b8a3e),
	theme.ColorNameWarning:             rgb(0xb35c00),
	theme.ColorNameError:               rgb(0xc92a2a),
}

var darkColors = map[fyne.ThemeColorName]color.Color{
	colorBar:   rgb(0x11191d),
	colorCard:  rgb(0x1e292e),
	colorTrack: rgb(0x324047),
	colorMuted: rgb(0x9fb0b8),
	colorVeil:  rgba(0x161f24, 0xf4),

	theme.ColorNameBackground:          rgb(0x161f24),
	theme.ColorNameForeground:          rgb(0xe6eef1),
	theme.ColorNameButton:              rgb(0x2a373e),
	theme.ColorNameDisabledButton:      rgb(0x212c32),
	theme.ColorNameDisabled:            rgb(0x84949c),
	theme.ColorNamePrimary:             rgb(0x3bb8cc),
	theme.ColorNameHyperlink:           rgb(0x3bb8cc),
	theme.ColorNameForegroundOnPrimary: rgb(0x06262c),
	theme.ColorNameFocus:               rgba(0x3bb8cc, 0x50),
	theme.ColorNameSelection:           rgba(0x3bb8cc, 0x2c),
	theme.ColorNameHover:               rgba(0xffffff, 0x0e),
	theme.ColorNameInputBackground:     rgb(0x1b252a),
	theme.ColorNameInputBorder:         rgb(0x3d4c54),
	theme.ColorNameMenuBackground:      rgb(0x232f35),
	theme.ColorNameOverlayBackground:   rgb(0x1e292e),
	theme.ColorNameHeaderBackground:    rgb(0x11191d),
	theme.ColorNamePlaceHolder:         rgb(0x93a2aa),
	theme.ColorNameSeparator:           rgb(0x2a363c),
	theme.ColorNameScrollBar:           rgba(0xffffff, 0x55),
	theme.ColorNameScrollBarBackground: rgba(0xffffff, 0x08),
	theme.ColorNameSuccess:             rgb(0x51cf66),
	theme.ColorNameWarning:             rgb(0xffb454),
	theme.ColorNameError:               rgb(0xff7b7b),
	theme.ColorNameForegroundOnError:   rgb(0x2b0808),
	theme.ColorNameForegroundOnWarning: rgb(0x2b1a00),
}

// Color implements [fyne.Theme].
func (t ferryTheme) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	switch t.choice {
	case "light":
		v = theme.VariantLight
	case "dark":
		v = theme.VariantDark
	}
	m := lightColors
	if v == theme.VariantDark {
		m = darkColors
	}
	if c, ok := m[name]; ok {
		return c
	}
	return t.Theme.Color(name, v)
}

// Size implements [fyne.Theme].
func (t ferryTheme) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameCaptionText:
		return 12
	case theme.SizeNameInputRadius, theme.SizeNameButtonRadius, theme.SizeNameSelectionRadius:
		return 6
	case theme.SizeNameSubHeadingText:
		return 17
	}
	return t.Theme.Size(name)
}
