package uploadtest

import (
	"errors"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/upload"
)

func uploadOne(t *testing.T, s *suite) {
	x := s.start(t)
	var o opener
	it := Item("IMG_0001.JPG", 300_000)
	r := x.mustUpload(o.count(it))
	x.mustHave(it)
	if ps := x.Received; ps != nil && ps()[0].ID != r.RemoteID {
		t.Errorf("the receipt's ID is %q, the server's %q", r.RemoteID, ps()[0].ID)
	}
	for _, n := range x.wire.lengths() {
		if n <= 0 {
			t.Errorf("a request with a body has Content-Length %d", n)
		}
	}
	if o.opened.Load() == 0 || o.opened.Load() != o.closed.Load() {
		t.Errorf("the file was opened %d times and closed %d times", o.opened.Load(), o.closed.Load())
	}
	s.mustFind(x, it, r.RemoteID)
}

// mustFind checks that the site knows an item by the ID of its upload.
func (s *suite) mustFind(x *site, it upload.Item, id string) {
	x.t.Helper()
	r, err := x.up.Find(x.t.Context(), it)
	if s.blind() {
		if !errors.Is(err, errors.ErrUnsupported) {
			x.t.Errorf("Find: %v, want errors.ErrUnsupported", err)
		}
		return
	}
	if err != nil || r.RemoteID != id || !r.Known || r.Gone {
		x.t.Errorf("Find: %+v, %v, want the photo %q", r, err, id)
	}
	if _, err := x.up.Find(x.t.Context(), Item("never sent.jpg", 1500)); !errors.Is(err, upload.ErrNotFound) {
		x.t.Errorf("Find of a photo never sent: %v, want ErrNotFound", err)
	}
}

