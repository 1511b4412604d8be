package main

import (
	"fmt"
	"strings"
	"time"
)

// report is the table of the results, in Markdown.
func report(results []result) string {
	var b strings.Builder
	b.WriteString("| shards | CPU a change | against 1 | changes/s of a shard | fullest shard, equal ranges | fullest, dealt by load | fullest in bytes | bytes on disk a change |\n")
	b.WriteString("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for _, r := range results {
		fmt.Fprintf(&b, "| %d | %s | %.2f × | %.0f | %.2f × | %.2f × | %.2f × | %.0f |\n", r.Shards, r.CPU.Round(time.Microsecond/10),
			float64(r.CPU)/float64(results[0].CPU), r.Rate, r.Even, r.Dealt, r.Bytes, r.Size)
	}
	return b.String()
}
