package ipernity

import (
	"slices"
	"strings"
	"sync"
	"testing"

	emulator "github.com/photoferry/photoferry/app/practice/ipernity"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/app/upload/uploadtest"
)

func inAlbum(name, album string) upload.Item {
	it := uploadtest.Item(name, 3000)
	it.Album = album
	return it
}

// mustHaveAlbums checks the account's albums.
func (b *bench) mustHaveAlbums(want ...string) {
	b.t.Helper()
	got, err := b.client(nil).Albums(b.t.Context())
	if err != nil || !slices.Equal(got, want) {
		b.t.Errorf("albums %q, %v, want %q", got, err, want)
	}
}

// TestAlbumsAreMadeOnce sends many photos at once into albums that are not
// there yet.
func TestAlbumsAreMadeOnce(t *testing.T) {
	b := startServer(t, emulator.Options{})
	c := b.client(func(a *upload.Account) { a.Options[optionAlbum] = " All the rest " })
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			want := []string{"2013/07 Été & co", "All the rest"}[i%2]
			it := inAlbum("a.jpg", []string{"2013/07 Été & co", ""}[i%2])
			if r, err := c.Upload(t.Context(), it); err != nil || r.Album != want {
				t.Errorf("%+v, %v, want the album %q", r, err, want)
			}
		})
	}
	wg.Wait()
	b.mustHaveAlbums("2013/07 Été & co", "All the rest")
	if n := b.Requests(albumCreate); n != 2 {
		t.Errorf("%d albums were made", n)
	}
	if r := must(t)(b.client(nil).Upload(t.Context(), inAlbum("b.jpg", "All the rest"))); r.Album != "All the rest" {
		t.Errorf("%+v", r)
	}
	for _, r := range b.received() {
		if len(r.Albums) != 1 {
			t.Errorf("%s is in %d albums", r.DocID, len(r.Albums))
		}
	}
	b.mustHaveAlbums("2013/07 Été & co", "All the rest")
}

func TestAlbumsThatAreFull(t *testing.T) {
	b := startServer(t, emulator.Options{MaxDocsPerAlbum: 2})
	var got []string
	for range 2 {
		c := b.client(nil)
		for range 3 {
			got = append(got, must(t)(c.Upload(t.Context(), inAlbum("a.jpg", "Sea"))).Album)
		}
	}
	if want := "Sea|Sea|Sea (2)|Sea (2)|Sea (3)|Sea (3)"; strings.Join(got, "|") != want {
		t.Errorf("%q, want %s", got, want)
	}
	b.mustHaveAlbums("Sea", "Sea (2)", "Sea (3)")
}

// TestAlbumsThatFail checks that a photo is not sent again for its album.
func TestAlbumsThatFail(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options emulator.Options
		faults  []string
		kind    upload.Kind
		repair  func(*emulator.Options)
	}{
		{"the list cannot be read", emulator.Options{}, []string{"/album.getList:status:code=500"}, upload.Transient, nil},
		{"the answer to making it is lost", emulator.Options{}, []string{"/album.create:reset-after"}, upload.Transient, nil},
		{"it cannot be made", emulator.Options{Refuse: map[string]int{albumCreate: 113}}, nil, upload.Busy, func(o *emulator.Options) { o.Refuse = nil }},
		{"the photo cannot be put there", emulator.Options{Refuse: map[string]int{albumAdd: 110}}, nil, upload.Denied, func(o *emulator.Options) { o.Refuse = nil }},
		{"the answer to putting it there is lost", emulator.Options{}, []string{"/album.docs.add:cut"}, upload.Transient, nil},
		{"there are too many", emulator.Options{Users: few(1)}, nil, upload.Full, func(o *emulator.Options) { o.Users = few(5) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := startServer(t, tt.options)
			if tt.kind == upload.Full {
				must(t)(b.client(nil).Upload(t.Context(), inAlbum("first.jpg", "Another")))
			}
			sent := b.Requests(uploadFile)
			b.fault(tt.faults...)
			var m marks
			it := inAlbum("a.jpg", "Sea")
			it.SetMark = m.set
			_, err := b.client(nil).Upload(t.Context(), it)
			mustBe(t, err, tt.kind)
			if !strings.HasPrefix(m.last(), markDoc) {
				t.Errorf("mark %q", m.last())
			}
			b.fault()
			if tt.repair != nil {
				if err := b.Configure(tt.repair); err != nil {
					t.Fatal(err)
				}
			}
			it.Mark = m.last()
			r := must(t)(b.client(nil).Find(t.Context(), it))
			all := b.received()
			if last := all[len(all)-1]; r.RemoteID != last.DocID || r.Album != "Sea" || len(last.Albums) != 1 {
				t.Errorf("%+v, %+v", r, last)
			}
			if n := b.Requests(uploadFile) - sent; n != 1 {
				t.Errorf("sent %d times", n)
			}
			if albums, err := b.client(nil).Albums(t.Context()); err != nil || len(albums) > 2 || b.Requests(albumCreate) > 3 {
				t.Errorf("albums %q, %v", albums, err)
			}
		})
	}
}

