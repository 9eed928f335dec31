package report

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestStatistics(t *testing.T) {
	for _, c := range []struct {
		values      []float64
		median, p95 float64
	}{
		{[]float64{3}, 3, 3},
		{[]float64{4, 1, 3, 2}, 2.5, 4},
		{[]float64{20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 10.5, 19},
	} {
		s := &Series{Values: c.values}
		if s.Median() != c.median || s.P95() != c.p95 {
			t.Errorf("%v: median %v, p95 %v", c.values, s.Median(), s.P95())
		}
	}
	var none *Series
	if !math.IsNaN(none.Median()) || !math.IsNaN(none.P95()) {
		t.Error("nothing has a median")
	}
}

func sample() *Results {
	r := &Results{Rounds: 2, Command: "make bench"}
	for _, v := range []float64{2, 4} {
		r.Add("up", Compose, "s", 0, v)
		r.Add("up", Stack, "s", 0, 2*v)
		r.Add(EmptyCall, Dagger, "s", 0, 1.5)
		for n := 4; n <= 40; n *= 10 {
			r.Add("up", Stack, "s", n, v*float64(n))
			r.Add("up", Compose, "s", n, v)
			r.Add("up", Dagger, "s", n, v/2)
		}
	}
	return r
}

func TestMarkdown(t *testing.T) {
	text := sample().Markdown()
	for _, row := range []string{
		"| up | s | 2 | 3.00 | 4.00 | 6.00 | 8.00 | 2.00 | 1.50 |",
		"| 40 | up | s | 2 | 3.00 | 4.00 | 120 | 160 | 40.0 | 39.5 |",
		"| 40 | up, containers of Dagger alone | s | 2 | – | – | 1.50 | 2.00 | – | – |",
	} {
		if !strings.Contains(text, row) {
			t.Errorf("no row %s in\n%s", row, text)
		}
	}
}

func TestPlotsAndPage(t *testing.T) {
	dir := t.TempDir()
	names, err := sample().Plot(dir)
	if err != nil || len(names) != 2 {
		t.Fatalf("%v, %v", names, err)
	}
	page := filepath.Join(dir, "page.md")
	if err := os.WriteFile(page, []byte("before\n"+begin+"old\n"+end+"after\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Replace(page, "new\n"); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(page); string(got) != "before\n"+begin+"new\n"+end+"after\n" {
		t.Errorf("got %s", got)
	}
}
