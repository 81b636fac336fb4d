package watcher

import (
	"context"
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// mountChanges calls changed after file systems have been mounted or unmounted. It returns when ctx is done.
//
// The kernel signals an exceptional condition on the open mount table. It wakes nobody as long as nothing happens. The
// runtime's poller takes the condition away while it waits, so being woken is all that there is to see.
func mountChanges(ctx context.Context, changed func()) {
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		<-ctx.Done()
		return
	}
	await(ctx, f, func(uintptr) bool {
		changed()
		return true
	})
}

// clockJumps calls jumped after the computer has slept or its clock has been set. It returns when ctx is done.
//
// A timer for a far day that asks to be cancelled by such jumps is the only thing that tells of them unasked.
func clockJumps(ctx context.Context, jumped func()) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_REALTIME, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK)
	if err != nil {
		<-ctx.Done()
		return
	}
	arm := func() error {
		far := unix.ItimerSpec{Value: unix.NsecToTimespec(time.Now().AddDate(100, 0, 0).UnixNano())}
		return unix.TimerfdSettime(fd, unix.TFD_TIMER_ABSTIME|unix.TFD_TIMER_CANCEL_ON_SET, &far, nil)
	}
	f := os.NewFile(uintptr(fd), "timerfd")
	if arm() != nil {
		f.Close()
		<-ctx.Done()
		return
	}
	await(ctx, f, func(fd uintptr) bool {
		var ticks [8]byte
		if _, err := unix.Read(int(fd), ticks[:]); errors.Is(err, unix.ECANCELED) {
			jumped()
			return arm() == nil
		}
		return true
	})
}

// await calls ready whenever the system signals something on f, until ready returns false or ctx is done. It closes f.
func await(ctx context.Context, f *os.File, ready func(fd uintptr) bool) {
	defer f.Close()
	raw, err := f.SyscallConn()
	if err != nil {
		<-ctx.Done()
		return
	}
	stop := context.AfterFunc(ctx, func() { f.Close() })
	defer stop()
	on := true
	// Read returns when f is closed, or when it cannot be waited for.
	_ = raw.Read(func(fd uintptr) bool {
		on = on && ready(fd)
		return !on
	})
	<-ctx.Done()
}
