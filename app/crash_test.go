package app

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

// crashChild makes the test binary be an engine on the home that it names,
// until it is killed.
const crashChild = "PHOTOFERRY_TEST_ENGINE"

func crashMain() int {
	p := testPace
	a, err := Open(context.Background(), Options{
		Home: os.Getenv(crashChild), Engine: true, Log: slog.New(slog.DiscardHandler), SecretsWork: 10, pace: &p,
	})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("open")
	if err := a.Run(context.Background()); err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// crashPlan is how rough the test is. PHOTOFERRY_CRASH_KILLS, _PHOTOS and
// _RESTARTS make it rougher than it is in everyday runs; docs/benchmarks.md
// holds the figures of a long one.
type crashPlan struct{ kills, photos, restarts int }

func planCrashes(t *testing.T) crashPlan {
	number := func(name string, def int) int {
		v := os.Getenv("PHOTOFERRY_CRASH_" + name)
		if v == "" {
			return def
		}
		n, err := strconv.Atoi(v)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return crashPlan{kills: number("KILLS", 20), photos: number("PHOTOS", 120), restarts: number("RESTARTS", 5)}
}

func TestKilledEnginesAndServersLoseNothingAndSendNothingTwice(t *testing.T) {
	plan := planCrashes(t)
	s, h := newSite(t), newHome(t)
	s.slow = 20 * time.Millisecond // so that kills hit photos on their way
	s.stop()
	s.start()
	h.with(func(a *App) {
		h.account(a, s)
		h.watch(a, control.FolderSpec{Everything: true})
	})
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))

	want := map[string]bool{}
	taken := 0
	shootTo := func(n int) {
		for ; taken < n; taken++ {
			dir := filepath.Join(h.folder, fmt.Sprintf("%03dFERRY", taken/40))
			want[shoot(t, filepath.Join(dir, fmt.Sprintf("IMG_%04d.jpg", taken)), taken)] = true
		}
	}
	for kill := range plan.kills {
		// Photos come all the time, so that every life of the engine finds
		// some that wait, some half sent, and some that are new.
		shootTo(plan.photos * (kill + 1) / plan.kills)
		child := startEngine(t, h.dir)
		if kill*plan.restarts/plan.kills != (kill+1)*plan.restarts/plan.kills {
			pause(rnd, 60*time.Millisecond)
			s.stop()
			s.start()
		}
		arrived := len(s.emu.Received())
		waitFor(t, "this engine to deliver", func() bool { return len(s.emu.Received()) > arrived })
		pause(rnd, 100*time.Millisecond)
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait() // says that it was killed
	}
	t.Logf("%d of %d photos had arrived at the last kill", len(s.emu.Received()), plan.photos)

	h.with(func(a *App) {
		if err := a.queue.Check(); err != nil {
			t.Errorf("after the kills: %v", err)
		}
		r := h.deliverAll(a)
		if r.Failed != 0 || r.NeedsYou {
			t.Errorf("result %+v", r)
		}
		c := a.Status().Counts
		if c.Ready+c.Leased+c.Waiting+c.Failed+c.Skipped != 0 || c.Delivered != plan.photos {
			t.Errorf("counts %+v, want %d delivered and nothing else", c, plan.photos)
		}
		if err := a.queue.Check(); err != nil {
			t.Error(err)
		}
	})
	if got := s.digests(); !maps.Equal(got, want) {
		t.Errorf("%d photos on the server, want %d", len(got), len(want))
	}
}

// startEngine starts an engine in a process of its own and returns when it has
// opened its files.
func startEngine(t *testing.T, home string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashChild+"="+home)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "open\n" {
		t.Fatalf("engine said %q: %v", line, err)
	}
	return cmd
}

// pause lets a random time go by: the moment of a kill is the thing under
// test, there is no condition to wait for.
func pause(rnd *rand.Rand, longest time.Duration) {
	<-time.After(time.Duration(rnd.Int64N(int64(longest))))
}
