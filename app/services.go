package app

import (
	"slices"

	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/app/upload/ipernity"
	"github.com/photoferry/photoferry/app/upload/picapport"
	"github.com/photoferry/photoferry/app/upload/piwigo"
	"github.com/photoferry/photoferry/app/upload/universal"
)

// Services returns the kinds of sites that accounts can be on.
func Services() []upload.Service {
	return []upload.Service{
		picapport.Service,
		piwigo.Service,
		ipernity.Service,
		universal.Service,
	}
}

// service returns the service with the given ID.
func service(id string) (upload.Service, bool) {
	all := Services()
	i := slices.IndexFunc(all, func(s upload.Service) bool { return s.ID == id })
	if i < 0 {
		return upload.Service{}, false
	}
	return all[i], true
}

// SettingsServices returns, by service ID, the option keys that an account of
// that service may have in the settings file, as the settings check wants them.
func SettingsServices() map[string][]string {
	m := make(map[string][]string)
	for _, s := range Services() {
		keys := make([]string, 0, len(s.Options))
		for k := range s.Options {
			if !slices.Contains(s.Private, k) {
				keys = append(keys, k)
			}
		}
		slices.Sort(keys)
		m[s.ID] = keys
	}
	return m
}
