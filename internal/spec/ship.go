package spec

import (
	"net/url"
	"slices"
	"strings"
)

// Ship is the image of a build for production: an image of its own, and what is brought into it of what the build has made. All of
// it belongs to root, but for what the service's user may change.
type Ship struct {
	Image    string
	Packages []string        // of Debian
	Env      []BuildVariable // beside those of the build: the build does without them
	Folders  []string        // empty ones of the service's user
	Copies   []Copy
	// Static is a folder that the file server serves, "" if there is none: its program is brought into the image, and small copies of
	// the texts are made beside them.
	Static string
}

// FileServer is the file server's program in an image.
const FileServer = "/usr/local/bin/serve"

// Copy is a folder of the build's container that is brought into another one.
type Copy struct {
	From, To string
	Without  []string // patterns below From
	Own      bool     // it belongs to the service's user
}

// public are how the names of variables begin that bundlers write into what every browser gets.
var public = []string{"VITE_", "NEXT_PUBLIC_", "NUXT_PUBLIC_", "PUBLIC_", "REACT_APP_", "GATSBY_", "VUE_APP_", "NG_APP_", "EXPO_PUBLIC_"}

// standIn is what a build has in the place of a secret.
const standIn = "build"

// StandIns are variables, as NAME=VALUE, that a build for production has beside Bundled, because the code that it loads may want them: texts in
// which every secret is another word. What is public by its name is no secret.
func (s Service) StandIns() (pairs []string) {
	for _, v := range s.Process.Env {
		text, literal := v.Value.Literal()
		switch {
		case v.Unset || literal && !v.Sensitive || v.Name == "NODE_ENV":
			continue
		case literal && slices.ContainsFunc(public, func(prefix string) bool { return strings.HasPrefix(v.Name, prefix) }):
		case literal:
			text = withoutPassword(text)
		default:
			var ok bool
			if text, ok = v.Value.stoodIn(); !ok {
				continue
			}
		}
		pairs = append(pairs, v.Name+"="+text)
	}
	return pairs
}

// stoodIn is the value's text without its secrets, if there is one outside of the service's container.
func (v Value) stoodIn() (text string, ok bool) {
	for _, part := range v {
		switch {
		case part.Secret != nil:
			text += standIn
		case part.Number != nil || part.Address || part.Published != "" || part.Reference != nil:
			return "", false
		}
		text += part.Text
	}
	return text, true
}

// withoutPassword is the stand-in of a text that is a secret: of an address, the same address with another login.
func withoutPassword(text string) string {
	address, err := url.Parse(text)
	if err != nil || address.Host == "" {
		return standIn
	}
	address.RawQuery, address.Fragment = "", "" // may have one, too
	if address.User != nil {
		address.User = url.UserPassword(standIn, standIn)
	}
	return address.String()
}
