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
const schemaVersion = 2

var keyVersion = []byte("version")

// migrations lead from version i to i+1, each in the transaction of all.
var migrations = [schemaVersion]func(tx *bolt.Tx) error{
	0: createBuckets,
	1: addDelivered,
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

// createBuckets makes the buckets of version 1, which did not have delivered.
func createBuckets(tx *bolt.Tx) error {
	for _, name := range allBuckets {
		if string(name) == string(bucketDelivered) {
			continue
		}
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

// rebuild makes index, live and delivered anew from the rows.
func rebuild(tx *bolt.Tx) error {
	var index, live pairs
	err := tx.Bucket(bucketJobs).ForEach(func(k, v []byte) error {
		j, err := parseJob(k, v)
		if err != nil {
			return err
		}
		h := j.head()
		index.add(appendIndexKey(nil, &h, j.ID), appendIndexValue(nil, &h))
		live.add(appendPair(nil, j.Account, j.Path), u64key(j.ID))
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
	return addDelivered(tx)
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
