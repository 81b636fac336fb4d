package picapport

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// photo finds the photo that the parameters name, in one of three ways [S7, S9]: sid
// and index of a shared gallery, which needs no session; photoid; or vid and index of
// a query's result. If photoid is given, vid and index are ignored. The permission, if
// any, is asked of the session's user, or of the one who shared. An unknown photo
// gives 404 [CHOICE].
func (c *call) photo(permission Permission) (photo, error) {
	if sid := c.q.Get("sid"); sid != "" {
		g, ok := c.store.gallery(sid)
		if !ok {
			return photo{}, refuse(http.StatusNotFound, "Gallery not found")
		}
		if u, ok := c.o.user(g.UID); permission != "" && (!ok || !u.May(permission)) {
			return photo{}, refuse(http.StatusForbidden, "Permission %s is missing", permission)
		}
		return c.indexed(g.Photos)
	}
	who, err := c.caller()
	if err == nil && permission != "" && !who.user.May(permission) {
		err = refuse(http.StatusForbidden, "Permission %s is missing", permission)
	}
	if err != nil {
		return photo{}, err
	}
	if id := c.q.Get("photoid"); id != "" {
		return c.photoByID(id)
	}
	vid, err := c.number("vid")
	if err != nil {
		return photo{}, err
	}
	c.sessions.mu.Lock()
	var view []string
	t := c.sessions.byID[who.apisid]
	ok := t != nil
	if ok {
		view, ok = t.views[vid]
	}
	c.sessions.mu.Unlock()
	if !ok {
		return photo{}, refuse(http.StatusNotFound, "View not found")
	}
	return c.indexed(view)
}

func (c *call) photoByID(id string) (photo, error) {
	p, ok := c.store.photo(id)
	if !ok {
		return photo{}, refuse(http.StatusNotFound, "Photo not found")
	}
	return p, nil
}

// indexed returns the photo at the zero-based index of a list [S7].
func (c *call) indexed(ids []string) (photo, error) {
	i, err := c.number("index")
	if err != nil {
		return photo{}, err
	}
	if i >= len(ids) {
		return photo{}, refuse(http.StatusNotFound, "Photo not found")
	}
	return c.photoByID(ids[i])
}

// number returns a whole, non-negative parameter that must be there.
func (c *call) number(name string) (int, error) {
	text, err := c.need(name)
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, refuse(http.StatusBadRequest, "Parameter %s is not a number", name)
	}
	return n, nil
}

