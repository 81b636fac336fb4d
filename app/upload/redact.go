package upload

import (
	"fmt"
	"log/slog"
)

// String describes the account without its secrets.
func (a Account) String() string {
	return fmt.Sprintf("%s (%s at %s)", a.Name, a.User, a.URL)
}

// GoString keeps the secrets out of %#v.
func (a Account) GoString() string { return a.String() }

// LogValue keeps the secrets out of logs.
func (a Account) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", a.ID), slog.String("name", a.Name), slog.String("url", a.URL))
}
