package app

import (
	"math/rand/v2"
	"time"
)

// pace holds every delay of the engine, so that tests can run a day in a
// second. The zero value is not useful; see realPace.
type pace struct {
	retry, retryMax     time.Duration // first and longest delay of a photo's retry
	offline, offlineMax time.Duration // first and longest delay of an account that cannot be reached
	busy                time.Duration // when a server asks for patience and names no time
	full                time.Duration // until a full server is asked again
	unreachable         time.Duration // after this, an unreachable account needs the user
	finish              time.Duration // how often a long batch is finished on the way
	growing             time.Duration // until a file that was still changing is looked at again
	check               time.Duration // how long an account's limits are believed
	idleLook            time.Duration // how often a run until idle looks without a change
	attempts            int           // a photo fails after so many
}

var realPace = pace{
	retry: 30 * time.Second, retryMax: 6 * time.Hour,
	offline: time.Second, offlineMax: 2 * time.Minute,
	busy: time.Minute, full: time.Hour,
	unreachable: time.Minute,
	finish:      time.Minute,
	growing:     2 * time.Second,
	check:       time.Hour,
	idleLook:    time.Second,
	attempts:    12,
}

// backoff returns the nth delay (n from 0) of a series that doubles from first
// to longest, with a quarter of jitter so that photos do not come in waves.
func backoff(n int, first, longest time.Duration) time.Duration {
	d := longest
	if n < 32 && first<<n > 0 && first<<n < longest {
		d = first << n
	}
	return d - d/8 + rand.N(d/4+1)
}