// open opens the stored file; a file that somebody deleted gives 404.
func (c *call) open(p photo) (*os.File, error) {
	f, err := os.Open(c.store.uploads(p.Name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, refuse(http.StatusNotFound, "Photo not found")
	}
	return f, err
}

// openJPEG is open for functions that need a picture: for videos a real server has a
// plug-in's substitute, and this one has none [CHOICE].
func (c *call) openJPEG(p photo) (*os.File, error) {
	if strings.HasPrefix(p.Type, "video/") {
		return nil, refuse(http.StatusNotImplemented, "No picture of a video")
	}
	return c.open(p)
}

// getPhoto is getPhoto [S6]. Without a size it is the picture as stored, "in original
// dimensions without any metadata". Parameter quality is [INF].
func (c *call) getPhoto() error {
	size, err := c.size()
	if err != nil {
		return err
	}
	var permission Permission
	if size == (dimensions{}) && c.o.DownloadsForFullSize {
		permission = AccessDownloads
	}
	p, err := c.photo(permission)
	if err != nil {
		return err
	}
	if size != (dimensions{}) {
		quality, err := c.quality()
		if err != nil {
			return err
		}
		return c.scaled(p, size, quality)
	}
	f, err := c.openJPEG(p)
	if err != nil {
		return err
	}
	defer f.Close() // only read
	c.w.Header().Set("Content-Type", "image/jpeg")
	if err := stripMetadata(c.w, bufio.NewReaderSize(f, bufferSize)); err != nil {
		panic(http.ErrAbortHandler) // the answer has begun: only cutting it off says so
	}
	return nil
}

// size reads width and height; zero stands for a missing one.
func (c *call) size() (dimensions, error) {
	var d dimensions
	for name, into := range map[string]*int{"width": &d.width, "height": &d.height} {
		if !c.q.Has(name) {
			continue
		}
		n, err := c.number(name)
		if err != nil {
			return d, err
		}
		if n < 1 || n > maxSide {
			return d, refuse(http.StatusBadRequest, "Parameter %s is out of range", name)
		}
		*into = n
	}
	return d, nil
}

// quality is the JPEG quality, 0.0 to 1.0, by default 0.7 [S6], as Go counts it.
func (c *call) quality() (int, error) {
	if !c.q.Has("quality") {
		return 70, nil
	}
	q, err := strconv.ParseFloat(c.q.Get("quality"), 64)
	if err != nil || !(q >= 0 && q <= 1) {
		return 0, refuse(http.StatusBadRequest, "Parameter quality is not a number from 0.0 to 1.0")
	}
	return max(1, int(q*100+0.5)), nil
}

// thumbnail is getThumbnail: the height comes from thumbs.height [S9].
func (c *call) thumbnail() error {
	p, err := c.photo("")
	if err != nil {
		return err
	}
	return c.scaled(p, dimensions{height: c.o.ThumbHeight}, 70)
}

// originalFile is getOriginalFile. Its page is not at hand: the stored file, with the
// metadata in it, for users with pap:access:downloads [INF].
func (c *call) originalFile() error {
	p, err := c.photo(AccessDownloads)
	if err != nil {
		return err
	}
	f, err := c.open(p)
	if err != nil {
		return err
	}
	defer f.Close() // only read
	c.w.Header().Set("Content-Type", p.Type)
	http.ServeContent(c.w, c.r, "", time.Time{}, f)
	return nil
}

// removePhoto is removePhoto [S19], which needs pap:access:removephotos.
func (c *call) removePhoto() error {
	p, err := c.photo(RemovePhotos)
	if err != nil {
		return err
	}
	if err := c.store.remove(p.ID); errors.Is(err, fs.ErrNotExist) {
		return refuse(http.StatusNotFound, "Photo not found")
	} else if err != nil {
		return err
	}
	return c.answer(map[string]any{"removed": true})
}

// photoMetadata is getPhotoMetadata [S23]: the members of getGallery's photos. That it
// needs pap:access:metadata is [INF] from getGallery [S17].
func (c *call) photoMetadata() error {
	p, err := c.photo(AccessMetadata)
	if err != nil {
		return err
	}
	out, err := c.describe(p)
	if err != nil {
		return err
	}
	return c.answer(out)
}

// describe makes the members of a photo [S17]. The list at hand ends after height; the
// rest are expected names [INF]. What the file does not say is absent [CHOICE].
func (c *call) describe(p photo) (map[string]any, error) {
	out := map[string]any{
		"fileName":    c.store.uploads(p.Name), // the full path on the server [S17]
		"fingerprint": fingerprint(p),
		"photoID":     p.ID,
	}
	if m := p.Meta; m != nil {
		setIf(out, "title", m.Title, m.Title != "")
		setIf(out, "description", m.Description, m.Description != "")
		setIf(out, "tags", m.Tags, len(m.Tags) > 0)
		setIf(out, "persons", m.Persons, len(m.Persons) > 0)
		if m.Rating != nil {
			out["rating"] = int(*m.Rating)
		}
	}
	if strings.HasPrefix(p.Type, "video/") {
		return out, nil
	}
	f, err := c.open(p)
	if err != nil {
		return nil, err
	}
	defer f.Close() // only read
	info := inspect(bufio.NewReaderSize(f, bufferSize))
	setIf(out, "width", info.width, info.width > 0)
	setIf(out, "height", info.height, info.height > 0)
	if !info.taken.IsZero() {
		out["creationDate"] = info.taken.Format("2006-01-02T15:04:05")
		out["creationYear"] = info.taken.Year()
	}
	comma := func(f float64) string {
		return strings.Replace(strconv.FormatFloat(f, 'f', 1, 64), ".", ",", 1)
	}
	setIf(out, "apertureValue", "f/"+comma(info.aperture), info.aperture > 0)
	setIf(out, "focalLength", comma(info.focal)+" mm", info.focal > 0)
	if t := info.exposure; t > 0 && t < 1 {
		out["exposureTime"] = fmt.Sprintf("1/%.0f sec", 1/t)
	} else if t >= 1 {
		out["exposureTime"] = fmt.Sprintf("%g sec", t)
	}
	return out, nil
}

func setIf(m map[string]any, key string, value any, ok bool) {
	if ok {
		m[key] = value
	}
}

// fingerprint is 15 bytes in Base64, "based on metadata" [S17].
func fingerprint(p photo) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%d\n%s", p.ID, p.Name, p.Size, p.Raw))
	return base64.StdEncoding.EncodeToString(sum[:15])
}
