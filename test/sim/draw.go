package main

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"strconv"

	"headway/internal/platform/ids"
)

// options say what is simulated.
type options struct {
	Workspaces, Operations, Clients int
	Exponent                        float64
	Shards                          []int
	Seed                            uint64
	Folder                          string
}

func (o *options) validate() error {
	var errs []error
	positive := func(what string, v int) {
		if v < 1 {
			errs = append(errs, fmt.Errorf("--%s must be above 0, is %d", what, v))
		}
	}
	positive("workspaces", o.Workspaces)
	positive("operations", o.Operations)
	positive("clients", o.Clients)
	if o.Exponent < 0 || o.Exponent > 3 || math.IsNaN(o.Exponent) {
		errs = append(errs, fmt.Errorf("--exponent must be from 0 to 3, is %g", o.Exponent))
	}
	if len(o.Shards) == 0 || o.Shards[0] != 1 {
		errs = append(errs, errors.New("--shards must begin with 1, which the others are compared with"))
	}
	for _, n := range o.Shards {
		if n < 1 || n > chunks {
			errs = append(errs, fmt.Errorf("--shards must be from 1 to %d, not %d", chunks, n))
		}
	}
	return errors.Join(errs...)
}

// workspaceID is the id of the n-th workspace, the same in every run of a seed.
func (o *options) workspaceID(n int) ids.ID { return o.id("workspace", n) }

func (o *options) id(kind string, n int) ids.ID {
	return ids.Derive(ids.ID{}, "sim", strconv.FormatUint(o.Seed, 10), kind, strconv.Itoa(n))
}

// zipf draws workspaces, the first far more often than the last. The standard
// library's generator knows no exponents up to 1.
type zipf struct {
	upTo []float64
	rnd  *rand.Rand
}

func newZipf(o *options, stream uint64) *zipf {
	z := &zipf{upTo: make([]float64, o.Workspaces), rnd: rand.New(rand.NewPCG(o.Seed, stream))} // #nosec G404 -- a simulation
	sum := 0.0
	for i := range z.upTo {
		sum += math.Pow(float64(i+1), -o.Exponent)
		z.upTo[i] = sum
	}
	return z
}

func (z *zipf) next() int {
	at := z.rnd.Float64() * z.upTo[len(z.upTo)-1]
	return min(sort.SearchFloat64s(z.upTo, at), len(z.upTo)-1)
}

// chunks is into how many equal ranges of hashes the workspaces fall. A shard
// holds some of them; a database moves chunks, never parts of one.
const chunks = 4096

// chunkOf is the chunk of a workspace: by a hash, as ids made at one time are alike.
func chunkOf(id ids.ID) int {
	h := sha256.Sum256(id[:])
	return int(binary.BigEndian.Uint64(h[:8]) >> (64 - 12)) // #nosec G115 -- 12 bits
}

// placement says which shard a chunk is on.
type placement [chunks]int

// even deals the chunks in equal ranges: what a new collection begins with.
func even(shards int) (p placement) {
	for c := range p {
		p[c] = c * shards / chunks
	}
	return p
}

// dealt deals the chunks by what they have taken, the heaviest first, each to
// the shard that has least: what a balancer comes to that goes by load.
func dealt(shards int, load *[chunks]float64) (p placement) {
	order := make([]int, chunks)
	for c := range order {
		order[c] = c
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case load[a] > load[b]:
			return -1
		case load[a] < load[b]:
			return 1
		}
		return 0
	})
	has := make([]float64, shards)
	for _, c := range order {
		least := 0
		for s := range has {
			if has[s] < has[least] {
				least = s
			}
		}
		has[least] += load[c]
		p[c] = least
	}
	return p
}
