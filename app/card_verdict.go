package app

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/photoferry/photoferry/app/cards"
	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/queue"
)

// cardVerdict is a verdict with the files that may be deleted.
type cardVerdict struct {
	control.CardVerdict
	clear []cardDigest
}

// cardMissing is how many photos that are not safe are named.
const cardMissing = 10

// eventCleared says that a delivered photo was deleted from its card.
const eventCleared = "cleared"

// CardVerdict implements [control.CardEngine]. The accounts are those of the
// last import of the card, or all of them.
func (a *App) CardVerdict(ctx context.Context, id string) (control.CardVerdict, error) {
	c, done, err := a.claim(id, "being looked at")
	if err != nil {
		return control.CardVerdict{}, err
	}
	defer done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.ctx, cancel)()
	v, err := a.judgeCard(ctx, c)
	if c.ctx.Err() != nil {
		err = cards.ErrGone
	}
	if err != nil {
		return control.CardVerdict{}, cardProblem(err)
	}
	a.changeCard(c, func() { c.verdict = v })
	return v.CardVerdict, nil
}

func (a *App) judgeCard(ctx context.Context, c *cardIn) (*cardVerdict, error) {
	v := &cardVerdict{CardVerdict: control.CardVerdict{Card: c.id, At: time.Now(), Missing: []string{}}}
	ids := a.wantedOf(c)
	for _, id := range ids {
		v.Accounts = append(v.Accounts, control.CardAccountCount{Account: a.accountName(id)})
	}
	every := func(string) bool { return true }
	var photos []cards.File
	if err := a.eachFile(a.cards.reader.Files(ctx, c.Card, every), func(f cards.File) {
		if !carried(f.Path) {
			v.Others++
			return
		}
		photos = append(photos, f)
	}); err != nil {
		return nil, err
	}
	if err := a.eachFile(a.cards.reader.Outside(ctx, c.Card, every), func(f cards.File) {
		if !carried(f.Path) {
			v.Others++
			return
		}
		v.Outside++
		v.miss(c, f)
	}); err != nil {
		return nil, err
	}
	for _, f := range photos {
		v.Photos++
		v.Bytes += f.Size
		d, err := a.digestOf(ctx, c, f)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			a.log.Debug("Photo on a card not read", "card", c.id, "path", f.Path, "err", err)
			v.Unreadable++
			v.miss(c, f)
			continue
		}
		safe, whole, err := a.judgeFile(c, d, ids, v.Accounts)
		if !whole {
			v.Copies++
		}
		switch {
		case err != nil:
			return nil, err
		case !safe:
			v.miss(c, f)
			continue
		}
		v.clear = append(v.clear, d)
		v.Clear++
		v.ClearBytes += f.Size
	}
	v.Safe = v.Photos > 0 && v.Clear == v.Photos && v.Outside == 0
	v.Reason = v.inWords()
	return v, nil
}

// wantedOf returns the accounts that a card's photos are for.
func (a *App) wantedOf(c *cardIn) []string {
	a.cards.mu.Lock()
	m := c.memory
	a.cards.mu.Unlock()
	if m.Import != nil {
		if ids := a.stillThere(m.Import.Accounts); len(ids) > 0 {
			return ids
		}
	}
	return a.stillThere(nil)
}

func (v *cardVerdict) miss(c *cardIn, f cards.File) {
	if len(v.Missing) < cardMissing {
		v.Missing = append(v.Missing, filepath.Join(c.Root, filepath.FromSlash(f.Path)))
	}
}

