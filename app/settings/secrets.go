package settings

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Errors of [Secrets] that callers tell apart.
var (
	// ErrNoSecret means that no store holds a secret for the account.
	ErrNoSecret = errors.New("no secret is stored for this account")

	// ErrLocked means that there may be a secret, or that one could be stored,
	// if the user unlocked a store first.
	ErrLocked = errors.New(`secrets can neither be read nor stored: unlock the system keyring, or set $PHOTOFERRY_PASSPHRASE, or give the service the systemd credential "photoferry"`)

	// ErrPassphrase means that the encrypted file was not made with any of the
	// passphrases at hand. It comes together with [ErrLocked].
	ErrPassphrase = errors.New("wrong passphrase")

	// ErrDamaged means that the encrypted file is not one, or was changed
	// after it was written. It is left as it is.
	ErrDamaged = errors.New("the file of secrets is damaged: move it away and enter the secrets again")
)

// Places where a secret may come from without anybody being asked.
const (
	passphraseVariable = "PHOTOFERRY_PASSPHRASE"
	credentialName     = "photoferry"         // a file in $CREDENTIALS_DIRECTORY, as systemd puts it there
	keyringVariable    = "PHOTOFERRY_KEYRING" // "off" leaves the system keyring alone
	secretsFile        = "secrets.age"
)

// SecretOptions says where secrets are kept. The zero value uses the system
// keyring and, where there is none, secrets.age in the working directory.
type SecretOptions struct {
	Dir        string                 // where secrets.age lies; made when needed
	Passphrase func() (string, error) // asks the user, as the last resort; nil: nobody is there
	WorkFactor int                    // scrypt's cost of a new file as a power of two; 0: 16
	NoKeyring  bool                   // leave the system keyring alone, as does $PHOTOFERRY_KEYRING=off
	Timeout    time.Duration          // how long the keyring may take; 0: 5 s
	Env        func(string) string    // nil: os.Getenv
}

// Secrets stores one secret for each account, in the system keyring if there
// is one that answers, otherwise in secrets.age, a file encrypted with a
// passphrase by age. It never stores a secret in plain text.
//
// The passphrase is $PHOTOFERRY_PASSPHRASE, the systemd credential
// "photoferry", or what the user answers, in this order.
//
// A locked keyring does not answer until the user unlocks it. Secrets waits
// for it once and then goes on without it, until it answers after all.
//
// The methods may be called from several goroutines; they take turns. Several
// processes may use the same file.
type Secrets struct {
	ring *ring
	file *vault
	turn chan struct{} // holds a token while a method is at work
}

// OpenSecrets returns the secrets described by o. Nothing is read, asked or
// decrypted before it is needed.
func OpenSecrets(o SecretOptions) *Secrets {
	if o.Env == nil {
		o.Env = os.Getenv
	}
	if o.Timeout <= 0 {
		o.Timeout = 5 * time.Second
	}
	return &Secrets{
		ring: newRing(o),
		file: &vault{
			path:   filepath.Join(o.Dir, secretsFile),
			env:    o.Env,
			prompt: o.Passphrase,
			work:   cmp.Or(o.WorkFactor, workFactor),
		},
		turn: make(chan struct{}, 1),
	}
}

func (s *Secrets) begin(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Secrets) end() { <-s.turn }

// Get returns an account's secret. The error is [ErrNoSecret], [ErrLocked]
// (together with [ErrPassphrase] for a wrong passphrase), [ErrDamaged], or what
// the file system said.
//
// The file is asked first if it can be opened without a question: it is
// written only while the keyring is out of reach, so what it has is newer.
func (s *Secrets) Get(ctx context.Context, accountID string) (string, error) {
	if err := s.begin(ctx); err != nil {
		return "", err
	}
	defer s.end()
	secret, fileErr := s.file.get(accountID, quietly)
	if fileErr == nil {
		return secret, nil
	}
	secret, ringErr := s.ring.get(ctx, accountID)
	if ringErr == nil {
		return secret, nil
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if errors.Is(fileErr, ErrLocked) {
		if secret, fileErr = s.file.get(accountID, asking); fileErr == nil {
			return secret, nil
		}
	}
	switch {
	case !errors.Is(fileErr, ErrNoSecret):
		return "", fmt.Errorf("read secret: %w", fileErr)
	case errors.Is(ringErr, errSilent):
		return "", fmt.Errorf("read secret: %w (%w)", ErrLocked, ringErr)
	case errors.Is(ringErr, ErrNoSecret), errors.Is(ringErr, errAbsent):
		return "", ErrNoSecret
	}
	return "", fmt.Errorf("%w (%w)", ErrNoSecret, ringErr)
}

// Set stores an account's secret in place of an older one. Without a keyring
// the first Set makes secrets.age with the passphrase at hand. The errors are
// those of Get, without [ErrNoSecret].
func (s *Secrets) Set(ctx context.Context, accountID, secret string) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer s.end()
	ringErr := s.ring.set(ctx, accountID, secret)
	if ringErr == nil {
		// What the file may still have is older now and would be found first,
		// unless it cannot be opened, when it would not be found at all.
		if err := s.file.remove(ctx, accountID, quietly); err != nil && !errors.Is(err, ErrLocked) && !errors.Is(err, ErrDamaged) {
			return fmt.Errorf("remove the old secret from %s: %w", s.file.path, err)
		}
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := s.file.set(ctx, accountID, secret); err != nil {
		if errors.Is(ringErr, errAbsent) {
			return fmt.Errorf("store secret: %w", err)
		}
		return fmt.Errorf("store secret: %w (%w)", err, ringErr)
	}
	return nil
}

// Delete removes an account's secret from every store. It is no error if there
// is none. [ErrLocked] means that a store may still have it.
func (s *Secrets) Delete(ctx context.Context, accountID string) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer s.end()
	ringErr := s.ring.remove(ctx, accountID)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := s.file.remove(ctx, accountID, asking); err != nil {
		return fmt.Errorf("delete secret: %w", err)
	}
	if errors.Is(ringErr, errSilent) {
		return fmt.Errorf("delete secret: %w (%w)", ErrLocked, ringErr)
	}
	return nil
}

// Where says in words where Set would store a secret now: "the system
// keyring", "the encrypted file ...", or "nowhere: " and why. It may have to
// wait for the keyring's first answer, for the timeout at most.
func (s *Secrets) Where() string {
	s.turn <- struct{}{}
	defer s.end()
	ringErr := s.ring.probe()
	if ringErr == nil {
		return "the system keyring"
	}
	err := s.file.ready()
	if err == nil {
		return "the encrypted file " + s.file.path
	}
	if errors.Is(ringErr, errAbsent) {
		return "nowhere: " + err.Error()
	}
	return fmt.Sprintf("nowhere: %v (%v)", err, ringErr)
}
