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
	URL      string // of the remote that the commit was fetched from, without a login
}

var (
	commit = lazyregexp.New(`^[0-9a-f]{40}(?:[0-9a-f]{24})?$`)
	from   = lazyregexp.New(`^(?:(?:branch|tag|remote-tracking branch)? ?'[^']*' of )?(\S+)$`)
	scp    = lazyregexp.New(`^(?:[\w.-]+@)?([\w.-]+\.[\w-]+):([^/].*)$`)
)

// OriginOf reads it from the files of .git. read is the text of one, "" if it is not there. .git/config is none of them: a checkout of CI has a
// token in it.
func OriginOf(read func(name string) string) Origin {
	head := strings.TrimSpace(read(".git/HEAD"))
	if ref, symbolic := strings.CutPrefix(head, "ref: "); symbolic {
		head = strings.TrimSpace(read(path.Join(".git", ref)))
		if head == "" {
			head = packed(read(".git/packed-refs"), ref)
		}
	}
	if !commit.MatchString(head) {
		return Origin{}
	}
	return Origin{Revision: head, URL: remote(read(".git/FETCH_HEAD"), head)}
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

// remote is the address that a commit was fetched from last, as a browser takes it: a login in it may be a secret. A commit that no remote is
// known to have has none.
func remote(fetched, commit string) string {
	address := ""
	for line := range strings.Lines(fetched) {
		fields := strings.SplitN(strings.TrimSpace(line), "\t", 3) // the commit, "not-for-merge" or nothing, what it is
		if len(fields) < 3 || fields[0] != commit {
			continue
		}
		if found := from.FindStringSubmatch(fields[2]); found != nil {
			address = found[1]
			break
		}
	}
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
