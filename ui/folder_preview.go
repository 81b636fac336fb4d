package ui

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

// templateFields are what may stand in a rule for words.
var templateFields = []struct{ label, field string }{
	{later("Name of its folder"), "{folder}"}, {later("Name of the folder above"), "{parent}"},
	{later("Folders below the watched one"), "{path}"}, {later("Name of the file"), "{name}"}, {later("Camera"), "{camera}"},
	{later("Year"), "{year}"}, {later("Month"), "{date:2006-01}"}, {later("Day"), "{date:2006-01-02}"},
}

// fieldItems are a menu of what can be put into a rule for words; an album can
// also have one of the usual rules. Afterwards done is called.
func fieldItems(e *entry, album bool, done func()) []menuItem {
	var items []menuItem
	if album {
		for _, r := range albumRules[:ownRule] {
			if r.template != "" {
				items = append(items, menuItem{tr(r.label), "albums", func() { e.SetText(r.template); done() }})
			}
		}
	}
	for _, t := range templateFields {
		items = append(items, menuItem{tr(t.label), "add", func() { insert(e, t.field); done() }})
	}
	return items
}

// insert puts a text in where the cursor is.
func insert(e *entry, text string) {
	rs := []rune(e.Text)
	at := min(max(e.CursorColumn, 0), len(rs))
	e.SetText(string(rs[:at]) + text + string(rs[at:]))
	e.CursorColumn = at + len([]rune(text))
	e.Refresh()
}

// plainAlbum is an album to look for first: none where a rule makes it.
func plainAlbum(text string) string {
	if strings.Contains(text, "{") {
		return ""
	}
	return text
}

// cleared takes back what was wrong with a rule that is being changed.
func (f *folderSheet) cleared(name string) {
	f.faults[name].clear()
	f.fit()
}

// typing asks for the example again once nothing was typed for a while.
func (f *folderSheet) typing(name string) {
	if name == "path" {
		f.cleared(name)
	}
	f.typed++
	typed := f.typed
	f.win.after(typingPause, func() {
		if typed == f.typed {
			f.preview()
		}
	})
}

// looked is what the engine makes of rules. Those with a slip are left out, so
// that the others still have their example.
type looked struct {
	spec    control.FolderSpec // as it was asked
	preview control.FolderPreview
	slips   []error // each about one of the rules
	err     error   // why there is no preview
}

// look asks what rules make of a photo.
func (l *looked) look(ctx context.Context, c *control.Client) {
	spec := l.spec
	for {
		l.preview, l.err = c.PreviewFolder(ctx, spec, "")
		name, _, _ := faultOf(l.err)
		switch {
		case name == "album" && spec.Album != "":
			spec.Album = ""
		case name == "title" && spec.Title != "":
			spec.Title = ""
		case name == "tags" && len(spec.Tags) > 0:
			spec.Tags = nil
		case (name == "include" || name == "exclude") && len(l.slips) == 0:
			l.slips = append(l.slips, l.err) // nobody knows which photos are meant
			return
		default:
			return
		}
		l.slips = append(l.slips, l.err)
	}
}

// preview asks what the rules make of a photo of the folder.
func (f *folderSheet) preview() {
	if f.asking {
		f.again = true
		return
	}
	l := looked{spec: f.spec()}
	if !f.sheet.open || !filepath.IsAbs(l.spec.Path) {
		return
	}
	f.asking = true
	f.win.call(func(ctx context.Context) error {
		l.look(ctx, f.win.client)
		return nil
	}, func(error) {
		f.asking = false
		if !f.sheet.open {
			return
		}
		f.answer(&l)
		if f.again {
			f.again = false
			f.preview()
		}
	})
}

func (f *folderSheet) answer(l *looked) {
	for _, name := range []string{"album", "title", "tags", "include", "exclude"} {
		f.faults[name].clear()
	}
	for _, err := range l.slips {
		f.blame(&l.spec, err)
	}
	text := ""
	switch name, _, _ := faultOf(l.err); {
	case l.err == nil:
		text = exampleWords(&l.preview)
	case name == "path" && !f.known:
		f.blame(&l.spec, l.err)
	case len(l.slips) == 0:
		text = whyOf(l.err)
	}
	tell(f.example, text)
	there := l.err == nil && l.preview.Path != ""
	counted := ""
	if l.err == nil {
		counted = tr("These rules choose: {{.What}}", fields{"What": (&foundFolder{preview: l.preview, counted: true}).words()})
	}
	tell(f.counted, counted)
	for name, value := range map[string]string{
		"album": strings.ReplaceAll(l.preview.Album, "/", " › "), "title": l.preview.Title, "tags": strings.Join(l.preview.Tags, ", "),
	} {
		out := ""
		if there && ruleText(&l.spec, name) != "" && !f.faults[name].reason.Visible() {
			out = tr("For the example: {{.Value}}", fields{"Value": clean(value)})
			if value == "" {
				out = tr("Nothing for the example")
			}
		}
		tell(f.outcomes[name], out)
	}
	f.fit()
}

// ruleText is a rule for words as it is typed.
func ruleText(s *control.FolderSpec, name string) string {
	switch name {
	case "album":
		return s.Album
	case "title":
		return s.Title
	}
	return strings.Join(s.Tags, ", ")
}

// tell shows an explanation, or hides it when there is nothing to be said.
func tell(l *widget.Label, text string) {
	setLabel(l, text, widget.LowImportance)
	setShown(l, text != "")
}

// exampleWords say which photo is the example.
func exampleWords(p *control.FolderPreview) string {
	switch {
	case p.Path == "":
		return tr("No photo is in this folder yet that could show what the next rules do.")
	case p.Taken == nil:
		return tr("Example: {{.Name}}", fields{"Name": clean(filepath.Base(p.Path))})
	}
	return tr("Example: {{.Name}}, taken on {{.Day}}", fields{"Name": clean(filepath.Base(p.Path)), "Day": say.Day(*p.Taken, "2 Jan 2006")})
}

// blame shows an error at the rule that it is about, and returns the name of
// that; "" when it is about none.
func (f *folderSheet) blame(s *control.FolderSpec, err error) string {
	name, index, at := faultOf(err)
	ff := f.faults[name]
	if ff == nil {
		return ""
	}
	text := ""
	switch list := map[string][]string{"tags": s.Tags, "include": s.Include, "exclude": s.Exclude}[name]; {
	case name == "album":
		text = s.Album
	case name == "title":
		text = s.Title
	case index >= 0 && index < len(list):
		text, at = whole(list, index, at)
	}
	ff.mark(text, at, whyOf(err))
	return name
}

// whole puts a list into one text, in which at is the place of a character of
// one of its values.
func whole(list []string, index, at int) (text string, place int) {
	if at > 0 {
		at += len([]rune(strings.Join(append(slices.Clone(list[:index]), ""), ", ")))
	}
	return strings.Join(list, ", "), at
}
