package ui

import (
	"context"
	"slices"
	"strings"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
)

// describeSheet gives a whole shoot a title, tags and an album, as far as its
// photos are not on their way.
type describeSheet struct {
	win     *Window
	sheet   *sheet
	shoot   control.Shoot
	title   *entry
	tags    *entry
	album   *entry
	release *check // nil when nothing waits for its time
	problem *widget.Label
	save    *button
	done    func() // after the photos have the words
}

// describe opens the sheet for a shoot. done is called after something was
// changed.
func (w *Window) describe(s control.Shoot, done func()) {
	d := &describeSheet{win: w, shoot: s, done: done, problem: wrapped("", widget.DangerImportance)}
	w.describing = d
	d.problem.Hide()
	body := form(wrapped(spanWords(s.From, s.To, w.now()), widget.MediumImportance))
	for _, text := range reachWords(&s) {
		body.Add(wrapped(text, widget.LowImportance))
	}
	if reached(&s) == 0 {
		d.sheet = w.newSheet(tr("Describe the shoot"), body)
		d.sheet.buttons(d.sheet.closer(tr("Close")))
		d.sheet.show()
		return
	}
	d.title, d.tags, d.album = wordEntry(s.Title), wordEntry(strings.Join(s.Tags, ", ")), wordEntry(s.Album)
	pick := newButton(tr("Choose"), "album", func() { w.pickAlbum(s.Accounts, d.album.Text, d.album.SetText) })
	body.Add(field(tr("Title"), d.title))
	body.Add(field(tr("Tags, with commas between them"), d.tags))
	body.Add(field(tr("Album"), container.NewBorder(nil, nil, nil, pick, d.album)))
	if s.Held > 0 {
		d.release = newCheck(trn("Send the {{.N}} photos now that wait for their time", s.Held), false, nil)
		body.Add(d.release)
	}
	body.Add(d.problem)
	d.sheet = w.newSheet(tr("Describe the shoot"), body)
	d.save = newPrimary(tr("Save"), "tick", d.run)
	d.sheet.buttons(d.sheet.closer(tr("Cancel")), d.save)
	d.sheet.show()
	w.win.Canvas().Focus(d.title)
}

// wordEntry is an entry for what all photos have in common. Left empty it
// changes nothing; emptied, it takes away.
func wordEntry(common string) *entry {
	if common == "" {
		return newEntry(tr("As it is"))
	}
	e := newEntry(tr("None"))
	e.SetText(common)
	return e
}

// reached is how many photos words would reach, counted for each account.
func reached(s *control.Shoot) int { return max(s.Jobs-s.Leaving, 0) }

// reachWords says which photos words reach, and which they do not.
func reachWords(s *control.Shoot) []string {
	n := reached(s)
	var said []string
	switch several := len(s.Accounts) > 1; {
	case n > 0 && several:
		said = append(said, trn("{{.N}} photos that are not sent yet get the words, counted for each account. What you write replaces what they have.", n))
	case n > 0:
		said = append(said, trn("{{.N}} photos that are not sent yet get the words. What you write replaces what they have.", n))
	default:
		said = append(said, tr("No photo of this shoot can be given words here any more."))
	}
	if s.Leaving > 0 {
		said = append(said, trn("{{.N}} photos are on their way now and keep what they have.", s.Leaving))
	}
	if s.Delivered > 0 {
		said = append(said, trn("{{.N}} photos are sent: on the server they stay as they are, and can be changed only there.", s.Delivered))
	}
	return said
}

// request is what the sheet says now. Only what was changed is said; false when
// nothing was.
func (d *describeSheet) request() (control.Description, bool) {
	s := &d.shoot
	r := control.Description{From: s.From, To: s.To}
	if t := strings.TrimSpace(d.title.Text); t != s.Title {
		r.Title = &t
	}
	if a := strings.TrimSpace(d.album.Text); a != s.Album {
		r.Album = &a
	}
	if t := splitTags(d.tags.Text); !slices.Equal(t, s.Tags) && len(t)+len(s.Tags) > 0 {
		if t == nil {
			t = []string{}
		}
		r.Tags = &t
	}
	r.Release = d.release != nil && d.release.Checked
	return r, r.Title != nil || r.Album != nil || r.Tags != nil || r.Release
}

func (d *describeSheet) run() {
	w := d.win
	r, ok := d.request()
	if !ok {
		d.sheet.hide()
		return
	}
	d.problem.Hide()
	d.save.enable(false)
	var out control.Described
	w.call(func(ctx context.Context) (err error) {
		out, err = w.client.Describe(ctx, r)
		return err
	}, func(err error) {
		d.save.enable(true)
		if err != nil {
			text, hint := explain(err)
			setLabel(d.problem, strings.TrimSpace(text+" "+hint), widget.DangerImportance)
			d.problem.Show()
			d.sheet.refit()
			return
		}
		d.sheet.hide()
		w.notice.say(describedWords(&out))
		d.done()
	})
}

// describedWords says what became of the photos of a shoot.
func describedWords(d *control.Described) string {
	said := []string{tr("No photo was changed: they had left already.")}
	if d.Count > 0 {
		said[0] = trn("{{.N}} photos have the new words.", d.Count)
	}
	if d.Leaving > 0 {
		said = append(said, trn("{{.N}} photos were on their way and keep what they had.", d.Leaving))
	}
	if d.Delivered > 0 {
		said = append(said, trn("{{.N}} photos are sent and stay as they are.", d.Delivered))
	}
	return strings.Join(said, " ")
}
