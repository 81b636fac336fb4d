package queue

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"
)

// usedFile makes a closed queue file of some hundred pages and returns its name and contents.
func usedFile(t testing.TB, backup bool) (file string, contents []byte) {
	t.Helper()
	q := newQueue(t, Options{})
	session, err := q.OpenSession(SessionDrop, "/photos", []string{"a"}, "")
	if err != nil {
		t.Fatal(err)
	}
	var b Batch
	for i := range 1500 {
		r := photo("a", name(i), name(i))
		r.Session = session
		b.Requests = append(b.Requests, r)
		b.Seen = append(b.Seen, Seen{Path: r.Path, Size: r.Size, ModTime: r.ModTime, SHA256: r.SHA256})
	}
	if _, err := q.Enqueue(b); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if err := q.Complete(lease(t, q, "a").ID, Record{Outcome: Sent}); err != nil {
			t.Fatal(err)
		}
	}
	if err := q.Hold(Hold{Account: "a", By: ByUser, Reason: "pause"}); err != nil {
		t.Fatal(err)
	}
	if s, err := q.Session(session); err != nil || s.Found != 1500 || s.Sent != 20 || s.Left != 1480 {
		t.Fatalf("%+v, %v", s, err)
	}
	if backup {
		if err := q.Backup(); err != nil {
			t.Fatal(err)
		}
	}
	mustClose(t, q)
	contents, err = os.ReadFile(q.file)
	if err != nil {
		t.Fatal(err)
	}
	return q.file, contents
}

func write(t testing.TB, file string, contents []byte) {
	t.Helper()
	if err := os.WriteFile(file, contents, 0o600); err != nil {
		t.Fatal(err)
	}
}

func damagedFiles(t testing.TB, file string) []string {
	t.Helper()
	names, err := filepath.Glob(file + ".damaged-*")
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestADamagedFileIsSetAsideAndTheCopyTakesItsPlace damages the file in every way that a disk, a program or a person
// might.
func TestADamagedFileIsSetAsideAndTheCopyTakesItsPlace(t *testing.T) {
	t.Parallel()
	file, good := usedFile(t, true)
	cut := func(n int) func([]byte) []byte { return func(b []byte) []byte { return b[:n] } }
	page := os.Getpagesize()
	damages := map[string]func([]byte) []byte{
		"cut to a byte":         cut(1),
		"cut within the head":   cut(page + 100),
		"cut after the head":    cut(2 * page),
		"cut after ten pages":   cut(10 * page),
		"cut in the middle":     cut(len(good) / 2),
		"empty":                 cut(0),
		"gone":                  func([]byte) []byte { return nil },
		"not ours":              func([]byte) []byte { return []byte(strings.Repeat("holiday in Rome ", 9000)) },
		"zeroes":                func(b []byte) []byte { return make([]byte, len(b)) },
		"both head pages wiped": func(b []byte) []byte { clear(b[:2*page]); return b },
	}
	for at := 3; at < len(good)/page-1; at += len(good) / page / 12 {
		damages[fmt.Sprintf("page %d wiped", at)] = func(b []byte) []byte { clear(b[at*page : (at+1)*page]); return b }
		damages[fmt.Sprintf("page %d twice", at)] = func(b []byte) []byte {
			copy(b[(at+1)*page:(at+2)*page], b[at*page:(at+1)*page])
			return b
		}
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			write(t, file+".size", []byte(fmt.Sprint(len(good))))
			for _, old := range damagedFiles(t, file) {
				_ = os.Remove(old)
			}
			bad := damage(append([]byte(nil), good...))
			if write(t, file, bad); bad == nil {
				_ = os.Remove(file)
			}
			if s, err := surveyFile(file); len(bad) > 0 && err == nil && s.unfaithful == nil {
				// It only hit free pages.
				if q := openQueue(t, file, Options{}); q.Recovered() != nil {
					t.Errorf("a sound file was set aside: %+v", q.Recovered())
				}
				return
			}
			q := openQueue(t, file, Options{})
			r := q.Recovered()
			if r == nil || !errors.Is(r.Cause, ErrDamaged) || !strings.HasPrefix(r.From, "the copy of 2") {
				t.Fatalf("%+v", r)
			}
			if bad != nil {
				if names := damagedFiles(t, file); len(names) != 1 || names[0] != r.SetAside {
					t.Errorf("%q were set aside, said %q", names, r.SetAside)
				}
			}
			if c := q.Counts("a"); c.Ready != 1480 || c.Delivered != 20 || len(q.Holds()) != 1 {
				t.Errorf("%+v, %v", c, q.Holds())
			}
			if err := q.Resume("a", ByUser); err != nil {
				t.Fatal(err)
			}
			if j := lease(t, q, "a"); j.Leases < 2 {
				t.Errorf("since the copy it may have been sent, but nothing says so: %+v", j)
			}
			if at, err := q.Note(NoteRecovered); at == "" || err != nil {
				t.Errorf("%q, %v", at, err)
			}
			mustClose(t, q)
			if q = openQueue(t, file, Options{}); q.Recovered() != nil {
				t.Errorf("recovered once more: %+v", q.Recovered())
			}
		})
	}
}

