package ui

import (
	"context"

	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

// forecastView asks the engine what adding files would do, and says it for each
// account while it is being counted. A new question takes the place of the one
// before.
type forecastView struct {
	win   *Window
	box   *widget.Label
	stop  context.CancelFunc // of the question that is open; nil when none is
	last  control.Forecast
	ready bool   // last is whole
	told  func() // called when the text may have another height; may be nil
}

func newForecastView(w *Window, told func()) *forecastView {
	f := &forecastView{win: w, box: wrapped("", widget.LowImportance), told: told}
	return f
}

// ask forecasts r.
func (f *forecastView) ask(r control.AddRequest) {
	f.close()
	f.ready = false
	f.show(tr("Looking at the files …"), widget.LowImportance)
	ctx, stop := context.WithCancel(f.win.ctx)
	f.stop = stop
	var out control.Forecast
	f.win.call(func(context.Context) (err error) {
		out, err = f.win.client.Forecast(ctx, r, func(p control.Forecast) {
			f.win.mail.post(func() {
				if ctx.Err() == nil {
					f.partial(p)
				}
			})
		})
		return err
	}, func(err error) {
		if ctx.Err() != nil {
			return // another question is open, or none is wanted any more
		}
		f.close()
		if err != nil {
			text, hint := explain(err)
			f.show(text+" "+hint, widget.WarningImportance)
			return
		}
		f.last, f.ready = out, true
		f.show(forecastWords(&out), widget.MediumImportance)
	})
}

// close gives up the open question.
func (f *forecastView) close() {
	if f.stop != nil {
		f.stop()
		f.stop = nil
	}
}

func (f *forecastView) partial(p control.Forecast) {
	if !f.ready {
		f.show(tr("{{.Photos}} so far …", fields{"Photos": say.Photos(p.Photos)}), widget.LowImportance)
	}
}

func (f *forecastView) show(text string, i widget.Importance) {
	setLabel(f.box, text, i)
	if f.told != nil {
		f.told()
	}
}

// forecastWords says a forecast: one line for each account, and one for what is
// left out.
func forecastWords(f *control.Forecast) string {
	if f.Photos == 0 {
		return tr("No photo was found there.")
	}
	text := ""
	line := func(s string) {
		if text != "" {
			text += "\n"
		}
		text += s
	}
	for i := range f.Accounts {
		line(accountForecast(&f.Accounts[i], f.Photos))
	}
	if f.NoPhotos > 0 {
		line(tr("Left out, no photos: {{.N}}", fields{"N": say.Number(f.NoPhotos)}))
	}
	if f.Unreadable > 0 {
		line(tr("Left out, not readable: {{.N}}", fields{"N": say.Number(f.Unreadable)}))
	}
	return text
}

func accountForecast(a *control.AccountForecast, photos int) string {
	data := fields{
		"Account": clean(a.Account), "New": say.Number(a.New), "Size": say.Bytes(a.Bytes),
		"Known": say.Number(a.Known + a.Queued), "NotTaken": say.Number(a.NotTaken),
	}
	var text string
	switch {
	case a.NotTaken == photos:
		text = tr("{{.Account}}: takes none of them", data)
	case a.New == 0 && a.NotTaken == 0:
		text = tr("{{.Account}}: has them all already", data)
	case a.NotTaken > 0:
		text = tr("{{.Account}}: {{.New}} to send ({{.Size}}), {{.Known}} already there or queued, {{.NotTaken}} not taken", data)
	case a.Known+a.Queued > 0:
		text = tr("{{.Account}}: {{.New}} to send ({{.Size}}), {{.Known}} already there or queued", data)
	default:
		text = tr("{{.Account}}: {{.New}} to send ({{.Size}})", data)
	}
	if a.Unasked && a.New > 0 {
		text += ". " + tr("The server was not asked yet; it is before each photo is sent.")
	}
	return text
}
