package project

import (
	"fmt"
	"slices"
	"strings"

	"dagger/stack/internal/spec"
)

// Template is a value with what the stack knows of its services in the place of {SERVICE.FIELD} and {SERVICE.FIELD:url}. Braces of the
// text itself are written twice.
func Template(text string) (spec.Value, error) {
	var value spec.Value
	var literal strings.Builder
	for rest := text; rest != ""; {
		switch {
		case strings.HasPrefix(rest, "{{"), strings.HasPrefix(rest, "}}"):
			literal.WriteByte(rest[0])
			rest = rest[2:]
		case rest[0] == '}':
			return nil, fmt.Errorf("template %q: a } without a {: write }} for a brace of the text itself", text)
		case rest[0] == '{':
			inside, after, closed := strings.Cut(rest[1:], "}")
			if !closed {
				return nil, fmt.Errorf("template %q: a { without a }: write {{ for a brace of the text itself", text)
			}
			part, err := referenceTo(inside)
			if err != nil {
				return nil, fmt.Errorf("template %q: %w", text, err)
			}
			if literal.Len() > 0 {
				value = append(value, spec.Text(literal.String()))
				literal.Reset()
			}
			value, rest = append(value, part), after
		default:
			literal.WriteByte(rest[0])
			rest = rest[1:]
		}
	}
	if literal.Len() > 0 || value == nil {
		value = append(value, spec.Text(literal.String()))
	}
	return value, nil
}

// referenceTo reads SERVICE.FIELD or SERVICE.FIELD:url. The name of a service of a compose file may have dots in it.
func referenceTo(text string) (spec.Part, error) {
	name, encoding, encoded := strings.Cut(text, ":")
	dot := strings.LastIndexByte(name, '.')
	if dot > 0 && (!encoded || encoding == string(spec.URL)) {
		service, field := name[:dot], spec.Field(name[dot+1:])
		if slices.Contains(spec.Fields, field) && CheckServiceName(service) == nil {
			return spec.Refer(service, field, spec.Encoding(encoding)), nil
		}
	}
	var fields []string
	for _, field := range spec.Fields {
		fields = append(fields, string(field))
	}
	return spec.Part{}, fmt.Errorf("{%s}: want {SERVICE.FIELD} with %s as FIELD, or {SERVICE.FIELD:url} for a part of an address", text, strings.Join(fields, ", "))
}
