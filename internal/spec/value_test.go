package spec

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"
)

func TestLiteral(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		value Value
		want  string
		ok    bool
	}{
		{nil, "", true},
		{Value{Text("a")}, "a", true},
		{Value{Text("a"), Text(""), Text("b")}, "ab", true},
		{Value{Text("a"), SecretPart("s", Plain)}, "", false},
		{Value{NumberPart(Number{}), Text("a")}, "", false},
		{Value{OwnAddress}, "", false},
		{Value{Text("http://"), {Published: "backend"}}, "", false},
	} {
		if got, ok := row.value.Literal(); got != row.want || ok != row.ok {
			t.Errorf("%+v: %q %v, want %q %v", row.value, got, ok, row.want, row.ok)
		}
	}
}

func TestSecretsOfAValue(t *testing.T) {
	t.Parallel()
	value := Value{Text("a"), SecretPart("one", URL), OwnAddress, SecretPart("two", Plain), SecretPart("one", SQL)}
	if got := fmt.Sprint(value.Secrets()); got != "[one two one]" {
		t.Errorf("secrets %s", got)
	}
	if got := (Value{Text("a")}).Secrets(); got != nil {
		t.Errorf("secrets %v of a text", got)
	}
}

// A service's container gets each secret that one of the service's values uses: of all fields that travel to the agent, also
// of those that come later.
func TestSecretsOfAService(t *testing.T) {
	t.Parallel()
	if got := (Service{}).Secrets(); len(got) != 0 {
		t.Errorf("secrets %v of nothing", got)
	}
	var s Service
	var want []string
	fill(reflect.ValueOf(&s).Elem(), "service", &want)
	slices.Sort(want)
	if len(want) < 7 || !slices.Contains(want, "service.Process.Env.Value") {
		t.Fatalf("values found: %v", want)
	}
	if got := s.Secrets(); !reflect.DeepEqual(got, want) {
		t.Errorf("secrets %v, want %v", got, want)
	}
	s.Files = append(s.Files, s.Files...)
	if got := s.Secrets(); !reflect.DeepEqual(got, want) {
		t.Errorf("the same twice: secrets %v, want %v", got, want)
	}
}

// fill puts a secret with the name of its path into each Value of what travels to the agent.
func fill(at reflect.Value, path string, names *[]string) {
	if at.Type() == reflect.TypeFor[Value]() {
		at.Set(reflect.ValueOf(Value{SecretPart(path, Plain)}))
		*names = append(*names, path)
		return
	}
	switch at.Kind() {
	case reflect.Struct:
		for i := range at.NumField() {
			if field := at.Type().Field(i); field.Tag.Get("json") != "-" {
				fill(at.Field(i), path+"."+field.Name, names)
			}
		}
	case reflect.Pointer:
		at.Set(reflect.New(at.Type().Elem()))
		fill(at.Elem(), path, names)
	case reflect.Slice:
		at.Set(reflect.MakeSlice(at.Type(), 1, 1))
		fill(at.Index(0), path, names)
	}
}

// Values leaves the service as it is, also where there is room behind its lists.
func TestValuesStayAsTheyAre(t *testing.T) {
	t.Parallel()
	room := make([]Value, 1, 9)
	room[0] = Value{Text("option")}
	env := make([]Variable, 1, 9)
	env[0] = Env("A", "env")
	s := Service{
		Process: Process{Options: room, Env: env}, Container: Container{PreStop: []Command{{Env: []Variable{Env("B", "stop")}}}},
		Backup: &Backup{Env: []Variable{Env("C", "backup")}},
	}
	var got []string
	for _, value := range s.Values() {
		text, _ := value.Literal()
		got = append(got, text)
	}
	if fmt.Sprint(got) != "[option env stop backup]" {
		t.Errorf("values %v", got)
	}
	if room[:2][1] != nil || env[:2][1].Name != "" {
		t.Errorf("behind the lists: %v %v", room[:2], env[:2])
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	first := []Variable{Env("A", "1"), Env("B", "1")}
	second := []Variable{Env("C", "2"), {Name: "A", Default: true}}
	for _, row := range []struct{ got, want []Variable }{
		{Merge(), nil},
		{Merge(nil, nil), nil},
		{Merge(first), first},
		{Merge(first, nil, second), []Variable{Env("B", "1"), Env("C", "2"), {Name: "A", Default: true}}},
		{Merge([]Variable{Env("A", "1"), Env("A", "2")}), []Variable{Env("A", "2")}},
	} {
		if !reflect.DeepEqual(row.got, row.want) {
			t.Errorf("got %+v, want %+v", row.got, row.want)
		}
	}
	if !reflect.DeepEqual(first, []Variable{Env("A", "1"), Env("B", "1")}) {
		t.Errorf("the first list has become %+v", first)
	}
}

// A value comes into the container as it is; what only the stack's own functions know does not.
func TestValueJSON(t *testing.T) {
	t.Parallel()
	value := Value{
		Text("a"), SecretPart("s", Quoted), OwnAddress,
		NumberPart(Number{Of: []Measure{{Limit: Memory, Percent: 50, Less: 1, Per: 2}, {Limit: Pids}}, AtLeast: 3, AtMost: 4}),
	}
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"text":"a"},{"secret":{"name":"s","encoding":"quoted"}},{"address":true},` +
		`{"number":{"of":[{"limit":"memory","percent":50,"less":1,"per":2},{"limit":"pids"}],"atLeast":3,"atMost":4}}]`
	if string(data) != want {
		t.Errorf("%s, want %s", data, want)
	}
	var got Value
	if err := json.Unmarshal(data, &got); err != nil || !reflect.DeepEqual(got, value) {
		t.Errorf("%+v %v, want %+v", got, err, value)
	}
	if data, _ := json.Marshal(Part{Published: "backend"}); string(data) != "{}" {
		t.Errorf("a published address: %s", data)
	}
}
