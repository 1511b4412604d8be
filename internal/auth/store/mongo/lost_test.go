//go:build servers

package mongo_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"headway/internal/auth/store"
	"headway/internal/auth/store/mongo"
	"headway/test/servers"
)

// Each write in turn is met by a line that loses what is asked, or that loses
// the answer, for a moment. What the caller is told is true, and what was
// begun is whole afterwards.
func everyLostMessage(t *testing.T, server *servers.FerretDBServer) {
	url := server.Database(t)
	openURL(t, url) // the indexes are there before many ask for them at once
	_, database, _ := strings.Cut(strings.TrimPrefix(url, "mongodb://"), "/")
	person := 0
	for _, operation := range []struct {
		name   string
		do     func(p *somebody) func(*testing.T, store.Store) bool
		writes []string
		// confirmed are the writes that are looked for where their answer was lost.
		confirmed string
	}{
		{"register", func(p *somebody) func(*testing.T, store.Store) bool { return p.register }, registerSteps, "insert auth_emails"},
		{"rename", func(p *somebody) func(*testing.T, store.Store) bool { return p.rename }, []string{"append", "insert auth_accounts", "delete auth_accounts"}, "append"},
		{"change", func(p *somebody) func(*testing.T, store.Store) bool { return p.change }, []string{"insert auth_sessions", "append", "update auth_sessions"}, "insert auth_sessions"},
		{"sign in", func(p *somebody) func(*testing.T, store.Store) bool { return p.signIn }, []string{"insert auth_sessions", "append", "update auth_sessions"}, "insert auth_sessions"},
	} {
		for n, write := range operation.writes {
			for _, lost := range []string{"question", "answer"} {
				person++
				p := newSomebody(t, person)
				t.Run(fmt.Sprintf("%s, the %s of %d, %s", operation.name, lost, n+1, write), func(t *testing.T) {
					t.Parallel()
					direct, log := openURL(t, url)
					if operation.name != "register" && !p.register(t, direct) {
						t.Fatal("the person could not register")
					}
					proxy := servers.NewProxy(t, server.Addr)
					through, _ := openURL(t, "mongodb://"+proxy.Addr+"/"+database)
					loseAt(t, through, proxy, n, lost)
					told := operation.do(p)(t, through)
					if lost == "answer" && write == operation.confirmed && !told {
						t.Error("what was done, unheard, was told to have failed")
					}
					if lost == "question" && write == operation.confirmed && told && write != "append" {
						t.Error("what was not done was told to be")
					}
					if _, err := direct.SweepSessions(t.Context(), time.Now().Add(5*time.Minute), 100); err != nil {
						t.Fatal(err)
					}
					p.check(t, direct, log)
				})
			}
		}
	}
}

// loseAt breaks the line before the n-th write of a store, for as long as
// the write takes to get lost.
func loseAt(t *testing.T, s *mongo.Store, proxy *servers.Proxy, n int, lost string) {
	writes := 0
	mended := make(chan struct{})
	t.Cleanup(func() {
		if writes > n {
			<-mended
		}
	})
	s.OnStep(func(string) error {
		if writes++; writes != n+1 {
			return nil
		}
		if lost == "answer" {
			proxy.LoseAnswers(t)
		} else {
			proxy.Silence(t)
		}
		go func() {
			defer close(mended)
			time.Sleep(200 * time.Millisecond)
			proxy.Mend(t)
		}()
		return nil
	})
}
