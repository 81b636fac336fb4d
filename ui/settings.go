package ui

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
)

// settingsPage shows the settings of the whole program, as the engine has them.
// Each change acts at once; what the engine refuses is said at its setting, and
// the setting goes back to what is true.
type settingsPage struct {
	win   *Window
	box   *fyne.Container
	outer *fyne.Container // what is laid out again when a text has another height
	off   *widget.Label   // shown while no engine answers
	rows  []setting
	more  *fyne.Container // settings for few people
	fold  *button         // shows them
	files *filesCard
	about *widget.Label

	general control.General // as the engine has it
	known   bool            // general is what it said
	stale   bool            // and may have been changed since
	asking  bool
	gone    bool // no engine answers
	showing bool // inputs are being set by us, not by a person
	queue   []changing
	busy    bool // a change is under way
}

// setting is one line of the page.
type setting interface {
	// show makes the input show what is true. What is being typed stays.
	show(g *control.General)
	// enable lets it be changed, or not.
	enable(yes bool)
	// outcome says what became of a change; nil is well.
	outcome(err error)
}

// changing is a change that has not been answered yet.
type changing struct {
	of     setting
	change control.GeneralChange
}

// settingsWidth is as wide as lines are still read with ease.
const settingsWidth = 820

func newSettingsPage(w *Window) *settingsPage {
	p := &settingsPage{win: w, off: wrapped("", widget.WarningImportance)}
	p.off.Hide()
	p.about = note("")
	col := column(12, p.off, p.sending(), p.appearance(), p.filesSection(), p.moving())
	body, scroll := flow(margin(col, 8, 14), placeLayout{widest: settingsWidth})
	p.outer = body
	follow(col, scroll)
	p.box = container.NewBorder(heading(tr("Settings")), nil, nil, nil, body)
	return p
}

func (p *settingsPage) content() fyne.CanvasObject { return p.box }
func (p *settingsPage) refresh()                   {}

// front is called when the page comes to the front: settings may have been
// changed elsewhere.
func (p *settingsPage) front() {
	p.stale = true
	p.ask()
}

func (p *settingsPage) apply(s *control.Status) {
	was := p.gone
	p.gone = s.State == stateGone
	about := tr("PhotoFerry {{.Version}}", fields{"Version": s.Version})
	if s.Version == "" {
		about = Title
	}
	if setLabel(p.about, about, widget.LowImportance); was != p.gone {
		p.present()
	}
	p.ask()
}

// ask asks the engine for the settings, unless they are known.
func (p *settingsPage) ask() {
	if p.known && !p.stale || p.asking || p.gone || p.busy {
		return
	}
	p.asking = true
	var g control.General
	p.win.call(func(ctx context.Context) (err error) {
		g, err = p.win.client.General(ctx)
		return err
	}, func(err error) {
		p.asking = false
		if err != nil {
			text, hint := explain(err)
			p.say(text + " " + hint)
			return
		}
		if !p.busy {
			p.general, p.known, p.stale = g, true, false
			p.present()
		}
	})
}

// change sends a change, after those that are under way.
func (p *settingsPage) change(of setting, c control.GeneralChange) {
	p.queue = append(p.queue, changing{of, c})
	p.next()
}

func (p *settingsPage) next() {
	if p.busy || len(p.queue) == 0 {
		return
	}
	it := p.queue[0]
	p.queue, p.busy = p.queue[1:], true
	p.win.changeGeneral(it.change, func(g *control.General, err error) {
		p.busy = false
		if g != nil {
			p.general, p.known, p.stale = *g, true, false
		}
		it.of.outcome(err)
		if p.next(); !p.busy {
			p.present()
		}
	})
}

// changeGeneral changes settings. done gets what is true then, also after a
// refusal; nil when the engine does not say.
func (w *Window) changeGeneral(c control.GeneralChange, done func(g *control.General, err error)) {
	var g control.General
	known := false
	w.call(func(ctx context.Context) error {
		var err, lost error
		if g, err = w.client.ChangeGeneral(ctx, c); err != nil {
			g, lost = w.client.General(ctx)
		}
		known = lost == nil
		if err == nil && ignored(c, g) {
			err = errIgnored
		}
		return err
	}, func(err error) {
		if known {
			done(&g, err)
			return
		}
		done(nil, err)
	})
}

// errIgnored is the error of a switch that did not move.
var errIgnored = errors.New("a setting was not taken over")

