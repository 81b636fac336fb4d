package tray

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os/exec"
	"runtime"
	"sync"
	"time"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

// Options are the tray's surroundings.
type Options struct {
	// OpenWindow opens the window, or raises it if it is open, at a page; "" is
	// the one that it shows. It is called on a goroutine of its own. It must not
	// be nil.
	OpenWindow func(page control.Page)
	// OpenURL shows a web page. nil asks the desktop to do it.
	OpenURL func(url string) error
	// Log may be nil.
	Log *slog.Logger
}

const (
	// lineEvery is the shortest time between two new first lines of the menu
	// that differ in numbers only.
	lineEvery = 10 * time.Second
	// tooltipEvery is the same for the tooltip.
	tooltipEvery = 2 * time.Second
	// callFor bounds a call that was chosen from the menu.
	callFor = 30 * time.Second
)

// Run shows the icon until ctx ends or the engine does, which is no error. It
// returns nil at once, after a line in the log, where the desktop has no means
// to show anything. It may be called once in a process, from any goroutine.
func Run(ctx context.Context, c *control.Client, o Options) error {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	d, err := openSession(ctx, o.Log)
	if err != nil {
		o.Log.Info("No tray icon and no notifications: the desktop has no session bus", "err", err)
		return nil
	}
	defer d.close()
	ctx, cancel := context.WithCancel(ctx)
	t := &tray{client: c, opts: o, log: o.Log, session: d, menu: newMenu(), statuses: make(chan control.Status, 1)}
	defer t.work.Wait()
	defer t.menu.stop()
	defer cancel()
	t.ctx = ctx
	return t.run()
}

// tray is the state of a running tray. Only run's goroutine touches it, except
// for the channels.
type tray struct {
	ctx     context.Context
	client  *control.Client
	opts    Options
	log     *slog.Logger
	session *session
	menu    *menu
	judge   judge
	work    sync.WaitGroup

	statuses chan control.Status // the newest one only

	status     *control.Status
	language   string // of the settings, as it is spoken now
	shown      face
	lineAt     time.Time
	tooltipAt  time.Time
	menuActive bool
}

func (t *tray) run() error {
	ended := make(chan error, 1)
	t.work.Go(func() { ended <- t.listen() })
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-t.ctx.Done():
			return nil
		case err := <-ended:
			return err
		case <-t.session.place:
			t.menu.start(t.ctx)
		case <-t.menu.ready:
			t.menu.ready, t.menuActive = nil, true
			t.menu.speak() // it may have changed while the menu was made
			t.show(time.Now())
		case a := <-t.menu.chosen:
			t.carryOut(a)
		case p := <-t.session.clicked:
			t.open(p)
		case s := <-t.statuses:
			t.status = &s
			now := time.Now()
			t.speak(s.Language)
			t.tell(t.judge.see(&s, now))
			t.show(now)
		case now := <-timer.C:
			t.tell(t.judge.tick(now))
			t.show(now)
		}
		timer.Reset(t.wait(time.Now()))
	}
}

// wait returns when there is something to do without a new status.
func (t *tray) wait(now time.Time) time.Duration {
	wait := time.Hour
	if at := t.judge.due(); !at.IsZero() {
		wait = min(wait, at.Sub(now))
	}
	if t.menuActive && t.status != nil {
		f := faceOf(t.status, now)
		if f.line != t.shown.line {
			wait = min(wait, t.lineAt.Add(lineEvery).Sub(now))
		}
		if f.tooltip != t.shown.tooltip {
			wait = min(wait, t.tooltipAt.Add(tooltipEvery).Sub(now))
		}
	}
	return max(wait, 10*time.Millisecond)
}

// listen passes statuses on until the engine ends. Of several that wait, only
// the newest is kept.
func (t *tray) listen() error {
	for m, err := range t.client.Changes(t.ctx, false) {
		if err != nil {
			if errors.Is(err, control.ErrNotRunning) {
				return nil
			}
			return fmt.Errorf("following the engine: %w", err)
		}
		if m.Status == nil {
			continue
		}
		select {
		case <-t.statuses:
		default:
		}
		t.statuses <- *m.Status // has room: nobody else sends
	}
	return nil
}

// show brings the tray up to date: at once when the state or what is said of it
// has changed, now and then when it is only numbers.
func (t *tray) show(now time.Time) {
	if !t.menuActive || t.status == nil {
		return
	}
	old := t.shown
	f := held(faceOf(t.status, now), old, now.Sub(t.lineAt), now.Sub(t.tooltipAt))
	if f.state != old.state {
		t.menu.icon(f.state)
	}
	if f.tooltip != old.tooltip {
		t.menu.tooltip(f.tooltip)
		t.tooltipAt = now
	}
	if f.line != old.line {
		t.lineAt = now
	}
	t.menu.show(f)
	t.shown = f
}

// tell shows notes, unless the settings want none. What is over is taken away
// in any case.
func (t *tray) tell(ns []note) {
	for _, n := range ns {
		if n.over || t.status != nil && t.status.Notifications {
			t.session.notify(n)
		}
	}
}

func (t *tray) open(p control.Page) { t.work.Go(func() { t.opts.OpenWindow(p) }) }

// speak says everything in the language of the settings from now on.
func (t *tray) speak(language string) {
	if language == t.language || language == "" {
		return
	}
	t.language = language
	say.SetLanguage(language)
	if t.menuActive {
		t.menu.speak()
	}
}

// call carries a verb out without holding up the tray.
func (t *tray) call(verb string, f func(ctx context.Context) error) {
	t.work.Go(func() {
		ctx, cancel := context.WithTimeout(t.ctx, callFor)
		defer cancel()
		if err := f(ctx); err != nil && t.ctx.Err() == nil {
			t.log.Warn("Tray command failed", "command", verb, "err", err)
		}
	})
}

// carryOut does what was chosen from the menu.
func (t *tray) carryOut(a action) {
	switch a.what {
	case actOpen:
		t.open(a.page)
	case actPause:
		t.call("pause", func(ctx context.Context) error { return t.client.Pause(ctx, a.pause.Request(time.Now())) })
	case actResume:
		t.call("resume", func(ctx context.Context) error { return t.client.Resume(ctx, "") })
	case actScan:
		t.call("scan", func(ctx context.Context) error { return t.client.ScanFolder(ctx, "") })
	case actQuit:
		t.call("quit", t.client.Quit)
	case actEject:
		if a.index < len(t.shown.cards) {
			id := t.shown.cards[a.index].id
			t.call("eject", func(ctx context.Context) error { return t.client.EjectCard(ctx, id) })
		}
	case actRecent:
		if a.index < len(t.shown.recent) {
			link := t.shown.recent[a.index].url
			t.call("open", func(context.Context) error { return t.browse(link) })
		}
	}
}

// browse opens the page of a photo. The address came from a server, so nothing
// but a web page is opened.
func (t *tray) browse(link string) error {
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return errors.New("the photo has no web page")
	}
	if t.opts.OpenURL != nil {
		return t.opts.OpenURL(u.String())
	}
	name, args := "xdg-open", []string{u.String()}
	if runtime.GOOS == "windows" {
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", u.String()}
	}
	if err := exec.CommandContext(context.Background(), name, args...).Run(); err != nil {
		return fmt.Errorf("opening the browser: %w", err)
	}
	return nil
}
