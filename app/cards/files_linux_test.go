package cards

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

func jpegs(path string) bool { return strings.HasSuffix(strings.ToUpper(path), ".JPG") }

func all(string) bool { return true }

// unasked is sure of every file.
func unasked(File, io.Reader) error { return nil }

// walked returns the files of a card by path.
func walked(t *testing.T, m *machine, c Card, want func(string) bool) map[string]File {
	t.Helper()
	got := map[string]File{}
	for f, err := range m.Files(t.Context(), c, want) {
		must(t, err)
		if _, twice := got[f.Path]; twice {
			t.Errorf("%s comes twice", f.Path)
		}
		got[f.Path] = f
	}
	return got
}

func names(files map[string]File) []string {
	var ns []string
	for n := range files {
		ns = append(ns, n)
	}
	slices.Sort(ns)
	return ns
}

func TestFiles(t *testing.T) {
	m := newMachine(t)
	c := m.card()
	m.write("/media/u/EOS/DCIM/100CANON/IMG_0002.CR3", "raw")
	m.write("/media/u/EOS/DCIM/101CANON/deeper/IMG_0003.jpg", "12345")
	m.write("/media/u/EOS/DCIM/top.JPG", "1")
	m.write("/media/u/EOS/MISC/not.JPG", "")
	m.write("/etc/secret.JPG", "")
	m.link("/media/u/EOS/DCIM/link.JPG", "100CANON/IMG_0001.JPG")
	m.link("/media/u/EOS/DCIM/out.JPG", m.Top+"/etc/secret.JPG")
	m.link("/media/u/EOS/DCIM/102CANON", m.Top+"/etc")
	m.link("/media/u/EOS/DCIM/loop", "..")
	must(t, syscall.Mkfifo(m.Top+"/media/u/EOS/DCIM/pipe.JPG", 0o644))
	for i := range 600 {
		m.write(fmt.Sprintf("/media/u/EOS/DCIM/103CANON/IMG_%04d.JPG", i), "x")
	}
	got := walked(t, m, c, jpegs)
	if len(got) != 603 {
		t.Errorf("%d files", len(got))
	}
	for path := range got {
		if strings.HasPrefix(path, "DCIM/103CANON/") {
			delete(got, path)
		}
	}
	if want := []string{"DCIM/100CANON/IMG_0001.JPG", "DCIM/101CANON/deeper/IMG_0003.jpg", "DCIM/top.JPG"}; !slices.Equal(names(got), want) {
		t.Errorf("%q, want %q", names(got), want)
	}
	fi, err := os.Stat(m.Top + "/media/u/EOS/DCIM/101CANON/deeper/IMG_0003.jpg")
	must(t, err)
	f := got["DCIM/101CANON/deeper/IMG_0003.jpg"]
	if f.Size != 5 || !f.ModTime.Equal(fi.ModTime()) || f.Inode != fi.Sys().(*syscall.Stat_t).Ino && steadyInodes(c.Root) {
		t.Errorf("%+v", f)
	}

	total, err := m.count(t.Context(), c, jpegs, maxCount)
	if err != nil || total != (Total{Files: 603, Bytes: 609}) {
		t.Errorf("%+v, %v", total, err)
	}
	total, err = m.count(t.Context(), c, jpegs, 10)
	if err != nil || total.Files != 10 || !total.More {
		t.Errorf("with a limit: %+v, %v", total, err)
	}
}