// ignored reports whether a switch is not as it was asked to be. Other values may
// be written in another way.
func ignored(c control.GeneralChange, g control.General) bool {
	is := func(asked *bool, now bool) bool { return asked != nil && *asked != now }
	return is(c.Autostart, g.Autostart) || is(c.Notifications, g.Notifications) || is(c.Metered, g.Metered)
}

// present shows what is known.
func (p *settingsPage) present() {
	p.say("")
	if p.gone {
		p.say(tr("PhotoFerry's engine is not running, so nothing can be changed now."))
	}
	if p.known {
		p.showing = true
		for _, r := range p.rows {
			r.show(&p.general)
		}
		p.showing = false
		p.files.show(&p.general.Files)
	}
	for _, r := range p.rows {
		r.enable(p.known && !p.gone)
	}
	relayout(p.outer)
}

// say shows a line above all settings; "" takes it away.
func (p *settingsPage) say(text string) {
	setLabel(p.off, text, widget.WarningImportance)
	setShown(p.off, text != "")
	relayout(p.outer)
}

// section is a card with a title.
func section(title string, rows ...fyne.CanvasObject) fyne.CanvasObject {
	t := newTitle(title)
	return carded(column(10, append([]fyne.CanvasObject{padded(t, 0, 8)}, rows...)...), 12, 8)
}

// appearance are the settings of what people see, and those for few of them.
func (p *settingsPage) appearance() fyne.CanvasObject {
	theme := p.choose(settingWords{title: tr("Light or dark"), key: "theme"},
		[]option{{"system", tr("As the desktop")}, {"light", tr("Light")}, {"dark", tr("Dark")}},
		func(g *control.General) string { return g.Theme },
		func(v string) control.GeneralChange { return control.GeneralChange{Theme: &v} })
	language := p.choose(settingWords{title: tr("Language"), key: "language"}, languageOptions(),
		func(g *control.General) string { return g.Language },
		func(v string) control.GeneralChange { return control.GeneralChange{Language: &v} })
	start := p.tick(settingWords{
		title: tr("Start with the computer"), key: "autostart",
		help: tr("New photos are found and sent without anybody opening this window."),
	}, func(g *control.General) bool { return g.Autostart },
		func(v bool) control.GeneralChange { return control.GeneralChange{Autostart: &v} })
	notes := p.tick(settingWords{
		title: tr("Notifications"), key: "notifications",
		help: tr("One when photos have arrived, and one when something needs you."),
	}, func(g *control.General) bool { return g.Notifications },
		func(v bool) control.GeneralChange { return control.GeneralChange{Notifications: &v} })
	p.more = column(10, p.scanning(), p.logging())
	p.more.Hide()
	p.fold = newButton(tr("More settings"), "add", p.unfold)
	p.fold.Importance, p.fold.Alignment = widget.LowImportance, widget.ButtonAlignLeading
	return section(tr("This computer"), start, notes, theme, language, p.fold, p.more)
}

// languageOptions are the languages, each in its own words.
func languageOptions() []option {
	return []option{{"system", tr("As the desktop")}, {"en", "English"}, {"de", "Deutsch"}, {"fr", "Français"}}
}

// unfold shows the settings for few people, or hides them again.
func (p *settingsPage) unfold() {
	p.fold.drawing, p.fold.Text = "close", tr("Fewer settings")
	if p.more.Visible() {
		p.fold.drawing, p.fold.Text = "add", tr("More settings")
	}
	setShown(p.more, !p.more.Visible())
	p.fold.Icon = glyph(p.fold.drawing)
	p.fold.Refresh()
	relayout(p.outer)
}

func (p *settingsPage) scanning() fyne.CanvasObject {
	return p.choose(settingWords{
		title: tr("Look through all folders"), key: "rescan_every",
		help: tr("New photos are noticed at once. This finds those that nobody told of, such as on a network drive."),
	}, []option{
		{"5m0s", tr("every 5 minutes")}, {"15m0s", tr("every 15 minutes")}, {"1h0m0s", tr("every hour")}, {"6h0m0s", tr("every 6 hours")},
	}, func(g *control.General) string { return g.RescanEvery },
		func(v string) control.GeneralChange { return control.GeneralChange{RescanEvery: &v} })
}

func (p *settingsPage) logging() fyne.CanvasObject {
	return p.choose(settingWords{
		title: tr("What the log says"), key: "log_level", help: tr("More of it helps when a problem is to be found."),
	}, []option{{"debug", tr("Everything")}, {"info", tr("What happens")}, {"warn", tr("Warnings")}, {"error", tr("Errors only")}},
		func(g *control.General) string { return g.LogLevel },
		func(v string) control.GeneralChange { return control.GeneralChange{LogLevel: &v} })
}
