//go:build linux

package storm

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// step is one event of a plan.
type step struct {
	event *event
	site  string        // what it happens to, where it happens to a site
	n     uint64        // for the choices that the event makes
	wait  time.Duration // before it
	last  int           // it ends after this many more steps; 0: at once
}

func (s step) String() string {
	text := s.event.name
	if s.site != "" {
		text += " " + s.site
	}
	if s.last > 0 {
		text += fmt.Sprintf(" for %d steps", s.last)
	}
	return text
}

// event is a kind of thing that goes wrong.
type event struct {
	name  string
	lasts bool     // it begins and ends
	site  bool     // it happens to one site
	holds []string // what it needs for itself as long as it lasts; "site" is the site that it happens to
	root  bool     // it needs a file system of its own, which only root can have
	queue bool     // it takes what only the queue knew; see newPlan
	begin func(w *world, s step) (end func(), err error)
}

// newPlan draws the events of a seed. Every kind comes once before any comes
// again. The queue is harmed with odd seeds only: a site that cannot be asked is
// left in doubt about everything then, which would hide its other troubles.
func newPlan(seed uint64, steps int, root bool) []step {
	rnd := rand.New(rand.NewPCG(seed, 1))
	var kinds []*event
	for i := range events {
		if (root || !events[i].root) && (seed%2 == 1 || !events[i].queue) {
			kinds = append(kinds, &events[i])
		}
	}
	held := map[string]int{} // by what is held: the step at which it is free again
	var plan []step
	var deck []*event
	for len(plan) < steps {
		if len(deck) == 0 {
			deck = slices.Clone(kinds)
			rnd.Shuffle(len(deck), func(i, j int) { deck[i], deck[j] = deck[j], deck[i] })
		}
		s := step{n: rnd.Uint64(), wait: time.Duration(20+rnd.IntN(400)) * time.Millisecond}
		site := siteNames[rnd.IntN(len(siteNames))]
		last := 1 + rnd.IntN(6)
		// The first of the deck whose needs are free; where there is none, a
		// photo's time goes by.
		at := slices.IndexFunc(deck, func(e *event) bool {
			return !slices.ContainsFunc(needs(e, site), func(what string) bool { return held[what] > len(plan) })
		})
		if at < 0 {
			s.event = &calm
			plan = append(plan, s)
			continue
		}
		s.event = deck[at]
		deck = slices.Delete(deck, at, at+1)
		if s.event.site {
			s.site = site
		}
		if s.event.lasts {
			s.last = last
			for _, what := range needs(s.event, site) {
				held[what] = len(plan) + last + 1
			}
		}
		plan = append(plan, s)
	}
	return plan
}

// calm is a step in which nothing breaks.
var calm = event{name: "calm", begin: func(*world, step) (func(), error) { return nil, nil }}

func needs(e *event, site string) []string {
	out := slices.Clone(e.holds)
	for i, what := range out {
		if what == "site" {
			out[i] = site
		}
		if what == "sites" {
			out = slices.Concat(out, siteNames)
		}
	}
	return out
}

func describe(plan []step) string {
	var b strings.Builder
	for i, s := range plan {
		fmt.Fprintf(&b, "%4d %s\n", i, s)
	}
	return b.String()
}
