package servers

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.uber.org/goleak"
)

// RedisTLSServer is a server that listens with TLS too.
type RedisTLSServer struct {
	*RedisServer
	// TLSAddr is where, HOST:PORT.
	TLSAddr string
}

// RedisTLS starts one, and answers the file of the certificate that vouches for it.
func RedisTLS(t T) (server *RedisTLSServer, ca string) {
	t.Helper()
	addr, err := FreeAddr(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(addr)
	cert, key := certificate(t, t.TempDir())
	s := &RedisTLSServer{RedisServer: Redis(t, "--tls-port", port, "--tls-auth-clients", "no",
		"--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert), TLSAddr: addr}
	return s, cert
}

// certificate makes one for 127.0.0.1 that vouches for itself.
func certificate(t T, dir string) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: keyDER},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

// RedisSentinels are a primary with a replica, and the sentinel that watches them.
type RedisSentinels struct {
	Primary, Replica, Watcher *RedisServer
}

// URL names the sentinel as the settings take it.
func (s *RedisSentinels) URL() string { return "redis+sentinel://" + s.Watcher.Addr + "/main" }

// Sentinel starts a primary, a replica in step with it, and a sentinel that
// makes the replica the primary soon after the primary is gone.
func Sentinel(t T) *RedisSentinels {
	t.Helper()
	s := &RedisSentinels{Primary: Redis(t)}
	host, port, _ := net.SplitHostPort(s.Primary.Addr)
	s.Replica = Redis(t, "--replicaof", host+" "+port)
	s.Replica.await(t, "INFO replication", "master_link_status:up")
	program, config := program(t, "redis-server"), filepath.Join(t.TempDir(), "sentinel.conf")
	text := fmt.Sprintf("sentinel monitor main %s %s 1\nsentinel down-after-milliseconds main 1000\nsentinel failover-timeout main 5000\n", host, port)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Watcher = &RedisServer{start(t, spec{
		name: "Redis sentinel",
		command: func(addr string) (string, []string) {
			_, port, _ := net.SplitHostPort(addr)
			return program, []string{config, "--sentinel", "--bind", "127.0.0.1", "--port", port}
		},
		ready: func(ctx context.Context, addr string) error {
			_, err := redisCommand(ctx, addr, "PING")
			return err
		},
	})}
	s.Watcher.await(t, "INFO sentinel", "slaves=1")
	return s
}

// await waits until a command's answer holds a text.
func (s *RedisServer) await(t T, command, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	err := waitUntil(ctx, s.done, func(ctx context.Context) error {
		answer, err := redisCommand(ctx, s.Addr, command)
		if err == nil && !strings.Contains(answer, text) {
			err = fmt.Errorf("%s: not yet %s", command, text)
		}
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v\n%s", s.name, err, s.Tail())
	}
}

// RedisLeftovers has goleak pass what the client of a cluster leaves to end by
// itself, a few seconds later: it closes the connections of a node that went,
// and lets its next look at the nodes pass.
func RedisLeftovers() []goleak.Option {
	return []goleak.Option{
		goleak.IgnoreAnyFunction("github.com/redis/rueidis.(*clusterClient)._refresh.func2"),
		goleak.IgnoreAnyFunction("github.com/redis/rueidis.(*call).DelayDo.func1"),
	}
}

// Do sends a command, its words parted by spaces, and answers what the server
// answers; an error of the server's ends the test. Numbers come as ":1".
func (s *RedisServer) Do(t T, command string) string {
	t.Helper()
	answer, err := redisCommand(t.Context(), s.Addr, command)
	if err != nil && !strings.HasPrefix(err.Error(), ":") {
		t.Fatalf("%s: %s: %v", s.name, command, err)
	}
	if err != nil {
		return err.Error()
	}
	return answer
}

// Breakable is a Redis of any kind that a test may take away and bring back.
type Breakable interface {
	URL() string
	Kill()
	Start(t T)
	Pause(t T)
	Resume(t T)
}

var (
	_ Breakable = (*RedisServer)(nil)
	_ Breakable = (*RedisCluster)(nil)
)

// Kill ends all nodes.
func (c *RedisCluster) Kill() {
	for _, n := range c.Nodes {
		n.Kill()
	}
}

// Start brings all nodes back, with their slots and without what they held.
func (c *RedisCluster) Start(t T) {
	t.Helper()
	for _, n := range c.Nodes {
		n.Start(t)
	}
}

// Pause stops all nodes.
func (c *RedisCluster) Pause(t T) {
	t.Helper()
	for _, n := range c.Nodes {
		n.Pause(t)
	}
}

// Resume lets all nodes go on.
func (c *RedisCluster) Resume(t T) {
	t.Helper()
	for _, n := range c.Nodes {
		n.Resume(t)
	}
}

// OneNode is a cluster of which one node is taken away and brought back.
func OneNode(c *RedisCluster) Breakable { return oneNode{c} }

type oneNode struct{ *RedisCluster }

// Kill ends the node.
func (o oneNode) Kill() { o.Nodes[0].Kill() }

// Start brings the node back.
func (o oneNode) Start(t T) {
	t.Helper()
	o.Nodes[0].Start(t)
}

// Pause stops the node.
func (o oneNode) Pause(t T) {
	t.Helper()
	o.Nodes[0].Pause(t)
}

// Resume lets the node go on.
func (o oneNode) Resume(t T) {
	t.Helper()
	o.Nodes[0].Resume(t)
}
