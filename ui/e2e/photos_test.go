//go:build linux

package e2e

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/photoferry/photoferry/app/photo/phototest"
)

// photos makes photos with names of their own; each has another picture, of at
// least size bytes. It returns their paths.
func (d *desk) photos(size int, names ...string) []string {
	d.t.Helper()
	var paths []string
	for i, name := range names {
		path := d.file(name)
		must(d.t, os.MkdirAll(filepath.Dir(path), 0o755))
		seed := sha256.Sum256([]byte(name))
		b := phototest.JPEG(phototest.Options{
			Seed: uint64(seed[0])<<32 | uint64(seed[1])<<24 | uint64(seed[2])<<16 | uint64(i),
			Size: size, Taken: time.Date(2026, 5, 4, 12, 0, i, 0, time.UTC),
		})
		must(d.t, os.WriteFile(path, b, 0o644))
		paths = append(paths, path)
	}
	return paths
}

func digest(path string) (string, error) {
	b, err := os.ReadFile(path)
	return fmt.Sprintf("%x", sha256.Sum256(b)), err
}

// has returns an error unless the site has each of the photos, byte for byte and
// exactly once.
func (s *site) has(paths []string) error {
	got := map[string]int{}
	err := filepath.WalkDir(s.folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		h, err := digest(path)
		got[h]++
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range paths {
		h, err := digest(p)
		if err != nil {
			return err
		}
		if got[h] != 1 {
			return fmt.Errorf("%s is there %d times", p, got[h])
		}
	}
	return nil
}

// count is how many of the photos the site has.
func (s *site) count(paths []string) int {
	return len(slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return s.has([]string{p}) != nil }))
}
