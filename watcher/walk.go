package watcher

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Walk visits once every file that r takes, in no particular order, without opening one. Folders that cannot be read
// are left out, and the error, which comes after the rest has been visited, names the first of them. An error of visit
// ends the walk and is returned as it is.
func Walk(ctx context.Context, r Root, visit func(File) error) error {
	rs, err := compile(r)
	if err != nil {
		return fmt.Errorf("walking %s: %w", r.Path, err)
	}
	top := filepath.Clean(r.Path)
	var failed error
	wk := walker{
		rules: rs,
		top:   top,
		enter: func(string, dirID) error { return nil },
		file: func(path string, st stamp) error {
			return visit(File{Path: path, Root: r.Path, Size: st.size, ModTime: st.mtime})
		},
		skip: func(dir string, err error) {
			if failed == nil {
				failed = fmt.Errorf("walking %s: %w", r.Path, err)
			}
		},
	}
	if err := wk.walk(ctx, top); err != nil {
		return err
	}
	return failed
}

// dirID is the identity of a directory.
type dirID struct{ dev, ino uint64 }

// errElsewhere from walker.enter leaves a directory out that is reached by another path.
var errElsewhere = errors.New("reached by another path")

// walker makes one pass over what a root takes.
type walker struct {
	*rules
	top string // the root's folder, clean

	// enter is called before a directory is read. An error leaves the directory out.
	enter func(dir string, id dirID) error
	// file is called for each file that the rules take. An error ends the walk.
	file func(path string, st stamp) error
	// skip is called for each directory that cannot be read. One that has gone is no trouble.
	skip func(dir string, err error)

	visited map[dirID]bool
	todo    []string // directories
	links   []string // links to directories; followed last, so that a directory's own path is preferred
}

// walk visits what is below start, which is top or a directory in it that the rules take.
func (w *walker) walk(ctx context.Context, start string) error {
	w.visited = map[dirID]bool{}
	w.todo = append(w.todo[:0], start)
	w.links = w.links[:0]
	for {
		var dir string
		if n := len(w.todo); n > 0 {
			dir, w.todo = w.todo[n-1], w.todo[:n-1]
		} else if n := len(w.links); n > 0 {
			dir, w.links = w.links[n-1], w.links[:n-1]
		} else {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.visit(ctx, dir); err != nil {
			return err
		}
	}
}

func (w *walker) visit(ctx context.Context, path string) error {
	id, err := identify(path)
	if err == nil {
		if w.visited[id] {
			return nil
		}
		w.visited[id] = true
		if err = w.enter(path, id); errors.Is(err, errElsewhere) {
			return nil
		}
	}
	var d *dir
	if err == nil {
		d, err = openDir(path)
	}
	if err != nil {
		w.trouble(path, err)
		return nil
	}
	defer d.close()
	prefix, rel := path+string(filepath.Separator), relative(w.top, path)
	if strings.HasSuffix(path, string(filepath.Separator)) {
		prefix = path
	}
	if rel != "" {
		rel += "/"
	}
	for {
		entries, err := d.next()
		for _, e := range entries {
			if err := w.entry(d, prefix+e.Name(), rel+e.Name(), e); err != nil {
				return err
			}
		}
		if err != nil && !errors.Is(err, io.EOF) {
			w.trouble(path, err)
		}
		if err != nil {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

func (w *walker) entry(d *dir, path, rel string, e fs.DirEntry) error {
	switch typ := e.Type(); {
	case typ.IsDir():
		if _, no := w.refuseDir(rel); !no && !w.flat {
			w.todo = append(w.todo, path)
		}
	case typ.IsRegular():
		if ok, _ := w.takeName(rel); !ok {
			return nil
		}
		st, regular, err := d.stat(e)
		if err != nil || !regular {
			return nil // gone or replaced meanwhile
		}
		return w.file(path, st)
	case typ&fs.ModeSymlink != 0:
		st, mode, err := lookAt(path)
		if err != nil {
			return nil // leads nowhere
		}
		if mode.IsDir() {
			if _, no := w.refuseDir(rel); !no && !w.flat {
				w.links = append(w.links, path)
			}
		} else if mode.IsRegular() {
			if ok, _ := w.takeName(rel); ok {
				return w.file(path, st)
			}
		}
	}
	return nil
}

func (w *walker) trouble(dir string, err error) {
	if dir == w.top || !errors.Is(err, fs.ErrNotExist) {
		w.skip(dir, err)
	}
}

// lookAt returns what path leads to, links followed.
func lookAt(path string) (stamp, fs.FileMode, error) {
	fi, err := os.Stat(path)
	if err != nil {
		return stamp{}, 0, err
	}
	return stampOf(fi), fi.Mode(), nil
}

func stampOf(fi fs.FileInfo) stamp {
	return stamp{size: fi.Size(), mtime: fi.ModTime(), ino: inode(fi)}
}

// relative returns the path of a file below top, with slashes; empty for top itself and for what is not below it.
func relative(top, path string) string {
	rel, ok := strings.CutPrefix(path, top)
	if !ok {
		return ""
	}
	rel = filepath.ToSlash(rel)
	if !strings.HasPrefix(rel, "/") && !strings.HasSuffix(filepath.ToSlash(top), "/") {
		return ""
	}
	return strings.TrimPrefix(rel, "/")
}

// dirChunk bounds how many entries of a directory are in memory at a time.
const dirChunk = 1024
