//go:build servers

package smtp_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"headway/internal/platform/mail"
	"headway/internal/platform/mail/smtp"
	"headway/test/servers"
)

func one(t *testing.T, server *servers.MailServer) servers.Mail {
	t.Helper()
	mails := server.Mails(t)
	if len(mails) != 1 {
		t.Fatalf("%d mails came", len(mails))
	}
	return mails[0]
}

func TestAMailArrives(t *testing.T) {
	t.Parallel()
	server := servers.Mailpit(t)
	m := message()
	if err := sender(t, "smtp://"+server.Addr, 0).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := one(t, server)
	if got.MessageID != m.ID || got.Subject != m.Subject || len(got.To) != 1 || got.To[0] != (servers.MailAddress{Name: m.Name, Address: m.To}) {
		t.Errorf("came as %+v", got)
	}
	if strings.ReplaceAll(got.Text, "\r\n", "\n") != m.Text || strings.TrimSpace(got.HTML) != m.HTML {
		t.Errorf("its text is %q, its HTML %q", got.Text, got.HTML)
	}
	for name, want := range map[string]string{
		"List-Unsubscribe": "<" + m.Unsubscribe + ">", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "Auto-Submitted": "auto-generated",
	} {
		if h := got.Headers[name]; len(h) != 1 || h[0] != want {
			t.Errorf("%s is %q", name, h)
		}
	}
	spoiled := m
	spoiled.Subject = "Hello\r\nBcc: eve@example.org"
	if err := sender(t, "smtp://"+server.Addr, 0).Send(t.Context(), spoiled); !errors.Is(err, mail.ErrRefused) {
		t.Errorf("a subject of two lines: %v", err)
	}
	one(t, server)
}

// certificate writes one for 127.0.0.1 and its key into files.
func certificate(t *testing.T) (cert, key string, roots *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "127.0.0.1"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, b []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots = x509.NewCertPool()
	roots.AddCert(parsed)
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", encoded), roots
}

func TestTLSAndPasswords(t *testing.T) {
	t.Parallel()
	cert, key, roots := certificate(t)
	passwords := filepath.Join(t.TempDir(), "passwords")
	if err := os.WriteFile(passwords, []byte("ada:s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	starttls := servers.Mailpit(t, "--smtp-tls-cert", cert, "--smtp-tls-key", key, "--smtp-auth-file", passwords, "--smtp-require-starttls")
	implicit := servers.Mailpit(t, "--smtp-tls-cert", cert, "--smtp-tls-key", key, "--smtp-auth-file", passwords, "--smtp-require-tls")
	for what, tc := range map[string]struct {
		url    string
		roots  *x509.CertPool
		server *servers.MailServer
		fails  bool
	}{
		"STARTTLS":                 {"smtp://ada:s3cret@" + starttls.Addr, roots, starttls, false},
		"TLS from the first byte":  {"smtps://ada:s3cret@" + implicit.Addr, roots, implicit, false},
		"a wrong password":         {"smtp://ada:wr0ng@" + starttls.Addr, roots, starttls, true},
		"no password":              {"smtp://" + starttls.Addr, roots, starttls, true},
		"an unknown authority":     {"smtp://ada:s3cret@" + starttls.Addr, nil, starttls, true},
		"no encryption, though it": {"smtp://" + starttls.Addr + "?tls=never", nil, starttls, true},
	} {
		s, err := smtp.New(smtp.Options{URL: tc.url, From: &netmail.Address{Address: "headway@example.org"}, Roots: tc.roots})
		if err != nil {
			t.Fatal(err)
		}
		err = s.Send(t.Context(), message())
		if (err != nil) != tc.fails {
			t.Errorf("%s: %v", what, err)
		}
		if err != nil && (strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "wr0ng") || errors.Is(err, mail.ErrRefused)) {
			t.Errorf("%s: %v", what, err)
		}
	}
	one(t, starttls)
	one(t, implicit)
}
