package ipernity

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/image/draw"
)

const (
	originalLabel = "original"
	usualThumb    = "75x"
)

// thumbLabels are the sizes that there are [D11], in the order of doc.get: the longer
// side in pixels, and with an x a square.
var thumbLabels = []string{"75x", "100", "240", "250x", "500", "560", "640", "800", "1024", "1600", "2048"}

// maxPixels bounds the pictures that are decoded. [CHOICE]
const maxPixels = 100_000_000

// thumbSize returns the size of a thumbnail, and which part of the picture is in it.
// ok is false where the picture is smaller, or nobody knows its size.
func thumbSize(width, height int, label string) (w, h int, crop image.Rectangle, ok bool) {
	side, square := strings.CutSuffix(label, "x")
	n, err := strconv.Atoi(side)
	if err != nil || !slices.Contains(thumbLabels, label) || width <= 0 || height <= 0 || width > maxPixels/height {
		return 0, 0, crop, false
	}
	crop = image.Rect(0, 0, width, height)
	if square {
		s := min(width, height)
		x, y := (width-s)/2, (height-s)/2
		return n, n, image.Rect(x, y, x+s, y+s), true
	}
	long := max(width, height)
	if long < n && n > 100 {
		return 0, 0, crop, false
	}
	return max(1, width*n/long), max(1, height*n/long), crop, true
}

// thumb is a thumbnail in a list [D11]. An unknown label stands for the usual one, and
// one that is too large for the next that there is [CHOICE].
func (c *call) thumb(d document, label string) (object, bool) {
	i := slices.Index(thumbLabels, label)
	if i < 0 {
		i = slices.Index(thumbLabels, usualThumb)
	}
	for ; i >= 0; i-- {
		w, h, _, ok := thumbSize(d.Width, d.Height, thumbLabels[i])
		if ok {
			return object{
				{"label", thumbLabels[i]}, {"ext", "jpg"}, {"w", w}, {"h", h},
				{"url", c.base() + picturePath(d, thumbLabels[i])},
			}, true
		}
	}
	return nil, false
}

// thumbs are all thumbnails of a document [D12].
func (c *call) thumbs(d document) list {
	out := list{}
	for _, label := range thumbLabels {
		if _, _, _, ok := thumbSize(d.Width, d.Height, label); ok {
			t, _ := c.thumb(d, label)
			out = append(out, t)
		}
	}
	return out
}

// picturePath is where a picture lies: whoever knows the secret in it sees it, as on the
// real site [INF from the addresses on D12].
func picturePath(d document, label string) string {
	ext := "jpg"
	if label == originalLabel {
		ext = d.Ext
	}
	return "/img/" + decimal(d.ID) + "." + d.Secret + "." + label + "." + ext
}

// baseOf is the address that a client used, without a slash at its end.
func baseOf(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// picture answers with a thumbnail or with the file as it came.
func (s *Server) picture(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/img/"), ".")
	if len(parts) != 4 {
		http.NotFound(w, r)
		return
	}
	d, ok := s.store.doc(parseID(parts[0]))
	if !ok || r.URL.Path != picturePath(d, parts[2]) {
		http.NotFound(w, r)
		return
	}
	f, err := os.Open(s.store.file(d.File))
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			s.options.Load().Log.Error("Picture cannot be read", "docId", d.ID, "err", err)
		}
		http.NotFound(w, r)
		return
	}
	defer f.Close() // only read
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if parts[2] != originalLabel {
		s.scaled(w, r, f, d, parts[2])
		return
	}
	kind := mime.TypeByExtension("." + d.Ext)
	if !strings.HasPrefix(kind, "image/") || strings.Contains(kind, "svg") {
		kind = "application/octet-stream" // nothing that a browser would run
	}
	w.Header().Set("Content-Type", kind)
	http.ServeContent(w, r, "", time.Time{}, f)
}

// scaled answers with a thumbnail. It is not turned upright [CHOICE].
func (s *Server) scaled(w http.ResponseWriter, r *http.Request, f *os.File, d document, label string) {
	width, height, crop, ok := thumbSize(d.Width, d.Height, label)
	if !ok {
		http.NotFound(w, r)
		return
	}
	select {
	case s.decoding <- struct{}{}:
		defer func() { <-s.decoding }()
	case <-r.Context().Done():
		return
	}
	pic, _, err := image.Decode(f)
	if err != nil {
		// It was accepted all the same, and there is nothing to show.
		http.Error(w, "Picture cannot be read", http.StatusInternalServerError)
		return
	}
	small := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.ApproxBiLinear.Scale(small, small.Bounds(), pic, crop.Add(pic.Bounds().Min), draw.Src, nil)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, small, nil); err != nil {
		http.Error(w, "Picture cannot be written", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "image/jpeg")
	w.Header().Set("Content-Length", strconv.Itoa(out.Len()))
	_, _ = w.Write(out.Bytes()) // the client may have gone
}
