package app

import (
	"context"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/desktop"
	"github.com/photoferry/photoferry/app/settings"
)

func TestJudgeRules(t *testing.T) {
	at := func(h int) time.Time { return time.Date(2026, 5, 1, h, 0, 0, 0, time.UTC) } // a Friday
	battery := func(percent int) desktop.Surroundings {
		return desktop.Surroundings{Power: desktop.Power{OnBattery: true, Percent: percent}}
	}
	metered := func(m desktop.Metered) desktop.Surroundings {
		return desktop.Surroundings{Network: desktop.Network{Metered: m}, Power: desktop.Power{Percent: -1}}
	}
	for _, tt := range []struct {
		name   string
		g      settings.General
		around desktop.Surroundings
		now    time.Time
		want   control.PausedBy
		until  time.Time
	}{
		{name: "nothing"},
		{name: "at night", g: settings.General{QuietHours: "22:00-07:00"}, now: at(23), want: control.PausedByHours, until: at(31)},
		{name: "at noon", g: settings.General{QuietHours: "22:00-07:00"}, now: at(12)},
		{name: "metered", around: metered(desktop.MeteredYes), want: control.PausedByMetered},
		{name: "metered, it seems", around: metered(desktop.MeteredGuessYes), want: control.PausedByMetered},
		{name: "metered and allowed", g: settings.General{Metered: true}, around: metered(desktop.MeteredYes)},
		{name: "nobody knows", around: metered(desktop.MeteredUnknown)},
		{name: "battery low", g: settings.General{BatteryBelow: 20}, around: battery(19), want: control.PausedByBattery},
		{name: "battery not low", g: settings.General{BatteryBelow: 20}, around: battery(20)},
		{name: "battery empty and allowed", around: battery(0)},
		{name: "never on battery", g: settings.General{BatteryBelow: 101}, around: battery(100), want: control.PausedByBattery},
		{name: "never on a battery that nobody can measure", g: settings.General{BatteryBelow: 101}, around: battery(-1), want: control.PausedByBattery},
		{name: "a battery that nobody can measure", g: settings.General{BatteryBelow: 20}, around: battery(-1)},
		{name: "plugged in", g: settings.General{BatteryBelow: 101}, around: desktop.Surroundings{Power: desktop.Power{Percent: 3}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			causes, again := judgeRules(tt.g, tt.around.Network.Metered.Costs(), tt.around.Power, tt.now)
			var got cause
			if len(causes) > 0 {
				got = causes[0]
			}
			if got.by != tt.want || !got.until.Equal(tt.until) {
				t.Errorf("got %+v, want %q until %v", got, tt.want, tt.until)
			}
			if tt.g.QuietHours != "" && again > judgeAgain {
				t.Errorf("hours are believed for %v", again)
			}
		})
	}
}

func TestANetworkSettlesBeforeItIsBelieved(t *testing.T) {
	type step struct {
		at   time.Duration // since the start
		says bool
		want bool
	}
	const ms = time.Millisecond
	for _, tt := range []struct {
		name  string
		steps []step
	}{
		{"the first word counts", []step{{0, true, true}}},
		{"it costs from now on", []step{{0, false, false}, {100 * ms, true, false}, {600 * ms, true, false}, {1100 * ms, true, true}, {1200 * ms, true, true}}},
		{"it costs no more", []step{{0, true, true}, {100 * ms, false, true}, {1099 * ms, false, true}, {1100 * ms, false, false}}},
		{"a flutter", []step{{0, false, false}, {100 * ms, true, false}, {900 * ms, false, false}, {1000 * ms, true, false}, {1900 * ms, true, false}, {2000 * ms, true, true}}},
		{"the clock is set back", []step{{0, false, false}, {100 * ms, true, false}, {-time.Hour, true, true}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var c calm
			start := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
			for i, s := range tt.steps {
				got, again := c.costly(s.says, start.Add(s.at))
				if got != s.want {
					t.Errorf("step %d: costs %v", i, got)
				}
				if unsure := s.says != got; unsure != (again > 0) || again > networkSettles {
					t.Errorf("step %d: asked again after %v", i, again)
				}
			}
		})
	}
}

func TestAFlutterDoesNotPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		says := make(chan desktop.Metered)
		a := &App{brake: newBrake(), watchDesktop: func(ctx context.Context, report func(desktop.Surroundings)) {
			for {
				select {
				case <-ctx.Done():
					return
				case m := <-says:
					report(desktop.Surroundings{Network: desktop.Network{Metered: m}, Power: desktop.Power{Percent: -1}})
				}
			}
		}}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			a.followRules(ctx)
		}()
		held := func() bool {
			synctest.Wait()
			_, h := a.brake.held()
			return h
		}
		says <- desktop.MeteredNo
		if held() {
			t.Error("paused on a network that costs nothing")
		}
		for range 5 { // no second without a change
			says <- desktop.MeteredYes
			<-time.After(networkSettles / 2)
			if held() {
				t.Fatal("paused by a flutter")
			}
			says <- desktop.MeteredNo
			<-time.After(networkSettles / 2)
		}
		says <- desktop.MeteredGuessYes
		<-time.After(networkSettles / 2)
		says <- desktop.MeteredYes // the same, as far as costs go
		<-time.After(networkSettles / 2)
		if !held() {
			t.Error("not paused, though it has cost for a second")
		}
		cancel()
		<-ended
	})
}

func TestAPersonLetsGoOfARuleUntilItsReasonEnds(t *testing.T) {
	b := newBrake()
	metered := []cause{{by: control.PausedByMetered}}
	b.set(metered)
	if _, held := b.held(); !held {
		t.Fatal("a rule does not hold")
	}
	b.waive()
	b.set(metered)
	if c, held := b.held(); held {
		t.Fatalf("%v holds again, though its reason has not ended", c)
	}
	b.set(append(metered, cause{by: control.PausedByBattery}))
	if c, held := b.held(); !held || c.by != control.PausedByBattery {
		t.Fatalf("another rule does not hold: %v", c)
	}
	b.set(nil)
	b.set(metered)
	if _, held := b.held(); !held {
		t.Fatal("a rule does not hold anew")
	}
}

func TestRulesPauseEverythingAndSayWhy(t *testing.T) {
	s, h := newSite(t), newHome(t)
	h.with(func(a *App) {
		around := make(chan desktop.Surroundings)
		a.watchDesktop = func(ctx context.Context, report func(desktop.Surroundings)) {
			for {
				select {
				case <-ctx.Done():
					return
				case s := <-around:
					report(s)
				}
			}
		}
		h.account(a, s)
		h.watch(a, control.FolderSpec{Everything: true})
		h.running(a)
		around <- desktop.Surroundings{Network: desktop.Network{Metered: desktop.MeteredYes}, Power: desktop.Power{Percent: -1, Missing: desktop.NoUPower}}
		waitFor(t, "the pause", func() bool { return a.Status().PausedBy == control.PausedByMetered })
		first := shoot(t, filepath.Join(h.folder, "a.jpg"), 1)
		waitFor(t, "the photo to wait", func() bool {
			st := a.Status()
			return st.State == control.StatePaused && st.Counts.Ready == 1
		})
		if len(s.emu.Received()) != 0 {
			t.Fatal("sent over a metered network")
		}
		g, err := a.General(t.Context())
		if err != nil || g.Missing["battery_below"] == "" || g.Missing["metered"] != "" {
			t.Errorf("what can have no effect here: %v, %v", g.Missing, err)
		}
		if err := a.Resume(""); err != nil { // never mind the cost
			t.Fatal(err)
		}
		waitFor(t, "the photo", func() bool { return s.digests()[first] })

		around <- desktop.Surroundings{Power: desktop.Power{OnBattery: true, Percent: 5}}
		waitFor(t, "the pause", func() bool { return a.Status().PausedBy == control.PausedByBattery })
		second := shoot(t, filepath.Join(h.folder, "b.jpg"), 2)
		waitFor(t, "the photo to wait", func() bool { return a.Status().Counts.Ready == 1 })
		if _, err := a.ChangeGeneral(t.Context(), control.GeneralChange{BatteryBelow: new(0)}); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "the photo", func() bool { return s.digests()[second] })
	})
}
