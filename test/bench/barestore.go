package main

import (
	"fmt"
	"runtime"
	"sync"
	"syscall"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"headway/internal/platform/ids"
)

// bareStore is what a create cannot do without: one goroutine that takes the
// inserts that have queued, runs them in one transaction, syncs it, and tells
// those who wait. No HTTP, no decision, no savepoints, nothing encoded.
type bareStore struct {
	conn  *sqlite.Conn
	queue chan *insertion
	rows  *sampleRows
	done  chan error
}

// insertion is one client's wait for its rows.
type insertion struct {
	id   ids.ID
	done chan error
}

// groupLimit is how many inserts one transaction takes, as the server does.
const groupLimit = 512

// openBareStore copies the tables and rows of the newest task from the source.
func openBareStore(source, own string) (*bareStore, error) {
	if err := copyStore(source, own); err != nil {
		return nil, fmt.Errorf("copy the store: %w", err)
	}
	conn, err := sqlite.OpenConn(own, sqlite.OpenReadWrite)
	if err != nil {
		return nil, err
	}
	for _, pragma := range []string{
		"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA temp_store = MEMORY",
		"PRAGMA cache_size = -32768", "PRAGMA wal_autocheckpoint = 10000",
	} {
		if err := sqlitex.ExecuteTransient(conn, pragma, nil); err != nil {
			return nil, fmt.Errorf("%s: %w", pragma, err)
		}
	}
	rows, err := readSample(conn)
	if err != nil {
		return nil, err
	}
	s := &bareStore{conn: conn, rows: rows, queue: make(chan *insertion, 1024), done: make(chan error, 1)}
	go func() { s.done <- s.write() }()
	return s, nil
}

func (s *bareStore) close() error {
	close(s.queue)
	if err := <-s.done; err != nil {
		return err
	}
	return s.conn.Close()
}

// write is the one writer.
func (s *bareStore) write() error {
	group := make([]*insertion, 0, groupLimit)
	for first := range s.queue {
		group = append(group[:0], first)
		err := s.group(&group)
		for _, i := range group {
			i.done <- err
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// group inserts the first and what queues meanwhile in one transaction.
func (s *bareStore) group(group *[]*insertion) error {
	if err := put(s.conn, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for n := 0; n < len(*group); n++ {
		if err := s.rows.insert(s.conn, (*group)[n].id); err != nil {
			return err
		}
		if len(*group) == groupLimit {
			break
		}
		select {
		case next, ok := <-s.queue:
			if ok {
				*group = append(*group, next)
			}
		default:
		}
	}
	if err := s.rows.finish(s.conn, *group); err != nil {
		return err
	}
	return put(s.conn, "COMMIT")
}

// run has so many clients insert, each waiting for its rows before the next.
func (s *bareStore) run(clients int, window time.Duration) (figure, error) {
	var (
		group sync.WaitGroup
		mu    sync.Mutex
		all   []time.Duration
		first error
	)
	runtime.GC()
	spent := ownCPU()
	begin := time.Now()
	for range clients {
		group.Go(func() {
			took := make([]time.Duration, 0, 4096)
			wait := &insertion{done: make(chan error, 1)}
			var err error
			for start := time.Now(); err == nil && start.Sub(begin) < window; {
				wait.id = ids.New()
				s.queue <- wait
				err = <-wait.done
				now := time.Now()
				took = append(took, now.Sub(start))
				start = now
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, took...)
			if first == nil {
				first = err
			}
		})
	}
	group.Wait()
	elapsed := time.Since(begin)
	spent = ownCPU() - spent
	if first != nil || len(all) == 0 {
		return figure{}, fmt.Errorf("%d inserts: %w", len(all), first)
	}
	return figure{
		Rate: float64(len(all)) / elapsed.Seconds(),
		P50:  percentile(all, 50), P99: percentile(all, 99),
		CPU: spent / time.Duration(len(all)),
	}, nil
}

// ownCPU is the processor time of this process.
func ownCPU() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
