package picapport

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/photoferry/photoferry/app/practice/journal"
)

// Received is one stored photo.
type Received struct {
	PhotoID  string
	Name     string          // file name on the server
	Type     string          // content type
	Size     int64           // bytes as they came in, as SHA256 and MD5 are
	SHA256   string          // hexadecimal
	MD5      string          // hexadecimal; empty with Options.NoMD5
	Metadata json.RawMessage // the metadata part as it came; nil if there was none
	Uploader string          // user ID
	At       time.Time
	Removed  bool // deleted since
}

// Share is a shared gallery [S26].
type Share struct {
	SID         string    `json:"sid"`
	UID         string    `json:"uid"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	Photos      []string  `json:"photos"` // photo IDs
	Created     time.Time `json:"created"`
	Expires     time.Time `json:"expires"` // zero means never
}

type photo struct {
	record
	removed bool
	unseen  int // checks of the ID that still say that it does not exist
}

// The steps of an upload between which a test kills the process.
const (
	stepCreated  = "created"  // the file in incoming exists
	stepWriting  = "writing"  // some bytes are in it
	stepWritten  = "written"  // all bytes are in it
	stepIndexed  = "indexed"  // the line is in the index
	stepKept     = "kept"     // the received bytes are in place
	stepMoved    = "moved"    // the photo is in place
	stepSynced   = "synced"   // the ID is in syncedPhotoIDs.txt
	stepDropping = "dropping" // the line of a removal is in the index
)

// store is the state on disk and its picture in memory.
type store struct {
	dir string
	log *slog.Logger
	at  func(step string) // set by tests; nothing otherwise

	commit sync.Mutex // held while the files that follow change
	index  *journal.Journal[record]
	synced *os.File

	mu       sync.RWMutex
	photos   []*photo
	byID     map[string]*photo // those that are there
	names    map[string]bool   // lower case; a name is never used again
	syncedID map[string]bool
	shares   []Share
}

func (st *store) uploads(name string) string {
	return filepath.Join(st.dir, "photos", "uploads", name)
}
func (st *store) kept(name string) string { return filepath.Join(st.dir, "received", name) }
func (st *store) incoming(name string) string {
	return filepath.Join(st.dir, ".picapport", "incoming", name)
}

func openStore(dir string, log *slog.Logger, sync bool) (*store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	st := &store{
		dir: dir, log: log, at: func(string) {},
		byID: map[string]*photo{}, names: map[string]bool{}, syncedID: map[string]bool{},
	}
	own := filepath.Join(dir, ".picapport")
	for _, d := range []string{st.uploads(""), st.kept(""), st.incoming(""), filepath.Join(own, "db"), filepath.Join(own, "photosync")} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, err
		}
	}
	st.index, err = journal.Open(filepath.Join(own, "db", "index.log"), journal.Options{NoSync: !sync}, func(r record) error {
		st.apply(r)
		return nil
	})
	if err != nil {
		return nil, err
	}
	st.synced, err = os.OpenFile(filepath.Join(own, "photosync", "syncedPhotoIDs.txt"), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err == nil {
		err = st.load()
	}
	if err != nil {
		return nil, errors.Join(err, st.close())
	}
	return st, nil
}

func (st *store) close() error {
	st.commit.Lock()
	defer st.commit.Unlock()
	err := st.index.Close()
	if st.synced != nil {
		err = errors.Join(err, st.synced.Close())
	}
	return err
}

// load ends what a killed process left unfinished, and makes the picture in memory agree
// with the files.
func (st *store) load() error {
	if err := st.finishMoves(); err != nil {
		return err
	}
	// Files that others put there keep their names.
	files, err := os.ReadDir(st.uploads(""))
	if err != nil {
		return err
	}
	for _, f := range files {
		st.names[strings.ToLower(f.Name())] = true
	}
	for _, p := range st.photos {
		if err := st.reconcile(p); err != nil {
			return err
		}
	}
	return st.loadSynced()
}

// apply does to the picture in memory what a record says.
func (st *store) apply(r record) {
	switch r.Op {
	case "add":
		p := &photo{record: r}
		st.photos = append(st.photos, p)
		st.byID[r.ID] = p
		st.names[strings.ToLower(r.Name)] = true
	case "undo":
		if p := st.byID[r.ID]; p != nil {
			st.photos = slices.DeleteFunc(st.photos, func(q *photo) bool { return q == p })
			delete(st.byID, r.ID)
		}
	case "remove":
		if p := st.byID[r.ID]; p != nil {
			p.removed = true
			delete(st.byID, r.ID)
		}
	case "share":
		st.shares = append(st.shares, *r.Share)
	}
}

// finishMoves moves indexed photos out of incoming and removes everything else there.
func (st *store) finishMoves() error {
	left, err := os.ReadDir(st.incoming(""))
	if err != nil {
		return err
	}
	if len(left) == 0 {
		return nil
	}
	owner := map[string]*photo{}
	for _, p := range st.photos {
		owner[p.Temp] = p
	}
	for _, f := range left {
		from, to := st.incoming(f.Name()), ""
		name, received := strings.CutSuffix(f.Name(), receivedSuffix)
		if p := owner[name]; p != nil && received && p.Kept {
			to = st.kept(p.Name)
		} else if p != nil && !received {
			to = st.uploads(p.Name)
		}
		if to == "" {
			err = os.Remove(from)
		} else {
			err = os.Rename(from, to)
		}
		if err != nil {
			return fmt.Errorf("finishing an upload: %w", err)
		}
	}
	return nil
}

// reconcile makes a record agree with its file: a removal is finished, and a photo
// whose file is gone or not whole counts as removed, as it does when PicApport's own
// index looks at the directory.
func (st *store) reconcile(p *photo) error {
	info, err := os.Lstat(st.uploads(p.Name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	whole := err == nil && info.Mode().IsRegular() && info.Size() == p.Stored
	switch {
	case p.removed && whole:
		return os.Remove(st.uploads(p.Name))
	case p.removed || whole:
		return nil
	}
	st.log.Warn("Photo is gone from the disk", "photoId", p.ID, "path", st.uploads(p.Name))
	r := record{Op: "remove", ID: p.ID, At: time.Now()}
	st.apply(r)
	return st.index.Append(r)
}

// loadSynced reads syncedPhotoIDs.txt and adds the IDs that a crash kept out of it.
func (st *store) loadSynced() error {
	lines := bufio.NewScanner(st.synced)
	for lines.Scan() {
		if id := strings.TrimSpace(lines.Text()); id != "" {
			st.syncedID[id] = true
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("reading the synced IDs: %w", err)
	}
	for _, p := range st.photos {
		if !p.removed && p.Given && !st.syncedID[p.ID] {
			if err := st.markSynced(p.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// markSynced remembers that an ID has been transferred. It begins with a newline if
// a crash cut the last line.
func (st *store) markSynced(id string) error {
	if st.syncedID[id] {
		return nil
	}
	line := id + "\n"
	if end, err := st.synced.Seek(0, 2); err == nil && end > 0 {
		var last [1]byte
		if _, err := st.synced.ReadAt(last[:], end-1); err == nil && last[0] != '\n' {
			line = "\n" + line
		}
	}
	if _, err := st.synced.WriteString(line); err != nil {
		return fmt.Errorf("writing the synced IDs: %w", err)
	}
	st.syncedID[id] = true
	return nil
}

// known reports whether an ID exists and whether it has ever been transferred [S8].
func (st *store) known(id string) (exists, synced bool) {
	st.mu.RLock()
	defer st.mu.RUnlock()
	return st.byID[id] != nil, st.syncedID[id]
}

// check is known, except that an ID takes its time to appear after an upload
// (Options.IndexingChecks).
func (st *store) check(id string) (exists, synced bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	p := st.byID[id]
	if p != nil && p.unseen > 0 {
		p.unseen--
		p = nil
	}
	return p != nil, st.syncedID[id]
}

func (st *store) photo(id string) (photo, bool) {
	st.mu.RLock()
	defer st.mu.RUnlock()
	if p := st.byID[id]; p != nil {
		return *p, true
	}
	return photo{}, false
}

// each calls f for the photos that are there, in order.
func (st *store) each(f func(*photo)) {
	st.mu.RLock()
	defer st.mu.RUnlock()
	for _, p := range st.photos {
		if !p.removed {
			f(p)
		}
	}
}

func (st *store) received() []Received {
	st.mu.RLock()
	defer st.mu.RUnlock()
	out := make([]Received, 0, len(st.photos))
	for _, p := range st.photos {
		r := Received{
			PhotoID: p.ID, Name: p.Name, Type: p.Type, Size: p.Size, SHA256: p.SHA256, MD5: p.MD5,
			Uploader: p.Uploader, At: p.At, Removed: p.removed,
		}
		if p.Raw != "" {
			r.Metadata = json.RawMessage(p.Raw)
		}
		out = append(out, r)
	}
	return out
}

// errExists is the refusal of section 6's table.
var errExists = errors.New("photo ID is known")

// refuses is the table of checkPhotoId [S3, S8]: an ID that exists is refused in any
// case, one that was only transferred once is refused if the check is on.
func refuses(exists, synced, syncCheck bool) bool { return exists || synced && syncCheck }

// add makes a written upload a photo. It returns errExists if its ID is refused.
func (st *store) add(r record, o Options, syncCheck bool) (photo, error) {
	st.commit.Lock()
	defer st.commit.Unlock()
	if exists, synced := st.known(r.ID); refuses(exists, synced, syncCheck) {
		return photo{}, errExists
	}
	r.Op, r.At = "add", time.Now()
	r.Name = st.freeName(r.Name)
	if err := st.index.Append(r); err != nil {
		return photo{}, err
	}
	st.at(stepIndexed)
	if err := st.place(r); err != nil {
		undo := record{Op: "undo", ID: r.ID, At: time.Now()}
		return photo{}, errors.Join(err, st.index.Append(undo))
	}
	st.at(stepMoved)

	st.mu.Lock()
	defer st.mu.Unlock()
	st.apply(r)
	p := st.byID[r.ID]
	p.unseen = o.IndexingChecks
	if r.Given || !o.SyncGivenOnly {
		if err := st.markSynced(r.ID); err != nil {
			return photo{}, err
		}
		st.at(stepSynced)
	}
	return *p, nil
}

func (st *store) place(r record) error {
	if r.Kept {
		if err := os.Rename(st.incoming(r.Temp+receivedSuffix), st.kept(r.Name)); err != nil {
			return fmt.Errorf("keeping the received bytes: %w", err)
		}
		st.at(stepKept)
	}
	if err := os.Rename(st.incoming(r.Temp), st.uploads(r.Name)); err != nil {
		return fmt.Errorf("placing the photo: %w", err)
	}
	return nil
}

// remove deletes a photo.
func (st *store) remove(id string) error {
	st.commit.Lock()
	defer st.commit.Unlock()
	p, ok := st.photo(id)
	if !ok {
		return fmt.Errorf("photo %q: %w", id, fs.ErrNotExist)
	}
	r := record{Op: "remove", ID: id, At: time.Now()}
	if err := st.index.Append(r); err != nil {
		return err
	}
	st.at(stepDropping)
	st.mu.Lock()
	st.apply(r)
	st.mu.Unlock()
	if err := os.Remove(st.uploads(p.Name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing the photo: %w", err)
	}
	return nil
}

func (st *store) share(s Share) error {
	st.commit.Lock()
	defer st.commit.Unlock()
	r := record{Op: "share", Share: &s, At: s.Created}
	if err := st.index.Append(r); err != nil {
		return err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	st.apply(r)
	return nil
}
