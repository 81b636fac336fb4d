package app

import (
	"context"
	"errors"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/settings"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/queue"
)

// account is the running side of a configured account: its uploader, what is
// known of the server's limits, its gate and what it is sending.
type account struct {
	app     *App
	id      string
	cfg     settings.Account // replaced only while the workers stand still
	service upload.Service
	gate    *gate

	mu       sync.Mutex
	uploader upload.Uploader // nil until first needed
	limits   upload.Limits
	checked  time.Time // when limits were asked for; zero: never
	active   map[uint64]*active
	stop     context.CancelFunc // nil while no workers run
	greeted  bool               // the server was asked once since the workers were started
	done     chan struct{}

	arrived   atomic.Uint64 // photos that have arrived, counted from 1
	finished  atomic.Uint64 // of these, those whose batch the service was told is over
	batchOver chan struct{} // capacity 1: nothing is left to send

	fresh    atomic.Int64 // jobs that came since the server was asked for many at once
	adopting sync.Mutex   // one lane asks, the others wait
	asked    uint64       // the newest job that was asked for so; needs adopting
}

// active is a job that a worker holds.
type active struct {
	job   queue.Job
	since time.Time
	sent  atomic.Int64
}

func newAccount(a *App, cfg settings.Account) *account {
	s, _ := service(cfg.Service)
	return &account{
		app: a, id: cfg.ID, cfg: cfg, service: s, gate: newGate(),
		active: make(map[uint64]*active), batchOver: make(chan struct{}, 1),
	}
}

// open returns the uploader, reading the secret the first time.
//
// Without a secret the service decides whether it needs one; a store that
// cannot be opened is an error of kind Denied that says what to do.
func (acc *account) open(ctx context.Context) (upload.Uploader, error) {
	acc.mu.Lock()
	defer acc.mu.Unlock()
	if acc.uploader != nil {
		return acc.uploader, nil
	}
	c, err := acc.app.credentials(ctx, acc)
	if err != nil {
		return nil, err
	}
	up, err := acc.app.newUploader(acc.service, acc.cfg, c)
	if err != nil {
		return nil, err
	}
	acc.uploader = up
	return up, nil
}

// newUploader makes an uploader with its own connections.
func (a *App) newUploader(s upload.Service, cfg settings.Account, c credentials) (upload.Uploader, error) {
	ua := uploadAccount(cfg)
	ua.Secret, ua.Token, ua.Memory = c.secret, c.token, memory{a, cfg.ID}
	if len(c.options) > 0 {
		ua.Options = maps.Clone(ua.Options)
		if ua.Options == nil {
			ua.Options = make(map[string]string)
		}
		maps.Copy(ua.Options, c.options)
	}
	hc := upload.NewClient(upload.ClientOptions{
		Account:     ua,
		Connections: a.Settings().General.Parallel,
		Limiter:     a.limiter,
	})
	return s.New(ua, hc)
}

// uploadAccount is an account as the services know it, without its secrets.
func uploadAccount(cfg settings.Account) upload.Account {
	return upload.Account{
		ID: cfg.ID, Name: cfg.Name, URL: cfg.URL, User: cfg.User,
		Options: cfg.Options, Fingerprint: cfg.Fingerprint,
	}
}

func secretError(err error) error {
	e := &upload.Error{Kind: upload.Denied, Op: "read the secret", Reason: "the account's secret cannot be read", Err: err}
	if errors.Is(err, settings.ErrLocked) {
		e.Reason = "the account's secret is locked away"
		e.Hint = "Unlock the keyring, or set PHOTOFERRY_PASSPHRASE or the systemd credential \"photoferry\", and start again."
	}
	return e
}

// forget drops the uploader, so that the next use reads settings and secret
// afresh.
func (acc *account) forget() {
	acc.mu.Lock()
	defer acc.mu.Unlock()
	acc.uploader, acc.checked, acc.limits = nil, time.Time{}, upload.Limits{}
}

