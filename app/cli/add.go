package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/photoferry/photoferry/app/control"
)

type addCmd struct {
	Paths       []string `arg:"" name:"path" help:"Files and folders."`
	Account     []string `help:"Account to send to; repeat it for more. All when left out." placeholder:"NAME" sep:"none"`
	Album       string   `help:"Album, or a template for it." placeholder:"TEMPLATE"`
	Title       string   `help:"Title, or a template for it." placeholder:"TEMPLATE"`
	Description string   `help:"Description." placeholder:"TEXT"`
	Tag         []string `help:"Tag, or a template for it; repeat it for more." placeholder:"TEMPLATE" sep:"none"`
	NoSyncCheck bool     `help:"Send without asking the server, and again what was delivered before."`
	Forecast    bool     `help:"Only say what would be sent and what is known."`
}

// Run puts files into the queue. What is no photo, or is known, is said per
// file; only what does not exist is an error.
func (c *addCmd) Run(s *session) error {
	req := control.AddRequest{
		Accounts: c.Account, Album: c.Album, Title: c.Title, Description: c.Description, Tags: c.Tag, NoSyncCheck: c.NoSyncCheck,
	}
	for _, p := range c.Paths {
		abs, err := absolute(p)
		if err != nil {
			return err
		}
		req.Paths = append(req.Paths, abs)
	}
	if c.Forecast {
		return s.forecast(req)
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

// forecast says what adding would do, for each account.
func (s *session) forecast(req control.AddRequest) error {
	return s.with(func(cl *control.Client) error {
		p := s.newProgress()
		f, err := cl.Forecast(s.ctx, req, func(f control.Forecast) { p.show("%s looked at", count(f.Photos, "photo")) })
		p.done()
		if err != nil {
			return err
		}
		return s.show(f, func(w io.Writer) {
			fmt.Fprintf(w, "%s, %s", count(f.Photos, "photo"), size(f.Bytes))
			for _, n := range []struct {
				n    int
				what string
			}{{f.NoPhotos, "no photo"}, {f.Unreadable, "not readable"}} {
				if n.n > 0 {
					fmt.Fprintf(w, "; %s %s", count(n.n, "file"), n.what)
				}
			}
			fmt.Fprintln(w)
			t := newTable(w, "ACCOUNT", "NEW", "KNOWN", "QUEUED", "NOT TAKEN", "")
			for _, a := range f.Accounts {
				note := ""
				if a.Unasked {
					note = "the server was not asked: " + a.Reason
				}
				t.row(a.Account, fmt.Sprint(a.New), fmt.Sprint(a.Known), fmt.Sprint(a.Queued), fmt.Sprint(a.NotTaken), note)
			}
			t.end()
		})
	})
}
