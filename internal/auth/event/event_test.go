package event_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"headway/internal/auth/event"
)

func TestDecodeReadsWhatEncodeWrites(t *testing.T) {
	t.Parallel()
	for kind, p := range map[event.Type]event.Payload{
		event.AccountRegistered: &event.Registered{Personal: event.Sealed("abc")},
		event.NameChanged:       &event.Renamed{Personal: event.Sealed("abc")},
		event.SessionStarted:    &event.Started{Method: "password", Expires: time.Unix(1_700_000_000, 0).UTC(), Personal: event.Sealed("abc")},
		event.SessionEnded:      &event.Ended{Reason: event.SignedOut},
	} {
		data, err := event.Encode(p)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := event.Decode(kind, event.Version, data); err != nil || !reflect.DeepEqual(got, p) {
			t.Errorf("%s: %+v, %v; want %+v", kind, got, err, p)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind    event.Type
		version uint16
		data    string
		want    error
	}{
		{"account.unheard_of", 1, `{}`, event.ErrUnknownType},
		{event.SessionEnded, 0, `{}`, event.ErrUnknownVersion},
		{event.SessionEnded, 2, `{}`, event.ErrUnknownVersion},
		{event.SessionEnded, 1, ``, event.ErrPayload},
		{event.SessionEnded, 1, `null`, event.ErrPayload},
		{event.SessionEnded, 1, `{"reason":1}`, event.ErrPayload},
		{event.SessionEnded, 1, `{"cause":"x"}`, event.ErrPayload},
		{event.SessionEnded, 1, `{"reason":"x"} {}`, event.ErrPayload},
		{event.AccountRegistered, 1, `{"personal":"not base64!"}`, event.ErrPayload},
	} {
		if _, err := event.Decode(c.kind, c.version, []byte(c.data)); !errors.Is(err, c.want) {
			t.Errorf("Decode(%s, %d, %s): %v, want %v", c.kind, c.version, c.data, err, c.want)
		}
	}
}
