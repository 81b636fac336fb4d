package upload

import "context"

type progressKey struct{}

// WithProgress makes uploads with the returned context report how many bytes
// of the file have been sent in the running transmission. A repeated
// transmission starts at 0 again.
//
// The function is called for every piece of some 32 KiB, from the goroutine
// that sends, and holds it up: it should store the number in an atomic that
// something slower reads. It is not called after Upload has returned. On
// Linux and macOS the number is at most some 100 KiB ahead of the wire.
func WithProgress(ctx context.Context, report func(sent int64)) context.Context {
	return context.WithValue(ctx, progressKey{}, report)
}

// ProgressFrom makes the progress of a transmission that sends only a piece of
// the file count from the piece's beginning, in bytes.
func ProgressFrom(ctx context.Context, begin int64) context.Context {
	report := progressOf(ctx)
	if report == nil || begin == 0 {
		return ctx
	}
	return WithProgress(ctx, func(sent int64) { report(begin + sent) })
}

func progressOf(ctx context.Context) func(int64) {
	report, _ := ctx.Value(progressKey{}).(func(int64))
	return report
}
