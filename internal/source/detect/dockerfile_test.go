package detect

import (
	"testing"

	"dagger/stack/internal/project"
)

// builds are what a user says of the backend's build.
func builds(target string, args ...string) []project.BuildFlag {
	flags, err := project.ParseBuild("backend", target, args)
	if err != nil {
		panic(err)
	}
	return flags
}

func TestDockerfile(t *testing.T) {
	t.Parallel()
	of := func(text string) files { return files{"backend/Dockerfile": text + "\nCMD run\n"} }
	check(t, []detection{
		{name: "wins", files: api.with(of("FROM python\nEXPOSE 8080\n")),
			want: "backend kind Dockerfile\nbackend why backend/Dockerfile\nbackend build Dockerfile of backend to\nbackend port 8080 /health /\nbackend env PORT=8080", not: "backend run x\nbackend step 0\nbackend env HOME"},
		{name: "frontend", files: files{"frontend/Dockerfile": "FROM node\nCMD run"}, want: "frontend kind Dockerfile\nfrontend port 3000 /\nfrontend env PORT=3000"},
		{name: "command given", files: of("FROM x"), opt: Options{BackendCommand: []string{"a", "b"}}, want: "backend run a b"},
		{name: "no port", files: of("FROM x"), opt: Options{BackendPort: 81}, want: "backend port 81"},
		{name: "the first port", files: of("FROM x\nexpose 5000/udp 90000 x 2000/tcp\nEXPOSE 3000\n"), want: "backend port 2000"},
		{name: "no debugger's", files: of("FROM x\nEXPOSE 9229 4000\n"), want: "backend port 4000"},
		{name: "of ENV", files: of("FROM x\nARG PORT=81\nENV PORT=$PORT\nHEALTHCHECK CMD curl localhost:82/\nEXPOSE 83\n"), want: "backend port 81"},
		{name: "of HEALTHCHECK", files: of("FROM x\nHEALTHCHECK CMD curl -f http://localhost:8082/api/ping || exit 1\nEXPOSE 83\n"), want: "backend port 8082 /api/ping /health /"},
		{name: "of the command", files: files{"backend/Dockerfile": "FROM x\nEXPOSE 83\nCMD [\"uvicorn\", \"a:b\", \"--port\", \"8083\"]"}, want: "backend port 8083"},
		{name: "the first among several", files: of("FROM x\nEXPOSE 8000 \\\n # a comment\n  9090\n"), want: "backend port 8000"},
		{name: "of the last stage", files: of("FROM x AS a\nEXPOSE 1111\nFROM y\nRUN z\n"), want: "backend port 8000"},
		{name: "of the stage that the last stands on", files: of("FROM x AS base\nEXPOSE 1111\nFROM y AS z\nFROM --platform=$P Base\nRUN z\n"), want: "backend port 1111"},
		{name: "of a variable", files: of("ARG P=1\nFROM x\nENV P 1234\nEXPOSE $P\n"), want: "backend port 1234"},
		{name: "of a variable with a default", files: of("FROM x\nENV A=1 B='2'\nEXPOSE ${PORT:-4321}\n"), want: "backend port 4321"},
		{name: "of a variable that is not known", files: of("FROM x\nEXPOSE ${PORT}\n"), want: "backend port 8000"},
		{name: "nginx", files: files{"frontend/Dockerfile": "FROM node AS build\nFROM nginx:alpine\n"}, want: "frontend port 80"},
		{name: "nginx without root", files: files{"frontend/Dockerfile": "FROM nginxinc/nginx-unprivileged:stable\n"}, want: "frontend port 8080"},
		{name: "made for the root", files: of("FROM x\nCOPY --chown=1 ./backend/requirements.txt /\nCOPY --from=y backend /\n").with(files{"backend/requirements.txt": ""}),
			want: "backend build backend/Dockerfile of . to\nbackend dir backend\nnote backend/Dockerfile copies what only the root of the project has: it is built from there"},
		{name: "a folder in a folder of that name", files: of("FROM x\nADD backend /\n").with(files{"backend/backend/x": ""}), want: "backend build Dockerfile of backend"},
		{name: "from another stage", files: of("FROM x\nCOPY --from=y backend /\n"), want: "backend build Dockerfile of backend"},
		{name: "a file of variables that a clone does not have, from another stage", files: files{"backend/Dockerfile": "FROM x AS b\nCOPY . .\nFROM y\nCOPY --from=b [\"/app/api\", \"/app/.env\", \"/\"]\n"},
			err: "backend/Dockerfile is passed over: it copies .env, which the project does not have"},
		{name: "one that the build makes", files: of("FROM x AS b\nCOPY . .\nRUN cp .env.example .env\nFROM y\nCOPY --from=b /app/.env /\n"), want: "backend build Dockerfile of backend"},
		{name: "an ARG in FROM that nobody gives", files: files{"backend/Dockerfile": "ARG BASE\nFROM ${BASE}\nCMD run\n"},
			err: "its FROM needs a value for ${BASE}: give it with with-build --service backend --arg NAME=VALUE"},
		{name: "a stage and ARGs that the user gives", files: files{"backend/Dockerfile": "ARG BASE\nFROM ${BASE} AS dev\nARG PORT=1\nEXPOSE $PORT\nCMD run\nFROM dev AS prod\nEXPOSE 2\n"},
			opt: Options{Builds: builds("dev", "BASE=x", "PORT=81")}, want: "backend build Dockerfile of backend\nbackend port 81"},
		{name: "a stage that is not there", files: of("FROM x AS a\nFROM y AS b\n"), opt: Options{Builds: builds("c")}, err: `backend/Dockerfile has no stage "c" for with-build --target: want one of a or b`},
		{name: "an ARG that is not there", files: of("FROM x AS a\nARG B\n"), opt: Options{Builds: builds("", "C=1")}, err: "backend/Dockerfile has no ARG C for with-build --arg: want one of B"},
		{name: "volumes", files: of("FROM x AS a\nVOLUME /data\nFROM a\nVOLUME [\"/more\"]\n"),
			want: "note backend/Dockerfile says VOLUME /data /more: what is written there is gone when the stack ends; a volume of a compose file keeps it"},
		{name: "nonsense", files: of("FROM\n\\\nEXPOSE\nCOPY\n\\"), err: "backend/Dockerfile is passed over: it has no FROM"},
	})
}
