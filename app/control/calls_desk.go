package control

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Paths of what the window asks for beside the command line's verbs.
const (
	pathGeneral        = "/v1/settings"
	pathGeneralChange  = "/v1/settings/change"
	pathSettingsExport = "/v1/settings/export"
	pathSettingsImport = "/v1/settings/import"
	pathSessions       = "/v1/sessions"
	pathGroups         = "/v1/jobs/groups"
	pathGroupRetry     = "/v1/jobs/groups/retry"
	pathGroupIgnore    = "/v1/jobs/groups/ignore"
	pathIgnore         = "/v1/jobs/ignore"
	pathForecast       = "/v1/forecast"
	pathShoots         = "/v1/shoots"
	pathDescribe       = "/v1/shoots/describe"
	pathEvents         = "/v1/events"
	pathEventSet       = "/v1/events/set"
	pathEventRemove    = "/v1/events/remove"
	pathCardImport     = "/v1/cards/import"
	pathCardDecline    = "/v1/cards/decline"
	pathCardForget     = "/v1/cards/forget"
	pathCardVerdict    = "/v1/cards/verdict"
	pathCardClear      = "/v1/cards/clear"
	pathCardEject      = "/v1/cards/eject"
	pathAccountSpec    = "/v1/accounts/spec"
	pathAccountChange  = "/v1/accounts/change"
	pathFolderChange   = "/v1/folders/change"
	pathFolderPreview  = "/v1/folders/preview"
)

var deskRoutes = []route{
	{http.MethodGet, pathGeneral, 0, get(Engine.General)},
	{http.MethodPost, pathGeneralChange, smallBody, post(Engine.ChangeGeneral)},
	{http.MethodGet, pathSettingsExport, 0, get(func(e Engine, _ context.Context) (SettingsText, error) { return e.ExportSettings() })},
	{http.MethodPost, pathSettingsImport, smallBody, post(func(e Engine, ctx context.Context, t SettingsText) (Imported, error) {
		i, err := e.ImportSettings(ctx, t)
		i.Accounts, i.Folders, i.Kept = list(i.Accounts), list(i.Folders), list(i.Kept)
		return i, err
	})},
	{http.MethodGet, pathSessions, 0, (*server).sessions},
	{http.MethodGet, pathGroups, 0, (*server).groups},
	{http.MethodPost, pathGroupRetry, smallBody, post(func(e Engine, _ context.Context, r groupRequest) (Done, error) {
		n, err := e.RetryGroup(r.Group)
		return Done{n}, err
	})},
	{http.MethodPost, pathGroupIgnore, smallBody, post(func(e Engine, _ context.Context, r groupRequest) (Done, error) {
		n, err := e.IgnoreGroup(r.Group)
		return Done{n}, err
	})},
	{http.MethodPost, pathIgnore, listBody, verb(Engine.Ignore)},
	{http.MethodPost, pathForecast, listBody, (*server).forecast},
	{http.MethodGet, pathShoots, 0, (*server).shoots},
	{http.MethodPost, pathDescribe, smallBody, post(func(e Engine, _ context.Context, d Description) (Described, error) { return e.Describe(d) })},
	{http.MethodGet, pathEvents, 0, get(func(e Engine, _ context.Context) (eventsAnswer, error) {
		all, err := e.Events()
		return eventsAnswer{list(all)}, err
	})},
	{http.MethodPost, pathEventSet, smallBody, post(func(e Engine, _ context.Context, ev PlannedEvent) (empty, error) { return empty{}, e.SetEvent(ev) })},
	{http.MethodPost, pathEventRemove, smallBody, post(func(e Engine, _ context.Context, r eventRequest) (empty, error) {
		return empty{}, e.RemoveEvent(r.Event)
	})},
	{http.MethodPost, pathCardImport, smallBody, post(func(e Engine, ctx context.Context, i CardImport) (empty, error) {
		return empty{}, e.ImportCard(ctx, i)
	})},
	{http.MethodPost, pathCardDecline, smallBody, card(func(e Engine, _ context.Context, c string) (empty, error) { return empty{}, e.DeclineCard(c) })},
	{http.MethodPost, pathCardForget, smallBody, card(func(e Engine, _ context.Context, c string) (empty, error) { return empty{}, e.ForgetCard(c) })},
	{http.MethodPost, pathCardVerdict, smallBody, card(func(e Engine, ctx context.Context, c string) (CardVerdict, error) {
		v, err := e.CardVerdict(ctx, c)
		v.Accounts, v.Missing = list(v.Accounts), list(v.Missing)
		return v, err
	})},
	{http.MethodPost, pathCardClear, smallBody, card(func(e Engine, ctx context.Context, c string) (Done, error) {
		n, err := e.ClearCard(ctx, c)
		return Done{n}, err
	})},
	{http.MethodPost, pathCardEject, smallBody, card(func(e Engine, ctx context.Context, c string) (empty, error) { return empty{}, e.EjectCard(ctx, c) })},
	{http.MethodPost, pathAccountSpec, smallBody, post(func(e Engine, _ context.Context, r accountRequest) (AccountSpec, error) {
		return e.AccountSpec(r.Account)
	})},
	{http.MethodPost, pathAccountChange, smallBody, (*server).changeAccount},
	{http.MethodPost, pathFolderChange, smallBody, post(func(e Engine, ctx context.Context, s FolderSpec) (Folder, error) {
		f, err := e.ChangeFolder(ctx, s)
		f.Accounts = list(f.Accounts)
		return f, err
	})},
	{http.MethodPost, pathFolderPreview, smallBody, post(func(e Engine, ctx context.Context, r previewRequest) (FolderPreview, error) {
		p, err := e.PreviewFolder(ctx, r.FolderSpec, r.Example)
		p.Tags = list(p.Tags)
		return p, err
	})},
}

