//go:build linux

package storm

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	seedFlag   = flag.Uint64("storm.seed", 0, "run this seed only; 0: see storm.seeds")
	seedsFlag  = flag.Int("storm.seeds", 1, "how many seeds")
	firstFlag  = flag.Uint64("storm.first", 1, "the first of them")
	photosFlag = flag.Int("storm.photos", 200, "photos of each storm")
	stepsFlag  = flag.Int("storm.events", 45, "events of each storm")
	reportFlag = flag.String("storm.report", "", "write the report to this file")
	tellFlag   = flag.Bool("storm.tell", false, "tell the whole story of storms that went well, too")
	limitFlag  = flag.Duration("storm.limit", 5*time.Minute, "how long the program may take to come to rest in the end")
	binFlag    = flag.String("storm.program", "", "the program; empty: it is built")
)

// TestStorm runs the storms of its flags.
func TestStorm(t *testing.T) {
	bin := *binFlag
	if bin == "" {
		bin = build(t)
	}
	total := newReport()
	seeds := []uint64{*seedFlag}
	if *seedFlag == 0 {
		seeds = nil
		for i := range *seedsFlag {
			seeds = append(seeds, *firstFlag+uint64(i))
		}
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) { total.add(oneStorm(t, bin, seed)) })
	}
	text := total.table()
	t.Log("\n" + text)
	if *reportFlag != "" {
		if err := os.WriteFile(*reportFlag, []byte(text), 0o644); err != nil {
			t.Error(err)
		}
	}
}

// oneStorm runs the storm of a seed and fails the test of any finding.
func oneStorm(t *testing.T, bin string, seed uint64) *report {
	w := newWorld(t, bin, seed)
	plan := newPlan(seed, *stepsFlag, os.Geteuid() == 0)
	done, watching := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watching)
		w.watch(done)
	}()
	w.storm(plan, *photosFlag)
	stormed := time.Since(w.began)
	w.logf("all events are over")
	w.repair()
	b := &books{}
	if w.settle(*limitFlag) {
		if _, err := w.engine.user("", "retry"); err != nil { // what failed for a reason that is gone
			w.find(untrue, "%v", err)
		}
		w.settle(*limitFlag)
		unsure := w.decide()
		w.settle(*limitFlag)
		if _, err := w.engine.user("", "retry"); err != nil { // other files with these photos
			w.find(untrue, "%v", err)
		}
		w.settle(*limitFlag)
		b = w.balance()
		b.unsure = unsure
		w.afterwards()
	}
	close(done)
	<-watching
	cries, err := w.engine.cries()
	w.must(err)
	for _, c := range cries {
		w.find(crashed, "%s", c)
	}
	for _, r := range w.decoy.requests() {
		w.find(untrue, "another host was sent %s", r)
	}
	r := w.report(seed, plan, b, stormed)
	t.Log(r.line)
	if len(w.findings) > 0 || t.Failed() || *tellFlag {
		t.Logf("make storm SEED=%d PHOTOS=%d EVENTS=%d\n%s", seed, *photosFlag, *stepsFlag, strings.Join(w.story, "\n"))
	}
	told := map[string]int{}
	for _, f := range w.findings {
		if told[f.kind]++; told[f.kind] <= 10 { // the story has them all
			t.Errorf("%s: %s", f.kind, f.text)
		}
	}
	if t.Failed() {
		w.keep(seed)
	}
	return r
}

// afterwards starts the program once more: it must find nothing to do.
func (w *world) afterwards() {
	before := map[string]int{}
	for name, s := range w.sites {
		before[name] = len(s.copies())
	}
	if err := w.engine.term(); err != nil {
		w.find(untrue, "%v", err)
	}
	w.up()
	w.settle(*limitFlag)
	for name, s := range w.sites {
		if n := len(s.copies()); n != before[name] {
			w.find(untrue, "after a restart %s got %d more photos, and everything had been sent", name, n-before[name])
		}
	}
}

// keep saves what the program said and had, for whoever looks for the cause.
func (w *world) keep(seed uint64) {
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("storm-seed-%d", seed))
	w.must(os.RemoveAll(dir))
	w.must(os.MkdirAll(dir, 0o755))
	w.engine.kill()
	for _, name := range []string{"home", "words"} {
		if out, err := exec.CommandContext(context.Background(), "cp", "-a", filepath.Join(w.dir, name), dir).CombinedOutput(); err != nil {
			w.t.Errorf("keep %s: %v: %s", name, err, out)
		}
	}
	w.t.Logf("queue, log and words are in %s", dir)
}

// report is what storms came to.
type report struct {
	line     string
	lines    []string
	storms   int
	photos   int // bytes that were ever written
	requests int // that met a fault of the proxy
	events   map[string]int
	findings map[string]int
	once     int
	unsure   int
	refused  int
	took     time.Duration
	slowest  time.Duration // end by SIGTERM
}

func newReport() *report { return &report{events: map[string]int{}, findings: map[string]int{}} }

func (w *world) report(seed uint64, plan []step, b *books, stormed time.Duration) *report {
	r := newReport()
	r.storms, r.photos, r.took, r.slowest = 1, len(w.album.ever), time.Since(w.began), w.engine.slowest
	r.once, r.unsure, r.refused = b.once, b.unsure, b.refused
	for _, s := range plan {
		r.events[s.event.name]++
	}
	for _, s := range w.sites {
		r.requests += s.proxy.count()
	}
	for _, f := range w.findings {
		r.findings[f.kind]++
	}
	r.line = fmt.Sprintf("| %d | %d | %d | %d | %s | %s | %d | %d | %d | %d | %d | %d | %d |", seed, r.photos, len(plan), r.requests,
		stormed.Round(time.Second), r.took.Round(time.Second), r.once, r.unsure, r.refused,
		r.findings[lost], r.findings[doubled], r.findings[untrue], r.findings[strange]+r.findings[crashed])
	r.lines = []string{r.line}
	return r
}

func (r *report) add(o *report) {
	r.lines = append(r.lines, o.lines...)
	r.storms += o.storms
	r.photos += o.photos
	r.requests += o.requests
	r.once += o.once
	r.unsure += o.unsure
	r.refused += o.refused
	r.took += o.took
	r.slowest = max(r.slowest, o.slowest)
	for k, n := range o.events {
		r.events[k] += n
	}
	for k, n := range o.findings {
		r.findings[k] += n
	}
}

// table is the report as docs/reliability.md has it.
func (r *report) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d storms, %d photos, %d requests met a fault, %s; the slowest end by SIGTERM took %s.\n\n",
		r.storms, r.photos, r.requests, r.took.Round(time.Second), r.slowest.Round(time.Millisecond))
	b.WriteString("| seed | photos | events | faults met | storm | with repair | delivered once, with receipt | unsure | refused | lost | doubled | untrue | other |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, l := range r.lines {
		b.WriteString(l + "\n")
	}
	b.WriteString("\n| event | times |\n|---|---|\n")
	names := []string{}
	for _, e := range events {
		names = append(names, e.name)
	}
	for _, name := range slices.Compact(names) {
		fmt.Fprintf(&b, "| %s | %d |\n", name, r.events[name])
	}
	return b.String()
}
