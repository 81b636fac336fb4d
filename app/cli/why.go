package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/photoferry/photoferry/app/control"
)

type whyCmd struct {
	Path string `arg:"" help:"A path or a file name."`
}

type stories struct {
	Stories []control.Story `json:"stories"`
}

// Run tells the story of a file.
func (c *whyCmd) Run(s *session) error {
	name := c.Path
	if name == "" {
		return usage("The path is empty", "Give a path or a file name.")
	}
	if strings.ContainsRune(name, filepath.Separator) || exists(name) {
		var err error
		if name, err = absolute(name); err != nil {
			return err
		}
	}
	return s.with(func(cl *control.Client) error {
		found, err := cl.Why(s.ctx, name)
		if err != nil {
			return err
		}
		return s.show(stories{found}, func(w io.Writer) {
			for i, st := range found {
				if i > 0 {
					fmt.Fprintln(w)
				}
				showStory(w, st)
			}
		})
	})
}

func showStory(w io.Writer, st control.Story) {
	fmt.Fprintln(w, printable(st.Path))
	fmt.Fprintln(w, "  "+printable(st.Verdict))
	t := newTable(w)
	for _, a := range st.Accounts {
		t.row("  "+a.Account, a.State, a.Text)
		if a.Hint != "" {
			t.row("", "", a.Hint)
		}
		if a.Record != nil && a.Record.URL != "" {
			t.row("", "", a.Record.URL)
		}
	}
	t.end()
	if len(st.Events) == 0 {
		return
	}
	fmt.Fprintln(w)
	t = newTable(w)
	for _, e := range st.Events {
		t.row("  "+e.At.Local().Format("2006-01-02 15:04:05"), e.Account, e.What, e.Text)
	}
	t.end()
}
