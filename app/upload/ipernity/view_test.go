package ipernity

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	emulator "github.com/photoferry/photoferry/app/practice/ipernity"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/app/upload/uploadtest"
)

func TestView(t *testing.T) {
	b := startServer(t, emulator.Options{})
	c := b.client(nil)
	var file bytes.Buffer
	if err := jpeg.Encode(&file, image.NewGray(image.Rect(0, 0, 1200, 900)), nil); err != nil {
		t.Fatal(err)
	}
	it := uploadtest.Item("picture.jpg", 3000) // for its digests
	it.Size = int64(file.Len())
	it.Open = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(file.Bytes())), nil }
	r := must(t)(c.Upload(t.Context(), it))
	for _, tt := range []struct {
		name     string
		view     upload.View
		min, max int // width
	}{
		{"thumbnail", upload.View{Thumbnail: true}, 240, 300},
		{"by width", upload.View{Width: 500}, 500, 640},
		{"by height", upload.View{Height: 400}, 500, 800},
		{"as it is", upload.View{}, 1200, 1200},
		{"bigger than it is", upload.View{Width: 5000}, 1200, 1200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.view.Photo = r.RemoteID
			p, err := c.View(t.Context(), tt.view)
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			m, err := jpeg.DecodeConfig(p)
			if err != nil || m.Width < tt.min || m.Width > tt.max || p.ContentType != "image/jpeg" {
				t.Errorf("%d x %d of the type %s, %v, want a width from %d to %d", m.Width, m.Height, p.ContentType, err, tt.min, tt.max)
			}
		})
	}
	if _, err := c.View(t.Context(), upload.View{Photo: "999999"}); !errors.Is(err, upload.ErrNotFound) || upload.KindOf(err) != upload.Rejected {
		t.Errorf("a photo that is not there: %v", err)
	}
	for _, v := range []upload.View{{}, {Share: "x"}, {Photo: "1", ViewID: "2"}, {Photo: "1", Width: -1}, {Photo: "1", Height: -1}} {
		if _, err := c.View(t.Context(), v); err == nil || upload.KindOf(err) != upload.Rejected {
			t.Errorf("%+v: %v", v, err)
		}
	}
}

// TestPicturesComeFromTheSiteAlone checks that neither key nor token go with
// the request for a picture, and that no other host is asked.
func TestPicturesComeFromTheSiteAlone(t *testing.T) {
	var asked *http.Request
	pictures := http.NewServeMux()
	pictures.HandleFunc("/good.jpg", func(w http.ResponseWriter, r *http.Request) {
		asked = r
		w.Header().Set("Content-Type", "image/jpeg")
		_, _ = io.WriteString(w, "JPEG")
	})
	pictures.HandleFunc("/page.jpg", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<!DOCTYPE html>") })
	pictures.HandleFunc("/forbidden.jpg", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	pictures.HandleFunc("/broken.jpg", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	pictures.HandleFunc("/away.jpg", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://127.0.0.9:9/", http.StatusFound)
	})
	s := newStub(t, nil)
	api := s.Config.Handler
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/") {
			api.ServeHTTP(w, r)
			return
		}
		pictures.ServeHTTP(w, r)
	})
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("another host was asked") }))
	defer elsewhere.Close()
	c := testClient(t, s.URL, nil)
	view := func(url string) error {
		s.answer(docGet, `{"doc":{"doc_id":"7","thumbs":{"thumb":[{"label":"500","w":500,"h":300,"url":"`+url+`"}]}},`+okAPI+`}`)
		p, err := c.View(t.Context(), upload.View{Photo: "7"})
		if err == nil {
			p.Close()
		}
		return err
	}
	if err := view(s.URL + "/good.jpg"); err != nil || asked.URL.RawQuery != "" || asked.Header.Get("Authorization") != "" || len(asked.Cookies()) != 0 {
		t.Errorf("%v, %+v", err, asked)
	}
	for url, want := range map[string]upload.Kind{
		s.URL + "/page.jpg": upload.Transient, s.URL + "/forbidden.jpg": upload.Rejected, s.URL + "/missing.jpg": upload.Rejected,
		s.URL + "/broken.jpg": upload.Transient, s.URL + "/away.jpg": upload.Rejected, elsewhere.URL + "/good.jpg": upload.Rejected,
		"file:///etc/passwd": upload.Rejected, "": upload.Rejected,
	} {
		mustBe(t, view(url), want)
	}

	live := testClient(t, "ipernity.com", nil)
	for url, want := range map[string]bool{
		"https://cdn.ipernity.com/1/a.jpg": true, "https://www.ipernity.com/a.jpg": true, "https://ipernity.com/a.jpg": true,
		"http://cdn.ipernity.com/a.jpg": false, "https://ipernity.com.evil.example/a.jpg": false, "https://evilipernity.com/a.jpg": false,
		"https://user@cdn.ipernity.com/a.jpg": false, "https://cdn.ipernity.com:8443/a.jpg": false, "//cdn.ipernity.com/a.jpg": false,
	} {
		if got := live.own(url); got != want {
			t.Errorf("%s is one of the site's: %v", url, got)
		}
	}
}
