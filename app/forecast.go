package app

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/queue"
)

const (
	// forecastEvery is how often a forecast in the making is told.
	forecastEvery = 300 * time.Millisecond
	// forecastAsks bounds the questions to a service that answers for one
	// photo at a time.
	forecastAsks = 300
)

// Forecast implements [control.Engine]. Photos are read for their digests, as
// Add does, unless they are known unchanged; every account's server is asked
// for those that its ledger does not have.
func (a *App) Forecast(ctx context.Context, r control.AddRequest, progress func(control.Forecast)) (control.Forecast, error) {
	ids, err := a.accountIDs(r.Accounts)
	if err != nil {
		return control.Forecast{}, err
	}
	if len(ids) == 0 {
		return control.Forecast{}, problem(1, "There is no account to send to", "Add one first: photoferry account add.")
	}
	f := &forecaster{app: a, progress: progress, again: r.NoSyncCheck}
	f.out.Partial = true
	for _, id := range ids {
		if acc := a.byID(id); acc != nil {
			f.accounts = append(f.accounts, acc)
			f.out.Accounts = append(f.out.Accounts, control.AccountForecast{Account: acc.cfg.Name})
		}
	}
	f.open = make([][]queue.Job, len(f.accounts))
	var paths []string
	for _, path := range r.Paths {
		err := a.expand(ctx, filepath.Clean(path), func(p string) { paths = append(paths, p) },
			func(control.AddResult) { f.change(func(o *control.Forecast) { o.Unreadable++ }) })
		if err != nil {
			return f.out, err
		}
	}
	if err := f.read(ctx, paths); err != nil {
		return f.out, err
	}
	if err := f.ask(ctx); err != nil {
		return f.out, err
	}
	f.out.Partial = false
	return f.out, nil
}

// forecaster counts what adding photos would do.
type forecaster struct {
	app      *App
	accounts []*account
	again    bool // send what was delivered, too
	progress func(control.Forecast)

	mu   sync.Mutex
	out  control.Forecast
	open [][]queue.Job // by account: photos for which only the server can answer
	told time.Time
}

// change counts something and tells it now and then.
func (f *forecaster) change(count func(*control.Forecast)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	count(&f.out)
	if now := time.Now(); now.Sub(f.told) >= forecastEvery {
		f.told = now
		o := f.out
		o.Accounts = append([]control.AccountForecast(nil), o.Accounts...)
		f.progress(o)
	}
}

// read looks at every file and at what this program knows of it.
func (f *forecaster) read(ctx context.Context, paths []string) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(digestWorkers())
	for _, path := range paths {
		if ctx.Err() != nil {
			break
		}
		g.Go(func() error { return f.readOne(ctx, path) })
	}
	return g.Wait()
}

func (f *forecaster) readOne(ctx context.Context, path string) error {
	r, err := f.app.identify(ctx, path)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		f.change(func(o *control.Forecast) { o.Unreadable++ })
		return nil
	}
	kind := photo.ParseKind(r.Kind)
	if kind == photo.Unknown {
		f.change(func(o *control.Forecast) { o.NoPhotos++ })
		return nil
	}
	words := make([]func(*control.AccountForecast), len(f.accounts))
	for i, acc := range f.accounts {
		if words[i], err = f.judge(acc, r, kind); err != nil {
			return err
		}
	}
	f.change(func(o *control.Forecast) {
		o.Photos++
		o.Bytes += r.Size
		for i, word := range words {
			if word != nil {
				word(&o.Accounts[i])
				continue
			}
			o.Accounts[i].New++
			o.Accounts[i].Bytes += r.Size
			job := queue.Job{Request: r}
			job.Account = f.accounts[i].id
			f.open[i] = append(f.open[i], job)
		}
	})
	return nil
}

