// Package redis keeps what is final of sessions in Redis, before a store that
// keeps everything. Redis is only ever believed when it says that a session is
// over, which nothing undoes: whether a session is alive, and which of its
// tokens is current, is decided by the store under it, each time.
//
// It cannot be otherwise in one round trip. A copy of a live session may be
// older than a rotation or a sign-out that another process has just committed,
// since no exchange with Redis can be one step with the store's commit; a
// token that was replaced or revoked would live on in it. So an entry is
// written after the commit that ended the session, never before, and an entry
// that is lost, late or old costs a look at the store and nothing else. What
// this saves the store are the clients that go on trying with a session that
// has ended, and whoever replays a stolen token.
package redis

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"

	"headway/internal/auth/state"
	"headway/internal/auth/store"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/redisdb"
)

// Store implements store.Store over another. What is not about changes of a
// session goes to the other as it is.
type Store struct {
	store.Store
	db *redisdb.DB

	answered, asked, remembered atomic.Uint64
}

var _ store.Store = (*Store)(nil)

// New makes a store over another, which keeps everything.
func New(under store.Store, db *redisdb.DB) (*Store, error) {
	if under == nil || db == nil {
		return nil, errors.New("auth/store/redis: a store and a connection are required")
	}
	return &Store{Store: under, db: db}, nil
}

// Stats are counts since the start.
type Stats struct {
	// Answered changes of sessions needed no store; Asked ones did.
	Answered, Asked uint64
	// Remembered sessions were written to Redis once they were over.
	Remembered uint64
}

// Stats answers the counts.
func (s *Store) Stats() Stats {
	return Stats{Answered: s.answered.Load(), Asked: s.asked.Load(), Remembered: s.remembered.Load()}
}

// ChangeSession implements store.Store.
func (s *Store) ChangeSession(ctx context.Context, family [32]byte, decide func(state.Session) (state.Session, []eventlog.Event, error)) error {
	key := s.db.Key("session", hex.EncodeToString(family[:]))
	known := s.over(ctx, key, family)
	if known != nil {
		next, events, err := decide(*known)
		if err != nil || (next == *known && len(events) == 0) {
			s.answered.Add(1)
			return err
		}
		// Whatever is to change of a session that is over, the store changes it.
	}
	s.asked.Add(1)
	var last state.Session
	err := s.Store.ChangeSession(ctx, family, func(was state.Session) (state.Session, []eventlog.Event, error) {
		next, events, err := decide(was)
		last = next
		return next, events, err
	})
	if err != nil {
		return err
	}
	switch {
	case !last.Ended.IsZero():
		s.remember(ctx, key, last)
	case known != nil:
		s.forget(ctx, key)
	}
	return nil
}

// localAge is how long the client keeps an answer without asking again. Redis
// tells it of changes; missing one only costs a look at the store.
const localAge = 10 * time.Minute

// over answers a session that has ended, as far as Redis knows.
func (s *Store) over(ctx context.Context, key string, family [32]byte) *state.Session {
	var value []byte
	err := s.db.Do(ctx, key, func(ctx context.Context, c rueidis.Client) (err error) {
		value, err = c.DoCache(ctx, c.B().Get().Key(key).Cache(), localAge).AsBytes()
		return err
	})
	if err != nil {
		return nil
	}
	session, ok := decode(value)
	if !ok || session.Family != family || session.Ended.IsZero() {
		return nil
	}
	return &session
}

// remember keeps a session that is over for as long as the store would keep
// it. It is done for the sake of speed, so that it fails is nobody's concern.
func (s *Store) remember(ctx context.Context, key string, session state.Session) {
	left := time.Until(session.Expires)
	if left < time.Second {
		return // the store will not have it much longer either
	}
	err := s.db.Do(context.WithoutCancel(ctx), key, func(ctx context.Context, c rueidis.Client) error {
		return c.Do(ctx, c.B().Set().Key(key).Value(rueidis.BinaryString(encode(session))).PxMilliseconds(left.Milliseconds()).Build()).Error()
	})
	if err == nil {
		s.remembered.Add(1)
	}
}

// forget is for a session that is not over any more, which the service's
// rules know nothing of; the port would allow it.
func (s *Store) forget(ctx context.Context, key string) {
	_ = s.db.Do(context.WithoutCancel(ctx), key, func(ctx context.Context, c rueidis.Client) error {
		return c.Do(ctx, c.B().Del().Key(key).Build()).Error()
	}) // where it fails the session stays over, which is the safe side
}

// encoded is the size of a session: a version, two ids, four hashes, four times.
const (
	encoding = 1
	encoded  = 1 + 2*16 + 4*32 + 4*8
)

func encode(s state.Session) []byte {
	b := append(make([]byte, 0, encoded), encoding)
	b = append(append(b, s.ID[:]...), s.Account[:]...)
	for _, hash := range [][32]byte{s.Family, s.Current, s.Previous, s.Salt} {
		b = append(b, hash[:]...)
	}
	for _, t := range []time.Time{s.StartedAt, s.RotatedAt, s.Expires, s.Ended} {
		b = binary.BigEndian.AppendUint64(b, uint64(milliseconds(t))) // #nosec G115 -- read back the same way
	}
	return b
}

// milliseconds is 0 for the zero time, which no session's time is.
func milliseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// decode answers false for what another version, or somebody else, has written.
func decode(b []byte) (s state.Session, ok bool) {
	if len(b) != encoded || b[0] != encoding {
		return s, false
	}
	b = b[1:]
	b = b[copy(s.ID[:], b):]
	b = b[copy(s.Account[:], b):]
	for _, hash := range []*[32]byte{&s.Family, &s.Current, &s.Previous, &s.Salt} {
		b = b[copy(hash[:], b):]
	}
	for _, t := range []*time.Time{&s.StartedAt, &s.RotatedAt, &s.Expires, &s.Ended} {
		if ms := int64(binary.BigEndian.Uint64(b)); ms != 0 { // #nosec G115 -- written the same way
			*t = time.UnixMilli(ms).UTC()
		}
		b = b[8:]
	}
	return s, true
}
