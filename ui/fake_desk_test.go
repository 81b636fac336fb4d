package ui

import (
	"context"
	"slices"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

// desk is what the fake engine answers to the calls of the pages.
type desk struct {
	general  control.General
	text     control.SettingsText
	imported control.Imported
	sessions []control.Session
	forecast control.Forecast
	shoots   []control.Shoot
	events   []control.PlannedEvent
	verdict  control.CardVerdict
	spec     control.AccountSpec
	preview  control.FolderPreview
	look     func(control.FolderSpec) (control.FolderPreview, error) // answers PreviewFolder, if set
	deaf     bool                                                    // it takes a switch over and does nothing
	refusal  error                                                   // of ChangeGeneral and PreviewFolder, if set

	// What it was asked with last.
	generalChange control.GeneralChange
	sessionQuery  control.SessionQuery
	recordQuery   control.RecordQuery
	jobQuery      control.JobQuery
	forecastOf    control.AddRequest
	described     control.Description
	event         control.PlannedEvent
	card          control.CardImport
	accountChange control.AccountChange
	previewOf     control.FolderSpec
}

func (e *fakeEngine) General(context.Context) (control.General, error) {
	return e.general, e.note("general")
}

func (e *fakeEngine) ChangeGeneral(_ context.Context, c control.GeneralChange) (control.General, error) {
	e.generalChange = c
	if err := e.note("change general"); err != nil {
		return control.General{}, err
	}
	if e.refusal != nil {
		return control.General{}, e.refusal
	}
	g := &e.general
	give(&g.Parallel, c.Parallel)
	give(&g.Bandwidth, c.Bandwidth)
	give(&g.QuietHours, c.QuietHours)
	give(&g.Metered, c.Metered)
	give(&g.BatteryBelow, c.BatteryBelow)
	give(&g.RescanEvery, c.RescanEvery)
	give(&g.Notifications, c.Notifications)
	give(&g.Theme, c.Theme)
	give(&g.Language, c.Language)
	give(&g.LogLevel, c.LogLevel)
	if !e.deaf {
		give(&g.Autostart, c.Autostart)
	}
	return e.general, nil
}

func give[T any](value, changed *T) {
	if changed != nil {
		*value = *changed
	}
}

func (e *fakeEngine) ExportSettings() (control.SettingsText, error) {
	return e.text, e.note("export settings")
}

func (e *fakeEngine) ImportSettings(_ context.Context, t control.SettingsText) (control.Imported, error) {
	e.text = t
	return e.imported, e.note("import settings")
}

func (e *fakeEngine) Sessions(q control.SessionQuery) (control.SessionPage, error) {
	e.sessionQuery = q
	return control.SessionPage{Sessions: e.sessions}, e.note("sessions")
}

// groupOf is the key of the group that a job belongs to.
func groupOf(j *control.Job) string { return j.State + "|" + j.Account + "|" + j.Error }

func (e *fakeEngine) Groups(state string) ([]control.JobGroup, error) {
	var gs []control.JobGroup
	for _, j := range e.jobs {
		if j.State != state {
			continue
		}
		i := slices.IndexFunc(gs, func(g control.JobGroup) bool { return g.Key == groupOf(&j) })
		if i < 0 {
			i = len(gs)
			gs = append(gs, control.JobGroup{Key: groupOf(&j), Account: j.Account, State: state, Error: j.Error, Hint: j.Hint, Kind: j.Kind})
		}
		gs[i].Count++
	}
	return gs, e.note("groups " + state)
}

func (e *fakeEngine) RetryGroup(key string) (int, error)  { return 1, e.note("retry group " + key) }
func (e *fakeEngine) IgnoreGroup(key string) (int, error) { return 1, e.note("ignore group " + key) }
func (e *fakeEngine) Ignore(ids []uint64) (int, error)    { return e.verb("ignore", ids) }

func (e *fakeEngine) Forecast(_ context.Context, r control.AddRequest, _ func(control.Forecast)) (control.Forecast, error) {
	e.forecastOf = r
	return e.forecast, e.note("forecast")
}

func (e *fakeEngine) Shoots(gap time.Duration) ([]control.Shoot, error) {
	return e.shoots, e.note("shoots " + gap.String())
}

func (e *fakeEngine) Describe(d control.Description) (control.Described, error) {
	e.described = d
	return control.Described{Count: 1}, e.note("describe")
}
func (e *fakeEngine) Events() ([]control.PlannedEvent, error) { return e.events, e.note("events") }
func (e *fakeEngine) SetEvent(ev control.PlannedEvent) error {
	e.event = ev
	return e.note("set event " + ev.Name)
}
func (e *fakeEngine) RemoveEvent(name string) error { return e.note("remove event " + name) }

func (e *fakeEngine) ImportCard(_ context.Context, i control.CardImport) error {
	e.card = i
	return e.note("import card " + i.Card)
}
func (e *fakeEngine) DeclineCard(card string) error { return e.note("decline card " + card) }
func (e *fakeEngine) ForgetCard(card string) error  { return e.note("forget card " + card) }
func (e *fakeEngine) CardVerdict(_ context.Context, card string) (control.CardVerdict, error) {
	return e.verdict, e.note("card verdict " + card)
}
func (e *fakeEngine) ClearCard(_ context.Context, card string) (int, error) {
	return 1, e.note("clear card " + card)
}
func (e *fakeEngine) EjectCard(_ context.Context, card string) error {
	return e.note("eject card " + card)
}

func (e *fakeEngine) AccountSpec(name string) (control.AccountSpec, error) {
	return e.spec, e.note("account spec " + name)
}

func (e *fakeEngine) ChangeAccount(_ context.Context, c control.AccountChange) (control.CheckReport, error) {
	e.accountChange = c
	return e.report, e.note("change account " + c.Account)
}

func (e *fakeEngine) ChangeFolder(_ context.Context, s control.FolderSpec) (control.Folder, error) {
	e.folder = s
	return control.Folder{Path: s.Path}, e.note("change folder " + s.Path)
}

func (e *fakeEngine) PreviewFolder(_ context.Context, s control.FolderSpec, _ string) (control.FolderPreview, error) {
	e.previewOf = s
	if err := e.note("preview folder " + s.Path); err != nil {
		return control.FolderPreview{}, err
	}
	if e.look != nil {
		return e.look(s)
	}
	return e.preview, e.refusal
}
