package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
)

// historyPage shows what was delivered: sessions, the photos of one of them, or
// all photos, newest first; and photos by when they were taken.
type historyPage struct {
	win   *Window
	box   *fyne.Container
	tabs  *tabs // sessions, photos, shoots
	find  *entry
	query *filters
	rest  *fyne.Container // the filters, or what session is open
	crumb *fyne.Container
	where *line // title of the open session
	sums  *line // its numbers
	view  *button
	save  *button
	none  *widget.Label
	why   *button
	empty *fyne.Container

	visits   *rowList // sessions
	sessions *pager
	list     *rowList // photos
	photos   *pager
	bar      *actionBar
	shoots   *shootList

	text   string           // looked for
	open   *control.Session // whose photos are shown
	fresh  bool             // the list in front was asked for
	status *control.Status
}

// findPause is how long typing has to rest before it is looked for.
const findPause = 400 * time.Millisecond

// Tabs of the History page.
const (
	tabSessions = iota
	tabPhotos
	tabShoots
)

func newHistoryPage(w *Window) *historyPage {
	p := &historyPage{win: w}
	p.sessions, p.photos = newPager(w, nil, p.show), newPager(w, nil, p.show)
	p.visits = newRowList(w, nil, w.actions)
	p.visits.open = func(r *row) { p.enter(r.session) }
	p.visits.src = p.sessions
	p.list = newRowList(w, func(rs []*row) { p.bar.set(rs) }, w.actions)
	p.list.src = p.photos
	p.bar = newActionBar(p.list)
	p.tabs = newTabs(func(int) { p.leave() }, tr("Sessions"), tr("Photos"), tr("Shoots"))
	p.query = newFilters(w, p.renew)
	p.shoots = newShootList(w)
	p.newFind()
	p.view = newViewSwitch(p.list, &w.memory.PastTiles)
	p.save = newButton(tr("Export"), "export", p.export)
	p.where, p.sums = newText(""), newCaption("")
	p.where.bold = true
	back := newButton(tr("Sessions"), "back", p.leave)
	p.crumb = container.NewBorder(nil, nil, back, nil, padded(stacked(1, p.where, p.sums), 0, 8))
	p.rest = container.NewStack(p.query.box, p.crumb, p.shoots.tools)
	p.none = wrapped("", widget.LowImportance)
	p.none.Alignment = fyne.TextAlignCenter
	p.why = newButton(tr("Why is this photo not here?"), "why", func() { w.findNamed(p.text) })
	p.empty = container.NewVBox(p.none, container.NewCenter(p.why))

	title := newLine(tr("History"), theme.ColorNameForeground, theme.SizeNameHeadingText)
	title.bold, title.fit = true, true
	head := container.NewBorder(nil, nil, beside(12, centred(title), p.tabs.box), newFindButton(w.findPhoto), padded(p.find, 0, 8))
	tools := container.NewBorder(nil, nil, nil, beside(4, p.view, p.save), p.rest)
	top := padded(stacked(8, head, tools), 10, 14)
	body := container.NewStack(p.visits.box, p.list.box, p.shoots.box, centred(p.empty))
	p.box = container.NewBorder(top, p.bar.box, nil, nil, padded(body, 0, 6))
	p.bar.in = p.box
	p.arrange()
	return p
}

func (p *historyPage) newFind() {
	p.find = newEntry(tr("Find by name or folder"))
	p.find.OnSubmitted = p.look
	p.find.OnChanged = func(s string) {
		p.win.after(findPause, func() {
			if p.find.Text == s {
				p.look(s)
			}
		})
		if s == "" {
			p.look("")
		}
	}
	p.find.escape = func() { p.find.SetText("") }
	p.find.window = func(fyne.Shortcut) { p.win.findPhoto() }
}

func (p *historyPage) content() fyne.CanvasObject { return p.box }

func (p *historyPage) refresh() {
	switch {
	case p.showsPhotos():
		p.list.refresh()
	case p.showsShoots():
		p.shoots.refresh()
	}
}

// clear takes the selection away, and then leaves the open session.
func (p *historyPage) clear() {
	switch {
	case len(p.list.sel.rows) > 0 && p.showsPhotos():
		p.list.clear()
	case p.open != nil:
		p.leave()
	}
}

func (p *historyPage) selectAll() {
	if p.showsPhotos() {
		p.list.selectAll()
	}
}

// showsPhotos says whether photos are in front, and not sessions.
func (p *historyPage) showsPhotos() bool { return p.open != nil || p.tabs.chosen == tabPhotos }

