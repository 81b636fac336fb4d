package piwigo

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"mime"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/image/draw"
)

// pages answers everything but ws.php: the addresses that answers point to. What the
// pages look like is a [CHOICE].
func (c *call) pages(at string) error {
	switch {
	case at == "" || at == "/" || at == "/index.php":
		return c.indexPage()
	case at == "/picture.php":
		return c.picturePage()
	case at == "/identification.php":
		return &page{body: htmlPage("Identification", `<form method="post" action="identification.php"><input name="username"><input type="password" name="password"></form>`)}
	case at == "/i.php":
		return c.derivative(strings.TrimPrefix(c.r.URL.RawQuery, "/"))
	case at == "/action.php":
		return c.download()
	case strings.HasPrefix(at, "/upload/"):
		return c.element(strings.TrimPrefix(at, "/"))
	}
	return nginx(http.StatusNotFound, "404 Not Found")
}

func htmlPage(title, body string) string {
	return "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>" + htmlSpecialChars(title) +
		"</title></head><body><h1>" + htmlSpecialChars(title) + "</h1>\n" + body + "\n</body></html>\n"
}

// sees reports whether the user sees a photo: its level allows it, and it is in an album
// that is not private, or the user is an admin.
func (c *call) sees(p *photo, t *tree) bool {
	return p.Level <= c.user.level() && (c.user.admin() || slices.ContainsFunc(p.Links, func(l link) bool {
		n := t.byID[l.Album]
		return n != nil && !n.Private
	}))
}

// indexPage is the gallery, or one album of it.
func (c *call) indexPage() error {
	t := c.store.tree()
	wanted := 0
	if _, after, ok := strings.Cut(c.r.URL.RawQuery, "/category/"); ok {
		wanted = intval(after)
		if t.byID[wanted] == nil {
			return &page{status: http.StatusNotFound, body: htmlPage("Page not found", "")}
		}
	}
	var b strings.Builder
	title := "Piwigo gallery"
	for _, n := range t.list {
		if n.Private && !c.user.admin() {
			continue
		}
		switch {
		case n.ID == wanted:
			title = n.Name
			for _, p := range n.photos {
				if c.sees(p, t) {
					fmt.Fprintf(&b, "<a href=\"%s\"><img src=\"%s\" alt=\"%s\"></a>\n", c.pageURL(p.ID, n.ID), c.derivativeURL(p, "th"), htmlSpecialChars(p.Name))
				}
			}
		case n.Parent == wanted:
			fmt.Fprintf(&b, "<p><a href=\"%s\">%s</a></p>\n", c.albumURL(n.ID), htmlSpecialChars(n.Name))
		}
	}
	return &page{body: htmlPage(title, b.String())}
}

// picturePage is picture.php?/ID or picture.php?/ID/category/ALBUM. Who may not see the
// photo is asked to sign in.
func (c *call) picturePage() error {
	p, ok := c.store.photo(intval(strings.TrimPrefix(c.r.URL.RawQuery, "/")))
	if !ok {
		return &page{status: http.StatusNotFound, body: htmlPage("Requested image does not exist", "")}
	}
	if !c.sees(p, c.store.tree()) {
		return &page{status: http.StatusFound, location: c.root() + "/identification.php"}
	}
	return &page{body: htmlPage(p.Name, fmt.Sprintf("<img id=\"theMainImage\" src=\"%s\" alt=\"%s\">\n<p>%s</p>",
		c.derivativeURL(p, "me"), htmlSpecialChars(p.File), htmlSpecialChars(p.Comment)))}
}

// at finds the photo whose file is there.
func (c *call) at(name string) (*photo, error) {
	p, ok := c.store.find(func(p *photo) bool { return p.Path == name })
	if !ok {
		return nil, nginx(http.StatusNotFound, "404 Not Found")
	}
	return p, nil
}

// element is a photo as it was sent: nginx gives it to anybody who knows its name.
func (c *call) element(name string) error {
	p, err := c.at(name)
	if err != nil {
		return err
	}
	return c.send(p)
}

// download is action.php: the file with its name.
func (c *call) download() error {
	p, ok := c.store.photo(intval(c.r.URL.Query().Get("id")))
	if !ok || !c.sees(p, c.store.tree()) {
		return &page{status: http.StatusNotFound, body: "Requested id not found"}
	}
	c.w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": p.File}))
	return c.send(p)
}

