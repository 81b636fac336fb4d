package tray

import (
	"slices"
	"time"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

const (
	// batchQuiet is how long nothing may be left to send before a batch counts
	// as finished.
	batchQuiet = 15 * time.Second
	// batchApart is the shortest time between two notices about batches. A
	// camera that sends a photo a minute makes one notice, not one per photo.
	batchApart = 10 * time.Minute
	// offlineFor is how long an account must be out of reach to be worth a notice.
	offlineFor = 5 * time.Minute
)

// The kinds of notice. A notice takes the place of the last one of its kind.
const (
	kindBatch = iota
	kindNeedsYou
	kindOffline
	kinds
)

// note is one notification.
type note struct {
	kind   int
	title  string
	body   string
	page   control.Page // that tells more
	urgent bool
	over   bool // the last one of the kind has become untrue; there is no text
}

// judge decides from the statuses that pass by, and the clock, what is worth a
// notification. It is not safe for use by several goroutines.
type judge struct {
	begun     bool // a first status has been seen
	working   bool // something is left to send
	quietFrom time.Time
	delivered int // when the last notice about a batch was given
	failed    int
	owed      bool // a batch has ended, and nothing was said about it yet
	lastBatch time.Time

	needs        string // the last text about which was said that it needs the user
	offlineSince time.Time
	saidOffline  bool
	status       control.Status
}

// see takes a new status in. What was there before the first one is no news.
func (j *judge) see(s *control.Status, now time.Time) []note {
	j.status = *s
	work := s.Counts.Ready+s.Counts.Leased > 0 || s.State == control.StateSending
	if !j.begun {
		j.begun, j.delivered, j.failed = true, s.Counts.Delivered, s.Counts.Failed
	}
	if j.working && !work {
		j.quietFrom, j.owed = now, true
	}
	j.working = work
	if !work && !j.owed && (s.Counts.Delivered > j.delivered || s.Counts.Failed > j.failed) {
		j.quietFrom, j.owed = now, true // it all happened between two statuses
	}
	j.failed = min(j.failed, s.Counts.Failed)          // tried again
	j.delivered = min(j.delivered, s.Counts.Delivered) // an account was removed
	var ns []note
	if s.State != control.StateOffline {
		if j.saidOffline {
			ns = append(ns, note{kind: kindOffline, over: true})
		}
		j.offlineSince, j.saidOffline = time.Time{}, false
	} else if j.offlineSince.IsZero() {
		j.offlineSince = now
	}
	return slices.Concat(ns, j.needsYou(s), j.tick(now))
}

func (j *judge) needsYou(s *control.Status) []note {
	if s.State != control.StateStopped {
		if s.State == control.StatePaused || j.needs == "" { // a pause hides the state, and does not end it
			return nil
		}
		j.needs = ""
		return []note{{kind: kindNeedsYou, over: true}}
	}
	if s.Text == j.needs {
		return nil
	}
	j.needs = s.Text
	return []note{{kind: kindNeedsYou, title: say.Engine(s.Text), body: say.Engine(s.Hint), page: control.PageAccounts, urgent: true}}
}

// tick returns what has become due.
func (j *judge) tick(now time.Time) []note {
	var ns []note
	if at := j.batchDue(); !at.IsZero() && !now.Before(at) {
		ns = append(ns, j.batch(now)...)
	}
	if at := j.offlineDue(); !at.IsZero() && !now.Before(at) {
		j.saidOffline = true
		ns = append(ns, note{kind: kindOffline, title: say.Engine(j.status.Text), body: waitingSafely(&j.status), page: control.PageAccounts})
	}
	return ns
}

func waitingSafely(s *control.Status) string {
	n := s.Counts.Ready + s.Counts.Leased + s.Counts.Waiting
	if n == 0 {
		return say.Engine(s.Hint)
	}
	return say.N("{{.N}} photos are waiting safely.", n)
}

// due returns when tick will have something to say; zero for never.
func (j *judge) due() time.Time {
	a, b := j.batchDue(), j.offlineDue()
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func (j *judge) batchDue() time.Time {
	if !j.owed || j.working {
		return time.Time{}
	}
	at := j.quietFrom.Add(batchQuiet)
	if next := j.lastBatch.Add(batchApart); !j.lastBatch.IsZero() && next.After(at) {
		at = next
	}
	return at
}

func (j *judge) offlineDue() time.Time {
	if j.offlineSince.IsZero() || j.saidOffline {
		return time.Time{}
	}
	return j.offlineSince.Add(offlineFor)
}

func (j *judge) batch(now time.Time) []note {
	c := j.status.Counts
	sent, failed := c.Delivered-j.delivered, c.Failed-j.failed
	j.owed, j.delivered, j.failed = false, c.Delivered, c.Failed
	if sent <= 0 && failed <= 0 {
		return nil
	}
	j.lastBatch = now
	n := note{kind: kindBatch, page: control.PageHistory}
	if failed > 0 {
		n.page = control.PageFailed
	}
	switch {
	case failed <= 0:
		n.title = say.N("{{.N}} photos delivered", sent)
	case sent <= 0:
		n.title = say.N("{{.N}} photos failed", failed)
		n.body = say.T("Open PhotoFerry to see why.")
	default:
		n.title = say.N("{{.N}} photos delivered, {{.Failed}} failed", sent, say.Fields{"Failed": say.Number(failed)})
		n.body = say.T("Open PhotoFerry to see why.")
	}
	if c.Waiting > 0 && n.body == "" {
		n.body = say.N("{{.N}} more photos wait for their time.", c.Waiting)
	}
	return []note{n}
}