// few are users who may have so many albums.
func few(n int) []emulator.User {
	u := emulator.DefaultUsers()
	u[0].MaxAlbums = n
	return u
}

// TestAlbumsThatAreDeleted are made again. A photo that was deleted before it
// got into its album is gone, and not sent again.
func TestAlbumsThatAreDeleted(t *testing.T) {
	b := startServer(t, emulator.Options{})
	c := b.client(nil)
	r := must(t)(c.Upload(t.Context(), inAlbum("a.jpg", "Sea")))
	if err := b.DeletePhoto(r.RemoteID); err != nil { // and the album with it
		t.Fatal(err)
	}
	b.mustHaveAlbums()
	if r := must(t)(c.Upload(t.Context(), inAlbum("b.jpg", "Sea"))); r.Album != "Sea" {
		t.Errorf("%+v", r)
	}
	b.mustHaveAlbums("Sea")

	var m marks
	it := inAlbum("a.jpg", "Sea")
	it.SetMark, it.Mark = m.set, mark{state: markDoc, id: r.RemoteID}.String()
	if r := must(t)(b.client(nil).Find(t.Context(), it)); !r.Gone || m.last() != "" {
		t.Errorf("%+v, mark %q", r, m.last())
	}
}

// TestAlbumsOfTooManyPhotos leaves a photo out of its album that is in as many
// as may be: nothing can be done about it.
func TestAlbumsOfTooManyPhotos(t *testing.T) {
	s := newStub(t, map[string]string{
		albumGetList: `{"albums":{"album":[{"album_id":"5","title":"Sea","cover":""}]},` + okAPI + `}`,
		albumAdd:     `{"album":{"album_id":"5","doc":{"doc_id":"7","added":"0","error":"1"}},` + okAPI + `}`,
	})
	c := testClient(t, s.URL, nil)
	it := inAlbum("a.jpg", "Sea")
	it.Mark = "doc:7"
	if r := must(t)(c.Find(t.Context(), it)); r.RemoteID != "7" || r.Album != "" {
		t.Errorf("%+v", r)
	}
	s.answer(albumAdd, `{"album":{"album_id":"5","doc":[{"doc_id":7,"added":0,"error":0}]},`+okAPI+`}`) // is in it already
	if r := must(t)(c.Find(t.Context(), it)); r.Album != "Sea" {
		t.Errorf("%+v", r)
	}
	s.answer(albumAdd, refusalOf(3))
	s.answer(albumCreate, `{"album":{"album_id":"6","title":"x"},`+okAPI+`}`)
	_, err := c.Find(t.Context(), it)
	if e := mustBe(t, err, upload.Full); e.Hint == "" {
		t.Errorf("%+v", e)
	}
}
