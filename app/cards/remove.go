package cards

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// Reasons for which [System.Remove] keeps a file. Other errors come from the card.
var (
	ErrChanged  = errors.New("this is not the file that was looked at")
	ErrNotPhoto = errors.New("this is no file in the card's folder for photos")
	ErrReadOnly = errors.New("the card is write-protected")
)

// Removed is what became of one file.
type Removed struct {
	File File
	// Err is nil when the file has been deleted. fs.ErrNotExist means that it
	// was gone before.
	Err error
}

// Sure reads a file that is to be deleted and returns nil if it may be. Its error
// is that of the file, which is kept. It may take its time.
type Sure func(f File, r io.Reader) error

// Remove deletes exactly these files of a card, as [Files] gave them, and says
// of each what became of it, in their order. A file whose size, time or inode
// is another one is kept, and so is everything that is not a plain file below
// DCIM, or that is reached through a link. Folders are kept.
//
// sure is asked for each file right before it is deleted. A file that is not
// the one that sure has read any more is kept.
//
// An error means that the files after the last one returned were not looked at:
// the card is another one ([ErrGone]) or ctx has ended.
//
// Only call it when a person has asked for just this.
func (s System) Remove(ctx context.Context, c Card, files []File, sure Sure) ([]Removed, error) {
	dcim, err := s.open(c)
	if err != nil {
		return nil, fmt.Errorf("opening the card: %w", err)
	}
	defer dcim.Close()
	results := make([]Removed, 0, len(files))
	for _, f := range files {
		if ctx.Err() != nil {
			return results, ctx.Err()
		}
		err := removeFile(dcim, f, sure)
		if isReadOnly(err) {
			err = ErrReadOnly
		}
		results = append(results, Removed{f, err})
	}
	return results, nil
}

// removeFile deletes one file after a last look at it.
func removeFile(dcim folderDCIM, f File, sure Sure) error {
	names := strings.Split(f.Path, "/")
	if len(names) < 2 || len(names) > maxDepth+2 || names[0] != dcim.name {
		return fmt.Errorf("%s: %w", f.Path, ErrNotPhoto)
	}
	for _, n := range names {
		if n == "" || n == "." || n == ".." || strings.Contains(n, "\x00") {
			return fmt.Errorf("%s: %w", f.Path, ErrNotPhoto)
		}
	}
	top, err := dcim.Stat(".")
	if err != nil {
		return err
	}
	dir := dcim.Root
	for _, n := range names[1 : len(names)-1] {
		sub, err := openFolder(dir, n)
		if err != nil {
			return err
		}
		defer sub.Close()
		dir = sub
	}
	own, _ := place(top)
	return removeFrom(dir, names[len(names)-1], f, own, sure)
}

// removeFrom deletes one file of a folder that must be on a device.
func removeFrom(dir *os.Root, name string, f File, device uint64, sure Sure) error {
	before, err := dir.Lstat(name)
	if err != nil {
		return err
	}
	if on, _ := place(before); !before.Mode().IsRegular() || on != device {
		return fmt.Errorf("%s: %w", f.Path, ErrNotPhoto)
	}
	if !f.is(before) {
		return fmt.Errorf("%s: %w", f.Path, ErrChanged)
	}
	open, err := dir.Open(name)
	if err != nil {
		return err
	}
	defer open.Close()
	if err := sure(f, open); err != nil {
		return err
	}
	read, err := open.Stat()
	if err != nil {
		return err
	}
	now, err := dir.Lstat(name)
	if err != nil {
		return err
	}
	if !os.SameFile(read, now) || !f.is(read) || !f.is(now) {
		return fmt.Errorf("%s: %w", f.Path, ErrChanged)
	}
	return dir.Remove(name)
}

// is reports whether a file is the one that was looked at, as far as its entry
// tells.
func (f File) is(fi fs.FileInfo) bool {
	_, inode := place(fi)
	return fi.Size() == f.Size && fi.ModTime().Equal(f.ModTime) && (f.Inode == 0 || f.Inode == inode)
}
