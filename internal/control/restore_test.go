package control

import (
	"archive/tar"
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// Any file given to restore: it is a backup as it was written, or nothing is put anywhere but in its place.
func FuzzArchive(f *testing.F) {
	archive := func(files ...string) []byte {
		var out bytes.Buffer
		w := tar.NewWriter(&out)
		for i := 0; i < len(files); i += 2 {
			w.WriteHeader(&tar.Header{Name: files[i], Mode: 0o600, Size: int64(len(files[i+1]))})
			w.Write([]byte(files[i+1]))
		}
		w.Close()
		return out.Bytes()
	}
	f.Add(archive(manifestName, `{"format":1,"services":{"redis":{"file":"redis.rdb","sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}}`, "redis.rdb", ""))
	f.Add(archive(manifestName, `{"format":1,"services":{"redis":{"file":"../x","sha256":"1"}}}`, "../x", "evil"))
	f.Add(archive(manifestName, `{"format":2,"services":{"redis":{"file":"redis.rdb","sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}}`, "redis/redis.rdb", ""))
	f.Add(archive(manifestName, `{"format":3}`))
	f.Add(archive("other", "x"))
	f.Add([]byte("no archive"))
	f.Fuzz(func(t *testing.T, content []byte) {
		reader := tar.NewReader(bytes.NewReader(content))
		manifest, err := readManifest(reader)
		if err != nil {
			return
		}
		outer := t.TempDir()
		folder := filepath.Join(outer, "exchange")
		os.Mkdir(folder, 0o700)
		targets := map[string]string{}
		for name, dumped := range manifest.Services {
			targets[manifest.path(name)] = filepath.Join(folder, filepath.Base(dumped.File))
		}
		extract(reader, manifest, targets)
		if entries, _ := os.ReadDir(outer); len(entries) != 1 {
			t.Errorf("written outside of the folder: %v", entries)
		}
	})
}
