package image

import (
	"archive/tar"
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"dagger/stack/internal/project"
	"dagger/stack/internal/spec"
)

func archive(t *testing.T, files ...string) *bytes.Buffer {
	t.Helper()
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for i := 0; i < len(files); i += 2 {
		if err := w.WriteHeader(&tar.Header{Name: files[i], Size: int64(len(files[i+1])), Mode: 0o644}); err != nil {
			t.Fatal(err)
		}
		w.Write([]byte(files[i+1]))
	}
	w.Close()
	return &buf
}

const manifest = `[{"Config":"blobs/sha256/c","Layers":["blobs/sha256/l"]}]`

func TestRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config string
		want   project.Image
	}{
		"all": {`{"config":{"Entrypoint":["entry"],"Cmd":["a","b"],"WorkingDir":"/w","User":"app:app","StopSignal":"SIGQUIT","Env":["A=b=c"],"Volumes":{"/b":{},"/a":{}},"ExposedPorts":{"8000/tcp":{},"53/udp":{}},
			"Healthcheck":{"Test":["CMD","check","-x"],"Interval":5000000000,"Timeout":1000000000,"StartPeriod":2000000000,"StartInterval":100000000,"Retries":4}}}`,
			project.Image{Entrypoint: []string{"entry"}, Cmd: []string{"a", "b"}, Workdir: "/w", User: "app:app", StopSignal: "SIGQUIT", Env: []spec.Variable{spec.Env("A", "b=c")}, Volumes: []string{"/a", "/b"}, Exposed: []string{"53/udp", "8000/tcp"},
				Healthcheck: &spec.Probe{Exec: []string{"check", "-x"}, Interval: spec.Duration(5 * time.Second), Timeout: spec.Duration(time.Second),
					StartPeriod: spec.Duration(2 * time.Second), StartInterval: spec.Duration(100 * time.Millisecond), Retries: 4}}},
		"nothing":               {`{"config":{}}`, project.Image{}},
		"a shell's healthcheck": {`{"config":{"Healthcheck":{"Test":["CMD-SHELL","curl x | grep y"]}}}`, project.Image{Healthcheck: &spec.Probe{Exec: []string{"/bin/sh", "-c", "curl x | grep y"}}}},
		"no healthcheck":        {`{"config":{"Healthcheck":{"Test":["NONE"]}}}`, project.Image{}},
	} {
		got, err := Read(archive(t, "manifest.json", manifest, "blobs/sha256/c", c.config, "blobs/sha256/l", "\x1f\x8b"))
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestReadOfNoImage(t *testing.T) {
	t.Parallel()
	for want, buf := range map[string]*bytes.Buffer{
		"exported image: no manifest":    archive(t, "x", "y"),
		"exported image: configuration:": archive(t, "manifest.json", manifest),
		"exported image: unexpected EOF": bytes.NewBuffer(archive(t, "manifest.json", manifest).Bytes()[:520]),
		"exported image: big has":        archive(t, "big", strings.Repeat("x", blobMax+1)),
	} {
		if _, err := Read(buf); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// What is built on a service's build has all that its image says: a Dockerfile's builder reads the lines as they are meant.
func TestInstructions(t *testing.T) {
	t.Parallel()
	const config = `{"config":{"Entrypoint":["entry","$X"],"Cmd":["a b"],"WorkingDir":"/w$1","User":"app","StopSignal":"SIGQUIT","Env":["A=b=\"c\" $D\\"],
		"Volumes":{"/b":{},"/a":{}},"ExposedPorts":{"80/tcp":{}},"Labels":{"l":"v"},"OnBuild":["RUN make"],"Shell":["/bin/bash","-c"],
		"Healthcheck":{"Test":["CMD-SHELL","x"],"Interval":5000000000,"Timeout":1000000000,"Retries":4}}}`
	want := []string{
		`ENV A="b=\"c\" \$D\\"`, `LABEL "l"="v"`, "EXPOSE 80/tcp", `WORKDIR /w\$1`, `VOLUME ["/a","/b"]`, "STOPSIGNAL SIGQUIT", `SHELL ["/bin/bash","-c"]`,
		`HEALTHCHECK --interval=5s --retries=4 --timeout=1s CMD ["/bin/sh","-c","x"]`, `ENTRYPOINT ["entry","$X"]`, `CMD ["a b"]`, "ONBUILD RUN make", "USER app",
	}
	got, err := Instructions(archive(t, "manifest.json", manifest, "blobs/sha256/c", config))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%q\n%q, %v", got, want, err)
	}
	if got, err := Instructions(archive(t, "manifest.json", manifest, "blobs/sha256/c", `{"config":{"Healthcheck":{"Test":["NONE"]}}}`)); err != nil || !reflect.DeepEqual(got, []string{"HEALTHCHECK NONE"}) {
		t.Errorf("%q, %v", got, err)
	}
}
