package picapport

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	emulator "github.com/photoferry/photoferry/app/practice/picapport"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/app/upload/uploadtest"
)

// picture is a JPEG of 320 x 240 as an item.
func picture(t *testing.T) upload.Item {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 320, 240)), nil); err != nil {
		t.Fatal(err)
	}
	it := uploadtest.Item("picture.jpg", 3000) // for its digests
	it.Size = int64(b.Len())
	it.Open = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil }
	return it
}

func TestView(t *testing.T) {
	b := startServer(t, emulator.Options{})
	c := b.client(b.account())
	r, err := c.Upload(t.Context(), picture(t))
	if err != nil {
		t.Fatal(err)
	}
	share, err := b.Share(testUser, "shared", "", time.Time{}, r.RemoteID)
	if err != nil {
		t.Fatal(err)
	}
	s := c.sessions.Current()
	var query struct {
		VID number `json:"vid"`
	}
	if err := c.get(t.Context(), s, opView, "runQuery", map[string][]string{"query": {"@"}}, &query); err != nil {
		t.Fatal(err)
	}
	view := strings.TrimSuffix(megabytes(int64(query.VID)*1e6), " MB")

	for _, tt := range []struct {
		name          string
		view          upload.View
		width, height int
	}{
		{"by photo", upload.View{Photo: r.RemoteID}, 320, 240},
		{"by photo, with a width", upload.View{Photo: r.RemoteID, Width: 160}, 160, 120},
		{"by photo, with a height and a quality", upload.View{Photo: r.RemoteID, Height: 60, Quality: 0.25}, 80, 60},
		{"by photo, as a tile", upload.View{Photo: r.RemoteID, Width: 50, Height: 50}, 50, 50},
		{"by photo, as a thumbnail", upload.View{Photo: r.RemoteID, Thumbnail: true, Width: 999}, 213, 160},
		{"by share", upload.View{Share: share, Height: 120}, 160, 120},
		{"by share, as a thumbnail", upload.View{Share: share, Thumbnail: true}, 213, 160},
		{"by query", upload.View{ViewID: view, Index: 0, Width: 32}, 32, 24},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.view.Share == "" && tt.view.ViewID == "" {
				b.ExpireSessions() // and sign in again on the way
			}
			p, err := c.View(t.Context(), tt.view)
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			m, err := jpeg.DecodeConfig(p)
			if err != nil {
				t.Fatal(err)
			}
			if p.ContentType != "image/jpeg" || m.Width != tt.width || abs(m.Height-tt.height) > 1 {
				t.Errorf("%s of %d x %d, want %d x %d", p.ContentType, m.Width, m.Height, tt.width, tt.height)
			}
		})
		if tt.view.Photo != "" && tt.view.Thumbnail { // the query lives in its session
			if err := c.get(t.Context(), c.sessions.Current(), opView, "runQuery", map[string][]string{"query": {"@"}}, &query); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func abs(n int) int { return max(n, -n) }

func TestViewOfWhatIsNotThere(t *testing.T) {
	b := startServer(t, emulator.Options{})
	c := b.client(b.account())
	for _, v := range []upload.View{{Photo: PhotoID([32]byte{9})}, {Share: "no-such-share"}} {
		p, err := c.View(t.Context(), v)
		if err == nil {
			p.Close()
		}
		if !errors.Is(err, upload.ErrNotFound) || upload.KindOf(err) != upload.Rejected {
			t.Errorf("%+v: %v", v, err)
		}
	}
	for _, fault := range []string{"html", "empty", "endless", "status:code=500", "cut"} {
		b.fault("/getPhoto:" + fault)
		p, err := c.View(t.Context(), upload.View{Photo: "x"})
		if err == nil {
			p.Close()
			t.Errorf("%s was shown", fault)
		} else if _, ok := errors.AsType[*upload.Error](err); !ok {
			t.Errorf("%s: %v", fault, err)
		}
	}
}

func TestViewsThatNameNoPicture(t *testing.T) {
	for _, v := range []upload.View{
		{},
		{Photo: "a", Share: "b"},
		{Share: "b", ViewID: "1"},
		{Photo: "a", Width: -1},
		{Photo: "a", Height: -1},
		{Photo: "a", Quality: 1.5},
		{Photo: "a", Quality: math.NaN()},
		{Share: "a", Index: -1},
	} {
		if _, _, err := viewQuery(v); upload.KindOf(err) != upload.Rejected || err == nil {
			t.Errorf("%+v: %v", v, err)
		}
	}
}
