//go:build servers

package app

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"headway/test/servers"
)

// s3Environment has the server's credentials where AWS tools look for them.
func s3Environment(t *testing.T) {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", servers.S3AccessKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", servers.S3SecretKey)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"} {
		t.Setenv(name, "")
	}
}

const board = `{"name":"Pier","lists":[{"id":"1","name":"To do"}],"cards":[{"id":"2","name":"Mend","idList":"1"}]}`

// TestImportsWaitForS3 takes S3 away: an upload is refused with a sentence,
// tasks go on, readiness says so. Once it is back an upload is taken.
func TestImportsWaitForS3(t *testing.T) {
	s3Environment(t)
	server := servers.S3(t)
	url := server.URL(server.Bucket(t))
	p := newProcess(t, t.TempDir(), "--blobs-url", url)
	create, _, project := p.begin()
	upload := strings.TrimSuffix(create, "/tasks") + "/imports?format=trello"
	if status, parts := p.ready(); status != http.StatusOK || parts["blobs"] != "ok" {
		t.Errorf("ready: %d, %v", status, parts)
	}
	server.Kill()
	status, answer := p.do(http.MethodPost, upload, board)
	if status != http.StatusServiceUnavailable || !strings.Contains(string(answer), "The storage for uploaded files cannot be reached at the moment") {
		t.Errorf("without S3 an upload answered %d %s", status, answer)
	}
	if strings.Contains(string(answer), server.Addr) {
		t.Errorf("the answer tells of the inside: %s", answer)
	}
	if status, answer := p.do(http.MethodPost, create, `{"project":"`+project+`","title":"Still here"}`); status != http.StatusCreated {
		t.Errorf("without S3 a task answered %d %s", status, answer)
	}
	if status, parts := p.ready(); status != http.StatusOK || parts["blobs"] != "degraded" {
		t.Errorf("without S3 ready is %d, %v", status, parts)
	}
	// A process starts without it, too.
	second := newProcess(t, t.TempDir(), "--blobs-url", url)
	if status, parts := second.ready(); status != http.StatusOK || parts["blobs"] != "degraded" {
		t.Errorf("started without S3 ready is %d, %v", status, parts)
	}
	server.Start(t)
	if status, answer := p.do(http.MethodPost, upload, board); status != http.StatusCreated {
		t.Errorf("with S3 again an upload answered %d %s", status, answer)
	}
	if status, parts := second.ready(); status != http.StatusOK || parts["blobs"] != "ok" {
		t.Errorf("with S3 again ready is %d, %v", status, parts)
	}
}

// TestABucketThatRefusesEndsTheStart: each fault is one sentence that names the setting.
func TestABucketThatRefusesEndsTheStart(t *testing.T) {
	server := servers.S3(t)
	good := server.URL(server.Bucket(t))
	for name, c := range map[string]struct {
		url         string
		env         map[string]string
		says, never string
	}{
		"no such bucket": {url: server.URL("not-there"), says: "there is no bucket not-there in eu-central-1; make it"},
		"wrong secret":   {url: good, env: map[string]string{"AWS_SECRET_ACCESS_KEY": "a wrong secret"}, says: "check the key, its secret and its policy", never: "a wrong secret"},
		"wrong key":      {url: good, env: map[string]string{"AWS_ACCESS_KEY_ID": "nobody"}, says: "the credentials may not use the bucket"},
		"no credentials": {url: good, env: map[string]string{"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "HOME": "/nonexistent"}, says: "no credentials are found; set AWS_ACCESS_KEY_ID"},
		"no region":      {url: strings.Replace(good, "region="+servers.S3Region, "", 1), says: "no region is known; name it in the address"},
		"another region": {url: strings.Replace(good, servers.S3Region, "us-west-2", 1), says: "correct"},
	} {
		t.Run(name, func(t *testing.T) {
			s3Environment(t)
			for key, value := range c.env {
				t.Setenv(key, value)
			}
			p, _, _ := program("serve")
			cfg, err := p.settings(p.flags("serve"), []string{"--data", t.TempDir(), "--blobs-url", c.url}, 0, "")
			if err != nil {
				t.Fatal(err)
			}
			a, err := Open(t.Context(), cfg, "test", slog.New(slog.DiscardHandler))
			if err == nil {
				_ = a.Close()
			}
			if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "blobs.url") {
				t.Fatalf("answered %v", err)
			}
			if strings.Contains(strings.TrimSpace(err.Error()), "\n") || (c.never != "" && strings.Contains(err.Error(), c.never)) {
				t.Errorf("answered %v", err)
			}
		})
	}
}

// TestAnImportIsKnownToAllProcesses uploads at one process, applies at
// another and looks at the first, over MongoDB's protocol and S3.
func TestAnImportIsKnownToAllProcesses(t *testing.T) {
	s3Environment(t)
	bucket := servers.S3(t)
	settings := []string{"--store-url", servers.FerretDB(t, servers.OnPostgres).Database(t), "--blobs-url", bucket.URL(bucket.Bucket(t))}
	one, two := newProcess(t, t.TempDir(), settings...), newProcess(t, t.TempDir(), settings...)
	create, _, _ := one.begin()
	two.token = one.token
	imports := strings.TrimSuffix(create, "/tasks") + "/imports"
	status, answer := one.do(http.MethodPost, imports+"?format=trello", board)
	if status != http.StatusCreated {
		t.Fatalf("upload: %d %s", status, answer)
	}
	_, id, _ := strings.Cut(string(answer), `"id":"`)
	at := imports + "/" + id[:36]
	await := func(p *process, state string) {
		t.Helper()
		for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			status, answer := p.do(http.MethodGet, at, "")
			if status == http.StatusOK && strings.Contains(string(answer), `"state":"`+state+`"`) {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("waiting for %s: %d %s", state, status, answer)
			}
		}
	}
	await(two, "ready")
	if status, answer := two.do(http.MethodPost, at+"/apply", ""); status != http.StatusOK {
		t.Fatalf("apply: %d %s", status, answer)
	}
	await(one, "done")
}
