package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// tabs are buttons of which one is chosen.
type tabs struct {
	box     *fyne.Container
	buttons []*button
	chosen  int
	tapped  func(i int)
}

func newTabs(tapped func(i int), names ...string) *tabs {
	t := &tabs{box: beside(4), tapped: tapped}
	for i, n := range names {
		b := newButton(n, "", func() { t.choose(i); t.tapped(i) })
		t.buttons = append(t.buttons, b)
		t.box.Add(b)
	}
	t.choose(0)
	return t
}

// choose makes one the chosen one, and tells nobody.
func (t *tabs) choose(i int) {
	t.chosen = i
	for j, b := range t.buttons {
		was := b.Importance
		b.Importance = widget.LowImportance
		if i == j {
			b.Importance = widget.MediumImportance
		}
		if b.Importance != was {
			b.Refresh()
		}
	}
}

// name gives one another label.
func (t *tabs) name(i int, label string) {
	if t.buttons[i].Text != label {
		t.buttons[i].SetText(label)
		t.box.Refresh() // it has the width that it needs
	}
}
