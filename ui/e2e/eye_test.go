//go:build linux

package e2e

import (
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"slices"
	"sync"
	"testing"

	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/theme"
	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// eye reads the screen. It knows a text when it sees one because it draws the
// text itself, with the toolkit's own font, and looks for a place that has light
// and dark where the drawing has them. So a test can find a button by what is
// written on it, wherever it is, in any colours.
type eye struct {
	t    testing.TB
	x    *xgb.Conn
	root xproto.Window
}

func newEye(t testing.TB, display string) *eye {
	t.Helper()
	x, err := xgb.NewConnDisplay(display)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.Close)
	return &eye{t, x, xproto.Setup(x).DefaultScreen(x).Root}
}

// view is one look at the screen.
type view struct {
	rgb   *image.RGBA
	gray  []uint8 // row by row
	edges []image.Point
	w, h  int
}

func (e *eye) look() *view {
	e.t.Helper()
	g, err := xproto.GetGeometry(e.x, xproto.Drawable(e.root)).Reply()
	if err != nil {
		e.t.Fatal(err)
	}
	img, err := xproto.GetImage(e.x, xproto.ImageFormatZPixmap, xproto.Drawable(e.root), 0, 0, g.Width, g.Height, ^uint32(0)).Reply()
	if err != nil {
		e.t.Fatal(err)
	}
	w, h := int(g.Width), int(g.Height)
	if len(img.Data) < 4*w*h {
		e.t.Fatalf("the screen has %d bytes for %d x %d pixels", len(img.Data), w, h)
	}
	v := &view{rgb: image.NewRGBA(image.Rect(0, 0, w, h)), gray: make([]uint8, w*h), w: w, h: h}
	v.fill(img.Data)
	return v
}

// fill takes pixels over, and finds the edges: where a pixel differs from the
// one to its right. Nothing else uses the view meanwhile, and the race detector
// would make a million pixels slow.
//
//go:norace
func (v *view) fill(bgrx []byte) {
	for i := range v.gray {
		b, g, r := bgrx[4*i], bgrx[4*i+1], bgrx[4*i+2]
		v.rgb.Pix[4*i], v.rgb.Pix[4*i+1], v.rgb.Pix[4*i+2], v.rgb.Pix[4*i+3] = r, g, b, 0xff
		v.gray[i] = uint8((299*int(r) + 587*int(g) + 114*int(b)) / 1000)
		if d := int(v.gray[i]) - int(v.gray[max(i-1, 0)]); d <= -visible || d >= visible {
			v.edges = append(v.edges, image.Pt(i%v.w-1, i/v.w))
		}
	}
}

func (v *view) save(file string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := png.Encode(f, v.rgb); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// word is a text as it is drawn in one size and style.
type word struct {
	w, h        int
	ink         []float64 // 0 to 1, row by row
	mean, sigma float64
	edge        image.Point   // where it differs most from the pixel to the right
	on, off     []image.Point // some of the fullest and of the empty pixels
}

const (
	pairs   = 24    // how many pixels are compared before all are
	visible = 20    // the least difference of grey that can be read
	alike   = 0.985 // the least correlation that counts; one other letter in a long text makes 0.97
	before  = 3     // pixels before a text in which there is nothing
	after   = 6     // pixels after it; a space is narrower
)

// words holds what has been drawn. The toolkit draws for one at a time.
var words = struct {
	sync.Mutex
	of map[string][]*word
}{of: map[string][]*word{}}

// draw returns a text in all sizes and styles that the window uses.
func draw(text string) []*word {
	words.Lock()
	defer words.Unlock()
	if ws, ok := words.of[text]; ok {
		return ws
	}
	var ws []*word
	for _, size := range []float32{14, 12, 17, 24} {
		for _, bold := range []bool{true, false} {
			t := canvas.NewText(text, color.White)
			t.TextSize, t.TextStyle.Bold = size, bold
			c := software.NewTransparentCanvas()
			c.SetPadded(false)
			c.SetContent(t)
			if w := newWord(software.RenderCanvas(c, theme.DefaultTheme())); w != nil {
				ws = append(ws, w)
			}
		}
	}
	words.of[text] = ws
	return ws
}

func newWord(img image.Image) *word {
	alpha := func(x, y int) float64 { _, _, _, a := img.At(x, y).RGBA(); return float64(a) / 0xffff }
	box := image.Rectangle{}
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			if alpha(x, y) > 0.05 {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	if box.Empty() {
		return nil
	}
	w := &word{w: box.Dx(), h: box.Dy()}
	var points []image.Point
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			w.ink = append(w.ink, alpha(x, y))
			points = append(points, image.Pt(x-box.Min.X, y-box.Min.Y))
		}
	}
	for _, a := range w.ink {
		w.mean += a / float64(len(w.ink))
	}
	for _, a := range w.ink {
		w.sigma += (a - w.mean) * (a - w.mean)
	}
	w.sigma = math.Sqrt(w.sigma)
	slices.SortStableFunc(points, func(a, b image.Point) int { return cmp.Compare(w.at(b), w.at(a)) })
	for _, p := range points {
		if p.X+1 < w.w && math.Abs(w.at(p)-w.at(p.Add(image.Pt(1, 0)))) > math.Abs(w.at(w.edge)-w.at(w.edge.Add(image.Pt(1, 0)))) {
			w.edge = p
		}
	}
	w.on, w.off = spread(points[:len(points)/5]), spread(points[len(points)/2:])
	return w
}