// judge says what an account would do with a photo as far as this program
// knows; nil is new.
func (f *forecaster) judge(acc *account, r queue.Request, kind photo.Kind) (func(*control.AccountForecast), error) {
	if acc.refuses(kind, false) != "" {
		return func(o *control.AccountForecast) { o.NotTaken++ }, nil
	}
	if !f.again {
		_, delivered, err := f.app.queue.Record(acc.id, r.SHA256)
		if err != nil {
			return nil, err
		}
		if delivered {
			return func(o *control.AccountForecast) { o.Known++ }, nil
		}
	}
	jobs, err := f.app.queue.JobsByPath(r.Path)
	if err != nil {
		return nil, err
	}
	for _, j := range jobs {
		if j.Account == acc.id && j.SHA256 == r.SHA256 {
			return func(o *control.AccountForecast) { o.Queued++ }, nil
		}
	}
	return nil, nil
}

// identify finds out what a file is, without reading it again when it is known
// unchanged.
func (a *App) identify(ctx context.Context, path string) (queue.Request, error) {
	r := queue.Request{Path: path}
	file, err := openRegular(path)
	if err != nil {
		return r, err
	}
	defer file.Close()
	fi, err := file.Stat()
	if err != nil {
		return r, err
	}
	r.Size, r.ModTime = fi.Size(), fi.ModTime()
	if seen, ok, err := a.queue.Seen(path); err == nil && ok && seen.Size == r.Size && seen.ModTime.Equal(r.ModTime) && seen.SHA256 != [32]byte{} {
		head := make([]byte, photo.SniffLen)
		n, err := file.ReadAt(head, 0)
		if err != nil && !errors.Is(err, io.EOF) {
			return r, err
		}
		r.SHA256, r.MD5, r.Kind = seen.SHA256, seen.MD5, photo.Sniff(head[:n], filepath.Base(path)).String()
		return r, nil
	}
	d, err := photo.Digest(ctx, file, filepath.Base(path))
	if err != nil {
		return r, err
	}
	r.Size, r.SHA256, r.MD5, r.Kind = d.Size, d.SHA256, d.MD5, d.Kind.String()
	return r, nil
}

// ask asks every server for the photos that are new as far as we know.
func (f *forecaster) ask(ctx context.Context) error {
	if f.again {
		return nil // it would not be asked either
	}
	g, gctx := errgroup.WithContext(ctx)
	for i := range f.accounts {
		if len(f.open[i]) > 0 {
			g.Go(func() error {
				if err := f.askAccount(gctx, i); err != nil {
					if gctx.Err() != nil {
						return gctx.Err()
					}
					f.change(func(o *control.Forecast) {
						o.Accounts[i].Unasked, o.Accounts[i].Reason = true, classified(err).Error()
					})
				}
				return nil
			})
		}
	}
	return g.Wait()
}

func (f *forecaster) askAccount(ctx context.Context, i int) error {
	acc, jobs := f.accounts[i], f.open[i]
	up, err := acc.open(ctx)
	if err != nil {
		return err
	}
	known := func(j queue.Job) {
		f.change(func(o *control.Forecast) {
			o.Accounts[i].New--
			o.Accounts[i].Bytes -= j.Size
			o.Accounts[i].Known++
		})
	}
	finder, bulk := up.(upload.BulkFinder)
	for len(jobs) > 0 && bulk {
		n := min(len(jobs), upload.MaxBulk)
		items := make([]upload.Item, n)
		for k, j := range jobs[:n] {
			items[k] = f.app.item(j, photo.ParseKind(j.Kind))
		}
		found, err := finder.FindAll(ctx, items)
		if err != nil {
			return err
		}
		for k, r := range found {
			if k < n && r.RemoteID != "" {
				known(jobs[k])
			}
		}
		jobs = jobs[n:]
	}
	for n, j := range jobs {
		if n == forecastAsks {
			return &upload.Error{Reason: "there are too many to ask for one by one; each is asked for before it is sent"}
		}
		switch _, err := up.Find(ctx, f.app.item(j, photo.ParseKind(j.Kind))); {
		case err == nil:
			known(j)
		case errors.Is(err, upload.ErrNotFound):
		case errors.Is(err, errors.ErrUnsupported):
			return &upload.Error{Reason: "this service cannot be asked for photos"}
		default:
			return err
		}
	}
	return nil
}
