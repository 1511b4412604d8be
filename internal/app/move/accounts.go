package move

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"headway/internal/auth/state"
	"headway/internal/auth/store"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
)

// page is how many accounts or sessions are copied at once.
const page = 500

// copyAuth copies what is in no event: accounts with their secrets, sessions
// and signing keys. It reads all of the source, writes what has changed since
// the last time, and reads that back.
func (m *mover) copyAuth(ctx context.Context) error {
	var list []ids.ID
	for id, s := range m.streams {
		if s.category != eventlog.Account {
			continue
		}
		if list = append(list, id); len(list) == page {
			if err := m.copyAccounts(ctx, list); err != nil {
				return err
			}
			list = list[:0]
		}
	}
	if err := m.copyAccounts(ctx, list); err != nil {
		return err
	}
	if err := m.copySessions(ctx); err != nil {
		return err
	}
	return m.copyKeys(ctx)
}

func (m *mover) copyAccounts(ctx context.Context, list []ids.ID) error {
	if len(list) == 0 {
		return nil
	}
	if err := m.copyPreferences(ctx, list); err != nil {
		return err
	}
	if err := m.copyChoices(ctx, list); err != nil {
		return err
	}
	copies, err := m.Source.Accounts.CopyAccounts(ctx, list)
	if err != nil {
		return err
	}
	var changed []store.AccountCopy
	for _, c := range copies {
		if m.accounts[c.Account.ID] != sumAccount(&c) {
			changed = append(changed, c)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	if err := m.Target.Accounts.PutAccounts(ctx, changed); err != nil {
		return err
	}
	wanted := make([]ids.ID, len(changed))
	for i := range changed {
		wanted[i] = changed[i].Account.ID
	}
	back, err := m.Target.Accounts.CopyAccounts(ctx, wanted)
	if err != nil {
		return err
	}
	for i := range changed {
		want := sumAccount(&changed[i])
		if i >= len(back) || sumAccount(&back[i]) != want {
			return &DifferError{fmt.Sprintf("the account %s", wanted[i])}
		}
		m.accounts[wanted[i]] = want
	}
	return nil
}

func (m *mover) copySessions(ctx context.Context) error {
	var changed []state.Session
	put := func() error {
		if len(changed) == 0 {
			return nil
		}
		if err := m.Target.Accounts.PutSessions(ctx, changed); err != nil {
			return err
		}
		if err := m.compareSessions(ctx, changed); err != nil {
			return err
		}
		changed = changed[:0]
		return nil
	}
	err := m.Source.Accounts.EachSession(ctx, func(s state.Session) error {
		if m.sessions[s.Family] == sumSession(&s) {
			return nil
		}
		if changed = append(changed, s); len(changed) < page {
			return nil
		}
		return put()
	})
	if err != nil {
		return err
	}
	return put()
}

// compareSessions reads sessions back and compares them.
func (m *mover) compareSessions(ctx context.Context, all []state.Session) error {
	for i := range all {
		want := sumSession(&all[i])
		var got state.Session
		err := m.Target.Accounts.ChangeSession(ctx, all[i].Family, func(s state.Session) (state.Session, []eventlog.Event, error) {
			got = s
			return s, nil, nil
		})
		if err != nil {
			return err
		}
		if sumSession(&got) != want {
			return &DifferError{fmt.Sprintf("the session %s", all[i].ID)}
		}
		m.sessions[all[i].Family] = want
	}
	return nil
}

func (m *mover) copyKeys(ctx context.Context) error {
	keys, err := m.Source.Accounts.SigningKeys(ctx)
	if err != nil {
		return err
	}
	there, err := m.signingKeys(ctx)
	if err != nil {
		return err
	}
	added := false
	for _, k := range keys {
		if _, ok := there[k.ID]; !ok {
			added = true
			if err := m.Target.Accounts.AddSigningKey(ctx, k); err != nil {
				return err
			}
		}
	}
	if added {
		if there, err = m.signingKeys(ctx); err != nil {
			return err
		}
	}
	for _, k := range keys {
		if there[k.ID] != sumKey(&k) {
			return &DifferError{"the signing key " + k.ID}
		}
	}
	return nil
}

func (m *mover) signingKeys(ctx context.Context) (map[string]sum, error) {
	keys, err := m.Target.Accounts.SigningKeys(ctx)
	out := make(map[string]sum, len(keys))
	for _, k := range keys {
		out[k.ID] = sumKey(&k)
	}
	return out, err
}

// hashed is the digest of fields, each with its length before it.
func hashed(fields ...[]byte) sum {
	var b []byte
	for _, f := range fields {
		b = binary.BigEndian.AppendUint64(b, uint64(len(f)))
		b = append(b, f...)
	}
	return sha256.Sum256(b)
}

func instant(t time.Time) []byte {
	if t.IsZero() {
		return nil
	}
	return binary.BigEndian.AppendUint64(nil, uint64(t.UnixMilli())) // #nosec G115 -- a bit pattern
}

func sumAccount(c *store.AccountCopy) sum {
	a := &c.Account
	return hashed(a.ID[:], []byte(a.Email), []byte(a.Name), instant(a.CreatedAt), binary.BigEndian.AppendUint64(nil, a.Seq), []byte(c.Hash), c.Key)
}

func sumSession(s *state.Session) sum {
	return hashed(s.ID[:], s.Account[:], s.Family[:], s.Current[:], s.Previous[:], s.Salt[:],
		instant(s.StartedAt), instant(s.RotatedAt), instant(s.Expires), instant(s.Ended))
}

func sumKey(k *store.SigningKey) sum {
	return hashed([]byte(k.ID), []byte(k.Predecessor), k.Seed, instant(k.CreatedAt), instant(k.ActiveAt), instant(k.RetiresAt), instant(k.ExpiresAt))
}
