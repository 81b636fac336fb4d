package ipernity

import (
	"crypto/md5"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
)

// params are the text parameters of a call, by name.
type params map[string]string

// set sets a parameter unless its value is empty.
func (p params) set(name, value string) {
	if value != "" {
		p[name] = value
	}
}

// names returns the parameters' names in the order in which they are signed.
func (p params) names() []string { return slices.Sorted(maps.Keys(p)) }

// sign returns api_sig: the MD5 over names and raw values in the order of the
// names, the method and the secret, as https://www.ipernity.com/help/api
// describes it. The link to the consent page is signed with the method "". A
// file is never signed, nor api_sig itself.
func sign(method, secret string, p params) string {
	var b strings.Builder
	for _, name := range p.names() {
		if name != "api_sig" {
			b.WriteString(name)
			b.WriteString(p[name])
		}
	}
	b.WriteString(method)
	b.WriteString(secret)
	sum := md5.Sum([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}
