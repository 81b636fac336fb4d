package ui

import (
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
)

const (
	mostParallel = 8 // as control.General has it
	onMains      = 101
)

// sending are the settings of when and how fast photos are sent.
func (p *settingsPage) sending() fyne.CanvasObject {
	return section(tr("How photos are sent"),
		p.parallel(),
		p.bandwidth(),
		p.typing(settingWords{
			title: tr("Quiet hours"), key: "quiet_hours",
			help: tr("Nothing is sent then. Write them like 22:00-07:00, with commas between several; nothing for none."),
		}, tr("No quiet hours"), func(g *control.General) string { return g.QuietHours },
			func(v string) control.GeneralChange { return control.GeneralChange{QuietHours: &v} }),
		p.choose(settingWords{
			title: tr("On battery"), key: "battery_below", help: tr("What waits is sent when the computer is charging again."),
		}, batteryOptions(), func(g *control.General) string { return strconv.Itoa(g.BatteryBelow) },
			func(v string) control.GeneralChange {
				n, _ := strconv.Atoi(v) // one of the options, or what the engine said
				return control.GeneralChange{BatteryBelow: &n}
			}),
		p.tick(settingWords{
			title: tr("Send over metered networks too"), key: "metered",
			help: tr("Such as the connection of a phone, where every megabyte counts."),
		}, func(g *control.General) bool { return g.Metered },
			func(v bool) control.GeneralChange { return control.GeneralChange{Metered: &v} }),
	)
}

func batteryOptions() []option {
	os := []option{{"0", tr("Always send")}}
	for _, n := range []int{20, 30, 50} {
		os = append(os, option{strconv.Itoa(n), tr("Wait below {{.N}} %", fields{"N": n})})
	}
	return append(os, option{strconv.Itoa(onMains), tr("Wait until it is charging")})
}

// parallelSetting is the number of photos that are sent at the same time.
type parallelSetting struct {
	settingLine
	slider *widget.Slider
	number *line
}

func (p *settingsPage) parallel() fyne.CanvasObject {
	words := settingWords{
		title: tr("Photos at the same time"), key: "parallel",
		help: tr("For each account. More is faster with many small photos, and slower for everybody else at home."),
	}
	s := &parallelSetting{settingLine: p.newLine(words.key), slider: widget.NewSlider(1, mostParallel), number: newText("")}
	s.number.bold, s.number.align = true, fyne.TextAlignTrailing
	s.slider.OnChanged = func(v float64) { s.number.set(strconv.Itoa(int(v)), s.number.color) }
	s.slider.OnChangeEnded = func(v float64) {
		if n := int(v); !p.showing && n != p.general.Parallel {
			s.say("")
			p.change(s, control.GeneralChange{Parallel: &n})
		}
	}
	p.rows = append(p.rows, s)
	input := container.NewBorder(nil, nil, nil, padded(container.NewGridWrap(fyne.NewSize(20, s.number.MinSize().Height), s.number), 9, 4), s.slider)
	return s.below(container.New(settingLayout{inputWidth}, words.words(), input))
}

func (s *parallelSetting) show(g *control.General) {
	s.about(g)
	s.slider.SetValue(float64(g.Parallel))
	s.number.set(strconv.Itoa(g.Parallel), s.number.color)
}

func (s *parallelSetting) enable(yes bool) { setEnabled(s.slider, yes && !s.absent) }

// rates are the limits that are offered. The engine writes them so.
var rates = []string{"unlimited", "500 KB", "1 MB", "2 MB", "5 MB", "10 MB"}

// bandwidthSetting is a limit: one of several, or another one that is typed.
type bandwidthSetting struct {
	*textSetting
	choice *choice
	own    bool // another one was chosen, and is not typed yet
}

func (p *settingsPage) bandwidth() fyne.CanvasObject {
	words := settingWords{
		title: tr("Speed limit"), key: "bandwidth",
		help: tr("For all accounts together. It acts at once, also on what is being sent."),
	}
	s := &bandwidthSetting{}
	s.textSetting = p.newText(words.key, tr("Such as 3 MB"), func(g *control.General) string { return g.Bandwidth },
		func(v string) control.GeneralChange {
			s.own = false
			v = plainRate(v)
			return control.GeneralChange{Bandwidth: &v}
		})
	typed := s.entry.left
	s.entry.left = func() {
		typed()
		if s.own { // nothing was typed
			s.own = false
			p.present()
		}
	}
	offered := []string{tr("No limit")}
	for _, r := range rates[1:] {
		offered = append(offered, tr("{{.Size}}/s", fields{"Size": r}))
	}
	s.choice = newChoice(append(offered, tr("Another limit")), -1, nil)
	s.choice.PlaceHolder = " "
	s.choice.OnChanged = func(string) {
		if i := s.choice.SelectedIndex(); i >= 0 && !p.showing {
			s.chosen(i)
		}
	}
	s.entry.Hide()
	p.rows = append(p.rows, s)
	return s.below(container.New(settingLayout{inputWidth}, words.words(), column(4, s.choice, s.entry)))
}

func (s *bandwidthSetting) chosen(i int) {
	s.say("")
	s.dirty = false
	if s.own = i == len(rates); !s.own {
		rate := rates[i]
		s.page.change(s, control.GeneralChange{Bandwidth: &rate})
		return
	}
	s.page.showing = true
	s.entry.SetText("")
	s.page.showing = false
	s.reveal(true)
	s.page.win.win.Canvas().Focus(s.entry)
}

func (s *bandwidthSetting) reveal(yes bool) {
	setShown(s.entry, yes)
	relayout(s.page.outer)
}

func (s *bandwidthSetting) show(g *control.General) {
	i := slices.Index(rates, g.Bandwidth)
	switch {
	case s.own || s.dirty:
		s.about(g)
	case i >= 0:
		s.about(g)
		s.choice.SetSelectedIndex(i)
		s.reveal(false)
	default:
		s.textSetting.show(g)
		s.choice.SetSelectedIndex(len(rates))
		s.reveal(true)
	}
}

func (s *bandwidthSetting) enable(yes bool) {
	s.textSetting.enable(yes)
	setEnabled(s.choice, yes && !s.absent)
}

// plainRate writes a limit as the engine reads it: "1,5 MB/s" is "1.5 MB".
func plainRate(text string) string {
	text = strings.TrimSpace(text)
	if n := len(text) - len("/s"); n > 0 && strings.EqualFold(text[n:], "/s") {
		text = strings.TrimSpace(text[:n])
	}
	return strings.Replace(text, ",", ".", 1)
}
