//go:build linux

package storm

import (
	"errors"
	"fmt"

	"github.com/photoferry/photoferry/app/practice"
)

// events are all kinds of things that go wrong.
var events = []event{
	// The program.
	{name: "killed", holds: []string{"engine"}, begin: killed},
	{name: "ended by SIGTERM", holds: []string{"engine"}, begin: terminated},
	{name: "sleep and resume", lasts: true, holds: []string{"engine"}, begin: suspended},
	{name: "descriptors exhausted", lasts: true, holds: []string{"engine"}, begin: noDescriptors},
	{name: "paused by its user", lasts: true, holds: []string{"pause"}, begin: paused},

	// Its files.
	{name: "queue deleted", queue: true, holds: []string{"engine", "disk"}, begin: damaged(deleteFile)},
	{name: "queue and its copy deleted", queue: true, holds: []string{"engine", "disk"}, begin: damaged(deleteAll)},
	{name: "queue truncated", queue: true, holds: []string{"engine", "disk"}, begin: damaged(truncateFile)},
	{name: "queue zeroed", queue: true, holds: []string{"engine", "disk"}, begin: damaged(zeroFile)},
	{name: "queue bit-flipped", queue: true, holds: []string{"engine", "disk"}, begin: damaged(flipBit)},
	{name: "settings read-only", lasts: true, holds: []string{"engine", "settings"}, begin: readOnly("settings.toml", 0o400, 0o600)},
	{name: "log read-only", lasts: true, holds: []string{"engine", "disk"}, begin: readOnly("photoferry.log", 0o400, 0o600)},
	{name: "home read-only", lasts: true, holds: []string{"engine", "disk"}, begin: readOnly(".", 0o500, 0o700)},
	{name: "disk full", lasts: true, holds: []string{"disk"}, root: true, begin: diskFull},

	// The servers and the line.
	{name: "server killed", lasts: true, site: true, holds: []string{"site"}, begin: serverKilled},
	{name: "server restarted", site: true, holds: []string{"site"}, begin: serverRestarted},
	{name: "connections refused", lasts: true, site: true, holds: []string{"site"}, begin: refused},
	{name: "network gone", lasts: true, holds: []string{"sites"}, begin: networkGone},
	{name: "sessions expired", lasts: true, site: true, holds: []string{"site"}, begin: expired},
	{name: "password changed", lasts: true, site: true, holds: []string{"site"}, begin: passwordChanged},
	{name: "quota full", lasts: true, site: true, holds: []string{"site"}, begin: full(practice.Quota)},
	{name: "server's disk full", lasts: true, site: true, holds: []string{"site"}, begin: full(practice.DiskFull)},
	{name: "stalled mid-body", lasts: true, site: true, holds: []string{"site"}, begin: faulty(faultStallBody, 0.5)},
	{name: "stalled before the answer", lasts: true, site: true, holds: []string{"site"}, begin: faulty(faultStallAnswer, 0.5)},
	{name: "answers lost", lasts: true, site: true, holds: []string{"site"}, begin: faulty(faultLost, 0.3)},
	{name: "connections reset", lasts: true, site: true, holds: []string{"site"}, begin: faulty(faultBefore, 0.5)},
	{name: "answers cut", lasts: true, site: true, holds: []string{"site"}, begin: faulty(faultCut, 0.5)},
	{name: "one byte a second", lasts: true, site: true, holds: []string{"site"}, begin: faulty(faultTrickle, 0.5)},
	{name: "errors 500", lasts: true, site: true, holds: []string{"site"}, begin: faulty(fault500, 0.7)},
	{name: "errors 502 after the work", lasts: true, site: true, holds: []string{"site"}, begin: faulty(fault502Late, 0.3)},
	{name: "too many requests", lasts: true, site: true, holds: []string{"site"}, begin: faulty(fault429, 0.3)},
	{name: "captive portal", lasts: true, holds: []string{"sites"}, begin: captivePortal},
	{name: "values of wrong types", lasts: true, site: true, holds: []string{"site"}, begin: faulty(faultTypes, 0.5)},
	{name: "endless answers", lasts: true, site: true, holds: []string{"site"}, begin: faulty(faultEndless, 0.5)},
	{name: "redirected to another host", lasts: true, site: true, holds: []string{"site"}, begin: faulty(faultRedirect, 0.5)},

	// Folders and files.
	{name: "folder away", lasts: true, holds: []string{"folder"}, begin: folderAway},
	{name: "folder replaced by an empty one", lasts: true, holds: []string{"folder"}, begin: folderEmptied},
	{name: "folder unreadable", lasts: true, holds: []string{"folder"}, begin: folderUnreadable},
	{name: "photo written over", begin: writtenOver},
	{name: "photo replaced", begin: replaced},
	{name: "photo truncated", begin: truncated},
	{name: "photo deleted", begin: deleted},
	{name: "photo renamed", begin: renamed},
	{name: "photo copied", begin: copied},
	{name: "photo taken away and back", lasts: true, holds: []string{"folder"}, begin: takenAway},
	{name: "photo handed over", begin: handedOver},
	{name: "burst of photos", begin: burst},
}

