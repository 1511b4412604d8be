package app

import (
	"strings"
	"testing"
)

// TestVerifyConfigShowsWhatClientsWouldDo, with what the addresses leave open,
// and without passwords.
func TestVerifyConfigShowsWhatClientsWouldDo(t *testing.T) {
	p, out, _ := program("serve", "--verify-config",
		"--store-url", "mongodb://ann:s3cret@db-1,db-2/work?replicaSet=rs0&maxPoolSize=20&retryWrites=false&compressors=zlib",
		"--redis-url", "redis://bob:s3cret@cache?timeout=100ms", "--rate-url", "rediss://:s3cret@rates")
	if err := p.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"servers: db-1, db-2\n", "database: work\n", `user: "ann"`, "replica set: rs0\n", "connections: 20 at most, 2 at least, closed after 5m0s without use\n",
		"timeouts: 15s for an operation, 5s to find a server, 5s to connect\n", "compression: zlib\n", "tried again: writes no, reads yes\n",
		"Redis for cache, bus, sessions\n", "servers: cache:6379", `user: "bob"`, "timeouts: 100ms for an exchange, 100ms to connect, 1s until a silent connection is given up\n",
		"Redis for rate\n", "servers: rates:6379", "user: the default one, with a password\n", "TLS: yes\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if strings.Contains(out.String(), "s3cret") {
		t.Error("it says a password")
	}
	if t.Failed() {
		t.Log(out)
	}
}

// TestVerifyConfigOfANameThatIsLookedUp asks nobody.
func TestVerifyConfigOfANameThatIsLookedUp(t *testing.T) {
	p, out, _ := program("serve", "--verify-config", "--store-url", "mongodb+srv://ann:s3cret@cluster.invalid/work")
	if err := p.run(t.Context()); err != nil || !strings.Contains(out.String(), "servers: as the name cluster.invalid says\n") || !strings.Contains(out.String(), "TLS: yes\n") {
		t.Errorf("%v, %s", err, out)
	}
}
