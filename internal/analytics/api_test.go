package analytics_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"headway/internal/analytics/query"
	"headway/internal/analytics/readmodel"
	"headway/internal/platform/ids"
	"headway/internal/platform/timeseries"
	"headway/internal/task/event"
)

// TestPermissions holds every read to who may use it, and guests to what they see.
func TestPermissions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.finish(h.member, h.open, h.member)
	h.finish(h.owner, h.closed)
	h.catchUp()
	inOpen, inClosed := "project="+h.open.String(), "project="+h.closed.String()
	for _, c := range []struct {
		path string
		want [5]int // owner, member, guest of a project, guest of none, somebody outside
	}{
		{"/summary", [5]int{200, 200, 200, 200, 404}},
		{"/summary?" + inOpen, [5]int{200, 200, 200, 404, 404}},
		{"/summary?" + inClosed, [5]int{200, 200, 404, 404, 404}},
		{"/throughput?by=assignee", [5]int{200, 200, 200, 200, 404}},
		{"/throughput?" + inClosed, [5]int{200, 200, 404, 404, 404}},
		{"/flow", [5]int{200, 200, 200, 200, 404}},
		{"/flow?" + inOpen, [5]int{200, 200, 200, 404, 404}},
		{"/flow?" + inClosed, [5]int{200, 200, 404, 404, 404}},
		{"/cycle-times", [5]int{200, 200, 200, 200, 404}},
		{"/cycle-times?measure=lead&" + inClosed, [5]int{200, 200, 404, 404, 404}},
		{"/active-users", [5]int{200, 200, 200, 200, 404}},
		{"/active-users?" + inClosed, [5]int{200, 200, 404, 404, 404}},
		{"/usage", [5]int{200, 200, 403, 403, 404}},
	} {
		for i, user := range []ids.ID{h.owner, h.member, h.guest, h.lonely, h.nobody} {
			if a := h.read(user, c.path); a.status != c.want[i] {
				t.Errorf("%s as number %d answered %d, want %d: %s", c.path, i, a.status, c.want[i], a.body)
			}
		}
		if a := h.read(ids.Nil, c.path); a.status != http.StatusUnauthorized {
			t.Errorf("%s without a token answered %d", c.path, a.status)
		}
	}
	for user, want := range map[ids.ID]uint64{h.member: 2, h.guest: 1, h.lonely: 0} {
		if got := into[query.Summary](h.read(user, "/summary")); got.Created != want || got.Completed != want || uint64(got.Cycle.Count) != want {
			t.Errorf("%+v, want %d", got, want)
		}
		if got := into[query.Completions](h.read(user, "/cycle-times")); uint64(len(got.Items)) != want {
			t.Errorf("%d cycle times, want %d", len(got.Items), want)
		}
		done := into[query.Flow](h.read(user, "/flow")).Series[3]
		if n := done.Tasks[len(done.Tasks)-1]; done.Category != event.Done || uint64(n) != want {
			t.Errorf("the flow has %d of %s, want %d", n, done.Category, want)
		}
	}
	last := func(a *answer) int {
		users := into[query.Active](a).Users
		return users[len(users)-1]
	}
	if all, some, none := last(h.read(h.member, "/active-users")), last(h.read(h.guest, "/active-users")), last(h.read(h.lonely, "/active-users")); all != 2 || some != 2 || none != 0 {
		t.Errorf("active: %d to all, %d to a guest of the project that both made or used, %d to a guest of none", all, some, none)
	}
	// Who leaves, or is given another project, sees that at once.
	h.add(h.owner, h.guest, ids.Nil, event.MemberChanged, &event.MemberPatch{User: h.guest, Projects: &event.Change[[]ids.ID]{From: []ids.ID{h.open}, To: []ids.ID{h.closed}}})
	h.add(h.owner, h.member, ids.Nil, event.MemberRemoved, &event.MemberData{User: h.member, Role: event.Member, Kind: event.Person})
	h.catchUp()
	if a := h.read(h.guest, "/flow?"+inOpen); a.status != http.StatusNotFound {
		t.Errorf("a project that was taken away answered %d", a.status)
	}
	if a := h.read(h.member, "/summary"); a.status != http.StatusNotFound {
		t.Errorf("who left was answered %d", a.status)
	}
}

