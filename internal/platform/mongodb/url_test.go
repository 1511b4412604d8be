package mongodb

import (
	"strings"
	"testing"
	"time"
)

func TestWhatTheURLLeavesOpenIsFilledIn(t *testing.T) {
	t.Parallel()
	opts, name, err := clientOptions(Options{URL: "mongodb://ann:secret@one:27017,two:27018/tasks?replicaSet=rs&tls=true&maxPoolSize=7&w=0"})
	if err != nil {
		t.Fatal(err)
	}
	if name != "tasks" || *opts.MaxPoolSize != 7 || *opts.Timeout != operationTimeout || opts.TLSConfig == nil || opts.Auth.Username != "ann" || *opts.AppName != "headway" {
		t.Errorf("database %q, options %+v", name, opts)
	}
	if opts.WriteConcern.W != "majority" {
		t.Errorf("writes are acknowledged by %v", opts.WriteConcern.W)
	}
	if _, name, err = clientOptions(Options{URL: "mongodb://localhost"}); name != "headway" || err != nil {
		t.Errorf("without a database it is %q, %v", name, err)
	}
}

func TestAWrongURLIsToldWithoutItsPassword(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"postgres://localhost/x", "mongodb://ann:secret@", "mongodb://ann:secret@host:port/x", "mongodb://ann:sec%ret@host/x",
		"mongodb://ann:secret@host/x?maxPoolSize=many", "",
	} {
		_, err := Open(t.Context(), Options{URL: url})
		if err == nil || !strings.HasPrefix(err.Error(), "mongodb: the URL") || strings.Contains(err.Error(), "sec") {
			t.Errorf("%q was answered %v", url, err)
		}
	}
}

func TestAServerThatIsAwayIsNamed(t *testing.T) {
	t.Parallel()
	before := time.Now()
	_, err := Open(t.Context(), Options{URL: "mongodb://127.0.0.1:1/x?serverSelectionTimeoutMS=200"})
	if err == nil || !strings.Contains(err.Error(), "no primary answers at 127.0.0.1:1") {
		t.Errorf("after %s: %v", time.Since(before), err)
	}
}
