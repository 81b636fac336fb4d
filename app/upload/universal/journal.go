package universal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/photoferry/photoferry/app/upload"
)

// rememberJournal holds the journal as JSON.
const rememberJournal = "journal"

// Bounds of the journal. Attempts beyond them are forgotten, the oldest first,
// which makes doubts about them end as unsure.
const (
	maxOpen  = 100
	maxDoubt = 30 * 24 * 3600 // seconds
	maxOurs  = 64             // of those that no attempt in doubt could be taken for
	maxHeld  = 512            // of all
)

// attempt is an upload whose last bytes went out and whose outcome was not
// known when the journal was written.
type attempt struct {
	Number string `json:"n"`    // call_id of the upload
	Text   string `json:"text"` // digest of the caption's beginning
	In     string `json:"in"`   // aid; "" for any album
	Size   int    `json:"size"` // photos that are there if this one is not
}

// arrival is a photo that is known to be an attempt's.
type arrival struct {
	Number string `json:"n"` // call_id of the upload
	PID    string `json:"pid"`
	Text   string `json:"text"` // digest of the caption's beginning
}

// journal tells the account's uploads apart whose traces on the site look
// alike. It is written once per upload, before its last bytes go out, and once
// more only when others are in doubt. It is guarded by [Client.turn].
type journal struct {
	account upload.Account

	loaded bool
	Open   []attempt `json:"open,omitempty"`
	Ours   []arrival `json:"ours,omitempty"`
}

// digest is the same for all captions that a site may cut to the same.
func digest(caption string) string {
	r := []rune(plain(caption))
	sum := sha256.Sum256([]byte(string(r[:min(len(r), minCut)])))
	return hex.EncodeToString(sum[:8])
}

// load reads the journal once. One that cannot be read is as good as none.
func (j *journal) load() {
	if j.loaded {
		return
	}
	j.loaded = true
	if json.Unmarshal([]byte(j.account.Recall(rememberJournal)), j) != nil {
		j.Open, j.Ours = nil, nil
	}
}

func (j *journal) save() error {
	text, err := json.Marshal(j)
	if err != nil {
		return err
	}
	return j.account.Remember(rememberJournal, string(text))
}

// begin notes an attempt durably.
func (j *journal) begin(a attempt) error {
	j.load()
	j.drop(a.Number)
	j.Open = slices.DeleteFunc(append(j.Open, a), func(old attempt) bool {
		return seconds(old.Number) < seconds(a.Number)-maxDoubt
	})
	if n := len(j.Open) - maxOpen; n > 0 {
		j.Open = slices.Delete(j.Open, 0, n)
	}
	return j.save()
}

// seconds returns a call's time in seconds since 1970.
func seconds(number string) int64 {
	whole, _, _ := strings.Cut(number, ".")
	n, _ := strconv.ParseInt(whole, 10, 64) // 0 for what is none
	return n
}

// drop forgets an attempt that is known to have failed.
func (j *journal) drop(number string) {
	j.load()
	j.Open = slices.DeleteFunc(j.Open, func(a attempt) bool { return a.Number == number })
}

// arrive notes that an attempt has become a photo. That is written at once
// only when it explains to others what they would take for themselves.
func (j *journal) arrive(number, caption, pid, aid string) error {
	j.drop(number)
	if j.ours(pid) {
		return nil
	}
	j.Ours = append(j.Ours, arrival{number, pid, digest(caption)})
	urgent := false
	for i := range j.Open {
		if a := &j.Open[i]; within(a.In, aid) {
			a.Size++
			urgent = true
		}
	}
	j.tidy()
	if urgent {
		return j.save()
	}
	return nil
}

// tidy forgets arrivals, the oldest first, but none that an attempt in doubt
// could be taken for. Where those alone are too many, the attempts go with
// them.
func (j *journal) tidy() {
	for i := 0; i < len(j.Ours) && len(j.Ours) > maxOurs; {
		if j.doubts(j.Ours[i].Text, "") {
			i++
			continue
		}
		j.Ours = slices.Delete(j.Ours, i, i+1)
	}
	for len(j.Ours) > maxHeld {
		text := j.Ours[0].Text
		j.Ours = j.Ours[1:]
		j.Open = slices.DeleteFunc(j.Open, func(a attempt) bool { return a.Text == text })
	}
}

// doubts reports whether an attempt with such a caption is open in an album.
func (j *journal) doubts(text, in string) bool {
	return slices.ContainsFunc(j.Open, func(a attempt) bool { return a.Text == text && within(a.In, in) })
}

// within reports whether what happens in one album may concern an attempt in
// another; "" is any.
func within(in, aid string) bool { return in == "" || aid == "" || in == aid }

// arrived returns the photo that an attempt is known to have become. That is
// known to nobody else when the program ended before the job was done.
func (j *journal) arrived(number string) (pid string, ok bool) {
	j.load()
	i := slices.IndexFunc(j.Ours, func(a arrival) bool { return a.Number == number })
	if i < 0 {
		return "", false
	}
	return j.Ours[i].PID, true
}

// ours reports whether a photo is explained.
func (j *journal) ours(pid string) bool {
	return slices.ContainsFunc(j.Ours, func(a arrival) bool { return a.PID == pid })
}

// attempt returns what the journal knows of one, and whether another with the
// same caption and album is open, which would look the same.
func (j *journal) attempt(number, caption, in string) (a attempt, ok, rival bool) {
	j.load()
	text := digest(caption)
	for _, other := range j.Open {
		switch {
		case other.Number == number:
			a, ok = other, true
		case other.Text == text && within(other.In, in):
			rival = true
		}
	}
	return a, ok, rival
}
