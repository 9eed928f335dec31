package logstore

import (
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestSecretsNeverReachTheFile(t *testing.T) {
	const secret = "correct horse"
	want := func(t *testing.T, dir string, lines ...string) {
		t.Helper()
		wantTexts(t, mustTail(t, dir, Query{}), lines...)
		_, contents := segmentsOf(t, dir)
		if strings.Contains(string(slices.Concat(contents...)), "horse") {
			t.Fatal("the secret is in the file")
		}
	}
	o := Options{Secrets: bytesOf(secret, "other")}
	t.Run("across chunks", func(t *testing.T) {
		dir := t.TempDir()
		w := mustOpen(t, dir, o)
		w.Copy(Stdout, chunks("a=correct", " ", "horse b=ot", "her\ncorrect"))
		want(t, dir, "a=*** b=***", "correct")
	})
	t.Run("across pieces", func(t *testing.T) {
		dir := t.TempDir()
		w := mustOpen(t, dir, o)
		w.Copy(Stdout, chunks(x(maxText-4)+secret+x(maxText)+"\n"))
		w.Copy(Stdout, chunks(x(maxText-4)+secret[:5], secret[5:]+"\n"))
		want(t, dir, x(maxText-4)+redacted+x(maxText), x(maxText-4)+redacted)
	})
	t.Run("across the end of a read", func(t *testing.T) {
		dir := t.TempDir()
		w := mustOpen(t, dir, o)
		text := x(readSize-4) + secret + x(readSize-4) + secret
		w.Copy(Stdout, strings.NewReader(text))
		want(t, dir, strings.ReplaceAll(text, secret, redacted))
	})
	t.Run("after a prompt", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			dir := t.TempDir()
			w := mustOpen(t, dir, o)
			r, child := io.Pipe()
			var done sync.WaitGroup
			done.Go(func() { w.Copy(Stdout, r) })
			io.WriteString(child, "key: correct ho")
			time.Sleep(2 * promptDelay)
			synctest.Wait()
			want(t, dir, "key: ")
			io.WriteString(child, "rse!\n")
			child.Close()
			done.Wait()
			want(t, dir, "key: ***!")
		})
	})
	t.Run("in a note", func(t *testing.T) {
		dir := t.TempDir()
		w := mustOpen(t, dir, o)
		w.Note("cannot use correct horse")
		want(t, dir, "[stack] cannot use ***")
	})
}

func TestTeeGetsTheRedactedBytes(t *testing.T) {
	dir := t.TempDir()
	teed := map[Stream]string{}
	note := ""
	w := mustOpen(t, dir, Options{
		Secrets: bytesOf("secret"), Tee: func(s Stream, chunk []byte) { teed[s] += string(chunk) }, TeeNotes: func(text []byte) { note += string(text) },
	})
	w.Copy(Stdout, chunks("a sec", "ret\nb\x00", "c"))
	w.Copy(Stderr, chunks("err\r\n"))
	w.Note("of a secret")
	if teed[Stdout] != "a ***\nb\x00c" || teed[Stderr] != "err\r\n" || note != "[stack] of a ***\n" {
		t.Fatalf("got %q, %q", teed, note)
	}
}
