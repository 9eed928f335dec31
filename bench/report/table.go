package report

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
)

// The two sides, and what neither of them is.
const (
	Compose = "docker compose"
	Stack   = "stack"
	Dagger  = "Dagger alone"
	// EmptyCall is Dagger's own share of every call.
	EmptyCall = "a call of an empty function"
)

// Markdown is all that was measured, as tables.
func (r *Results) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Measured on %s, in %s, by `%s`, %d rounds.\n\n", r.Begun.Format("2006-01-02"), r.Took, r.Command, r.Rounds)
	fmt.Fprintf(&b, "- %s\n", r.Machine)
	for _, v := range r.Versions {
		fmt.Fprintf(&b, "- %s\n", v)
	}
	empty := r.Find(EmptyCall, Dagger, 0).Median()
	b.WriteString("\n| | unit | n | " + Compose + ", median | p95 | " + Stack + ", median | p95 | ratio | without Dagger's call |\n")
	b.WriteString("|---|---|---:|---:|---:|---:|---:|---:|---:|\n")
	for _, measure := range r.measures(false) {
		compose, stack := r.both(measure, 0)
		row(&b, measure, compose, stack, empty)
	}
	if grown := r.measures(true); len(grown) > 0 {
		b.WriteString("\n| services | | unit | n | " + Compose + ", median | p95 | " + Stack + ", median | p95 | ratio | without Dagger's call |\n")
		b.WriteString("|---:|---|---|---:|---:|---:|---:|---:|---:|---:|\n")
		for _, measure := range grown {
			for _, n := range r.sizes(measure) {
				compose, stack := r.both(measure, n)
				row(&b, fmt.Sprintf("%d | %s", n, measure), compose, stack, empty)
				if alone := r.Find(measure, Dagger, n); alone != nil && alone != stack {
					row(&b, fmt.Sprintf("%d | %s, containers of %s", n, measure, Dagger), nil, alone, empty)
				}
			}
		}
	}
	return b.String()
}

// both is one measure on both sides. What is Dagger's alone stands where ours would.
func (r *Results) both(measure string, services int) (compose, stack *Series) {
	compose, stack = r.Find(measure, Compose, services), r.Find(measure, Stack, services)
	if compose == nil && stack == nil {
		stack = r.Find(measure, Dagger, services)
	}
	return compose, stack
}

func row(b *strings.Builder, title string, compose, stack *Series, empty float64) {
	some := stack
	if some == nil {
		some = compose
	}
	ratio, bare := stack.Median()/compose.Median(), math.NaN()
	if some.Unit == "s" {
		bare = (stack.Median() - empty) / compose.Median()
	}
	fmt.Fprintf(b, "| %s | %s | %d | %s | %s | %s | %s | %s | %s |\n", title, some.Unit, len(some.Values),
		number(compose.Median()), number(compose.P95()), number(stack.Median()), number(stack.P95()), number(ratio), number(bare))
}

// measures are those that are about the size of the stack, or those that are not, in order.
func (r *Results) measures(grown bool) []string {
	var names []string
	for _, s := range r.Series {
		if (s.Services > 0) == grown && !slices.Contains(names, s.Measure) {
			names = append(names, s.Measure)
		}
	}
	return names
}

func (r *Results) sizes(measure string) []int {
	var sizes []int
	for _, s := range r.Series {
		if s.Services > 0 && s.Measure == measure && !slices.Contains(sizes, s.Services) {
			sizes = append(sizes, s.Services)
		}
	}
	slices.Sort(sizes)
	return sizes
}

// number has three digits that matter.
func number(v float64) string {
	switch {
	case math.IsNaN(v), math.IsInf(v, 0):
		return "–"
	case math.Abs(v) >= 100:
		return fmt.Sprintf("%.0f", v)
	case math.Abs(v) >= 10:
		return fmt.Sprintf("%.1f", v)
	case math.Abs(v) >= 0.1:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.3f", v)
}

// The part of a page that a run replaces.
const (
	begin = "<!-- measured: what follows is written by make bench -->\n"
	end   = "<!-- measured: end -->\n"
)

// Replace puts the text in the place of what the run before has measured.
func Replace(path, text string) error {
	page, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(page), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		return fmt.Errorf("%s: the marks of the measured part are not there", path)
	}
	return os.WriteFile(path, []byte(before+begin+text+end+after), 0o644)
}
