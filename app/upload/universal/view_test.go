package universal

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"testing"

	emulator "github.com/photoferry/photoferry/app/practice/universal"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/app/upload/uploadtest"
)

func TestView(t *testing.T) {
	b := startServer(t, emulator.Options{})
	c := b.client()
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, image.NewGray(image.Rect(0, 0, 320, 240)), nil); err != nil {
		t.Fatal(err)
	}
	it := uploadtest.Item("picture.jpg", 3000)
	it.Size = int64(buf.Len())
	it.Open = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(buf.Bytes())), nil }
	r, err := c.Upload(t.Context(), it)
	if err != nil {
		t.Fatal(err)
	}
	for _, small := range []bool{false, true} {
		p, err := c.View(t.Context(), upload.View{Photo: r.RemoteID, Thumbnail: small})
		if err != nil {
			t.Fatal(err)
		}
		m, err := jpeg.DecodeConfig(p)
		if err != nil || m.Width == 0 || p.ContentType != "image/jpeg" {
			t.Errorf("%+v, %v", m, err)
		}
		p.Close()
	}
	for _, v := range []upload.View{{}, {Photo: "1", Share: "s"}, {ViewID: "1"}, {Photo: "123456789012345"}} {
		p, err := c.View(t.Context(), v)
		if err == nil {
			p.Close()
		}
		if upload.KindOf(err) != upload.Rejected {
			t.Errorf("%+v: %v", v, err)
		}
	}
	if err := b.DeletePhoto(r.RemoteID); err != nil {
		t.Fatal(err)
	}
	if _, err := c.View(t.Context(), upload.View{Photo: r.RemoteID}); !errors.Is(err, upload.ErrNotFound) {
		t.Errorf("a deleted photo: %v", err)
	}
	for _, address := range []string{b.url + "/nothing-here", b.url + "/api.php"} {
		if p, err := c.fetch(t.Context(), address); err == nil {
			p.Close()
			t.Errorf("%s was shown", address)
		} else if _, ok := errors.AsType[*upload.Error](err); !ok {
			t.Errorf("%v", err)
		}
	}
}

// TestPicturesOfTheOwnSite are the only ones that are fetched: what an answer
// names may be anything, also a machine in this house.
func TestPicturesOfTheOwnSite(t *testing.T) {
	for _, tt := range []struct {
		root, address string
		want          bool
	}{
		{"https://up.example.org", "https://up.example.org/p.jpg", true},
		{"https://up.example.org", "https://UP.example.org/p.jpg", true},
		{"https://up.example.org", "https://media.up.example.org/p.jpg", true},
		{"http://up.example.org", "https://up.example.org/p.jpg", true},
		{"http://up.example.org:8080", "http://up.example.org:8080/p.jpg", true},
		{"http://up.example.org:8080", "http://up.example.org/p.jpg", false},
		{"https://up.example.org", "http://up.example.org/p.jpg", false},
		{"https://up.example.org", "https://example.org/p.jpg", false},
		{"https://up.example.org", "https://evil-up.example.org/p.jpg", false},
		{"https://up.example.org", "https://up.example.org@evil.example/p.jpg", false},
		{"https://up.example.org", "https://u:p@up.example.org/p.jpg", false},
		{"https://up.example.org", "http://127.0.0.1/p.jpg", false},
		{"https://up.example.org", "/p.jpg", false},
		{"https://up.example.org", "file:///etc/passwd", false},
		{"https://up.example.org", "", false},
		{"https://up.example.org", "::", false},
	} {
		c := &Client{root: tt.root}
		if got := c.onSite(tt.address); got != tt.want {
			t.Errorf("%s, %s: %v", tt.root, tt.address, got)
		}
	}
}