func TestAWalkThatDidNotSeeAllSaysSo(t *testing.T) {
	m := newMachine(t)
	c := m.card()
	fails := func(c Card, ctx context.Context, want error) {
		t.Helper()
		var last error
		for _, err := range m.Files(ctx, c, all) {
			if last != nil {
				t.Error("goes on after an error")
			}
			last = err
		}
		if last == nil || want != nil && !errors.Is(last, want) {
			t.Errorf("%v, want %v", last, want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	fails(c, ctx, context.Canceled)
	if _, err := m.count(ctx, c, all, 10); !errors.Is(err, context.Canceled) {
		t.Errorf("count: %v", err)
	}
	other := c
	other.ID = "uuid-0000-0001"
	fails(other, t.Context(), ErrGone)
	other = c
	other.Root += "-missing"
	fails(other, t.Context(), ErrGone)

	deep := "/media/u/EOS/DCIM" + strings.Repeat("/d", 30) + "/x.JPG"
	m.write(deep, "")
	fails(c, t.Context(), nil)

	must(t, os.RemoveAll(m.Top+"/media/u/EOS/DCIM"))
	fails(c, t.Context(), ErrGone)
	m.mounted()
	fails(c, t.Context(), ErrGone)
}

func TestRemove(t *testing.T) {
	m := newMachine(t)
	c := m.card()
	write := func(path string) {
		m.write("/media/u/EOS/"+path, "photo")
		// The clock of a file system may be too slow to tell two writes apart.
		at := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
		must(t, os.Chtimes(m.Top+"/media/u/EOS/"+path, at, at))
	}
	for _, n := range []string{"plain", "kept", "longer", "later", "other", "link", "gone", "dir"} {
		write("DCIM/100CANON/" + n + ".JPG")
	}
	write("DCIM/101CANON/swapped.JPG")
	write("DCIM/102CANON/mine.JPG")
	write("outside.JPG")
	files := walked(t, m, c, all)
	outside := func(path string) File {
		f := files["DCIM/100CANON/plain.JPG"]
		f.Path = path
		return f
	}

	in := m.Top + "/media/u/EOS/DCIM/"
	must(t, os.WriteFile(in+"100CANON/longer.JPG", []byte("photo and more"), 0o644))
	at := files["DCIM/100CANON/longer.JPG"].ModTime
	must(t, os.Chtimes(in+"100CANON/longer.JPG", at, at))
	must(t, os.Chtimes(in+"100CANON/later.JPG", at, at.Add(time.Second)))
	must(t, os.Rename(in+"100CANON/other.JPG", in+"100CANON/old.JPG"))
	must(t, os.WriteFile(in+"100CANON/other.JPG", []byte("photo"), 0o644))
	must(t, os.Chtimes(in+"100CANON/other.JPG", at, at))
	must(t, os.Remove(in+"100CANON/link.JPG"))
	must(t, os.Symlink("kept.JPG", in+"100CANON/link.JPG"))
	must(t, os.Remove(in+"100CANON/gone.JPG"))
	must(t, os.Remove(in+"100CANON/dir.JPG"))
	must(t, os.Mkdir(in+"100CANON/dir.JPG", 0o755))
	must(t, os.Rename(in+"101CANON", in+"real"))
	must(t, os.Symlink("real", in+"101CANON"))

	type wish struct {
		file File
		want error
	}
	wishes := []wish{
		{files["DCIM/100CANON/plain.JPG"], nil},
		{files["DCIM/100CANON/longer.JPG"], ErrChanged},
		{files["DCIM/100CANON/later.JPG"], ErrChanged},
		{files["DCIM/100CANON/link.JPG"], ErrNotPhoto},
		{files["DCIM/100CANON/dir.JPG"], ErrNotPhoto},
		{files["DCIM/100CANON/gone.JPG"], fs.ErrNotExist},
		{files["DCIM/101CANON/swapped.JPG"], ErrNotPhoto},
		{outside("outside.JPG"), ErrNotPhoto},
		{outside("DCIM/../outside.JPG"), ErrNotPhoto},
		{outside("/DCIM/100CANON/kept.JPG"), ErrNotPhoto},
		{outside("DCIM/100CANON/./kept.JPG"), ErrNotPhoto},
		{outside("DCIM//100CANON/kept.JPG"), ErrNotPhoto},
		{outside("MISC/kept.JPG"), ErrNotPhoto},
		{outside("DCIM"), ErrNotPhoto},
		{outside("DCIM/"), ErrNotPhoto},
		{outside(""), ErrNotPhoto},
		{outside("DCIM/" + strings.Repeat("d/", 100) + "x"), ErrNotPhoto},
		{outside("DCIM/nowhere/kept.JPG"), fs.ErrNotExist},
		{files["DCIM/102CANON/mine.JPG"], nil},
	}
	if steadyInodes(c.Root) {
		wishes = append(wishes, wish{files["DCIM/100CANON/other.JPG"], ErrChanged})
	}
	var asked []File
	for _, w := range wishes {
		asked = append(asked, w.file)
	}
	results, err := m.Remove(t.Context(), c, asked, unasked)
	must(t, err)
	if len(results) != len(wishes) {
		t.Fatalf("%d results of %d", len(results), len(wishes))
	}
	for i, w := range wishes {
		if r := results[i]; r.File != w.file || !errors.Is(r.Err, w.want) {
			t.Errorf("%q: %v, want %v", w.file.Path, r.Err, w.want)
		}
	}
	left := names(walked(t, m, c, all))
	want := []string{
		"DCIM/100CANON/IMG_0001.JPG", "DCIM/100CANON/kept.JPG", "DCIM/100CANON/later.JPG", "DCIM/100CANON/longer.JPG",
		"DCIM/100CANON/old.JPG", "DCIM/100CANON/other.JPG", "DCIM/real/swapped.JPG",
	}
	if !slices.Equal(left, want) {
		t.Errorf("left: %q, want %q", left, want)
	}
	if _, err := os.Stat(m.Top + "/media/u/EOS/outside.JPG"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(in + "102CANON"); err != nil {
		t.Errorf("the folder is gone too: %v", err)
	}
}

func TestRemoveNothingOfAnotherCard(t *testing.T) {
	m := newMachine(t)
	c := m.card()
	var files []File
	for _, f := range walked(t, m, c, all) {
		files = append(files, f)
	}
	keeps := func(what string, ctx context.Context, want error) {
		t.Helper()
		results, err := m.Remove(ctx, c, files, unasked)
		if len(results) > 0 || !errors.Is(err, want) {
			t.Errorf("%s: %v, %v", what, results, err)
		}
		if _, err := os.Stat(m.Top + "/media/u/EOS/DCIM/100CANON/IMG_0001.JPG"); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	keeps("cancelled", ctx, context.Canceled)
	must(t, os.Remove(m.Top+"/dev/disk/by-uuid/1234-ABCD"))
	m.link("/dev/disk/by-uuid/9999-ABCD", "../../sdb1")
	keeps("another card in the same reader", t.Context(), ErrGone)
	m.mounted(line(50, 17, "/media/u/EOS1", "/dev/sdb1"))
	keeps("mounted elsewhere", t.Context(), ErrGone)
	m.mounted()
	keeps("not mounted", t.Context(), ErrGone)
}

func TestOnlyWhatTheCallerIsSureOfIsRemoved(t *testing.T) {
	const path = "/media/u/EOS/DCIM/100CANON/IMG_0001.JPG"
	unsure := errors.New("not the photo that was sent")
	for _, tt := range []struct {
		name string
		sure func(m *machine, bytes string) error
		want error
		left bool
	}{
		{"sure", func(*machine, string) error { return nil }, nil, false},
		{"not sure", func(*machine, string) error { return unsure }, unsure, true},
		{"changed meanwhile", func(m *machine, _ string) error {
			m.write(path, "other")
			return nil
		}, ErrChanged, true},
		{"replaced meanwhile by one that looks the same", func(m *machine, _ string) error {
			fi, err := os.Stat(m.Top + path)
			must(m.t, err)
			m.write(path+".new", "two")
			must(m.t, os.Chtimes(m.Top+path+".new", time.Time{}, fi.ModTime()))
			must(m.t, os.Rename(m.Top+path+".new", m.Top+path))
			return nil
		}, ErrChanged, true},
		{"gone meanwhile", func(m *machine, _ string) error { return os.Remove(m.Top + path) }, fs.ErrNotExist, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := newMachine(t)
			c := m.card()
			f := walked(t, m, c, all)["DCIM/100CANON/IMG_0001.JPG"]
			results, err := m.Remove(t.Context(), c, []File{f}, func(asked File, r io.Reader) error {
				b, err := io.ReadAll(r)
				must(t, err)
				if asked != f || string(b) != "one" {
					t.Errorf("asked for %+v with %q", asked, b)
				}
				return tt.sure(m, string(b))
			})
			must(t, err)
			if len(results) != 1 || !errors.Is(results[0].Err, tt.want) {
				t.Errorf("%+v, want %v", results, tt.want)
			}
			if _, err := os.Stat(m.Top + path); (err == nil) != tt.left {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

func TestOutside(t *testing.T) {
	m := newMachine(t)
	c := m.card()
	m.write("/media/u/EOS/PRIVATE/M4ROOT/CLIP/C0001.MP4", "film")
	m.write("/media/u/EOS/top.JPG", "1")
	m.write("/media/u/EOS/locked/x.JPG", "1")
	m.write("/etc/secret.JPG", "")
	m.link("/media/u/EOS/out", m.Top+"/etc")
	got := map[string]bool{}
	for f, err := range m.Outside(t.Context(), c, all) {
		must(t, err)
		got[f.Path] = true
	}
	for _, path := range []string{"PRIVATE/M4ROOT/CLIP/C0001.MP4", "top.JPG", "locked/x.JPG"} {
		if !got[path] {
			t.Errorf("%s was not seen", path)
		}
		delete(got, path)
	}
	for path := range got {
		t.Errorf("%s was seen", path)
	}
	m.mounted()
	for _, err := range m.Outside(t.Context(), c, all) {
		if !errors.Is(err, ErrGone) {
			t.Errorf("of a card that is gone: %v", err)
		}
	}
}

func TestIn(t *testing.T) {
	m := newMachine(t)
	c := m.card()
	in, err := m.In()
	if err != nil || !slices.Equal(in, []Card{c}) {
		t.Errorf("%+v, %v", in, err)
	}
	m.mounted()
	if in, err := m.In(); err != nil || len(in) > 0 {
		t.Errorf("%+v, %v", in, err)
	}
}
