package compose

import (
	"path"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/patternmatcher"

	"dagger/stack/internal/spec"
)

// triggers are what watch does for a service, but for what has no effect here.
func (r *reader) triggers(s types.ServiceConfig) (triggers []spec.Trigger) {
	if s.Develop == nil {
		return nil
	}
	for _, w := range s.Develop.Watch {
		if t, ok := r.trigger(s, w); ok {
			triggers = append(triggers, t)
		}
	}
	return triggers
}

func (r *reader) trigger(s types.ServiceConfig, w types.Trigger) (t spec.Trigger, ok bool) {
	e := element{"services", s.Name, "develop", "watch", item(string(w.Action))}
	source, inside := r.workspace.inside(w.Path)
	t = spec.Trigger{
		Action: spec.TriggerAction(w.Action), Path: source, Target: w.Target, Include: w.Include, Ignore: w.Ignore, Initial: w.InitialSync,
	}
	for _, patterns := range [][]string{w.Include, w.Ignore} {
		if _, err := patternmatcher.New(patterns); err != nil {
			r.refuse(e, "a pattern of include or ignore cannot be read: %v", err)
		}
	}
	if t.Syncs() && !path.IsAbs(t.Target) {
		r.refuse(e, "target %q: want an absolute path", t.Target)
	}
	switch {
	case !inside:
		r.note(e, "no effect: %s %v", r.workspace.shown(w.Path), errOutside)
		return t, false
	case t.Action == spec.TriggerRebuild && s.Build == nil:
		r.note(e, "no effect: %s is not built", s.Name)
		return t, false
	case t.Syncs() && t.Action != spec.TriggerSyncExec && r.mounted(s, source):
		r.note(e, "no effect: a bind mount brings %s", source)
		return t, false
	case t.Action != spec.TriggerSyncExec:
		return t, true
	case len(w.Exec.Command) == 0:
		r.refuse(e, "sync+exec runs no command: want exec with a command")
		return t, false
	}
	if w.Exec.Privileged {
		r.note(e, "exec.privileged has no effect: the command has no more rights than its service")
	}
	t.Exec = &r.commands(s.Name, "develop", []types.ServiceHook{w.Exec})[0]
	return t, true
}

// mounted tells whether a bind mount of a service has a path of the project.
func (r *reader) mounted(s types.ServiceConfig, source string) bool {
	return slices.ContainsFunc(s.Volumes, func(v types.ServiceVolumeConfig) bool {
		bound, inside := r.workspace.inside(v.Source)
		return v.Type == types.VolumeTypeBind && inside && (bound == "." || bound == source || strings.HasPrefix(source, bound+"/"))
	})
}
