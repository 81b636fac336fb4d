package watcher

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
)

func TestTreeMovedInIsOffered(t *testing.T) {
	t.Parallel()
	w := follow(t, t.TempDir())
	outside := filepath.Join(t.TempDir(), "card")
	var want []string
	for _, name := range []string{"a.jpg", "100CANON/b.jpg", "100CANON/x/y/c.jpg", ".thumb/no.jpg"} {
		write(t, filepath.Join(outside, name), photo(100))
		if !strings.HasPrefix(name, ".") {
			want = append(want, filepath.Join(w.state().Path, "card", name))
		}
	}
	must(t, os.Rename(outside, filepath.Join(w.state().Path, "card")))
	w.expect(want...)
	late := write(t, filepath.Join(w.state().Path, "card/100CANON/x/y/late.jpg"), photo(100))
	w.expect(append(want, late)...)
}

func TestNewFoldersLoseNoFiles(t *testing.T) {
	t.Parallel()
	w := follow(t, t.TempDir())
	var want []string
	for d := range 30 {
		for f := range 20 {
			want = append(want, write(t, filepath.Join(w.state().Path, fmt.Sprintf("d%02d/in/f%02d.jpg", d, f)), photo(500)))
		}
	}
	w.expect(want...)
}

func TestRenamedFolderIsFollowedUnderItsNewName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "100CANON/sub/a.jpg"), photo(100))
	w := follow(t, dir)
	w.expect(filepath.Join(dir, "100CANON/sub/a.jpg"))
	for _, names := range [][2]string{{"100CANON", "Trip"}, {"Trip", "Trip to Oslo"}} {
		must(t, os.Rename(filepath.Join(dir, names[0]), filepath.Join(dir, names[1])))
	}
	renamed := filepath.Join(dir, "Trip to Oslo")
	w.expect(filepath.Join(dir, "100CANON/sub/a.jpg"), filepath.Join(renamed, "sub/a.jpg"))
	late := []string{
		write(t, filepath.Join(renamed, "late.jpg"), photo(100)),
		write(t, filepath.Join(renamed, "sub/late.jpg"), photo(100)),
		write(t, filepath.Join(renamed, "sub/new/late.jpg"), photo(100)),
	}
	w.expect(append(late, filepath.Join(dir, "100CANON/sub/a.jpg"), filepath.Join(renamed, "sub/a.jpg"))...)
}

func TestFolderMovedOutIsNotFollowed(t *testing.T) {
	t.Parallel()
	dir, out := t.TempDir(), t.TempDir()
	write(t, filepath.Join(dir, "sub/in/a.jpg"), photo(100))
	w := follow(t, dir)
	w.expect(filepath.Join(dir, "sub/in/a.jpg"))
	must(t, os.Rename(filepath.Join(dir, "sub"), filepath.Join(out, "sub")))
	eventually(t, "watches dropped", func() bool { w.hub.mu.Lock(); defer w.hub.mu.Unlock(); return len(w.hub.byPath) == 1 })
	write(t, filepath.Join(out, "sub/in/b.jpg"), photo(100))
	write(t, filepath.Join(dir, "c.jpg"), photo(100))
	w.expect(filepath.Join(dir, "sub/in/a.jpg"), filepath.Join(dir, "c.jpg"))
}

func TestBurstIsOfferedCompletely(t *testing.T) {
	t.Parallel()
	w := follow(t, t.TempDir())
	var want []string
	for i := range 5000 {
		want = append(want, write(t, filepath.Join(w.state().Path, strconv.Itoa(i%7), fmt.Sprintf("%05d.jpg", i)), photo(20)))
	}
	w.expect(want...)
}

func TestOverflowOfEventsIsRepairedByAScan(t *testing.T) {
	t.Parallel()
	w := follow(t, t.TempDir())
	// The reader of events stands still while the kernel's queue of 16,384 and fsnotify's buffer of 4,096 fill up.
	w.hub.marks.mu.Lock()
	release := sync.OnceFunc(w.hub.marks.mu.Unlock)
	defer release()
	limit := 16384
	if b, err := os.ReadFile("/proc/sys/fs/inotify/max_queued_events"); err == nil {
		limit, err = strconv.Atoi(strings.TrimSpace(string(b)))
		must(t, err)
	}
	if limit > 50_000 {
		t.Skip("the event queue of this machine is too long to be filled in a test")
	}
	dir := w.state().Path
	for i := range limit + 5000 {
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("%05d.txt", i)))
		must(t, err)
		f.Close()
	}
	last := write(t, filepath.Join(dir, "last.jpg"), photo(100))
	deep := write(t, filepath.Join(dir, "new/folder/last.jpg"), photo(100))
	release()
	w.expect(last, deep)
	if s := w.state(); s.Scans < 2 || s.Phase != Watching || s.Reason != "" {
		t.Errorf("state %+v, want one that has scanned again", s)
	}
	after := write(t, filepath.Join(dir, "new/folder/after.jpg"), photo(100))
	w.expect(last, deep, after)
}

