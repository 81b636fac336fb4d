package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/photoferry/photoferry/app/control"
)

type addCmd struct {
	Paths       []string `arg:"" name:"path" help:"Files and folders."`
	Account     []string `help:"Account to send to; repeat it for more. All when left out." placeholder:"NAME" sep:"none"`
	Album       string   `help:"Album, or a template for it." placeholder:"TEMPLATE"`
	NoSyncCheck bool     `help:"Send without asking the server, and again what was delivered before."`
}

// Run puts files into the queue. What is no photo, or is known, is said per
// file; only what does not exist is an error.
func (c *addCmd) Run(s *session) error {
	req := control.AddRequest{Accounts: c.Account, Album: c.Album, NoSyncCheck: c.NoSyncCheck}
	for _, p := range c.Paths {
		abs, err := absolute(p)
		if err != nil {
			return err
		}
		req.Paths = append(req.Paths, abs)
	}
	return s.with(func(cl *control.Client) error {
		st, err := cl.Status(s.ctx)
		if err != nil {
			return err
		}
		list, t, p := s.newList("results"), newTable(s.out), s.newProgress()
		n := 0
		sum, err := cl.Add(s.ctx, req, func(r control.AddResult) {
			n++
			p.show("%s looked at", count(n, "file"))
			switch {
			case s.json:
				list.item(r)
			case r.Result != "queued":
				t.row(filepath.Base(r.Path), strings.TrimPrefix(r.Account+": "+r.Result, ": "), r.Reason)
			}
		})
		p.done()
		if s.json {
			if err != nil {
				return list.fail(s, err)
			}
			if err := list.end(sum); err != nil {
				return err
			}
		} else {
			t.end()
			if err != nil {
				return err
			}
			fmt.Fprintln(s.out, summary(sum, st.Running))
		}
		if sum.Missing > 0 {
			s.tell(&control.Problem{Message: count(sum.Missing, "file") + " cannot be read", Hint: "Check the names and the rights."})
			return outcome(exitError)
		}
		return nil
	})
}

// summary says what became of all files in one line.
func summary(sum control.AddSummary, running bool) string {
	parts := []string{count(sum.Files, "file")}
	for _, p := range []struct {
		n    int
		what string
	}{{sum.Queued, "queued"}, {sum.Known, "known already"}, {sum.Skipped, "skipped"}, {sum.Missing, "not readable"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	line := strings.Join(parts, ", ") + "."
	if sum.Queued > 0 && !running {
		line += " Nothing is sent until PhotoFerry runs."
	}
	return line
}
