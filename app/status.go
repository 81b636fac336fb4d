package app

import (
	"fmt"
	"strings"
	"time"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/queue"
	"github.com/photoferry/photoferry/watcher"
)

const watcherAway = watcher.Away

// Status implements [control.Engine]. It reads memory, and the five newest
// records from the queue.
func (a *App) Status() control.Status {
	now := time.Now()
	s := control.Status{
		Version: a.version, Home: a.places.Home,
		Accounts: []control.Account{}, Folders: []control.Folder{}, Active: []control.Job{}, Recent: []control.Record{},
	}
	a.mu.Lock()
	s.Running = a.running
	trouble := a.trouble
	s.Notice = joinSentences(trouble, a.notice, a.problem)
	cfg := a.settings
	a.mu.Unlock()

	s.Theme, s.Language, s.Notifications = cfg.General.Theme, cfg.General.Language, cfg.General.Notifications
	s.Counts = counts(a.queue.Counts(""))
	holds := a.queue.Holds()
	for _, c := range cfg.Accounts {
		s.Accounts = append(s.Accounts, a.accountStatus(c.ID, holds, &s, now))
	}
	states := make(map[string]watcher.State)
	if s.Running {
		for _, st := range a.watcher.Load().States() {
			states[st.Path] = st
		}
	}
	for _, f := range cfg.Folders {
		s.Folders = append(s.Folders, a.folderStatus(f, states))
	}
	var sending int64
	for _, j := range s.Active {
		sending += min(j.Sent, j.Size)
	}
	s.Transfer = a.batch.transfer(s.Counts, sending, now)
	s.PausedUntil = pausedUntil(holds)
	if rs, _, err := a.queue.Records(queue.RecordQuery{Limit: 5}); err == nil {
		for _, r := range rs {
			s.Recent = append(s.Recent, a.record(r))
		}
	}
	s.Cards = a.cardStatus()
	a.describe(&s, holds, now)
	if trouble != "" {
		s.State, s.Text, s.Hint = control.StateStopped, trouble, ""
	}
	return s
}

func counts(c queue.Counts) control.Counts {
	return control.Counts{
		Ready: c.Ready, Leased: c.Leased, Waiting: c.Waiting, Failed: c.Failed,
		Skipped: c.Skipped, Delivered: c.Delivered, Bytes: c.Bytes,
	}
}

// accountStatus describes one account and appends what it is sending to s.
func (a *App) accountStatus(id string, holds []queue.Hold, s *control.Status, now time.Time) control.Account {
	acc := a.byID(id)
	if acc == nil {
		return control.Account{ID: id}
	}
	c := a.queue.Counts(id)
	out := control.Account{
		ID: id, Name: acc.cfg.Name, Service: acc.cfg.Service, URL: acc.cfg.URL, User: acc.cfg.User,
		SignIn: signIn(acc.service), State: control.AccountOK,
		Ready: c.Ready, Leased: c.Leased, Waiting: c.Waiting, Failed: c.Failed, Skipped: c.Skipped,
		Delivered: c.Delivered, Bytes: c.Bytes,
	}
	acc.mu.Lock()
	for _, act := range acc.active {
		j := a.job(act.job)
		j.State = queue.Leased.String()
		j.Sent = act.sent.Load()
		if dt := now.Sub(act.since).Seconds(); dt > 0 {
			j.Speed = float64(j.Sent) / dt
		}
		s.Active = append(s.Active, j)
		out.State = control.AccountSending
	}
	acc.mu.Unlock()
	if state, reason, hint, _, next := acc.gate.closed(); state != "" {
		out.State, out.Reason, out.Hint, out.Next = state, reason, hint, &next
	}
	for _, h := range holds {
		if h.Account != id && h.Account != "" {
			continue
		}
		switch {
		case h.By == queue.ByService:
			out.State, out.Reason, out.Hint, out.Kind = control.AccountHeld, h.Reason, h.Hint, upload.Denied.String()
			if h.Kind == upload.Full.String() {
				out.Kind = h.Kind
			}
			out.Fingerprint, _ = strings.CutPrefix(h.Kind, holdCertificate)
			if !strings.HasPrefix(h.Kind, holdCertificate) {
				out.Fingerprint = ""
			}
			if !h.Until.IsZero() {
				out.Next = &h.Until
			}
			return out
		case out.State != control.AccountHeld:
			out.State, out.Reason, out.Hint = control.AccountPaused, h.Reason, ""
			if !h.Until.IsZero() {
				out.Next = &h.Until
			}
		}
	}
	return out
}

func pausedUntil(holds []queue.Hold) *time.Time {
	for _, h := range holds {
		if h.Account == "" && h.By == queue.ByUser && !h.Until.IsZero() {
			return &h.Until
		}
	}
	return nil
}

func paused(holds []queue.Hold) (queue.Hold, bool) {
	for _, h := range holds {
		if h.Account == "" && h.By == queue.ByUser {
			return h, true
		}
	}
	return queue.Hold{}, false
}

