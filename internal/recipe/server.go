package recipe

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/distribution/reference"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/spec"
)

// setting is one of a postgres.
type setting struct {
	since int // the major version that knows it
	text  string
}

// postgresServer are settings with which a server finds out that a client is gone, and ends its session: a killed client's
// machine may never say so, and the server waits for two hours by default, or for as long as a query takes. They stand before the
// command's own, which count; a session, a role or a database may have others.
var postgresServer = []setting{
	{12, "tcp_keepalives_idle=60"},
	{12, "tcp_keepalives_interval=10"},
	{12, "tcp_keepalives_count=3"},
	{12, "tcp_user_timeout=60000"},
	{14, "client_connection_check_interval=10000"},
}

// serving is a service that runs a postgres with these settings in its command. One that brings a file of settings is left
// alone: an argument would count for more than the file.
func serving(s spec.Service) spec.Service {
	return set(s, postgresServer)
}

// Ephemeral is a service whose data ends with its container. A postgres then need not wait until the disk has what it writes, which makes
// snapshots and rollbacks faster. Its process may still be killed, because the kernel has what was written.
func Ephemeral(s spec.Service) spec.Service {
	s.Data = slices.Clone(s.Data)
	for i := range s.Data {
		s.Data[i].Ephemeral = true
	}
	return set(s, []setting{{9, "fsync=off"}})
}

// set gives a postgres those of the settings that its version knows and its command does not say.
func set(s spec.Service, all []setting) spec.Service {
	command := s.Process.Command
	at := slices.IndexFunc(command, func(word string) bool { return path.Base(word) == "postgres" })
	if at < 0 && strings.HasPrefix(entered(command), "-") {
		at = 0
	}
	said := strings.Join(command, " ")
	file := func(m spec.Mount) bool { return path.Base(m.Target) == "postgresql.conf" }
	if at < 0 || strings.Contains(said, "config_file") || slices.ContainsFunc(s.Container.Mounts, file) {
		return s
	}
	major := postgresMajor(s)
	var settings []string
	for _, setting := range all {
		name, _, _ := strings.Cut(setting.text, "=")
		if major >= setting.since && !strings.Contains(said, name) {
			settings = append(settings, "-c", setting.text)
		}
	}
	s.Process.Command = slices.Insert(slices.Clone(command), at+1, settings...)
	return s
}

var majorInTag = lazyregexp.New(`(?:pg|^)([0-9]+)`)

// postgresMajor is the version of an image: what the image says itself, else what its tag says. 0: it is not known.
func postgresMajor(s spec.Service) int {
	if major, err := strconv.Atoi(variable(s, "PG_MAJOR")); err == nil {
		return major
	}
	named, err := reference.ParseNormalizedNamed(s.Build.Image)
	if err != nil || !slices.Contains(postgresImages, repository(s.Build.Image)) {
		return 0
	}
	tagged, is := reference.TagNameOnly(named).(reference.Tagged)
	if !is {
		return 0 // a digest
	}
	matches := majorInTag.FindAllStringSubmatch(tagged.Tag(), -1)
	if len(matches) == 0 {
		return postgresNewest // such as latest, or alpine
	}
	major, _ := strconv.Atoi(matches[len(matches)-1][1])
	return major
}

// postgresNewest is what an image without a number is at least.
const postgresNewest = 18
