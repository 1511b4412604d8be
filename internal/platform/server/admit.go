package server

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/prometheus/client_golang/prometheus"

	"headway/internal/apperr"
	"headway/internal/platform/admission"
	"headway/internal/platform/repeat"
	"headway/internal/platform/rest"
)

// readAhead is how much of a body is read before the request asks to be
// admitted, so that who sends slowly holds no place meanwhile.
const readAhead = 64 << 10

// bodyRate is how many bytes a second bodies come at, at least, after
// Options.BodyStart to begin.
const bodyRate = 16 << 10

// boundBody gives the body a time to arrive in, and reads it ahead where it is
// small. It reports false where the client did not keep to that, which is answered.
func (c *chain) boundBody(rw *response, r *http.Request) bool {
	length := r.ContentLength
	ahead := length > 0 && length <= readAhead && r.Header["Expect"] == nil
	within := c.o.Timeout
	if ahead {
		within = min(within, c.o.BodyStart+time.Duration(length)*time.Second/bodyRate)
	}
	// A connection without deadlines, such as a test's, has the server's own.
	rc := http.NewResponseController(rw.ResponseWriter)
	_ = rc.SetReadDeadline(time.Now().Add(within))
	rw.bounded = true
	if !ahead {
		return true
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(r.Body, body); err != nil {
		rw.Header()["Connection"] = closeConnection
		rest.WriteProblem(rw, apperr.New(apperr.Malformed, "The body did not arrive whole and in time."))
		return false
	}
	// net/http goes on reading, to see whether the client leaves.
	_ = rc.SetReadDeadline(time.Time{})
	r.Body = readBody{bytes.NewReader(body), r.Body}
	return true
}

// readBody is a body that is here already.
type readBody struct {
	*bytes.Reader
	io.Closer
}

// busy is what a request is answered that is not taken on, and when it may come
// again: different moments, so that they do not all come back at once.
const busy = "There is more to do than can be done at the moment. Try again in a few seconds."

// hold is how long a request waits for the answer that the process is too late for it.
const hold = time.Second

var (
	comeBack  = [][]string{{"1"}, {"2"}, {"3"}}
	busyBody  = busyProblem()
	busyType  = []string{rest.ProblemType}
	notStored = []string{"no-store"}
)

func busyProblem() []byte {
	body, err := json.Marshal(rest.NewProblem(apperr.New(apperr.Unavailable, busy), ""))
	if err != nil {
		panic(err) // texts and numbers
	}
	return body
}

// late answers the request, and reports true, where the process is so late
// with everything that it is shed. There may be many times as many of these as
// of others, so it does next to nothing for them; and it lets them wait before
// it says so, as a connection that was answered sends the next request, which
// has to be read and answered too.
func (c *chain) late(rw *response, r *http.Request, class admission.Class) bool {
	if !c.o.Admission.Late(class) {
		return false
	}
	rw.shed = true
	repeat.Pause(r.Context(), hold/2+rand.N(hold)) // #nosec G404 -- spreads load, guards nothing
	h := rw.Header()
	h["Retry-After"] = comeBack[rand.IntN(len(comeBack))] // #nosec G404 -- spreads load, guards nothing
	h["Content-Type"], h["Cache-Control"] = busyType, notStored
	rw.WriteHeader(http.StatusServiceUnavailable)
	_, _ = rw.Write(busyBody) // the client is gone where this fails
	return true
}

// admit asks for the request's place. It reports false where there is none,
// which is answered; else the ticket is to be released at the end.
func (c *chain) admit(rw *response, r *http.Request, class admission.Class) (ticket admission.Ticket, ok bool) {
	ticket, err := c.o.Admission.Acquire(r.Context(), class)
	if err != nil {
		rw.shed = true
		rest.WriteProblem(rw, &apperr.Error{
			Code: apperr.Unavailable, Message: busy,
			RetryAfter: time.Duration(1+rand.IntN(3)) * time.Second, // #nosec G404 -- spreads load, guards nothing
		})
		return ticket, false
	}
	return ticket, true
}

// AdmissionMetrics registers what an admission decides and answers the
// function that is told of it (admission.Options.Observe), and the one that
// registers the limiter's own figures once it is made.
func AdmissionMetrics(registry *prometheus.Registry) (observe func(admission.Class, time.Duration, bool), figures func(*admission.Limiter)) {
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "headway_admission_requests_total", Help: "Requests that were taken on, and those shed for there being too many, by class.",
	}, []string{"class", "result"})
	waited := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "headway_admission_wait_seconds", Help: "How long requests that could not run at once waited for their turn or to be shed.",
		Buckets: []float64{.001, .005, .01, .025, .05, .1, .25, .5, 1},
	}, []string{"class"})
	registry.MustRegister(requests, waited)
	type series struct {
		taken, shed prometheus.Counter
		waited      prometheus.Observer
	}
	var all []series
	for _, c := range admission.Classes() {
		all = append(all, series{requests.WithLabelValues(c.String(), "taken"), requests.WithLabelValues(c.String(), "shed"), waited.WithLabelValues(c.String())})
	}
	observe = func(c admission.Class, wait time.Duration, taken bool) {
		s := &all[c]
		if taken {
			s.taken.Inc()
		} else {
			s.shed.Inc()
		}
		if wait > 0 {
			s.waited.Observe(wait.Seconds())
		}
	}
	figures = func(l *admission.Limiter) {
		for name, f := range map[string]func(admission.Stats) int{
			"limit":   func(s admission.Stats) int { return s.Limit },
			"running": func(s admission.Stats) int { return s.Running },
			"waiting": func(s admission.Stats) int { return s.Waiting },
		} {
			registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
				Name: "headway_admission_" + name, Help: "Requests by the admission: how many may run, how many run, how many wait.",
			}, func() float64 { return float64(f(l.Stats())) }))
		}
	}
	return observe, figures
}
