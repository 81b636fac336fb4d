package piwigo

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	emulator "github.com/photoferry/photoferry/app/practice/piwigo"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/app/upload/uploadtest"
)

func TestFindAll(t *testing.T) {
	b := startServer(t, emulator.Options{WarningRate: 1})
	c := clientFor(t, b.account())
	items := make([]upload.Item, 7)
	want := make([]string, 7)
	for i := range items {
		items[i] = uploadtest.Item("a.jpg", 5_000)
		if i%2 == 0 {
			r, err := c.Upload(t.Context(), items[i])
			if err != nil {
				t.Fatal(err)
			}
			want[i] = r.RemoteID
		}
	}
	rs, err := c.FindAll(t.Context(), items)
	if err != nil || len(rs) != len(items) {
		t.Fatalf("%v, %v", rs, err)
	}
	for i, r := range rs {
		if r.RemoteID != want[i] || r.Known != (want[i] != "") {
			t.Errorf("%d: %+v, want %q", i, r, want[i])
		}
	}
	if _, err := c.FindAll(t.Context(), make([]upload.Item, upload.MaxBulk+1)); err == nil {
		t.Error("too many were taken")
	}
	if rs, err := c.FindAll(t.Context(), nil); err != nil || len(rs) != 0 {
		t.Error(rs, err)
	}
}

func TestWhatWasAskedForTogetherIsNotAskedForAgain(t *testing.T) {
	b := startServer(t, emulator.Options{})
	c := clientFor(t, b.account())
	it := uploadtest.Item("a.jpg", 5_000)
	if rs, err := c.FindAll(t.Context(), []upload.Item{it}); err != nil || rs[0].RemoteID != "" {
		t.Fatalf("%+v, %v", rs, err)
	}
	asked := b.Requests("pwg.images.exist")
	if _, err := c.Find(t.Context(), it); !errors.Is(err, upload.ErrNotFound) {
		t.Fatal(err)
	}
	if n := b.Requests("pwg.images.exist") - asked; n != 0 {
		t.Errorf("asked %d times more", n)
	}
	// Once: whoever asks a second time wants to know what has come of it.
	other := clientFor(t, b.account())
	if _, err := other.Upload(t.Context(), it); err != nil {
		t.Fatal(err)
	}
	if r, err := c.Find(t.Context(), it); err != nil || !r.Known {
		t.Errorf("%+v, %v, want the photo that came from elsewhere", r, err)
	}
	marked := uploadtest.Item("b.jpg", 5_000)
	if _, err := c.FindAll(t.Context(), []upload.Item{marked}); err != nil {
		t.Fatal(err)
	}
	asked = b.Requests("pwg.images.exist")
	marked.Mark = "something was sent"
	if _, err := c.Find(t.Context(), marked); !errors.Is(err, upload.ErrNotFound) || b.Requests("pwg.images.exist") == asked {
		t.Errorf("%v: a photo in doubt was not asked for", err)
	}
}

func TestFindAllLeavesToFindWhatIsNotInItsAlbum(t *testing.T) {
	b := startServer(t, emulator.Options{NoLounge: true})
	c := clientFor(t, b.account())
	items := make([]upload.Item, 4)
	for i := range items {
		items[i] = uploadtest.Item("a.jpg", 5_000)
		items[i].Album = "Trips/2026"
		if _, err := c.Upload(t.Context(), items[i]); err != nil {
			t.Fatal(err)
		}
	}
	items[1].Album = "Trips"
	items[2].Album = "Not there"
	items[3].Album = ""
	rs, err := c.FindAll(t.Context(), items)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, false, false, true} {
		if (rs[i].RemoteID != "") != want {
			t.Errorf("%d: %+v, found should be %v", i, rs[i], want)
		}
	}
	if n := len(b.Albums()); n != 2 {
		t.Errorf("%d albums, want those that were there", n)
	}
	if r, err := c.Find(t.Context(), items[1]); err != nil || r.Album != "Trips" {
		t.Errorf("%+v, %v", r, err)
	}
	if rs, err := c.FindAll(t.Context(), items[1:2]); err != nil || rs[0].Album != "Trips" {
		t.Errorf("after it was added: %+v, %v", rs, err)
	}
}

