package ui

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

// fakeEngine is an engine with a queue in memory. It writes down which verbs it
// was asked for.
type fakeEngine struct {
	mu      sync.Mutex
	status  control.Status
	jobs    []control.Job
	records []control.Record
	stories []control.Story
	report  control.CheckReport
	results []control.AddResult
	summary control.AddSummary
	err     error // of every verb, if set
	asked   []string

	added   control.AddRequest
	account control.AccountSpec
	folder  control.FolderSpec
	paused  control.PauseRequest
	ids     []uint64
	albums  []string
	picture []byte
	many    int    // records that are made up when they are asked for
	page    string // of a sign-in in the browser
	changes chan control.Message
	desk
}

var _ control.Engine = (*fakeEngine)(nil)

// note writes a verb down and returns what it is to fail with.
func (e *fakeEngine) note(verb string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked = append(e.asked, verb)
	return e.err
}

// took returns the verbs since the last call.
func (e *fakeEngine) took() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	a := e.asked
	e.asked = nil
	return a
}

func (e *fakeEngine) Status() control.Status { return e.status }

func (e *fakeEngine) Changes(ctx context.Context, _ bool) iter.Seq[control.Message] {
	return func(yield func(control.Message) bool) {
		s := e.Status()
		if !yield(control.Message{Status: &s}) {
			return
		}
		for {
			select {
			case <-ctx.Done():
				return
			case m, ok := <-e.changes:
				if !ok || !yield(m) {
					return
				}
			}
		}
	}
}

func (e *fakeEngine) Hello([]string, control.Page) control.Hello { return control.Hello{} }

func (e *fakeEngine) Jobs(q control.JobQuery) (control.JobPage, error) {
	e.jobQuery = q
	what := q.State
	if q.Group != "" {
		what = "of " + q.Group
	}
	if err := e.note("jobs " + what); err != nil {
		return control.JobPage{}, err
	}
	var p control.JobPage
	from, _ := strconv.Atoi(q.After)
	for i, j := range e.jobs {
		if i < from || q.State != "" && j.State != q.State || q.Session != 0 && j.Session != q.Session || q.Group != "" && groupOf(&j) != q.Group {
			continue
		}
		if q.Limit > 0 && len(p.Jobs) == q.Limit {
			p.Next = strconv.Itoa(i)
			break
		}
		p.Jobs = append(p.Jobs, j)
	}
	return p, nil
}

func (e *fakeEngine) Records(q control.RecordQuery) (control.RecordPage, error) {
	e.recordQuery = q
	if err := e.note("records " + q.Text + q.After); err != nil {
		return control.RecordPage{}, err
	}
	if e.many > 0 {
		return e.manyRecords(q), nil
	}
	var all []control.Record
	for _, r := range e.records {
		if strings.Contains(r.Path, q.Text) && (q.Session == 0 || r.Session == q.Session) {
			all = append(all, r)
		}
	}
	if q.After != "" {
		i := slices.IndexFunc(all, func(r control.Record) bool { return r.SHA256 == q.After })
		all = all[i+1:]
	}
	p := control.RecordPage{Records: all}
	if len(all) > q.Limit {
		p.Records = all[:q.Limit]
		p.Next = p.Records[q.Limit-1].SHA256
	}
	return p, nil
}

// manyRecords makes a page of a ledger that is too large to be kept.
func (e *fakeEngine) manyRecords(q control.RecordQuery) control.RecordPage {
	from, _ := strconv.Atoi(q.After)
	var p control.RecordPage
	for i := from; i < min(from+q.Limit, e.many); i++ {
		p.Records = append(p.Records, control.Record{
			Path: fmt.Sprintf("/p/%07d.jpg", i), SHA256: strconv.Itoa(i), Account: "Home", Outcome: "sent",
			At: time.Unix(int64(e.many-i), 0), Size: 3e6,
		})
	}
	if from+q.Limit < e.many {
		p.Next = strconv.Itoa(from + q.Limit)
	}
	return p
}

func (e *fakeEngine) Why(name string) ([]control.Story, error) {
	return e.stories, e.note("why " + name)
}

