package ui

import (
	"bytes"
	"cmp"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"fyne.io/fyne/v2"

	"github.com/photoferry/photoferry/app/control"
)

var goldenWrite = flag.Bool("golden.write", false, "write the pictures of the pages anew, in place of comparing with them")

const (
	// A pixel is another one if a colour of it differs by more than goldenColour,
	// and a picture if more than one in goldenPixels does. That leaves room for how
	// processors round, and for a palette; not for a letter.
	goldenColour = 40
	goldenPixels = 20_000
	// Colours that differ by no more than this are one in the files.
	goldenClose = 10
	// So many of the colours are kept in any case: those of grounds and cards.
	goldenGrounds = 32
)

// goldens are the looks that every page has a picture of. Those in the first
// one are also the pictures of the manual.
var goldens = []struct{ dir, suffix, theme, language string }{
	{"../docs/pages", "", "light", "en"},
	{"testdata/pages", "-dark", "dark", "en"},
	{"testdata/pages", "-de", "light", "de"},
}

// TestPagesLookAsTheyDid compares every page with a picture of it. When a page
// is meant to look otherwise: make screenshots, and look at them.
func TestPagesLookAsTheyDid(t *testing.T) {
	made := map[string]bool{}
	for _, g := range goldens {
		c := &camera{theme: g.theme, language: g.language, size: fyne.NewSize(900, 640)}
		c.take = func(t *testing.T, name string, shown func() image.Image) {
			t.Helper()
			file := filepath.Join(g.dir, name+g.suffix+".png")
			if made[file] {
				t.Errorf("there are two pictures %s", file)
			}
			made[file] = true
			img := shown()
			if *goldenWrite {
				writePicture(t, file, paletted(img))
			}
			samePicture(t, file, img)
		}
		t.Run(g.theme+"-"+g.language, func(t *testing.T) { walkPages(t, c) })
	}
	for _, dir := range []string{"../docs/pages", "testdata/pages"} {
		files, err := filepath.Glob(dir + "/*.png")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if !made[f] {
				t.Errorf("%s is a picture of no page any more", f)
			}
		}
	}
}

// walkPages shows every page once, and the sheets that people see first.
func walkPages(t *testing.T, c *camera) {
	e := album()
	e.shoots = someShoots(pictured)
	e.forecast = control.Forecast{Photos: 120, NoPhotos: 3, Accounts: []control.AccountForecast{
		{Account: "Piwigo", New: 80, Bytes: 240e6, Known: 38, Queued: 2}, {Account: "PicApport", New: 110, Bytes: 330e6, NotTaken: 10},
	}}
	w := c.window(t, e, Options{})
	c.snap(t, "now")
	w.offer([]string{"/home/anna/Desktop/Garden", "/home/anna/Desktop/IMG_2101.JPG"})
	c.snap(t, "add")
	w.escape()
	w.show(pageFailed)
	settle(w)
	tapFirstRow(t, w)
	c.snap(t, "failed")
	w.pages[pageFailed].(*failedPage).tabs.buttons[1].OnTapped()
	settle(w)
	tapFirstRow(t, w)
	c.snap(t, "skipped")
	w.show(pageHistory)
	c.snap(t, "history")
	h := w.pages[pageHistory].(*historyPage)
	h.tabs.buttons[tabPhotos].OnTapped()
	c.snap(t, "history-photos")
	h.tabs.buttons[tabShoots].OnTapped()
	c.snap(t, "history-shoots")

	e = deskEngine()
	w = c.window(t, e, Options{})
	w.services = deskServices(e)
	w.show(pageFolders)
	c.snap(t, "folders")
	w.show(pageAccounts)
	c.snap(t, "accounts")
	w.show(pageSettings)
	c.snap(t, "settings")

	e = deskEngine()
	e.status.Accounts, e.status.Folders = e.status.Accounts[:1], e.status.Folders[:1]
	e.status.State, e.status.Text, e.status.Hint = control.StateIdle, "Everything sent", ""
	e.status.Counts = control.Counts{Delivered: 12_345}
	c.window(t, e, Options{})
	c.snap(t, "now-empty")

	e = &fakeEngine{status: nothingYet()}
	w = c.window(t, e, Options{})
	w.startWizard()
	c.snap(t, "guide")
}

