package queue

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"time"

	bolt "go.etcd.io/bbolt"
)

// FolderCounts are numbers of the jobs that came from one watched folder. They come from memory.
type FolderCounts struct {
	Left    int // Ready, Leased or Waiting
	Cooling int // of these, cooling down
	Failed  int
}

// FolderCounts returns the counts of the jobs with this Request.Folder. It takes microseconds, whatever the queue holds.
func (q *Queue) FolderCounts(folder string) FolderCounts {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.folders[folder]
}

// LastSent returns when the last photo from a folder was Sent, zero if none was, or before this was noted.
func (q *Queue) LastSent(folder string) (at time.Time, err error) {
	err = q.view(func(tx *bolt.Tx) (err error) {
		k := sentKey(folder)
		at, err = parseSent(k, tx.Bucket(bucketMeta).Get(k))
		return err
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("when %s sent last: %w", folder, err)
	}
	return at, nil
}

func sentKey(folder string) []byte { return []byte("sent/" + folder) }

func parseSent(k, v []byte) (time.Time, error) {
	if v == nil {
		return time.Time{}, nil
	}
	body, err := unseal(k, v)
	if err == nil && len(body) != 8 {
		err = errors.New("not a time")
	}
	if err != nil {
		return time.Time{}, damagedRow("time", k, err)
	}
	return fromNanos(int64(binary.BigEndian.Uint64(body))), nil
}

// sent notes that a photo of the job was delivered by sending it; flush writes it.
func (t *txn) sent(j *job, r *Record) {
	if r.Outcome == Sent && j.Folder != "" && r.At.After(t.lastSent[j.Folder]) {
		t.lastSent[j.Folder] = r.At
	}
}

func (t *txn) flushSent() error {
	for folder, at := range t.lastSent {
		k := sentKey(folder)
		old, err := parseSent(k, t.meta.Get(k))
		if err != nil {
			return err
		}
		if !at.After(old) {
			continue
		}
		if err := t.put(t.meta, k, binary.BigEndian.AppendUint64(nil, uint64(nanos(at)))); err != nil {
			return err
		}
	}
	return nil
}

// folderCounts are kept by Request.Folder. There are none of jobs without one.
type folderCounts map[string]FolderCounts

// add counts a job in a state with sign +1, and out with -1.
func (m folderCounts) add(folder string, s State, cooling bool, sign int) {
	if folder == "" {
		return
	}
	c := m[folder]
	switch {
	case s == Failed:
		c.Failed += sign
	case s != Skipped:
		c.Left += sign
		if cooling {
			c.Cooling += sign
		}
	}
	m.set(folder, c)
}

func (m folderCounts) set(folder string, c FolderCounts) {
	if c == (FolderCounts{}) {
		delete(m, folder)
		return
	}
	m[folder] = c
}

// merge adds the changes of a transaction.
func (m folderCounts) merge(delta folderCounts) {
	for folder, d := range delta {
		c := m[folder]
		m.set(folder, FolderCounts{Left: c.Left + d.Left, Cooling: c.Cooling + d.Cooling, Failed: c.Failed + d.Failed})
	}
}

func sameFolders(file, memory folderCounts) error {
	if !maps.Equal(file, memory) {
		return fmt.Errorf("the counts of folders differ: file %v, memory %v", file, memory)
	}
	return nil
}
