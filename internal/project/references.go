package project

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dagger/stack/internal/spec"
)

// filled are variables with what they refer to in the place of the references: published addresses, as all of the project
// says, and what services of the stack have. A variable is left out if it refers to a service that is not there or not published,
// and an error if the user has written the reference.
func (p Project) filled(all Project, env []spec.Variable) (filled []spec.Variable, err error) {
	for _, v := range env {
		value, known, err := p.value(all, v.Value)
		if err != nil {
			return nil, fmt.Errorf("variable %s: %w", v.Name, err)
		}
		if v.Value = value; known {
			filled = append(filled, v)
		}
	}
	return filled, nil
}

// files are files with what they refer to in the place of the references; with nothing in the place of what is not there.
func (p Project) files(all Project, files []spec.File) (filled []spec.File, err error) {
	for _, f := range files {
		if f.Content, _, err = p.value(all, f.Content); err != nil {
			return nil, fmt.Errorf("file %s: %w", f.Path, err)
		}
		filled = append(filled, f)
	}
	return filled, nil
}

// value is a value with what it refers to, and whether all of that is known. What is not is an error if the user has written it.
func (p Project) value(all Project, parts spec.Value) (value spec.Value, known bool, err error) {
	known = true
	for _, part := range parts {
		switch {
		case part.Published != "":
			port := all.published(part.Published)
			value, known = append(value, spec.Text("localhost:"+strconv.Itoa(port))), known && port != 0
		case part.Reference != nil:
			parts, err := p.refer(*part.Reference)
			if err != nil && !part.Reference.Optional {
				return nil, false, err
			}
			value, known = append(value, parts...), known && err == nil
		default:
			value = append(value, part)
		}
	}
	return value, known, nil
}

// refer is what a reference means.
func (p Project) refer(r spec.Reference) (spec.Value, error) {
	s, found := p.Service(r.Service)
	if !found {
		return nil, fmt.Errorf("{%s.%s} names the service %s, %s", r.Service, r.Field, r.Service, lacks(p.Names()))
	}
	value := referred(s, r.Field, r.Encoding)
	if value == nil {
		return nil, fmt.Errorf("{%s.%s}: the stack knows no %s of %s: want one of %s", r.Service, r.Field, r.Field, r.Service, strings.Join(known(s), ", "))
	}
	return value, nil
}

// referred is what a service has, nil if it has none.
func referred(s spec.Service, field spec.Field, encoding spec.Encoding) spec.Value {
	text := func(text string) spec.Value {
		if text == "" {
			return nil
		}
		return encoded(spec.Value{spec.Text(text)}, encoding)
	}
	login := s.Login
	if login == nil {
		login = &spec.Login{}
	}
	switch field {
	case spec.HostField:
		return text(s.Name)
	case spec.PortField:
		if len(s.Ports) > 0 {
			return text(strconv.Itoa(s.Ports[0].Container))
		}
	case spec.UserField:
		return text(login.User)
	case spec.PasswordField:
		return encoded(login.Password, encoding)
	case spec.DatabaseField:
		return text(login.Database)
	case spec.LoginField:
		if login.Password != nil {
			return slices.Concat(text(login.User), spec.Value{spec.Text(":")}, encoded(login.Password, encoding), spec.Value{spec.Text("@")})
		}
		if login.Kind != "" {
			return spec.Value{}
		}
	case spec.URLField:
		if len(s.Exports) > 0 {
			return s.Exports[0].Value
		}
	}
	return nil
}

// encoded is a value that fits the text around it.
func encoded(value spec.Value, encoding spec.Encoding) spec.Value {
	if encoding != spec.URL {
		return value
	}
	value = slices.Clone(value)
	for i, part := range value {
		if part.Secret != nil {
			secret := *part.Secret
			secret.Encoding = spec.URL
			value[i].Secret = &secret
		} else {
			value[i].Text = strings.TrimPrefix(url.UserPassword("", part.Text).String(), ":")
		}
	}
	return value
}

// known are the fields of a service that the stack knows.
func known(s spec.Service) (names []string) {
	for _, field := range spec.Fields {
		if referred(s, field, spec.Plain) != nil {
			names = append(names, string(field))
		}
	}
	return names
}
