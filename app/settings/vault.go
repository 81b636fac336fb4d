package settings

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"filippo.io/age"
)

// workFactor is scrypt's cost as a power of two: 64 MiB and a quarter of a
// second to open the file. age's own default takes 256 MiB, too much for the
// small machines that have no keyring.
const workFactor = 16

// maxWorkFactor bounds what a file may ask for: 1 GiB.
const maxWorkFactor = 20

// maxVault bounds the file, in bytes.
const maxVault = 16 << 20

// How a vault may get at a passphrase.
const (
	quietly = false // without asking anybody
	asking  = true
)

// vault is secrets.age: account IDs and secrets in JSON, encrypted with a
// passphrase. What was decrypted is kept until the file changes, because each
// decryption is slow on purpose. Methods are not called concurrently.
type vault struct {
	path   string
	env    func(string) string
	prompt func() (string, error) // may be nil
	work   int                    // scrypt's cost for what is written

	passphrase string      // the one that fitted last
	contents   *contents   // nil: nothing decrypted yet
	read       os.FileInfo // of the file that contents came from
}

type contents struct {
	Version int               `json:"version"` // 1
	Secrets map[string]string `json:"secrets"` // by account ID
}

// candidate is a passphrase and where it came from.
type candidate struct{ text, source string }

// get returns a secret. Its errors are ErrNoSecret, ErrLocked, ErrPassphrase
// with ErrLocked, ErrDamaged, and those of the file system.
func (v *vault) get(id string, ask bool) (string, error) {
	if err := v.open(ask); err != nil {
		return "", err
	}
	secret, ok := v.contents.Secrets[id]
	if !ok {
		return "", ErrNoSecret
	}
	return secret, nil
}

// set stores a secret, making the file if there is none.
func (v *vault) set(ctx context.Context, id, secret string) error {
	return v.change(ctx, asking, func(c *contents) bool {
		old, ok := c.Secrets[id]
		c.Secrets[id] = secret
		return !ok || old != secret
	})
}

// remove deletes a secret; nothing happens if the file or the secret is not there.
func (v *vault) remove(ctx context.Context, id string, ask bool) error {
	if _, err := os.Lstat(v.path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return v.change(ctx, ask, func(c *contents) bool {
		_, ok := c.Secrets[id]
		delete(c.Secrets, id)
		return ok
	})
}

// change edits the contents under a lock that other processes respect. Whoever
// must be asked for the passphrase is asked before it is taken.
func (v *vault) change(ctx context.Context, ask bool, edit func(*contents) bool) error {
	if err := v.open(ask); err != nil {
		return err
	}
	if v.passphrase == "" {
		if err := v.choose(); err != nil {
			return err
		}
	}
	unlock, err := lock(ctx, v.path)
	if err != nil {
		return fmt.Errorf("lock %s: %w", v.path, err)
	}
	defer unlock()
	if err := v.open(quietly); err != nil {
		return err
	}
	c := v.contents
	if !edit(c) {
		return nil
	}
	v.contents = nil // until the file has the same
	if err := v.write(c); err != nil {
		return err
	}
	v.contents = c
	v.read, err = os.Stat(v.path)
	return err
}

// open makes contents what is in the file now; nothing, when there is none.
func (v *vault) open(ask bool) error {
	info, err := os.Stat(v.path)
	if errors.Is(err, fs.ErrNotExist) {
		v.contents, v.read = &contents{Version: 1, Secrets: map[string]string{}}, nil
		return nil
	}
	if err != nil {
		return err
	}
	if v.contents != nil && v.read != nil && os.SameFile(info, v.read) && info.ModTime().Equal(v.read.ModTime()) && info.Size() == v.read.Size() {
		return nil
	}
	v.contents = nil
	if info.Size() > maxVault {
		return fmt.Errorf("%s: %w", v.path, ErrDamaged)
	}
	sealed, err := os.ReadFile(v.path)
	if err != nil {
		return err
	}
	return v.unlock(sealed, info, ask)
}

// unlock tries the passphrases one after the other, the user's last.
func (v *vault) unlock(sealed []byte, info os.FileInfo, ask bool) error {
	known, err := v.quiet()
	if err != nil {
		return err
	}
	var sources []string
	for _, c := range known {
		if ok, err := v.try(sealed, info, c); ok || err != nil {
			return err
		}
		sources = append(sources, c.source)
	}
	if ask && v.prompt != nil {
		c, err := v.ask()
		if err != nil {
			return err
		}
		if ok, err := v.try(sealed, info, c); ok || err != nil {
			return err
		}
		sources = append(sources, c.source)
	}
	if sources == nil {
		return fmt.Errorf("%s is encrypted, and there is no passphrase: %w", v.path, ErrLocked)
	}
	return &wrongPassphrase{file: v.path, source: strings.Join(sources, " or from ")}
}

// wrongPassphrase is both ErrLocked and ErrPassphrase.
type wrongPassphrase struct{ file, source string }

func (e *wrongPassphrase) Error() string {
	return fmt.Sprintf("the passphrase from %s does not open %s: give the right one, or move the file away and enter the secrets again", e.source, e.file)
}

func (e *wrongPassphrase) Is(target error) bool {
	return target == ErrLocked || target == ErrPassphrase
}

// try decrypts with one passphrase. A wrong one is no error: ok is false.
func (v *vault) try(sealed []byte, info os.FileInfo, c candidate) (ok bool, err error) {
	id, err := age.NewScryptIdentity(c.text)
	if err != nil {
		return false, fmt.Errorf("use the passphrase from %s: %w", c.source, err)
	}
	id.SetMaxWorkFactor(maxWorkFactor)
	// scrypt leaves tens of megabytes behind, in a process that lives all day
	// on a few.
	defer debug.FreeOSMemory()
	r, err := age.Decrypt(bytes.NewReader(sealed), id)
	var mismatch *age.NoIdentityMatchError
	if errors.As(err, &mismatch) || errors.Is(err, age.ErrIncorrectIdentity) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("%s: %w (%w)", v.path, ErrDamaged, err)
	}
	clear, err := io.ReadAll(io.LimitReader(r, maxVault))
	if err != nil {
		return false, fmt.Errorf("%s: %w (%w)", v.path, ErrDamaged, err)
	}
	var got contents
	if err := json.Unmarshal(clear, &got); err != nil || got.Version != 1 {
		// The decoder's error may repeat what it read.
		return false, fmt.Errorf("%s: %w (its contents are not what this version writes)", v.path, ErrDamaged)
	}
	if got.Secrets == nil {
		got.Secrets = map[string]string{}
	}
	v.passphrase, v.contents, v.read = c.text, &got, info
	return true, nil
}

