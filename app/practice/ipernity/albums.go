package ipernity

import (
	"maps"
	"slices"
	"time"
)

// into puts a document into an album, at its end. The caller holds st.mu.
func (st *store) into(albumID, doc int64) {
	if a := st.albums[albumID]; a != nil && st.byID[doc] != nil && !slices.Contains(a.docs, doc) {
		a.docs = append(slices.Clip(a.docs), doc)
	}
}

// outOf takes a document out of an album. An album whose last document goes is
// destroyed [D18]; that this is so too when the document itself is deleted is [INF].
// The caller holds st.mu.
func (st *store) outOf(albumID, doc int64) {
	a := st.albums[albumID]
	if a == nil || !slices.Contains(a.docs, doc) {
		return
	}
	a.docs = slices.DeleteFunc(slices.Clone(a.docs), func(id int64) bool { return id == doc })
	if a.Cover == doc {
		a.Cover = 0
	}
	if len(a.docs) == 0 {
		delete(st.albums, albumID)
	}
}

func (st *store) outOfAll(doc int64) {
	for id := range st.albums {
		st.outOf(id, doc)
	}
}

// applyAlbum is apply for records about albums.
func (st *store) applyAlbum(r record) {
	switch r.Op {
	case opAlbum:
		st.albums[r.Album.ID] = &album{albumRecord: *r.Album}
		st.lastID.album = max(st.lastID.album, r.Album.ID)
		for _, doc := range r.Docs {
			st.into(r.Album.ID, doc)
		}
	case opAlbumAdd:
		for _, doc := range r.Docs {
			st.into(r.ID, doc)
		}
	case opAlbumDrop:
		for _, doc := range r.Docs {
			st.outOf(r.ID, doc)
		}
	case opAlbumEnd:
		delete(st.albums, r.ID)
	}
}

// albumsOf returns the albums that a document is in. The caller holds st.mu.
func (st *store) albumsOf(doc int64) []int64 {
	var out []int64
	for _, id := range slices.Sorted(maps.Keys(st.albums)) {
		if slices.Contains(st.albums[id].docs, doc) {
			out = append(out, id)
		}
	}
	return out
}

func (st *store) countAlbumsOf(doc int64) int {
	st.mu.RLock()
	defer st.mu.RUnlock()
	return len(st.albumsOf(doc))
}

func (st *store) album(id int64) (album, bool) {
	st.mu.RLock()
	defer st.mu.RUnlock()
	if a := st.albums[id]; a != nil {
		return *a, true
	}
	return album{}, false
}

// someAlbums returns the albums that f wants, newest first.
func (st *store) someAlbums(f func(*album) bool) []album {
	st.mu.RLock()
	defer st.mu.RUnlock()
	var out []album
	for _, id := range slices.Backward(slices.Sorted(maps.Keys(st.albums))) {
		if a := st.albums[id]; f(a) {
			out = append(out, *a)
		}
	}
	return out
}

// createAlbum makes an album, with its cover in it if it has one.
func (st *store) createAlbum(a albumRecord, maxAlbums, albumsPerDoc int) (album, error) {
	st.commit.Lock()
	defer st.commit.Unlock()
	var docs []int64
	if a.Cover != 0 {
		if d, ok := st.doc(a.Cover); !ok || d.Owner != a.Owner {
			return album{}, errCover
		}
		if st.countAlbumsOf(a.Cover) >= albumsPerDoc {
			return album{}, errCoverFull
		}
		docs = []int64{a.Cover}
	}
	if len(st.someAlbums(func(x *album) bool { return x.Owner == a.Owner })) >= maxAlbums {
		return album{}, errManyAlbums
	}
	a.ID = st.lastID.album + 1 // written under st.commit only
	if err := st.write(record{Op: opAlbum, ID: a.ID, At: a.Created, Album: &a, Docs: docs}); err != nil {
		return album{}, err
	}
	return album{albumRecord: a, docs: docs}, nil
}

// changeAlbum lets f say what becomes of an album: the documents that go in, those that
// go out, and whether it ends. It returns errAlbum if it is not the user's.
func (st *store) changeAlbum(id, owner int64, now time.Time, f func(album) (in, out []int64, end bool, err error)) (album, error) {
	st.commit.Lock()
	defer st.commit.Unlock()
	a, ok := st.album(id)
	if !ok || a.Owner != owner {
		return album{}, errAlbum
	}
	in, out, end, err := f(a)
	if err != nil {
		return album{}, err
	}
	for _, r := range []struct {
		op   string
		docs []int64
		do   bool
	}{{opAlbumAdd, in, len(in) > 0}, {opAlbumDrop, out, len(out) > 0}, {opAlbumEnd, nil, end}} {
		if !r.do {
			continue
		}
		if err := st.write(record{Op: r.op, ID: id, At: now, Docs: r.docs}); err != nil {
			return album{}, err
		}
	}
	a, _ = st.album(id) // empty if it has ended
	return a, nil
}
