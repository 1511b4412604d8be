// Package password hashes passwords with Argon2id (RFC 9106) and bounds what
// hashing may take: so many at once, so many waiting.
package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"

	"headway/internal/apperr"
)

// Params are Argon2id's parameters.
type Params struct {
	// MemoryKiB is the memory of one hash, in KiB.
	MemoryKiB uint32
	// Passes is the number of passes over it.
	Passes uint32
	// Lanes is the degree of parallelism.
	Lanes uint8
}

// Default is the first choice of the OWASP Password Storage Cheat Sheet for a
// minimum of 19 MiB: m=19456, t=2, p=1.
var Default = Params{MemoryKiB: 19456, Passes: 2, Lanes: 1}

// Bounds on parameters, also on those read from a stored hash.
const (
	maxMemoryKiB = 1 << 20
	maxPasses    = 64
	maxLanes     = 16
	saltBytes    = 16
	hashBytes    = 32
)

// Validate reports parameters that cannot be used.
func (p Params) Validate() error {
	if p.MemoryKiB < 8*uint32(p.Lanes) || p.MemoryKiB > maxMemoryKiB || p.Passes < 1 || p.Passes > maxPasses || p.Lanes < 1 || p.Lanes > maxLanes {
		return fmt.Errorf("password: Argon2id with m=%d KiB, t=%d, p=%d is out of bounds", p.MemoryKiB, p.Passes, p.Lanes)
	}
	return nil
}

// Hasher hashes and verifies. It is safe for concurrent use.
type Hasher struct {
	params  Params
	slots   chan struct{}
	waiting atomic.Int64
	dummy   string
}

const (
	maxWaiting = 64
	maxWait    = 5 * time.Second
)

// New makes a Hasher that hashes concurrency passwords at once; 0 is half of
// the processors, at least one, so that a flood of sign-ins leaves the rest to
// those who are signed in.
func New(p Params, concurrency int) (*Hasher, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if concurrency <= 0 {
		concurrency = max(1, runtime.GOMAXPROCS(0)/2)
	}
	h := &Hasher{params: p, slots: make(chan struct{}, concurrency)}
	// Any hash does for Waste: what it costs counts, not what it holds.
	h.dummy = format(p, make([]byte, saltBytes), make([]byte, hashBytes))
	return h, nil
}

// Hash answers the hash of a password in the PHC string format. It answers
// Unavailable where too many are hashed already.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	release, err := h.acquire(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails: it stops the program instead
	return format(h.params, salt, key(h.params, password, salt)), nil
}

// Verify reports whether the password is the one hashed, and whether its hash
// was made with other parameters than these, so that it should be made anew.
func (h *Hasher) Verify(ctx context.Context, password, hash string) (ok, outdated bool, err error) {
	p, salt, want, err := parse(hash)
	if err != nil {
		return false, false, apperr.Wrap(err, "A stored password cannot be read.")
	}
	release, err := h.acquire(ctx)
	if err != nil {
		return false, false, err
	}
	defer release()
	return subtle.ConstantTimeCompare(key(p, password, salt), want) == 1, p != h.params, nil
}

// Waste takes as long as Verify does, so that an answer's time does not tell
// whether there is an account.
func (h *Hasher) Waste(ctx context.Context, password string) error {
	_, _, err := h.Verify(ctx, password, h.dummy)
	return err
}

func (h *Hasher) acquire(ctx context.Context) (func(), error) {
	busy := func(cause error) error {
		return &apperr.Error{
			Code: apperr.Unavailable, Message: "Too many people are signing in just now. Try again in a moment.",
			RetryAfter: 2 * time.Second, Cause: cause,
		}
	}
	if h.waiting.Add(1) > maxWaiting+int64(cap(h.slots)) {
		h.waiting.Add(-1)
		return nil, busy(errors.New("password: the queue is full"))
	}
	timer := time.NewTimer(maxWait)
	defer timer.Stop()
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots; h.waiting.Add(-1) }, nil
	case <-timer.C:
		h.waiting.Add(-1)
		return nil, busy(errors.New("password: waited too long"))
	case <-ctx.Done():
		h.waiting.Add(-1)
		return nil, busy(ctx.Err())
	}
}

func key(p Params, password string, salt []byte) []byte {
	return argon2.IDKey([]byte(password), salt, p.Passes, p.MemoryKiB, p.Lanes, hashBytes)
}

// format writes the PHC string of a hash:
// $argon2id$v=19$m=19456,t=2,p=1$SALT$HASH, both in unpadded base64.
func format(p Params, salt, hash []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		p.MemoryKiB, p.Passes, p.Lanes, b64.EncodeToString(salt), b64.EncodeToString(hash))
}

var errFormat = errors.New("password: not an Argon2id hash in PHC format")

func parse(s string) (p Params, salt, hash []byte, err error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, nil, nil, errFormat
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.MemoryKiB, &p.Passes, &p.Lanes); err != nil {
		return p, nil, nil, errFormat
	}
	if err := p.Validate(); err != nil {
		return p, nil, nil, err
	}
	salt, errSalt := base64.RawStdEncoding.Strict().DecodeString(parts[4])
	hash, errHash := base64.RawStdEncoding.Strict().DecodeString(parts[5])
	if errSalt != nil || errHash != nil || len(salt) < 8 || len(hash) != hashBytes {
		return p, nil, nil, errFormat
	}
	return p, salt, hash, nil
}
