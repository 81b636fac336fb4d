package control_test

import (
	"context"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

var deskCalls = []call{
	{name: "general", asked: "general",
		do:   func(ctx context.Context, c *control.Client) (any, error) { return c.General(ctx) },
		want: control.General{Parallel: 3, Missing: map[string]string{"metered": "no NetworkManager"}}},
	{name: "change general", asked: "changeGeneral 5 true",
		do: func(ctx context.Context, c *control.Client) (any, error) {
			return c.ChangeGeneral(ctx, control.GeneralChange{Parallel: new(5)})
		},
		want: control.General{Parallel: 5}},
	{name: "export", asked: "export",
		do:   func(ctx context.Context, c *control.Client) (any, error) { return c.ExportSettings(ctx) },
		want: control.SettingsText{Text: "[general]"}},
	{name: "import", asked: "import x",
		do: func(ctx context.Context, c *control.Client) (any, error) {
			return c.ImportSettings(ctx, control.SettingsText{Text: "x"})
		},
		want: control.Imported{Accounts: []string{"home"}, Folders: []string{}, Kept: []string{}}},
	{name: "sessions", asked: "sessions {Account:home Text:x y Kind:drop After:c Limit:5}",
		do: func(ctx context.Context, c *control.Client) (any, error) {
			return c.Sessions(ctx, control.SessionQuery{Account: "home", Text: "x y", Kind: "drop", After: "c", Limit: 5})
		},
		want: control.SessionPage{Sessions: []control.Session{{ID: 1, Accounts: []string{}, Begun: at, Changed: at}}, Next: "n"}},
	{name: "groups", asked: "groups failed",
		do:   func(ctx context.Context, c *control.Client) (any, error) { return c.Groups(ctx, "failed") },
		want: []control.JobGroup{{Key: "k", Count: 2, Jobs: []control.Job{}}}},
	{name: "retry group", asked: "retryGroup k",
		do:   func(ctx context.Context, c *control.Client) (any, error) { return c.RetryGroup(ctx, "k") },
		want: 9},
	{name: "ignore group", asked: "ignoreGroup k",
		do:   func(ctx context.Context, c *control.Client) (any, error) { return c.IgnoreGroup(ctx, "k") },
		want: 10},
	{name: "ignore", asked: "ignore [3]",
		do:   func(ctx context.Context, c *control.Client) (any, error) { return c.Ignore(ctx, []uint64{3}) },
		want: 11},
	{name: "forecast", asked: "forecast [/a /b]",
		do: func(ctx context.Context, c *control.Client) (any, error) {
			var partial []control.Forecast
			f, err := c.Forecast(ctx, control.AddRequest{Paths: []string{"/a", "/b"}}, func(f control.Forecast) { partial = append(partial, f) })
			return []any{partial, f}, err
		},
		want: []any{
			[]control.Forecast{{Photos: 1, Partial: true, Accounts: []control.AccountForecast{}}},
			control.Forecast{Photos: 2, Accounts: []control.AccountForecast{{Account: "home", New: 2}}},
		}},
	{name: "shoots", asked: "shoots 1h30m0s",
		do:   func(ctx context.Context, c *control.Client) (any, error) { return c.Shoots(ctx, 90*time.Minute) },
		want: []control.Shoot{{From: at, To: at, Photos: 2, Paths: []string{}, Accounts: []string{}}}},
	{name: "describe", asked: "describe Trip 2026-05-01T12:00:00Z",
		do: func(ctx context.Context, c *control.Client) (any, error) {
			return c.Describe(ctx, control.Description{From: at, To: at, Title: new("Trip")})
		},
		want: control.Described{Count: 12, Leaving: 1, Delivered: 2}},
	{name: "events", asked: "events",
		do:   func(ctx context.Context, c *control.Client) (any, error) { return c.Events(ctx) },
		want: []control.PlannedEvent{{Name: "Wedding", From: at, To: at}}},
	{name: "set event", asked: "setEvent Wedding",
		do: func(ctx context.Context, c *control.Client) (any, error) {
			return nothing(c.SetEvent(ctx, control.PlannedEvent{Name: "Wedding"}))
		}},
	{name: "remove event", asked: "removeEvent Wedding",
		do: func(ctx context.Context, c *control.Client) (any, error) {
			return nothing(c.RemoveEvent(ctx, "Wedding"))
		}},
	{name: "import card", asked: "importCard {Card:c Accounts:[home] Album:A Title:T Description:D Tags:[x] Remember:true}",
		do: func(ctx context.Context, c *control.Client) (any, error) {
			return nothing(c.ImportCard(ctx, control.CardImport{Card: "c", Accounts: []string{"home"}, Album: "A", Title: "T", Description: "D", Tags: []string{"x"}, Remember: true}))
		}},
	{name: "decline card", asked: "declineCard c",
		do: func(ctx context.Context, c *control.Client) (any, error) { return nothing(c.DeclineCard(ctx, "c")) }},
	{name: "forget card", asked: "forgetCard c",
		do: func(ctx context.Context, c *control.Client) (any, error) { return nothing(c.ForgetCard(ctx, "c")) }},
	{name: "card verdict", asked: "cardVerdict c",
		do: func(ctx context.Context, c *control.Client) (any, error) { return c.CardVerdict(ctx, "c") },
		want: control.CardVerdict{Card: "c", At: at, Safe: true,
			Accounts: []control.CardAccountCount{}, Missing: []string{}}},
	{name: "clear card", asked: "clearCard c",
		do:   func(ctx context.Context, c *control.Client) (any, error) { return c.ClearCard(ctx, "c") },
		want: 13},
	{name: "eject card", asked: "ejectCard c",
		do: func(ctx context.Context, c *control.Client) (any, error) { return nothing(c.EjectCard(ctx, "c")) }},
	{name: "account spec", asked: "accountSpec home",
		do:   func(ctx context.Context, c *control.Client) (any, error) { return c.AccountSpec(ctx, "home") },
		want: control.AccountSpec{Name: "home", Options: map[string]string{"k": "v"}}},
	{name: "change account", asked: "changeAccount home club map[k:v]",
		do: func(ctx context.Context, c *control.Client) (any, error) {
			return c.ChangeAccount(ctx, control.AccountChange{Account: "home", Name: new("club"), Options: map[string]string{"k": "v"}})
		},
		want: report},
	{name: "change folder", asked: "changeFolder /p T",
		do: func(ctx context.Context, c *control.Client) (any, error) {
			return c.ChangeFolder(ctx, control.FolderSpec{Path: "/p", Accounts: []string{"home"}, Title: "T"})
		},
		want: control.Folder{Path: "/p", Accounts: []string{"home"}}},
	{name: "preview folder", asked: "previewFolder /p A /p/x.jpg",
		do: func(ctx context.Context, c *control.Client) (any, error) {
			return c.PreviewFolder(ctx, control.FolderSpec{Path: "/p", Album: "A"}, "/p/x.jpg")
		},
		want: control.FolderPreview{Path: "/p/x.jpg", Album: "A", Tags: []string{"t"}}},
}
