package spec

import "slices"

// Value is a text that is complete only inside the service's container: its parts, one after the other. A text that holds a
// secret exists in the memory of the agent and of the service alone.
type Value []Part

// Part is one piece of a Value. Exactly one of its fields is set.
type Part struct {
	Text    string  `json:"text,omitempty"`
	Secret  *Secret `json:"secret,omitempty"`
	Number  *Number `json:"number,omitempty"`
	Address bool    `json:"address,omitempty"` // the container's own IP address
	// Published is the name of a service: host and port at which its first published port is reached from outside of the
	// stack. Package project turns it into Text; an agent never sees it.
	Published string     `json:"-"`
	Reference *Reference `json:"-"` // what another service gives, likewise
}

// Secret is a secret's name, and how its value is written: the user gave the secret, or the stack makes it and keeps it.
type Secret struct {
	Name     string   `json:"name"`
	Encoding Encoding `json:"encoding,omitempty"`
	Random   *Random  `json:"random,omitempty"` // the form that the stack makes the secret in; nil: 26 letters and digits
}

// Encoding makes a secret fit for the text around it.
type Encoding string

const (
	Plain  Encoding = ""
	URL    Encoding = "url"    // for the user part of a URL
	SQL    Encoding = "sql"    // a quoted SQL string
	Quoted Encoding = "quoted" // in double quotes, with backslashes where they are needed
)

// Number is computed from the service's limits when its process starts: the least of Of, not below AtLeast and not above
// AtMost, where these are not 0.
type Number struct {
	Of      []Measure `json:"of"`
	AtLeast int64     `json:"atLeast,omitempty"`
	AtMost  int64     `json:"atMost,omitempty"`
}

// Measure is a share of one limit: Percent of it, minus Less, divided by Per. What is 0 changes nothing.
type Measure struct {
	Limit   Resource `json:"limit"`
	Percent int64    `json:"percent,omitempty"`
	Less    int64    `json:"less,omitempty"`
	Per     int64    `json:"per,omitempty"`
}

// Resource is what a limit bounds.
type Resource string

const (
	Memory Resource = "memory" // bytes
	CPUs   Resource = "cpus"   // whole cores
	Pids   Resource = "pids"   // processes and threads
)

// Text is a part, or a whole value, that is the same everywhere.
func Text(text string) Part { return Part{Text: text} }

// SecretPart is a secret in a text.
func SecretPart(name string, encoding Encoding) Part {
	return Part{Secret: &Secret{Name: name, Encoding: encoding}}
}

// NumberPart is a number that follows the service's limits.
func NumberPart(n Number) Part { return Part{Number: &n} }

// OwnAddress is the container's own IP address.
var OwnAddress = Part{Address: true}

// Literal is the value's text, if it is the same everywhere.
func (v Value) Literal() (text string, ok bool) {
	for _, part := range v {
		if part.Secret != nil || part.Number != nil || part.Address || part.Published != "" || part.Reference != nil {
			return "", false
		}
		text += part.Text
	}
	return text, true
}

// Secrets are the names of those that the value uses.
func (v Value) Secrets() (names []string) {
	for _, part := range v {
		if part.Secret != nil {
			names = append(names, part.Secret.Name)
		}
	}
	return names
}

// Values are all that the service has.
func (s Service) Values() []Value {
	values := slices.Clone(s.Process.Options)
	s.Replaced(func(v Value) Value { values = append(values, v); return v })
	return values
}

// Variables are all that the service's process and the commands beside it get.
func (s Service) Variables() []Variable {
	env := slices.Clone(s.Process.Env)
	for _, command := range slices.Concat(s.Container.PostStart, s.Container.PreStop) {
		env = append(env, command.Env...)
	}
	for _, trigger := range s.Triggers {
		if trigger.Exec != nil {
			env = append(env, trigger.Exec.Env...)
		}
	}
	if s.Backup != nil {
		env = append(env, s.Backup.Env...)
	}
	return env
}

// Replaced is the service with other values, but for those of arguments.
func (s Service) Replaced(with func(Value) Value) Service {
	variables := func(env []Variable) []Variable {
		env = slices.Clone(env)
		for i := range env {
			env[i].Value = with(env[i].Value)
		}
		return env
	}
	commands := func(all []Command) []Command {
		all = slices.Clone(all)
		for i := range all {
			all[i].Env = variables(all[i].Env)
		}
		return all
	}
	if s.Address != nil {
		s.Address = with(s.Address)
	}
	s.Process.Env = variables(s.Process.Env)
	s.Container.PostStart, s.Container.PreStop = commands(s.Container.PostStart), commands(s.Container.PreStop)
	s.Triggers = slices.Clone(s.Triggers)
	for i, trigger := range s.Triggers {
		if trigger.Exec != nil {
			s.Triggers[i].Exec = &commands([]Command{*trigger.Exec})[0]
		}
	}
	if s.Backup != nil {
		backup := *s.Backup
		backup.Env = variables(backup.Env)
		if backup.Server != nil {
			backup.Server = with(backup.Server)
		}
		s.Backup = &backup
	}
	s.Files, s.Hooks = slices.Clone(s.Files), slices.Clone(s.Hooks)
	for i := range s.Files {
		s.Files[i].Content = with(s.Files[i].Content)
	}
	for i := range s.Hooks {
		s.Hooks[i].Stdin = with(s.Hooks[i].Stdin)
	}
	if s.Probe != nil {
		probe := *s.Probe
		probe.URL = with(probe.URL)
		s.Probe = &probe
	}
	return s
}

// Secrets are the names of those that the service's values use, sorted: all that its container needs to have.
func (s Service) Secrets() []string {
	var names []string
	for _, value := range s.Values() {
		names = append(names, value.Secrets()...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
