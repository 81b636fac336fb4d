package control

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// General returns what concerns the whole program.
func (c *Client) General(ctx context.Context) (General, error) {
	return call[General](ctx, c, http.MethodGet, pathGeneral, nil)
}

// ChangeGeneral changes settings; see [GeneralEngine].
func (c *Client) ChangeGeneral(ctx context.Context, g GeneralChange) (General, error) {
	return call[General](ctx, c, http.MethodPost, pathGeneralChange, g)
}

// ExportSettings returns the settings without anything secret.
func (c *Client) ExportSettings(ctx context.Context) (SettingsText, error) {
	return call[SettingsText](ctx, c, http.MethodGet, pathSettingsExport, nil)
}

// ImportSettings adds what an exported text has; see [GeneralEngine].
func (c *Client) ImportSettings(ctx context.Context, t SettingsText) (Imported, error) {
	return call[Imported](ctx, c, http.MethodPost, pathSettingsImport, t)
}

// Sessions returns a page of sessions, newest first.
func (c *Client) Sessions(ctx context.Context, q SessionQuery) (SessionPage, error) {
	v := values("account", q.Account, "text", q.Text, "kind", q.Kind, "after", q.After)
	if q.Limit != 0 {
		v.Set("limit", strconv.Itoa(q.Limit))
	}
	return call[SessionPage](ctx, c, http.MethodGet, withQuery(pathSessions, v), nil)
}

// Groups returns failed or skipped jobs by reason.
func (c *Client) Groups(ctx context.Context, state string) ([]JobGroup, error) {
	a, err := call[groupsAnswer](ctx, c, http.MethodGet, withQuery(pathGroups, values("state", state)), nil)
	return a.Groups, err
}

// RetryGroup tries the jobs of a group again.
func (c *Client) RetryGroup(ctx context.Context, key string) (int, error) {
	d, err := call[Done](ctx, c, http.MethodPost, pathGroupRetry, groupRequest{key})
	return d.Count, err
}

// IgnoreGroup makes the failed jobs of a group skipped ones.
func (c *Client) IgnoreGroup(ctx context.Context, key string) (int, error) {
	d, err := call[Done](ctx, c, http.MethodPost, pathGroupIgnore, groupRequest{key})
	return d.Count, err
}

// Ignore makes failed jobs skipped ones.
func (c *Client) Ignore(ctx context.Context, ids []uint64) (int, error) {
	return c.verb(ctx, pathIgnore, ids)
}

// Forecast says what Add would do. progress is called from the caller's
// goroutine before Forecast returns; it may be nil.
func (c *Client) Forecast(ctx context.Context, r AddRequest, progress func(Forecast)) (Forecast, error) {
	if err := sendable(r.Paths); err != nil {
		return Forecast{}, err
	}
	var last Forecast
	err := c.stream(ctx, pathForecast, r, func(dec *json.Decoder) (bool, error) {
		var l forecastLine
		if err := dec.Decode(&l); err != nil {
			return false, broken(ctx, err)
		}
		switch {
		case l.Problem != nil:
			return false, l.Problem
		case l.Forecast == nil:
		case l.Last:
			last = *l.Forecast
			return true, nil
		case progress != nil:
			progress(*l.Forecast)
		}
		return false, nil
	})
	return last, err
}

// Shoots groups photos by when they were taken; see [ShootEngine].
func (c *Client) Shoots(ctx context.Context, gap time.Duration) ([]Shoot, error) {
	v := values()
	if gap != 0 {
		v.Set("gap", gap.String())
	}
	a, err := call[shootsAnswer](ctx, c, http.MethodGet, withQuery(pathShoots, v), nil)
	return a.Shoots, err
}

// Describe gives words to the photos of a span of time.
func (c *Client) Describe(ctx context.Context, d Description) (Described, error) {
	return call[Described](ctx, c, http.MethodPost, pathDescribe, d)
}

// Events returns the planned events.
func (c *Client) Events(ctx context.Context) ([]PlannedEvent, error) {
	a, err := call[eventsAnswer](ctx, c, http.MethodGet, pathEvents, nil)
	return a.Events, err
}

// SetEvent adds an event, or replaces the one of that name.
func (c *Client) SetEvent(ctx context.Context, e PlannedEvent) error {
	_, err := call[empty](ctx, c, http.MethodPost, pathEventSet, e)
	return err
}

// RemoveEvent removes an event. Photos that have its words keep them.
func (c *Client) RemoveEvent(ctx context.Context, name string) error {
	_, err := call[empty](ctx, c, http.MethodPost, pathEventRemove, eventRequest{name})
	return err
}

// ImportCard adds the photos of a card.
func (c *Client) ImportCard(ctx context.Context, i CardImport) error {
	_, err := call[empty](ctx, c, http.MethodPost, pathCardImport, i)
	return err
}

// DeclineCard leaves a card alone until it is put in again.
func (c *Client) DeclineCard(ctx context.Context, card string) error {
	_, err := call[empty](ctx, c, http.MethodPost, pathCardDecline, cardRequest{card})
	return err
}

// ForgetCard forgets what was remembered of a card.
func (c *Client) ForgetCard(ctx context.Context, card string) error {
	_, err := call[empty](ctx, c, http.MethodPost, pathCardForget, cardRequest{card})
	return err
}

// CardVerdict says whether a card may be formatted.
func (c *Client) CardVerdict(ctx context.Context, card string) (CardVerdict, error) {
	return call[CardVerdict](ctx, c, http.MethodPost, pathCardVerdict, cardRequest{card})
}

// ClearCard deletes what the last verdict found safe; it returns how many.
func (c *Client) ClearCard(ctx context.Context, card string) (int, error) {
	d, err := call[Done](ctx, c, http.MethodPost, pathCardClear, cardRequest{card})
	return d.Count, err
}

// EjectCard makes a card ready to be taken out.
func (c *Client) EjectCard(ctx context.Context, card string) error {
	_, err := call[empty](ctx, c, http.MethodPost, pathCardEject, cardRequest{card})
	return err
}

// AccountSpec returns how an account is configured, without what is secret.
func (c *Client) AccountSpec(ctx context.Context, name string) (AccountSpec, error) {
	return call[AccountSpec](ctx, c, http.MethodPost, pathAccountSpec, accountRequest{name})
}

// ChangeAccount changes an account after a live check.
func (c *Client) ChangeAccount(ctx context.Context, a AccountChange) (CheckReport, error) {
	return call[CheckReport](ctx, c, http.MethodPost, pathAccountChange, a)
}

// ChangeFolder replaces the rules of a watched folder.
func (c *Client) ChangeFolder(ctx context.Context, s FolderSpec) (Folder, error) {
	if err := sendable([]string{s.Path}); err != nil {
		return Folder{}, err
	}
	return call[Folder](ctx, c, http.MethodPost, pathFolderChange, s)
}

// PreviewFolder says what rules would make of a folder; example may be "".
func (c *Client) PreviewFolder(ctx context.Context, s FolderSpec, example string) (FolderPreview, error) {
	if err := sendable([]string{s.Path, example}); err != nil {
		return FolderPreview{}, err
	}
	return call[FolderPreview](ctx, c, http.MethodPost, pathFolderPreview, previewRequest{s, example})
}
