package static

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// least is how large a file has to be for a small copy to be worth its place.
const least = 1024

// texts are the endings of files that become much smaller.
var texts = []string{".html", ".js", ".mjs", ".cjs", ".css", ".json", ".svg", ".xml", ".txt", ".wasm", ".webmanifest", ".ttf", ".otf", ".ico", ".md", ".csv"}

// Compress puts a file NAME.gz beside each file of a folder that is smaller so.
func Compress(root string) error {
	return filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || !slices.Contains(texts, strings.ToLower(filepath.Ext(name))) {
			return err
		}
		if _, err := os.Stat(name + ".gz"); err == nil {
			return nil // the project's own
		}
		text, err := os.ReadFile(name)
		if err != nil || len(text) < least {
			return err
		}
		var small bytes.Buffer
		to, err := gzip.NewWriterLevel(&small, gzip.BestCompression)
		if err != nil {
			return err
		}
		if _, err := to.Write(text); err != nil {
			return err
		}
		if err := to.Close(); err != nil || small.Len() > len(text)*9/10 {
			return err
		}
		return os.WriteFile(name+".gz", small.Bytes(), 0o644)
	})
}
