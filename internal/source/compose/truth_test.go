package compose

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dagger/stack/internal/spec"
)

// The projects of tests/compose, and what docker compose was seen to do with them.
const (
	casesDir = "../../../tests/compose/cases"
	badDir   = "../../../tests/compose/bad"
)

// seen is what of a truth.json can be compared with what was read: nothing has run here.
type seen struct {
	Steps []struct {
		Failed   bool
		Services map[string][]struct{ Log []string }
	}
}

// differs are projects of which docker compose makes something else, each with why.
var differs = map[string]string{
	"bind-parent":        "leaves the project's folder, and comes back by the folder's own name, which is not known here",
	"build-fails":        "docker compose starts nothing: a build fails",
	"build-network-host": "docker compose refuses it when it builds",
	"cannot-be-had":      "needs the machine",
	"file-in-parent":     "is called from a folder below",
	"ipc-pid":            "namespaces of other services",
	"pull-policy-never":  "docker compose fails: the image is not there",
	"hostname":           "names of containers that have ended by then",
	"extra-hosts":        "host-gateway",
	"network-default":    "localhost",
	"pre-start":          "what runs before a service is a service here",
	"pre-start-again":    "what runs before a service is a service here",
	"pre-start-fails":    "what runs before a service is a service here",
	"depends-on":         "the name of a container that has ended by then",
	"merge-more":         "variables of an image",
	"environment-image":  "variables of an image",
	"build-args":         "variables of an image",
	"build-on-service":   "variables of an image",
	"caller-env":         "shows some of the variables",
	"env-file-several":   "shows some of the variables",
}

func TestTruth(t *testing.T) {
	t.Parallel()
	folders, err := os.ReadDir(casesDir)
	if err != nil || len(folders) < 100 {
		t.Fatal(len(folders), err)
	}
	compared := 0
	for _, folder := range folders {
		name := folder.Name()
		var truth seen
		var how struct {
			Env, EnvFiles, Files, Profiles []string
			Folder                         string
		}
		readJSON(t, filepath.Join(casesDir, name, "truth.json"), &truth)
		readJSON(t, filepath.Join(casesDir, name, "case.json"), &how)
		opt := Options{Env: how.Env, EnvFiles: how.EnvFiles, Files: how.Files, Profiles: how.Profiles}
		if how.Folder == "deploy" {
			opt.Files = []string{"deploy/compose.yaml"}
		}
		if _, different := differs[name]; different {
			continue
		}
		compared += compareTruth(t, name, opt, truth)
	}
	if compared < 250 {
		t.Errorf("%d facts were compared", compared)
	}
}

// readJSON reads a file that need not be there.
func readJSON(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		return
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(name, err)
	}
}

// prepared is a project's folder as it is when docker compose is called: a script may have made files in a copy of it.
func prepared(t *testing.T, dir string) string {
	t.Helper()
	if _, err := os.Stat(filepath.Join(dir, "prepare.sh")); err != nil {
		return dir
	}
	copied := t.TempDir()
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	script := exec.Command("sh", "prepare.sh")
	script.Dir = copied
	if out, err := script.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v %s", dir, err, out)
	}
	return copied
}

// compareTruth loads one project, and counts what it has compared.
func compareTruth(t *testing.T, name string, opt Options, truth seen) (compared int) {
	t.Helper()
	if text, _ := os.ReadFile(filepath.Join(casesDir, name, "compose.yaml")); !strings.Contains(string(text), "\nname:") {
		opt.Name = name
	}
	if text, _ := os.ReadFile(filepath.Join(casesDir, name, ".env")); strings.Contains(string(text), "COMPOSE_PROJECT_NAME") {
		opt.Name = ""
	}
	p, err := Load(os.DirFS(prepared(t, filepath.Join(casesDir, name))), opt)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return 0
	}
	instances := map[string]int{}
	for _, s := range p.Services {
		instances[fileName(s)]++
		if ran := truth.Steps[0].Services[fileName(s)]; len(ran) > 0 {
			for _, line := range ran[0].Log {
				if wrong, known := compareLine(s, line); known {
					compared++
					if wrong != "" {
						t.Errorf("%s: %s: %s", name, s.Name, wrong)
					}
				}
			}
		}
	}
	for service, ran := range truth.Steps[0].Services {
		if instances[service] != len(ran) {
			t.Errorf("%s: %s has %d instances, with docker compose %d", name, service, instances[service], len(ran))
		}
	}
	if len(instances) != len(truth.Steps[0].Services) {
		t.Errorf("%s: services %v, with docker compose %d", name, instances, len(truth.Steps[0].Services))
	}
	return compared
}

// ofDocker are variables that are there without anybody having said so.
var ofDocker = []string{"HOME", "HOSTNAME", "PATH", "TERM"}

