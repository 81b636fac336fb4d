package piwigo

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/photoferry/photoferry/app/upload"
)

// keyLounge is under what [upload.Account.Remember] keeps that photos may wait
// in the lounge: "ALBUM", and for moderated users the photos, "ALBUM 1,2,3".
const keyLounge = "piwigo.lounge"

// maxNamed bounds the photos that are named to moderators at once.
const maxNamed = 500

// lounge is what waits for [Client.Finish].
type lounge struct {
	account upload.Account

	mu     sync.Mutex
	album  int64 // of any photo that waits; 0: none does
	photos []int64
	turn   uint64 // counts what was added
}

func newLounge(a upload.Account) *lounge {
	l := &lounge{account: a}
	id, photos, _ := strings.Cut(a.Recall(keyLounge), " ")
	l.album, _ = strconv.ParseInt(id, 10, 64)
	for p := range strings.SplitSeq(photos, ",") {
		if n, err := strconv.ParseInt(p, 10, 64); err == nil {
			l.photos = append(l.photos, n)
		}
	}
	return l
}

// expect notes, before it is sent, that a photo will wait, so that a crash
// leaves none behind.
func (l *lounge) expect(album int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn++
	if l.album == album {
		return
	}
	first := l.album == 0
	l.album = album
	if first {
		l.store()
	}
}

// named notes a photo for the moderators.
func (l *lounge) named(id int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn++
	if len(l.photos) < maxNamed {
		l.photos = append(l.photos, id)
		l.store()
	}
}

// store remembers what waits. Without memory the server finishes by itself,
// some minutes later.
func (l *lounge) store() {
	value := ""
	if l.album != 0 {
		value = strconv.FormatInt(l.album, 10)
		if len(l.photos) > 0 {
			value += " " + joined(l.photos)
		}
	}
	_ = l.account.Remember(keyLounge, value)
}

func joined(ids []int64) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(words, ",")
}

// waiting returns what waits now.
func (l *lounge) waiting() (album int64, photos []int64, turn uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.album, l.photos[:len(l.photos):len(l.photos)], l.turn
}

// done forgets what was finished, but not what came since.
func (l *lounge) done(photos int, turn uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.photos = l.photos[min(photos, len(l.photos)):]
	if l.turn == turn {
		l.album = 0
	}
	l.store()
}

// Finish implements [upload.Finisher]: it lets the photos out of the lounge,
// and tells the moderators of those that they must agree to.
func (c *Client) Finish(ctx context.Context) error {
	album, photos, turn := c.lounge.waiting()
	if album == 0 {
		return nil
	}
	err := c.inSession(ctx, opFinish, func(s *session) error {
		q := func() url.Values {
			v := url.Values{"category_id": {number(album).String()}, "pwg_token": {s.token()}}
			if len(photos) > 0 {
				v.Set("image_id", joined(photos))
			}
			return v
		}
		if s.has("pwg.images.uploadCompleted") { // since 12, as is the lounge
			err := c.call(ctx, s, opFinish, "pwg.images.uploadCompleted", q(), nil)
			if f, ok := asFault(err); ok && f.means == plain && f.is.Status < 500 && s.has("pwg.images.emptyLounge") {
				// The album may be gone; this way out needs none.
				err = c.call(ctx, s, opFinish, "pwg.images.emptyLounge", nil, nil)
			}
			if err != nil {
				return err
			}
		}
		if s.moderated && len(photos) > 0 && s.has("community.images.uploadCompleted") {
			return c.call(ctx, s, opFinish, "community.images.uploadCompleted", q(), nil)
		}
		return nil
	})
	if err == nil {
		c.lounge.done(len(photos), turn)
	}
	return err
}
