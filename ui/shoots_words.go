package ui

import (
	"path/filepath"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

// shootView is a shoot in words.
type shootView struct {
	title, sub    string
	state, detail string
	icon          string
	hue           fyne.ThemeColorName
}

func viewOfShoot(s *control.Shoot, home string, now time.Time) shootView {
	v := shootView{title: spanWords(s.From, s.To, now), sub: say.Photos(s.Photos) + " · " + say.Bytes(s.Bytes)}
	if s.Title != "" {
		v.title += " · " + s.Title
	}
	if p := shootPlace(s); p != "" {
		v.sub += " · " + shortPath(p, home)
	}
	if s.Album != "" {
		v.sub += " · " + tr("album {{.Name}}", fields{"Name": s.Album})
	}
	counts := fields{"Sent": say.Number(s.Delivered), "Left": say.Number(s.Jobs)}
	switch {
	case s.Jobs == 0:
		v.state, v.icon, v.hue = tr("All sent"), "state-idle", theme.ColorNameSuccess
	case s.Delivered == 0:
		v.state, v.icon, v.hue = tr("Not sent yet"), "state-waiting", colorMuted
	default:
		v.state, v.icon, v.hue = tr("{{.Sent}} sent, {{.Left}} not yet", counts), "state-sending", theme.ColorNamePrimary
	}
	var facts []string
	if s.Leaving > 0 {
		facts = append(facts, tr("{{.N}} on their way now", fields{"N": say.Number(s.Leaving)}))
	}
	if s.Held > 0 {
		facts = append(facts, trn("{{.N}} photos wait for their time", s.Held))
	}
	accounts := strings.Join(s.Accounts, ", ")
	switch {
	case len(s.Accounts) > 1 && s.Jobs > 0 && s.Delivered+s.Leaving+s.Held > 0:
		facts = append(facts, tr("counted for each of {{.Accounts}}", fields{"Accounts": accounts}))
	case len(facts) == 0:
		facts = append(facts, accounts)
	}
	v.detail = strings.Join(facts, " · ")
	return v
}

// shootPlace is the folder that a shoot's photos lie in, as far as it is one.
func shootPlace(s *control.Shoot) string {
	place := ""
	for i, p := range s.Paths {
		dir := filepath.Dir(p)
		if i > 0 && dir != place {
			return s.Folder // the watched one, "" if they have none in common
		}
		place = dir
	}
	return place
}

// spanWords says from when to when: "today 14:02 – 16:30", "3 May 23:50 – 4 May
// 1:20".
func spanWords(from, to, now time.Time) string {
	from, to = from.In(now.Location()), to.In(now.Location())
	if from.Truncate(time.Minute).Equal(to.Truncate(time.Minute)) {
		return momentWords(from, now)
	}
	end := momentWords(to, now)
	if sameDay(from, to) {
		end = to.Format("15:04")
	}
	return tr("{{.From}} – {{.To}}", fields{"From": momentWords(from, now), "To": end})
}

// momentWords is [say.Clock] with the time of day in every year.
func momentWords(t, now time.Time) string {
	if t.Year() != now.Year() {
		return say.Day(t, "2 Jan 2006") + " " + t.Format("15:04")
	}
	return say.Clock(t, now)
}

func sameDay(a, b time.Time) bool { return a.Year() == b.Year() && a.YearDay() == b.YearDay() }
