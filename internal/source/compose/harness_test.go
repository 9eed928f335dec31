package compose

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"dagger/stack/internal/project"
	"dagger/stack/internal/spec"
)

// tree is a project of files, one after the other: "-- NAME --" begins each, and a NAME that ends with a slash is a folder.
func tree(text string) fstest.MapFS {
	files := fstest.MapFS{}
	name := "compose.yaml"
	for line := range strings.Lines(text) {
		if rest, found := strings.CutPrefix(strings.TrimSpace(line), "-- "); found {
			name = strings.TrimSuffix(rest, " --")
			files[strings.TrimSuffix(name, "/")] = &fstest.MapFile{}
			if strings.HasSuffix(name, "/") {
				delete(files, strings.TrimSuffix(name, "/"))
				files[name+".keep"] = &fstest.MapFile{}
			}
			continue
		}
		if files[name] == nil {
			files[name] = &fstest.MapFile{}
		}
		files[name].Data = append(files[name].Data, line...)
	}
	return files
}

// loaded is the project of files that must be one.
func loaded(t *testing.T, text string, opt Options) project.Project {
	t.Helper()
	p, err := Load(tree(text), opt)
	if err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	return p
}

// flat is everything that is set in a service or in a list of services, a line each, such as "Process.Env[0]=A=1".
func flat[T spec.Service | []spec.Service](value T) (lines []string) {
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		switch value := v.Interface().(type) {
		case spec.Value:
			if len(value) > 0 {
				lines = append(lines, path+"="+text(value))
			}
			return
		case spec.Variable:
			line := path + "=" + value.Name + "=" + text(value.Value)
			if value.Unset {
				line = path + "=" + value.Name + " unset"
			}
			if value.Sensitive {
				line += " sensitive"
			}
			lines = append(lines, line)
			return
		}
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() {
				walk(path, v.Elem())
			}
		case reflect.Struct:
			for i := range v.NumField() {
				walk(strings.TrimPrefix(path+"."+v.Type().Field(i).Name, "."), v.Field(i))
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(fmt.Sprintf("%s[%d]", path, i), v.Index(i))
			}
		case reflect.Map:
			for _, key := range v.MapKeys() {
				lines = append(lines, fmt.Sprintf("%s[%v]=%v", path, key, v.MapIndex(key)))
			}
		default:
			if !v.IsZero() || strings.HasSuffix(path, "ID") {
				lines = append(lines, fmt.Sprintf("%s=%v", path, v))
			}
		}
	}
	walk("", reflect.ValueOf(value))
	return lines
}

// text is a value as a test would write it.
func text(value spec.Value) (text string) {
	for _, part := range value {
		switch {
		case part.Secret != nil:
			text += "<" + part.Secret.Name + ">"
		case part.Address:
			text += "<address>"
		default:
			text += part.Text
		}
	}
	return text
}

func service(t *testing.T, p project.Project, name string) spec.Service {
	t.Helper()
	s, found := p.Service(name)
	if !found {
		t.Fatalf("no service %s among %v", name, p.Names())
	}
	return s
}
