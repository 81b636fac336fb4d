//go:build linux

package storm

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

// settle waits until the program has nothing to do any more, and does what a
// person does meanwhile: signs in again, lifts holds, tries waiting photos now.
func (w *world) settle(limit time.Duration) bool {
	calm := 0
	for until := time.Now().Add(limit); time.Now().Before(until); <-time.After(300 * time.Millisecond) {
		w.alive()
		st, err := w.engine.status()
		if err != nil {
			continue
		}
		away := slices.ContainsFunc(st.Folders, func(f control.Folder) bool {
			return f.State == control.FolderAway || f.State == control.FolderBroken
		})
		switch {
		case st.State == control.StateIdle, st.State == control.StateAttention && !away:
			if calm++; calm == 4 {
				return true
			}
			continue
		}
		calm = 0
		for _, a := range st.Accounts {
			w.help(a)
		}
		if st.Counts.Waiting > 0 && st.Counts.Ready == 0 && st.Counts.Leased == 0 {
			w.hurry()
		}
	}
	st, err := w.engine.status()
	text, _ := json.MarshalIndent(st, "", " ")
	w.find(untrue, "not idle after %s (%v): %s", limit, err, text)
	return false
}

// help does for an account what its state asks for.
func (w *world) help(a control.Account) {
	switch a.State {
	case control.AccountHeld:
		if w.sites[a.Name].browser() && a.Kind == "denied" {
			w.try(w.signIn(a.Name))
			return
		}
		_, err := w.engine.user("", "resume", "--account", a.Name)
		w.try(err)
	case control.AccountBusy, control.AccountOffline:
		_, err := w.engine.user("", "resume", "--account", a.Name)
		w.try(err)
	}
}

// hurry makes waiting photos due. Failed ones are left alone.
func (w *world) hurry() {
	jobs, err := w.engine.jobs()
	if err != nil {
		return
	}
	args := []string{"retry"}
	for _, j := range jobs {
		if j.State == "waiting" && len(args) < 500 {
			args = append(args, strconv.FormatUint(j.ID, 10))
		}
	}
	if len(args) == 1 {
		return
	}
	_, err = w.engine.user("", args...)
	w.try(err)
}

// books is what the program knows in the end.
type books struct {
	records map[string]map[string]control.Record // by account and digest
	jobs    map[string]map[string]control.Job
	unsure  int // photos on services that cannot be asked, before a person has looked
	refused int // broken ones
	once    int // photos that are on a server once, with a receipt
}

func (w *world) read() (*books, error) {
	b := &books{records: map[string]map[string]control.Record{}, jobs: map[string]map[string]control.Job{}}
	for _, name := range siteNames {
		b.records[name], b.jobs[name] = map[string]control.Record{}, map[string]control.Job{}
	}
	records, err := w.engine.records()
	if err != nil {
		return nil, fmt.Errorf("read the receipts: %w", err)
	}
	jobs, err := w.engine.jobs()
	if err != nil {
		return nil, fmt.Errorf("read the jobs: %w", err)
	}
	for _, r := range records {
		b.records[r.Account][r.SHA256] = r
	}
	for _, j := range jobs {
		b.jobs[j.Account][j.SHA256] = j
	}
	return b, nil
}

// decide looks on the sites for photos that the program is in doubt about, as it
// asks a person to, and says what was seen. It returns how many there were.
func (w *world) decide() int {
	jobs, err := w.engine.jobs()
	if err != nil {
		w.find(crashed, "%v", err)
		return 0
	}
	sent, again := []string{"retry", "--sent"}, []string{"retry", "--again"}
	decided := map[string]bool{}
	for _, j := range jobs {
		photo := j.Account + " " + j.SHA256
		if j.State != "failed" || j.Kind != "unsure" || decided[photo] {
			continue // or another file with the same photo
		}
		decided[photo] = true
		switch {
		case len(w.sites[j.Account].copies()[j.SHA256]) > 0:
			sent = append(sent, strconv.FormatUint(j.ID, 10))
		default:
			again = append(again, strconv.FormatUint(j.ID, 10))
		}
	}
	for _, args := range [][]string{sent, again} {
		for ids := range slices.Chunk(args[2:], 500) {
			if _, err := w.engine.user("", slices.Concat(args[:2], ids)...); err != nil {
				w.find(untrue, "%v", err)
			}
		}
	}
	return len(sent) + len(again) - 4
}

// balance compares album, servers and the program's records.
func (w *world) balance() *books {
	b, err := w.read()
	if err != nil {
		w.find(crashed, "%v", err)
		return &books{}
	}
	due := w.album.due(0)
	for _, name := range siteNames {
		have := w.sites[name].copies()
		for _, digest := range slices.Sorted(maps.Keys(have)) {
			w.balanceCopy(b, name, digest, have[digest])
		}
		for digest, r := range b.records[name] {
			if len(have[digest]) == 0 {
				w.find(untrue, "%s has a receipt of %s (%s), and not the photo", r.Path, name, r.Outcome)
			}
		}
		for _, digest := range slices.Sorted(maps.Keys(due)) {
			w.balanceFile(b, name, digest, due[digest], have[digest])
		}
	}
	return b
}

// balanceCopy looks at what a server has.
func (w *world) balanceCopy(b *books, name, digest string, ids []string) {
	known := w.album.knows(digest)
	if known == nil {
		w.find(strange, "%s has %s, which no file ever was", name, digest[:12])
		return
	}
	if len(ids) > 1 {
		w.find(doubled, "%s has %s %d times: %v", name, known.name, len(ids), ids)
	}
	if r, ok := b.records[name][digest]; ok && r.RemoteID != "" && !slices.Contains(ids, r.RemoteID) {
		w.find(untrue, "the receipt of %s from %s names %q, and the photo is %v", known.name, name, r.RemoteID, ids)
	}
}

// balanceFile looks at what became of bytes that lie in a folder.
func (w *world) balanceFile(b *books, name, digest, path string, ids []string) {
	r, receipt := b.records[name][digest]
	j, job := b.jobs[name][digest]
	switch {
	case receipt && len(ids) > 0:
		b.once++
		if r.RemoteID == "" && name != "universal" {
			w.find(untrue, "the receipt of %s from %s names nothing", path, name)
		}
	case job && (j.State == "failed" || j.State == "skipped") && j.Kind == "rejected" && w.album.knows(digest).broken && len(ids) == 0:
		b.refused++
	case job:
		w.find(untrue, "%s is %s for %s (%s: %s), and there is no reason any more", path, j.State, name, j.Kind, j.Error)
	case len(ids) > 0:
		w.find(untrue, "%s is on %s, and the program does not know", path, name)
	default:
		w.find(lost, "%s is not on %s, and nobody is told", path, name)
	}
}
