package picapport

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/upload"
)

// PhotoID returns the ID that we give to a photo with these bytes: a UUID of
// version 4 in unpadded Base64, the shape of the server's own, made from the
// first half of the digest. So whoever sends the photo, and however often,
// names it alike, and the server knows it again.
func PhotoID(sha256 [32]byte) string {
	id := [16]byte(sha256[:16])
	id[6] = id[6]&0x0f | 0x40 // version 4
	id[8] = id[8]&0x3f | 0x80 // variant of RFC 9562
	return base64.RawStdEncoding.EncodeToString(id[:])
}

// metadata is the JSON of the part that goes before a photo. Only what is set
// is sent: the server writes it into the file.
type metadata struct {
	Title       string   `json:"title,omitempty"`
	Description string   `json:"description,omitempty"`
	Rating      int      `json:"rating,omitempty"` // stars, 1 to 5
	Tags        []string `json:"tags,omitempty"`
	Persons     []string `json:"persons,omitempty"`
	PhotoID     string   `json:"photoID,omitempty"`     // since 8.3
	DoSyncCheck *bool    `json:"doSyncCheck,omitempty"` // since 9.1.04; absent means true
}

// form lays out the request for one photo.
func (c *Client) form(s *session, it upload.Item) (upload.Form, error) {
	st := s.status.Load()
	m := metadata{
		Title:       it.Meta.Title,
		Description: it.Meta.Description,
		Rating:      min(max(it.Meta.Rating, 0), 5),
		Tags:        it.Meta.Tags,
		Persons:     it.Meta.Persons,
	}
	if st != nil {
		m.PhotoID = PhotoID(it.SHA256)
	}
	if !it.SyncCheck && st.knowsSyncCheck() {
		m.DoSyncCheck = new(bool)
	}
	form := upload.Form{File: upload.FormFile{
		Name:        "photos",
		FileName:    fileName(it.Name, it.Kind),
		ContentType: it.Kind.MIME(),
		Size:        it.Size,
		Open:        it.Open,
	}}
	text, err := asciiJSON(m)
	if err != nil {
		return form, &upload.Error{Kind: upload.Rejected, Op: opUpload, Reason: "the photo's texts cannot be sent", Err: err}
	}
	if text != "{}" {
		form.Fields = []upload.Field{{Name: "metadata", Value: text}}
	}
	return form, nil
}

// fileName satisfies a server that tells a file's type by its name.
func fileName(name string, kind photo.Kind) string {
	if kind == photo.JPEG {
		return upload.FileName(name, ".jpg", ".jpeg")
	}
	return upload.FileName(name, kind.Ext())
}

// asciiJSON encodes v without any character outside ASCII, so that no charset
// that a server may assume for the part can spoil it.
func asciiJSON(v any) (string, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, r := range string(data) {
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String(), nil
}
