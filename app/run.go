package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/settings"
	"github.com/photoferry/photoferry/queue"
	"github.com/photoferry/photoferry/watcher"
)

// Run is the engine: it watches, takes in and delivers until ctx ends or
// [App.Quit] is called, and returns nil then. Everything that is being sent
// goes back to the queue.
func (a *App) Run(ctx context.Context) error {
	if a.lock == nil {
		return errors.New("the engine's lock was not taken: set Options.Engine")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a.mu.Lock()
	a.running, a.quit, a.engine = true, cancel, ctx
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		a.running, a.quit, a.engine = false, nil, nil
		a.mu.Unlock()
		a.touch()
	}()
	a.log.Info("Engine started", "version", a.version, "home", a.places.Home)

	a.copies.clean()
	a.watcher.Store(watcher.New(a.watcherConfig()))
	g, gctx := errgroup.WithContext(ctx)
	a.findCards(gctx)
	defer a.leaveCards()
	a.startAccounts(gctx)
	defer a.haltAccounts()
	if _, err := a.prepareFolders(gctx); err != nil {
		return err
	}
	g.Go(func() error {
		return a.watcher.Load().Run(gctx, func(files []watcher.File) error { return a.intake.found(gctx, files) })
	})
	g.Go(func() error { return a.followSettings(gctx) })
	g.Go(func() error { return a.backups(gctx) })
	g.Go(func() error {
		a.followRules(gctx)
		return nil
	})
	g.Go(func() error {
		a.followCards(gctx)
		return nil
	})
	a.touch()
	err := g.Wait()
	a.haltAccounts()
	a.log.Info("Engine stopped")
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (a *App) watcherConfig() watcher.Config {
	return watcher.Config{
		Roots: a.roots(),
		Known: a.queue.Known,
		Ended: func(r io.ReaderAt, size int64) watcher.Ending {
			switch photo.End(r, size) {
			case photo.EndPresent:
				return watcher.Present
			case photo.EndMissing:
				return watcher.Missing
			default:
				return watcher.Unknown
			}
		},
		Rescan:  time.Duration(a.Settings().General.RescanEvery),
		Log:     a.log,
		Changed: a.touch,
	}
}

func (a *App) roots() []watcher.Root {
	var roots []watcher.Root
	for _, f := range a.Settings().Folders {
		roots = append(roots, root(f))
	}
	return roots
}

func root(f settings.Folder) watcher.Root {
	return watcher.Root{Path: f.Path, Flat: f.Flat, Include: f.Include, Exclude: f.Exclude}
}

// startAccounts starts the workers of every account that runs none yet.
func (a *App) startAccounts(ctx context.Context) {
	s := a.Settings()
	for _, cfg := range s.Accounts {
		if acc := a.byID(cfg.ID); acc != nil {
			acc.start(ctx, s.General.Parallel)
		}
	}
}

func (a *App) haltAccounts() {
	a.mu.Lock()
	all := make([]*account, 0, len(a.accounts))
	for _, acc := range a.accounts {
		all = append(all, acc)
	}
	a.mu.Unlock()
	for _, acc := range all {
		acc.halt()
	}
}

// followSettings takes over a settings file that was changed by hand. A file
// with mistakes changes nothing and is told.
func (a *App) followSettings(ctx context.Context) error {
	hints, err := watcher.FileChanges(ctx, a.places.Settings)
	if err != nil {
		a.log.Warn("Settings file not followed", "file", a.places.Settings, "err", err)
		return nil
	}
	for {
		// Once before the first hint: the file may have changed while nobody
		// watched it.
		a.takeOverSettings(ctx)
		select {
		case <-ctx.Done():
			return nil
		case _, ok := <-hints:
			if !ok {
				return nil
			}
		}
	}
}

// settingsQuiet is how long the settings file must have been left alone: an
// editor empties it before it writes it.
const settingsQuiet = 200 * time.Millisecond

// takeOverSettings puts the settings file to work if it says something new. A
// file that is empty all of a sudden is a mistake, not a wish to forget every
// account.
func (a *App) takeOverSettings(ctx context.Context) {
	fi, err := os.Stat(a.places.Settings)
	for err == nil && time.Since(fi.ModTime()).Abs() < settingsQuiet {
		if !sleep(ctx, settingsQuiet) {
			return
		}
		fi, err = os.Stat(a.places.Settings)
	}
	if err == nil && fi.Size() == 0 && len(a.Settings().Accounts) > 0 {
		a.setProblem("The settings file is empty and is not in use; the settings from before stay.")
		return
	}
	s, err := settings.Load(a.places.Settings, SettingsServices())
	if err != nil {
		a.log.Warn("Settings not taken over", "err", err)
		a.setProblem("The settings file has mistakes and is not in use: " + err.Error())
		return
	}
	a.setProblem("")
	if reflect.DeepEqual(s, a.Settings()) {
		return
	}
	if err := a.apply(s); err != nil {
		a.log.Error("Settings not taken over", "err", err)
		a.setProblem("The settings could not be taken over: " + err.Error())
		return
	}
	a.log.Info("Settings taken over")
}

func (a *App) setProblem(p string) {
	a.mu.Lock()
	a.problem = p
	a.mu.Unlock()
	a.touch()
}

// apply puts new settings to work: accounts that changed start afresh, folders
// are watched or let go.
func (a *App) apply(s settings.Settings) error {
	a.applying.Lock()
	defer a.applying.Unlock()
	a.mu.Lock()
	old := a.settings
	a.settings = s
	engine := a.engine
	var stopped []*account
	var changed []string // IDs of accounts that are new or not as they were
	keep := make(map[string]bool)
	for _, cfg := range s.Accounts {
		keep[cfg.ID] = true
		acc, ok := a.accounts[cfg.ID]
		if ok && reflect.DeepEqual(acc.cfg, cfg) && old.General.Parallel == s.General.Parallel {
			continue
		}
		if ok {
			stopped = append(stopped, acc)
		}
		a.accounts[cfg.ID] = newAccount(a, cfg)
		changed = append(changed, cfg.ID)
	}
	for id, acc := range a.accounts {
		if !keep[id] {
			stopped = append(stopped, acc)
			delete(a.accounts, id)
		}
	}
	var fresh []*account
	for _, acc := range a.accounts {
		if !acc.runs() {
			fresh = append(fresh, acc)
		}
	}
	a.mu.Unlock()

	a.limiter.Set(float64(s.General.Bandwidth))
	a.brake.stale()
	a.applied(s)
	if len(stopped)+len(changed) > 0 {
		a.cards.doubt()
	}
	for _, acc := range stopped {
		acc.halt()
	}
	for _, id := range changed {
		a.recordError(a.queue.Resume(id, queue.ByService)) // what held it may be repaired now
	}
	if engine == nil {
		return nil
	}
	for _, acc := range fresh {
		acc.start(engine, s.General.Parallel)
	}
	again, err := a.prepareFolders(engine)
	if err != nil {
		return err
	}
	w := a.watcher.Load()
	w.RescanEvery(time.Duration(s.General.RescanEvery))
	w.SetRoots(a.roots())
	for _, path := range again {
		w.Rescan(path) // the root may be the same as before, its rule is not
	}
	a.touch()
	return nil
}

// backups keeps a copy of the queue that is never older than a day of work.
func (a *App) backups(ctx context.Context) error {
	for {
		if err := a.queue.Backup(); err != nil {
			a.log.Error("Queue not copied", "err", err)
		}
		if !sleep(ctx, 24*time.Hour) {
			return nil
		}
	}
}

// Result is what a run until idle came to.
type Result struct {
	Failed   int  // photos that failed
	NeedsYou bool // an account is held, or cannot be reached
}

// RunUntilIdle is [App.Run] until nothing is left to deliver. It waits for
// passing faults and for cooling times; it does not wait for an account that
// needs the user, nor for one that has been out of reach for a minute.
func (a *App) RunUntilIdle(ctx context.Context) (Result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ran := make(chan error, 1)
	go func() { ran <- a.Run(ctx) }()
	changed := a.Changed(ctx)
	// Time alone can end the wait (an account out of reach for long enough),
	// so the condition is looked at now and then without a change as well.
	look := time.NewTicker(a.pace.idleLook)
	defer look.Stop()
	for {
		if r, idle := a.idle(); idle {
			cancel()
			return r, <-ran
		}
		select {
		case err := <-ran:
			return Result{}, err
		case <-changed:
		case <-look.C:
		}
	}
}

// idle reports whether nothing is left that could be delivered without the
// user.
func (a *App) idle() (Result, bool) {
	a.mu.Lock()
	running := a.running
	a.mu.Unlock()
	if !running || !a.watcher.Load().Idle() || a.intake.pending() > 0 {
		return Result{}, false
	}
	var r Result
	holds := a.queue.Holds()
	for _, cfg := range a.Settings().Accounts {
		acc := a.byID(cfg.ID)
		if acc == nil {
			continue
		}
		c := a.queue.Counts(cfg.ID)
		r.Failed += c.Failed
		stuck := a.stuck(acc, holds)
		if stuck && acc.undecided() {
			return Result{}, false
		}
		unfinished := acc.unfinished()
		if c.Leased > 0 || ((c.Ready+c.Waiting > 0 || unfinished) && !stuck) {
			return Result{}, false
		}
		if stuck && (c.Ready+c.Waiting > 0 || unfinished || a.needsUser(acc.id, holds)) {
			r.NeedsYou = true
		}
	}
	return r, true
}

// stuck reports whether an account goes on only with the user's help.
func (a *App) stuck(acc *account, holds []queue.Hold) bool {
	for _, h := range holds {
		if (h.Account == acc.id || h.Account == "") && (h.Until.IsZero() || time.Until(h.Until) > a.pace.unreachable) {
			return true
		}
	}
	state, _, _, since, _ := acc.gate.closed()
	return state == control.AccountOffline && time.Since(since) > a.pace.unreachable
}

func (a *App) needsUser(id string, holds []queue.Hold) bool {
	for _, h := range holds {
		if h.Account == id && h.By == queue.ByService {
			return true
		}
	}
	return false
}

// prepareFolders makes the first acquaintance with folders that are new, or
// whose rule was widened. It must be done before the watcher scans them. It
// returns the folders of which every photo is to be offered again.
func (a *App) prepareFolders(ctx context.Context) (again []string, err error) {
	for _, f := range a.Settings().Folders {
		m, err := a.prepareFolder(ctx, f)
		if err != nil {
			return again, fmt.Errorf("prepare the folder %s: %w", f.Path, err)
		}
		if m.again {
			again = append(again, f.Path)
		}
	}
	return again, nil
}
