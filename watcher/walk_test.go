package watcher

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestWalkVisitsWhatTheRootTakes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"a.jpg", "b.txt", "x/c.png", "x/@eaDir/c.png", "x/y/d.CR2", "skip/e.jpg", ".f.jpg"} {
		write(t, filepath.Join(dir, name), []byte(name))
	}
	for _, c := range []struct {
		root Root
		want []string
	}{
		{Root{}, []string{"a.jpg", "skip/e.jpg", "x/c.png", "x/y/d.CR2"}},
		{Root{Exclude: []string{"skip"}, Include: []string{"*.jpg"}}, []string{"a.jpg"}},
		{Root{Flat: true}, []string{"a.jpg"}},
	} {
		c.root.Path = dir + string(filepath.Separator)
		var got []string
		must(t, Walk(t.Context(), c.root, func(f File) error {
			fi, err := os.Stat(f.Path)
			must(t, err)
			if f.Size != fi.Size() || !f.ModTime.Equal(fi.ModTime()) || f.Root != c.root.Path || f.FirstScan {
				t.Errorf("%+v", f)
			}
			got = append(got, relative(dir, f.Path))
			return nil
		}))
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v: %q, want %q", c.root, got, c.want)
		}
	}
}

func TestWalkEndsWithItsReason(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.jpg"), nil)
	write(t, filepath.Join(dir, "b.jpg"), nil)
	stop := errors.New("enough")
	visits := 0
	if err := Walk(t.Context(), Root{Path: dir}, func(File) error { visits++; return stop }); err != stop || visits != 1 {
		t.Errorf("%d visits, %v", visits, err)
	}
	none := func(File) error { t.Error("visited"); return nil }
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Walk(ctx, Root{Path: dir}, none); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if err := Walk(t.Context(), Root{Path: filepath.Join(dir, "none")}, none); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	if err := Walk(t.Context(), Root{Path: filepath.Join(dir, "a.jpg")}, none); err == nil {
		t.Error("no error for a file in place of the folder")
	}
	if err := Walk(t.Context(), Root{Path: dir, Exclude: []string{"["}}, none); err == nil {
		t.Error("no error for a bad pattern")
	}
}

func TestRelative(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ top, path, want string }{
		{"/a", "/a/b.jpg", "b.jpg"},
		{"/a", "/a/b/c.jpg", "b/c.jpg"},
		{"/a", "/a", ""},
		{"/a", "/ab/c.jpg", ""},
		{"/a", "/b/c.jpg", ""},
		{"/", "/a/b.jpg", "a/b.jpg"},
	} {
		if got := relative(c.top, c.path); got != c.want {
			t.Errorf("relative(%q, %q) = %q, want %q", c.top, c.path, got, c.want)
		}
	}
}
