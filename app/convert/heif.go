package convert

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"

	"github.com/gen2brain/heic"

	"github.com/photoferry/photoferry/app/photo"
)

// makers are the system's programs that decode HEIC and AVIF, by one set of
// arguments.
var makers = []string{"heif-convert", "heif-dec"}

// Maker names what decodes HEIC: the system's program, or "built-in".
func Maker() string {
	if path := system(); path != "" {
		return path
	}
	return "built-in"
}

// system returns the system's program, "" where there is none. It is told the
// file by a name that only these systems have.
func system() string {
	if runtime.GOOS == "windows" {
		return ""
	}
	for _, name := range makers {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// ofHEIF has the system's program decode a HEIC or AVIF. The pixels come
// upright: the file's own turns count, and its EXIF orientation does not.
func (s source) ofHEIF(ctx context.Context, w io.Writer, t task) error {
	if path := system(); path != "" {
		err := s.bySystem(ctx, w, t, path)
		if err == nil || t.Kind != photo.HEIC || errors.Is(SpaceOr(err), ErrSpace) {
			return err
		}
	} else if t.Kind != photo.HEIC {
		return errors.New("AVIF files need the program heif-convert, which is not installed (Debian, Ubuntu: libheif-examples)")
	}
	img, err := s.builtIn()
	if err != nil {
		return err
	}
	return s.code(w, t, shrink(img, t.Side), s.section())
}

// bySystem has the program write a JPEG next to nothing else, and gives it the
// original's metadata in the place of what the program made of it.
func (s source) bySystem(ctx context.Context, w io.Writer, t task, path string) error {
	out := filepath.Join(t.Dir, "made.jpg")
	quality := t.Quality
	if t.Side > 0 {
		quality = 98 // coded once more, smaller
	}
	cmd := exec.CommandContext(ctx, path, "-q", strconv.Itoa(quality), "/dev/stdin", out)
	cmd.Stdin = os.Stdin
	var said bytes.Buffer
	cmd.Stdout = &bounded{w: &said, left: 4 << 10}
	cmd.Stderr = cmd.Stdout
	cmd.Env = childEnv("")
	cmd.Dir = t.Dir
	if err := runLimited(cmd); err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(path), err, said.String())
	}
	f, size, pixels, err := largest(t.Dir)
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	defer f.Close()
	if t.Side > 0 && max(pixels.X, pixels.Y) > t.Side {
		img, err := decode(photo.JPEG, io.NewSectionReader(f, 0, size))
		if err != nil {
			return err
		}
		return s.code(w, t, shrink(img, t.Side), s.section())
	}
	return s.dress(w, t, f, size, pixels, nil)
}

// largest opens the largest of the JPEGs in a folder: a file with tiles or
// further pictures comes out as several. Which of several large ones is the
// photo cannot be told.
func largest(dir string) (best *os.File, size int64, pixels image.Point, err error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.jpg"))
	if err != nil {
		return nil, 0, pixels, err
	}
	alone := false
	for _, name := range names[:min(len(names), maxPictures)] {
		f, err := os.Open(name)
		if err != nil {
			return nil, 0, pixels, err
		}
		n, p := sizeOf(f)
		switch area, most := p.X*p.Y, pixels.X*pixels.Y; {
		case area > most:
			f, best = best, f
			size, pixels, alone = n, p, true
		case area == most:
			alone = false
		}
		if f != nil {
			f.Close()
		}
	}
	switch {
	case best == nil:
		return nil, 0, pixels, errors.New("there is no picture in the file")
	case !alone:
		best.Close()
		return nil, 0, pixels, errors.New("there are several pictures in the file")
	}
	return best, size, pixels, nil
}

// maxPictures is how many pictures of one file are looked at.
const maxPictures = 200

// sizeOf is a JPEG's size in bytes and in pixels; 0 where it cannot be read.
func sizeOf(f *os.File) (int64, image.Point) {
	fi, err := f.Stat()
	if err != nil {
		return 0, image.Point{}
	}
	m, _ := photo.ReadMeta(f, fi.Size())
	return fi.Size(), image.Pt(m.Width, m.Height)
}

// builtIn decodes a HEIC without any program.
func (s source) builtIn() (image.Image, error) {
	img, err := heic.Decode(s.section())
	if err != nil {
		return nil, fmt.Errorf("it is damaged, or coded in a way that the built-in decoder does not know (installing heif-convert may help): %w", err)
	}
	planes, ok := img.(*image.YCbCr)
	if !ok {
		return img, nil
	}
	matrix, full, told, err := photo.Colours(s.f, s.size)
	if err != nil {
		return nil, err
	}
	if !told || full && (matrix == 2 || matrix == 5 || matrix == 6) {
		return img, nil // as JPEG has them
	}
	return recolour(planes, matrix, full), nil
}

// recolour turns the planes of video coding into colours.
func recolour(p *image.YCbCr, matrix int, full bool) image.Image {
	kr, kb := 0.299, 0.114
	switch matrix {
	case 1:
		kr, kb = 0.2126, 0.0722
	case 9:
		kr, kb = 0.2627, 0.0593
	}
	black, luma, chroma := 16.0, 255.0/219, 255.0/224
	if full {
		black, luma, chroma = 0, 1, 1
	}
	b := p.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			c := p.YCbCrAt(b.Min.X+x, b.Min.Y+y)
			l := (float64(c.Y) - black) * luma
			cb, cr := (float64(c.Cb)-128)*chroma, (float64(c.Cr)-128)*chroma
			red, blue := l+2*(1-kr)*cr, l+2*(1-kb)*cb
			green := (l - kr*red - kb*blue) / (1 - kr - kb)
			out.SetRGBA(x, y, color.RGBA{clamp(red), clamp(green), clamp(blue), 255})
		}
	}
	return out
}

func clamp(v float64) uint8 { return uint8(min(max(v+0.5, 0), 255)) }