func (c *call) send(p *photo) error {
	f, err := os.Open(c.store.file(p))
	if err != nil {
		return err
	}
	defer f.Close() // only read
	if c.cookie != nil {
		http.SetCookie(c.w, c.cookie)
	}
	http.ServeContent(c.w, c.r, path.Base(p.Path), time.Time{}, f)
	return errServed
}

// derivative is i.php: a smaller picture, as a JPEG.
func (c *call) derivative(name string) error {
	ext := path.Ext(name)
	box := slices.IndexFunc(sizes, func(s size) bool { return strings.HasSuffix(name, "-"+s.suffix+ext) })
	if box < 0 {
		return &page{status: http.StatusBadRequest, body: "Invalid derivative type"}
	}
	size := sizes[box]
	p, err := c.at(strings.TrimSuffix(name, "-"+size.suffix+ext) + ext)
	if err != nil {
		return err
	}
	select {
	case c.drawing <- struct{}{}:
		defer func() { <-c.drawing }()
	case <-c.r.Context().Done():
		return c.r.Context().Err()
	}
	f, err := os.Open(c.store.file(p))
	if err != nil {
		return err
	}
	defer f.Close() // only read
	pic, err := decode(f)
	if err != nil {
		return &page{status: http.StatusInternalServerError, body: "Cannot read the picture"}
	}
	w, h := shrink(pic.Bounds().Dx(), pic.Bounds().Dy(), size.w, size.h, size.name == "square")
	small := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.ApproxBiLinear.Scale(small, small.Bounds(), pic, middle(pic.Bounds(), w == h && size.name == "square"), draw.Src, nil)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, small, &jpeg.Options{Quality: 80}); err != nil {
		return err
	}
	c.w.Header().Set("Content-Type", "image/jpeg")
	c.w.Header().Set("Content-Length", strconv.Itoa(out.Len()))
	_, _ = c.w.Write(out.Bytes()) // the client may have gone
	return errServed
}

// middle is the largest square in the middle of a picture, or all of it.
func middle(b image.Rectangle, square bool) image.Rectangle {
	if !square {
		return b
	}
	side := min(b.Dx(), b.Dy())
	corner := b.Min.Add(image.Pt((b.Dx()-side)/2, (b.Dy()-side)/2))
	return image.Rectangle{Min: corner, Max: corner.Add(image.Pt(side, side))}
}

// Full answers as Piwigo does when there is no room left, whatever was asked: because
// the disk is full, or because something that counts quotas says no.
//
// PHP writes an upload to its own directory first, which fails with UPLOAD_ERR_CANT_WRITE
// and the answers of R4 for a file that did not arrive; MariaDB then fails to write, too,
// which is a fatal error. Piwigo itself knows no quotas; a plug-in that does makes an
// error in ws_invoke_allowed, of which 403 is a [CHOICE].
func (s *Server) Full(w http.ResponseWriter, r *http.Request, disk bool) {
	c := &call{Server: s, o: *s.options.Load(), w: w, r: r}
	if !disk {
		c.refuse(&fail{403, "Your quota of disk space is exhausted"})
		return
	}
	noSpace := func(what, script string, line int) {
		c.notice("Warning", what+": No space left on device", script, line)
	}
	switch FunctionOf(r) {
	case "pwg.images.upload":
		c.show(jsonrpc(103, "Failed to move uploaded file."))
	case "pwg.images.addSimple":
		c.refuse(&fail{500, "Failed to write file to disk."})
	case "pwg.images.uploadAsync":
		noSpace("md5_file(./upload/buffer/"+filepath.Base(tempName())+".chunk): Failed to open stream", "include/ws_functions/pwg.images.php", 1991)
		c.refuse(&fail{500, "MD5 checksum chunk file mismatched"})
	case "pwg.images.addChunk":
		noSpace("file_put_contents(): Write of 8192 bytes failed with errno=28", "include/ws_functions/pwg.images.php", 1277)
		c.refuse(chunkLost("0", "file"))
	default:
		c.show(c.fatal("mysqli_sql_exception: Got error 28 \"No space left on device\" from storage engine Aria"))
	}
}
