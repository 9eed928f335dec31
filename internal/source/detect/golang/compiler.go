package golang

// inC are modules that are written in C for the most part, and bring that source with them.
var inC = []string{
	"github.com/mattn/go-sqlite3", "github.com/mutecomm/go-sqlcipher", "github.com/tursodatabase/go-libsql",
	"github.com/marcboeker/go-duckdb", "github.com/duckdb/duckdb-go",
	"github.com/confluentinc/confluent-kafka-go", "github.com/chai2010/webp", "github.com/DataDog/zstd",
}

// compiler is what compiles a program.
type compiler struct {
	suffix string // of the tag of the image golang
	cgo    string // CGO_ENABLED
	flags  []string
}

// compiler is Go's own. A module that is written in C wants a C compiler, which the image on Debian has. What it makes holds all
// of its libraries, because the image that runs the program has another C library; Go's own resolver of names needs none.
func (l look) compiler() compiler {
	tags := "-tags=timetzdata" // the image that runs the program has no time zones: the program brings them
	module := l.required(inC)
	if module == "" {
		return compiler{suffix: "-alpine", cgo: "0", flags: []string{tags}}
	}
	l.Note("%s needs %s, which is written in C: the program is compiled with cgo, on the image of golang that has a C compiler", l.Path("go.mod"), module)
	return compiler{cgo: "1", flags: []string{tags + ",netgo,osusergo,sqlite_omit_load_extension", `-ldflags=-linkmode external -extldflags "-static"`}}
}