func TestWithoutACopyTheQueueStartsEmpty(t *testing.T) {
	t.Parallel()
	file, good := usedFile(t, false)
	for i, copied := range [][]byte{nil, {}, good[:len(good)/3]} {
		write(t, file, good[:len(good)/2])
		if copied != nil {
			write(t, file+".copy", copied)
		}
		q := openQueue(t, file, Options{})
		if r := q.Recovered(); r == nil || r.From != "empty" || r.SetAside == "" {
			t.Fatalf("%+v", r)
		}
		if c := q.Counts(""); c != (Counts{}) {
			t.Errorf("%+v", c)
		}
		enqueue(t, q, photo("a", "/photos/1.jpg", "1"))
		mustClose(t, q)
		if n := len(damagedFiles(t, file)); n != i+1 {
			t.Errorf("%d files were set aside, want %d", n, i+1)
		}
	}
}

func TestANewQueueIsNotARecovery(t *testing.T) {
	for _, empty := range []bool{false, true} {
		file := filepath.Join(t.TempDir(), "deeper", "queue.db")
		if empty {
			if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
				t.Fatal(err)
			}
			write(t, file, nil)
		}
		q := openQueue(t, file, Options{})
		if r := q.Recovered(); r != nil {
			t.Errorf("%+v", r)
		}
		info, err := os.Stat(file)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
	}
}

// One head page may always be lost: the other one is the commit before.
func TestOneHeadPageIsEnough(t *testing.T) {
	t.Parallel()
	page := os.Getpagesize()
	for i := range 2 {
		file, good := usedFile(t, false)
		clear(good[i*page : (i+1)*page])
		write(t, file, good)
		q := openQueue(t, file, Options{})
		if r := q.Recovered(); r != nil {
			t.Errorf("head page %d: %+v", i, r)
		}
		if c := q.Counts("a"); c.Ready+c.Leased != 1480 || c.Delivered != 20 {
			t.Errorf("head page %d: %+v", i, c)
		}
	}
}

// TestFlippedBitsAreNoticedOrHarmless flips bits all over the file. Each time Open must not die, and what it then shows
// must be what was there, or a recovery.
func TestFlippedBitsAreNoticedOrHarmless(t *testing.T) {
	t.Parallel()
	file, good := usedFile(t, false)
	digest := photo("a", name(700), name(700)).SHA256
	random := rand.New(rand.NewPCG(1, 2))
	noticed := 0
	for i := range 120 {
		bad := append([]byte(nil), good...)
		for range 1 + i%3 {
			bad[random.IntN(len(bad))] ^= 1 << random.IntN(8)
		}
		write(t, file, bad)
		q, err := Open(file, Options{})
		if err != nil {
			t.Fatalf("round %d: %v", i, err)
		}
		switch c := q.Counts("a"); {
		case q.Recovered() != nil:
			noticed++
			_ = os.Remove(q.Recovered().SetAside)
		case c.Ready != 1480 || c.Delivered != 20:
			t.Errorf("round %d: %+v", i, c)
		case only(t, q, name(700)).SHA256 != digest:
			t.Errorf("round %d: another digest", i)
		}
		if err := q.Check(); err != nil {
			t.Errorf("round %d: %v", i, err)
		}
		mustClose(t, q)
	}
	if noticed < 12 {
		t.Errorf("only %d of 120 were noticed", noticed)
	}
}

