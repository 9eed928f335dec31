package spec

// Login is how clients reach a service, and who they are to it.
type Login struct {
	Kind     LoginKind
	User     string // "": none is needed
	Password Value  // nil: none is needed
	Database string // its name, or its number
}

// LoginKind is the protocol that a service speaks.
type LoginKind string

const (
	PostgresLogin LoginKind = "postgres"
	RedisLogin    LoginKind = "redis"
	MySQLLogin    LoginKind = "mysql"
	MongoLogin    LoginKind = "mongodb"
)

// Reference is something of a service that the stack knows. Package project puts it in; an agent never sees one.
type Reference struct {
	Service  string
	Field    Field
	Encoding Encoding
	// Optional: a variable whose service does not have it is left out, where it else is an error.
	Optional bool
}

// Field is what a Reference means of a service.
type Field string

const (
	HostField     Field = "host"     // its name in the stack
	PortField     Field = "port"     // its first port in the stack
	UserField     Field = "user"     // of its Login
	PasswordField Field = "password" // of its Login
	DatabaseField Field = "database" // of its Login
	URLField      Field = "url"      // what it exports
	LoginField    Field = "login"    // USER:PASSWORD@ of an address; nothing if none is needed
)

// Fields are all of them.
var Fields = []Field{HostField, PortField, UserField, PasswordField, DatabaseField, URLField}

// Refer is a part that another service gives.
func Refer(service string, field Field, encoding Encoding) Part {
	return Part{Reference: &Reference{Service: service, Field: field, Encoding: encoding}}
}

// Random is how the stack makes a secret that has to have a form.
type Random struct {
	Form Form `json:"form,omitempty"`
	// Length is that of the text, or for the other forms the number of random bytes.
	Length int `json:"length,omitempty"`
}

// Form is the form of a secret.
type Form string

const (
	TextForm      Form = ""          // letters and digits
	HexForm       Form = "hex"       // two digits for each byte
	Base64Form    Form = "base64"    // with + and /
	Base64URLForm Form = "base64url" // with - and _, as Fernet keys are
)

// Made is a secret that the stack makes in a form.
func Made(name string, random Random) Part {
	return Part{Secret: &Secret{Name: name, Random: &random}}
}
