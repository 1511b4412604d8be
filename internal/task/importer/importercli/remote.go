package importercli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"headway/internal/apperr"
	"headway/internal/task/importer"
)

// pollEvery is how often a running import is asked after.
const pollEvery = time.Second

// Remote imports a file through a running server, whose address is such as
// "http://127.0.0.1:8080". password is asked for once it is needed.
func Remote(ctx context.Context, client *http.Client, server string, password func() (string, error), o Options) error {
	file, err := os.Open(o.File)
	if err != nil {
		return apperr.New(apperr.Invalid, "The file cannot be opened: %s.", plain(err))
	}
	defer func() { _ = file.Close() }() // read only
	info, err := file.Stat()
	if err != nil {
		return err
	}
	secret, err := password()
	if err != nil {
		return err
	}
	c := &remote{client: client, base: strings.TrimSuffix(server, "/") + "/api/v1", email: o.Email, password: secret}
	p := newProgress(o.Progress)
	if err := c.signIn(ctx); err != nil {
		return err
	}
	var all struct {
		Items []named `json:"items"`
	}
	if err := c.call(ctx, http.MethodGet, "/workspaces", nil, &all); err != nil {
		return err
	}
	workspace, err := pick(all.Items, o.Workspace)
	if err != nil {
		return err
	}
	at := "/workspaces/" + workspace.String() + "/imports"
	p.say("Sending " + filepath.Base(o.File))
	job, err := c.upload(ctx, at+"?"+url.Values{"format": {o.Format}, "name": {filepath.Base(o.File)}}.Encode(), file, info.Size())
	if err != nil {
		return err
	}
	at += "/" + job.ID
	if job, err = c.follow(ctx, at, job, p); err != nil {
		return err
	}
	if o.Preview && job.State == importer.Ready {
		if err := job.Report.WriteText(o.Out); err != nil {
			return err
		}
		return c.call(ctx, http.MethodDelete, at, nil, nil)
	}
	if job.State != importer.Done && (job.State != importer.Failed || job.Retry) {
		if err := c.call(ctx, http.MethodPost, at+"/apply", nil, &job); err != nil {
			return err
		}
		if job, err = c.follow(ctx, at, job, p); err != nil {
			return err
		}
	}
	return conclude(job.State, job.Error, job.Report, p, o.Out)
}

type remoteJob struct {
	ID     string           `json:"id"`
	State  importer.State   `json:"state"`
	Error  string           `json:"error"`
	Retry  bool             `json:"retry"`
	Counts importer.Counts  `json:"counts"`
	Done   importer.Counts  `json:"done"`
	Report *importer.Report `json:"report"`
}

type remote struct {
	client          *http.Client
	base            string
	email, password string
	token           string
	expires         time.Time
}

func (c *remote) signIn(ctx context.Context) error {
	body, err := json.Marshal(map[string]string{"email": c.email, "password": c.password})
	if err != nil {
		return err
	}
	var out struct {
		AccessToken string `json:"accessToken"`
		ExpiresIn   int    `json:"expiresIn"`
	}
	c.token, c.expires = "", time.Now().Add(time.Minute)
	if err := c.call(ctx, http.MethodPost, "/auth/sign-in", body, &out); err != nil {
		return err
	}
	c.token, c.expires = out.AccessToken, time.Now().Add(time.Duration(out.ExpiresIn)*time.Second*3/4)
	return nil
}

func (c *remote) upload(ctx context.Context, path string, file io.Reader, size int64) (remoteJob, error) {
	var job remoteJob
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, file)
	if err != nil {
		return job, err
	}
	req.ContentLength = size
	if size == 0 {
		req.Body = http.NoBody
	}
	req.Header.Set("Content-Type", "application/octet-stream")
	return job, c.do(req, &job)
}

func (c *remote) call(ctx context.Context, method, path string, body []byte, out any) error {
	if c.token != "" && time.Now().After(c.expires) {
		if err := c.signIn(ctx); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return c.do(req, out)
}

func (c *remote) do(req *http.Request, out any) error {
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := c.client.Do(req)
	if err != nil {
		return apperr.New(apperr.Unavailable, "The server cannot be reached: %v.", err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, 16<<20))
	if err != nil {
		return fmt.Errorf("reading the server's answer: %w", err)
	}
	if res.StatusCode >= 300 {
		var problem struct {
			Detail string `json:"detail"`
			Title  string `json:"title"`
		}
		if json.Unmarshal(body, &problem) != nil || problem.Detail+problem.Title == "" {
			return apperr.New(apperr.Unavailable, "The server answered %s.", res.Status)
		}
		if problem.Detail == "" {
			problem.Detail = problem.Title
		}
		return apperr.New(apperr.Invalid, "%s", problem.Detail)
	}
	if out == nil || len(body) == 0 {
		return nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("reading the server's answer: %w", err)
	}
	return nil
}

// follow asks after the job until it stands still.
func (c *remote) follow(ctx context.Context, path string, job remoteJob, p *progress) (remoteJob, error) {
	defer p.end()
	for {
		p.show(job.State, job.Counts, job.Done)
		if job.State != importer.Scanning && job.State != importer.Applying {
			return job, nil
		}
		select {
		case <-ctx.Done():
			return job, apperr.New(apperr.Unavailable, "Stopped watching; the server goes on with the import.")
		case <-time.After(pollEvery):
		}
		job = remoteJob{}
		if err := c.call(ctx, http.MethodGet, path, nil, &job); err != nil {
			return job, err
		}
	}
}