type (
	groupRequest struct {
		Group string `json:"group"`
	}
	eventRequest struct {
		Event string `json:"event"`
	}
	cardRequest struct {
		Card string `json:"card"`
	}
	previewRequest struct {
		FolderSpec
		Example string `json:"example,omitempty"` // absolute path
	}
	groupsAnswer struct {
		Groups []JobGroup `json:"groups"`
	}
	shootsAnswer struct {
		Shoots []Shoot `json:"shoots"`
	}
	eventsAnswer struct {
		Events []PlannedEvent `json:"events"`
	}
	// forecastLine is a line of a stream; the last one is not partial, or has a
	// problem.
	forecastLine struct {
		Forecast *Forecast `json:"forecast,omitempty"`
		Last     bool      `json:"last,omitempty"`
		Problem  *Problem  `json:"problem,omitempty"`
	}
)

// get serves a method that needs nothing but the caller's context.
func get[Out any](do func(Engine, context.Context) (Out, error)) func(*server, http.ResponseWriter, *http.Request) error {
	return func(s *server, w http.ResponseWriter, r *http.Request) error {
		if _, err := query(r); err != nil {
			return err
		}
		out, err := do(s.engine, r.Context())
		if err != nil {
			return err
		}
		return answer(w, out)
	}
}

// post serves a method that takes the body and answers with a value.
func post[In, Out any](do func(Engine, context.Context, In) (Out, error)) func(*server, http.ResponseWriter, *http.Request) error {
	return func(s *server, w http.ResponseWriter, r *http.Request) error {
		var in In
		if err := decode(r, &in); err != nil {
			return err
		}
		out, err := do(s.engine, r.Context(), in)
		if err != nil {
			return err
		}
		return answer(w, out)
	}
}

// card serves a method that is about one card.
func card[Out any](do func(Engine, context.Context, string) (Out, error)) func(*server, http.ResponseWriter, *http.Request) error {
	return post(func(e Engine, ctx context.Context, r cardRequest) (Out, error) { return do(e, ctx, r.Card) })
}

func (s *server) sessions(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r, "account", "text", "kind", "after", "limit")
	if err != nil {
		return err
	}
	limit, err := number(q, "limit")
	if err != nil {
		return err
	}
	p, err := s.engine.Sessions(SessionQuery{Account: q.Get("account"), Text: q.Get("text"), Kind: q.Get("kind"), After: q.Get("after"), Limit: limit})
	if err != nil {
		return err
	}
	p.Sessions = list(p.Sessions)
	for i := range p.Sessions {
		p.Sessions[i].Accounts = list(p.Sessions[i].Accounts)
	}
	return answer(w, p)
}

func (s *server) groups(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r, "state")
	if err != nil {
		return err
	}
	gs, err := s.engine.Groups(q.Get("state"))
	if err != nil {
		return err
	}
	gs = list(gs)
	for i := range gs {
		gs[i].Jobs = list(gs[i].Jobs)
	}
	return answer(w, groupsAnswer{gs})
}

func (s *server) shoots(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r, "gap")
	if err != nil {
		return err
	}
	var gap time.Duration
	if v := q.Get("gap"); v != "" {
		if gap, err = time.ParseDuration(v); err != nil || gap <= 0 {
			return &Problem{Message: "gap must be a duration such as 2h", Exit: 2}
		}
	}
	all, err := s.engine.Shoots(gap)
	if err != nil {
		return err
	}
	all = list(all)
	for i := range all {
		all[i].Paths, all[i].Accounts = list(all[i].Paths), list(all[i].Accounts)
	}
	return answer(w, shootsAnswer{all})
}

func (s *server) changeAccount(w http.ResponseWriter, r *http.Request) error {
	var in AccountChange
	if err := decode(r, &in); err != nil {
		return err
	}
	rep, err := s.engine.ChangeAccount(r.Context(), in)
	return report(w, rep, err)
}

func (s *server) forecast(w http.ResponseWriter, r *http.Request) error {
	var in AddRequest
	if err := decode(r, &in); err != nil {
		return err
	}
	if len(in.Paths) == 0 {
		return &Problem{Message: "paths is empty", Hint: "Name the files or folders to add.", Exit: 2}
	}
	out := newStream(w)
	defer out.close()
	line := func(f Forecast, last bool) forecastLine {
		f.Accounts = list(f.Accounts)
		return forecastLine{Forecast: &f, Last: last}
	}
	f, err := s.engine.Forecast(r.Context(), in, func(f Forecast) { _ = out.send(line(f, false)) })
	if err != nil {
		if !out.started() {
			return err
		}
		return out.end(r, forecastLine{Problem: asProblem(err)})
	}
	return out.end(r, line(f, true))
}

// addTime sets a moment in a query, if there is one.
func addTime(v url.Values, name string, t *time.Time) {
	if t != nil {
		v.Set(name, t.Format(time.RFC3339Nano))
	}
}

// moment reads one; nil where there is none.
func moment(q url.Values, name string) (*time.Time, error) {
	v := q.Get(name)
	if v == "" {
		return nil, nil
	}
	t, err := time.Parse(time.RFC3339Nano, v)
	if err != nil {
		return nil, &Problem{Message: name + " must be a time such as 2026-05-01T12:00:00Z", Exit: 2}
	}
	return &t, nil
}

func addID(v url.Values, name string, id uint64) {
	if id != 0 {
		v.Set(name, strconv.FormatUint(id, 10))
	}
}

func id(q url.Values, name string) (uint64, error) {
	v := q.Get(name)
	if v == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(v, 10, 64)
	if err != nil {
		return 0, &Problem{Message: name + " must be a number", Exit: 2}
	}
	return n, nil
}
