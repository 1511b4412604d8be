package servers

import (
	"context"
	"errors"
	"net/http"
	"slices"
)

// Headway starts `headway serve` with further arguments, known as name in
// messages, with a data folder of its own. env is its environment beside this process's.
func Headway(t T, name, binary string, env map[string]string, args ...string) *Process {
	t.Helper()
	data := t.TempDir()
	var list []string
	for key, value := range env {
		list = append(list, key+"="+value)
	}
	slices.Sort(list)
	return start(t, spec{
		name: name,
		command: func(addr string) (string, []string) {
			return binary, append([]string{"serve", "--listen", addr, "--data", data}, args...)
		},
		env:   list,
		ready: func(ctx context.Context, addr string) error { return Healthy(ctx, "http://"+addr+"/health/ready") },
	})
}

// Healthy answers nil where a GET of the URL is answered by 200.
func Healthy(ctx context.Context, url string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return errors.New(res.Status)
	}
	return nil
}
