package app

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/settings"
	"github.com/photoferry/photoferry/queue"
	"github.com/photoferry/photoferry/watcher"
)

// storyEvents bounds one file's story.
const storyEvents = 500

// Why implements [control.Engine]: everything that is known of a file, by path
// or by file name. A name that nobody has seen gets a story that says so.
func (a *App) Why(name string) ([]control.Story, error) {
	if name == "" {
		return nil, problem(2, "No file was named", "Give a path or a file name.")
	}
	paths := []string{}
	if filepath.IsAbs(name) {
		paths = append(paths, filepath.Clean(name))
	} else {
		var err error
		if paths, err = a.pathsNamed(filepath.Base(name)); err != nil {
			return nil, err
		}
		if len(paths) == 0 {
			return []control.Story{{Path: name, Verdict: "A file of this name was never seen.", Accounts: []control.StoryAccount{}, Events: []control.Event{}}}, nil
		}
	}
	var stories []control.Story
	for _, p := range paths {
		s, err := a.story(p)
		if err != nil {
			return nil, err
		}
		stories = append(stories, s)
	}
	return stories, nil
}

// pathsNamed returns up to twenty known paths with the given file name.
func (a *App) pathsNamed(name string) ([]string, error) {
	const most = 20
	var paths []string
	add := func(p string) {
		if strings.EqualFold(filepath.Base(p), name) && !slices.Contains(paths, p) && len(paths) < most {
			paths = append(paths, p)
		}
	}
	seen, err := a.queue.SeenByName(name, most)
	if err != nil {
		return nil, err
	}
	for _, s := range seen {
		add(s.Path)
	}
	jobs, _, err := a.queue.Jobs(queue.JobQuery{Text: name, Limit: most})
	if err != nil {
		return nil, err
	}
	for _, j := range jobs {
		add(j.Path)
	}
	records, _, err := a.queue.Records(queue.RecordQuery{Text: name, Limit: most})
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		add(r.Path)
	}
	return paths, nil
}

// story tells what is known of one path.
func (a *App) story(path string) (control.Story, error) {
	s := control.Story{Path: path, Exists: exists(path), Accounts: []control.StoryAccount{}, Events: []control.Event{}}
	cfg := a.Settings()
	folder, inFolder := folderOf(cfg, path)
	if inFolder {
		s.Folder = folder.Path
	}
	seen, known, err := a.queue.Seen(path)
	if err != nil {
		return s, err
	}
	jobs, err := a.queue.JobsByPath(path)
	if err != nil {
		return s, err
	}
	digest := seen.SHA256
	if digest == ([32]byte{}) && len(jobs) > 0 {
		digest = jobs[0].SHA256
	}
	records, err := a.recordsOf(cfg, path, digest)
	if err != nil {
		return s, err
	}
	for _, r := range records {
		digest = r.SHA256
	}
	s.SHA256 = hexOf(digest)
	for _, acc := range cfg.Accounts {
		concerned := inFolder && slices.Contains(folder.Accounts, acc.Name)
		if sa, ok := a.storyAccount(acc, jobs, records, concerned); ok {
			s.Accounts = append(s.Accounts, sa)
		}
	}
	events, err := a.queue.Story(path, storyEvents)
	if err != nil {
		return s, err
	}
	for _, e := range events {
		ev := control.Event{At: e.At, What: e.What, Text: e.Text}
		if e.Account != "" {
			ev.Account = a.accountName(e.Account)
		}
		s.Events = append(s.Events, ev)
	}
	s.Verdict = a.verdict(s, folder, inFolder, seen, known)
	return s, nil
}

// recordsOf returns, by account ID, what was delivered of a file: by its
// digest, or, for a file whose digest is not known any more, by its path.
func (a *App) recordsOf(cfg settings.Settings, path string, digest [32]byte) (map[string]queue.Record, error) {
	out := make(map[string]queue.Record)
	if digest == ([32]byte{}) {
		rs, _, err := a.queue.Records(queue.RecordQuery{Text: path, Limit: 100})
		for _, r := range rs {
			if _, newer := out[r.Account]; r.Path == path && !newer {
				out[r.Account] = r
			}
		}
		return out, err
	}
	for _, acc := range cfg.Accounts {
		r, ok, err := a.queue.Record(acc.ID, digest)
		if err != nil {
			return nil, err
		}
		if ok {
			out[acc.ID] = r
		}
	}
	return out, nil
}

