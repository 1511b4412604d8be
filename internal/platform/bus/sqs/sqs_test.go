package sqs_test

import (
	"strings"
	"testing"

	"headway/internal/platform/bus/sqs"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]sqs.Target{
		"sqs://headway":                         {Prefix: "headway"},
		"sqs://Headway-2?region=eu-west-1":      {Prefix: "Headway-2", Region: "eu-west-1"},
		"sqs://h?endpoint=http%3A%2F%2Flocal:1": {Prefix: "h", Endpoint: "http://local:1"},
	} {
		if got, err := sqs.Parse(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"":                           "must be sqs://",
		"redis://h":                  "must be sqs://",
		"sqs://":                     "prefix",
		"sqs://a_b":                  "prefix",
		"sqs://h/queue":              "must be sqs://",
		"sqs://key:secret@h":         "credentials come from the environment",
		"sqs://h?queue=x":            `an option "queue"`,
		"sqs://h?endpoint=localhost": "endpoint",
	} {
		if _, err := sqs.Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: answered %v, want it to tell of %s", text, err, want)
		}
	}
}
