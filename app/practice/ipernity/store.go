package ipernity

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/photoferry/photoferry/app/practice/journal"
)

// Received is one document that was ever stored.
type Received struct {
	DocID  string
	Ticket string
	UserID string // the owner
	Name   string // file name as it was sent
	Type   string // content type as it was sent
	Size   int64  // bytes
	SHA256 string // hexadecimal, as MD5 is
	MD5    string

	Title       string // the file name without its extension if none was sent
	Description string
	Keywords    []string
	CreatedAt   string // YYYY-MM-DD HH:MM:SS; as sent, or from EXIF, or empty
	License     int

	Public, Family, Friend          bool
	PermComment, PermTag, PermTagMe int

	Located  bool // Lat and Lng, in degrees, are known; as sent, or from EXIF
	Lat, Lng float64

	Albums  []string // IDs of the albums it is in
	At      time.Time
	Removed bool // deleted since
}

type document struct {
	docRecord
	meta
	removed bool
	asked   int       // answers of checkTickets that it was not ready
	askAt   time.Time // when checkTickets may ask again, by the eta it has been told
}

type album struct {
	albumRecord
	docs []int64 // in order
}

// The steps of an upload between which a test kills the process.
const (
	stepCreated  = "created"  // the file in incoming exists
	stepWritten  = "written"  // all bytes are in it
	stepIndexed  = "indexed"  // the line is in the index
	stepMoved    = "moved"    // the document is in place
	stepDropping = "dropping" // the line of a removal is in the index
)

// The first IDs of a new service, far enough apart not to be mistaken for each other.
const (
	firstDoc    = 5_412_001
	firstTicket = 71_221_801
	firstAlbum  = 10_552
)

// store is the state on disk and its picture in memory.
type store struct {
	dir string
	log *slog.Logger
	at  func(step string) // set by tests; nothing otherwise

	commit sync.Mutex // held while the files change
	index  *journal.Journal[record]

	mu       sync.RWMutex
	docs     []*document         // in order; all that ever were
	byID     map[int64]*document // those that are there
	byTicket map[int64]*document // all that ever were
	albums   map[int64]*album
	tokens   map[string]token
	lastID   struct{ doc, ticket, album int64 }
}

func (st *store) file(name string) string     { return filepath.Join(st.dir, "docs", name) }
func (st *store) incoming(name string) string { return filepath.Join(st.dir, "incoming", name) }

