package universal

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/photoferry/photoferry/app/practice/journal"
)

// Received is one stored photo.
type Received struct {
	PID, AID string
	Album    string // the album's name
	Caption  string
	FileName string // as it was sent, without folders
	Type     string // content type, by the bytes
	Size     int64
	SHA256   string // hexadecimal
	MD5      string // hexadecimal; empty with Options.NoMD5
	Owner    string // user ID
	Created  time.Time
	Pending  bool // waits for approval
	Removed  bool // deleted since
}

type photo struct {
	record
	album   *album
	removed bool
}

type album struct {
	record
	dropped  bool
	modified time.Time
	photos   []*photo // those that are there, in order
}

// token is what createToken made and the login page approves.
type token struct {
	record
	uid  string // of the user who allowed it; empty until then
	over bool   // refused, or used up
}

type session struct {
	record
	over   bool // ExpireSessions
	callID float64
}

// The steps of an upload between which a test kills the process.
const (
	stepCreated  = "created"  // the file in incoming exists
	stepWriting  = "writing"  // some bytes are in it
	stepWritten  = "written"  // all bytes are in it
	stepIndexed  = "indexed"  // the line is in the index
	stepMoved    = "moved"    // the photo is in place
	stepDropping = "dropping" // the line of a removal is in the index
)

// store is the state on disk and its picture in memory.
type store struct {
	dir string
	log *slog.Logger
	at  func(step string) // set by tests; nothing otherwise
	now func() time.Time  // set by tests

	commit sync.Mutex // held while the index changes
	index  *journal.Journal[record]

	mu       sync.RWMutex
	tokens   map[string]*token
	sessions map[string]*session
	albums   []*album
	byAID    map[string]*album // all that ever were
	photos   []*photo
	byPID    map[string]*photo // all that ever were
}

func (st *store) incoming(name string) string { return filepath.Join(st.dir, "incoming", name) }

// file is where a photo's bytes are.
func (st *store) file(r record) string {
	return filepath.Join(st.dir, "photos", r.PID+extensions[r.Type])
}

