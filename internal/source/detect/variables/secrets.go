package variables

import (
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/recipe"
	"dagger/stack/internal/spec"
)

var (
	// ownWords are the words that names of a project's own secrets are made of: what another company gives has that company's name.
	ownWords = strings.Fields(`SECRET SECRETS KEY KEYS APP DJANGO FLASK FASTAPI JWT AUTH NEXTAUTH NEXT BETTER SESSION SESSIONS COOKIE COOKIES ACCESS REFRESH TOKEN CSRF SIGNING SIGN
		ENCRYPTION ENCRYPT FERNET HASH HASHING SALT PEPPER RESET CONFIRM FORGOT EMAIL VERIFICATION VERIFY PAYLOAD SERVER BACKEND SECURITY CRYPTO PASSWORD PREVIEW DATA
		MASTER TRANSFER ADMIN INTERNAL IRON HMAC OAUTH2 STATE USER LOGIN SUPERUSER FIRST DEFAULT INITIAL ROOT CIPHER AES AUTHENTICATION NUXT MAGIC LINK INVITE`)
	ownEnd   = lazyregexp.New(`(?:^|_)(?:SECRET|SECRETS|SECRET_KEY|SECRET_TOKEN|SALT|PEPPER|(?:APP|FERNET|ENCRYPTION|ENCRYPT|SIGNING|JWT|SESSION|COOKIE|HASH|CRYPTO|HMAC|MASTER|SECURITY|CIPHER|AES|AUTH)_(?:SECRET_)?KEYS?|SECRET_BASE)$`)
	ownLogin = lazyregexp.New(`^(?:FIRST_|INITIAL_|DEFAULT_)?(?:DJANGO_)?(?:ADMIN|SUPERUSER|ROOT_USER|DEFAULT_USER)(?:_USER)?_PASSWORD$`)
	likely   = lazyregexp.New(`(?i)SECRET|TOKEN|PASSW|(?:^|_)(?:API_?)?KEY|(?:^|_)DSN$|CREDENTIAL`)
	notYet   = lazyregexp.New(`(?i)change.?(?:me|this|it)|your[-_ ]|^your|xxx|^<.*>$|placeholder|replace|^todo|example.?key|insert|fill|\.\.\.|^\*+$|^sk[-_]|^pk_test_\.|secret.?key.?here|_here\b`)
)

const (
	ownLength = 48 // of a secret about which nothing is said: more than any library wants
	keyBytes  = 32
)

// placeholder says whether an example only stands for a value.
func placeholder(text string) bool { return notYet.MatchString(text) }

// looksSecret says whether a value of that name is not for everybody.
func looksSecret(name string) bool { return likely.MatchString(name) }

func sensitive(name string, value spec.Value) bool {
	text, literal := value.Literal()
	return literal && looksSecret(name) && len(text) >= 8
}

// own says whether a name means a secret of the project's own.
func (v *variable) own() bool {
	name := strings.TrimPrefix(strings.ToUpper(v.name), v.hint.Prefix)
	if ownLogin.MatchString(name) {
		return v.example == "" || placeholder(v.example)
	}
	if !ownEnd.MatchString(name) || public.MatchString(name) {
		return false
	}
	return !slices.ContainsFunc(strings.Split(name, "_"), func(word string) bool { return !slices.Contains(ownWords, strings.TrimRight(word, "0123456789")) })
}

// bySecret is a secret of the project's own, which is made once for the stack.
func bySecret(l look) (answer, bool) {
	if !l.own() || l.read && l.optional || l.given != "" || !l.read && slices.Contains(l.service.Has, l.name) {
		return answer{}, false
	}
	name := "own-" + l.name
	if l.name == "SECRET_KEY" {
		name = recipe.SecretKey // --secret-key
	}
	return answer{value: spec.Value{spec.Made(name, l.random())}, why: "made for this stack"}, true
}

// random is the form of a secret: as the code says, or the name, or what is shown.
func (l look) random() spec.Random {
	form, length := l.hint.Form, l.hint.Length
	name, shown := strings.ToUpper(l.name), l.shown()
	switch {
	case strings.Contains(name, "FERNET"):
		return spec.Random{Form: spec.Base64URLForm, Length: keyBytes}
	case form == "hex" && length > 0:
		return spec.Random{Form: spec.HexForm, Length: length / 2}
	case form == "hex", hexText.MatchString(shown):
		return spec.Random{Form: spec.HexForm, Length: max(len(shown)/2, keyBytes)}
	case form == "base64":
		return spec.Random{Form: spec.Base64Form, Length: keyBytes}
	case form == "fernet":
		return spec.Random{Form: spec.Base64URLForm, Length: keyBytes}
	case l.hint.Exact:
		return spec.Random{Length: length}
	}
	return spec.Random{Length: max(length, ownLength)}
}

var hexText = lazyregexp.New(`^[0-9a-f]{32,}$`)
