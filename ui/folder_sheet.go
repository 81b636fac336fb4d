package ui

import (
	"cmp"
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

// coolChoices are how long photos lie before they are sent.
var coolChoices = []struct {
	label string
	d     time.Duration
}{
	{later("At once"), 0}, {later("After 10 minutes"), 10 * time.Minute}, {later("After 1 hour"), time.Hour}, {later("After 1 day"), 24 * time.Hour},
}

// editedChoices are what becomes of photos that change after they were sent.
var editedChoices = []ruleChoice{
	{later("Send the new version too"), "both"}, {later("Replace the one that was sent"), "replace"}, {later("Leave the one that was sent"), "ignore"},
}

// foreignChoices are what becomes of photos in a format that an account does not
// take.
var foreignChoices = []ruleChoice{{later("Send them as JPEG"), "convert"}, {later("Leave them out"), "skip"}}

// pairsChoices are what is sent of a shot of which there is a raw file, or one of
// HEIC, and a JPEG.
var pairsChoices = []ruleChoice{{later("Both files"), "both"}, {later("The JPEG only"), "jpeg"}, {later("The raw file only"), "raw"}}

// ruleChoice is one way to follow a rule.
type ruleChoice struct{ label, rule string }

// newRuleChoice makes the input of a rule that has some ways; the first one is usual.
// special says that it is another one.
func newRuleChoice(ways []ruleChoice, rule string) (c *choice, special bool) {
	var labels []string
	chosen := 0
	for i, w := range ways {
		labels = append(labels, tr(w.label))
		if w.rule == rule {
			chosen = i
		}
	}
	return newChoice(labels, chosen, nil), chosen > 0
}

// chosenRule is the chosen way. What was not said stays so as long as it is the usual
// one.
func chosenRule(c *choice, ways []ruleChoice, was string) string {
	if rule := ways[max(c.SelectedIndex(), 0)].rule; rule != cmp.Or(was, ways[0].rule) {
		return rule
	}
	return was
}

// folderSheet asks for the rules of a folder: of one that is to be watched, or
// of one that is. It shows what they make of a photo of that folder.
type folderSheet struct {
	win   *Window
	sheet *sheet
	base  control.FolderSpec // the rules at first
	known bool               // the folder is watched

	path     *entry
	to       *targets
	scope    *choice
	flat     *check
	album    *entry
	title    *entry
	tags     *entry
	include  *entry
	exclude  *entry
	cool     *choice
	cools    []string // what the choices of cool stand for
	sync     *check
	edited   *choice
	foreign  *choice // formats that an account does not take
	pairs    *choice
	example  *widget.Label // which photo is the example, or why there is none
	counted  *widget.Label // what the rules choose
	outcomes map[string]*widget.Label
	faults   map[string]*faultField // by their names in control.FolderSpec
	problem  *widget.Label          // what is wrong with nothing in particular
	more     *fyne.Container        // rules for few people
	fold     *button
	add      *button

	typed         int // how often something was
	asking, again bool
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
	w.newFolderSheet("").show()
}

// changeFolder opens the rules of a watched folder.
func (w *Window) changeFolder(f *control.Folder) {
	if len(w.sheets) == 0 {
		w.newRulesSheet(f).show()
	}
}

// newFolderSheet asks for a folder to watch; path may be "".
func (w *Window) newFolderSheet(path string) *folderSheet {
	f := &folderSheet{win: w, base: control.FolderSpec{Path: path}}
	f.build(tr("Watch a folder"), 0)
	f.add = newPrimary(tr("Watch"), "folder", f.run)
	f.sheet.buttons(f.sheet.closer(tr("Cancel")), f.add)
	return f
}

// newRulesSheet asks for the rules of a watched folder.
func (w *Window) newRulesSheet(of *control.Folder) *folderSheet {
	f := &folderSheet{win: w, known: true, base: folderSpec(of)}
	f.build(tr("Change the folder {{.Name}}", fields{"Name": shorten(clean(filepath.Base(of.Path)), 40)}), of.Held)
	f.add = newPrimary(tr("Save"), "tick", f.run)
	f.sheet.buttons(f.sheet.closer(tr("Cancel")), f.add)
	return f
}

// folderSpec is a watched folder's rules in the form in which they are set.
func folderSpec(f *control.Folder) control.FolderSpec {
	return control.FolderSpec{
		Path: f.Path, Accounts: f.Accounts, Everything: f.Everything, Flat: f.Flat, Album: f.Album, Title: f.Title, Tags: f.Tags,
		Edited: f.Edited, Unsupported: f.Unsupported, Pairs: f.Pairs, NoSyncCheck: !f.SyncCheck, Cool: f.Cool, Include: f.Include, Exclude: f.Exclude,
	}
}

func (f *folderSheet) show() {
	f.sheet.show()
	f.preview()
}

// build makes the inputs; held photos of the folder cool down.
func (f *folderSheet) build(title string, held int) {
	f.faults, f.outcomes = make(map[string]*faultField), make(map[string]*widget.Label)
	f.problem = wrapped("", widget.DangerImportance)
	f.problem.Hide()
	f.example, f.counted = note(""), note("")
	f.example.Hide()
	f.counted.Hide()
	f.add = newPrimary("", "", nil)

	body := column(8,
		f.place(), f.targets(), f.which(),
		f.example,
		f.worded("album", tr("Album"), tr("As the account says"), f.base.Album, &f.album, true),
		f.worded("title", tr("Title"), tr("As in the photo"), f.base.Title, &f.title, false),
		f.worded("tags", tr("Tags"), tr("Besides those in the photo, with commas between them"), strings.Join(f.base.Tags, ", "), &f.tags, false),
		f.waiting(held),
		f.seldom(),
		f.problem,
	)
	f.sheet = f.win.newSheet(title, body)
	follow(body, f.sheet.scroll)
}

// fault makes the field of a rule.
func (f *folderSheet) fault(name, caption string, o fyne.CanvasObject, input fyne.Focusable, below ...fyne.CanvasObject) fyne.CanvasObject {
	ff := newFaultField(caption, o, input, below...)
	f.faults[name] = ff
	return ff.box
}

func (f *folderSheet) place() fyne.CanvasObject {
	f.path = newEntry(tr("/home/me/Pictures"))
	f.path.SetText(f.base.Path)
	if f.known {
		return newLine(shortPath(f.base.Path, f.win.home), colorMuted, theme.SizeNameCaptionText)
	}
	f.path.OnChanged = func(string) { f.typing("path") }
	pick := newButton(tr("Choose"), "folder", func() { f.win.pickFolder(f.path.SetText) })
	return f.fault("path", tr("Folder"), container.NewBorder(nil, nil, nil, pick, f.path), f.path)
}

func (f *folderSheet) targets() fyne.CanvasObject {
	f.to = f.win.newTargets(f.base.Accounts)
	var first fyne.Focusable
	if len(f.to.checks) > 0 {
		first = f.to.checks[0]
	}
	f.to.changed = func() { f.cleared("accounts") }
	return f.fault("accounts", tr("Its photos go to"), f.to.box, first)
}

// which are the rules of what is sent.
func (f *folderSheet) which() fyne.CanvasObject {
	scope := 0
	if f.base.Everything {
		scope = 1
	}
	f.scope = newChoice([]string{tr("Only photos that come from now on"), tr("Everything in it, and what comes")}, scope, nil)
	f.flat = newCheck(tr("Without its sub-folders"), f.base.Flat, func(bool) { f.preview() })
	return column(4, field(tr("What is sent"), f.scope), f.flat)
}

// worded is a rule for words: a text with fields, and what it makes of the
// example.
func (f *folderSheet) worded(name, caption, placeholder, text string, into **entry, album bool) fyne.CanvasObject {
	e := newEntry(placeholder)
	e.SetText(text)
	e.OnChanged = func(string) { f.typing(name) }
	*into = e
	out := note("")
	out.Hide()
	f.outcomes[name] = out
	right := beside(4)
	if album {
		right.Add(newButton(tr("Choose"), "album", func() {
			if to := f.to.chosen(); len(to) > 0 {
				f.win.pickAlbum(to, plainAlbum(e.Text), e.SetText)
				return
			}
			f.wrong("accounts", tr("Tick at least one account."))
		}))
	}
	var more *button
	more = newButton("", "add", func() {
		at := f.win.app.Driver().AbsolutePositionForObject(more)
		f.win.popup(fieldItems(e, album, func() { f.win.win.Canvas().Focus(e) }), at.AddXY(0, more.Size().Height+2))
	})
	right.Add(more)
	return f.fault(name, caption, container.NewBorder(nil, nil, nil, right, e), e, out)
}

// waiting are the rules of when photos are sent.
func (f *folderSheet) waiting(held int) fyne.CanvasObject {
	now, _ := time.ParseDuration(cmp.Or(f.base.Cool, "0s")) // the engine wrote it
	var labels []string
	chosen := -1
	for i, c := range coolChoices {
		labels, f.cools = append(labels, tr(c.label)), append(f.cools, c.d.String())
		if c.d == now {
			chosen = i
		}
	}
	if chosen < 0 { // somebody wrote it into the settings file
		chosen = len(labels)
		labels = append(labels, tr("After {{.Time}}", fields{"Time": coolWords(f.base.Cool)}))
		f.cools = append(f.cools, f.base.Cool)
	}
	f.cool = newChoice(labels, chosen, nil)
	box := column(4, f.fault("cool", tr("When"), f.cool, f.cool))
	if held > 0 {
		var now *button
		now = newButton(tr("Send now what cools down"), "first", func() {
			now.enable(false)
			f.win.release(f.base.Path)
		})
		box.Add(container.NewBorder(nil, nil, nil, now, centred(newCaption(trn("{{.N}} cooling down", held)))))
	}
	return box
}

// seldom are the rules for few people.
func (f *folderSheet) seldom() fyne.CanvasObject {
	list := func(name, caption, placeholder string, values []string, into **entry, below ...fyne.CanvasObject) fyne.CanvasObject {
		e := newEntry(placeholder)
		e.SetText(strings.Join(values, ", "))
		e.OnChanged = func(string) { f.typing(name) }
		*into = e
		return f.fault(name, caption, e, e, below...)
	}
	var special [3]bool
	f.edited, special[0] = newRuleChoice(editedChoices, f.base.Edited)
	f.foreign, special[1] = newRuleChoice(foreignChoices, f.base.Unsupported)
	f.pairs, special[2] = newRuleChoice(pairsChoices, f.base.Pairs)
	f.sync = newCheck(tr("Ask the server first whether it has the photo"), !f.base.NoSyncCheck, nil)
	f.more = column(8,
		list("include", tr("Only files like"), tr("Every photo; or such as *.jpg, *.heic"), f.base.Include, &f.include),
		list("exclude", tr("No files like"), tr("Such as **/export/**, *.tmp"), f.base.Exclude, &f.exclude, f.counted),
		f.fault("edited", tr("When a photo changes after it was sent"), f.edited, f.edited, note(tr("Where a service cannot replace a photo, both are kept."))),
		f.fault("unsupported", tr("Photos in a format that an account does not take"), f.foreign, f.foreign),
		f.fault("pairs", tr("Of a shot in two formats"), f.pairs, f.pairs),
		f.sync,
	)
	f.fold = newButton("", "", func() { f.unfold(!f.more.Visible()) })
	f.fold.Importance, f.fold.Alignment = widget.LowImportance, widget.ButtonAlignLeading
	f.unfold(len(f.base.Include)+len(f.base.Exclude) > 0 || slices.Contains(special[:], true))
	return column(4, f.fold, f.more)
}

// unfold shows the rules for few people, or hides them.
func (f *folderSheet) unfold(yes bool) {
	f.fold.drawing, f.fold.Text = "add", tr("More settings")
	if yes {
		f.fold.drawing, f.fold.Text = "close", tr("Fewer settings")
	}
	f.fold.Icon = glyph(f.fold.drawing)
	f.fold.Refresh()
	setShown(f.more, yes)
	f.fit()
}

// fit fits the sheet after something in it has another height.
func (f *folderSheet) fit() {
	if f.sheet != nil {
		f.sheet.refit()
	}
}

// spec is what the sheet says now.
func (f *folderSheet) spec() control.FolderSpec {
	s := f.base
	s.Path, s.Accounts = strings.TrimSpace(f.path.Text), f.to.chosen()
	s.Everything, s.Flat, s.NoSyncCheck = f.scope.SelectedIndex() == 1, f.flat.Checked, !f.sync.Checked
	s.Album, s.Title = strings.TrimSpace(f.album.Text), strings.TrimSpace(f.title.Text)
	s.Tags, s.Include, s.Exclude = values(f.tags, s.Tags), values(f.include, s.Include), values(f.exclude, s.Exclude)
	s.Edited = chosenRule(f.edited, editedChoices, s.Edited)
	s.Unsupported, s.Pairs = chosenRule(f.foreign, foreignChoices, s.Unsupported), chosenRule(f.pairs, pairsChoices, s.Pairs)
	s.Cool = f.cools[max(f.cool.SelectedIndex(), 0)]
	return s
}

// values are those that are typed into an entry. What was not touched stays as
// it was, also where a value has a comma in it.
func values(e *entry, old []string) []string {
	if e.Text == strings.Join(old, ", ") {
		return old
	}
	return splitListed(e.Text)
}

func (f *folderSheet) run() {
	w, spec := f.win, f.spec()
	for _, ff := range f.faults {
		ff.clear()
	}
	f.say("")
	switch {
	case !filepath.IsAbs(spec.Path):
		f.wrong("path", tr("Choose a folder first."))
		return
	case len(spec.Accounts) == 0:
		f.wrong("accounts", tr("Tick at least one account."))
		return
	}
	f.add.enable(false)
	var said string
	w.call(func(ctx context.Context) error {
		if f.known {
			said = tr("The rules of the folder were changed")
			_, err := w.client.ChangeFolder(ctx, spec)
			return err
		}
		added, err := w.client.AddFolder(ctx, spec)
		said = folderWordsAdded(&added)
		return err
	}, func(err error) {
		f.add.enable(true)
		if err == nil {
			f.sheet.hide()
			w.notice.say(said)
			return
		}
		if name := f.blame(&spec, err); name == "" {
			f.say(whyOf(err))
		} else {
			f.lead(name)
		}
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

// say says what is wrong with nothing in particular; "" takes it away.
func (f *folderSheet) say(text string) {
	setLabel(f.problem, clean(text), widget.DangerImportance)
	setShown(f.problem, text != "")
	f.fit()
	if text != "" {
		f.sheet.scroll.ScrollToBottom()
	}
}

// wrong says what is wrong with a rule, and leads to it.
func (f *folderSheet) wrong(name, text string) {
	f.faults[name].say(text)
	f.lead(name)
}

// lead brings a rule that is at fault into view, with the focus in it.
func (f *folderSheet) lead(name string) {
	if name == "include" || name == "exclude" || name == "edited" {
		f.unfold(true)
	}
	f.fit()
	ff := f.faults[name]
	bringIntoView(f.sheet.scroll, ff.box)
	ff.focus(f.win.win.Canvas())
}
