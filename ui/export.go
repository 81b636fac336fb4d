package ui

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
)

// exportPart is how many receipts are asked for at a time.
const exportPart = 1000

// exportSheet saves receipts as a file.
type exportSheet struct {
	win     *Window
	sheet   *sheet
	query   control.RecordQuery
	dir     *entry
	name    *entry
	form    *choice
	problem *widget.Label
	run     *button
	stop    context.CancelFunc // of the export that runs; nil when none does
}

// askExport offers to save the receipts that a query chooses.
func (w *Window) askExport(q control.RecordQuery) {
	x := &exportSheet{win: w, query: q, problem: wrapped("", widget.DangerImportance)}
	x.problem.Hide()
	x.dir = newEntry("")
	x.dir.SetText(w.home)
	pick := newButton(tr("Choose"), "folder", func() { w.pickFolder(x.dir.SetText) })
	x.name = newEntry("")
	x.name.SetText("photoferry-" + w.now().Format("2006-01-02") + ".csv")
	x.form = newChoice([]string{tr("Table (CSV)"), "JSON"}, 0, func(string) { x.rename() })
	x.sheet = w.newSheet(tr("Export the history"), form(
		wrapped(tr("What the list shows now is written to a file, with receipts and addresses. Photos are not copied."), widget.MediumImportance),
		field(tr("Kind of file"), x.form),
		field(tr("Folder"), container.NewBorder(nil, nil, nil, pick, x.dir)),
		field(tr("Name of the file"), x.name),
		x.problem,
	))
	x.sheet.onClose = x.cancel
	x.run = newPrimary(tr("Export"), "export", x.start)
	x.sheet.buttons(x.sheet.closer(tr("Cancel")), x.run)
	x.sheet.show()
}

// rename gives the file the ending of its kind.
func (x *exportSheet) rename() {
	name := x.name.Text
	if ext := filepath.Ext(name); ext == ".csv" || ext == ".json" {
		name = strings.TrimSuffix(name, ext)
	}
	x.name.SetText(name + "." + x.kind())
}

func (x *exportSheet) kind() string {
	if x.form.SelectedIndex() == 1 {
		return "json"
	}
	return "csv"
}

func (x *exportSheet) cancel() {
	if x.stop != nil {
		x.stop()
		x.stop = nil
	}
}

func (x *exportSheet) complain(text string) {
	setLabel(x.problem, clean(text), widget.DangerImportance)
	x.problem.Show()
	x.sheet.refit()
}

// start begins the export. Closing the sheet ends it, and leaves no file.
func (x *exportSheet) start() {
	w := x.win
	name := strings.TrimSpace(x.name.Text)
	if name == "" || name != filepath.Base(name) {
		x.complain(tr("Give the file a name, without a folder."))
		return
	}
	file := filepath.Join(x.dir.Text, name)
	if !filepath.IsAbs(file) {
		x.complain(tr("Choose a folder first."))
		return
	}
	x.problem.Hide()
	x.run.enable(false)
	x.run.SetText(tr("Exporting …"))
	ctx, stop := context.WithCancel(w.ctx)
	x.stop = stop
	kind, query, client := x.kind(), x.query, w.client
	var n int
	w.call(func(context.Context) (err error) {
		n, err = exportRecords(ctx, client, query, file, kind, func(n int) {
			w.mail.post(func() {
				if x.stop != nil {
					x.run.SetText(trn("{{.N}} receipts …", n))
				}
			})
		})
		return err
	}, func(err error) {
		stop()
		x.stop = nil
		switch {
		case errors.Is(err, context.Canceled):
		case err != nil:
			x.run.enable(true)
			x.run.SetText(tr("Export"))
			text, hint := explain(err)
			x.complain(strings.TrimSpace(text + " " + hint))
		default:
			x.sheet.hide()
			w.notice.say(trn("{{.N}} receipts were written to {{.File}}", n, fields{"File": shortPath(file, w.home)}))
		}
	})
}

// exportRecords writes the receipts that a query chooses to a new file, which
// is there in whole or not at all. It says from time to time how many it has
// written, and returns how many there were.
func exportRecords(ctx context.Context, c *control.Client, q control.RecordQuery, file, kind string, progress func(n int)) (n int, err error) {
	if _, err := os.Lstat(file); err == nil {
		return 0, &control.Problem{Message: tr("There is a file of that name already."), Hint: tr("Choose another name.")}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("looking for the file: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".photoferry-export-*")
	if err != nil {
		return 0, fmt.Errorf("making the file: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // the first error says more
		}
	}()
	buf := bufio.NewWriter(f)
	w := recordWriter(&csvRecords{w: csv.NewWriter(buf)})
	if kind == "json" {
		w = &jsonRecords{w: buf}
	}
	n, err = writeRecords(ctx, c, q, w, progress)
	if e := buf.Flush(); err == nil {
		err = e
	}
	if e := f.Sync(); err == nil {
		err = e
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		return 0, fmt.Errorf("writing the file: %w", err)
	}
	return n, nil
}

// recordWriter writes receipts in a form. end is called after the last one.
type recordWriter interface {
	begin() error
	record(r *control.Record) error
	end() error
}

// writeRecords gets receipts page by page and writes them.
func writeRecords(ctx context.Context, c *control.Client, q control.RecordQuery, w recordWriter, progress func(n int)) (n int, err error) {
	if err := w.begin(); err != nil {
		return 0, err
	}
	q.After, q.Limit = "", exportPart
	for {
		page, err := c.Records(ctx, q)
		if err != nil {
			return n, err
		}
		for i := range page.Records {
			if err := w.record(&page.Records[i]); err != nil {
				return n, err
			}
		}
		n += len(page.Records)
		if q.After = page.Next; q.After == "" {
			return n, w.end()
		}
		progress(n)
	}
}

// csvRecords writes the table that `photoferry history --csv` prints.
type csvRecords struct{ w *csv.Writer }

func (c *csvRecords) begin() error {
	return c.w.Write([]string{"at", "account", "path", "outcome", "verified", "remote_id", "url", "sha256", "md5", "size", "gone"})
}

func (c *csvRecords) record(r *control.Record) error {
	return c.w.Write([]string{
		r.At.UTC().Format(time.RFC3339), r.Account, r.Path, r.Outcome, r.Verified, r.RemoteID, r.URL,
		r.SHA256, r.MD5, strconv.FormatInt(r.Size, 10), strconv.FormatBool(r.Gone),
	})
}

func (c *csvRecords) end() error {
	c.w.Flush()
	return c.w.Error()
}

// jsonRecords writes an array of receipts, as the control API has them, one on
// each line.
type jsonRecords struct {
	w     io.Writer
	comma bool
}

func (j *jsonRecords) begin() error {
	_, err := io.WriteString(j.w, "[")
	return err
}

func (j *jsonRecords) record(r *control.Record) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	sep := "\n"
	if j.comma {
		sep = ",\n"
	}
	j.comma = true
	_, err = io.WriteString(j.w, sep+string(b))
	return err
}

func (j *jsonRecords) end() error {
	_, err := io.WriteString(j.w, "\n]\n")
	return err
}
