package queue

import (
	"errors"
	"fmt"
	"runtime/debug"
	"syscall"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// op is one verb on its way through the writer. fn may run more than once, each time in a fresh transaction, and must
// not change anything before it returns ErrNotFound or ErrState.
type op struct {
	fn   func(t *txn) error
	err  error
	done chan struct{}
}

// maxShare bounds how many verbs share a commit.
const maxShare = 1000

// do runs fn in the writer's goroutine and returns after the commit. Verbs that wait at the same time share one: two
// flushes to the disk for all of them, not for each.
func (q *Queue) do(fn func(t *txn) error) error {
	o := &op{fn: fn, done: make(chan struct{})}
	q.pendingMu.Lock()
	if q.closing {
		q.pendingMu.Unlock()
		return ErrClosed
	}
	q.pending = append(q.pending, o)
	q.pendingMu.Unlock()
	poke(q.kick)
	<-o.done
	return o.err
}

// writer is the only goroutine that writes.
func (q *Queue) writer() {
	defer q.done.Done()
	for range q.kick {
		for {
			q.pendingMu.Lock()
			ops := q.pending
			if len(ops) > maxShare {
				ops = ops[:maxShare:maxShare]
			}
			q.pending = q.pending[len(ops):]
			last := q.closing
			q.pendingMu.Unlock()
			if len(ops) == 0 {
				if last {
					return
				}
				break
			}
			changed := q.write(ops)
			for _, o := range ops {
				close(o.done)
			}
			if changed && q.onChange != nil {
				q.onChange()
			}
		}
	}
}

// write runs ops in one transaction, and each in its own if that fails: a small one may still fit on a full disk. It
// reports whether anything was committed.
func (q *Queue) write(ops []*op) (changed bool) {
	changed, culprit, err := q.commit(ops)
	if err == nil {
		return changed
	}
	if len(ops) == 1 {
		ops[0].err = err
		return false
	}
	if culprit != nil {
		// It spoilt the transaction of the others.
		culprit.err = err
		rest := make([]*op, 0, len(ops)-1)
		for _, o := range ops {
			if o != culprit {
				rest = append(rest, o)
			}
		}
		return q.write(rest)
	}
	for i := range ops {
		changed = q.write(ops[i:i+1]) || changed
	}
	return changed
}

// commit runs ops in one transaction and lets memory follow. With an error nothing has changed, neither on disk nor
// in memory; culprit is the op that returned it, nil if the commit itself failed.
func (q *Queue) commit(ops []*op) (changed bool, culprit *op, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	tx, err := q.db.Begin(true)
	if err != nil {
		return false, nil, err
	}
	txid := tx.ID()
	defer func() {
		if r := recover(); r != nil {
			err = errors.Join(fmt.Errorf("%w: %v", ErrDamaged, r), ignoreClosed(tx.Rollback()))
		}
	}()
	q.active.Add(1)
	t := newTxn(tx)
	for _, o := range ops {
		o.err = o.fn(t)
		if o.err != nil && !errors.Is(o.err, ErrNotFound) && !errors.Is(o.err, ErrState) {
			return false, o, errors.Join(full(o.err), tx.Rollback())
		}
	}
	if !t.dirty {
		return false, nil, tx.Rollback()
	}
	if err := t.flush(); err != nil {
		return false, nil, errors.Join(err, tx.Rollback())
	}
	due := make(map[string]int64, len(t.waiting))
	for account := range t.waiting {
		due[account] = t.firstDue(account)
	}
	var holds map[holdKey]Hold
	if t.holds {
		if holds, err = readHolds(t.held); err != nil {
			return false, nil, errors.Join(err, tx.Rollback())
		}
	}
	if err := tx.Commit(); err != nil {
		return false, nil, q.afterFailure(txid, err)
	}
	q.learn(t, due, holds)
	if err := q.noteSize(); err != nil {
		q.log.Warn("Size of the queue could not be noted", "path", q.file, "err", err)
	}
	return true, nil, nil
}

// learn takes over into memory what was committed, and wakes who waits for it.
func (q *Queue) learn(t *txn, due map[string]int64, holds map[holdKey]Hold) {
	q.mu.Lock()
	for account, d := range t.delta {
		c := q.tally(account)
		for s, n := range d.jobs {
			c.jobs[s] += n
		}
		c.delivered += d.delivered
		c.bytes += d.bytes
		if c.empty() {
			delete(q.tallies, account)
		}
	}
	for account, n := range due {
		if n != never || q.tallies[account] != nil {
			q.tally(account).due = n
		}
	}
	if t.holds {
		q.holds = holds
	}
	if t.rouse || t.holds {
		close(q.changed)
		q.changed = make(chan struct{})
	}
	q.mu.Unlock()
	if len(due) > 0 || t.holds {
		poke(q.plan)
	}
}

// tally returns the counts of an account in memory; q.mu is held.
func (q *Queue) tally(account string) *tally {
	c := q.tallies[account]
	if c == nil {
		c = &tally{due: never}
		q.tallies[account] = c
	}
	return c
}

// afterFailure handles a commit that returned an error. If the last flush failed, the commit may be in the file all
// the same: then memory learns the file's own state, and the caller still gets the error, because it may not be durable.
func (q *Queue) afterFailure(txid int, cause error) error {
	landed := false
	if err := q.view(func(tx *bolt.Tx) error { landed = tx.ID() == txid; return nil }); err != nil || !landed {
		return full(cause)
	}
	s, err := surveyFile(q.file)
	if err != nil {
		return errors.Join(full(cause), err)
	}
	q.mu.Lock()
	q.tallies = s.tallies
	q.holds = map[holdKey]Hold{}
	for _, h := range s.holds {
		q.holds[holdKey{h.Account, h.By}] = h
	}
	close(q.changed)
	q.changed = make(chan struct{})
	q.mu.Unlock()
	poke(q.plan)
	return full(cause)
}

// full makes every kind of "no room" answer to errors.Is(err, syscall.ENOSPC).
func full(err error) error {
	switch {
	case err == nil, errors.Is(err, syscall.ENOSPC):
		return err
	case errors.Is(err, berrors.ErrMaxSizeReached):
		return fmt.Errorf("the queue has reached its greatest size: %w (%w)", err, syscall.ENOSPC)
	case diskFull(err):
		return fmt.Errorf("%w (%w)", err, syscall.ENOSPC)
	}
	return err
}

func ignoreClosed(err error) error {
	if errors.Is(err, berrors.ErrTxClosed) {
		return nil
	}
	return err
}

// view runs fn in a read transaction. A page that cannot be read is an error, not the end of the process.
func (q *Queue) view(fn func(tx *bolt.Tx) error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, r)
		}
	}()
	q.active.Add(1)
	err = q.db.View(fn)
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		err = ErrClosed
	}
	return err
}
