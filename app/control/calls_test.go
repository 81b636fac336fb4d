package control_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/photoferry/photoferry/app/control"
)

// call is one method of the client: what it returns, and what the engine must
// have been asked.
type call struct {
	name  string
	asked string
	do    func(ctx context.Context, c *control.Client) (any, error)
	want  any
	never bool // the method of the engine cannot fail
}

func nothing(err error) (any, error) { return nil, err }

var calls = slices.Concat(coreCalls, deskCalls)

var coreCalls = []call{
	{name: "status", never: true, asked: "status",
		do: func(ctx context.Context, c *control.Client) (any, error) { return c.Status(ctx) },
		want: control.Status{Running: true, State: control.StateSending, Text: "Sending 1 of 2 <now>",
			Accounts: []control.Account{}, Folders: []control.Folder{}, Active: []control.Job{}, Recent: []control.Record{}, Cards: []control.Card{}}},
	{name: "hello", never: true, asked: `hello ["/a b" "/ü"] failed`,
		do: func(ctx context.Context, c *control.Client) (any, error) {
			return c.Hello(ctx, []string{"/a b", "/ü"}, control.PageFailed)
		},
		want: control.Hello{Window: true}},
	{name: "quit", never: true, asked: "quit",
		do: func(ctx context.Context, c *control.Client) (any, error) { return nothing(c.Quit(ctx)) }},
	{name: "jobs", asked: "jobs {State:failed Account:a & b Text:x=y?ü Folder:/f Session:1 Group:k=1 After:a+b/c= Limit:-1}",
		do: func(ctx context.Context, c *control.Client) (any, error) {
			return c.Jobs(ctx, control.JobQuery{State: "failed", Account: "a & b", Text: "x=y?ü", Folder: "/f", Session: 1, Group: "k=1", After: "a+b/c=", Limit: -1})
		},
		want: control.JobPage{Jobs: []control.Job{{ID: 7, Path: "/a b/ü&?.jpg", Created: at}}, Next: "n"}},
	{name: "records", asked: "records {Account:home Text:x Session:2 Outcome:sent Since:2026-05-01 12:00:00 +0000 UTC Until:<nil> After:n Limit:10}",
		do: func(ctx context.Context, c *control.Client) (any, error) {
			return c.Records(ctx, control.RecordQuery{Account: "home", Text: "x", Session: 2, Outcome: "sent", Since: &at, After: "n", Limit: 10})
		},
		want: control.RecordPage{Records: []control.Record{{Path: "/a", At: at, Outcome: "sent"}}, Next: "m"}},
	{name: "why", asked: "why /a & b.jpg",
		do:   func(ctx context.Context, c *control.Client) (any, error) { return c.Why(ctx, "/a & b.jpg") },
		want: []control.Story{{Path: "/a & b.jpg", Verdict: "It is there.", Accounts: []control.StoryAccount{}, Events: []control.Event{}}}},
	{name: "add", asked: "add {Paths:[/a /b] Accounts:[home] Album:Trip Title:T Description:D Tags:[x] NoSyncCheck:true}",
		do: func(ctx context.Context, c *control.Client) (any, error) {
			n := 0
			sum, err := c.Add(ctx, control.AddRequest{Paths: []string{"/a", "/b"}, Accounts: []string{"home"}, Album: "Trip", Title: "T", Description: "D", Tags: []string{"x"}, NoSyncCheck: true},
				func(r control.AddResult) { n++ })
			return []any{n, sum}, err
		},
		want: []any{2, control.AddSummary{Files: 2, Queued: 2}}},
	{name: "retry", asked: "retry [1 18446744073709551615]",
		do:   func(ctx context.Context, c *control.Client) (any, error) { return c.Retry(ctx, []uint64{1, 1<<64 - 1}) },
		want: 3},
	{name: "retry all", asked: "retry []",
		do:   func(ctx context.Context, c *control.Client) (any, error) { return c.Retry(ctx, nil) },
		want: 3},
	{name: "cancel", asked: "cancel [2]",
		do:   func(ctx context.Context, c *control.Client) (any, error) { return c.Cancel(ctx, []uint64{2}) },
		want: 4},
	{name: "first", asked: "first [2]",
		do:   func(ctx context.Context, c *control.Client) (any, error) { return c.First(ctx, []uint64{2}) },
		want: 5},
	{name: "again", asked: "again [2]",
		do:   func(ctx context.Context, c *control.Client) (any, error) { return c.Again(ctx, []uint64{2}) },
		want: 6},
	{name: "sent", asked: "sent [2]",
		do:   func(ctx context.Context, c *control.Client) (any, error) { return c.Sent(ctx, []uint64{2}) },
		want: 7},
	{name: "pause", asked: "pause home 2026-05-01T12:00:00Z",
		do: func(ctx context.Context, c *control.Client) (any, error) {
			return nothing(c.Pause(ctx, control.PauseRequest{Account: "home", Until: &at}))
		}},
	{name: "resume", asked: "resume home",
		do: func(ctx context.Context, c *control.Client) (any, error) { return nothing(c.Resume(ctx, "home")) }},
	{name: "release", asked: "release /photos",
		do:   func(ctx context.Context, c *control.Client) (any, error) { return c.Release(ctx, "/photos") },
		want: 8},
	{name: "services", never: true, asked: "services",
		do:   func(ctx context.Context, c *control.Client) (any, error) { return c.Services(ctx) },
		want: []control.Service{{ID: "piwigo", Name: "Piwigo", SignIn: control.SignInPassword, Options: []control.ServiceOption{}}}},
	{name: "add account", asked: "addAccount {Service:picapport Name:home URL:http://x User:u Options:map[k:v] Secret:s Fingerprint:f Strip:place Home:1,2,3 LongestSide:2048 Quality:85 NoCheck:true}",
		do: func(ctx context.Context, c *control.Client) (any, error) {
			return c.AddAccount(ctx, control.AccountSpec{Service: "picapport", Name: "home", URL: "http://x", User: "u",
				Options: map[string]string{"k": "v"}, Secret: "s", Fingerprint: "f", Strip: "place", Home: "1,2,3", LongestSide: 2048, Quality: 85, NoCheck: true})
		},
		want: report},
	{name: "check account", asked: "check home",
		do:   func(ctx context.Context, c *control.Client) (any, error) { return c.CheckAccount(ctx, "home") },
		want: report},
	{name: "login", asked: "login home s",
		do:   func(ctx context.Context, c *control.Client) (any, error) { return c.Login(ctx, "home", "s") },
		want: report},
	{name: "begin login", asked: "beginLogin home",
		do:   func(ctx context.Context, c *control.Client) (any, error) { return c.BeginLogin(ctx, "home") },
		want: control.LoginPage{Account: "home", Page: "https://x/allow?frob=1&sig=2"}},
	{name: "finish login", asked: "finishLogin home",
		do:   func(ctx context.Context, c *control.Client) (any, error) { return c.FinishLogin(ctx, "home") },
		want: report},
	{name: "trust", asked: "trust home ab12",
		do: func(ctx context.Context, c *control.Client) (any, error) {
			return nothing(c.Trust(ctx, "home", "ab12"))
		}},
	{name: "albums", asked: "albums home",
		do:   func(ctx context.Context, c *control.Client) (any, error) { return c.Albums(ctx, "home") },
		want: []string{"Holiday"}},
	{name: "remove account", asked: "removeAccount home",
		do: func(ctx context.Context, c *control.Client) (any, error) {
			return nothing(c.RemoveAccount(ctx, "home"))
		}},
	{name: "add folder", asked: "addFolder {Path:/p Accounts:[home] Everything:true Flat:true Album:A Title:T Tags:[t] Unsupported:skip Pairs:raw Edited:both NoSyncCheck:true Cool:10m Include:[*.jpg] Exclude:[x]}",
		do: func(ctx context.Context, c *control.Client) (any, error) {
			return c.AddFolder(ctx, control.FolderSpec{Path: "/p", Accounts: []string{"home"}, Everything: true, Flat: true,
				Album: "A", Title: "T", Tags: []string{"t"}, Edited: "both", Unsupported: "skip", Pairs: "raw", NoSyncCheck: true, Cool: "10m", Include: []string{"*.jpg"}, Exclude: []string{"x"}})
		},
		want: control.FolderAdded{Folder: control.Folder{Path: "/p", Accounts: []string{"home"}}, Photos: 2, Baseline: 1}},
	{name: "scan folder", asked: "scan /p",
		do: func(ctx context.Context, c *control.Client) (any, error) { return nothing(c.ScanFolder(ctx, "/p")) }},
	{name: "remove folder", asked: "removeFolder /p",
		do: func(ctx context.Context, c *control.Client) (any, error) { return nothing(c.RemoveFolder(ctx, "/p")) }},
	{name: "verify", asked: "verify home",
		do: func(ctx context.Context, c *control.Client) (any, error) {
			var results []string
			sum, err := c.Verify(ctx, "home", func(r control.VerifyResult) { results = append(results, r.Result) })
			return []any{results, sum}, err
		},
		want: []any{[]string{"missing"}, control.VerifySummary{Checked: 1, Missing: 1}}},
	{name: "picture", asked: "picture {Account:home Photo:p Share: View: Index:0 Width:10 Height:20 Quality:0.5 Thumb:true}",
		do: func(ctx context.Context, c *control.Client) (any, error) {
			body, contentType, err := c.Picture(ctx, control.PictureRequest{Account: "home", Photo: "p", Width: 10, Height: 20, Quality: 0.5, Thumb: true})
			if err != nil {
				return nil, err
			}
			defer body.Close()
			b, err := io.ReadAll(body)
			return []string{string(b), contentType}, err
		},
		want: []string{"jpeg", "image/jpeg"}},
	{name: "doctor", never: true, asked: "doctor",
		do:   func(ctx context.Context, c *control.Client) (any, error) { return c.Doctor(ctx) },
		want: []control.Finding{{What: "Queue", OK: true}}},
}

