package app

import (
	"context"
	"os"
	"path/filepath"
	"slices"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/queue"
	"github.com/photoferry/photoferry/watcher"
)

// Add implements [control.Engine]: files and folders that a person hands over.
// They go first in the queue. Results come as each file is durable in it, all
// from one goroutine.
func (a *App) Add(ctx context.Context, r control.AddRequest, result func(control.AddResult)) (control.AddSummary, error) {
	var sum control.AddSummary
	ids, err := a.accountIDs(r.Accounts)
	if err != nil {
		return sum, err
	}
	if len(ids) == 0 {
		return sum, problem(1, "There is no account to send to", "Add one first: photoferry account add.")
	}
	if err := checkAlbum(r.Album); err != nil {
		return sum, err
	}
	words := words{r.Title, r.Description, r.Tags}
	if err := words.check(); err != nil {
		return sum, err
	}
	rule := rule{album: r.Album, words: words, syncCheck: !r.NoSyncCheck, again: r.NoSyncCheck, priority: queue.Manual}
	report := func(res control.AddResult) {
		sumCount(&sum, res)
		result(res)
	}
	var cands []candidate
	together := &arrival{kind: queue.SessionDrop, ids: ids, album: r.Album}
	if len(r.Paths) > 0 {
		together.source = filepath.Clean(r.Paths[0])
	}
	take := func(path string) {
		cands = append(cands, candidate{path: path, ids: ids, rule: rule, with: together})
	}
	for _, path := range r.Paths {
		if err := a.expand(ctx, filepath.Clean(path), take, report); err != nil {
			return sum, err
		}
	}
	sum.Files = len(cands) + sum.Missing
	cands, err = a.settled(ctx, cands, report)
	if err != nil {
		return sum, err
	}
	err = a.intake.takeAll(ctx, cands, func(t taken, added []queue.Added) {
		if len(t.requests) == 0 {
			report(t.note)
			return
		}
		for i, req := range t.requests {
			report(a.added(req, added[i]))
		}
	})
	return sum, err
}

// expand turns one handed-over path into files. A file that was named is taken
// whatever its name; of a folder, what a watched one would offer.
func (a *App) expand(ctx context.Context, path string, take func(string), report func(control.AddResult)) error {
	fi, err := os.Stat(path)
	if err != nil {
		report(control.AddResult{Path: path, Result: missingOr(err), Reason: plainReason(err)})
		return nil
	}
	if !fi.IsDir() {
		take(path)
		return nil
	}
	var files []watcher.File
	if err := watcher.Walk(ctx, watcher.Root{Path: path}, func(f watcher.File) error {
		files = append(files, f)
		return nil
	}); err != nil {
		report(control.AddResult{Path: path, Result: "unreadable", Reason: plainReason(err)})
		return ctx.Err()
	}
	slices.SortStableFunc(files, func(x, y watcher.File) int { return y.ModTime.Compare(x.ModTime) })
	for _, f := range files {
		take(f.Path)
	}
	return nil
}

func missingOr(err error) string {
	if os.IsNotExist(err) {
		return "missing"
	}
	return "unreadable"
}

// added says what became of a request.
func (a *App) added(r queue.Request, what queue.Added) control.AddResult {
	res := control.AddResult{Path: r.Path, Account: a.accountName(r.Account)}
	switch {
	case what == queue.AddedKnown:
		res.Result, res.Reason = "known", "delivered before; --no-sync-check sends it again"
	case r.Skip != "":
		res.Result, res.Reason = "skipped", r.Skip
	case what == queue.AddedLive:
		res.Result, res.Reason = "already queued", "it is in the queue and goes first now"
	default:
		res.Result = "queued"
	}
	return res
}

// settled waits for files that are still being written, and gives up on none;
// the person who asked can.
func (a *App) settled(ctx context.Context, cands []candidate, report func(control.AddResult)) ([]candidate, error) {
	byPath := make(map[string]candidate, len(cands))
	paths := make([]string, 0, len(cands))
	for _, c := range cands {
		if _, twice := byPath[c.path]; !twice {
			paths = append(paths, c.path)
		}
		byPath[c.path] = c
	}
	out := cands[:0]
	err := watcher.Settle(ctx, a.watcherConfig(), paths, func(path string, err error) {
		if err != nil {
			report(control.AddResult{Path: path, Result: missingOr(err), Reason: plainReason(err)})
			return
		}
		out = append(out, byPath[path])
	})
	return out, err
}

// finished waits for found files that are still being written. Those that
// vanish meanwhile are left out.
func (a *App) finished(ctx context.Context, files []watcher.File) ([]watcher.File, error) {
	paths := make([]string, len(files))
	for i, f := range files {
		paths[i] = f.Path
	}
	gone := make(map[string]bool)
	err := watcher.Settle(ctx, a.watcherConfig(), paths, func(path string, err error) {
		gone[path] = os.IsNotExist(err)
	})
	return slices.DeleteFunc(files, func(f watcher.File) bool { return gone[f.Path] }), err
}

// sumCount adds one result to the summary.
func sumCount(s *control.AddSummary, r control.AddResult) {
	switch r.Result {
	case "queued":
		s.Queued++
	case "known", "already queued":
		s.Known++
	case "missing", "unreadable":
		s.Missing++
	default:
		s.Skipped++
	}
}
