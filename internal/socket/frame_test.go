package socket

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

func TestFrames(t *testing.T) {
	t.Parallel()
	var stream bytes.Buffer
	frames, long := FramesTo(&stream), bytes.Repeat([]byte("0123456789"), frameMax/5)
	for _, write := range []func() error{
		func() error { return frames.Write(FrameStdin, nil) },
		func() error { _, err := frames.As(FrameStdout).Write(long); return err },
		func() error { _, err := frames.As(FrameStderr).Write(nil); return err },
		func() error { return frames.Write(FrameResult, []byte("{}")) },
	} {
		if err := write(); err != nil {
			t.Fatal(err)
		}
	}
	got := map[Frame][]byte{}
	for {
		kind, text, err := ReadFrame(&stream)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got[kind] = append(got[kind], text...)
	}
	if len(got) != 3 || len(got[FrameStdin]) != 0 || !bytes.Equal(got[FrameStdout], long) || string(got[FrameResult]) != "{}" {
		t.Errorf("%d kinds: %q", len(got), got[FrameResult])
	}
	for _, bad := range [][]byte{{1, 0, 0, 0, 255, 0, 0, 0}, {1, 0, 0}, {1, 0, 0, 0, 0, 0, 0, 9, 'x'}} {
		if _, _, err := ReadFrame(bytes.NewReader(bad)); err == nil {
			t.Errorf("% x is a piece", bad)
		}
	}
}
