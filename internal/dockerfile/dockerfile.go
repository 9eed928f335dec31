// Package dockerfile changes Dockerfiles where Dagger builds them otherwise than Docker does.
package dockerfile

import (
	"strings"

	"dagger/stack/internal/lazyregexp"
)

// Path and Contexts are where a build finds what is put into its context: the Dockerfile, where that has to be another file
// than the project's, and additional contexts, a folder each.
const (
	Path     = ".stack.Dockerfile"
	Contexts = ".stack-contexts"
)

// Change is what a build has that Dagger has no word for.
type Change struct {
	// Secrets are new names of build secrets, by the old ones: Dagger gives two builds of a session that name a secret alike the
	// first one's value.
	Secrets map[string]string
	// SSH: the build has an SSH agent, which Dagger hands out under the name default alone: each mount of one gets that one.
	SSH bool
	// Images are additional contexts, by name: Dagger looks `COPY --from=NAME` up as an image. Folders are those that lie in
	// Contexts.
	Images  map[string]string
	Folders []Folder
}

// Folder is an additional context that becomes a stage. One with the files of a built image says what the image says, in instructions.
type Folder struct {
	Name string
	Says []string
}

var (
	secretMount = lazyregexp.New(`--mount=\S*type=secret\S*`)
	secretID    = lazyregexp.New(`\b(id|source|src)=([^,\s]+)`)
	sshMount    = lazyregexp.New(`--mount=\S*type=ssh\S*`)
	sshID       = lazyregexp.New(`\bid=[^,\s]+`)
	firstStage  = lazyregexp.New(`(?mi)^[ \t]*FROM[ \t]`)
)

// Rewrite is a Dockerfile with the changes in it.
func (c Change) Rewrite(text string) string {
	if len(c.Secrets) > 0 {
		text = secretMount.ReplaceAllStringFunc(text, c.secret)
	}
	if c.SSH {
		text = sshMount.ReplaceAllStringFunc(text, func(mount string) string { return sshID.ReplaceAllString(mount, "id=default") })
	}
	var stages strings.Builder
	for name, image := range sorted(c.Images) {
		stages.WriteString("FROM " + image + " AS " + name + "\n")
	}
	for _, folder := range c.Folders {
		stages.WriteString("FROM scratch AS " + folder.Name + "\nCOPY " + Contexts + "/" + folder.Name + " /\n")
		for _, line := range folder.Says {
			stages.WriteString(line + "\n")
		}
	}
	at := firstStage.FindStringIndex(text)
	if stages.Len() == 0 || at == nil {
		return text
	}
	return text[:at[0]] + stages.String() + text[at[0]:]
}

// secret renames the secret of a mount. A mount without a target lies where the old name says.
func (c Change) secret(mount string) string {
	old := ""
	renamed := secretID.ReplaceAllStringFunc(mount, func(pair string) string {
		key, id, _ := strings.Cut(pair, "=")
		name, known := c.Secrets[id]
		if !known {
			return pair
		}
		old = id
		return key + "=" + name
	})
	for _, key := range []string{"target=", "dst=", "destination=", "env="} {
		if old == "" || strings.Contains(mount, key) {
			return renamed
		}
	}
	return renamed + ",target=/run/secrets/" + old
}
