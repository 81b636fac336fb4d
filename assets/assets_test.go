package assets

import (
	"bytes"
	"encoding/xml"
	"image/png"
	"io"
	"slices"
	"testing"
)

func TestEveryIconIsWellFormedAndTakesItsColourFromTheTheme(t *testing.T) {
	names := Icons()
	if len(names) == 0 {
		t.Fatal("no icons are embedded")
	}
	for _, name := range names {
		b := Icon(name)
		if !bytes.Contains(b, []byte("currentColor")) || bytes.Contains(b, []byte(`"#`)) {
			t.Errorf("%s does not take its colour from the theme", name)
		}
		d := xml.NewDecoder(bytes.NewReader(b))
		for {
			_, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Errorf("%s: %v", name, err)
				break
			}
		}
	}
	if Icon("no such icon") != nil {
		t.Error("an unknown name has a drawing")
	}
}

func TestEveryTrayStateHasItsOwnPicture(t *testing.T) {
	states := []string{"attention", "checking", "gone", "idle", "offline", "paused", "sending", "settling", "stopped", "waiting"}
	if got := TrayStates(); !slices.Equal(got, states) {
		t.Fatalf("states with a picture: %v, want %v", got, states)
	}
	for _, s := range states {
		c, err := png.DecodeConfig(bytes.NewReader(Tray(s)))
		if err != nil || c.Width != 64 || c.Height != 64 {
			t.Errorf("%s: %dx%d, %v", s, c.Width, c.Height, err)
		}
		for _, other := range states {
			if s != other && bytes.Equal(Tray(s), Tray(other)) {
				t.Errorf("%s looks like %s", s, other)
			}
		}
	}
	if !bytes.Equal(Tray("from a newer engine"), Tray("gone")) {
		t.Error("an unknown state is not shown as gone")
	}
}
