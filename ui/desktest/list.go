package desktest

import (
	"net/url"
	"strings"
)

// Addresses makes a list of the addresses of files, as file managers do.
func Addresses(paths ...string) []byte {
	var b strings.Builder
	for _, p := range paths {
		b.WriteString((&url.URL{Scheme: "file", Path: p}).String())
		b.WriteString("\r\n")
	}
	return []byte(b.String())
}
