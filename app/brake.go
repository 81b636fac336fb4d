package app

import (
	"context"
	"sync"
	"time"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/desktop"
	"github.com/photoferry/photoferry/app/hours"
	"github.com/photoferry/photoferry/app/settings"
)

// brake keeps all accounts from taking up another photo while one of the
// settings' rules says so: quiet hours, a network that costs, a battery that
// runs down. It is never written to the queue; what is being sent when it
// begins is finished.
//
// A person may let go of it: then it does not begin again before its reason has
// ended.
type brake struct {
	mu      sync.Mutex
	causes  []cause // that hold, the first one is shown
	waived  map[control.PausedBy]bool
	opened  chan struct{} // closed when nothing holds any more; nil while nothing does
	changed chan struct{} // capacity 1: the rules are to be judged again
	around  desktop.Surroundings
	told    bool // the desktop has said something
}

// cause is a rule that holds.
type cause struct {
	by    control.PausedBy
	text  string
	until time.Time // zero: not known
}

func newBrake() *brake {
	return &brake{waived: make(map[control.PausedBy]bool), changed: make(chan struct{}, 1)}
}

// pass waits until nothing holds.
func (b *brake) pass(ctx context.Context) error {
	for {
		b.mu.Lock()
		opened := b.opened
		b.mu.Unlock()
		if opened == nil {
			return ctx.Err()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-opened:
		}
	}
}

// held returns what holds; ok is false when nothing does.
func (b *brake) held() (c cause, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.opened == nil {
		return cause{}, false
	}
	return b.causes[0], true
}

// set takes over what the rules say now. It reports whether anything is new.
func (b *brake) set(causes []cause) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for by := range b.waived {
		if !names(causes, by) {
			delete(b.waived, by)
		}
	}
	var holding []cause
	for _, c := range causes {
		if !b.waived[c.by] {
			holding = append(holding, c)
		}
	}
	return b.hold(holding)
}

func (b *brake) hold(causes []cause) bool {
	old := b.causes
	b.causes = causes
	switch {
	case len(causes) > 0 && b.opened == nil:
		b.opened = make(chan struct{})
	case len(causes) == 0 && b.opened != nil:
		close(b.opened)
		b.opened = nil
	default:
		return len(causes) > 0 && causes[0] != old[0]
	}
	return true
}

// waive lets go of what holds now.
func (b *brake) waive() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.causes {
		b.waived[c.by] = true
	}
	b.hold(nil)
}

// stale asks for the rules to be judged again.
func (b *brake) stale() {
	select {
	case b.changed <- struct{}{}:
	default:
	}
}

// surroundings returns what the desktop said last.
func (b *brake) surroundings() desktop.Surroundings {
	around, _ := b.lastTold()
	return around
}

// lastTold returns what the desktop said last, and whether it has.
func (b *brake) lastTold() (around desktop.Surroundings, told bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.around, b.told
}

func names(causes []cause, by control.PausedBy) bool {
	for _, c := range causes {
		if c.by == by {
			return true
		}
	}
	return false
}

// judgeAgain bounds how long a judgement about hours is believed: clocks are
// set, and computers sleep.
const judgeAgain = time.Minute

// networkSettles is how long a network must say the same before it is believed:
// while a connection comes up or goes over to another one, NetworkManager says
// now this, now that.
const networkSettles = time.Second

// calm lets a network settle. The zero value is ready; the first that it is
// told is believed at once.
type calm struct {
	told  bool
	costs bool      // believed
	other bool      // something else is being said
	since time.Time // and since when
}

// costly says whether the network is taken for one that costs, given what is
// said of it now, and after which time that is to be asked again; 0 is never.
func (c *calm) costly(says bool, now time.Time) (costs bool, again time.Duration) {
	switch {
	case !c.told:
		c.told, c.costs = true, says
	case says == c.costs:
		c.other = false
	case !c.other:
		c.other, c.since = true, now
		return c.costs, networkSettles
	default:
		if left := networkSettles - now.Sub(c.since); left > 0 && left <= networkSettles {
			return c.costs, left
		}
		c.costs, c.other = says, false
	}
	return c.costs, 0
}

// followRules puts the brake on and takes it off until ctx ends.
func (a *App) followRules(ctx context.Context) {
	var watching sync.WaitGroup
	defer watching.Wait()
	watching.Go(func() {
		a.watchDesktop(ctx, func(s desktop.Surroundings) {
			a.brake.mu.Lock()
			a.brake.around, a.brake.told = s, true
			a.brake.mu.Unlock()
			a.brake.stale()
		})
	})
	defer a.brake.set(nil)
	var network calm
	for {
		now := time.Now()
		around, told := a.brake.lastTold()
		costs, settles := false, time.Duration(0)
		if told {
			costs, settles = network.costly(around.Network.Metered.Costs(), now)
		}
		causes, again := judgeRules(a.Settings().General, costs, around.Power, now)
		if settles > 0 {
			again = min(again, settles)
		}
		if a.brake.set(causes) {
			a.touch()
		}
		timer := time.NewTimer(again)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		case <-a.brake.changed:
			timer.Stop()
		}
	}
}

// judgeRules returns which rules hold where the network costs and the computer
// runs on p, and after which time that is to be asked
// again if nothing else changes.
func judgeRules(g settings.General, costs bool, p desktop.Power, now time.Time) (causes []cause, again time.Duration) {
	again = 24 * time.Hour
	if costs && !g.Metered {
		causes = append(causes, cause{by: control.PausedByMetered, text: "Paused on a metered network"})
	}
	if p.OnBattery && (p.Percent >= 0 && p.Percent < g.BatteryBelow || g.BatteryBelow == settings.MaxBattery) {
		causes = append(causes, cause{by: control.PausedByBattery, text: "Paused on battery"})
	}
	if h, err := hours.Parse(g.QuietHours); err == nil && g.QuietHours != "" {
		again = judgeAgain
		quiet, until := h.Quiet(now, now.Location())
		if !until.IsZero() {
			again = min(again, max(until.Sub(now), time.Second))
		}
		if quiet {
			causes = append(causes, cause{by: control.PausedByHours, text: "Paused for quiet hours", until: until})
		}
	}
	return causes, again
}
