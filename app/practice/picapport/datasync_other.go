//go:build !linux

package picapport

import "os"

func datasync(f *os.File) error { return f.Sync() }
