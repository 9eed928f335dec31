package dockerfile

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestRewrite(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change     Change
		text, want string
	}{
		"nothing": {Change{}, "FROM a\nRUN --mount=type=secret,id=x cat", "FROM a\nRUN --mount=type=secret,id=x cat"},
		"a secret stays where it was": {Change{Secrets: map[string]string{"x": "x-web"}},
			"FROM a\nRUN --mount=type=secret,id=x cat /run/secrets/x",
			"FROM a\nRUN --mount=type=secret,id=x-web,target=/run/secrets/x cat /run/secrets/x"},
		"a secret with a target": {Change{Secrets: map[string]string{"x": "x-web"}},
			"RUN --mount=id=x,type=secret,target=/root/.npmrc npm ci", "RUN --mount=id=x-web,type=secret,target=/root/.npmrc npm ci"},
		"a secret as a variable": {Change{Secrets: map[string]string{"x": "x-web"}},
			"RUN --mount=type=secret,id=x,env=TOKEN npm ci", "RUN --mount=type=secret,id=x-web,env=TOKEN npm ci"},
		"another secret": {Change{Secrets: map[string]string{"x": "x-web"}}, "RUN --mount=type=secret,id=xy cat", "RUN --mount=type=secret,id=xy cat"},
		"agents": {Change{SSH: true}, "RUN --mount=type=ssh,id=github,required=true --mount=type=ssh git id=a\nRUN --mount=id=b,type=ssh x",
			"RUN --mount=type=ssh,id=default,required=true --mount=type=ssh git id=a\nRUN --mount=id=default,type=ssh x"},
		"contexts": {Change{Images: map[string]string{"base": "alpine:3"}, Folders: []Folder{{Name: "lib"}}},
			"# syntax=docker/dockerfile:1\nARG V=1\nfrom a:$V\nCOPY --from=base /x /x\nCOPY --from=lib /y /y\n",
			"# syntax=docker/dockerfile:1\nARG V=1\nFROM alpine:3 AS base\nFROM scratch AS lib\nCOPY .stack-contexts/lib /\nfrom a:$V\nCOPY --from=base /x /x\nCOPY --from=lib /y /y\n"},
		"the build of a service": {Change{Folders: []Folder{{"base", []string{`ENV A="b"`, "USER app"}}}}, "FROM base\n",
			"FROM scratch AS base\nCOPY .stack-contexts/base /\nENV A=\"b\"\nUSER app\nFROM base\n"},
		"no stage": {Change{Folders: []Folder{{Name: "lib"}}}, "# FROM a", "# FROM a"},
	} {
		if got := c.change.Rewrite(c.text); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestIgnored(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{
		".dockerignore":                    {Data: []byte("root\n")},
		"api/.dockerignore":                {Data: []byte("# comment\nnode_modules\n!keep\n")},
		"api/prod.Dockerfile.dockerignore": {Data: []byte("own\n")},
		"bad/.dockerignore":                {Data: []byte("a[\n")},
	}
	for _, c := range []struct{ context, file, want string }{
		{".", "Dockerfile", "root"},
		{"api", "api/Dockerfile", "node_modules !keep"},
		{"api", "api/prod.Dockerfile", "own"},
		{"web", "web/Dockerfile", ""},
		{"web", "", ""},
		{"api", "", "node_modules !keep"},
	} {
		got, err := Ignored(fsys, c.context, c.file)
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%+v: %v, %v", c, got, err)
		}
	}
	if _, err := Ignored(fsys, "bad", "bad/Dockerfile"); err == nil || !strings.HasPrefix(err.Error(), "bad/.dockerignore has a pattern that cannot be read") {
		t.Error(err)
	}
}
