package ui

import (
	"image"
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// The outline of a drop zone, in units of the canvas.
const (
	frameRadius = 10
	frameStroke = 1.5
	frameDash   = 6
	frameGap    = 5
)

// frame is the dashed outline of a drop zone. The toolkit's own rectangles
// cannot be dashed, and a drawing of that size takes too long to rasterise.
type frame struct {
	widget.BaseWidget
	tint fyne.ThemeColorName
}

func newFrame() *frame { return newFrameIn(colorMuted) }

func newFrameIn(tint fyne.ThemeColorName) *frame {
	f := &frame{tint: tint}
	f.ExtendBaseWidget(f)
	return f
}

// CreateRenderer implements [fyne.Widget].
func (f *frame) CreateRenderer() fyne.WidgetRenderer {
	return &frameRenderer{canvas.NewRaster(func(w, h int) image.Image {
		scale := 1.0
		if u := f.Size().Width; u > 0 {
			scale = float64(w) / float64(u)
		}
		c, _ := color.NRGBAModel.Convert(variantColor(f.tint)).(color.NRGBA)
		return outline(w, h, scale, c)
	})}
}

type frameRenderer struct{ raster *canvas.Raster }

func (r *frameRenderer) MinSize() fyne.Size           { return fyne.NewSize(40, 40) }
func (r *frameRenderer) Layout(s fyne.Size)           { r.raster.Resize(s) }
func (r *frameRenderer) Refresh()                     { r.raster.Refresh() }
func (r *frameRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.raster} }
func (r *frameRenderer) Destroy()                     {}

// outline draws a dashed rectangle with round corners, w by h pixels. Only
// pixels near the edge are looked at.
func outline(w, h int, scale float64, c color.NRGBA) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	radius, half := frameRadius*scale, frameStroke*scale/2
	cx, cy := float64(w)/2, float64(h)/2
	hw, hh := cx-half-0.5, cy-half-0.5 // of the line's middle
	edge := int(radius + 2*half + 2)
	for y := range h {
		for x := 0; x < w; x++ {
			if y >= edge && y < h-edge && x == edge && w-edge > x {
				x = w - edge // nothing in between
			}
			dx, dy := float64(x)+0.5-cx, float64(y)+0.5-cy
			qx, qy := math.Abs(dx)-(hw-radius), math.Abs(dy)-(hh-radius)
			dist := math.Hypot(max(qx, 0), max(qy, 0)) + min(max(qx, qy), 0) - radius
			alpha := min(max(half+0.5-math.Abs(dist), 0), 1)
			if alpha == 0 || qx <= 0 && qy > 0 && gap(dx, scale) || qy <= 0 && qx > 0 && gap(dy, scale) {
				continue
			}
			p := c
			p.A = uint8(alpha * 0.7 * 255)
			img.SetNRGBA(x, y, p)
		}
	}
	return img
}

// gap says whether there is no dash at this distance from the middle of a side.
func gap(d, scale float64) bool {
	return math.Mod(math.Abs(d)/scale+frameDash/2, frameDash+frameGap) >= frameDash
}
