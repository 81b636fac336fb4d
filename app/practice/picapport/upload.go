package picapport

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"strings"
)

// Outcomes of a photo [S3].
const (
	outcomeOK          = "OK"
	outcomeTooBig      = "Server Error: File too big."
	outcomeContentType = "Server Error: Invalid content type"
)

// maxMetadata bounds one metadata part. [CHOICE]
const maxMetadata = 1 << 20

// metadata is the JSON of a metadata part [S3].
type metadata struct {
	Title       string   `json:"title,omitempty"`
	Description string   `json:"description,omitempty"`
	Rating      *float64 `json:"rating,omitempty"`
	Tags        []string `json:"tags,omitempty"`
	Persons     []string `json:"persons,omitempty"`
	PhotoID     string   `json:"photoID,omitempty"`     // 8.3
	DoSyncCheck *bool    `json:"doSyncCheck,omitempty"` // 9.1.04; absent means true
}

// errMalformed is the answer to a body that is not what its Content-Type and length say.
var errMalformed = refuse(http.StatusBadRequest, "Body is malformed or was cut off")

// outcome is one element of the answer's array, before its members get their names.
type outcome struct {
	name, contentType, id, text string
	size                        int64
}

// arrival is a photo that has been read.
type arrival struct {
	outcome
	record    record
	syncCheck bool
	waits     bool // in incoming, to be stored; or else it is declined, and the outcome says why
}

// upload takes photos in a multipart body, part by part: a metadata part applies to all
// photos after it until the next one [S3]. The photos wait in incoming until the request
// has been read to its end: one that is refused, malformed or cut off stores nothing.
// [CHOICE]
func (c *call) upload() error {
	who, err := c.callerWith(AccessUploads)
	if err != nil {
		return err
	}
	if c.o.DemoMode {
		return refuse(c.o.DemoStatus, "Server is in demo mode") // server.demomode [S3]
	}
	if c.o.RefuseChunked && c.r.ContentLength < 0 {
		return refuse(http.StatusBadRequest, "Content-Length is missing")
	}
	kind, params, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return refuse(http.StatusBadRequest, "Body is not multipart/form-data")
	}
	b := borrowBuffers(c.r.Body)
	defer b.giveBack()
	var photos []arrival
	defer func() {
		for _, p := range photos {
			if p.waits {
				c.store.discard(p.record)
			}
		}
	}()
	if photos, err = c.readPhotos(b, params["boundary"], who.user.UID); err != nil {
		return err
	}
	if len(photos) == 0 {
		return refuse(http.StatusBadRequest, "Body holds no photo") // photos: 1..n [CHOICE]
	}
	results := make([]outcome, len(photos))
	for i := range photos {
		if results[i], err = c.keep(&photos[i]); err != nil {
			return err
		}
	}
	return c.answer(c.uploadResult(who.apisid, results))
}

// readPhotos reads a body to its end. What it returns with an error has been read before.
func (c *call) readPhotos(b *buffers, boundary, uid string) ([]arrival, error) {
	parts := multipart.NewReader(b.body, boundary)
	var (
		meta   metadata
		raw    string
		photos []arrival
	)
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF { //nolint:errorlint // a wrapped one is a body that ends in a boundary
			break
		}
		if err != nil {
			return photos, errMalformed
		}
		switch name := part.FormName(); {
		case name == "metadata":
			if raw, err = c.readMetadata(part, &meta); err != nil {
				return photos, err
			}
		case name == "photos" && part.FileName() != "":
			p, err := c.receive(b, part, uid, meta, raw)
			if err != nil {
				return photos, err
			}
			photos = append(photos, p)
		case name == "photos":
			return photos, refuse(http.StatusBadRequest, "Part photos is not a file")
		default: // other parts are not documented and are passed over [CHOICE]
		}
	}
	if _, err := io.Copy(io.Discard, b.body); err != nil { // what follows the last boundary
		return photos, errMalformed
	}
	return photos, nil
}

// keep stores a photo that waits, and returns what is to be said of it.
func (c *call) keep(a *arrival) (outcome, error) {
	if !a.waits {
		return a.outcome, nil
	}
	p, err := c.store.add(a.record, c.o, a.syncCheck)
	if errors.Is(err, errExists) { // since it was read
		a.size, a.text = a.record.Size, c.o.ExistsText
		return a.outcome, nil
	}
	if err != nil {
		return outcome{}, err
	}
	a.waits = false
	// fileName is the one used on the server, photoID the one created [S3]; the size is
	// that of the upload [CHOICE].
	a.name, a.id, a.size, a.text = p.Name, p.ID, p.Size, outcomeOK
	if c.o.FullPaths {
		a.name = c.store.uploads(p.Name)
	}
	if c.o.ReportAs != "" {
		a.text = c.o.ReportAs
	}
	return a.outcome, nil
}

// uploadResult is upload's answer [S3]: apisid and an array with one element per
// photo. The names of the array, the size and the outcome are not known [CHOICE].
func (c *call) uploadResult(apisid string, results []outcome) map[string]any {
	if c.o.ShortResult {
		results = results[:len(results)-1]
	}
	photos := make([]map[string]any, len(results))
	for i, r := range results {
		photos[i] = map[string]any{
			"fileName":        r.name,
			"contentType":     r.contentType,
			"photoID":         r.id,
			c.o.Fields.Size:   r.size,
			c.o.Fields.Result: r.text,
		}
	}
	return map[string]any{"apisid": apisid, c.o.Fields.Photos: photos}
}

