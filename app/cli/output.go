package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/dustin/go-humanize"

	"github.com/photoferry/photoferry/app/control"
)

func (s *session) encode(v any) error {
	enc := json.NewEncoder(s.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}

// show prints a result: v as JSON, or what human writes.
func (s *session) show(v any, human func(w io.Writer)) error {
	if s.json {
		return s.encode(v)
	}
	w := bufio.NewWriter(s.out)
	human(w)
	if err := w.Flush(); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}

// note says something to people, unless a program listens.
func (s *session) note(format string, args ...any) {
	if !s.json {
		fmt.Fprintln(s.err, printable(fmt.Sprintf(format, args...)))
	}
}

// table aligns columns. Cells come from outside and are made printable.
type table struct{ w *tabwriter.Writer }

func newTable(w io.Writer, head ...string) *table {
	t := &table{tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)}
	if len(head) > 0 {
		t.row(head...)
	}
	return t
}

func (t *table) row(cells ...string) {
	for i, c := range cells {
		cells[i] = strings.ReplaceAll(printable(c), "\n", " ")
	}
	// Trailing blanks would wrap on narrow terminals.
	for len(cells) > 1 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	fmt.Fprintln(t.w, strings.Join(cells, "\t"))
}

func (t *table) end() { _ = t.w.Flush() } // errors stay with the writer below

// printable keeps names from playing tricks on the terminal.
func printable(s string) string {
	bad := func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }
	if strings.IndexFunc(s, bad) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if bad(r) {
			q := strconv.QuoteRuneToASCII(r)
			b.WriteString(q[1 : len(q)-1])
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return humanize.Comma(int64(n)) + " " + what + "s"
}

func size(n int64) string { return humanize.Bytes(uint64(max(n, 0))) }

func ago(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return humanize.Time(t)
}

func mark(ok bool) string {
	if ok {
		return "✓"
	}
	return "✗"
}

// jsonList prints one object with a long list as it comes: nothing is kept in
// memory.
type jsonList struct {
	name string
	w    *bufio.Writer
	n    int
	err  error
}

func (s *session) newList(name string) *jsonList {
	return &jsonList{name: name, w: bufio.NewWriter(s.out)}
}

func (l *jsonList) item(v any) {
	if l.err != nil {
		return
	}
	if l.n == 0 {
		fmt.Fprintf(l.w, "{\n  %q: [\n    ", l.name)
	} else {
		fmt.Fprint(l.w, ",\n    ")
	}
	l.n++
	var b []byte
	if b, l.err = oneLine(v); l.err == nil {
		_, l.err = l.w.Write(b)
	}
}

// end closes the list. The members of tail, a struct or nil, follow it in the
// same object.
func (l *jsonList) end(tail any) error {
	if l.err != nil {
		return fmt.Errorf("print the result: %w", l.err)
	}
	if l.n == 0 {
		fmt.Fprintf(l.w, "{\n  %q: [", l.name)
	} else {
		fmt.Fprint(l.w, "\n  ")
	}
	fmt.Fprint(l.w, "]")
	if tail != nil {
		b, err := oneLine(tail)
		if err != nil {
			return fmt.Errorf("print the result: %w", err)
		}
		if inner := b[1 : len(b)-1]; len(inner) > 0 {
			fmt.Fprintf(l.w, ",\n  %s", inner)
		}
	}
	fmt.Fprint(l.w, "\n}\n")
	if err := l.w.Flush(); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}

// fail ends a list that was begun when err came, so that stdout holds one JSON
// value all the same.
func (l *jsonList) fail(s *session, err error) error {
	if l.n == 0 {
		return err
	}
	p := problemOf(err)
	s.tell(p)
	if err := l.end(p); err != nil {
		return err
	}
	return outcome(p.Exit)
}

func oneLine(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// progress rewrites one line of a terminal, at most ten times a second.
type progress struct {
	w    io.Writer // nil shows nothing
	next time.Time
	long int
}

func (s *session) newProgress() *progress {
	if !s.shows || s.json {
		return &progress{}
	}
	return &progress{w: s.err}
}

func (p *progress) show(format string, args ...any) {
	if p.w == nil || time.Now().Before(p.next) {
		return
	}
	p.next = time.Now().Add(100 * time.Millisecond)
	p.line(fmt.Sprintf(format, args...))
}

func (p *progress) line(text string) {
	text = printable(text)
	pad := max(p.long-len(text), 0)
	p.long = len(text)
	fmt.Fprintf(p.w, "\r%s%s", text, strings.Repeat(" ", pad))
}

// done takes the line away.
func (p *progress) done() {
	if p.w != nil && p.long > 0 {
		p.line("")
		fmt.Fprint(p.w, "\r")
	}
}

// showReport prints a check for people.
func showReport(w io.Writer, r control.CheckReport) {
	t := newTable(w)
	for _, k := range r.Ticks {
		t.row(mark(k.OK), k.What, k.Detail)
	}
	t.end()
	if !r.OK {
		return
	}
	if r.LoginNext {
		fmt.Fprintf(w, "%s: now sign in with photoferry account login %s\n", printable(r.Account), printable(shellWord(r.Account)))
		return
	}
	line := r.Account + ": ready"
	if r.Server != "" {
		line += ", " + r.Server
	}
	if r.MaxBytes > 0 {
		line += ", files up to " + size(r.MaxBytes)
	}
	if r.Free > 0 {
		line += ", " + size(r.Free) + " free"
	}
	fmt.Fprintln(w, printable(line))
}
