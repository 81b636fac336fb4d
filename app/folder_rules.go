package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/settings"
	"github.com/photoferry/photoferry/queue"
	"github.com/photoferry/photoferry/watcher"
)

// folderOf puts a folder's rules into the form of the settings. The path is
// taken as it is.
func (a *App) folderOf(spec control.FolderSpec) (settings.Folder, error) {
	f := settings.Folder{
		Path: spec.Path, Accounts: spec.Accounts, Everything: spec.Everything, Flat: spec.Flat,
		Album: spec.Album, Title: spec.Title, Tags: spec.Tags, Edited: spec.Edited, Unsupported: spec.Unsupported, Pairs: spec.Pairs,
		SyncCheck: !spec.NoSyncCheck, Include: spec.Include, Exclude: spec.Exclude,
	}
	if len(spec.Accounts) == 0 {
		return f, faulty("accounts", nil, "No account was named", "Say where its photos go: --account NAME.")
	}
	if _, err := a.accountIDs(spec.Accounts); err != nil {
		return f, err
	}
	if err := checkWords(spec); err != nil {
		return f, err
	}
	if err := checkPatterns(spec); err != nil {
		return f, err
	}
	if !slices.Contains([]string{"", settings.EditedBoth, settings.EditedReplace, settings.EditedIgnore}, spec.Edited) {
		return f, faulty("edited", nil, fmt.Sprintf("%q is no rule for edited photos", spec.Edited), "There are both, replace and ignore.")
	}
	if !slices.Contains([]string{"", settings.UnsupportedConvert, settings.UnsupportedSkip}, spec.Unsupported) {
		return f, problem(2, fmt.Sprintf("%q is no rule for formats that an account does not take", spec.Unsupported), "There are convert and skip.")
	}
	if !slices.Contains([]string{"", settings.PairsBoth, settings.PairsJPEG, settings.PairsRaw}, spec.Pairs) {
		return f, problem(2, fmt.Sprintf("%q is no rule for shots of several files", spec.Pairs), "There are both, jpeg and raw.")
	}
	if spec.Cool != "" {
		d, err := time.ParseDuration(spec.Cool)
		if err != nil || d < 0 {
			return f, faulty("cool", nil, fmt.Sprintf("%q is not a duration", spec.Cool), "Write it like 10m or 1h30m.")
		}
		f.Cool = settings.Duration(d)
	}
	return f, nil
}

// checkWords tells a person what is wrong with a folder's words.
func checkWords(spec control.FolderSpec) error {
	if err := checkAlbum(spec.Album); err != nil {
		return err
	}
	return words{title: spec.Title, tags: spec.Tags}.check()
}

// checkPatterns tells a person which pattern of a folder is not well-formed.
func checkPatterns(spec control.FolderSpec) error {
	for _, list := range []struct {
		field    string
		patterns []string
	}{{"include", spec.Include}, {"exclude", spec.Exclude}} {
		for i, p := range list.patterns {
			if p == "" || (watcher.Root{Include: []string{p}}).Validate() != nil {
				return faulty(fmt.Sprintf("%s[%d]", list.field, i), nil, fmt.Sprintf("%q is not a valid pattern", p), `Patterns look like "*.jpg", "**/export/**" or "*.{jpg,png}".`)
			}
		}
	}
	return nil
}

// ChangeFolder implements [control.Engine]. Jobs that are not on their way get
// the new words, too.
func (a *App) ChangeFolder(_ context.Context, spec control.FolderSpec) (control.Folder, error) {
	spec.Path = a.folderPath(spec.Path)
	f, err := a.folderOf(spec)
	if err != nil {
		return control.Folder{}, err
	}
	var old settings.Folder
	if err := a.updateSettings(func(s *settings.Settings) error {
		i := slices.IndexFunc(s.Folders, func(o settings.Folder) bool { return o.Path == f.Path })
		if i < 0 {
			return a.noSuchFolder(f.Path)
		}
		old = s.Folders[i]
		f.Unsupported, f.Pairs = cmp.Or(f.Unsupported, old.Unsupported), cmp.Or(f.Pairs, old.Pairs)
		if f.Since = old.Since; !f.Everything && old.Everything {
			f.Since = time.Now().UTC().Truncate(time.Microsecond) // what is there was offered
		}
		s.Folders[i] = f
		return nil
	}); err != nil {
		return control.Folder{}, err
	}
	a.intake.caughtUp()
	if err := a.reword(old, f); err != nil {
		return control.Folder{}, err
	}
	return a.folderNow(f.Path), nil
}

