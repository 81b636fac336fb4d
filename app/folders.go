package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/settings"
	"github.com/photoferry/photoferry/queue"
	"github.com/photoferry/photoferry/watcher"
)

// acquaintance is what the queue remembers of a folder's rule, so that a rule
// that is new or was widened is noticed, also after an edit by hand.
type acquaintance struct {
	Everything bool     `json:"everything"`
	Accounts   []string `json:"accounts"` // IDs
}

func acquaintanceKey(path string) string { return "folder:" + path }

// met is what prepareFolder found.
type met struct {
	photos   int  // files of the folder's kinds
	baseline int  // of these, marked as having been there before
	again    bool // what was seen is forgotten: a scan offers everything
}

// prepareFolder makes acquaintance with a folder. Where only new photos are
// wanted, what lies in it now is marked as seen without being opened. Where
// everything is wanted, or an account is new to it, what was seen is forgotten,
// so that the next scan offers every photo again; the ledger knows what each
// account has.
//
// A folder that is away is not acquainted: that happens when it is back.
func (a *App) prepareFolder(ctx context.Context, f settings.Folder) (met, error) {
	ids, err := a.accountIDs(f.Accounts)
	if err != nil {
		return met{}, err
	}
	now := acquaintance{Everything: f.Everything, Accounts: ids}
	old, known, err := a.acquainted(f.Path)
	if err != nil {
		return met{}, err
	}
	newcomer := slices.ContainsFunc(ids, func(id string) bool { return !slices.Contains(old.Accounts, id) })
	var m met
	switch {
	case known && !(f.Everything && (newcomer || !old.Everything)):
		if slices.Equal(old.Accounts, ids) && old.Everything == f.Everything {
			return m, nil
		}
	case !exists(f.Path):
		return m, nil
	case f.Everything:
		if err := a.queue.DropSeen(f.Path); err != nil {
			return m, err
		}
		m.again = true
	default:
		if m, err = a.markBaseline(ctx, f); err != nil {
			return m, err
		}
	}
	b, err := json.Marshal(now)
	if err != nil {
		return m, err
	}
	return m, a.queue.SetNote(acquaintanceKey(f.Path), string(b))
}

// acquaint makes acquaintance with the folders of files that were found before
// that could be done, because they were away at the start, and returns the
// files that are still new afterwards.
func (a *App) acquaint(ctx context.Context, files []watcher.File) ([]watcher.File, error) {
	met := make(map[string]bool)
	for _, f := range a.Settings().Folders {
		_, known, err := a.acquainted(f.Path)
		if err != nil {
			return nil, err
		}
		if known || !slices.ContainsFunc(files, func(w watcher.File) bool { return w.Root == f.Path }) {
			continue
		}
		if _, err := a.prepareFolder(ctx, f); err != nil {
			return nil, err
		}
		met[f.Path] = true
	}
	if len(met) == 0 {
		return files, nil
	}
	return slices.DeleteFunc(slices.Clone(files), func(w watcher.File) bool {
		return met[w.Root] && a.queue.Known(w.Path, w.Size, w.ModTime)
	}), nil
}

func (a *App) acquainted(path string) (acquaintance, bool, error) {
	note, err := a.queue.Note(acquaintanceKey(path))
	if err != nil || note == "" {
		return acquaintance{}, false, err
	}
	var old acquaintance
	if err := json.Unmarshal([]byte(note), &old); err != nil {
		return acquaintance{}, false, fmt.Errorf("read what is known of the folder: %w", err)
	}
	return old, true, nil
}

// markBaseline marks what lies in a folder as seen. With a queue that was lost
// the date in the settings decides instead: what came into the folder later
// (by its change time, which no copy sets back) is new.
func (a *App) markBaseline(ctx context.Context, f settings.Folder) (met, error) {
	var m met
	var rows []queue.Seen
	flush := func() error {
		err := a.queue.PutSeen(rows)
		rows = rows[:0]
		return err
	}
	err := watcher.Walk(ctx, root(f), func(file watcher.File) error {
		m.photos++
		if !f.Since.IsZero() && arrived(file.Path).After(f.Since) {
			return nil
		}
		m.baseline++
		rows = append(rows, queue.Seen{Path: file.Path, Size: file.Size, ModTime: file.ModTime, Note: noteBaseline})
		if len(rows) == 1000 {
			return flush()
		}
		return nil
	})
	if err != nil {
		return m, err
	}
	return m, flush()
}

// countPhotos returns how many files a folder would offer.
func countPhotos(ctx context.Context, f settings.Folder) (n int, err error) {
	err = watcher.Walk(ctx, root(f), func(watcher.File) error {
		n++
		return nil
	})
	return n, err
}