func openStore(dir string, log *slog.Logger, sync bool) (*store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	st := &store{
		dir: dir, log: log, at: func(string) {},
		byID: map[int64]*document{}, byTicket: map[int64]*document{},
		albums: map[int64]*album{}, tokens: map[string]token{},
	}
	st.lastID.doc, st.lastID.ticket, st.lastID.album = firstDoc-1, firstTicket-1, firstAlbum-1
	for _, d := range []string{st.file(""), st.incoming("")} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, err
		}
	}
	st.index, err = journal.Open(filepath.Join(dir, "index.log"), journal.Options{NoSync: !sync}, func(r record) error {
		if !r.whole() {
			return errNotWhole
		}
		st.apply(r)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := st.load(); err != nil {
		return nil, errors.Join(err, st.close())
	}
	return st, nil
}

func (st *store) close() error {
	st.commit.Lock()
	defer st.commit.Unlock()
	return st.index.Close()
}

// load ends what a killed process left unfinished, and makes the picture in memory agree
// with the files.
func (st *store) load() error {
	if err := st.finishMoves(); err != nil {
		return err
	}
	for _, d := range st.docs {
		if err := st.reconcile(d); err != nil {
			return err
		}
	}
	return nil
}

// apply does to the picture in memory what a record says.
func (st *store) apply(r record) {
	switch r.Op {
	case opAdd:
		d := &document{docRecord: *r.Doc, meta: *r.Meta}
		st.docs = append(st.docs, d)
		st.byTicket[d.Ticket] = d
		st.lastID.doc, st.lastID.ticket = max(st.lastID.doc, d.ID), max(st.lastID.ticket, d.Ticket)
		if !d.Invalid {
			st.byID[d.ID] = d
			for _, id := range r.Albums {
				st.into(id, d.ID)
			}
		}
	case opUndo:
		if d := st.byID[r.ID]; d != nil {
			st.docs = slices.DeleteFunc(st.docs, func(x *document) bool { return x == d })
			delete(st.byID, d.ID)
			delete(st.byTicket, d.Ticket)
			st.outOfAll(d.ID)
		}
	case opSet:
		if d := st.byID[r.ID]; d != nil {
			d.meta = *r.Meta
		}
	case opRemove:
		if d := st.byID[r.ID]; d != nil {
			d.removed = true
			delete(st.byID, d.ID)
			st.outOfAll(d.ID)
		}
	case opToken:
		st.tokens[r.Token.Token] = *r.Token
	case opRevoke:
		clear(st.tokens)
	default:
		st.applyAlbum(r)
	}
}

// finishMoves moves indexed documents out of incoming and removes what else is there.
func (st *store) finishMoves() error {
	left, err := os.ReadDir(st.incoming(""))
	if err != nil || len(left) == 0 {
		return err
	}
	owner := map[string]*document{}
	for _, d := range st.docs {
		if d.Temp != "" {
			owner[d.Temp] = d
		}
	}
	for _, f := range left {
		from := st.incoming(f.Name())
		if d := owner[f.Name()]; d != nil {
			err = os.Rename(from, st.file(d.File))
		} else {
			err = os.Remove(from)
		}
		if err != nil {
			return fmt.Errorf("finishing an upload: %w", err)
		}
	}
	return nil
}

// reconcile makes a record agree with its file: a removal is finished, and a document
// whose file is gone or not whole counts as removed.
func (st *store) reconcile(d *document) error {
	if d.Invalid {
		return nil
	}
	info, err := os.Lstat(st.file(d.File))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	there := err == nil
	switch whole := there && info.Mode().IsRegular() && info.Size() == d.Size; {
	case d.removed && there:
		return os.Remove(st.file(d.File))
	case d.removed || whole:
		return nil
	}
	st.log.Warn("Document is gone from the disk", "docId", d.ID, "path", st.file(d.File))
	r := record{Op: opRemove, ID: d.ID, At: time.Now()}
	st.apply(r)
	return st.index.Append(r)
}

// write makes a record durable and then applies it. The caller holds st.commit.
func (st *store) write(r record) error {
	if err := st.index.Append(r); err != nil {
		return err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	st.apply(r)
	return nil
}

// limits are what an upload must not exceed.
type limits struct {
	monthly      int64 // bytes; 0 means no limit
	used         int64 // bytes used in other ways
	albumsPerDoc int
}

// add makes an upload a document, in those of the albums that are its owner's. It
// returns errMonthly if that exceeds the limit.
func (st *store) add(d docRecord, m meta, albums []int64, l limits, ticketIsDoc bool) (document, error) {
	st.commit.Lock()
	defer st.commit.Unlock()
	if l.monthly > 0 && l.used+st.used(d.Owner, d.Posted)+d.Size > l.monthly {
		return document{}, errMonthly
	}
	st.mu.RLock()
	d.ID, d.Ticket = st.lastID.doc+1, st.lastID.ticket+1
	if ticketIsDoc {
		d.ID = max(d.ID, d.Ticket)
		d.Ticket = d.ID
	}
	albums = slices.DeleteFunc(slices.Clone(albums), func(id int64) bool {
		a := st.albums[id]
		return a == nil || a.Owner != d.Owner
	})
	st.mu.RUnlock()
	if len(albums) > l.albumsPerDoc {
		albums = albums[:l.albumsPerDoc]
	}
	if !d.Invalid {
		d.File = strconv.FormatInt(d.ID, 10) + "." + d.Ext
	}
	r := record{Op: opAdd, ID: d.ID, At: d.Posted, Doc: &d, Meta: &m, Albums: albums}
	if err := st.index.Append(r); err != nil {
		return document{}, err
	}
	st.at(stepIndexed)
	if !d.Invalid {
		if err := os.Rename(st.incoming(d.Temp), st.file(d.File)); err != nil {
			undo := record{Op: opUndo, ID: d.ID, At: d.Posted}
			return document{}, errors.Join(fmt.Errorf("placing the document: %w", err), st.index.Append(undo))
		}
		st.at(stepMoved)
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	st.apply(r)
	return *st.byTicket[d.Ticket], nil
}

// used is what a user has uploaded in a month, in UTC, by now. Deleting does not give
// it back [CHOICE].
func (st *store) used(user int64, month time.Time) int64 {
	y, m, _ := month.UTC().Date()
	st.mu.RLock()
	defer st.mu.RUnlock()
	n := int64(0)
	for _, d := range slices.Backward(st.docs) {
		dy, dm, _ := d.Posted.UTC().Date()
		if d.Owner == user && !d.Invalid && dy == y && dm == m {
			n += d.Size
		}
	}
	return n
}

// doc returns a document that is there.
func (st *store) doc(id int64) (document, bool) {
	st.mu.RLock()
	defer st.mu.RUnlock()
	if d := st.byID[id]; d != nil {
		return *d, true
	}
	return document{}, false
}

// some returns the documents that are there and that f wants, newest first.
func (st *store) some(f func(*document) bool) []document {
	st.mu.RLock()
	defer st.mu.RUnlock()
	var out []document
	for _, d := range slices.Backward(st.docs) {
		if !d.removed && !d.Invalid && f(d) {
			out = append(out, *d)
		}
	}
	return out
}

// edit changes a document's metadata. It returns errDoc if it is not the user's.
func (st *store) edit(id, owner int64, now time.Time, change func(*meta)) (document, error) {
	st.commit.Lock()
	defer st.commit.Unlock()
	d, ok := st.doc(id)
	if !ok || d.Owner != owner {
		return document{}, errDoc
	}
	m := d.meta
	change(&m)
	m.Modified = now
	if err := st.write(record{Op: opSet, ID: id, At: now, Meta: &m}); err != nil {
		return document{}, err
	}
	d.meta = m
	return d, nil
}

// remove deletes a document. A zero owner stands for anybody.
func (st *store) remove(id, owner int64, now time.Time) error {
	st.commit.Lock()
	defer st.commit.Unlock()
	d, ok := st.doc(id)
	if !ok || owner != 0 && d.Owner != owner {
		return errDoc
	}
	if err := st.write(record{Op: opRemove, ID: id, At: now}); err != nil {
		return err
	}
	st.at(stepDropping)
	if err := os.Remove(st.file(d.File)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing the document: %w", err)
	}
	return nil
}

func (st *store) token(t string) (token, bool) {
	st.mu.RLock()
	defer st.mu.RUnlock()
	out, ok := st.tokens[t]
	return out, ok
}

func (st *store) issue(t token, now time.Time) error {
	st.commit.Lock()
	defer st.commit.Unlock()
	return st.write(record{Op: opToken, At: now, Token: &t})
}

func (st *store) revoke(now time.Time) error {
	st.commit.Lock()
	defer st.commit.Unlock()
	return st.write(record{Op: opRevoke, At: now})
}

func (st *store) received() []Received {
	st.mu.RLock()
	defer st.mu.RUnlock()
	out := make([]Received, 0, len(st.docs))
	for _, d := range st.docs {
		if d.Invalid {
			continue
		}
		r := Received{
			DocID: decimal(d.ID), Ticket: decimal(d.Ticket), UserID: decimal(d.Owner),
			Name: d.Name, Type: d.Type, Size: d.Size, SHA256: d.SHA256, MD5: d.MD5,
			Title: d.Title, Description: d.Description, Keywords: slices.Clone(d.Keywords), CreatedAt: d.Created, License: d.License,
			Public: d.Public, Family: d.Family, Friend: d.Friend,
			PermComment: d.Comment, PermTag: d.Tag, PermTagMe: d.TagMe,
			At: d.Posted, Removed: d.removed,
		}
		if d.Place != nil {
			r.Located, r.Lat, r.Lng = true, d.Place.Lat, d.Place.Lng
		}
		for _, id := range st.albumsOf(d.ID) {
			r.Albums = append(r.Albums, decimal(id))
		}
		out = append(out, r)
	}
	return out
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
