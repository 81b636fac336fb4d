package universal

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	emulator "github.com/photoferry/photoferry/app/practice/universal"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/app/upload/uploadtest"
)

// TestVerdicts is the table of what speaks for and against a photo being there.
func TestVerdicts(t *testing.T) {
	const at = 1000
	m := mark{Number: "1", Caption: "IMG_0001.JPG", Since: at, Until: at + 100, Size: 2}
	old := []picture{{id: "1", caption: "IMG_0001.JPG", created: at - 500}, {id: "2", caption: "x", created: at - 400}}
	with := func(p ...picture) []picture { return append(append([]picture{}, old...), p...) }
	sent := picture{id: "3", caption: "IMG_0001.JPG", created: at + 5}
	for _, tt := range []struct {
		name   string
		change func(e *evidence)
		want   verdict
	}{
		{"it is listed", func(e *evidence) { e.listed, e.size = with(sent), 3 }, isThere},
		{"it is listed, with its caption cut", func(e *evidence) {
			e.mark.Caption = "A caption that is longer than sites like"
			cut := sent
			cut.caption = "A caption that is longer…"
			e.listed, e.size = with(cut), 3
		}, isThere},
		{"it is listed, and the count does not know it yet", func(e *evidence) { e.listed = with(sent) }, isThere},
		{"it is listed on a site that was believed to hide", func(e *evidence) { e.listed, e.shows, e.settled = with(sent), false, false }, isThere},
		{"it is listed, and the site does not say since when", func(e *evidence) {
			sent := sent
			sent.created = 0
			e.listed, e.size = with(sent), 3
		}, isAmbiguous},
		{"it is listed twice", func(e *evidence) {
			twin := sent
			twin.id = "4"
			e.listed, e.size = with(sent, twin), 4
		}, isAmbiguous},
		{"it is listed, but another job may mean it", func(e *evidence) { e.listed, e.size, e.rival = with(sent), 3, true }, isAmbiguous},
		{"it is listed, but the journal is lost", func(e *evidence) { e.listed, e.size, e.known = with(sent), 3, false }, isAmbiguous},
		{"what is listed belongs to another job", func(e *evidence) {
			e.listed, e.size, e.before = with(sent), 3, 3
			e.ours = func(pid string) bool { return pid == "3" }
		}, isNotThere},
		{"what is listed came later", func(e *evidence) {
			late := sent
			late.created = at + 200
			e.listed, e.size = with(late), 3
		}, isChanged},
		{"nothing has changed", func(*evidence) {}, isNotThere},
		{"nothing has changed, and the journal is lost", func(e *evidence) { e.known = false }, isNotThere},
		{"nothing has changed yet", func(e *evidence) { e.settled = false }, isTooEarly},
		{"nothing has changed, but the site hides", func(e *evidence) { e.shows = false }, isHidden},
		{"the count has grown", func(e *evidence) { e.size = 3 }, isChanged},
		{"the count has grown by another job", func(e *evidence) { e.size, e.before = 3, 3 }, isChanged},
		{"the count has grown by another job in doubt", func(e *evidence) {
			e.listed, e.size = with(picture{id: "9", caption: "other", created: at + 1}), 3
			e.doubted = func(caption string) bool { return caption == "other" }
		}, isNotThere},
		{"the count has grown by another job in doubt, and the journal is lost", func(e *evidence) {
			e.listed, e.size, e.known = with(picture{id: "9", caption: "other", created: at + 1}), 3, false
			e.doubted = func(caption string) bool { return caption == "other" }
		}, isChanged},
		{"the list is longer than the count", func(e *evidence) { e.listed = with(picture{id: "9", created: at - 1}) }, isChanged},
		{"the list is shorter than the count", func(e *evidence) { e.listed = old[:1] }, isChanged},
		{"one was deleted", func(e *evidence) { e.listed, e.size = old[:1], 1 }, isChanged},
		{"the list was too long", func(e *evidence) { e.whole = false }, isChanged},
		{"another caption came instead", func(e *evidence) {
			other := sent
			other.caption = "?"
			e.listed = []picture{old[0], other}
		}, isChanged},
		{"the album is gone", func(e *evidence) { e.listed, e.vanished = nil, true }, isChanged},
		{"the program had ended", func(e *evidence) {
			late := sent
			late.created = at + 9999
			e.mark.Until = 0
			e.listed, e.size = with(late), 3
		}, isThere},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := evidence{
				mark: m, listed: old, size: 2, whole: true, before: 2, ours: func(string) bool { return false },
				doubted: func(string) bool { return false }, known: true, shows: true, settled: true,
			}
			tt.change(&e)
			p, got := e.verdict()
			if got != tt.want || (got == isThere) != (p.id == "3") {
				t.Errorf("%d (%s) with %+v, want %d", got, got, p, tt.want)
			}
		})
	}
}

