package convert

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/photoferry/photoferry/app/photo"
)

// Wish says what a copy is to be like.
type Wish struct {
	Kind    photo.Kind `json:"kind"`           // of the original
	Side    int        `json:"side,omitempty"` // longest side in pixels; 0: as it is
	Quality int        `json:"quality"`        // of JPEG, 1..100, where the picture is coded anew
	Keep    photo.Keep `json:"keep,omitempty"`
}

// DefaultQuality is for accounts that do not say another.
const DefaultQuality = 90

// Bounds of one child.
const (
	maxTime   = 3 * time.Minute
	maxMemory = 2 << 30   // bytes
	maxOutput = 200 << 20 // bytes
	// minPreview is the longest side in pixels from which the picture in a raw
	// file is worth sending in the file's place.
	minPreview = 1000
)

// MaxPixels is the largest picture that is converted.
const MaxPixels = 150_000_000

var (
	// ErrPicture says that no copy can be made of this file: it is broken, too
	// large, or there is nothing that decodes it. Trying again is no use.
	ErrPicture = errors.New("it cannot be converted")
	// ErrSpace says that there was no room for the copy. It is worth trying
	// again when there is.
	ErrSpace = errors.New("there is no room for the converted photo")
)

// variable tells a process that it is a child, and its task.
const variable = "PHOTOFERRY_CONVERT"

// task is what a child is told.
type task struct {
	Wish
	Dir string `json:"dir"` // for files of the system's converter; the parent's to remove
}

// failure is what a child says on its standard error before it ends.
type failure struct {
	Reason string `json:"reason"`
	Space  bool   `json:"space,omitempty"`
}

// Make writes a copy of src, of which it reads from the start, to dst, a new
// and empty file. dir is an empty folder for what is made in between.
//
// Errors are the context's, or wrap [ErrPicture] or [ErrSpace] and end with
// the reason in plain words; all others come from the system. What was written
// to dst is of no use then.
func Make(ctx context.Context, src, dst *os.File, dir string, w Wish) error {
	self, err := executable()
	if err != nil {
		return err
	}
	text, err := json.Marshal(task{w, dir})
	if err != nil {
		return err
	}
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read the original: %w", err)
	}
	limited, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	cmd := exec.CommandContext(limited, self)
	cmd.Env = childEnv(string(text))
	cmd.Stdin, cmd.Stdout = src, dst
	var said bytes.Buffer
	cmd.Stderr = &bounded{w: &said, left: 16 << 10}
	group(cmd)
	cmd.WaitDelay = 5 * time.Second
	err = cmd.Run()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case limited.Err() != nil:
		return fmt.Errorf("%w: it took more than %s", ErrPicture, maxTime)
	case err == nil:
		return written(dst)
	}
	return verdict(said.String(), err)
}

// verdict makes an error of how a child ended.
func verdict(said string, err error) error {
	var f failure
	last := said[strings.LastIndexByte(strings.TrimSpace(said), '\n')+1:]
	if json.Unmarshal([]byte(last), &f) == nil && f.Reason != "" {
		if f.Space {
			return fmt.Errorf("%w: %s", ErrSpace, f.Reason)
		}
		return fmt.Errorf("%w: %s", ErrPicture, f.Reason)
	}
	if _, ok := errors.AsType[*exec.ExitError](err); ok {
		return fmt.Errorf("%w: the decoder broke off (%w)", ErrPicture, err)
	}
	return fmt.Errorf("start the converter: %w", err)
}

// written makes sure that there is a copy.
func written(dst *os.File) error {
	fi, err := dst.Stat()
	if err != nil {
		return err
	}
	if fi.Size() == 0 {
		return fmt.Errorf("%w: nothing came of it", ErrPicture)
	}
	return nil
}

// SpaceOr has an error wrap [ErrSpace] if it is for want of room on the disk.
func SpaceOr(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %w", ErrSpace, err)
	}
	return err
}

// executable is this program, also after its file was replaced.
func executable() (string, error) {
	const own = "/proc/self/exe"
	if runtime.GOOS == "linux" {
		return own, nil
	}
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find this program: %w", err)
	}
	return self, nil
}

// childEnv is what a child needs to find programs and their libraries (and a
// test's child to end at once), and nothing else: no secret, no desktop.
func childEnv(text string) []string {
	env := []string{variable + "=" + text}
	for _, name := range []string{"PATH", "LD_LIBRARY_PATH", "SystemRoot", "TMPDIR", "TEMP", "LIBHEIF_PLUGIN_PATH", "GORACE"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// bounded drops what is too much.
type bounded struct {
	w    io.Writer
	left int
}

func (b *bounded) Write(p []byte) (int, error) {
	n := min(len(p), b.left)
	b.left -= n
	if _, err := b.w.Write(p[:n]); err != nil {
		return 0, err
	}
	return len(p), nil
}
