package ui

import (
	"context"
	"fmt"
	"hash/fnv"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/photoferry/photoferry/ui/say"
)

// pictured is the moment that all pictures of the window are taken at.
var pictured = time.Date(2026, 5, 20, 18, 0, 0, 0, time.Local)

// camera takes pictures of what a window shows, without a display.
type camera struct {
	theme, language string
	size            fyne.Size
	take            func(t *testing.T, name string, shown func() image.Image)

	win *Window
}

// window opens a window over an engine, with the look of the pictures.
func (c *camera) window(t *testing.T, e *fakeEngine, o Options) *Window {
	t.Helper()
	spoken := say.Language()
	t.Cleanup(func() { speak(spoken) })
	e.status.Theme, e.status.Language = c.theme, c.language
	w := newTestWindow(t, e, o)
	t.Cleanup(func() { w.app.Settings().SetTheme(newTheme("")) })
	w.now = func() time.Time { return pictured }
	w.home = "/home/anna"
	w.thumbs.make = func(_ context.Context, path string) image.Image { return landscape(path, thumbEdge) }
	w.tiles.make = func(_ context.Context, path string) image.Image { return landscape(path, tileEdge) }
	w.win.Resize(c.size)
	w.rebuild() // with the clock from its beginning
	refreshed(w, e.status)
	c.win = w
	return w
}

// snap takes a picture of the window, with its dialogs and small pictures.
func (c *camera) snap(t *testing.T, name string) {
	t.Helper()
	w := c.win
	settle(w)
	for w.thumbs.step(t.Context()) || w.tiles.step(t.Context()) {
	}
	w.pages[w.current].refresh()
	w.win.Content().Refresh() // as a display does when something in it has grown
	c.take(t, name, w.win.Canvas().Capture)
}

// landscape is a picture to be recognised, of few colours.
func landscape(path string, edge int) image.Image {
	h := fnv.New32a()
	_, _ = h.Write([]byte(path)) // never fails
	n := int(h.Sum32() % 1000)
	img := image.NewNRGBA(image.Rect(0, 0, edge, edge))
	for y := range edge {
		for x := range edge {
			c := color.NRGBA{uint8(90 + n*37%120), uint8(150 + y*4/edge*20), 220, 255}
			if y > edge/2+((x*7*96/edge+n*13)%(96/4))*edge/96 {
				c = color.NRGBA{uint8(40 + n*53%90), uint8(110 + n*29%80), 60, 255}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

// TestPicturesToLookAt makes pictures of everything that the window can show,
// large and narrow, light and dark: PHOTOFERRY_SHOTS names the folder that they
// go to, PHOTOFERRY_LANGUAGE their language.
func TestPicturesToLookAt(t *testing.T) {
	dir, language := os.Getenv("PHOTOFERRY_SHOTS"), os.Getenv("PHOTOFERRY_LANGUAGE")
	if dir == "" {
		t.Skip("PHOTOFERRY_SHOTS is not set")
	}
	if language == "" {
		language = "en"
	}
	for _, theme := range []string{"light", "dark"} {
		for _, size := range []fyne.Size{fyne.NewSize(980, 680), fyne.NewSize(640, 480)} {
			look := fmt.Sprintf("%s-%s-%v", language, theme, size.Width)
			c := &camera{theme: theme, language: language, size: size}
			c.take = func(t *testing.T, name string, shown func() image.Image) {
				t.Helper()
				writePicture(t, filepath.Join(dir, name+"-"+look+".png"), shown())
			}
			t.Run(look, func(t *testing.T) {
				for _, walk := range []func(*testing.T, *camera){walkPages, walkPhotos, walkShoots, walkCards, walkDesk} {
					walk(t, c)
				}
			})
		}
	}
}

func writePicture(t *testing.T, file string, img image.Image) {
	t.Helper()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(f, img)
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		t.Fatal(err)
	}
}
