package cli

import (
	"encoding/csv"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

type historyCmd struct {
	CSV     bool   `name:"csv" help:"Print comma-separated values with a header line."`
	Account string `help:"Only this account." placeholder:"NAME"`
	Limit   int    `help:"At most this many, the newest; all when left out." placeholder:"N"`
}

// Run lists receipts, newest first.
func (c *historyCmd) Run(s *session) error {
	if c.Limit < 0 {
		return usage("--limit must not be negative", "Leave it away for all.")
	}
	if c.CSV && s.json {
		return usage("--csv and --json exclude each other", "Choose one.")
	}
	return s.with(func(cl *control.Client) error {
		page := func(after string, limit int) ([]control.Record, string, error) {
			p, err := cl.Records(s.ctx, control.RecordQuery{Account: c.Account, After: after, Limit: limit})
			return p.Records, p.Next, err
		}
		if c.CSV {
			return s.csv(c.Limit, page)
		}
		return pages(s, "records", c.Limit, []string{"WHEN", "ACCOUNT", "OUTCOME", "PHOTO", "ADDRESS"}, page, func(r control.Record) []string {
			outcome := r.Outcome
			if r.Gone {
				outcome += ", deleted there"
			}
			return []string{ago(r.At), r.Account, outcome, r.Path, r.URL}
		})
	})
}

// csv prints records as comma-separated values.
func (s *session) csv(limit int, page func(after string, limit int) ([]control.Record, string, error)) error {
	w := csv.NewWriter(s.out)
	if err := w.Write([]string{"at", "account", "path", "outcome", "verified", "remote_id", "url", "sha256", "md5", "size", "gone"}); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	shown, after := 0, ""
	for {
		want := pageSize
		if limit > 0 {
			want = min(want, limit-shown)
		}
		records, next, err := page(after, want)
		if err != nil {
			return err
		}
		for _, r := range records {
			if err := w.Write([]string{
				r.At.UTC().Format(time.RFC3339), r.Account, r.Path, r.Outcome, r.Verified, r.RemoteID, r.URL,
				r.SHA256, r.MD5, strconv.FormatInt(r.Size, 10), strconv.FormatBool(r.Gone),
			}); err != nil {
				return fmt.Errorf("print the result: %w", err)
			}
		}
		shown += len(records)
		if after = next; after == "" || limit > 0 && shown >= limit {
			break
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}

type verifyCmd struct {
	Account string `help:"Only this account." placeholder:"NAME"`
}

// Run asks the servers for everything that was delivered.
func (c *verifyCmd) Run(s *session) error {
	return s.with(func(cl *control.Client) error {
		list, t, p := s.newList("results"), newTable(s.out), s.newProgress()
		n := 0
		sum, err := cl.Verify(s.ctx, c.Account, func(r control.VerifyResult) {
			n++
			p.show("%s asked for", count(n, "photo"))
			switch {
			case s.json:
				list.item(r)
			case r.Result != "verified":
				t.row(r.Result, r.Record.Account, r.Record.Path, r.Reason)
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
			fmt.Fprintf(s.out, "%s asked for: %d there, %d missing, %d deleted there, %d unknown.\n",
				count(sum.Checked, "photo"), sum.Verified, sum.Missing, sum.Gone, sum.Unknown)
		}
		if sum.Missing > 0 {
			s.note("photoferry add --no-sync-check FILE... sends a photo again.")
			return outcome(exitFailed)
		}
		return nil
	})
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
