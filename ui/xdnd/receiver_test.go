//go:build linux || freebsd || openbsd || netbsd

package xdnd

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"go.uber.org/goleak"

	"github.com/photoferry/photoferry/ui/desktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench is a window that drops are taken for, and what was told of them.
type bench struct {
	t      *testing.T
	window uint32
	r      *Receiver
	told   chan string
	paths  []string // of the last drop
}

func newBench(t *testing.T, display string, patience time.Duration) *bench {
	t.Helper()
	t.Setenv("DISPLAY", display)
	b := &bench{t: t, window: newTarget(t, display), told: make(chan string, 100)}
	r, err := listen(uintptr(b.window), Events{
		Over: func(x, y int) { b.told <- fmt.Sprintf("over %d,%d", x, y) },
		Left: func() { b.told <- "left" },
		Drop: func(paths []string, refused int) {
			b.paths = paths
			b.told <- fmt.Sprintf("drop %d, %d refused", len(paths), refused)
		},
		Failed: func(err error) { b.told <- "failed: " + err.Error() },
	}, patience)
	if err != nil {
		t.Fatal(err)
	}
	b.r = r
	t.Cleanup(r.Close)
	return b
}

// newTarget makes a window of another program at 40, 30.
func newTarget(t *testing.T, display string) uint32 {
	t.Helper()
	x, err := xgb.NewConnDisplay(display)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		x.Close()
		for e, err := x.WaitForEvent(); e != nil || err != nil; e, err = x.WaitForEvent() {
		}
	})
	w, err := xproto.NewWindowId(x)
	if err != nil {
		t.Fatal(err)
	}
	root := xproto.Setup(x).DefaultScreen(x).Root
	if err := xproto.CreateWindowChecked(x, 0, w, root, 40, 30, 300, 200, 0, xproto.WindowClassInputOnly, 0, 0, nil).Check(); err != nil {
		t.Fatal(err)
	}
	return uint32(w)
}

// wants waits for what is told, in that order and nothing else.
func (b *bench) wants(want ...string) {
	b.t.Helper()
	for _, w := range want {
		select {
		case got := <-b.told:
			if got != w {
				b.t.Fatalf("told %q, want %q", got, w)
			}
		case <-time.After(20 * time.Second):
			b.t.Fatalf("not told %q", w)
		}
	}
}

func (b *bench) quiet() {
	b.t.Helper()
	select {
	case got := <-b.told:
		b.t.Errorf("told %q too", got)
	default:
	}
}

const twoFiles = "file:///tmp/a%20b.jpg\r\nfile:///tmp/H%C3%B6he%231\r\nhttps://example.org/\r\n"

