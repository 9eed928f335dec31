package golang

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"dagger/stack/internal/lazyregexp"
)

// everywhere is an address on all interfaces.
var everywhere = lazyregexp.New(`^(?:0\.0\.0\.0|\[::\])?:(\d{2,5})$`)

// listeners are the functions that take the address where a program listens: those of net/http, and of the usual routers.
var listeners = []string{"ListenAndServe", "ListenAndServeTLS", "Run", "RunTLS", "Listen", "Start", "StartTLS"}

// flagMakers are the functions that give a flag or a setting a default, and flagNames those that say where a program listens.
var (
	flagMakers = lazyregexp.New(`^(?:(?:Int|Uint|Int16|Uint16|Int32|Uint32|String)(?:Var)?P?|SetDefault)$`)
	flagNames  = []string{"port", "http-port", "http.port", "server.port", "addr", "address", "http-addr", "listen", "listen-addr", "bind"}
)

// listens is the port that the program's files say as a number; 0 if there is none, or if they read PORT.
func (l look) listens(main string) int {
	p := program{values: map[string]string{}}
	sub := l.Sub(strings.TrimPrefix(main, "./"))
	for _, name := range sub.List().Files {
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		text := sub.Read(name)
		if strings.Contains(text, `"PORT"`) {
			return 0
		}
		// What a file with a mistake has before it counts: the build says what is wrong.
		if file, _ := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution); file != nil {
			p.files = append(p.files, file)
		}
	}
	p.walk(p.assigned)
	p.walk(p.listened)
	return cmp.Or(p.port, p.flag)
}

// program are the files of a package main, and what they say of the port.
type program struct {
	files  []*ast.File
	values map[string]string // of constants and variables, by their names
	port   int               // of a listener
	flag   int               // that a flag has where none is given
}

func (p *program) walk(visit func(ast.Node)) {
	for _, file := range p.files {
		ast.Inspect(file, func(n ast.Node) bool { visit(n); return true })
	}
}

// assigned keeps the values that names get.
func (p *program) assigned(n ast.Node) {
	switch n := n.(type) {
	case *ast.ValueSpec:
		for i, name := range n.Names {
			if i < len(n.Values) {
				p.keep(name, n.Values[i])
			}
		}
	case *ast.AssignStmt:
		for i, left := range n.Lhs {
			if name, is := left.(*ast.Ident); is && len(n.Lhs) == len(n.Rhs) {
				p.keep(name, n.Rhs[i])
			}
		}
	}
}

func (p *program) keep(name *ast.Ident, value ast.Expr) {
	if text := p.value(value); text != "" && p.values[name.Name] == "" {
		p.values[name.Name] = text
	}
}

// listened keeps the first port of a listener, and of a flag.
func (p *program) listened(n ast.Node) {
	switch n := n.(type) {
	case *ast.KeyValueExpr:
		if key, is := n.Key.(*ast.Ident); is && key.Name == "Addr" {
			p.port = cmp.Or(p.port, portOf(p.value(n.Value)))
		}
	case *ast.CallExpr:
		if slices.Contains(listeners, called(n)) && len(n.Args) > 0 {
			p.port = cmp.Or(p.port, portOf(p.value(n.Args[0])))
			if len(n.Args) > 1 { // net.Listen("tcp", ":8000")
				p.port = cmp.Or(p.port, portOf(p.value(n.Args[1])))
			}
		}
		if text := flagDefault(n); text != "" {
			p.flag = cmp.Or(p.flag, portOf(text), portOf(":"+text))
		}
	}
}

func portOf(address string) int {
	match := everywhere.FindStringSubmatch(address)
	if match == nil {
		return 0
	}
	port, _ := strconv.Atoi(match[1]) // the pattern matches digits alone
	return port
}

// value is what an expression says as a text, "" if it cannot be told.
func (p *program) value(expr ast.Expr) string {
	switch e := expr.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, _ := strconv.Unquote(e.Value) // the parser has checked it
			return text
		}
		return e.Value
	case *ast.Ident:
		return p.values[e.Name]
	case *ast.StarExpr: // of a flag
		return p.value(e.X)
	case *ast.ParenExpr:
		return p.value(e.X)
	case *ast.BinaryExpr:
		if x, y := p.value(e.X), p.value(e.Y); e.Op == token.ADD && x != "" && y != "" {
			return x + y
		}
	case *ast.CallExpr:
		return p.call(e)
	}
	return ""
}

var verb = lazyregexp.New(`%[dsv]`)

// call is what a call gives: the default of a flag, a number as a text, or a text with values in it.
func (p *program) call(e *ast.CallExpr) string {
	switch name := called(e); {
	case name == "Itoa" && len(e.Args) == 1:
		return p.value(e.Args[0])
	case name == "Sprintf" && len(e.Args) > 1:
		next := 0
		return verb.ReplaceAllStringFunc(p.value(e.Args[0]), func(string) string {
			if next++; next < len(e.Args) {
				return p.value(e.Args[next])
			}
			return ""
		})
	}
	return flagDefault(e)
}

// flagDefault is the default of a flag that says where the program listens, "" if the call makes no such flag.
func flagDefault(e *ast.CallExpr) string {
	if !flagMakers.MatchString(called(e)) {
		return ""
	}
	named := false
	for _, arg := range e.Args {
		lit, is := arg.(*ast.BasicLit)
		if !is {
			continue
		}
		text := strings.Trim(lit.Value, "\"`")
		switch {
		case slices.Contains(flagNames, text):
			named = true
		case named && len(text) > 1: // between them there may be a short name, of one letter
			return text
		}
	}
	return ""
}

// called is the name of the function that a call calls, without its package or receiver.
func called(e *ast.CallExpr) string {
	switch f := e.Fun.(type) {
	case *ast.SelectorExpr:
		return f.Sel.Name
	case *ast.Ident:
		return f.Name
	}
	return ""
}
