package queue

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"
)

// encodeRecord1 writes a record as version 1 of its layout had it.
func encodeRecord1(r *Record) []byte {
	b := encodeRecord(r)
	b[0] = 1
	return append(b[:9:9], b[17:]...) // without the session, behind the time
}

// TestAFileOfVersion1IsMigrated builds a file as version 1 wrote it: without the index of records by time.
func TestAFileOfVersion1IsMigrated(t *testing.T) {
	file := filepath.Join(t.TempDir(), "queue.db")
	db, err := bolt.Open(file, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	const n = 500
	err = db.Update(func(tx *bolt.Tx) error {
		if err := createBuckets(tx); err != nil {
			return err
		}
		for i := range n {
			r := Record{Account: "a", Path: name(i), SHA256: [32]byte{byte(i), byte(i >> 8)}, At: day(1).Add(time.Duration(i) * time.Hour), Outcome: Sent}
			k := appendPair(nil, "a", r.SHA256[:])
			if err := tx.Bucket(bucketLedger).Put(k, seal(k, encodeRecord1(&r))); err != nil {
				return err
			}
		}
		return tx.Bucket(bucketMeta).Put(keyVersion, []byte("1"))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	q := openQueue(t, file, Options{})
	if r := q.Recovered(); r != nil {
		t.Fatalf("%+v", r)
	}
	rs, _, err := q.Records(RecordQuery{Limit: 2})
	if err != nil || len(rs) != 2 || rs[0].Path != name(n-1) || rs[1].Path != name(n-2) || q.Counts("a").Delivered != n {
		t.Errorf("%+v, %v", rs, err)
	}
	if _, err := os.Stat(file + ".copy"); err != nil {
		t.Errorf("no copy was made before: %v", err)
	}
	mustClose(t, q)
	s, err := surveyFile(file)
	if err != nil || s.version != schemaVersion {
		t.Errorf("version %d, %v", s.version, err)
	}
}

func TestAFileOfALaterVersionIsLeftAlone(t *testing.T) {
	q := newQueue(t, Options{})
	mustClose(t, q)
	db, err := bolt.Open(q.file, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		return tx.Bucket(bucketMeta).Put(keyVersion, strconv.AppendInt(nil, schemaVersion+1, 10))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(q.file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(q.file, Options{}); err == nil || !strings.Contains(err.Error(), "newer PhotoFerry") {
		t.Errorf("error is %v", err)
	}
	if after, _ := os.ReadFile(q.file); !bytes.Equal(before, after) {
		t.Error("the file was changed")
	}
	if _, err := Open(q.file, Options{}); errors.Is(err, ErrLocked) {
		t.Error("a failed Open kept the lock")
	}
}

// version2 unpacks a file that a program of version 2 wrote: two records, and jobs in all states, one of them leased with
// new bytes that wait. It is called name in a directory of its own.
func version2(t *testing.T, name string) string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "version2.db.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), name)
	write(t, file, b)
	return file
}

func TestAFileOfVersion2IsMigrated(t *testing.T) {
	q := openQueue(t, version2(t, "queue.db"), Options{})
	if r := q.Recovered(); r != nil {
		t.Fatalf("%+v", r)
	}
	c, b := q.Counts("a"), q.Counts("b")
	if c.Ready != 1 || c.Failed != 3 || c.Delivered != 2 || b.Ready != 1 || b.Skipped != 1 || b.Waiting != 2 || len(q.Holds()) != 1 {
		t.Errorf("%+v, %+v, %v", c, b, q.Holds())
	}
	if j := only(t, q, "/photos/leased.jpg"); j.SHA256 != photo("", "", "leased, then changed").SHA256 || j.Album != "2025/{folder}" {
		t.Errorf("%+v", j)
	}
	if j := only(t, q, "/photos/ready.jpg"); j.Session != 0 || j.Title != "" || j.Tags != nil || !j.Taken.IsZero() || !j.SyncCheck {
		t.Errorf("%+v", j)
	}
	rs, _, err := q.Records(RecordQuery{})
	if err != nil || len(rs) != 2 || rs[0].RemoteID[:2] != "r-" || rs[0].Session != 0 || !rs[0].At.Equal(day(2)) {
		t.Errorf("%+v, %v", rs, err)
	}
	groups, err := q.Groups(Failed, 9)
	if err != nil || len(groups) != 2 || groups[0].Count != 2 || groups[0].Jobs[0].Reason() != "the file is too big: …" {
		t.Errorf("%+v, %v", groups, err)
	}
	if n, err := q.RequeueGroup("a", Failed, groups[0].Reason); n != 2 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := os.Stat(q.file + ".copy"); err != nil {
		t.Errorf("no copy was made before: %v", err)
	}
	// Rows of the old layout are written in the new one when they change, and leave the old way.
	session, err := q.OpenSession(SessionDrop, "/photos", []string{"a"}, "")
	if err != nil {
		t.Fatal(err)
	}
	r := photo("a", "/photos/ready.jpg", "ready, then changed")
	r.Session = session
	enqueue(t, q, r)
	if s, err := q.Session(session); err != nil || s.Left != 1 || s.Found != 1 {
		t.Errorf("%+v, %v", s, err)
	}
}

// Since a copy was made, any of its jobs may have been sent, whatever version wrote the copy.
func TestACopyOfVersion2IsDoubted(t *testing.T) {
	file := version2(t, "queue.db.copy")
	file = file[:len(file)-len(".copy")]
	write(t, file, bytes.Repeat([]byte("no queue "), 9000))
	q := openQueue(t, file, Options{})
	if r := q.Recovered(); r == nil || !strings.HasPrefix(r.From, "the copy of ") {
		t.Fatalf("%+v", r)
	}
	if j := only(t, q, "/photos/ready.jpg"); j.Leases < 1 {
		t.Errorf("nothing says that it may have been sent: %+v", j)
	}
}