func TestFolderAwayComesBackByItself(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	dir, hidden := filepath.Join(parent, "stick"), filepath.Join(parent, "unplugged")
	w := prepare(t, Config{Roots: []Root{{Path: dir}}}).run()
	eventually(t, "away", func() bool { return w.state().Phase == Away })
	if s := w.state(); s.Reason == "" || !w.Idle() {
		t.Errorf("idle %v, state %+v", w.Idle(), s)
	}
	a := write(t, filepath.Join(dir, "sub/a.jpg"), photo(100))
	eventually(t, "watching", func() bool { return w.state().Phase == Watching })
	w.expect(a)
	if !w.files[0].FirstScan {
		t.Error("the first scan of a folder that was away is a first scan")
	}

	half := write(t, filepath.Join(dir, "half.jpg"), photo(100)[:60])
	eventually(t, "settling", func() bool { return w.state().Settling == 1 })
	must(t, os.Rename(dir, hidden))
	eventually(t, "away", func() bool { s := w.state(); return s.Phase == Away && s.Settling == 0 })
	write(t, filepath.Join(hidden, "b.jpg"), photo(100))
	must(t, os.Rename(hidden, dir))
	b := filepath.Join(dir, "b.jpg")
	w.expect(a, half, b)
	if w.files[1].FirstScan {
		t.Error("a second scan is no first scan")
	}
	c := write(t, filepath.Join(dir, "sub/c.jpg"), photo(100))
	w.expect(a, half, b, c)
}

func TestFileInPlaceOfTheFolderIsBroken(t *testing.T) {
	t.Parallel()
	file := write(t, filepath.Join(t.TempDir(), "a.jpg"), photo(100))
	w := prepare(t, Config{Roots: []Root{{Path: file}}}).run()
	eventually(t, "broken", func() bool { return w.state().Phase == Broken && w.state().Reason == "not a folder" })
}

func TestRootWithABadPatternOffersNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.jpg"), photo(100))
	w := prepare(t, Config{Roots: []Root{{Path: dir, Exclude: []string{"private/[ab"}}}}).run()
	eventually(t, "broken", func() bool { return w.state().Phase == Broken })
	w.expect()
	if got := w.state().Reason; !strings.Contains(got, `"private/[ab"`) {
		t.Errorf("reason %q does not name the pattern", got)
	}
}

func TestLinksAreFollowedOnce(t *testing.T) {
	t.Parallel()
	dir, out := t.TempDir(), t.TempDir()
	a := write(t, filepath.Join(dir, "real/a.jpg"), photo(100))
	write(t, filepath.Join(out, "b.jpg"), photo(100))
	for link, target := range map[string]string{
		"real/up":    dir,        // a loop
		"again":      "real",     // a directory of the root, by another path
		"out":        out,        // out of the root
		"real/out2":  out,        // the same once more
		"broken":     "nowhere",  // leads nowhere
		"self":       "self",     // leads to itself
		".hidden":    out,        // refused by name
		"broken.jpg": "nowhere2", // a photo that leads nowhere
	} {
		must(t, os.Symlink(target, filepath.Join(dir, link)))
	}
	w := follow(t, dir)
	got := w.paths()
	if len(got) != 2 || !slices.Contains(got, a) {
		t.Fatalf("found %q, want %q and b.jpg by one of its links", got, a)
	}
	i := slices.IndexFunc(got, func(p string) bool { return filepath.Base(p) == "b.jpg" })
	via := filepath.Dir(got[i])
	write(t, filepath.Join(out, "c.jpg"), photo(100))
	w.expect(append(got, filepath.Join(via, "c.jpg"))...)
	// A link that appears later, to a directory that is followed already.
	must(t, os.Symlink(out, filepath.Join(dir, "late")))
	d := write(t, filepath.Join(out, "new/d.jpg"), photo(100))
	w.expect(append(got, filepath.Join(via, "c.jpg"), filepath.Join(via, "new", filepath.Base(d)))...)
	w.Rescan("")
	eventually(t, "rescan", func() bool { return w.state().Scans == 2 })
	w.expect(append(got, filepath.Join(via, "c.jpg"), filepath.Join(via, "new", filepath.Base(d)))...)
}

func TestLinkedPhotoAndLinkedRootAreTaken(t *testing.T) {
	t.Parallel()
	dir, link := t.TempDir(), filepath.Join(t.TempDir(), "link")
	must(t, os.Symlink(dir, link))
	target := write(t, filepath.Join(t.TempDir(), "a"), photo(100))
	w := follow(t, link)
	must(t, os.Symlink(target, filepath.Join(dir, "a.jpg")))
	write(t, filepath.Join(dir, "sub/b.jpg"), photo(100))
	w.expect(filepath.Join(link, "a.jpg"), filepath.Join(link, "sub/b.jpg"))
}

