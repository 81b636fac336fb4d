package control_test

import (
	"context"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

func (f *fake) General(context.Context) (control.General, error) {
	return control.General{Parallel: 3, Missing: map[string]string{"metered": "no NetworkManager"}}, f.note("general")
}

func (f *fake) ChangeGeneral(_ context.Context, c control.GeneralChange) (control.General, error) {
	return control.General{Parallel: *c.Parallel}, f.note("changeGeneral %d %v", *c.Parallel, c.Theme == nil)
}

func (f *fake) ExportSettings() (control.SettingsText, error) {
	return control.SettingsText{Text: "[general]"}, f.note("export")
}

func (f *fake) ImportSettings(_ context.Context, t control.SettingsText) (control.Imported, error) {
	return control.Imported{Accounts: []string{"home"}}, f.note("import %s", t.Text)
}

func (f *fake) Sessions(q control.SessionQuery) (control.SessionPage, error) {
	return control.SessionPage{Sessions: []control.Session{{ID: 1, Begun: at, Changed: at}}, Next: "n"}, f.note("sessions %+v", q)
}

func (f *fake) Groups(state string) ([]control.JobGroup, error) {
	return []control.JobGroup{{Key: "k", Count: 2}}, f.note("groups %s", state)
}

func (f *fake) RetryGroup(key string) (int, error)  { return 9, f.note("retryGroup %s", key) }
func (f *fake) IgnoreGroup(key string) (int, error) { return 10, f.note("ignoreGroup %s", key) }
func (f *fake) Ignore(ids []uint64) (int, error)    { return 11, f.note("ignore %v", ids) }

func (f *fake) Forecast(_ context.Context, r control.AddRequest, progress func(control.Forecast)) (control.Forecast, error) {
	if f.err == nil {
		progress(control.Forecast{Photos: 1, Partial: true})
	}
	return control.Forecast{Photos: len(r.Paths), Accounts: []control.AccountForecast{{Account: "home", New: 2}}}, f.note("forecast %v", r.Paths)
}

func (f *fake) Shoots(gap time.Duration) ([]control.Shoot, error) {
	return []control.Shoot{{From: at, To: at, Photos: 2}}, f.note("shoots %s", gap)
}

func (f *fake) Describe(d control.Description) (control.Described, error) {
	return control.Described{Count: 12, Leaving: 1, Delivered: 2}, f.note("describe %s %s", *d.Title, d.From.Format(time.RFC3339))
}

func (f *fake) Events() ([]control.PlannedEvent, error) {
	return []control.PlannedEvent{{Name: "Wedding", From: at, To: at}}, f.note("events")
}
func (f *fake) SetEvent(e control.PlannedEvent) error { return f.note("setEvent %s", e.Name) }
func (f *fake) RemoveEvent(name string) error         { return f.note("removeEvent %s", name) }

func (f *fake) ImportCard(_ context.Context, i control.CardImport) error {
	return f.note("importCard %+v", i)
}
func (f *fake) DeclineCard(card string) error { return f.note("declineCard %s", card) }
func (f *fake) ForgetCard(card string) error  { return f.note("forgetCard %s", card) }
func (f *fake) CardVerdict(_ context.Context, card string) (control.CardVerdict, error) {
	return control.CardVerdict{Card: card, At: at, Safe: true}, f.note("cardVerdict %s", card)
}
func (f *fake) ClearCard(_ context.Context, card string) (int, error) {
	return 13, f.note("clearCard %s", card)
}
func (f *fake) EjectCard(_ context.Context, card string) error { return f.note("ejectCard %s", card) }

func (f *fake) AccountSpec(name string) (control.AccountSpec, error) {
	return control.AccountSpec{Name: name, Options: map[string]string{"k": "v"}}, f.note("accountSpec %s", name)
}

func (f *fake) ChangeAccount(_ context.Context, c control.AccountChange) (control.CheckReport, error) {
	return report, f.note("changeAccount %s %s %v", c.Account, *c.Name, c.Options)
}

func (f *fake) ChangeFolder(_ context.Context, s control.FolderSpec) (control.Folder, error) {
	return control.Folder{Path: s.Path, Accounts: s.Accounts}, f.note("changeFolder %s %s", s.Path, s.Title)
}

func (f *fake) PreviewFolder(_ context.Context, s control.FolderSpec, example string) (control.FolderPreview, error) {
	return control.FolderPreview{Path: example, Album: s.Album, Tags: []string{"t"}}, f.note("previewFolder %s %s %s", s.Path, s.Album, example)
}
