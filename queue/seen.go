package queue

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"
)

func (s *Seen) validate() error {
	if s.Path == "" || len(s.Path) > maxPath {
		return fmt.Errorf("path %q cannot be noted as seen", clip(s.Path))
	}
	return nil
}

func (t *txn) putSeen(rows []Seen) error {
	for i := range rows {
		if err := t.put(t.seen, []byte(rows[i].Path), encodeSeen(&rows[i])); err != nil {
			return err
		}
	}
	return nil
}

// PutSeen stores what is known of files that give no job.
func (q *Queue) PutSeen(rows []Seen) error {
	_, err := q.Enqueue(Batch{Seen: rows})
	return err
}

// Known reports whether the file at path was seen with this size and time; then it need not be read. It takes a few
// microseconds. A row that cannot be read is not known.
func (q *Queue) Known(path string, size int64, mtime time.Time) (known bool) {
	err := q.view(func(tx *bolt.Tx) error {
		key := []byte(path)
		v := tx.Bucket(bucketSeen).Get(key)
		if v == nil {
			return nil
		}
		body, err := unseal(key, v)
		if err != nil {
			return err
		}
		d := decoder{b: body}
		modTime, n := decodeStamp(&d)
		known = d.err == nil && modTime == nanos(mtime) && n == size
		return nil
	})
	return known && err == nil
}

// Seen returns what is known of a file.
func (q *Queue) Seen(path string) (s Seen, ok bool, err error) {
	err = q.view(func(tx *bolt.Tx) error {
		v := tx.Bucket(bucketSeen).Get([]byte(path))
		if v == nil {
			return nil
		}
		ok = true
		s, err = parseSeen([]byte(path), v)
		return err
	})
	if err != nil {
		return Seen{}, false, fmt.Errorf("look up %s: %w", path, err)
	}
	return s, ok, nil
}

// SeenByName returns up to limit files of this name (0: 1,000), whatever their folder, in the order of their paths. It
// goes through all paths, which takes a fraction of a second for a million.
func (q *Queue) SeenByName(name string, limit int) (found []Seen, err error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	suffix := []byte(name)
	var from []byte
	for more := true; more && err == nil; {
		err = q.view(func(tx *bolt.Tx) error {
			c := tx.Bucket(bucketSeen).Cursor()
			k, v := c.Seek(from)
			for range maxLook {
				if k == nil || len(found) == limit {
					more = false
					return nil
				}
				if dir, ok := bytes.CutSuffix(k, suffix); ok && (len(dir) == 0 || isSeparator(dir[len(dir)-1])) {
					s, err := parseSeen(k, v)
					if err != nil {
						return err
					}
					found = append(found, s)
				}
				k, v = c.Next()
			}
			from = bytes.Clone(k)
			more = k != nil
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("look up files named %s: %w", name, err)
	}
	return found, nil
}

// DropSeen forgets the files below a folder, so that a scan looks at them anew.
func (q *Queue) DropSeen(folder string) error {
	folder = strings.TrimRightFunc(folder, func(r rune) bool { return r < 0x80 && isSeparator(byte(r)) })
	prefix := []byte(folder)
	from := prefix
	for more := true; more; {
		var next []byte
		err := q.do(func(t *txn) error {
			var keys [][]byte
			next = nil
			c := t.seen.Cursor()
			k, _ := c.Seek(from)
			for looked := 0; bytes.HasPrefix(k, prefix); looked++ {
				if looked == 10*sliceSize {
					next = bytes.Clone(k)
					break
				}
				if below(k, prefix) {
					keys = append(keys, bytes.Clone(k))
				}
				k, _ = c.Next()
			}
			for _, k := range keys {
				if err := t.del(t.seen, k); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("forget the files below %s: %w", folder, err)
		}
		from, more = next, next != nil
	}
	return nil
}

func parseSeen(k, v []byte) (Seen, error) {
	body, err := unseal(k, v)
	if err != nil {
		return Seen{}, damagedRow("seen", k, err)
	}
	s, err := decodeSeen(body)
	if err != nil {
		return Seen{}, damagedRow("seen", k, err)
	}
	s.Path = string(k)
	return s, nil
}

func isSeparator(b byte) bool { return os.IsPathSeparator(b) }
