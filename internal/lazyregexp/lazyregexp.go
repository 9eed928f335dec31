// Package lazyregexp has regular expressions that are compiled when they are first used. Every agent has the code of detection in it and
// uses none of it: compiled at the start, its expressions took 1.8 MB and some milliseconds of each agent, and of each call. The package is that of the Go project's own
// tools (internal/lazyregexp there), which cannot be imported.
package lazyregexp

import (
	"os"
	"regexp"
	"strings"
	"sync"
)

// Regexp is a regular expression. A wrong one panics at its first use, and in each test of its package.
type Regexp struct{ compile func() *regexp.Regexp }

// New is the expression of that text.
func New(text string) *Regexp {
	r := &Regexp{compile: sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })}
	if len(os.Args) > 0 && strings.HasSuffix(os.Args[0], ".test") {
		r.compile()
	}
	return r
}

func (r *Regexp) MatchString(text string) bool  { return r.compile().MatchString(text) }
func (r *Regexp) FindString(text string) string { return r.compile().FindString(text) }
func (r *Regexp) SubexpNames() []string         { return r.compile().SubexpNames() }
func (r *Regexp) SubexpIndex(name string) int   { return r.compile().SubexpIndex(name) }
func (r *Regexp) FindStringIndex(text string) []int {
	return r.compile().FindStringIndex(text)
}
func (r *Regexp) FindStringSubmatch(text string) []string {
	return r.compile().FindStringSubmatch(text)
}
func (r *Regexp) FindAllString(text string, n int) []string {
	return r.compile().FindAllString(text, n)
}
func (r *Regexp) FindAllStringSubmatch(text string, n int) [][]string {
	return r.compile().FindAllStringSubmatch(text, n)
}
func (r *Regexp) FindAllStringSubmatchIndex(text string, n int) [][]int {
	return r.compile().FindAllStringSubmatchIndex(text, n)
}
func (r *Regexp) ReplaceAllString(text, with string) string {
	return r.compile().ReplaceAllString(text, with)
}
func (r *Regexp) ReplaceAllStringFunc(text string, with func(string) string) string {
	return r.compile().ReplaceAllStringFunc(text, with)
}
