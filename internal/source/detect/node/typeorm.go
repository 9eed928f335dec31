package node

import (
	"path"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/project"
)

// dataSource matches what TypeORM's program takes: a module that makes a data source.
var dataSource = lazyregexp.New(`\bnew\s+DataSource\s*\(`)

// dataSources are where projects have that module, without what it ends with.
var dataSources = []string{
	"data-source", "datasource", "ormconfig", "typeorm.config", "src/data-source", "src/datasource", "src/dataSource", "src/ormconfig", "src/typeorm.config",
	"src/db/data-source", "src/database/data-source", "src/config/data-source", "src/config/typeorm", "src/config/typeorm.config", "src/db/index", "src/database/index",
	"db/data-source", "database/data-source", "config/data-source", "src/database/typeorm.config", "src/db/typeorm.config",
}

// byDataSource is the command by which TypeORM's own program migrates where no script does: with the module of the data source, by
// the project's script for that program if it has one. TypeScript takes ts-node.
func (l look) byDataSource(found *project.Migration) {
	module := ""
	for _, name := range dataSources {
		if file := l.First(name+".ts", name+".js"); file != "" && dataSource.MatchString(l.Read(file)) {
			module = file
			break
		}
	}
	if module == "" {
		return
	}
	program := "typeorm"
	if path.Ext(module) == ".ts" {
		if !l.pkg.depends("ts-node") {
			return
		}
		if program = "typeorm-ts-node-commonjs"; l.pkg.format == "module" {
			program = "typeorm-ts-node-esm"
		}
	}
	args := []string{"migration:run", "-d", module}
	found.Command = l.manager.exec(append([]string{program}, args...)...)
	found.Files = []string{module, "node_modules/.bin/" + program}
	found.Reads = append(found.Reads, l.Path(module))
	const script = "typeorm"
	if line := l.pkg.scripts[script]; strings.Contains(line, "typeorm") {
		if strings.Contains(line, " -d ") || strings.Contains(line, "--dataSource") {
			args = args[:1]
		}
		found.Command = l.manager.run(script, args...)
	}
}
