package agent

import (
	"os"
	"strconv"
	"strings"

	"github.com/moby/sys/user"
	"golang.org/x/sys/unix"

	"dagger/stack/internal/agent/process"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
)

// top answers with the processes of the service, and of what was started beside it.
func (a *agent) top(request *socket.Request) {
	list := []protocol.TopProcess{}
	for _, stat := range process.Descendants(os.Getpid()) {
		if stat.Ended {
			continue
		}
		command, uid := identify(stat.PID)
		if command == "" {
			continue // of the kernel, or gone
		}
		list = append(list, protocol.TopProcess{
			PID: stat.PID, Parent: stat.Parent, User: userName(uid), CPUTime: stat.CPUTime, Memory: stat.RSS, Threads: int(stat.Threads),
			Command: a.redact(command),
		})
	}
	a.reply(request, list, nil)
}

// identify is a process's command line, or its name if it has none, and its user.
func identify(pid int) (command string, uid int) {
	folder := "/proc/" + strconv.Itoa(pid)
	text, err := os.ReadFile(folder + "/cmdline")
	if err != nil {
		return "", 0
	}
	command = strings.TrimSpace(strings.ReplaceAll(string(text), "\x00", " "))
	if command == "" {
		name, _ := os.ReadFile(folder + "/comm")
		command = "[" + strings.TrimSpace(string(name)) + "]"
	}
	var stat unix.Stat_t
	if unix.Stat(folder, &stat) != nil {
		return "", 0
	}
	return command, int(stat.Uid)
}

// userName is the user's name in the image, or the number.
func userName(uid int) string {
	if known, err := user.LookupUid(uid); err == nil {
		return known.Name
	}
	return strconv.Itoa(uid)
}
