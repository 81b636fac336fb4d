package ipernity

import (
	"bufio"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Bounds on what a request may make the server hold in memory. [CHOICE]
const (
	maxText  = 1 << 20 // of one parameter, and of a body without files
	maxParts = 1000
)

// read reads the parameters of a request, of its address and of its body, and the file
// if the method takes one. Where a name is there twice the last one counts, and the
// body's more than the address's, as with PHP [CHOICE].
func (c *call) read(takesFile bool) error {
	c.p = map[string]string{}
	query, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return errBadRequest
	}
	c.put(query)
	if c.r.Method != http.MethodPost || c.r.Body == nil {
		return nil
	}
	kind, params, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	switch {
	case err == nil && kind == "application/x-www-form-urlencoded":
		return c.readForm()
	case err == nil && kind == "multipart/form-data" && params["boundary"] != "":
		err := c.readParts(params["boundary"], takesFile)
		if err != nil && c.file != nil {
			c.store.discard(c.file)
			c.file = nil
		}
		return err
	}
	// Anything else has no parameters in it.
	if _, err := io.Copy(io.Discard, c.r.Body); err != nil {
		return errBadRequest
	}
	return nil
}

func (c *call) put(values url.Values) {
	for name, all := range values {
		c.p[name] = all[len(all)-1]
	}
}

func (c *call) readForm() error {
	body, err := io.ReadAll(io.LimitReader(c.r.Body, maxText+1))
	if err != nil || len(body) > maxText {
		return errBadRequest
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return errBadRequest
	}
	c.put(form)
	return nil
}

// readParts reads a multipart body: parts with a file name are files, all others are
// parameters. The file is the part named file; of several the last one counts. Other
// files are passed over.
func (c *call) readParts(boundary string, takesFile bool) error {
	body := bodyPool.Get().(*bufio.Reader)
	defer bodyPool.Put(body)
	body.Reset(c.r.Body)
	defer body.Reset(nil)
	parts := multipart.NewReader(io.MultiReader(body, strings.NewReader("\r\n"), broken{}), boundary)
	texts := 0
	for n := 0; ; n++ {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			// What follows the last boundary belongs to the request all the same.
			if _, err := io.Copy(io.Discard, body); err != nil {
				return errBadRequest
			}
			return nil
		}
		if err != nil || n == maxParts {
			return errBadRequest
		}
		name, fileName, isFile, err := partName(part)
		if err != nil {
			return err
		}
		if !isFile {
			value, err := io.ReadAll(io.LimitReader(part, maxText+1))
			if texts += len(value); err != nil || texts > maxText {
				return errBadRequest
			}
			c.p[name] = string(value)
			continue
		}
		// A file input in which nothing was chosen sends an empty name.
		if !takesFile || name != "file" || fileName == "" {
			if _, err := io.Copy(io.Discard, part); err != nil {
				return errBadRequest
			}
			continue
		}
		if c.file != nil {
			c.store.discard(c.file)
			c.file = nil
		}
		file, err := c.store.take(part, c.o.largestFile())
		if err != nil {
			return err
		}
		file.name, file.kind = baseName(fileName), partType(part)
		c.file = file
	}
}

// broken is what comes behind a body. The multipart reader gives io.EOF both for the last
// boundary and for a body that breaks off before it; with this, only for the former. The
// line end before it makes up for one that the last boundary may lack.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// partName returns a part's name, its file name, and whether it has one.
func partName(part *multipart.Part) (name, fileName string, isFile bool, err error) {
	kind, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	if err != nil || kind != "form-data" || params["name"] == "" {
		return "", "", false, errBadRequest
	}
	fileName, isFile = params["filename"]
	return params["name"], fileName, isFile, nil
}

func partType(part *multipart.Part) string {
	kind, _, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return kind
}

// baseName is the last element of a name with either kind of slash.
func baseName(name string) string {
	return strings.ToValidUTF8(name[strings.LastIndexAny(name, `/\`)+1:], "\uFFFD")
}

// id reads a parameter that is an ID; 0 stands for a missing or malformed one, which
// nothing has.
func (c *call) id(name string) int64 { return parseID(c.p[name]) }

func parseID(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || decimal(n) != s {
		return 0
	}
	return n
}

// ids reads a list of IDs separated by commas.
func (c *call) ids(name string) []int64 {
	var out []int64
	for _, s := range split(c.p[name]) {
		out = append(out, parseID(s))
	}
	return out
}

// split takes a list apart that is separated by commas.
func split(s string) []string {
	var out []string
	for _, one := range strings.Split(s, ",") {
		if one = strings.TrimSpace(one); one != "" {
			out = append(out, one)
		}
	}
	return out
}

// plain is a text parameter, in UTF-8 in any case.
func (c *call) plain(name string) string { return strings.ToValidUTF8(c.p[name], "\uFFFD") }

func (c *call) has(name string) bool {
	_, ok := c.p[name]
	return ok
}

// extras are the values of extra.
func (c *call) extras() map[string]bool {
	out := map[string]bool{}
	for _, e := range split(c.p["extra"]) {
		out[e] = true
	}
	return out
}

// paging reads page and per_page: whole numbers from 1 on. What is none of them counts
// as not sent, and what is too large as the maximum. [CHOICE]
func (c *call) paging(usual, largest int) (page, size int) {
	page, err := strconv.Atoi(c.p["page"])
	if err != nil || page < 1 {
		page = 1
	}
	size, err = strconv.Atoi(c.p["per_page"])
	if err != nil || size < 1 {
		size = usual
	}
	return page, min(size, largest)
}

// cut returns one page of a list, and the attributes that say which [D4, D11].
func cut[T any](c *call, all []T, usual, largest int) ([]T, object) {
	page, size := c.paging(usual, largest)
	pages := (len(all) + size - 1) / size
	name := "per_page"
	if c.o.PerPage {
		name = "perpage"
	}
	head := object{{"total", len(all)}, {name, size}, {"page", page}, {"pages", pages}}
	from := len(all)
	if page <= pages {
		from = (page - 1) * size
	}
	return all[from:min(from+size, len(all))], head
}
