package ui

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"os"
	"sync"

	"golang.org/x/image/draw"

	"github.com/photoferry/photoferry/app/photo"
)

const (
	thumbEdge  = 96  // pixels: a row shows 48 units, and many screens have two pixels a unit
	thumbsKept = 300 // 36 kB each
	tileEdge   = 216 // of a tile
	tilesKept  = 120 // 187 kB each
	thumbsDue  = 64  // wanted at a time; more have scrolled out of sight
)

// thumbs makes small pictures of local files, away from the goroutine of the
// widgets, and keeps the newest few. Its methods may be called from any
// goroutine.
type thumbs struct {
	ready func() // called after a picture has become ready, without locks
	make  func(ctx context.Context, path string) image.Image
	most  int // that are kept

	mu   sync.Mutex
	kept map[string]*list.Element
	age  *list.List // of thumb, newest use in front
	due  []string   // wanted, the newest last
	wake chan struct{}
}

type thumb struct {
	path string
	img  image.Image // nil: there is none to be had
}

func newThumbs(ready func()) *thumbs {
	return &thumbs{
		ready: ready, make: makeThumb, most: thumbsKept,
		kept: map[string]*list.Element{}, age: list.New(), wake: make(chan struct{}, 1),
	}
}

// newTilePictures is newThumbs for the tiles of a grid.
func newTilePictures(ready func()) *thumbs {
	t := newThumbs(ready)
	t.most = tilesKept
	t.make = func(ctx context.Context, path string) image.Image {
		img, err := localPicture(ctx, path, tileEdge*2)
		if err != nil {
			return nil
		}
		return square(img, tileEdge)
	}
	return t
}

// get returns the picture of a file, or nil when there is none, or not yet. In
// the latter case it is made, the most recently wanted first.
func (t *thumbs) get(path string) image.Image {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e, ok := t.kept[path]; ok {
		t.age.MoveToFront(e)
		return e.Value.(thumb).img
	}
	for i, p := range t.due {
		if p == path { // to the front of the work
			copy(t.due[i:], t.due[i+1:])
			t.due[len(t.due)-1] = path
			return nil
		}
	}
	if len(t.due) == thumbsDue {
		t.due = append(t.due[:0], t.due[1:]...)
	}
	t.due = append(t.due, path)
	select {
	case t.wake <- struct{}{}:
	default:
	}
	return nil
}

// run makes pictures until ctx ends.
func (t *thumbs) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.wake:
		}
		for t.step(ctx) {
			t.ready()
		}
	}
}

// step makes the picture that was wanted last. It reports whether there was
// one to make.
func (t *thumbs) step(ctx context.Context) bool {
	t.mu.Lock()
	n := len(t.due)
	if n == 0 || ctx.Err() != nil {
		t.mu.Unlock()
		return false
	}
	path := t.due[n-1]
	t.due = t.due[:n-1]
	t.mu.Unlock()

	img := t.make(ctx, path)

	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept[path] = t.age.PushFront(thumb{path, img})
	for t.age.Len() > t.most {
		last := t.age.Back()
		delete(t.kept, last.Value.(thumb).path)
		t.age.Remove(last)
	}
	return true
}

// makeThumb reads a file and returns its picture as a square, cut from the
// middle. It returns nil for everything that cannot be shown.
func makeThumb(ctx context.Context, path string) image.Image {
	img, err := localPicture(ctx, path, thumbEdge*2)
	if err != nil {
		return nil
	}
	return square(img, thumbEdge)
}

var errNoFile = errors.New("there is no such file any more")

// localPicture reads a file of this computer and returns its picture, of which
// no side is longer than edge pixels.
func localPicture(ctx context.Context, path string, edge int) (image.Image, error) {
	// A pipe or a device would block for ever, or answer without end.
	st, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errNoFile
	case err != nil:
		return nil, fmt.Errorf("looking at the photo: %w", err)
	case st.Mode()&fs.ModeType != 0:
		return nil, photo.ErrNoThumbnail
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the photo: %w", err)
	}
	defer f.Close()
	if st, err = f.Stat(); err != nil {
		return nil, fmt.Errorf("reading the photo: %w", err)
	}
	img, err := photo.Thumbnail(ctx, f, st.Size(), edge)
	if err != nil {
		return nil, fmt.Errorf("reading the photo: %w", err)
	}
	return img, nil
}

// square scales the middle of a picture to edge by edge pixels.
func square(img image.Image, edge int) image.Image {
	b := img.Bounds()
	side := min(b.Dx(), b.Dy())
	if side <= 0 {
		return nil
	}
	from := image.Rect(0, 0, side, side).Add(b.Min).Add(image.Pt((b.Dx()-side)/2, (b.Dy()-side)/2))
	to := image.NewNRGBA(image.Rect(0, 0, edge, edge))
	draw.ApproxBiLinear.Scale(to, to.Bounds(), img, from, draw.Src, nil)
	return to
}
