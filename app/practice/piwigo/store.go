package piwigo

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/photoferry/photoferry/app/practice/journal"
)

// photo is a row of the images table, with its links. It is never changed once it is in
// the store: a change makes another one.
type photo struct {
	ID       int       `json:"id"`
	File     string    `json:"file"`
	Name     string    `json:"name,omitempty"`
	Comment  string    `json:"comment,omitempty"`
	Author   string    `json:"author,omitempty"`
	Created  string    `json:"created,omitempty"` // date_creation, in SQL's form
	Added    time.Time `json:"added"`             // date_available
	Modified time.Time `json:"modified"`
	Width    int       `json:"width,omitempty"`
	Height   int       `json:"height,omitempty"`
	Level    int       `json:"level,omitempty"`
	By       int       `json:"by"`            // user ID
	Path     string    `json:"path"`          // below Dir, with slashes
	Temp     string    `json:"temp"`          // in tmp, until it is moved to Path
	MD5      string    `json:"md5"`           // the column, which may be a mere claim [F7]
	DiskMD5  string    `json:"diskMd5"`       // of the bytes
	SHA256   string    `json:"sha256"`        // of the bytes
	Size     int64     `json:"size"`          // bytes
	Old      []string  `json:"old,omitempty"` // SHA-256 of what was replaced

	Links   []link `json:"links,omitempty"`  // albums that it is in
	Lounge  []int  `json:"lounge,omitempty"` // albums that it waits for
	Tags    []int  `json:"tags,omitempty"`
	State   string `json:"state,omitempty"` // of the Community plug-in
	Removed bool   `json:"removed,omitempty"`
}

type link struct {
	Album int `json:"album"`
	Rank  int `json:"rank"`
}

func (p *photo) in(album int) bool {
	return slices.ContainsFunc(p.Links, func(l link) bool { return l.Album == album })
}

// album is a row of the categories table.
type album struct {
	ID      int    `json:"id"`
	Name    string `json:"name"`
	Comment string `json:"comment,omitempty"`
	Parent  int    `json:"parent,omitempty"`
	Broken  bool   `json:"broken,omitempty"` // made under a parent that is not there [R3]
	Private bool   `json:"private,omitempty"`
	Rank    int    `json:"rank"`
	Removed bool   `json:"removed,omitempty"`
}

// tag is a row of the tags table.
type tag struct {
	ID      int       `json:"id"`
	Name    string    `json:"name"`
	URLName string    `json:"urlName"`
	At      time.Time `json:"at"`
}

// record is one line of the index: one of them, as it has become.
type record struct {
	Photo *photo `json:"photo,omitempty"`
	Album *album `json:"album,omitempty"`
	Tag   *tag   `json:"tag,omitempty"`
}

// The steps between which a test kills the process.
const (
	stepReceived = "received" // the body is in tmp
	stepAdding   = "adding"   // add_uploaded_file begins
	stepMerging  = "merging"  // an empty .merged exists
	stepMerged   = "merged"   // .merged is whole, its chunks are gone
	stepTaken    = "taken"    // the photo is in tmp under its own name
	stepIndexed  = "indexed"  // the line is in the index
	stepMoved    = "moved"    // the photo is in place
	stepDropping = "dropping" // the line of a removal is in the index
)

// store is the state on disk and its picture in memory.
type store struct {
	dir string
	log *slog.Logger
	at  func(step string) // set by tests; nothing otherwise

	commit sync.Mutex // held while index and pictures change
	index  *journal.Journal[record]
	secret []byte

	mu     sync.RWMutex
	photos map[int]*photo // removed ones too
	albums map[int]*album
	tags   map[int]*tag
}

func (st *store) tmp(name string) string    { return filepath.Join(st.dir, "tmp", name) }
func (st *store) buffer(name string) string { return filepath.Join(st.dir, "upload", "buffer", name) }
func (st *store) file(p *photo) string      { return filepath.Join(st.dir, filepath.FromSlash(p.Path)) }

