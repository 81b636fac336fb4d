package queue

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"
)

// SessionKind says what photos came from.
type SessionKind string

// The kinds of sessions.
const (
	SessionFolder SessionKind = "folder" // a watched folder
	SessionDrop   SessionKind = "drop"   // a person handed them over
	SessionCard   SessionKind = "card"   // a memory card
)

const (
	// sessionPause ends a folder's session.
	sessionPause = 30 * time.Minute
	// maxRunning is how many of the newest sessions are looked at for one that still runs.
	maxRunning = 1000
	// defaultSessions is the size of a page when none is named.
	defaultSessions = 100
)

// Session is what came together from one place. Its numbers count a photo once for each account, and Found is always the
// sum of the six numbers after it.
//
// A photo belongs to the session that it came with. Who hands it over once more while its job lives changes nothing about
// that; if the file has other bytes by then, it is another photo: the old one counts as Removed and the new one belongs to
// the new session. What was not queued because the ledger has it counts as Known.
type Session struct {
	ID       uint64
	Kind     SessionKind
	Source   string // as OpenSession was told
	Accounts []string
	Album    string
	Begun    time.Time
	Arrived  time.Time // when the last photo came in; Begun until one has
	Changed  time.Time // when the last photo came in or moved on

	Found   int
	Sent    int
	Known   int // also adopted
	Skipped int
	Failed  int
	Removed int // by a person, or because the file was gone or had new bytes
	Left    int // still to be sent
	Bytes   int64
}

// SessionQuery selects a page of sessions.
type SessionQuery struct {
	Account string // "" all
	Text    string // part of the source, whatever the case
	Kind    SessionKind
	After   string // the cursor that the page before returned; "" for the first page
	Limit   int    // 0: 100; less than 0: no limit
}

// OpenSession returns the session that photos are about to come with, for Request.Session. A folder's is the one that
// runs: same folder, accounts and album, and its last photo came less than half an hour ago. Otherwise, and for drops and
// cards always, a new one begins. One into which nothing comes is never shown.
func (q *Queue) OpenSession(kind SessionKind, source string, accounts []string, album string) (id uint64, err error) {
	accounts = slices.Compact(slices.Sorted(slices.Values(accounts)))
	source, album = source[:min(len(source), maxPath)], clip(album)
	err = q.do(func(t *txn) error {
		if kind == SessionFolder {
			s, err := t.running(source, accounts, album)
			if err != nil {
				return err
			}
			if s != nil {
				id = s.ID
				return nil
			}
		}
		if id, err = t.sessions.NextSequence(); err != nil {
			return err
		}
		s := &Session{
			ID: id, Kind: kind, Source: source, Accounts: accounts, Album: album,
			Begun: t.now, Arrived: t.now, Changed: t.now,
		}
		return t.put(t.sessions, u64key(id), encodeSession(s))
	})
	if err != nil {
		return 0, fmt.Errorf("open a session of %s: %w", source, err)
	}
	return id, nil
}

// running finds the session of a folder that still runs, nil if none does.
func (t *txn) running(folder string, accounts []string, album string) (*Session, error) {
	c := t.sessions.Cursor()
	k, v := c.Last()
	for range maxRunning {
		if k == nil {
			break
		}
		s := t.counted[binary.BigEndian.Uint64(k)] // this commit's changes are not in the bucket yet
		if s == nil {
			var err error
			if s, err = parseSession(k, v); err != nil {
				return nil, err
			}
		}
		if s.Kind == SessionFolder && s.Source == folder {
			if t.now.Sub(s.Arrived) < sessionPause && s.Album == album && slices.Equal(s.Accounts, accounts) {
				return s, nil
			}
			break
		}
		k, v = c.Prev()
	}
	return nil, nil
}

// fate is what became of a photo of a session.
type fate uint8

const (
	fateLeft fate = iota
	fateFailed
	fateSkipped
	fateSent
	fateKnown
	fateRemoved
)

func fateIn(s State) fate {
	switch s {
	case Failed:
		return fateFailed
	case Skipped:
		return fateSkipped
	}
	return fateLeft
}

func fateBy(o Outcome) fate {
	if o == Sent {
		return fateSent
	}
	return fateKnown
}

func (s *Session) number(f fate) *int {
	switch f {
	case fateFailed:
		return &s.Failed
	case fateSkipped:
		return &s.Skipped
	case fateSent:
		return &s.Sent
	case fateKnown:
		return &s.Known
	case fateRemoved:
		return &s.Removed
	}
	return &s.Left
}

// sum is what Found has to be.
func (s *Session) sum() int { return s.Sent + s.Known + s.Skipped + s.Failed + s.Removed + s.Left }

// session returns a session to be changed; it is written at the end of the transaction. nil: there is none of this id.
func (t *txn) session(id uint64) (*Session, error) {
	if s := t.counted[id]; s != nil || id == 0 {
		return s, nil
	}
	k := u64key(id)
	v := t.sessions.Get(k)
	if v == nil {
		return nil, nil
	}
	s, err := parseSession(k, v)
	if err == nil {
		t.counted[id] = s
	}
	return s, err
}

// arrive counts a photo into a session.
func (t *txn) arrive(id uint64, size int64, f fate) error {
	s, err := t.session(id)
	if s == nil || err != nil {
		return err
	}
	s.Found++
	s.Bytes += size
	*s.number(f)++
	s.Arrived, s.Changed = t.now, t.now
	return nil
}

