// Package filter is the seccomp filter of a service's process: Docker's default one, compiled to the kernel's own form. It is no room of
// package process, because the compiler is more than all that a process needs on its way.
package filter

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/elastic/go-seccomp-bpf/arch"
	"github.com/moby/profiles/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
	"gvisor.dev/gvisor/pkg/abi/linux"
	"gvisor.dev/gvisor/pkg/bpf"
	bpfseccomp "gvisor.dev/gvisor/pkg/seccomp"
)

// Compile is the program as the kernel takes it. It takes some 25 ms, which every start of a service
// would wait for: so it is done where the agent is installed, and kept beside it.
func Compile(capabilities []string) ([]byte, error) {
	program, err := docker(capabilities)
	if err != nil {
		return nil, err
	}
	return binary.Append(nil, binary.NativeEndian, program)
}

// File is where the program for a process that may have those capabilities is kept, if that for a process without any
// is at path.
func File(path string, capabilities []string) string {
	if path == "" || len(capabilities) == 0 {
		return path
	}
	return fmt.Sprintf("%s-%.4x", path, sha256.Sum256([]byte(key(capabilities))))
}

func key(capabilities []string) string {
	return strings.Join(slices.Sorted(slices.Values(capabilities)), " ")
}

// From has the programs by the capabilities of the process, each read once: what is kept at path, or what is compiled anew where that is
// not there, or not whole. A service without a filter is none.
func From(path string) func(capabilities []string) ([]byte, error) {
	var mu sync.Mutex
	made := map[string]func() ([]byte, error){}
	return func(capabilities []string) ([]byte, error) {
		key := key(capabilities)
		mu.Lock()
		make, found := made[key]
		if !found {
			make = sync.OnceValues(func() ([]byte, error) { return read(path, capabilities) })
			made[key] = make
		}
		mu.Unlock()
		return make()
	}
}

func read(path string, capabilities []string) ([]byte, error) {
	program, err := os.ReadFile(File(path, capabilities))
	if err != nil || len(program) == 0 || len(program)%binary.Size(bpf.Instruction{}) != 0 {
		return Compile(capabilities)
	}
	return program, nil
}

// docker is Docker's default seccomp profile, as its own project publishes it, for a process that may have those
// capabilities. Unlike Docker's filter it knows one architecture: a 32-bit program on a 64-bit machine gets EPERM.
//
// gVisor's compiler does it in Go alone, where libseccomp would need cgo, and the
// agent is a static binary. (elastic/go-seccomp-bpf v1.6.0, whose names of the calls are used here, compiles it
// wrongly: after an argument test that fails it compares the argument with the numbers of the calls that follow.)
func docker(capabilities []string) ([]bpf.Instruction, error) {
	process := &specs.Spec{Process: &specs.Process{Capabilities: &specs.LinuxCapabilities{Bounding: capabilities}}}
	profile, err := seccomp.GetDefaultProfile(process)
	if err != nil {
		return nil, err
	}
	native, err := arch.GetInfo("")
	if err != nil {
		return nil, err
	}
	deny, err := action(profile.DefaultAction, profile.DefaultErrnoRet)
	if err != nil {
		return nil, err
	}
	var rules []bpfseccomp.RuleSet
	if slices.Contains(capabilities, "CAP_MKNOD") {
		rules = append(rules, noDevices(native.SyscallNames))
	}
	for _, rule := range profile.Syscalls {
		act, err := action(rule.Action, rule.ErrnoRet)
		if err != nil {
			return nil, err
		}
		args, err := arguments(rule.Args)
		if err != nil {
			return nil, err
		}
		calls := bpfseccomp.NewSyscallRules()
		for _, name := range rule.Names {
			// The profile names the calls of all architectures.
			if number, known := native.SyscallNames[name]; known {
				calls.Add(uintptr(number), args)
			}
		}
		rules = append(rules, bpfseccomp.RuleSet{Rules: calls, Action: act})
	}
	program, _, err := bpfseccomp.BuildProgram(rules, bpfseccomp.ProgramOptions{DefaultAction: deny, BadArchAction: deny, Optimize: true})
	return program, err
}

// noDevices denies device nodes to a process that may make them: Docker's containers cannot open what they make, but the
// engine lets a privileged container open every device of the machine.
func noDevices(numbers map[string]int) bpfseccomp.RuleSet {
	calls := bpfseccomp.NewSyscallRules()
	for name, argument := range map[string]int{"mknod": 1, "mknodat": 2} {
		number, known := numbers[name]
		if !known {
			continue
		}
		var kinds bpfseccomp.Or
		for _, kind := range []uintptr{unix.S_IFCHR, unix.S_IFBLK} {
			test := anyArguments()
			test[argument] = bpfseccomp.MaskedEqual(unix.S_IFMT, kind)
			kinds = append(kinds, test)
		}
		calls.Add(uintptr(number), kinds)
	}
	return bpfseccomp.RuleSet{Rules: calls, Action: linux.SECCOMP_RET_ERRNO.WithReturnCode(uint16(syscall.EPERM))}
}

func anyArguments() (test bpfseccomp.PerArg) {
	for i := range test {
		test[i] = bpfseccomp.AnyValue{}
	}
	return test
}

func action(act specs.LinuxSeccompAction, errno *uint) (linux.BPFAction, error) {
	switch act {
	case specs.ActAllow:
		return linux.SECCOMP_RET_ALLOW, nil
	case specs.ActErrno:
		code := uint16(syscall.EPERM)
		if errno != nil {
			code = uint16(*errno)
		}
		return linux.SECCOMP_RET_ERRNO.WithReturnCode(code), nil
	}
	return 0, fmt.Errorf("action %s is not one that the default profile had", act)
}

// arguments is the test of a call's arguments. The profile tests one at a time.
func arguments(args []specs.LinuxSeccompArg) (bpfseccomp.SyscallRule, error) {
	if len(args) == 0 {
		return bpfseccomp.MatchAll{}, nil
	}
	test := anyArguments()
	for _, arg := range args {
		if test[arg.Index] != (bpfseccomp.AnyValue{}) {
			return nil, errors.New("two tests of one argument, which the default profile did not have")
		}
		value := uintptr(arg.Value)
		switch arg.Op {
		case specs.OpEqualTo:
			test[arg.Index] = bpfseccomp.EqualTo(value)
		case specs.OpNotEqual:
			test[arg.Index] = bpfseccomp.NotEqual(value)
		case specs.OpLessThan:
			test[arg.Index] = bpfseccomp.LessThan(value)
		case specs.OpGreaterThan:
			test[arg.Index] = bpfseccomp.GreaterThan(value)
		case specs.OpMaskedEqual:
			test[arg.Index] = bpfseccomp.MaskedEqual(value, uintptr(arg.ValueTwo))
		default:
			return nil, fmt.Errorf("test %s is not one that the default profile had", arg.Op)
		}
	}
	return test, nil
}
