package desktop

import (
	"context"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

// following runs Watch until the test ends.
func following(t *testing.T) <-chan Surroundings {
	t.Helper()
	reports := make(chan Surroundings, 100)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		watch(ctx, func(s Surroundings) { reports <- s }, 10*time.Millisecond)
	}()
	t.Cleanup(func() {
		cancel()
		receive(t, ended, "the end of Watch")
	})
	return reports
}

func network(t *testing.T, conn *dbus.Conn, metered any) *prop.Properties {
	t.Helper()
	p := export(t, conn, networkPath, networkName, map[string]any{"Metered": metered})
	request(t, conn, networkName)
	return p
}

func power(t *testing.T, conn *dbus.Conn, onBattery bool, percent float64) (power, battery *prop.Properties) {
	t.Helper()
	power = export(t, conn, powerPath, powerName, map[string]any{"OnBattery": onBattery})
	battery = export(t, conn, batteryPath, batteryName, map[string]any{"IsPresent": true, "Percentage": percent})
	request(t, conn, powerName)
	return power, battery
}

func TestWatchFollowsTheServices(t *testing.T) {
	d := newDaemon(t)
	conn := d.connect()
	nm := network(t, conn, uint32(MeteredNo))
	up, battery := power(t, conn, false, 79.6)
	reports := following(t)
	want := Surroundings{Network{Metered: MeteredNo}, Power{Percent: 80}}
	if got := receive(t, reports, "the first report"); got != want {
		t.Fatalf("first: %+v", got)
	}
	for _, step := range []struct {
		name   string
		change func()
		want   Surroundings
	}{
		{"metered", func() { nm.SetMust(networkName, "Metered", uint32(MeteredYes)) }, Surroundings{Network{Metered: MeteredYes}, Power{Percent: 80}}},
		{"on battery", func() { up.SetMust(powerName, "OnBattery", true) }, Surroundings{Network{Metered: MeteredYes}, Power{OnBattery: true, Percent: 80}}},
		{"running down", func() { battery.SetMust(batteryName, "Percentage", 12.0) }, Surroundings{Network{Metered: MeteredYes}, Power{OnBattery: true, Percent: 12}}},
		{"the battery is taken out", func() { battery.SetMust(batteryName, "IsPresent", false) }, Surroundings{Network{Metered: MeteredYes}, Power{OnBattery: true, Percent: -1}}},
		{"a guess", func() { nm.SetMust(networkName, "Metered", uint32(MeteredGuessYes)) }, Surroundings{Network{Metered: MeteredGuessYes}, Power{OnBattery: true, Percent: -1}}},
		{"a value of the future", func() { nm.SetMust(networkName, "Metered", uint32(17)) }, Surroundings{Network{Metered: MeteredUnknown}, Power{OnBattery: true, Percent: -1}}},
	} {
		step.change()
		if got := receive(t, reports, step.name); got != step.want {
			t.Errorf("%s: %+v, want %+v", step.name, got, step.want)
		}
	}
}

func TestWatchWithoutServices(t *testing.T) {
	d := newDaemon(t)
	reports := following(t)
	if got := receive(t, reports, "the first report"); got != missing(NoNetworkManager, NoUPower) {
		t.Fatalf("first: %+v", got)
	}
	// They come later.
	nm, up := d.connect(), d.connect()
	network(t, nm, uint32(MeteredYes))
	if got, want := receive(t, reports, "NetworkManager"), (Surroundings{Network{Metered: MeteredYes}, Power{Percent: -1, Missing: NoUPower}}); got != want {
		t.Errorf("NetworkManager has come: %+v", got)
	}
	power(t, up, true, 50)
	if got, want := receive(t, reports, "UPower"), (Surroundings{Network{Metered: MeteredYes}, Power{OnBattery: true, Percent: 50}}); got != want {
		t.Errorf("UPower has come: %+v", got)
	}
	// They go away.
	must(t, nm.Close())
	if got, want := receive(t, reports, "no NetworkManager"), (Surroundings{Network{Missing: NoNetworkManager}, Power{OnBattery: true, Percent: 50}}); got != want {
		t.Errorf("NetworkManager has gone: %+v", got)
	}
	must(t, up.Close())
	if got := receive(t, reports, "no UPower"); got != missing(NoNetworkManager, NoUPower) {
		t.Errorf("UPower has gone: %+v", got)
	}
}

func TestWatchWithoutABus(t *testing.T) {
	d := newDaemon(t)
	d.stop()
	reports := following(t)
	if got := receive(t, reports, "the first report"); got != missing(NoBus, NoBus) {
		t.Fatalf("first: %+v", got)
	}
	d.start()
	waitFor(t, reports, "a bus", func(s Surroundings) bool { return s == missing(NoNetworkManager, NoUPower) })
	network(t, d.connect(), uint32(MeteredNo))
	waitFor(t, reports, "NetworkManager", func(s Surroundings) bool { return s.Network == Network{Metered: MeteredNo} })
	d.stop()
	if got := receive(t, reports, "no bus again"); got != missing(NoBus, NoBus) {
		t.Errorf("the bus has gone: %+v", got)
	}
	d.start()
	network(t, d.connect(), uint32(MeteredGuessNo))
	waitFor(t, reports, "all of it again", func(s Surroundings) bool { return s.Network == Network{Metered: MeteredGuessNo} })
}

func TestWatchIsNotFooledByTypes(t *testing.T) {
	d := newDaemon(t)
	conn := d.connect()
	network(t, conn, "yes")
	export(t, conn, powerPath, powerName, map[string]any{"OnBattery": uint32(1)})
	export(t, conn, batteryPath, batteryName, map[string]any{"IsPresent": true, "Percentage": 1e9})
	request(t, conn, powerName)
	if got := receive(t, following(t), "the first report"); got != missing(NoNetworkManager, NoUPower) {
		t.Errorf("%+v", got)
	}
}

func TestABatteryOfAnyPercentage(t *testing.T) {
	d := newDaemon(t)
	power(t, d.connect(), true, -3)
	if got := receive(t, following(t), "the first report").Power; got != (Power{OnBattery: true, Percent: -1}) {
		t.Errorf("%+v", got)
	}
}
