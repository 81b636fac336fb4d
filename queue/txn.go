package queue

import (
	"encoding/binary"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"
)

// txn is a write transaction with what memory has to learn from it once it is committed. Only the writer has one.
type txn struct {
	tx  *bolt.Tx
	now time.Time // when the transaction began, without the monotonic clock

	jobs, index, live, ledger, delivered, seen, history, meta, held, sessions, bySession *bolt.Bucket

	dirty   bool              // something was written
	rouse   bool              // something that a waiting Lease may want to know
	delta   map[string]*tally // changes of the counts
	waiting map[string]bool   // accounts of which the first due time may have changed
	holds   bool              // holds have changed

	counted map[uint64]*Session // sessions of which the numbers have changed; flush writes them

	key []byte // scratch; bbolt copies keys, but keeps values as they are until the commit
}

func newTxn(tx *bolt.Tx) *txn {
	t := &txn{
		tx:        tx,
		now:       time.Now().Round(0),
		jobs:      tx.Bucket(bucketJobs),
		index:     tx.Bucket(bucketIndex),
		live:      tx.Bucket(bucketLive),
		ledger:    tx.Bucket(bucketLedger),
		delivered: tx.Bucket(bucketDelivered),
		seen:      tx.Bucket(bucketSeen),
		history:   tx.Bucket(bucketHistory),
		meta:      tx.Bucket(bucketMeta),
		held:      tx.Bucket(bucketHolds),
		sessions:  tx.Bucket(bucketSessions),
		bySession: tx.Bucket(bucketBySession),
		counted:   map[uint64]*Session{},
		delta:     map[string]*tally{},
		waiting:   map[string]bool{},
	}
	// Keys that only ascend would leave every page half full. Paths mostly ascend, too, as folders are walked in order.
	t.jobs.FillPercent = 0.95
	t.history.FillPercent = 0.95
	t.seen.FillPercent = 0.9
	return t
}

// put stores a sealed value.
func (t *txn) put(b *bolt.Bucket, key, body []byte) error { return t.putPlain(b, key, seal(key, body)) }

func (t *txn) putPlain(b *bolt.Bucket, key, value []byte) error {
	t.dirty = true
	return b.Put(key, value)
}

func (t *txn) del(b *bolt.Bucket, key []byte) error {
	t.dirty = true
	return b.Delete(key)
}

func (t *txn) tally(account string) *tally {
	d := t.delta[account]
	if d == nil {
		d = &tally{}
		t.delta[account] = d
	}
	return d
}

// job returns a job, or ErrNotFound.
func (t *txn) job(id uint64) (*job, error) { return getJob(t.jobs, id) }

// move is how jobs come and change: old is nil for a new one.
func (t *txn) move(old, changed *job) error { return t.step(old, changed, fateLeft) }

// leave is how a job goes; end is what became of its photo.
func (t *txn) leave(old *job, end fate) error { return t.step(old, nil, end) }

// step is the only way in which jobs come, change and go: old is nil for a new one, changed is nil for one that leaves,
// and with both, an end says that another photo takes over. It keeps the invariant: index and live hold exactly the keys
// of the jobs, and counts and sessions follow.
func (t *txn) step(old, changed *job, end fate) error {
	if changed != nil {
		t.tidy(changed)
	}
	if err := t.recount(old, changed, end); err != nil {
		return err
	}
	var oldKey []byte
	if old != nil {
		h := old.head()
		oldKey = appendIndexKey(nil, &h, old.ID)
		t.tally(old.Account).add(old.State, old.Size, -1)
		t.touch(old)
	}
	if changed == nil {
		if err := t.del(t.index, oldKey); err != nil {
			return err
		}
		t.key = appendPair(t.key[:0], old.Account, old.Path)
		if err := t.del(t.live, t.key); err != nil {
			return err
		}
		return t.del(t.jobs, u64key(old.ID))
	}
	h := changed.head()
	t.key = appendIndexKey(t.key[:0], &h, changed.ID)
	if old != nil && string(oldKey) != string(t.key) {
		if err := t.del(t.index, oldKey); err != nil {
			return err
		}
	}
	if err := t.putPlain(t.index, t.key, appendIndexValue(nil, &h)); err != nil {
		return err
	}
	id := u64key(changed.ID)
	if old == nil {
		if err := t.putPlain(t.live, appendPair(nil, changed.Account, changed.Path), id); err != nil {
			return err
		}
	}
	t.tally(changed.Account).add(changed.State, changed.Size, +1)
	t.touch(changed)
	return t.put(t.jobs, id, encodeJob(changed))
}

// tidy sets what follows from a job's state.
func (t *txn) tidy(j *job) {
	j.Updated = t.now
	if j.State != Waiting {
		j.Due, j.Cooling = time.Time{}, false
	}
	if j.State != Leased {
		j.Cancelled, j.next = "", nil
	}
	j.reason = 0
	if j.State == Failed || j.State == Skipped {
		j.reason = reasonID(&j.Job)
	}
}

// touch notes what a job's coming or going means for others. One that stops being Leased frees its digest.
func (t *txn) touch(j *job) {
	switch j.State {
	case Ready, Leased:
		t.rouse = true
	case Waiting:
		t.waiting[j.Account] = true
	}
}

// event writes a line into the history.
func (t *txn) event(ev Event) error {
	if ev.At.IsZero() {
		ev.At = t.now
	}
	ev.Text = clip(ev.Text)
	n, err := t.history.NextSequence()
	if err != nil {
		return err
	}
	if err := t.put(t.history, u64key(n), encodeEvent(&ev)); err != nil {
		return err
	}
	return t.trimHistory(n)
}

// tell writes a line about a job.
func (t *txn) tell(j *job, what, text string) error {
	return t.event(Event{Account: j.Account, Path: j.Path, SHA256: j.SHA256, What: what, Text: text})
}

// firstDue is the due time of an account's first Waiting job, or never.
func (t *txn) firstDue(account string) int64 {
	prefix := appendIndexPrefix(nil, Waiting, account)
	k, _ := t.index.Cursor().Seek(prefix)
	if _, _, rest, ok := splitIndexKey(k); ok && len(k) > len(prefix) && string(k[:len(prefix)]) == string(prefix) {
		return dueOf(rest)
	}
	return never
}

func getJob(jobs *bolt.Bucket, id uint64) (*job, error) {
	k := u64key(id)
	v := jobs.Get(k)
	if v == nil {
		return nil, fmt.Errorf("job %d: %w", id, ErrNotFound)
	}
	return parseJob(k, v)
}

// parseJob decodes a row of jobs.
func parseJob(k, v []byte) (*job, error) {
	body, err := unseal(k, v)
	if err != nil {
		return nil, damagedRow("job", k, err)
	}
	j, err := decodeJob(binary.BigEndian.Uint64(k), body)
	if err != nil {
		return nil, damagedRow("job", k, err)
	}
	return j, nil
}

// parseRecord decodes a row of the ledger.
func parseRecord(k, v []byte) (Record, error) {
	body, err := unseal(k, v)
	if err != nil {
		return Record{}, damagedRow("record", k, err)
	}
	r, err := decodeRecord(body)
	account, digest, ok := splitPair(k)
	if err != nil || !ok || len(digest) != 32 {
		return Record{}, damagedRow("record", k, err)
	}
	r.Account, r.SHA256 = string(account), [32]byte(digest)
	return r, nil
}

func damagedRow(what string, k []byte, err error) error {
	return fmt.Errorf("%w: %s %x: %w", ErrDamaged, what, k, err)
}
