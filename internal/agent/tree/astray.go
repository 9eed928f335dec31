package tree

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Astray are the symbolic links of a folder that lead out of it to where nothing is, as NAME -> TARGET. Folders that skip says yes to
// are not looked into.
func Astray(folder string, skip func(path string) bool) (links []string, err error) {
	return links, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != folder && skip(path):
			return filepath.SkipDir
		case entry.Type()&fs.ModeSymlink == 0:
			return nil
		}
		target, err := os.Readlink(path)
		if err != nil {
			return err
		}
		to := target
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		if _, err := os.Stat(path); err == nil || to == folder || strings.HasPrefix(to, folder+"/") {
			return nil
		}
		name, err := filepath.Rel(folder, path)
		links = append(links, name+" -> "+target)
		return err
	})
}
