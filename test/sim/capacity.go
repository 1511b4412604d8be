package main

import (
	"fmt"
	"math"
	"strings"
)

// The capacity model behind docs/scale.md: what so many users ask for, what
// that takes of each part, and what it costs in a year. docs/scale.md says
// where each number is from; those that were measured here are marked so.

// habits are what a user does. None of it is measured: put your own in.
type habits struct {
	// Active is the share of all users who come on a working day.
	Active float64
	// Changes and Reads are those of one active user on such a day.
	Changes, Reads float64
	// Unchanged is the share of reads that are answered by 304 or from memory.
	Unchanged float64
	// Peak is the busiest hour's rate as a multiple of the day's mean.
	Peak float64
	// Streaming is the share of the active who have a live stream open then.
	Streaming float64
	// Viewers is how many streams hear of one change.
	Viewers float64
	// Days a year that are as such a day.
	Days float64
}

var usual = habits{Active: 0.25, Changes: 12, Reads: 150, Unchanged: 0.6, Peak: 5, Streaming: 0.2, Viewers: 4, Days: 260}

// prices of one operation.
type operationCosts struct {
	// Seconds of one core of a service: a change, a read from the store, an
	// unchanged one, and one change told to one stream.
	Change, Read, Unchanged, Tell float64
	// Bytes of a change in the log and rows, indexes included, for ever.
	Bytes float64
	// Stream is the memory of an open live stream, in bytes.
	Stream float64
	// Commands of the store for a change and for a read from the store.
	ChangeCommands, ReadCommands float64
	// Answer is the size of an answer on the wire, in bytes, and of an unchanged one.
	Answer, UnchangedAnswer float64
}

var measured = operationCosts{
	Change: 350e-6, Read: 90e-6, Unchanged: 40e-6, Tell: 8e-6, Bytes: 2400, Stream: 40e3,
	ChangeCommands: 2, ReadCommands: 3, Answer: 6e3, UnchangedAnswer: 300,
}

// machines are what is bought. Prices are US dollars, us-east-1, on demand,
// without any discount; they change, so look them up before relying on them.
type machines struct {
	// ServiceCore is a vCPU with 2 GB of a service's container for an hour.
	ServiceCore float64
	// Busy is how much of a core is used at the peak; the rest is for faults and growth.
	Busy float64
	// StoreCore is a vCPU of the database for an hour, CommandsPerCore what it
	// answers a second (assumed, not measured), Copies how many hold each shard.
	StoreCore, CommandsPerCore, Copies float64
	// ShardCores is how many cores the primary of a shard has.
	ShardCores float64
	// StoreGB and StoreIO are a GB for a month and a million of I/O operations.
	StoreGB, StoreIO float64
	// CacheHour is a node of Redis for an hour, of which CacheOps a second are asked.
	CacheHour, CacheOps float64
	// BalancerHour and BalancerUnit are the load balancer and its units of 25 new
	// connections or 1 GB an hour.
	BalancerHour, BalancerUnit float64
	// EgressGB is a GB to the internet.
	EgressGB float64
	// QueueMillion is a million requests of the queue; wake-ups come in tens.
	QueueMillion float64
	// SeriesHour is the database of the time series for an hour.
	SeriesHour float64
}

var onDemand = machines{
	ServiceCore: 0.04048 + 2*0.004445, Busy: 0.5, StoreCore: 0.131, CommandsPerCore: 1500, Copies: 3, ShardCores: 8,
	StoreGB: 0.10, StoreIO: 0.20, CacheHour: 0.22, CacheOps: 50_000, BalancerHour: 0.0225, BalancerUnit: 0.008,
	EgressGB: 0.085, QueueMillion: 0.50, SeriesHour: 0.26,
}

const hoursAYear = 8760

// size is what so many users take.
type size struct {
	Users                                      float64
	Changes, Reads, Streams                    float64 // a second at the peak; open at once
	ServiceCores, StoreCores                   float64
	Shards                                     float64
	GBaYear                                    float64
	Services, Store, Cache, Front, Queue, Year float64 // dollars a year
}

