package ui

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"fyne.io/fyne/v2/test"

	"github.com/photoferry/photoferry/app/control"
)

func TestPumpDeliversTenTimesASecondAndOnlyTheNewest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		m := newMailbox()
		var quitting atomic.Bool
		var got []string
		posts := 0
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			m.pump(ctx, &quitting, func(f func()) { f() }, func(d mail) {
				posts += len(d.posts)
				for _, p := range d.posts {
					p()
				}
				if d.status != nil {
					got = append(got, d.status.Text)
				}
			})
		}()
		order := ""
		for i := range 1000 { // a second of a thousand changes
			m.putStatus(control.Status{Text: fmt.Sprint(i)})
			if i%100 == 50 {
				m.post(func() { order += fmt.Sprint(i / 100) })
			}
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Second)
		cancel()
		<-ended
		if len(got) < 9 || len(got) > 12 || got[len(got)-1] != "999" {
			t.Errorf("%d deliveries in a second, the last is %s", len(got), got[len(got)-1])
		}
		if posts != 10 || order != "0123456789" {
			t.Errorf("posts: %d in the order %s", posts, order)
		}
	})
}

func TestPumpTouchesNothingOnceTheWindowQuits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		m := newMailbox()
		var quitting atomic.Bool
		var late []func() // of a toolkit that runs what it is given after the end
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			m.pump(ctx, &quitting, func(f func()) { late = append(late, f) }, func(mail) { t.Error("a delivery after the end") })
		}()
		m.putStatus(control.Status{})
		synctest.Wait() // it has been handed over, and waits
		quitting.Store(true)
		cancel()
		<-ended
		m.putStatus(control.Status{})
		for _, f := range late {
			f()
		}
	})
}

func TestReaderSortsMessagesAndComesBack(t *testing.T) {
	defer goleak.VerifyNone(t)
	e := &fakeEngine{status: oneAccount(), changes: make(chan control.Message)}
	w := newTestWindow(t, e, Options{})
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { w.listen(ctx) })
	e.changes <- control.Message{Raise: true}
	e.changes <- control.Message{Files: []string{"/tmp/a.jpg"}}
	close(e.changes) // the engine ends this stream; the next one ends at once, too
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	var got mail
	for len(got.posts) < 4 { // raise, files, lost, and lost once more
		select {
		case <-deadline:
			t.Fatalf("%d posts within ten seconds", len(got.posts))
		case <-tick.C:
			m := w.mail.take()
			got.posts = append(got.posts, m.posts...)
			if m.status != nil {
				got.status = m.status
			}
		}
	}
	cancel()
	wg.Wait()
	if got.status == nil || got.status.Text != "Everything sent" {
		t.Errorf("status %+v", got.status)
	}
	for _, p := range got.posts[:2] {
		p()
	}
	if w.adding == nil || len(w.adding.paths) != 1 {
		t.Error("the files that were handed over are not offered")
	}
	w.receive(control.Message{Quit: true})
	settle(w)
	if !w.quitting.Load() {
		t.Error("the window outlives the engine that told it to end")
	}
}

func TestThumbnailsAreBounded(t *testing.T) {
	made := 0
	th := newThumbs(func() {})
	th.make = func(_ context.Context, path string) image.Image {
		made++
		if path == "none" {
			return nil
		}
		return image.NewNRGBA(image.Rect(0, 0, 1, 1))
	}
	ctx := t.Context()
	for i := range 1000 { // scrolled past
		th.get(fmt.Sprint(i))
	}
	for th.step(ctx) {
	}
	if made != thumbsDue {
		t.Errorf("%d were made for rows that are gone, want %d", made, thumbsDue)
	}
	if th.get("999") == nil || th.get("0") != nil {
		t.Error("it is not the newest that were made")
	}
	for i := range 1000 {
		th.get(fmt.Sprint("b", i))
		th.step(ctx)
		if th.get("999") == nil { // looked at all the time
			t.Fatal("a thumbnail in use was thrown away")
		}
	}
	if len(th.kept) != thumbsKept || th.age.Len() != thumbsKept {
		t.Errorf("%d are kept, want %d", len(th.kept), thumbsKept)
	}
	th.get("none")
	for th.step(ctx) {
	}
	before := made
	if th.get("none") != nil || th.step(ctx) || made != before {
		t.Error("a file without a picture is tried again and again")
	}
}

func TestThumbnailOfWhatIsNoPhotoIsNone(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "a.jpg")
	if err := os.WriteFile(text, []byte("no picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{text, dir, filepath.Join(dir, "missing"), "/dev/zero"} {
		if img := makeThumb(t.Context(), p); img != nil {
			t.Errorf("%s has a thumbnail", p)
		}
	}
	wide := image.NewNRGBA(image.Rect(10, 10, 410, 110))
	if b := square(wide, 96).Bounds(); b.Dx() != 96 || b.Dy() != 96 {
		t.Errorf("square of %v", b)
	}
	if square(image.NewNRGBA(image.Rectangle{}), 96) != nil {
		t.Error("an empty picture has a square")
	}
}