// AddFolder implements [control.Engine].
func (a *App) AddFolder(ctx context.Context, spec control.FolderSpec) (control.FolderAdded, error) {
	var out control.FolderAdded
	path := filepath.Clean(spec.Path)
	fi, err := os.Stat(path)
	if err != nil {
		return out, about("path", problem(1, "The folder cannot be watched: "+plainReason(err)+" ("+path+")", "Check the path, or plug the drive in."))
	}
	if !fi.IsDir() {
		return out, about("path", problem(1, path+" is a file, not a folder", "To send single files use `photoferry add`."))
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // events and scans must agree on one name
	}
	spec.Path = path
	f, err := a.folderOf(spec)
	if err != nil {
		return out, err
	}
	f.Since = time.Now().UTC().Truncate(time.Microsecond)
	// What is remembered of an earlier life of this folder would hide photos,
	// or offer old ones.
	if err := a.queue.SetNote(acquaintanceKey(path), ""); err != nil {
		return out, err
	}
	var m met
	if !f.Everything {
		if m, err = a.markBaseline(ctx, settings.Folder{Path: f.Path, Flat: f.Flat, Include: f.Include, Exclude: f.Exclude}); err != nil {
			return out, fmt.Errorf("look through %s: %w", path, err)
		}
		if err := a.remember(f); err != nil {
			return out, err
		}
	} else if m.photos, err = countPhotos(ctx, f); err != nil {
		return out, fmt.Errorf("look through %s: %w", path, err)
	}
	if err := a.updateSettings(func(s *settings.Settings) error {
		if slices.ContainsFunc(s.Folders, func(o settings.Folder) bool { return o.Path == path }) {
			return about("path", problem(1, path+" is watched already", "`photoferry folder change` changes its rules."))
		}
		s.Folders = append(s.Folders, f)
		return nil
	}); err != nil {
		return out, err
	}
	out.Folder, out.Photos, out.Baseline = a.folderNow(path), m.photos, m.baseline
	return out, nil
}

func (a *App) remember(f settings.Folder) error {
	ids, err := a.accountIDs(f.Accounts)
	if err != nil {
		return err
	}
	b, err := json.Marshal(acquaintance{Everything: f.Everything, Accounts: ids})
	if err != nil {
		return err
	}
	return a.queue.SetNote(acquaintanceKey(f.Path), string(b))
}

// RemoveFolder implements [control.Engine]. The photos stay, and so do jobs
// that are in the queue already.
func (a *App) RemoveFolder(path string) error {
	path = a.folderPath(path)
	err := a.updateSettings(func(s *settings.Settings) error {
		n := len(s.Folders)
		s.Folders = slices.DeleteFunc(s.Folders, func(f settings.Folder) bool { return f.Path == path })
		if len(s.Folders) == n {
			return a.noSuchFolder(path)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return a.queue.SetNote(acquaintanceKey(path), "")
}

// folderPath returns the watched folder that a person means by path.
func (a *App) folderPath(path string) string {
	path = filepath.Clean(path)
	for _, f := range a.Settings().Folders {
		if f.Path == path {
			return path
		}
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

func (a *App) noSuchFolder(path string) error {
	return problem(1, path+" is not a watched folder", "`photoferry folder list` shows them.")
}

// ScanFolder implements [control.Engine]. Without an engine the scan is the
// next start's first act, so there is nothing to do but to check the name.
func (a *App) ScanFolder(ctx context.Context, path string) error {
	if path != "" {
		path = a.folderPath(path)
		if !slices.ContainsFunc(a.Settings().Folders, func(f settings.Folder) bool { return f.Path == path }) {
			return a.noSuchFolder(path)
		}
	}
	a.mu.Lock()
	running := a.running
	a.mu.Unlock()
	if running {
		a.watcher.Load().Rescan(path)
		return nil
	}
	return a.scanOnce(ctx, path)
}

// scanOnce looks through folders without an engine and takes in what is new,
// as soon as it is finished.
func (a *App) scanOnce(ctx context.Context, path string) error {
	if _, err := a.prepareFolders(ctx); err != nil {
		return err
	}
	for _, f := range a.Settings().Folders {
		if path != "" && f.Path != path {
			continue
		}
		if !exists(f.Path) {
			if path != "" {
				return problem(1, path+" is away", "Plug the drive in, or mount it.")
			}
			continue
		}
		var found []watcher.File
		err := watcher.Walk(ctx, root(f), func(file watcher.File) error {
			if !a.queue.Known(file.Path, file.Size, file.ModTime) {
				found = append(found, file)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("look through %s: %w", f.Path, err)
		}
		slices.SortFunc(found, func(x, y watcher.File) int { return y.ModTime.Compare(x.ModTime) })
		if found, err = a.finished(ctx, found); err != nil {
			return err
		}
		if err := a.intake.found(ctx, found); err != nil {
			return err
		}
	}
	return nil
}

// updateSettings changes the settings file and takes the change over.
func (a *App) updateSettings(change func(*settings.Settings) error) error {
	s, err := settings.Update(a.places.Settings, SettingsServices(), change)
	if err != nil {
		if p, ok := errors.AsType[*control.Problem](err); ok {
			return p
		}
		return problem(1, err.Error(), settingsHint(err, a.places.Settings))
	}
	return a.apply(s)
}

func settingsHint(err error, file string) string {
	if strings.Contains(err.Error(), "permission denied") || strings.Contains(err.Error(), "read-only") {
		return "Make " + file + " and its folder writable for this user."
	}
	return "The settings file is " + file
}
