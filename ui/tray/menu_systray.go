//go:build linux || freebsd || openbsd || netbsd || windows

package tray

import (
	"context"
	"runtime"
	"sync"

	"fyne.io/systray"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/assets"
	"github.com/photoferry/photoferry/ui/say"
)

// menu is the icon with its menu. The library behind it is one per process.
type menu struct {
	ready  chan struct{} // closed once the menu is built; nil after that was seen
	built  chan struct{} // the same channel
	chosen chan action

	once    sync.Once
	running sync.WaitGroup // the library's loop, and the items' listeners
	started bool

	line, last, pause, resume, failed, recent *item
	recents                                   [recentShown]*item
	cards                                     [cardsShown]*item
	named                                     []*item // those whose text is always the same
}

func newMenu() *menu {
	built := make(chan struct{})
	return &menu{ready: built, built: built, chosen: make(chan action, 8)}
}

// start shows the icon. Only the first call does anything.
func (m *menu) start(ctx context.Context) {
	m.once.Do(func() {
		m.started = true
		systray.SetTitle("PhotoFerry")
		systray.SetOnTapped(func() { m.choose(ctx, action{what: actOpen}) })
		m.running.Go(func() {
			runtime.LockOSThread() // Windows delivers its messages to the thread that made the icon
			systray.Run(func() {
				m.build(ctx)
				close(m.built)
			}, nil)
		})
	})
}

// stop takes the icon away.
func (m *menu) stop() {
	if m.started {
		<-m.built
		systray.Quit()
	}
	m.running.Wait()
}

func (m *menu) choose(ctx context.Context, a action) {
	select {
	case m.chosen <- a:
	case <-ctx.Done():
	}
}

func (m *menu) build(ctx context.Context) {
	systray.SetIcon(picture("gone"))
	m.line = m.add(ctx, nil, say.Title, nil)
	m.last = m.add(ctx, nil, "", nil)
	m.line.it.Disable()
	m.last.it.Disable()
	systray.AddSeparator()
	m.name(ctx, nil, func() string { return say.T("Open window") }, &action{what: actOpen})
	m.name(ctx, nil, func() string { return say.T("Add photos…") }, &action{what: actOpen, page: control.PageAdd})
	m.pause = m.name(ctx, nil, func() string { return say.T("Pause") }, nil)
	for _, p := range say.Pauses {
		m.name(ctx, m.pause, p.Label, &action{what: actPause, pause: p})
	}
	m.resume = m.name(ctx, nil, func() string { return say.T("Resume") }, &action{what: actResume})
	m.name(ctx, nil, func() string { return say.T("Check folders now") }, &action{what: actScan})
	m.failed = m.add(ctx, nil, "", &action{what: actOpen, page: control.PageFailed})
	m.recent = m.name(ctx, nil, func() string { return say.T("Recent") }, nil)
	for i := range m.recents {
		m.recents[i] = m.add(ctx, m.recent, "", &action{what: actRecent, index: i})
		m.recents[i].visible(false)
	}
	for i := range m.cards {
		m.cards[i] = m.add(ctx, nil, "", &action{what: actEject, index: i})
		m.cards[i].visible(false)
	}
	systray.AddSeparator()
	m.name(ctx, nil, func() string { return say.T("Settings…") }, &action{what: actOpen, page: control.PageSettings})
	m.name(ctx, nil, func() string { return say.T("Quit") }, &action{what: actQuit})
	for _, it := range []*item{m.last, m.resume, m.failed, m.recent} {
		it.visible(false)
	}
}

// item is a menu item that remembers what it shows, so that it is changed only
// when that differs.
type item struct {
	it     *systray.MenuItem
	title  string
	say    func() string // its text in the language that is spoken; nil for others
	hidden bool
}

func (m *menu) add(ctx context.Context, parent *item, title string, a *action) *item {
	it := &item{title: title}
	if parent == nil {
		it.it = systray.AddMenuItem(title, "")
	} else {
		it.it = parent.it.AddSubMenuItem(title, "")
	}
	if a != nil {
		m.running.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case <-it.it.ClickedCh:
					m.choose(ctx, *a)
				}
			}
		})
	}
	return it
}

// name adds an item whose text changes with the language only.
func (m *menu) name(ctx context.Context, parent *item, text func() string, a *action) *item {
	it := m.add(ctx, parent, text(), a)
	it.say = text
	m.named = append(m.named, it)
	return it
}

// speak gives the items their texts in the language that is spoken now.
func (m *menu) speak() {
	for _, it := range m.named {
		if s := it.say(); s != it.title {
			it.title = s
			it.it.SetTitle(s)
		}
	}
}

func (i *item) visible(yes bool) {
	if yes != i.hidden {
		return
	}
	i.hidden = !yes
	if yes {
		i.it.Show()
	} else {
		i.it.Hide()
	}
}

func (i *item) set(title string) {
	if title != "" && title != i.title {
		i.title = title
		i.it.SetTitle(title)
	}
	i.visible(title != "")
}

func (m *menu) icon(s control.State) { systray.SetIcon(picture(string(s))) }
func (m *menu) tooltip(text string)  { systray.SetTooltip(text) }

// show changes the items that differ.
func (m *menu) show(f face) {
	m.line.set(f.line)
	m.last.set(f.last)
	m.pause.visible(!f.paused)
	m.resume.visible(f.paused)
	failed := ""
	if f.failed > 0 {
		failed = say.T("Failed ({{.N}})…", say.Fields{"N": say.Number(f.failed)})
	}
	m.failed.set(failed)
	m.recent.visible(len(f.recent) > 0)
	for i, it := range m.recents {
		title := ""
		if i < len(f.recent) {
			title = f.recent[i].title
		}
		it.set(title)
	}
	for i, it := range m.cards {
		title := ""
		if i < len(f.cards) {
			title = f.cards[i].title
		}
		it.set(title)
	}
}

// picture is the icon of a state in the form that the platform wants.
func picture(state string) []byte {
	png := assets.Tray(state)
	if runtime.GOOS != "windows" {
		return png
	}
	// An ICO file may hold a PNG as it is: a directory of one entry before it.
	n := len(png)
	return append([]byte{
		0, 0, 1, 0, 1, 0, // icon, one picture
		64, 64, 0, 0, 1, 0, 32, 0, // size, planes, bits
		byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24), 22, 0, 0, 0,
	}, png...)
}
