package convert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"

	"github.com/photoferry/photoferry/app/photo"
)

// Main does a child's work and ends the process, if this process is a child of
// [Make]; otherwise it returns at once. A program that converts calls it
// before anything else.
func Main() {
	text := os.Getenv(variable)
	if text == "" {
		return
	}
	os.Exit(child(text))
}

func child(text string) (code int) {
	var t task
	err := json.Unmarshal([]byte(text), &t)
	if err == nil {
		err = work(t)
	}
	if err == nil {
		return 0
	}
	f := failure{Reason: err.Error()}
	if errors.Is(SpaceOr(err), ErrSpace) {
		f.Space = true
	}
	told, _ := json.Marshal(f) // a text and a bool always work
	fmt.Fprintf(os.Stderr, "\n%s\n", told)
	return 1
}

// work makes the copy within the child's bounds.
func work(t task) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the decoder gave up: %v", p)
		}
	}()
	debug.SetMemoryLimit(maxMemory / 2)
	if err := limit(); err != nil {
		return fmt.Errorf("set the limits: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), maxTime)
	defer cancel()
	go watch(func(reason string) { // ends with the process
		told, _ := json.Marshal(failure{Reason: reason})
		fmt.Fprintf(os.Stderr, "\n%s\n", told)
		os.Exit(1)
	})
	fi, err := os.Stdin.Stat()
	if err != nil {
		return fmt.Errorf("read the original: %w", err)
	}
	return copyOf(ctx, source{os.Stdin, fi.Size()}, os.Stdout, t)
}

// watch ends the process when it takes more memory than it may.
func watch(end func(reason string)) {
	for range time.Tick(20 * time.Millisecond) {
		if resident() > maxMemory {
			end(fmt.Sprintf("it takes more than %d MB of memory", maxMemory>>20))
		}
	}
}

// source is an original.
type source struct {
	f interface {
		io.ReaderAt
		io.Reader
	}
	size int64
}

func (s source) section() *io.SectionReader { return io.NewSectionReader(s.f, 0, s.size) }

// copyOf writes the copy of an original that the task wants.
func copyOf(ctx context.Context, s source, w io.Writer, t task) error {
	m, err := photo.ReadMeta(s.f, s.size)
	if err != nil && m.Width == 0 && t.Kind != photo.RAW {
		return errors.New("its size in pixels cannot be read")
	}
	if t.Kind == photo.RAW {
		return s.ofRaw(w, t, m)
	}
	if m.Width <= 0 || m.Height <= 0 {
		return errors.New("its size in pixels cannot be read")
	}
	if err := checkPixels(m.Width, m.Height); err != nil {
		return err
	}
	if t.Kind == photo.HEIC || t.Kind == photo.AVIF {
		return s.ofHEIF(ctx, w, t)
	}
	img, err := decode(t.Kind, s.section())
	if err != nil {
		return err
	}
	return s.code(w, t, upright(shrink(img, t.Side), m.Orientation), s.section())
}

func checkPixels(width, height int) error {
	if pixels := int64(width) * int64(height); pixels > MaxPixels {
		return fmt.Errorf("it is too large: %d megapixels, and %d are the most", pixels/1e6, int(MaxPixels/1e6))
	}
	return nil
}

// ofRaw takes the picture that a camera put into its raw file. It keeps it as
// it is unless it is too large.
func (s source) ofRaw(w io.Writer, t task, m photo.Meta) error {
	p, err := photo.LargestPreview(s.f, s.size)
	if errors.Is(err, photo.ErrNoPreview) {
		return errors.New("there is no picture in this raw file that could be sent in its place")
	}
	if err != nil {
		return err
	}
	if max(p.Width, p.Height) < minPreview {
		return fmt.Errorf("the picture in this raw file is too small to be sent in its place: %d x %d", p.Width, p.Height)
	}
	if err := checkPixels(p.Width, p.Height); err != nil {
		return err
	}
	inner := io.NewSectionReader(s.f, p.At, p.Size)
	if t.Side > 0 && max(p.Width, p.Height) > t.Side {
		img, err := decode(photo.JPEG, inner)
		if err != nil {
			return err
		}
		return s.code(w, t, upright(shrink(img, t.Side), m.Orientation), inner)
	}
	segments, err := photo.Carry(s.f, s.size, photo.Carried{Keep: t.Keep, Width: p.Width, Height: p.Height})
	if err != nil {
		return err
	}
	return photo.Redress(w, inner, p.Size, segments)
}