// meet moves a photo of a session from one number to another.
func (t *txn) meet(id uint64, from, to fate) error {
	s, err := t.session(id)
	if s == nil || err != nil || from == to {
		return err
	}
	*s.number(from)--
	*s.number(to)++
	s.Changed = t.now
	return nil
}

// recount lets the sessions follow a move; end is what became of a job that leaves, or that new bytes have taken over.
func (t *txn) recount(old, changed *job, end fate) error {
	switch {
	case old == nil:
		return t.arrive(changed.Session, changed.Size, fateIn(changed.State))
	case changed == nil:
		return t.meet(old.Session, fateIn(old.State), end)
	case end == fateLeft && old.Session == changed.Session:
		if s, err := t.session(old.Session); s == nil || err != nil {
			return err
		} else if changed.Size != old.Size {
			s.Bytes += changed.Size - old.Size
		}
		return t.meet(old.Session, fateIn(old.State), fateIn(changed.State))
	case end == fateLeft:
		end = fateRemoved
	}
	if err := t.meet(old.Session, fateIn(old.State), end); err != nil {
		return err
	}
	return t.arrive(changed.Session, changed.Size, fateIn(changed.State))
}

// flush writes the sessions that have changed.
func (t *txn) flush() error {
	for id, s := range t.counted {
		if err := t.put(t.sessions, u64key(id), encodeSession(s)); err != nil {
			return err
		}
	}
	return nil
}

// Session returns a session, or ErrNotFound.
func (q *Queue) Session(id uint64) (Session, error) {
	var s *Session
	err := q.view(func(tx *bolt.Tx) (err error) {
		k := u64key(id)
		v := tx.Bucket(bucketSessions).Get(k)
		if v == nil {
			return fmt.Errorf("session %d: %w", id, ErrNotFound)
		}
		s, err = parseSession(k, v)
		return err
	})
	if err != nil {
		return Session{}, err
	}
	return *s, nil
}

// Sessions returns a page of the sessions into which something came, newest first, and the cursor for the next page, ""
// after the last one.
func (q *Queue) Sessions(query SessionQuery) (list []Session, next string, err error) {
	limit := query.Limit
	if limit == 0 {
		limit = defaultSessions
	}
	after, err := parseCursor(query.After)
	if err == nil && len(after) != 0 && len(after) != 8 {
		err = errCursor
	}
	text := newFolded(query.Text)
	for more := true; more && err == nil; {
		err = q.view(func(tx *bolt.Tx) error {
			c := tx.Bucket(bucketSessions).Cursor()
			k, v := before(c, after)
			for range maxLook {
				if k == nil {
					more = false
					return nil
				}
				s, err := parseSession(k, v)
				if err != nil {
					return err
				}
				if s.Found > 0 && query.wants(s, text) {
					if limit > 0 && len(list) == limit {
						next, more = hex.EncodeToString(u64key(list[limit-1].ID)), false
						return nil
					}
					list = append(list, *s)
				}
				after = bytes.Clone(k)
				k, v = c.Prev()
			}
			return nil
		})
	}
	if err != nil {
		return nil, "", fmt.Errorf("list sessions: %w", err)
	}
	return list, next, nil
}

// before places a cursor before a key, at the end for none.
func before(c *bolt.Cursor, key []byte) (k, v []byte) {
	if len(key) > 0 {
		if k, _ = c.Seek(key); k != nil {
			return c.Prev()
		}
	}
	return c.Last()
}

func (q *SessionQuery) wants(s *Session, text *folded) bool {
	return (q.Kind == "" || s.Kind == q.Kind) && (q.Account == "" || slices.Contains(s.Accounts, q.Account)) && text.in([]byte(s.Source))
}

// encodeSession leaves out the id: it is the key.
func encodeSession(s *Session) []byte {
	e := encoder{b: make([]byte, 0, 128+len(s.Source))}
	e.u8(codecVersion)
	for _, n := range [...]int{s.Found, s.Sent, s.Known, s.Skipped, s.Failed, s.Removed, s.Left} {
		e.int64(int64(n))
	}
	e.int64(s.Bytes)
	e.time(s.Begun)
	e.time(s.Arrived)
	e.time(s.Changed)
	e.str(string(s.Kind))
	e.str(s.Source)
	e.str(s.Album)
	e.uint(len(s.Accounts))
	for _, a := range s.Accounts {
		e.str(a)
	}
	return e.b
}

func decodeSession(body []byte) (*Session, error) {
	s := &Session{}
	d := decoder{b: body}
	d.version(codecVersion)
	for _, n := range [...]*int{&s.Found, &s.Sent, &s.Known, &s.Skipped, &s.Failed, &s.Removed, &s.Left} {
		*n = int(d.int64())
	}
	s.Bytes = d.int64()
	s.Begun = d.time()
	s.Arrived = d.time()
	s.Changed = d.time()
	s.Kind = SessionKind(d.str())
	s.Source = d.str()
	s.Album = d.str()
	for n := d.uint(); n > 0 && d.err == nil; n-- {
		s.Accounts = append(s.Accounts, d.str())
	}
	return s, d.end()
}

// parseSession decodes a row of sessions.
func parseSession(k, v []byte) (*Session, error) {
	body, err := unseal(k, v)
	if err == nil && len(k) != 8 {
		err = errors.New("key")
	}
	if err != nil {
		return nil, damagedRow("session", k, err)
	}
	s, err := decodeSession(body)
	if err != nil {
		return nil, damagedRow("session", k, err)
	}
	s.ID = binary.BigEndian.Uint64(k)
	return s, nil
}
