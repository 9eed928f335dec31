package compose

import (
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"dagger/stack/internal/spec"
)

// further are those that a file may add: they reach no further than the container.
var furtherCapabilities = []string{"CAP_NET_ADMIN", "CAP_SYS_PTRACE", "CAP_IPC_LOCK", "CAP_SYS_NICE", "CAP_SYS_RESOURCE"}

// knownCapabilities are all others of Linux.
var knownCapabilities = []string{
	"CAP_DAC_READ_SEARCH", "CAP_LINUX_IMMUTABLE", "CAP_NET_BROADCAST", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_PACCT",
	"CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_LEASE", "CAP_AUDIT_CONTROL", "CAP_MAC_OVERRIDE",
	"CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
}

func capability(name string) string {
	return "CAP_" + strings.TrimPrefix(strings.ToUpper(name), "CAP_")
}

// capabilities are Docker's default ones without those that are dropped and with those that are added; what is both is there.
func capabilities(add, drop []string) (kept []string) {
	for _, name := range spec.DefaultCapabilities {
		if !slices.ContainsFunc(drop, func(d string) bool { return capability(d) == name || capability(d) == "CAP_ALL" }) {
			kept = append(kept, name)
		}
	}
	for _, name := range add {
		if name = capability(name); !slices.Contains(kept, name) {
			kept = append(kept, name)
		}
	}
	return kept
}

// checkCapabilities finds those that reach beyond the container, and those that do not exist.
func (r *reader) checkCapabilities(name string, s types.ServiceConfig) {
	for _, add := range s.CapAdd {
		e := element{"services", name, "cap_add", item(add)}
		switch c := capability(add); {
		case slices.Contains(spec.DefaultCapabilities, c) || slices.Contains(furtherCapabilities, c):
		case c == "CAP_ALL" || slices.Contains(knownCapabilities, c):
			r.cannot(e, "the capability %s, which reaches beyond the container", strings.TrimPrefix(c, "CAP_"))
		default:
			r.refuse(e, "%s: Linux has no such capability", add)
		}
	}
	for _, drop := range s.CapDrop {
		if c := capability(drop); c != "CAP_ALL" && !slices.Contains(slices.Concat(spec.DefaultCapabilities, furtherCapabilities, knownCapabilities), c) {
			r.refuse(element{"services", name, "cap_drop", item(drop)}, "%s: Linux has no such capability", drop)
		}
	}
}
