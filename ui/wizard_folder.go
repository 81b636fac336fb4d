package ui

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

// foundFolder is a folder that may be watched, and what is in it.
type foundFolder struct {
	path    string
	preview control.FolderPreview
	counted bool
	problem string // why it could not be looked into
}

// words say what is in the folder.
func (f *foundFolder) words() string {
	size := fields{"Photos": say.Photos(f.preview.Photos), "Size": say.Bytes(f.preview.Bytes)}
	switch {
	case f.problem != "":
		return f.problem
	case !f.counted:
		return tr("Counting …")
	case f.preview.Photos == 0:
		return tr("No photo is in it yet")
	case f.preview.More:
		return tr("At least {{.Photos}}, {{.Size}}", size)
	}
	return tr("{{.Photos}}, {{.Size}}", size)
}

// folderStep chooses the folder that photos arrive in, and whether those that
// are in it already are sent too.
type folderStep struct {
	g       *wizard
	box     *fyne.Container
	grid    *fyne.Container
	tiles   []*pickTile // one for each folder found
	to      *targets
	toBox   *fyne.Container
	other   *pickTile // chooses from all folders
	new     *pickTile
	all     *pickTile
	scope   *fyne.Container
	problem *widget.Label
}

func newFolderStep(g *wizard) *folderStep {
	s := &folderStep{g: g, grid: pickTiles(), toBox: column(2), problem: wrapped("", widget.DangerImportance)}
	s.problem.Hide()
	s.new = newPickTile("now", tr("From now on"), "", func() { s.choose(false) })
	s.all = newPickTile("picture", tr("Everything"), "", func() { s.choose(true) })
	s.other = newPickTile("add-folder", tr("Another folder …"), tr("Choose from all that there are."), func() { g.win.pickFolder(s.pick) })
	s.grid.Add(s.other)
	s.scope = column(6, newCaption(tr("What is sent")), pickTiles(s.new, s.all))
	s.box = column(10,
		wrapped(tr("Which folder do your photos arrive in? Its sub-folders are watched too."), widget.MediumImportance),
		s.grid,
		s.toBox, s.scope, s.problem,
	)
	return s
}

func (s *folderStep) name() string               { return tr("The folder") }
func (s *folderStep) content() fyne.CanvasObject { return s.box }
func (s *folderStep) retreat() bool              { return false }

func (s *folderStep) buttons() (next, icon, skip string) {
	return tr("Next"), "next", tr("Skip")
}

func (s *folderStep) first() fyne.Focusable {
	if i := s.index(); i >= 0 && i < len(s.tiles) {
		return s.tiles[i]
	}
	if len(s.tiles) > 0 {
		return s.tiles[0]
	}
	return s.other
}

func (s *folderStep) index() int {
	return slices.IndexFunc(s.g.made.found, func(f foundFolder) bool { return f.path == s.g.made.folder.Path })
}

func (s *folderStep) enter() {
	s.askTargets()
	s.search()
	s.show()
}

// askTargets offers the accounts, where there are several.
func (s *folderStep) askTargets() {
	names := s.g.accounts()
	if s.to != nil && slices.Equal(s.to.names, names) {
		return
	}
	ticked := s.g.made.folder.Accounts
	if len(ticked) == 0 {
		if ticked = s.g.made.accounts; len(ticked) == 0 {
			ticked = names
		}
	}
	s.to = newTargetsOf(names, ticked)
	s.to.changed = s.keep
	s.toBox.RemoveAll()
	if len(names) > 1 {
		s.toBox.Add(newCaption(tr("Its photos go to")))
		s.toBox.Add(s.to.box)
	}
	s.keep()
}

// keep takes the chosen accounts over.
func (s *folderStep) keep() {
	if s.to != nil {
		s.g.made.folder.Accounts = s.to.chosen()
	}
}

// search looks for folders with photos, once.
func (s *folderStep) search() {
	w, m := s.g.win, s.g.made
	if m.searched || w.opts.FindPictures == nil {
		return
	}
	m.searched = true
	var paths []string
	w.call(func(context.Context) error {
		paths = w.opts.FindPictures()
		return nil
	}, func(error) {
		for _, p := range paths {
			if !s.known(p) {
				m.found = append(m.found, foundFolder{path: p})
			}
		}
		if m.folder.Path == "" && len(m.found) > 0 {
			m.folder.Path = m.found[0].path
		}
		for i := range m.found {
			s.count(m.found[i].path)
		}
		s.show()
		s.g.focus()
	})
}

