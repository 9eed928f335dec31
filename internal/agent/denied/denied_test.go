package denied

import (
	"strings"
	"testing"

	"dagger/stack/internal/spec"
)

// What a service prints when it may not write, and what it prints when something else denies.
func TestHint(t *testing.T) {
	t.Parallel()
	const writable, root = "--writable-source lets it change", "RUN chown 1000:1000 FOLDER"
	process := spec.Process{Workdir: "/app/api", User: "1000:1000"}
	ofSource := spec.Service{Process: process, Source: &spec.Source{Dir: "backend", Path: "/app"}}
	forRoot := spec.Service{Process: process, ForRoot: "/app/api"}
	for output, want := range map[string][2]string{ // of a service with a source, and of an image that was made for root
		"PermissionError: [Errno 13] Permission denied: 'uploads'":            {writable, root},
		"Error: EACCES: permission denied, mkdir '/app/api/uploads'":          {writable, root},
		"sqlite3.OperationalError: unable to open database file":              {writable, root},
		"sqlite3.OperationalError: attempt to write a readonly database":      {writable, root},
		"PermissionError: [Errno 13] Permission denied: '/data/x'":            {"", root},
		"open /data/x: permission denied":                                     {"", root},
		"mkdir /app/x: permission denied":                                     {writable, root},
		"sh: 1: cannot create /app/data/file: Permission denied":              {writable, root},
		"touch: cannot touch '/app/x': Permission denied":                     {writable, root},
		"mkdir: cannot create directory ‘/app/x’: Permission denied":          {writable, root},
		"OSError: [Errno 30] Read-only file system: 'static'":                 {writable, root},
		"chown: changing ownership of '/data': Operation not permitted":       {"", root},
		`nginx: mkdir() "/var/cache/nginx" failed (13: Permission denied)`:    {"", root},
		"su-exec: setgroups: Operation not permitted":                         {"", root},
		"psycopg.errors.InsufficientPrivilege: permission denied for table t": {"", ""},
		`rpc error: code = PermissionDenied desc = no`:                        {"", ""},
		"403 permission denied for user 'x'":                                  {"", ""},
		"ValueError: nothing of this":                                         {"", ""},
	} {
		lines := []byte("first\n" + output + "\nlast")
		for i, s := range []spec.Service{ofSource, forRoot} {
			if got := Hint(&s, lines); want[i] == "" && got != "" || !strings.Contains(got, want[i]) {
				t.Errorf("%s: %q, want %q", output, got, want[i])
			}
		}
	}
	ofSource.Source.Writable = true
	for _, s := range []spec.Service{ofSource, {Process: process}} {
		if got := Hint(&s, []byte("open /app/x: permission denied")); got != "" {
			t.Errorf("%+v: %q", s.Source, got)
		}
	}
}
