package python

import "slices"

// fromGit stands among the names for a package that comes from a git repository: the small image has no git.
const fromGit = "a package of a git repository"

// compilers are packages that are compiled when they are installed, or that load a library which the small image does not have, and
// what they need of Debian's packages beside what the full image has.
var compilers = map[string][]string{
	"psycopg2": nil, "psycopg-c": nil, "psycopg[c]": nil, "mysqlclient": nil, "uwsgi": nil, "pycurl": nil, "dlib": {"cmake"},
	"python-ldap": {"libldap2-dev", "libsasl2-dev"}, "xmlsec": {"libxmlsec1-dev"}, "pyodbc": {"unixodbc-dev"}, "pygraphviz": {"libgraphviz-dev"},
	"pyaudio": {"portaudio19-dev"}, "psycopg": nil, fromGit: nil,
}

// compiled are those of the packages, sorted. psycopg without its own libpq needs the image's.
func (b build) compiled() (names []string) {
	for name := range compilers {
		if !b.names[name] || name == "psycopg" && b.has("psycopg[binary]", "psycopg-binary", "psycopg[c]", "psycopg-c") {
			continue
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// debian are the packages of Debian that they need.
func (b build) debian() (names []string) {
	for _, name := range b.compiled() {
		names = append(names, compilers[name]...)
	}
	return names
}
