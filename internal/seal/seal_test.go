package seal

import (
	"strings"
	"testing"
)

// What is printed holds nothing of the text, and is the text again for who has asked.
func TestAnswer(t *testing.T) {
	want := "HXK2 the token\n" + strings.Repeat("postgresql://postgres:secret@localhost/app\n", 2000)
	var printed string
	got, err := Answer(func(public string) (string, error) {
		for line := range strings.Lines(want) {
			sealed, err := Seal(public, line)
			if err != nil {
				return "", err
			}
			printed += sealed
		}
		return printed, nil
	})
	if err != nil || got != want {
		t.Errorf("%.100q, %v", got, err)
	}
	if strings.Contains(printed, "secret") || strings.Contains(printed, "token") {
		t.Errorf("the text is in what is printed: %.200s", printed)
	}
	if _, err := Answer(func(string) (string, error) { return printed, nil }); err == nil {
		t.Error("what was sealed for one key can be opened with another")
	}
	if _, err := Answer(func(string) (string, error) { return "HXK2 the token\n", nil }); err == nil {
		t.Error("what is not sealed is taken")
	}
}
