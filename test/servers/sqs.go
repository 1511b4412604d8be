package servers

import (
	"net"
	"net/url"
	"path/filepath"
)

// SQSServer speaks the protocol of Amazon SQS. It keeps queues in memory and
// believes whoever asks.
type SQSServer struct{ *Process }

// SQSRegion is the region that SQSServer says it is in.
const SQSRegion = "eu-central-1"

// SQS starts a server without a queue.
func SQS(t T) *SQSServer {
	t.Helper()
	program := program(t, "moto_server", filepath.Join(root(t), ".tools", "moto", "bin"))
	return &SQSServer{start(t, spec{
		name: "the SQS server",
		command: func(addr string) (string, []string) {
			host, port, _ := net.SplitHostPort(addr)
			return program, []string{"-H", host, "-p", port}
		},
		ready: accepts,
	})}
}

// URL is how a client reaches the queues whose names begin with a prefix.
func (s *SQSServer) URL(prefix string) string {
	return "sqs://" + prefix + "?" + url.Values{"endpoint": {"http://" + s.Addr}, "region": {SQSRegion}}.Encode()
}
