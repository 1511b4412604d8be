package redis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/rueidis"

	"headway/internal/platform/bus"
)

// Fields of a dead letter beside the message itself.
const (
	fieldDeliveries = "n"
	fieldReason     = "why"
)

// Bounds of what is kept of dead letters.
const (
	maxDead   = 10_000 // in each partition of a group
	maxReason = 500    // bytes
)

// bury makes a message a dead letter, and reports whether it is one.
func (c *consumer) bury(ctx context.Context, m bus.Reached, deliveries int, reason string, entries []string) bool {
	p := partition(m.Stream)
	key, dead := c.key(p), c.deadKey(p, c.group)
	err := c.db.Do(ctx, key, func(ctx context.Context, r rueidis.Client) error {
		// In this order: an end in between gives the message up twice rather than not at all.
		for _, result := range r.DoMulti(ctx,
			r.B().Xadd().Key(dead).Maxlen().Almost().Threshold(strconv.Itoa(maxDead)).Id("*").FieldValue().
				FieldValue(field, rueidis.BinaryString(encode(nil, m))).
				FieldValue(fieldDeliveries, strconv.Itoa(deliveries)).
				FieldValue(fieldReason, reason[:min(len(reason), maxReason)]).Build(),
			r.B().Xack().Key(key).Group(c.group).Id(entries...).Build(),
		) {
			if err := result.Error(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return false
	}
	c.dead.Add(1)
	c.log.Error("a wake-up could not be handled and was given up; the sweep finds what it told of",
		"group", c.group, "stream", m.Stream, "seq", m.Seq, "deliveries", deliveries, "cause", reason)
	return true
}

// DeadLetters implements bus.Bus.
func (b *Bus) DeadLetters(ctx context.Context, group string, limit int) ([]bus.DeadLetter, error) {
	if !bus.ValidGroup(group) {
		return nil, fmt.Errorf("bus/redis: %q cannot name a group", group)
	}
	var letters []bus.DeadLetter
	for p := range partitions {
		key := b.deadKey(p, group)
		var entries []rueidis.XRangeEntry
		err := b.db.DoWithin(ctx, 4*b.db.Timeout(), key, func(ctx context.Context, r rueidis.Client) (err error) {
			entries, err = r.Do(ctx, r.B().Xrevrange().Key(key).End("+").Start("-").Count(int64(limit)).Build()).AsXRange()
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("bus/redis: dead letters: %w", err)
		}
		for _, e := range entries {
			letter, err := letterOf(e)
			if err != nil {
				return nil, err
			}
			letters = append(letters, letter)
		}
	}
	slices.SortStableFunc(letters, func(a, b bus.DeadLetter) int { return b.At.Compare(a.At) })
	return letters[:min(limit, len(letters))], nil
}

func letterOf(e rueidis.XRangeEntry) (bus.DeadLetter, error) {
	m, ok := decode(e.FieldValues[field])
	n, errCount := strconv.Atoi(e.FieldValues[fieldDeliveries])
	milliseconds, _, _ := strings.Cut(e.ID, "-")
	at, errTime := strconv.ParseInt(milliseconds, 10, 64)
	if !ok || errCount != nil || errTime != nil {
		return bus.DeadLetter{}, errors.New("bus/redis: an entry of dead letters that cannot be read: " + e.ID)
	}
	return bus.DeadLetter{Reached: m, Deliveries: n, Reason: e.FieldValues[fieldReason], At: time.UnixMilli(at).UTC()}, nil
}
