package ui

import (
	"context"
	"slices"
	"strings"

	"github.com/photoferry/photoferry/app/control"
)

// askServices asks the engine which services there are, then calls done.
func (w *Window) askServices(done func(error)) {
	var services []control.Service
	w.call(func(ctx context.Context) (err error) {
		services, err = w.client.Services(ctx)
		return err
	}, func(err error) {
		if err == nil {
			w.services = services
		}
		done(err)
	})
}

// serviceName is what people call a service; as long as the engine has not
// said it, its ID.
func (w *Window) serviceName(id string) string {
	if i := slices.IndexFunc(w.services, func(s control.Service) bool { return s.ID == id }); i >= 0 {
		return w.services[i].Name
	}
	return id
}

// capitals are words of option keys that are written in capitals.
var capitals = map[string]string{"api": "API", "url": "URL", "id": "ID", "gps": "GPS", "http": "HTTP", "https": "HTTPS", "exif": "EXIF"}

// optionLabel is the caption of an option: "api_key" is "API key".
func optionLabel(key string) string {
	words := strings.FieldsFunc(key, func(r rune) bool { return r == '_' || r == '-' || r == '.' })
	for i, word := range words {
		if c, ok := capitals[word]; ok {
			words[i] = c
		}
	}
	if len(words) == 0 {
		return key
	}
	return capital(strings.Join(words, " "))
}
