package state

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"dagger/stack/internal/spec"
)

// Secret is the generated secret of that name, made at its first use: 26 random letters and digits, 130 bits.
// Whoever comes first makes it; all others, at the same time too, get the same.
func (s Stack) Secret(name string) ([]byte, error) { return s.SecretAs(name, nil) }

// SecretAs is the same for a secret that is made in a form, if there is none of that name yet.
func (s Stack) SecretAs(name string, as *spec.Random) ([]byte, error) {
	dir := filepath.Join(s.root, "secrets")
	path := filepath.Join(dir, filepath.Base(name))
	secret, err := os.ReadFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return bytes.TrimSpace(secret), err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	// Written whole under a name of its own and then linked: a link does not replace what another has just made.
	tmp, err := os.CreateTemp(dir, ".tmp-*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(tmp.Name())
	_, err = fmt.Fprintln(tmp, random(as))
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	secret, err = os.ReadFile(path)
	return bytes.TrimSpace(secret), err
}

// random is a new secret in a form.
func random(as *spec.Random) string {
	if as == nil {
		return rand.Text()
	}
	if as.Form == spec.TextForm {
		var text strings.Builder
		for text.Len() < as.Length {
			text.WriteString(rand.Text())
		}
		return text.String()[:as.Length]
	}
	data := make([]byte, as.Length)
	_, _ = rand.Read(data) // never fails
	switch as.Form {
	case spec.HexForm:
		return hex.EncodeToString(data)
	case spec.Base64URLForm:
		return base64.URLEncoding.EncodeToString(data)
	}
	return base64.StdEncoding.EncodeToString(data)
}
