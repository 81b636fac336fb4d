//go:build !(linux || freebsd || openbsd || netbsd)

package desktop

import "context"

// Watch reports that this system has nothing to say, and returns.
func Watch(_ context.Context, report func(Surroundings)) { report(missing(NotHere, NotHere)) }
