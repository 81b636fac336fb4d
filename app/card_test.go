package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/cards"
	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/queue"
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
	dev := "/dev/" + uuid
	s.write(dev, "")
	if err := os.MkdirAll(s.Top+"/dev/disk/by-uuid", 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Symlink("../../"+uuid, s.Top+"/dev/disk/by-uuid/"+uuid); err != nil {
		s.t.Fatal(err)
	}
}

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

func TestACardIsOfferedOncePerInsertion(t *testing.T) {
	withSlot(t, func(a *App, s *site, sl *slot, h *home) {
		sl.made("1111-AAAA", 1, 2)
		sl.put("1111-AAAA")
		h.running(a)
		<-sl.watched
		c := waitForCard(t, a, "the card", func(c control.Card) bool { return c.Photos == 2 })
		if c.State != control.CardDeclined || c.ID != cardID("1111-AAAA") || c.Path != sl.root {
			t.Errorf("in at the start: %+v", c)
		}
		for round := range 2 {
			sl.pull("1111-AAAA")
			waitFor(t, "no card", func() bool { return len(a.Status().Cards) == 0 })
			if err := a.DeclineCard(c.ID); err == nil {
				t.Error("a card that is out was declined")
			}
			sl.insert("1111-AAAA")
			waitForCard(t, a, "the question", inState(control.CardNew))
			if err := a.DeclineCard(c.ID); err != nil {
				t.Fatal(err)
			}
			if c := theCard(a); c.State != control.CardDeclined {
				t.Errorf("round %d: %+v", round, c)
			}
		}
		if n := len(s.emu.Received()); n > 0 {
			t.Errorf("%d photos were sent without a word", n)
		}
	})
}

func TestACardIsImportedJudgedAndCleared(t *testing.T) {
	withSlot(t, func(a *App, s *site, sl *slot, h *home) {
		h.running(a)
		sl.made("1111-AAAA", 1, 2, 1) // the same photo twice
		sl.insert("1111-AAAA")
		id := waitForCard(t, a, "the question", inState(control.CardNew)).ID
		if _, err := a.ClearCard(t.Context(), id); err == nil {
			t.Fatal("cleared without a verdict")
		}
		v, err := a.CardVerdict(t.Context(), id)
		if err != nil || v.Safe || v.Clear != 0 || v.Accounts[0].Missing != 3 || v.Others != 1 || len(v.Missing) != 3 {
			t.Fatalf("before anything was sent: %+v, %v", v, err)
		}
		if n, err := a.ClearCard(t.Context(), id); n != 0 || err != nil {
			t.Fatalf("%d photos that are nowhere else are deleted, %v", n, err)
		}
		importCard(t, a, control.CardImport{Card: id, Accounts: []string{"home"}, Title: "Day {year}", Tags: []string{"card"}})
		c := waitForCard(t, a, "the verdict", func(c control.Card) bool { return c.Safe })
		if c.State != control.CardDone || c.Left != 0 || c.Remembered {
			t.Errorf("%+v", c)
		}
		if n := len(s.digests()); n != 2 {
			t.Errorf("%d photos are on the server", n)
		}
		page, err := a.Sessions(control.SessionQuery{})
		if err != nil || len(page.Sessions) != 1 || page.Sessions[0].Kind != "card" || page.Sessions[0].Found != 3 || page.Sessions[0].Left != 0 {
			t.Errorf("%+v, %v", page, err)
		}
		v, err = a.CardVerdict(t.Context(), id)
		want := control.CardAccountCount{Account: "home", Delivered: 3, Verified: 3}
		if err != nil || !v.Safe || v.Clear != 3 || v.Photos != 3 || v.Accounts[0] != want || !strings.Contains(v.Reason, "may be formatted") {
			t.Errorf("%+v, %v", v, err)
		}
		if n, err := a.ClearCard(t.Context(), id); n != 3 || err != nil {
			t.Errorf("%d deleted, %v", n, err)
		}
		left, err := os.ReadDir(filepath.Join(sl.root, "DCIM/100CANON"))
		if err != nil || len(left) != 1 || left[0].Name() != "INDEX.CTG" {
			t.Errorf("on the card: %v, %v", left, err)
		}
		if c := theCard(a); c.Safe {
			t.Errorf("the verdict outlives the clearing: %+v", c)
		}
		stories, err := a.Why(sl.path("IMG_0002.JPG"))
		if err != nil || !strings.Contains(fmt.Sprint(stories), eventCleared) {
			t.Errorf("its story does not tell: %+v, %v", stories, err)
		}
	})
}

