package universal

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	emulator "github.com/photoferry/photoferry/app/practice/universal"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/app/upload/uploadtest"
)

func send(t *testing.T, c *Client, album string) upload.Receipt {
	t.Helper()
	it := uploadtest.Item("a.jpg", 2000)
	it.Album = album
	r, err := c.Upload(t.Context(), it)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestFullAlbums fills albums, with the limit known to the client, to the site
// alone, and to both.
func TestFullAlbums(t *testing.T) {
	for _, tt := range []struct {
		name    string
		site    emulator.Options
		limit   int
		restart bool
		calls   int // of upload, for ten photos
	}{
		{"the client counts", emulator.Options{}, 3, false, 10},
		{"the client counts, also after restarts", emulator.Options{}, 3, true, 10},
		{"the site refuses with a code", emulator.Options{AlbumLimit: 3}, albumLimit, false, 13},
		{"the site refuses with the code of any mistake", emulator.Options{AlbumLimit: 3, PlainCodes: true}, 3, false, 10},
		{"the site counts more than it tells", emulator.Options{AlbumLimit: 3, PendingUncounted: true}, 3, true, -1},
	} {
		for _, option := range []string{"json", "xml"} {
			t.Run(tt.name+", "+option, func(t *testing.T) {
				b := startServer(t, tt.site)
				b.options[optionFormat] = option
				newClient := func() *Client {
					c := b.client()
					c.limit = tt.limit
					return c
				}
				c := newClient()
				var got []string
				for range 10 {
					if tt.restart {
						c = newClient()
					}
					got = append(got, send(t, c, "Möwen").Album)
				}
				want := "Möwen Möwen Möwen Möwen (2) Möwen (2) Möwen (2) Möwen (3) Möwen (3) Möwen (3) Möwen (4)"
				if s := strings.Join(got, " "); s != want {
					t.Errorf("went to %s, want %s", s, want)
				}
				if n := b.Requests(uploadPhoto.name); tt.calls >= 0 && n != tt.calls {
					t.Errorf("%d uploads, want %d", n, tt.calls)
				}
				if sizes := slices.Sorted(maps.Values(b.albums())); !slices.Equal(sizes, []int{1, 3, 3, 3}) {
					t.Errorf("albums %v", b.albums())
				}
				names, err := c.Albums(t.Context())
				if err != nil || !slices.Equal(names, []string{"Möwen"}) {
					t.Errorf("albums %q, %v", names, err)
				}
			})
		}
	}
}

// TestAlbumFilledBySomebodyElse is full for a site that has no code for it,
// while the client believes in room.
func TestAlbumFilledBySomebodyElse(t *testing.T) {
	b := startServer(t, emulator.Options{AlbumLimit: 3, PlainCodes: true})
	c, other := b.client(), b.client()
	c.limit, other.limit = 3, 3
	send(t, c, "A")
	send(t, other, "A")
	send(t, other, "A")
	if r := send(t, c, "A"); r.Album != "A (2)" {
		t.Errorf("went to %q", r.Album)
	}
}

func TestFullDefaultAlbum(t *testing.T) {
	for _, plain := range []bool{false, true} {
		b := startServer(t, emulator.Options{DefaultAlbumLimit: 2, AlbumLimit: 2, PlainCodes: plain})
		c := b.client()
		c.defaultLimit, c.limit = 2, 2
		var got []string
		for i := range 6 {
			if i == 3 {
				c = b.client()
				c.defaultLimit, c.limit = 2, 2
			}
			got = append(got, send(t, c, "").Album)
		}
		name := b.Albums()[0].Name
		want := []string{"", name, name + " (2)", name + " (2)", name + " (3)", name + " (3)"}
		if !slices.Equal(got, want) {
			t.Errorf("went to %q, want %q", got, want)
		}
		if got := b.albums(); got[name] != 2 || got[name+" (2)"] != 2 || got[name+" (3)"] != 2 {
			t.Errorf("albums %v", got)
		}
	}
}

// TestFullDefaultAlbumThatIsNotKnown is an account whose memory was lost.
func TestFullDefaultAlbumThatIsNotKnown(t *testing.T) {
	b := startServer(t, emulator.Options{DefaultAlbumLimit: 2})
	c := b.client()
	send(t, c, "")
	send(t, c, "")
	b.memory = newMemory()
	c = b.client()
	if r := send(t, c, ""); r.Album != overflow {
		t.Errorf("went to %q", r.Album)
	}
	if r := send(t, c, ""); r.Album != overflow {
		t.Errorf("went to %q", r.Album)
	}
}

func TestAlbumThatWasDeleted(t *testing.T) {
	b := startServer(t, emulator.Options{})
	c := b.client()
	send(t, c, "A")
	first := b.Albums()[0]
	if err := b.DeleteAlbum(first.AID); err != nil {
		t.Fatal(err)
	}
	if r := send(t, c, "A"); r.Album != "A" {
		t.Errorf("went to %q", r.Album)
	}
	all := b.Albums()
	if len(all) != 1 || all[0].AID == first.AID || all[0].Size != 1 {
		t.Errorf("albums %+v", all)
	}
}

// TestAlbumThatIsRefused is one that the site lists and does not take photos
// for: another is made, once.
func TestAlbumThatIsRefused(t *testing.T) {
	b := startServer(t, emulator.Options{})
	c := b.client()
	send(t, c, "A")
	b.configure(func(o *emulator.Options) { o.Refuse = map[string]int{uploadPhoto.name: codeAlbum} })
	it := newMarked("a.jpg", 2000)
	it.Album = "A"
	_, err := c.Upload(t.Context(), it.Item)
	if upload.KindOf(err) != upload.Transient || codeOf(err) != codeAlbum {
		t.Errorf("%v", err)
	}
	if n := b.Requests(uploadPhoto.name); n != 3 {
		t.Errorf("%d uploads, want one before and two now", n)
	}
	if n := len(b.Albums()); n != 2 || it.Mark != "" {
		t.Errorf("%d albums, mark %q", n, it.Mark)
	}
}

// TestNoTwinAlbums loses the answer to the making of an album.
func TestNoTwinAlbums(t *testing.T) {
	for _, fault := range []string{"reset-after", "cut", "reset-before", "html", "status:code=500"} {
		b := startServer(t, emulator.Options{})
		c := b.client()
		b.fault("/up.photos.createAlbum:" + fault + ":times=1")
		it := uploadtest.Item("a.jpg", 2000)
		it.Album = "A"
		if _, err := c.Upload(t.Context(), it); upload.KindOf(err) != upload.Transient || err == nil {
			t.Errorf("%s: %v", fault, err)
		}
		if _, err := c.Upload(t.Context(), it); err != nil {
			t.Errorf("%s: %v", fault, err)
		}
		if got := b.albums(); len(got) != 1 || got["A"] != 1 || len(b.Albums()) != 1 {
			t.Errorf("%s: albums %v", fault, b.Albums())
		}
	}
}

func TestOneAlbumForManyAtOnce(t *testing.T) {
	b := startServer(t, emulator.Options{})
	c := b.client()
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			it := uploadtest.Item(fmt.Sprintf("%d.jpg", i), 2000)
			it.Album = "parent/child"
			if r, err := c.Upload(t.Context(), it); err != nil || r.Album != "parent/child" {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
	wg.Wait()
	if got := b.albums(); len(b.Albums()) != 1 || got["parent/child"] != 12 {
		t.Errorf("albums %v", got)
	}
}

func TestAlbumNames(t *testing.T) {
	s := shelf{albums: []album{
		{name: "B (2)"}, {name: "B"}, {name: "A (2)"}, {name: "C (x)"}, {name: "B (3)"}, {name: ""}, {name: "B"},
	}}
	if got := s.names(); !slices.Equal(got, []string{"A (2)", "B", "C (x)"}) {
		t.Errorf("%q", got)
	}
}

func TestAlbumOption(t *testing.T) {
	b := startServer(t, emulator.Options{})
	b.options[optionAlbum] = "Camera roll"
	if r := send(t, b.client(), ""); r.Album != "Camera roll" {
		t.Errorf("went to %q", r.Album)
	}
	if r := send(t, b.client(), "Other"); r.Album != "Other" {
		t.Errorf("went to %q", r.Album)
	}
}

// TestTooManyPending holds the account until somebody approves.
func TestTooManyPending(t *testing.T) {
	b := startServer(t, emulator.Options{MaxPending: 2})
	c := b.client()
	send(t, c, "")
	send(t, c, "")
	it := newMarked("a.jpg", 2000)
	_, err := c.Upload(t.Context(), it.Item)
	e, ok := errors.AsType[*upload.Error](err)
	if !ok || e.Kind != upload.Full || !strings.Contains(e.Hint, "Approve") || e.RetryAfter == 0 || it.Mark != "" {
		t.Errorf("%+v, mark %q", err, it.Mark)
	}
	if err := b.ApprovePhotos(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Upload(t.Context(), it.Item); err != nil {
		t.Error(err)
	}
}
