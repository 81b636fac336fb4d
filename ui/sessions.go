package ui

import (
	"context"
	"path/filepath"
	"strconv"
	"strings"

	"fyne.io/fyne/v2/theme"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

// sessionIcons says where a session came from.
var sessionIcons = map[string]string{"card": "card", "drop": "drop"}

func sessionIcon(s *control.Session) string {
	if i, ok := sessionIcons[s.Kind]; ok {
		return i
	}
	return "folder"
}

// sessionTitle says where a session came from and where it went.
func sessionTitle(s *control.Session) string {
	f := fields{"Source": filepath.Base(s.Source), "Accounts": strings.Join(s.Accounts, ", "), "Album": s.Album}
	switch {
	case s.Kind == "card" && s.Album != "":
		return tr("Card {{.Source}} to {{.Accounts}} / {{.Album}}", f)
	case s.Kind == "card":
		return tr("Card {{.Source}} to {{.Accounts}}", f)
	case s.Album != "":
		return tr("{{.Source}} to {{.Accounts}} / {{.Album}}", f)
	}
	return tr("{{.Source}} to {{.Accounts}}", f)
}

// sessionCounts says what became of a session's photos: "143 sent, 12 known".
func sessionCounts(s *control.Session) string {
	var parts []string
	for _, p := range []struct {
		n    int
		text string
	}{
		{s.Sent, later("{{.N}} sent")}, {s.Known, later("{{.N}} there already")}, {s.Skipped, later("{{.N}} skipped")}, {s.Failed, later("{{.N}} failed")},
		{s.Removed, later("{{.N}} removed")}, {s.Left, later("{{.N}} still to be sent")},
	} {
		if p.n > 0 {
			parts = append(parts, tr(p.text, fields{"N": say.Number(p.n)}))
		}
	}
	return strings.Join(parts, ", ")
}

func sessionView(s *control.Session, sc *scene) view {
	v := view{
		title: sessionTitle(s), sub: sessionCounts(s), subHue: colorMuted, done: -1,
		state: say.Clock(s.Changed, sc.now), hue: colorMuted, icon: "state-idle", detail: say.Photos(s.Found) + " · " + say.Bytes(s.Bytes),
	}
	v.hue = theme.ColorNameSuccess
	switch {
	case s.Failed > 0:
		v.hue, v.icon = theme.ColorNameWarning, "state-attention"
	case s.Left > 0:
		v.hue, v.icon = theme.ColorNamePrimary, "state-sending"
	}
	return v
}

// sessionRows asks for sessions.
func sessionRows(c *control.Client, q control.SessionQuery) pageQuestion {
	return func(ctx context.Context, after string, limit int) ([]row, string, error) {
		q.After, q.Limit = after, limit
		page, err := c.Sessions(ctx, q)
		if err != nil {
			return nil, "", err
		}
		rows := make([]row, len(page.Sessions))
		for i := range page.Sessions {
			s := &page.Sessions[i]
			rows[i] = row{rowKey: rowKey{group: sessionGroup(s.ID)}, session: s}
		}
		return rows, page.Next, nil
	}
}

func sessionGroup(id uint64) string { return "session\x00" + strconv.FormatUint(id, 10) }

// recordRows asks for receipts.
func recordRows(c *control.Client, q control.RecordQuery) pageQuestion {
	return func(ctx context.Context, after string, limit int) ([]row, string, error) {
		q.After, q.Limit = after, limit
		page, err := c.Records(ctx, q)
		if err != nil {
			return nil, "", err
		}
		rows := make([]row, len(page.Records))
		for i := range page.Records {
			r := &page.Records[i]
			rows[i] = row{rowKey: rowKey{r.Account, photoKey{r.Path, r.SHA256}}, recs: []*control.Record{r}}
		}
		return rows, page.Next, nil
	}
}

// Cursors of a session's photos begin with the list that they belong to.
const (
	cursorJobs    = "jobs\x00"
	cursorRecords = "records\x00"
)

// photosOf asks for the photos of a session: what is not delivered, then the
// receipts, newest first.
func photosOf(c *control.Client, session uint64) pageQuestion {
	records := recordRows(c, control.RecordQuery{Session: session})
	return func(ctx context.Context, after string, limit int) ([]row, string, error) {
		if cursor, ok := strings.CutPrefix(after, cursorRecords); ok {
			rows, next, err := records(ctx, cursor, limit)
			return rows, prefixed(cursorRecords, next), err
		}
		cursor := strings.TrimPrefix(after, cursorJobs)
		page, err := c.Jobs(ctx, control.JobQuery{Session: session, After: cursor, Limit: limit})
		if err != nil {
			return nil, "", err
		}
		jobs := make([]*control.Job, len(page.Jobs))
		for i := range page.Jobs {
			jobs[i] = &page.Jobs[i]
		}
		rows := rowsOf(jobs, len(jobs)).rows
		if page.Next != "" {
			return rows, cursorJobs + page.Next, nil
		}
		more, next, err := records(ctx, "", limit)
		return append(rows, more...), prefixed(cursorRecords, next), err
	}
}

func prefixed(prefix, cursor string) string {
	if cursor == "" {
		return ""
	}
	return prefix + cursor
}
