package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"github.com/photoferry/photoferry/app/cards"
	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/desktop"
	"github.com/photoferry/photoferry/app/settings"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/queue"
	"github.com/photoferry/photoferry/watcher"
)

// Options configure an App. The zero value opens the platform's own places
// without becoming the engine.
type Options struct {
	Home    string // folder for all files; "" is the platform's own places
	Version string
	Log     *slog.Logger // nil is slog.Default()

	// Engine takes the engine's lock, so that [App.Run] may be called. Only
	// one process per home can have it.
	Engine bool
	// LockWait is how long to wait while another short command has the queue
	// open; 0 is 10 seconds.
	LockWait time.Duration
	// Applied is called with the settings in use, at first and whenever others
	// were taken over; nil is fine.
	Applied func(settings.Settings)
	// Passphrase asks the user for the passphrase of the secrets file. It is
	// asked last; nil never asks.
	Passphrase func() (string, error)
	// SecretsWork is scrypt's cost of a new secrets file as a power of two, 0
	// for its default. Tests that start many processes lower it.
	SecretsWork int
	// CardsBelow is where memory cards are looked for, as [cards.System] has
	// it; "" is this machine.
	CardsBelow string
	// Start is the engine's command, with the program's whole path, for a person
	// who wants it to start with the computer; nil offers that to nobody.
	Start []string

	// pace replaces the delays of a real run in tests.
	pace *pace
}

// App is one opened installation: settings, secrets and queue, and, while
// [App.Run] runs, the watcher and the workers.
type App struct {
	version string
	log     *slog.Logger
	places  Places
	lock    *flock.Flock // nil unless this is the engine
	queue   *queue.Queue
	secrets *settings.Secrets
	watcher atomic.Pointer[watcher.Watcher] // a new one for every Run
	limiter *upload.Limiter
	pace    pace
	notice  string // said once, at start
	applied func(settings.Settings)

	mu       sync.Mutex
	settings settings.Settings
	problem  string // why the settings file on disk is not in use
	trouble  string // why the queue cannot be written
	accounts map[string]*account
	running  bool
	quit     context.CancelFunc
	engine   context.Context // of Run, nil while it does not run

	applying sync.Mutex // settings are taken over one after the other
	parsing  sync.Mutex // one photo is parsed at a time

	intake  intake
	cards   cardDesk
	copies  copies
	reread  atomic.Bool // nothing is in doubt any more that is still to be found; see rereading
	batch   batch
	changes changes
	brake   *brake

	autostart autostart

	// watchDesktop is [desktop.Watch] but in tests.
	watchDesktop func(ctx context.Context, report func(desktop.Surroundings))
}

var _ control.Engine = (*App)(nil)

// Open opens the installation. Another process that has the queue open makes
// it wait for Options.LockWait; a running engine makes it fail at once when
// Options.Engine is set.
//
// Errors that a person must act on are [*control.Problem].
func Open(ctx context.Context, o Options) (*App, error) {
	a := &App{
		version:  o.Version,
		log:      o.Log,
		accounts: make(map[string]*account),
		limiter:  upload.NewLimiter(0),
		pace:     realPace,
		applied:  o.Applied,
		brake:    newBrake(),
		cards:    cardDesk{reader: cards.System{Top: o.CardsBelow}},

		autostart:    newAutostart(o.Start, o.Home),
		watchDesktop: desktop.Watch,
	}
	if a.applied == nil {
		a.applied = func(settings.Settings) {}
	}
	if a.log == nil {
		a.log = slog.Default()
	}
	if o.pace != nil {
		a.pace = *o.pace
	}
	var err error
	if a.places, err = FindPlaces(o.Home); err != nil {
		return nil, err
	}
	if err := a.places.make(); err != nil {
		return nil, problem(1, "The program's folder cannot be used: "+err.Error(), "Choose another with --home, or make it writable.")
	}
	if o.Engine {
		if err := a.takeLock(); err != nil {
			return nil, err
		}
	}
	ok := false
	defer func() {
		if !ok {
			a.unlock()
		}
	}()
	if a.settings, err = settings.Load(a.places.Settings, SettingsServices()); err != nil {
		return nil, problem(1, err.Error(), "Correct the file, or move it away to start with a new one: "+a.places.Settings)
	}
	a.limiter.Set(float64(a.settings.General.Bandwidth))
	a.applied(a.settings)
	a.secrets = settings.OpenSecrets(settings.SecretOptions{Dir: a.places.Secrets, Passphrase: o.Passphrase, WorkFactor: o.SecretsWork})
	fresh := !exists(a.places.Queue)
	if a.queue, err = a.openQueue(ctx, o.LockWait); err != nil {
		return nil, err
	}
	a.noticeRecovery()
	if fresh && len(a.settings.Folders) > 0 {
		if err := a.noticeNewQueue(); err != nil {
			return nil, errors.Join(err, a.queue.Close())
		}
	}
	a.watcher.Store(watcher.New(a.watcherConfig()))
	a.intake.init(a)
	a.copies.dir = a.places.Copies
	for _, s := range a.settings.Accounts {
		a.accounts[s.ID] = newAccount(a, s)
	}
	ok = true
	return a, nil
}

// Close closes the files. The App must not be running.
func (a *App) Close() error {
	err := a.queue.Close()
	a.unlock()
	return err
}

// Places returns where this installation's files lie.
func (a *App) Places() Places { return a.places }

