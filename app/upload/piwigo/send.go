package piwigo

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/photoferry/photoferry/app/upload"
)

// Values of the option method.
const (
	methodAuto   = "auto"
	methodSimple = "simple"
	methodAsync  = "async"
	methodUpload = "upload"
)

// way is how a photo is sent.
type way uint8

const (
	bySimple  way = iota // pwg.images.addSimple
	byAsync              // pwg.images.uploadAsync, in chunks
	byUpload             // pwg.images.upload, in one request
	byUploads            // pwg.images.upload, in chunks
)

// whole reports whether the photo goes in one request.
func (w way) whole() bool { return w == bySimple || w == byUpload }

// wayFor chooses how to send a photo of that size.
func (c *Client) wayFor(s *session, size int64) way {
	one := c.limits.forOne(size)
	switch {
	case c.options.method == methodSimple:
		return bySimple
	case c.options.method == methodAsync:
		return byAsync
	case c.options.method == methodAuto && one && s.has("pwg.images.addSimple"):
		return bySimple
	case c.options.method == methodAuto && !one && s.has("pwg.images.uploadAsync"):
		return byAsync
	case one:
		return byUpload
	default:
		return byUploads
	}
}

// manner tells people how photos are sent.
func (c *Client) manner(s *session) string {
	small, big := c.wayFor(s, smallest), c.wayFor(s, maxSingle+1)
	words := map[way]string{
		bySimple:  "in one request (addSimple)",
		byAsync:   "in chunks that can be resumed (uploadAsync)",
		byUpload:  "in one request (upload)",
		byUploads: "in chunks (upload)",
	}
	text := words[small]
	if big != small {
		text += ", bigger photos " + words[big]
	}
	if c.lanes.most == 1 {
		return text + ", one at a time"
	}
	return text + ", " + number(c.lanes.most).String() + " at a time"
}

// Upload implements [upload.Uploader].
func (c *Client) Upload(ctx context.Context, it upload.Item) (upload.Receipt, error) {
	if err := c.lanes.enter(ctx); err != nil {
		return upload.Receipt{}, err
	}
	var r upload.Receipt
	err := c.inSession(ctx, opUpload, func(s *session) (err error) {
		r, err = c.deliver(ctx, s, it)
		return err
	})
	c.lanes.leave(err)
	if err != nil {
		return upload.Receipt{}, err
	}
	return r, nil
}

// isOverload reports whether the server ran out of time, as it does when more
// is sent at once than it has workers.
func isOverload(err error) bool {
	if e, ok := errors.AsType[*upload.Error](err); ok && e.Status == http.StatusGatewayTimeout {
		return true
	}
	return isTimeout(err)
}

func isTimeout(err error) bool {
	e, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	return ok && e.Timeout()
}

// markSent is the mark of a job whose last bytes went to a server that cannot
// be asked whether it got them.
const markSent = "sent"

func unsure(reason string, cause error) error {
	return &upload.Error{
		Kind: upload.Unsure, Op: opUpload, Err: cause, Reason: reason,
		Hint: "Look for it on the server; then send it again or mark it as sent.",
	}
}

func answerLost(cause error) error {
	return unsure("the photo was sent, but its answer was lost, and this server cannot be asked whether it has it", cause)
}

// admit refuses what the server is known to refuse, before any byte is sent.
func (c *Client) admit(ctx context.Context, s *session, it upload.Item) error {
	st := s.status.Load()
	if !st.mayUpload() || !accepts(string(st.Types), it) {
		var err error
		if st, err = c.refresh(ctx, s); err != nil {
			return err
		}
	}
	switch {
	case st.guest():
		return lost(opUpload)
	case !st.mayUpload():
		return c.noRight(s)
	case st.Types != "" && !accepts(string(st.Types), it):
		return &upload.Error{
			Kind: upload.Rejected, Op: opUpload, Reason: "this Piwigo server does not take files of the kind " + it.Kind.String(),
			Hint: "It takes " + strings.ReplaceAll(upload.Foreign(string(st.Types)), ",", ", ") + ". An administrator can allow more (upload_form_all_types), or convert the file to JPEG.",
		}
	case !s.byMD5 && it.Mark == markSent:
		return answerLost(nil)
	}
	return nil
}

