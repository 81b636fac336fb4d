package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestThePhotosAreWholeAndAllDifferent(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "import")
	if err := bring(t.Context(), dir, 5, 0); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "IMG_*.JPG"))
	if err != nil || len(files) != 5 {
		t.Fatalf("got %v, %v", files, err)
	}
	seen := map[[32]byte]string{}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := jpeg.Decode(bytes.NewReader(b)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		digest := sha256.Sum256(b)
		if other, ok := seen[digest]; ok {
			t.Errorf("%s is the same as %s", file, other)
		}
		seen[digest] = file
	}
}

func TestAnEndedDemoLeavesNoHalfPhoto(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	if err := bring(ctx, dir, 5, time.Hour); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("got %v, %v", files, err)
	}
	b, err := os.ReadFile(files[0])
	if err != nil || !bytes.Equal(b, shoot(0)) {
		t.Errorf("the photo is not whole: %d bytes, %v", len(b), err)
	}
}

func TestADemoNeverWritesOverAPhoto(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i, want := range []bool{true, false} {
		if err := bring(t.Context(), dir, 1, 0); (err == nil) != want {
			t.Errorf("run %d: got %v", i+1, err)
		}
	}
}
