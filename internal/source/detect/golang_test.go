package detect

import "testing"

func TestGo(t *testing.T) {
	t.Parallel()
	mod := "module example.com/shop/core\n\ngo 1.24\n"
	main := "// A server.\npackage main\n\nfunc main() {}\n"
	of := func(f files) files { return files{"backend/go.mod": mod}.with(f) }
	check(t, []detection{
		{name: "main in the root", files: of(files{"backend/main.go": main, "backend/go.sum": ""}),
			want: `backend kind Go
				backend why backend/go.mod; package .
				backend run /opt/bin/core
				backend in /app
				backend build golang:1.26-alpine of backend to /app
				backend env PORT=8000
				backend env PATH=/opt/bin:${PATH}
				backend env CGO_ENABLED=0
				backend env GOMODCACHE=/cache/go-mod
				backend cache go-build /cache/go-build
				backend folders /home/app /opt/bin
				backend step 0 [go.mod go.sum] go mod download
				backend compile go build -C /app -trimpath -tags=timetzdata -o /opt/bin/core . -> /opt/bin/core on alpine:3
				backend port 8000 /health /`},
		{name: "main in a file of another name", files: of(files{"backend/serve.go": main, "backend/a_test.go": "package x"}), want: "backend run /opt/bin/core"},
		{name: "one program in cmd", files: of(files{"backend/core.go": "package core\n", "backend/cmd/worker/main.go": main, "backend/cmd/internal/x.go": "package internal\n"}),
			want: "backend run /opt/bin/worker\nbackend compile go build -C /app -trimpath -tags=timetzdata -o /opt/bin/worker ./cmd/worker", not: "note backend/cmd"},
		{name: "a program in cmd itself", files: of(files{"backend/cmd/main.go": main}), want: "backend run /opt/bin/cmd"},
		{name: "several programs, one is the server", files: of(files{"backend/cmd/server/main.go": main, "backend/cmd/migrate/main.go": main}),
			want: "backend run /opt/bin/server\nnote backend/cmd has the programs ./cmd/migrate and ./cmd/server: ./cmd/server is taken; name another with --backend-command \"go run ./…\""},
		{name: "a web server beside a consumer", files: of(files{"backend/cmd/web-server/main.go": main, "backend/cmd/consumer/main.go": main}), want: "backend run /opt/bin/web-server"},
		{name: "several programs", files: of(files{"backend/cmd/a/main.go": main, "backend/cmd/b/main.go": main}),
			err: `cannot tell which program of "backend" is the backend: there are ./cmd/a and ./cmd/b: name it, e.g. --backend-command "go run ./cmd/a"`},
		{name: "several programs in the root are not passed over", files: files{"go.mod": mod, "cmd/a/main.go": main, "cmd/b/main.go": main}.with(web), err: "cannot tell which program of the root of the project"},
		{name: "a library in the root is", files: files{"go.mod": mod, "x.go": "package x\n"}.with(web), want: "no backend\nfrontend dir frontend"},
		{name: "no program", files: of(files{"backend/x.go": "package x\n"}),
			err: `no program for the backend in "backend": looked for a package main in the folder of go.mod, cmd, cmd/* and the other folders beside go.mod; found go.mod and x.go: name it, e.g. --backend-command "go run ./PACKAGE"`},
		{name: "a program in a folder beside go.mod", files: files{"go.mod": mod, "server/main.go": main, "client/main.go": main, "proto/x.go": "package proto\n"},
			want: "backend run /opt/bin/server\nbackend dir .\nnote the root of the project has the programs ./client and ./server: ./server is taken; name another with --backend-command \"go run ./…\""},
		{name: "programs in folders beside go.mod", files: files{"go.mod": mod, "one/main.go": main, "two/main.go": main, "examples/main.go": main}, err: "cannot tell which program of the root of the project is the backend: there are ./one and ./two"},
		{name: "go run", files: of(nil), opt: Options{BackendCommand: []string{"go", "run", "./x/web", "-v", "a"}},
			want: "backend run /opt/bin/web -v a\nbackend compile go build -C /app -trimpath -tags=timetzdata -o /opt/bin/web ./x/web"},
		{name: "go run with files", files: of(nil), opt: Options{BackendCommand: []string{"go", "run", "main.go", "x.go", "serve"}}, want: "backend run /opt/bin/core serve"},
		{name: "a program's name", files: of(files{"backend/cmd/a/main.go": main, "backend/cmd/b/main.go": main}), opt: Options{BackendCommand: []string{"b", "serve"}}, want: "backend run /opt/bin/b serve"},
		{name: "another command", files: of(files{"backend/main.go": main}), opt: Options{BackendCommand: []string{"sh", "start.sh"}}, want: "backend run sh start.sh"},
		{name: "another use of go", files: of(nil), opt: Options{BackendCommand: []string{"go", "test"}}, err: `--backend-command "go test" is not understood: want the name of a program, or go run ./PACKAGE [ARGUMENTS]`},
		{name: "go run with flags", files: of(nil), opt: Options{BackendCommand: []string{"go", "run", "-race", "."}}, err: "is not understood"},
		{name: "a newer Go", files: files{"backend/go.mod": "module x\ngo 1.27.2\n", "backend/main.go": main}, want: "backend build golang:1.27-alpine"},
		{name: "a toolchain", files: files{"backend/go.mod": "module x\ngo 1.22\ntoolchain go1.27rc1\n", "backend/main.go": main}, want: "backend build golang:1.27-alpine"},
		{name: "no Go line, no module line", files: files{"backend/go.mod": "", "backend/main.go": main}, want: "backend build golang:1.26-alpine\nbackend run /opt/bin/app"},
		{name: "an unknown Go", files: files{"backend/go.mod": "module x\ngo 1.40\n", "backend/main.go": main}, err: `backend/go.mod asks for Go "1.40": known are 1.26 and 1.27: ask for one of them, or add a Dockerfile`},
		{name: "a local module", files: files{"backend/go.mod": mod + "replace example.com/x => ./lib/x\nreplace example.com/y => example.com/z v1.0.0\n", "backend/main.go": main}, want: "backend step 0 [go.mod go.sum lib/x/go.mod lib/x/go.sum] go mod download"},
		{name: "a module outside", files: files{"backend/go.mod": mod + "replace example.com/x => ../../lib\n", "backend/main.go": main}, err: `backend/go.mod needs ../../lib, which is outside of the root of the project`},
		{name: "a module beside the folder", files: files{"backend/go.mod": mod + "replace example.com/x => ../lib\n", "backend/main.go": main, "lib/go.mod": ""},
			want: "backend build golang:1.26-alpine of . to\nbackend in /app/backend\nbackend step 0 [backend/go.mod backend/go.sum lib/go.mod lib/go.sum] in backend: go mod download\nbackend compile go build -C /app/backend"},
		{name: "workspace", files: files{"go.work": "go 1.24\nuse (\n./backend\n./lib\n)\n", "backend/go.mod": mod + "replace example.com/x => ../lib\n", "backend/main.go": main, "lib/go.mod": ""},
			want: "backend build golang:1.26-alpine of . to /app\nbackend in /app/backend\nbackend compile go build -C /app/backend \nbackend step 0 [go.work go.work.sum **/go.mod **/go.sum"},
		{name: "workspace of others", files: files{"go.work": "go 1.24\nuse ./lib\n", "lib/go.mod": ""}.with(of(files{"backend/main.go": main})), want: "backend build golang:1.26-alpine of backend"},
		{name: "vendored", files: of(files{"backend/main.go": main, "backend/vendor/modules.txt": ""}), not: "backend step 0"},
		{name: "cgo", files: files{"backend/go.mod": mod + "require github.com/mattn/go-sqlite3 v1.14.0\n", "backend/main.go": main},
			want: `backend build golang:1.26 of backend to /app
				backend env CGO_ENABLED=1
				backend compile go build -C /app -trimpath -tags=timetzdata,netgo,osusergo,sqlite_omit_load_extension -ldflags=-linkmode external -extldflags "-static" -o /opt/bin/core . -> /opt/bin/core on alpine:3
				note backend/go.mod needs github.com/mattn/go-sqlite3, which is written in C: the program is compiled with cgo`},
		{name: "cgo in a module of a major version", files: files{"backend/go.mod": mod + "require github.com/confluentinc/confluent-kafka-go/v2 v2.6.0\n", "backend/main.go": main}, want: "backend env CGO_ENABLED=1"},
		{name: "a port as a number", files: of(files{"backend/main.go": main + "func f() { log.Fatal(app.Listen(\":3000\")) }\n"}), want: "backend port 3000\nbackend env PORT=3000"},
		{name: "a port in another file of the package", files: of(files{"backend/cmd/api/main.go": main, "backend/cmd/api/serve.go": "package main\nvar s = http.Server{Addr: \"0.0.0.0:9000\"}"}), want: "backend port 9000"},
		{name: "a program that reads PORT", files: of(files{"backend/main.go": main + "func f() { r.Run(\":3000\"); os.Getenv(\"PORT\") }\n"}), want: "backend port 8000"},
		{name: "a port of a constant", files: of(files{"backend/main.go": main + "const port = \":3000\"\nfunc f() { if err := app.Listen(port); err != nil { panic(err) } }\n"}), want: "backend port 3000"},
		{name: "a port of several parts", files: of(files{"backend/main.go": main + "func f() { host, port := \"0.0.0.0\", 9000; http.ListenAndServe(fmt.Sprintf(\"%s:%d\", host, port), nil) }\n"}), want: "backend port 9000"},
		{name: "a port by net", files: of(files{"backend/main.go": main + "func f() { port := 9000; net.Listen(\"tcp\", \":\"+strconv.Itoa(port)) }\n"}), want: "backend port 9000"},
		{name: "a flag's port", files: of(files{"backend/main.go": main + "var port = flag.Int(\"port\", 4000, \"API server port\")\nfunc f() { flag.Parse(); serve(*port) }\n"}), want: "backend port 4000"},
		{name: "a flag's port in a structure", files: of(files{"backend/main.go": main + "func f() { flag.IntVar(&cfg.port, \"port\", 4000, \"API server port\") }\n"}), want: "backend port 4000"},
		{name: "a flag's port with a short name", files: of(files{"backend/main.go": main + "func f() { cmd.Flags().IntP(\"port\", \"p\", 8081, \"port of server\") }\n"}), want: "backend port 8081"},
		{name: "a flag's address", files: of(files{"backend/main.go": main + "var addr = flag.String(\"addr\", \":4000\", \"address\")\nfunc f() { s := &http.Server{Addr: *addr} }\n"}), want: "backend port 4000"},
		{name: "a setting's port", files: of(files{"backend/main.go": main + "func f() { viper.SetDefault(\"server.port\", 8081) }\n"}), want: "backend port 8081"},
		{name: "a flag of something else", files: of(files{"backend/main.go": main + "var n = flag.Int(\"workers\", 4000, \"\")\nvar p = flag.Int(\"debug-port\", 6060, \"\")\n"}), want: "backend port 8000"},
		{name: "a file with a mistake", files: of(files{"backend/main.go": "package main\nfunc main() { app.Listen(\":3000\") }\nfunc {"}), want: "backend port 3000"},
		{name: "a port on localhost alone", files: of(files{"backend/main.go": main + "func f() { r.Run(\"localhost:3000\") }\n"}), want: "backend port 8000"},
		{name: "broken go.mod", files: files{"backend/go.mod": "module (", "backend/main.go": main}, err: "cannot read backend/go.mod"},
		{name: "broken go.work", files: files{"go.work": "use (", "backend/go.mod": mod, "backend/main.go": main}, err: "cannot read go.work"},
	})
}