// faulty lets a fault happen to a share of a site's requests.
func faulty(f fault, rate float64) func(*world, step) (func(), error) {
	return func(w *world, s step) (func(), error) {
		p := w.sites[s.site].proxy
		if f == faultRedirect {
			w.blame(s.site, "denied")
		}
		p.set(f, rate)
		return func() { p.set(faultNone, 0) }, nil
	}
}

func captivePortal(w *world, _ step) (func(), error) {
	for _, s := range w.sites {
		s.proxy.set(faultHTML, 1)
	}
	return func() {
		for _, s := range w.sites {
			s.proxy.set(faultNone, 0)
		}
	}, nil
}

func serverKilled(w *world, s step) (func(), error) {
	x := w.sites[s.site]
	w.blame(s.site, "offline")
	return func() { w.must(x.alive()) }, x.kill()
}

func serverRestarted(w *world, s step) (func(), error) {
	x := w.sites[s.site]
	w.blame(s.site, "offline")
	return nil, errors.Join(x.kill(), x.alive())
}

func refused(w *world, s step) (func(), error) {
	p := w.sites[s.site].proxy
	w.blame(s.site, "offline")
	p.refuse()
	return func() { w.must(p.listen()) }, nil
}

func networkGone(w *world, _ step) (func(), error) {
	for name, s := range w.sites {
		w.blame(name, "offline")
		s.proxy.refuse()
	}
	return func() {
		for _, s := range w.sites {
			w.must(s.proxy.listen())
		}
	}, nil
}

// expired ends all sessions. Where accounts are signed in to in the browser, a
// person does that again in the end.
func expired(w *world, s step) (func(), error) {
	x := w.sites[s.site]
	if x.browser() {
		w.blame(s.site, "denied")
	}
	x.expireSessions()
	return func() {
		if x.browser() {
			w.try(w.signIn(s.site))
		}
	}, nil
}

// passwordChanged changes it on the site and back. A person who has heard of it
// tries the account again.
func passwordChanged(w *world, s step) (func(), error) {
	x := w.sites[s.site]
	w.blame(s.site, "denied")
	return func() {
		w.must(x.setPassword(""))
		if x.browser() {
			w.try(w.signIn(s.site))
			return
		}
		_, err := w.engine.user("", "resume", "--account", s.site)
		w.try(err)
	}, x.setPassword(wrongPassword)
}

func full(kind practice.FaultKind) func(*world, step) (func(), error) {
	return func(w *world, s step) (func(), error) {
		x := w.sites[s.site]
		w.blame(s.site, "full")
		x.setFull(kind)
		return func() {
			x.setFull("")
			_, err := w.engine.user("", "resume", "--account", s.site)
			w.try(err)
		}, nil
	}
}

func burst(w *world, s step) (func(), error) {
	n, err := w.album.shoot(int(5 + s.n%20))
	if n > 0 {
		w.logf("%d photos at once", n)
	}
	return nil, err
}

// named says what happened to which file.
func (w *world) named(what, path string) { w.logf("%s: %s", what, fmt.Sprintf("%.60s", path)) }
