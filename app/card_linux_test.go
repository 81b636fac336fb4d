package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/cards"
	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/queue"
)

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
	for _, tt := range []struct{ name, first, second string }{
		{"that has another number", "1111-AAAA", "2222-BBBB"},
		{"that looks the same", unnumbered + "1", unnumbered + "2"},
	} {
		t.Run(tt.name, func(t *testing.T) { anotherCard(t, tt.first, tt.second) })
	}
}

func anotherCard(t *testing.T, first, second string) {
	withSlot(t, func(a *App, s *site, sl *slot, h *home) {
		a.pace.busy = time.Hour // nothing goes on by itself
		h.running(a)
		sl.made(first, 1, 2)
		sl.made(second, 11, 12)
		if err := a.Pause(control.PauseRequest{}); err != nil {
			t.Fatal(err)
		}
		sl.insert(first)
		id := waitForCard(t, a, "the question", inState(control.CardNew)).ID
		importCard(t, a, control.CardImport{Card: id, Remember: !ownNumber(id), Album: "Trip", Title: "{name}", Description: "A day", Tags: []string{"{year}"}})
		waitForCard(t, a, "its jobs", func(c control.Card) bool { return c.State == control.CardImporting && c.Left == 2 })
		var jobs []queue.Job
		waitFor(t, "the list of its jobs", func() bool {
			var err error
			jobs, _, err = a.queue.Jobs(queue.JobQuery{})
			return err == nil && len(jobs) == 2
		})
		if j := jobs[0]; j.Album != "Trip" || j.Title != "{name}" || j.Description != "A day" || !slices.Equal(j.Tags, []string{"{year}"}) || !j.SyncCheck {
			t.Errorf("%+v", j)
		}
		waitFor(t, "a verdict that knows of them", func() bool { // as soon as the card is not being read any more
			v, err := a.CardVerdict(t.Context(), id)
			return err == nil && !v.Safe && v.Clear == 0 && v.Accounts[0].Waiting == 2
		})
		sl.pull(first)
		waitFor(t, "no card", func() bool { return len(a.Status().Cards) == 0 })
		sl.insert(second)
		waitForCard(t, a, "the other card", func(c control.Card) bool { return c.State == control.CardNew })
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
		if ownNumber(id) {
			// It takes the places of the first one's photos in the queue, which is
			// not forgotten.
			importCard(t, a, control.CardImport{Card: theCard(a).ID})
			waitForCard(t, a, "its photos", func(c control.Card) bool { return c.Safe })
			for _, seed := range []int{11, 12} {
				if !s.digests()[digestOf(jpeg(seed))] {
					t.Errorf("photo %d is not on the server", seed)
				}
			}
		}
		sl.pull(second)
		sl.insert(first)
		waitFor(t, "the photos", func() bool { return s.digests()[digestOf(jpeg(1))] && s.digests()[digestOf(jpeg(2))] })
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

func TestAVerdictIsOverTheAccountsThatACardIsFor(t *testing.T) {
	withSlot(t, func(a *App, s *site, sl *slot, h *home) {
		club := control.AccountSpec{Service: "picapport", Name: "club", URL: s.url(), User: testUser, Secret: testSecret}
		if r, err := a.AddAccount(t.Context(), club); err != nil || !r.OK {
			t.Fatalf("%+v, %v", r, err)
		}
		sl.made("1111-AAAA", 1)
		sl.put("1111-AAAA")
		verdict := func() control.CardVerdict {
			t.Helper()
			v, err := a.CardVerdict(t.Context(), cardID("1111-AAAA"))
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		if v := verdict(); v.Safe || len(v.Accounts) != 2 {
			t.Errorf("never imported, for all accounts: %+v", v)
		}
		importCard(t, a, control.CardImport{Card: cardID("1111-AAAA"), Accounts: []string{"home"}})
		h.deliverAll(a)
		if v := verdict(); !v.Safe || len(v.Accounts) != 1 || v.Accounts[0].Account != "home" {
			t.Errorf("for home: %+v", v)
		}
		add := control.AddRequest{Paths: []string{sl.path("IMG_0001.JPG")}, Accounts: []string{"club"}}
		if _, err := a.Add(t.Context(), add, func(control.AddResult) {}); err != nil {
			t.Fatal(err)
		}
		if v := verdict(); v.Safe || v.Clear != 0 || !strings.Contains(v.Reason, "still to be sent") {
			t.Errorf("on its way to club, too: %+v", v)
		}
		h.deliverAll(a)
		if v := verdict(); !v.Safe || v.Clear != 1 {
			t.Errorf("at both: %+v", v)
		}
		sum, err := a.Verify(t.Context(), "", func(control.VerifyResult) {})
		if err != nil || sum.Missing+sum.Gone != 0 {
			t.Fatalf("%+v, %v", sum, err)
		}
		// The server loses everything, and verify finds out.
		s.stop()
		s.opts.Dir = t.TempDir()
		s.start()
		if sum, err = a.Verify(t.Context(), "home", func(control.VerifyResult) {}); err != nil || sum.Missing != 1 {
			t.Fatalf("%+v, %v", sum, err)
		}
		if n, err := a.ClearCard(t.Context(), cardID("1111-AAAA")); n != 0 || err == nil {
			t.Errorf("%d deleted that the server has lost, %v", n, err)
		}
		if v := verdict(); v.Safe || v.Clear != 0 || v.Accounts[0].Verified != 0 {
			t.Errorf("lost by the server: %+v", v)
		}
	})
}

func TestACardWhosePhotosWereSentSmallerIsNotSafe(t *testing.T) {
	withSlot(t, func(a *App, s *site, sl *slot, h *home) {
		strip := "all"
		if r, err := a.ChangeAccount(t.Context(), control.AccountChange{Account: "home", Strip: &strip}); err != nil || !r.OK {
			t.Fatalf("%+v, %v", r, err)
		}
		sl.made("1111-AAAA", 1)
		sl.put("1111-AAAA")
		importCard(t, a, control.CardImport{Card: cardID("1111-AAAA"), Accounts: []string{"home"}})
		h.deliverAll(a)
		v, err := a.CardVerdict(t.Context(), cardID("1111-AAAA"))
		if err != nil || v.Safe || v.Clear != 0 || v.Copies != 1 || v.Accounts[0].Verified != 1 || !strings.Contains(v.Reason, "copies only") {
			t.Errorf("%+v, %v", v, err)
		}
		if n, err := a.ClearCard(t.Context(), cardID("1111-AAAA")); n != 0 || err != nil {
			t.Errorf("%d whole photos that are nowhere else are deleted, %v", n, err)
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
