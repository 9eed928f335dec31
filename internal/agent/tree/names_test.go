package tree

import (
	"encoding/json"
	"reflect"
	"testing"
)

// A name that is no text comes through JSON as it is: agents and calls tell each other of files in it.
func TestNamesOfBytes(t *testing.T) {
	t.Parallel()
	tree := Tree{"caf\xe9.txt": "644 x", "café": "644 y", "link": "link to/\xff"}
	change := Change{Added: Names{"a\xe9", "b"}, Deleted: Names{"\xff\xfe"}}
	for _, row := range []struct{ from, to any }{{&tree, &Tree{}}, {&change, &Change{}}, {&Change{}, &Change{Added: Names{"old"}}}} {
		text, err := json.Marshal(row.from)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, row.to); err != nil || !reflect.DeepEqual(row.from, row.to) {
			t.Errorf("%s: %+v, %v, want %+v", text, row.to, err, row.from)
		}
	}
	var none Tree
	if text, err := json.Marshal(none); err != nil || string(text) != "null" {
		t.Errorf("no tree is %s, %v", text, err)
	}
	if err := json.Unmarshal([]byte("null"), &none); err != nil || none != nil {
		t.Errorf("%v, %v", none, err)
	}
}
