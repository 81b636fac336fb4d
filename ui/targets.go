package ui

import (
	"slices"

	"fyne.io/fyne/v2"
)

// targets is the choice of the accounts that photos go to: any number of them,
// or simply the one that there is.
type targets struct {
	box    *fyne.Container
	names  []string
	checks []*check // none when there is one account only

	changed func() // called when another choice was made; may be nil
}

// newTargets makes a choice of the accounts that there are now. The given ones
// are ticked at first.
func (w *Window) newTargets(ticked []string) *targets {
	names := make([]string, len(w.status.Accounts))
	for i := range w.status.Accounts {
		names[i] = w.status.Accounts[i].Name
	}
	return newTargetsOf(names, ticked)
}

// newTargetsOf makes a choice of the accounts with these names.
func newTargetsOf(names, ticked []string) *targets {
	t := &targets{box: stacked(0), names: names}
	if len(t.names) == 1 {
		t.box.Add(newText(t.names[0]))
		return t
	}
	for _, n := range t.names {
		c := newCheck(shorten(clean(n), 50), slices.Contains(ticked, n), func(bool) {
			if t.changed != nil {
				t.changed()
			}
		})
		t.checks = append(t.checks, c)
		t.box.Add(c)
	}
	return t
}

// chosen returns the names of the accounts that are ticked.
func (t *targets) chosen() []string {
	if len(t.checks) == 0 {
		return t.names
	}
	var names []string
	for i, c := range t.checks {
		if c.Checked {
			names = append(names, t.names[i])
		}
	}
	return names
}

// tick ticks all, or none.
func (t *targets) tick(yes bool) {
	for _, c := range t.checks {
		c.SetChecked(yes)
	}
}

// all says whether every account is chosen.
func (t *targets) all() bool { return len(t.chosen()) == len(t.names) }
