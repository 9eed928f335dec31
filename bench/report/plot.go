package report

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-analyze/charts"
)

// Plot writes the plots into a folder and returns their names: the times of both sides beside each other, and a curve
// for each measure of growth.
func (r *Results) Plot(dir string) ([]string, error) {
	var names []string
	write := func(name string, draw func(*charts.Painter) error, width, height int) error {
		p := charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputSVG, Width: width, Height: height})
		if err := draw(p); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		data, err := p.Bytes()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		names = append(names, name)
		return os.WriteFile(filepath.Join(dir, name), data, 0o644)
	}
	if measures := r.compared("s"); len(measures) > 0 {
		if err := write("times.svg", r.bars(measures), 900, 70+46*len(measures)); err != nil {
			return nil, err
		}
	}
	for _, measure := range r.measures(true) {
		name := strings.ReplaceAll(strings.ReplaceAll(measure, ",", ""), " ", "-") + ".svg"
		if err := write(name, r.curve(measure), 600, 360); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// compared are the measures in that unit that both sides have.
func (r *Results) compared(unit string) []string {
	return slices.DeleteFunc(r.measures(false), func(m string) bool {
		stack := r.Find(m, Stack, 0)
		return stack == nil || stack.Unit != unit || r.Find(m, Compose, 0) == nil
	})
}

var white = charts.GetTheme(charts.ThemeLight)

func (r *Results) bars(measures []string) func(*charts.Painter) error {
	// From the bottom up.
	measures = slices.Clone(measures)
	slices.Reverse(measures)
	values := [][]float64{{}, {}}
	for _, m := range measures {
		values[0] = append(values[0], r.Find(m, Stack, 0).Median())
		values[1] = append(values[1], r.Find(m, Compose, 0).Median())
	}
	opt := charts.NewBarChartOptionWithData(values)
	opt.Horizontal = true
	opt.Theme = white
	opt.Title.Text = "Seconds, medians: less is better"
	opt.Padding = charts.NewBoxEqual(20)
	opt.Legend.SeriesNames = []string{Stack, Compose}
	opt.Legend.Offset = charts.OffsetRight
	var labels []string
	for _, m := range measures {
		// Room for a reader's font that is wider than the one that the library measures with.
		labels = append(labels, m+strings.Repeat("\u00a0", 5))
	}
	opt.CategoryAxis = charts.CategoryAxisOption{Labels: labels}
	for i := range opt.SeriesList {
		opt.SeriesList[i].Label = charts.SeriesLabel{Show: charts.Ptr(true), ValueFormatter: number}
	}
	return func(p *charts.Painter) error { return p.BarChart(opt) }
}

func (r *Results) curve(measure string) func(*charts.Painter) error {
	sizes := r.sizes(measure)
	first, last := sizes[0], sizes[len(sizes)-1]
	// The library spaces all points evenly: so there is one for every number of services, and those that were measured
	// have a label.
	labels := make([]string, last-first+1)
	for _, n := range sizes {
		labels[n-first] = fmt.Sprint(n)
	}
	var sides []string
	var values [][]float64
	unit := ""
	for _, side := range []string{Stack, Compose, Dagger} {
		if slices.ContainsFunc(sizes, func(n int) bool { return r.Find(measure, side, n) == nil }) {
			continue // of which not all is measured
		}
		line := make([]float64, len(labels))
		for i := range sizes {
			s := r.Find(measure, side, sizes[i])
			unit = s.Unit
			line[sizes[i]-first] = s.Median()
			for n := sizes[max(i-1, 0)] + 1; n < sizes[i]; n++ { // the straight line from the size before
				from, to := sizes[i-1], sizes[i]
				line[n-first] = line[from-first] + (s.Median()-line[from-first])*float64(n-from)/float64(to-from)
			}
		}
		sides, values = append(sides, side), append(values, line)
	}
	opt := charts.NewLineChartOptionWithData(values)
	opt.Theme = white
	opt.Title.Text = fmt.Sprintf("%s (%s) by number of services", measure, unit)
	opt.Padding = charts.NewBoxEqual(20)
	opt.XAxis.Labels = labels
	opt.XAxis.LabelCount = len(labels)
	opt.XAxis.BoundaryGap = charts.Ptr(false)
	opt.Legend.SeriesNames = sides
	opt.Legend.Offset = charts.OffsetRight
	opt.Symbol.Shape = charts.SymbolNone
	opt.YAxis = []charts.YAxisOption{{Min: charts.Ptr(0.0), ValueFormatter: number}}
	return func(p *charts.Painter) error { return p.LineChart(opt) }
}
