package ui

import (
	"context"
	"path/filepath"
	"slices"
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
		c.press = func() { p.win.changeFolder(&f) }
		if f.State == control.FolderAway || f.State == control.FolderBroken {
			c.press = func() { p.win.scan(f.Path) }
		}
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

// folderView puts a folder into words.
func folderView(f *control.Folder, home string, now time.Time) cardView {
	w, ok := folderWords[f.State]
	if !ok {
		w.word, w.hue = string(f.State), colorMuted
	}
	v := cardView{
		icon: "folder", title: filepath.Base(f.Path), state: tr(w.word), hue: w.hue, path: shortPath(f.Path, home),
		act: tr("Change"), actIcon: "settings",
		faded: f.State == control.FolderAway || f.State == control.FolderIdle, urgent: f.State == control.FolderBroken,
	}
	v.target, v.targetIcon = folderTarget(f)
	v.facts = strings.Join(folderNumbers(f), " · ")
	v.notes = strings.Join(append(folderTimes(f, now), folderRules(f)...), " · ")
	if f.State == control.FolderAway || f.State == control.FolderBroken {
		v.reason = sentenceOrNothing(engine(f.Reason))
		v.act, v.actIcon = tr("Check"), "scan"
	}
	return v
}

// folderTarget says where a folder's photos go, and draws whether they go into
// one album or into several.
func folderTarget(f *control.Folder) (text, drawing string) {
	var parts []string
	if len(f.Accounts) > 0 {
		parts = append(parts, tr("to {{.Accounts}}", fields{"Accounts": strings.Join(f.Accounts, ", ")}))
	}
	drawing = "account"
	known := slices.IndexFunc(albumRules[:ownRule], func(r struct{ label, template string }) bool { return r.template == f.Album })
	switch {
	case f.Album == "":
	case known >= 0:
		parts, drawing = append(parts, tr(albumRules[known].label)), "albums"
	case strings.Contains(f.Album, "{"):
		parts, drawing = append(parts, tr("albums {{.Rule}}", fields{"Rule": f.Album})), "albums"
	default:
		parts, drawing = append(parts, tr("album {{.Name}}", fields{"Name": strings.ReplaceAll(f.Album, "/", " › ")})), "album"
	}
	return strings.Join(parts, " · "), drawing
}

// folderNumbers say what is not through yet, if anything.
func folderNumbers(f *control.Folder) []string {
	var facts []string
	if n := f.Waiting - f.Held; n > 0 {
		facts = append(facts, trn("{{.N}} to send", n))
	}
	if f.Held > 0 {
		facts = append(facts, trn("{{.N}} cooling down", f.Held))
	}
	if f.Failed > 0 {
		facts = append(facts, trn("{{.N}} failed", f.Failed))
	}
	if f.Settling > 0 {
		facts = append(facts, tr("{{.N}} not finished yet", fields{"N": say.Number(f.Settling)}))
	}
	return facts
}

// folderTimes say what happened last.
func folderTimes(f *control.Folder, now time.Time) []string {
	var facts []string
	if f.LastSent != nil {
		facts = append(facts, tr("sent last {{.When}}", fields{"When": say.Clock(*f.LastSent, now)}))
	}
	if f.LastScan != nil {
		facts = append(facts, say.Files(f.Files), tr("checked {{.When}}", fields{"When": say.Clock(*f.LastScan, now)}))
	}
	return facts
}

// folderRules say those rules of a folder that leave something out or wait.
func folderRules(f *control.Folder) []string {
	var facts []string
	if !f.Everything {
		facts = append(facts, tr("new photos only"))
	}
	if f.Flat {
		facts = append(facts, tr("without sub-folders"))
	}
	if cools(f) {
		facts = append(facts, tr("sent after {{.Time}}", fields{"Time": coolWords(f.Cool)}))
	}
	return facts
}

// cools reports whether photos of a folder lie for a while before they are sent.
func cools(f *control.Folder) bool { return f.Cool != "" && f.Cool != "0s" }

func (w *Window) folderMenu(f *control.Folder) []menuItem {
	path := f.Path
	items := []menuItem{{tr("Scan now"), "scan", func() { w.scan(path) }}, {tr("Change"), "settings", func() { w.changeFolder(f) }}}
	if cools(f) || f.Held > 0 {
		items = append(items, menuItem{tr("Send now what cools down"), "first", func() { w.release(path) }})
	}
	return append(items, menuItem{tr("Remove"), "remove", func() { w.askRemoveFolder(path) }})
}

// release sends at once what cools down in a folder.
func (w *Window) release(path string) {
	w.count(picked{}, "{{.N}} photos are sent now", func(ctx context.Context, _ []uint64) (int, error) { return w.client.Release(ctx, path) })
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

// coolWords writes a duration as short as it can be: "10m0s" is "10m".
func coolWords(d string) string {
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(d, zero) {
			d = d[:len(d)-2]
		}
	}
	return d
}
