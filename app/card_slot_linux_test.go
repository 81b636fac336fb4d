package app

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/cards"
	"github.com/photoferry/photoferry/app/control"
)

// slot is a machine with a slot for memory cards. All of them are mounted at
// the same place, as a desktop does with cards of the same label.
type slot struct {
	cards.System
	t       *testing.T
	watched chan struct{} // receives while an engine watches
	root    string        // where a card is mounted
	events  chan cards.Event

	mu     sync.Mutex
	walked func()                // called after a walk, once
	clears func() (err error)    // in the place of deleting
	inside map[string]cards.Card // what is in
}

func newSlot(t *testing.T, h *home) *slot {
	t.Helper()
	top := h.mkdir("machine")
	s := &slot{
		System: cards.System{Top: top}, t: t, root: filepath.Join(top, "media/u/EOS"),
		events: make(chan cards.Event), watched: make(chan struct{}), inside: make(map[string]cards.Card),
	}
	s.write("/proc/self/mountinfo", "")
	return s
}

func (s *slot) write(path, text string) {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Dir(s.Top+path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(s.Top+path, []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// path returns where a photo lies while its card is in, or in the drawer where
// cards lie that are not.
func (s *slot) path(name string) string { return filepath.Join(s.root, "DCIM/100CANON", name) }

func (s *slot) drawer(uuid string) string { return filepath.Join(s.Top, "drawer", uuid) }

// made makes a card and puts photos on it: names by seed. A photo of the same
// seed has the same bytes.
func (s *slot) made(uuid string, seeds ...int) {
	s.t.Helper()
	for i, seed := range seeds {
		shoot(s.t, filepath.Join(s.drawer(uuid), "DCIM/100CANON", fmt.Sprintf("IMG_%04d.JPG", i+1)), seed)
	}
	s.write("/drawer/"+uuid+"/DCIM/100CANON/INDEX.CTG", "the camera's")
	s.write("/dev/"+uuid, "")
	if strings.HasPrefix(uuid, unnumbered) {
		return
	}
	if err := os.MkdirAll(s.Top+"/dev/disk/by-uuid", 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Symlink("../../"+uuid, s.Top+"/dev/disk/by-uuid/"+uuid); err != nil {
		s.t.Fatal(err)
	}
}

// unnumbered begins the names of cards that have no number of their own. They
// all look the same.
const unnumbered = "none"

func cardID(uuid string) string { return "uuid-" + uuid }

// put mounts a card without a word.
func (s *slot) put(uuid string) cards.Card {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Dir(s.root), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Rename(s.drawer(uuid), s.root); err != nil {
		s.t.Fatal(err)
	}
	s.write("/proc/self/mountinfo", fmt.Sprintf("50 27 8:17 / /media/u/EOS rw,nosuid - vfat /dev/%s rw\n", uuid))
	in, err := s.In()
	if err != nil || len(in) != 1 {
		s.t.Fatalf("%+v, %v", in, err)
	}
	s.mu.Lock()
	s.inside[uuid] = in[0]
	s.mu.Unlock()
	return in[0]
}

// insert puts a card in while the engine runs.
func (s *slot) insert(uuid string) {
	s.t.Helper()
	select {
	case <-s.watched:
	case <-time.After(30 * time.Second):
		s.t.Fatal("nobody watches the slot")
	}
	s.events <- cards.Event{Card: s.put(uuid)}
}

// tear pulls a card out, of which nobody is told yet.
func (s *slot) tear(uuid string) cards.Card {
	s.t.Helper()
	s.write("/proc/self/mountinfo", "")
	if err := os.Rename(s.root, s.drawer(uuid)); err != nil {
		s.t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inside[uuid]
}

func (s *slot) pull(uuid string) { s.events <- cards.Event{Card: s.tear(uuid), Gone: true} }

// Watch implements cardReader.
func (s *slot) Watch(ctx context.Context, seen func(cards.Event)) error {
	in, err := s.In()
	if err != nil {
		return err
	}
	for _, c := range in {
		c.AtStart = true
		seen(cards.Event{Card: c})
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case s.watched <- struct{}{}:
		case e := <-s.events:
			seen(e)
		}
	}
}

// Files implements cardReader.
func (s *slot) Files(ctx context.Context, c cards.Card, want func(string) bool) iter.Seq2[cards.File, error] {
	return func(yield func(cards.File, error) bool) {
		for f, err := range s.System.Files(ctx, c, want) {
			if !yield(f, err) {
				return
			}
		}
		s.mu.Lock()
		walked := s.walked
		s.walked = nil
		s.mu.Unlock()
		if walked != nil {
			walked()
		}
	}
}

// Remove implements cardReader.
func (s *slot) Remove(ctx context.Context, c cards.Card, files []cards.File, sure cards.Sure) ([]cards.Removed, error) {
	s.mu.Lock()
	clears := s.clears
	s.mu.Unlock()
	if clears == nil {
		return s.System.Remove(ctx, c, files, sure)
	}
	var all []cards.Removed
	for _, f := range files {
		all = append(all, cards.Removed{File: f, Err: clears()})
	}
	return all, nil
}

// theCard returns the card that is in.
func theCard(a *App) control.Card {
	if all := a.Status().Cards; len(all) == 1 {
		return all[0]
	}
	return control.Card{}
}

func waitForCard(t *testing.T, a *App, what string, cond func(c control.Card) bool) control.Card {
	t.Helper()
	var c control.Card
	waitFor(t, what, func() bool {
		c = theCard(a)
		return cond(c)
	})
	return c
}

func inState(want control.CardState) func(control.Card) bool {
	return func(c control.Card) bool { return c.State == want }
}

// withSlot runs an engine with an account and a slot.
func withSlot(t *testing.T, f func(a *App, s *site, sl *slot, h *home)) {
	t.Helper()
	s, h := newSite(t), newHome(t)
	sl := newSlot(t, h)
	h.with(func(a *App) {
		a.cards.reader = sl
		h.account(a, s)
		f(a, s, sl, h)
	})
}

func importCard(t *testing.T, a *App, i control.CardImport) {
	t.Helper()
	if err := a.ImportCard(t.Context(), i); err != nil {
		t.Fatal(err)
	}
}
