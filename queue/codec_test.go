package queue

import (
	"bytes"
	"encoding/binary"
	"errors"
	"reflect"
	"testing"
	"time"
)

func sampleJob() *job {
	r := photo("account", "/photos/ä ö 🦆.jpg", "bytes")
	r.Album, r.Again, r.NotBefore, r.Skip = "Urlaub", true, day(3), "rule"
	r.Title, r.Description, r.Tags, r.Taken, r.Session = "Am See", "Juni", []string{"See", ""}, day(2), 1<<40
	next := r
	next.Session, next.Tags = 3, nil
	next.SHA256[0]++
	return &job{
		Job: Job{
			ID: 7, Request: r, State: Leased, Attempt: 3, Leases: 4, Crashes: 1, Due: day(4), Cooling: true, Error: "e", Hint: "h",
			ErrKind: "k", Mark: "m", Cancelled: "c", Created: day(5), Updated: day(6),
		},
		reason: 1 << 63, next: &next,
	}
}

func TestRowsComeBackAsTheyWere(t *testing.T) {
	j := sampleJob()
	body := encodeJob(j)
	got, err := decodeJob(7, body)
	if err != nil || !bytes.Equal(encodeJob(got), body) || got.next == nil || got.next.SHA256 != j.next.SHA256 || got.Path != j.Path {
		t.Errorf("%+v, %v", got, err)
	}
	d := decoder{b: body}
	h, version := decodeHead(&d)
	want := j.head()
	if !reflect.DeepEqual(h, want) || version != jobVersion {
		t.Errorf("%+v, want %+v", h, want)
	}
	r := Record{Path: "/1.jpg", MD5: [16]byte{1}, Size: 1 << 40, RemoteID: "r", URL: "u", Album: "al", At: day(1), Outcome: Adopted, Verified: "v", Gone: true, Session: 5}
	gotRecord, err := decodeRecord(encodeRecord(&r))
	if gotRecord.At = gotRecord.At.UTC(); gotRecord != r || err != nil {
		t.Errorf("%+v, %v", gotRecord, err)
	}
	ev := Event{At: day(1), Account: "a", Path: "/1.jpg", SHA256: [32]byte{1}, What: "w", Text: "t"}
	gotEvent, err := decodeEvent(encodeEvent(&ev))
	if gotEvent.At = gotEvent.At.UTC(); gotEvent != ev || err != nil {
		t.Errorf("%+v, %v", gotEvent, err)
	}
	s := Session{
		Kind: SessionCard, Source: "/media/EOS", Accounts: []string{"a", "b"}, Album: "al", Begun: day(1), Arrived: day(2), Changed: day(3),
		Found: 21, Sent: 1, Known: 2, Skipped: 3, Failed: 4, Removed: 5, Left: 6, Bytes: 1 << 40,
	}
	gotSession, err := decodeSession(encodeSession(&s))
	if err != nil || !bytes.Equal(encodeSession(gotSession), encodeSession(&s)) || gotSession.Accounts[1] != "b" || gotSession.sum() != s.Found {
		t.Errorf("%+v, %v", gotSession, err)
	}
	hold := Hold{Reason: "r", Hint: "h", Kind: "k", Since: day(1)}
	gotHold, err := decodeHold(encodeHold(&hold))
	if gotHold.Since = gotHold.Since.UTC(); gotHold != hold || err != nil {
		t.Errorf("%+v, %v", gotHold, err)
	}
}

func TestTimesAreKeptOrClamped(t *testing.T) {
	for _, at := range []time.Time{{}, time.Unix(0, 0), time.Unix(-1, 5), day(1), time.Unix(0, 1)} {
		if got := fromNanos(nanos(at)); !got.Equal(at) || got.IsZero() != at.IsZero() {
			t.Errorf("%s came back as %s", at, got)
		}
	}
	early, late := time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	if nanos(early) >= nanos(day(1)) || nanos(late) <= nanos(day(1)) || fromNanos(nanos(early)).IsZero() {
		t.Errorf("%d, %d", nanos(early), nanos(late))
	}
}

func TestASealNoticesEveryFlippedBit(t *testing.T) {
	key := u64key(7)
	value := seal(key, encodeJob(sampleJob()))
	for i := range value {
		value[i] ^= 4
		if _, err := unseal(key, value); !errors.Is(err, errCodec) {
			t.Fatalf("byte %d: %v", i, err)
		}
		value[i] ^= 4
	}
	if _, err := unseal(u64key(8), value); !errors.Is(err, errCodec) {
		t.Errorf("under another key: %v", err)
	}
	for n := range value {
		if _, err := unseal(key, value[:n]); !errors.Is(err, errCodec) {
			t.Fatalf("cut to %d: %v", n, err)
		}
	}
}

