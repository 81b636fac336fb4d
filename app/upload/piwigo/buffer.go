package piwigo

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"path"
	"strconv"
	"strings"

	"github.com/photoferry/photoferry/app/upload"
)

// uploadAnswer is what pwg.images.upload answers to the last request of a
// photo, and nothing before.
type uploadAnswer struct {
	ID     photoID `json:"image_id"`
	Status text    `json:"add_status"`
}

// sendUpload sends by pwg.images.upload in one request. Without chunk numbers
// the server begins its buffer anew. The buffer belongs to the name, so a name
// is used by one photo at a time.
func (c *Client) sendUpload(ctx context.Context, s *session, it upload.Item, al album) (sent, bool, error) {
	name := fileName(it)
	unlock, err := c.names.lock(ctx, name)
	if err != nil {
		return sent{}, false, err
	}
	defer unlock()
	var a uploadAnswer
	whole, err := c.postForm(ctx, s, "pwg.images.upload", upload.Form{
		Fields: c.uploadFields(s, al, name),
		File:   upload.FormFile{Name: "file", FileName: name, ContentType: it.Kind.MIME(), Size: it.Size, Open: it.Open},
		Commit: c.commit(s, it),
	}, &a)
	return uploaded(a, byUpload, name, whole, err)
}

func uploaded(a uploadAnswer, w way, name string, whole bool, err error) (sent, bool, error) {
	if err != nil {
		return sent{}, whole, err
	}
	if a.ID.number <= 0 {
		return sent{}, whole, unnamed()
	}
	return sent{id: int64(a.ID.number), known: a.ID.quoted && a.Status != "update", way: w, name: name}, whole, nil
}

func (c *Client) uploadFields(s *session, al album, name string) []upload.Field {
	fields := append(c.fields(al),
		upload.Field{Name: "method", Value: "pwg.images.upload"},
		upload.Field{Name: "pwg_token", Value: s.token()},
		upload.Field{Name: "name", Value: name},
	)
	if c.options.update {
		fields = append(fields, upload.Field{Name: "update_mode", Value: "true"})
	}
	return fields
}

// sendUploads sends by pwg.images.upload in chunks. The server appends each to
// its buffer, whatever its number and whosever it is. So the buffer gets a name
// that nobody else uses, and nothing is ever repeated in it; the right name is
// set afterwards.
func (c *Client) sendUploads(ctx context.Context, s *session, it upload.Item, al album) (sent, bool, error) {
	name := fileName(it)
	if c.options.update { // the server compares the names
		unlock, err := c.names.lock(ctx, name)
		if err != nil {
			return sent{}, false, err
		}
		defer unlock()
	} else {
		name = onceName(name)
	}
	p := newPieces(it, c.limits.chunkSize())
	defer p.close()
	for i := range p.count {
		data, err := p.read(ctx, i)
		if err != nil {
			return sent{}, false, err
		}
		last := i == p.count-1
		form := p.form(i, data, append(c.uploadFields(s, al, name),
			upload.Field{Name: "chunk", Value: strconv.FormatInt(i, 10)},
			upload.Field{Name: "chunks", Value: strconv.FormatInt(p.count, 10)},
		))
		var a uploadAnswer
		if last {
			form.Commit = c.commit(s, it)
		}
		whole, err := c.postForm(upload.ProgressFrom(ctx, i*p.size), s, "pwg.images.upload", form, &a)
		if err != nil || last {
			return uploaded(a, byUploads, name, whole && last, err)
		}
	}
	return sent{}, false, unnamed() // a photo has at least one piece
}

// onceName makes a file name that is used once.
func onceName(name string) string {
	tag := make([]byte, 6)
	_, _ = rand.Read(tag) // never fails
	ext := path.Ext(name)
	return strings.TrimSuffix(name, ext) + "~" + hex.EncodeToString(tag) + ext
}
