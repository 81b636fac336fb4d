//go:build ignore

// render makes icon.png and tray/*.png from the drawings in this folder. It
// uses the rasteriser that Fyne brings along.
package main

import (
	"fmt"
	"image"
	"image/png"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/fyne-io/oksvg"
	"github.com/srwiley/rasterx"
)

// boat is the tray's drawing without its badge; %[1]s is the colour of the hull
// and the frame. The white edge keeps it visible on a panel of any colour.
const boat = `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64" viewBox="0 0 64 64">
<path d="M15 5h34a5 5 0 0 1 5 5v22h-44V10a5 5 0 0 1 5-5z" fill="#ffffff"/>
<path d="M2 30h60l-6 19a8 8 0 0 1-7 5H15a8 8 0 0 1-7-5z" fill="#ffffff"/>
<path d="M16 8h32a3 3 0 0 1 3 3v20H13V11a3 3 0 0 1 3-3z" fill="%[1]s"/>
<path d="M17 12h30v19H17z" fill="#ffffff"/>
<path d="M17 31v-5l9-9 7 7 5-4 9 9v2z" fill="%[1]s"/>
<path d="M5.5 33h53l-5 15a5.5 5.5 0 0 1-5 3.5H15.5a5.5 5.5 0 0 1-5-3.5z" fill="%[1]s"/>
%[2]s</svg>`

const (
	calm = "#0b7285"
	grey = "#7a848c"
	warn = "#c77700"
	stop = "#d02f2f"
)

// A state's badge is a disc with a glyph, drawn in white, centred on 46,46.
var states = map[string]struct{ boat, badge, glyph string }{
	"idle":      {calm, "#2b8a3e", `<path d="M38.5 46.5l5.5 5.5 10-11"/>`},
	"checking":  {calm, "#3b5bdb", `<path d="M38 46h.1"/><path d="M46 46h.1"/><path d="M54 46h.1"/>`},
	"settling":  {calm, "#3b5bdb", `<path d="M40.5 38.5h11l-11 15h11z"/>`},
	"sending":   {calm, "#1971c2", `<path d="M46 54V38.5"/><path d="M39.5 44.5l6.5-6.5 6.5 6.5"/>`},
	"paused":    {grey, "#495057", `<path d="M42 39.5v13"/><path d="M50 39.5v13"/>`},
	"offline":   {grey, "#495057", `<path d="M40 40l12 12"/><path d="M52 40L40 52"/>`},
	"waiting":   {calm, "#495057", `<path d="M46 38.5V46l5.5 3.5"/>`},
	"attention": {calm, warn, `<path d="M46 37.5v10"/><path d="M46 54v.1"/>`},
	"stopped":   {stop, stop, `<path d="M46 37.5v10"/><path d="M46 54v.1"/>`},
	"gone":      {grey, "#495057", `<path d="M39 46h14"/>`},
}

func main() {
	log.SetFlags(0)
	src, err := os.ReadFile("icon.svg")
	if err != nil {
		log.Fatal(err)
	}
	write("icon.png", string(src), 256)
	for name, s := range states {
		badge := fmt.Sprintf(`<circle cx="46" cy="46" r="18" fill="#ffffff"/><circle cx="46" cy="46" r="15.5" fill="%s"/>`+
			`<g fill="none" stroke="#ffffff" stroke-width="4.5" stroke-linecap="round" stroke-linejoin="round">%s</g>`, s.badge, s.glyph)
		write(filepath.Join("tray", name+".png"), fmt.Sprintf(boat, s.boat, badge), 64)
	}
}

// write rasterises an SVG to a square PNG of size pixels.
func write(file, svg string, size int) {
	icon, err := oksvg.ReadIconStream(strings.NewReader(svg), oksvg.StrictErrorMode)
	if err != nil {
		log.Fatalf("reading the drawing of %s: %v", file, err)
	}
	icon.SetTarget(0, 0, float64(size), float64(size))
	img := image.NewRGBA(image.Rect(0, 0, size, size))
	icon.Draw(rasterx.NewDasher(size, size, rasterx.NewScannerGV(size, size, img, img.Bounds())), 1)
	f, err := os.Create(file)
	if err != nil {
		log.Fatal(err)
	}
	if err := png.Encode(f, img); err != nil {
		log.Fatalf("writing %s: %v", file, err)
	}
	if err := f.Close(); err != nil {
		log.Fatal(err)
	}
}
