package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// ErrReadOnly is what a file gives that must not be replaced, because of its
// own rights or of its folder's.
var ErrReadOnly = errors.New("read-only")

// replace gives a file new contents in one step, readable by its owner only.
// After a crash at any moment the file has either its old or its new contents.
func replace(file string, contents []byte) (err error) {
	file, err = target(file)
	if err != nil {
		return err
	}
	if err := writable(file); err != nil {
		return err
	}
	dir := filepath.Dir(file)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return readOnly(err, dir)
	}
	f, err := os.CreateTemp(dir, "."+filepath.Base(file)+".*") // 0600
	if err != nil {
		return readOnly(err, dir)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if _, err := f.Write(contents); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), file); err != nil {
		return readOnly(err, dir)
	}
	return syncDir(dir)
}

// target follows symbolic links to the file that is meant, which need not
// exist.
func target(file string) (string, error) {
	for range 40 {
		link, err := os.Readlink(file)
		if err != nil {
			return file, nil // not a link, or nothing there
		}
		if !filepath.IsAbs(link) {
			link = filepath.Join(filepath.Dir(file), link)
		}
		file = link
	}
	return "", fmt.Errorf("%s: too many symbolic links", file)
}

// writable refuses a file whose owner took away the right to write, which a
// rename would not notice.
func writable(file string) error {
	info, err := os.Stat(file)
	if err != nil {
		return nil // nothing to protect; creating it will tell the rest
	}
	if info.IsDir() {
		return fmt.Errorf("%s is a folder", file)
	}
	if info.Mode().Perm()&0o222 == 0 {
		return fmt.Errorf("%s cannot be written to: it is %w; allow writing (chmod u+w) or change the file by hand", file, ErrReadOnly)
	}
	return access(file)
}

// readOnly makes the error of a folder that takes no files understandable.
func readOnly(err error, dir string) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return fmt.Errorf("the folder %s cannot be written to (%w): it is %w", dir, err, ErrReadOnly)
	}
	return err
}
