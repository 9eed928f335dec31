package compose

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

// Truth is what was seen of a case, step by step.
type Truth struct {
	Warns []string `json:"warns,omitempty"` // what compose says while it reads the files; recorded, not compared
	Steps []Seen   `json:"steps"`
	// Config is how compose understands the files before the first step: what `docker compose config` prints. Empty, if compose refuses them.
	Config string `json:"-"`
}

// truthFile and configFile are where the truth of a case is, in its folder.
const (
	truthFile  = "truth.json"
	configFile = "config.json"
)

// Seen is what was seen after one step.
type Seen struct {
	Step string `json:"step"`
	Observation
}

// Observation is the state of a project when nothing changes any more.
type Observation struct {
	Failed   bool                  `json:"failed,omitempty"` // the command said that it did not succeed
	Says     string                `json:"says,omitempty"`   // its last words then; recorded, not compared
	Services map[string][]Instance `json:"services,omitempty"`
	Dialed   map[string]string     `json:"dialed,omitempty"` // the case's Dial, and what was read there
}

// Instance is one container of a service.
type Instance struct {
	State    string   `json:"state"` // created, running, exited
	Exit     int      `json:"exit"`
	Health   string   `json:"health,omitempty"` // starting, healthy, unhealthy, or none
	Restarts int      `json:"restarts,omitempty"`
	Log      []string `json:"log"` // since the step before; what came on stderr begins with "stderr: "
	// Settings are what no service can see: recorded, not compared.
	Settings map[string]any `json:"settings,omitempty"`
}

// volatile is what differs between two runs on one side, or by nature between the sides.
var volatile = []struct {
	what *regexp.Regexp
	name string
}{
	{regexp.MustCompile(`\b(?:10|172|192\.168)(?:\.\d{1,3}){2,3}\b`), "ADDRESS"},
	{regexp.MustCompile(`\b[0-9a-f]{64}\b`), "ID"},
	{regexp.MustCompile(`\bhook container [0-9a-f]{12}\b`), "hook container ID"},
}

// normalised is a line without what differs between two runs.
func normalised(line string) string {
	for _, v := range volatile {
		line = v.what.ReplaceAllString(line, v.name)
	}
	return line
}

// sorted puts the instances of a service into an order that does not depend on which was first.
func sorted(instances []Instance) []Instance {
	slices.SortFunc(instances, func(a, b Instance) int {
		return cmp.Or(cmp.Compare(a.State, b.State), cmp.Compare(a.Exit, b.Exit), slices.Compare(a.Log, b.Log),
			cmp.Compare(fmt.Sprint(a.Settings["container"]), fmt.Sprint(b.Settings["container"])))
	})
	return instances
}

// strict decodes JSON that may have no unknown field.
func strict(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// Recorded is the truth in a case's folder.
func Recorded(folder string) (truth Truth, err error) {
	text, err := os.ReadFile(filepath.Join(folder, truthFile))
	if err != nil {
		return truth, err
	}
	if err := strict(text, &truth); err != nil {
		return truth, fmt.Errorf("%s: %s: %w", filepath.Base(folder), truthFile, err)
	}
	config, err := os.ReadFile(filepath.Join(folder, configFile))
	if errors.Is(err, fs.ErrNotExist) {
		return truth, nil
	}
	truth.Config = string(config)
	return truth, err
}

// Record writes the truth into a case's folder.
func Record(folder string, truth Truth) error {
	text, err := Encode(truth)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, truthFile), text, 0o644); err != nil {
		return err
	}
	config := filepath.Join(folder, configFile)
	if truth.Config != "" {
		return os.WriteFile(config, []byte(truth.Config), 0o644)
	}
	if err := os.Remove(config); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Encode is a truth as it is in its file.
func Encode(truth Truth) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(truth)
	return text.Bytes(), err
}
