package command

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"time"

	"headway/internal/platform/limit"
)

// Limits say how often one may try. A zero Rate is no limit.
type Limits struct {
	// SignInAddress counts the attempts from one address, whatever the email.
	SignInAddress limit.Rate
	// SignInPair counts those from one address for one email. It is the
	// tighter one, so that one attacker is stopped without locking the owner out.
	SignInPair limit.Rate
	// SignInEmail counts those for one email from anywhere.
	SignInEmail limit.Rate
	// RegisterAddress counts the registrations from one address.
	RegisterAddress limit.Rate
	// RegisterEmail counts those for one email.
	RegisterEmail limit.Rate
}

// DefaultLimits are those of an instance that sets no others.
var DefaultLimits = Limits{
	SignInAddress:   limit.Rate{Count: 60, Per: 5 * time.Minute},
	SignInPair:      limit.Rate{Count: 10, Per: 15 * time.Minute},
	SignInEmail:     limit.Rate{Count: 100, Per: time.Hour},
	RegisterAddress: limit.Rate{Count: 30, Per: time.Hour},
	RegisterEmail:   limit.Rate{Count: 5, Per: time.Hour},
}

// PerAddress answers limits that let so many register from one address in an
// hour, and twice as many sign in from it in five minutes; those of one email
// stay.
func (l Limits) PerAddress(n int) Limits {
	l.RegisterAddress.Count, l.SignInAddress.Count = n, 2*n
	return l
}

// addressKey names whoever holds an address: with IPv6 that is a /64, since
// one host can take any address in it.
func addressKey(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return "unknown"
	}
	a = a.Unmap().WithZone("")
	if a.Is6() {
		p, _ := a.Prefix(64) // 64 bits are never too many for it
		return p.String()
	}
	return a.String()
}

// emailKey names an email without holding it, since limits may live in a shared store.
func emailKey(email string) string {
	sum := sha256.Sum256([]byte(email))
	return hex.EncodeToString(sum[:16])
}