func openStore(o Options) (*store, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	st := &store{
		dir: dir, log: o.Log, at: func(string) {},
		photos: map[int]*photo{}, albums: map[int]*album{}, tags: map[int]*tag{},
	}
	for _, d := range []string{st.tmp(""), st.buffer("")} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, err
		}
	}
	if err := st.loadSecret(); err != nil {
		return nil, err
	}
	st.index, err = journal.Open(filepath.Join(dir, "index.log"), journal.Options{NoSync: o.NoSync}, func(r record) error {
		st.apply(r)
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = st.finish()
	if err == nil && !o.KeepMerged {
		err = st.removeMerged()
	}
	if err != nil {
		return nil, errors.Join(err, st.index.Close())
	}
	return st, nil
}

func (st *store) close() error {
	st.commit.Lock()
	defer st.commit.Unlock()
	return st.index.Close()
}

// loadSecret reads $conf['secret_key'], or makes it.
func (st *store) loadSecret() error {
	path := filepath.Join(st.dir, "secret_key")
	data, err := os.ReadFile(path)
	if err == nil && len(data) == 64 {
		st.secret = data
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var b [32]byte
	rand.Read(b[:]) // never fails
	st.secret = []byte(hex.EncodeToString(b[:]))
	return os.WriteFile(path, st.secret, 0o600)
}

// finish ends what a killed process left unfinished: photos are moved out of tmp, and
// what else is there goes.
func (st *store) finish() error {
	owner := map[string]*photo{}
	for _, p := range st.photos {
		if p.Removed {
			if err := os.Remove(st.file(p)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			continue
		}
		owner[p.Temp] = p
	}
	left, err := os.ReadDir(st.tmp(""))
	if err != nil {
		return err
	}
	for _, f := range left {
		if p := owner[f.Name()]; p != nil {
			err = st.place(p)
		} else {
			err = os.Remove(st.tmp(f.Name()))
		}
		if err != nil {
			return fmt.Errorf("finishing an upload: %w", err)
		}
	}
	return nil
}

func (st *store) removeMerged() error {
	left, err := filepath.Glob(st.buffer("*.merged"))
	for _, f := range left {
		err = errors.Join(err, os.Remove(f))
	}
	return err
}

// place moves a photo from tmp to where it belongs.
func (st *store) place(p *photo) error {
	if err := os.MkdirAll(filepath.Dir(st.file(p)), 0o700); err != nil {
		return err
	}
	return os.Rename(st.tmp(p.Temp), st.file(p))
}

// apply does to the picture in memory what a record says.
func (st *store) apply(r record) {
	switch {
	case r.Photo != nil:
		st.photos[r.Photo.ID] = r.Photo
	case r.Album != nil:
		st.albums[r.Album.ID] = r.Album
	case r.Tag != nil:
		st.tags[r.Tag.ID] = r.Tag
	}
}

// write adds records to the index and then to the picture. The caller holds commit.
func (st *store) write(records ...record) error {
	if len(records) == 0 {
		return nil
	}
	if err := st.index.Append(records...); err != nil {
		return err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	for _, r := range records {
		st.apply(r)
	}
	return nil
}

// change lets f change copies of photos, and of those that f reports as changed makes
// the photos of the store. Photos that are not there are passed over.
func (st *store) change(ids []int, f func(*photo) bool) error {
	st.commit.Lock()
	defer st.commit.Unlock()
	return st.changeLocked(ids, f)
}

func (st *store) changeLocked(ids []int, f func(*photo) bool) error {
	var records []record
	for _, id := range ids {
		old, ok := st.photo(id)
		if !ok {
			continue
		}
		p := *old
		p.Links, p.Lounge, p.Tags = slices.Clone(p.Links), slices.Clone(p.Lounge), slices.Clone(p.Tags)
		if f(&p) {
			p.Modified = time.Now()
			records = append(records, record{Photo: &p})
		}
	}
	return st.write(records...)
}

// photo returns a photo that is there.
func (st *store) photo(id int) (*photo, bool) {
	st.mu.RLock()
	defer st.mu.RUnlock()
	p := st.photos[id]
	return p, p != nil && !p.Removed
}

// all returns every photo there ever was, by ID.
func (st *store) all() []*photo {
	st.mu.RLock()
	defer st.mu.RUnlock()
	return slices.SortedFunc(maps.Values(st.photos), func(a, b *photo) int { return cmp.Compare(a.ID, b.ID) })
}

// present returns the photos that are there, by ID.
func (st *store) present() []*photo {
	return slices.DeleteFunc(st.all(), func(p *photo) bool { return p.Removed })
}

// find returns the first photo that f accepts.
func (st *store) find(f func(*photo) bool) (*photo, bool) {
	all := st.present()
	if i := slices.IndexFunc(all, f); i >= 0 {
		return all[i], true
	}
	return nil, false
}

// take moves a file into tmp under a name of its own, if its digests are known. Another
// one is copied: somebody may still be writing to it, as Piwigo lets them [F3].
func (st *store) take(p *photo, src string, known *file) (err error) {
	p.Temp = tempName()
	if known != nil {
		p.DiskMD5, p.SHA256, p.Size = known.md5, known.sha256, known.size
		err = os.Rename(src, st.tmp(p.Temp))
	} else if p.DiskMD5, p.SHA256, p.Size, err = copyFile(st.tmp(p.Temp), src); err == nil {
		err = ignoreMissing(os.Remove(src))
	}
	st.at(stepTaken)
	return err
}

// copyFile copies a file and returns the digests of the copy.
func copyFile(to, from string) (md5sum, sha string, size int64, err error) {
	in, err := os.Open(from)
	if err != nil {
		return "", "", 0, err
	}
	defer in.Close() // only read
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", "", 0, err
	}
	d := newDigests()
	size, err = io.Copy(io.MultiWriter(out, d), in)
	md5sum, sha = d.sums()
	return md5sum, sha, size, errors.Join(err, out.Close())
}

// add makes a taken file a photo: a new one, if p has no ID, or else one that replaces
// the bytes of that ID.
func (st *store) add(p *photo) error {
	st.commit.Lock()
	defer st.commit.Unlock()
	var before *photo
	if p.ID == 0 {
		for id := range st.photos {
			p.ID = max(p.ID, id)
		}
		p.ID++
	} else if old, ok := st.photo(p.ID); ok {
		before = old
		p.replace(old)
	}
	if err := st.write(record{Photo: p}); err != nil {
		return err
	}
	st.at(stepIndexed)
	if err := st.place(p); err != nil {
		undo := record{Photo: before}
		if before == nil {
			gone := *p
			gone.Removed = true
			undo.Photo = &gone
		}
		return errors.Join(err, st.write(undo))
	}
	st.at(stepMoved)
	return nil
}

// replace makes p what old becomes with new bytes: albums and tags are those that old has
// by now, and those that p adds.
func (p *photo) replace(old *photo) {
	added, waiting := p.Links, p.Lounge
	p.Old = append(slices.Clone(old.Old), old.SHA256)
	p.Links, p.Lounge, p.Tags, p.State = slices.Clone(old.Links), slices.Clone(old.Lounge), old.Tags, old.State
	for _, l := range added {
		if !p.in(l.Album) {
			p.Links = append(p.Links, l)
		}
	}
	for _, a := range waiting {
		if !p.in(a) && !slices.Contains(p.Lounge, a) {
			p.Lounge = append(p.Lounge, a)
		}
	}
}

// remove deletes photos and returns how many there were.
func (st *store) remove(ids ...int) (int, error) {
	st.commit.Lock()
	defer st.commit.Unlock()
	n := 0
	err := st.changeLocked(ids, func(p *photo) bool {
		p.Removed = true
		n++
		return true
	})
	if err != nil {
		return 0, err
	}
	st.at(stepDropping)
	for _, id := range ids {
		if p := st.photos[id]; p != nil {
			if err := os.Remove(st.file(p)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return 0, fmt.Errorf("removing the photo: %w", err)
			}
		}
	}
	return n, nil
}

// newPath makes upload/YYYY/MM/DD/YYYYMMDDhhmmss-mmmmrrrr.ext: four digits of the MD5
// and four random ones [S: add_uploaded_file].
func newPath(now time.Time, md5sum, ext string) string {
	var b [2]byte
	rand.Read(b[:]) // never fails
	return fmt.Sprintf("upload/%s/%s-%.4s%x.%s", now.Format("2006/01/02"), now.Format("20060102150405"), strings.ToLower(md5sum), b, ext)
}