// quiet returns the passphrases that are at hand without asking.
func (v *vault) quiet() ([]candidate, error) {
	var known []candidate
	if v.passphrase != "" {
		known = append(known, candidate{v.passphrase, "before"})
	}
	if p := v.env(passphraseVariable); p != "" && p != v.passphrase {
		known = append(known, candidate{p, "$" + passphraseVariable})
	}
	dir := v.env("CREDENTIALS_DIRECTORY")
	if dir == "" {
		return known, nil
	}
	text, err := os.ReadFile(filepath.Join(dir, credentialName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the systemd credential %q: %w", credentialName, err)
	}
	if p := strings.TrimRight(string(text), "\r\n"); p != "" && p != v.passphrase {
		known = append(known, candidate{p, fmt.Sprintf("the systemd credential %q", credentialName)})
	}
	return known, nil
}

func (v *vault) ask() (candidate, error) {
	p, err := v.prompt()
	if err != nil {
		return candidate{}, fmt.Errorf("ask for the passphrase: %w", err)
	}
	if p == "" {
		return candidate{}, fmt.Errorf("no passphrase was given: %w", ErrLocked)
	}
	return candidate{p, "the prompt"}, nil
}

// choose takes the first passphrase at hand for a new file.
func (v *vault) choose() error {
	known, err := v.quiet()
	if err != nil {
		return err
	}
	if len(known) == 0 && v.prompt != nil {
		c, err := v.ask()
		if err != nil {
			return err
		}
		known = []candidate{c}
	}
	if len(known) == 0 {
		return ErrLocked
	}
	v.passphrase = known[0].text
	return nil
}

// write encrypts contents into the file.
func (v *vault) write(c *contents) error {
	clear, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode secrets: %w", err)
	}
	recipient, err := age.NewScryptRecipient(v.passphrase)
	if err != nil {
		return fmt.Errorf("use the passphrase: %w", err)
	}
	recipient.SetWorkFactor(v.work)
	defer debug.FreeOSMemory()
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, recipient)
	if err != nil {
		return fmt.Errorf("encrypt secrets: %w", err)
	}
	if _, err := w.Write(clear); err != nil {
		return fmt.Errorf("encrypt secrets: %w", err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("encrypt secrets: %w", err)
	}
	return replace(v.path, sealed.Bytes())
}

// ready reports whether set could store a secret, as far as that can be known
// without decrypting anything.
func (v *vault) ready() error {
	known, err := v.quiet()
	if err != nil {
		return err
	}
	if len(known) == 0 && v.prompt == nil {
		return ErrLocked
	}
	return nil
}