// describe finds the state that matters most and says it in one line. The
// order is that of the State constants: a tick is shown only when nothing is
// left, nothing failed, nothing is away and no folder is being looked through.
func (a *App) describe(s *control.Status, holds []queue.Hold, now time.Time) {
	todo := s.Counts.Ready + s.Counts.Leased + s.Counts.Waiting
	held, offline := troubled(s.Accounts)
	scanning, scanned, settling, away := busyFolders(s.Folders)
	reading := a.intake.pending()
	hold, isPaused := paused(holds)
	rule, isBraked := a.brake.held()
	switch {
	case held != nil:
		s.State, s.Text, s.Hint = control.StateStopped, held.Name+": "+held.Reason, held.Hint
	case isPaused:
		describePause(s, control.PausedByUser, "Paused", hold.Until, todo, now)
	case isBraked && len(s.Active) == 0:
		describePause(s, rule.by, rule.text, rule.until, todo, now)
	case len(s.Active) > 0:
		s.State = control.StateSending
		s.Text = fmt.Sprintf("Sending %d of %d", min(s.Transfer.Files+1, s.Transfer.FilesTotal), s.Transfer.FilesTotal)
	case reading > 0:
		s.State, s.Text = control.StateSettling, "Reading "+plural(reading, "new file")
	case settling > 0:
		s.State, s.Text = control.StateSettling, "Waiting for "+plural(settling, "file")+" to be finished"
	case scanning > 0:
		s.State, s.Text = control.StateChecking, fmt.Sprintf("Checking %s, %s so far", plural(scanning, "folder"), plural(scanned, "file"))
	case offline != nil && todo > 0:
		s.State, s.Hint = control.StateOffline, offline.Hint
		s.Text = fmt.Sprintf("%s: %s. %s waiting safely", offline.Name, offline.Reason, plural(todo, "photo"))
	case todo > 0:
		s.State, s.Text = control.StateWaiting, plural(todo, "photo")+" waiting"
		if c := a.queue.Counts(""); s.Counts.Ready == 0 && !c.NextDue.IsZero() {
			s.Text += ", the next at " + clock(c.NextDue, now)
		}
	case s.Counts.Failed > 0:
		s.State, s.Text, s.Hint = control.StateAttention, plural(s.Counts.Failed, "photo")+" failed", "Look at the reasons under Failed."
	case away != "":
		s.State, s.Text, s.Hint = control.StateAttention, away+" is away", "It is looked through when it is back."
	case offline != nil:
		s.State, s.Text, s.Hint = control.StateOffline, offline.Name+": "+offline.Reason, offline.Hint
	case s.Counts.Delivered == 0:
		s.State, s.Text = control.StateIdle, "Nothing to send"
	default:
		s.State, s.Text = control.StateIdle, "Everything sent"
		if len(s.Recent) > 0 {
			s.Text += ". Last upload " + clock(s.Recent[0].At, now)
		}
	}
	if !s.Running {
		describeStopped(s, todo)
	}
}

// describePause says who pauses, until when, and what waits.
func describePause(s *control.Status, by control.PausedBy, text string, until time.Time, todo int, now time.Time) {
	s.State, s.PausedBy, s.Text = control.StatePaused, by, text
	if !until.IsZero() {
		s.PausedUntil = &until
		s.Text += " until " + clock(until, now)
	}
	if todo > 0 {
		s.Text += fmt.Sprintf(". %s waiting safely", plural(todo, "photo"))
	}
}

// describeStopped says it of an engine that does not run.
func describeStopped(s *control.Status, todo int) {
	switch {
	case s.State == control.StatePaused, s.State == control.StateStopped:
	case todo > 0:
		s.State, s.Text, s.Hint = control.StateWaiting, "Not running. "+plural(todo, "photo")+" waiting safely", "Start it with `photoferry`, or `photoferry run`."
	default:
		s.Text = "Not running. " + s.Text
	}
}

// troubled returns an account that needs the user, and one that cannot be
// reached or asked for patience; nil where there is none.
func troubled(accounts []control.Account) (held, offline *control.Account) {
	for i := range accounts {
		switch accounts[i].State {
		case control.AccountHeld:
			held = &accounts[i]
		case control.AccountOffline, control.AccountBusy:
			offline = &accounts[i]
		}
	}
	return held, offline
}

// busyFolders adds up what the folders are doing, and names one that is away.
func busyFolders(folders []control.Folder) (scanning, scanned, settling int, away string) {
	for _, f := range folders {
		switch f.State {
		case control.FolderScanning:
			scanning, scanned = scanning+1, scanned+f.Files
		case control.FolderAway, control.FolderBroken:
			away = f.Path
		}
		settling += f.Settling
	}
	return scanning, scanned, settling, away
}

// clock writes a time as people say it: the hour today, the day otherwise.
func clock(t, now time.Time) string {
	t, now = t.Local(), now.Local()
	if t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		return t.Format("15:04")
	}
	return t.Format("2 Jan 15:04")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func joinSentences(ss ...string) string {
	var out []string
	for _, s := range ss {
		if s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, " ")
}
