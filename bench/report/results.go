// Package report keeps what was measured and turns it into tables and plots.
package report

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"time"
)

// Results is one run of the bench.
type Results struct {
	Begun    time.Time
	Took     string
	Machine  string
	Versions []string
	Command  string
	Rounds   int
	Series   []*Series
}

// Series is one measure of one side, a value a round.
type Series struct {
	Measure string
	Side    string
	Unit    string
	// Services is the size of the stack, where the measure is about that.
	Services int       `json:",omitempty"`
	Values   []float64 // in the order in which they were measured
}

// Add notes one more value.
func (r *Results) Add(measure, side, unit string, services int, value float64) {
	s := r.Find(measure, side, services)
	if s == nil {
		s = &Series{Measure: measure, Side: side, Unit: unit, Services: services}
		r.Series = append(r.Series, s)
	}
	s.Values = append(s.Values, value)
}

// Find is that series, nil if there is none.
func (r *Results) Find(measure, side string, services int) *Series {
	i := slices.IndexFunc(r.Series, func(s *Series) bool {
		return s.Measure == measure && s.Side == side && s.Services == services
	})
	if i < 0 {
		return nil
	}
	return r.Series[i]
}

// Median is the middle value, NaN where nothing was measured.
func (s *Series) Median() float64 {
	if s == nil || len(s.Values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(s.Values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// Last is the value that was added last.
func (s *Series) Last() float64 { return s.Values[len(s.Values)-1] }

// P95 is the smallest value that 95 % do not exceed.
func (s *Series) P95() float64 {
	if s == nil || len(s.Values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(s.Values))
	return sorted[int(math.Ceil(0.95*float64(len(sorted))))-1]
}

// Write keeps the results as JSON.
func (r *Results) Write(path string) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o644)
}

// Read is what Write has kept.
func Read(path string) (*Results, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var r Results
	return &r, json.Unmarshal(data, &r)
}
