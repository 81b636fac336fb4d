package universal

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/photoferry/photoferry/app/upload"
)

// param is one argument of a call.
type param struct{ name, value string }

// signature signs arguments as the service's authentication guide says: sorted
// by name, written as name=value without anything in between or any escaping,
// the secret behind them, MD5, lower case. The photo itself is not signed.
func signature(args []param, secret string) string {
	sorted := slices.Clone(args)
	slices.SortStableFunc(sorted, func(a, b param) int { return strings.Compare(a.name, b.name) })
	var b strings.Builder
	for _, p := range sorted {
		b.WriteString(p.name + "=" + p.value)
	}
	sum := md5.Sum([]byte(b.String() + secret))
	return hex.EncodeToString(sum[:])
}

// callIDs gives out the numbers of a session's calls. Each is greater than all
// before, also after a restart and with a clock that was put back: numbers are
// microseconds since 1970, taken from a stretch that was reserved durably
// before its first one is used. It is guarded by [Client.turn].
type callIDs struct {
	account upload.Account
	now     func() time.Time

	loaded         bool
	last, reserved int64
	leaps          int
}

const (
	rememberCallID = "call_id" // all numbers below it may be used up

	reserveAhead = int64(10 * time.Minute / time.Microsecond)
	leapAhead    = int64(time.Hour / time.Microsecond)
)

// next returns a number as the service writes it: seconds with six decimals.
// It fails when a new stretch cannot be noted.
func (ids *callIDs) next() (string, error) {
	if !ids.loaded {
		ids.catchUp()
		ids.loaded = true
	}
	n := max(ids.now().UnixMicro(), ids.last+1)
	if n >= ids.reserved {
		until := n + reserveAhead
		if err := ids.account.Remember(rememberCallID, strconv.FormatInt(until, 10)); err != nil {
			return "", &upload.Error{Reason: "the number of the call cannot be noted", Err: err}
		}
		ids.reserved = until
	}
	ids.last = n
	return fmt.Sprintf("%d.%06d", n/1e6, n%1e6), nil
}

// leap goes far enough ahead for a site that has seen greater numbers, from
// another program or from before a memory that was lost: an hour at first,
// and more each time.
func (ids *callIDs) leap() {
	ids.catchUp()
	far := leapAhead
	for range min(ids.leaps, 3) {
		far *= 24
	}
	ids.leaps++
	ids.last = max(ids.last, ids.now().UnixMicro()) + far
}

// catchUp starts behind what was reserved, by whomever.
func (ids *callIDs) catchUp() {
	if n, err := strconv.ParseInt(ids.account.Recall(rememberCallID), 10, 64); err == nil {
		ids.last = max(ids.last, n-1)
	}
}