func TestSetRootsWhileRunning(t *testing.T) {
	t.Parallel()
	one, two := t.TempDir(), t.TempDir()
	a := write(t, filepath.Join(one, "a.jpg"), photo(100))
	b := write(t, filepath.Join(two, "sub/b.jpg"), photo(100))
	w := follow(t, one)
	w.expect(a)

	w.SetRoots([]Root{{Path: two}, {Path: one}})
	w.expect(a, b)
	if s := w.States(); s[0].Path != two || s[1].Path != one || s[1].Scans != 1 {
		t.Errorf("states %+v: order, or the old root was scanned again", s)
	}

	half := write(t, filepath.Join(one, "half.jpg"), photo(100)[:50])
	eventually(t, "settling", func() bool { return w.States()[1].Settling == 1 })
	w.SetRoots([]Root{{Path: two, Flat: true}})
	write(t, filepath.Join(two, "sub/not.jpg"), photo(100))
	write(t, half, photo(100))
	c := write(t, filepath.Join(two, "c.jpg"), photo(100))
	w.expect(a, b, c)
	eventually(t, "old watches dropped", func() bool {
		w.hub.mu.Lock()
		defer w.hub.mu.Unlock()
		return len(w.hub.byPath) == 1 && len(w.hub.byID) == 1 && len(w.hub.seen) == 1
	})
	w.SetRoots(nil)
	w.settle()
}

func TestTwoRootsMayShareFolders(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sub := filepath.Join(dir, "sub")
	must(t, os.Mkdir(sub, 0o755))
	w := prepare(t, Config{
		Known: func(string, int64, time.Time) bool { return false },
		Roots: []Root{{Path: dir}, {Path: sub}},
	}).run()
	w.settle()
	a := write(t, filepath.Join(sub, "a.jpg"), photo(100))
	w.expect(a, a)
	roots := []string{w.files[0].Root, w.files[1].Root}
	slices.Sort(roots)
	if !slices.Equal(roots, []string{dir, sub}) {
		t.Errorf("offered for %q", roots)
	}
	w.SetRoots([]Root{{Path: sub}})
	b := write(t, filepath.Join(sub, "b.jpg"), photo(100))
	w.expect(a, a, b)
}

func TestNetworkFolderIsPolled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := write(t, filepath.Join(dir, "a.jpg"), photo(100))
	w := prepare(t, Config{Roots: []Root{{Path: dir}}})
	w.where = func(string) place { return network }
	w.run()
	w.expect(a)
	b := write(t, filepath.Join(dir, "sub/b.jpg"), photo(100))
	w.expect(a, b)
	if s := w.state(); s.Phase != Polling || s.Reason == "" {
		t.Errorf("state %+v", s)
	}
	w.hub.mu.Lock()
	defer w.hub.mu.Unlock()
	if w.hub.notify != nil {
		t.Error("a network folder is watched")
	}
}

func TestFoldersBeyondTheLimitOfWatchesArePolledUntilThereAreMore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, d := range []string{"one", "two", "three"} {
		must(t, os.Mkdir(filepath.Join(dir, d), 0o755))
	}
	var mu sync.Mutex
	left := 2
	w := prepare(t, Config{Roots: []Root{{Path: dir}}})
	w.hub.add = func(n *fsnotify.Watcher, path string) error {
		mu.Lock()
		defer mu.Unlock()
		if !slices.Contains(n.WatchList(), path) && len(n.WatchList()) >= left {
			return errNoSpace
		}
		return n.Add(path)
	}
	w.run()
	eventually(t, "polling", func() bool {
		s := w.state()
		return s.Phase == Polling && strings.HasPrefix(s.Reason, "2 folders are not followed: limit")
	})
	var want []string
	for _, d := range []string{"one", "two", "three"} {
		want = append(want, write(t, filepath.Join(dir, d, "a.jpg"), photo(100)))
	}
	w.expect(want...)
	mu.Lock()
	left = 100
	mu.Unlock()
	eventually(t, "watching", func() bool { s := w.state(); return s.Phase == Watching && s.Reason == "" })
}

func TestEndOfTheEventSourceIsRepaired(t *testing.T) {
	t.Parallel()
	w := follow(t, t.TempDir())
	w.hub.mu.Lock()
	n := w.hub.notify
	w.hub.mu.Unlock()
	must(t, n.Close())
	eventually(t, "scanned again", func() bool { return w.state().Scans == 2 && w.state().Phase == Watching })
	a := write(t, filepath.Join(w.state().Path, "sub/a.jpg"), photo(100))
	w.expect(a)
}

func TestNewFolderBeyondTheLimitOfWatchesIsScanned(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := prepare(t, Config{Roots: []Root{{Path: dir}}})
	w.cfg.Poll = time.Hour
	w.hub.add = func(n *fsnotify.Watcher, path string) error {
		if path != dir {
			return errNoSpace
		}
		return n.Add(path)
	}
	w.run()
	w.settle()
	a := write(t, filepath.Join(dir, "new/a.jpg"), photo(100))
	eventually(t, "polling", func() bool {
		s := w.state()
		return s.Phase == Polling && s.Reason == "1 folder is not followed: limit of watched folders reached"
	})
	w.expect(a)
}

func TestPhasesHaveNames(t *testing.T) {
	t.Parallel()
	for p, want := range map[Phase]string{
		Scanning: "scanning", Watching: "watching", Polling: "polling", Away: "away", Broken: "broken",
	} {
		if p.String() != want {
			t.Errorf("%d is %q, want %q", p, p, want)
		}
	}
}
