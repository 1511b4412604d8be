package app

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"headway/internal/platform/sqlitedb"
)

// rebuild is `headway rebuild`.
func rebuild(ctx context.Context, p *Program, args []string) (err error) {
	fs := p.flags("rebuild")
	verify := fs.Bool("verify", false, "Compare the rows before and after, and fail where they differ")
	cfg, err := p.settings(fs, args, 0, "no arguments")
	if err != nil {
		return err
	}
	stores, err := openPlatform(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stores.close()) }()
	before := map[string][sha256.Size]byte{}
	if *verify {
		if before, err = digests(ctx, stores.db); err != nil {
			return err
		}
	}
	var last uint64
	err = stores.rebuild(ctx, func(done, total uint64) {
		if done-last >= 100_000 || done == total {
			last = done
			p.say(p.Stderr, "%d of %d events", done, total)
		}
	})
	if err != nil || !*verify {
		return err
	}
	after, err := digests(ctx, stores.db)
	if err != nil {
		return err
	}
	var differ []string
	for table, digest := range before {
		if after[table] != digest {
			differ = append(differ, table)
		}
	}
	slices.Sort(differ)
	if len(differ) > 0 {
		return fmt.Errorf("the rows were not what the log says, in %s; they are now", strings.Join(differ, ", "))
	}
	p.say(p.Stdout, "The rows are what the log says (%d tables compared).", len(before))
	return nil
}

// rebuilt are the tables that a rebuild makes anew, the search index apart,
// which keeps no text to compare.
var rebuilt = []string{
	"tasks", "task_details", "comments", "docs", "invitations", "tombstones", "project_heads", "column_counts", "user_workspaces",
}

// digests answers a hash of each table's rows, whatever order they lie in.
func digests(ctx context.Context, db *sqlitedb.DB) (map[string][sha256.Size]byte, error) {
	out := make(map[string][sha256.Size]byte, len(rebuilt))
	err := db.Read(ctx, func(c *sqlitedb.Conn) error {
		for _, table := range rebuilt {
			var columns []string
			err := c.Query("SELECT name FROM pragma_table_info(?)", func(s *sqlitedb.Stmt) error {
				columns = append(columns, "quote(\""+s.ColumnText(0)+"\")")
				return nil
			}, table)
			if err != nil {
				return err
			}
			if len(columns) == 0 {
				return fmt.Errorf("there is no table %s", table)
			}
			hash := sha256.New()
			row := strings.Join(columns, " || ',' || ")
			err = c.Query("SELECT "+row+" FROM "+table+" ORDER BY 1", func(s *sqlitedb.Stmt) error { // #nosec G202 -- names of our own tables
				_, err := fmt.Fprintln(hash, s.ColumnText(0))
				return err
			})
			if err != nil {
				return err
			}
			out[table] = [sha256.Size]byte(hash.Sum(nil))
		}
		return nil
	})
	return out, err
}
