package ui

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

// foldersPage lists the watched folders. One that is away stays in the list.
type foldersPage struct {
	win   *Window
	box   *fyne.Container
	cards *cards
	none  *fyne.Container
}

func newFoldersPage(w *Window) *foldersPage {
	p := &foldersPage{win: w, cards: newCards(w)}
	text := wrapped(tr("No folder is watched yet."), widget.LowImportance)
	text.Alignment = fyne.TextAlignCenter
	p.none = container.NewVBox(text, container.NewCenter(stacked(4,
		tickLine(tr("It finds new photos by itself")), tickLine(tr("It never changes the originals")), tickLine(tr("It works in the background")))))
	head := heading(tr("Folders"),
		newButton(tr("Check now"), "scan", func() { w.scan("") }), newButton(tr("Add folder"), "add-folder", w.watchFolder))
	p.box = container.NewBorder(head, nil, nil, nil, container.NewStack(p.cards.box, centred(p.none)))
	return p
}

func (p *foldersPage) content() fyne.CanvasObject { return p.box }
func (p *foldersPage) refresh()                   {}

func (p *foldersPage) apply(s *control.Status) {
	setShown(p.none, len(s.Folders) == 0)
	now := p.win.now()
	p.cards.show(len(s.Folders), func(i int, c *card) {
		f := s.Folders[i]
		c.set(folderView(&f, p.win.home, now))
		c.press = func() { p.win.scan(f.Path) }
		c.menu = func() []menuItem { return p.win.folderMenu(&f) }
	})
}

var folderWords = map[control.FolderState]struct {
	word string
	hue  fyne.ThemeColorName
}{
	control.FolderWatching: {later("Watching"), theme.ColorNameSuccess},
	control.FolderPolling:  {later("Looked through from time to time"), theme.ColorNameSuccess},
	control.FolderScanning: {later("Checking"), theme.ColorNamePrimary},
	control.FolderAway:     {later("Away, comes back by itself"), colorMuted},
	control.FolderBroken:   {later("Cannot be watched"), theme.ColorNameError},
	control.FolderIdle:     {later("Not watched now"), colorMuted},
}

func folderView(f *control.Folder, home string, now time.Time) cardView {
	w, ok := folderWords[f.State]
	if !ok {
		w.word, w.hue = string(f.State), colorMuted
	}
	v := cardView{
		icon: "folder", title: filepath.Base(f.Path), state: tr(w.word), hue: w.hue,
		path: shortPath(f.Path, home), act: tr("Scan now"), actIcon: "scan",
		faded: f.State == control.FolderAway || f.State == control.FolderIdle, urgent: f.State == control.FolderBroken,
	}
	if len(f.Accounts) > 0 {
		v.path += " · " + tr("to {{.Accounts}}", fields{"Accounts": strings.Join(f.Accounts, ", ")})
	}
	if f.Album != "" {
		v.path += " · " + tr("album {{.Name}}", fields{"Name": f.Album})
	}
	var facts []string
	if f.LastScan != nil {
		facts = append(facts, say.Files(f.Files), tr("checked {{.When}}", fields{"When": say.Clock(*f.LastScan, now)}))
	}
	if f.Settling > 0 {
		facts = append(facts, tr("{{.N}} not finished yet", fields{"N": say.Number(f.Settling)}))
	}
	if !f.Everything {
		facts = append(facts, tr("new photos only"))
	}
	if f.Flat {
		facts = append(facts, tr("without sub-folders"))
	}
	if f.Cool != "" && f.Cool != "0s" {
		facts = append(facts, tr("sent after {{.Time}}", fields{"Time": coolWords(f.Cool)}))
	}
	v.facts = strings.Join(facts, " · ")
	if f.State == control.FolderAway || f.State == control.FolderBroken {
		v.reason = sentenceOrNothing(engine(f.Reason))
	}
	return v
}

func (w *Window) folderMenu(f *control.Folder) []menuItem {
	path := f.Path
	items := []menuItem{{tr("Scan now"), "scan", func() { w.scan(path) }}}
	if f.Cool != "" && f.Cool != "0s" {
		items = append(items, menuItem{tr("Send now what cools down"), "first", func() {
			w.count(picked{}, "{{.N}} photos are sent now", func(ctx context.Context, _ []uint64) (int, error) { return w.client.Release(ctx, path) })
		}})
	}
	return append(items, menuItem{tr("Remove"), "remove", func() { w.askRemoveFolder(path) }})
}

