package queue

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// Recovery tells what Open did about a queue file that was damaged, empty or gone.
type Recovery struct {
	SetAside string // where the damaged file is now; "" if there was none
	From     string // what took its place: "the copy of <date>" or "empty"
	Cause    error  // what was wrong; [ErrDamaged]
}

// NoteRecovered is the key of the note that holds when, in RFC 3339, a queue was last recovered. Until the folders were
// scanned and the servers asked again, what the ledger does not know may have been delivered all the same.
const NoteRecovered = "recovered"

// Recovered returns what this Open had to repair, nil if nothing.
func (q *Queue) Recovered() *Recovery { return q.recovered }

const (
	compactFrom = 16 << 20 // bytes; a smaller file is not worth it
	filePerm    = 0o600
)

// load brings q.db up: surveyed, recovered, migrated, compacted.
func (q *Queue) load() (*survey, error) {
	s, err := q.examine()
	if errors.Is(err, ErrDamaged) {
		s, err = q.recover(err)
	}
	if err != nil {
		return nil, err
	}
	if s.version > schemaVersion {
		return nil, fmt.Errorf("it was written by a newer PhotoFerry (version %d of the queue, this one knows %d); install that one again", s.version, schemaVersion)
	}
	if s.badMetas > 0 {
		q.log.Warn("Queue lost its last commit or was interrupted in it", "path", q.file)
	}
	if s.freePages > int(s.pages)/2 && int64(s.pages)*s.pageSize > compactFrom {
		if err := q.compact(); err != nil {
			// The file is as good as before.
			q.log.Warn("Queue could not be compacted", "path", q.file, "err", err)
		}
	}
	if q.db == nil {
		if q.db, err = q.openDB(q.file); err != nil {
			return nil, err
		}
	}
	if s.version < schemaVersion || s.unfaithful != nil {
		if s, err = q.repair(s); err != nil {
			return nil, err
		}
	}
	if q.recovered != nil {
		err := q.db.Update(func(tx *bolt.Tx) error {
			if err := doubtAll(tx); err != nil {
				return err
			}
			k := noteKey(NoteRecovered)
			return tx.Bucket(bucketMeta).Put(k, seal(k, []byte(time.Now().Format(time.RFC3339))))
		})
		if err != nil {
			return nil, fmt.Errorf("restore the copy: %w", full(err))
		}
	}
	return s, nil
}

// examine surveys the file. One that is gone or empty although there was a queue is damaged, too: bbolt would start a
// new one without a word.
func (q *Queue) examine() (*survey, error) {
	info, err := os.Stat(q.file)
	switch size := q.lastSize(); {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, err
	case err != nil && size > 0:
		return nil, fmt.Errorf("%w: it is gone; it had %d bytes", ErrDamaged, size)
	case err == nil && info.Size() == 0 && size > 0:
		return nil, fmt.Errorf("%w: it is empty; it had %d bytes", ErrDamaged, size)
	}
	s, err := surveyFile(q.file)
	if err == nil && s.tallies == nil {
		s.tallies = map[string]*tally{}
	}
	return s, err
}

// recover sets a damaged file aside and puts the copy in its place, if there is a sound one.
func (q *Queue) recover(cause error) (*survey, error) {
	r := &Recovery{Cause: cause, From: "empty"}
	if _, err := os.Stat(q.file); err == nil {
		aside, err := freeName(q.file + ".damaged-" + time.Now().Format("20060102-150405"))
		if err == nil {
			err = os.Rename(q.file, aside)
		}
		if err != nil {
			return nil, fmt.Errorf("%w; setting it aside: %w", cause, err)
		}
		r.SetAside = aside
	}
	// The side files speak of the file that is gone.
	if err := errors.Join(removeFile(q.file+".size"), removeFile(q.file+".reading")); err != nil {
		return nil, err
	}
	q.recovered = r
	empty := &survey{tallies: map[string]*tally{}}
	info, err := os.Stat(q.file + ".copy")
	if err != nil || info.Size() == 0 {
		return empty, nil
	}
	s, err := surveyFile(q.file + ".copy")
	if err != nil || s.version > schemaVersion {
		q.log.Warn("Copy of the queue is no good either", "path", q.file+".copy", "err", err)
		return empty, nil
	}
	if err := replaceFile(q.file, func(temp string) error { return copyFile(q.file+".copy", temp) }); err != nil {
		return nil, fmt.Errorf("%w; restoring the copy: %w", cause, err)
	}
	r.From = "the copy of " + info.ModTime().Format("2006-01-02 15:04")
	if q.db, err = q.openDB(q.file); err != nil {
		return nil, err
	}
	return s, nil
}

