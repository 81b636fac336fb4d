package cards

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

// here is this machine.
var here = System{}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestARealCard mounts file systems, where that is allowed, in a name space of
// its own, which a child process has.
func TestARealCard(t *testing.T) {
	if os.Getenv("CARDS_TEST_CHILD") != "" {
		realCard(t)
		return
	}
	if os.Geteuid() != 0 {
		t.Skip("only root may mount")
	}
	mkfs, err := exec.LookPath("mkfs.ext4")
	if err != nil {
		t.Skip("mkfs.ext4 is not installed")
	}
	image := t.TempDir() + "/card.img"
	must(t, os.WriteFile(image, nil, 0o600))
	must(t, os.Truncate(image, 4<<20))
	if out, err := exec.Command(mkfs, "-q", "-L", "EOS_DIGITAL", image).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	exe, err := os.Executable()
	must(t, err)
	cmd := exec.Command(exe, "-test.run=^TestARealCard$", "-test.v")
	cmd.Env = append(os.Environ(), "CARDS_TEST_CHILD=1", "CARDS_TEST_IMAGE="+image)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	out, err := cmd.CombinedOutput()
	switch {
	case strings.Contains(string(out), "--- SKIP"):
		t.Skipf("in the child: %s", out)
	case cmd.Process == nil:
		t.Skipf("no name space of its own: %v", err)
	case err != nil:
		t.Fatalf("%v\n%s", err, out)
	}
}

func realCard(t *testing.T) {
	must(t, unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
	const top, card = "/media", "/media/My Card"
	if _, err := os.Stat(top); err != nil {
		t.Skip("there is no /media")
	}
	must(t, unix.Mount("tmpfs", top, "tmpfs", 0, ""))
	must(t, os.MkdirAll(top+"/memory/DCIM", 0o755))
	must(t, os.Mkdir(card, 0o755))

	ctx, cancel := context.WithCancel(context.Background())
	events, ended := make(chan Event, 10), make(chan error, 1)
	started := make(chan struct{})
	w, err := here.newWaiter(ctx)
	must(t, err)
	defer w.close()
	go func() {
		first := true
		ended <- here.follow(ctx, func(ctx context.Context) error {
			if first {
				close(started)
			}
			first = false
			return w.wait(ctx)
		}, func(e Event) { events <- e })
	}()
	defer func() {
		cancel()
		must(t, <-ended)
	}()
	next := func(what string) Event {
		t.Helper()
		select {
		case e := <-events:
			return e
		case err := <-ended:
			t.Fatalf("ended before %s: %v", what, err)
		case <-time.After(20 * time.Second):
			t.Fatalf("not within twenty seconds: %s", what)
		}
		return Event{}
	}
	mount := func() {
		t.Helper()
		if out, err := exec.Command("mount", "-o", "loop", os.Getenv("CARDS_TEST_IMAGE"), card).CombinedOutput(); err != nil {
			t.Skipf("no loop device: %v\n%s", err, out)
		}
	}
	unmount := func() {
		t.Helper()
		if out, err := exec.Command("umount", card).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	<-started
	// A new card has no folder yet; that is no card.
	mount()
	must(t, os.MkdirAll(card+"/DCIM/100CANON", 0o755))
	for i := range 3 {
		must(t, os.WriteFile(fmt.Sprintf("%s/DCIM/100CANON/IMG_%04d.JPG", card, i), []byte("photo"), 0o644))
	}
	unmount()
	mount()
	come := next("a card")
	c := come.Card
	if come.Gone || c.AtStart || c.Root != card || c.ReadOnly || c.ID == "" || !strings.HasPrefix(c.Device, "/dev/loop") {
		t.Fatalf("%+v", come)
	}
	t.Logf("%+v", c)
	total, err := here.Count(ctx, c, func(string) bool { return true })
	if err != nil || total != (Total{Files: 3, Bytes: 15}) {
		t.Errorf("%+v, %v", total, err)
	}
	var files []File
	for f, err := range here.Files(ctx, c, func(p string) bool { return !strings.HasSuffix(p, "0002.JPG") }) {
		must(t, err)
		if f.Inode == 0 {
			t.Error("no inode on a file system that has them")
		}
		files = append(files, f)
	}
	results, err := here.Remove(ctx, c, files, unasked)
	must(t, err)
	for _, r := range results {
		if r.Err != nil {
			t.Error(r.Err)
		}
	}
	left, err := os.ReadDir(card + "/DCIM/100CANON")
	must(t, err)
	if len(left) != 1 || len(results) != 2 {
		t.Errorf("%d removed, %d left", len(results), len(left))
	}
	if users := here.users(card); len(users) > 0 {
		t.Errorf("nobody uses the card, but %q", users)
	}
	open, err := os.Open(card + "/DCIM/100CANON/IMG_0002.JPG")
	must(t, err)
	if users := here.users(card); len(users) != 1 {
		t.Errorf("this program uses the card, and it is said of %q", users)
	}
	must(t, open.Close())

	// A write-protected card says so.
	for f, err := range here.Files(ctx, c, func(string) bool { return true }) {
		must(t, err)
		files = []File{f}
	}
	must(t, unix.Mount("", card, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""))
	results, err = here.Remove(ctx, c, files, unasked)
	must(t, err)
	if len(results) != 1 || results[0].Err != ErrReadOnly {
		t.Errorf("write-protected: %+v", results)
	}
	unmount()
	if gone := next("no card"); !gone.Gone || gone.Card != c {
		t.Errorf("%+v", gone)
	}
	if _, err := here.Remove(ctx, c, files, unasked); err == nil {
		t.Error("removed from a card that is gone")
	}
	mount()
	again := next("the card again").Card
	if again.ID != c.ID {
		t.Errorf("the card has another name now: %s, %s", c.ID, again.ID)
	}
	// Out and in again before anybody looks: the kernel gives the mount the same
	// number.
	unmount()
	mount()
	if here.key(mountAt(t, card)).unique != 0 {
		if gone, come := next("no card"), next("a card for the last time"); !gone.Gone || come.Gone || come.Card.ID != c.ID {
			t.Errorf("%+v, then %+v", gone, come)
		}
	}
	unmount()
}

func mountAt(t *testing.T, point string) mount {
	t.Helper()
	all, err := here.mounts()
	must(t, err)
	for _, m := range all {
		if m.point == point {
			return m
		}
	}
	t.Fatalf("nothing is mounted at %s", point)
	return mount{}
}
