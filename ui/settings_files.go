package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
)

const (
	exportName  = "photoferry-settings.toml"
	maxSettings = 1 << 20 // bytes of a file that is read as settings
)

// filesCard says where things lie.
type filesCard struct {
	win  *Window
	rows *fyne.Container
	now  control.Files
}

func (p *settingsPage) filesSection() fyne.CanvasObject {
	p.files = &filesCard{win: p.win, rows: column(6)}
	return section(tr("Where things are kept"), p.files.rows)
}

func (f *filesCard) show(files *control.Files) {
	if *files == f.now {
		return
	}
	f.now = *files
	f.rows.RemoveAll()
	for _, it := range []struct{ label, path string }{
		{tr("Settings"), files.Settings}, {tr("What is sent and what was"), files.Queue},
		{tr("Passwords"), files.Secrets}, {tr("Log"), files.Log},
	} {
		if it.path != "" {
			f.rows.Add(f.row(it.label, it.path))
		}
	}
}

// row is one place. What is no path, such as the keyring, is only named.
func (f *filesCard) row(label, path string) fyne.CanvasObject {
	place := newLine(shortPath(path, f.win.home), colorMuted, theme.SizeNameCaptionText)
	words := margin(column(2, newText(label), place), 2, settingInset)
	if !filepath.IsAbs(path) {
		return words
	}
	return container.NewBorder(nil, nil, nil, centred(beside(4,
		newButton(tr("Show"), "folder", func() { f.win.showFolder(filepath.Dir(path)) }),
		newButton(tr("Copy"), "copy", func() { f.win.copyText(path, tr("The path was copied")) }),
	)), words)
}

// showFolder opens a folder of this computer in the desktop's file manager.
func (w *Window) showFolder(path string) {
	u := &url.URL{Scheme: "file", Path: filepath.ToSlash(path)}
	if err := w.browse(u); err != nil {
		w.fail(fmt.Errorf("the folder cannot be shown: %w", err))
	}
}

// moving are the ways to take the settings elsewhere, and the rest.
func (p *settingsPage) moving() fyne.CanvasObject {
	words := settingWords{
		title: tr("Settings in a file"),
		help:  tr("For another computer, or to keep. Passwords are never in it."),
	}
	guide := settingWords{title: tr("First-run guide"), help: tr("Adds an account and a folder, step by step.")}
	return section(tr("More"),
		container.New(settingLayout{inputWidth}, words.words(), column(4,
			newButton(tr("Export settings …"), "export", p.export),
			newButton(tr("Import settings …"), "import", p.chooseImport))),
		container.New(settingLayout{inputWidth}, guide.words(), newButton(tr("Run the guide again"), "guide", p.win.startWizard)),
		p.about)
}

// export asks for a place and writes the settings there.
func (p *settingsPage) export() {
	w := p.win
	if len(w.sheets) > 0 {
		return
	}
	var t control.SettingsText
	w.call(func(ctx context.Context) (err error) {
		t, err = w.client.ExportSettings(ctx)
		return err
	}, func(err error) {
		if err != nil {
			w.fail(err)
			return
		}
		d := dialog.NewFileSave(func(f fyne.URIWriteCloser, err error) {
			switch {
			case err != nil:
				w.fail(fmt.Errorf("the file cannot be made: %w", err))
			case f != nil:
				w.writeSettings(f, t.Text)
			}
		}, w.win)
		d.SetFileName(exportName)
		w.showChooser(d)
	})
}

// writeSettings writes an export into a file that was chosen for it.
func (w *Window) writeSettings(f io.WriteCloser, text string) {
	w.do(tr("The settings were exported"), func(context.Context) error {
		_, err := io.WriteString(f, text)
		if err = errors.Join(err, f.Close()); err != nil {
			return fmt.Errorf("the settings were not written: %w", err)
		}
		return nil
	})
}

// chooseImport asks for a file of settings.
func (p *settingsPage) chooseImport() {
	w := p.win
	if len(w.sheets) > 0 {
		return
	}
	d := dialog.NewFileOpen(func(r fyne.URIReadCloser, err error) {
		if err != nil {
			w.fail(fmt.Errorf("opening the file: %w", err))
			return
		}
		if r == nil {
			return
		}
		path := r.URI().Path()
		_ = r.Close() // only its name was wanted
		p.importFile(path)
	}, w.win)
	d.SetFilter(storage.NewExtensionFileFilter([]string{".toml"}))
	w.showChooser(d)
}

// importFile takes the settings of a file over, and says what came of it.
func (p *settingsPage) importFile(path string) {
	w := p.win
	var got control.Imported
	w.call(func(ctx context.Context) error {
		text, err := readSettings(path)
		if err != nil {
			return err
		}
		got, err = w.client.ImportSettings(ctx, control.SettingsText{Text: text})
		return err
	}, func(err error) {
		if err != nil {
			w.fail(err)
			return
		}
		p.front()
		w.showImported(&got)
	})
}

func readSettings(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("the file cannot be read: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxSettings+1))
	if err != nil {
		return "", fmt.Errorf("the file cannot be read: %w", err)
	}
	if len(b) > maxSettings {
		return "", &control.Problem{Message: tr("This file is too long to be settings."), Hint: tr("Choose a file that PhotoFerry exported.")}
	}
	return string(b), nil
}

// showImported says what an import has brought. Passwords do not travel: new
// accounts need a sign-in.
func (w *Window) showImported(got *control.Imported) {
	body := column(2)
	list := func(title string, names []string) {
		if len(names) == 0 {
			return
		}
		body.Add(margin(newCaption(title), 6, settingInset))
		for _, n := range names[:min(len(names), reasonsShown)] {
			body.Add(margin(newText(shortPath(n, w.home)), 1, settingInset))
		}
		if more := len(names) - reasonsShown; more > 0 {
			body.Add(margin(newCaption(tr("and {{.N}} more", fields{"N": more})), 1, settingInset))
		}
	}
	body.Add(wrapped(tr("The general settings were taken over."), widget.MediumImportance))
	list(tr("New accounts; each needs a sign-in"), got.Accounts)
	list(tr("New folders"), got.Folders)
	list(tr("There already, and left as they are"), got.Kept)
	s := w.newSheet(tr("Settings were imported"), body)
	if len(got.Accounts) == 0 {
		s.buttons(s.closer(tr("Close")))
	} else {
		s.buttons(s.closer(tr("Later")), newPrimary(tr("Go to the accounts"), "account", func() { s.hide(); w.show(pageAccounts) }))
	}
	s.show()
}
