package folder

import (
	"context"
	"net/url"
	"path"
	"strings"
	"sync"

	"github.com/compose-spec/compose-go/v2/cli"

	"dagger/stack/internal/dagger"
	"dagger/stack/internal/project"
)

// Caller is who calls a function: of a module that another module calls, who calls that one.
type Caller struct {
	Folder string // that they are in; "" if it is none of their machine
	Stack  string // what the stack of that folder's project is called, where nobody names it
}

// Here is the caller of the function that this process runs. The function asks, which takes 2 ms, and has no argument for it: one of the
// constructor would have the engine run the constructor in each call, which takes as long as the function itself.
var Here = sync.OnceValue(func() Caller {
	ctx, workspace := context.Background(), dagger.Connect().CurrentWorkspace()
	address, err := workspace.Address(ctx)
	at, parseErr := url.Parse(address)
	if err != nil || parseErr != nil || at.Scheme != "file" {
		return Caller{Stack: project.DefaultName}
	}
	return Caller{Folder: at.Path, Stack: project.NameAfter(top(ctx, workspace, at.Path))}
})

// Own is what a stack is called that keeps no data, where nobody names it: there may be several of a folder at once. All functions of a
// session agree on it.
var Own = sync.OnceValue(func() string {
	id, err := dagger.Connect().CurrentWorkspace().ClientID(context.Background())
	if err != nil || len(id) < ownLetters {
		return Here().Stack
	}
	return project.NameAfter(Here().Stack[:min(len(Here().Stack), 40-1-ownLetters)] + "-" + id[:ownLetters])
})

// ownLetters are enough for sessions not to get one name.
const ownLetters = 8

// top is the project's folder, of which the caller's is a part: the nearest one with a compose file, as docker compose looks for it, or else
// the top of the repository.
func top(ctx context.Context, workspace *dagger.Workspace, folder string) string {
	below, err := workspace.Path(ctx) // the repository's top
	if err != nil || below == "." {
		return folder
	}
	repository := strings.TrimSuffix(folder, "/"+below)
	found := make(chan string)
	for _, name := range cli.DefaultFileNames {
		go func() {
			file, _ := workspace.FindUp(ctx, name) // as seen from the top: /api/compose.yaml
			found <- path.Join(repository, path.Dir("/"+file))
		}()
	}
	nearest := repository
	for range cli.DefaultFileNames {
		if dir := <-found; len(dir) > len(nearest) {
			nearest = dir
		}
	}
	return nearest
}
