package practice

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"time"
)

// loadAccounts returns user and password of each service, making those that are new.
func loadAccounts(path string, names []string) (map[string]Account, error) {
	all := map[string]Account{}
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("reading the practice accounts: %w", err)
	default:
		if err := json.Unmarshal(data, &all); err != nil {
			return nil, fmt.Errorf("reading the practice accounts: %s is damaged; delete it to get new ones", path)
		}
	}
	made := false
	out := map[string]Account{}
	for _, name := range names {
		a := all[name]
		if a.User == "" || a.Password == "" {
			a = Account{User: services[name].user, Password: rand.Text()}
			all[name], made = a, true
		}
		out[name] = a
	}
	if !made {
		return out, nil
	}
	data, err = json.MarshalIndent(all, "", "  ")
	if err != nil {
		return nil, err
	}
	return out, writeFile(path, append(data, '\n'))
}

// certificate is the self-signed certificate of practice mode.
type certificate struct {
	pair        tls.Certificate
	fingerprint string
}

// loadCertificate reads key and certificate, or makes them.
func loadCertificate(path string) (*certificate, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if data, err = makeCertificate(); err == nil {
			err = writeFile(path, data)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("practice certificate: %w", err)
	}
	pair, err := tls.X509KeyPair(data, data)
	if err != nil {
		return nil, fmt.Errorf("practice certificate: %s is damaged; delete it to get a new one", path)
	}
	sum := sha256.Sum256(pair.Certificate[0])
	return &certificate{pair, hex.EncodeToString(sum[:])}, nil
}

func makeCertificate() ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: "PhotoFerry practice mode"},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.AddDate(10, 0, 0),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		DNSNames:              []string{"localhost"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return append(
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...,
	), nil
}

// writeFile writes a secret so that it is there whole or not at all. The caller holds
// the lock of the directory.
func writeFile(path string, data []byte) error {
	half := path + ".new"
	f, err := os.OpenFile(half, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(half, path)
	}
	return err
}
