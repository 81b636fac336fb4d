package journal

import (
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/photoferry/photoferry/app/practice/practicetest"
)

func TestMain(m *testing.M) { practicetest.Main(m, crashServer) }

// crashServer appends the body of each request.
func crashServer(dir string, at func(step string)) (http.Handler, string, error) {
	j, _, err := open(filepath.Join(dir, "index.log"))
	if err != nil {
		return nil, "", err
	}
	var mu sync.Mutex
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		text, err := io.ReadAll(r.Body)
		if err == nil {
			err = j.Append(note{Text: string(text)})
		}
		if err != nil {
			panic(err)
		}
		at("appended")
	}), "", nil
}

// TestKillingTheProcessLosesNothing kills processes between appending and answering.
func TestKillingTheProcessLosesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "index.log")
	var acknowledged []string
	maybe := map[string]bool{} // those that were not answered
	n := 0
	practicetest.Crash(t, dir, []string{"appended"}, func(c *practicetest.Child) bool {
		n++
		text := fmt.Sprintf("%d %s", n, strings.Repeat("x", 5000))
		if _, err := c.Do(c.Request("POST", "/", "", []byte(text))); err != nil {
			maybe[text] = true
			return false
		}
		acknowledged = append(acknowledged, text)
		return true
	}, func(kill string) {
		got := slices.DeleteFunc(mustRead(t, path), func(text string) bool { return maybe[text] })
		if !slices.Equal(got, acknowledged) {
			t.Fatalf("%s: journal holds %d records, want %d", kill, len(got), len(acknowledged))
		}
	})
	t.Logf("%d records, %d of them acknowledged", n, len(acknowledged))
}
