package journal

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// note is a record.
type note struct {
	Text  string  `json:"text"`
	Value float64 `json:"value,omitempty"`
}

// open opens a journal and returns the texts in it.
func open(path string) (*Journal[note], []string, error) {
	var texts []string
	j, err := Open(path, Options{NoSync: true}, func(n note) error {
		texts = append(texts, n.Text)
		return nil
	})
	return j, texts, err
}

// mustAppend appends a record for each text.
func mustAppend(t rapid.TB, j *Journal[note], texts ...string) {
	t.Helper()
	notes := make([]note, len(texts))
	for i, text := range texts {
		notes[i].Text = text
	}
	if err := j.Append(notes...); err != nil {
		t.Fatal(err)
	}
}

// mustRead returns the texts in a journal.
func mustRead(t rapid.TB, path string) []string {
	t.Helper()
	j, texts, err := open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	return texts
}

// mustHold checks what is in a journal.
func mustHold(t rapid.TB, path string, want ...string) {
	t.Helper()
	if got := mustRead(t, path); !slices.Equal(got, want) {
		t.Errorf("journal holds %q, want %q", got, want)
	}
}

// mustTakeAnother adds a record to a journal with these texts in it, closes it, and checks
// what is in it then.
func mustTakeAnother(t rapid.TB, path string, j *Journal[note], texts []string) {
	t.Helper()
	mustAppend(t, j, "next")
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	mustHold(t, path, append(texts, "next")...)
}

// write makes a journal and closes it.
func write(t rapid.TB, path string, texts ...string) {
	t.Helper()
	j, _, err := open(path)
	if err != nil {
		t.Fatal(err)
	}
	mustAppend(t, j, texts...)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestRecordsComeBackInTheirOrder(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "index.log")
	var want []string
	for _, o := range []Options{{}, {NoSync: true}, {}} {
		var got []string
		j, err := Open(path, o, func(n note) error {
			got = append(got, n.Text)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("journal holds %q, want %q", got, want)
		}
		mustAppend(t, j, "one", "two\nlines", "")
		mustAppend(t, j)
		if err := j.AppendUnsynced(note{Text: "four"}); err != nil {
			t.Fatal(err)
		}
		mustAppend(t, j, "five\xff")
		want = append(want, "one", "two\nlines", "", "four", "five\uFFFD")
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	mustHold(t, path, want...)
}

// TestTheFileIsAsItHasAlwaysBeen pins the form of the lines: servers of earlier versions
// left such files.
func TestTheFileIsAsItHasAlwaysBeen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "index.log")
	write(t, path, "a", "<é>")
	const want = `18e688d1 {"text":"a"}` + "\n" + `1ed3b48a {"text":"\u003cé\u003e"}` + "\n"
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("file is %q, want %q: %v", got, want, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("file is for others too: %v, %v", info.Mode(), err)
	}
}

func TestDamage(t *testing.T) {
	t.Parallel()
	line := func(body string) string { return string(appendLine(nil, []byte(body))) }
	one, two := line(`{"text":"one"}`), line(`{"text":"two"}`)
	for _, c := range []struct {
		name, file string
		want       string // the texts that are left, or an error's
		keeps      int    // bytes
	}{
		{"none", "", "", 0},
		{"whole", one + two, "one two", len(one + two)},
		{"torn", one + two[:10], "one", len(one)},
		{"no newline", one + two[:len(two)-1], "one", len(one)},
		{"only a torn line", one[:5], "", 0},
		{"only zeros", strings.Repeat("\x00", 100), "", 0},
		{"zeros at the end", one + strings.Repeat("\x00", 100), "one", len(one)},
		{"last line changed", one + strings.Replace(two, "two", "2wo", 1), "one", len(one)},
		{"sum changed", one + "00000000" + two[8:], "one", len(one)},
		{"sum of seven digits", one + two[1:], "one", len(one)},
		{"no space", one + strings.Replace(two, " ", "", 1), "one", len(one)},
		{"newlines", one + "\n\n\n", "one", len(one)},
		{"several damaged lines", one + "x\ny\nz", "one", len(one)},
		{"first line changed", strings.Replace(one, "one", "0ne", 1) + two, "line 1: damaged line", 0},
		{"first line gone but for its newline", "\n" + two, "line 1: damaged line", 0},
		{"middle damaged twice", one + "x\ny\n" + two, "line 2: damaged line", 0},
		{"middle damaged, then a torn newline", one + "x\n" + two[:len(two)-1], "line 2: damaged line", 0},
		{"other JSON", one + line(`{"text":2}`), "line 2: json: cannot unmarshal", 0},
		{"no JSON", one + line(`{`) + two, "line 2: unexpected end", 0},
		{"nothing with its sum", "00000000 \n", "line 1: unexpected end", 0},
		{"record that is refused", one + line(`{"text":"bad"}`) + two, "line 2: not understood", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "index.log")
			if err := os.WriteFile(path, []byte(c.file), 0o600); err != nil {
				t.Fatal(err)
			}
			var texts []string
			j, err := Open(path, Options{}, func(n note) error {
				if n.Text == "bad" {
					return errors.New("not understood")
				}
				texts = append(texts, n.Text)
				return nil
			})
			left, readErr := os.ReadFile(path)
			if readErr != nil {
				t.Fatal(readErr)
			}
			if err != nil {
				if !strings.HasPrefix(err.Error(), "reading "+path+": "+c.want) || c.want == "" {
					t.Errorf("opening says %v, want %s", err, c.want)
				}
				if errors.Is(err, ErrDamaged) != strings.HasSuffix(c.want, "damaged line") {
					t.Errorf("%v is not told from others", err)
				}
				if string(left) != c.file {
					t.Errorf("file was changed to %q", left)
				}
				return
			}
			if got := strings.Join(texts, " "); got != c.want || string(left) != c.file[:c.keeps] {
				t.Errorf("journal holds %q in %q, want %q", got, left, c.want)
			}
			mustTakeAnother(t, path, j, texts)
		})
	}
}

