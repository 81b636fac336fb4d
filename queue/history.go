package queue

import (
	"encoding/binary"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"
)

const (
	maxHistory = 200_000 // events that are kept at least
	trimAt     = 10_000  // events by which history may outgrow that before the oldest go, all of them at once
)

// Log writes events into the history, in one commit.
func (q *Queue) Log(evs ...Event) error {
	if len(evs) == 0 {
		return nil
	}
	if _, err := q.Enqueue(Batch{Events: evs}); err != nil {
		return fmt.Errorf("log %d events: %w", len(evs), err)
	}
	return nil
}

// Story returns the last events of a path, all of them with limit 0, oldest first. The newest 200,000 events of all
// photos are there; records are kept for ever.
func (q *Queue) Story(path string, limit int) (evs []Event, err error) {
	var before []byte
	for more := true; more && err == nil; {
		err = q.view(func(tx *bolt.Tx) error {
			c := tx.Bucket(bucketHistory).Cursor()
			k, v := c.Last()
			if before != nil {
				c.Seek(before)
				k, v = c.Prev()
			}
			for range maxLook {
				if k == nil || limit > 0 && len(evs) == limit {
					more = false
					return nil
				}
				ev, mine, err := parseEventOf(path, k, v)
				if err != nil {
					return err
				}
				if mine {
					evs = append(evs, ev)
				}
				before = append(before[:0], k...)
				k, v = c.Prev()
			}
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("story of %s: %w", path, err)
	}
	slices.Reverse(evs)
	return evs, nil
}

// parseEventOf decodes an event if it is about path. The checksum is compared only then.
func parseEventOf(path string, k, v []byte) (ev Event, mine bool, err error) {
	d := decoder{b: v}
	if string(decodeEventPath(&d)) != path {
		return Event{}, false, nil
	}
	body, err := unseal(k, v)
	if err != nil {
		return Event{}, false, damagedRow("event", k, err)
	}
	if ev, err = decodeEvent(body); err != nil {
		return Event{}, false, damagedRow("event", k, err)
	}
	return ev, true, nil
}

// trimHistory drops the oldest events once there are too many; newest is the number of the last one. It looks only now
// and then.
func (t *txn) trimHistory(newest uint64) error {
	if newest%100 != 0 {
		return nil
	}
	c := t.history.Cursor()
	k, _ := c.First()
	if len(k) != 8 || newest-binary.BigEndian.Uint64(k) < maxHistory+trimAt {
		return nil
	}
	for k != nil && newest-binary.BigEndian.Uint64(k) >= maxHistory {
		t.dirty = true
		if err := c.Delete(); err != nil {
			return err
		}
		k, _ = c.First()
	}
	return nil
}
