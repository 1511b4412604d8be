package server

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"
)

// minCompressed is the size from which compression saves packets.
const minCompressed = 1400

// compressed encodes JSON and text for clients that take gzip. Streams and
// what is compressed already pass as they are.
func compressed(next http.Handler, policy Compression) (http.Handler, error) {
	if policy == CompressNever {
		return next, nil
	}
	wrap, err := gzhttp.NewWrapper(
		gzhttp.MinSize(minCompressed),
		gzhttp.CompressionLevel(gzip.BestSpeed),
		gzhttp.EnableZstd(false),
		gzhttp.SuffixETag("-gzip"),
		gzhttp.ContentTypeFilter(func(ct string) bool {
			return !strings.HasPrefix(ct, "text/event-stream") &&
				(strings.HasPrefix(ct, "application/json") || strings.HasPrefix(ct, "text/") ||
					strings.HasPrefix(ct, "application/problem+json") || strings.HasPrefix(ct, "image/svg") || strings.HasPrefix(ct, "application/vnd.oai"))
		}),
	)
	if err != nil {
		return nil, fmt.Errorf("compression: %w", err)
	}
	gz := wrap(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header["Accept-Encoding"] == nil || (policy == CompressAuto && local(r)) {
			next.ServeHTTP(w, r)
			return
		}
		gz.ServeHTTP(w, r)
	}), nil
}
