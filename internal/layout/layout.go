// Package layout says where things are in a service's container. The Dagger functions put them there, the agent
// finds them there.
package layout

import (
	"path"
	"strings"
)

const (
	// Root is closed to everybody but root: the service must not see its agent's files.
	Root    = "/.stack"
	Bin     = Root + "/bin"
	Agent   = Bin + "/stack-agent" // the name makes the binary the agent: see package boot
	Filter  = Bin + "/seccomp.bpf" // what the binary has compiled when it was installed
	Spec    = Root + "/spec.json"
	Config  = Root + "/config.json" // the stack as config prints it, for the gateway
	Secrets = Root + "/secrets"     // those that the user gave, a file each
	// Instance names the agent that runs in this container, so that nobody takes the status of the one before for its.
	Instance = Root + "/instance"
	State    = Root + "/state" // the stack's state volume, in every container at the same place
	// OTLPHeaders is what the user gives for requests to a collector.
	OTLPHeaders = Secrets + "/otlp-headers"
	// Default is the state volume of the stack called default, for the up of one that nobody names.
	Default = Root + "/default"
	// Volumes is where the volumes of spec.Mount are mounted, by their names. The agent has them where the service wants them.
	Volumes = Root + "/volumes"
	// Binds is where the project's files of a bind are, by the index of the mount, as they are on the host now.
	Binds = Root + "/binds"
	// Sources is where the files of spec.File.Source are, by the index of the file.
	Sources = Root + "/sources"

	// Files is where what spec.File describes may be written for the service to read.
	Files = "/run/stack"
	// OneOff is where the agent of a command that is run once keeps what agents keep on the state volume, and Result is how the command
	// has ended.
	OneOff = Root + "/once"
	Result = Root + "/result.json"
	// Upload is the agent's program on its way to the volume that helpers and services have it from.
	Upload = "/.stack-upload/stack-agent"
	// Input and Output are files that a function gives to a helper and gets from it.
	Input  = "/.stack-input/backup.tar"
	Output = "/.stack-output/backup.tar"
	// Copied and Copying are folders of files that a helper has got from a service, and that it brings there.
	Copied  = "/.stack-output/copied"
	Copying = "/.stack-input/copying"
	// Source is where a helper finds a service's new source, by the service's name.
	Source = "/.stack-source"
	// Built is where a helper finds the files of a container that was built anew, by the service's name.
	Built = "/.stack-built"
	// Project is where a helper finds all of the project.
	Project = "/.stack-project"
	// Data is where a helper finds the data volumes, by their names.
	Data = "/.stack-data"
)

// Variable is the variable of the agent's that may have what would otherwise be in a file.
func Variable(file string) string {
	return "STACK_FILE_" + strings.ToUpper(strings.TrimSuffix(path.Base(file), path.Ext(file)))
}
