package logstore

import (
	"bytes"
	"testing"
	"time"
)

func TestRecordIsCRI(t *testing.T) {
	at := time.Date(2026, 11, 23, 18, 4, 5, 60, time.FixedZone("", 3600))
	got := string(appendRecord(nil, at, Stderr, tagPartial, []byte("a b")))
	if want := "2026-11-23T17:04:05.000000060Z stderr P a b\n"; got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
}

func TestParse(t *testing.T) {
	const good = "2026-11-23T17:04:05.000000060Z stderr P a b"
	r, ok := parse([]byte(good))
	if !ok || !r.time.Equal(time.Date(2026, 11, 23, 17, 4, 5, 60, time.UTC)) || r.stream != Stderr || !r.partial || string(r.text) != "a b" {
		t.Fatalf("got %+v, %v", r, ok)
	}
	if r, ok := parse([]byte(good)[:headerLen]); !ok || len(r.text) != 0 {
		t.Error("a record without text is a record")
	}
	for _, bad := range []string{
		"", "x", good[:headerLen-1], "\x00" + good, " " + good,
		"2026-11-23T17:04:05.00000006Z stderr P a b ",
		"2026-11-23T17:04:05.000000060Z stdxxx F a b",
		"2026-11-23T17:04:05.000000060Z stdout X a b",
		"2026-11-23T17:04:05.000000060Z stdout F\ta b",
		"2026-13-23T17:04:05.000000060Z stdout F a b",
		"2026-00-23T17:04:05.000000060Z stdout F a b",
		"2026-02-30T17:04:05.000000060Z stdout F a b",
		"2026-11-23T24:04:05.000000060Z stdout F a b",
		"2026-11-23T17:60:05.000000060Z stdout F a b",
		"2026-11-23T17:04:60.000000060Z stdout F a b",
		"2026-11-23T17:04:05.00000/060Z stdout F a b",
		"2026-11-23 17:04:05.000000060Z stdout F a b",
		"2026-11-23T17:04:05.000000060z stdout F a b",
	} {
		if r, ok := parse([]byte(bad)); ok {
			t.Errorf("%q is taken for %+v", bad, r)
		}
	}
}

// What parse accepts is exactly what appendRecord writes.
func FuzzParse(f *testing.F) {
	f.Add([]byte("2026-11-23T17:04:05.000000060Z stderr P a b"))
	f.Add([]byte("2024-02-29T00:00:00.000000000Z stdout F "))
	f.Add([]byte("\x00\x002024-02-29T00:00:00.000000000Z stdout F "))
	f.Fuzz(func(t *testing.T, line []byte) {
		r, ok := parse(line)
		if !ok || bytes.IndexByte(line, '\n') >= 0 {
			return
		}
		tag := byte(tagFull)
		if r.partial {
			tag = tagPartial
		}
		if again := appendRecord(nil, r.time, r.stream, tag, r.text); string(again) != string(line)+"\n" {
			t.Fatalf("%q is written as %q", line, again)
		}
		std, err := time.Parse(timeLayout, string(line[:30]))
		if err != nil || !std.Equal(r.time) {
			t.Fatalf("%q: %v, time.Parse says %v, %v", line, r.time, std, err)
		}
	})
}
