package variables

import (
	"slices"
	"strconv"
	"strings"

	"dagger/stack/internal/lazyregexp"
)

const upper = `(?P<name>[A-Z][A-Z0-9_]*)`

var (
	chosen      = lazyregexp.New(`\?\s*(?:z|v|s|t|type)\.`) // process.env.CI ? z.string() : …
	processEnv  = lazyregexp.New(`(?:process\.env|import\.meta\.env|Bun\.env)(?:\??\.` + upper + `\b|\[\s*["'` + "`" + `](?P<quoted>[A-Z][A-Z0-9_]*)["'` + "`" + `]\s*\])`)
	destructed  = lazyregexp.New(`(?:const|let|var)\s*\{(?P<names>[^}]*)\}\s*=\s*process\.env\b`)
	orElse      = lazyregexp.New(`^!?\s*\)?\s*(?:\|\||\?\?)\s*(.*)`)
	asserted    = lazyregexp.New(`^!(?:[^=]|$)`) // TypeScript is told that it is there
	assignment  = lazyregexp.New(`^\s*=[^=]`)
	schemaField = lazyregexp.New(`(?m)^\s*["']?` + upper + `["']?\s*:\s*`)
	getter      = lazyregexp.New(`(?P<when>\?\s*(?:\w+\.)*)?(?:[cC]onfig(?:Service)?\.get(?P<orThrow>OrThrow)?(?:<[^>(]*>)?|\bget(?:OrThrow)?Env\w*|\b(?P<must>require|must|ensure)\w*Env\w*|\benv(?:\.\w+)?)\(\s*["']` + upper + `["']\s*`)
	minimum     = lazyregexp.New(`\.min\(\s*(\d+)`)
	exactly     = lazyregexp.New(`\.length\(\s*(\d+)`)
	hexDigits   = lazyregexp.New(`\[(?:0-9a-f|a-f0-9|0-9a-fA-F|a-fA-F0-9|A-Fa-f0-9|0-9A-Fa-f)+\]\{(\d+)\}|\.hex\(\)`)
	validated   = lazyregexp.New(`(?m)^(?P<decorators>[ \t]*@(?:[^\n]+\n)+?)[ \t]*(?:readonly\s+|public\s+)?` + upper + `[!?]?\s*:`)
)

// schemas are the libraries that check the environment: a field that begins with one of the words is a variable, if the file holds the
// mark of the library. required is what a field says that must be there, or listed is the list of their names that the file has: nil where all
// must be there that are not optional.
var schemas = []struct{ mark, begins, optional, required, listed *lazyregexp.Regexp }{
	{lazyregexp.New(`process\.env|createEnv|import\.meta\.env`), lazyregexp.New(`^(?:z|v|s|t|type|process)\b`),
		lazyregexp.New(`\.(?:optional|default|nullish|nullable|catch|prefault)\(|\boptional\(`), nil, nil},
	{lazyregexp.New(`cleanEnv`), lazyregexp.New(`^(?:\w+\.)?(?:str|num|port|url|host|email|bool|json|makeValidator|\w+)\(`), lazyregexp.New(`\b(?:default|devDefault)\s*:`), nil, nil},
	{lazyregexp.New(`\bJoi\b|\bjoi\b`), lazyregexp.New(`^[Jj]oi\.`), lazyregexp.New(`\.(?:optional|default|when)\(`), lazyregexp.New(`\.required\(`), nil},
	{lazyregexp.New(`Env\.(?:schema|create)`), lazyregexp.New(`^Env\.schema\.`), lazyregexp.New(`\.optional`), nil, nil},
	// A JSON schema, as fastify's plugins take it.
	{lazyregexp.New(`@fastify/env|fastify-env|env-schema`), lazyregexp.New(`^(?:\{|Type\.|z\.)`), lazyregexp.New(`\bdefault\s*:|\.default\(|\.Optional\(|\.optional\(`), nil,
		lazyregexp.New(`\brequired\s*:\s*\[([^\]]*)\]`)},
}

