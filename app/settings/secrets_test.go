package settings

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zalando/go-keyring"
)

const (
	bus        = "DBUS_SESSION_BUS_ADDRESS"
	secretText = "hunter2-äö🎞"
	passText   = "correct horse"
)

// openCheap is OpenSecrets without the cost that makes guessing slow.
func openCheap(o SecretOptions) *Secrets {
	s := OpenSecrets(o)
	s.file.work = 8
	return s
}

// env returns a lookup as os.Getenv, from pairs.
func env(pairs ...string) func(string) string {
	return func(key string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == key {
				return pairs[i+1]
			}
		}
		return ""
	}
}

// clean fails the test if an error has a secret in it.
func clean(t *testing.T, err error) {
	t.Helper()
	if err != nil && (strings.Contains(err.Error(), secretText) || strings.Contains(err.Error(), passText)) {
		t.Errorf("a secret is in the error: %v", err)
	}
}

func mustSet(t *testing.T, s *Secrets, id, secret string) {
	t.Helper()
	if err := s.Set(t.Context(), id, secret); err != nil {
		t.Fatal(err)
	}
}

func mustGet(t *testing.T, s *Secrets, id, want string) {
	t.Helper()
	if got, err := s.Get(t.Context(), id); err != nil || got != want {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestTheKeyringIsUsedWhereThereIsOne(t *testing.T) {
	keyring.MockInit()
	dir := t.TempDir()
	s := openCheap(SecretOptions{Dir: dir, Env: env(bus, "unix:path=/nowhere", passphraseVariable, passText)})
	if got := s.Where(); got != "the system keyring" {
		t.Errorf("Where: %q", got)
	}
	if _, err := s.Get(t.Context(), "a"); !errors.Is(err, ErrNoSecret) {
		t.Errorf("before: got %v", err)
	}
	mustSet(t, s, "a", "old")
	mustSet(t, s, "a", secretText)
	mustGet(t, s, "a", secretText)
	if got, err := keyring.Get("photoferry", "a"); err != nil || got != secretText {
		t.Errorf("keyring has %q, %v", got, err)
	}
	for range 2 {
		if err := s.Delete(t.Context(), "a"); err != nil {
			t.Errorf("Delete: %v", err)
		}
	}
	if _, err := s.Get(t.Context(), "a"); !errors.Is(err, ErrNoSecret) {
		t.Errorf("after: got %v", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("files were written: %v", entries)
	}
}

func TestTheKeyringIsNotTouchedWithoutASessionOrWhenSwitchedOff(t *testing.T) {
	keyring.MockInit()
	if err := keyring.Set("photoferry", "a", secretText); err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]SecretOptions{
		"no session":          {Env: env()},
		"a runtime dir alone": {Env: env("XDG_RUNTIME_DIR", t.TempDir())},
		"autolaunch":          {Env: env(bus, "autolaunch:")},
		"switched off":        {Env: env(bus, "unix:path=/nowhere"), NoKeyring: true},
		"by variable":         {Env: env(bus, "unix:path=/nowhere", keyringVariable, "off")},
	} {
		o.Dir = t.TempDir()
		s := openCheap(o)
		if got, err := s.Get(t.Context(), "a"); !errors.Is(err, ErrNoSecret) {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
		if got := s.Where(); !strings.HasPrefix(got, "nowhere: ") {
			t.Errorf("%s: Where: %q", name, got)
		}
	}
}

func TestASocketInTheRuntimeFolderIsASession(t *testing.T) {
	keyring.MockInit()
	dir := t.TempDir()
	l, err := new(net.ListenConfig).Listen(t.Context(), "unix", filepath.Join(dir, "bus"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := openCheap(SecretOptions{Dir: dir, Env: env("XDG_RUNTIME_DIR", dir)})
	if got := s.Where(); got != "the system keyring" {
		t.Errorf("Where: %q", got)
	}
}

func TestWithoutAKeyringSecretsAreInAnEncryptedFile(t *testing.T) {
	keyring.MockInitWithError(errors.New("no such service"))
	dir := filepath.Join(t.TempDir(), "home")
	o := SecretOptions{Dir: dir, Env: env(bus, "unix:path=/nowhere", passphraseVariable, passText)}
	s := openCheap(o)
	file := filepath.Join(dir, "secrets.age")
	if got := s.Where(); got != "the encrypted file "+file {
		t.Errorf("Where: %q", got)
	}
	mustSet(t, s, "a", secretText)
	mustSet(t, s, "b", "other")
	mustGet(t, s, "a", secretText)
	mustGet(t, openCheap(o), "a", secretText)
	if _, err := s.Get(t.Context(), "c"); !errors.Is(err, ErrNoSecret) {
		t.Errorf("unknown account: got %v", err)
	}
	sealed, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(sealed), "age-encryption.org/v1\n-> scrypt ") || strings.Contains(string(sealed), secretText) {
		t.Errorf("the file is %q", sealed)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode: %v, %v", info.Mode(), err)
	}
	if err := s.Delete(t.Context(), "a"); err != nil {
		t.Errorf("Delete: %v", err)
	}
	again := openCheap(o)
	if _, err := again.Get(t.Context(), "a"); !errors.Is(err, ErrNoSecret) {
		t.Errorf("after Delete: got %v", err)
	}
	mustGet(t, again, "b", "other")
}

func TestGuessingThePassphraseIsMadeSlow(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mustSet(t, OpenSecrets(SecretOptions{Dir: dir, NoKeyring: true, Env: env(passphraseVariable, passText)}), "a", secretText)
	sealed, err := os.ReadFile(filepath.Join(dir, "secrets.age"))
	if err != nil {
		t.Fatal(err)
	}
	if header := strings.SplitN(string(sealed), "\n", 3); !strings.HasSuffix(header[1], " 16") {
		t.Errorf("scrypt's cost is not 2^16: %s", header[1])
	}
}

func TestThePassphraseComesFromTheVariableTheCredentialOrTheUser(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	credentials := t.TempDir()
	if err := os.WriteFile(filepath.Join(credentials, "photoferry"), []byte(passText+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	prompt := func() (string, error) { return passText, nil }
	never := func() (string, error) { t.Error("the user was asked"); return "", nil }
	for name, o := range map[string]SecretOptions{
		"variable":             {Env: env(passphraseVariable, passText), Passphrase: never},
		"credential":           {Env: env("CREDENTIALS_DIRECTORY", credentials), Passphrase: never},
		"user":                 {Env: env("CREDENTIALS_DIRECTORY", dir), Passphrase: prompt},
		"wrong one, then user": {Env: env(passphraseVariable, "wrong"), Passphrase: prompt},
		"wrong, then right":    {Env: env(passphraseVariable, "wrong", "CREDENTIALS_DIRECTORY", credentials), Passphrase: never},
	} {
		o.Dir, o.NoKeyring = dir, true
		if name == "variable" || name == "credential" || name == "user" {
			fresh := o
			fresh.Dir = t.TempDir()
			s := openCheap(fresh)
			mustSet(t, s, "a", name)
			mustGet(t, s, "a", name)
		}
		mustSet(t, openCheap(SecretOptions{Dir: dir, NoKeyring: true, Env: env(passphraseVariable, passText)}), "a", name)
		t.Run(name, func(t *testing.T) { mustGet(t, openCheap(o), "a", name) })
	}
}

func TestTheUserIsAskedOncePerProcess(t *testing.T) {
	t.Parallel()
	asked := 0
	o := SecretOptions{Dir: t.TempDir(), NoKeyring: true, Env: env(), Passphrase: func() (string, error) { asked++; return passText, nil }}
	s := openCheap(o)
	mustSet(t, s, "a", "1")
	mustSet(t, s, "b", "2")
	mustGet(t, s, "a", "1")
	// Another process changes the file.
	mustSet(t, openCheap(SecretOptions{Dir: o.Dir, NoKeyring: true, Env: env(passphraseVariable, passText)}), "a", "3")
	mustGet(t, s, "a", "3")
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

func TestWithNoStoreAtAllTheErrorSaysWhatToDo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openCheap(SecretOptions{Dir: dir, Env: env()})
	err := s.Set(t.Context(), "a", secretText)
	clean(t, err)
	if !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), "$PHOTOFERRY_PASSPHRASE") {
		t.Errorf("Set: got %v", err)
	}
	if _, err := s.Get(t.Context(), "a"); !errors.Is(err, ErrNoSecret) {
		t.Errorf("Get: got %v", err)
	}
	if err := s.Delete(t.Context(), "a"); err != nil {
		t.Errorf("Delete: got %v", err)
	}
	for _, answer := range []struct {
		text string
		err  error
		want error
	}{{"", nil, ErrLocked}, {"", os.ErrClosed, os.ErrClosed}} {
		s := openCheap(SecretOptions{Dir: dir, Env: env(), Passphrase: func() (string, error) { return answer.text, answer.err }})
		if err := s.Set(t.Context(), "a", secretText); !errors.Is(err, answer.want) {
			t.Errorf("prompt answered %q, %v: got %v", answer.text, answer.err, err)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("files were written: %v", entries)
	}
}

func TestAWrongPassphraseIsToldFromADamagedFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	right := SecretOptions{Dir: dir, NoKeyring: true, Env: env(passphraseVariable, passText)}
	mustSet(t, openCheap(right), "a", secretText)
	file := filepath.Join(dir, "secrets.age")
	sealed, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	none, wrong := right, right
	none.Env = env()
	wrong.Env = env(passphraseVariable, passText+"x")
	flipped := append([]byte(nil), sealed...)
	flipped[len(flipped)-1] ^= 1
	for _, tt := range []struct {
		name     string
		o        SecretOptions
		contents []byte
		want     []error
		not      error
	}{
		{"no passphrase", none, sealed, []error{ErrLocked}, ErrPassphrase},
		{"a wrong passphrase", wrong, sealed, []error{ErrLocked, ErrPassphrase}, ErrDamaged},
		{"a changed byte", right, flipped, []error{ErrDamaged}, ErrLocked},
		{"a cut file", right, sealed[:len(sealed)-5], []error{ErrDamaged}, ErrLocked},
		{"an empty file", right, nil, []error{ErrDamaged}, ErrLocked},
		{"a file that was never encrypted", right, []byte(`{"version":1,"secrets":{"a":"x"}}`), []error{ErrDamaged}, ErrLocked},
		{"a file far too large", right, make([]byte, maxVault+1), []error{ErrDamaged}, ErrLocked},
	} {
		if err := os.WriteFile(file, tt.contents, 0o600); err != nil {
			t.Fatal(err)
		}
		s := openCheap(tt.o)
		_, getErr := s.Get(t.Context(), "a")
		for what, err := range map[string]error{"Get": getErr, "Set": s.Set(t.Context(), "a", secretText), "Delete": s.Delete(t.Context(), "a")} {
			clean(t, err)
			for _, want := range tt.want {
				if !errors.Is(err, want) {
					t.Errorf("%s: %s: got %v, want %v", tt.name, what, err, want)
				}
			}
			if errors.Is(err, tt.not) {
				t.Errorf("%s: %s: got %v, which is %v", tt.name, what, err, tt.not)
			}
		}
		if after, err := os.ReadFile(file); err != nil || string(after) != string(tt.contents) {
			t.Errorf("%s: the file was changed", tt.name)
		}
	}
}

func TestConcurrentProcessesDoNotLoseEachOthersSecrets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	names, times := []string{"a", "b", "c"}, 2
	together(t, "secrets", names, []string{passphraseVariable + "=" + passText}, func(name string) []string {
		return []string{dir, name, strconv.Itoa(times)}
	})
	s := openCheap(SecretOptions{Dir: dir, NoKeyring: true, Env: env(passphraseVariable, passText)})
	for _, name := range names {
		for i := range times {
			id := fmt.Sprint(name, i)
			mustGet(t, s, id, "secret of "+id)
		}
	}
}

func TestConcurrentCallsDecryptOnce(t *testing.T) {
	t.Parallel()
	o := SecretOptions{Dir: t.TempDir(), NoKeyring: true, Env: env(passphraseVariable, passText)}
	mustSet(t, openCheap(o), "a", secretText)
	asked := 0
	o.Env, o.Passphrase = env(), func() (string, error) { asked++; return passText, nil }
	s := openCheap(o)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { mustGet(t, s, "a", secretText) })
	}
	wg.Wait()
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

// lockedRing is a keyring that blocks until it is unlocked.
type lockedRing struct {
	keyring.Keyring
	unlocked chan struct{}
	calls    chan string
}

func newLockedRing() *lockedRing {
	return &lockedRing{unlocked: make(chan struct{}), calls: make(chan string, 100)}
}

func (l *lockedRing) Get(_, user string) (string, error) {
	l.calls <- "get " + user
	<-l.unlocked
	if user == "probe" {
		return "", keyring.ErrNotFound
	}
	return "from the keyring", nil
}

func (l *lockedRing) Set(_, user, _ string) error {
	l.calls <- "set " + user
	<-l.unlocked
	return nil
}

func (l *lockedRing) Delete(_, user string) error {
	l.calls <- "delete " + user
	<-l.unlocked
	return keyring.ErrNotFound
}

func TestALockedKeyringIsWaitedForOnceAndUsedWhenItAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := openCheap(SecretOptions{Dir: t.TempDir(), Env: env(bus, "unix:path=/nowhere")})
		l := newLockedRing()
		s.ring.keyring = l
		start := time.Now()
		_, err := s.Get(t.Context(), "a")
		if !errors.Is(err, ErrLocked) || errors.Is(err, ErrNoSecret) || time.Since(start) != 5*time.Second {
			t.Errorf("first: got %v after %v", err, time.Since(start))
		}
		for what, err := range map[string]error{"Set": s.Set(t.Context(), "a", secretText), "Delete": s.Delete(t.Context(), "a")} {
			clean(t, err)
			if !errors.Is(err, ErrLocked) {
				t.Errorf("%s: got %v", what, err)
			}
		}
		if where := s.Where(); !strings.HasPrefix(where, "nowhere: ") || !strings.Contains(where, "waiting to be unlocked") {
			t.Errorf("Where: %q", where)
		}
		if time.Since(start) != 5*time.Second || len(l.calls) != 1 {
			t.Errorf("waited %v for %d calls", time.Since(start), len(l.calls))
		}
		close(l.unlocked)
		synctest.Wait()
		mustGet(t, s, "a", "from the keyring")
		if where := s.Where(); where != "the system keyring" {
			t.Errorf("Where: %q", where)
		}
	})
}

