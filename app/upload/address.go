package upload

import (
	"errors"
	"net/netip"
	"net/url"
	"path"
	"strings"
)

// CleanURL makes a site's root out of what a person types: surrounding blanks,
// query, fragment, default port and trailing slashes go, and a missing scheme
// becomes https, or http for this computer itself. The errors are for people
// and never repeat the input, which may hold a password.
func CleanURL(typed string) (string, error) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return "", errors.New("the address is empty")
	}
	guessed := !strings.Contains(typed, "://")
	if guessed {
		typed = "https://" + typed
	}
	u, err := url.Parse(typed)
	if err != nil {
		return "", errors.New("the address is not a web address; it should look like https://photos.example.org")
	}
	u.Scheme = strings.ToLower(u.Scheme)
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return "", errors.New("the address must begin with http:// or https://")
	case u.Hostname() == "":
		return "", errors.New("the address names no server")
	case u.User != nil:
		return "", errors.New("the address must not contain a user or password; enter them on their own")
	}
	if guessed && isThisComputer(u.Hostname()) {
		u.Scheme = "http"
	}
	host := strings.ToLower(u.Host)
	host = strings.TrimSuffix(host, ":")
	if (u.Scheme == "http" && u.Port() == "80") || (u.Scheme == "https" && u.Port() == "443") {
		host = host[:strings.LastIndexByte(host, ':')]
	}
	p := path.Clean("/" + u.EscapedPath())
	if p == "/" {
		p = ""
	}
	return u.Scheme + "://" + host + p, nil
}

func isThisComputer(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
