package compose

import (
	"slices"
	"strings"
	"testing"
)

func TestDifferences(t *testing.T) {
	base := func() Truth {
		return Truth{Steps: []Seen{{Step: "up", Observation: Observation{
			Services: map[string][]Instance{"web": {{State: "running", Health: "healthy", Log: []string{"a", "b", "b"}}}},
			Dialed:   map[string]string{"tcp 127.0.0.1:80": "hello"},
		}}}}
	}
	for name, test := range map[string]struct {
		change func(*Observation)
		want   []string
	}{
		"nothing":       {func(*Observation) {}, nil},
		"last words":    {func(o *Observation) { o.Says = "other" }, nil},
		"settings":      {func(o *Observation) { o.Services["web"][0].Settings = map[string]any{"a": 1} }, nil},
		"failure":       {func(o *Observation) { o.Failed, o.Says = true, "no" }, []string{"step 1, up: failed is true (no), and in truth false ()"}},
		"state":         {func(o *Observation) { o.Services["web"][0].State = "exited" }, []string{"step 1, up: web: exited with exit code 0, and in truth running with 0"}},
		"health":        {func(o *Observation) { o.Services["web"][0].Health = "" }, []string{`step 1, up: web: health "", and in truth "healthy"`}},
		"restarts":      {func(o *Observation) { o.Services["web"][0].Restarts = 1 }, []string{"step 1, up: web: 1 restarts, and in truth 0"}},
		"lost line":     {func(o *Observation) { o.Services["web"][0].Log = []string{"a", "b"} }, []string{`step 1, up: web: does not say "b"`}},
		"another line":  {func(o *Observation) { o.Services["web"][0].Log = []string{"a", "b", "b", "c"} }, []string{`step 1, up: web: says "c", which is not so in truth`}},
		"another order": {func(o *Observation) { o.Services["web"][0].Log = []string{"b", "a", "b"} }, []string{`step 1, up: web: says the same in another order: ["b" "a" "b"], and in truth ["a" "b" "b"]`}},
		"no service":    {func(o *Observation) { delete(o.Services, "web") }, []string{"step 1, up: web: 0 instances, and in truth 1"}},
		"more services": {func(o *Observation) { o.Services["db"] = []Instance{{}} }, []string{"step 1, up: db: 1 instances, and in truth 0"}},
		"a port":        {func(o *Observation) { o.Dialed["tcp 127.0.0.1:80"] = "refused" }, []string{`step 1, up: tcp 127.0.0.1:80 answers "refused", and in truth "hello"`}},
	} {
		t.Run(name, func(t *testing.T) {
			other := base()
			test.change(&other.Steps[0].Observation)
			if got := Differences(base(), other); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	if got := Differences(base(), Truth{}); !slices.Equal(got, []string{"0 steps, and in truth 1"}) {
		t.Errorf("no steps: %q", got)
	}
}

func TestNormalised(t *testing.T) {
	for line, want := range map[string]string{
		"from 10.214.3.2 to 172.18.0.5":  "from ADDRESS to ADDRESS",
		"192.168.7.9:80":                 "ADDRESS:80",
		"1.1.1.1 127.0.0.1 version 10.2": "1.1.1.1 127.0.0.1 version 10.2",
		"container 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef": "container ID",
	} {
		if got := normalised(line); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

func TestSaid(t *testing.T) {
	if got := said(true, "no\r"); got != "stderr: no" {
		t.Errorf("%q", got)
	}
	if got := said(false, "\ttext "); got != "\ttext " {
		t.Errorf("%q", got)
	}
}

func TestInstancesHaveAnOrder(t *testing.T) {
	a := Instance{State: "exited", Exit: 1}
	b := Instance{State: "running", Log: []string{"a"}}
	c := Instance{State: "running", Log: []string{"b"}}
	got := sorted([]Instance{c, b, a})
	if got[0].Exit != 1 || got[1].Log[0] != "a" || got[2].Log[0] != "b" {
		t.Errorf("%+v", got)
	}
}

func TestUnexplained(t *testing.T) {
	c := Case{Differs: map[string]string{"^step 1.*says": "why", "gone": "why"}}
	got, err := c.Unexplained([]string{"step 1, up: web: says x", "step 2, up: web: says x"})
	if err != nil || len(got) != 2 || !strings.HasPrefix(got[0], `is not different any more: take "gone" out`) || !strings.HasPrefix(got[1], "step 2") {
		t.Errorf("%q %v", got, err)
	}
	if _, err := (Case{Differs: map[string]string{"(": ""}}).Unexplained(nil); err == nil {
		t.Error("an expression that is none is taken")
	}
}

func TestQuoted(t *testing.T) {
	for value, want := range map[string]string{"A=b": "A=b", "A=b, c": `"A=b, c"`, `A="x"`: `"A=""x"""`} {
		if got := quoted(value); got != want {
			t.Errorf("%s: %s, want %s", value, got, want)
		}
	}
}
