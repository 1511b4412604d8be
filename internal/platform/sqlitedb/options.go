package sqlitedb

import (
	"errors"
	"fmt"
	"runtime"
	"time"
)

// FileName is the database's name in its folder. The WAL and the shared
// memory file of SQLite lie beside it while it is open.
const FileName = "headway.db"

// LockName is the name of the file whose lock keeps a second process out of the folder.
const LockName = "headway.lock"

// Options say where the database is and how it is run. The zero value of
// every field but Folder is a good one.
type Options struct {
	// Folder holds the database. It is made, readable by its owner only, where it is missing.
	Folder string
	// Migrations are the schemas of those who keep tables in the database, applied in this order at Open.
	Migrations []Migrations
	// Readers is how many reading connections there are at most; 0 is two for each processor, at least four.
	Readers int
	// CheckpointPages is how many pages the WAL holds before it is copied into the database; 0 is 10,000.
	CheckpointPages int
	// MaxGroup is how many jobs one transaction takes at most; 0 is 512.
	MaxGroup int
	// MaxHold is how long a transaction takes further jobs before it commits; 0 is 20 ms.
	MaxHold time.Duration
	// Linger is how long a transaction waits for jobs of those whom the one
	// before served, where those were many; 0 is 500 µs, less than nothing never waits.
	Linger time.Duration
	// WriterCacheKiB and ReaderCacheKiB bound the page cache of the writer and
	// of each reader; 0 is 32 MiB and 4 MiB.
	WriterCacheKiB, ReaderCacheKiB int
	// MapMiB is how much of the file is read through memory mapping, by the
	// operating system's cache instead of a copy for each connection; 0 is
	// 256. What is beyond is read by calls, at two or three times the price of a row.
	MapMiB int
}

// Validate reports what is wrong with the options, or nil.
func (o Options) Validate() error {
	var errs []error
	if o.Folder == "" {
		errs = append(errs, errors.New("sqlitedb: the folder is not set"))
	}
	for name, v := range map[string]int{
		"Readers": o.Readers, "CheckpointPages": o.CheckpointPages, "MaxGroup": o.MaxGroup,
		"WriterCacheKiB": o.WriterCacheKiB, "ReaderCacheKiB": o.ReaderCacheKiB, "MapMiB": o.MapMiB,
	} {
		if v < 0 {
			errs = append(errs, fmt.Errorf("sqlitedb: %s must not be negative, is %d", name, v))
		}
	}
	if o.MaxHold < 0 {
		errs = append(errs, fmt.Errorf("sqlitedb: MaxHold must not be negative, is %s", o.MaxHold))
	}
	return errors.Join(errs...)
}

// filled answers the options with their defaults in place.
func (o Options) filled() Options {
	orInt := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	orInt(&o.Readers, max(4, 2*runtime.GOMAXPROCS(0)))
	orInt(&o.CheckpointPages, 10_000)
	orInt(&o.MaxGroup, 512)
	orInt(&o.WriterCacheKiB, 32<<10)
	orInt(&o.ReaderCacheKiB, 4<<10)
	orInt(&o.MapMiB, 256)
	if o.Linger == 0 {
		o.Linger = 500 * time.Microsecond
	}
	if o.MaxHold == 0 {
		o.MaxHold = 20 * time.Millisecond
	}
	return o
}
