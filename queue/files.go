package queue

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	bolt "go.etcd.io/bbolt"
)

// Backup makes the copy that takes the queue's place should the file ever be damaged: file.copy, replaced as a whole.
// The queue works on meanwhile.
func (q *Queue) Backup() error {
	if err := q.backup(); err != nil {
		return fmt.Errorf("copy queue %s: %w", q.file, err)
	}
	return nil
}

func (q *Queue) backup() error {
	return replaceFile(q.file+".copy", func(temp string) error {
		return full(q.view(func(tx *bolt.Tx) error { return tx.CopyFile(temp, filePerm) }))
	})
}

// replaceFile has write make a temporary file beside file, flushes it and renames it.
func replaceFile(file string, write func(temp string) error) error {
	temp := file + ".new"
	if err := removeFile(temp); err != nil {
		return err
	}
	err := write(temp)
	if err == nil {
		err = syncFile(temp)
	}
	if err == nil {
		err = os.Rename(temp, file)
	}
	if err != nil {
		return errors.Join(err, removeFile(temp))
	}
	return syncDir(filepath.Dir(file))
}

func copyFile(from, to string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, filePerm)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	return errors.Join(err, dst.Close())
}

func syncFile(file string) error {
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// syncDir makes a rename durable. Windows cannot flush a directory.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// removeFile removes a file that may not be there.
func removeFile(file string) error {
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// freeName returns name, or name with the first number that makes it new.
func freeName(name string) (string, error) {
	for i := range 1000 {
		n := name
		if i > 0 {
			n = fmt.Sprintf("%s-%d", name, i+1)
		}
		if _, err := os.Lstat(n); errors.Is(err, fs.ErrNotExist) {
			return n, nil
		} else if err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("%s: too many damaged files; remove some", name)
}

// since is for logs.
func since(t time.Time) time.Duration { return time.Since(t).Round(time.Millisecond) }