// doubtAll marks every job as leased before: since the copy was made any of them may have been delivered.
func doubtAll(tx *bolt.Tx) error {
	b := tx.Bucket(bucketJobs)
	var keys [][]byte
	err := b.ForEach(func(k, _ []byte) error {
		keys = append(keys, bytes.Clone(k)) // the bucket must not change under the iteration
		return nil
	})
	for _, k := range keys {
		var j *job
		if j, err = parseJob(k, b.Get(k)); err != nil {
			break
		}
		j.Leases = max(j.Leases, 1)
		if err = b.Put(k, seal(k, encodeJob(j))); err != nil {
			break
		}
	}
	return err
}

// openDB opens a file that was surveyed before. Should bbolt stumble all the same, that is an error, not the end of the
// process.
func (q *Queue) openDB(file string) (db *bolt.DB, err error) {
	var f *os.File
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			if f != nil {
				_ = f.Close() // gives the lock back, which the lost handle would keep
			}
			db, err = nil, fmt.Errorf("%w: %v", ErrDamaged, r)
		}
	}()
	db, err = bolt.Open(file, filePerm, &bolt.Options{
		Timeout: defaultLockTimeout,
		MaxSize: int(q.maxSize),
		OpenFile: func(name string, flag int, perm os.FileMode) (*os.File, error) {
			var err error
			f, err = os.OpenFile(name, flag, perm)
			return f, err
		},
		NoStatistics: true,
	})
	if errors.Is(err, berrors.ErrTimeout) {
		err = ErrLocked
	}
	return db, full(err)
}

// repair migrates an older or a new file, and rebuilds an index that does not say what the rows say.
func (q *Queue) repair(s *survey) (*survey, error) {
	if s.unfaithful != nil {
		q.log.Warn("Queue index is rebuilt", "path", q.file, "err", s.unfaithful)
	}
	if s.version > 0 && s.version < schemaVersion {
		if err := q.backup(); err != nil {
			return nil, fmt.Errorf("copy before the change of version: %w", err)
		}
	}
	err := q.db.Update(func(tx *bolt.Tx) error {
		if s.unfaithful != nil {
			return rebuild(tx)
		}
		return migrate(tx, s.version)
	})
	if err != nil {
		return nil, fmt.Errorf("bring the file up to date: %w", full(err))
	}
	if s, err = surveyFile(q.file); err != nil {
		return nil, err
	}
	return s, s.unfaithful
}

// compact rewrites the file without its free pages. The result is surveyed before it takes the place of the original.
func (q *Queue) compact() error {
	if q.db != nil {
		if err := q.db.Close(); err != nil {
			return err
		}
		q.db = nil
	}
	start := time.Now()
	var before, after int64
	err := replaceFile(q.file, func(temp string) error {
		src, err := q.openDB(q.file)
		if err != nil {
			return err
		}
		defer src.Close()
		dst, err := bolt.Open(temp, filePerm, &bolt.Options{NoSync: true, NoStatistics: true, Timeout: defaultLockTimeout})
		if err != nil {
			return err
		}
		if err := errors.Join(bolt.Compact(dst, src, 4<<20), dst.Close()); err != nil && !errors.Is(err, berrors.ErrTxClosed) {
			return err
		}
		old, err := surveyFile(q.file)
		if err != nil {
			return err
		}
		now, err := surveyFile(temp)
		if err != nil {
			return err
		}
		if err := sameTallies(old.tallies, now.tallies); err != nil {
			return err
		}
		before, after = int64(old.pages)*old.pageSize, int64(now.pages)*now.pageSize
		return removeFile(q.file + ".size") // the last known size is no longer a lower bound
	})
	if err != nil {
		return err
	}
	q.log.Info("Queue compacted", "path", q.file, "before", before, "after", after, "took", since(start))
	return nil
}

// lastSize is the size that the file had when it was last noted, 0 if it never was. Files only grow, except when
// they are compacted, so this is a lower bound.
func (q *Queue) lastSize() int64 {
	b, err := os.ReadFile(q.file + ".size")
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	if err != nil {
		return 1 // there was a queue; how large it was we cannot tell
	}
	return n
}

// noteSize writes the size down when it has changed. Not flushed: a stale one is still a lower bound.
func (q *Queue) noteSize() error {
	info, err := os.Stat(q.file)
	if err != nil || info.Size() == q.size {
		return err
	}
	if err := os.WriteFile(q.file+".size", strconv.AppendInt(nil, info.Size(), 10), filePerm); err != nil {
		return err
	}
	q.size = info.Size()
	return nil
}