func TestAnswersAreNamedByHowFarItIs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.finish(h.member, h.open, h.member)
	h.catchUp()
	for _, path := range []string{"/summary", "/throughput?per=week&by=project", "/flow?per=week", "/cycle-times?limit=1", "/active-users?per=month"} {
		first := h.read(h.owner, path)
		tag := first.header.Get("ETag")
		if first.status != 200 || tag == "" || first.header.Get("Headway-Seq") != fmt.Sprint(h.head) {
			t.Errorf("%s answered %d, %s, %s", path, first.status, tag, first.header.Get("Headway-Seq"))
		}
		if again := h.read(h.owner, path, "If-None-Match", tag); again.status != http.StatusNotModified {
			t.Errorf("%s is not the same: %d", path, again.status)
		}
		if kept := h.read(h.owner, path); string(kept.body) != string(first.body) {
			t.Errorf("%s was kept as %s", path, kept.body)
		}
		if other := h.read(h.guest, path, "If-None-Match", tag); other.status != 200 {
			t.Errorf("%s was the same to a guest: %d", path, other.status)
		}
	}
	tag := h.read(h.owner, "/summary").header.Get("ETag")
	h.finish(h.member, h.open)
	h.catchUp()
	if a := h.read(h.owner, "/summary", "If-None-Match", tag); into[query.Summary](a).Completed != 2 {
		t.Errorf("%d: %s", a.status, a.body)
	}
	tag = h.read(h.owner, "/summary").header.Get("ETag")
	h.clock.Advance(24 * time.Hour)
	if a := h.read(h.owner, "/summary", "If-None-Match", tag); a.status != 200 {
		t.Error("the next day has the answer of the last one")
	}
}

func TestInputIsBounded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.catchUp()
	for path, field := range map[string]string{
		"/summary?from=2026-13-01":               "query.from",
		"/summary?from=1950-01-01&to=1950-01-02": "query.to",
		"/summary?from=2026-03-11":               "query.from",
		"/summary?from=2024-03-09&to=2026-03-10": "query.from",
		"/summary?zone=Mars/Olympus":             "query.zone",
		"/summary?zone=Local":                    "query.zone",
		"/summary?zone=..%2F..%2Fetc%2Fpasswd":   "query.zone",
		"/summary?project=x":                     "query.project",
		"/throughput?per=hour":                   "query.per",
		"/throughput?by=name":                    "query.by",
		"/flow?per=month":                        "query.per",
		"/cycle-times?cursor=x":                  "query.cursor",
		"/cycle-times?limit=1001":                "query.limit",
		"/active-users?zone=Europe/Berlin":       "query.zone",
	} {
		a := h.read(h.owner, path)
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(string(a.body), `"path":"`+field+`"`) {
			t.Errorf("%s answered %d: %s", path, a.status, a.body)
		}
	}
	if a := h.read(h.owner, "/summary?from=2024-03-10&to=2026-03-10&zone=Asia/Kathmandu"); a.status != 200 {
		t.Errorf("731 days answered %d: %s", a.status, a.body)
	}
}

func TestCycleTimesPageThroughAll(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	want := []ids.ID{h.finish(h.member, h.open, h.member), h.finish(h.member, h.closed, h.owner, h.member), h.finish(h.owner, h.open)}
	h.catchUp()
	var got []ids.ID
	path := "/cycle-times?limit=1"
	for range 10 {
		page := into[query.Completions](h.read(h.owner, path))
		for _, c := range page.Items {
			got = append(got, c.Task)
			if c.Seconds != 3600 {
				t.Errorf("it took %v seconds", c.Seconds)
			}
		}
		if page.Next == "" {
			break
		}
		path = "/cycle-times?limit=1&cursor=" + page.Next
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("pages hold %v, want %v", got, want)
	}
	if lead := into[query.Completions](h.read(h.owner, "/cycle-times?measure=lead&assignee="+h.owner.String())); len(lead.Items) != 1 || lead.Items[0].Seconds != 7200 {
		t.Errorf("lead times of one person: %+v", lead.Items)
	}
}

// record sends usage events.
func (h *house) record(user ids.ID, events string, header ...string) *answer {
	h.t.Helper()
	return h.call(user, http.MethodPost, "/usage", fmt.Sprintf(`{"workspace":%q,"events":[%s]}`, h.workspace, events), header...)
}

func (h *house) used(name string) (n uint64) {
	h.t.Helper()
	for _, s := range into[query.Usage](h.read(h.owner, "/usage")).Series {
		for _, c := range s.Counts {
			if s.Name == name {
				n += c
			}
		}
	}
	return n
}

