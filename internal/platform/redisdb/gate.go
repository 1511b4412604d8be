package redisdb

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"
)

// gates is how many parts the slots of a cluster are seen in, so that a node
// that is away does not shut out the others. Neighbouring slots mostly live
// on one node, so a gate mostly stands for one.
const gates = 16

// gate is the breaker of a part of the slots.
type gate struct {
	shut atomic.Bool
	// opened is when it was last opened, in Unix nanoseconds, and wait how long
	// the first try after that waits: a part that keeps going away is tried less often.
	opened atomic.Int64
	wait   atomic.Int64
}

// Times between tries while Redis is away.
const (
	firstTry = 50 * time.Millisecond
	lastTry  = time.Second
	// settled is how long Redis must have served for an outage to count as new.
	settled = 10 * time.Second
)

// Part numbers the part of Redis that serves a key. Keys of one part may go
// away together while those of others stay; a server that is alone is one part.
func (d *DB) Part(key string) int {
	if d.single.Load() {
		return 0
	}
	return int(slot(key)) * gates / slots
}

// slots is how many there are in a cluster.
const slots = 16384

// slot is the hash slot of a key: CRC16 (XMODEM) of its hash tag, or of all of
// it where it has none, modulo 16384, as the specification of Redis Cluster has it.
func slot(key string) uint16 {
	if _, rest, ok := strings.Cut(key, "{"); ok {
		if tag, _, ok := strings.Cut(rest, "}"); ok && tag != "" {
			key = tag
		}
	}
	var crc uint16
	for i := range len(key) {
		crc ^= uint16(key[i]) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return crc % slots
}

// shut closes gate i after a failure about key and starts the goroutine that
// opens it again. Only the first of those who fail at once does.
func (d *DB) shut(i int, key string, cause error) {
	g := &d.gates[i]
	if d.closing.Err() != nil || !g.shut.CompareAndSwap(false, true) {
		return
	}
	d.mu.Lock()
	d.away++
	d.cause = cause
	if d.away == 1 {
		d.from = time.Now()
		d.outages.Add(1)
		d.log.Warn("Redis does not serve; going on without it", "redis", d.target.String(), "cause", cause)
	}
	d.mu.Unlock()
	if time.Since(time.Unix(0, g.opened.Load())) > settled {
		g.wait.Store(int64(firstTry))
	}
	d.probes.Go(func() { d.probe(g, key) })
}

// probe tries until Redis serves the key again, then opens the gate.
func (d *DB) probe(g *gate, key string) {
	for {
		wait := time.Duration(g.wait.Load())
		g.wait.Store(int64(min(2*wait, lastTry)))
		// Spread, so that many processes do not all come at once.
		timer := time.NewTimer(wait/2 + rand.N(wait)) // #nosec G404 -- no secret
		select {
		case <-d.closing.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		err := d.try(key)
		if err == nil {
			break
		}
		if !errors.Is(err, errConnecting) {
			d.mu.Lock()
			d.cause = err
			d.mu.Unlock()
		}
	}
	g.opened.Store(time.Now().UnixNano())
	g.shut.Store(false)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.away--
	if d.away == 0 {
		d.log.Info("Redis serves again", "redis", d.target.String(), "after", time.Since(d.from).Round(time.Millisecond))
	}
}

// try asks about the key that could not be served, so that in a cluster the
// node is asked that failed. Without one it connects.
func (d *DB) try(key string) error {
	ctx, cancel := context.WithTimeout(d.closing, max(d.target.Timeout, 100*time.Millisecond))
	defer cancel()
	client := d.client.Load()
	if client == nil {
		return d.connectOnce(ctx)
	}
	c := *client
	if key == "" {
		key = d.Key("probe")
	}
	err := c.Do(ctx, c.B().Exists().Key(key).Build()).Error()
	if err != nil && !broken(err) {
		return nil
	}
	return err
}

// errConnecting is answered to all gates but the one whose goroutine connects.
var errConnecting = errors.New("redis: connecting")

func (d *DB) connectOnce(ctx context.Context) error {
	d.mu.Lock()
	busy := d.connecting
	d.connecting = true
	d.mu.Unlock()
	if busy {
		return errConnecting
	}
	defer func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.connecting = false
	}()
	if d.client.Load() != nil {
		return nil
	}
	return d.connect(ctx)
}
