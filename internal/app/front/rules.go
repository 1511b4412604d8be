package front

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Rule sends an address, and all below it, to a service.
type Rule struct {
	Service string
	// Path is where the rule begins, such as /api/v1/auth. Parts in braces
	// stand for anything without a slash.
	Path string
	// Exact says that it is for the address alone, not for what is below.
	Exact bool
}

// depth is how many parts a rule's path has.
func (r Rule) depth() int { return len(segments(r.Path)) }

// node is a part of the paths with all that begin with it.
type node struct {
	below  map[string]*node
	counts map[string]int // routes at or below, by service
	own    string         // whose route ends here, "" for nobody's
}

// Rules answers the fewest rules that lead every route to its service, the
// deeper ones first; what none matches is the web app's. Each part of the tree
// of paths goes to the service that has most of its routes, and what is
// another's in it has a rule of its own.
func Rules(routes []Route) []Rule {
	root := newNode()
	for _, r := range routes {
		n := root
		for _, s := range segments(r.Path) {
			if parameter(s) {
				s = "{}" // whatever its name
			}
			if n.below[s] == nil {
				n.below[s] = newNode()
			}
			n = n.below[s]
			n.counts[r.Service]++
		}
		n.own = r.Service
	}
	var rules []Rule
	root.split("", Web, &rules)
	slices.SortFunc(rules, func(a, b Rule) int {
		return cmp.Or(b.depth()-a.depth(), cmp.Compare(a.literal(), b.literal()), strings.Compare(a.Path, b.Path))
	})
	return rules
}

func newNode() *node { return &node{below: map[string]*node{}, counts: map[string]int{}} }

// literal is 0 for a rule without parameters: what is named goes before what is not.
func (r Rule) literal() int { return strings.Count(r.Path, "{") }

// split adds the rules for what is below the node; above is the service that
// a request gets to without them.
func (n *node) split(path, above string, rules *[]Rule) {
	for _, name := range slices.Sorted(maps.Keys(n.below)) {
		child, at := n.below[name], path+"/"+name
		most := child.most(above)
		if most != above {
			*rules = append(*rules, Rule{Service: most, Path: at})
		}
		if child.own != "" && child.own != most {
			*rules = append(*rules, Rule{Service: child.own, Path: at, Exact: true})
		}
		child.split(at, most, rules)
	}
}

// most answers who has most of the routes; of equals, who has them above, else the first by name.
func (n *node) most(above string) string {
	best := above
	for _, service := range slices.Sorted(maps.Keys(n.counts)) {
		if n.counts[service] > n.counts[best] {
			best = service
		}
	}
	return best
}
