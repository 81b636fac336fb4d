package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/settings"
)

// Doctor implements [control.Engine]: it looks at everything that has to be
// right and changes nothing.
func (a *App) Doctor(ctx context.Context) []control.Finding {
	fs := []control.Finding{a.findSettings(), a.findHome(), a.findQueue(), a.findSecrets(ctx)}
	for _, f := range a.Settings().Folders {
		fs = append(fs, a.findFolder(ctx, f))
	}
	if f, ok := findWatchLimit(); ok {
		fs = append(fs, f)
	}
	for _, cfg := range a.Settings().Accounts {
		fs = append(fs, a.findAccount(ctx, cfg.Name))
	}
	if len(a.Settings().Accounts) == 0 {
		fs = append(fs, control.Finding{What: "Accounts", Detail: "there is none yet", Hint: "photoferry account add picapport --name NAME --url URL --user USER"})
	}
	return fs
}

func (a *App) findSettings() control.Finding {
	f := control.Finding{What: "Settings", OK: true, Detail: a.places.Settings}
	if _, err := settings.Load(a.places.Settings, SettingsServices()); err != nil {
		return control.Finding{What: "Settings", Detail: err.Error(), Hint: "Correct the lines that are named."}
	}
	fi, err := os.Stat(a.places.Settings)
	switch {
	case errors.Is(err, os.ErrNotExist):
		f.Detail += " (not there yet: defaults)"
	case err == nil && fi.Mode().Perm()&0o077 != 0:
		f.OK, f.Detail, f.Hint = false, f.Detail+" can be read by others", "chmod 600 "+a.places.Settings
	}
	return f
}

// leastFree is the disk space below which the doctor warns.
const leastFree = 200 << 20

func (a *App) findHome() control.Finding {
	f := control.Finding{What: "Files", OK: true, Detail: a.places.Home}
	probe, err := os.CreateTemp(a.places.Home, ".probe-*")
	if err != nil {
		return control.Finding{What: "Files", Detail: err.Error(), Hint: "Make the folder writable, or choose another with --home."}
	}
	probe.Close()
	if err := os.Remove(probe.Name()); err != nil {
		return control.Finding{What: "Files", Detail: err.Error()}
	}
	if free, ok := freeSpace(a.places.Home); ok {
		f.Detail += fmt.Sprintf(", %s free", bytesWord(free))
		if free < leastFree {
			f.OK, f.Hint = false, "Make room: with a full disk nothing new can be written down."
		}
	}
	return f
}

func (a *App) findQueue() control.Finding {
	if err := a.queue.Check(); err != nil {
		return control.Finding{What: "Queue", Detail: err.Error(), Hint: "End the program and start it again: a damaged file is set aside and rebuilt."}
	}
	c := a.queue.Counts("")
	return control.Finding{What: "Queue", OK: true, Detail: fmt.Sprintf("%d waiting, %d failed, %d skipped, %d delivered", c.Ready+c.Leased+c.Waiting, c.Failed, c.Skipped, c.Delivered)}
}

func (a *App) findSecrets(ctx context.Context) control.Finding {
	f := control.Finding{What: "Secrets", OK: true, Detail: a.secrets.Where()}
	for _, cfg := range a.Settings().Accounts {
		if _, err := a.secrets.Get(ctx, cfg.ID); err != nil && !errors.Is(err, settings.ErrNoSecret) {
			f.OK, f.Detail = false, err.Error()
			f.Hint = "Unlock the keyring, or set PHOTOFERRY_PASSPHRASE."
			break
		}
	}
	return f
}

func (a *App) findFolder(ctx context.Context, f settings.Folder) control.Finding {
	out := control.Finding{What: "Folder " + filepath.Base(f.Path), OK: true}
	if !exists(f.Path) {
		out.OK, out.Detail, out.Hint = false, f.Path+" is away", "It is looked through when it is back."
		return out
	}
	start := time.Now()
	n, err := countPhotos(ctx, f)
	if err != nil {
		out.OK, out.Detail = false, err.Error()
		return out
	}
	out.Detail = fmt.Sprintf("%s, %s, looked through in %v", f.Path, plural(n, "photo"), time.Since(start).Round(time.Millisecond))
	return out
}

func (a *App) findAccount(ctx context.Context, name string) control.Finding {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	r, err := a.CheckAccount(ctx, name)
	out := control.Finding{What: "Account " + name, OK: err == nil && r.OK, Detail: r.Server, Hint: r.Hint}
	if err != nil {
		out.Detail = err.Error()
	} else if !r.OK {
		out.Detail = r.Reason
	}
	return out
}