// known says whether a folder is offered or watched already.
func (s *folderStep) known(path string) bool {
	return slices.ContainsFunc(s.g.made.found, func(f foundFolder) bool { return f.path == path }) ||
		slices.ContainsFunc(s.g.win.status.Folders, func(f control.Folder) bool { return f.Path == path })
}

// count asks what is in a folder.
func (s *folderStep) count(path string) {
	w, m := s.g.win, s.g.made
	var p control.FolderPreview
	w.call(func(ctx context.Context) (err error) {
		p, err = w.client.PreviewFolder(ctx, control.FolderSpec{Path: path, Accounts: m.folder.Accounts}, "")
		return err
	}, func(err error) {
		for i := range m.found {
			if f := &m.found[i]; f.path == path {
				f.preview, f.counted, f.problem = p, true, ""
				if err != nil {
					f.problem, _ = explain(err)
				}
			}
		}
		if w.guide == s.g && s.g.step() == wizardStep(s) {
			s.show()
		}
	})
}

// pick takes a folder that was chosen from all.
func (s *folderStep) pick(path string) {
	m := s.g.made
	if slices.ContainsFunc(s.g.win.status.Folders, func(f control.Folder) bool { return f.Path == path }) {
		s.say(tr("This folder is watched already. Choose another, or skip this step."))
		return
	}
	m.folder.Path = path
	if !s.known(path) {
		m.found = append(m.found, foundFolder{path: path})
		s.count(path)
	}
	s.show()
	s.g.focus()
}

func (s *folderStep) choose(everything bool) {
	s.g.made.folder.Everything = everything
	s.show()
}

// show shows the folders and what is chosen.
func (s *folderStep) show() {
	m := s.g.made
	for i := len(s.tiles); i < len(m.found); i++ {
		path := m.found[i].path
		t := newPickTile("folder", shortPath(clean(path), s.g.win.home), "", func() {
			m.folder.Path = path
			s.show()
		})
		s.tiles = append(s.tiles, t)
		s.grid.Objects = slices.Insert(s.grid.Objects, i, fyne.CanvasObject(t))
	}
	for i, t := range s.tiles {
		t.choose(m.found[i].path == m.folder.Path)
		t.say(m.found[i].words())
	}
	s.new.choose(!m.folder.Everything)
	s.all.choose(m.folder.Everything)
	setShown(s.scope, m.folder.Path != "")
	s.scopeWords()
	setShown(s.problem, false)
	s.g.changed()
}

// scopeWords say what the two choices mean for the chosen folder.
func (s *folderStep) scopeWords() {
	i := s.index()
	if i < 0 || s.g.made.found[i].preview.Photos == 0 || s.g.made.found[i].preview.More { // their number is not known
		s.new.say(tr("Only photos that come into it from now on."))
		s.all.say(tr("What is in it, and what comes."))
		return
	}
	p := &s.g.made.found[i].preview
	s.new.say(trn("Photos that come from now on. The {{.N}} in it now are left alone.", p.Photos))
	s.all.say(trn("The {{.N}} photos that are in it now, and what comes.", p.Photos))
}

func (s *folderStep) next() {
	m := s.g.made
	s.keep()
	switch i := s.index(); {
	case i < 0:
		s.say(tr("Choose a folder, or skip this step."))
	case len(m.folder.Accounts) == 0:
		s.say(tr("Tick at least one account."))
	case !filepath.IsAbs(m.folder.Path) || m.found[i].problem != "":
		s.say(tr("This folder cannot be used: {{.Reason}}", fields{"Reason": m.found[i].problem}))
	default:
		s.g.forward(true, stepAlbum)
	}
}

func (s *folderStep) say(text string) {
	setLabel(s.problem, strings.TrimSpace(clean(text)), widget.DangerImportance)
	setShown(s.problem, true)
	s.g.changed()
	s.g.up.ScrollToBottom()
}
