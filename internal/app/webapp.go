package app

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"headway/internal/apperr"
	"headway/internal/platform/rest"
	"headway/web"
)

// asset is one file of the web app with its compressed forms.
type asset struct {
	plain, br, gz []byte
	contentType   string
	etag          string
	cache         string
}

// webApp answers the embedded web app: its files, and index.html for every
// address that the app itself routes.
type webApp struct {
	files map[string]*asset
}

// startWeb serves the web app at every address that nothing else is at.
func startWeb(context.Context, *wiring) (*module, error) {
	dist, err := fs.Sub(web.Dist, "dist")
	if err != nil {
		return nil, err
	}
	app, err := newWebApp(dist)
	if err != nil {
		return nil, err
	}
	return &module{routes: func(_ huma.API, mux *http.ServeMux) { mux.Handle("/", app) }}, nil
}

// types of files that mime may not know on a bare machine.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".json": "application/json", ".webmanifest": "application/manifest+json",
	".woff2": "font/woff2", ".png": "image/png", ".ico": "image/x-icon", ".txt": "text/plain; charset=utf-8", ".map": "application/json",
}

func newWebApp(dist fs.FS) (*webApp, error) {
	app := &webApp{files: map[string]*asset{}}
	err := fs.WalkDir(dist, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(path.Base(name), ".") {
			return err
		}
		data, err := fs.ReadFile(dist, name)
		if err != nil {
			return err
		}
		switch extension := path.Ext(name); extension {
		case ".br":
			app.file(strings.TrimSuffix(name, extension)).br = data
		case ".gz":
			app.file(strings.TrimSuffix(name, extension)).gz = data
		default:
			f := app.file(name)
			f.plain = data
			if f.contentType = types[extension]; f.contentType == "" {
				f.contentType = mime.TypeByExtension(extension)
			}
			if f.contentType == "" {
				f.contentType = "application/octet-stream"
			}
			sum := sha256.Sum256(data)
			f.etag = base64.RawURLEncoding.EncodeToString(sum[:12])
			f.cache = "no-cache"
			if strings.HasPrefix(name, "assets/") {
				f.cache = "public, max-age=31536000, immutable" // its name holds its content's hash
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the web app: %w", err)
	}
	return app, nil
}

func (a *webApp) file(name string) *asset {
	if a.files[name] == nil {
		a.files[name] = new(asset)
	}
	return a.files[name]
}

// ServeHTTP implements http.Handler.
func (a *webApp) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		rest.WriteProblem(w, apperr.New(apperr.MethodNotAllowed, "This address takes GET, HEAD."))
		return
	}
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	f := a.files[name]
	if f == nil && path.Ext(name) == "" {
		f = a.files["index.html"] // the app routes the address itself
	}
	if f == nil || f.plain == nil {
		if len(a.files) == 0 {
			rest.WriteProblem(w, apperr.New(apperr.NotFound, "This binary was built without the web app. Build it with make build."))
			return
		}
		rest.WriteProblem(w, apperr.New(apperr.NotFound, "There is nothing at this address."))
		return
	}
	h := w.Header()
	body, tag := f.plain, `"`+f.etag+`"`
	if f.br != nil || f.gz != nil {
		h.Add("Vary", "Accept-Encoding")
		switch accepted := r.Header.Get("Accept-Encoding"); {
		case f.br != nil && accepts(accepted, "br"):
			body, tag = f.br, `"`+f.etag+`-br"`
			h.Set("Content-Encoding", "br")
		case f.gz != nil && accepts(accepted, "gzip"):
			body, tag = f.gz, `"`+f.etag+`-gzip"`
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("Cache-Control", f.cache)
	h.Set("ETag", tag)
	if (rest.IfNoneMatch{Tags: r.Header.Get("If-None-Match")}).Matches(`"` + f.etag + `"`) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", f.contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // #nosec G705 -- a file of the app itself; the client is gone where this fails
	}
}

// accepts reports whether an Accept-Encoding header takes the coding.
func accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.TrimSpace(name) == coding {
			q = strings.ReplaceAll(q, " ", "")
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}
