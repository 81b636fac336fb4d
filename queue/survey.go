package queue

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"os"
	"strconv"
)

// tally is what is counted for one account.
type tally struct {
	jobs      [Skipped + 1]int
	delivered int
	bytes     int64
	due       int64 // of the first Waiting job; never: none
}

func (t *tally) add(s State, size int64, sign int) {
	t.jobs[s] += sign
	if s != Failed && s != Skipped {
		t.bytes += int64(sign) * size
	}
}

func (t *tally) empty() bool { return t.jobs == [Skipped + 1]int{} && t.delivered == 0 }

// survey is what one pass over a sound file finds.
type survey struct {
	version    int // of the schema; 0: a file without any
	tallies    map[string]*tally
	holds      []Hold
	pages      uint64
	freePages  int
	pageSize   int64
	badMetas   int
	unfaithful error // the rows are sound, but what is made from them does not say what they say
}

// counts of the rows and the order-independent sum of their hashes. Two sides that hold the same set have equal sums;
// so the invariant needs one sequential pass, not a lookup for every row.
type sum struct {
	n    int
	hash uint64
}

var sumSeed = maphash.MakeSeed()

func (s *sum) add(pair []byte) { s.n++; s.hash += maphash.Bytes(sumSeed, pair) }

// surveyFile checks the file page by page and row by row. An error that is ErrDamaged means that the file is not what
// was written; any other, that it could not be read. A file that is missing or empty gives an empty survey.
func surveyFile(file string) (*survey, error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return &survey{}, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() == 0 {
		return &survey{}, nil
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", file)
	}
	if err := readAhead(f); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	p, err := openPages(f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	s, err := surveyPages(p)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return s, nil
}

func surveyPages(p *pageFile) (*survey, error) {
	roots, err := p.buckets()
	if err != nil {
		return nil, err
	}
	s := &survey{
		tallies: map[string]*tally{}, pages: p.highWater, freePages: p.free, pageSize: p.pageSize, badMetas: p.badMetas,
	}
	if len(roots) == 0 {
		return s, nil
	}
	if err := s.readVersion(p, roots); err != nil {
		return nil, err
	}
	scan := surveyor{survey: s, counts: sessionCounts{}, sessions: map[uint64]*Session{}}
	each := map[string]func(k, v []byte) error{
		string(bucketHolds):     scan.hold,
		string(bucketJobs):      scan.job,
		string(bucketIndex):     scan.index,
		string(bucketLive):      scan.live,
		string(bucketLedger):    scan.record,
		string(bucketDelivered): scan.delivered,
		string(bucketSeen):      scan.sealed,
		string(bucketHistory):   scan.sealed,
		string(bucketSessions):  scan.session,
		string(bucketBySession): scan.bySession,
	}
	for name, root := range roots {
		if name == string(bucketMeta) {
			continue
		}
		fn := each[name]
		if fn == nil || s.version != schemaVersion {
			fn = func(k, v []byte) error { return nil } // another version's rows: the structure is all we know
		}
		if err := p.walk(root, fn); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if s.version == schemaVersion {
		for _, name := range allBuckets {
			if _, ok := roots[string(name)]; !ok {
				return nil, fmt.Errorf("%s is missing", name)
			}
		}
		s.unfaithful = scan.compare()
	}
	return s, nil
}

func (s *survey) readVersion(p *pageFile, roots map[string]bucketRoot) error {
	root, ok := roots[string(bucketMeta)]
	if !ok {
		return errors.New("meta is missing")
	}
	err := p.walk(root, func(k, v []byte) error {
		if !bytes.Equal(k, keyVersion) {
			_, err := unseal(k, v)
			return err
		}
		n, err := strconv.Atoi(string(v))
		if err != nil || n < 1 {
			return fmt.Errorf("version %q", v)
		}
		s.version = n
		return nil
	})
	if err == nil && s.version == 0 {
		err = errors.New("no version")
	}
	if err != nil {
		return fmt.Errorf("meta: %w", err)
	}
	return nil
}

// surveyor takes the rows of the buckets, in whatever order the buckets come.
type surveyor struct {
	*survey
	jobIndex, jobLive, indexed, lived sum
	recorded, deliveries              sum
	inSessions, bySessions            sum
	counts                            sessionCounts // of the jobs in the index
	sessions                          map[uint64]*Session
	k                                 []byte
}

func (s *surveyor) tally(account []byte) *tally {
	t := s.tallies[string(account)]
	if t == nil {
		t = &tally{due: never}
		s.tallies[string(account)] = t
	}
	return t
}

func (s *surveyor) sealed(k, v []byte) error {
	_, err := unseal(k, v)
	return err
}

func (s *surveyor) hold(k, v []byte) error {
	h, err := parseHold(k, v)
	s.holds = append(s.holds, h)
	return err
}

func (s *surveyor) job(k, v []byte) error {
	body, err := unseal(k, v)
	if err != nil {
		return err
	}
	if len(k) != 8 {
		return fmt.Errorf("%w: key", errCodec)
	}
	d := decoder{b: body}
	h, _ := decodeHead(&d)
	if d.err != nil {
		return d.err
	}
	id := binary.BigEndian.Uint64(k)
	s.k = appendIndexValue(appendIndexKey(s.k[:0], &h, id), &h)
	s.jobIndex.add(s.k)
	s.k = append(appendPair(s.k[:0], h.account, h.path), k...)
	s.jobLive.add(s.k)
	return nil
}

func (s *surveyor) index(k, v []byte) error {
	s.k = append(append(s.k[:0], k...), v...)
	s.indexed.add(s.k)
	state, account, rest, ok := splitIndexKey(k)
	value, valid := parseIndexValue(v)
	if !ok || !valid {
		return fmt.Errorf("%w: key", errCodec)
	}
	t := s.tally(account)
	t.add(state, value.size, +1)
	s.counts.add(value.session, state)
	if state == Waiting && t.due == never {
		t.due = dueOf(rest)
	}
	return nil
}

// dueOf is the due time in the rest of a Waiting job's index key.
func dueOf(rest []byte) int64 { return int64(binary.BigEndian.Uint64(rest) ^ 1<<63) }

func (s *surveyor) live(k, v []byte) error {
	s.k = append(append(s.k[:0], k...), v...)
	s.lived.add(s.k)
	return nil
}

func (s *surveyor) record(k, v []byte) error {
	body, err := unseal(k, v)
	if err != nil {
		return err
	}
	account, digest, ok := splitPair(k)
	d := decoder{b: body}
	at, session := decodeDelivery(&d)
	if !ok || len(digest) != 32 || d.err != nil {
		return fmt.Errorf("%w: key", errCodec)
	}
	s.k = appendDeliveredKey(s.k[:0], account, at, digest)
	s.recorded.add(s.k)
	if session != 0 {
		s.k = appendBySessionKey(s.k[:0], session, account, at, digest)
		s.inSessions.add(s.k)
	}
	return nil
}

func (s *surveyor) delivered(k, _ []byte) error {
	account, rest, ok := splitPair(k)
	if !ok || len(rest) != 40 {
		return fmt.Errorf("%w: key", errCodec)
	}
	s.deliveries.add(k)
	s.tally(account).delivered++
	return nil
}

func (s *surveyor) bySession(k, _ []byte) error {
	if len(k) < 8+1+40 {
		return fmt.Errorf("%w: key", errCodec)
	}
	s.bySessions.add(k)
	return nil
}

func (s *surveyor) session(k, v []byte) error {
	row, err := parseSession(k, v)
	if err != nil {
		return err
	}
	s.sessions[row.ID] = row
	return nil
}

// sessionCounts are numbers of jobs by session and by what the session calls their state.
type sessionCounts map[uint64]*[fateSkipped + 1]int

func (c sessionCounts) add(session uint64, s State) {
	if session == 0 {
		return
	}
	n := c[session]
	if n == nil {
		n = &[fateSkipped + 1]int{}
		c[session] = n
	}
	n[fateIn(s)]++
}

// compareSessions: what a session says of its jobs is what they say, and its numbers add up.
func (s *surveyor) compareSessions() error {
	none := &[fateSkipped + 1]int{}
	for id, row := range s.sessions {
		c := cmp.Or(s.counts[id], none)
		if c[fateLeft] != row.Left || c[fateFailed] != row.Failed || c[fateSkipped] != row.Skipped || row.Found != row.sum() {
			return fmt.Errorf("session %d says %+v and has %v jobs", id, *row, *c)
		}
	}
	for id := range s.counts {
		if s.sessions[id] == nil {
			return fmt.Errorf("session %d of %v jobs is missing", id, *s.counts[id])
		}
	}
	return nil
}

// compare is the invariant: index, live, delivered, bysession and the numbers of sessions hold exactly what jobs and
// ledger say.
func (s *surveyor) compare() error {
	for _, c := range []struct {
		name      string
		want, got sum
	}{
		{"index", s.jobIndex, s.indexed},
		{"live", s.jobLive, s.lived},
		{"delivered", s.recorded, s.deliveries},
		{"bysession", s.inSessions, s.bySessions},
	} {
		if c.want != c.got {
			return fmt.Errorf("%s does not hold what the rows say (%d rows, %d entries)", c.name, c.want.n, c.got.n)
		}
	}
	return s.compareSessions()
}