func (e *fakeEngine) Add(_ context.Context, r control.AddRequest, result func(control.AddResult)) (control.AddSummary, error) {
	e.added = r
	for _, x := range e.results {
		result(x)
	}
	return e.summary, e.note("add")
}

func (e *fakeEngine) verb(name string, ids []uint64) (int, error) {
	e.ids = ids
	return max(len(ids), 1), e.note(name)
}

func (e *fakeEngine) Retry(ids []uint64) (int, error)  { return e.verb("retry", ids) }
func (e *fakeEngine) Cancel(ids []uint64) (int, error) { return e.verb("cancel", ids) }
func (e *fakeEngine) First(ids []uint64) (int, error)  { return e.verb("first", ids) }
func (e *fakeEngine) Again(ids []uint64) (int, error)  { return e.verb("again", ids) }
func (e *fakeEngine) Sent(ids []uint64) (int, error)   { return e.verb("sent", ids) }

func (e *fakeEngine) Pause(r control.PauseRequest) error {
	e.paused = r
	return e.note("pause " + r.Account)
}
func (e *fakeEngine) Resume(account string) error        { return e.note("resume " + account) }
func (e *fakeEngine) Release(folder string) (int, error) { return 1, e.note("release " + folder) }
func (e *fakeEngine) Trust(name, fingerprint string) error {
	return e.note("trust " + name + " " + fingerprint)
}
func (e *fakeEngine) RemoveAccount(name string) error                 { return e.note("remove account " + name) }
func (e *fakeEngine) ScanFolder(_ context.Context, path string) error { return e.note("scan " + path) }
func (e *fakeEngine) RemoveFolder(path string) error                  { return e.note("remove folder " + path) }
func (e *fakeEngine) Quit()                                           { _ = e.note("quit") }

func (e *fakeEngine) Services() []control.Service {
	return []control.Service{
		{ID: "picapport", Name: "PicApport", SignIn: control.SignInPassword, Options: []control.ServiceOption{
			{Key: "api_key", Help: "the server's webapi.apikey, if it has one"},
		}},
		{ID: "ipernity", Name: "ipernity", SignIn: control.SignInBrowser, URL: "https://site.example", Options: []control.ServiceOption{
			{Key: "api_key", Help: "the application's key", Needed: true},
			{Key: "licence", Help: "the licence that new photos get: a number from 0 (all rights reserved) to 11"},
			{Key: "proxy_password", Help: "of what stands before the site", Secret: true},
		}},
	}
}

func (e *fakeEngine) BeginLogin(_ context.Context, name string) (control.LoginPage, error) {
	return control.LoginPage{Account: name, Page: e.page}, e.note("begin login " + name)
}

func (e *fakeEngine) FinishLogin(_ context.Context, name string) (control.CheckReport, error) {
	return e.report, e.note("finish login " + name)
}

func (e *fakeEngine) AddAccount(_ context.Context, s control.AccountSpec) (control.CheckReport, error) {
	e.account = s
	return e.report, e.note("add account")
}

func (e *fakeEngine) CheckAccount(_ context.Context, name string) (control.CheckReport, error) {
	return e.report, e.note("check " + name)
}

func (e *fakeEngine) Login(_ context.Context, name, secret string) (control.CheckReport, error) {
	return e.report, e.note("login " + name + " " + secret)
}

func (e *fakeEngine) Albums(_ context.Context, name string) ([]string, error) {
	return e.albums, e.note("albums " + name)
}

func (e *fakeEngine) AddFolder(_ context.Context, s control.FolderSpec) (control.FolderAdded, error) {
	e.folder = s
	return control.FolderAdded{Photos: 12, Baseline: 12}, e.note("add folder")
}

func (e *fakeEngine) Verify(context.Context, string, func(control.VerifyResult)) (control.VerifySummary, error) {
	return control.VerifySummary{}, e.note("verify")
}

func (e *fakeEngine) Picture(context.Context, control.PictureRequest) (io.ReadCloser, string, error) {
	return io.NopCloser(bytes.NewReader(e.picture)), "image/jpeg", e.note("picture")
}

func (e *fakeEngine) Doctor(context.Context) []control.Finding { return nil }
