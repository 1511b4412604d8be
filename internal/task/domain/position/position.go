// Package position makes the order keys by which columns, tasks and checklist
// items are sorted: fractional indexes in base 62, by the scheme that
// David Greenspan published as "Implementing Fractional Indexing" and that the
// npm package fractional-indexing uses, so that browser and server agree.
//
// A key is an integer part and a fraction. The integer's first character tells
// its length: 'a' to 'z' stand for 2 to 27 characters and count up, 'Z' down
// to 'A' stand for 2 to 27 and count down; so appending at either end makes keys
// that grow with the logarithm of their number. Keys compare as bytes.
package position

import (
	"errors"
	"fmt"
	"strings"
)

// MaxLength is the greatest length of a key that Valid accepts and Between makes.
const MaxLength = 512

// digits are the 62 digits, in the order of their bytes.
const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// first is the key between nothing and nothing.
const first = "a0"

// smallest is the least integer part; it is no key by itself, since nothing could go before it.
var smallest = "A" + strings.Repeat("0", 26)

// Errors of Between. Match them with errors.Is.
var (
	// ErrSyntax is answered for text that is not a key.
	ErrSyntax = errors.New("position: not an order key")
	// ErrOrder is answered where the keys are not in ascending order.
	ErrOrder = errors.New("position: keys are not in ascending order")
	// ErrFull is answered where the key between would be longer than MaxLength.
	ErrFull = errors.New("position: no room for another key")
)

// Valid reports whether s is a key: base 62, complete in its integer part,
// with no trailing zero in its fraction, at most MaxLength characters.
func Valid(s string) bool {
	if s == "" || len(s) > MaxLength || s == smallest {
		return false
	}
	n := integerLength(s[0])
	if n == 0 || len(s) < n {
		return false
	}
	for i := range len(s) {
		if digit(s[i]) < 0 {
			return false
		}
	}
	return len(s) == n || s[len(s)-1] != '0'
}

// Between answers a key strictly between two. "" stands for no bound on its side.
func Between(before, after string) (string, error) {
	for _, k := range [2]string{before, after} {
		if k != "" && !Valid(k) {
			return "", fmt.Errorf("%w: %.40q", ErrSyntax, k)
		}
	}
	if before != "" && after != "" && before >= after {
		return "", ErrOrder
	}
	key := between(before, after)
	if len(key) > MaxLength || key == "" {
		return "", ErrFull
	}
	return key, nil
}

// N answers n keys in ascending order, strictly between two, as short as an even spread makes them.
func N(before, after string, n int) ([]string, error) {
	keys := make([]string, n)
	if err := spread(keys, before, after); err != nil {
		return nil, err
	}
	return keys, nil
}

func spread(keys []string, before, after string) error {
	n := len(keys)
	switch {
	case n == 0:
		return nil
	case after == "":
		for i := range keys {
			k, err := Between(before, "")
			if err != nil {
				return err
			}
			keys[i], before = k, k
		}
		return nil
	case before == "":
		for i := n - 1; i >= 0; i-- {
			k, err := Between("", after)
			if err != nil {
				return err
			}
			keys[i], after = k, k
		}
		return nil
	}
	mid, err := Between(before, after)
	if err != nil {
		return err
	}
	keys[n/2] = mid
	if err := spread(keys[:n/2], before, mid); err != nil {
		return err
	}
	return spread(keys[n/2+1:], mid, after)
}

// between is Between for valid keys in order; "" where there is no integer left.
func between(before, after string) string {
	switch {
	case before == "" && after == "":
		return first
	case before == "":
		whole := integer(after)
		if whole == smallest {
			return whole + middle("", after[len(whole):])
		}
		if whole < after {
			return whole
		}
		if down := decrement(whole); down != smallest {
			return down
		}
		return smallest + middle("", "") // the smallest is no key by itself
	case after == "":
		whole := integer(before)
		if next := increment(whole); next != "" {
			return next
		}
		return whole + middle(before[len(whole):], "")
	}
	low, high := integer(before), integer(after)
	if low == high {
		return low + middle(before[len(low):], after[len(high):])
	}
	if next := increment(low); next != "" && next < after {
		return next
	}
	return low + middle(before[len(low):], "")
}

// middle answers a fraction between two fractions, without a trailing zero. An
// empty low is zero, an empty high is one.
func middle(low, high string) string {
	if high != "" {
		// Keep what both begin with; low counts as padded with zeros.
		n := 0
		for n < len(high) && digitAt(low, n) == high[n] {
			n++
		}
		if n > 0 {
			return high[:n] + middle(low[min(n, len(low)):], high[n:])
		}
	}
	l, h := 0, len(digits)
	if low != "" {
		l = digit(low[0])
	}
	if high != "" {
		h = digit(high[0])
	}
	if h-l > 1 {
		// The scheme rounds halves up.
		return digits[(l+h+1)/2 : (l+h+1)/2+1]
	}
	if len(high) > 1 {
		return high[:1]
	}
	rest := ""
	if low != "" {
		rest = low[1:]
	}
	return digits[l:l+1] + middle(rest, "")
}

func digitAt(s string, i int) byte {
	if i < len(s) {
		return s[i]
	}
	return '0'
}

// digit answers the value of a digit, -1 for another byte.
func digit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'Z':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'z':
		return int(c-'a') + 36
	}
	return -1
}

// integerLength answers the length of the integer part that starts with c, 0 where none does.
func integerLength(c byte) int {
	switch {
	case c >= 'a' && c <= 'z':
		return int(c-'a') + 2
	case c >= 'A' && c <= 'Z':
		return int('Z'-c) + 2
	}
	return 0
}

func integer(key string) string { return key[:integerLength(key[0])] }

// increment answers the next integer part, "" after the greatest.
func increment(whole string) string {
	b := []byte(whole)
	for i := len(b) - 1; i > 0; i-- {
		if d := digit(b[i]) + 1; d < len(digits) {
			b[i] = digits[d]
			return string(b)
		}
		b[i] = '0'
	}
	switch head := b[0]; {
	case head == 'Z':
		return first
	case head == 'z':
		return ""
	case head >= 'a': // one digit more
		b[0]++
		return string(append(b, '0'))
	default: // one digit less
		b[0]++
		return string(b[:len(b)-1])
	}
}

// decrement answers the integer part before, "" before the smallest.
func decrement(whole string) string {
	const last = "z"
	b := []byte(whole)
	for i := len(b) - 1; i > 0; i-- {
		if d := digit(b[i]) - 1; d >= 0 {
			b[i] = digits[d]
			return string(b)
		}
		b[i] = last[0]
	}
	switch head := b[0]; {
	case head == 'a':
		return "Z" + last
	case head == 'A':
		return ""
	case head > 'a': // one digit less
		b[0]--
		return string(b[:len(b)-1])
	default: // one digit more
		b[0]--
		return string(append(b, last[0]))
	}
}
