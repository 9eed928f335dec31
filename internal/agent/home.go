package agent

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// engineHome is what the engine says in every container, whose user is root for it.
const engineHome = "HOME=/root"

// openHome sees to it that the service's user has a home to write to: tools keep caches and settings there, and who runs as 1000 in an
// image that knows no such user would have "/". A container of Docker's is left as Docker has it.
func (a *agent) openHome() error {
	if a.Homes == "" || a.user.UID == 0 || a.Service.Isolated() {
		return nil
	}
	if err := os.Mkdir("/tmp", 0o777); err == nil { // an image made of nothing has none
		if err := os.Chmod("/tmp", fs.ModeSticky|0o777); err != nil {
			return err
		}
	}
	a.Environ = slices.DeleteFunc(slices.Clone(a.Environ), func(pair string) bool { return pair == engineHome })
	if info, err := os.Stat(a.user.Home); err == nil && info.IsDir() && a.owner().Owns(info) {
		return nil
	}
	a.user.Home = filepath.Join(a.Homes, strconv.Itoa(a.user.UID))
	if err := os.MkdirAll(a.user.Home, fs.ModePerm&^0o022); err != nil {
		return err
	}
	return a.owner().One(a.user.Home)
}