func TestUsageIsCountedOnceAndOnlyWhereItMayBe(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.catchUp()
	one := func(id ids.ID, name string, at time.Time, properties string) string {
		return fmt.Sprintf(`{"id":%q,"name":%q,"at":%q,"properties":{%s}}`, id, name, at.Format(time.RFC3339Nano), properties)
	}
	now := h.clock.Now()
	id := ids.New()
	seen := one(id, "view_opened", now, `"view":"board","device":"phone"`)
	for range 2 {
		if a := h.record(h.member, seen+","+seen); a.status != http.StatusAccepted || string(a.body) != `{"accepted":2,"dropped":0}` {
			t.Fatalf("answered %d: %s", a.status, a.body)
		}
	}
	if n := h.used("view_opened"); n != 1 {
		t.Errorf("counted %d times", n)
	}
	// Another's event of the same id is another event.
	h.record(h.owner, seen)
	if n := h.used("view_opened"); n != 2 {
		t.Errorf("two people's events were counted %d times", n)
	}
	dropped := strings.Join([]string{
		one(ids.New(), "view_opened", now.Add(-8*24*time.Hour), ""), one(ids.New(), "view_opened", now.Add(6*time.Minute), ""),
		one(ids.New(), "mind_read", now, ""), one(ids.New(), "view_opened", now, `"view":"what I typed"`), one(ids.New(), "view_opened", now, `"query":"secret"`),
		one(ids.Nil, "view_opened", now, ""),
	}, ",")
	if a := h.record(h.member, dropped); string(a.body) != `{"accepted":0,"dropped":6}` {
		t.Errorf("answered %d: %s", a.status, a.body)
	}
	late := one(ids.New(), "search_used", now.Add(-6*24*time.Hour), `"result":"nothing"`)
	for _, header := range []string{"Sec-GPC", "DNT"} {
		if a := h.record(h.member, late, header, "1"); a.status != http.StatusNoContent {
			t.Errorf("%s answered %d", header, a.status)
		}
	}
	h.call(h.member, http.MethodPut, "/usage/choice", `{"record":false}`)
	if a := h.record(h.member, late); a.status != http.StatusNoContent {
		t.Errorf("who opted out was answered %d", a.status)
	}
	if a := h.call(h.member, http.MethodGet, "/usage/choice", ""); string(a.body) != `{"record":false}` {
		t.Errorf("the choice is %s", a.body)
	}
	if n := h.used("search_used"); n != 0 {
		t.Errorf("%d were kept against somebody's will", n)
	}
	h.call(h.member, http.MethodPut, "/usage/choice", `{"record":true}`)
	if a := h.record(h.member, late, "DNT", "0"); a.status != http.StatusAccepted || h.used("search_used") != 1 {
		t.Errorf("who opted in again was answered %d", a.status)
	}
	if a := h.record(h.nobody, seen); a.status != http.StatusNotFound {
		t.Errorf("somebody outside was answered %d", a.status)
	}
	if a := h.call(ids.Nil, http.MethodPost, "/usage", `{"events":[]}`); a.status != http.StatusUnauthorized {
		t.Errorf("nobody was answered %d", a.status)
	}
	if a := h.record(h.member, strings.TrimSuffix(strings.Repeat(seen+",", 51), ",")); a.status != http.StatusUnprocessableEntity {
		t.Errorf("51 events answered %d", a.status)
	}
	// Nothing that is kept says whose it is.
	for _, name := range []string{"view_opened", "search_used"} {
		dimensions, err := h.series.Dimensions(t.Context(), timeseriesOf(h.workspace, name), 100)
		if err != nil || len(dimensions) == 0 {
			t.Fatal(dimensions, err)
		}
		if text := fmt.Sprint(dimensions); strings.Contains(text, h.member.String()) || strings.Contains(text, h.owner.String()) {
			t.Errorf("the dimensions are %s", text)
		}
	}
	for range 100 {
		if a := h.record(h.guest, seen); a.status == http.StatusTooManyRequests {
			if a.header.Get("Retry-After") == "" {
				t.Error("it does not say when to come back")
			}
			return
		}
	}
	t.Error("a hundred batches in no time were taken")
}

// timeseriesOf selects the usage points of a name.
func timeseriesOf(workspace ids.ID, name string) timeseries.Selection {
	return timeseries.Selection{Workspace: readmodel.UsageOf(workspace), Metric: readmodel.Usage + name}
}
