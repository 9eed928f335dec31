package logstore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const segmentDigits = 10

// segmentPath is the file of a segment. Sequence numbers begin at 1 and are never used again, so that a number tells
// readers for ever what they have read. (json-file renames its files at rotation instead, and readers lost their place:
// moby#37646.)
func segmentPath(dir string, seq uint64) string {
	return filepath.Join(dir, fmt.Sprintf("%0*d.log", segmentDigits, seq))
}

// listSegments returns the sequence numbers in a folder in order; none when the folder does not exist.
func listSegments(dir string) ([]uint64, error) {
	f, err := os.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	names, err := f.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	seqs := make([]uint64, 0, len(names))
	for _, name := range names {
		digits, ok := strings.CutSuffix(name, ".log")
		if !ok || len(digits) != segmentDigits {
			continue
		}
		if seq, err := strconv.ParseUint(digits, 10, 64); err == nil {
			seqs = append(seqs, seq)
		}
	}
	slices.Sort(seqs)
	return seqs, nil
}
