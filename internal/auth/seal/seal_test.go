package seal_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"headway/internal/auth/seal"
)

func TestSeal(t *testing.T) {
	t.Parallel()
	k, other := seal.NewKey(), seal.NewKey()
	sealed, err := seal.Seal(k, []byte("here"), map[string]string{"name": "Ada"})
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("Ada")) {
		t.Fatal("the name can be read in what was sealed")
	}
	var got map[string]string
	if err := seal.Open(k, []byte("here"), sealed, &got); err != nil || got["name"] != "Ada" {
		t.Fatalf("opened %v, %v", got, err)
	}
	changed := bytes.Clone(sealed)
	changed[len(changed)-1] ^= 1
	for name, err := range map[string]error{
		"another's key": seal.Open(other, []byte("here"), sealed, &got),
		"another place": seal.Open(k, []byte("there"), sealed, &got),
		"changed":       seal.Open(k, []byte("here"), changed, &got),
		"cut":           seal.Open(k, []byte("here"), sealed[:5], &got),
	} {
		if !errors.Is(err, seal.ErrOpen) {
			t.Errorf("%s: got %v, want ErrOpen", name, err)
		}
	}
	if _, err := seal.Seal(seal.Key("short"), nil, 1); err == nil {
		t.Error("a short key is taken")
	}
	if s := fmt.Sprintf("%v %+v %#v %s", k, k, k, k); s != "[key] [key] [key] [key]" {
		t.Errorf("a key prints as %s", s)
	}
}
