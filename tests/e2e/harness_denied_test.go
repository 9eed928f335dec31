package e2e

import "maps"

// denied are the attempts of tests/fixtures/locked/backend/escape.py to leave a service's container, and what the
// kernel has to say to each. Where several answers are fine, it depends on the machine which one comes.
var denied = map[string]string{
	"signal the agent":   "EPERM",
	"signal pid 1":       "EPERM",
	"ptrace the agent":   "EPERM",
	"ptrace-seize pid 1": "EPERM",
	"read the agent's memory by process_vm_readv": "EPERM",
	"open the agent's mem":                        "EACCES",
	"read the agent's environment":                "EACCES",
	"read pid 1's environment":                    "EACCES",
	"enter the agent's root":                      "EACCES",
	"list the agent's open files":                 "EACCES",
	"take an open file of the agent":              "EPERM",
	"list the agent's folder":                     "EACCES",
	"read the agent's secrets":                    "EACCES",
	"read generated secrets":                      "EACCES",
	"read another service's status":               "EACCES",
	"read another service's log folder":           "EACCES",
	"see the socket of an agent":                  "EACCES",
	"replace the agent's binary":                  "EACCES",
	"run the agent's binary":                      "EACCES",
	"write to the lock it inherited":              "EACCES",

	"write to a cgroup":                "EACCES EROFS",
	"open a file of a cgroup to write": "EACCES EROFS",
	"make a cgroup":                    "EACCES EROFS",

	"setuid 0":                    "EPERM",
	"setresuid 0":                 "EPERM",
	"setgid 0":                    "EPERM",
	"setgroups":                   "EPERM",
	"run a setuid program":        "EPERM",
	"raise a capability":          "EPERM",
	"raise an ambient capability": "EPERM",
	"give a file to root":         "EPERM",

	"unshare the user namespace":  "EPERM",
	"unshare the mount namespace": "EPERM",
	"clone into a user namespace": "EPERM",
	"clone3":                      "ENOSYS", // so that the C library takes clone, whose flags a filter can see
	"join a namespace":            "EPERM",
	"mount":                       "EPERM",
	"unmount":                     "EPERM",
	"open a tree to mount":        "EPERM",
	"fsopen":                      "EPERM",
	"mount_setattr":               "EPERM",
	"pivot_root":                  "EPERM",
	"chroot":                      "EPERM",
	"open a file by its handle":   "EPERM",

	"bpf":                                "EPERM",
	"perf_event_open":                    "EPERM",
	"userfaultfd":                        "EPERM",
	"io_uring_setup":                     "EPERM",
	"keyctl":                             "EPERM",
	"add_key":                            "EPERM",
	"load a module":                      "EPERM",
	"unload a module":                    "EPERM",
	"load a new kernel":                  "EPERM",
	"reboot":                             "EPERM",
	"read the kernel's log":              "EPERM",
	"set the clock":                      "EPERM",
	"set the host name":                  "EPERM",
	"swap on a file":                     "EPERM",
	"account processes":                  "EPERM",
	"watch all files":                    "EPERM",
	"set real-time priority":             "EPERM",
	"lower the nice value":               "EPERM",
	"raise a resource limit":             "EPERM",
	"spare itself from an OOM kill":      "EACCES",
	"write to /proc/sys":                 "EACCES EROFS",
	"write to sysrq-trigger":             "EACCES EROFS ENOENT",
	"find a kernel setting it may write": "EACCES",

	"find a device node of the machine": "ENOENT",
	"open a loop device":                "ENOENT",
	"open kmsg":                         "ENOENT",
	"open kvm":                          "ENOENT",
	"open fuse":                         "ENOENT",
	"open tun":                          "ENOENT",
	"open mem":                          "ENOENT",
	"make a block device":               "EPERM",
	"make a character device":           "EPERM",
	"access I/O ports":                  "EPERM",

	"read kcore":        "ENODATA ENOENT",
	"read keys":         "ENODATA ENOENT",
	"read timer_list":   "ENODATA ENOENT",
	"list the firmware": "empty ENOENT",

	"raw socket":    "EPERM",
	"packet socket": "EPERM",
	"vsock":         "EPERM",

	"rewrite /etc/hosts":              "EACCES EROFS",
	"rewrite /etc/passwd":             "EACCES",
	"rewrite /etc/resolv.conf":        "EACCES EROFS",
	"read /etc/shadow":                "EACCES",
	"rewrite its own source":          "EACCES",
	"remove its own source":           "EACCES",
	"create a file beside its source": "EACCES",

	// Other ways to call the kernel, which the filter must know. A machine without the 32-bit one ends the process.
	"the x32 door":    "EPERM ENOSYS",
	"the 32-bit door": "EPERM signal-11",
}

// apart are other answers that a job may get: with privileges it has namespaces of its own, in which there is no agent and nothing of one.
var apart = map[string]string{
	"signal the agent":   "ESRCH",
	"signal pid 1":       "ESRCH",
	"ptrace the agent":   "ESRCH",
	"ptrace-seize pid 1": "ESRCH",
	"read the agent's memory by process_vm_readv": "ESRCH",
	"open the agent's mem":                        "ESRCH",
	"read the agent's environment":                "ESRCH",
	"read pid 1's environment":                    "ESRCH",
	"enter the agent's root":                      "ESRCH",
	"list the agent's open files":                 "ESRCH",
	"take an open file of the agent":              "ESRCH",
	"list the agent's folder":                     "empty",
	"read the agent's secrets":                    "ENOENT",
	"read generated secrets":                      "ENOENT",
	"read another service's status":               "ENOENT",
	"read another service's log folder":           "ENOENT",
	"see the socket of an agent":                  "ENOENT",
	"replace the agent's binary":                  "EXDEV",
	"run the agent's binary":                      "ENOENT",
	"write to the lock it inherited":              "ENOENT",
}

// runApart is the same for run, whose source is a copy that it may change.
var runApart = func() map[string]string {
	all := maps.Clone(apart)
	for _, name := range []string{"rewrite its own source", "remove its own source", "create a file beside its source"} {
		all[name] = "works"
	}
	return all
}()