// sized works the model out.
func sized(users float64, h habits, c operationCosts, m machines) size {
	s := size{Users: users}
	day := users * h.Active
	s.Changes = day * h.Changes / 86400 * h.Peak
	s.Reads = day * h.Reads / 86400 * h.Peak
	s.Streams = day * h.Streaming
	fresh := s.Reads * (1 - h.Unchanged)
	cores := s.Changes*(c.Change+h.Viewers*c.Tell) + fresh*c.Read + s.Reads*h.Unchanged*c.Unchanged
	byMemory := s.Streams * c.Stream / 1.5e9 // of the 2 GB that come with a core
	// Two of each of five services at least, half a core each.
	s.ServiceCores = math.Max(5, math.Ceil(math.Max(cores/m.Busy, byMemory)))
	commands := s.Changes*c.ChangeCommands + fresh*c.ReadCommands
	primary := math.Max(2, commands/m.CommandsPerCore/m.Busy)
	s.Shards = math.Ceil(primary / m.ShardCores)
	s.StoreCores = math.Ceil(primary) * m.Copies
	changesAYear := day * h.Changes * h.Days
	s.GBaYear = changesAYear * c.Bytes / 1e9
	readsAYear := day * h.Reads * h.Days

	s.Services = s.ServiceCores * m.ServiceCore * hoursAYear
	// Half of the first year's growth is there on average.
	io := changesAYear*c.ChangeCommands*2 + readsAYear*(1-h.Unchanged)*c.ReadCommands*0.1
	s.Store = s.StoreCores*m.StoreCore*hoursAYear + s.GBaYear/2*m.StoreGB*12 + io/1e6*m.StoreIO
	s.Cache = math.Max(2, 2*math.Ceil((s.Changes+s.Reads)/m.CacheOps)) * m.CacheHour * hoursAYear
	gb := (readsAYear*((1-h.Unchanged)*c.Answer+h.Unchanged*c.UnchangedAnswer) + changesAYear*h.Viewers*900) / 1e9
	s.Front = m.BalancerHour*hoursAYear + gb*m.BalancerUnit + gb*m.EgressGB
	s.Queue = changesAYear*3/10/1e6*m.QueueMillion + m.SeriesHour*hoursAYear*math.Max(1, s.Shards/4)
	s.Year = s.Services + s.Store + s.Cache + s.Front + s.Queue
	return s
}

// capacity is the table of docs/scale.md.
func capacity() string {
	var all []size
	for _, users := range []float64{10e3, 1e6, 100e6} {
		all = append(all, sized(users, usual, measured, onDemand))
	}
	var b strings.Builder
	b.WriteString("| | 10 thousand users | 1 million | 100 million |\n| --- | ---: | ---: | ---: |\n")
	row := func(name, format string, value func(size) float64) {
		b.WriteString("| " + name)
		for _, s := range all {
			b.WriteString(" | " + grouped(fmt.Sprintf(format, value(s))))
		}
		b.WriteString(" |\n")
	}
	row("changes a second at the peak", "%.0f", func(s size) float64 { return math.Ceil(s.Changes) })
	row("reads a second at the peak", "%.0f", func(s size) float64 { return math.Ceil(s.Reads) })
	row("live streams at the peak", "%.0f", func(s size) float64 { return s.Streams })
	row("vCPU of services", "%.0f", func(s size) float64 { return s.ServiceCores })
	row("shards of the store", "%.0f", func(s size) float64 { return s.Shards })
	row("vCPU of the store, copies included", "%.0f", func(s size) float64 { return s.StoreCores })
	row("GB that a year adds", "%.0f", func(s size) float64 { return s.GBaYear })
	row("services, $ a year", "%.0f", func(s size) float64 { return s.Services })
	row("store, $ a year", "%.0f", func(s size) float64 { return s.Store })
	row("Redis, $ a year", "%.0f", func(s size) float64 { return s.Cache })
	row("load balancer and traffic, $ a year", "%.0f", func(s size) float64 { return s.Front })
	row("queue and time series, $ a year", "%.0f", func(s size) float64 { return s.Queue })
	row("**together, $ a year**", "%.0f", func(s size) float64 { return s.Year })
	row("$ a user and year", "%.2f", func(s size) float64 { return s.Year / s.Users })
	return b.String()
}

// grouped puts commas into a number.
func grouped(digits string) string {
	whole, rest, point := strings.Cut(digits, ".")
	var b strings.Builder
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	if point {
		b.WriteString("." + rest)
	}
	return b.String()
}
