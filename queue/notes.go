package queue

import (
	"bytes"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// noteKey is the key of a note in meta.
func noteKey(key string) []byte { return append([]byte("note/"), key...) }

// Note returns a small fact of the engine, "" if there is none.
func (q *Queue) Note(key string) (value string, err error) {
	err = q.view(func(tx *bolt.Tx) error {
		k := noteKey(key)
		v := tx.Bucket(bucketMeta).Get(k)
		if v == nil {
			return nil
		}
		body, err := unseal(k, v)
		if err != nil {
			return damagedRow("note", k, err)
		}
		value = string(body)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("read note %s: %w", key, err)
	}
	return value, nil
}

// SetNote stores a small fact; "" removes it.
func (q *Queue) SetNote(key, value string) error {
	err := q.do(func(t *txn) error {
		if value == "" {
			return t.del(t.meta, noteKey(key))
		}
		return t.put(t.meta, noteKey(key), []byte(value))
	})
	if err != nil {
		return fmt.Errorf("set note %s: %w", key, err)
	}
	return nil
}

// DropNotes removes the notes whose keys begin with prefix.
func (q *Queue) DropNotes(prefix string) error {
	err := q.do(func(t *txn) error {
		from := noteKey(prefix)
		var keys [][]byte
		c := t.meta.Cursor()
		for k, _ := c.Seek(from); bytes.HasPrefix(k, from); k, _ = c.Next() {
			keys = append(keys, bytes.Clone(k)) // the bucket must not change under the cursor
		}
		for _, k := range keys {
			if err := t.del(t.meta, k); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("drop notes %s: %w", prefix, err)
	}
	return nil
}
