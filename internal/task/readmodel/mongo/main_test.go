//go:build servers

package mongo_test

import (
	"flag"
	"log"
	"os"
	"testing"
)

// TestMain has the comparison with the store in memory draw fewer random
// histories than elsewhere, since the test server looks at all rows of a
// workspace for each command; -rapid.checks says another number.
func TestMain(m *testing.M) {
	flag.Parse()
	said := false
	flag.Visit(func(f *flag.Flag) { said = said || f.Name == "rapid.checks" })
	if !said {
		if err := flag.Set("rapid.checks", "30"); err != nil {
			log.Fatal(err)
		}
	}
	os.Exit(m.Run())
}
