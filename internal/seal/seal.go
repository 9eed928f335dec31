// Package seal keeps secret what a helper answers: the engine's disk has what a container has printed, and whoever reads that
// finds it sealed for a key that was never written anywhere (RFC 9180).
package seal

import (
	"crypto/hpke"
	"encoding/base64"
	"fmt"
	"strings"
)

// kem, kdf and aead are what Answer and Seal agree on.
func kem() hpke.KEM   { return hpke.MLKEM768X25519() }
func kdf() hpke.KDF   { return hpke.HKDFSHA256() }
func aead() hpke.AEAD { return hpke.AES256GCM() }

// Answer asks with the public half of a key that is made for this one question, and opens what is printed.
func Answer(ask func(public string) (printed string, err error)) (string, error) {
	key, err := kem().GenerateKey()
	if err != nil {
		return "", err
	}
	printed, err := ask(base64.StdEncoding.EncodeToString(key.PublicKey().Bytes()))
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for line := range strings.FieldsSeq(printed) {
		sealed, err := base64.StdEncoding.DecodeString(line)
		if err != nil {
			return "", fmt.Errorf("an answer that is not sealed: %w", err)
		}
		part, err := hpke.Open(key, kdf(), aead(), nil, sealed)
		if err != nil {
			return "", fmt.Errorf("an answer that was sealed for another key: %w", err)
		}
		text.Write(part)
	}
	return text.String(), nil
}

// Seal makes a line of a text, which only who has made the public key can read.
func Seal(public, text string) (string, error) {
	data, err := base64.StdEncoding.DecodeString(public)
	if err != nil {
		return "", err
	}
	key, err := kem().NewPublicKey(data)
	if err != nil {
		return "", err
	}
	sealed, err := hpke.Seal(key, kdf(), aead(), nil, []byte(text))
	return base64.StdEncoding.EncodeToString(sealed) + "\n", err
}