func TestEveryCutRowIsAnError(t *testing.T) {
	for name, row := range map[string]struct {
		body   []byte
		decode func([]byte) error
	}{
		"job":     {encodeJob(sampleJob()), func(b []byte) error { _, err := decodeJob(1, b); return err }},
		"record":  {encodeRecord(&Record{Path: "/1"}), func(b []byte) error { _, err := decodeRecord(b); return err }},
		"seen":    {encodeSeen(&Seen{Note: "n"}), func(b []byte) error { _, err := decodeSeen(b); return err }},
		"event":   {encodeEvent(&Event{What: "w"}), func(b []byte) error { _, err := decodeEvent(b); return err }},
		"session": {encodeSession(&Session{Source: "/1", Accounts: []string{"a"}}), func(b []byte) error { _, err := decodeSession(b); return err }},
		"hold":    {encodeHold(&Hold{Reason: "r"}), func(b []byte) error { _, err := decodeHold(b); return err }},
	} {
		if err := row.decode(row.body); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for n := range row.body {
			if err := row.decode(row.body[:n]); !errors.Is(err, errCodec) {
				t.Errorf("%s cut to %d bytes: %v", name, n, err)
			}
		}
		if err := row.decode(append(row.body, 0)); !errors.Is(err, errCodec) {
			t.Errorf("%s with a byte more: %v", name, err)
		}
		row.body[0] = 99
		if err := row.decode(row.body); !errors.Is(err, errCodec) {
			t.Errorf("%s of a later version: %v", name, err)
		}
	}
}

func TestStateNames(t *testing.T) {
	for _, s := range listOrder {
		if got, err := ParseState(s.String()); got != s || err != nil {
			t.Errorf("%s: %v, %v", s, got, err)
		}
	}
	for _, bad := range []string{"", "done", "Ready"} {
		if s, err := ParseState(bad); err == nil {
			t.Errorf("%q is %s", bad, s)
		}
	}
	if s := State(9).String(); s != "state(9)" {
		t.Error(s)
	}
}

func TestIndexKeysSortAsJobsAreSent(t *testing.T) {
	key := func(h head, id uint64) []byte { return appendIndexKey(nil, &h, id) }
	ready := func(p Priority, modTime int64) head {
		return head{state: Ready, account: []byte("a"), priority: p, modTime: modTime}
	}
	order := [][]byte{
		key(head{state: Leased, account: []byte("a"), updated: 5}, 9),
		key(ready(Manual, -5), 1),
		key(ready(Watched, 10), 1),
		key(ready(Watched, 9), 1),
		key(ready(Watched, 9), 2),
		key(ready(Watched, never), 2),
		key(head{state: Waiting, account: []byte("a"), due: -1}, 2),
		key(head{state: Waiting, account: []byte("a"), due: 1}, 1),
		key(head{state: Failed, account: []byte("a"), updated: 7}, 1),
		key(head{state: Failed, account: []byte("a"), updated: 6}, 1),
	}
	for i, k := range order {
		if i > 0 && bytes.Compare(order[i-1], k) >= 0 {
			t.Errorf("key %d does not come after the one before", i)
		}
		if s, account, rest, ok := splitIndexKey(k); !ok || string(account) != "a" || len(rest) != orderLen(s)+8 {
			t.Errorf("key %d: %s %q %x %v", i, s, account, rest, ok)
		}
	}
}

// FuzzRows: no bytes make a decoder panic or allocate without bounds, and what it accepts it writes again the same way.
func FuzzRows(f *testing.F) {
	f.Add(encodeJob(sampleJob()))
	f.Add(encodeRecord(&Record{Path: "/1.jpg", RemoteID: "r", Outcome: Sent, At: day(1)}))
	f.Add(encodeSeen(&Seen{Path: "/1.jpg", Note: "n", ModTime: day(1)}))
	f.Add(encodeEvent(&Event{Path: "/1.jpg", What: "sent", At: day(1)}))
	f.Add(encodeSession(&Session{Kind: SessionDrop, Source: "/1.jpg", Accounts: []string{"a"}, Found: 1, Left: 1}))
	f.Add(encodeHold(&Hold{Reason: "r", Since: day(1)}))
	f.Add(binary.AppendUvarint([]byte{codecVersion}, 1<<62))
	f.Fuzz(func(t *testing.T, b []byte) {
		again := func(name string, err error, encode func() []byte, decode func([]byte) ([]byte, error)) {
			if err != nil {
				return
			}
			first := encode()
			second, err := decode(first)
			if err != nil || !bytes.Equal(first, second) {
				t.Errorf("%s: %x became %x: %v", name, first, second, err)
			}
		}
		j, err := decodeJob(1, b)
		again("job", err, func() []byte { return encodeJob(j) }, func(b []byte) ([]byte, error) {
			j, err := decodeJob(1, b)
			return encodeJob(j), err
		})
		r, err := decodeRecord(b)
		again("record", err, func() []byte { return encodeRecord(&r) }, func(b []byte) ([]byte, error) {
			r, err := decodeRecord(b)
			return encodeRecord(&r), err
		})
		s, err := decodeSeen(b)
		again("seen", err, func() []byte { return encodeSeen(&s) }, func(b []byte) ([]byte, error) {
			s, err := decodeSeen(b)
			return encodeSeen(&s), err
		})
		ev, err := decodeEvent(b)
		again("event", err, func() []byte { return encodeEvent(&ev) }, func(b []byte) ([]byte, error) {
			ev, err := decodeEvent(b)
			return encodeEvent(&ev), err
		})
		h, err := decodeHold(b)
		again("hold", err, func() []byte { return encodeHold(&h) }, func(b []byte) ([]byte, error) {
			h, err := decodeHold(b)
			return encodeHold(&h), err
		})
		s2, err := decodeSession(b)
		again("session", err, func() []byte { return encodeSession(s2) }, func(b []byte) ([]byte, error) {
			s, err := decodeSession(b)
			if err != nil {
				return nil, err
			}
			return encodeSession(s), nil
		})
		_, _, _, _ = splitIndexKey(b)
		_, _ = parseIndexValue(b)
		_, _ = parseSession(b, b)
		_, _ = parseHold(b, b)
		_, _ = parseRecord(b, b)
	})
}
