// Command headway is the whole of Headway in one binary: `headway serve` runs
// it, and `headway help` lists what else it does.
package main

import (
	"os"

	"headway/internal/app"
)

// version is set by the linker.
var version = "development"

func main() {
	os.Exit(app.Main(&app.Program{
		Args: os.Args[1:], Version: version,
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, LookupEnv: os.LookupEnv,
	}))
}
