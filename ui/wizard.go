package ui

import (
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
)

// wizard is the first-run guide: six steps that take the whole window, from the
// welcome to the first photo. Each can be skipped, and gone back to.
type wizard struct {
	win   *Window
	made  *wizardMade
	steps []wizardStep
	box   *fyne.Container
	dots  []*wizardDot
	title *line
	body  *fyne.Container // holds the step in front, and scrolls it
	outer *fyne.Container
	up    *container.Scroll
	back  *button
	skip  *button
	next  *button
	leave *sheet // the last question of leaving; nil before the first
}

// wizardStep is one step. Its methods run on the goroutine of the widgets.
type wizardStep interface {
	// name is the heading.
	name() string
	content() fyne.CanvasObject
	// enter is called when the step comes to the front.
	enter()
	// buttons says what Next is called now, and Skip: "" hides it.
	buttons() (next, icon, skip string)
	// next is what Next does. It goes forward when the step is done.
	next()
	// retreat goes back within the step; false when there is nothing to go back to.
	retreat() bool
	// first is what gets the focus; nil is Next.
	first() fyne.Focusable
}

// The steps.
const (
	stepWelcome = iota
	stepAccount
	stepFolder
	stepAlbum
	stepForecast
	stepEnd
	stepCount
)

// wizardMade is what was chosen so far. It survives going back and forth, and
// another language.
type wizardMade struct {
	at       int
	path     []int // the steps before at, as they were gone through
	done     [stepCount]bool
	accounts []string            // that were added here
	unsigned []string            // of these, those that still need a sign-in
	typed    control.AccountSpec // not added yet
	phase    accountPhase
	account  control.Account      // that was added last
	report   *control.CheckReport // of it; nil before the first
	practice bool                 // it is the practice server's
	found    []foundFolder
	searched bool
	folder   control.FolderSpec
	rule     int // of albumRules
	own      string
	preview  control.FolderPreview
	watched  control.FolderSpec // as the engine has it
	added    control.FolderAdded
}

// startWizard shows the guide from its beginning.
func (w *Window) startWizard() {
	if w.guide != nil || len(w.sheets) > 0 {
		return
	}
	w.showWizard(&wizardMade{})
}

func (w *Window) showWizard(m *wizardMade) {
	g := &wizard{win: w, made: m}
	g.steps = []wizardStep{
		newWelcomeStep(g), newAccountStep(g), newFolderStep(g), newAlbumStep(g), newForecastStep(g), newEndStep(g),
	}
	g.build()
	w.guide = g
	w.win.SetContent(g.box)
	g.show()
}

// retell makes the guide again, in another language.
func (g *wizard) retell() {
	for _, s := range g.steps {
		if k, ok := s.(interface{ keep() }); ok {
			k.keep()
		}
	}
	g.win.showWizard(g.made)
}

const (
	wizardWidth = 640
	dotSize     = 26
)

func (g *wizard) build() {
	row := container.New(layout.NewCustomPaddedHBoxLayout(0))
	for i := range g.steps {
		d := newWizardDot(i + 1)
		g.dots = append(g.dots, d)
		if i > 0 {
			bridge := newPanel(theme.ColorNameSeparator)
			row.Add(container.NewGridWrap(fyne.NewSize(22, dotSize), padded(bridge, dotSize/2-1, 4)))
		}
		row.Add(d.box)
	}
	g.title = newLine("", theme.ColorNameForeground, theme.SizeNameHeadingText)
	g.title.bold, g.title.align = true, fyne.TextAlignCenter
	head := padded(stacked(8, container.NewCenter(row), g.title), 10, 16)

	g.body = container.NewStack()
	g.outer, g.up = flow(margin(g.body, 4, 20), placeLayout{widest: wizardWidth, middle: true})

	leave := newButton(tr("Leave the guide"), "", g.askLeave)
	leave.Importance = widget.LowImportance
	g.back = newButton(tr("Back"), "back", g.goBack)
	g.skip = newButton("", "", g.skipStep)
	g.next = newPrimary("", "next", g.goOn)
	for _, b := range []*button{leave, g.back, g.skip, g.next} {
		b.onEscape(g.askLeave)
	}
	foot := container.NewStack(newPanel(colorBar), padded(container.NewBorder(nil, nil, leave, beside(6, g.back, g.skip, g.next)), 10, 14))
	g.box = container.New(wizardLayout{}, container.NewBorder(head, foot, nil, nil, g.outer))
}

