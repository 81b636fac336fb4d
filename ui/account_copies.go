package ui

import (
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"

	"github.com/photoferry/photoferry/app/control"
)

// stripChoices are what can be left out of photos that an account gets. Two of
// them are one rule, with and without a circle.
var stripChoices = []struct {
	label, rule string
	around      bool
}{
	{later("Nothing"), "", false},
	{later("Where they were taken"), "place", false},
	{later("Where they were taken, near home only"), "place", true},
	{later("Everything but the picture"), "all", false},
}

// sideChoices are longest sides in pixels; 0 is that of the photo.
var sideChoices = []int{0, 1600, 2048, 3840}

// copyRules are an account's rules for the copies that it gets in the place of
// photos.
type copyRules struct {
	was     *control.AccountSpec
	strip   *choice
	home    *entry
	side    *choice
	sides   []int // what the choices of side stand for
	quality *entry
}

// copies makes the inputs.
func (r *accountRules) copies() []fyne.CanvasObject {
	c := &r.copied
	c.was = &r.was
	var labels []string
	chosen := 0
	for i, s := range stripChoices {
		labels = append(labels, tr(s.label))
		if s.rule == r.was.Strip && s.around == (r.was.Home != "") {
			chosen = i
		}
	}
	c.home = newEntry("48.1374, 11.5755, 500")
	c.home.SetText(r.was.Home)
	around := r.fault("home", tr("Home"), c.home, c.home, note(tr("Latitude, longitude, and how many metres around it.")))
	c.strip = newChoice(labels, chosen, func(string) {
		setShown(around, c.around())
		if r.sheet != nil {
			r.sheet.refit()
		}
	})
	setShown(around, c.around())

	labels, c.sides = nil, slices.Clone(sideChoices)
	if chosen = slices.Index(c.sides, r.was.LongestSide); chosen < 0 { // somebody wrote it into the settings file
		c.sides, chosen = append(c.sides, r.was.LongestSide), len(c.sides)
	}
	for _, n := range c.sides {
		label := tr("As the photo is")
		if n > 0 {
			label = tr("At most {{.N}} pixels", fields{"N": n})
		}
		labels = append(labels, label)
	}
	c.side = newChoice(labels, chosen, nil)
	c.quality = newEntry("90")
	if r.was.Quality > 0 {
		c.quality.SetText(strconv.Itoa(r.was.Quality))
	}
	return []fyne.CanvasObject{
		r.fault("strip", tr("Left out of photos that are sent there"), c.strip, c.strip, note(tr("Your own files stay as they are."))),
		around,
		r.fault("longest_side", tr("Longest side"), c.side, c.side),
		r.fault("quality", tr("Quality of smaller photos, 1 to 100"), c.quality, c.quality),
	}
}

func (c *copyRules) chosen() (rule string, around bool) {
	s := stripChoices[max(c.strip.SelectedIndex(), 0)]
	return s.rule, s.around
}

func (c *copyRules) around() bool {
	_, around := c.chosen()
	return around
}

// change adds to a change what differs, and says whether that is anything. at
// is the field that is wrong, and why.
func (c *copyRules) change(into *control.AccountChange) (some bool, at, why string) {
	rule, around := c.chosen()
	home := ""
	if around {
		if home = strings.TrimSpace(c.home.Text); home == "" {
			return false, "home", tr("Say where home is.")
		}
	}
	quality := 0
	if text := strings.TrimSpace(c.quality.Text); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 100 {
			return false, "quality", tr("Write a number from 1 to 100, or nothing.")
		}
		quality = n
	}
	side := c.sides[max(c.side.SelectedIndex(), 0)]
	if rule != c.was.Strip {
		into.Strip, some = &rule, true
	}
	if home != c.was.Home {
		into.Home, some = &home, true
	}
	if side != c.was.LongestSide {
		into.LongestSide, some = &side, true
	}
	if quality != c.was.Quality {
		into.Quality, some = &quality, true
	}
	return some, "", ""
}
