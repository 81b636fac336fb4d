package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/photoferry/photoferry/app/control"
)

// TestWrongUsage types every command wrongly: it ends with 2, says what is
// wrong, prints one JSON value with --json, and touches no file.
func TestWrongUsage(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	t.Setenv("PHOTOFERRY_HOME", home)
	for _, tt := range []struct {
		args []string
		says string
	}{
		{[]string{"status", "--bogus"}, "bogus"},
		{[]string{"account"}, ""},
		{[]string{"account", "add"}, ""},
		{[]string{"account", "add", "flickr", "--name", "a", "--url", "http://x"}, "picapport"},
		{[]string{"account", "add", "picapport", "--name", "a"}, "url"},
		{[]string{"account", "add", "picapport", "--name", "a", "--url", "http://x", "--option", "nonsense"}, ""},
		{[]string{"account", "check"}, ""},
		{[]string{"account", "remove"}, ""},
		{[]string{"folder", "add"}, ""},
		{[]string{"folder", "add", "d"}, "account"},
		{[]string{"folder", "add", "d", "--account", "a", "--cool", "soon"}, ""},
		{[]string{"folder", "add", "d", "--account", "a", "--cool=-5m"}, ""},
		{[]string{"folder", "remove"}, ""},
		{[]string{"add"}, ""},
		{[]string{"add", ""}, ""},
		{[]string{"why"}, ""},
		{[]string{"list", "--state", "broken"}, "ready, leased, waiting, failed, skipped"},
		{[]string{"list", "--limit=-1"}, ""},
		{[]string{"list", "--limit", "many"}, ""},
		{[]string{"retry", "x"}, ""},
		{[]string{"retry", "--sent"}, "list --state failed"},
		{[]string{"retry", "--again"}, "list --state failed"},
		{[]string{"retry", "--again", "--sent", "1"}, ""},
		{[]string{"retry", "--", "-1"}, ""},
		{[]string{"cancel"}, ""},
		{[]string{"pause", "soon"}, "10m"},
		{[]string{"pause", "0s"}, ""},
		{[]string{"history", "--csv", "--json"}, ""},
		{[]string{"get", "--account", "a", "-o", "x"}, "exactly one"},
		{[]string{"get", "--account", "a", "--photo", "1", "--share", "2", "--index", "0", "-o", "x"}, ""},
		{[]string{"get", "--account", "a", "--share", "2", "-o", "x"}, ""},
		{[]string{"get", "--account", "a", "--photo", "1", "--index", "0", "-o", "x"}, ""},
		{[]string{"get", "--account", "a", "--photo", "1", "--quality", "2", "-o", "x"}, ""},
		{[]string{"get", "--account", "a", "--photo", "1", "--width=-1", "-o", "x"}, ""},
		{[]string{"get", "--account", "a", "--photo", "1"}, ""},
		{[]string{"get", "--json", "--account", "a", "--photo", "1", "-o", "-"}, ""},
		{[]string{"settings"}, ""},
		{[]string{"settings", "import"}, ""},
		{[]string{"run", "now"}, ""},
		{[]string{"practice", "--service", "flickr"}, "picapport"},
		{[]string{"practice", "--fault", "nonsense"}, ""},
		{[]string{"version", "now"}, ""},
	} {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			var out, errs bytes.Buffer
			s := &session{ctx: t.Context(), in: strings.NewReader(""), out: &out, err: &errs}
			args := append([]string{"--json"}, tt.args...)
			if code := s.main(args); code != exitUsage {
				t.Fatalf("exit code %d: %s%s", code, &out, &errs)
			}
			var p control.Problem
			if err := json.Unmarshal(out.Bytes(), &p); err != nil {
				t.Fatalf("%v in %s", err, &out)
			}
			if p.Exit != exitUsage || p.Message == "" {
				t.Errorf("got %+v", p)
			}
			if !strings.Contains(errs.String(), p.Message) || !strings.Contains(errs.String(), tt.says) {
				t.Errorf("people are told %q", &errs)
			}
		})
	}
	if _, err := os.Lstat(home); err == nil {
		t.Error("a command that was typed wrongly made a file")
	}
}
