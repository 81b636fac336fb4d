package ui

import (
	"context"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/ui/say"
)

const (
	albumsShown = 200 // the rest is found by typing
	albumsFind  = 12  // from here on, there is a line to type into
)

// showAlbums lists the albums of an account.
func (w *Window) showAlbums(name string) {
	w.notice.say(tr("Asking {{.Account}} for its albums …", fields{"Account": name}))
	var albums []string
	w.call(func(ctx context.Context) (err error) {
		albums, err = w.client.Albums(ctx, name)
		return err
	}, func(err error) {
		w.notice.hide()
		if err != nil {
			w.fail(err)
			return
		}
		w.newAlbumSheet(name, albums).show()
	})
}

func (w *Window) newAlbumSheet(name string, albums []string) *sheet {
	names := make([]string, len(albums))
	for i, a := range albums {
		names[i] = clean(a)
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	list := wrapped(albumLines(names, ""), widget.MediumImportance)
	list.Wrapping, list.Selectable = fyne.TextWrapBreak, true
	body := form(list)
	if len(names) > albumsFind {
		find := newEntry(tr("Find an album"))
		find.OnChanged = func(text string) { list.SetText(albumLines(names, text)) }
		body = form(find, list)
	}
	title := trn("{{.N}} albums at {{.Account}}", len(names), fields{"Account": shorten(clean(name), 40)})
	s := w.newSheet(title, container.NewStack(body))
	s.buttons(s.closer(tr("Close")))
	return s
}

// albumLines are the names that hold a text, one on each line.
func albumLines(names []string, text string) string {
	text = strings.ToLower(strings.TrimSpace(text))
	var lines []string
	more := 0
	for _, n := range names {
		switch {
		case !strings.Contains(strings.ToLower(n), text):
		case len(lines) == albumsShown:
			more++
		default:
			lines = append(lines, n)
		}
	}
	switch {
	case more > 0:
		lines = append(lines, tr("and {{.N}} more: type a part of the name to find them", fields{"N": say.Number(more)}))
	case len(names) == 0:
		return tr("There is no album yet. One that a folder or a drop names is made when the first photo is sent.")
	case len(lines) == 0:
		return tr("No album has this in its name.")
	}
	return strings.Join(lines, "\n")
}