func (a *App) takeLock() error {
	l := flock.New(a.places.Lock, flock.SetPermissions(0o600))
	got, err := l.TryLock()
	if err != nil {
		return problem(1, fmt.Sprintf("The engine's lock %s cannot be taken: %v", a.places.Lock, err), "Make the folder writable, or choose another with --home.")
	}
	if !got {
		return problem(1, "PhotoFerry is already running on "+a.places.Home,
			"Use `photoferry status` to see what it does, or end it first. Another installation needs another --home.")
	}
	a.lock = l
	return nil
}

func (a *App) unlock() {
	if a.lock != nil {
		_ = a.lock.Unlock()
		a.lock = nil
	}
}

// openQueue waits while a short command holds the file; the queue's own time
// limit is short so that ctx is obeyed.
func (a *App) openQueue(ctx context.Context, wait time.Duration) (*queue.Queue, error) {
	if wait == 0 {
		wait = 10 * time.Second
	}
	deadline := time.Now().Add(wait)
	for {
		q, err := queue.Open(a.places.Queue, queue.Options{
			Log:         a.log,
			LockTimeout: 250 * time.Millisecond,
			OnChange:    a.touch,
		})
		switch {
		case err == nil:
			return q, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case !errors.Is(err, queue.ErrLocked):
			return nil, problem(1, err.Error(), "Check the disk's space and the rights on "+a.places.Queue)
		case time.Now().After(deadline):
			return nil, &control.Problem{
				Message: "The queue is in use by another PhotoFerry: " + a.places.Queue,
				Hint:    "Try again when the other command has ended.",
				Exit:    1,
			}
		}
	}
}

// noticeRecovery tells the user of a queue file that had to be set aside, and
// makes every folder be looked through again: what the file knew of them may
// be gone.
func (a *App) noticeRecovery() {
	r := a.queue.Recovered()
	if r == nil {
		return
	}
	a.notice = fmt.Sprintf("The queue file was damaged and lies now at %s. Work goes on with %s; folders are looked through again and the servers are asked, so that nothing is lost or sent twice.", r.SetAside, r.From)
	a.recordError(a.doubtJobs())
	a.log.Warn("Queue file set aside", "file", r.SetAside, "from", r.From, "err", r.Cause)
	a.recordError(a.queue.Log(queue.Event{At: time.Now(), What: "recovered", Text: a.notice}))
}

// recordError tells of the failure of a write that the caller cannot act on.
func (a *App) recordError(err error) {
	if err != nil && !errors.Is(err, queue.ErrClosed) {
		a.log.Error("Queue not written", "err", err)
	}
	a.wrote(err)
}

// wrote remembers whether the queue can be written, for the status: with a
// full disk nothing is lost, but nothing goes on either.
func (a *App) wrote(err error) {
	trouble := ""
	switch {
	case errors.Is(err, syscall.ENOSPC):
		trouble = "The disk is full, so nothing new can be written down. Photos stay safely where they are; make room on the disk of " + a.places.Queue + " and it goes on by itself."
	case err != nil && !errors.Is(err, queue.ErrClosed) && !errors.Is(err, queue.ErrNotFound) && !errors.Is(err, queue.ErrState):
		trouble = "The queue cannot be written: " + err.Error()
	}
	a.mu.Lock()
	changed := a.trouble != trouble
	a.trouble = trouble
	a.mu.Unlock()
	if changed {
		a.touch()
	}
}

// problem makes an error for people, with the exit code of a command.
func problem(exit int, message, hint string) *control.Problem {
	return &control.Problem{Message: message, Hint: hint, Exit: exit}
}

// about names the value of a request that a problem is about.
func about(field string, p *control.Problem) *control.Problem {
	p.Field = field
	return p
}

// faulty is the problem that one value of a request cannot be taken. err, which
// may be nil, says where in it a template is at fault.
func faulty(field string, err error, message, hint string) *control.Problem {
	p := about(field, problem(2, message, hint))
	if e, ok := errors.AsType[*settings.TemplateError](err); ok {
		p.At = e.At
	}
	return p
}

// Settings returns a copy of the settings in use.
func (a *App) Settings() settings.Settings {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.settings
}

// account returns the account with the given name.
func (a *App) account(name string) (*account, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, acc := range a.accounts {
		if acc.cfg.Name == name || acc.cfg.ID == name {
			return acc, nil
		}
	}
	return nil, problem(1, fmt.Sprintf("There is no account named %q", name), "`photoferry account list` shows the names.")
}

// accountName returns the name of an account ID, or the ID itself when the
// account was removed.
func (a *App) accountName(id string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if acc, ok := a.accounts[id]; ok {
		return acc.cfg.Name
	}
	return id
}

// accountIDs maps names to IDs; no names are all accounts, in settings order.
func (a *App) accountIDs(names []string) ([]string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var ids []string
	if len(names) == 0 {
		for _, s := range a.settings.Accounts {
			ids = append(ids, s.ID)
		}
		return ids, nil
	}
	for _, name := range names {
		found := false
		for _, s := range a.settings.Accounts {
			if s.Name == name || s.ID == name {
				ids, found = append(ids, s.ID), true
				break
			}
		}
		if !found {
			return nil, problem(1, fmt.Sprintf("There is no account named %q", name), "`photoferry account list` shows the names.")
		}
	}
	return ids, nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
