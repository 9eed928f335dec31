package git

import (
	"net/url"
	"path"
	"strings"

	"dagger/stack/internal/lazyregexp"
)

// Origin is where the files of a repository come from. What is not known is "".
type Origin struct {
	Revision string // the commit
	URL      string // of the remote "origin", without a login
}

var (
	commit = lazyregexp.New(`^[0-9a-f]{40}(?:[0-9a-f]{24})?$`)
	origin = lazyregexp.New(`(?m)^\[remote "origin"\][^\[]*?^\s*url\s*=\s*"?([^"\s]+)`)
	scp    = lazyregexp.New(`^(?:[\w.-]+@)?([\w.-]+\.[\w-]+):([^/].*)$`)
)

// OriginOf reads it from the files of .git. read is the text of one, "" if it is not there.
func OriginOf(read func(name string) string) Origin {
	head := strings.TrimSpace(read(".git/HEAD"))
	if ref, symbolic := strings.CutPrefix(head, "ref: "); symbolic {
		head = strings.TrimSpace(read(path.Join(".git", ref)))
		if head == "" {
			head = packed(read(".git/packed-refs"), ref)
		}
	}
	if !commit.MatchString(head) {
		head = ""
	}
	return Origin{Revision: head, URL: remote(read(".git/config"))}
}

// packed is the commit of a ref in the file of many.
func packed(text, ref string) string {
	for line := range strings.Lines(text) {
		if hash, name, _ := strings.Cut(strings.TrimSpace(line), " "); name == ref {
			return hash
		}
	}
	return ""
}

// remote is the address of the remote "origin" as a browser takes it: a login in it may be a secret.
func remote(text string) string {
	found := origin.FindStringSubmatch(text)
	if found == nil {
		return ""
	}
	address := found[1]
	if match := scp.FindStringSubmatch(address); match != nil {
		address = "https://" + match[1] + "/" + match[2]
	}
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" {
		return "" // a folder
	}
	if parsed.Scheme != "http" {
		parsed.Scheme, parsed.Host = "https", parsed.Hostname()
	}
	parsed.User, parsed.RawQuery, parsed.Fragment = nil, "", ""
	return strings.TrimSuffix(parsed.String(), ".git")
}
