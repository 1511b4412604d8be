package timeseries

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// By makes dimensions of names and values in turn, leaving out those whose value is "".
func By(pairs ...string) Dimensions {
	var d Dimensions
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			d = append(d, Dimension{pairs[i], pairs[i+1]})
		}
	}
	slices.SortFunc(d, func(a, b Dimension) int { return cmp.Compare(a.Name, b.Name) })
	return d
}

// Get answers a dimension's value, "" where it is not there.
func (d Dimensions) Get(name string) string {
	for _, one := range d {
		if one.Name == name {
			return one.Value
		}
	}
	return ""
}

// Text is the dimensions as one text, the same for the same and different for
// different ones: each as "name=", the length of the value in bytes, ":" and
// the value.
func (d Dimensions) Text() string {
	if len(d) == 0 {
		return ""
	}
	var b strings.Builder
	for _, one := range d {
		b.WriteString(one.Name)
		b.WriteByte('=')
		b.WriteString(strconv.Itoa(len(one.Value)))
		b.WriteByte(':')
		b.WriteString(one.Value)
	}
	return b.String()
}

// ParseDimensions reads what Text wrote.
func ParseDimensions(text string) (Dimensions, error) {
	var d Dimensions
	for rest := text; rest != ""; {
		name, after, ok := strings.Cut(rest, "=")
		length, value, ok2 := strings.Cut(after, ":")
		n, err := strconv.Atoi(length)
		if !ok || !ok2 || err != nil || n < 1 || n > len(value) {
			return nil, fmt.Errorf("timeseries: %q are no dimensions", text)
		}
		d = append(d, Dimension{name, value[:n]})
		rest = value[n:]
	}
	return d, nil
}

// Matches reports whether dimensions are among those selected.
func (s Selection) Matches(d Dimensions) bool {
	for _, m := range s.Where {
		if !slices.Contains(m.In, d.Get(m.Name)) {
			return false
		}
	}
	return true
}