// folderNow returns a watched folder as the status has it.
func (a *App) folderNow(path string) control.Folder {
	for _, f := range a.Status().Folders {
		if f.Path == path {
			return f
		}
	}
	return control.Folder{Path: path}
}

// Bounds of what a preview looks at.
const (
	previewFiles = 20_000
	previewTime  = 2 * time.Second
)

var errEnough = errors.New("enough was seen")

// PreviewFolder implements [control.Engine]. The example is the newest of the
// photos that were looked at.
func (a *App) PreviewFolder(ctx context.Context, spec control.FolderSpec, example string) (control.FolderPreview, error) {
	p := control.FolderPreview{Tags: []string{}}
	if err := checkWords(spec); err != nil {
		return p, err
	}
	if err := checkPatterns(spec); err != nil {
		return p, err
	}
	path := filepath.Clean(spec.Path)
	if err := readableFolder(path); err != nil {
		return p, err
	}
	var newest watcher.File
	deadline := time.Now().Add(previewTime)
	r := watcher.Root{Path: path, Flat: spec.Flat, Include: spec.Include, Exclude: spec.Exclude}
	err := watcher.Walk(ctx, r, func(f watcher.File) error {
		if newest.Path == "" || f.ModTime.After(newest.ModTime) {
			newest = f
		}
		p.Photos++
		p.Bytes += f.Size
		if p.Photos == previewFiles || time.Now().After(deadline) {
			return errEnough
		}
		return nil
	})
	if p.More = errors.Is(err, errEnough); err != nil && !p.More && p.Photos == 0 {
		return p, problem(1, "The folder cannot be read: "+plainReason(err), "Check the rights of "+path+".")
	}
	if example != "" {
		newest = watcher.File{Path: filepath.Clean(example)}
	}
	if newest.Path == "" {
		return p, nil
	}
	return p, a.previewOf(&p, newest.Path, queue.Request{Path: newest.Path, Folder: path, Album: spec.Album}, spec)
}

// readableFolder says why a path is no folder that can be looked into.
func readableFolder(path string) error {
	fi, err := os.Stat(path)
	switch {
	case err != nil:
		return about("path", problem(1, "The folder cannot be read: "+plainReason(err)+" ("+path+")", "Check the path, or plug the drive in."))
	case !fi.IsDir():
		return about("path", problem(1, path+" is a file, not a folder", "Choose the folder that it lies in."))
	}
	return nil
}

// previewOf fills in what the rules make of one photo.
func (a *App) previewOf(p *control.FolderPreview, path string, r queue.Request, spec control.FolderSpec) error {
	f, err := openRegular(path)
	if err != nil {
		return problem(1, "The example cannot be read: "+plainReason(err)+" ("+path+")", "Choose another photo.")
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return err
	}
	r.ModTime = fi.ModTime()
	m := a.metaOf(f, fi.Size())
	if p.Path = path; !m.Taken.IsZero() {
		p.Taken = &m.Taken
	}
	job := queue.Job{Request: r}
	p.Album = albumOf(job, m)
	p.Title = wordOf(spec.Title, job, m)
	for _, t := range spec.Tags {
		if tag := wordOf(t, job, m); tag != "" {
			p.Tags = append(p.Tags, tag)
		}
	}
	return nil
}

// metaOf reads the metadata of a photo that has no job.
func (a *App) metaOf(f *os.File, size int64) photo.Meta {
	a.parsing.Lock()
	defer a.parsing.Unlock()
	m, err := photo.ReadMeta(f, size)
	m = a.corrected(m, a.sidecar(f.Name()).Over(m))
	if err != nil && !errors.Is(err, photo.ErrNoMeta) {
		a.log.Debug("Metadata not read", "path", f.Name(), "err", err)
	}
	return m
}