// folderOf returns the watched folder that a path lies in.
func folderOf(cfg settings.Settings, path string) (settings.Folder, bool) {
	for _, f := range cfg.Folders {
		if below(f.Path, path) {
			return f, true
		}
	}
	return settings.Folder{}, false
}

// storyAccount tells a file's state for one account; false when the account
// has nothing to do with it.
func (a *App) storyAccount(acc settings.Account, jobs []queue.Job, records map[string]queue.Record, concerned bool) (control.StoryAccount, bool) {
	sa := control.StoryAccount{Account: acc.Name, State: "none", Text: "nothing was sent to it"}
	if r, ok := records[acc.ID]; ok {
		rec := a.record(r)
		sa.Record = &rec
		sa.State, sa.Text = "delivered", deliveredText(r)
		if r.Gone {
			sa.State = "gone"
			sa.Text = "was there once and was deleted on the server; it stays deleted"
			sa.Hint = "To send it all the same: photoferry add --no-sync-check"
		}
	}
	for _, j := range jobs {
		if j.Account != acc.ID {
			continue
		}
		job := a.job(j)
		sa.Job, sa.State, sa.Text, sa.Hint = &job, j.State.String(), jobText(j), j.Hint
	}
	return sa, concerned || sa.State != "none"
}

func deliveredText(r queue.Record) string {
	verb := map[queue.Outcome]string{
		queue.Sent:    "sent on %s",
		queue.Known:   "on the server already on %s",
		queue.Adopted: "found on the server on %s",
	}[r.Outcome]
	if verb == "" {
		verb = "delivered on %s"
	}
	t := fmt.Sprintf(verb, r.At.Local().Format("2 January 2006 15:04"))
	if r.Verified != "" {
		t += ", verified: " + r.Verified
	}
	return t
}

func jobText(j queue.Job) string {
	switch {
	case j.State == queue.Skipped:
		return "skipped: " + firstOf(j.Skip, j.Error)
	case j.State == queue.Failed:
		return "failed: " + j.Error
	case j.State == queue.Leased:
		return "being sent"
	case j.State == queue.Waiting && j.Cooling:
		return "waits until " + j.Due.Local().Format("15:04") + " as its folder says (cooling time)"
	case j.State == queue.Waiting:
		return fmt.Sprintf("waits until %s for attempt %d: %s", j.Due.Local().Format("2 Jan 15:04:05"), j.Attempt+1, j.Error)
	default:
		return "in the queue"
	}
}

func firstOf(ss ...string) string {
	for _, s := range ss {
		if s != "" {
			return s
		}
	}
	return ""
}

// verdict answers the question in one sentence.
func (a *App) verdict(s control.Story, folder settings.Folder, inFolder bool, seen queue.Seen, known bool) string {
	var parts []string
	for _, sa := range s.Accounts {
		if sa.State != "none" {
			parts = append(parts, sa.Account+": "+sa.Text)
		}
	}
	if len(parts) > 0 {
		return strings.Join(parts, "; ") + "."
	}
	a.intake.mu.Lock()
	unreadable := a.intake.unreadable[s.Path]
	a.intake.mu.Unlock()
	switch {
	case unreadable != "":
		return "The file could not be read: " + unreadable + "."
	case known && seen.Note == noteBaseline:
		return "It was in its folder before the folder was added, and the folder takes only new photos. `photoferry add` sends it."
	case known && seen.Note != "":
		return "It is not carried: " + seen.Note + "."
	case !s.Exists:
		return "There is no such file, and it was never seen."
	case !inFolder:
		return "It lies in no watched folder and was never added. `photoferry add` sends it."
	}
	rel, err := filepath.Rel(folder.Path, s.Path)
	if err == nil {
		if ok, why := watcher.Match(root(folder), filepath.ToSlash(rel)); !ok {
			return "The folder's rules leave it out: " + why + "."
		}
	}
	if !a.Status().Running {
		return "It has not been looked at yet: the program is not running."
	}
	return "It has not been taken up yet: it may still be being written, or its folder is being looked through."
}

// verbError puts a queue's refusal into words.
func (a *App) verbError(id uint64, err error) error {
	switch {
	case errors.Is(err, queue.ErrNotFound):
		return problem(1, fmt.Sprintf("There is no job %d", id), "It may be finished: `photoferry list` shows what is left.")
	case errors.Is(err, queue.ErrState):
		return problem(1, fmt.Sprintf("Job %d is in a state that does not allow this", id), "`photoferry list` shows the states.")
	}
	return err
}