func TestEveryCallReachesTheEngineAndItsAnswerComesBack(t *testing.T) {
	f := &fake{}
	for how, c := range clients(t, f) {
		for _, tt := range calls {
			t.Run(tt.name+" "+how, func(t *testing.T) {
				got, err := tt.do(t.Context(), c)
				if err != nil {
					t.Fatal(err)
				}
				f.waitFor(t, tt.asked)
				equal(t, "answer", got, tt.want)
			})
		}
	}
}

func TestARefusalOfTheEngineComesBackWhole(t *testing.T) {
	refusal := &control.Problem{Message: "No", Hint: "Try <later>", Exit: 4, Fingerprint: "ab"}
	f := &fake{err: refusal}
	for how, c := range clients(t, f) {
		for _, tt := range calls {
			if tt.never {
				continue
			}
			t.Run(tt.name+" "+how, func(t *testing.T) {
				_, err := tt.do(t.Context(), c)
				equal(t, "problem", problemOf(t, err), refusal)
			})
		}
	}
}

func TestAnyOtherErrorOfTheEngineIsExitCodeOne(t *testing.T) {
	f := &fake{err: errors.New("read queue: broken")}
	for how, c := range clients(t, f) {
		for _, tt := range calls {
			if tt.never {
				continue
			}
			t.Run(tt.name+" "+how, func(t *testing.T) {
				_, err := tt.do(t.Context(), c)
				equal(t, "problem", problemOf(t, err), &control.Problem{Message: "read queue: broken", Exit: 1})
			})
		}
	}
}

func TestExitCodes(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("x"), 1},
		{&control.Problem{Exit: 4}, 4},
		{&control.Problem{}, 1},
		{errors.Join(errors.New("x"), control.ErrNotRunning), 5},
	} {
		if got := control.ExitCode(tt.err); got != tt.want {
			t.Errorf("ExitCode(%v) = %d, want %d", tt.err, got, tt.want)
		}
	}
}
