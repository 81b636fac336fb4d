package ui

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

// Title is what the window is called. The window's class follows from it, by
// which the desktop finds the icon; so it is the program's name.
const Title = say.Title

// stateGone is shown while no engine answers, with the text lookingText until
// it is known whether one will.
const (
	stateGone   = control.State("gone")
	lookingText = "looking"
)

// Options are the window's surroundings. The zero value works.
type Options struct {
	// Files, if any, are offered in the add sheet at the start.
	Files []string
	// Page, if any, is shown at the start.
	Page control.Page
	// StateFile is where the window keeps what it was told once: the last
	// choice of account, hints that were read. "" keeps nothing.
	StateFile string
	// StartEngine starts an engine that outlives the window. It may be nil;
	// then the window does not offer to.
	StartEngine func(ctx context.Context) error
	// StartPractice starts the program's own practice server, unless it runs
	// already, and says what account to add on it. It may be nil; then the window
	// does not offer practice.
	StartPractice func(ctx context.Context) (control.AccountSpec, error)
	// FindPictures finds folders that people keep photos in. It may be nil.
	FindPictures func() []string
	// Exit ends the process. It is called when the toolkit has not ended some
	// seconds after the window was closed. It may be nil; then that is waited for.
	Exit func()
	// Log may be nil.
	Log *slog.Logger
}

// page is what a button of the left bar opens. Its methods are called on the
// goroutine of the widgets.
type page interface {
	content() fyne.CanvasObject
	// apply shows a status; called only while the page is in front, and once
	// when it comes to the front.
	apply(s *control.Status)
	// refresh draws rows again because thumbnails have become ready.
	refresh()
}

// Window is the window. Make one with [New], and show it with [Window.Run].
// Except for Run its methods belong to the goroutine of the widgets.
type Window struct {
	app    fyne.App
	win    fyne.Window
	client *control.Client
	opts   Options
	log    *slog.Logger
	memory memory
	home   string
	now    func() time.Time

	mail     *mailbox
	thumbs   *thumbs
	tiles    *thumbs
	quitting atomic.Bool
	ctx      context.Context // of Run; calls end with it
	work     sync.WaitGroup
	spawn    func(func())                // runs a call; tests run it in place
	after    func(time.Duration, func()) // runs on the goroutine of the widgets, later

	status   *control.Status        // the newest; never nil, and never changed
	initials []string               // of its accounts
	services []control.Service      // that accounts can be on; none until the engine has said so
	browse   func(u *url.URL) error // opens the system's browser

	modifiers func() fyne.KeyModifier // that are held now

	strip   *strip
	nav     *nav
	notice  *notice
	zone    *dropZone
	pages   []page
	current int
	stage   *fyne.Container // holds the page in front
	root    *fyne.Container // the pages with all around them
	guide   *wizard         // in place of root; nil when it is not shown
	sheets  []*sheet        // open ones, the topmost last
	adding  *addSheet       // the last add sheet; nil before the first
	picker  *albumPicker    // the last one; nil before the first
	asking  *whySheet       // the last question about a photo; nil before the first
	leaving *sheet          // the last question of closing; nil before the first
	pending []string        // files to be offered once the accounts are known

	banners    *cardBanners   // of memory cards
	loading    *cardSheet     // the last one; nil before the first
	describing *describeSheet // the last one; nil before the first
	planning   *eventSheet    // the last one; nil before the first

	nowTab   *nowPage
	stop     context.CancelFunc
	stopped  chan struct{} // closed when the pump has ended
	saidOnce string        // the last notice of the engine
	theme    string        // as in control.Status
	language string        // as in control.Status; "" before the first
}

// New makes the window; nothing is shown and nothing is asked before Run. It
// sets the theme of the app.
func New(a fyne.App, c *control.Client, o Options) *Window {
	w := &Window{
		app: a, client: c, opts: o, log: o.Log, now: time.Now, mail: newMailbox(),
		ctx: context.Background(), stopped: make(chan struct{}),
	}
	if w.log == nil {
		w.log = slog.New(slog.DiscardHandler)
	}
	w.home, _ = os.UserHomeDir() // without one, paths are shown in full
	w.memory = loadMemory(o.StateFile, w.log)
	w.pending = o.Files
	w.thumbs, w.tiles = newThumbs(w.mail.putThumbs), newTilePictures(w.mail.putThumbs)
	w.modifiers = currentModifiers(a)
	w.spawn = func(f func()) { w.work.Go(f) }
	w.browse = a.OpenURL
	w.after = func(d time.Duration, f func()) { time.AfterFunc(d, func() { w.mail.post(f) }) }
	w.status = &control.Status{State: stateGone, Text: lookingText}

	a.Settings().SetTheme(newTheme(w.theme))
	a.SetIcon(AppIcon())
	w.win = a.NewWindow(Title)
	w.win.SetIcon(AppIcon())
	w.win.SetPadded(false)
	w.build()
	w.win.Resize(fyne.NewSize(980, 680))
	w.win.SetMaster()
	w.win.SetCloseIntercept(w.closing)
	w.win.SetOnDropped(func(_ fyne.Position, us []fyne.URI) { w.dropped(us) })
	w.keys()
	return w
}