func (w *Window) askRemoveFolder(path string) {
	s := w.newSheet(tr("Stop watching {{.Name}}?", fields{"Name": shorten(clean(filepath.Base(path)), 40)}), wrapped(
		tr("New photos in it are not found any more. The folder and its photos stay as they are, here and on the server."), widget.MediumImportance))
	s.buttons(s.closer(tr("Cancel")), newPrimary(tr("Remove"), "remove", func() {
		s.hide()
		w.do(tr("The folder is not watched any more"), func(ctx context.Context) error { return w.client.RemoveFolder(ctx, path) })
	}))
	s.show()
}

// coolChoices are how long photos lie before they are sent.
var coolChoices = []struct{ label, duration string }{
	{later("At once"), ""}, {later("After 10 minutes"), "10m"}, {later("After 1 hour"), "1h"}, {later("After 1 day"), "24h"},
}

// coolWords writes a duration as short as it can be: "10m0s" is "10m".
func coolWords(d string) string {
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(d, zero) {
			d = d[:len(d)-2]
		}
	}
	return d
}

// watchFolder asks for a folder to watch and its rules.
func (w *Window) watchFolder() {
	if len(w.sheets) > 0 {
		return
	}
	if len(w.status.Accounts) == 0 {
		w.offer(nil) // asks for an account first
		return
	}
	w.newFolderSheet("").sheet.show()
}

// folderSheet asks for a folder to watch and its rules.
type folderSheet struct {
	win     *Window
	sheet   *sheet
	path    *entry
	to      *targets
	scope   *choice
	flat    *check
	album   *entry
	cool    *choice
	sync    *check
	problem *widget.Label
	add     *button
}

func (w *Window) newFolderSheet(path string) *folderSheet {
	f := &folderSheet{win: w, problem: wrapped("", widget.DangerImportance)}
	f.problem.Hide()
	f.path = newEntry(tr("/home/me/Pictures"))
	f.path.SetText(path)
	pick := newButton(tr("Choose"), "folder", func() { w.pickFolder(f.path.SetText) })
	f.to = w.newTargets(nil)
	f.scope = newChoice([]string{tr("Only photos that come from now on"), tr("Everything in it, and what comes")}, 0, nil)
	f.flat = newCheck(tr("Without its sub-folders"), false, nil)
	f.album = newEntry(tr("None"))
	labels := make([]string, len(coolChoices))
	for i, c := range coolChoices {
		labels[i] = tr(c.label)
	}
	f.cool = newChoice(labels, 0, nil)
	f.sync = newCheck(tr("Ask the server first whether it has the photo"), true, nil)
	body := form(
		field(tr("Folder"), container.NewBorder(nil, nil, nil, pick, f.path)),
		field(tr("Its photos go to"), f.to.box),
		field(tr("What is sent"), f.scope),
		f.flat,
		container.NewGridWithColumns(2, field(tr("Album"), f.album), field(tr("When"), f.cool)),
		f.sync,
		f.problem,
	)
	f.sheet = w.newSheet(tr("Watch a folder"), body)
	f.add = newPrimary(tr("Watch"), "folder", f.run)
	f.sheet.buttons(f.sheet.closer(tr("Cancel")), f.add)
	return f
}

func (f *folderSheet) run() {
	w := f.win
	spec := control.FolderSpec{
		Path: strings.TrimSpace(f.path.Text), Everything: f.scope.SelectedIndex() == 1, Flat: f.flat.Checked,
		Album: strings.TrimSpace(f.album.Text), NoSyncCheck: !f.sync.Checked, Accounts: f.to.chosen(),
	}
	for _, c := range coolChoices {
		if c.label == f.cool.Selected {
			spec.Cool = c.duration
		}
	}
	switch {
	case !filepath.IsAbs(spec.Path):
		f.say(tr("Choose a folder first."))
		return
	case len(spec.Accounts) == 0:
		f.say(tr("Tick at least one account."))
		return
	}
	f.add.enable(false)
	var added control.FolderAdded
	w.call(func(ctx context.Context) (err error) {
		added, err = w.client.AddFolder(ctx, spec)
		return err
	}, func(err error) {
		f.add.enable(true)
		if err != nil {
			text, hint := explain(err)
			f.say(strings.TrimSpace(text + " " + hint))
			return
		}
		f.sheet.hide()
		w.notice.say(folderWordsAdded(&added))
	})
}

func folderWordsAdded(a *control.FolderAdded) string {
	switch {
	case a.Photos == 0:
		return tr("The folder is watched now: no photo is in it yet.")
	case a.Baseline > 0:
		return trn("The folder is watched now: {{.N}} photos found, {{.Old}} of them left alone.", a.Photos, fields{"Old": say.Number(a.Baseline)})
	}
	return trn("The folder is watched now: {{.N}} photos found.", a.Photos)
}

func (f *folderSheet) say(text string) {
	setLabel(f.problem, text, widget.DangerImportance)
	f.problem.Show()
	f.sheet.fit()
}
