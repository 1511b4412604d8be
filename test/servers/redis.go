package servers

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// RedisServer is one redis-server without persistence: what it knew is gone
// after Kill, as after the loss of a cache.
type RedisServer struct{ *Process }

// Redis starts redis-server with no data. Further arguments are settings:
// "--maxmemory", "1mb".
func Redis(t T, settings ...string) *RedisServer {
	t.Helper()
	return &RedisServer{redis(t, "Redis", settings...)}
}

// URL is how a client reaches it.
func (s *RedisServer) URL() string { return "redis://" + s.Addr }

// Commands answers how often each command was called by the server's own
// count, in lower case: "get", "client|tracking".
func (s *RedisServer) Commands(t T) map[string]int {
	t.Helper()
	info, err := redisCommand(t.Context(), s.Addr, "INFO commandstats")
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for line := range strings.Lines(info) {
		name, rest, ok := strings.Cut(strings.TrimPrefix(line, "cmdstat_"), ":calls=")
		if !ok {
			continue
		}
		calls, _, _ := strings.Cut(rest, ",")
		n, err := strconv.Atoi(calls)
		if err != nil {
			t.Fatalf("INFO commandstats answered %q", line)
		}
		counts[name] = n
	}
	return counts
}

func redis(t T, name string, settings ...string) *Process {
	t.Helper()
	program, folder := program(t, "redis-server"), t.TempDir()
	return start(t, spec{
		name: name,
		command: func(addr string) (string, []string) {
			_, port, _ := net.SplitHostPort(addr)
			return program, append([]string{
				"--bind", "127.0.0.1", "--port", port, "--dir", folder, "--save", "", "--appendonly", "no",
			}, settings...)
		},
		ready: func(ctx context.Context, addr string) error {
			answer, err := redisCommand(ctx, addr, "PING")
			switch {
			case err != nil && strings.HasPrefix(err.Error(), "-NOAUTH "):
				return nil // it is up and wants the password that the settings gave it
			case err == nil && answer != "PONG":
				return fmt.Errorf("answered %q", answer)
			}
			return err
		},
	})
}

// RedisCluster is three masters that share the slots.
type RedisCluster struct {
	Nodes []*RedisServer
}

// slots is how many a cluster has, by its specification.
const slots = 16384

// Cluster starts a cluster of three nodes without replicas.
func Cluster(t T, settings ...string) *RedisCluster {
	t.Helper()
	c := &RedisCluster{}
	var bus []string
	const nodes = 3
	for i := range nodes {
		// The usual port of the bus, 10000 above the node's, may be past the last port there is.
		addr, err := FreeAddr(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, port, _ := net.SplitHostPort(addr)
		bus = append(bus, port)
		c.Nodes = append(c.Nodes, &RedisServer{redis(t, fmt.Sprintf("Redis node %d", i+1),
			append([]string{
				"--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf",
				"--cluster-port", port, "--cluster-node-timeout", "3000", "--cluster-require-full-coverage", "no",
			}, settings...)...)})
	}
	for i, node := range c.Nodes {
		c.must(t, node, "CLUSTER ADDSLOTSRANGE "+strconv.Itoa(i*slots/nodes)+" "+strconv.Itoa((i+1)*slots/nodes-1))
		c.must(t, node, "CLUSTER SET-CONFIG-EPOCH "+strconv.Itoa(i+1))
		host, port, _ := net.SplitHostPort(node.Addr)
		for j := range i {
			c.must(t, c.Nodes[j], "CLUSTER MEET "+host+" "+port+" "+bus[i])
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	for _, node := range c.Nodes {
		if err := waitUntil(ctx, node.done, node.joined); err != nil {
			t.Fatalf("%s did not join the cluster: %v\n%s", node.name, err, node.Tail())
		}
	}
	return c
}

// URL names all nodes.
func (c *RedisCluster) URL() string { return "redis://" + strings.Join(c.Addrs(), ",") }

// Addrs are the nodes' addresses.
func (c *RedisCluster) Addrs() []string {
	var out []string
	for _, node := range c.Nodes {
		out = append(out, node.Addr)
	}
	return out
}

func (c *RedisCluster) must(t T, node *RedisServer, command string) {
	t.Helper()
	answer, err := redisCommand(t.Context(), node.Addr, command)
	if err != nil || answer != "OK" {
		t.Fatalf("%s: %s answered %q, %v", node.name, command, answer, err)
	}
}

// joined answers nil once the node sees all slots served by all three.
func (s *RedisServer) joined(ctx context.Context) error {
	info, err := redisCommand(ctx, s.Addr, "CLUSTER INFO")
	if err != nil {
		return err
	}
	for _, want := range []string{"cluster_state:ok", "cluster_slots_ok:16384", "cluster_known_nodes:3", "cluster_size:3"} {
		if !strings.Contains(info, want+"\r\n") {
			return fmt.Errorf("not yet %s", want)
		}
	}
	return nil
}

// redisCommand sends one command and answers its simple or bulk string; an
// error that the server answers is an error.
func redisCommand(ctx context.Context, addr, command string) (string, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return "", err
	}
	if _, err := io.WriteString(conn, command+"\r\n"); err != nil {
		return "", err
	}
	r := bufio.NewReader(conn)
	line, err := r.ReadString('\n')
	if err != nil {
		return "", err
	}
	line = strings.TrimRight(line, "\r\n")
	switch line[:min(1, len(line))] {
	case "+":
		return line[1:], nil
	case "$":
		size, err := strconv.Atoi(line[1:])
		if err != nil || size < 0 {
			return "", fmt.Errorf("a bulk string of length %q", line[1:])
		}
		body := make([]byte, size)
		_, err = io.ReadFull(r, body)
		return string(body), err
	}
	return "", errors.New(line)
}
