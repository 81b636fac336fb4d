package upload

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// Fingerprint returns the SHA-256 of a certificate in lower-case hex, the form
// in which [Account.Fingerprint] and [Error.Fingerprint] name it.
func Fingerprint(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.Raw)
	return hex.EncodeToString(sum[:])
}

// normalFingerprint accepts the forms that other programs print: upper case,
// and pairs with colons or blanks between them.
func normalFingerprint(s string) string {
	return strings.ToLower(strings.NewReplacer(":", "", " ", "").Replace(s))
}

type verifier struct {
	host   string // of the account, for connections that name no server (IP addresses)
	pinned string
	roots  *x509.CertPool
}

// verify is called after each handshake, resumed ones included. The user's
// confirmation counts for exactly one certificate, whatever its names and
// dates; all others need a trusted root, the right name and a valid date.
func (v verifier) verify(cs tls.ConnectionState) error {
	if len(cs.PeerCertificates) == 0 {
		return &Error{Kind: Denied, Reason: "the server shows no certificate"}
	}
	leaf := cs.PeerCertificates[0]
	fingerprint := Fingerprint(leaf)
	if v.pinned != "" && fingerprint == v.pinned {
		return nil
	}
	host := cs.ServerName
	if host == "" && net.ParseIP(v.host) != nil {
		host = v.host
	}
	opts := x509.VerifyOptions{Roots: v.roots, DNSName: host, Intermediates: x509.NewCertPool()}
	for _, c := range cs.PeerCertificates[1:] {
		opts.Intermediates.AddCert(c)
	}
	if host == "" {
		host = "the server"
		opts.DNSName = "invalid." // an empty name would switch the check off
	}
	_, err := leaf.Verify(opts)
	if err == nil {
		return nil
	}
	e := &Error{Kind: Denied, Fingerprint: fingerprint, Err: err}
	if v.pinned != "" {
		e.Reason = fmt.Sprintf("the certificate of %s is not the one that you trusted", host)
		e.Hint = "If you renewed it yourself, compare the new fingerprint and trust it; otherwise somebody may be between you and the server."
		return e
	}
	e.Reason = fmt.Sprintf("the certificate of %s is not trusted: %s", host, certificateProblem(leaf, err))
	e.Hint = "Compare the fingerprint with the one that the server itself shows, and trust the certificate only if both are the same."
	return e
}

func certificateProblem(leaf *x509.Certificate, err error) string {
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "it is for another name"
	}
	if e, ok := errors.AsType[x509.CertificateInvalidError](err); ok && e.Reason == x509.Expired {
		if time.Now().Before(leaf.NotBefore) {
			return "it is not valid yet"
		}
		return "it has expired"
	}
	if leaf.CheckSignatureFrom(leaf) == nil || string(leaf.RawIssuer) == string(leaf.RawSubject) {
		return "the server has signed it itself"
	}
	return "nobody known has signed it"
}
