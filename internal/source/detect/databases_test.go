package detect

import (
	"strings"
	"testing"
	"testing/fstest"

	"dagger/stack/internal/spec"
)

// A stack has the databases that the backend has a client of.
func TestDatabases(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, dependencies string
		flags              Flags
		want               string
	}{
		{"postgres", `"pg": "8"`, Flags{}, "postgres redis backend"},
		{"MongoDB", `"mongoose": "8"`, Flags{}, "postgres redis mongo backend"},
		{"MySQL", `"mysql2": "3"`, Flags{}, "postgres redis mysql backend"},
		{"postgres, and tools of MySQL", `"mysql2": "3", "pg": "8"`, Flags{}, "postgres redis backend"},
		{"taken out", `"mongoose": "8"`, Flags{Without: []string{"mongo"}}, "postgres redis backend"},
		{"added", `"mongoose": "8"`, Flags{Added: []string{"mongodb"}}, "postgres redis backend"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			fsys := fstest.MapFS{
				"server/package.json": {Data: []byte(`{"scripts": {"start": "node index.js"}, "dependencies": {"express": "5", ` + c.dependencies + `}}`)},
				"server/index.js":     {Data: []byte("mongoose.connect(process.env.MONGO_URI); app.listen(process.env.PORT)")},
			}
			p, err := Join(fsys, Databases("shop"), c.flags)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(p.Names(), " "); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if !strings.Contains(c.want, "mongo") {
				return
			}
			backend := serviceOf(t, p, "backend")
			same(t, "needs", strings.Join(backend.Needs(), " "), "postgres redis mongo")
			same(t, "at localhost", backend.Local, []spec.Local{{Port: 27017, Service: "mongo", To: 27017}})
			if p, err = p.Resolve(); err != nil {
				t.Fatal(err)
			}
			same(t, "MONGO_URI", environment(serviceOf(t, p, "backend"))["MONGO_URI"], "mongodb://mongo:27017/app")
		})
	}
}
