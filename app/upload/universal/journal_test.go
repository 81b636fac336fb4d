package universal

import (
	"fmt"
	"testing"

	"github.com/photoferry/photoferry/app/upload"
)

func TestJournalStaysSmall(t *testing.T) {
	j := &journal{account: upload.Account{Memory: newMemory()}}
	if err := j.begin(attempt{Number: "doubt", Text: digest("same"), In: "1", Size: 0}); err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		n := fmt.Sprint(i)
		caption := n
		if i%3 == 0 {
			caption = "same"
		}
		if err := j.begin(attempt{Number: n, Text: digest(caption), In: "1"}); err != nil {
			t.Fatal(err)
		}
		if err := j.arrive(n, caption, "p"+n, "1"); err != nil {
			t.Fatal(err)
		}
		if a, ok, _ := j.attempt("doubt", "same", "1"); ok && (a.Size != i+1 || !j.ours("p0")) {
			t.Fatalf("after %d: %+v, knows the first: %v", i, a, j.ours("p0"))
		}
	}
	for i := range 200 {
		if err := j.begin(attempt{Number: fmt.Sprint("x", i), Text: digest("x")}); err != nil {
			t.Fatal(err)
		}
	}
	if len(j.Ours) > maxHeld || len(j.Open) > maxOpen {
		t.Errorf("%d arrivals, %d attempts", len(j.Ours), len(j.Open))
	}
}

func TestJournalForgetsOldDoubts(t *testing.T) {
	m := newMemory()
	j := &journal{account: upload.Account{Memory: m}}
	for _, number := range []string{"1700000000.000001", "1701000000.000001", "1703000000.000001"} {
		if err := j.begin(attempt{Number: number}); err != nil {
			t.Fatal(err)
		}
	}
	j = &journal{account: upload.Account{Memory: m}}
	for number, want := range map[string]bool{"1700000000.000001": false, "1701000000.000001": true, "1703000000.000001": true} {
		if _, ok, _ := j.attempt(number, "", ""); ok != want {
			t.Errorf("%s: %v", number, ok)
		}
	}
	m.facts[rememberJournal] = "{broken"
	j = &journal{account: upload.Account{Memory: m}}
	if _, ok, rival := j.attempt("1701000000.000001", "", ""); ok || rival {
		t.Error("a broken journal knows something")
	}
}
