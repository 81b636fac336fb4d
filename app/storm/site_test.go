//go:build linux

package storm

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/photoferry/photoferry/app/practice"
	"github.com/photoferry/photoferry/app/practice/ipernity"
	"github.com/photoferry/photoferry/app/practice/picapport"
	"github.com/photoferry/photoferry/app/practice/piwigo"
	"github.com/photoferry/photoferry/app/practice/universal"
)

// siteNames are the services, which give accounts their names, too.
var siteNames = []string{"picapport", "piwigo", "ipernity", "universal"}

// carriers are the functions that carry photos.
var carriers = map[string]string{
	"picapport": "upload", "piwigo": "pwg.images.addSimple", "ipernity": "upload.file", "universal": "up.photos.upload",
}

// wrongPassword is what a person has set on a site and the program does not
// know.
const wrongPassword = "changed by its owner"

// site is a practice service behind its proxy.
type site struct {
	name    string
	proxy   *proxy
	options practice.Options

	mu       sync.Mutex
	server   *practice.Server // nil while it is killed
	password string           // "" is the account's
	kept     map[string][]string
}

func newSite(dir, name, decoy string, seed uint64) (*site, error) {
	s := &site{name: name, options: practice.Options{
		Dir: filepath.Join(dir, name), Services: []string{name}, DropReceived: true,
		PicApport: picapport.Options{NoSync: true}, Piwigo: piwigo.Options{NoSync: true},
		Ipernity: ipernity.Options{NoSync: true}, Universal: universal.Options{NoSync: true},
	}}
	if err := s.start(); err != nil {
		return nil, err
	}
	u, err := url.Parse(s.account().URL)
	if err != nil {
		return nil, err
	}
	s.options.Listen = net.JoinHostPort(u.Hostname(), u.Port())
	s.proxy, err = newProxy(u.Host, decoy, seed)
	return s, err
}

// start lets the service live again, with all that it had.
func (s *site) start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server != nil {
		return nil
	}
	err := eventually(func() (err error) {
		s.server, err = practice.Start(s.options)
		return err
	})
	if err != nil {
		s.server = nil
		return fmt.Errorf("start %s: %w", s.name, err)
	}
	return s.applyPassword()
}

// kill ends the service in the middle of its work.
func (s *site) kill() error {
	s.proxy.refuse()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server == nil {
		return nil
	}
	s.kept = s.holds()
	now, cancel := context.WithCancel(context.Background())
	cancel()
	err := s.server.Close(now)
	s.server = nil
	if errors.Is(err, context.Canceled) {
		return nil // requests were cut, which is the point
	}
	return err
}

// alive starts a killed service and lets clients connect.
func (s *site) alive() error {
	if err := s.start(); err != nil {
		return err
	}
	return s.proxy.listen()
}

func (s *site) close() error {
	s.proxy.set(faultNone, 0)
	return s.kill()
}

func (s *site) account() practice.Account { return s.server.Accounts()[s.name] }

// setPassword changes the password on the site; "" sets the account's again.
func (s *site) setPassword(p string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.password == p {
		return nil
	}
	s.password = p
	if s.server == nil {
		return nil
	}
	if err := s.applyPassword(); err != nil {
		return err
	}
	s.expire()
	return nil
}

func (s *site) applyPassword() error {
	a := s.account()
	p := s.password
	if p == "" {
		p = a.Password
	}
	switch s.name {
	case "picapport":
		return s.server.PicApport().Configure(func(o *picapport.Options) {
			for i := range o.Users {
				if o.Users[i].UID == a.User {
					o.Users[i].Password = p
				}
			}
		})
	case "piwigo":
		return s.server.Piwigo().Configure(func(o *piwigo.Options) {
			for i := range o.Users {
				if o.Users[i].Name == a.User {
					o.Users[i].Password = p
				}
			}
		})
	}
	return nil // sessions count there, not passwords
}

// expireSessions makes the service forget who is signed in.
func (s *site) expireSessions() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server != nil {
		s.expire()
	}
}

func (s *site) expire() {
	switch s.name {
	case "picapport":
		s.server.PicApport().ExpireSessions()
	case "piwigo":
		s.server.Piwigo().ExpireSessions()
	case "ipernity":
		s.server.Ipernity().ExpireSessions()
	case "universal":
		s.server.Universal().ExpireSessions()
	}
}

// setFull lets the service have no room; "" ends it.
func (s *site) setFull(kind practice.FaultKind) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server == nil {
		return
	}
	f := s.server.Faults(s.name)
	if kind == "" {
		f.Clear()
		return
	}
	f.Set(practice.Fault{Function: carriers[s.name], Kind: kind})
}

// copies returns the remote IDs of what the site has, by SHA-256 in
// hexadecimal.
func (s *site) copies() map[string][]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server == nil {
		return s.kept
	}
	return s.holds()
}

func (s *site) holds() map[string][]string {
	m := map[string][]string{}
	add := func(digest, id string, removed bool) {
		if !removed {
			m[digest] = append(m[digest], id)
		}
	}
	switch s.name {
	case "picapport":
		for _, r := range s.server.PicApport().Received() {
			add(r.SHA256, r.PhotoID, r.Removed)
		}
	case "piwigo":
		for _, r := range s.server.Piwigo().Received() {
			add(r.SHA256, strconv.Itoa(r.ID), r.Removed)
		}
	case "ipernity":
		for _, r := range s.server.Ipernity().Received() {
			add(r.SHA256, r.DocID, r.Removed)
		}
	case "universal":
		for _, r := range s.server.Universal().Received() {
			add(r.SHA256, r.PID, r.Removed)
		}
	}
	return m
}

// browser reports whether the account is signed in to on the site's page.
func (s *site) browser() bool { return s.name == "ipernity" || s.name == "universal" }