// TestOneBlowCostsTheLastRecordOrIsReported cuts journals anywhere and changes any byte.
func TestOneBlowCostsTheLastRecordOrIsReported(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "index.log")
	rapid.Check(t, func(t *rapid.T) {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		texts := rapid.SliceOfN(rapid.String(), 1, 8).Draw(t, "texts")
		write(t, path, texts...)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts = mustRead(t, path) // as JSON has them

		at := rapid.IntRange(0, len(data)-1).Draw(t, "at")
		n := bytes.Count(data[:at], []byte{'\n'}) // records before the blow
		atNewline := data[at] == '\n'
		cut := rapid.Bool().Draw(t, "cut")
		if cut {
			data = data[:at]
		} else {
			data[at] ^= rapid.ByteRange(1, 255).Draw(t, "change")
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		j, got, err := open(path)
		if err != nil {
			// A newline that is gone takes the next line with it.
			behind := len(texts) - n - 1
			if cut || !errors.Is(err, ErrDamaged) || behind == 0 || atNewline && behind == 1 {
				t.Fatal(err)
			}
			return
		}
		lost := len(texts) - len(got)
		mayLose := 1
		if atNewline {
			mayLose = 2
		}
		if !slices.Equal(got, texts[:len(got)]) || cut && len(got) != n || !cut && lost > mayLose {
			t.Fatalf("%q of %q are left", got, texts)
		}
		mustTakeAnother(t, path, j, got)
	})
}

// FuzzOpen: whatever the bytes, a journal is refused and left as it is, or holds what
// begins the file, takes another record, and then holds both.
func FuzzOpen(f *testing.F) {
	one := appendLine(nil, []byte(`{"text":"one"}`))
	f.Add(one)
	f.Add(slices.Concat(one, one[:20]))
	f.Add(slices.Concat([]byte("00000000 {}\n"), one))
	f.Add(slices.Concat(one, []byte("\n\n"), one))
	f.Add([]byte("\n\n"))
	path := filepath.Join(f.TempDir(), "index.log")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		j, texts, err := open(path)
		left, readErr := os.ReadFile(path)
		if readErr != nil {
			t.Fatal(readErr)
		}
		if err != nil {
			if !bytes.Equal(left, data) {
				t.Fatal("a refused journal was changed")
			}
			return
		}
		if !bytes.HasPrefix(data, left) || bytes.Count(left, []byte{'\n'}) != len(texts) {
			t.Fatalf("%d records in %q", len(texts), left)
		}
		mustTakeAnother(t, path, j, texts)
	})
}

func TestARecordThatCannotBeWrittenLeavesTheJournalAsItWas(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "index.log")
	write(t, path, "one")
	j, _, err := open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Append(note{Text: "two"}, note{Value: math.NaN()}); err == nil {
		t.Error("NaN is no JSON")
	}
	mustTakeAnother(t, path, j, []string{"one"})
}

func TestAJournalThatCannotBeCutBackTakesNoMore(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "index.log")
	write(t, path, "one")
	j, _, err := open(path)
	if err != nil {
		t.Fatal(err)
	}
	good := j.file
	if j.file, err = os.Open(path); err != nil { // for reading only
		t.Fatal(err)
	}
	first := j.Append(note{Text: "two"})
	if first == nil {
		t.Error("a file that cannot be written takes a record")
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j.file = good
	if err := j.Append(note{Text: "three"}); !errors.Is(err, first) {
		t.Errorf("the next record gives %v, the first one %v", err, first)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	mustHold(t, path, "one")
}

func TestAJournalThatCannotBeOpenedSaysWhere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "missing", "index.log")} {
		if _, _, err := open(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}
