package main

import (
	"math"
	"os"
	"strings"
	"testing"
)

// The same work leaves the same logs on however many shards, and chunks that
// are dealt by load come out evener than equal ranges do.
func TestShards(t *testing.T) {
	t.Parallel()
	o := options{Workspaces: 300, Operations: 1500, Clients: 4, Exponent: 0.8, Shards: []int{1, 2, 4}, Seed: 7, Folder: t.TempDir()}
	if err := o.validate(); err != nil {
		t.Fatal(err)
	}
	results, err := simulate(t.Context(), o, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != 3 || results[0].Even != 1 || results[0].Dealt != 1 {
		t.Fatalf("results: %+v", results)
	}
	for _, r := range results[1:] {
		if r.Dealt < 1 || r.Dealt > 1.3 {
			t.Errorf("on %d shards the fullest takes %.2f of the mean", r.Shards, r.Dealt)
		}
	}
	if text := report(results); strings.Count(text, "\n") != 5 {
		t.Errorf("the report is\n%s", text)
	}
}

func TestZipf(t *testing.T) {
	t.Parallel()
	o := options{Workspaces: 100, Exponent: 1, Seed: 3}
	z := newZipf(&o, 1)
	counts := make([]int, o.Workspaces)
	const draws = 200_000
	for range draws {
		counts[z.next()]++
	}
	sum := 0.0
	for i := range counts {
		sum += 1 / float64(i+1)
	}
	for _, i := range []int{0, 1, 9, 99} {
		want := draws / float64(i+1) / sum
		if got := float64(counts[i]); math.Abs(got-want) > 6*math.Sqrt(want) {
			t.Errorf("workspace %d was drawn %d times, about %.0f are due", i, counts[i], want)
		}
	}
}

func TestPlacements(t *testing.T) {
	t.Parallel()
	for _, shards := range []int{1, 3, 8} {
		p := even(shards)
		has := make([]int, shards)
		for _, s := range p {
			has[s]++
		}
		for _, n := range has {
			if n < chunks/shards || n > chunks/shards+1 {
				t.Errorf("%d shards: one has %d chunks", shards, n)
			}
		}
	}
	var load [chunks]float64
	load[5], load[6] = 10, 9 // the others take nothing
	if p := dealt(2, &load); p[5] == p[6] {
		t.Error("the two heavy chunks are on one shard")
	}
	bad := options{Workspaces: 0, Operations: 1, Clients: 1, Exponent: 9, Shards: []int{2}}
	err := bad.validate()
	for _, want := range []string{"--workspaces", "--exponent", "--shards"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not refused: %v", want, err)
		}
	}
}

// docs/scale.md shows what the model answers.
func TestTheCapacityTableIsThatOfTheModel(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/scale.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), capacity()) {
		t.Errorf("docs/scale.md does not hold the table; it should be\n%s", capacity())
	}
	small, large := sized(1e4, usual, measured, onDemand), sized(1e6, usual, measured, onDemand)
	if large.Year < small.Year || large.Changes < 99*small.Changes {
		t.Error("more users ask for no more")
	}
}
