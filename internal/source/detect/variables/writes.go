package variables

import (
	"fmt"

	"dagger/stack/internal/lazyregexp"
)

// Calls by which programs make files and folders beside their source: folders of uploads, logs, caches.
var (
	pythonWrites = lazyregexp.New(`\bos\.(?:makedirs|mkdir)\(|\.mkdir\(|\b\w*FileHandler\(|\bUPLOAD_FOLDER\b|\bopen\(\s*f?["'][^/"'][^"']*["']\s*,\s*["'][wax]`)
	nodeWrites   = lazyregexp.New(`\bmkdir(?:Sync)?\(|\bensureDir(?:Sync)?\(|\bmkdirp(?:\.sync)?\(|\bcreateWriteStream\(|\b(?:writeFile|appendFile)(?:Sync)?\(|\bdiskStorage\(|\bmulter\(\s*\{\s*dest|\btransports\.(?:Daily)?(?:Rotate)?File\(|\bDailyRotateFile\(`)
	goWrites     = lazyregexp.New(`\bos\.(?:MkdirAll|Mkdir|Create|OpenFile|WriteFile)\(|\.SaveUploadedFile\(|\blumberjack\.Logger\b`)
)

// Writes is the first place where a service's own code makes files or folders, "" if it makes none.
func Writes(own []Text) (place string) {
	for _, t := range own {
		pattern, comment := nodeWrites, "//"
		switch {
		case python(t.File):
			pattern, comment = pythonWrites, "#"
		case golang(t.File):
			pattern = goWrites
		case !javaScript(t.File):
			continue
		}
		matches(pattern, t, comment, func(r Read, _ map[string]string, _ string) {
			if place == "" {
				place = fmt.Sprintf("%s:%d", t.File, r.Line)
			}
		})
		if place != "" {
			return place
		}
	}
	return ""
}
