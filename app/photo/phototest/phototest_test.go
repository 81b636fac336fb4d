package phototest_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"image/jpeg"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/photo/phototest"
)

func TestSameOptionsGiveTheSameBytesAndOtherSeedsOthers(t *testing.T) {
	seen := map[[32]byte]uint64{}
	for seed := range uint64(50) {
		o := phototest.Options{Seed: seed, Width: 64, Height: 48}
		sum := sha256.Sum256(phototest.JPEG(o))
		if sum != sha256.Sum256(phototest.JPEG(o)) {
			t.Errorf("seed %d gave two different files", seed)
		}
		if other, ok := seen[sum]; ok {
			t.Errorf("seeds %d and %d gave the same file", other, seed)
		}
		seen[sum] = seed
	}
}

func TestPicturesOfTwoSeedsDiffer(t *testing.T) {
	a, b := phototest.Picture(1, 64, 48), phototest.Picture(2, 64, 48)
	same := 0
	for i := range a.Pix {
		if a.Pix[i] == b.Pix[i] {
			same++
		}
	}
	if same > len(a.Pix)/2 { // a quarter, the alpha channel, is always the same
		t.Errorf("%d of %d bytes are the same", same, len(a.Pix))
	}
}

func TestEverythingAskedForIsReadBack(t *testing.T) {
	taken := time.Date(2026, 7, 14, 18, 30, 5, 250e6, time.UTC)
	b := phototest.JPEG(phototest.Options{
		Seed: 7, Width: 200, Height: 300, Taken: taken, Zone: "+02:00", Make: "ACME", Model: "Box 1",
		Description: "The harbour", Orientation: 6, GPS: &phototest.Position{Lat: -33.8568, Lon: 151.2153, Alt: 12.5},
		Thumbnail: true, Size: 100_000,
	})
	if len(b) < 100_000 || len(b) > 101_000 {
		t.Errorf("size is %d, want 100,000 and little more", len(b))
	}
	img, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if s := img.Bounds().Size(); s.X != 200 || s.Y != 300 {
		t.Errorf("picture is %v", s)
	}
	m, err := photo.ReadMeta(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2026, 7, 14, 16, 30, 5, 250e6, time.UTC); !m.Taken.Equal(want) || !m.Zoned {
		t.Errorf("taken %v (zoned %v), want %v", m.Taken, m.Zoned, want)
	}
	if m.Make != "ACME" || m.Model != "Box 1" || m.Description != "The harbour" || m.Orientation != 6 {
		t.Errorf("got %+v", m)
	}
	if m.GPS == nil || abs(m.GPS.Lat+33.8568) > 1e-6 || abs(m.GPS.Lon-151.2153) > 1e-6 || m.GPS.Alt != 12.5 {
		t.Errorf("GPS is %+v", m.GPS)
	}
	if e := photo.End(bytes.NewReader(b), int64(len(b))); e != photo.EndPresent {
		t.Errorf("ending is %v", e)
	}
}

func TestSizeIsReachedExactlyOrNearly(t *testing.T) {
	for _, size := range []int{0, 5_000, 70_000, 131_072, 3_000_000} {
		b := phototest.JPEG(phototest.Options{Seed: 3, Width: 64, Height: 48, Size: size})
		if len(b) < size || size > 5_000 && len(b) > size+64 {
			t.Errorf("asked for %d bytes, got %d", size, len(b))
		}
	}
}

func TestWithoutEXIFThereIsNone(t *testing.T) {
	b := phototest.JPEG(phototest.Options{NoEXIF: true})
	if _, err := photo.ReadMeta(bytes.NewReader(b), int64(len(b))); !errors.Is(err, photo.ErrNoMeta) {
		t.Errorf("got %v", err)
	}
}

func abs(v float64) float64 { return max(v, -v) }

func BenchmarkJPEG3MB(b *testing.B) {
	b.SetBytes(3 << 20)
	for i := range b.N {
		phototest.JPEG(phototest.Options{Seed: uint64(i), Size: 3 << 20, Thumbnail: true})
	}
}
