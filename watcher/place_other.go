//go:build unix && !linux && !darwin

package watcher

// whereIs cannot tell.
func whereIs(string) place { return local }
