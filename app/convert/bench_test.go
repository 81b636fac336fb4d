package convert

import (
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/photoferry/photoferry/app/photo"
)

// BenchmarkHEIC makes a JPEG of a HEIC file of 12 megapixels: by heif-convert
// alone, by our child with it, and by our child without it.
func BenchmarkHEIC(b *testing.B) {
	tool, err := exec.LookPath("heif-convert")
	coder, err2 := exec.LookPath("heif-enc")
	if err != nil || err2 != nil {
		b.Skip("heif-convert and heif-enc are what it is measured beside, and they are not installed (Debian: libheif-examples)")
	}
	dir := b.TempDir()
	file := twelveMegapixels(b, coder, dir)
	ours := func(b *testing.B) {
		for b.Loop() {
			src, err := os.Open(file)
			if err != nil {
				b.Fatal(err)
			}
			dst, err := os.Create(filepath.Join(dir, "ours.jpg"))
			if err != nil {
				b.Fatal(err)
			}
			if err := Make(b.Context(), src, dst, b.TempDir(), Wish{Kind: photo.HEIC, Quality: 90}); err != nil {
				b.Fatal(err)
			}
			_, _ = src.Close(), dst.Close()
		}
	}
	b.Run("heif-convert", func(b *testing.B) {
		for b.Loop() {
			if out, err := exec.CommandContext(b.Context(), tool, "-q", "90", file, filepath.Join(dir, "tool.jpg")).CombinedOutput(); err != nil {
				b.Fatalf("%v: %s", err, out)
			}
		}
	})
	b.Run("system", ours)
	b.Run("built-in", func(b *testing.B) {
		b.Setenv("PATH", dir)
		ours(b)
	})
}

// twelveMegapixels makes a HEIC file of a picture with soft and hard parts.
func twelveMegapixels(b *testing.B, coder, dir string) string {
	b.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 4000, 3000))
	r := rand.New(rand.NewPCG(1, 2))
	for y := range 3000 {
		for x := range 4000 {
			n := uint8(r.UintN(24))
			img.SetRGBA(x, y, color.RGBA{uint8(x/16) + n, uint8(y/12) + n, uint8((x^y)/16) + n, 255})
		}
	}
	name := filepath.Join(dir, "picture")
	f, err := os.Create(name + ".jpg")
	if err != nil {
		b.Fatal(err)
	}
	if err := jpeg.Encode(f, img, &jpeg.Options{Quality: 95}); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	if out, err := exec.CommandContext(b.Context(), coder, "-q", "60", "-o", name+".heic", name+".jpg").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	return name + ".heic"
}
