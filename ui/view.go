package ui

import (
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

// view is a row in words, as it is shown.
type view struct {
	title  string
	sub    string // below the title
	subHue fyne.ThemeColorName
	state  string // at the right: the most urgent of all accounts
	hue    fyne.ThemeColorName
	icon   string
	detail string  // below the state
	marks  []mark  // in place of the detail, with several accounts
	done   float64 // of the bar; below zero: no bar
	wide   bool    // the right side is wide, for marks with names
}

// view puts a row into words.
func (r *row) view(s *scene) view {
	v := r.words(s)
	v.wide = len(s.accounts) > 1 && r.session == nil
	return v
}

func (r *row) words(s *scene) view {
	switch {
	case r.more != "":
		return view{title: r.more, done: -1}
	case r.head != nil:
		return r.head.view()
	case r.session != nil:
		return sessionView(r.session, s)
	}
	v := view{title: filepath.Base(r.path), sub: shortPath(filepath.Dir(r.path), s.home), subHue: colorMuted, done: -1}
	if ms := r.marks(s); len(ms) > 1 {
		v.marks = ms
	}
	if len(r.jobs) == 0 && len(r.recs) > 0 {
		r.delivered(&v, s)
	} else {
		r.pending(&v, s)
	}
	return v
}

func (r *row) delivered(v *view, s *scene) {
	rec := r.recs[0] // the newest
	m := s.recordMark(rec)
	v.state, v.hue, v.icon = m.word, m.hue, m.icon
	for _, o := range r.recs[1:] {
		if s.recordMark(o).word != m.word {
			v.state, v.hue, v.icon = tr("Delivered"), theme.ColorNameSuccess, "state-idle"
		}
	}
	at := say.Clock(rec.At, s.now)
	if len(v.marks) > 0 {
		v.sub = at + " · " + v.sub
	}
	v.detail = rec.Account + " · " + at
	v.sub = say.Bytes(rec.Size) + " · " + v.sub
}

func (r *row) pending(v *view, s *scene) {
	var lead mark
	var j *control.Job // the one that says most
	for _, o := range r.jobs {
		if m := s.jobMark(o); j == nil || m.rank < lead.rank {
			lead, j = m, o
		}
	}
	v.state, v.hue, v.icon = lead.word, lead.hue, lead.icon
	v.sub = say.Bytes(j.Size) + " · " + v.sub
	if !r.under {
		r.trouble(v, s)
	}
	sent, size, sending := r.progress()
	if sending > 0 {
		v.done = 0
		if size > 0 {
			v.done = min(float64(sent)/float64(size), 1)
		}
		if sending > 1 && lead.rank == rankSending && sent > 0 {
			v.state = tr("Sending {{.N}} %", fields{"N": int(v.done * 100)})
		}
	}
	switch {
	case j.State == "leased" && j.Sent > 0:
		v.detail = say.Of(say.Bytes(j.Sent), say.Bytes(j.Size))
		if s := say.Speed(j.Speed); s != "" {
			v.detail += " · " + s
		}
	case j.Attempt > 1 && j.State != "skipped":
		v.detail = tr("{{.Account}} · attempt {{.N}}", fields{"Account": j.Account, "N": j.Attempt})
	default:
		v.detail = j.Account
	}
}

// trouble says below the title what went wrong for the account where that is
// most urgent.
func (r *row) trouble(v *view, s *scene) {
	found := false
	var worst mark
	var j *control.Job
	for _, o := range r.jobs {
		if m := s.jobMark(o); o.Error != "" && o.State != "leased" && (!found || m.rank < worst.rank) {
			found, worst, j = true, m, o
		}
	}
	if !found {
		return
	}
	v.sub, v.subHue = reason(j), theme.ColorNameWarning
	if len(v.marks) > 0 {
		v.sub = j.Account + ": " + v.sub
	}
	if worst.rank == rankSkipped {
		v.subHue = colorMuted
	}
}

// progress adds up the bytes of the accounts that the photo is being sent to.
func (r *row) progress() (sent, size int64, accounts int) {
	for _, j := range r.jobs {
		if j.State == "leased" {
			sent, size, accounts = sent+min(j.Sent, j.Size), size+j.Size, accounts+1
		}
	}
	return sent, size, accounts
}

// capital makes the first letter a capital one.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// reason is an error with what to do about it.
func reason(j *control.Job) string {
	text := capital(engine(j.Error))
	if j.Hint == "" {
		return text
	}
	return strings.TrimRight(text, ".") + ". " + engine(j.Hint)
}

// shortPath writes the user's own folder as "~".
func shortPath(path, home string) string {
	if home == "" || home == "/" {
		return path
	}
	if path == home {
		return "~"
	}
	if rest, ok := strings.CutPrefix(path, home+string(filepath.Separator)); ok {
		return "~" + string(filepath.Separator) + rest
	}
	return path
}
