package cli

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/photoferry/photoferry/app"
	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/settings"
)

// logTail is how much of the log goes into a bundle.
const logTail = 512 << 10

// writeBundle writes a zip file with what a bug report needs: version,
// findings, numbers, settings and the end of the log, without secrets, user
// names and the paths of addresses.
func (s *session) writeBundle(name string, places app.Places, d diagnosis, status *control.Status) error {
	cfg, loadErr := settings.Load(places.Settings, app.SettingsServices())
	red := newRedactor(cfg, s.knownSecrets(places, cfg))

	var b bytes.Buffer
	z := zip.NewWriter(&b)
	put := func(name string, content []byte) error {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Now()})
		if err != nil {
			return err
		}
		_, err = w.Write(red.clean(content))
		return err
	}
	putJSON := func(name string, v any) error {
		content, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			return err
		}
		return put(name, content)
	}
	err := errors.Join(putJSON("version.json", s.build()), putJSON("doctor.json", d))
	if status != nil {
		err = errors.Join(err, putJSON("status.json", anonymous(*status)))
	}
	if loadErr != nil {
		err = errors.Join(err, put("settings-problems.txt", []byte(loadErr.Error())))
	} else {
		var toml bytes.Buffer
		err = errors.Join(err, settings.Export(withoutNames(cfg), &toml), put("settings.toml", toml.Bytes()))
	}
	tail, terr := readTail(places.Log)
	if err = errors.Join(err, terr, put("log.txt", tail), z.Close()); err != nil {
		return fmt.Errorf("make the bundle: %w", err)
	}
	_, err = writeFile(name, &b)
	return err
}

// knownSecrets returns what must not appear, as far as it can be found without
// asking.
func (s *session) knownSecrets(places app.Places, cfg settings.Settings) []string {
	known := []string{s.secret, os.Getenv(passphraseVariable)}
	store := settings.OpenSecrets(settings.SecretOptions{Dir: places.Secrets})
	ctx, cancel := context.WithTimeout(s.ctx, 10*time.Second)
	defer cancel()
	for _, a := range cfg.Accounts {
		if secret, err := store.Get(ctx, a.ID); err == nil {
			known = append(known, secret)
		}
	}
	return known
}

// anonymous keeps the numbers and states of a status.
func anonymous(st control.Status) control.Status {
	st.Active, st.Recent = []control.Job{}, []control.Record{}
	return st
}

// withoutNames keeps of settings what tells how they are built.
func withoutNames(cfg settings.Settings) settings.Settings {
	accounts := make([]settings.Account, len(cfg.Accounts))
	for i, a := range cfg.Accounts {
		a.URL = originOf(a.URL)
		if a.User != "" {
			a.User = "user"
		}
		options := make(map[string]string, len(a.Options))
		for k := range a.Options {
			options[k] = "redacted"
		}
		a.Options = options
		accounts[i] = a
	}
	cfg.Accounts = accounts
	return cfg
}

// readTail returns the end of the log, in whole lines.
func readTail(name string) ([]byte, error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return []byte("There is no log.\n"), nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	from := max(end-logTail, 0)
	b, err := io.ReadAll(io.NewSectionReader(f, from, end-from))
	if err != nil {
		return nil, err
	}
	if from > 0 {
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			b = b[i+1:]
		}
	}
	return b, nil
}