func TestSameCaption(t *testing.T) {
	long := strings.Repeat("x", 300)
	for _, tt := range []struct {
		sent, shown string
		want        bool
	}{
		{"IMG_0001.JPG", "IMG_0001.JPG", true},
		{"IMG_0001.JPG", "IMG_0001.JPG ", true},
		{"two\n lines", "two lines", true},
		{"a & b", "a &amp; b", true},
		{long, long[:255], true},
		{"a caption of more than twenty", "a caption of more than tw", true},
		{"a caption of more than twenty", "a caption of more th...", true},
		{"IMG_0001.JPG", "IMG_0001", false},
		{"IMG_0001.JPG", "img_0001.jpg", false},
		{"a", "", false},
		{"", "", true},
	} {
		if got := sameCaption(tt.sent, tt.shown); got != tt.want {
			t.Errorf("%q, %q: %v", tt.sent, tt.shown, got)
		}
	}
}

// TestLostAnswers loses an answer in each way, on each kind of site, with and
// without a restart, and says what must come of it.
func TestLostAnswers(t *testing.T) {
	const never = upload.Kind(255)
	for _, site := range []struct {
		name             string
		o                emulator.Options
		stored, unstored upload.Kind // what the search ends as; never: it is found, or sent
	}{
		{"pending photos are listed", emulator.Options{}, never, never},
		{"nothing is pending", emulator.Options{PhotoUpload: true, HidePending: true, PendingUncounted: true}, never, never},
		{"pending photos do not count", emulator.Options{PendingUncounted: true}, never, upload.Unsure},
		{"pending photos are hidden", emulator.Options{HidePending: true}, upload.Unsure, upload.Unsure},
		{"pending photos are hidden and do not count", emulator.Options{HidePending: true, PendingUncounted: true}, upload.Unsure, upload.Unsure},
	} {
		for _, lost := range []struct {
			fault  string
			stored bool
		}{
			{"reset-after", true}, {"cut", true}, {"status:code=500", false}, {"html:code=502", false}, {"html", false},
			{"empty", false}, {"diskfull", false},
		} {
			for _, album := range []string{"", "A"} {
				t.Run(site.name+", "+lost.fault+", "+album, func(t *testing.T) {
					b := startServer(t, site.o)
					c := b.client()
					send(t, c, album) // so that the site is known
					it := newMarked("lost.jpg", 3000)
					it.Album = album
					b.fault("/up.photos.upload:" + lost.fault + ":times=1")
					if _, err := c.Upload(t.Context(), it.Item); upload.KindOf(err) != upload.Transient || err == nil {
						t.Fatalf("%v", err)
					}
					if it.Mark == "" {
						t.Fatal("no mark")
					}
					send(t, c, album) // another one comes in between
					c = b.client()    // and a restart
					r, err := c.Find(t.Context(), it.Item)
					want := site.unstored
					if lost.stored {
						want = site.stored
					}
					switch {
					case want == upload.Unsure:
						e, ok := errors.AsType[*upload.Error](err)
						if !ok || e.Kind != want || e.Hint == "" {
							t.Fatalf("Find: %+v, %v, want Unsure", r, err)
						}
						if _, err := c.Upload(t.Context(), it.Item); upload.KindOf(err) != upload.Unsure {
							t.Errorf("Upload in doubt: %v", err)
						}
						if n := b.times(it.Item); lost.stored != (n == 1) {
							t.Errorf("there %d times", n)
						}
						return
					case lost.stored:
						if err != nil || !r.Known || r.RemoteID != b.photos()[1].ID || r.URL == "" {
							t.Fatalf("Find: %+v, %v", r, err)
						}
					default:
						if !errors.Is(err, upload.ErrNotFound) || it.Mark != "" {
							t.Fatalf("Find: %+v, %v, mark %q", r, err, it.Mark)
						}
						if _, err := c.Upload(t.Context(), it.Item); err != nil {
							t.Fatal(err)
						}
					}
					if n := b.times(it.Item); n != 1 {
						t.Errorf("there %d times", n)
					}
				})
			}
		}
	}
}

