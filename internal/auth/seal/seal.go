// Package seal encrypts what identifies a person under a key of that person
// (AES-256-GCM with random nonces, NIST SP 800-38D). Without the key it
// cannot be read by anyone; deleting the key is how a person is erased.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
)

// KeyBytes is the length of a key.
const KeyBytes = 32

// Key is one person's key. A person has few sealed values, far from the 2^32
// at which random nonces would become a risk.
type Key []byte

// NewKey makes a key.
func NewKey() Key {
	k := make(Key, KeyBytes)
	_, _ = rand.Read(k) // never fails: it stops the program instead
	return k
}

// String keeps keys out of logs.
func (Key) String() string { return "[key]" }

// GoString keeps keys out of logs.
func (Key) GoString() string { return "[key]" }

// ErrOpen is answered for what was not sealed under this key for this place.
var ErrOpen = errors.New("seal: not sealed under this key for this place")

// Seal encrypts v's JSON, bound to the place it is for. The answer is the
// nonce, the ciphertext and the tag.
func Seal(k Key, place []byte, v any) ([]byte, error) {
	gcm, err := k.cipher()
	if err != nil {
		return nil, err
	}
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return gcm.Seal(nil, nil, plain, place), nil // #nosec G407 -- this cipher draws a random nonce itself and takes none
}

// Open decrypts what Seal made for the same place into v.
func Open(k Key, place, sealed []byte, v any) error {
	gcm, err := k.cipher()
	if err != nil {
		return err
	}
	plain, err := gcm.Open(nil, nil, sealed, place)
	if err != nil {
		return ErrOpen
	}
	if err := json.Unmarshal(plain, v); err != nil {
		return fmt.Errorf("seal: %w", err)
	}
	return nil
}

func (k Key) cipher() (cipher.AEAD, error) {
	block, err := aes.NewCipher(k)
	if err != nil || len(k) != KeyBytes {
		return nil, fmt.Errorf("seal: a key has %d bytes, not %d", KeyBytes, len(k))
	}
	return cipher.NewGCMWithRandomNonce(block)
}
