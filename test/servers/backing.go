package servers

import (
	"fmt"
	"sync/atomic"
)

// BackingServices are the servers behind Headway in production.
type BackingServices struct {
	Database *FerretDBServer
	Redis    *RedisServer
	S3       *S3Server
	SQS      *SQSServer // nil where Redis is the bus
	made     atomic.Int64
	// database is where one write at a time reaches Database.
	database string
}

// Backing starts them, with SQS where that is to be the bus.
func Backing(t T, backend Backend, withSQS bool) *BackingServices {
	t.Helper()
	b := &BackingServices{Database: FerretDB(t, backend), Redis: Redis(t), S3: S3(t)}
	b.database = b.Database.StrictAddr(t)
	if withSQS {
		b.SQS = SQS(t)
	}
	return b
}

// Installation makes what one installation of Headway needs, databases, a
// bucket and names in Redis and SQS of its own, and answers its environment.
// Analytics has a database where PostgreSQL runs.
func (b *BackingServices) Installation(t T) map[string]string {
	t.Helper()
	name := fmt.Sprintf("headway-%d", b.made.Add(1))
	env := map[string]string{
		"HEADWAY_STORE_URL":         MongoURL(b.database, name),
		"HEADWAY_REDIS_URL":         b.Redis.URL() + "?prefix=" + name,
		"HEADWAY_BLOBS_URL":         b.S3.URL(b.S3.Bucket(t)),
		"AWS_ACCESS_KEY_ID":         S3AccessKey,
		"AWS_SECRET_ACCESS_KEY":     S3SecretKey,
		"AWS_REGION":                S3Region,
		"AWS_EC2_METADATA_DISABLED": "true",
	}
	if b.Database.Postgres != nil {
		env["HEADWAY_ANALYTICS_URL"] = b.Database.Postgres.Database(t)
	}
	if b.SQS != nil {
		env["HEADWAY_BUS_URL"] = b.SQS.URL(name)
	}
	return env
}