func TestVerify(t *testing.T) {
	b := startServer(t, emulator.Options{})
	c := clientFor(t, b.account())
	it := uploadtest.Item("a.jpg", 20_000)
	r, err := c.Upload(t.Context(), it)
	if err != nil {
		t.Fatal(err)
	}
	if v, err := c.Verify(t.Context(), it, r.RemoteID); err != nil || v.Verified != saysSame {
		t.Errorf("%+v, %v", v, err)
	}
	if v, err := c.Verify(t.Context(), uploadtest.Item("b.jpg", 20_000), r.RemoteID); err != nil || v.Verified != saysNotSame {
		t.Errorf("%+v, %v", v, err)
	}
	id, _ := strconv.Atoi(r.RemoteID)
	if err := b.DeletePhoto(id); err != nil {
		t.Fatal(err)
	}
	for _, remote := range []string{r.RemoteID, "77", "", "x"} {
		if v, err := c.Verify(t.Context(), it, remote); !errors.Is(err, upload.ErrNotFound) {
			t.Errorf("%q: %+v, %v", remote, v, err)
		}
	}
}

func TestSameFileAgainDoesNotOverwrite(t *testing.T) {
	b := startServer(t, emulator.Options{})
	c := clientFor(t, b.account())
	it := uploadtest.Item("a.jpg", 20_000)
	it.Meta.Title = "First"
	if _, err := c.Upload(t.Context(), it); err != nil {
		t.Fatal(err)
	}
	it.Meta.Title, it.SyncCheck = "Second", false
	if r, err := c.Upload(t.Context(), it); err != nil || !r.Known {
		t.Errorf("%+v, %v", r, err)
	}
	if got := b.kept()[0].Title; got != "First" {
		t.Errorf("title %q", got)
	}
}

func TestView(t *testing.T) {
	b := startServer(t, emulator.Options{FrontUser: "f", FrontPassword: "g"})
	c := clientFor(t, b.with("front_user=f", "front_password=g"))
	it := uploadtest.Item("a.jpg", 20_000)
	r, err := c.Upload(t.Context(), it)
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.View(t.Context(), upload.View{Photo: r.RemoteID})
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, p)
	if p.Close(); err != nil || n != it.Size || !strings.HasPrefix(p.ContentType, "image/") {
		t.Errorf("%d bytes of %s, %v", n, p.ContentType, err)
	}
	if p, err := c.View(t.Context(), upload.View{Photo: r.RemoteID, Thumbnail: true}); err != nil {
		t.Error(err)
	} else {
		p.Close()
	}
	for _, v := range []upload.View{{}, {Photo: "x"}, {Share: "1"}, {Photo: "1", Share: "2"}, {Photo: "999"}} {
		if _, err := c.View(t.Context(), v); upload.KindOf(err) != upload.Rejected {
			t.Errorf("%+v: %v", v, err)
		}
	}
}

func TestPicturesOfOtherSites(t *testing.T) {
	c := testClient(t)
	s := &session{root: c.root, hc: http.DefaultClient}
	for _, address := range []string{"http://elsewhere.example/x.jpg", "", "//elsewhere.example/x.jpg", "http://127.0.0.1.example/"} {
		_, err := c.picture(t.Context(), s, address)
		mustKind(t, err, upload.Rejected, "another site")
	}
}

func TestPictureSizes(t *testing.T) {
	info := photoInfo{ElementURL: "full", Derivatives: table[derivative]{rows: map[string]derivative{
		"square": {"square", 120, 120}, "thumb": {"thumb", 144, 96}, "medium": {"medium", 792, 528}, "large": {"large", 1008, 672},
	}}}
	for _, tt := range []struct {
		v    upload.View
		want string
	}{
		{upload.View{}, "full"}, {upload.View{Thumbnail: true}, "thumb"}, {upload.View{Width: 100}, "thumb"},
		{upload.View{Width: 500}, "medium"}, {upload.View{Width: 500, Height: 600}, "large"}, {upload.View{Width: 5000}, "full"},
	} {
		if got := pictureOf(info, tt.v); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.v, got, tt.want)
		}
	}
}
