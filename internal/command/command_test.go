package command

import (
	"testing"

	"dagger/stack/internal/protocol"
)

// What is wrong with a call has a code and a text, and says so before anything is done.
func TestDispatchRefuses(t *testing.T) {
	for _, c := range []struct {
		args       []string
		code, want string
	}{
		{nil, protocol.CodeFailed, "stack-agent: want a command"},
		{[]string{"reboot"}, protocol.CodeFailed, `stack-agent: no command "reboot"`},
		{[]string{Health, "{"}, protocol.CodeFailed, "argument: unexpected end of JSON input"},
		{[]string{Health, `{"Stack":"shop","Folder":"never","Request":{"Format":"xml"}}`}, protocol.CodeInvalid, `format "xml": want text or json`},
		{[]string{Stop, `{"Stack":"shop","Folder":"never","Request":null}`}, protocol.CodeNotRunning,
			`stack "shop" never ran on this engine: start it with dagger call --name shop up --project-path . up`},
	} {
		if _, err := dispatch(t.Context(), c.args); err == nil || err.Error() != c.want || protocol.CodeOf(err) != c.code {
			t.Errorf("%q: %v", c.args, err)
		}
	}
}

// Every name that a Dagger function may say is one of the commands.
func TestCommands(t *testing.T) {
	names := []string{
		Run, OneOff, Ready, Install, Wait, Gateway, Token, Begin, Here, GiveUp, Contest, Logs, Last, Health, Report, Restart, Stop, Stats, Limits,
		Volumes, Forget, Reset, Backup, Restore, Sources, Sync, Bring, Exec, Attach, Top, Kill, Events, Pause, Unpause, CopyFrom, CopyFileFrom, CopyTo,
		Snapshot, Rollback, Snapshots, Clone, Clones, DropSnapshot,
	}
	for _, name := range names {
		if commands[name] == nil {
			t.Errorf("%q is none", name)
		}
	}
	if len(commands) != len(names) {
		t.Errorf("%d commands, %d names", len(commands), len(names))
	}
}
