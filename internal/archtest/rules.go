// Package archtest holds the rules of who may import whom, and checks them.
// They keep each service replaceable and each decision testable without a
// database; docs/ARCHITECTURE.md says why.
package archtest

import (
	"fmt"
	"slices"
	"strings"
)

// module is the module's path; all rules are about packages inside it.
const module = "headway"

// Package is a package and what it imports.
type Package struct {
	Path    string
	Imports []string
}

// services are the modules, each a folder in internal.
var services = []string{"auth", "task", "notification", "analytics"}

// layers say what a service's package may import of its own service; a
// package imports itself and what is below it freely. "*" is everything.
var layers = map[string][]string{
	"event":      {},
	"state":      {"event", "seal"},
	"domain":     {"event", "state"},
	"readmodel":  {"event", "state"},
	"projection": {"event", "state", "readmodel", "store", "domain"},
	"command":    {"domain", "event", "state", "readmodel", "projection", "store", "keyring", "password", "seal"},
	"reminder":   {"domain", "state", "store"},
	"delivery":   {"domain", "state", "store"},
	"query":      {"readmodel", "state", "event", "store", "domain"}, // of domain, the errors that both sides answer
	"api":        {"command", "query", "readmodel", "state", "event", "keyring", "store"},
	"importer":   {"*"},
}

// adapters are folders below a port that implement it, and may know more.
var adapters = []string{"memory", "sqlite", "mongo", "redis"}

// adapterLayers are what an adapter or a conformance suite of a service's store may import.
var adapterLayers = []string{"command", "projection", "readmodel", "state", "event", "store", "seal", "domain"}

// eventPlatform is all of the platform that a published language may stand on.
var eventPlatform = []string{"platform/ids", "apperr"}

// Check answers a sentence for every import that breaks a rule.
func Check(packages []Package) []string {
	var broken []string
	for _, p := range packages {
		from, ok := inside(p.Path)
		if !ok {
			continue
		}
		for _, imported := range p.Imports {
			to, ok := inside(imported)
			if !ok {
				continue
			}
			if why := forbidden(from, to); why != "" {
				broken = append(broken, fmt.Sprintf("%s imports %s: %s", p.Path, imported, why))
			}
		}
	}
	slices.Sort(broken)
	return broken
}

// inside cuts the module and internal off a path.
func inside(path string) (string, bool) { return strings.CutPrefix(path, module+"/internal/") }

// forbidden says why from must not import to, or "".
func forbidden(from, to string) string {
	fromPart, fromRest, _ := strings.Cut(from, "/")
	toPart, toRest, _ := strings.Cut(to, "/")
	fromService, toService := slices.Contains(services, fromPart), slices.Contains(services, toPart)
	switch {
	case fromPart == "app" || fromPart == "archtest":
		return "" // app puts everything together
	case toPart == "app":
		return "only cmd imports app"
	case fromPart == "platform" && toService:
		return "the platform knows no service"
	case fromPart == "apperr" && to != "apperr":
		return "apperr stands on nothing"
	case !fromService:
		return ""
	case toService && fromPart != toPart:
		if layer(toRest) == "event" {
			return ""
		}
		return "of another service, only its events"
	case toService && toRest == "":
		return "only app imports a service's module"
	case toPart == "platform" && (layer(fromRest) == "event") && !slices.Contains(eventPlatform, to):
		return "a published language stands on ids alone"
	case toPart == "platform" && database(to) && !adapter(fromRest):
		return "only adapters know a database"
	case toService:
		return within(fromRest, toRest)
	}
	return ""
}

// database reports whether a package of the platform is a database, or an adapter over one.
func database(to string) bool {
	for _, name := range []string{"sqlite", "mongo", "redis"} {
		if strings.HasSuffix(to, "/"+name) {
			return true
		}
	}
	return to == "platform/sqlitedb" || to == "platform/mongodb" || to == "platform/redisdb"
}

func layer(rest string) string {
	l, _, _ := strings.Cut(rest, "/")
	return l
}

// adapter reports whether a package of a service implements or tests a port.
func adapter(rest string) bool {
	for part := range strings.SplitSeq(rest, "/") {
		if slices.Contains(adapters, part) || strings.HasSuffix(part, "test") {
			return true
		}
	}
	return false
}

// within checks an import inside one service.
func within(from, to string) string {
	fromLayer, toLayer := layer(from), layer(to)
	if from == "" || fromLayer == toLayer {
		return "" // the module itself, or the same layer
	}
	if adapter(from) {
		if slices.Contains(adapterLayers, toLayer) {
			return ""
		}
		return "an adapter knows what its port does, not who uses it"
	}
	allowed, known := layers[fromLayer]
	if !known || slices.Contains(allowed, toLayer) || slices.Contains(allowed, "*") {
		if adapter(to) {
			return "only app and tests choose an adapter"
		}
		return ""
	}
	return fromLayer + " must not know " + toLayer
}
