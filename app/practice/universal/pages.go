package universal

import (
	"bytes"
	"html/template"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Paths that answers link to. [CHOICE]
const (
	albumPath = "/album.php"
	photoPath = "/photo.php"
	mediaPath = "/media/"
)

var pages = template.Must(template.New("").Parse(`
{{define "top"}}<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{.}}</title>
<style>
body { font: 16px/1.5 sans-serif; max-width: 36em; margin: 3em auto; padding: 0 1em; color: #222 }
label { display: block; margin: .6em 0 } input { font: inherit; padding: .3em }
button { font: inherit; padding: .4em 1.2em; margin-right: .5em }
.problem { color: #a00 } figure { margin: 1em 0 } img { max-width: 100%; max-height: 20em }
</style></head><body>
<h1>{{.}}</h1>
{{end}}

{{define "message"}}{{template "top" .Title}}<p id="message">{{.Text}}</p></body></html>{{end}}

{{define "login"}}{{template "top" .Community}}
{{if .Problem}}<p class="problem" role="alert">{{.Problem}}</p>{{end}}
<form id="login" method="post" action="{{.Action}}">
<input type="hidden" name="form" value="{{.Form}}">
{{if .SignedIn}}<p>You are signed in as <b>{{.User}}</b>.</p>
<p><b>{{.App}}</b> wants to see your albums and to put photos into them.</p>
<p><button id="allow" name="action" value="allow">Allow</button>
<button id="deny" name="action" value="deny">Do not allow</button></p>
{{else}}<p>Sign in to go on with <b>{{.App}}</b>.</p>
<label>User <input id="user" name="user" autocomplete="username" autofocus required></label>
<label>Password <input id="password" name="password" type="password" autocomplete="current-password" required></label>
<p><button id="signin" name="action" value="signin">Sign in</button></p>
{{end}}</form></body></html>{{end}}

{{define "album"}}{{template "top" .Title}}<p>{{.Description}}</p>
{{if .Form}}<form id="approve" method="post"><input type="hidden" name="form" value="{{.Form}}">
<p>Some photos wait for your approval. <button id="approveAll" name="action" value="approve">Approve all</button></p></form>{{end}}
{{range .Photos}}<figure><a href="{{.Link}}"><img src="{{.Src}}" alt=""></a>
<figcaption>{{.Caption}}{{if .Pending}} (waits for approval){{end}}</figcaption></figure>
{{end}}</body></html>{{end}}
`))

// show answers with a page for a browser. Pages may name a token or a photo that waits:
// nobody keeps them, frames them, or is told where the visitor came from.
func (c *call) show(status int, name string, data any) {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, data); err != nil {
		c.o.Log.Error("Page failed", "page", name, "err", err)
		http.Error(c.w, "Internal Server Error", http.StatusInternalServerError)
		return
	}
	h := c.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'")
	c.w.WriteHeader(status)
	_, _ = c.w.Write(b.Bytes()) // the browser may have gone
}

func (c *call) say(status int, title, text string) {
	c.show(status, "message", struct{ Title, Text string }{title, text})
}

// photoData is a photo on a page.
type photoData struct {
	Link, Src, Caption string
	Pending            bool
}

func (c *call) photoData(p photo) photoData {
	return photoData{photoPath + "?pid=" + p.PID, imagePath(p, "n"), p.Caption, p.Pending}
}

// imagePath is where an image is. Whoever has a photo's address may see it, as with
// Facebook's own, so it has a part that cannot be guessed.
func imagePath(p photo, size string) string {
	return mediaPath + size + "/" + p.PID + "_" + p.Nonce + extensions[p.Type]
}

func (c *call) imageURL(p photo, size string) string { return c.baseURL() + imagePath(p, size) }

// image is what src, src_big and src_small lead to: the bytes as they were received,
// whatever the size. [CHOICE]
func (c *call) image() {
	size, file, _ := strings.Cut(strings.TrimPrefix(c.r.URL.Path, mediaPath), "/")
	pid, _, _ := strings.Cut(file, "_")
	st := c.store
	st.mu.RLock()
	var r record
	p := st.byPID[pid]
	ok := p != nil && !p.removed && slices.Contains([]string{"s", "n", "t"}, size) && imagePath(*p, size) == c.r.URL.Path
	if ok {
		r = p.record
	}
	st.mu.RUnlock()
	if !ok {
		http.NotFound(c.w, c.r)
		return
	}
	f, err := os.Open(st.file(r))
	if err != nil {
		http.NotFound(c.w, c.r) // deleted since
		return
	}
	defer f.Close() // only read
	c.w.Header().Set("Content-Type", r.Type)
	http.ServeContent(c.w, c.r, "", r.At, f)
}

// albumPage is the link of an album: its photos, and for its owner those that wait,
// with a button that approves them [FB: the owner approves or rejects them in the
// album].
func (c *call) albumPage() {
	if !c.readForm() {
		c.say(http.StatusBadRequest, "This request is damaged", "Please try again.")
		return
	}
	aid, browser := c.p["aid"], c.browser()
	user, _ := c.visitor(browser)
	v := viewer{uid: user.UID}
	albums := c.store.albumViews(v, false, func(a *album) bool { return a.AID == aid })
	if len(albums) == 0 {
		c.say(http.StatusNotFound, "No such album", "It may have been deleted.")
		return
	}
	about := "album " + aid
	if owner := albums[0].Owner == user.UID; owner && c.r.Method == http.MethodPost && c.p["action"] == "approve" && c.fromForm(browser, about) {
		if err := c.store.publish(func(p *photo) bool { return p.AID == aid }); err != nil {
			c.o.Log.Error("Page failed", "page", "album", "err", err)
			c.say(http.StatusInternalServerError, "Something went wrong", "Please try again.")
			return
		}
	}
	photos, _ := c.store.albumPhotos(v, aid) // none if it was deleted just now
	page := struct {
		Title, Description, Form string
		Photos                   []photoData
	}{Title: albums[0].Name, Description: albums[0].Description}
	for _, p := range photos {
		page.Photos = append(page.Photos, c.photoData(p))
		if p.Pending { // seen by the owner alone
			page.Form = c.browsers.formToken(browser, about)
		}
	}
	c.show(http.StatusOK, "album", page)
}

// photoPage is the link of a photo.
func (c *call) photoPage() {
	_ = c.readForm() // a damaged query names no photo
	user, _ := c.visitor(c.browser())
	photos := c.store.photosByID(viewer{uid: user.UID}, []string{c.p["pid"]})
	if len(photos) == 0 {
		c.say(http.StatusNotFound, "No such photo", "It may have been deleted, or it waits for its owner's approval.")
		return
	}
	page := struct {
		Title, Description, Form string
		Photos                   []photoData
	}{Title: "Photo", Photos: []photoData{c.photoData(photos[0])}}
	c.show(http.StatusOK, "album", page)
}
