package queue

import (
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// record writes r and what the story says about it. Known never overwrites.
func (t *txn) record(r *Record) error {
	if r.At.IsZero() {
		r.At = t.now
	}
	if err := t.setDoubt(r.Account, r.SHA256, ""); err != nil {
		return err
	}
	key := appendPair(nil, r.Account, r.SHA256[:])
	v := t.ledger.Get(key)
	if v == nil || r.Outcome != Known {
		if v != nil {
			if err := t.dropRecord(key, v); err != nil {
				return err
			}
		}
		if err := t.putRecord(key, r); err != nil {
			return err
		}
	}
	what := string(r.Outcome)
	if r.Gone {
		what = EventGone
	}
	return t.event(Event{Account: r.Account, Path: r.Path, SHA256: r.SHA256, What: what})
}

func (t *txn) putRecord(key []byte, r *Record) error {
	if err := t.put(t.ledger, key, encodeRecord(r)); err != nil {
		return err
	}
	t.tally(r.Account).delivered++
	if r.Session != 0 {
		if err := t.putPlain(t.bySession, appendBySessionKey(nil, r.Session, r.Account, nanos(r.At), r.SHA256[:]), nil); err != nil {
			return err
		}
	}
	return t.putPlain(t.delivered, appendDeliveredKey(nil, r.Account, nanos(r.At), r.SHA256[:]), nil)
}

// dropRecord takes a record and its places in the order of time out.
func (t *txn) dropRecord(key, v []byte) error {
	r, err := parseRecord(key, v)
	if err != nil {
		return err
	}
	if err := t.del(t.ledger, key); err != nil {
		return err
	}
	t.tally(r.Account).delivered--
	if r.Session != 0 {
		if err := t.del(t.bySession, appendBySessionKey(nil, r.Session, r.Account, nanos(r.At), r.SHA256[:])); err != nil {
			return err
		}
	}
	return t.del(t.delivered, appendDeliveredKey(nil, r.Account, nanos(r.At), r.SHA256[:]))
}

// Record returns the record of a digest for an account.
func (q *Queue) Record(account string, digest [32]byte) (r Record, ok bool, err error) {
	err = q.view(func(tx *bolt.Tx) error {
		key := appendPair(nil, account, digest[:])
		v := tx.Bucket(bucketLedger).Get(key)
		if v == nil {
			return nil
		}
		ok = true
		r, err = parseRecord(key, v)
		return err
	})
	if err != nil {
		return Record{}, false, fmt.Errorf("look up a record: %w", err)
	}
	return r, ok, nil
}

// Verified notes in a record how it was verified, "" for not. ErrNotFound if there is no record.
func (q *Queue) Verified(account string, digest [32]byte, how string) error {
	err := q.do(func(t *txn) error {
		key := appendPair(nil, account, digest[:])
		v := t.ledger.Get(key)
		if v == nil {
			return ErrNotFound
		}
		r, err := parseRecord(key, v)
		if err != nil {
			return err
		}
		r.Verified = how
		return t.put(t.ledger, key, encodeRecord(&r))
	})
	if err != nil {
		return fmt.Errorf("note a verification: %w", err)
	}
	return nil
}

// Forget removes a record, so that the photo would be sent again. ErrNotFound if there is none.
func (q *Queue) Forget(account string, digest [32]byte) error {
	err := q.do(func(t *txn) error {
		key := appendPair(nil, account, digest[:])
		v := t.ledger.Get(key)
		if v == nil {
			return ErrNotFound
		}
		return t.dropRecord(key, v)
	})
	if err != nil {
		return fmt.Errorf("forget a record: %w", err)
	}
	return nil
}
