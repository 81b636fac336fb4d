package piwigo

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/photoferry/photoferry/app/upload"
)

// Sizes in bytes.
const (
	// firstChunk with its form is below the 1 MB of nginx and the 2 MB of PHP
	// as they come.
	firstChunk = 960 << 10
	// smallest is what is not halved any more: a server that takes less is
	// set up wrongly.
	smallest = 64 << 10
	// stockLimit is PHP's post_max_size as it comes: where something was refused
	// at all, it is likelier there than half as high.
	stockLimit = 8 << 20
	// maxSingle is what is sent in one request at most. Above it a break costs
	// more than the further requests.
	maxSingle = 64 << 20
)

// limitAge is how long a limit is believed: it may have been raised.
const limitAge = 7 * 24 * time.Hour

// Keys of [upload.Account.Remember].
const (
	keySingle = "piwigo.single" // "BYTES UNIXTIME"
	keyChunk  = "piwigo.chunk"  // the same
)

// limits is what has been learned about the size of requests.
type limits struct {
	account upload.Account

	mu      sync.Mutex
	single  int64 // largest photo for one request; 0 while nothing was refused
	chunk   int64 // largest chunk; 0 likewise
	proven  int64 // largest photo that went through in one request
	suspect int64 // smallest photo that was cut off on its way; 0 for none
}

func newLimits(a upload.Account) *limits {
	return &limits{account: a, single: recalled(a, keySingle), chunk: recalled(a, keyChunk)}
}

// recalled returns a remembered limit that is not too old.
func recalled(a upload.Account, key string) int64 {
	size, at, _ := strings.Cut(a.Recall(key), " ")
	n, err := strconv.ParseInt(size, 10, 64)
	sec, terr := strconv.ParseInt(at, 10, 64)
	if err != nil || terr != nil || time.Since(time.Unix(sec, 0)) > limitAge {
		return 0
	}
	return max(n, smallest)
}

// forOne reports whether a photo of that size may go in one request. What has
// not been refused is tried: the first photos are not to be slow.
func (l *limits) forOne(size int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.suspect > 0 && size >= l.suspect && size > l.proven {
		return false
	}
	if l.single > 0 {
		return size <= max(l.single, l.proven)
	}
	return size <= maxSingle
}

// chunkSize returns the size of a photo's chunks.
func (l *limits) chunkSize() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.chunk > 0 {
		return l.chunk
	}
	return firstChunk
}

// took notes a photo that went through in one request.
func (l *limits) took(size int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.proven = max(l.proven, size)
}

// cut notes a photo whose request broke off before its end: the server may have
// refused it without our hearing of it.
func (l *limits) cut(size int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if size > smallest && (l.suspect == 0 || size < l.suspect) {
		l.suspect = size
	}
}

// refused notes that a request with so many bytes of a photo was too big, and
// halves the limit that let it through. It returns false when there is nothing
// left to halve.
func (l *limits) refused(size int64, whole bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if size <= smallest {
		return false
	}
	half := max(size/2, smallest)
	limit, key := &l.chunk, keyChunk
	if whole {
		limit, key = &l.single, keySingle
		if l.proven >= size {
			l.proven = 0 // lowered meanwhile
		}
		half = max(min(half, stockLimit), l.proven)
	}
	if *limit == 0 || half < *limit {
		*limit = half
	}
	// Without memory it is learned again.
	_ = l.account.Remember(key, fmt.Sprintf("%d %d", *limit, time.Now().Unix()))
	return true
}

// words tells people what has been learned.
func (l *limits) words() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.chunk > 0:
		return "chunks of " + megabytes(l.chunk) + ", learned from refusals"
	case l.single > 0:
		return megabytes(max(l.single, l.proven)) + ", learned from a refusal; bigger photos go in chunks"
	case l.proven > 0:
		return "nothing refused so far, up to " + megabytes(l.proven)
	default:
		return "not known yet; the server does not tell, so it is tried"
	}
}

// megabytes writes a size in units of 1,000,000 bytes.
func megabytes(n int64) string {
	return strconv.FormatFloat(float64((n+99_999)/100_000)/10, 'f', -1, 64) + " MB"
}

// recovery is after how many good uploads a lane that was taken away comes back.
const recovery = 10

// lanes bounds the uploads at once. A server that ran into its time limit has
// most likely no worker left, so then one lane must do for a while.
type lanes struct {
	mu            sync.Mutex
	most, allowed int
	busy, good    int
	changed       chan struct{}
}

func newLanes(n int) *lanes {
	return &lanes{most: n, allowed: n, changed: make(chan struct{})}
}

// enter waits for a free lane.
func (l *lanes) enter(ctx context.Context) error {
	for {
		l.mu.Lock()
		if l.busy < l.allowed {
			l.busy++
			l.mu.Unlock()
			return nil
		}
		changed := l.changed
		l.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// leave frees a lane and notes how it went.
func (l *lanes) leave(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy--
	switch {
	case isOverload(err):
		l.allowed, l.good = 1, 0
	case err == nil && l.allowed < l.most:
		if l.good++; l.good >= recovery {
			l.allowed, l.good = l.allowed+1, 0
		}
	}
	close(l.changed)
	l.changed = make(chan struct{})
}

// narrow notes an overload in the middle of an upload.
func (l *lanes) narrow() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.allowed, l.good = 1, 0
}

// locks are locks by name.
type locks struct {
	mu   sync.Mutex
	held map[string]chan struct{}
}

func newLocks() *locks { return &locks{held: map[string]chan struct{}{}} }

// lock waits for the name; unlock frees it.
func (l *locks) lock(ctx context.Context, name string) (unlock func(), err error) {
	for {
		l.mu.Lock()
		done, busy := l.held[name]
		if !busy {
			done = make(chan struct{})
			l.held[name] = done
			l.mu.Unlock()
			return func() {
				l.mu.Lock()
				delete(l.held, name)
				l.mu.Unlock()
				close(done)
			}, nil
		}
		l.mu.Unlock()
		select {
		case <-done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// absent remembers for a moment which photos the server did not have when it
// was asked, so that sending need not ask again.
type absent struct {
	mu sync.Mutex
	at map[[16]byte]absence
}

type absence struct {
	at   time.Time
	bulk bool // asked together with others, and not by itself since
}

// absentFor is how long the server's answer that it has no such photo is used.
const absentFor = time.Minute

func newAbsent() *absent { return &absent{at: map[[16]byte]absence{}} }

func (a *absent) note(bulk bool, sums ...[16]byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	for sum, was := range a.at {
		if now.Sub(was.at) > absentFor {
			delete(a.at, sum)
		}
	}
	for _, sum := range sums {
		a.at[sum] = absence{now, bulk}
	}
}

// inBulk reports whether the photo was absent just now, as one of many, so that
// it need not be asked for by itself. That counts once.
func (a *absent) inBulk(sum [16]byte) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	was, ok := a.at[sum]
	if !ok || !was.bulk || time.Since(was.at) > absentFor {
		return false
	}
	a.at[sum] = absence{at: was.at}
	return true
}

// take reports whether the photo was absent just now, once.
func (a *absent) take(sum [16]byte) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	was, ok := a.at[sum]
	delete(a.at, sum)
	return ok && time.Since(was.at) <= absentFor
}
