package render

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"dagger/stack/internal/project"
	"dagger/stack/internal/spec"
)

// config is a resolved stack as `config` prints it: in compose's words where compose has one.
type config struct {
	Name     string          `json:"name"`
	Source   string          `json:"source"`
	Services []configService `json:"services"` // in the order in which they are started
	LeftOut  []leftOut       `json:"left_out,omitempty"`
	Notes    []string        `json:"notes,omitempty"`
}

type leftOut struct {
	Service string `json:"service"`
	Reason  string `json:"reason"`
}

type configService struct {
	Name         string            `json:"name"`
	Kind         string            `json:"kind,omitempty"`
	Mode         spec.Mode         `json:"mode,omitempty"`
	Image        string            `json:"image,omitempty"`
	Build        *configBuild      `json:"build,omitempty"`
	Command      []string          `json:"command,omitempty"`
	User         string            `json:"user,omitempty"`
	Root         bool              `json:"root_in_container,omitempty"`
	Capabilities []string          `json:"capabilities,omitempty"`
	WorkingDir   string            `json:"working_dir,omitempty"`
	Environment  map[string]string `json:"environment,omitempty"`
	From         map[string]string `json:"environment_from,omitempty"` // FILE:LINE, by variable
	Ports        []spec.Port       `json:"ports,omitempty"`
	DependsOn    []spec.Dependency `json:"depends_on,omitempty"`
	Healthcheck  *configProbe      `json:"healthcheck,omitempty"`
	Volumes      []string          `json:"volumes,omitempty"`
	Files        []string          `json:"files,omitempty"`
	Hosts        []spec.Host       `json:"hosts,omitempty"`
	DNS          spec.DNS          `json:"dns,omitzero"`
	Limits       spec.Limits       `json:"limits,omitzero"`
	Restart      string            `json:"restart,omitempty"`
	StopSignal   string            `json:"stop_signal,omitempty"`
}

type configBuild struct {
	Context    string `json:"context"`
	Dockerfile string `json:"dockerfile,omitempty"`
	Target     string `json:"target,omitempty"`
	Image      string `json:"image,omitempty"` // that a detected service's source is put on
}

type configProbe struct {
	Test     string        `json:"test"`
	Interval spec.Duration `json:"interval,omitempty"`
	Timeout  spec.Duration `json:"timeout,omitempty"`
	Retries  int           `json:"retries,omitempty"`
	Start    spec.Duration `json:"start_period,omitempty"`
}

// Config is a resolved stack as YAML or JSON. secrets are the texts that were concealed, by name: in arguments, names take their place.
func Config(p project.Project, secrets map[string]string, format string) (string, error) {
	c := config{Name: p.Name, Source: p.Source, Notes: p.Notes}
	for _, s := range p.Services {
		view := viewService(s)
		for name, text := range secrets {
			named := spec.Value{spec.SecretPart(name, spec.Plain)}.String()
			for i := range view.Command {
				view.Command[i] = strings.ReplaceAll(view.Command[i], text, named)
			}
			if view.Healthcheck != nil {
				view.Healthcheck.Test = strings.ReplaceAll(view.Healthcheck.Test, text, named)
			}
		}
		c.Services = append(c.Services, view)
	}
	for _, left := range p.LeftOut {
		c.LeftOut = append(c.LeftOut, leftOut{left.Service, left.Reason})
	}
	switch format {
	case "json":
		text, err := json.MarshalIndent(c, "", "  ")
		return string(text) + "\n", err
	case "yaml", "":
		text, err := yaml.Marshal(c)
		return string(text), err
	}
	return "", fmt.Errorf("format %q: want yaml or json", format)
}

func viewService(s spec.Service) configService {
	view := configService{
		Name: s.Name, Kind: s.Kind, Mode: s.Mode, Image: s.Build.Image, Command: slices.Clone(s.Process.Command), User: s.Process.User, Root: s.Process.Root,
		Capabilities: s.Process.Capabilities, WorkingDir: s.Process.Workdir, Environment: map[string]string{}, From: map[string]string{}, Ports: s.Ports,
		DependsOn: s.DependsOn, Hosts: s.Container.Hosts, DNS: s.Container.DNS, Limits: s.Limits, Restart: string(s.Restart.Policy), StopSignal: s.Process.StopSignal,
	}
	switch {
	case s.Build.Docker != nil:
		view.Image = ""
		view.Build = &configBuild{Context: s.Build.Docker.Context + s.Build.Docker.Git, Dockerfile: s.Build.Docker.Dockerfile, Target: s.Build.Docker.Target}
	case s.Build.Dir != "":
		view.Image = ""
		view.Build = &configBuild{Context: s.Build.Dir, Dockerfile: s.Build.Dockerfile, Target: s.Build.Stage, Image: s.Build.Image}
	}
	for _, option := range s.Process.Options {
		view.Command = append(view.Command, option.String())
	}
	for _, v := range s.Process.Env {
		if !v.Unset {
			view.Environment[v.Name] = v.Value.String()
		}
		if v.From != "" {
			view.From[v.Name] = v.From
		}
	}
	if s.Probe != nil {
		view.Healthcheck = &configProbe{Test: probeText(*s.Probe), Interval: s.Probe.Interval, Timeout: s.Probe.Timeout, Retries: s.Probe.Retries, Start: s.Probe.StartPeriod}
	}
	for _, data := range s.Data {
		view.Volumes = append(view.Volumes, data.Name+":"+data.Path)
	}
	for _, mount := range s.Container.Mounts {
		view.Volumes = append(view.Volumes, mountText(mount))
	}
	for _, file := range s.Files {
		view.Files = append(view.Files, file.Path)
	}
	return view
}

func probeText(p spec.Probe) string {
	switch {
	case p.HTTP != nil:
		scheme := ""
		if p.HTTP.TLS {
			scheme = "https"
		}
		return fmt.Sprintf("GET %s:%d%s", scheme, p.HTTP.Port, strings.Join(p.HTTP.Paths, " or "))
	case p.TCP != nil:
		return fmt.Sprintf("TCP :%d", p.TCP.Port)
	case p.GRPC != nil:
		return strings.TrimSuffix(fmt.Sprintf("gRPC :%d/%s", p.GRPC.Port, p.GRPC.Service), "/")
	case len(p.URL) > 0:
		return "login to " + p.URL.String()
	}
	return strings.Join(p.Exec, " ")
}

func mountText(m spec.Mount) string {
	text := string(m.Type) + " " + m.Source + ":" + m.Target
	if m.ReadOnly {
		text += ":ro"
	}
	return text
}
