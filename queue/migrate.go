package queue

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// schemaVersion is the layout of buckets and keys that this program writes. Values carry their own version.
const schemaVersion = 3

var keyVersion = []byte("version")

// migrations lead from version i to i+1, each in the transaction of all.
var migrations = [schemaVersion]func(tx *bolt.Tx) error{
	0: createBuckets,
	1: addDelivered,
	2: addSessions,
}

// migrate brings a file from version up to schemaVersion; version 0 is a new file. All of it is one commit.
func migrate(tx *bolt.Tx, version int) error {
	for v := version; v < schemaVersion; v++ {
		if err := migrations[v](tx); err != nil {
			return fmt.Errorf("version %d to %d: %w", v, v+1, err)
		}
	}
	return tx.Bucket(bucketMeta).Put(keyVersion, []byte(strconv.Itoa(schemaVersion)))
}

// createBuckets makes the buckets of version 1.
func createBuckets(tx *bolt.Tx) error {
	for _, name := range [][]byte{
		bucketMeta, bucketHolds, bucketJobs, bucketIndex, bucketLive, bucketLedger, bucketSeen, bucketHistory,
	} {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	return nil
}

// addDelivered makes the index of records by time, for the history page.
func addDelivered(tx *bolt.Tx) error {
	var rows pairs
	err := tx.Bucket(bucketLedger).ForEach(func(k, v []byte) error {
		r, err := parseRecord(k, v)
		if err != nil {
			return err
		}
		rows.add(appendDeliveredKey(nil, r.Account, nanos(r.At), r.SHA256[:]), nil)
		return nil
	})
	if err != nil {
		return err
	}
	return rows.fill(tx, bucketDelivered)
}

// addSessions makes the buckets for sessions, and gives Failed and Skipped jobs their reasons.
func addSessions(tx *bolt.Tx) error {
	for _, name := range [][]byte{bucketSessions, bucketBySession} {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	jobs, index := tx.Bucket(bucketJobs), tx.Bucket(bucketIndex)
	var keys pairs
	c := index.Cursor()
	for k, _ := c.Seek([]byte{byte(Failed)}); k != nil; k, _ = c.Next() {
		keys.add(bytes.Clone(k), nil) // the bucket must not change under the cursor
	}
	for _, kv := range keys {
		id := idOf(kv[0])
		j, err := getJob(jobs, id)
		if err != nil {
			return err
		}
		j.reason = reasonID(&j.Job)
		k, h := u64key(id), j.head()
		if err := jobs.Put(k, seal(k, encodeJob(j))); err != nil {
			return err
		}
		if err := index.Put(kv[0], appendIndexValue(nil, &h)); err != nil {
			return err
		}
	}
	return nil
}

// rebuild makes index, live, delivered and bysession anew from the rows, and the sessions' numbers agree with them.
func rebuild(tx *bolt.Tx) error {
	var index, live pairs
	counts := sessionCounts{}
	err := tx.Bucket(bucketJobs).ForEach(func(k, v []byte) error {
		j, err := parseJob(k, v)
		if err != nil {
			return err
		}
		h := j.head()
		index.add(appendIndexKey(nil, &h, j.ID), appendIndexValue(nil, &h))
		live.add(appendPair(nil, j.Account, j.Path), u64key(j.ID))
		counts.add(j.Session, j.State)
		return nil
	})
	if err != nil {
		return err
	}
	if err := index.fill(tx, bucketIndex); err != nil {
		return err
	}
	if err := live.fill(tx, bucketLive); err != nil {
		return err
	}
	if err := recountSessions(tx, counts); err != nil {
		return err
	}
	if err := addBySession(tx); err != nil {
		return err
	}
	return addDelivered(tx)
}

// addBySession makes the index of records by session.
func addBySession(tx *bolt.Tx) error {
	var rows pairs
	err := tx.Bucket(bucketLedger).ForEach(func(k, v []byte) error {
		r, err := parseRecord(k, v)
		if err == nil && r.Session != 0 {
			rows.add(appendBySessionKey(nil, r.Session, r.Account, nanos(r.At), r.SHA256[:]), nil)
		}
		return err
	})
	if err != nil {
		return err
	}
	return rows.fill(tx, bucketBySession)
}

// recountSessions sets what the jobs say of their sessions. A session that has none of its own row gets one.
func recountSessions(tx *bolt.Tx, counts sessionCounts) error {
	var sessions []*Session
	err := tx.Bucket(bucketSessions).ForEach(func(k, v []byte) error {
		s, err := parseSession(k, v)
		sessions = append(sessions, s)
		return err
	})
	if err != nil {
		return err
	}
	for _, s := range sessions {
		c := counts[s.ID]
		delete(counts, s.ID)
		if c == nil {
			c = &[fateSkipped + 1]int{}
		}
		s.Left, s.Failed, s.Skipped = c[fateLeft], c[fateFailed], c[fateSkipped]
		s.Found = s.sum()
	}
	for id, c := range counts {
		s := &Session{ID: id, Kind: SessionFolder, Left: c[fateLeft], Failed: c[fateFailed], Skipped: c[fateSkipped]}
		s.Found = s.sum()
		sessions = append(sessions, s)
	}
	for _, s := range sessions {
		k := u64key(s.ID)
		if err := tx.Bucket(bucketSessions).Put(k, seal(k, encodeSession(s))); err != nil {
			return err
		}
	}
	return nil
}

// pairs collects what a bucket is to hold.
type pairs [][2][]byte

func (p *pairs) add(k, v []byte) { *p = append(*p, [2][]byte{k, v}) }

// fill makes the bucket anew. Sorted, because bbolt keeps what one transaction puts into a new bucket in one long array,
// and a million inserts anywhere but at its end take minutes.
func (p pairs) fill(tx *bolt.Tx, bucket []byte) error {
	if err := tx.DeleteBucket(bucket); err != nil && !errors.Is(err, berrors.ErrBucketNotFound) {
		return err
	}
	b, err := tx.CreateBucket(bucket)
	if err != nil {
		return err
	}
	slices.SortFunc(p, func(x, y [2][]byte) int { return bytes.Compare(x[0], y[0]) })
	for _, kv := range p {
		if err := b.Put(kv[0], kv[1]); err != nil {
			return err
		}
	}
	return nil
}
