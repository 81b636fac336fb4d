package cards

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// apart is the shortest time between two looks, where mounts change all the
// time.
const apart = 200 * time.Millisecond

// Watch calls seen for each card that is in, marked as AtStart, and then for
// each one that comes or goes, until ctx ends, which is no error. seen is called
// on the caller's goroutine.
func (s System) Watch(ctx context.Context, seen func(Event)) error {
	w, err := s.newWaiter(ctx)
	if err != nil {
		return err
	}
	defer w.close()
	return s.follow(ctx, w.wait, seen)
}

// In returns the cards that are in.
func (s System) In() ([]Card, error) {
	all, err := s.mounts()
	if err != nil {
		return nil, err
	}
	var in []Card
	for _, m := range s.candidates(all) {
		if c, ok := s.identify(m); ok {
			in = append(in, c)
		}
	}
	return in, nil
}

// follow looks for cards each time that wait returns.
func (s System) follow(ctx context.Context, wait func(context.Context) error, seen func(Event)) error {
	in := map[key]Card{}
	for first := true; ; first = false {
		all, err := s.mounts()
		if err != nil {
			return err
		}
		all = s.candidates(all)
		keys := make([]key, len(all))
		for i, m := range all {
			keys[i] = s.key(m)
		}
		for k, c := range in {
			if !slices.Contains(keys, k) {
				delete(in, k)
				seen(Event{Card: c, Gone: true})
			}
		}
		for i, m := range all {
			k := keys[i]
			if _, before := in[k]; before {
				continue
			}
			if c, ok := s.identify(m); ok {
				c.AtStart = first
				in[k] = c
				seen(Event{Card: c})
			}
		}
		if err := wait(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
	}
}

// candidates returns the mounts that may be cards, one of each device.
func (s System) candidates(all []mount) []mount {
	var some []mount
	for _, m := range all {
		same := func(o mount) bool { return o.device == m.device }
		if s.mayBeCard(m) && !slices.ContainsFunc(some, same) {
			some = append(some, m)
		}
	}
	return some
}

// key tells apart everything that was ever mounted.
type key struct {
	mount         // without what may change meanwhile
	unique uint64 // 0 on kernels before 6.8, which use the numbers of mounts again
}

func (s System) key(m mount) key {
	m.readOnly = false // a card with an error becomes read-only, and is no other card
	k := key{mount: m}
	var st unix.Statx_t
	if unix.Statx(unix.AT_FDCWD, s.Top+m.point, unix.AT_STATX_DONT_SYNC, unix.STATX_MNT_ID_UNIQUE, &st) == nil && st.Mask&unix.STATX_MNT_ID_UNIQUE != 0 {
		k.unique = st.Mnt_id
	}
	return k
}

// waiter waits for the kernel to say that mounts have changed.
type waiter struct {
	// mounts is the kernel's list. It remembers for each open file since when
	// there is something new, and forgets it when anybody asks: so it is no
	// os.File, whose events the runtime asks for too.
	mounts int
	ended  *os.File // can be read from when ctx ends
	stop   func() bool
	wake   *os.File
}

func (s System) newWaiter(ctx context.Context) (*waiter, error) {
	mounts, err := unix.Open(s.Top+"/proc/self/mountinfo", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("looking for cards: %w", err)
	}
	ended, wake, err := os.Pipe()
	if err != nil {
		_ = unix.Close(mounts)
		return nil, fmt.Errorf("looking for cards: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _, _ = wake.Write([]byte{0}) })
	return &waiter{mounts, ended, stop, wake}, nil
}

func (w *waiter) close() {
	w.stop()
	_ = unix.Close(w.mounts)
	_ = w.ended.Close()
	_ = w.wake.Close() // a write that is late finds it closed
}

// wait returns when mounts have changed since it was last called, and with
// ctx's error when that ends.
func (w *waiter) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(apart):
	}
	fds := []unix.PollFd{
		{Fd: int32(w.mounts), Events: unix.POLLPRI},
		{Fd: int32(w.ended.Fd()), Events: unix.POLLIN},
	}
	for {
		_, err := unix.Poll(fds, -1)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return fmt.Errorf("waiting for cards: %w", err)
		case fds[0].Revents != 0:
			return nil
		}
	}
}
