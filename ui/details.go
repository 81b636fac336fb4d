package ui

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/ui/say"
)

const (
	detailEdge   = 480      // pixels of a picture's longer side
	detailHeight = 170      // of a picture in the sheet
	detailBytes  = 32 << 20 // that are taken from a server
)

// detailSheet shows the receipt of one photo, and its picture on this computer
// next to the one on the server.
type detailSheet struct {
	win   *Window
	sheet *sheet
	recs  []*control.Record
	rec   *control.Record // shown now
	here  *pictureBox
	there *pictureBox
	facts *fyne.Container
	open  *button
	link  *button
	stop  context.CancelFunc // of the pictures that are on their way
}

// details opens the sheet for a photo's receipts, one for each account.
func (w *Window) details(recs []*control.Record) {
	scene := w.scene()
	recs = slices.Clone(recs)
	slices.SortStableFunc(recs, func(a, b *control.Record) int { return scene.place(a.Account) - scene.place(b.Account) })
	d := &detailSheet{win: w, recs: recs, here: newPictureBox(), there: newPictureBox(), facts: container.New(layout.NewFormLayout())}
	d.link = newButton(tr("Copy link"), "link", func() { w.copyText(d.rec.URL, trn("{{.N}} links were copied", 1)) })
	reveal := newButton(tr("Show in folder"), "folder", func() { w.reveal(d.rec.Path) })
	again := newButton(tr("Send again"), "send-again", func() { w.askResend([]*control.Record{d.rec}) })
	for _, b := range []*button{d.link, reveal, again} {
		b.Importance = widget.LowImportance
	}
	body := form(
		container.NewGridWithColumns(2, field(tr("On this computer"), d.here.box), field(tr("On the server"), d.there.box)),
		d.facts,
		beside(0, d.link, reveal, again),
	)
	if len(recs) > 1 {
		names := make([]string, len(recs))
		for i, r := range recs {
			names[i] = shorten(clean(r.Account), 40)
		}
		var pick *choice
		pick = newChoice(names, 0, func(string) { d.show(max(pick.SelectedIndex(), 0)) })
		body.Objects = append([]fyne.CanvasObject{pick}, body.Objects...)
	}
	d.sheet = w.newSheet(shorten(clean(filepath.Base(recs[0].Path)), 60), body)
	d.open = newPrimary(tr("Open on the server"), "open", func() { w.openURL(d.rec.URL) })
	d.sheet.buttons(d.sheet.closer(tr("Close")), d.open)
	d.sheet.onClose = func() { d.stop() }
	d.show(0)
	d.sheet.show()
}

// show shows one receipt, and gets its pictures.
func (d *detailSheet) show(i int) {
	if d.stop != nil {
		d.stop()
	}
	w, r := d.win, d.recs[i]
	d.rec = r
	setShown(d.link, r.URL != "")
	setShown(d.open, r.URL != "")
	d.fill()
	var ctx context.Context
	ctx, d.stop = context.WithCancel(w.ctx)
	d.here.wait()
	d.there.wait()
	w.fetch(ctx, d.here, tr("There is no picture to be shown"), func(ctx context.Context) (image.Image, error) {
		return localPicture(ctx, r.Path, detailEdge)
	})
	client := w.client
	w.fetch(ctx, d.there, tr("The picture cannot be fetched"), func(ctx context.Context) (image.Image, error) {
		return serverPicture(ctx, client, r)
	})
	d.sheet.refit()
}

// fetch gets a picture away from the widgets, unless ctx ends before.
func (w *Window) fetch(ctx context.Context, box *pictureBox, failed string, get func(ctx context.Context) (image.Image, error)) {
	var img image.Image
	w.call(func(context.Context) (err error) {
		img, err = get(ctx)
		return err
	}, func(err error) {
		if ctx.Err() != nil {
			return // another one is wanted by now
		}
		box.set(img, err, failed)
	})
}

var errBigPicture = errors.New("the picture is too large to be shown")