// digestOf reads a file of a card, unless it was read since the card was put
// in and looks the same. A file of no kind that is known is an error: nobody
// carries it.
func (a *App) digestOf(ctx context.Context, c *cardIn, f cards.File) (cardDigest, error) {
	a.cards.mu.Lock()
	d, ok := c.digests[f.Path]
	a.cards.mu.Unlock()
	if ok && d.file.Size == f.Size && d.file.ModTime.Equal(f.ModTime) && d.file.Inode == f.Inode {
		return d, nil
	}
	full := filepath.Join(c.Root, filepath.FromSlash(f.Path))
	file, err := openRegular(full)
	if err != nil {
		return d, err
	}
	defer file.Close()
	got, err := photo.Digest(ctx, file, filepath.Base(full))
	if err != nil {
		return d, err
	}
	fi, err := file.Stat()
	switch {
	case err != nil:
		return d, err
	case got.Kind == photo.Unknown:
		return d, errors.New(noteNoPhoto)
	case got.Size != f.Size || fi.Size() != f.Size || !fi.ModTime().Equal(f.ModTime):
		return d, errChanged
	}
	d = cardDigest{f, got.SHA256, got.MD5}
	a.cards.mu.Lock()
	c.digests[f.Path] = d
	a.cards.mu.Unlock()
	return d, nil
}

// judgeFile reports whether a photo has a verified receipt at every account,
// and no job that is still to be done. Where all have a copy in its place, which
// was made smaller or told less, the file itself is the only one of its kind:
// whole is false, and it is not safe. It counts what it finds, into counts if
// that is not nil.
func (a *App) judgeFile(c *cardIn, d cardDigest, ids []string, counts []control.CardAccountCount) (safe, whole bool, err error) {
	jobs, err := a.queue.JobsByPath(filepath.Join(c.Root, filepath.FromSlash(d.file.Path)))
	if err != nil {
		return false, false, err
	}
	safe = len(ids) > 0
	for _, j := range jobs {
		// Also for an account that this card is not for.
		safe = safe && j.State == queue.Skipped
	}
	for i, id := range ids {
		r, ok, err := a.queue.Record(id, d.sha256)
		if err != nil {
			return false, false, err
		}
		delivered := ok && !r.Gone
		verified := delivered && r.Verified != "" && r.Verified != markedByYou
		safe = safe && verified
		whole = whole || verified && r.MD5 == d.md5 && r.Size == d.file.Size
		if counts == nil {
			continue
		}
		n := &counts[i]
		switch {
		case delivered:
			n.Delivered++
			if verified {
				n.Verified++
			}
		default:
			*stateOf(n, jobs, id)++
		}
	}
	return safe && whole, whole || !safe, nil
}

// stateOf returns the number that counts a photo that an account does not have.
func stateOf(n *control.CardAccountCount, jobs []queue.Job, id string) *int {
	for _, j := range jobs {
		if j.Account != id {
			continue
		}
		switch j.State {
		case queue.Failed:
			return &n.Failed
		case queue.Skipped:
			return &n.Skipped
		}
		return &n.Waiting
	}
	return &n.Missing
}

// inWords is the verdict in a sentence or two.
func (v *cardVerdict) inWords() string {
	if v.Photos == 0 && v.Outside == 0 {
		return "There is no photo on the card."
	}
	var no []string
	if len(v.Accounts) == 0 {
		no = append(no, "there is no account")
	}
	for _, n := range v.Accounts {
		for _, p := range []struct {
			n    int
			what string
		}{
			{n.Waiting, "not on %s yet"},
			{n.Failed, "failed for %s"},
			{n.Skipped, "not taken by %s"},
			{n.Missing, "not on %s"},
			{n.Delivered - n.Verified, "not confirmed by %s"},
		} {
			if p.n > 0 {
				no = append(no, plural(p.n, "photo")+" "+fmt.Sprintf(p.what, n.Account))
			}
		}
	}
	if v.Copies > 0 {
		no = append(no, plural(v.Copies, "photo")+" sent as copies only, smaller or with less in them")
	}
	if v.Unreadable > 0 {
		no = append(no, plural(v.Unreadable, "file")+" not readable")
	}
	if v.Outside > 0 {
		no = append(no, plural(v.Outside, "photo")+" or films outside the folder DCIM, sent nowhere")
	}
	text := "Do not format the card: " + strings.Join(no, ", ") + "."
	switch {
	case v.Safe:
		names := make([]string, len(v.Accounts))
		for i, n := range v.Accounts {
			names[i] = n.Account
		}
		text = fmt.Sprintf("The card may be formatted: %s confirmed by %s.", plural(v.Photos, "photo"), strings.Join(names, " and "))
	case len(no) == 0: // there is more to be sent than the card is for
		text = "Do not format the card: photos of it are still to be sent."
	}
	if v.Others > 0 {
		text += " Formatting also deletes " + plural(v.Others, "other file") + "."
	}
	return text
}

