package queue

import (
	"encoding/hex"
	"fmt"
)

// A mark is a doubt about bytes, not about one job: the bytes may be on the server. It is kept beside the job until they
// are known to be delivered or not, so that it outlives a job that is removed because its file was renamed or is away,
// and so that a second file with the same bytes is not sent while the first one waits for an answer to be found.

func doubtKey(account string, digest [32]byte) []byte {
	return noteKey("doubt/" + account + "/" + hex.EncodeToString(digest[:]))
}

// setDoubt keeps a mark for the bytes of a job; "" ends the doubt.
func (t *txn) setDoubt(account string, digest [32]byte, mark string) error {
	switch {
	case digest == [32]byte{}:
		return nil
	case mark == "":
		return t.del(t.meta, doubtKey(account, digest))
	}
	return t.put(t.meta, doubtKey(account, digest), []byte(mark))
}

// doubt returns the mark that is kept for some bytes, "" if there is none.
func (t *txn) doubt(account string, digest [32]byte) (string, error) {
	k := doubtKey(account, digest)
	v := t.meta.Get(k)
	if v == nil {
		return "", nil
	}
	body, err := unseal(k, v)
	if err != nil {
		return "", damagedRow("note", k, err)
	}
	return string(body), nil
}

// Doubtful are the bytes of an account that may be on its server.
type Doubtful struct {
	Account string
	SHA256  [32]byte
}

// Doubt keeps a mark for bytes that have none, and that the ledger does not know to be delivered. Jobs that stand for them
// get it when they are leased.
func (q *Queue) Doubt(list []Doubtful, mark string) error {
	err := q.do(func(t *txn) error {
		for _, d := range list {
			old, err := t.doubt(d.Account, d.SHA256)
			if err != nil {
				return err
			}
			if old != "" || t.ledger.Get(appendPair(nil, d.Account, d.SHA256[:])) != nil {
				continue
			}
			if err := t.setDoubt(d.Account, d.SHA256, mark); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note a doubt: %w", err)
	}
	return nil
}