func (w *word) at(p image.Point) float64 { return w.ink[p.Y*w.w+p.X] }

// spread picks some points, far from each other where there are many.
func spread(points []image.Point) []image.Point {
	points = slices.Clone(points)
	slices.SortStableFunc(points, func(a, b image.Point) int { return cmp.Compare(a.X, b.X) })
	var some []image.Point
	for i := range pairs {
		if len(points) > 0 {
			some = append(some, points[i*len(points)/pairs])
		}
	}
	return some
}

// place is where a text was found.
type place struct {
	image.Rectangle
	alike    float64
	contrast float64
}

// find returns where a text stands, the one with the strongest contrast first:
// a dialog dims what lies below it.
func (v *view) find(text string) []place {
	var found []place
	for _, w := range draw(text) {
		for _, at := range v.candidates(w) {
			if p := v.compare(w, at); p.alike >= alike && v.alone(w, at, p.contrast) {
				found = append(found, p)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b place) int { return cmp.Compare(b.alike, a.alike) })
	var best []place // one for each spot
	for _, p := range found {
		if !slices.ContainsFunc(best, func(b place) bool { return b.Overlaps(p.Rectangle) }) {
			best = append(best, p)
		}
	}
	slices.SortStableFunc(best, func(a, b place) int { return cmp.Compare(b.contrast, a.contrast) })
	return best
}

// candidates are the places where the word's edge and a few of its pixels are
// as they must be.
//
//go:norace
func (v *view) candidates(w *word) []image.Point {
	var on, off []int
	for i := range w.on {
		on = append(on, w.on[i].Y*v.w+w.on[i].X)
		off = append(off, w.off[i].Y*v.w+w.off[i].X)
	}
	var found []image.Point
	for _, e := range v.edges {
		x, y := e.X-w.edge.X, e.Y-w.edge.Y
		if x < 0 || y < 0 || x+w.w > v.w || y+w.h > v.h {
			continue
		}
		gray := v.gray[y*v.w+x:]
		light, dark, enough := 0, 0, len(on)-2
		for i := range on {
			if d := int(gray[on[i]]) - int(gray[off[i]]); d >= visible/2 {
				light++
			} else if d <= -visible/2 {
				dark++
			}
		}
		if light >= enough || dark >= enough {
			found = append(found, image.Pt(x, y))
		}
	}
	return found
}

// compare compares all pixels.
func (v *view) compare(w *word, at image.Point) place {
	var sum, squares, product float64
	for r := range w.h {
		from := (at.Y+r)*v.w + at.X
		for c, g := range v.gray[from : from+w.w] {
			f := float64(g)
			sum += f
			squares += f * f
			product += f * w.ink[r*w.w+c]
		}
	}
	sigma := math.Sqrt(max(squares-sum*sum/float64(len(w.ink)), 1))
	covariance := math.Abs(product - sum*w.mean)
	return place{image.Rect(0, 0, w.w, w.h).Add(at), covariance / (sigma * w.sigma), covariance / (w.sigma * w.sigma)}
}

// alone says whether a word is neither the end of a word nor the beginning of a
// longer text. There may be an icon close before it.
func (v *view) alone(w *word, at image.Point, contrast float64) bool {
	empty := func(from, to int) bool {
		low, high := uint8(255), uint8(0)
		for y := at.Y; y < at.Y+w.h; y++ {
			for x := max(from, 0); x < min(to, v.w); x++ {
				g := v.gray[y*v.w+x]
				low, high = min(low, g), max(high, g)
			}
		}
		return low > high || float64(high-low) < contrast/2
	}
	return empty(at.X-before, at.X) && empty(at.X+w.w+1, at.X+w.w+1+after)
}

func (p place) String() string {
	return fmt.Sprintf("%v (%.2f alike, contrast %.0f)", p.Rectangle, p.alike, p.contrast)
}
