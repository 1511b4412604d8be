//go:build servers

package faults_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"headway/test/servers"
)

// secret is in every address that has a password, and in nothing that is said.
const secret = "s3cret"

// TestStartFaults: a process that cannot work says why in one sentence, ends
// with 1 and has changed nothing.
func TestStartFaults(t *testing.T) {
	t.Parallel()
	database := servers.FerretDB(t, servers.OnSQLite)
	redis := servers.Redis(t, "--requirepass", "another")
	safe, _ := servers.RedisTLS(t)
	store := func(addr, parameters string) []string {
		return []string{"HEADWAY_STORE_URL=mongodb://" + addr + "/faults?directConnection=true&serverSelectionTimeoutMS=700&connectTimeoutMS=700" + parameters}
	}
	wire := func(change func(bson.D) bson.D, commands ...string) string {
		return servers.NewWire(t, database.Addr, func(command string, answer bson.D) bson.D {
			if slices.Contains(commands, command) {
				return change(answer)
			}
			return answer
		}).Addr
	}
	t.Run("each", func(t *testing.T) {
		for name, c := range map[string]struct {
			settings []string
			want     string
		}{
			"store: no address":      {[]string{"HEADWAY_STORE_URL=mysql://ann:" + secret + "@db"}, "must be sqlite: (in the data folder), sqlite:FOLDER or a mongodb:// address"},
			"store: malformed":       {[]string{"HEADWAY_STORE_URL=mongodb://ann:" + secret + "@x@y/db"}, "the URL is not valid"},
			"store: no such option":  {store(database.Addr, "&maxPoolSize=many"), "the URL is not valid"},
			"store: small pool":      {store(database.Addr, "&maxPoolSize=3"), "maxPoolSize=3 in the URL is too small"},
			"store: nothing there":   {store("127.0.0.1:1", ""), "no primary answers at 127.0.0.1:1; check the address"},
			"store: no such host":    {store("db.invalid:27017", ""), "no primary answers at db.invalid:27017; check the address"},
			"store: wrong user":      {store("ann:"+secret+"@"+database.Addr, "&authMechanism=SCRAM-SHA-256"), `refuses the user "ann"`},
			"store: no TLS":          {store(database.Addr, "&tls=true"), "no safe connection to " + database.Addr},
			"store: no primary":      {store(wire(servers.Secondary, "hello", "isMaster", "ismaster"), ""), "is not the primary of its replica set; leave directConnection out of the URL and add replicaSet=rs0"},
			"store: wants a user":    {store(wire(servers.Denied, "listCollections"), ""), "asks for a user and a password"},
			"store: may not index":   {store(wire(servers.Denied, "createIndexes"), ""), "start the program once with an account that may make indexes"},
			"redis: no address":      {[]string{"HEADWAY_REDIS_URL=http://:" + secret + "@r"}, "must begin with redis://"},
			"redis: wrong password":  {[]string{"HEADWAY_REDIS_URL=redis://:" + secret + "@" + redis.Addr}, "refuses the connection"},
			"redis: unknown signer":  {[]string{"HEADWAY_REDIS_URL=rediss://:" + secret + "@" + safe.TLSAddr + "?timeout=2s"}, "no safe connection; check rediss://, ca and server_name"},
			"redis: no certificates": {[]string{"HEADWAY_REDIS_URL=rediss://:" + secret + "@" + redis.Addr + "?ca=/nowhere.pem"}, "the file of certificates"},
			"queue: no region":       {[]string{"HEADWAY_BUS_URL=sqs://faults", "AWS_EC2_METADATA_DISABLED=true"}, "no region"},
			"queue: no address":      {[]string{"HEADWAY_BUS_URL=amqp://ann:" + secret + "@q"}, "bus.url must be"},
			"blobs: no address":      {[]string{"HEADWAY_BLOBS_URL=ftp://ann:" + secret + "@b"}, "blobs.url"},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				refuses(t, c.settings, c.want)
			})
		}
	})
	if names := collections(t, database); len(names) != 0 {
		t.Errorf("the starts that failed left %v", names)
	}
}

// TestAStoreOfANewerVersionIsRefused, and stays as it is.
func TestAStoreOfANewerVersionIsRefused(t *testing.T) {
	t.Parallel()
	database := servers.FerretDB(t, servers.OnSQLite)
	settings := []string{"HEADWAY_STORE_URL=" + servers.MongoURL(database.Addr, "faults")}
	s := newServer(t, settings...)
	s.up(t)
	s.end(syscall.SIGTERM)
	before := collections(t, database)
	client := connect(t, database)
	version := client.Database("faults").Collection("schemas")
	for _, owner := range []string{"eventlog", "auth"} {
		old, err := version.UpdateOne(t.Context(), bson.D{{Key: "_id", Value: owner}}, bson.D{{Key: "$inc", Value: bson.D{{Key: "version", Value: 98}}}})
		if err != nil || old.MatchedCount != 1 {
			t.Fatalf("the schema of %s: %+v, %v", owner, old, err)
		}
		refuses(t, settings, "the "+owner+" of the database is at version 99 and this program knows 1; start the newer program")
		if _, err := version.UpdateOne(t.Context(), bson.D{{Key: "_id", Value: owner}}, bson.D{{Key: "$inc", Value: bson.D{{Key: "version", Value: -98}}}}); err != nil {
			t.Fatal(err)
		}
	}
	if after := collections(t, database); !slices.Equal(before, after) {
		t.Errorf("there were %v, there are %v", before, after)
	}
	s.up(t)
}

// refuses starts the binary, which must say why it does not serve.
func refuses(t *testing.T, settings []string, want string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, build(t), "serve", "--listen", "127.0.0.1:0", "--data", t.TempDir())
	cmd.Env = append(os.Environ(), settings...)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Fatalf("the process ended with %v:\n%s", err, out)
	}
	said := strings.TrimSpace(string(out))
	lines := strings.Split(said, "\n")
	last := said
	if !strings.Contains(said, "these settings cannot work:") {
		last = lines[len(lines)-1]
	}
	if !strings.Contains(last, "headway: ") || !strings.Contains(last, want) || strings.Contains(said, secret) {
		t.Errorf("it said\n%s\nwant %q", said, want)
	}
}

func connect(t *testing.T, database *servers.FerretDBServer) *mongo.Client {
	t.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI(servers.MongoURL(database.Addr, "faults")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) }) // the server may be gone
	return client
}

// collections answers what is in the database.
func collections(t *testing.T, database *servers.FerretDBServer) []string {
	t.Helper()
	names, err := connect(t, database).Database("faults").ListCollectionNames(t.Context(), bson.D{})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return names
}
