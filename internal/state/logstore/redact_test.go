package logstore

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func bytesOf(list ...string) [][]byte {
	var b [][]byte
	for _, s := range list {
		b = append(b, []byte(s))
	}
	return b
}

// redactWhole is what redaction means, without chunks: every byte of an occurrence is covered, and each run of
// occurrences that overlap is one ***.
func redactWhole(secrets [][]byte, text []byte) []byte {
	end := make([]int, len(text)) // where the longest occurrence that begins here ends
	for _, s := range secrets {
		for i := range text {
			if bytes.HasPrefix(text[i:], s) {
				end[i] = max(end[i], i+len(s))
			}
		}
	}
	var out []byte
	for i := 0; i < len(text); {
		if end[i] == 0 {
			out = append(out, text[i])
			i++
			continue
		}
		out = append(out, redacted...)
		to := end[i]
		for i++; i < to; i++ {
			to = max(to, end[i])
		}
	}
	return out
}

// redactChunks passes a text through a redactor as Copy does.
func redactChunks(secrets [][]byte, chunks [][]byte) []byte {
	r := redactor{secrets: secrets}
	var held, out []byte
	for _, c := range chunks {
		raw := slices.Concat(held, c)
		out = append(out, r.next(raw, false)...)
		held = bytes.Clone(raw[len(raw)-r.hold:])
	}
	return append(out, r.next(held, true)...)
}

func TestRedact(t *testing.T) {
	for _, c := range []struct {
		name, secrets, text, want string
	}{
		{"none", "hunter2", "nothing here", "nothing here"},
		{"one", "hunter2", "password=hunter2;", "password=***;"},
		{"twice", "hunter2", "hunter2hunter2", "******"},
		{"at both ends", "ab", "ab cd ab", "*** cd ***"},
		{"several", "ab cd", "ab cd ef", "*** *** ef"},
		{"one in the other", "abcd bc", "abcd bc", "*** ***"},
		{"one overlaps the other", "abc bcd", "abcde", "***e"},
		{"overlaps itself", "aa", "aaaaa b", "*** b"},
		{"only begun", "secret", "secre", "secre"},
		{"begun twice", "aab", "aaab", "a***"},
		{"lines", "ab", "ab\nab\n", "***\n***\n"},
		{"of one byte", "a", "banana", "b***n***n***"},
	} {
		t.Run(c.name, func(t *testing.T) {
			secrets := bytesOf(strings.Fields(c.secrets)...)
			if got := redactWhole(secrets, []byte(c.text)); string(got) != c.want {
				t.Fatalf("the test's own idea is %q, want %q", got, c.want)
			}
			for i := 0; i <= len(c.text); i++ {
				for j := i; j <= len(c.text); j++ {
					got := redactChunks(secrets, bytesOf(c.text[:i], c.text[i:j], c.text[j:]))
					if string(got) != c.want {
						t.Fatalf("cut at %d and %d: got %q, want %q", i, j, got, c.want)
					}
				}
			}
		})
	}
}

func TestRedactHoldsNothingBackOfACompleteLine(t *testing.T) {
	r := redactor{secrets: bytesOf("secret")}
	if got := r.next([]byte("sec\n"), false); string(got) != "sec\n" {
		t.Fatalf("got %q", got)
	}
}

func TestRedactWithoutHitCopiesNothing(t *testing.T) {
	r := redactor{secrets: bytesOf("secret", "other")}
	text := []byte("a text without any\n")
	if got := r.next(text, false); &got[0] != &text[0] {
		t.Fatal("the text was copied")
	}
}

func TestCleanSecrets(t *testing.T) {
	got := cleanSecrets(bytesOf("", "one\n", "\n", "{\n  \"key\": 1\n}\n", "a\r\n"))
	want := bytesOf("one", "  \"key\": 1", "a")
	if !slices.EqualFunc(got, want, bytes.Equal) {
		t.Fatalf("got %q, want %q", got, want)
	}
}

// How a text is cut into chunks makes no difference.
func FuzzRedact(f *testing.F) {
	f.Add([]byte("ab"), []byte("bc"), []byte("abc abcbcab\nab"), []byte{1, 2, 3})
	f.Add([]byte("aa"), []byte("aaa"), []byte("aaaaaaaaaaaabaa"), []byte{1})
	f.Fuzz(func(t *testing.T, one, two, text, cuts []byte) {
		if len(text) > 1000 || len(one) > 50 || len(two) > 50 {
			return
		}
		secrets := cleanSecrets([][]byte{one, two})
		var chunks [][]byte
		rest := text
		for i := 0; len(rest) > 0; i++ {
			n := len(rest)
			if len(cuts) > 0 {
				n = min(n, 1+int(cuts[i%len(cuts)]))
			}
			chunks, rest = append(chunks, rest[:n]), rest[n:]
		}
		got, want := redactChunks(secrets, chunks), redactWhole(secrets, text)
		if !bytes.Equal(got, want) {
			t.Fatalf("secrets %q, chunks %q: got %q, want %q", secrets, chunks, got, want)
		}
	})
}
