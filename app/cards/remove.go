package cards

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Reasons for which [Remove] keeps a file. Other errors come from the card.
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

// Remove deletes exactly these files of a card, as [Files] gave them, and says
// of each what became of it, in their order. A file whose size, time or inode
// is another one is kept, and so is everything that is not a plain file below
// DCIM, or that is reached through a link. Folders are kept.
//
// An error means that the files after the last one returned were not looked at:
// the card is another one ([ErrGone]) or ctx has ended.
//
// Only call it when a person has asked for just this.
func Remove(ctx context.Context, c Card, files []File) ([]Removed, error) {
	return here.remove(ctx, c, files)
}

func (s system) remove(ctx context.Context, c Card, files []File) ([]Removed, error) {
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
		err := removeFile(dcim, f)
		if isReadOnly(err) {
			err = ErrReadOnly
		}
		results = append(results, Removed{f, err})
	}
	return results, nil
}

// removeFile deletes one file after a last look at it.
func removeFile(dcim folderDCIM, f File) error {
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
	name := names[len(names)-1]
	fi, err := dir.Lstat(name)
	if err != nil {
		return err
	}
	if !fi.Mode().IsRegular() {
		return fmt.Errorf("%s: %w", f.Path, ErrNotPhoto)
	}
	device, inode := place(fi)
	if own, _ := place(top); device != own {
		return fmt.Errorf("%s: %w", f.Path, ErrNotPhoto)
	}
	if fi.Size() != f.Size || !fi.ModTime().Equal(f.ModTime) || f.Inode != 0 && f.Inode != inode {
		return fmt.Errorf("%s: %w", f.Path, ErrChanged)
	}
	return dir.Remove(name)
}
