package socket

import (
	"encoding/binary"
	"errors"
	"io"
	"sync"
)

// Frame says what a piece of a stream is. A piece has Docker's header of an attached container (Engine API, "Attach to a
// container"): one byte for the kind, three that are zero, and the length in four.
type Frame byte

// The kinds of pieces. Docker's own are the first four.
const (
	FrameStdin Frame = iota // an empty one is its end
	FrameStdout
	FrameStderr
	FrameFailure // why the stream ends without a result
	FrameResult  // protocol.ExecResult as JSON, the last one
	FrameResize  // protocol.Size as JSON: the terminal's new one
)

const (
	frameHeader = 8
	frameMax    = 64 << 10
)

// Frames writes pieces to a stream, from any goroutine.
type Frames struct {
	mu    sync.Mutex
	to    io.Writer
	piece []byte
}

// FramesTo writes to a stream.
func FramesTo(to io.Writer) *Frames { return &Frames{to: to} }

// Write writes one piece, or several of a long text.
func (f *Frames) Write(kind Frame, text []byte) error {
	for {
		n := min(len(text), frameMax)
		if err := f.write(kind, text[:n]); err != nil {
			return err
		}
		if text = text[n:]; len(text) == 0 {
			return nil
		}
	}
}

func (f *Frames) write(kind Frame, text []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.piece = append(f.piece[:0], byte(kind), 0, 0, 0)
	f.piece = binary.BigEndian.AppendUint32(f.piece, uint32(len(text))) //nolint:gosec // at most frameMax
	f.piece = append(f.piece, text...)
	_, err := f.to.Write(f.piece)
	return err
}

// As is a writer of one kind of pieces.
func (f *Frames) As(kind Frame) io.Writer { return frameWriter{f, kind} }

type frameWriter struct {
	frames *Frames
	kind   Frame
}

func (w frameWriter) Write(text []byte) (int, error) {
	if len(text) == 0 {
		return 0, nil // an empty piece is an end
	}
	return len(text), w.frames.Write(w.kind, text)
}

// ReadFrame reads the next piece.
func ReadFrame(from io.Reader) (kind Frame, text []byte, err error) {
	var header [frameHeader]byte
	if _, err := io.ReadFull(from, header[:]); err != nil {
		return 0, nil, err
	}
	length := binary.BigEndian.Uint32(header[4:])
	if length > frameMax {
		return 0, nil, errors.New("a piece of a stream is too long")
	}
	text = make([]byte, length)
	_, err = io.ReadFull(from, text)
	return Frame(header[0]), text, err
}