// ClearCard implements [control.CardEngine]. It is the only place where
// anything that a person has photographed is deleted.
func (a *App) ClearCard(ctx context.Context, id string) (int, error) {
	c, done, err := a.claim(id, "being cleared")
	if err != nil {
		return 0, err
	}
	defer done()
	a.cards.mu.Lock()
	v := c.verdict
	c.verdict = nil
	a.cards.mu.Unlock()
	if v == nil {
		return 0, problem(1, "Nobody has looked at the card yet, or something has changed since", "Ask for the verdict first: photoferry card verdict.")
	}
	ids := a.wantedOf(c)
	want := make(map[string]cardDigest, len(v.clear))
	files := make([]cards.File, 0, len(v.clear))
	for _, d := range v.clear {
		want[d.file.Path] = d
		files = append(files, d.file)
	}
	results, err := a.cards.reader.Remove(ctx, c.Card, files, func(f cards.File, r io.Reader) error {
		return a.stillDelivered(ctx, c, want[f.Path], ids, r)
	})
	n, kept := a.cleared(c, want, results)
	switch {
	case err != nil && n == 0:
		return 0, cardProblem(err)
	case err != nil:
		kept = err
	}
	a.changeCard(c, func() {
		if c.state == control.CardNew {
			c.state = control.CardDeclined // nobody needs to be asked any more
		}
		for _, r := range results {
			if r.Err == nil {
				delete(c.digests, r.File.Path)
			}
		}
		c.total.Files -= n
	})
	a.cards.begin(func() { a.countCard(c) })
	if kept == nil {
		return n, nil
	}
	p, ok := errors.AsType[*control.Problem](cardProblem(kept))
	if !ok {
		p = problem(1, sentence(kept.Error()), "Look at the card again.")
	}
	return n, problem(1, fmt.Sprintf("%s deleted, %d kept. %s", plural(n, "file"), len(files)-n, p.Message), p.Hint)
}

// errNotDelivered keeps a file on the card.
var errNotDelivered = errors.New("it is not the photo that was delivered any more, or not delivered to every account")

// stillDelivered reads a file once more and asks the ledger once more.
func (a *App) stillDelivered(ctx context.Context, c *cardIn, d cardDigest, ids []string, r io.Reader) error {
	h := sha256.New()
	if _, err := io.Copy(h, contextReader{ctx, r}); err != nil {
		return err
	}
	if !slices.Equal(h.Sum(nil), d.sha256[:]) {
		return errNotDelivered
	}
	safe, _, err := a.judgeFile(c, d, ids, nil)
	if err == nil && !safe {
		err = errNotDelivered
	}
	return err
}

// cleared tells the story of every file that was deleted, and returns how many
// that are and why another one was kept.
func (a *App) cleared(c *cardIn, want map[string]cardDigest, results []cards.Removed) (n int, kept error) {
	var story []queue.Event
	for _, r := range results {
		switch {
		case r.Err == nil:
			n++
			story = append(story, queue.Event{
				Path: filepath.Join(c.Root, filepath.FromSlash(r.File.Path)), SHA256: want[r.File.Path].sha256,
				What: eventCleared, Text: "deleted from the card, after it was read again and every account has confirmed it",
			})
		case errors.Is(r.Err, fs.ErrNotExist):
			kept = errors.New("a file was gone before")
		default:
			kept = r.Err
			a.log.Warn("File kept on the card", "card", c.id, "path", r.File.Path, "err", r.Err)
		}
	}
	if n > 0 {
		a.log.Info("Memory card cleared", "card", c.id, "files", n)
		a.recordError(a.queue.Log(story...))
	}
	return n, kept
}

// contextReader ends with its context.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