// samePicture compares what is shown with a picture in a file. Of what differs
// a picture is left for those who run the tests with -artifacts.
func samePicture(t *testing.T, file string, got image.Image) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Errorf("no picture to compare with: %v; make screenshots makes it", err)
		return
	}
	defer f.Close()
	want, err := png.Decode(f)
	if err != nil {
		t.Errorf("%s: %v", file, err)
		return
	}
	if got.Bounds() != want.Bounds() {
		t.Errorf("%s is %v large, the page %v", file, want.Bounds().Size(), got.Bounds().Size())
		return
	}
	n, where := differs(got, want)
	if size := got.Bounds().Size(); n > size.X*size.Y/goldenPixels {
		now := filepath.Join(t.ArtifactDir(), filepath.Base(file))
		writePicture(t, now, got)
		t.Errorf("%s shows the page otherwise: %d pixels differ, all in %v. How it looks now: %s (go test -artifacts keeps it)", file, n, where, now)
	}
}

// differs returns how many pixels of two pictures of one size differ, and where.
func differs(a, b image.Image) (n int, where image.Rectangle) {
	x, y := plain(a), plain(b)
	const block = 64 // bytes that are compared at once: most of a page is empty
	for i := 0; i < len(x.Pix); i += 4 {
		if end := min(i+block, len(x.Pix)); i%block == 0 && bytes.Equal(x.Pix[i:end], y.Pix[i:end]) {
			i = end - 4
			continue
		}
		if distance(x.Pix[i:i+3], y.Pix[i:i+3]) > goldenColour {
			n++
			at := x.Rect.Min.Add(image.Pt(i%x.Stride/4, i/x.Stride))
			where = where.Union(image.Rectangle{at, at.Add(image.Pt(1, 1))})
		}
	}
	return n, where
}

// plain is a picture whose colours are read quickly.
func plain(img image.Image) *image.RGBA {
	p := image.NewRGBA(img.Bounds())
	draw.Draw(p, p.Rect, img, p.Rect.Min, draw.Src)
	return p
}

// paletted is a picture with 256 colours, which makes its file small: those that
// it has most of, as far as they are not close to each other. Other colours
// become the nearest of these.
func paletted(img image.Image) image.Image {
	from := plain(img)
	count := map[[4]byte]int{}
	for pixel := range slices.Chunk(from.Pix, 4) {
		count[[4]byte(pixel)]++
	}
	all := slices.SortedFunc(maps.Keys(count), func(a, b [4]byte) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), bytes.Compare(a[:], b[:]))
	})
	place := map[[4]byte]uint8{}
	var chosen [][4]byte
	var palette color.Palette
	for _, c := range all {
		at, far := 0, math.MaxInt
		for i, p := range chosen {
			if d := distance(c[:], p[:]); d < far {
				at, far = i, d
			}
		}
		if len(chosen) < 256 && (far > goldenClose || far > 0 && len(chosen) < goldenGrounds) {
			at = len(chosen)
			chosen = append(chosen, c)
			palette = append(palette, color.RGBA{c[0], c[1], c[2], c[3]})
		}
		place[c] = uint8(at)
	}
	to := image.NewPaletted(from.Rect, palette)
	for i := range to.Pix {
		to.Pix[i] = place[[4]byte(from.Pix[4*i:])]
	}
	return to
}

// distance is how much that of three colours differs which differs most.
func distance(a, b []byte) int {
	far := 0
	for i := range 3 {
		p, q := int(a[i]), int(b[i])
		far = max(far, p-q, q-p)
	}
	return far
}

// TestPicturesAreToldApart makes sure that the comparison of the pages can fail.
func TestPicturesAreToldApart(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 100, 100))
	for i := range img.Pix {
		img.Pix[i] = 200
	}
	other := image.NewRGBA(img.Rect)
	copy(other.Pix, img.Pix)
	if n, _ := differs(img, paletted(other)); n != 0 {
		t.Errorf("%d pixels of the same picture differ", n)
	}
	other.SetRGBA(3, 4, color.RGBA{200, 200, 200 - goldenColour, 200}) // rounded otherwise
	other.SetRGBA(7, 8, color.RGBA{200, 100, 200, 200})
	if n, where := differs(img, other); n != 1 || where != image.Rect(7, 8, 8, 9) {
		t.Errorf("%d pixels differ in %v, want one", n, where)
	}
}