// compareLine compares one fact that a service has printed; known is false if the fact says nothing of what is read.
func compareLine(s spec.Service, line string) (wrong string, known bool) {
	if rest, found := strings.CutPrefix(line, "env."); found {
		name, value, _ := strings.Cut(rest, "=")
		i := slices.IndexFunc(s.Process.Env, func(v spec.Variable) bool { return v.Name == name })
		if slices.Contains(ofDocker, name) && i < 0 {
			return "", false
		}
		if i < 0 {
			return "no variable " + rest, true
		}
		if mine := strings.ReplaceAll(text(s.Process.Env[i].Value), "\n", `\n`); mine != value {
			return fmt.Sprintf("%s=%s, with docker compose %s", name, mine, value), true
		}
		return "", true
	}
	if rest, found := strings.CutPrefix(line, "resolve "); found {
		name, count, _ := strings.Cut(rest, ": ")
		var addresses []string
		for _, h := range s.Container.Hosts {
			if h.Name == name || h.Name == strings.ToLower(name) {
				addresses = append(addresses, h.Service+h.IP)
			}
		}
		slices.Sort(addresses)
		if mine := len(slices.Compact(addresses)); strconv.Itoa(mine) != count {
			return fmt.Sprintf("%s resolves to %d, with docker compose to %s", name, mine, count), true
		}
		return "", true
	}
	if rest, found := strings.CutPrefix(line, "limits: "); found {
		unlimited := func(n float64) string {
			if n == 0 {
				return "none"
			}
			return strconv.FormatFloat(n, 'f', -1, 64)
		}
		mine := fmt.Sprintf("memory=%s cpus=%s pids=%s", unlimited(float64(s.Limits.Memory)), unlimited(s.Limits.CPUs), unlimited(float64(s.Limits.Pids)))
		fields := slices.DeleteFunc(strings.Fields(rest), func(field string) bool { return strings.HasPrefix(field, "reservation=") })
		if theirs := strings.Join(fields, " "); mine != theirs {
			return mine + ", with docker compose " + theirs, true
		}
		return "", true
	}
	if _, rest, found := strings.Cut(line, "bounding="); found {
		if mine := mask(s.Process.Capabilities); !strings.HasPrefix(rest, mine) {
			return mine + ", with docker compose " + rest, true
		}
		return "", true
	}
	return "", false
}

// mask is a set of capabilities as the kernel prints it (linux/capability.h).
func mask(names []string) string {
	bits := map[string]int{
		"CAP_CHOWN": 0, "CAP_DAC_OVERRIDE": 1, "CAP_FOWNER": 3, "CAP_FSETID": 4, "CAP_KILL": 5, "CAP_SETGID": 6, "CAP_SETUID": 7, "CAP_SETPCAP": 8,
		"CAP_NET_BIND_SERVICE": 10, "CAP_NET_ADMIN": 12, "CAP_NET_RAW": 13, "CAP_IPC_LOCK": 14, "CAP_SYS_CHROOT": 18, "CAP_SYS_PTRACE": 19,
		"CAP_SYS_NICE": 23, "CAP_SYS_RESOURCE": 24, "CAP_MKNOD": 27, "CAP_AUDIT_WRITE": 29, "CAP_SETFCAP": 31,
	}
	var set uint64
	for _, name := range names {
		set |= 1 << bits[name]
	}
	return fmt.Sprintf("%016x", set)
}

// later are bad projects that are found to be bad only when they run, or that are none here.
var later = map[string]string{
	"entrypoint-empty-no-command": "when the image is read", "missing-external-network": "the network is the stack's own",
	"missing-external-volume": "the volume is the stack's own", "missing-secret-external": "the secret is the caller's to give",
	"job-scheduled": "a job has no effect on up", "platform-foreign": "when the image is pulled",
	"pre-start-per-replica": "a note says that it runs once", "reset-unknown": "when it runs",
	"missing-target": "when the image is built", "network-address-outside": "addresses have no effect", "tmpfs-option": "when it is mounted",
}

// atLine is an error that says where.
var atLine = regexp.MustCompile(`^[\w./-]*\.(yaml|env)\w*:\d+: `)

// wholly are bad projects that no line is to blame for.
var wholly = []string{"empty", "missing-compose-file", "no-services"}

// TestBad: what docker compose refuses is refused, and the sentence names the line.
func TestBad(t *testing.T) {
	t.Parallel()
	folders, err := os.ReadDir(badDir)
	if err != nil || len(folders) < 50 {
		t.Fatal(len(folders), err)
	}
	for _, folder := range folders {
		var truth seen
		readJSON(t, filepath.Join(badDir, folder.Name(), "truth.json"), &truth)
		if len(truth.Steps) == 0 || !truth.Steps[0].Failed {
			continue
		}
		_, err := Load(os.DirFS(filepath.Join(badDir, folder.Name())), Options{})
		if why := later[folder.Name()]; why != "" {
			if err != nil {
				t.Errorf("%s: %v, though %s", folder.Name(), err, why)
			}
		} else if err == nil {
			t.Errorf("%s is taken", folder.Name())
		} else if !atLine.MatchString(err.Error()) && !slices.Contains(wholly, folder.Name()) {
			t.Errorf("%s: no line: %v", folder.Name(), err)
		}
	}
}
