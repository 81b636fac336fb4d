package app

import (
	"context"
	"errors"
	"io"
	"path/filepath"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/queue"
)

// verifyPage is how many records are held at a time.
const verifyPage = 500

// Verify implements [control.Engine]: it asks the servers for every delivered
// photo, changes nothing there, and writes what it learned into the records.
func (a *App) Verify(ctx context.Context, name string, result func(control.VerifyResult)) (control.VerifySummary, error) {
	var sum control.VerifySummary
	names := []string{name}
	if name == "" {
		names = nil
	}
	ids, err := a.accountIDs(names)
	if err != nil {
		return sum, err
	}
	for _, id := range ids {
		if err := a.verifyAccount(ctx, a.byID(id), &sum, result); err != nil {
			return sum, err
		}
	}
	return sum, nil
}

func (a *App) verifyAccount(ctx context.Context, acc *account, sum *control.VerifySummary, result func(control.VerifyResult)) error {
	up, err := acc.open(ctx)
	if err != nil {
		return a.accountProblem(acc.cfg.Name, err)
	}
	for after := ""; ; {
		rs, next, err := a.queue.Records(queue.RecordQuery{Account: acc.id, After: after, Limit: verifyPage})
		if err != nil {
			return err
		}
		for _, r := range rs {
			res, err := a.verifyOne(ctx, up, r)
			if err != nil {
				return a.accountProblem(acc.cfg.Name, err)
			}
			sum.Checked++
			switch res.Result {
			case "verified":
				sum.Verified++
			case "missing":
				sum.Missing++
			case "gone":
				sum.Gone++
			default:
				sum.Unknown++
			}
			result(res)
		}
		if next == "" {
			return nil
		}
		after = next
	}
}

// verifyOne asks for one photo. Only what concerns the whole account is an
// error.
func (a *App) verifyOne(ctx context.Context, up upload.Uploader, r queue.Record) (control.VerifyResult, error) {
	res := control.VerifyResult{Record: a.record(r)}
	it := upload.Item{Name: filepath.Base(r.Path), Size: r.Size, SHA256: r.SHA256, MD5: r.MD5, Album: r.Album, SyncCheck: true}
	got, err := lookAgain(ctx, up, it, r.RemoteID)
	switch {
	case err == nil && got.Gone:
		res.Result, res.Reason = "gone", "delivered once, and deleted on the server"
		return res, a.unverified(r)
	case err == nil:
		res.Result = "verified"
		how := got.Verified
		if how == "" {
			how = "the server says it has it"
		}
		res.Record.Verified = how
		return res, a.queue.Verified(r.Account, r.SHA256, how)
	case errors.Is(err, upload.ErrNotFound):
		res.Result, res.Reason = "missing", "delivered, but the server does not have it; `photoferry add --no-sync-check` sends it again"
		return res, a.unverified(r)
	case errors.Is(err, errors.ErrUnsupported):
		res.Result, res.Reason = "unknown", "this server cannot be asked"
	default:
		return res, err
	}
	return res, nil
}

// unverified notes that the server does not have a photo any more: no card may
// be cleared because of its record.
func (a *App) unverified(r queue.Record) error {
	a.cards.doubt()
	a.touch()
	return a.queue.Verified(r.Account, r.SHA256, "")
}

// lookAgain asks for a delivered photo as closely as the service can be asked.
func lookAgain(ctx context.Context, up upload.Uploader, it upload.Item, remoteID string) (upload.Receipt, error) {
	if v, ok := up.(upload.Verifier); ok && remoteID != "" {
		return v.Verify(ctx, it, remoteID)
	}
	return up.Find(ctx, it)
}

// Picture implements [control.Engine].
func (a *App) Picture(ctx context.Context, r control.PictureRequest) (io.ReadCloser, string, error) {
	acc, err := a.account(r.Account)
	if err != nil {
		return nil, "", err
	}
	up, err := acc.open(ctx)
	if err != nil {
		return nil, "", a.accountProblem(r.Account, err)
	}
	v, ok := up.(upload.Viewer)
	if !ok {
		return nil, "", problem(1, acc.service.Name+" cannot show pictures", "Open its page in the browser.")
	}
	p, err := v.View(ctx, upload.View{
		Photo: r.Photo, Share: r.Share, ViewID: r.View, Index: r.Index,
		Width: r.Width, Height: r.Height, Quality: r.Quality, Thumbnail: r.Thumb,
	})
	if err != nil {
		return nil, "", a.accountProblem(r.Account, err)
	}
	return p, p.ContentType, nil
}
