package domain

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"

	"headway/internal/apperr"
	"headway/internal/notification/state"
	"headway/internal/platform/ids"
)

// A link to unsubscribe holds base64url of the user's id (16 bytes), the
// HMAC-SHA-256 over "unsubscribe", the id and the topic (32 bytes), and the
// topic's name. It lasts, as a mail does: all that it allows is fewer mails.
const (
	idBytes  = 16
	tagBytes = sha256.Size
	maxToken = 200
)

// Unsubscribe signs a user's link to hear no more of a topic by mail.
func Unsubscribe(secret []byte, user ids.ID, topic state.Topic) string {
	b := append(user[:], sign(secret, user, topic)...)
	return base64.RawURLEncoding.EncodeToString(append(b, topic...))
}

func sign(secret []byte, user ids.ID, topic state.Topic) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("unsubscribe\x00"))
	h.Write(user[:])
	h.Write([]byte(topic))
	return h.Sum(nil)
}

// ReadUnsubscribe answers whose link it is and for what; one that was not
// signed with the secret is Invalid.
func ReadUnsubscribe(secret []byte, token string) (ids.ID, state.Topic, error) {
	var user ids.ID
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil && len(token) <= maxToken && len(b) > idBytes+tagBytes {
		copy(user[:], b)
		topic := state.Topic(b[idBytes+tagBytes:])
		if state.Mailed(topic) && hmac.Equal(b[idBytes:idBytes+tagBytes], sign(secret, user, topic)) {
			return user, topic, nil
		}
	}
	return ids.Nil, "", apperr.New(apperr.Invalid, "This link is not complete. Open it from the mail once more, or change your notifications in Headway.")
}