func TestOutlineIsDashedAtItsEdgeOnly(t *testing.T) {
	img := outline(200, 100, 1, color.NRGBA{A: 255})
	dashes, inside, was := 0, 0, false
	for x := range 200 {
		on := img.NRGBAAt(x, 1).A > 0
		if on && !was {
			dashes++
		}
		was = on
	}
	for y := 12; y < 88; y++ {
		for x := 12; x < 188; x++ {
			inside += int(img.NRGBAAt(x, y).A)
		}
	}
	if dashes < 15 || dashes > 20 || inside != 0 {
		t.Errorf("%d dashes in a side of 200, %d inside", dashes, inside)
	}
	outline(3, 2, 1.5, color.NRGBA{}) // smaller than its corners
	outline(0, 0, 1, color.NRGBA{})
}

func TestThumbnailReachesItsRow(t *testing.T) {
	e := &fakeEngine{status: oneAccount(), jobs: queued(1)}
	w := newTestWindow(t, e, Options{})
	img := image.NewNRGBA(image.Rect(0, 0, 96, 96))
	w.thumbs.make = func(context.Context, string) image.Image { return img }
	s := oneAccount()
	s.Counts.Ready = 1
	refreshed(w, s)
	for w.thumbs.step(t.Context()) {
		w.thumbs.ready()
	}
	w.apply(w.mail.take())
	for _, o := range objects(w) {
		if r, ok := o.(*rowWidget); ok {
			if r.thumb.Image != img || !r.thumb.Visible() || r.none.Visible() {
				t.Error("the row does not show its thumbnail")
			}
			return
		}
	}
	t.Error("no row")
}

func TestLeftBarLooksAsItShould(t *testing.T) {
	e := &fakeEngine{status: oneAccount()}
	w := newTestWindow(t, e, Options{})
	test.AssertObjectRendersToMarkup(t, "nav.xml", w.nav)
}

func BenchmarkApplyWith2000Rows(b *testing.B) {
	e := &fakeEngine{status: oneAccount(), jobs: queued(2000)}
	w := newTestWindow(b, e, Options{})
	s := oneAccount()
	s.State, s.Text, s.Counts = control.StateSending, "Sending 1 of 2000", control.Counts{Ready: 1996, Leased: 4}
	for i := range 4 {
		j := e.jobs[i]
		j.State = "leased"
		s.Active = append(s.Active, j)
	}
	refreshed(w, s)
	b.ReportAllocs()
	for b.Loop() {
		n := s
		n.Active = append([]control.Job(nil), s.Active...)
		for i := range n.Active {
			n.Active[i].Sent = (n.Active[i].Sent + 40_000) % n.Active[i].Size
		}
		n.Transfer.Bytes += 160_000
		s = n
		w.apply(mail{status: &n})
	}
}

func BenchmarkApplyWith500PhotosForFourAccounts(b *testing.B) {
	s := oneAccount()
	s.Accounts = accounts("Home", "Club", "Third", "Fourth")
	e := &fakeEngine{jobs: queued(2000)}
	for i := range e.jobs {
		j := &e.jobs[i]
		j.Path, j.SHA256, j.Account = e.jobs[i/4*4].Path, fmt.Sprintf("%064d", i/4), s.Accounts[i%4].Name
	}
	for i := range marksAsked {
		e.records = append(e.records, control.Record{Path: e.jobs[i].Path, SHA256: e.jobs[i].SHA256, Account: "Fifth", Outcome: "sent"})
	}
	s.Counts = control.Counts{Ready: 2000}
	e.status = s
	w := newTestWindow(b, e, Options{})
	b.ReportAllocs()
	for b.Loop() {
		n := s
		w.apply(mail{status: &n})
	}
}

func BenchmarkFailedPageWith2000Rows(b *testing.B) {
	jobs := queued(2000)
	for i := range jobs {
		jobs[i].State, jobs[i].Error = "failed", fmt.Sprint("reason ", i%20)
	}
	s := oneAccount()
	s.Counts.Failed = 2000
	e := &fakeEngine{status: s, jobs: jobs}
	w := newTestWindow(b, e, Options{})
	w.show(pageFailed)
	settle(w)
	b.ReportAllocs()
	for b.Loop() {
		n := s
		w.apply(mail{status: &n})
	}
}

func TestProcessEndsWhenTheToolkitDoesNot(t *testing.T) {
	for _, stuck := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			exited := false
			w := &Window{opts: Options{Exit: func() { exited = true }}, log: slog.New(slog.DiscardHandler)}
			ctx, end := context.WithCancel(t.Context())
			returned := make(chan struct{})
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				w.abandon(ctx, returned)
			}()
			time.Sleep(time.Hour)
			synctest.Wait()
			if exited {
				t.Error("the process ends with its window open")
			}
			end()
			if !stuck {
				close(returned)
			}
			<-ended
			if exited != stuck {
				t.Errorf("the toolkit is stuck: %v; the process was ended: %v", stuck, exited)
			}
		})
	}
}
