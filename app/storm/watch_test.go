//go:build linux

package storm

import (
	"slices"
	"strings"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

// patience is how long the program may take to notice what has happened on the
// disk before it must not call itself idle.
const patience = 30 * time.Second

// watch compares what the program says with what is so until done is closed.
func (w *world) watch(done <-chan struct{}) {
	tick := time.NewTicker(400 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		if w.engine.steady() == 0 {
			continue
		}
		due := w.album.due(patience) // before the status, so that it is older
		st, err := w.engine.status()
		if err != nil || !st.Running {
			continue // it has been killed meanwhile
		}
		w.judge(st, due)
	}
}

// judge finds what a status says that is not so.
func (w *world) judge(st control.Status, due map[string]string) {
	have := map[string]map[string][]string{}
	for name, s := range w.sites {
		have[name] = s.copies()
	}
	for _, r := range st.Recent {
		ids := have[r.Account][r.SHA256]
		if r.RemoteID == "" && len(ids) > 0 {
			continue // on a person's word
		}
		if !slices.Contains(ids, r.RemoteID) {
			w.find(untrue, "%s says of %s that it is on %s as %q, and it is not", r.Outcome, r.Path, r.Account, r.RemoteID)
		}
	}
	for _, a := range st.Accounts {
		w.judgeAccount(a)
	}
	w.mu.Lock()
	paused := w.paused
	w.mu.Unlock()
	if st.State == control.StatePaused && !paused {
		w.find(untrue, "paused, and nobody has paused it")
	}
	if st.State == control.StateIdle && strings.HasPrefix(st.Text, "Everything sent") && w.engine.steady() > patience {
		for digest, path := range due {
			for name := range w.sites {
				if len(have[name][digest]) == 0 {
					w.find(untrue, "%q, and %s is not on %s", st.Text, path, name)
				}
			}
		}
	}
}

// judgeAccount compares an account's state with what has ever happened to its
// site.
func (w *world) judgeAccount(a control.Account) {
	cause := ""
	switch a.State {
	case control.AccountHeld:
		cause = a.Kind
	case control.AccountOffline:
		cause = "offline"
	case control.AccountPaused:
		return
	}
	switch {
	case cause == "":
	case !w.blamed(a.Name, cause):
		w.find(untrue, "%s is said to be %s (%s: %s), and nothing of that kind has happened to it", a.Name, a.State, cause, a.Reason)
	case a.Reason == "" || a.Hint == "":
		w.find(untrue, "%s is %s, and nobody is told why or what to do: %q, %q", a.Name, a.State, a.Reason, a.Hint)
	}
}
