package position_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"headway/internal/task/domain/position"
)

// The vectors of the published scheme: what the browser's library answers.
func TestBetweenAgreesWithTheScheme(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		before, after, want string
		err                 error
	}{
		{"", "", "a0", nil},
		{"", "a0", "Zz", nil},
		{"", "Zz", "Zy", nil},
		{"a0", "", "a1", nil},
		{"a1", "", "a2", nil},
		{"a0", "a1", "a0V", nil},
		{"a1", "a2", "a1V", nil},
		{"a0V", "a1", "a0l", nil},
		{"Zz", "a0", "ZzV", nil},
		{"Zz", "a1", "a0", nil},
		{"", "Y00", "Xzzz", nil},
		{"bzz", "", "c000", nil},
		{"a0", "a0V", "a0G", nil},
		{"a0", "a0G", "a08", nil},
		{"b125", "b129", "b127", nil},
		{"a0", "a1V", "a1", nil},
		{"Zz", "a01", "a0", nil},
		{"", "a0V", "a0", nil},
		{"", "b999", "b99", nil},
		{"", "A000000000000000000000000001", "A000000000000000000000000000V", nil},
		{"", "A00000000000000000000000001", "A00000000000000000000000000V", nil},
		{"zzzzzzzzzzzzzzzzzzzzzzzzzzy", "", "zzzzzzzzzzzzzzzzzzzzzzzzzzz", nil},
		{"zzzzzzzzzzzzzzzzzzzzzzzzzzz", "", "zzzzzzzzzzzzzzzzzzzzzzzzzzzV", nil},
		{"", "A00000000000000000000000000", "", position.ErrSyntax},
		{"a00", "", "", position.ErrSyntax},
		{"a00", "a1", "", position.ErrSyntax},
		{"0", "1", "", position.ErrSyntax},
		{"a1", "a0", "", position.ErrOrder},
		{"a1", "a1", "", position.ErrOrder},
	} {
		got, err := position.Between(tc.before, tc.after)
		if got != tc.want || !errors.Is(err, tc.err) {
			t.Errorf("Between(%q, %q) = %q, %v; want %q, %v", tc.before, tc.after, got, err, tc.want, tc.err)
		}
	}
}

func TestNAgreesWithTheScheme(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		before, after string
		n             int
		want          string
	}{
		{"", "", 5, "a0 a1 a2 a3 a4"},
		{"a4", "", 10, "a5 a6 a7 a8 a9 aA aB aC aD aE"},
		{"", "a0", 5, "Zv Zw Zx Zy Zz"},
		{"a0", "a2", 20, "a04 a08 a0G a0K a0O a0V a0Z a0d a0l a0t a1 a14 a18 a1G a1O a1V a1Z a1d a1l a1t"},
	} {
		got, err := position.N(tc.before, tc.after, tc.n)
		if err != nil || strings.Join(got, " ") != tc.want {
			t.Errorf("N(%q, %q, %d) = %q, %v; want %q", tc.before, tc.after, tc.n, strings.Join(got, " "), err, tc.want)
		}
	}
}

func TestValid(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]bool{
		"a0": true, "Zz": true, "a0V": true, "b00": true, "zzzzzzzzzzzzzzzzzzzzzzzzzzz": true,
		"": false, "a": false, "b0": false, "a0V0": false, "a0-": false, "00": false, "_0": false, "a0é": false,
		"A00000000000000000000000000":                          false,
		"a0" + strings.Repeat("V", position.MaxLength-2):       true,
		"a0" + strings.Repeat("V", position.MaxLength-2+1):     false,
		"A00000000000000000000000000" + strings.Repeat("V", 3): true,
	} {
		if got := position.Valid(key); got != want {
			t.Errorf("Valid(%.40q) = %v", key, got)
		}
	}
}

func TestBetweenRefusesWhenFull(t *testing.T) {
	t.Parallel()
	low := "a0" + strings.Repeat("0", position.MaxLength-3) + "1"
	if got, err := position.Between("a0", low); !errors.Is(err, position.ErrFull) {
		t.Errorf("Between answered %q, %v; want ErrFull", got, err)
	}
}

// Inserting anywhere, any number of times, keeps keys valid, distinct and in order.
func TestBetweenKeepsOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var keys []string
		for range rapid.IntRange(1, 80).Draw(t, "inserts") {
			// A narrow choice of places makes deep fractions, the ends long integers.
			i := rapid.OneOf(rapid.IntRange(0, len(keys)), rapid.Just(0), rapid.Just(len(keys)), rapid.Just(len(keys)/2)).Draw(t, "at")
			before, after := "", ""
			if i > 0 {
				before = keys[i-1]
			}
			if i < len(keys) {
				after = keys[i]
			}
			key, err := position.Between(before, after)
			if err != nil {
				t.Fatalf("Between(%q, %q): %v", before, after, err)
			}
			if !position.Valid(key) || key <= before || after != "" && key >= after {
				t.Fatalf("Between(%q, %q) = %q", before, after, key)
			}
			keys = slices.Insert(keys, i, key)
		}
	})
}

func TestBetweenAnyValidKeys(t *testing.T) {
	t.Parallel()
	key := rapid.StringMatching(`[Y-Zab][0-9A-Za-z]{1,8}`).Filter(position.Valid)
	rapid.Check(t, func(t *rapid.T) {
		a, b := key.Draw(t, "a"), key.Draw(t, "b")
		if a == b {
			return
		}
		if a > b {
			a, b = b, a
		}
		got, err := position.Between(a, b)
		if err != nil || !position.Valid(got) || got <= a || got >= b {
			t.Fatalf("Between(%q, %q) = %q, %v", a, b, got, err)
		}
	})
}
