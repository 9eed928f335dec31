package process

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/elastic/go-seccomp-bpf/arch"
	"github.com/moby/profiles/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"
	"gvisor.dev/gvisor/pkg/abi/linux"
	"gvisor.dev/gvisor/pkg/bpf"
	bpfseccomp "gvisor.dev/gvisor/pkg/seccomp"
)

// CompileFilter is dockerFilter's program as the kernel takes it. It takes some 25 ms, which every start of a service
// would wait for: so it is done where the agent is installed, and kept beside it.
func CompileFilter() ([]byte, error) {
	program, err := dockerFilter()
	if err != nil {
		return nil, err
	}
	return binary.Append(nil, binary.NativeEndian, program)
}

// readFilter compiles anew what is not there, or not whole: a service without a filter is none.
func readFilter(path string) ([]byte, error) {
	program, err := os.ReadFile(path)
	if err != nil || len(program) == 0 || len(program)%binary.Size(bpf.Instruction{}) != 0 {
		return CompileFilter()
	}
	return program, nil
}

// installFilter is for the calling thread, and for good.
func installFilter(text []byte) error {
	program := make([]bpf.Instruction, len(text)/binary.Size(bpf.Instruction{}))
	if _, err := binary.Decode(text, binary.NativeEndian, program); err != nil {
		return err
	}
	return bpfseccomp.SetFilter(program)
}

// dockerFilter is Docker's default seccomp profile, as its own project publishes it, for a process without
// capabilities. Unlike Docker's filter it knows one architecture: a 32-bit program on a 64-bit machine gets EPERM.
//
// gVisor's compiler does it in Go alone, where libseccomp would need cgo, and the
// agent is a static binary. (elastic/go-seccomp-bpf v1.6.0, whose names of the calls are used here, compiles it
// wrongly: after an argument test that fails it compares the argument with the numbers of the calls that follow.)
func dockerFilter() ([]bpf.Instruction, error) {
	noCapabilities := &specs.Spec{Process: &specs.Process{Capabilities: &specs.LinuxCapabilities{}}}
	profile, err := seccomp.GetDefaultProfile(noCapabilities)
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
	var test bpfseccomp.PerArg
	for i := range test {
		test[i] = bpfseccomp.AnyValue{}
	}
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