// check asks the server and remembers its limits. It opens the gate when the
// server answers.
func (acc *account) check(ctx context.Context) (upload.Limits, error) {
	up, err := acc.open(ctx)
	if err != nil {
		return upload.Limits{}, err
	}
	l, err := up.Check(ctx)
	if err != nil {
		return l, err
	}
	acc.mu.Lock()
	acc.limits, acc.checked = l, time.Now()
	acc.mu.Unlock()
	return l, nil
}

// current returns limits that are not older than the pace allows.
func (acc *account) current(ctx context.Context) (upload.Limits, error) {
	acc.mu.Lock()
	l, checked := acc.limits, acc.checked
	acc.mu.Unlock()
	if !checked.IsZero() && time.Since(checked) < acc.app.pace.check {
		return l, nil
	}
	return acc.check(ctx)
}

// known returns the limits as far as they were asked for, without asking.
func (acc *account) known() (upload.Limits, bool) {
	acc.mu.Lock()
	defer acc.mu.Unlock()
	return acc.limits, !acc.checked.IsZero()
}

// refuses returns why the account will not take a photo of this kind, or "".
// What only the server can tell (videos) is left to the attempt, and so is what
// can be converted, unless skip says that it shall not be.
func (acc *account) refuses(k photo.Kind, skip bool) string {
	l, asked := acc.known()
	takes := acc.service.Takes
	if takes == nil || takes(l, k) || (!asked && k.Video()) || (!k.Video() && !skip && takes(l, photo.JPEG)) {
		return ""
	}
	return notTaken(acc.service, k)
}

func notTaken(s upload.Service, k photo.Kind) string {
	return s.Name + " does not take " + kindWord(k) + " files"
}

// start runs the workers and what looks after them until halt.
func (acc *account) start(parent context.Context, workers int) {
	ctx, cancel := context.WithCancel(parent)
	done := make(chan struct{})
	acc.mu.Lock()
	acc.stop, acc.done, acc.greeted = cancel, done, false
	acc.mu.Unlock()
	if acc.service.Lanes != nil {
		workers = max(1, min(workers, acc.service.Lanes(uploadAccount(acc.cfg))))
	}
	acc.arrived.Add(1) // the program may have ended before it could finish
	acc.fresh.Store(int64(acc.app.queue.Counts(acc.id).Ready))
	var wg sync.WaitGroup
	wg.Go(func() { acc.keep(ctx) })
	wg.Go(func() { acc.finishBatches(ctx) })
	for range workers {
		wg.Go(func() { acc.app.work(ctx, acc) })
	}
	go func() {
		wg.Wait()
		close(done)
	}()
}

// runs reports whether the workers were started.
func (acc *account) runs() bool {
	acc.mu.Lock()
	defer acc.mu.Unlock()
	return acc.stop != nil
}

// undecided reports whether it is still open if what held the account holds it
// now.
func (acc *account) undecided() bool {
	acc.mu.Lock()
	defer acc.mu.Unlock()
	return acc.stop != nil && !acc.greeted
}

// halt stops the workers and waits for them. What they were sending goes back
// to the queue.
func (acc *account) halt() {
	acc.mu.Lock()
	stop, done := acc.stop, acc.done
	acc.stop = nil
	acc.mu.Unlock()
	if stop == nil {
		return
	}
	stop()
	<-done
}

// keep asks an account that cannot be reached whether it is back, opens the
// gate when a busy server's time is over, and asks a full one now and then
// whether there is room again. At its start it asks once: what held the account
// before may have been repaired.
func (acc *account) keep(ctx context.Context) {
	a := acc.app
	if _, err := acc.check(ctx); err != nil {
		acc.judge(ctx, err)
	} else if h, ok := a.heldByService(acc.id); ok && h.Kind != upload.Full.String() {
		a.recordError(a.queue.Resume(acc.id, queue.ByService))
	}
	acc.mu.Lock()
	acc.greeted = true
	acc.mu.Unlock()
	a.touch()
	room := time.NewTicker(a.pace.full)
	defer room.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-room.C:
			acc.askForRoom(ctx)
			continue
		case <-acc.gate.shutC:
		}
		for {
			state, _, _, _, next := acc.gate.closed()
			if state == "" {
				break
			}
			if !sleep(ctx, time.Until(next)) {
				return
			}
			if state == control.AccountBusy {
				acc.gate.open()
				break
			}
			_, err := acc.check(ctx)
			if ctx.Err() != nil {
				return
			}
			if err == nil || !offline(err) {
				acc.gate.open()
				if err != nil {
					acc.judge(ctx, err)
				}
				a.log.Info("Account reached again", "account", acc.cfg.Name)
				break
			}
			acc.shutOffline(err)
			a.touch()
		}
		a.touch()
	}
}