func TestOnlyPhotosThatAreStillTheDeliveredOnesAreDeleted(t *testing.T) {
	// rewrite gives a file other bytes that look the same from outside.
	rewrite := func(t *testing.T, path string) {
		t.Helper()
		fi, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		b[len(b)/2] ^= 0xff
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = f.Write(b); err == nil {
			err = errors.Join(f.Close(), os.Chtimes(path, time.Time{}, fi.ModTime()))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	record := func(t *testing.T, a *App, path string) queue.Record {
		t.Helper()
		r, err := a.identify(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		id, err := a.accountIDs([]string{"home"})
		if err != nil {
			t.Fatal(err)
		}
		rec, ok, err := a.queue.Record(id[0], r.SHA256)
		if err != nil || !ok {
			t.Fatalf("no record of %s: %v", path, err)
		}
		return rec
	}
	for _, tt := range []struct {
		name  string
		after func(t *testing.T, a *App, sl *slot, path string) // the verdict
		says  string
	}{
		{"rewritten, with the same size and time", func(t *testing.T, _ *App, _ *slot, path string) { rewrite(t, path) }, "1 kept"},
		{"longer", func(t *testing.T, _ *App, _ *slot, path string) {
			if err := os.WriteFile(path, append(jpeg(7), 0), 0o644); err != nil {
				t.Fatal(err)
			}
		}, "1 kept"},
		{"not confirmed any more", func(t *testing.T, a *App, _ *slot, path string) {
			r := record(t, a, path)
			if err := a.queue.Verified(r.Account, r.SHA256, ""); err != nil {
				t.Fatal(err)
			}
		}, "1 kept"},
		{"only a person says that it is there", func(t *testing.T, a *App, _ *slot, path string) {
			r := record(t, a, path)
			if err := a.queue.Verified(r.Account, r.SHA256, markedByYou); err != nil {
				t.Fatal(err)
			}
		}, "1 kept"},
		{"forgotten", func(t *testing.T, a *App, _ *slot, path string) {
			r := record(t, a, path)
			if err := a.queue.Forget(r.Account, r.SHA256); err != nil {
				t.Fatal(err)
			}
		}, "1 kept"},
		{"to be sent again", func(t *testing.T, a *App, _ *slot, path string) {
			if err := a.Pause(control.PauseRequest{}); err != nil {
				t.Fatal(err)
			}
			if _, err := a.Add(t.Context(), control.AddRequest{Paths: []string{path}, NoSyncCheck: true}, func(control.AddResult) {}); err != nil {
				t.Fatal(err)
			}
		}, "1 kept"},
		{"write-protected", func(_ *testing.T, _ *App, sl *slot, _ string) {
			sl.mu.Lock()
			defer sl.mu.Unlock()
			sl.clears = func() error { return cards.ErrReadOnly }
		}, "write-protected"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			withSlot(t, func(a *App, _ *site, sl *slot, h *home) {
				h.running(a)
				sl.made("1111-AAAA", 1, 2)
				sl.insert("1111-AAAA")
				id := waitForCard(t, a, "the question", inState(control.CardNew)).ID
				importCard(t, a, control.CardImport{Card: id})
				waitForCard(t, a, "the verdict", func(c control.Card) bool { return c.Safe })
				path := sl.path("IMG_0001.JPG")
				tt.after(t, a, sl, path)
				n, err := a.ClearCard(t.Context(), id)
				p, ok := errors.AsType[*control.Problem](err)
				if !ok || !strings.Contains(p.Message, tt.says) {
					t.Errorf("%d deleted, %v", n, err)
				}
				if _, err := os.Stat(path); err != nil {
					t.Errorf("it was deleted: %v", err)
				}
				if _, err := os.Stat(sl.path("IMG_0002.JPG")); (err != nil) != (n == 1) {
					t.Errorf("%d deleted, and of the other: %v", n, err)
				}
				// Nor may the card be formatted, as far as that is to be seen.
				if v, err := a.CardVerdict(t.Context(), id); tt.says == "1 kept" && !strings.HasPrefix(tt.name, "rewritten") && (err != nil || v.Safe) {
					t.Errorf("%+v, %v", v, err)
				}
			})
		})
	}
}

func TestACardThatIsPulledOutWhileItIsReadGoesOnWhenItIsBack(t *testing.T) {
	for _, tt := range []struct {
		name string
		wait func(t *testing.T, a *App) // between that and its being told
	}{
		{"told at once", func(*testing.T, *App) {}},
		{"told when all photos were tried", func(t *testing.T, a *App) {
			waitForCard(t, a, "the end of the import", func(c control.Card) bool { return c.Reason != "" && c.State == control.CardDeclined })
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			withSlot(t, func(a *App, s *site, sl *slot, h *home) {
				h.running(a)
				sl.made("1111-AAAA", 1, 2, 3, 4)
				sl.insert("1111-AAAA")
				id := waitForCard(t, a, "the question", inState(control.CardNew)).ID
				waitForCard(t, a, "the count", func(c control.Card) bool { return c.Photos == 4 })
				torn := make(chan cards.Card, 1)
				sl.mu.Lock()
				sl.walked = func() { torn <- sl.tear("1111-AAAA") } // its photos are read after that
				sl.mu.Unlock()
				importCard(t, a, control.CardImport{Card: id, Accounts: []string{"home"}, Album: "Trip"})
				gone := <-torn
				tt.wait(t, a)
				sl.events <- cards.Event{Card: gone, Gone: true}
				waitFor(t, "no card", func() bool { return len(a.Status().Cards) == 0 })
				if n := len(s.emu.Received()); n > 0 {
					t.Fatalf("%d photos came from a card that is out", n)
				}
				sl.insert("1111-AAAA")
				waitForCard(t, a, "the rest", func(c control.Card) bool { return c.State == control.CardDone && c.Safe })
				if n := len(s.digests()); n != 4 {
					t.Errorf("%d photos are on the server", n)
				}
				sl.pull("1111-AAAA")
				sl.insert("1111-AAAA")
				waitForCard(t, a, "the question, for it is finished", inState(control.CardNew))
			})
		})
	}
}

func TestAnotherCardInThePlaceOfOneWhosePhotosWait(t *testing.T) {
	withSlot(t, func(a *App, s *site, sl *slot, h *home) {
		h.running(a)
		sl.made("1111-AAAA", 1, 2)
		sl.made("2222-BBBB", 11, 12)
		if err := a.Pause(control.PauseRequest{}); err != nil {
			t.Fatal(err)
		}
		sl.insert("1111-AAAA")
		waitForCard(t, a, "the question", inState(control.CardNew))
		importCard(t, a, control.CardImport{Card: cardID("1111-AAAA")})
		waitForCard(t, a, "its jobs", func(c control.Card) bool { return c.State == control.CardImporting && c.Left == 2 })
		waitFor(t, "a verdict that knows of them", func() bool { // as soon as the card is not being read any more
			v, err := a.CardVerdict(t.Context(), cardID("1111-AAAA"))
			return err == nil && !v.Safe && v.Clear == 0 && v.Accounts[0].Waiting == 2
		})
		sl.pull("1111-AAAA")
		sl.insert("2222-BBBB")
		waitForCard(t, a, "the other card", func(c control.Card) bool { return c.ID == cardID("2222-BBBB") && c.State == control.CardNew })
		if err := a.Resume(""); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "the photos to wait for their card", func() bool {
			jobs, err := a.Jobs(control.JobQuery{State: "waiting"})
			return err == nil && len(jobs.Jobs) == 2 && strings.Contains(jobs.Jobs[0].Error, "away")
		})
		if n := len(s.emu.Received()); n > 0 {
			t.Fatalf("%d photos of the wrong card were sent", n)
		}
		sl.pull("2222-BBBB")
		sl.insert("1111-AAAA")
		waitFor(t, "the photos", func() bool { return len(s.digests()) == 2 })
		for _, seed := range []int{1, 2} {
			if !s.digests()[digestOf(jpeg(seed))] {
				t.Errorf("photo %d is not on the server", seed)
			}
		}
	})
}

func TestWhatIsRememberedOfACard(t *testing.T) {
	withSlot(t, func(a *App, s *site, sl *slot, h *home) {
		stop := h.running(a)
		sl.made("1111-AAAA", 1)
		sl.insert("1111-AAAA")
		id := waitForCard(t, a, "the question", inState(control.CardNew)).ID
		if err := a.ForgetCard(id); err == nil {
			t.Error("something was forgotten that was not remembered")
		}
		importCard(t, a, control.CardImport{Card: id, Accounts: []string{"home"}, Album: "Trip", Remember: true})
		c := waitForCard(t, a, "the verdict", func(c control.Card) bool { return c.Safe })
		if !c.Remembered || c.Album != "Trip" || !slices.Equal(c.Accounts, []string{"home"}) {
			t.Errorf("%+v", c)
		}
		sl.pull("1111-AAAA")
		shoot(t, filepath.Join(sl.drawer("1111-AAAA"), "DCIM/100CANON/IMG_0009.JPG"), 9)
		sl.insert("1111-AAAA")
		waitFor(t, "the new photo", func() bool { return len(s.digests()) == 2 })
		waitForCard(t, a, "the verdict", func(c control.Card) bool { return c.Safe })
		stop()

		// In at the start it is left alone, whatever is remembered.
		shoot(t, sl.path("IMG_0010.JPG"), 10)
		h.running(a)
		<-sl.watched
		if c := waitForCard(t, a, "the count", func(c control.Card) bool { return c.Photos == 3 }); c.State == control.CardImporting || c.State == control.CardNew || !c.Remembered {
			t.Errorf("%+v", c)
		}
		if err := a.ForgetCard(id); err != nil {
			t.Fatal(err)
		}
		sl.pull("1111-AAAA")
		sl.insert("1111-AAAA")
		waitForCard(t, a, "the question", inState(control.CardNew))
		if len(s.digests()) != 2 {
			t.Error("a card was imported that nobody remembers")
		}
	})
}

func TestVerdictOfWhatIsSentNowhere(t *testing.T) {
	withSlot(t, func(a *App, _ *site, sl *slot, h *home) {
		sl.made("1111-AAAA", 1)
		drawer := sl.drawer("1111-AAAA")
		for path, text := range map[string]string{
			"DCIM/100CANON/IMG_0002.JPG":   "the camera ran out of battery",
			"DCIM/100CANON/._IMG_0001.JPG": "of another system",
			"DCIM/100CANON/IMG_0001.THM":   "a thumbnail",
			"PRIVATE/AVCHD/BDMV/00001.MTS": "a film",
			"PRIVATE/AVCHD/BDMV/INDEX.BDM": "its index",
		} {
			full := filepath.Join(drawer, path)
			if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		sl.put("1111-AAAA")
		// Without an engine: the import is done when the call returns.
		importCard(t, a, control.CardImport{Card: cardID("1111-AAAA")})
		if r := h.deliverAll(a); r.Failed != 0 {
			t.Fatalf("%+v", r)
		}
		v, err := a.CardVerdict(t.Context(), cardID("1111-AAAA"))
		if err != nil || v.Safe || v.Photos != 2 || v.Unreadable != 1 || v.Outside != 1 || v.Others != 4 || v.Clear != 1 || v.Accounts[0].Verified != 1 {
			t.Errorf("%+v, %v", v, err)
		}
		if n, err := a.ClearCard(t.Context(), cardID("1111-AAAA")); n != 1 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		for _, name := range []string{"DCIM/100CANON/IMG_0002.JPG", "PRIVATE/AVCHD/BDMV/00001.MTS"} {
			if _, err := os.Stat(filepath.Join(sl.root, name)); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestAVerdictCountsWhatFailed(t *testing.T) {
	withSlot(t, func(a *App, s *site, sl *slot, h *home) {
		sl.made("1111-AAAA", 1)
		sl.put("1111-AAAA")
		importCard(t, a, control.CardImport{Card: cardID("1111-AAAA")})
		jobs, err := a.Jobs(control.JobQuery{})
		if err != nil || len(jobs.Jobs) != 1 {
			t.Fatalf("%+v, %v", jobs, err)
		}
		ids, err := a.accountIDs(nil)
		if err != nil {
			t.Fatal(err)
		}
		j, err := a.queue.Lease(t.Context(), ids[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := a.queue.Fail(j.ID, queue.Cause{Error: "no"}); err != nil {
			t.Fatal(err)
		}
		v, err := a.CardVerdict(t.Context(), cardID("1111-AAAA"))
		if err != nil || v.Safe || v.Accounts[0].Failed != 1 || !strings.Contains(v.Reason, "failed for home") {
			t.Errorf("%+v, %v", v, err)
		}
	})
}

func TestEjectingACard(t *testing.T) {
	withSlot(t, func(a *App, _ *site, sl *slot, h *home) {
		sl.made("1111-AAAA", 1)
		sl.put("1111-AAAA")
		for _, tt := range []struct {
			err  error
			says string
		}{
			{&cards.InUseError{Programs: []string{"gthumb"}}, "in use by gthumb"},
			{cards.ErrGone, "not there any more"},
			{io.ErrUnexpectedEOF, "unexpected EOF"},
			{nil, ""},
		} {
			a.cards.reader = ejecting{sl, tt.err}
			err := a.EjectCard(t.Context(), cardID("1111-AAAA"))
			if (err == nil) != (tt.err == nil) || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v: %v", tt.err, err)
			}
		}
		if err := a.EjectCard(t.Context(), "uuid-9999-9999"); err == nil {
			t.Error("a card that is not in was ejected")
		}
	})
}

// ejecting is a slot whose cards are ejected so.
type ejecting struct {
	*slot
	err error
}

func (e ejecting) Eject(context.Context, cards.Card) error { return e.err }
