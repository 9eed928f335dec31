package tree

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// raw begins the JSON of a name that is no text: a file may be called by any bytes, and JSON has text alone. No name has it.
const raw = "\x00"

func encode(name string) string {
	if utf8.ValidString(name) {
		return name
	}
	return raw + base64.RawStdEncoding.EncodeToString([]byte(name))
}

func decode(name string) string {
	text, encoded := strings.CutPrefix(name, raw)
	if !encoded {
		return name
	}
	whole, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return name
	}
	return string(whole)
}

// MarshalJSON keeps names, and targets of links, as they are, whatever bytes they have.
func (t Tree) MarshalJSON() ([]byte, error) {
	if t == nil {
		return []byte("null"), nil
	}
	encoded := make(map[string]string, len(t))
	for name, says := range t {
		encoded[encode(name)] = encode(says)
	}
	return json.Marshal(encoded)
}

func (t *Tree) UnmarshalJSON(data []byte) error {
	var encoded map[string]string
	if err := json.Unmarshal(data, &encoded); err != nil || encoded == nil {
		*t = nil
		return err
	}
	*t = make(Tree, len(encoded))
	for name, says := range encoded {
		(*t)[decode(name)] = decode(says)
	}
	return nil
}

// Names are paths of files, which keep their bytes in JSON.
type Names []string

func (n Names) MarshalJSON() ([]byte, error) {
	encoded := make([]string, len(n))
	for i, name := range n {
		encoded[i] = encode(name)
	}
	return json.Marshal(encoded)
}

func (n *Names) UnmarshalJSON(data []byte) error {
	var encoded []string
	if err := json.Unmarshal(data, &encoded); err != nil {
		return err
	}
	*n = nil
	for _, name := range encoded {
		*n = append(*n, decode(name))
	}
	return nil
}
