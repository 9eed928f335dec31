package project

import (
	"testing"

	"dagger/stack/internal/spec"
)

func TestCheckInit(t *testing.T) {
	t.Parallel()
	described := func(p *Project) {
		p.Source, p.Services[0] = "compose.yaml", spec.Service{Name: "db", Described: true, Login: p.Services[0].Login}
	}
	const nothing = "--postgres-init: the folder has nothing that the image runs: want files *.sql, *.sql.gz, *.sql.xz, *.sql.zst or *.sh directly in it; it has "
	for _, c := range []struct {
		step  step
		names []string
		want  string
	}{
		{nil, []string{"README.md", "1.sql"}, ""},
		{nil, []string{"1.sql.gz"}, ""},
		{nil, []string{"1.sh"}, ""},
		{nil, nil, nothing + "nothing else"},
		{nil, []string{"sql/", "1.SQL"}, nothing + "sql/, 1.SQL"},
		{remove("postgres"), []string{"1.sql"}, "--postgres-init: the stack has no built-in postgres: it consists of redis, backend"},
		{change(described), []string{"1.sql"}, "--postgres-init: compose.yaml describes db itself: mount the folder there, at /docker-entrypoint-initdb.d"},
	} {
		p := shop()
		if c.step != nil {
			p, _ = after(t, p, c.step)
		}
		refused(t, p.CheckInit(c.names), c.want)
	}
}