// readMetadata replaces meta by the object in a metadata part (or adds to it, with
// MergeMetadata) and returns the part's text. That malformed metadata gives 400 is a
// [CHOICE].
func (c *call) readMetadata(part io.Reader, meta *metadata) (string, error) {
	raw, err := io.ReadAll(io.LimitReader(part, maxMetadata+1))
	if err != nil {
		return "", errMalformed
	}
	if len(raw) > maxMetadata {
		return "", refuse(http.StatusBadRequest, "Part metadata is too long")
	}
	if c.o.MetadataLatin1 {
		runes := make([]rune, len(raw))
		for i, b := range raw {
			runes[i] = rune(b)
		}
		raw = []byte(string(runes))
	}
	next := metadata{}
	if c.o.MergeMetadata {
		next = *meta
	}
	if next, err = parseMetadata(raw, next, c.o); err != nil {
		return "", refuse(http.StatusBadRequest, "Part metadata: %v", err)
	}
	*meta = next
	return string(raw), nil
}

// parseMetadata decodes one JSON object over base. Members that the profile does not
// know yet are ignored, as unknown ones are.
func parseMetadata(raw []byte, base metadata, o Options) (metadata, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil || members == nil {
		return metadata{}, errors.New("not a JSON object")
	}
	known := map[string]any{
		"title": &base.Title, "description": &base.Description, "rating": &base.Rating,
		"tags": &base.Tags, "persons": &base.Persons,
	}
	if o.Profile >= V83 {
		known["photoID"] = &base.PhotoID
	}
	if o.Profile >= V91 {
		known["doSyncCheck"] = &base.DoSyncCheck
	}
	for name, value := range members {
		into, ok := known[name]
		if !ok {
			if o.RefuseUnknownKeys {
				return metadata{}, fmt.Errorf("unknown member %q", name)
			}
			continue
		}
		if err := json.Unmarshal(value, into); err != nil {
			return metadata{}, fmt.Errorf("member %s has the wrong type", name)
		}
	}
	if r := base.Rating; r != nil && (*r < 0 || *r > 5 || *r != float64(int(*r))) {
		return metadata{}, errors.New("rating is not one of 0 to 5") // stars [S15]
	}
	if id := base.PhotoID; id != "" && !o.AnyPhotoID && !isPhotoID(id) {
		return metadata{}, errors.New("photoID is malformed")
	}
	return base, nil
}

// isPhotoID reports whether an ID has the native shape: unpadded standard Base64 of a
// random UUID [INF from the IDs on S7 and S8].
func isPhotoID(id string) bool {
	b, err := base64.RawStdEncoding.Strict().DecodeString(id)
	return err == nil && len(b) == 16 && b[6]>>4 == 4 && b[8]>>6 == 2
}

func newPhotoID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return base64.RawStdEncoding.EncodeToString(b[:])
}

// receive reads one photo to its end, into incoming unless it is declined. An error ends
// the whole request.
func (c *call) receive(b *buffers, part *multipart.Part, uid string, meta metadata, raw string) (arrival, error) {
	sent := baseName(part.FileName())
	a := arrival{outcome: outcome{name: sent, contentType: partType(part), id: meta.PhotoID}}
	in := &intake{src: part, limit: c.o.maxBytes()}
	b.part.Reset(in)

	// A photo that is declined is still read to its end: the answer comes after the
	// request.
	decline := func(text string) (arrival, error) {
		in.ignore()
		if _, err := io.Copy(io.Discard, b.part); err != nil {
			return arrival{}, errMalformed
		}
		a.size, a.text = in.read, text
		return a, nil
	}

	video := c.o.takesVideo(filepath.Ext(sent))
	if !video && !c.looksLikeJPEG(a.contentType, sent, b.part) || video && !strings.HasPrefix(a.contentType, "video/") {
		if c.o.ContentTypeStop {
			return decline(outcomeContentType + ".")
		}
		return decline(outcomeContentType)
	}
	if c.o.RefuseWith != "" {
		return decline(c.o.RefuseWith)
	}
	a.syncCheck = c.o.Profile >= V91 && (meta.DoSyncCheck == nil || *meta.DoSyncCheck)
	r := &a.record
	*r = record{ID: meta.PhotoID, Given: true, Name: sent, Type: a.contentType, Uploader: uid, Meta: &meta, Raw: raw}
	if r.ID == "" {
		r.ID, r.Given = newPhotoID(), false
	} else if exists, synced := c.store.known(r.ID); refuses(exists, synced, a.syncCheck) {
		return decline(c.o.ExistsText)
	}
	if c.o.RenameFiles {
		r.Name = "upload_" + randomID() + filepath.Ext(sent)
	}
	err := c.store.write(r, in, b, c.o, video)
	if errors.Is(err, errTooBig) {
		return decline(outcomeTooBig) // upload.max.filesize.mb, per file [S3]
	}
	a.waits = err == nil
	return a, err
}

// looksLikeJPEG applies the tests that are switched on. "Currently only image/jpeg is
// supported" [S3] does not say which of them a server makes.
func (c *call) looksLikeJPEG(contentType, name string, r *bufio.Reader) bool {
	ext := strings.ToLower(filepath.Ext(name))
	magic, _ := r.Peek(3) // a short or broken part has no JPEG in it
	byHeader := contentType == "image/jpeg"
	byName := ext == ".jpg" || ext == ".jpeg"
	byBytes := bytes.Equal(magic, []byte{0xff, 0xd8, 0xff})
	switch c.o.ContentTest {
	case TestHeader:
		return byHeader
	case TestName:
		return byName
	case TestBytes:
		return byBytes
	}
	return byHeader && byName && byBytes
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
	return name[strings.LastIndexAny(name, `/\`)+1:]
}
