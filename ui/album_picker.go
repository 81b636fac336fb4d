package ui

import (
	"context"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// albumPicker lets a person choose one of the albums that are there, or name a
// new one.
type albumPicker struct {
	sheet  *sheet
	find   *entry
	list   *widget.List
	note   *widget.Label
	use    *button
	all    []string // sorted
	shown  []string // of all, those that hold what is typed
	picked func(string)
}

const pickerRows = 7 // of the list that are seen at once

// pickAlbum asks accounts for their albums and lets a person choose one. What
// is typed already is looked for first.
func (w *Window) pickAlbum(accounts []string, text string, picked func(string)) {
	if len(accounts) == 0 {
		w.notice.say(tr("Tick at least one account."))
		return
	}
	p := &albumPicker{picked: picked}
	w.picker = p
	p.find = newEntry(tr("Find an album, or name a new one"))
	p.find.SetText(text)
	p.find.OnChanged = func(string) { p.look() }
	p.find.OnSubmitted = func(string) { p.choose() }
	p.note = wrapped(tr("Asking for the albums …"), widget.LowImportance)
	p.list = widget.NewList(
		func() int { return len(p.shown) },
		func() fyne.CanvasObject { return newText("") },
		func(i widget.ListItemID, o fyne.CanvasObject) {
			if i < len(p.shown) {
				o.(*line).set(p.shown[i], theme.ColorNameForeground)
			}
		})
	p.list.OnSelected = func(i widget.ListItemID) {
		if i < len(p.shown) {
			name := p.shown[i]
			p.list.UnselectAll()
			p.find.SetText(name)
		}
	}
	row := newText("M").MinSize().Height + 2*4
	body := form(p.find, tall(p.list, pickerRows*row), p.note)
	p.sheet = w.newSheet(tr("Choose an album"), body)
	p.use = newPrimary(tr("Choose"), "check", p.choose)
	p.sheet.buttons(p.sheet.closer(tr("Cancel")), p.use)
	p.look()
	p.sheet.show()
	w.win.Canvas().Focus(p.find)
	w.albumsOf(accounts, func(albums []string, err error) {
		if !p.sheet.open {
			return
		}
		p.all = albums
		p.look()
		if err != nil {
			why, hint := explain(err)
			setLabel(p.note, strings.TrimSpace(why+" "+hint), widget.WarningImportance)
		}
		p.sheet.refit()
	})
}

// albumsOf asks several accounts for their albums. Those without any are passed
// over; the error is the last one's.
func (w *Window) albumsOf(accounts []string, done func(albums []string, err error)) {
	var all []string
	w.call(func(ctx context.Context) error {
		var failed error
		for _, name := range accounts {
			albums, err := w.client.Albums(ctx, name)
			if err != nil {
				failed = err
			}
			for _, a := range albums {
				if a = clean(a); !slices.Contains(all, a) {
					all = append(all, a)
				}
			}
		}
		slices.SortFunc(all, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
		return failed
	}, func(err error) { done(all, err) })
}

// look shows the albums that hold what is typed, and says what choosing means.
func (p *albumPicker) look() {
	text := strings.TrimSpace(p.find.Text)
	low := strings.ToLower(text)
	p.shown = p.shown[:0]
	for _, a := range p.all {
		if strings.Contains(strings.ToLower(a), low) {
			p.shown = append(p.shown, a)
		}
	}
	p.list.Refresh()
	p.use.enable(text != "")
	note := ""
	switch {
	case text == "" && len(p.all) == 0:
		note = tr("There is no album yet. Type a name to make one.")
	case text != "" && !slices.Contains(p.all, text):
		note = tr("A new album “{{.Name}}” is made when the first photo is sent.", fields{"Name": shorten(clean(text), 60)})
	}
	setLabel(p.note, note, widget.LowImportance)
}

func (p *albumPicker) choose() {
	if text := strings.TrimSpace(p.find.Text); text != "" {
		p.sheet.hide()
		p.picked(text)
	}
}

// tall gives an object a height of its own, where it would ask for none.
func tall(o fyne.CanvasObject, height float32) fyne.CanvasObject {
	return container.New(tallLayout(height), o)
}

type tallLayout float32

func (l tallLayout) MinSize(os []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(os[0].MinSize().Width, float32(l))
}

func (l tallLayout) Layout(os []fyne.CanvasObject, s fyne.Size) { os[0].Resize(s) }
