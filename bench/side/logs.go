package side

import (
	"fmt"
	"strings"
)

// line is what the long logs consist of, and the records are what becomes of it: Docker's json-file wraps it in
// {"log":"…\n","stream":"stdout","time":"2006-01-02T15:04:05.999999999Z"}, the log store puts a CRI header before it.
var line = strings.Repeat("0123456789abcdef", 5)

const (
	jsonRecord = 80 + 75
	criRecord  = 80 + 41
)

func wantLines(text string, err error) error {
	if err != nil {
		return err
	}
	if n := strings.Count(text, line); n != 100 {
		return fmt.Errorf("a tail of 100 lines has %d", n)
	}
	return nil
}
