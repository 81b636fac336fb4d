//go:build !unix

package settings

// access has nothing to add where the rename itself refuses.
func access(string) error { return nil }

// syncDir has no counterpart here: a rename is as durable as it gets.
func syncDir(string) error { return nil }
