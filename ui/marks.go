package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

// mark is the state of one photo for one account.
type mark struct {
	account string
	short   string // the account's initials
	word    string
	hue     fyne.ThemeColorName
	icon    string
	rank    rank
	reason  string // why, and what to do; or how it is known; "" for none
}

// rank sorts by urgency: what needs the user first, then what moves, then what
// waits, then what is over.
type rank int

const (
	rankFailed rank = iota
	rankHeld
	rankSending
	rankTroubled // waits because something went wrong
	rankStopped  // waits for its account
	rankWaiting
	rankReady
	rankSkipped
	rankDelivered
)

// scene is what rows are looked at with.
type scene struct {
	now      time.Time
	home     string            // shortened to "~"
	accounts []control.Account // in the order of their marks
	initials []string          // of the accounts
}

func (s *scene) place(account string) int {
	return slices.IndexFunc(s.accounts, func(a control.Account) bool { return a.Name == account })
}

// stopped are the states of an account in which what is ready is not sent.
var stopped = map[control.AccountState]mark{
	control.AccountHeld:    {word: later("Needs you"), hue: theme.ColorNameError, icon: "state-stopped", rank: rankHeld},
	control.AccountOffline: {word: later("Cannot be reached"), hue: colorMuted, icon: "state-offline", rank: rankStopped},
	control.AccountBusy:    {word: later("Asked us to wait"), hue: colorMuted, icon: "state-waiting", rank: rankStopped},
	control.AccountPaused:  {word: later("Paused"), hue: colorMuted, icon: "state-paused", rank: rankStopped},
}

// jobMark says what a job does. One that waits for its account says so.
func (s *scene) jobMark(j *control.Job) mark {
	m := mark{word: j.State, hue: colorMuted, icon: "state-gone", rank: rankWaiting}
	if j.State != "leased" && j.Error != "" {
		m.reason = reason(j)
	}
	switch j.State {
	case "leased":
		m.word, m.hue, m.icon, m.rank = tr("Sending"), theme.ColorNamePrimary, "state-sending", rankSending
		if j.Size > 0 && j.Sent > 0 {
			m.word = tr("Sending {{.N}} %", fields{"N": min(j.Sent*100/j.Size, 100)})
		}
	case "failed":
		m.word, m.hue, m.icon, m.rank = tr("Failed"), theme.ColorNameError, "state-attention", rankFailed
	case "skipped":
		m.word, m.icon, m.rank = tr("Skipped"), "skip", rankSkipped
	case "ready":
		m.word, m.icon, m.rank = tr("Up next"), "state-waiting", rankReady
	case "waiting":
		m.word, m.icon = tr("Waiting"), "state-waiting"
		if j.Error != "" {
			m.rank = rankTroubled
		}
		if j.Cooling {
			m.word = tr("Cooling")
		}
		if j.Due != nil {
			m.word += ", " + say.In(*j.Due, s.now)
		}
	}
	m = s.named(m, j.Account)
	if j.State == "ready" || j.State == "waiting" && !j.Cooling {
		s.hold(&m)
	}
	return m
}

// hold says that an account stands still, if it does.
func (s *scene) hold(m *mark) {
	i := s.place(m.account)
	if i < 0 {
		return
	}
	a := &s.accounts[i]
	h, ok := stopped[a.State]
	if !ok {
		return
	}
	m.word, m.hue, m.icon, m.rank = tr(h.word), h.hue, h.icon, h.rank
	if a.State != control.AccountPaused && a.Reason != "" {
		m.reason = strings.TrimSpace(sentence(engine(a.Reason)) + " " + engine(a.Hint))
	}
}

// outcomes says what became of a delivered photo.
var outcomes = map[string]string{"sent": later("Sent"), "known": later("Already there"), "adopted": later("Found there")}

func (s *scene) recordMark(r *control.Record) mark {
	m := mark{word: tr(outcomes[r.Outcome]), hue: theme.ColorNameSuccess, icon: "state-idle", rank: rankDelivered}
	if outcomes[r.Outcome] == "" {
		m.word = tr("Delivered")
	}
	if r.Verified != "" {
		m.reason = sentence(engine(r.Verified))
	}
	if r.Gone {
		m.word, m.hue, m.icon = tr("Deleted there"), colorMuted, "state-gone"
	}
	return s.named(m, r.Account)
}

// storyMark is a mark for what is known of a file beyond the lists; false when
// the photo is not meant for that account.
func (s *scene) storyMark(a *control.StoryAccount) (mark, bool) {
	switch {
	case a.Job != nil:
		return s.jobMark(a.Job), true
	case a.Record != nil:
		return s.recordMark(a.Record), true
	}
	return mark{}, false
}

func (s *scene) named(m mark, account string) mark {
	m.account, m.short = account, account
	if i := s.place(account); i >= 0 && i < len(s.initials) {
		m.short = s.initials[i]
	}
	return m
}

// sorted puts marks into the order of the accounts, so that each keeps its
// place from row to row.
func (s *scene) sorted(ms []mark) []mark {
	slices.SortStableFunc(ms, func(a, b mark) int {
		if i, j := s.place(a.account), s.place(b.account); i != j {
			return i - j
		}
		return strings.Compare(a.account, b.account)
	})
	return ms
}

// marks returns what is known of a photo, one mark per account. Receipts of
// accounts that were removed are left out.
func (r *row) marks(s *scene) []mark {
	ms := make([]mark, 0, len(r.jobs)+len(r.recs))
	for _, j := range r.jobs {
		ms = append(ms, s.jobMark(j))
	}
	for _, rec := range r.recs {
		if s.place(rec.Account) >= 0 {
			ms = append(ms, s.recordMark(rec))
		}
	}
	return s.sorted(ms)
}

// initials shortens names to two letters each, no two alike: the first letters
// of two words, or else the first letter and a later one.
func initials(names []string) []string {
	used := make(map[string]bool, len(names))
	out := make([]string, len(names))
	for i, name := range names {
		for _, c := range shortForms(name) {
			if !used[c] {
				out[i] = c
				break
			}
		}
		for n := 2; out[i] == ""; n++ {
			if c := fmt.Sprint(firstLetter(name), n); !used[c] {
				out[i] = c
			}
		}
		used[out[i]] = true
	}
	return out
}

func firstLetter(name string) string {
	for _, r := range name {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return string(unicode.ToUpper(r))
		}
	}
	return "?"
}

func shortForms(name string) []string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) == 0 {
		return nil
	}
	var forms []string
	if len(words) > 1 {
		forms = append(forms, firstLetter(words[0])+firstLetter(words[1]))
	}
	for _, r := range []rune(strings.Join(words, ""))[1:] {
		forms = append(forms, firstLetter(words[0])+string(unicode.ToLower(r)))
	}
	return append(forms, firstLetter(words[0]))
}