// wizardLayout promises, as the window's own layout does, that no content makes
// the window grow.
type wizardLayout struct{}

// MinSize implements [fyne.Layout].
func (wizardLayout) MinSize([]fyne.CanvasObject) fyne.Size { return (&rootLayout{}).MinSize(nil) }

// Layout implements [fyne.Layout].
func (wizardLayout) Layout(os []fyne.CanvasObject, s fyne.Size) { os[0].Resize(s) }

func (g *wizard) step() wizardStep { return g.steps[g.made.at] }

// show brings the step that made names to the front.
func (g *wizard) show() {
	s := g.step()
	g.title.set(s.name(), theme.ColorNameForeground)
	g.body.Objects = []fyne.CanvasObject{s.content()}
	g.body.Refresh()
	s.enter()
	g.changed()
	g.up.ScrollToTop()
	g.focus()
}

// focus puts the focus where the step wants it.
func (g *wizard) focus() {
	if len(g.win.sheets) > 0 {
		return
	}
	if f := g.step().first(); f != nil {
		g.win.win.Canvas().Focus(f)
		return
	}
	g.win.win.Canvas().Focus(g.next)
}

// changed shows the step in front again after something in it has changed.
func (g *wizard) changed() {
	next, drawing, skip := g.step().buttons()
	if g.next.Text != next || g.next.drawing != drawing {
		g.next.drawing = drawing
		g.next.Icon = glyphOn(drawing)
		if g.next.Disabled() {
			g.next.Icon = icon{drawing, theme.ColorNameDisabled}
		}
		g.next.SetText(next)
	}
	if g.skip.Text != skip {
		g.skip.SetText(skip)
	}
	setShown(g.skip, skip != "")
	setShown(g.back, len(g.made.path) > 0)
	for i, d := range g.dots {
		d.set(i == g.made.at, g.made.done[i])
	}
	g.wire(g.step().content())
	follow(g.step().content(), g.up)
	relayout(g.outer)
	g.box.Refresh()
}

// wire lets Enter in the inputs below o go on, and Escape leave.
func (g *wizard) wire(o fyne.CanvasObject) {
	if k, ok := o.(interface{ onEscape(func()) }); ok {
		k.onEscape(g.askLeave)
	}
	if _, press := o.(*button); !press {
		if k, ok := o.(interface{ onEnter(func()) }); ok {
			k.onEnter(g.goOn)
		}
	}
	if c, ok := o.(*fyne.Container); ok {
		for _, o := range c.Objects {
			g.wire(o)
		}
	}
}

// busy says that the engine is being asked, so that nothing is asked twice.
func (g *wizard) busy(yes bool) { g.next.enable(!yes) }

// goOn does what Next does.
func (g *wizard) goOn() {
	if !g.next.Disabled() && len(g.win.sheets) == 0 {
		g.step().next()
	}
}

// forward goes to another step; done says whether this one was.
func (g *wizard) forward(done bool, to int) {
	g.made.done[g.made.at] = done
	g.made.path = append(g.made.path, g.made.at)
	g.made.at = to
	g.show()
}

// skipStep goes on without the step. Without an account there is no folder, and
// without a folder no album and nothing to foresee.
func (g *wizard) skipStep() {
	if k, ok := g.step().(interface{ skipped() }); ok {
		k.skipped()
	}
	to := g.made.at + 1
	if g.made.at == stepFolder || g.made.at == stepAccount && len(g.accounts()) == 0 {
		to = stepEnd
	}
	g.forward(g.made.done[g.made.at], to)
}

