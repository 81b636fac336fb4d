package app

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/queue"
)

// work leases and delivers one job after the other until ctx ends.
func (a *App) work(ctx context.Context, acc *account) {
	for {
		if acc.gate.pass(ctx) != nil || a.brake.pass(ctx) != nil {
			return
		}
		job, err := a.queue.Lease(ctx, acc.id)
		switch {
		case ctx.Err() != nil, errors.Is(err, queue.ErrClosed):
			if err == nil {
				a.recordError(a.queue.Unlease(job.ID))
			}
			return
		case err != nil:
			// A full disk keeps a lease from being written. Nothing is lost;
			// the user makes room and work goes on.
			a.log.Error("Queue cannot lease", "account", acc.cfg.Name, "err", err)
			a.wrote(err)
			if !sleep(ctx, a.pace.growing) {
				return
			}
			continue
		}
		_, held := a.brake.held()
		if state, _, _, _, _ := acc.gate.closed(); state != "" || held {
			a.recordError(a.queue.Unlease(job.ID)) // shut while this worker waited for a job
			continue
		}
		a.adopt(ctx, acc)
		a.deliver(ctx, acc, job)
	}
}

// deliver makes one attempt and writes down what came of it.
func (a *App) deliver(ctx context.Context, acc *account, job queue.Job) {
	act := &active{job: job, since: time.Now()}
	acc.mu.Lock()
	acc.active[job.ID] = act
	acc.mu.Unlock()
	a.touch()
	rec, err := a.attemptSafely(ctx, acc, act)
	acc.mu.Lock()
	delete(acc.active, job.ID)
	acc.mu.Unlock()
	if err == nil && rec.Outcome == queue.Sent {
		acc.arrived.Add(1)
	}
	if werr := a.conclude(ctx, acc, job, rec, err); werr != nil {
		// The outcome could not be written (disk full). The job stays leased
		// in the file and is given back here, so that the server is asked
		// before anything is sent again.
		a.log.Error("Outcome not written", "account", acc.cfg.Name, "path", job.Path, "err", werr)
		a.wrote(werr)
		sleep(ctx, a.pace.growing)
		a.recordError(a.queue.Unlease(job.ID))
	}
	acc.rested()
	a.touch()
}

// attemptSafely turns a panic into a failed photo: one bad file must not hold
// up the rest, nor take the engine down.
func (a *App) attemptSafely(ctx context.Context, acc *account, act *active) (rec queue.Record, err error) {
	defer func() {
		if p := recover(); p != nil {
			a.log.Error("Attempt panicked", "path", act.job.Path, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = &upload.Error{Kind: upload.Rejected, Reason: "the program met a fault of its own with this photo", Hint: "Please report it with the support bundle: photoferry doctor --bundle FILE."}
		}
	}()
	return a.attempt(ctx, acc, act)
}

// conclude writes the outcome of an attempt. It is the only place that knows
// what a kind of error means for a job.
func (a *App) conclude(ctx context.Context, acc *account, job queue.Job, rec queue.Record, err error) error {
	q := a.queue
	left := func(err error) error { // the photo has left the batch
		if err == nil {
			a.batch.finished(job.Size)
		}
		return err
	}
	if err == nil {
		acc.gate.open()
		a.log.Info("Delivered", "account", acc.cfg.Name, "path", job.Path, "outcome", string(rec.Outcome), "remoteId", rec.RemoteID)
		return left(q.Complete(job.ID, rec))
	}
	if ctx.Err() != nil {
		return q.Unlease(job.ID) // the engine stops; nothing is counted
	}
	var gone *goneError
	var skip *skipError
	var later *laterError
	switch {
	case errors.As(err, &gone):
		return left(a.letGo(job, gone.reason))
	case errors.As(err, &skip):
		return left(q.Skip(job.ID, skip.reason))
	case errors.As(err, &later):
		return q.Snooze(job.ID, time.Now().Add(a.pace.growing), queue.Cause{Error: later.reason})
	case errors.Is(err, errChanged):
		return a.changed(job)
	case errors.Is(err, errAway):
		return q.Snooze(job.ID, time.Now().Add(a.pace.busy), queue.Cause{Error: folderAway, Hint: "It goes on when the drive, the card or the network folder is back."})
	}
	if acc.judge(ctx, err) {
		return q.Unlease(job.ID) // the account's fault: nothing is counted
	}
	acc.gate.open()
	e := classified(err)
	c := queue.Cause{Error: e.Error(), Hint: e.Hint, Kind: e.Kind.String()}
	a.log.Warn("Not delivered", "account", acc.cfg.Name, "path", job.Path, "attempt", job.Attempt+1, "kind", c.Kind, "err", err)
	switch e.Kind {
	case upload.Rejected, upload.Unsure:
		return left(q.Fail(job.ID, c))
	}
	if job.Attempt+1 >= a.pace.attempts {
		if c.Hint == "" {
			c.Hint = "It was tried many times. Look at the reason, then choose Retry."
		}
		return left(q.Fail(job.ID, c))
	}
	return q.Retry(job.ID, time.Now().Add(backoff(job.Attempt, a.pace.retry, a.pace.retryMax)), c)
}

// classified returns err's classification; anything unclassified is Transient.
func classified(err error) *upload.Error {
	if e, ok := errors.AsType[*upload.Error](err); ok {
		return e
	}
	return &upload.Error{Kind: upload.Transient, Reason: err.Error()}
}
