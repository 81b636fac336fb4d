package upload

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// authority signs certificates for test servers.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{}
	var pair tls.Certificate
	pair, a.cert = makeCertificate(t, nil, x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	a.key = pair.PrivateKey.(*ecdsa.PrivateKey)
	return a
}

func (a *authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}

// makeCertificate makes one signed by ca, or by itself.
func makeCertificate(t *testing.T, ca *authority, tmpl x509.Certificate) (tls.Certificate, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl.SerialNumber = big.NewInt(time.Now().UnixNano())
	tmpl.Subject = pkix.Name{CommonName: t.Name()}
	if tmpl.NotAfter.IsZero() {
		tmpl.NotAfter = time.Now().Add(time.Hour)
	}
	if tmpl.NotBefore.IsZero() {
		tmpl.NotBefore = time.Now().Add(-2 * time.Hour)
	}
	parent, signer := &tmpl, key
	if ca != nil {
		parent, signer = ca.cert, ca.key
	}
	der, err := x509.CreateCertificate(rand.Reader, &tmpl, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, cert
}

// serveTLS starts a server with this certificate. Its handshake errors are not
// logged: they are what the tests are about.
func serveTLS(t *testing.T, pair tls.Certificate) *httptest.Server {
	t.Helper()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("{}"))
	}))
	srv.Config.ErrorLog = discardLog
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv
}

func TestCertificates(t *testing.T) {
	ca := newAuthority(t)
	here := []net.IP{net.IPv4(127, 0, 0, 1)}
	good := x509.Certificate{IPAddresses: here, DNSNames: []string{"localhost"}}
	past := good
	past.NotAfter = time.Now().Add(-time.Hour)
	future := good
	future.NotBefore = time.Now().Add(30 * time.Minute)
	elsewhere := x509.Certificate{DNSNames: []string{"elsewhere.example"}}
	other, _ := makeCertificate(t, nil, good)
	otherPrint := fingerprintOf(t, other)

	for _, tt := range []struct {
		name   string
		ca     *authority
		tmpl   x509.Certificate
		pinned string // "self": the certificate's own
		byName bool   // reach the server as localhost
		reason string // "": trusted
	}{
		{"signed by a known authority, by address", ca, good, "", false, ""},
		{"signed by a known authority, by name", ca, good, "", true, ""},
		{"signed by a known authority although another was confirmed", ca, good, otherPrint, false, ""},
		{"signed by a known authority, for another name", ca, elsewhere, "", true, "for another name"},
		{"signed by a known authority, for a name and not the address", ca, elsewhere, "", false, "for another name"},
		{"signed by a known authority, expired", ca, past, "", false, "has expired"},
		{"signed by a known authority, not valid yet", ca, future, "", false, "not valid yet"},
		{"signed by itself", nil, good, "", false, "signed it itself"},
		{"signed by itself, confirmed", nil, good, "self", false, ""},
		{"signed by itself, confirmed, for another name", nil, elsewhere, "self", true, ""},
		{"signed by itself, confirmed, expired", nil, past, "self", false, ""},
		{"signed by itself, and another was confirmed", nil, good, otherPrint, false, "not the one that you trusted"},
		{"signed by an unknown authority", newAuthority(t), good, "", false, "nobody known"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pair, cert := makeCertificate(t, tt.ca, tt.tmpl)
			srv := serveTLS(t, pair)
			a := Account{URL: srv.URL, Fingerprint: tt.pinned}
			if tt.pinned == "self" {
				a.Fingerprint = colons(Fingerprint(cert))
			}
			if tt.byName {
				a.URL = strings.Replace(srv.URL, "127.0.0.1", "localhost", 1)
			}
			hc := NewClient(ClientOptions{Account: a, Roots: ca.pool()})
			defer hc.CloseIdleConnections()
			for range 2 { // the second may resume
				resp, err := hc.Get(a.URL)
				if tt.reason == "" {
					if err != nil {
						t.Fatal(err)
					}
					resp.Body.Close()
					hc.CloseIdleConnections()
					continue
				}
				e := Classify("sign in", err)
				if e.Kind != Denied || e.Fingerprint != Fingerprint(cert) || e.Hint == "" || e.Offline || !strings.Contains(e.Reason, tt.reason) {
					t.Errorf("%+v, want %q", e, tt.reason)
				}
			}
		})
	}
}

// colons writes a fingerprint as browsers show it.
func colons(hex string) string {
	var pairs []string
	for i := 0; i < len(hex); i += 2 {
		pairs = append(pairs, strings.ToUpper(hex[i:i+2]))
	}
	return strings.Join(pairs, ":")
}

func fingerprintOf(t *testing.T, pair tls.Certificate) string {
	t.Helper()
	cert, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	return Fingerprint(cert)
}

// certificateFor makes a certificate for this machine, signed by itself.
func certificateFor(t *testing.T) tls.Certificate {
	t.Helper()
	pair, _ := makeCertificate(t, nil, x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}})
	return pair
}

func TestHTTPSToAPlainPort(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	address := strings.Replace(srv.URL, "http:", "https:", 1)
	_, err := newTestClient(t, ClientOptions{Account: Account{URL: address}}).Get(address)
	if e := Classify("sign in", err); e.Kind != Denied || !strings.Contains(e.Hint, "http://") {
		t.Errorf("%+v", e)
	}
}

func TestHTTPToATLSPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	served := make(chan struct{})
	go func() { // answers as OpenSSL does: with a TLS alert
		defer close(served)
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		_, _ = c.Read(make([]byte, 4096))
		_, _ = c.Write([]byte("\x15\x03\x01\x00\x02\x02\x46"))
	}()
	address := (&url.URL{Scheme: "http", Host: l.Addr().String()}).String()
	_, err = newTestClient(t, ClientOptions{}).Get(address)
	if e := Classify("sign in", err); e.Kind != Denied || !strings.Contains(e.Hint, "https://") {
		t.Errorf("%+v", e)
	}
	<-served
}

func TestVerifierRefusesConnectionsWithoutCertificateOrName(t *testing.T) {
	v := verifier{}
	if err := v.verify(tls.ConnectionState{}); KindOf(err) != Denied {
		t.Errorf("no certificate: %v", err)
	}
	ca := newAuthority(t)
	_, cert := makeCertificate(t, ca, x509.Certificate{DNSNames: []string{"localhost"}})
	v.roots = ca.pool()
	err := v.verify(tls.ConnectionState{PeerCertificates: []*x509.Certificate{cert}})
	if e, ok := errors.AsType[*Error](err); !ok || e.Fingerprint == "" {
		t.Errorf("no name: %v", err)
	}
}