// readJavaScript reads JavaScript, TypeScript and the files that hold them.
func readJavaScript(t Text) (reads []Read) {
	matches(processEnv, t, "//", func(r Read, group map[string]string, behind string) {
		if r.Name += group["quoted"]; assignment.MatchString(behind) {
			return
		}
		if match := orElse.FindStringSubmatch(behind); match != nil {
			r.Value = literal(expression(match[1]))
			r.Optional = r.Value != "" || !strings.Contains(expression(match[1]), "throw")
		} else {
			r.Later = asserted.MatchString(behind)
		}
		reads = append(reads, r)
	})
	matches(destructed, t, "//", func(r Read, group map[string]string, _ string) {
		for name := range strings.SplitSeq(group["names"], ",") {
			name, value, optional := strings.Cut(name, "=")
			name, _, _ = strings.Cut(name, ":")
			if r.Name = strings.TrimSpace(name); r.Name != "" && r.Name == strings.ToUpper(r.Name) {
				r.Optional, r.Value = optional, literal(value)
				reads = append(reads, r)
			}
		}
	})
	return slices.Concat(reads, readSchema(t), readGetters(t), compared(t, "//"))
}

// readSchema reads what a library checks the environment against.
func readSchema(t Text) (reads []Read) {
	for _, schema := range schemas {
		if !schema.mark.MatchString(t.Text) {
			continue
		}
		var listed []string
		if schema.listed != nil {
			listed = schema.listed.FindStringSubmatch(t.Text)
		}
		matches(schemaField, t, "//", func(r Read, _ map[string]string, behind string) {
			field := expression(behind)
			if !schema.begins.MatchString(field) || strings.HasPrefix(field, "process.env.") && !chosen.MatchString(field) {
				return
			}
			r.Optional = schema.optional.MatchString(field)
			r.Required = !r.Optional && (schema.required == nil || schema.required.MatchString(field)) &&
				(listed == nil || strings.Contains(listed[1], `'`+r.Name+`'`) || strings.Contains(listed[1], `"`+r.Name+`"`))
			r.Value, r.Hint = defaultOf(field), schemaHint(field)
			reads = append(reads, r)
		})
	}
	if strings.Contains(t.Text, "class-validator") {
		matches(validated, t, "//", func(r Read, group map[string]string, _ string) {
			r.Optional = strings.Contains(group["decorators"], "@IsOptional") || strings.Contains(group["decorators"], "@ValidateIf")
			r.Required = !r.Optional
			reads = append(reads, r)
		})
	}
	return reads
}

var defaulted = lazyregexp.New(`(?:\.default\(|\.prefault\(|\bdefault\s*:|\bdevDefault\s*:)\s*(.*)`)

// defaultOf is the default that a field of a schema says.
func defaultOf(field string) string {
	if match := defaulted.FindStringSubmatch(field); match != nil {
		return literal(expression(match[1]))
	}
	return ""
}

// schemaHint is the form that a field of a schema wants.
func schemaHint(field string) (h Hint) {
	if match := exactly.FindStringSubmatch(field); match != nil {
		h.Length, _ = strconv.Atoi(match[1])
		h.Exact = true
	} else if match := minimum.FindStringSubmatch(field); match != nil {
		h.Length, _ = strconv.Atoi(match[1])
	}
	if match := hexDigits.FindStringSubmatch(field); match != nil {
		h.Form = "hex"
		if n, err := strconv.Atoi(match[1]); err == nil {
			h.Length, h.Exact = n, true
		}
	} else if strings.Contains(field, ".base64(") {
		h.Form = "base64"
	}
	return h
}

// readGetters reads calls of functions that give a variable by its name.
func readGetters(t Text) (reads []Read) {
	matches(getter, t, "//", func(r Read, group map[string]string, behind string) {
		rest, second := strings.CutPrefix(behind, ",")
		r.Optional = second && group["orThrow"] == ""
		r.Required = !second && group["when"] == "" && (group["orThrow"] != "" || group["must"] != "")
		if second {
			r.Value = literal(expression(rest))
		}
		reads = append(reads, r)
	})
	return reads
}
