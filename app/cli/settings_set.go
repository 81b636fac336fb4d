package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/photoferry/photoferry/app/control"
)

type settingsShowCmd struct{}

// Run prints the general settings, and which of them can have no effect here.
func (settingsShowCmd) Run(s *session) error {
	return s.with(func(cl *control.Client) error {
		g, err := cl.General(s.ctx)
		if err != nil {
			return err
		}
		return s.show(g, func(w io.Writer) { showGeneral(w, g) })
	})
}

func showGeneral(w io.Writer, g control.General) {
	t := newTable(w, "SETTING", "VALUE", "")
	for _, f := range generalFields {
		t.row(f.name, f.get(g), g.Missing[f.name])
	}
	t.end()
}

// generalField is a setting as it is typed.
type generalField struct {
	name string
	get  func(control.General) string
	json func(text string) (any, error) // as the control API wants it
}

func asText(text string) (any, error) { return text, nil }

func asNumber(text string) (any, error) {
	n, err := strconv.Atoi(text)
	if err != nil {
		return nil, usage(strconv.Quote(text)+" is not a number", "")
	}
	return n, nil
}

func asSwitch(text string) (any, error) {
	b, err := strconv.ParseBool(text)
	if err != nil {
		return nil, usage(strconv.Quote(text)+" is neither true nor false", "")
	}
	return b, nil
}

var generalFields = []generalField{
	{"parallel", func(g control.General) string { return strconv.Itoa(g.Parallel) }, asNumber},
	{"bandwidth", func(g control.General) string { return g.Bandwidth }, asText},
	{"quiet_hours", func(g control.General) string { return g.QuietHours }, asText},
	{"metered", func(g control.General) string { return strconv.FormatBool(g.Metered) }, asSwitch},
	{"battery_below", func(g control.General) string { return strconv.Itoa(g.BatteryBelow) }, asNumber},
	{"rescan_every", func(g control.General) string { return g.RescanEvery }, asText},
	{"notifications", func(g control.General) string { return strconv.FormatBool(g.Notifications) }, asSwitch},
	{"theme", func(g control.General) string { return g.Theme }, asText},
	{"language", func(g control.General) string { return g.Language }, asText},
	{"log_level", func(g control.General) string { return g.LogLevel }, asText},
	{"autostart", func(g control.General) string { return strconv.FormatBool(g.Autostart) }, asSwitch},
}

type settingsSetCmd struct {
	Key   string `arg:"" help:"Setting, as show lists it."`
	Value string `arg:"" help:"Its new value."`
}

// Run changes one setting.
func (c *settingsSetCmd) Run(s *session) error {
	i := slices.IndexFunc(generalFields, func(f generalField) bool { return f.name == c.Key })
	if i < 0 {
		var names []string
		for _, f := range generalFields {
			names = append(names, f.name)
		}
		return usage(fmt.Sprintf("There is no setting %q", c.Key), "There are "+strings.Join(names, ", ")+".")
	}
	value, err := generalFields[i].json(c.Value)
	if err != nil {
		return err
	}
	text, err := json.Marshal(map[string]any{c.Key: value})
	if err != nil {
		return err
	}
	var change control.GeneralChange
	if err := json.Unmarshal(text, &change); err != nil {
		return err
	}
	return s.with(func(cl *control.Client) error {
		g, err := cl.ChangeGeneral(s.ctx, change)
		if err != nil {
			return err
		}
		return s.show(g, func(w io.Writer) { showGeneral(w, g) })
	})
}
