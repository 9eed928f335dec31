package project

import (
	"slices"

	"dagger/stack/internal/spec"
)

// Like is a service that is made as another one is, to run something else: from its image or its build, with its environment, user,
// rights and folders. It has nothing that belongs to the other one's process alone: no command, port, probe, data, backup or hook.
// A volume that has one writer at a time is the other one's.
func Like(other spec.Service) spec.Service {
	like := spec.Service{
		Kind: "like " + other.Name, Like: other.Name, Described: other.Described, Build: other.Build, Process: other.Process,
		Container: other.Container, NoProbe: true, Limits: CodeLimits, Files: other.Files, Source: other.Source, ForRoot: other.ForRoot, Local: other.Local,
	}
	if other.Described {
		like.Limits = other.Limits
	}
	like.Process.Command, like.Process.Options, like.Process.Entrypoint, like.Process.Args = nil, nil, nil, nil
	like.Process.StopSignal, like.Process.Reloads = "", false
	like.Container.PostStart, like.Container.PreStop = nil, nil
	like.Container.TTY, like.Container.StdinOpen, like.Container.Init = false, false, false
	like.Container.Mounts = slices.DeleteFunc(slices.Clone(other.Container.Mounts), func(m spec.Mount) bool { return m.Exclusive })
	return like
}
