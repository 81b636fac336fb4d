package cli

import (
	"fmt"
	"io"

	"github.com/photoferry/photoferry/app"
	"github.com/photoferry/photoferry/app/control"
)

type doctorCmd struct {
	Bundle string `help:"Write a zip file for a bug report, without secrets and names." placeholder:"FILE"`
}

type diagnosis struct {
	OK       bool              `json:"ok"`
	Findings []control.Finding `json:"findings"`
	Bundle   string            `json:"bundle,omitempty"`
}

// Run looks at everything that has to be right. Without a bundle to write, a
// finding that is not right ends it with 1.
func (c *doctorCmd) Run(s *session) error {
	d, status := s.diagnose()
	if c.Bundle != "" {
		places, err := app.FindPlaces(s.home)
		if err != nil {
			return err
		}
		if err := s.writeBundle(c.Bundle, places, d, status); err != nil {
			return err
		}
		d.Bundle = c.Bundle
	}
	if err := s.show(d, func(w io.Writer) { showDiagnosis(w, d) }); err != nil {
		return err
	}
	if !d.OK && c.Bundle == "" {
		return outcome(exitError)
	}
	return nil
}

// diagnose asks the engine, or the files. That they cannot be opened is a
// finding too: a doctor that fails helps nobody.
func (s *session) diagnose() (diagnosis, *control.Status) {
	var d diagnosis
	var status *control.Status
	err := s.with(func(cl *control.Client) error {
		st, err := cl.Status(s.ctx)
		if err != nil {
			return err
		}
		status = &st
		engine := control.Finding{What: "Engine", OK: true, Detail: "runs, version " + st.Version}
		switch {
		case !st.Running:
			engine.Detail = "does not run"
		case st.Version != s.version():
			engine.OK, engine.Detail = false, fmt.Sprintf("runs version %s, this is %s", st.Version, s.version())
			engine.Hint = "Quit it and start it again."
		}
		d.Findings = append(d.Findings, engine)
		findings, err := cl.Doctor(s.ctx)
		d.Findings = append(d.Findings, findings...)
		return err
	})
	if err != nil {
		p := problemOf(err)
		d.Findings = append(d.Findings, control.Finding{What: "Start", Detail: p.Message, Hint: p.Hint})
	}
	d.OK = true
	for _, f := range d.Findings {
		d.OK = d.OK && f.OK
	}
	return d, status
}

func showDiagnosis(w io.Writer, d diagnosis) {
	t := newTable(w)
	for _, f := range d.Findings {
		t.row(mark(f.OK), f.What, f.Detail)
		if f.Hint != "" {
			t.row("", "", "→ "+f.Hint)
		}
	}
	t.end()
	if d.Bundle != "" {
		fmt.Fprintf(w, "\nWritten to %s. Look through it before you send it on.\n", printable(d.Bundle))
	}
}
