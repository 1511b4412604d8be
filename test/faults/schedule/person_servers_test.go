//go:build servers

package schedule_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
)

// person is somebody who is signed in.
type person struct {
	id, email string

	mu      sync.Mutex
	token   string
	refresh *http.Cookie
}

// errRefused is that a token was: a clock says that it is over.
var errRefused = errors.New("the access token was refused")

// bearer is the newest access token.
func (p *person) bearer() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.token
}

// renew gets a token instead of one that was refused, as a browser does: by
// the session's refresh token or, where the session is over, by signing in.
func (p *person) renew(ctx context.Context, client *http.Client, door, refused string) {
	p.mu.Lock()
	done := p.token != refused || p.post(ctx, client, door, "/auth/refresh", nil) != http.StatusUnauthorized
	p.mu.Unlock()
	if !done {
		p.signIn(ctx, client, door)
	}
}

// signIn begins a session, and reports whether it could.
func (p *person) signIn(ctx context.Context, client *http.Client, door string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.post(ctx, client, door, "/auth/sign-in", map[string]string{"email": p.email, "password": password}) == http.StatusOK
}

// post asks for a token and keeps what comes. It answers 0 where nobody answered.
func (p *person) post(ctx context.Context, client *http.Client, door, path string, body map[string]string) int {
	data, err := json.Marshal(body)
	if err != nil {
		return 0
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+door+"/api/v1"+path, bytes.NewReader(data))
	if err != nil {
		return 0
	}
	r.Header.Set("Content-Type", "application/json")
	if body == nil {
		r.AddCookie(p.refresh)
	}
	res, err := client.Do(r)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	var signed struct{ AccessToken string }
	if json.NewDecoder(res.Body).Decode(&signed) == nil && signed.AccessToken != "" {
		p.token = signed.AccessToken
		for _, c := range res.Cookies() {
			p.refresh = c
		}
	}
	return res.StatusCode
}