// TestFirstPhotoOfAllIsLost has nothing to learn from what the site does with
// new photos, so only a photo that is seen decides.
func TestFirstPhotoOfAllIsLost(t *testing.T) {
	for _, fault := range []string{"reset-after", "status:code=500"} {
		b := startServer(t, emulator.Options{})
		it := newMarked("lost.jpg", 3000)
		b.fault("/up.photos.upload:" + fault + ":times=1")
		if _, err := b.client().Upload(t.Context(), it.Item); err == nil {
			t.Fatal("no error")
		}
		r, err := b.client().Find(t.Context(), it.Item)
		if fault == "reset-after" {
			if err != nil || r.RemoteID != b.photos()[0].ID {
				t.Errorf("%+v, %v", r, err)
			}
		} else if upload.KindOf(err) != upload.Unsure {
			t.Errorf("%+v, %v", r, err)
		}
	}
}

// TestKilledBeforeAnybodyHeard loses a good answer on its way to the queue,
// while another photo is in doubt.
func TestKilledBeforeAnybodyHeard(t *testing.T) {
	b := startServer(t, emulator.Options{})
	c := b.client()
	send(t, c, "")
	doubt, it := newMarked("doubt.jpg", 3000), newMarked("b.jpg", 3000)
	b.fault("/up.photos.upload:reset-after:times=1")
	if _, err := c.Upload(t.Context(), doubt.Item); err == nil {
		t.Fatal("no error")
	}
	first, err := c.Upload(t.Context(), it.Item)
	if err != nil {
		t.Fatal(err)
	}
	c = b.client()
	r, err := c.Find(t.Context(), it.Item)
	if err != nil || r.RemoteID != first.RemoteID || !r.Known || r.URL != first.URL {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := c.Find(t.Context(), doubt.Item); err != nil || r.RemoteID != b.photos()[1].ID {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestAnotherPhotoWithTheSameCaption must not be taken for the one in doubt:
// that one would be lost.
func TestAnotherPhotoWithTheSameCaption(t *testing.T) {
	for _, fault := range []string{"reset-after", "status:code=500"} {
		for _, restart := range []bool{false, true} {
			b := startServer(t, emulator.Options{})
			c := b.client()
			send(t, c, "") // also a.jpg
			it, twin := newMarked("a.jpg", 3000), uploadtest.Item("a.jpg", 3001)
			b.fault("/up.photos.upload:" + fault + ":times=1")
			if _, err := c.Upload(t.Context(), it.Item); err == nil {
				t.Fatal("no error")
			}
			if _, err := c.Upload(t.Context(), twin); err != nil {
				t.Fatal(err)
			}
			if restart {
				c = b.client()
			}
			r, err := c.Find(t.Context(), it.Item)
			if fault == "reset-after" {
				if err != nil || r.RemoteID != b.photos()[1].ID {
					t.Errorf("%+v, %v", r, err)
				}
			} else if !errors.Is(err, upload.ErrNotFound) {
				t.Errorf("%+v, %v", r, err)
			}
		}
	}
}

func TestTooEarlyToTell(t *testing.T) {
	b := startServer(t, emulator.Options{})
	c := b.client()
	send(t, c, "")
	it := newMarked("lost.jpg", 3000)
	b.fault("/up.photos.upload:status:code=500")
	if _, err := c.Upload(t.Context(), it.Item); err == nil {
		t.Fatal("no error")
	}
	b.fault()
	clock := time.Now()
	c.now, c.settle = func() time.Time { return clock }, settle
	for _, step := range []struct {
		wait time.Duration
		want error
	}{{0, nil}, {settle / 2, nil}, {settle, upload.ErrNotFound}} {
		clock = clock.Add(step.wait)
		_, err := c.Find(t.Context(), it.Item)
		if step.want != nil && !errors.Is(err, step.want) || step.want == nil && (err == nil || upload.KindOf(err) != upload.Transient) {
			t.Errorf("after %v: %v", step.wait, err)
		}
	}
}

func TestMarksThatCannotBeRead(t *testing.T) {
	b := startServer(t, emulator.Options{})
	c := b.client()
	for _, text := range []string{"sent", "{}", `{"n":7}`, "\x00"} {
		it := newMarked("a.jpg", 3000)
		it.Mark = text
		if _, err := c.Find(t.Context(), it.Item); upload.KindOf(err) != upload.Unsure {
			t.Errorf("%q: %v", text, err)
		}
		if _, err := c.Upload(t.Context(), it.Item); upload.KindOf(err) != upload.Unsure {
			t.Errorf("%q: %v", text, err)
		}
	}
	if n := len(b.photos()); n != 0 {
		t.Errorf("%d photos", n)
	}
}

// TestNothingIsSentThatCannotBeNoted breaks off before the last bytes.
func TestNothingIsSentThatCannotBeNoted(t *testing.T) {
	full := errors.New("disk full")
	b := startServer(t, emulator.Options{})
	c := b.client()
	send(t, c, "")
	it := newMarked("a.jpg", 3000)
	it.SetMark = func(string) error { return full }
	if _, err := c.Upload(t.Context(), it.Item); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
	it = newMarked("a.jpg", 3000)
	b.memory.fail(full)
	if _, err := c.Upload(t.Context(), it.Item); !errors.Is(err, full) || it.Mark != "" {
		t.Errorf("%v, mark %q", err, it.Mark)
	}
	b.memory.fail(nil)
	if n := len(b.photos()); n != 1 {
		t.Errorf("%d photos", n)
	}
	if _, err := c.Upload(t.Context(), it.Item); err != nil {
		t.Error(err)
	}
}

// TestMarkOfARefusedPhoto is taken back, so that the photo is simply sent when
// what stood in its way is gone.
func TestMarkOfARefusedPhoto(t *testing.T) {
	for _, code := range []int{2, 4, 5, 100, 102, 104, 200, 260, 324, 325} {
		b := startServer(t, emulator.Options{Refuse: map[string]int{uploadPhoto.name: code}})
		it := newMarked("a.jpg", 3000)
		if _, err := b.client().Upload(t.Context(), it.Item); err == nil || it.Mark != "" || it.marks != 2 {
			t.Errorf("%d: %v, mark %q after %d", code, err, it.Mark, it.marks)
		}
	}
}

// TestDurableWrites is what an upload costs in writes that must reach the disk.
func TestDurableWrites(t *testing.T) {
	b := startServer(t, emulator.Options{})
	c := b.client()
	const n = 20
	for i := range n {
		it := newMarked(fmt.Sprintf("%d.jpg", i), 2000)
		if _, err := c.Upload(t.Context(), it.Item); err != nil || it.marks != 1 {
			t.Errorf("%v, %d marks", err, it.marks)
		}
	}
	for key, most := range map[string]int{rememberJournal: n, rememberCallID: 1, rememberShows: 1, rememberDefault: 1} {
		if got := b.memory.count(key); got != most {
			t.Errorf("%s was written %d times for %d photos, want %d", key, got, n, most)
		}
	}
}

func TestFindIsCancelled(t *testing.T) {
	b := startServer(t, emulator.Options{})
	c := b.client()
	it := newMarked("a.jpg", 3000)
	it.Mark = mark{Number: "1"}.String()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Find(ctx, it.Item); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	c.turn <- struct{}{} // somebody else's
	if _, err := c.Check(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	<-c.turn
}
