package detect

import (
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"dagger/stack/internal/source/detect/tree"
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
	mine := found.reads(back).Of(texts)
	found.apart(mine)
	// express.static(path.join(__dirname, '/frontend/build')), path.resolve(__dirname, 'frontend', 'dist'), StaticFiles(directory="../web/dist")
	says := regexp.MustCompile(`\b` + regexp.QuoteMeta(path.Base(front.Dir)) + `['"]?\s*[,/]\s*['"]?/?(build|dist)\b`)
	for _, text := range mine {
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

// apart leaves the frontend's folder out of the image of a backend that has it in its own, unless the backend's code names the folder for something
// else than what its build makes.
func (found *Result) apart(texts []variables.Text) {
	back, front := found.Backend, found.Frontend
	below, inside := strings.CutPrefix(front.Dir, back.Dir+"/")
	if back.Dir == "." {
		below, inside = front.Dir, front.Dir != "."
	}
	says := regexp.MustCompile(`['"/]` + regexp.QuoteMeta(path.Base(front.Dir)) + `['"/](?:\s*[,/]?\s*['"]?/?(build|dist))?`)
	for _, text := range texts {
		for _, match := range says.FindAllStringSubmatch(text.Text, -1) {
			inside = inside && (match[1] != "" || path.Base(text.File) == "package.json")
		}
	}
	if !inside {
		return
	}
	for i, folder := range back.Build.Ship.Copies {
		if folder.To == back.Build.Target {
			at := path.Join(tree.Relative(back.Build.Dir, back.Dir), below)
			back.Build.Ship.Copies[i].Without = append(slices.Clip(folder.Without), at)
		}
	}
}