func TestWhatWasStoredWhileTheKeyringWasLockedIsFoundLater(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openCheap(SecretOptions{Dir: dir, Timeout: time.Millisecond, Env: env(bus, "unix:path=/nowhere", passphraseVariable, passText)})
	l := newLockedRing()
	s.ring.keyring = l
	mustSet(t, s, "a", "newer")
	close(l.unlocked)
	for s.ring.isDown() != nil && t.Context().Err() == nil {
		<-time.After(time.Millisecond)
	}
	mustGet(t, s, "a", "newer")
	mustGet(t, s, "b", "from the keyring")
	// The next Set reaches the keyring, and the file forgets.
	s.ring.timeout = time.Minute
	mustSet(t, s, "a", "newest")
	mustGet(t, s, "a", "from the keyring")
}

func TestACancelledCallReturnsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := openCheap(SecretOptions{Dir: t.TempDir(), Env: env(bus, "unix:path=/nowhere")})
		l := newLockedRing()
		defer close(l.unlocked)
		s.ring.keyring = l
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if _, err := s.Get(ctx, "a"); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
		if err := s.Set(ctx, "a", "b"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

// brokenRing answers with an error at first.
type brokenRing struct {
	keyring.Keyring
	calls int
	err   error
}

func (b *brokenRing) Get(string, string) (string, error) {
	b.calls++
	return "late", b.err
}

func TestAKeyringThatFailedIsAskedAgainAfterAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := openCheap(SecretOptions{Dir: t.TempDir(), Env: env(bus, "unix:path=/nowhere")})
		b := &brokenRing{err: errors.New("failed to unlock correct collection")}
		s.ring.keyring = b
		for range 3 {
			if _, err := s.Get(t.Context(), "a"); !errors.Is(err, ErrNoSecret) || !strings.Contains(err.Error(), b.err.Error()) {
				t.Errorf("got %v", err)
			}
		}
		if b.calls != 1 {
			t.Errorf("asked %d times", b.calls)
		}
		<-time.After(ringRetry + time.Second)
		b.err = nil
		mustGet(t, s, "a", "late")
	})
}