// A program in Go that takes in what a folder of pages is built into.
func TestGoEmbeds(t *testing.T) {
	t.Parallel()
	of := func(f files) files {
		return files{"go.mod": "module x\n\ngo 1.24\n", "main.go": "package main\n", "ui/package.json": `{"scripts":{"build":"vite build"},"devDependencies":{"vite":"*"}}`}.with(f)
	}
	takes := "package ui\n\n//go:embed build/*\nvar box embed.FS\n"
	stage := "backend stage ui/build from /app/build of node:22-alpine of ui: npm run build"
	check(t, []detection{
		{name: "beside the pages", files: of(files{"ui/serve.go": takes}),
			want: stage + "\nnote the program takes ui/build into itself, which the script build of ui/package.json makes: it is built before, anew after every edit"},
		{name: "in the root", files: of(files{"main.go": "package main\n\n//go:embed all:ui/build\nvar box embed.FS\n"}), want: stage},
		{name: "with a file that keeps the folder", files: of(files{"ui/serve.go": takes, "ui/build/.gitkeep": ""}), want: stage},
		{name: "two folders deep", files: files{"go.mod": "module x\n", "main.go": "package main\n", "internal/web/package.json": `{"scripts":{"build":"vite build"}}`, "internal/web/web.go": "package web\n//go:embed \"dist\"\n"},
			want: "backend stage internal/web/dist from /app/dist of node:22-alpine of internal/web"},
		{name: "that is there", files: of(files{"ui/serve.go": takes, "ui/build/index.html": ""}), not: "backend stage"},
		{name: "of something else", files: of(files{"ui/serve.go": "package ui\n\n//go:embed serve.go\n", "main.go": "package main\n\n//go:embed sql/*.sql\n"}), not: "backend stage"},
		{name: "without a script build", files: of(files{"ui/serve.go": takes, "ui/package.json": `{"scripts":{"dev":"vite"},"devDependencies":{"vite":"*"}}`}), not: "backend stage"},
	})
}
