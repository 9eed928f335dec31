package command

import (
	"io"
	"unicode/utf8"
)

// text passes on what is written to it, and knows whether that is UTF-8. The answer of a Dagger function is.
type text struct {
	to    io.Writer
	begun []byte // of a character
	wrong bool
}

func (t *text) Write(p []byte) (int, error) {
	if !t.wrong {
		all := append(t.begun, p...)
		end := len(all)
		for i := max(0, end-utf8.UTFMax+1); i < end; i++ {
			if utf8.RuneStart(all[i]) && !utf8.FullRune(all[i:]) {
				end = i
			}
		}
		t.wrong = !utf8.Valid(all[:end])
		t.begun = append([]byte(nil), all[end:]...)
	}
	return t.to.Write(p)
}

// broken tells whether what was written is no UTF-8, or ends in the middle of a character.
func (t *text) broken() bool { return t.wrong || len(t.begun) > 0 }
