package queue

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"
)

const (
	defaultLimit = 1000
	// maxLook bounds the rows that one read transaction looks at: while it is open, no page can be used again.
	maxLook = 20_000
)

var errCursor = errors.New("bad cursor")

// listOrder is the order in which Jobs lists the states.
var listOrder = []State{Leased, Ready, Waiting, Failed, Skipped}

// Job returns a job, or ErrNotFound.
func (q *Queue) Job(id uint64) (Job, error) {
	var j *job
	err := q.view(func(tx *bolt.Tx) (err error) {
		j, err = getJob(tx.Bucket(bucketJobs), id)
		return err
	})
	if err != nil {
		return Job{}, err
	}
	return j.Job, nil
}

// JobsByPath returns the jobs of a path, of all accounts, sorted by account.
func (q *Queue) JobsByPath(path string) ([]Job, error) {
	accounts := q.accounts()
	slices.Sort(accounts)
	var jobs []Job
	err := q.view(func(tx *bolt.Tx) error {
		for _, account := range accounts {
			id := tx.Bucket(bucketLive).Get(appendPair(nil, account, path))
			if id == nil {
				continue
			}
			j, err := getJob(tx.Bucket(bucketJobs), binary.BigEndian.Uint64(id))
			if err != nil {
				return notRefused(err)
			}
			jobs = append(jobs, j.Job)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("jobs of %s: %w", path, err)
	}
	return jobs, nil
}

// Jobs returns a page of jobs, and the cursor for the next page, "" after the last one. They come as Leased, then Ready
// in the order of sending, Waiting by due time, and Failed and Skipped latest first; with several accounts these orders
// are merged. The cursor is a place in that order, not a number of rows: what comes and goes meanwhile shifts nothing.
func (q *Queue) Jobs(query JobQuery) (jobs []Job, next string, err error) {
	states := listOrder
	if query.State != 0 {
		states = []State{query.State}
	}
	rows, next, err := q.page(query, states, func(*job) bool { return true })
	if err != nil {
		return nil, "", fmt.Errorf("list jobs: %w", err)
	}
	jobs = make([]Job, len(rows))
	for i, j := range rows {
		jobs[i] = j.Job
	}
	return jobs, next, nil
}

// page collects the jobs that are wanted, from the states in their order.
func (q *Queue) page(query JobQuery, states []State, want func(j *job) bool) (rows []*job, next string, err error) {
	limit := query.Limit
	if limit == 0 {
		limit = defaultLimit
	}
	after, err := parseCursor(query.After)
	if err != nil {
		return nil, "", err
	}
	if len(after) > 0 {
		s := State(after[0])
		i := slices.Index(states, s)
		if i < 0 || len(after) < 1+orderLen(s)+8 {
			return nil, "", errCursor
		}
		states, after = states[i:], after[1:]
	}
	text := newFolded(query.Text)
	var last []byte // the place of the last row, with its state
	for _, s := range states {
		stopped, err := scan(q, scanOrder{
			bucket: bucketIndex, prefix: []byte{byte(s)}, restLen: orderLen(s) + 8, account: query.Account, after: after,
			rows: bucketJobs,
		}, func(jobs *bolt.Bucket, p place) (bool, error) {
			j, err := query.pick(jobs, p, text)
			if err != nil {
				return false, err
			}
			if j == nil || !want(j) {
				return true, nil
			}
			if limit > 0 && len(rows) == limit {
				return false, nil
			}
			rows, last = append(rows, j), p.append([]byte{byte(s)})
			return true, nil
		})
		if err != nil {
			return nil, "", err
		}
		if stopped {
			return rows, hex.EncodeToString(last), nil
		}
		after = nil
	}
	return rows, "", nil
}

// pick returns the job of a place in the index, nil if the query does not select it. It looks at the cheap things first.
func (q *JobQuery) pick(jobs *bolt.Bucket, p place, text *folded) (*job, error) {
	if q.Session != 0 || q.Reason != 0 {
		v, ok := parseIndexValue(p.value)
		if !ok {
			return nil, damagedRow("index entry", p.rest, errCodec)
		}
		if q.Session != 0 && v.session != q.Session || q.Reason != 0 && v.reason != q.Reason {
			return nil, nil
		}
	}
	id := idOf(p.rest)
	if !text.inPath(jobs.Get(u64key(id)), q.Folder) {
		return nil, nil
	}
	j, err := getJob(jobs, id)
	if err != nil {
		return nil, notRefused(err)
	}
	if q.Folder != "" && j.Folder != q.Folder {
		return nil, nil
	}
	return j, nil
}

// Records returns a page of records, newest first, and the cursor for the next page, "" after the last one.
func (q *Queue) Records(query RecordQuery) (rs []Record, next string, err error) {
	if query.SHA256 != nil {
		rs, err = q.recordsOf(query)
		return rs, "", err
	}
	limit := query.Limit
	if limit == 0 {
		limit = defaultLimit
	}
	after, err := parseCursor(query.After)
	if err == nil && len(after) > 0 && len(after) < 40 {
		err = errCursor
	}
	if err != nil {
		return nil, "", fmt.Errorf("list records: %w", err)
	}
	text := newFolded(query.Text)
	var last []byte
	older := false // than query.Since
	stopped, err := scan(q, query.order(after), func(ledger *bolt.Bucket, p place) (bool, error) {
		if !query.Since.IsZero() && binary.BigEndian.Uint64(p.rest) > latest(nanos(query.Since)) {
			older = true
			return false, nil
		}
		key := appendPair(nil, p.account, p.rest[8:])
		r, err := parseRecord(key, ledger.Get(key))
		if err != nil {
			return false, err
		}
		if query.Outcome != "" && r.Outcome != query.Outcome || !text.in([]byte(r.Path)) {
			return true, nil
		}
		if limit > 0 && len(rs) == limit {
			return false, nil
		}
		rs, last = append(rs, r), p.append(nil)
		return true, nil
	})
	if err != nil {
		return nil, "", fmt.Errorf("list records: %w", err)
	}
	if stopped && !older {
		next = hex.EncodeToString(last)
	}
	return rs, next, nil
}

// order is the bucket that has what the query selects in its order, from the place after which it asks.
func (q *RecordQuery) order(after []byte) scanOrder {
	o := scanOrder{bucket: bucketDelivered, restLen: 40, account: q.Account, after: after, rows: bucketLedger}
	if q.Session != 0 {
		o.bucket, o.prefix = bucketBySession, u64key(q.Session)
	}
	if len(after) == 0 && !q.Until.IsZero() {
		o.after = make([]byte, 40) // the place before all that were delivered at the last moment before
		binary.BigEndian.PutUint64(o.after, latest(nanos(q.Until)-1))
	}
	return o
}

// recordsOf returns the records of one digest: at most one for each account, so there is one page.
func (q *Queue) recordsOf(query RecordQuery) ([]Record, error) {
	accounts := []string{query.Account}
	if query.Account == "" {
		accounts = q.accounts()
	}
	text := newFolded(query.Text)
	var rs []Record
	for _, account := range accounts {
		r, ok, err := q.Record(account, *query.SHA256)
		if err != nil {
			return nil, err
		}
		if ok && text.in([]byte(r.Path)) {
			rs = append(rs, r)
		}
	}
	slices.SortFunc(rs, func(a, b Record) int { return b.At.Compare(a.At) })
	return rs, nil
}

// scanOrder describes a bucket whose keys are prefix · account · 0 · rest, to be read in the order of rest, then account.
type scanOrder struct {
	bucket  []byte
	prefix  []byte
	restLen int
	account string // "" all
	after   []byte // rest · account of the place after which to begin
	rows    []byte // the bucket that fn needs
}

// place is where a scan stands, and what the bucket holds there. The slices are bbolt's.
type place struct{ account, rest, value []byte }

// append appends the place as scanOrder.after takes it.
func (p place) append(b []byte) []byte { return append(append(b, p.rest...), p.account...) }

// scan calls fn for one place after the other until it returns false, and then returns true. It begins a new read
// transaction every maxLook places.
func scan(q *Queue, o scanOrder, fn func(rows *bolt.Bucket, p place) (more bool, err error)) (stopped bool, err error) {
	accounts := []string{o.account}
	if o.account == "" {
		accounts = q.accounts()
	}
	for end := false; !end && !stopped && err == nil; {
		err = q.view(func(tx *bolt.Tx) error {
			m, rows := newMerge(tx.Bucket(o.bucket), o, accounts), tx.Bucket(o.rows)
			for range maxLook {
				p, ok := m.next()
				if !ok {
					end = true
					return nil
				}
				more, err := fn(rows, p)
				if err != nil || !more {
					stopped = !more
					return err
				}
				o.after = p.append(nil)
			}
			return nil
		})
	}
	return stopped && err == nil, err
}

// merge reads several accounts' stretches of a bucket as one. There are few accounts, so that it looks at each.
type merge struct {
	heads []mergeHead
}

type mergeHead struct {
	c       *bolt.Cursor
	prefix  []byte
	account []byte
	rest    []byte // nil: at the end
	value   []byte
}

func newMerge(b *bolt.Bucket, o scanOrder, accounts []string) *merge {
	m := &merge{heads: make([]mergeHead, 0, len(accounts))}
	for _, account := range accounts {
		h := mergeHead{c: b.Cursor(), account: []byte(account)}
		h.prefix = appendPair(bytes.Clone(o.prefix), account, "")
		if len(o.after) == 0 {
			h.set(h.c.Seek(h.prefix))
		} else {
			rest, after := o.after[:o.restLen], o.after[o.restLen:]
			h.set(h.c.Seek(append(bytes.Clone(h.prefix), rest...)))
			if bytes.Equal(h.rest, rest) && bytes.Compare(h.account, after) <= 0 {
				h.advance()
			}
		}
		m.heads = append(m.heads, h)
	}
	return m
}

func (h *mergeHead) set(k, v []byte) {
	rest, ok := bytes.CutPrefix(k, h.prefix)
	if !ok {
		rest = nil
	}
	h.rest, h.value = rest, v
}

func (h *mergeHead) advance() { h.set(h.c.Next()) }

func (m *merge) next() (place, bool) {
	first := -1
	for i := range m.heads {
		h := &m.heads[i]
		if h.rest == nil {
			continue
		}
		if first >= 0 {
			c := bytes.Compare(h.rest, m.heads[first].rest)
			if c > 0 || c == 0 && bytes.Compare(h.account, m.heads[first].account) > 0 {
				continue
			}
		}
		first = i
	}
	if first < 0 {
		return place{}, false
	}
	h := &m.heads[first]
	p := place{account: h.account, rest: h.rest, value: h.value}
	h.advance()
	return p, true
}

func parseCursor(s string) ([]byte, error) {
	b, err := hex.DecodeString(s)
	if err != nil {
		return nil, errCursor
	}
	return b, nil
}

// folded is a text to be found whatever the case.
type folded struct {
	text    []byte
	scratch []byte
}

func newFolded(text string) *folded { return &folded{text: bytes.ToLower([]byte(text))} }

func (f *folded) in(path []byte) bool {
	if len(f.text) == 0 {
		return true
	}
	f.scratch = f.scratch[:0]
	for _, c := range path {
		if c >= 0x80 {
			return bytes.Contains(bytes.ToLower(path), f.text)
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		f.scratch = append(f.scratch, c)
	}
	return bytes.Contains(f.scratch, f.text)
}

// inPath looks into the path of a stored job, which must lie below folder if one is given, without decoding the rest. What
// cannot be read is not passed over.
func (f *folded) inPath(value []byte, folder string) bool {
	if len(f.text) == 0 && folder == "" {
		return true
	}
	d := decoder{b: value}
	h, _ := decodeHead(&d)
	return d.err != nil || f.in(h.path) && (folder == "" || below(h.path, []byte(folder)))
}
