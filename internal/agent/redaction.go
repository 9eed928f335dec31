package agent

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// everyday are words that passwords for development are made of, and that logs are full of.
var everyday = []string{
	"admin", "backend", "changeme", "database", "default", "demo", "development", "docker", "dummy", "example", "frontend", "guest", "hello",
	"local", "localhost", "mysql", "none", "null", "pass", "passwd", "password", "postgres", "postgresql", "redis", "root", "secret",
	"service", "stack", "test", "testing", "true", "false", "user", "username", "value", "1234", "12345", "123456",
}

const (
	// tellable is how many characters a secret has at least that is no part of ordinary text by chance.
	tellable = 4
	// nameLike is below what a name of a user or a database has.
	nameLike = 24
)

// ordinary tells whether a secret is a text that the log holds anyhow: to take it out there would leave a log that nobody can
// read, and tell what the secret is.
func (a *agent) ordinary(secret string) bool {
	if len(secret) < tellable || slices.Contains(everyday, strings.ToLower(secret)) {
		return true
	}
	names := append(a.Service.Needs(), a.Service.Name)
	for _, v := range a.Service.Process.Env {
		if text, known := v.Value.Literal(); known && !v.Sensitive {
			names = append(names, text)
		}
	}
	return len(secret) < nameLike && slices.Contains(names, secret)
}

// learnRedaction finds what is to be taken out of the log. An ordinary word is taken out where it stands as a password alone.
func (a *agent) learnRedaction() {
	for _, name := range slices.Sorted(maps.Keys(a.render.used)) {
		secret := a.render.used[name]
		if secret == "" {
			continue
		}
		if !a.ordinary(secret) {
			a.secrets = append(a.secrets, forms(secret)...)
			continue
		}
		a.notes = append(a.notes, fmt.Sprintf("the secret %s is an everyday word, a name of the stack or shorter than %d characters: logs hide it only where it stands as a password "+
			"(USER:***@HOST, password=***); give another one to have it hidden everywhere", name, tellable))
		for _, form := range forms(secret) {
			for _, around := range [][2]string{{":", "@"}, {"password=", ""}, {"PASSWORD=", ""}, {"PASSWORD '", "'"}, {`password":"`, `"`}, {`password": "`, `"`}} {
				a.secrets = append(a.secrets, []byte(around[0]+string(form)+around[1]))
			}
		}
	}
}
