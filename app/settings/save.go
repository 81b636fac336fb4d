package settings

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/pelletier/go-toml/v2"
)

const (
	fileHead = `# Settings of PhotoFerry.
#
# You may edit this file: the running program notices, and goes on with what it
# had when there is a mistake. "photoferry settings check" shows every mistake
# with its line. The program writes the file itself when you change something
# in its window or on the command line; comments of your own are not kept then.
#
# Passwords are not here: they are kept in the system keyring, or in a file
# encrypted with a passphrase.

`
	accountsHead = `
# Accounts: where photos go. "photoferry account add" makes one and asks for its
# password.
#
#   [[account]]
#   id = "..."                 # made by the program; never change it
#   name = "home"              # what you call it
#   service = "picapport"      # what kind of site it is
#   url = "https://photos.example.org"
#   user = "anna"
#   options = {}               # of the service, such as { key = "value" }
#   fingerprint = "..."        # of a certificate that you decided to trust
#   strip = "place"            # take this out of what is sent: place, or all metadata
#   home = "48.1374, 11.5755, 500" # take places out only within so many metres of here
#   longest_side = 2048        # send larger pictures smaller, as JPEG; 0: as they are
#   quality = 90               # of JPEG, where a picture is coded anew
`
	foldersHead = `
# Folders: where photos come from.
#
#   [[folder]]
#   path = "~/Pictures/Import"
#   accounts = ["home"]        # names of the accounts that get the photos
#   everything = false         # true: also what is there already; false: from now on
#   sync_check = true          # ask the server first; send nothing that it ever had
#   flat = false               # true: without sub-folders
#   album = ""                 # name or template; empty: as the account has it
#   title = ""                 # text or template; empty: as the photo has it
#   tags = ["{year}"]          # besides those that the photo has
#   unsupported = "convert"    # formats that an account does not take: convert to JPEG, or skip
#   pairs = "both"             # RAW or HEIC with its JPEG: send both, jpeg or raw
#   edited = "both"            # photos that change after they were sent: both, replace, ignore
#   cool = "10m"               # hold photos back for so long, to delete bad ones
#   include = ["*.jpg"]        # only these; without it, every photo
#   exclude = ["export/**"]    # not these
`
	eventsHead = `
# Events: words for all photos that were taken in a span of time.
#
#   [[event]]
#   name = "Wedding"
#   from = 2026-05-01T12:00:00+02:00
#   to = 2026-05-01T23:00:00+02:00
#   title = "Anna and Ben"
#   description = ""
#   tags = ["wedding"]
#   album = "2026/Wedding"
`
	camerasHead = `
# Cameras whose clock is wrong: what it lacks is added to the dates that are sent.
#
#   [[camera]]
#   model = "FUJIFILM X100V"   # with or without its make
#   add = "-1h"                # its clock is an hour ahead
`
	exportHead = `# Settings of PhotoFerry, exported. Passwords are not in here.

`
)

// encode returns s as a commented TOML file.
func encode(head string, s Settings) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(head)
	for _, part := range []struct {
		head string
		body any
	}{
		{"", struct {
			General General `toml:"general"`
		}{s.General}},
		{accountsHead, struct {
			Accounts []Account `toml:"account,omitempty"`
		}{s.Accounts}},
		{foldersHead, struct {
			Folders []Folder `toml:"folder,omitempty"`
		}{s.Folders}},
		{eventsHead, struct {
			Events []Event `toml:"event,omitempty"`
		}{s.Events}},
		{camerasHead, struct {
			Cameras []Camera `toml:"camera,omitempty"`
		}{s.Cameras}},
	} {
		b.WriteString(part.head)
		text, err := toml.Marshal(part.body)
		if err != nil {
			return nil, fmt.Errorf("encode settings: %w", err)
		}
		if part.head != "" && len(text) > 0 {
			b.WriteByte('\n')
		}
		b.Write(text)
	}
	return b.Bytes(), nil
}

// Save writes s as a commented TOML file that only its owner can read,
// replacing the old one in one step; where file is a symbolic link, the file
// that it points to. Settings that Load would refuse are not written: the error
// is an [*Invalid]. A file or folder that must not be written to gives
// [ErrReadOnly]. Programs that may not be alone use [Update].
func Save(file string, s Settings) error {
	s = s.normal()
	if problems := s.Validate(nil); len(problems) > 0 {
		return &Invalid{Problems: problems}
	}
	text, err := encode(fileHead, s)
	if err != nil {
		return err
	}
	if err := replace(file, text); err != nil {
		return fmt.Errorf("save settings: %w", err)
	}
	return nil
}

// lockTimeout is how long Update and Secrets wait for another process that is
// changing the same file.
const lockTimeout = 10 * time.Second

// lock takes the lock that guards a file against other processes, and returns
// what gives it back. The lock is a file beside it that stays.
func lock(ctx context.Context, file string) (unlock func(), err error) {
	file, err = target(file)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, readOnly(err, filepath.Dir(file))
	}
	ctx, cancel := context.WithTimeout(ctx, lockTimeout)
	defer cancel()
	l := flock.New(file+".lock", flock.SetPermissions(0o600))
	ok, err := l.TryLockContext(ctx, 10*time.Millisecond)
	switch {
	case ok:
		return func() { _ = l.Unlock() }, nil
	case ctx.Err() != nil:
		return nil, fmt.Errorf("another program has held the lock %s for %v: %w", l.Path(), lockTimeout, ctx.Err())
	}
	return nil, readOnly(err, filepath.Dir(file))
}

// Update changes a settings file under a lock that other processes respect:
// it loads the file, calls change, validates and saves, and returns the
// settings as they are then. Nothing is written when change returns an error,
// which is returned as it is, or when it changes nothing. services is as for
// [Load].
func Update(file string, services map[string][]string, change func(*Settings) error) (Settings, error) {
	unlock, err := lock(context.Background(), file)
	if err != nil {
		return Settings{}, fmt.Errorf("lock settings: %w", err)
	}
	defer unlock()
	before, err := Load(file, services)
	if err != nil {
		return Settings{}, err
	}
	edited := before.clone()
	if err := change(&edited); err != nil {
		return Settings{}, err
	}
	after := edited.normal() // shares nothing with what change may have kept
	if problems := after.Validate(services); len(problems) > 0 {
		return Settings{}, &Invalid{Problems: problems}
	}
	if reflect.DeepEqual(before, after) {
		return after, nil
	}
	if err := Save(file, after); err != nil {
		return Settings{}, err
	}
	return after, nil
}

// Export writes s for [Import] on another machine: without secrets, and with
// folders in the user's home written as ~.
func Export(s Settings, w io.Writer) error {
	s = s.normal()
	if problems := s.Validate(nil); len(problems) > 0 {
		return &Invalid{Problems: problems}
	}
	if home, err := os.UserHomeDir(); err == nil {
		for i := range s.Folders {
			p := &s.Folders[i].Path
			if *p == home {
				*p = "~"
			} else if rest, ok := strings.CutPrefix(*p, home+string(filepath.Separator)); ok {
				*p = "~/" + filepath.ToSlash(rest)
			}
		}
	}
	text, err := encode(exportHead, s)
	if err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return fmt.Errorf("export settings: %w", err)
	}
	return nil
}
