// Command fakes3 is a server of the S3 protocol that keeps objects in memory,
// by their keys alone. It believes whoever asks.
package main

import (
	"flag"
	"log"
	"net/http"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:9000", "the `address` to serve on")
	flag.Parse()
	server := &http.Server{
		Addr:              *listen,
		Handler:           gofakes3.New(s3mem.New(), gofakes3.WithAutoBucket(true)).Server(),
		ReadHeaderTimeout: 10 * time.Second,
	}
	log.Fatal(server.ListenAndServe())
}
