package mongodb

import (
	"context"
	"fmt"
)

// Check answers what of the schemas is missing in the database or is not as
// declared, a sentence each and none where all is as it should be. It changes
// nothing, so an account that may only read can call it.
func Check(ctx context.Context, db *DB, all ...Schema) ([]string, error) {
	var findings []string
	for _, s := range all {
		version, err := versionOf(ctx, db, s.Owner)
		if err != nil {
			return nil, err
		}
		switch {
		case version > s.Version:
			findings = append(findings, newerFinding(s, version))
		case version < s.Version:
			findings = append(findings, fmt.Sprintf("the %s of the database is at version %d and this program needs %d; start it once with an account that may make indexes", s.Owner, version, s.Version))
		}
		for _, c := range s.Collections {
			lacks, err := checkIndexes(ctx, db, c)
			if err != nil {
				return nil, err
			}
			findings = append(findings, lacks...)
		}
	}
	return findings, nil
}

func newerFinding(s Schema, version int) string {
	return fmt.Sprintf("the %s of the database is at version %d and this program knows %d; start the newer program", s.Owner, version, s.Version)
}

// checkIndexes compares a collection's indexes with those declared. Further ones do no harm.
func checkIndexes(ctx context.Context, db *DB, c Collection) (findings []string, err error) {
	if len(c.Indexes) == 0 {
		return nil, nil
	}
	there, err := indexesOf(ctx, db, c.Name)
	if err != nil {
		return nil, err
	}
	for _, x := range c.Indexes {
		unique, ok := there[x.Name()]
		switch {
		case !ok:
			findings = append(findings, fmt.Sprintf("the collection %s lacks its index %s; start the program once with an account that may make indexes", c.Name, x.Name()))
		case unique != x.Unique:
			findings = append(findings, fmt.Sprintf("the index %s of the collection %s has unique %v and needs %v; drop it, then start the program once with an account that may make indexes", x.Name(), c.Name, unique, x.Unique))
		}
	}
	return findings, nil
}
