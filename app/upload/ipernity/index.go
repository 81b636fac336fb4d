package ipernity

import (
	"crypto/md5"
	"fmt"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/photoferry/photoferry/app/upload"
)

// maxKnown bounds the index: about 120 bytes for each doc. Beyond it, photos
// that the site lists last are not known again.
const maxKnown = 200_000

// index knows the account's own docs by MD5, or by name, size and time where
// the site tells no MD5. It is filled by [Client.list].
type index struct {
	turn  chan struct{} // held while the site is asked; guards what follows
	page  int           // pages of the whole list that were read
	whole bool          // all of them were
	asked time.Time     // when the beginning of the list was read last

	wrong atomic.Bool // what was listed was misread, and is to be listed anew

	mu     sync.Mutex
	bySum  map[[16]byte]known
	byFile map[[16]byte]known // by MD5 of name, size and time
}

// known is a doc in the index.
type known struct {
	id   string
	seen time.Time // when the site was last known to have it
	how  string    // it is known to be the photo, for people
}

func (x *index) init() {
	x.turn = make(chan struct{}, 1)
	x.bySum, x.byFile = map[[16]byte]known{}, map[[16]byte]known{}
}

// forget empties the index but for what we have sent or fetched ourselves.
func (x *index) forget() {
	x.page, x.whole, x.asked = 0, false, time.Time{}
	x.mu.Lock()
	defer x.mu.Unlock()
	maps.DeleteFunc(x.bySum, func(_ [16]byte, k known) bool { return k.how == verifiedBySum })
	x.byFile = map[[16]byte]known{}
}

// note adds a doc whose bytes we know because we have sent or fetched them.
func (x *index) note(sum [16]byte, id, how string, now time.Time) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.bySum[sum] = known{id, now, how}
}

// add adds a doc as the site lists it, and reports whether it is new. Of docs
// that are alike the first counts. Sums says whether its MD5 counts.
func (x *index) add(d doc, sums bool, now time.Time) bool {
	if d.ID == "" {
		return false
	}
	k := known{strings.Clone(string(d.ID)), now, verifiedBySum}
	x.mu.Lock()
	defer x.mu.Unlock()
	docs := x.bySum
	key, ok := d.md5()
	if !ok || !sums {
		docs, k.how = x.byFile, verifiedByFile
		o := d.Original.v
		if key, ok = fileKey(string(o.FileName), int64(o.Bytes), string(d.Dates.v.Created)); !ok {
			return false
		}
	}
	old, twin := docs[key]
	if !twin || old.id == k.id {
		docs[key] = k
	}
	return !twin
}

// find returns the doc of an item.
func (x *index) find(it upload.Item) (known, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if k, ok := x.bySum[it.MD5]; ok {
		return k, true
	}
	if key, ok := fileKey(fileName(it), it.Size, when(it)); ok {
		if k, ok := x.byFile[key]; ok {
			_, _, other := x.sumOfLocked(k.id)
			return k, !other
		}
	}
	return known{}, false
}

// sumOf returns the MD5 of a doc whose bytes we have sent or fetched.
func (x *index) sumOf(id string) (sum [16]byte, how string, ok bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.sumOfLocked(id)
}

func (x *index) sumOfLocked(id string) (sum [16]byte, how string, ok bool) {
	for sum, k := range x.bySum {
		if k.id == id && k.how != verifiedBySum {
			return sum, k.how, true
		}
	}
	return sum, "", false
}

// confirm says that an item's doc was just seen, or is not there any more.
func (x *index) confirm(it upload.Item, id string, there bool, now time.Time) {
	x.mu.Lock()
	defer x.mu.Unlock()
	key, _ := fileKey(fileName(it), it.Size, when(it))
	for _, m := range []struct {
		docs map[[16]byte]known
		key  [16]byte
	}{{x.bySum, it.MD5}, {x.byFile, key}} {
		switch k, ok := m.docs[m.key]; {
		case !ok || k.id != id:
		case there:
			k.seen = now
			m.docs[m.key] = k
		default:
			delete(m.docs, m.key)
		}
	}
}

func (x *index) size() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.bySum) + len(x.byFile)
}

// fileKey makes a key of what a photo is known by without its MD5. Without a
// time there is none: cameras count their files from 1 again and again.
func fileKey(name string, size int64, created string) ([16]byte, bool) {
	if name == "" || size <= 0 || !isTime(created) {
		return [16]byte{}, false
	}
	return md5.Sum(fmt.Appendf(nil, "%s\x00%d\x00%s", name, size, created)), true
}

// isTime reports whether the site tells a time and not zeros.
func isTime(created string) bool { return created != "" && !strings.HasPrefix(created, "0000") }

// when is the time that an item has on the site; "" when it does not say.
func when(it upload.Item) string {
	if it.Meta.Taken.IsZero() {
		return ""
	}
	return created(it.Meta)
}
