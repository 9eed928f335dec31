package project

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"dagger/stack/internal/spec"
)

// Migration is how the project's own tool brings the database up to date.
type Migration struct {
	Of      string   // the service whose code this is; "": the stack has no code of the project that was detected
	Tool    string   // "": none was found
	Why     string   // the file that says so
	Command []string // nil: it cannot be run, see Missing
	Workdir string   // see Custom
	Reads   []string
	Files   []string
	Build   *spec.Build // in the place of the service's: of a tool that the service's image has not got
	Env     []spec.Variable
	Missing string // why what was found cannot be run
}

// The words of --migrate, beside a command.
const (
	MigrateAuto = "auto" // those that are found in the project
	MigrateNone = "none"
)

// migrateName is the job that migrates.
const migrateName = "migrate"

// CheckMigrate refuses what is neither one of the words nor a command.
func CheckMigrate(flag string) error {
	if flag == MigrateAuto || flag == MigrateNone {
		return nil
	}
	command, err := Command(flag)
	if err == nil && len(command) == 0 {
		err = errors.New("it is empty")
	}
	if err != nil {
		return fmt.Errorf("%q: %w: want auto, none or a command such as \"alembic upgrade head\" for --migrate", flag, err)
	}
	return nil
}

// Migrate is the project with a job that migrates its database, as --migrate says, before all that is made of the migrated code starts.
// without are the services that the user takes out.
func (p Project) Migrate(flag string, without []string) (Project, error) {
	found := p.Migration
	taken := slices.Contains(p.Names(), migrateName)
	switch {
	case flag == MigrateNone:
		return p, nil
	case flag != MigrateAuto && found.Of == "":
		return p, fmt.Errorf("--migrate %q: the stack of %s has no backend that was detected: say there what runs before its services, or add a job with with-job --like SERVICE --before SERVICE", flag, p.Source)
	case flag != MigrateAuto && taken:
		return p, fmt.Errorf("--migrate %q: %s has a service %s already", flag, p.Source, migrateName)
	case flag != MigrateAuto:
		command, err := Command(flag)
		if err != nil {
			return p, err
		}
		found = Migration{Of: found.Of, Tool: "--migrate", Command: command}
	case found.Tool == "":
		return p, nil
	case found.Missing != "":
		return p.migrationNote(found, "are not run: "+found.Missing), nil
	case taken:
		return p.migrationNote(found, "are not run: "+p.Source+" has a service "+migrateName), nil
	case !p.hasDatabase(found.Of, without):
		return p.migrationNote(found, "are not run: the stack has no database for them"), nil
	default:
		p = p.migrationNote(found, fmt.Sprintf("are run before the %s, by %q", found.Of, strings.Join(found.Command, " ")))
	}
	return p.Add(Custom{
		Name: migrateName, Job: true, First: true, Like: found.Of, NeededBy: []string{found.Of}, Command: found.Command,
		Kind: "migrations (" + found.Tool + ")", Workdir: found.Workdir, Reads: found.Reads, Files: found.Files, Build: found.Build, Env: found.Env,
		Advice: "--migrate none starts the stack without it, and --migrate COMMAND with another one",
	})
}

func (p Project) migrationNote(found Migration, text string) Project {
	p.Notes = append(slices.Clone(p.Notes), fmt.Sprintf("migrations of %s (%s) %s", found.Tool, found.Why, text))
	return p
}

// hasDatabase tells whether a service is told of a database.
func (p Project) hasDatabase(name string, without []string) bool {
	s, _ := p.Service(name)
	for _, need := range s.Needs() {
		database, _ := p.Service(need)
		tells := slices.ContainsFunc(database.Exports, func(v spec.Variable) bool { return v.Name == "DATABASE_URL" })
		if tells && !slices.Contains(without, need) {
			return true
		}
	}
	return false
}

// first tells whether a custom service runs before another one because both are made like the same: unless it waits for that one.
func (p Project) first(c Custom, name string) bool {
	return c.First && slices.ContainsFunc(p.customs, func(other Custom) bool {
		return other.Name == name && other.Name != c.Name && other.Like == c.Like && !slices.Contains(p.waitsFor(c.Name), name)
	})
}

// waitsFor are the custom services that one waits for, by what the user says of custom services.
func (p Project) waitsFor(name string) (all []string) {
	for next := []string{name}; len(next) > 0; next = next[1:] {
		for _, c := range p.customs {
			needed := slices.Contains(c.NeededBy, next[0]) || slices.ContainsFunc(p.customs, func(who Custom) bool {
				return who.Name == next[0] && slices.Contains(who.Needs, c.Name)
			})
			if needed && !slices.Contains(all, c.Name) {
				all, next = append(all, c.Name), append(next, c.Name)
			}
		}
	}
	return all
}
