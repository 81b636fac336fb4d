package ipernity

import (
	"crypto/md5"
	"crypto/subtle"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
)

// signature is api_sig [D1]: the MD5 of all parameters but api_sig and the file, sorted
// by name, each name followed by its value, then the method and the secret. Values are
// signed as they are, as UTF-8, empty ones too [C1 C2 C4]. The link to the page that
// lets an application in has no method [D1].
func signature(params map[string]string, method, secret string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(params)) {
		if name != "api_sig" && name != "file" {
			b.WriteString(name)
			b.WriteString(params[name])
		}
	}
	b.WriteString(method)
	b.WriteString(secret)
	sum := md5.Sum([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}

// signed reports whether params carry the right signature.
func signed(params map[string]string, method, secret string) bool {
	return subtle.ConstantTimeCompare([]byte(params["api_sig"]), []byte(signature(params, method, secret))) == 1
}
