package phototest

import (
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"strconv"
)

// Picture draws what the seed shows: a gradient between two colours, a dozen
// shapes, and the seed as a number in the lower left.
func Picture(seed uint64, width, height int) *image.RGBA {
	rnd := rand.New(rand.NewPCG(seed, 0x0f0e))
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	gradient(img, colour(rnd), colour(rnd))
	for range 12 {
		// In shares of the picture, so that a thumbnail shows the same.
		x, y := int(rnd.Float64()*float64(width)), int(rnd.Float64()*float64(height))
		r := int((0.03 + 0.15*rnd.Float64()) * float64(min(width, height)))
		fill := image.NewUniform(colour(rnd))
		box := image.Rect(x-r, y-r, x+r, y+r)
		if rnd.IntN(2) == 0 {
			draw.Draw(img, box, fill, image.Point{}, draw.Over)
		} else {
			draw.DrawMask(img, box, fill, image.Point{}, &disc{r}, image.Point{}, draw.Over)
		}
	}
	number(img, strconv.FormatUint(seed, 10))
	return img
}

func colour(rnd *rand.Rand) color.RGBA {
	return color.RGBA{uint8(rnd.IntN(256)), uint8(rnd.IntN(256)), uint8(rnd.IntN(256)), 255}
}

// gradient runs from one corner to the opposite one.
func gradient(img *image.RGBA, from, to color.RGBA) {
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	span := max(1, w+h-2)
	mix := make([]byte, 4*(w+h))
	for d := range w + h {
		t := min(d, span)
		for i, c := range [][2]uint8{{from.R, to.R}, {from.G, to.G}, {from.B, to.B}, {255, 255}} {
			mix[4*d+i] = uint8((int(c[0])*(span-t) + int(c[1])*t) / span)
		}
	}
	for y := range h {
		copy(img.Pix[y*img.Stride:][:4*w], mix[4*y:])
	}
}

// disc is a mask: a filled circle in the square from (0,0) to (2r,2r).
type disc struct{ r int }

func (d *disc) ColorModel() color.Model { return color.AlphaModel }
func (d *disc) Bounds() image.Rectangle { return image.Rect(0, 0, 2*d.r, 2*d.r) }
func (d *disc) At(x, y int) color.Color {
	if dx, dy := x-d.r, y-d.r; dx*dx+dy*dy <= d.r*d.r {
		return color.Opaque
	}
	return color.Transparent
}

// segments are the lit bars of each digit as on a pocket calculator: top,
// upper left, upper right, middle, lower left, lower right, bottom.
var segments = [10][7]bool{
	{true, true, true, false, true, true, true},
	{false, false, true, false, false, true, false},
	{true, false, true, true, true, false, true},
	{true, false, true, true, false, true, true},
	{false, true, true, true, false, true, false},
	{true, true, false, true, false, true, true},
	{true, true, false, true, true, true, true},
	{true, false, true, false, false, true, false},
	{true, true, true, true, true, true, true},
	{true, true, true, true, false, true, true},
}

// number writes digits in white on a dark plate, a quarter of the picture high
// if there is room.
func number(img *image.RGBA, digits string) {
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	unit := min(h/32, w/(6*len(digits)+2)) // the width of a bar
	if unit == 0 {
		return
	}
	at := image.Pt(unit, h-11*unit)
	plate := image.Rect(at.X-unit, at.Y-unit, at.X+6*unit*len(digits)+unit, at.Y+11*unit)
	draw.Draw(img, plate, image.NewUniform(color.RGBA{20, 20, 30, 255}), image.Point{}, draw.Src)
	for _, digit := range digits {
		bars := [7]image.Rectangle{
			image.Rect(0, 0, 5, 1), image.Rect(0, 0, 1, 5), image.Rect(4, 0, 5, 5), image.Rect(0, 4, 5, 5),
			image.Rect(0, 4, 1, 9), image.Rect(4, 4, 5, 9), image.Rect(0, 8, 5, 9),
		}
		for i, lit := range segments[digit-'0'] {
			if lit {
				b := bars[i]
				bar := image.Rect(b.Min.X*unit, b.Min.Y*unit, b.Max.X*unit, b.Max.Y*unit).Add(at)
				draw.Draw(img, bar, image.White, image.Point{}, draw.Src)
			}
		}
		at.X += 6 * unit
	}
}