func openStore(dir string, log *slog.Logger, sync bool) (*store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	st := &store{
		dir: dir, log: log, at: func(string) {}, now: time.Now,
		tokens: map[string]*token{}, sessions: map[string]*session{},
		byAID: map[string]*album{}, byPID: map[string]*photo{},
	}
	for _, d := range []string{filepath.Join(dir, "photos"), st.incoming("")} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, err
		}
	}
	st.index, err = journal.Open(filepath.Join(dir, "index.log"), journal.Options{NoSync: !sync}, func(r record) error {
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
	for _, p := range slices.Clone(st.photos) {
		if err := st.reconcile(p); err != nil {
			return err
		}
	}
	return nil
}

// apply does to the picture in memory what a record says. Records that speak of
// nothing known change nothing.
func (st *store) apply(r record) {
	switch r.Op {
	case opToken:
		st.tokens[r.Token] = &token{record: r}
	case opApprove, opDeny:
		if t := st.tokens[r.Token]; t != nil {
			t.uid, t.over = r.UID, t.over || r.Op == opDeny
		}
	case opSession:
		st.sessions[r.Session] = &session{record: r}
		if t := st.tokens[r.Token]; t != nil {
			t.over = true
		}
	case opExpire:
		for _, s := range st.sessions {
			s.over = true
		}
	case opCall:
		if s := st.sessions[r.Session]; s != nil {
			s.callID = r.CallID
		}
	case opAlbum:
		a := &album{record: r, modified: r.At}
		st.albums = append(st.albums, a)
		st.byAID[r.AID] = a
	default:
		st.applyToPhotos(r)
	}
}

func (st *store) applyToPhotos(r record) {
	switch r.Op {
	case opAdd:
		p := &photo{record: r, album: st.byAID[r.AID]}
		st.photos = append(st.photos, p)
		st.byPID[r.PID] = p
		if p.album != nil {
			p.album.photos = append(p.album.photos, p)
			p.album.modified = r.At
		}
	case opUndo:
		if p := st.byPID[r.PID]; p != nil {
			st.takeOut(p)
			st.photos = slices.DeleteFunc(st.photos, func(q *photo) bool { return q == p })
			delete(st.byPID, r.PID)
		}
	case opPublish:
		for _, pid := range r.PIDs {
			if p := st.byPID[pid]; p != nil {
				p.Pending = false
			}
		}
	case opRemove:
		if p := st.byPID[r.PID]; p != nil {
			st.takeOut(p)
		}
	case opDrop:
		if a := st.byAID[r.AID]; a != nil {
			a.dropped = true
			for _, p := range slices.Clone(a.photos) {
				st.takeOut(p)
			}
		}
	}
}

// takeOut marks a photo as removed and takes it out of its album.
func (st *store) takeOut(p *photo) {
	p.removed = true
	if p.album != nil {
		p.album.photos = slices.DeleteFunc(p.album.photos, func(q *photo) bool { return q == p })
	}
}

// finishMoves moves indexed photos out of incoming and removes everything else there.
func (st *store) finishMoves() error {
	left, err := os.ReadDir(st.incoming(""))
	if err != nil || len(left) == 0 {
		return err
	}
	owner := map[string]*photo{}
	for _, p := range st.photos {
		owner[p.Temp] = p
	}
	for _, f := range left {
		from := st.incoming(f.Name())
		if p := owner[f.Name()]; p != nil {
			err = os.Rename(from, st.file(p.record))
		} else {
			err = os.Remove(from)
		}
		if err != nil {
			return fmt.Errorf("finishing an upload: %w", err)
		}
	}
	return nil
}

// reconcile makes a record agree with its file: a removal is finished, and a photo
// whose file is gone or not whole counts as removed.
func (st *store) reconcile(p *photo) error {
	info, err := os.Lstat(st.file(p.record))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	there := err == nil
	whole := there && info.Mode().IsRegular() && info.Size() == p.Size
	switch {
	case p.removed && there:
		return os.Remove(st.file(p.record))
	case p.removed || whole:
		return nil
	}
	st.log.Warn("Photo is gone from the disk", "pid", p.PID, "path", st.file(p.record))
	return st.do(record{Op: opRemove, PID: p.PID})
}

// do writes a record and applies it. The caller holds commit.
func (st *store) do(r record) error {
	if r.At.IsZero() {
		r.At = st.now()
	}
	write := st.index.Append
	if r.Op == opCall { // worth no wait for the disk: there is one with every call
		write = st.index.AppendUnsynced
	}
	if err := write(r); err != nil {
		return err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	st.apply(r)
	return nil
}

// newID makes an ID of 15 digits, as the samples have them [U-upload].
func (st *store) newID() string {
	for {
		n, err := rand.Int(rand.Reader, big.NewInt(9e14))
		if err != nil {
			panic(err) // never happens
		}
		id := n.Add(n, big.NewInt(1e14)).String()
		if st.byAID[id] == nil && st.byPID[id] == nil {
			return id
		}
	}
}

func randomHex(digits int) string {
	b := make([]byte, digits/2)
	rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// destination returns the album that an upload goes to: the one that it names, or the
// application's default album of this user, made on demand [U-upload]. The caller
// holds commit.
func (st *store) destination(r record, o Options) (*album, error) {
	if r.AID != "" {
		a := st.byAID[r.AID]
		if a == nil || a.dropped || a.UID != r.UID || a.Community != r.Community {
			return nil, refuse(badAlbum, "no such album of this user")
		}
		return a, nil
	}
	own := func(a *album) bool {
		return a.Default && !a.dropped && a.UID == r.UID && a.Community == r.Community
	}
	if a, ok := find(st.albums, own); ok {
		return a, nil
	}
	return st.addAlbum(record{UID: r.UID, Community: r.Community, Title: o.AppName + " Photos", Default: true})
}

// addAlbum makes an album. The caller holds commit.
func (st *store) addAlbum(r record) (*album, error) {
	r.Op, r.AID = opAlbum, st.newID()
	if err := st.do(r); err != nil {
		return nil, err
	}
	return st.byAID[r.AID], nil
}

// add makes a written upload a photo in the album that it names or in the default one.
func (st *store) add(r record, o Options) (photo, error) {
	st.commit.Lock()
	defer st.commit.Unlock()
	a, err := st.destination(r, o)
	if err != nil {
		return photo{}, err
	}
	limit := o.AlbumLimit
	if a.Default {
		limit = o.DefaultAlbumLimit
	}
	if len(a.photos) >= limit {
		return photo{}, refuse(albumFull, "album has its %d photos", limit)
	}
	if r.Pending = !o.PhotoUpload; r.Pending && o.MaxPending > 0 && st.pending(r.UID) >= o.MaxPending {
		return photo{}, refuse(tooPending, "user has %d pending photos", o.MaxPending)
	}
	r.Op, r.At = opAdd, st.now()
	r.PID, r.AID, r.Nonce = st.newID(), a.AID, randomHex(16)
	if err := st.index.Append(r); err != nil {
		return photo{}, err
	}
	st.at(stepIndexed)
	if err := os.Rename(st.incoming(r.Temp), st.file(r)); err != nil {
		undo := record{Op: opUndo, PID: r.PID, At: r.At}
		return photo{}, errors.Join(fmt.Errorf("placing the photo: %w", err), st.index.Append(undo))
	}
	st.at(stepMoved)
	st.mu.Lock()
	defer st.mu.Unlock()
	st.apply(r)
	return *st.byPID[r.PID], nil
}

func (st *store) pending(uid string) int {
	n := 0
	for _, p := range st.photos {
		if p.UID == uid && p.Pending && !p.removed {
			n++
		}
	}
	return n
}

// remove deletes a photo.
func (st *store) remove(pid string) error {
	st.commit.Lock()
	defer st.commit.Unlock()
	p := st.byPID[pid]
	if p == nil || p.removed {
		return fmt.Errorf("photo %q: %w", pid, fs.ErrNotExist)
	}
	if err := st.do(record{Op: opRemove, PID: pid}); err != nil {
		return err
	}
	st.at(stepDropping)
	return st.unlink(p.record)
}

// drop deletes an album and its photos.
func (st *store) drop(aid string) error {
	st.commit.Lock()
	defer st.commit.Unlock()
	a := st.byAID[aid]
	if a == nil || a.dropped {
		return fmt.Errorf("album %q: %w", aid, fs.ErrNotExist)
	}
	photos := slices.Clone(a.photos)
	if err := st.do(record{Op: opDrop, AID: aid}); err != nil {
		return err
	}
	var errs []error
	for _, p := range photos {
		errs = append(errs, st.unlink(p.record))
	}
	return errors.Join(errs...)
}

func (st *store) unlink(r record) error {
	if err := os.Remove(st.file(r)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing the photo: %w", err)
	}
	return nil
}

// publish ends the waiting of all pending photos that match.
func (st *store) publish(match func(*photo) bool) error {
	st.commit.Lock()
	defer st.commit.Unlock()
	var pids []string
	for _, p := range st.photos {
		if p.Pending && !p.removed && match(p) {
			pids = append(pids, p.PID)
		}
	}
	if len(pids) == 0 {
		return nil
	}
	return st.do(record{Op: opPublish, PIDs: pids})
}

func (st *store) received() []Received {
	st.mu.RLock()
	defer st.mu.RUnlock()
	out := make([]Received, 0, len(st.photos))
	for _, p := range st.photos {
		r := Received{
			PID: p.PID, AID: p.AID, Caption: p.Caption, FileName: p.Name, Type: p.Type, Size: p.Size,
			SHA256: p.SHA256, MD5: p.MD5, Owner: p.UID, Created: p.At, Pending: p.Pending, Removed: p.removed,
		}
		if p.album != nil {
			r.Album = p.album.Title
		}
		out = append(out, r)
	}
	return out
}
