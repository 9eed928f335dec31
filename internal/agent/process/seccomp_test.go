package process

import "testing"

func BenchmarkDockerFilter(b *testing.B) {
	for b.Loop() {
		program, err := dockerFilter()
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(program)), "instructions")
	}
}
