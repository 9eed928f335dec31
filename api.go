package main

import (
	"context"
	"errors"
	"strings"

	"dagger/stack/internal/command"
	"dagger/stack/internal/render"
)

// Prints the token that the stack's HTTP API wants for changes, such as a restart
//
// Made once per stack and kept with its state, until reset. Send it as the header "Authorization: Bearer TOKEN".
//
// +cache="never"
func (m *Stack) ApiToken(ctx context.Context) (string, error) {
	return m.askSealed(ctx, command.Token, nil)
}

// Prints where the dashboard and the HTTP API of a running stack are, with the token
//
// It is what up prints, which -s leaves out.
//
// +cache="never"
func (m *Stack) Dashboard(ctx context.Context) (string, error) {
	if m.APIPort == 0 {
		return "", errors.New("--api-port is 0: the stack has no API and no dashboard")
	}
	token, err := m.ApiToken(ctx)
	return render.Addresses(m.name(), m.APIPort, strings.TrimSpace(token)), err
}
