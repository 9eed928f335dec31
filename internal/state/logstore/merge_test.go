package logstore

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestMerge(t *testing.T) {
	list := func(service string, seconds ...int) []Entry {
		var es []Entry
		for i, s := range seconds {
			es = append(es, Entry{Time: second(s), Service: service, Text: fmt.Append(nil, service, i)})
		}
		return es
	}
	a, b, c := list("a", 1, 2, 2, 5), list("b", 2, 3), list("c", 0, 2, 9)
	wantTexts(t, Merge(a, b, nil, c), "c0", "a0", "a1", "a2", "b0", "c1", "b1", "a3", "c2")
	wantTexts(t, Merge(), []string{}...)
	// One that is not in order of time stays in its own order.
	wantTexts(t, Merge(list("a", 5, 1), list("b", 2)), "b0", "a0", "a1")
	if len(a) != 4 || string(a[0].Text) != "a0" {
		t.Error("a list was changed")
	}
}

func TestTailAll(t *testing.T) {
	one := raw(t, rec(1, Stdout, tagFull, "one 1")+rec(4, Stdout, tagFull, "one 4"))
	two := raw(t, rec(2, Stderr, tagFull, "two 2"), rec(3, Stdout, tagFull, "two 3"))
	sources := []Source{{Service: "one", Dir: one}, {Service: "none", Dir: t.TempDir() + "/none"}, {Service: "two", Dir: two}}
	for _, c := range []struct {
		q    Query
		want []string
	}{
		{Query{}, []string{"one 1", "two 2", "two 3", "one 4"}},
		{Query{Tail: 3}, []string{"two 2", "two 3", "one 4"}},
		{Query{Tail: 9}, []string{"one 1", "two 2", "two 3", "one 4"}},
		{Query{Tail: -1}, nil},
		{Query{Tail: 1, Stream: Stderr}, []string{"two 2"}},
		{Query{Since: second(2), Until: second(3)}, []string{"two 2", "two 3"}},
	} {
		es, err := TailAll(sources, c.q)
		if err != nil {
			t.Fatal(err)
		}
		wantTexts(t, es, c.want...)
		for _, e := range es {
			if e.Service != string(e.Text[:3]) {
				t.Errorf("%q is of %q", e.Text, e.Service)
			}
		}
	}
}

// A source may begin later than the others, for Tail and for Follow.
func TestSourceSince(t *testing.T) {
	one := raw(t, rec(1, Stdout, tagFull, "one 1")+rec(4, Stdout, tagFull, "one 4"))
	two := raw(t, rec(2, Stderr, tagFull, "two 2")+rec(3, Stdout, tagFull, "two 3"))
	sources := []Source{{Service: "one", Dir: one, Since: second(2)}, {Service: "two", Dir: two, Since: second(1)}}
	es, err := TailAll(sources, Query{Since: second(3)})
	if err != nil {
		t.Fatal(err)
	}
	wantTexts(t, es, "two 3", "one 4")
	r := followAll(t, sources, Query{})
	r.wait(3)
	wantTexts(t, r.entries(), "two 2", "two 3", "one 4")
}

// An entry is the same JSON wherever it is shown; what is cut or goes on says so.
func TestLine(t *testing.T) {
	e := Entry{Time: epoch, Service: "web", Stream: Stdout, Text: []byte("prompt: "), Partial: true}
	for most, want := range map[int]string{
		8: `{"time":"2026-01-02T03:04:05.000000006Z","service":"web","stream":"stdout","text":"prompt: ","partial":true}`,
		6: `{"time":"2026-01-02T03:04:05.000000006Z","service":"web","stream":"stdout","text":"prompt","partial":true,"cut":2}`,
	} {
		if got, err := json.Marshal(e.Line(most)); err != nil || string(got) != want {
			t.Errorf("%d bytes: %s, %v", most, got, err)
		}
	}
	if got := string(AppendJSON(nil, &e)); got != `{"time":"2026-01-02T03:04:05.000000006Z","service":"web","stream":"stdout","text":"prompt: ","partial":true}`+"\n" {
		t.Errorf("%s", got)
	}
}

func TestRender(t *testing.T) {
	es := []Entry{
		{Time: time.Date(2026, 1, 2, 3, 4, 5, 60, time.FixedZone("", 3600)), Service: "db", Stream: Stderr, Text: []byte("<a> \x1b[31m\xff\x00\"")},
		{Time: epoch, Service: "backend", Stream: Stdout},
	}
	render := func(f func([]byte, *Entry) []byte) string {
		b := []byte("> ")
		for i := range es {
			b = f(b, &es[i])
		}
		return string(b)
	}
	width := Width("db", "backend")
	for _, c := range []struct{ got, want string }{
		{render(Text{}.Append), "> <a> \x1b[31m\xff\x00\"\n\n"},
		{render(Text{Timestamps: true}.Append),
			"> 2026-01-02T02:04:05.00000006Z <a> \x1b[31m\xff\x00\"\n2026-01-02T03:04:05.000000006Z \n"},
		{render(Text{Width: width}.Append), "> db      | <a> \x1b[31m\xff\x00\"\nbackend | \n"},
		{render(Text{Width: width, Timestamps: true}.Append),
			"> db      | 2026-01-02T02:04:05.00000006Z <a> \x1b[31m\xff\x00\"\nbackend | 2026-01-02T03:04:05.000000006Z \n"},
		{render(AppendJSON),
			`> {"time":"2026-01-02T02:04:05.00000006Z","service":"db","stream":"stderr","text":"<a> \u001b[31m\ufffd\u0000\""}` + "\n" +
				`{"time":"2026-01-02T03:04:05.000000006Z","service":"backend","stream":"stdout","text":""}` + "\n"},
	} {
		if c.got != c.want {
			t.Errorf("got  %q\nwant %q", c.got, c.want)
		}
	}
	if !slices.Equal([]int{Width(), Width("a")}, []int{0, 1}) {
		t.Error("Width")
	}
}