func TestReceiver(t *testing.T) {
	display := desktest.Screen(t)
	const long = time.Minute // never waited for

	t.Run("files are dropped", func(t *testing.T) {
		b, s := newBench(t, display, long), desktest.NewSource(t, display)
		s.Enter(b.window, "text/plain", desktest.URIList)
		for _, x := range []int{10, 11} {
			if !s.Move(x, 20) {
				t.Error("a drop would not be taken")
			}
		}
		if !s.Drop(desktest.List{Data: []byte(twoFiles)}) {
			t.Error("the source is told that its drop was not taken")
		}
		b.wants("over 10,20", "over 11,20", "drop 2, 1 refused")
		if want := []string{"/tmp/a b.jpg", "/tmp/Höhe#1"}; !slices.Equal(b.paths, want) {
			t.Errorf("got %q, want %q", b.paths, want)
		}
		b.quiet()
	})

	t.Run("one drop after the other, from two programs", func(t *testing.T) {
		b := newBench(t, display, long)
		one, two := desktest.NewSource(t, display), desktest.NewSource(t, display)
		for i := range 20 {
			s := []*desktest.Source{one, two}[i%2]
			s.Enter(b.window, desktest.URIList)
			s.Move(1, 1)
			if !s.Drop(desktest.List{Data: []byte(twoFiles), Piece: i % 3}) {
				t.Error("not taken")
			}
			b.wants("over 1,1", "drop 2, 1 refused")
		}
	})

	t.Run("the list of types is long", func(t *testing.T) {
		b, s := newBench(t, display, long), desktest.NewSource(t, display)
		s.Enter(b.window, "a/a", "a/b", "a/c", "a/d", desktest.URIList)
		if !s.Move(1, 1) {
			t.Error("a drop would not be taken")
		}
		s.Leave()
		b.wants("over 1,1", "left")
	})

	for _, types := range [][]string{{"text/plain"}, {"a/a", "a/b", "a/c", "a/d"}, nil} {
		t.Run(fmt.Sprint("there are no files in ", types), func(t *testing.T) {
			b, s := newBench(t, display, long), desktest.NewSource(t, display)
			s.Enter(b.window, types...)
			if s.Move(1, 1) {
				t.Error("a drop would be taken")
			}
			if s.Drop(desktest.List{Data: []byte(twoFiles)}) {
				t.Error("the drop was taken")
			}
			s.Enter(b.window, desktest.URIList) // after which all that was told before has come
			s.Move(2, 2)
			b.wants("over 2,2")
		})
	}

	t.Run("addresses of nothing here", func(t *testing.T) {
		b, s := newBench(t, display, long), desktest.NewSource(t, display)
		s.Enter(b.window, desktest.URIList)
		if s.Drop(desktest.List{Data: []byte("https://example.org/")}) {
			t.Error("taken")
		}
		b.wants("drop 0, 1 refused")
	})

	t.Run("ten times what X11 has room for", func(t *testing.T) {
		b, s := newBench(t, display, long), desktest.NewSource(t, display)
		var paths []string
		for i := range 50_000 {
			paths = append(paths, fmt.Sprintf("/home/me/Schöne Bilder/Urlaub #%d/IMG_%06d.JPG", i/1000, i))
		}
		list := desktest.Addresses(paths...)
		if len(list) < 10*256<<10 {
			t.Fatalf("the list has %d bytes only", len(list))
		}
		s.Enter(b.window, desktest.URIList)
		s.Move(1, 1)
		if !s.Drop(desktest.List{Data: list}) {
			t.Error("not taken")
		}
		b.wants("over 1,1", "drop 50000, 0 refused")
		if !slices.Equal(b.paths, paths) {
			t.Error("the paths are not those that were dropped")
		}
	})

	tooMuch := "failed: " + ErrTooMuch.Error()
	t.Run("too much is announced", func(t *testing.T) {
		b, s := newBench(t, display, long), desktest.NewSource(t, display)
		s.Enter(b.window, desktest.URIList)
		if s.Drop(desktest.List{Data: []byte(twoFiles), Piece: 10, Claim: MaxList + 1}) {
			t.Error("taken")
		}
		b.wants(tooMuch)
	})

	t.Run("too much comes unannounced", func(t *testing.T) {
		b, s := newBench(t, display, long), desktest.NewSource(t, display)
		s.Enter(b.window, desktest.URIList)
		line := "file:///" + strings.Repeat("x", 1<<20-9) + "\n"
		if s.Drop(desktest.List{Data: bytes.Repeat([]byte(line), MaxList>>20+1), Piece: 200 << 10, Claim: 10}) {
			t.Error("taken")
		}
		b.wants(tooMuch)
		s.Enter(b.window, desktest.URIList) // and goes on working
		s.Drop(desktest.List{Data: []byte(twoFiles)})
		b.wants("drop 2, 1 refused")
	})

	noAnswer := "failed: " + ErrNoAnswer.Error()
	for name, l := range map[string]desktest.List{
		"the source refuses":                      {Refuse: true},
		"the source never answers":                {Silent: true},
		"the source stops in the middle":          {Data: []byte(twoFiles), Piece: 5, StopAfter: 2},
		"the source stops after its announcement": {Data: []byte(twoFiles), Piece: 5, StopAfter: -1},
	} {
		t.Run(name, func(t *testing.T) {
			b, s := newBench(t, display, 50*time.Millisecond), desktest.NewSource(t, display)
			s.Enter(b.window, desktest.URIList)
			s.Move(1, 1)
			if s.Drop(l) {
				t.Error("taken")
			}
			b.wants("over 1,1", noAnswer)
			s.Enter(b.window, desktest.URIList)
			if !s.Drop(desktest.List{Data: []byte(twoFiles)}) {
				t.Error("the next drop is not taken")
			}
			b.wants("drop 2, 1 refused")
		})
	}

	t.Run("the source dies while it hovers", func(t *testing.T) {
		b, s := newBench(t, display, long), desktest.NewSource(t, display)
		s.Enter(b.window, desktest.URIList)
		s.Move(1, 1)
		s.Close()
		b.wants("over 1,1", "left")
	})

	t.Run("the source dies after the drop", func(t *testing.T) {
		b, s := newBench(t, display, long), desktest.NewSource(t, display)
		s.Enter(b.window, desktest.URIList)
		s.Move(1, 1)
		s.Release()
		s.Close()
		b.wants("over 1,1", noAnswer)
	})

	t.Run("a second program comes while a list is being read", func(t *testing.T) {
		b := newBench(t, display, long)
		one, two := desktest.NewSource(t, display), desktest.NewSource(t, display)
		one.Enter(b.window, desktest.URIList)
		one.Release()
		one.Asked()
		two.Enter(b.window, desktest.URIList)
		if two.Move(1, 1) {
			t.Error("a second drop would be taken meanwhile")
		}
		if two.Drop(desktest.List{Data: []byte(twoFiles)}) {
			t.Error("a second drop was taken meanwhile")
		}
		one.Close() // the second one owns what is dragged now
		b.wants(noAnswer)
		two.Enter(b.window, desktest.URIList)
		if !two.Move(1, 1) || !two.Drop(desktest.List{Data: []byte(twoFiles)}) {
			t.Error("not taken afterwards")
		}
		b.wants("over 1,1", "drop 2, 1 refused")
	})

	t.Run("a drag that never says good-bye", func(t *testing.T) {
		b := newBench(t, display, long)
		one, two := desktest.NewSource(t, display), desktest.NewSource(t, display)
		one.Enter(b.window, desktest.URIList)
		one.Move(1, 1)
		two.Enter(b.window, desktest.URIList)
		two.Move(2, 2)
		one.Leave() // too late to mean anything
		two.Leave()
		b.wants("over 1,1", "left", "over 2,2", "left")
	})

	t.Run("old versions", func(t *testing.T) {
		b, s := newBench(t, display, long), desktest.NewSource(t, display)
		s.Version = 3
		s.Enter(b.window, desktest.URIList)
		s.Move(1, 1)
		if !s.Drop(desktest.List{Data: []byte(twoFiles)}) {
			t.Error("not taken")
		}
		b.wants("over 1,1", "drop 2, 1 refused")
	})

	t.Run("closed, the window has no stand-in", func(t *testing.T) {
		b, s := newBench(t, display, long), desktest.NewSource(t, display)
		if s.Proxy(b.window) == 0 {
			t.Error("no stand-in is announced")
		}
		s.Enter(b.window, desktest.URIList)
		s.Move(1, 1)
		b.wants("over 1,1")
		s.Release()
		s.Asked()
		b.r.Close()
		b.r.Close()
		if s.Finished(desktest.List{Silent: true}) {
			t.Error("taken")
		}
		if s.Proxy(b.window) != 0 {
			t.Error("a stand-in is still announced")
		}
		b.quiet()
	})

	t.Run("the display ends while something hovers", func(t *testing.T) {
		var b *bench
		t.Run("until here", func(short *testing.T) {
			display := desktest.Screen(short)
			b = newBench(t, display, long)
			s := desktest.NewSource(t, display)
			s.Enter(b.window, desktest.URIList)
			s.Move(1, 1)
			b.wants("over 1,1")
		})
		b.wants("left")
		b.r.Close()
	})

	t.Run("a window that is not there", func(t *testing.T) {
		t.Setenv("DISPLAY", display)
		if r, err := Listen(0x7fffff, Events{}); err == nil {
			r.Close()
			t.Error("no error")
		}
	})
}

func TestNoDisplay(t *testing.T) {
	t.Setenv("DISPLAY", "")
	if _, err := Listen(1, Events{}); err == nil || errors.Is(err, ErrNotHere) {
		t.Errorf("got %v", err)
	}
	(*Receiver)(nil).Close()
}
