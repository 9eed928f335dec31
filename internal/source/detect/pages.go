package detect

import (
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"slices"

	"dagger/stack/internal/source/detect/variables"
	"dagger/stack/internal/spec"
)

// served gives a backend that is built for production the files of the frontend, where its code says that it serves them: many do in
// production alone, and end or answer with errors where the files are not there.
func (found *Result) served(texts []variables.Text) {
	back, front := found.Backend, found.Frontend
	if back == nil || front == nil || back.Build.Ship == nil || front.Build.Ship == nil || front.Build.Ship.Static == "" {
		return
	}
	// express.static(path.join(__dirname, '/frontend/build')), path.resolve(__dirname, 'frontend', 'dist'), StaticFiles(directory="../web/dist")
	says := regexp.MustCompile(`\b` + regexp.QuoteMeta(path.Base(front.Dir)) + `['"]?\s*[,/]\s*['"]?/?(build|dist)\b`)
	for _, text := range found.reads(back).Of(texts) {
		match := says.FindStringSubmatch(text.Text)
		if match == nil || !slices.Contains([]string{".js", ".mjs", ".cjs", ".ts", ".py"}, path.Ext(text.File)) {
			continue
		}
		place := path.Join(front.Dir, match[1])
		to, err := filepath.Rel(back.Build.Dir, place)
		if err != nil { // both are of the project
			return
		}
		back.Build.Stages = append(back.Build.Stages, spec.Stage{Build: front.Build, From: front.Build.Ship.Static, To: filepath.ToSlash(to)})
		found.Notes = append(found.Notes, fmt.Sprintf("%s serves %s: the backend's image for production has what the frontend's build makes, too", text.File, place))
		return
	}
}
