package timeseries_test

import (
	"slices"
	"testing"
	"time"

	"headway/internal/platform/timeseries"
)

func TestEdges(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	apia, err := time.LoadLocation("Pacific/Apia") // had no 30 December 2011
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for name, c := range map[string]struct {
		got  []time.Time
		want []string
	}{
		"hours": {timeseries.Every(at("2026-03-04T12:20:00Z"), at("2026-03-04T14:00:00Z"), time.Hour),
			[]string{"2026-03-04T12:00:00Z", "2026-03-04T13:00:00Z", "2026-03-04T14:00:00Z"}},
		"hours, ending within one": {timeseries.Every(at("2026-03-04T12:00:00Z"), at("2026-03-04T13:00:01Z"), time.Hour),
			[]string{"2026-03-04T12:00:00Z", "2026-03-04T13:00:00Z", "2026-03-04T14:00:00Z"}},
		"nothing":     {timeseries.Every(at("2026-03-04T12:00:00Z"), at("2026-03-04T12:00:00Z"), time.Hour), nil},
		"no width":    {timeseries.Every(at("2026-03-04T12:00:00Z"), at("2026-03-04T13:00:00Z"), 0), nil},
		"days":        {timeseries.Days(at("2026-03-28T22:59:00Z"), at("2026-03-29T22:00:00Z"), berlin), []string{"2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"}},
		"a day short": {timeseries.Days(at("2011-12-29T12:00:00Z"), at("2011-12-31T00:00:00Z"), apia), []string{"2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"}},
		"weeks":       {timeseries.Weeks(at("2026-03-01T12:00:00Z"), at("2026-03-10T12:00:00Z"), time.UTC, time.Monday), []string{"2026-02-23T00:00:00Z", "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z", "2026-03-16T00:00:00Z"}},
		"on Sundays":  {timeseries.Weeks(at("2026-03-01T12:00:00Z"), at("2026-03-03T12:00:00Z"), time.UTC, time.Sunday), []string{"2026-03-01T00:00:00Z", "2026-03-08T00:00:00Z"}},
		"months":      {timeseries.Months(at("2025-12-31T23:30:00Z"), at("2026-03-01T00:00:00Z"), berlin), []string{"2025-12-31T23:00:00Z", "2026-01-31T23:00:00Z", "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z"}},
	} {
		var got []string
		for _, e := range c.got {
			got = append(got, e.UTC().Format(time.RFC3339))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
	many := timeseries.Every(at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"), time.Second)
	if len(many) != timeseries.MaxBuckets+2 {
		t.Errorf("a year of seconds has %d edges", len(many))
	}
}

func TestDimensionsText(t *testing.T) {
	t.Parallel()
	d := timeseries.By("b", "x=1:y", "a", "ä", "c", "")
	if got := d.Text(); got != "a=2:äb=5:x=1:y" {
		t.Errorf("text %q", got)
	}
	back, err := timeseries.ParseDimensions(d.Text())
	if err != nil || !slices.Equal(back, d) {
		t.Errorf("read back %v, %v", back, err)
	}
	for _, bad := range []string{"a", "a=", "a=x:y", "a=9:y", "a=0:", "a=-1:y", "a=1:yz"} {
		if d, err := timeseries.ParseDimensions(bad); err == nil {
			t.Errorf("%q was read as %v", bad, d)
		}
	}
}
