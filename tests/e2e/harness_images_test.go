package e2e

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
)

// mirror is the registry that the engine of the tests has its images from. It takes others, too.
const mirror = "127.0.0.1:5000"

// image is what a published image says, and what is in its layers.
type image struct {
	Config struct {
		User       string
		WorkingDir string
		Env        []string
		Cmd        []string
		Labels     map[string]string
	} `json:"config"`
	size  int64 // of the layers, as they are transferred
	files []layered
}

// layered is a file of a layer: one that a later layer deletes is in the image all the same.
type layered struct {
	name string
	// leaks: it has a secret that was planted; private: it has what looks like a key.
	leaks, private bool
}

var keyText = regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9]|sk_live_[0-9a-zA-Z]{10}|AKIA[0-9A-Z]{16}|ghp_[0-9A-Za-z]{36}|xox[bp]-[0-9]{10}`)

// pulled is an image of the mirror, by its reference.
func (s *stack) pulled(reference string) (found image) {
	s.Helper()
	name, digest, _ := strings.Cut(strings.TrimPrefix(reference, mirror+"/"), "@")
	name, _, _ = strings.Cut(name, ":")
	ask := func(kind, digest string) io.ReadCloser {
		request, err := http.NewRequest(http.MethodGet, "http://"+mirror+"/v2/"+name+"/"+kind+"/"+digest, nil)
		if err != nil {
			s.Fatal(err)
		}
		request.Header.Set("Accept", "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			s.Fatal(err)
		}
		if response.StatusCode != http.StatusOK {
			s.Fatalf("%s of %s: %s", kind, reference, response.Status)
		}
		return response.Body
	}
	read := func(kind, digest string, into any) {
		body := ask(kind, digest)
		defer body.Close()
		if err := json.NewDecoder(body).Decode(into); err != nil {
			s.Fatal(err)
		}
	}
	var manifest struct {
		Config struct{ Digest string }
		Layers []struct {
			Digest string
			Size   int64
		}
	}
	read("manifests", digest, &manifest)
	read("blobs", manifest.Config.Digest, &found)
	for _, layer := range manifest.Layers {
		found.size += layer.Size
		body := ask("blobs", layer.Digest)
		found.files = append(found.files, s.unpacked(body)...)
		body.Close()
	}
	return found
}

func (s *stack) unpacked(layer io.Reader) (files []layered) {
	s.Helper()
	text, err := gzip.NewReader(layer)
	if err != nil {
		s.Fatal(err)
	}
	for archive := tar.NewReader(text); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			s.Fatal(err)
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			s.Fatal(err)
		}
		files = append(files, layered{"/" + strings.TrimPrefix(header.Name, "./"), bytes.Contains(content, []byte("planted_")), keyText.Match(content)})
	}
}
