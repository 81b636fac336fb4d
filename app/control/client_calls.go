package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"unicode/utf8"
)

// Status returns a snapshot.
func (c *Client) Status(ctx context.Context) (Status, error) {
	return call[Status](ctx, c, http.MethodGet, pathStatus, nil)
}

// Changes yields a status at once and after every change, until ctx ends or
// the engine does; see [Engine.Changes]. When it cannot go on it yields one
// error, [ErrNotRunning] when the engine ended, and stops. An end by ctx
// yields nothing.
func (c *Client) Changes(ctx context.Context, window bool) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		body, err := c.open(ctx, http.MethodGet, pathChanges+"?window="+strconv.FormatBool(window), nil)
		if err != nil {
			if ctx.Err() == nil {
				yield(Message{}, err)
			}
			return
		}
		defer body.Close()
		dec := json.NewDecoder(body)
		for {
			var m Message
			if err := dec.Decode(&m); err != nil {
				if ctx.Err() == nil {
					yield(Message{}, broken(ctx, err))
				}
				return
			}
			if !yield(m, nil) {
				return
			}
		}
	}
}

// Hello raises the window, if one listens, hands files to it and opens a page;
// "" leaves the page that is open.
func (c *Client) Hello(ctx context.Context, files []string, page Page) (Hello, error) {
	if err := sendable(files); err != nil {
		return Hello{}, err
	}
	return call[Hello](ctx, c, http.MethodPost, pathHello, helloRequest{files, page})
}

// Quit ends the engine.
func (c *Client) Quit(ctx context.Context) error {
	_, err := call[empty](ctx, c, http.MethodPost, pathQuit, empty{})
	return err
}

// Jobs returns a page of jobs.
func (c *Client) Jobs(ctx context.Context, q JobQuery) (JobPage, error) {
	v := values("state", q.State, "account", q.Account, "text", q.Text, "folder", q.Folder, "group", q.Group, "after", q.After)
	addID(v, "session", q.Session)
	if q.Limit != 0 {
		v.Set("limit", strconv.Itoa(q.Limit))
	}
	return call[JobPage](ctx, c, http.MethodGet, withQuery(pathJobs, v), nil)
}

// Records returns a page of records, newest first.
func (c *Client) Records(ctx context.Context, q RecordQuery) (RecordPage, error) {
	v := values("account", q.Account, "text", q.Text, "outcome", q.Outcome, "after", q.After)
	addID(v, "session", q.Session)
	addTime(v, "since", q.Since)
	addTime(v, "until", q.Until)
	if q.Limit != 0 {
		v.Set("limit", strconv.Itoa(q.Limit))
	}
	return call[RecordPage](ctx, c, http.MethodGet, withQuery(pathRecords, v), nil)
}

func values(pairs ...string) url.Values {
	v := make(url.Values)
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	return v
}

