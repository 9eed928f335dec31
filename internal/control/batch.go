package control

import (
	"fmt"
	"strings"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/spec"
)

// SyncRequest asks for the source of running services to become that of Folders.
type SyncRequest struct {
	Folders map[string]string   // by service, where its new source is
	At      map[string][]string // by service, the paths of its source that are compared; ".": all of it
	Binds   map[string][]string // by service, the files and folders of the project that it has mounted
	BindsAt map[string][]string // by file or folder of Binds, the paths of it that are compared; none: all of it
	Project string              // where the project's files are, if there are Binds, Triggers or Edited
	Edited  []string            // paths of the project, if it is to be told which images were built from them
	Volume  string              // where the stack's volume of binds is
	Built   map[string]Built    // by service that was built anew, what came of it
	Failed  map[string]string   // by service whose build has failed, its Build.Digest
	// Triggers are, by service and trigger, the paths below its Path that are compared; ".": all of it.
	Triggers map[string][][]string
	Restart  string // auto, always or never
	Timeout  string // for each to become healthy
	// Watching tells of what has changed alone, and of what cannot be brought as a SyncResult that does not stop the rest.
	Watching bool
}

// Built is what a build has made of a service.
type Built struct {
	Root     string // where the files of its container are
	Products []spec.Product
	Image    bool // all of the container is new
}

// SyncResult is a service's source after a sync.
type SyncResult struct {
	Service                 string
	Changed, Added, Deleted []string // files; none at all: it was the same
	Kept                    []string // files that have changed in the project and in the stack, which keeps its own
	NotRun                  []string // commands of the build that take the whole source, and were not run again
	Problem                 string   // why it was not synced, or did not come back; empty: there is none
	Behind                  bool     // it was not synced

	Build *Build   // the one that it takes, nil: none
	Built bool     // it was synced after a build, and what the build has made is in place
	Ran   []string // commands that ran after its files had come
}

// String is the lines about the service's source.
func (r SyncResult) String() string {
	if r.Problem != "" {
		return r.Problem
	}
	if r.Same() {
		return r.Service + ": nothing has changed"
	}
	var parts []string
	for _, part := range []struct {
		files []string
		word  string
	}{{r.Changed, "changed"}, {r.Added, "added"}, {r.Deleted, "deleted"}} {
		if len(part.files) > 0 {
			parts = append(parts, protocol.Few(part.files)+" "+part.word)
		}
	}
	if len(r.Kept) > 0 {
		parts = append(parts, protocol.Few(r.Kept)+" changed in the project and in the stack, which keeps its own")
	}
	text := r.Service + ": " + strings.Join(parts, "; ")
	if r.Built {
		text += "; built anew"
	}
	for _, command := range r.Ran {
		text += "; ran " + command
	}
	for _, command := range r.NotRun {
		text += fmt.Sprintf("\n%s: not run again for it: %s", r.Service, command)
	}
	return text
}

// Same tells whether there was nothing to sync.
func (r SyncResult) Same() bool {
	return len(r.Changed)+len(r.Added)+len(r.Deleted)+len(r.Kept) == 0 && r.Problem == ""
}

// Build is one that an edit takes.
type Build struct {
	Source *spec.Source // what the service's source was made of; nil: its image is built
	From   *spec.From   // what the image was built from
	// Digest is of the files that the build is made for: one that has failed need not be tried again with the same.
	Digest string
}

// Batch is what has become of edits that were brought together.
type Batch struct {
	Run    string // the up of the stack
	Lines  []string
	Behind bool             // a service was not synced
	Build  map[string]Build // by service that takes one
}