// askForRoom lets a full account go on before its time when its server says
// that there is room.
func (acc *account) askForRoom(ctx context.Context) {
	a := acc.app
	h, held := a.heldByService(acc.id)
	if !held || h.Kind != upload.Full.String() {
		return
	}
	if l, err := acc.check(ctx); err != nil || l.Free <= 0 {
		return // as before; Free is -1 where the server does not tell
	}
	a.log.Info("Account has room again", "account", acc.cfg.Name)
	a.recordError(a.queue.Resume(acc.id, queue.ByService))
	a.touch()
}

// judge draws the consequences of an error for the account as a whole. It
// reports whether it was the account's fault, so that the photo is not blamed.
func (acc *account) judge(ctx context.Context, err error) bool {
	if err == nil || ctx.Err() != nil {
		return false
	}
	a := acc.app
	e, ok := errors.AsType[*upload.Error](err)
	if !ok {
		return false
	}
	switch {
	case e.Offline:
		acc.shutOffline(err)
	case e.Kind == upload.Busy:
		acc.gate.shut(control.AccountBusy, e.Reason, e.Hint, func(int) time.Duration {
			return max(e.RetryAfter, a.pace.busy)
		})
	case e.Kind == upload.Denied:
		h := queue.Hold{Account: acc.id, By: queue.ByService, Reason: e.Reason, Hint: e.Hint, Kind: e.Kind.String(), Since: time.Now()}
		if e.Fingerprint != "" {
			h.Kind = holdCertificate + e.Fingerprint
		}
		a.hold(acc, h)
	case e.Kind == upload.Full:
		until := time.Now().Add(max(e.RetryAfter, a.pace.full))
		a.hold(acc, queue.Hold{Account: acc.id, By: queue.ByService, Reason: e.Reason, Hint: e.Hint, Kind: e.Kind.String(), Since: time.Now(), Until: until})
	default:
		return false
	}
	a.touch()
	return true
}

// holdCertificate prefixes the fingerprint in the kind of a hold that waits
// for the user's answer about a certificate.
const holdCertificate = "certificate:"

func (acc *account) shutOffline(err error) {
	reason, hint := "the server cannot be reached", "It is tried again by itself; photos wait safely."
	if e, ok := errors.AsType[*upload.Error](err); ok {
		reason = e.Reason
		if e.Hint != "" {
			hint = e.Hint
		}
	}
	p := acc.app.pace
	acc.gate.shut(control.AccountOffline, reason, hint, func(tries int) time.Duration {
		return backoff(tries, p.offline, p.offlineMax)
	})
}

// offline reports whether an error says that the server cannot be reached.
func offline(err error) bool {
	e, ok := errors.AsType[*upload.Error](err)
	return ok && e.Offline
}

// hold stops an account until the user, or the time, lifts it.
func (a *App) hold(acc *account, h queue.Hold) {
	if old, ok := a.heldByService(acc.id); ok && old.Kind == h.Kind && old.Reason == h.Reason {
		return
	}
	a.log.Warn("Account held", "account", acc.cfg.Name, "reason", h.Reason)
	a.recordError(a.queue.Hold(h))
}

func (a *App) heldByService(id string) (queue.Hold, bool) {
	for _, h := range a.queue.Holds() {
		if h.Account == id && h.By == queue.ByService {
			return h, true
		}
	}
	return queue.Hold{}, false
}

// sleep waits for d; false says that ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
