package state

import "path/filepath"

const fingerprintsName = "hooks.json"

// Fingerprints are, by hook, those of the secrets that were last applied to the service's data. None can be read
// is the same as none were applied.
func (s Service) Fingerprints() map[string]string {
	prints, err := readJSON[map[string]string](filepath.Join(s.dir, fingerprintsName))
	if err != nil || prints == nil {
		return map[string]string{}
	}
	return prints
}

// WriteFingerprints replaces them.
func (s Service) WriteFingerprints(prints map[string]string) error {
	return writeJSON(filepath.Join(s.dir, fingerprintsName), prints)
}