func (g *wizard) goBack() {
	if g.step().retreat() {
		return
	}
	if n := len(g.made.path); n > 0 {
		g.made.at = g.made.path[n-1]
		g.made.path = g.made.path[:n-1]
		g.show()
	}
}

// accounts are the names of those that there are, with those that the status
// does not tell of yet.
func (g *wizard) accounts() []string {
	var names []string
	for i := range g.win.status.Accounts {
		names = append(names, g.win.status.Accounts[i].Name)
	}
	for _, n := range g.made.accounts {
		if !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}

// accountLines say of each account whether it is set up.
func (g *wizard) accountLines(into *fyne.Container) {
	for _, n := range g.accounts() {
		about := fields{"Account": shorten(clean(n), 60)}
		text, drawing, hue := tr("{{.Account}} is set up", about), "state-idle", theme.ColorNameSuccess
		if slices.Contains(g.made.unsigned, n) {
			text, drawing, hue = tr("{{.Account}} still needs a sign-in", about), "state-attention", theme.ColorNameWarning
		}
		into.Add(factLine(icon{drawing, hue}, text))
	}
}

// factLine is a line with a drawing before it, as wide as there is room.
func factLine(drawing icon, text string) fyne.CanvasObject {
	return margin(container.NewBorder(nil, nil, picture(drawing, 18), nil, margin(newText(text), 0, settingInset)), 2, settingInset)
}

// doneLine is a line that is ticked.
func doneLine(text string) fyne.CanvasObject {
	return factLine(icon{"state-idle", theme.ColorNameSuccess}, text)
}

// askLeave asks whether the guide is to end.
func (g *wizard) askLeave() {
	if g.leave != nil && g.leave.open {
		return
	}
	g.leave = g.win.newSheet(tr("Leave the guide?"), wrapped(
		tr("What you have set up so far stays. The guide is found again on the page Settings."), widget.MediumImportance))
	g.leave.onClose = g.focus
	g.leave.buttons(g.leave.closer(tr("Go on with it")), newPrimary(tr("Leave"), "", func() { g.leave.hide(); g.end() }))
	g.leave.show()
}

// end gives the window back to its pages. The guide does not come by itself
// again.
func (g *wizard) end() {
	w := g.win
	w.guide = nil
	w.memory.Guided = true
	w.remember()
	w.win.SetContent(w.root)
	w.show(pageNow)
	w.offerPending()
}

// wizardDot shows one step: its number, or a tick.
type wizardDot struct {
	box    *fyne.Container
	ground *panel
	number *line
	tick   *fyne.Container
}

func newWizardDot(n int) *wizardDot {
	d := &wizardDot{ground: newPanel(colorTrack), number: newLine(strconv.Itoa(n), colorMuted, theme.SizeNameCaptionText)}
	d.ground.radius = dotSize / 2
	d.number.bold, d.number.align = true, fyne.TextAlignCenter
	d.tick = container.NewCenter(picture(icon{"tick", theme.ColorNameForegroundOnPrimary}, 16))
	d.box = container.NewGridWrap(fyne.NewSquareSize(dotSize), container.NewStack(d.ground, centred(d.number), d.tick))
	return d
}

func (d *wizardDot) set(current, done bool) {
	d.ground.fill, d.ground.stroke = colorTrack, ""
	hue := colorMuted
	switch {
	case current:
		d.ground.fill, hue = theme.ColorNamePrimary, theme.ColorNameForegroundOnPrimary
	case done:
		d.ground.fill = theme.ColorNameSuccess
	}
	ticked := done && !current
	d.number.set(d.number.text, hue)
	setShown(d.number, !ticked)
	setShown(d.tick, ticked)
	d.ground.Refresh()
}