func withQuery(path string, v url.Values) string {
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// Why tells the story of a file, or of all files of that name.
func (c *Client) Why(ctx context.Context, name string) ([]Story, error) {
	a, err := call[whyAnswer](ctx, c, http.MethodGet, withQuery(pathWhy, values("name", name)), nil)
	return a.Stories, err
}

// Add hands files over. result is called from the caller's goroutine, in
// order, before Add returns; it may be nil.
func (c *Client) Add(ctx context.Context, r AddRequest, result func(AddResult)) (AddSummary, error) {
	if err := sendable(r.Paths); err != nil {
		return AddSummary{}, err
	}
	var sum AddSummary
	err := c.stream(ctx, pathAdd, r, func(dec *json.Decoder) (bool, error) {
		var l addLine
		if err := dec.Decode(&l); err != nil {
			return false, broken(ctx, err)
		}
		switch {
		case l.Problem != nil:
			return false, l.Problem
		case l.Summary != nil:
			sum = *l.Summary
			return true, nil
		case l.Result != nil && result != nil:
			result(*l.Result)
		}
		return false, nil
	})
	return sum, err
}

// stream makes a call and feeds the lines of its answer to next until that
// reports the last one.
func (c *Client) stream(ctx context.Context, path string, in any, next func(*json.Decoder) (last bool, err error)) error {
	body, err := c.open(ctx, http.MethodPost, path, in)
	if err != nil {
		return err
	}
	defer body.Close()
	dec := json.NewDecoder(body)
	for {
		if last, err := next(dec); last || err != nil {
			return err
		}
	}
}

// sendable refuses names that JSON cannot carry unchanged.
func sendable(paths []string) error {
	for _, p := range paths {
		if !utf8.ValidString(p) {
			return &Problem{
				Message: fmt.Sprintf("The name of %q is not valid UTF-8", p),
				Hint:    "Rename the file; a watched folder takes it as it is.",
				Exit:    1,
			}
		}
	}
	return nil
}

// Retry makes failed jobs ready again, and waiting ones due; without IDs all
// of them. It returns how many.
func (c *Client) Retry(ctx context.Context, ids []uint64) (int, error) {
	return c.verb(ctx, pathRetry, ids)
}

// Cancel removes jobs. The photos stay where they are.
func (c *Client) Cancel(ctx context.Context, ids []uint64) (int, error) {
	return c.verb(ctx, pathCancel, ids)
}

// First sends jobs before all others.
func (c *Client) First(ctx context.Context, ids []uint64) (int, error) {
	return c.verb(ctx, pathFirst, ids)
}

// Again sends failed or skipped jobs although the photo may be there.
func (c *Client) Again(ctx context.Context, ids []uint64) (int, error) {
	return c.verb(ctx, pathAgain, ids)
}

// Sent marks failed or skipped jobs as delivered: a person has seen the photos
// on the server.
func (c *Client) Sent(ctx context.Context, ids []uint64) (int, error) {
	return c.verb(ctx, pathSent, ids)
}

func (c *Client) verb(ctx context.Context, path string, ids []uint64) (int, error) {
	d, err := call[Done](ctx, c, http.MethodPost, path, IDs{ids})
	return d.Count, err
}

// Pause pauses an account, or everything.
func (c *Client) Pause(ctx context.Context, r PauseRequest) error {
	_, err := call[empty](ctx, c, http.MethodPost, pathPause, r)
	return err
}

// Resume ends the pause of an account; "" is everything.
func (c *Client) Resume(ctx context.Context, account string) error {
	_, err := call[empty](ctx, c, http.MethodPost, pathResume, accountRequest{account})
	return err
}

// Release ends the cooling time of a folder's photos; "" is all folders.
func (c *Client) Release(ctx context.Context, folder string) (int, error) {
	d, err := call[Done](ctx, c, http.MethodPost, pathRelease, folderRequest{folder})
	return d.Count, err
}

// Services lists the kinds of sites that accounts can be on.
func (c *Client) Services(ctx context.Context) ([]Service, error) {
	a, err := call[servicesAnswer](ctx, c, http.MethodGet, pathServices, nil)
	return a.Services, err
}

// AddAccount adds an account after a live check.
func (c *Client) AddAccount(ctx context.Context, s AccountSpec) (CheckReport, error) {
	return call[CheckReport](ctx, c, http.MethodPost, pathAccounts, s)
}

// CheckAccount asks the account's server.
func (c *Client) CheckAccount(ctx context.Context, name string) (CheckReport, error) {
	return call[CheckReport](ctx, c, http.MethodPost, pathAccountCheck, accountRequest{name})
}

// Login stores a new secret and checks it; "" keeps the old one. The account's
// hold is lifted when the check is good.
func (c *Client) Login(ctx context.Context, name, secret string) (CheckReport, error) {
	return call[CheckReport](ctx, c, http.MethodPost, pathAccountLogin, loginRequest{name, secret})
}

// BeginLogin starts a sign-in in the browser and returns the page to open.
func (c *Client) BeginLogin(ctx context.Context, name string) (LoginPage, error) {
	return call[LoginPage](ctx, c, http.MethodPost, pathLoginBegin, accountRequest{name})
}

// FinishLogin ends a sign-in that was confirmed in the browser. The account's
// hold is lifted when its server lets it in.
func (c *Client) FinishLogin(ctx context.Context, name string) (CheckReport, error) {
	return call[CheckReport](ctx, c, http.MethodPost, pathLoginFinish, accountRequest{name})
}

// Trust makes an account accept a certificate by its SHA-256 in hex.
func (c *Client) Trust(ctx context.Context, name, fingerprint string) error {
	_, err := call[empty](ctx, c, http.MethodPost, pathAccountTrust, trustRequest{name, fingerprint})
	return err
}

// Albums lists the account's albums.
func (c *Client) Albums(ctx context.Context, name string) ([]string, error) {
	a, err := call[albumsAnswer](ctx, c, http.MethodPost, pathAccountAlbums, accountRequest{name})
	return a.Albums, err
}

// RemoveAccount removes an account, its secret and its jobs.
func (c *Client) RemoveAccount(ctx context.Context, name string) error {
	_, err := call[empty](ctx, c, http.MethodPost, pathAccountRemove, accountRequest{name})
	return err
}

// AddFolder adds a folder to watch.
func (c *Client) AddFolder(ctx context.Context, s FolderSpec) (FolderAdded, error) {
	if err := sendable([]string{s.Path}); err != nil {
		return FolderAdded{}, err
	}
	return call[FolderAdded](ctx, c, http.MethodPost, pathFolders, s)
}

// ScanFolder looks through a folder now; "" is all.
func (c *Client) ScanFolder(ctx context.Context, path string) error {
	_, err := call[empty](ctx, c, http.MethodPost, pathFolderScan, folderRequest{path})
	return err
}

// RemoveFolder stops watching a folder. Its photos stay where they are.
func (c *Client) RemoveFolder(ctx context.Context, path string) error {
	_, err := call[empty](ctx, c, http.MethodPost, pathFolderRemove, folderRequest{path})
	return err
}

// Verify asks the servers for every delivered photo of an account; "" is all
// accounts. result is called from the caller's goroutine before Verify
// returns; it may be nil.
func (c *Client) Verify(ctx context.Context, account string, result func(VerifyResult)) (VerifySummary, error) {
	var sum VerifySummary
	err := c.stream(ctx, pathVerify, accountRequest{account}, func(dec *json.Decoder) (bool, error) {
		var l verifyLine
		if err := dec.Decode(&l); err != nil {
			return false, broken(ctx, err)
		}
		switch {
		case l.Problem != nil:
			return false, l.Problem
		case l.Summary != nil:
			sum = *l.Summary
			return true, nil
		case l.Result != nil && result != nil:
			result(*l.Result)
		}
		return false, nil
	})
	return sum, err
}

// Picture streams a picture that is on a server, with its content type. The
// caller closes the body. A body that ends early ends with an error.
func (c *Client) Picture(ctx context.Context, r PictureRequest) (io.ReadCloser, string, error) {
	resp, err := c.do(ctx, http.MethodPost, pathPicture, r)
	if err != nil {
		return nil, "", err
	}
	return resp.Body, resp.Header.Get("Content-Type"), nil
}

// Doctor looks for what could keep photos from being delivered.
func (c *Client) Doctor(ctx context.Context) ([]Finding, error) {
	a, err := call[doctorAnswer](ctx, c, http.MethodGet, pathDoctor, nil)
	return a.Findings, err
}

// ExitCode returns what a command ends with that failed with err: the exit
// code of a [Problem], 5 for [ErrNotRunning], otherwise 1.
func ExitCode(err error) int {
	switch p, ok := errors.AsType[*Problem](err); {
	case err == nil:
		return 0
	case ok && p.Exit > 0:
		return p.Exit
	case errors.Is(err, ErrNotRunning):
		return 5
	default:
		return 1
	}
}
