package ui

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/photoferry/photoferry/ui/say"
)

// written is what of a line is on the screen.
func written(l *line) string { return test.WidgetRenderer(l).(*lineRenderer).text.Text }

func TestNamesOfPagesAreNotCutOff(t *testing.T) {
	spoken := say.Language()
	t.Cleanup(func() { speak(spoken) })
	for _, language := range say.Languages {
		t.Run(language, func(t *testing.T) {
			e := &fakeEngine{status: oneAccount()}
			e.status.Language = language
			e.status.Counts.Failed = 12_345
			w := newTestWindow(t, e, Options{})
			w.win.Resize(fyne.NewSize(navNarrowAt, 640))
			for i, b := range append(slices.Clone(w.nav.buttons), w.nav.quit) {
				w.show(i)
				if got := written(b.label); got != b.item.label {
					t.Errorf("the left bar says %q, not %q", got, b.item.label)
				}
			}
			w.win.Resize(fyne.NewSize(640, 480))
			for i, b := range w.nav.buttons {
				w.show(i)
				settle(w)
				if !slices.Contains(texts(w), b.item.label) {
					t.Errorf("the heading %q is cut off: %q", b.item.label, texts(w))
				}
			}
		})
	}
}