// deliver makes sure that the server has a photo in its album.
func (c *Client) deliver(ctx context.Context, s *session, it upload.Item) (upload.Receipt, error) {
	if err := c.admit(ctx, s, it); err != nil {
		return upload.Receipt{}, err
	}
	// Not every server refuses a second copy, and some overwrite the texts of
	// the first with it.
	if s.byMD5 && !c.absent.take(it.MD5) {
		ids, err := c.exist(ctx, s, []string{md5Of(it)})
		if err != nil {
			return upload.Receipt{}, err
		}
		if ids[0] != 0 {
			return c.known(ctx, s, it, ids[0])
		}
	}
	if err := c.aim(ctx, s, &it); err != nil {
		return upload.Receipt{}, err
	}
	al, err := c.album(ctx, s, it.Album)
	if err != nil {
		return upload.Receipt{}, err
	}
	c.lounge.expect(al.id)
	sent, err := c.send(ctx, s, it, al)
	if err != nil {
		c.albums.doubt(ctx)
		return upload.Receipt{}, err
	}
	return c.receipt(ctx, s, it, al, sent)
}

// aim makes sure that the photo is there whose place an item is to take; the
// server would end the request in the middle. Contributors whose photos a
// moderator has to agree to replace none.
func (c *Client) aim(ctx context.Context, s *session, it *upload.Item) error {
	var id number
	if it.Replaces == "" {
		return nil
	}
	if s.moderated || id.UnmarshalJSON([]byte(it.Replaces)) != nil || id <= 0 {
		it.Replaces = ""
		return nil
	}
	_, err := c.info(ctx, s, opUpload, int64(id))
	if means(err, notThere) {
		it.Replaces = ""
		return nil
	}
	return err
}

// raceWait is how long the server is given to make its folder for the day.
const raceWait = 300 * time.Millisecond

// maxTries bounds how often a photo is begun within one upload: a limit is
// halved at most that often.
const maxTries = 16

// send sends a photo in the way that the server is known to take, and learns
// from refusals of requests that are too big.
func (c *Client) send(ctx context.Context, s *session, it upload.Item, al album) (sent, error) {
	raced, w := false, c.wayFor(s, it.Size)
	for range maxTries {
		st, whole, err := c.sendBy(ctx, s, w, it, al)
		switch {
		case err == nil:
			if w.whole() {
				c.limits.took(it.Size)
			}
			return st, nil
		case means(err, race) && !raced:
			raced = true
			if err := pause(ctx, raceWait); err != nil {
				return st, err
			}
			continue
		case errors.Is(err, errStuck):
			w = byUploads
			if c.limits.forOne(it.Size) {
				w = byUpload
			}
			continue
		case means(err, overLimit), !w.whole() && means(err, badSum):
			size := it.Size
			if !w.whole() {
				size = min(size, c.limits.chunkSize())
			}
			if c.options.method == methodSimple {
				err = tooBigFor(err, `Choose the method "auto" in the account's options, or raise the limit. `+hintLimits)
			} else if c.limits.refused(size, w.whole()) {
				w = c.wayFor(s, it.Size)
				continue
			} else {
				err = tooBigFor(err, hintLimits)
			}
		case w.whole() && !whole && isCut(ctx, err):
			c.limits.cut(it.Size)
		}
		return c.settle(ctx, s, it, w, whole, err)
	}
	return sent{}, &upload.Error{Kind: upload.Rejected, Op: opUpload, Reason: "the server does not even take small requests", Hint: hintLimits}
}

// tooBigFor is the error of a photo that the server takes in no way.
func tooBigFor(err error, hint string) error {
	e, ok := errors.AsType[*upload.Error](err)
	if !ok {
		return err
	}
	out := *e
	switch {
	case means(err, badSum): // no limit is that low
		out.Kind, out.Reason = upload.Full, "the server cannot keep even a small piece of the photo"
		out.Hint = "Its disk may be full, or PHP may not write to upload_tmp_dir."
	case out.Kind != upload.Full:
		out.Kind, out.Hint = upload.Rejected, hint
	}
	return &out
}

// isCut reports whether the line broke while a request was on its way. What is
// wrong with the file itself names no network error.
func isCut(ctx context.Context, err error) bool {
	e, ok := errors.AsType[*upload.Error](err)
	if !ok || ctx.Err() != nil || e.Offline || e.Status != 0 || e.Kind != upload.Transient {
		return false
	}
	_, network := errors.AsType[*net.OpError](err)
	return network || isTimeout(err) || errors.Is(err, io.EOF)
}

