package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/photoferry/photoferry/app/convert"
	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/settings"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/queue"
)

// checkCopies tells a person what is wrong with what an account wants its
// copies to be like.
func checkCopies(cfg settings.Account) error {
	s := settings.Default()
	s.Accounts = []settings.Account{cfg}
	for _, p := range s.Validate(nil) {
		switch p.Key {
		case "account.strip", "account.home", "account.longest_side", "account.quality":
			return problem(2, fmt.Sprintf("%s %s", strings.TrimPrefix(p.Key, "account."), p.Message), p.Hint)
		}
	}
	return nil
}

// plan says what an account is sent of a photo.
type plan struct {
	keep  photo.Keep
	whole bool // the original's bytes
	cut   bool // a JPEG whose metadata is cut out; its picture keeps its bytes
	wish  convert.Wish
}

// planFor decides what an account is sent of a photo. skip is its folder's rule
// for formats that the account does not take. The error is a [*skipError] when
// nothing can be sent.
func (acc *account) planFor(kind photo.Kind, m facts, l upload.Limits, skip bool) (plan, error) {
	cfg := acc.cfg
	takes := func(k photo.Kind) bool { return acc.service.Takes == nil || acc.service.Takes(l, k) }
	p := plan{keep: keepFor(cfg, kind, m)}
	p.wish = convert.Wish{Kind: kind, Side: cfg.LongestSide, Quality: cfg.Quality, Keep: p.keep}
	if p.wish.Quality == 0 {
		p.wish.Quality = convert.DefaultQuality
	}
	large := cfg.LongestSide > 0 && max(m.Width, m.Height) > cfg.LongestSide && kind != photo.GIF && !kind.Video()
	switch {
	case !takes(kind) && (kind.Video() || skip || !takes(photo.JPEG)):
		return p, &skipError{notTaken(acc.service, kind)}
	case takes(kind) && p.keep == photo.KeepAll && !large:
		p.whole = true
	case kind.Video():
		return p, &skipError{"the place cannot be taken out of films, and this account is not to be told it"}
	case kind == photo.JPEG && !large:
		p.cut = true
	case !takes(photo.JPEG):
		return p, &skipError{notTaken(acc.service, photo.JPEG)}
	}
	return p, nil
}

// keepFor says how much an account may be told of a photo.
func keepFor(cfg settings.Account, kind photo.Kind, m facts) photo.Keep {
	switch cfg.Strip {
	case settings.StripAll:
		return photo.KeepNothing
	case settings.StripPlace:
	default:
		return photo.KeepAll
	}
	home, err := settings.ParseCircle(cfg.Home)
	away := func(p *photo.Position) bool { return p == nil || err == nil && !home.Contains(p.Lat, p.Lon) }
	switch {
	case m.GPS != nil && away(m.GPS) && away(m.own):
		return photo.KeepAll
	case m.GPS == nil && m.read && !kind.Video() && (kind != photo.JPEG || err == nil):
		return photo.KeepAll // there is nothing to be taken out
	}
	return photo.KeepNoPlace // also where that cannot be told
}

// told is what may be said of a photo beside its bytes.
func (p plan) told(m photo.Meta) photo.Meta {
	switch p.keep {
	case photo.KeepNothing:
		return photo.Meta{}
	case photo.KeepNoPlace:
		return m.WithoutPlace()
	}
	return m
}

// skipsUnsupported reports whether a folder's rule is to leave out what an
// account does not take. What lies in no watched folder has no such rule.
func (a *App) skipsUnsupported(folder string) bool {
	for _, f := range a.Settings().Folders {
		if f.Path == folder {
			return f.Unsupported == settings.UnsupportedSkip
		}
	}
	return false
}

// prepare makes the copy that is sent in an original's place and describes it
// in the item. The returned function gives it back.
func (a *App) prepare(ctx context.Context, job queue.Job, f *os.File, p plan, it *upload.Item) (done func(delivered bool), err error) {
	c, err := a.copies.open(ctx, copyKey(job.SHA256, p), func(dst *os.File, dir string) error {
		if err := p.write(ctx, f, job.Size, dst, dir); err != nil {
			return err
		}
		if changed(f, job) {
			return errChanged
		}
		return nil
	})
	if err != nil {
		return nil, a.copyError(ctx, err)
	}
	it.Size, it.MD5, it.Kind, it.Open = c.size, c.md5, photo.JPEG, c.reader
	if photo.ParseKind(job.Kind) != photo.JPEG {
		it.Name = strings.TrimSuffix(it.Name, filepath.Ext(it.Name)) + ".jpg"
	}
	return func(delivered bool) {
		a.copies.release(c, delivered && !a.wantedElsewhere(job))
	}, nil
}

// write writes the copy of an original to dst.
func (p plan) write(ctx context.Context, f *os.File, size int64, dst *os.File, dir string) error {
	if p.cut {
		cut := photo.StripGPS
		if p.keep == photo.KeepNothing {
			cut = photo.StripAll
		}
		err := cut(f, size, dst)
		if !errors.Is(err, photo.ErrStrip) {
			return convert.SpaceOr(err)
		}
		// What cannot be cut out for sure is left behind when the picture is
		// coded anew.
		if err := dst.Truncate(0); err != nil {
			return err
		}
		if _, err := dst.Seek(0, 0); err != nil {
			return err
		}
	}
	return convert.Make(ctx, f, dst, dir, p.wish)
}

// wantedElsewhere reports whether another account waits for the same photo.
// One that is being served has the copy open itself.
func (a *App) wantedElsewhere(job queue.Job) bool {
	jobs, err := a.queue.JobsByPath(job.Path)
	if err != nil {
		return true
	}
	for _, j := range jobs {
		if j.ID != job.ID && j.SHA256 == job.SHA256 && (j.State == queue.Ready || j.State == queue.Waiting) {
			return true
		}
	}
	return false
}

// copyError puts the failure to make a copy into the engine's words.
func (a *App) copyError(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil, errors.Is(err, errChanged):
		return err
	case errors.Is(err, convert.ErrSpace):
		return &upload.Error{
			Kind: upload.Transient, Reason: "there is no room on the disk for the copy that is sent",
			Hint: "Make room on the disk of " + a.places.Copies + "; it is tried again by itself.", Err: err,
		}
	case errors.Is(err, convert.ErrPicture):
		return &upload.Error{
			Kind: upload.Rejected, Reason: "the account needs a copy as JPEG, and none could be made: " + err.Error(),
			Hint: "Look whether another program can show it. Convert it yourself, or have its folder skip such files (unsupported = \"skip\").",
		}
	}
	return &upload.Error{Kind: upload.Transient, Reason: "the copy that is sent could not be made", Hint: "It is tried again by itself.", Err: err}
}
