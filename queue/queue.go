package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"
	bolt "go.etcd.io/bbolt"
)

// Options of [Open]. The zero value is good.
type Options struct {
	Log         *slog.Logger  // nil: nothing is logged
	LockTimeout time.Duration // how long to wait for another process that has the queue; 0: 1 s
	MaxSize     int64         // bytes that the file may grow to, so that a mistake cannot fill the disk; 0: 4 GiB; less than 0: no limit

	// OnChange is called after each commit that changed something, from the queue's own goroutine and without locks.
	// It must not block and must not call a verb; reading is fine. May be nil.
	OnChange func()
}

const (
	defaultLockTimeout = time.Second
	defaultMaxSize     = 4 << 30
	lockRetry          = 20 * time.Millisecond
)

// Queue is the one owner of a queue file. All methods may be called from any goroutine.
type Queue struct {
	file      string
	log       *slog.Logger
	onChange  func()
	maxSize   int64
	lock      *flock.Flock
	db        *bolt.DB
	recovered *Recovery
	reading   *readingFile

	pendingMu sync.Mutex
	pending   []*op // waiting for the writer
	closing   bool
	kick      chan struct{} // capacity 1: pending or closing has changed

	mu      sync.Mutex // guards what the committed file says, kept in memory
	tallies map[string]*tally
	folders folderCounts
	holds   map[holdKey]Hold
	changed chan struct{} // closed and replaced when a Lease that waits should look again

	plan   chan struct{} // capacity 1: the promoter should look again
	closed chan struct{}
	done   sync.WaitGroup // writer and promoter
	size   int64          // last known size of the file; only the writer's after Open
	active atomic.Int64   // transactions since the mapping was last given back
}

// Open opens the queue in file and creates it if there is none. Beside it lie file.lock, file.size, file.reading and
// file.copy, see the package comment.
//
// What a dead process had leased is Ready again, or Failed if reading it has killed the process three times. A damaged
// file is set aside and the last copy or an empty queue takes its place; [Queue.Recovered] tells. If more than half of
// a file of more than 16 MB is free, it is compacted.
//
// The error is [ErrLocked] when another process still has the queue after Options.LockTimeout.
func Open(file string, o Options) (*Queue, error) {
	q := &Queue{
		file:     file,
		log:      o.Log,
		onChange: o.OnChange,
		maxSize:  o.MaxSize,
		kick:     make(chan struct{}, 1),
		plan:     make(chan struct{}, 1),
		changed:  make(chan struct{}),
		closed:   make(chan struct{}),
	}
	if q.log == nil {
		q.log = slog.New(slog.DiscardHandler)
	}
	if q.maxSize == 0 {
		q.maxSize = defaultMaxSize
	}
	if q.maxSize < 0 || q.maxSize > math.MaxInt {
		q.maxSize = 0
	}
	if o.LockTimeout <= 0 {
		o.LockTimeout = defaultLockTimeout
	}
	if err := q.open(o.LockTimeout); err != nil {
		_ = q.release() // why it cannot be opened is what matters
		return nil, fmt.Errorf("open queue %s: %w", file, err)
	}
	q.done.Add(2)
	go q.writer()
	go q.promoter()
	return q, nil
}

func (q *Queue) open(lockTimeout time.Duration) error {
	if err := os.MkdirAll(filepath.Dir(q.file), 0o700); err != nil {
		return err
	}
	// The lock is a file of its own, because compacting and recovering replace the queue file: whoever waits for a
	// lock on the old one would get it, and write where nobody reads.
	q.lock = flock.New(q.file+".lock", flock.SetPermissions(0o600))
	ctx, cancel := context.WithTimeout(context.Background(), lockTimeout)
	defer cancel()
	if ok, err := q.lock.TryLockContext(ctx, lockRetry); !ok {
		q.lock = nil
		if err == nil || errors.Is(err, context.DeadlineExceeded) {
			err = ErrLocked
		}
		return err
	}
	s, err := q.load()
	if err != nil {
		return err
	}
	q.tallies, q.folders = s.tallies, s.folders
	q.holds = map[holdKey]Hold{}
	for _, h := range s.holds {
		q.holds[holdKey{h.Account, h.By}] = h
	}
	if q.reading, err = openReading(q.file + ".reading"); err != nil {
		return err
	}
	if err := q.requeueOrphans(); err != nil {
		return fmt.Errorf("requeue what was being sent: %w", err)
	}
	if err := q.noteSize(); err != nil {
		q.log.Warn("Size of the queue could not be noted", "path", q.file, "err", err)
	}
	return nil
}

// Close ends the queue: waiting Lease calls return [ErrClosed], verbs that were called before are still committed.
// It may be called more than once.
func (q *Queue) Close() error {
	q.pendingMu.Lock()
	already := q.closing
	q.closing = true
	q.pendingMu.Unlock()
	if already {
		q.done.Wait()
		return nil
	}
	close(q.closed)
	poke(q.kick)
	q.done.Wait()
	if err := q.release(); err != nil {
		return fmt.Errorf("close queue %s: %w", q.file, err)
	}
	return nil
}

// release gives back what open took, however far it got.
func (q *Queue) release() error {
	var errs []error
	if q.db != nil {
		errs = append(errs, q.db.Close())
	}
	if q.reading != nil {
		errs = append(errs, q.reading.close())
	}
	if q.lock != nil {
		errs = append(errs, q.lock.Close())
	}
	return errors.Join(errs...)
}

// poke wakes whoever receives from a channel of capacity 1.
func poke(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}
