// Package api is the analytics service's HTTP edge: routes.go is its table of
// contents, and there is one file for what is read and one for what is sent.
package api

import (
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"headway/internal/analytics/command"
	"headway/internal/analytics/query"
	"headway/internal/platform/cache"
	"headway/internal/platform/clock"
	"headway/internal/platform/rest"
)

// Handlers serve the service over HTTP.
type Handlers struct {
	commands *command.Service
	queries  *query.Service
	pages    cache.Cache
	clock    clock.Clock
}

// New makes the handlers; pages may be nil to keep none.
func New(commands *command.Service, queries *query.Service, pages cache.Cache, c clock.Clock) *Handlers {
	return &Handlers{commands: commands, queries: queries, pages: pages, clock: c}
}

const (
	inA    = "/workspaces/{workspace}/analytics"
	choice = "/usage/choice"
)

var (
	readErrors = []int{
		http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusUnprocessableEntity,
		http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable,
	}
	writeErrors = append([]int{
		http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType,
	}, readErrors...)
)

// maxBody bounds a batch of usage events, in bytes.
const maxBody = 32 << 10

// Register adds every operation of the service to the API.
func (h *Handlers) Register(api huma.API) {
	read := func(path, id, summary, doc string) huma.Operation {
		return huma.Operation{
			Method: http.MethodGet, Path: inA + path, OperationID: id, Summary: summary, Description: doc + aboutReads,
			Tags: []string{"analytics"}, Errors: readErrors,
		}
	}
	rest.RegisterRaw[query.Summary](api, read("/summary", "get-analytics-summary", "Sum up some days",
		"How many tasks were created, completed and reopened, how many are open, and how long completed ones took."), h.summary)
	rest.RegisterRaw[query.Throughput](api, read("/throughput", "get-throughput", "Throughput over time",
		"Tasks created, completed and reopened by day, week or month, of all or split by project or assignee."), h.throughput)
	rest.RegisterRaw[query.Flow](api, read("/flow", "get-cumulative-flow", "Cumulative flow",
		"How many tasks there were in each category, or in each column of one project, at the end of each day or week. Tasks leave with the trash, and with the archive unless they are done."), h.flow)
	rest.RegisterRaw[query.Completions](api, read("/cycle-times", "list-cycle-times", "Cycle times of completed tasks",
		"One item for each completion, oldest first: the points of a scatter chart."), h.cycleTimes)
	rest.RegisterRaw[query.Active](api, read("/active-users", "get-active-users", "Active users over time",
		"How many different people changed something in each day, week or month (UTC), in a project or in all that the caller may see. What an import brings is nobody's activity."), h.active)
	rest.RegisterRaw[query.Usage](api, read("/usage", "get-usage", "Use of the web app over time",
		"How often the web app was used for what, as far as people let it tell. Not for guests."), h.usage)

	write := func(method, path, id, summary, doc string, status int) huma.Operation {
		return huma.Operation{
			Method: method, Path: path, OperationID: id, Summary: summary, Description: doc, DefaultStatus: status,
			Tags: []string{"usage"}, Errors: writeErrors, MaxBodyBytes: maxBody,
		}
	}
	record := write(http.MethodPost, "/usage", "record-usage", "Tell of the web app's use", aboutUsage, http.StatusAccepted)
	record.Responses = map[string]*huma.Response{"204": {Description: "Nothing was kept: the person, or the browser by Sec-GPC or DNT, asked for that."}}
	rest.Register(api, record, h.record)
	rest.Register(api, write(http.MethodGet, choice, "get-usage-choice", "Whether my usage may be recorded", "", http.StatusOK), h.readChoice)
	rest.Register(api, write(http.MethodPut, choice, "put-usage-choice", "Choose whether my usage may be recorded",
		"Kept for the account, for all its browsers. What was counted before names nobody, and stays.", http.StatusOK), h.putChoice)
}

const (
	aboutReads = " Guests are answered for their projects alone. The answer is as of the event that Headway-Seq names, which may be a moment behind; an archived or trashed project keeps its history."
	aboutUsage = "Up to 50 events. Their names, properties and the values of those are fixed, and nothing kept says whose they were. " +
		"An event with the same id counts once. Those more than 7 days old or 5 minutes ahead are dropped, as are those not known here; the answer counts both."
)

// pageAge is how long an answer is kept at most.
const pageAge = 10 * time.Minute
