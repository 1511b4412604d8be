package server

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"strconv"
	"sync/atomic"

	"headway/internal/platform/rest"
)

var (
	// processID tells the request ids of one process from those of another.
	processID = func() string {
		var b [6]byte
		_, _ = rand.Read(b[:]) // never fails (crypto/rand)
		return hex.EncodeToString(b[:]) + "-"
	}()
	requestCount atomic.Uint64
)

// requestID takes a sane incoming id, or makes one, and puts it on the answer.
func requestID(r *http.Request, h http.Header) string {
	if given := r.Header[rest.RequestIDHeader]; len(given) == 1 && saneID(given[0]) {
		h[rest.RequestIDHeader] = given
		return given[0]
	}
	var b [40]byte
	id := string(strconv.AppendUint(append(b[:0], processID...), requestCount.Add(1), 36))
	h[rest.RequestIDHeader] = []string{id}
	return id
}

func saneID(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}
