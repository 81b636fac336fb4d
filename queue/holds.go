package queue

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"
)

type holdKey struct {
	account string
	by      HoldBy
}

func (k holdKey) bytes() []byte { return appendPair(nil, k.account, []byte{byte(k.by)}) }

// over reports whether a hold has ended by itself.
func (h *Hold) over(now time.Time) bool { return !h.Until.IsZero() && !now.Before(h.Until) }

// Hold keeps jobs of an account, or of all, from being leased; what is leased goes on. It replaces an earlier hold of
// the same account and By. One whose Until has passed ends an earlier one and is not kept.
func (q *Queue) Hold(h Hold) error {
	if h.By != ByUser && h.By != ByService || strings.ContainsRune(h.Account, 0) {
		return fmt.Errorf("hold account %q by %d: %w", h.Account, h.By, ErrState)
	}
	err := q.do(func(t *txn) error {
		h := h
		if h.Since.IsZero() {
			h.Since = t.now
		}
		k := holdKey{h.Account, h.By}
		if h.over(t.now) {
			return t.dropHold(k)
		}
		h.Reason, h.Hint = clip(h.Reason), clip(h.Hint)
		t.holds = true
		if err := t.put(t.held, k.bytes(), encodeHold(&h)); err != nil {
			return err
		}
		return t.event(Event{Account: h.Account, What: EventHeld, Text: h.Reason})
	})
	if err != nil {
		return fmt.Errorf("hold account %q: %w", h.Account, err)
	}
	return nil
}

// Resume ends a hold; if there is none, nothing happens. Account "" is the hold on all accounts, not all holds.
func (q *Queue) Resume(account string, by HoldBy) error {
	err := q.do(func(t *txn) error { return t.dropHold(holdKey{account, by}) })
	if err != nil {
		return fmt.Errorf("resume account %q: %w", account, err)
	}
	return nil
}

// Holds returns the holds that are in force, sorted by account.
func (q *Queue) Holds() []Hold {
	now := time.Now()
	q.mu.Lock()
	defer q.mu.Unlock()
	var hs []Hold
	for _, h := range q.holds {
		if !h.over(now) {
			hs = append(hs, h)
		}
	}
	slices.SortFunc(hs, func(a, b Hold) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.By, b.By))
	})
	return hs
}

// heldLocked reports whether a hold keeps an account from leasing; q.mu is held.
func (q *Queue) heldLocked(account string, now time.Time) bool {
	for _, k := range holdKeys(account) {
		if h, ok := q.holds[k]; ok && !h.over(now) {
			return true
		}
	}
	return false
}

// isHeld is heldLocked within a transaction, so that a hold which shares the commit counts.
func (t *txn) isHeld(account string) (bool, error) {
	for _, k := range holdKeys(account) {
		key := k.bytes()
		v := t.held.Get(key)
		if v == nil {
			continue
		}
		h, err := parseHold(key, v)
		if err != nil {
			return false, err
		}
		if !h.over(t.now) {
			return true, nil
		}
	}
	return false, nil
}

func holdKeys(account string) [4]holdKey {
	return [4]holdKey{{account, ByUser}, {account, ByService}, {"", ByUser}, {"", ByService}}
}

func (t *txn) dropHold(k holdKey) error {
	key := k.bytes()
	if t.held.Get(key) == nil {
		return nil
	}
	t.holds = true
	if err := t.del(t.held, key); err != nil {
		return err
	}
	return t.event(Event{Account: k.account, What: EventResumed})
}

func readHolds(b *bolt.Bucket) (map[holdKey]Hold, error) {
	holds := map[holdKey]Hold{}
	err := b.ForEach(func(k, v []byte) error {
		h, err := parseHold(k, v)
		holds[holdKey{h.Account, h.By}] = h
		return err
	})
	return holds, err
}

// parseHold decodes a row of holds.
func parseHold(k, v []byte) (Hold, error) {
	body, err := unseal(k, v)
	if err != nil {
		return Hold{}, damagedRow("hold", k, err)
	}
	h, err := decodeHold(body)
	account, by, ok := splitPair(k)
	if err == nil && (!ok || len(by) != 1) {
		err = errors.New("key")
	}
	if err != nil {
		return Hold{}, damagedRow("hold", k, err)
	}
	h.Account, h.By = string(account), HoldBy(by[0])
	return h, nil
}
