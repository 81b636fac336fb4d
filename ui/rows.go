package ui

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

// pageRows is the most rows that a list shows; the rest is a number.
const pageRows = 2000

// row is one line of a list: a photo with its jobs or its receipt, the heading
// of a group, or the number of those that are not shown.
type row struct {
	key  string // stable while the row lives: the path, or the heading's text
	path string
	jobs []*control.Job  // of this photo, one per account; not to be changed
	rec  *control.Record // delivered

	heading string // a group, with hint and its jobs in jobs
	hint    string
	under   bool   // the heading above says why
	more    string // "and 998,000 more"
}

// ids returns the jobs that an action on this row is about.
func (r *row) ids() []uint64 {
	ids := make([]uint64, len(r.jobs))
	for i := range r.jobs {
		ids[i] = r.jobs[i].ID
	}
	return ids
}

// view is a row in words, as it is shown.
type view struct {
	title  string
	sub    string // below the title
	subHue fyne.ThemeColorName
	state  string // at the right
	hue    fyne.ThemeColorName
	icon   string
	detail string  // below the state
	done   float64 // of the bar; below zero: no bar
}

// jobRank sorts by what moves first.
var jobRank = map[string]int{"leased": 0, "ready": 1, "waiting": 2, "failed": 3, "skipped": 4}

// rowsOf makes one row per photo out of jobs, in the order in which photos
// first appear, and never more than limit. It returns the number of photos
// beyond that as well. A job that comes twice, as it may when it changed its
// state between two queries, counts as what was seen first.
func rowsOf(jobs []*control.Job, limit int) (rows []row, left int) {
	at := make(map[string]int, len(jobs))
	rows = make([]row, 0, min(len(jobs), limit))
	for n, j := range jobs {
		i, ok := at[j.Path]
		switch {
		case ok && i >= 0:
			if !slices.ContainsFunc(rows[i].jobs, func(o *control.Job) bool { return o.ID == j.ID }) {
				rows[i].jobs = append(rows[i].jobs, j)
			}
		case ok: // beyond the limit already
		case len(rows) < limit:
			at[j.Path] = len(rows)
			rows = append(rows, row{key: j.Path, path: j.Path, jobs: jobs[n : n+1 : n+1]})
		default:
			at[j.Path] = -1
			left++
		}
	}
	return rows, left
}

// grouped puts rows below a heading for each reason and account, in the order
// in which reasons first appear.
func grouped(jobs []control.Job) []row {
	type key struct{ account, reason string }
	var order []key
	groups := map[key][]*control.Job{}
	for i := range jobs {
		j := &jobs[i]
		k := key{j.Account, j.Error}
		if _, ok := groups[k]; !ok {
			order = append(order, k)
		}
		groups[k] = append(groups[k], j)
	}
	var rows []row
	for _, k := range order {
		g := groups[k]
		reason := k.reason
		if reason == "" {
			reason = "No reason is known"
		}
		rows = append(rows, row{
			key: "heading\x00" + k.account + "\x00" + k.reason, heading: capital(reason) + " · " + k.account, hint: g[0].Hint, jobs: g,
		})
		for _, j := range g {
			rows = append(rows, row{key: strconv.FormatUint(j.ID, 10), path: j.Path, jobs: []*control.Job{j}, under: true})
		}
	}
	return rows
}

// view puts a row into words. home is shortened to "~".
func (r *row) view(now time.Time, home string) view {
	switch {
	case r.more != "":
		return view{title: r.more, done: -1}
	case r.heading != "":
		return view{
			title: r.heading, sub: r.hint, subHue: colorMuted, state: say.Photos(len(r.jobs)), hue: colorMuted, done: -1,
		}
	}
	v := view{title: filepath.Base(r.path), sub: shortPath(filepath.Dir(r.path), home), subHue: colorMuted, done: -1}
	if r.rec != nil {
		r.delivered(&v, now)
		return v
	}
	r.pending(&v, now)
	return v
}

// outcomes says what became of a delivered photo.
var outcomes = map[string]string{"sent": "Sent", "known": "Already there", "adopted": "Found there"}

func (r *row) delivered(v *view, now time.Time) {
	v.state, v.hue, v.icon = outcomes[r.rec.Outcome], theme.ColorNameSuccess, "state-idle"
	if v.state == "" {
		v.state = "Delivered"
	}
	if r.rec.Gone {
		v.state, v.hue, v.icon = "Deleted there", colorMuted, "state-gone"
	}
	v.detail = r.rec.Account + " · " + say.Clock(r.rec.At, now)
	v.sub = say.Bytes(r.rec.Size) + " · " + v.sub
}

func (r *row) pending(v *view, now time.Time) {
	lead := 0 // the job that says most
	for i := range r.jobs {
		if jobRank[r.jobs[i].State] < jobRank[r.jobs[lead].State] {
			lead = i
		}
	}
	j := r.jobs[lead]
	v.state, v.hue, v.icon = jobWord(j, now)
	v.sub = say.Bytes(j.Size) + " · " + v.sub
	for i := range r.jobs {
		if !r.under && r.jobs[i].Error != "" && r.jobs[i].State != "leased" {
			v.sub, v.subHue = reason(r.jobs[i]), theme.ColorNameWarning
			break
		}
	}
	if j.State == "skipped" {
		v.subHue = colorMuted
	}
	switch {
	case len(r.jobs) > 1:
		parts := make([]string, len(r.jobs))
		for i := range r.jobs {
			w, _, _ := jobWord(r.jobs[i], now)
			parts[i] = r.jobs[i].Account + ": " + strings.ToLower(w)
		}
		v.detail = strings.Join(parts, " · ")
	case j.State == "leased" && j.Sent > 0:
		v.detail = say.Bytes(j.Sent) + " of " + say.Bytes(j.Size)
		if s := say.Speed(j.Speed); s != "" {
			v.detail += " · " + s
		}
	case j.Attempt > 1 && j.State != "skipped":
		v.detail = fmt.Sprintf("%s · attempt %d", j.Account, j.Attempt)
	default:
		v.detail = j.Account
	}
	if j.State == "leased" {
		v.done = 0
		if j.Size > 0 {
			v.done = min(float64(j.Sent)/float64(j.Size), 1)
		}
	}
}

// capital makes the first letter a capital one.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// reason is an error with what to do about it.
func reason(j *control.Job) string {
	if j.Hint == "" {
		return capital(j.Error)
	}
	return capital(strings.TrimRight(j.Error, ".")) + ". " + j.Hint
}

// jobWord says what a job does, in which colour and with which drawing.
func jobWord(j *control.Job, now time.Time) (word string, hue fyne.ThemeColorName, icon string) {
	switch j.State {
	case "leased":
		if j.Size > 0 && j.Sent > 0 {
			return fmt.Sprintf("Sending %d %%", min(j.Sent*100/j.Size, 100)), theme.ColorNamePrimary, "state-sending"
		}
		return "Sending", theme.ColorNamePrimary, "state-sending"
	case "ready":
		return "Next", colorMuted, "state-waiting"
	case "waiting":
		word = "Waiting"
		if j.Cooling {
			word = "Cooling"
		}
		if j.Due != nil {
			word += ", " + say.In(*j.Due, now)
		}
		return word, colorMuted, "state-waiting"
	case "failed":
		return "Failed", theme.ColorNameError, "state-attention"
	case "skipped":
		return "Skipped", colorMuted, "skip"
	}
	return j.State, colorMuted, "state-gone"
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
