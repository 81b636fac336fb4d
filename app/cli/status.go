package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

type statusCmd struct{}

// Run prints a snapshot. Without an engine it is one of the files.
func (statusCmd) Run(s *session) error {
	return s.with(func(c *control.Client) error {
		st, err := c.Status(s.ctx)
		if err != nil {
			return err
		}
		return s.show(st, func(w io.Writer) { showStatus(w, st) })
	})
}

func showStatus(w io.Writer, st control.Status) {
	line := st.Text
	if t := st.Transfer; t.Speed > 0 && len(st.Active) > 0 {
		line += " · " + size(int64(t.Speed)) + "/s"
		if t.Left > 0 {
			line += " · about " + left(t.Left)
		}
	}
	fmt.Fprintln(w, printable(line))
	if st.Hint != "" {
		fmt.Fprintln(w, "  "+printable(st.Hint))
	}
	if st.Notice != "" {
		fmt.Fprintln(w, "\n"+printable(st.Notice))
	}
	if len(st.Accounts) > 0 {
		fmt.Fprintln(w)
		t := newTable(w, "ACCOUNT", "STATE", "WAITING", "FAILED", "SKIPPED", "DELIVERED", "")
		for _, a := range st.Accounts {
			t.row(a.Name, string(a.State), strconv.Itoa(a.Ready+a.Leased+a.Waiting), strconv.Itoa(a.Failed),
				strconv.Itoa(a.Skipped), strconv.Itoa(a.Delivered), a.Reason)
		}
		t.end()
	}
	if len(st.Folders) > 0 {
		fmt.Fprintln(w)
		showFolders(w, st.Folders)
	}
	if len(st.Active) > 0 {
		fmt.Fprintln(w)
		t := newTable(w, "SENDING", "TO", "SENT", "OF")
		for _, j := range st.Active {
			t.row(filepath.Base(j.Path), j.Account, size(j.Sent), size(j.Size))
		}
		t.end()
	}
}

// left writes a number of seconds as people do.
func left(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second))
	switch {
	case d < time.Minute:
		return count(max(int(d.Seconds()), 1), "second")
	case d < time.Hour:
		return count(int(d.Minutes()+0.5), "minute")
	default:
		return fmt.Sprintf("%.1f hours", d.Hours())
	}
}