func statusOf(err error) int {
	if e, ok := errors.AsType[*upload.Error](err); ok {
		return e.Status
	}
	return 0
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// settle finds out what became of a photo whose upload ended with err. A server
// that ran out of time has mostly stored it. When the line itself is broken
// that question is left to the next attempt.
func (c *Client) settle(ctx context.Context, s *session, it upload.Item, w way, whole bool, err error) (sent, error) {
	f, answered := asFault(err)
	switch {
	case s.byMD5 && ctx.Err() == nil && answered && !f.said && f.is.Kind == upload.Transient:
		ids, qerr := c.exist(ctx, s, []string{md5Of(it)})
		if qerr != nil || ids[0] == 0 {
			return sent{}, err
		}
		if isOverload(err) {
			c.lanes.narrow()
		}
		return sent{id: ids[0], way: w, name: fileName(it), sum: true}, nil
	case s.byMD5 || !whole:
		return sent{}, err
	case ctx.Err() != nil:
		return sent{}, err // the mark remembers
	case answered && f.said, !answered && upload.KindOf(err) != upload.Transient, answered && f.is.Kind != upload.Transient:
		if it.SetMark != nil {
			if merr := it.SetMark(""); merr != nil {
				return sent{}, errors.Join(err, merr)
			}
		}
		return sent{}, err
	}
	return sent{}, answerLost(err)
}

// commit returns what is to be done before a photo's last bytes leave.
func (c *Client) commit(s *session, it upload.Item) func() error {
	if s.byMD5 || it.SetMark == nil {
		return nil
	}
	return func() error { return it.SetMark(markSent) }
}

// sendBy makes one try. Whole reports whether all of the photo was handed to
// the network.
func (c *Client) sendBy(ctx context.Context, s *session, w way, it upload.Item, al album) (st sent, whole bool, err error) {
	switch w {
	case bySimple:
		return c.sendSimple(ctx, s, it, al)
	case byAsync:
		return c.sendAsync(ctx, s, it, al)
	case byUpload:
		return c.sendUpload(ctx, s, it, al)
	default:
		return c.sendUploads(ctx, s, it, al)
	}
}

// fields returns what all methods take.
func (c *Client) fields(al album) []upload.Field {
	fields := []upload.Field{{Name: "category", Value: number(al.id).String()}}
	if c.options.level != "" {
		fields = append(fields, upload.Field{Name: "level", Value: c.options.level})
	}
	return fields
}

// texts returns the photo's texts for the methods that take them.
func (c *Client) texts(it upload.Item) []upload.Field {
	var fields []upload.Field
	for _, f := range []upload.Field{
		{Name: "image_id", Value: it.Replaces},
		{Name: "name", Value: c.title(it, fileName(it))},
		{Name: "comment", Value: storable(it.Meta.Description)},
		{Name: "author", Value: c.author(it)},
	} {
		if f.Value != "" {
			fields = append(fields, f)
		}
	}
	return fields
}

// postForm sends a form.
func (c *Client) postForm(ctx context.Context, s *session, method string, form upload.Form, v any) (whole bool, err error) {
	sending, err := form.Post(ctx, endpoint(s.root, method))
	if err != nil {
		return false, upload.Failed(ctx, opUpload, err)
	}
	defer sending.Stop()
	c.dress(s, sending.Request)
	resp, err := s.hc.Do(sending.Request)
	if err != nil {
		return sending.Complete(), sending.Failed(opUpload, err)
	}
	err = c.read(ctx, opUpload, resp, v)
	return sending.Complete(), err
}

// sendSimple sends by pwg.images.addSimple.
func (c *Client) sendSimple(ctx context.Context, s *session, it upload.Item, al album) (sent, bool, error) {
	name := fileName(it)
	fields := append(c.fields(al), c.texts(it)...)
	if tags := tagsOf(it.Meta); len(tags) > 0 {
		for i, t := range tags {
			tags[i] = strings.ReplaceAll(t, ",", `\,`)
		}
		fields = append(fields, upload.Field{Name: "tags", Value: strings.Join(tags, ",")})
	}
	var a struct {
		ID photoID `json:"image_id"`
	}
	whole, err := c.postForm(ctx, s, "pwg.images.addSimple", upload.Form{
		Fields: append(fields, upload.Field{Name: "method", Value: "pwg.images.addSimple"}),
		File:   upload.FormFile{Name: "image", FileName: name, ContentType: it.Kind.MIME(), Size: it.Size, Open: it.Open},
		Commit: c.commit(s, it),
	}, &a)
	if err != nil {
		return sent{}, whole, err
	}
	if a.ID.number <= 0 {
		return sent{}, whole, unnamed()
	}
	return sent{id: int64(a.ID.number), known: a.ID.quoted, way: bySimple, name: name}, whole, nil
}

// unnamed is the error of a success that names no photo.
func unnamed() error {
	return &fault{is: &upload.Error{Op: opUpload, Status: http.StatusOK, Reason: "the server's answer names no photo"}}
}
