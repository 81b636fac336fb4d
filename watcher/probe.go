package watcher

import (
	"errors"
	"io"
)

// probe looks at a file that has been quiet, as want says, for a while: whether it is still the same, whether somebody
// has it open for writing, and what its end says. A file that cannot be opened counts as one that nobody can say
// anything about: it settles late, and the caller will find out and tell why.
func probe(path string, want stamp, ended func(io.ReaderAt, int64) Ending) look {
	f, err := openShared(path)
	switch {
	case errors.Is(err, errInUse):
		l := lookOnly(path)
		l.writer = somebody
		return l
	case err != nil:
		return lookOnly(path)
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil || !fi.Mode().IsRegular() {
		return look{gone: true}
	}
	l := look{stamp: stampOf(fi), writer: unsure}
	if !l.equal(want) {
		return l
	}
	if l.writer = writerOf(f); l.writer != somebody && ended != nil {
		l.end = ended(f, l.size)
	}
	// What was read belongs to the file of that name only if the name still leads to it.
	if again := lookOnly(path); again.gone || !again.equal(l.stamp) {
		return again
	}
	return l
}

// lookOnly looks at a file without opening it. What cannot be looked at is gone until a scan finds it again.
func lookOnly(path string) look {
	st, mode, err := lookAt(path)
	if err != nil || !mode.IsRegular() {
		return look{gone: true}
	}
	return look{stamp: st, writer: unsure}
}

// errInUse is what openShared returns for a file that somebody has open for writing, on systems that refuse that.
var errInUse = errors.New("open for writing elsewhere")

// place says how far a file system's events and leases can be trusted.
type place uint8

const (
	local   place = iota
	foreign       // FUSE: changes behind the mount are not seen, but who writes through it is
	network       // changes by other machines are not seen, and leases are refused for reasons of their own
)