func TestAnIndexThatDoesNotMatchIsRebuilt(t *testing.T) {
	t.Parallel()
	spoil := map[string]func(tx *bolt.Tx) error{
		"an index key is missing": func(tx *bolt.Tx) error {
			c := tx.Bucket(bucketIndex).Cursor()
			c.First()
			return c.Delete()
		},
		"an index key too many": func(tx *bolt.Tx) error {
			h := head{state: Failed, account: []byte("a")}
			return tx.Bucket(bucketIndex).Put(appendIndexKey(nil, &h, 999999), []byte{0})
		},
		"a size is wrong": func(tx *bolt.Tx) error {
			b := tx.Bucket(bucketIndex)
			k, _ := b.Cursor().First()
			return b.Put(k, appendIndexValue(nil, &head{size: 2, session: 1}))
		},
		"live points elsewhere": func(tx *bolt.Tx) error {
			b := tx.Bucket(bucketLive)
			k, _ := b.Cursor().First()
			return b.Put(k, u64key(77))
		},
		"a job's session is another": func(tx *bolt.Tx) error {
			b := tx.Bucket(bucketIndex)
			k, v := b.Cursor().First()
			value, _ := parseIndexValue(v)
			return b.Put(k, appendIndexValue(nil, &head{size: value.size}))
		},
		"a record is not in its session": func(tx *bolt.Tx) error {
			c := tx.Bucket(bucketBySession).Cursor()
			c.First()
			return c.Delete()
		},
		"a session counts wrong": func(tx *bolt.Tx) error {
			b := tx.Bucket(bucketSessions)
			s, err := parseSession(b.Cursor().First())
			s.Left--
			s.Failed++
			return errors.Join(err, b.Put(u64key(1), seal(u64key(1), encodeSession(s))))
		},
		"a session does not add up": func(tx *bolt.Tx) error {
			b := tx.Bucket(bucketSessions)
			s, err := parseSession(b.Cursor().First())
			s.Found += 2
			return errors.Join(err, b.Put(u64key(1), seal(u64key(1), encodeSession(s))))
		},
		"a session is missing": func(tx *bolt.Tx) error { return tx.Bucket(bucketSessions).Delete(u64key(1)) },
		"a record has no time": func(tx *bolt.Tx) error {
			c := tx.Bucket(bucketDelivered).Cursor()
			c.First()
			return c.Delete()
		},
	}
	for name, fn := range spoil {
		t.Run(name, func(t *testing.T) {
			file, _ := usedFile(t, false)
			db, err := bolt.Open(file, 0o600, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(db.Update(fn), db.Close()); err != nil {
				t.Fatal(err)
			}
			if s, err := surveyFile(file); err != nil || s.unfaithful == nil {
				t.Fatalf("not noticed: %v", err)
			}
			q := openQueue(t, file, Options{})
			if c := q.Counts("a"); c.Ready != 1480 || c.Delivered != 20 || q.Recovered() != nil {
				t.Errorf("%+v, %+v", c, q.Recovered())
			}
			if s, err := q.Session(1); err != nil || s.Left != 1480 || s.Found != s.Left+s.Sent {
				t.Errorf("%+v, %v", s, err)
			}
			if rs, _, err := q.Records(RecordQuery{Session: 1}); len(rs) != 20 || err != nil {
				t.Errorf("%d records, %v", len(rs), err)
			}
		})
	}
}

func TestCheckNoticesADamagedRow(t *testing.T) {
	q := newQueue(t, Options{})
	enqueue(t, q, photo("a", "/photos/1.jpg", "1"))
	err := q.do(func(t *txn) error {
		v := append([]byte(nil), t.jobs.Get(u64key(1))...)
		v[40] ^= 1
		return t.putPlain(t.jobs, u64key(1), v)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Check(); !errors.Is(err, ErrDamaged) {
		t.Errorf("error is %v", err)
	}
	if _, err := q.Job(1); !errors.Is(err, ErrDamaged) {
		t.Errorf("error is %v", err)
	}
	if err := q.Remove(1, ""); !errors.Is(err, ErrDamaged) {
		t.Errorf("error is %v", err)
	}
	mustClose(t, q)
}

// FuzzSurvey feeds the page reader with broken files: it must return, and not take for sound what bbolt would die of.
func FuzzSurvey(f *testing.F) {
	file := filepath.Join(f.TempDir(), "queue.db")
	q, err := Open(file, Options{})
	if err != nil {
		f.Fatal(err)
	}
	var rs []Request
	for i := range 60 {
		rs = append(rs, photo("a", name(i), name(i)))
	}
	if _, err := q.Enqueue(Batch{Requests: rs}); err != nil {
		f.Fatal(err)
	}
	if err := q.Close(); err != nil {
		f.Fatal(err)
	}
	good, err := os.ReadFile(file)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint32(0), []byte{0})
	f.Add(uint32(4096+16), []byte("\xff\xff\xff\xff"))
	f.Add(uint32(5*4096+8), []byte{1, 0, 255, 255})
	f.Add(uint32(9*4096+16), []byte{0, 0, 0, 0, 255, 255, 255, 127})
	f.Fuzz(func(t *testing.T, at uint32, patch []byte) {
		bad := append([]byte(nil), good...)
		copy(bad[int(at)%len(bad):], patch)
		p, err := openPages(strings.NewReader(string(bad)), int64(len(bad)))
		if err != nil {
			return
		}
		if _, err := surveyPages(p); err != nil {
			return
		}
	})
}
