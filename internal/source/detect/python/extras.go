package python

import (
	"maps"
	"slices"
	"strings"
)

// drivers are packages by which a program talks to postgres, and servers those that run an application.
var (
	drivers = []string{"psycopg2", "psycopg2-binary", "psycopg", "psycopg-binary", "psycopg-c", "asyncpg", "aiopg", "pg8000", "psycopg-pool"}
	servers = []string{"uvicorn", "hypercorn", "gunicorn", "granian", "daphne"}
)

// clients are packages by which a program talks to other servers of data than postgres.
var clients = []string{"mysqlclient", "pymysql", "aiomysql", "asyncmy", "mysql-connector-python", "pymongo", "motor", "beanie", "oracledb", "pyodbc", "elasticsearch"}

// wanted are the extras and the groups that hold what the service cannot do without and does not depend on otherwise: the driver of
// the database, and the server.
func (p pyproject) wanted(names map[string]bool) (extras, groups []string) {
	for _, kind := range [][]string{drivers, servers} {
		if slices.ContainsFunc(kind, func(name string) bool { return names[name] }) {
			continue
		}
		holds := func(all []string) bool {
			return slices.ContainsFunc(all, func(line string) bool {
				match := requirement.FindStringSubmatch(strings.TrimSpace(line))
				return match != nil && slices.Contains(kind, normal(match[1]))
			})
		}
		found := false
		for _, options := range []map[string][]string{p.Project.Optional, p.Tool.Poetry.Extras} {
			for _, name := range slices.Sorted(maps.Keys(options)) {
				if !found && holds(options[name]) {
					extras, found = append(extras, name), true
				}
			}
		}
		for _, name := range slices.Sorted(maps.Keys(p.Groups)) {
			if name != "dev" && !found && holds(p.group(name, map[string]bool{})) {
				groups, found = append(groups, name), true
			}
		}
		for _, name := range slices.Sorted(maps.Keys(p.Tool.Poetry.Group)) {
			if group := p.Tool.Poetry.Group[name]; !found && group.Optional && holds(slices.Collect(maps.Keys(group.Dependencies))) {
				groups, found = append(groups, name), true
			}
		}
	}
	return extras, groups
}

// names are the packages of requirements.
func (l *look) names(lines []string) map[string]bool {
	list := requirements{names: map[string]bool{}}
	for _, line := range lines {
		list.add(line)
	}
	return list.names
}

// asked are the packages that the manifest depends on without extras.
func (l *look) asked() map[string]bool {
	names := l.names(l.project.requirements())
	for name, value := range l.project.Tool.Poetry.Dependencies {
		if table, ok := value.(map[string]any); !ok || table["optional"] != true {
			names[normal(name)] = true
		}
	}
	return names
}