// serverPicture gets what an account's server shows for a photo, of which no
// more than detailBytes are read, and decodes it within the bounds of local
// photos.
func serverPicture(ctx context.Context, c *control.Client, r *control.Record) (image.Image, error) {
	body, _, err := c.Picture(ctx, control.PictureRequest{
		Account: r.Account, Photo: r.RemoteID, Width: detailEdge, Height: detailEdge, Thumb: true,
	})
	if err != nil {
		return nil, err
	}
	defer body.Close()
	b, err := io.ReadAll(io.LimitReader(body, detailBytes+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading the picture: %w", err)
	case len(b) > detailBytes:
		return nil, errBigPicture
	}
	img, err := photo.Thumbnail(ctx, bytes.NewReader(b), int64(len(b)), detailEdge)
	if err != nil {
		return nil, fmt.Errorf("showing the picture: %w", err)
	}
	return img, nil
}

// fill writes the receipt.
func (d *detailSheet) fill() {
	w, r := d.win, d.rec
	m := w.scene().recordMark(r)
	d.facts.Objects = nil
	d.fact(tr("Account"), r.Account)
	d.fact(tr("Delivered"), m.word+" · "+say.Clock(r.At, w.now()))
	d.fact(tr("Album"), r.Album)
	verified := m.reason
	if verified == "" {
		verified = tr("The server was not asked whether it has the photo.")
	}
	d.fact(tr("Verified"), verified)
	d.fact(tr("Number there"), r.RemoteID)
	d.fact(tr("Address"), r.URL)
	d.fact(tr("File"), shortPath(r.Path, w.home)+" · "+say.Bytes(r.Size))
	if sum := r.SHA256; sum != "" {
		dup := newButton(tr("Copy"), "", func() { w.copyText(sum, tr("The checksum was copied")) })
		dup.Importance = widget.LowImportance
		dup.escape = func() { d.sheet.hide() }
		d.row(tr("Checksum"), container.NewBorder(nil, nil, nil, dup, centred(newText("SHA-256 "+shorten(sum, 17)))))
	}
	d.facts.Refresh()
}

func (d *detailSheet) fact(name, value string) {
	if value = strings.TrimSpace(clean(value)); value == "" {
		return
	}
	l := wrapped(value, widget.MediumImportance)
	l.Wrapping, l.Selectable = fyne.TextWrapBreak, true
	if strings.Contains(value, " ") && !strings.Contains(value, "/") {
		l.Wrapping = fyne.TextWrapWord
	}
	d.row(name, tight(l))
}

func (d *detailSheet) row(name string, o fyne.CanvasObject) {
	caption := newCaption(name)
	caption.fit = true
	d.facts.Objects = append(d.facts.Objects, container.NewVBox(padded(caption, 2, 0)), o)
}

// tight takes away the margin that a label has above and below.
func tight(o fyne.CanvasObject) fyne.CanvasObject { return padded(o, -6, 0) }

// pictureBox is a place for a picture that is on its way.
type pictureBox struct {
	box  *fyne.Container
	img  *canvas.Image
	text *widget.Label
}

func newPictureBox() *pictureBox {
	b := &pictureBox{img: &canvas.Image{ScaleMode: canvas.ImageScaleSmooth, FillMode: canvas.ImageFillContain}}
	b.img.SetMinSize(fyne.NewSize(80, detailHeight))
	b.text = wrapped("", widget.LowImportance)
	b.text.Alignment = fyne.TextAlignCenter
	back := newPanel(colorTrack)
	back.radius = 6
	b.box = container.NewStack(back, b.img, centred(b.text))
	return b
}

func (b *pictureBox) wait() {
	b.img.Image = nil
	b.img.Refresh()
	setLabel(b.text, tr("Getting the picture …"), widget.LowImportance)
	setShown(b.text, true)
}

func (b *pictureBox) set(img image.Image, err error, failed string) {
	setShown(b.text, err != nil)
	if err != nil {
		text, _ := explain(err)
		if errors.Is(err, photo.ErrNoThumbnail) {
			text = tr("It has a form that cannot be shown here.")
		}
		setLabel(b.text, shorten(clean(tr("{{.What}}: {{.Why}}", fields{"What": failed, "Why": text})), 200), widget.LowImportance)
		return
	}
	b.img.Image = img
	b.img.Refresh()
}