// showsShoots says whether shoots are in front.
func (p *historyPage) showsShoots() bool { return p.open == nil && p.tabs.chosen == tabShoots }

// front is the list in front, unless it is that of the shoots.
func (p *historyPage) front() *pager {
	if p.showsPhotos() {
		return p.photos
	}
	return p.sessions
}

// enter shows the photos of a session.
func (p *historyPage) enter(s *control.Session) {
	if s == nil {
		return
	}
	p.open = s
	p.list.clear()
	p.arrange()
	p.photos.reset(photosOf(p.win.client, s.ID))
	p.show()
	p.list.focus()
}

// leave shows what the tab says.
func (p *historyPage) leave() {
	was := p.open
	p.open = nil
	p.list.clear()
	p.arrange()
	if was != nil && p.tabs.chosen == tabSessions && p.sessions.loaded {
		p.show() // the list is where it was
		p.sessions.outdated()
		p.visits.focus()
		return
	}
	p.renew()
}

// look shows what has a text in its path.
func (p *historyPage) look(text string) {
	if text == p.text {
		return
	}
	p.text, p.open = text, nil
	if text != "" {
		p.tabs.choose(tabPhotos) // sessions are not found by a photo's name
	}
	p.list.clear()
	p.arrange()
	p.renew()
}

// renew asks for the list in front as it is wanted now.
func (p *historyPage) renew() {
	if p.status == nil || p.status.State == stateGone {
		p.fresh = false
		return
	}
	p.fresh = true
	switch {
	case p.open != nil:
		p.photos.reset(photosOf(p.win.client, p.open.ID))
	case p.showsShoots():
		p.shoots.renew()
	case p.showsPhotos():
		p.photos.reset(recordRows(p.win.client, p.query.records(p.text)))
	default:
		p.sessions.reset(sessionRows(p.win.client, p.query.sessions(p.text)))
	}
	p.show()
}

func (p *historyPage) apply(s *control.Status) {
	old := p.status
	p.status = s
	p.query.know(s.Accounts)
	switch {
	case s.State == stateGone:
	case old == nil || old.State == stateGone || !p.fresh:
		p.renew()
	case old.Counts != s.Counts && p.showsShoots():
		p.shoots.query.stale()
	case old.Counts != s.Counts:
		p.front().outdated()
		if p.open != nil {
			p.sessions.outdated()
		}
	}
	p.show()
}

// arrange shows what belongs to the view in front.
func (p *historyPage) arrange() {
	photos, shoots := p.showsPhotos(), p.showsShoots()
	p.query.show(photos)
	setShown(p.query.box, p.open == nil && !shoots)
	setShown(p.shoots.tools, shoots)
	setShown(p.shoots.box, shoots)
	setShown(p.crumb, p.open != nil)
	setShown(p.view, photos)
	setShown(p.save, photos)
	setShown(p.list.box, photos)
	setShown(p.visits.box, !photos && !shoots)
	if p.box != nil {
		p.box.Refresh()
	}
}

func (p *historyPage) show() {
	if p.status == nil {
		return
	}
	if p.open != nil {
		key := rowKey{group: sessionGroup(p.open.ID)}
		for _, r := range p.sessions.all() {
			if r.rowKey == key {
				p.open = r.session // its newest numbers
			}
		}
		p.where.set(sessionTitle(p.open), theme.ColorNameForeground)
		p.sums.set(sessionCounts(p.open), colorMuted)
	}
	if p.showsShoots() {
		setShown(p.empty, false)
		p.shoots.show()
		return
	}
	if p.showsPhotos() {
		p.list.show(p.photos)
	} else {
		p.visits.show(p.sessions)
	}
	f := p.front()
	none := f.length() == 0
	text, why := "", false
	switch {
	case !none || !f.loaded:
	case p.text != "":
		text, why = tr("Nothing was found."), true
	case p.open != nil:
		text = tr("Nothing of this session is left to be shown.")
	case !p.query.all():
		text = tr("Nothing was found.")
	default:
		text = tr("What was delivered is kept here so that you can look it up.")
	}
	setLabel(p.none, text, widget.LowImportance)
	setShown(p.why, why)
	setShown(p.empty, none)
}

// export offers to save what is shown.
func (p *historyPage) export() {
	q := p.query.records(p.text)
	if p.open != nil {
		q = control.RecordQuery{Session: p.open.ID}
	}
	p.win.askExport(q)
}

// focusFind goes to the search field. It reports false when it is there
// already.
func (p *historyPage) focusFind() bool {
	c := p.win.win.Canvas()
	if c.Focused() == fyne.Focusable(p.find) {
		return false
	}
	c.Focus(p.find)
	return true
}
