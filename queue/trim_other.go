//go:build !linux

package queue

// trim does nothing here; see trim_linux.go.
func (q *Queue) trim() {}
