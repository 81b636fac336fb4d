package practice

import (
	"maps"
	"net/http"
	"slices"

	"github.com/photoferry/photoferry/app/practice/ipernity"
	"github.com/photoferry/photoferry/app/practice/picapport"
	"github.com/photoferry/photoferry/app/practice/piwigo"
	"github.com/photoferry/photoferry/app/practice/universal"
)

// emulator is what an emulated service is to practice mode.
type emulator interface {
	http.Handler
	ExpireSessions()
	Close() error
}

// fillable emulators have an answer of their own for having no room left.
type fillable interface {
	Full(w http.ResponseWriter, r *http.Request, disk bool)
}

// service is how an emulator is made.
type service struct {
	user      string
	functions func() []string
	function  func(*http.Request) string // nil: see Faults.Function
	// open makes the emulator with a's User and Password, and completes a.
	open func(o Options, dir string, a *Account) (emulator, error)
}

var services = map[string]service{
	"picapport": {user: "ferry", functions: picapport.Functions, open: openPicApport},
	"piwigo":    {user: "ferry", functions: piwigo.Functions, function: piwigo.FunctionOf, open: openPiwigo},
	"ipernity":  {user: "ferry", functions: ipernity.Functions, function: ipernity.FunctionOf, open: openIpernity},
	"universal": {user: "ferry", functions: universal.Functions, function: universal.FunctionOf, open: openUniversal},
}

// Services returns the names of all services, sorted.
func Services() []string { return slices.Sorted(maps.Keys(services)) }

func openPicApport(o Options, dir string, a *Account) (emulator, error) {
	p := o.PicApport
	p.Dir, p.Log, p.KeepReceived, p.NoMD5 = dir, o.Log, !o.DropReceived, true
	if len(p.Users) == 0 {
		p.Users = picapport.DefaultUsers()
	}
	p.Users = append(slices.Clone(p.Users), picapport.User{
		UID: a.User, Name: "Practice", Password: a.Password,
		Permissions: []picapport.Permission{picapport.AccessUploads, picapport.AccessDownloads, picapport.AccessMetadata, picapport.RemovePhotos},
	})
	return picapport.New(p)
}

func openPiwigo(o Options, dir string, a *Account) (emulator, error) {
	p := o.Piwigo
	p.Dir, p.Log = dir, o.Log
	if len(p.Users) == 0 {
		p.Users = piwigo.DefaultUsers()
	}
	p.Users = append(slices.Clone(p.Users), piwigo.User{Name: a.User, Password: a.Password, Status: piwigo.Admin})
	return piwigo.New(p)
}

func openIpernity(o Options, dir string, a *Account) (emulator, error) {
	p := o.Ipernity
	p.Dir, p.Log = dir, o.Log
	if len(p.Users) == 0 {
		p.Users = ipernity.DefaultUsers()
	}
	p.Users = append(slices.Clone(p.Users), ipernity.User{ID: 7001, Name: a.User, Realname: "Practice", Password: a.Password, Pro: true})
	s, err := ipernity.New(p)
	if err != nil {
		return nil, err
	}
	a.Secret, a.Options = s.Secret(), map[string]string{"api_key": s.Key()}
	return s, nil
}

func openUniversal(o Options, dir string, a *Account) (emulator, error) {
	p := o.Universal
	p.Dir, p.Log = dir, o.Log
	if len(p.Users) == 0 {
		p.Users = universal.DefaultUsers()
	}
	p.Users = append(slices.Clone(p.Users), universal.User{UID: "7001", Login: a.User, Name: "Practice", Password: a.Password})
	s, err := universal.New(p)
	if err != nil {
		return nil, err
	}
	a.Secret, a.Options = s.Secret(), map[string]string{"api_key": s.Key(), "community": s.Community()}
	return s, nil
}

// PicApport returns that emulator, or nil if it does not run.
func (s *Server) PicApport() *picapport.Server { return emulatorOf[*picapport.Server](s, "picapport") }

// Piwigo returns that emulator, or nil if it does not run.
func (s *Server) Piwigo() *piwigo.Server { return emulatorOf[*piwigo.Server](s, "piwigo") }

// Ipernity returns that emulator, or nil if it does not run.
func (s *Server) Ipernity() *ipernity.Server { return emulatorOf[*ipernity.Server](s, "ipernity") }

// Universal returns that emulator, or nil if it does not run.
func (s *Server) Universal() *universal.Server { return emulatorOf[*universal.Server](s, "universal") }

func emulatorOf[E emulator](s *Server, name string) (e E) {
	if r := s.running[name]; r != nil {
		e, _ = r.emulator.(E)
	}
	return e
}