func uploadNames(t *testing.T, s *suite) {
	x := s.start(t)
	letters := strings.Repeat("abcdefghij", 20)
	for _, tt := range []struct {
		name string
		keep bool // the server gets exactly this name
	}{
		{"two words.jpg", true},
		{"Größe äöüß Éclair.jpg", true},
		{"写真 📷.JPG", true},
		{letters + ".jpg", false},
		{strings.Repeat("ü", 200) + ".jpg", false},
		{`a "quoted" name.jpg`, false},
		{"line\r\nX-Injected: 1\r\n\r\nbreak.jpg", false},
		{`..\..\up.jpg`, false},
		{"no extension", false},
		{"", false},
		{".jpg", false},
		{"percent %22 & =+.jpg", true},
		{"bad utf8 \xff\xfe.jpg", false},
	} {
		it := Item(tt.name, 3000)
		x.mustUpload(it)
		if x.Received == nil {
			continue
		}
		ps := x.Received()
		p := ps[len(ps)-1]
		if p.SHA256 != it.SHA256 || p.Size != it.Size {
			t.Errorf("%q: other bytes arrived", tt.name)
		}
		if tt.keep && p.Name != s.named(tt.name) {
			t.Errorf("%q arrived as %q, want %q", tt.name, p.Name, s.named(tt.name))
		}
		if p.Name == "" || strings.ContainsFunc(p.Name, unicode.IsControl) || strings.ContainsAny(p.Name, `/\`) {
			t.Errorf("%q arrived as %q, which is no good file name", tt.name, p.Name)
		}
	}
}

func (s *suite) named(name string) string {
	if s.Named == nil {
		return name
	}
	return s.Named(name)
}

func uploadMeta(t *testing.T, s *suite) {
	if s.Meta == nil {
		t.Skip("the service takes no metadata")
	}
	x := s.start(t)
	it := Item("meta.jpg", 3000)
	it.Meta = photo.Meta{
		Title:       `Hafen "Süd" 📷`,
		Description: "first line\nsecond line, with \\ and </script> & 50 %",
		Rating:      4,
		Tags:        []string{"Möwen", "sea, side", "日本"},
		Persons:     []string{"Ann O'Neil", "Jürgen"},
	}
	x.mustUpload(it)
	x.mustHave(it)
	if x.Received != nil {
		s.Meta(t, x.Received()[0], it.Meta)
	}
	// The next photo has none and must not inherit.
	bare := Item("bare.jpg", 3000)
	x.mustUpload(bare)
	if x.Received != nil {
		s.Meta(t, x.Received()[1], photo.Meta{})
	}
}

func uploadMemory(t *testing.T, s *suite) {
	x := s.start(t)
	x.mustUpload(Item("warm up.jpg", 200_000))
	it := Item("big.jpg", 50_000_000)
	before := heap()
	peak, stop := watchHeap()
	r := x.mustUpload(it)
	stop()
	if extra := int64(peak.Load()) - int64(before); extra > 8<<20 {
		t.Errorf("uploading 50 MB took %.1f MB of heap, want at most 8", float64(extra)/(1<<20))
	}
	s.mustFind(x, it, r.RemoteID)
}

const heapObjects = "/memory/classes/heap/objects:bytes"

func heap() uint64 {
	runtime.GC()
	return readHeap()
}

func readHeap() uint64 {
	m := []metrics.Sample{{Name: heapObjects}}
	metrics.Read(m)
	return m[0].Value.Uint64()
}

// watchHeap follows the size of the heap until stop.
func watchHeap() (peak *atomic.Uint64, stop func()) {
	peak = new(atomic.Uint64)
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			peak.Store(max(peak.Load(), readHeap()))
			select {
			case <-end:
				return
			case <-tick.C:
			}
		}
	}()
	return peak, func() { close(end); <-ended }
}

func uploadTwice(t *testing.T, s *suite) {
	if s.blind() {
		t.Skip("the server does not know photos again")
	}
	x := s.start(t)
	it := Item("once.jpg", 5000)
	first := x.mustUpload(it)
	it.Name = "the same under another name.jpg"
	for _, sync := range []bool{true, false} {
		it.SyncCheck = sync
		r, err := x.up.Upload(t.Context(), it)
		if err != nil || !r.Known || r.RemoteID != first.RemoteID {
			t.Errorf("second upload with SyncCheck %v: %+v, %v, want the known photo", sync, r, err)
		}
	}
	x.mustHave(it)
}

func uploadProgress(t *testing.T, s *suite) {
	x := s.start(t)
	it := Item("progress.jpg", 2_000_000)
	var calls, last, wrong atomic.Int64
	ctx := upload.WithProgress(t.Context(), func(sent int64) {
		calls.Add(1)
		if sent < last.Swap(sent) || sent > it.Size {
			wrong.Add(1)
		}
	})
	if _, err := x.up.Upload(ctx, it); err != nil {
		t.Fatal(err)
	}
	if last.Load() != it.Size || wrong.Load() > 0 || calls.Load() < 10 {
		t.Errorf("progress ended at %d of %d after %d calls, %d of them backwards or too far", last.Load(), it.Size, calls.Load(), wrong.Load())
	}
}

func expiry(t *testing.T, s *suite) {
	x := s.start(t)
	if x.ExpireSessions == nil || x.Logins == nil && !s.Service.Browser {
		t.Skip("the service has no sessions that expire")
	}
	var items []upload.Item
	for range 3 {
		it := Item("before.jpg", 20_000)
		x.mustUpload(it)
		items = append(items, it)
	}
	x.ExpireSessions()
	if s.Service.Browser {
		x.mustAskForSignIn()
		x.mustHave(items...)
		return
	}
	var wg sync.WaitGroup
	for range 4 {
		it := Item("after.jpg", 20_000)
		items = append(items, it)
		wg.Go(func() {
			if _, err := x.deliver(t.Context(), it); err != nil {
				t.Errorf("Upload after the session's end: %v", err)
			}
		})
	}
	wg.Wait()
	x.mustHave(items...)
	if n := x.Logins(); n != 2 {
		t.Errorf("%d sign-ins, want 2: one at first and one after the session's end", n)
	}
}

// mustAskForSignIn checks that a session which only a person can open anew
// holds the account and leaves no photo in doubt.
func (x *site) mustAskForSignIn() {
	x.t.Helper()
	it := Item("after.jpg", 20_000)
	var mark marks
	it.SetMark = mark.set
	_, err := x.up.Upload(x.t.Context(), it)
	mustBe(x.t, err, upload.Denied)
	if m := mark.get(); m != "" {
		x.t.Errorf("the mark of a refused photo stays: %q", m)
	}
	_, err = x.up.Check(x.t.Context())
	mustBe(x.t, err, upload.Denied)
}

func parallel(t *testing.T, s *suite) {
	x := s.start(t)
	items := make([]upload.Item, 20)
	var wg sync.WaitGroup
	for i := range items {
		items[i] = Item("parallel.jpg", 50_000)
		wg.Go(func() {
			if _, err := x.deliver(t.Context(), items[i]); err != nil {
				t.Errorf("Upload %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	x.mustHave(items...)
	if x.Logins != nil && x.Logins() != 1 {
		t.Errorf("20 uploads at once signed in %d times, want once", x.Logins())
	}
}
