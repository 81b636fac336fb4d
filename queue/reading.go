package queue

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"sync"
	"time"
)

// maxCrashes is how often reading one photo may kill the process.
const maxCrashes = 3

// fileToken marks what stands for a file that no job stands for yet; ids never get that large.
const fileToken = 1 << 63

// readingFile holds the ids of the jobs, or tokens of the files, whose bytes are being parsed, eight bytes each, 0 for a
// free slot. It is never flushed: it has to outlive the process, not the machine.
type readingFile struct {
	mu    sync.Mutex
	f     *os.File
	slots []uint64
	found []uint64 // what the process before left behind
}

func openReading(file string) (*readingFile, error) {
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, filePerm)
	if err != nil {
		return nil, err
	}
	r := &readingFile{f: f}
	b, err := io.ReadAll(io.LimitReader(f, 1<<16))
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	for ; len(b) >= 8; b = b[8:] {
		if id := binary.BigEndian.Uint64(b); id != 0 {
			r.found = append(r.found, id)
		}
	}
	return r, nil
}

// suspect is the job, or the token of the file, that alone was being read when the process before died; 0: none, or it cannot be told.
func (r *readingFile) suspect() uint64 {
	if len(r.found) != 1 {
		return 0
	}
	return r.found[0]
}

// reset forgets what the process before left behind.
func (r *readingFile) reset() error { return r.f.Truncate(0) }

func (r *readingFile) enter(id uint64) (slot int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for slot < len(r.slots) && r.slots[slot] != 0 {
		slot++
	}
	if slot == len(r.slots) {
		r.slots = append(r.slots, 0)
	}
	r.slots[slot] = id
	return slot, r.write(slot, id)
}

func (r *readingFile) leave(slot int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.slots[slot] = 0
	return r.write(slot, 0)
}

func (r *readingFile) write(slot int, id uint64) error {
	_, err := r.f.WriteAt(u64key(id), int64(slot)*8)
	return err
}

// close leaves an empty file: nothing was being read.
func (r *readingFile) close() error { return errors.Join(r.f.Truncate(0), r.f.Close()) }

// Reading says that the bytes of a leased job are being parsed or converted from now until done is called, which may be
// more than once. If the process dies meanwhile and no other job was being read, the next Open counts a crash against
// this one. It costs two small writes without a flush.
func (q *Queue) Reading(id uint64) (done func()) {
	return q.enterReading(id, "job", id)
}

// ReadingFile is Reading for a file that no job stands for yet. ok is false, and nothing was begun, if the process once
// died while it read this very file alone: then it had better not be read for what can be done without.
func (q *Queue) ReadingFile(path string, size int64, modTime time.Time) (done func(), ok bool) {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%d %d %s", size, nanos(modTime), path)
	token := h.Sum64() | fileToken
	if bad, err := q.Note(unreadKey(token)); bad != "" || err != nil {
		return nil, false
	}
	return q.enterReading(token, "path", path), true
}

func (q *Queue) enterReading(id uint64, what string, which any) (done func()) {
	slot, err := q.reading.enter(id)
	if err != nil {
		q.log.Warn("Reading could not be noted", what, which, "err", err)
	}
	return sync.OnceFunc(func() {
		if err := q.reading.leave(slot); err != nil {
			q.log.Warn("End of reading could not be noted", what, which, "err", err)
		}
	})
}

// unreadKey is the key of the note that says that reading a file has killed the process.
func unreadKey(token uint64) string { return fmt.Sprintf("unread/%016x", token) }