func (w *Window) build() {
	w.strip = newStrip(w)
	w.notice = newNotice()
	w.banners = newCardBanners(w)
	w.zone = newDropZone(w)
	w.nowTab = newNowPage(w)
	w.pages = []page{w.nowTab, newFailedPage(w), newHistoryPage(w), newFoldersPage(w), newAccountsPage(w), newSettingsPage(w)}
	w.nav = newNav([]navItem{
		{tr("Now"), "now"}, {tr("Failed"), "failed"}, {tr("History"), "history"}, {tr("Folders"), "folder"}, {tr("Accounts"), "account"}, {tr("Settings"), "settings"},
	}, w.show, w.askQuit)
	w.stage = container.NewStack(w.pages[0].content())
	right := container.NewBorder(stacked(0, w.strip.content(), w.banners.box), w.notice.box, nil, nil, w.stage)
	w.notice.in, w.banners.in = right, right
	w.root = container.New(&rootLayout{nav: w.nav, banners: w.banners}, w.nav, right)
	w.win.SetContent(w.root)
	w.nav.selected(0)
	w.apply(mail{status: w.status})
}

// pages by their place in the left bar.
const (
	pageNow = iota
	pageFailed
	pageHistory
	pageFolders
	pageAccounts
	pageSettings
)

// placesOfPages are their names outside of the window.
var placesOfPages = []control.Page{
	control.PageNow, control.PageFailed, control.PageHistory, control.PageFolders, control.PageAccounts, control.PageSettings,
}

// show brings a page to the front.
func (w *Window) show(i int) {
	if i < 0 || i >= len(w.pages) {
		return
	}
	w.current = i
	w.nav.selected(i)
	w.stage.Objects = []fyne.CanvasObject{w.pages[i].content()}
	w.stage.Refresh()
	w.pages[i].apply(w.status)
	if p, ok := w.pages[i].(interface{ front() }); ok {
		p.front()
	}
}

// apply shows one delivery of the mailbox.
func (w *Window) apply(m mail) {
	if m.status != nil {
		w.know(m.status)
		w.strip.apply(w.status)
		w.banners.apply(w.status)
		w.nav.badge(pageFailed, w.status.Counts.Failed)
		if n := w.status.Notice; n != "" && n != w.saidOnce {
			w.notice.say(engine(n))
		}
		w.saidOnce = w.status.Notice
		w.pages[w.current].apply(w.status)
		w.welcome()
		w.offerPending()
	}
	for _, f := range m.posts {
		f()
	}
	if m.thumbs {
		w.pages[w.current].refresh()
	}
}

// welcome shows the guide to somebody who has nothing set up and has not seen
// it.
func (w *Window) welcome() {
	s := w.status
	if s.State != stateGone && !w.memory.Guided && len(s.Accounts) == 0 && len(s.Folders) == 0 {
		w.startWizard()
	}
}

// offerPending offers the files that the window was opened with, once it is
// known where they can go.
func (w *Window) offerPending() {
	if len(w.pending) > 0 && w.guide == nil && w.status.State != stateGone {
		files := w.pending
		w.pending = nil
		w.offer(files)
	}
}

// know takes a status over. An engine that has just appeared is asked which
// services it has.
func (w *Window) know(s *control.Status) {
	appeared := w.status.State == stateGone && s.State != stateGone
	if s.State != stateGone && s.Theme != w.theme {
		w.theme = s.Theme
		w.app.Settings().SetTheme(newTheme(w.theme))
	}
	w.status = s
	names := make([]string, len(s.Accounts))
	for i := range s.Accounts {
		names[i] = s.Accounts[i].Name
	}
	w.initials = initials(names)
	w.speakIn(s.Language)
	if appeared {
		w.askServices(func(error) { w.pages[w.current].apply(w.status) })
	}
}

// scene is what rows are looked at with now.
func (w *Window) scene() *scene {
	return &scene{now: w.now(), home: w.home, accounts: w.status.Accounts, initials: w.initials}
}

// call asks the engine for something, away from the goroutine of the widgets,
// and hands the outcome back to it. done is not called when the window closes
// before that.
func (w *Window) call(ask func(ctx context.Context) error, done func(error)) {
	ctx := w.ctx
	w.spawn(func() {
		err := ask(ctx)
		if ctx.Err() == nil {
			w.mail.post(func() { done(err) })
		}
	})
}

// do is call for a verb of which only failure needs to be shown; said is the
// notice of success.
func (w *Window) do(said string, ask func(ctx context.Context) error) {
	w.call(ask, func(err error) {
		if err != nil {
			w.fail(err)
			return
		}
		if said != "" {
			w.notice.say(said)
		}
	})
}

// count is do for verbs that change jobs and say how many; said is the notice,
// about {{.N}} photos. Of one photo for several accounts it speaks as one.
func (w *Window) count(p picked, said string, verb func(ctx context.Context, ids []uint64) (int, error)) {
	var n int
	w.call(func(ctx context.Context) (err error) {
		n, err = verb(ctx, p.ids)
		return err
	}, func(err error) {
		if n == len(p.ids) && len(p.groups) == 0 {
			n = p.photos
		}
		if err != nil {
			w.fail(err)
			return
		}
		w.notice.say(trn(said, n))
	})
}

// fail shows an error with what to do about it.
func (w *Window) fail(err error) {
	text, hint := explain(err)
	body := stacked(4, wrapped(text, widget.MediumImportance))
	if hint != "" {
		body.Add(wrapped(hint, widget.LowImportance))
	}
	s := w.newSheet(tr("That did not work"), body)
	s.buttons(s.closer(tr("Close")))
	s.show()
}

// explain puts an error into a sentence and a hint.
func explain(err error) (text, hint string) {
	if p, ok := errors.AsType[*control.Problem](err); ok {
		return sentence(engine(p.Message)), engine(p.Hint)
	}
	if errors.Is(err, errIgnored) {
		return tr("This cannot be changed here."), ""
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return tr("It took too long."), tr("Try again in a while.")
	}
	return sentence(err.Error()), ""
}

// sentence makes an error message read like one.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return tr("Something went wrong.")
	}
	s = capital(s)
	if !strings.ContainsAny(s[len(s)-1:], ".!?") {
		s += "."
	}
	return s
}
