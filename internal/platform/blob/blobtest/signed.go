package blobtest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"headway/internal/platform/blob"
)

// answer is a response that was read.
type answer struct {
	status string
	code   int
	header http.Header
	body   []byte
}

func send(t *testing.T, method, url string, header http.Header, body []byte) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header.Clone()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.Status, resp.StatusCode, resp.Header, got}
}

func signsURLs(t *testing.T, s blob.Store) {
	signer, ok := s.(blob.Signer)
	if !ok {
		return // not every adapter can
	}
	body := content(1000, 1)
	put(t, s, "a/report", body)
	url, err := signer.SignGet(t.Context(), "a/report", time.Minute, "")
	if err != nil {
		t.Fatal(err)
	}
	got := send(t, http.MethodGet, url, nil, nil)
	if got.code != http.StatusOK || !bytes.Equal(got.body, body) || got.header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("GET answered %s, %d bytes of %s", got.status, len(got.body), got.header.Get("Content-Type"))
	}
	if url, err = signer.SignGet(t.Context(), "a/report", time.Minute, `Bericht "März".csv`); err != nil {
		t.Fatal(err)
	}
	got = send(t, http.MethodGet, url, nil, nil)
	if d := got.header.Get("Content-Disposition"); got.code != http.StatusOK || !strings.HasPrefix(d, "attachment;") || !strings.Contains(d, "Bericht%20%22M%C3%A4rz%22.csv") {
		t.Errorf("GET of a download answered %s, %s", got.status, d)
	}
	request, err := signer.SignPut(t.Context(), "a/new", time.Minute, "image/png", 1000)
	if err != nil {
		t.Fatal(err)
	}
	if got := send(t, request.Method, request.URL, request.Header, body); got.code != http.StatusOK {
		t.Errorf("%s answered %s: %s", request.Method, got.status, got.body)
	}
	holds(t, s, "a/new", body)
	if info, err := s.Stat(t.Context(), "a/new"); err != nil || info.ContentType != "image/png" {
		t.Errorf("Stat: %+v, %v", info, err)
	}
}

func signedURLsHoldForWhatTheySay(t *testing.T, s blob.Store) {
	signer, ok := s.(blob.Signer)
	if !ok {
		return // not every adapter can
	}
	put(t, s, "secret", []byte("x"))
	url, err := signer.SignGet(t.Context(), "other", time.Minute, "")
	if err != nil {
		t.Fatal(err)
	}
	if got := send(t, http.MethodGet, strings.Replace(url, "other", "secret", 1), nil, nil); got.code != http.StatusForbidden {
		t.Errorf("a URL for another key answered %s", got.status)
	}
	for what, spoil := range map[string]func(r *blob.SignedRequest, body *[]byte){
		"more bytes":   func(_ *blob.SignedRequest, body *[]byte) { *body = append(*body, 'y') },
		"fewer bytes":  func(_ *blob.SignedRequest, body *[]byte) { *body = (*body)[:9] },
		"another type": func(r *blob.SignedRequest, _ *[]byte) { r.Header.Set("Content-Type", "text/html") },
		"another key":  func(r *blob.SignedRequest, _ *[]byte) { r.URL = strings.Replace(r.URL, "upload", "secret", 1) },
		"longer than said": func(r *blob.SignedRequest, _ *[]byte) {
			r.URL = strings.Replace(r.URL, "X-Amz-Expires=60", "X-Amz-Expires=600", 1)
		},
	} {
		request, err := signer.SignPut(t.Context(), "upload", time.Minute, "image/png", 10)
		if err != nil {
			t.Fatal(err)
		}
		body := content(10, 1)
		spoil(&request, &body)
		if got := send(t, request.Method, request.URL, request.Header, body); got.code < 400 || got.code >= 500 {
			t.Errorf("%s: answered %s", what, got.status)
		}
	}
	missing(t, s, "upload")
	holds(t, s, "secret", []byte("x"))
	_, keyErr := signer.SignGet(t.Context(), "../x", time.Minute, "")
	_, putKeyErr := signer.SignPut(t.Context(), "", time.Minute, "", 1)
	var bad *blob.KeyError
	if !errors.As(keyErr, &bad) || !errors.As(putKeyErr, &bad) {
		t.Errorf("bad keys answered %v and %v", keyErr, putKeyErr)
	}
	_, longErr := signer.SignGet(t.Context(), "x", blob.MaxSigned+time.Second, "")
	_, shortErr := signer.SignPut(t.Context(), "x", 0, "", 1)
	_, typeErr := signer.SignPut(t.Context(), "x", time.Minute, "text/", 1)
	_, sizeErr := signer.SignPut(t.Context(), "x", time.Minute, "", -1)
	for what, err := range map[string]error{"long": longErr, "short": shortErr, "type": typeErr, "size": sizeErr} {
		if !errors.Is(err, blob.ErrInvalid) {
			t.Errorf("%s: answered %v", what, err)
		}
	}
}
