package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"dagger/stack/internal/command"
)

// Prints the token that the stack's HTTP API wants for changes, such as a restart
//
// Made once per stack and kept with its state, until reset. Send it as the header "Authorization: Bearer TOKEN".
//
// +cache="never"
func (m *Stack) ApiToken(ctx context.Context) (string, error) {
	return m.ask(ctx, command.Token, nil)
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
	return m.addresses(ctx)
}

// addresses says where the dashboard will be, with the token in it. It stands behind the #, which a browser does not
// send to anybody.
func (m *Stack) addresses(ctx context.Context) (string, error) {
	if m.APIPort == 0 {
		return "", nil
	}
	token, err := m.ApiToken(ctx)
	token = strings.TrimSpace(token)
	return fmt.Sprintf("dashboard  http://localhost:%d/#token=%s\nAPI        http://localhost:%d/api/v1/projects/%s  (token %s)\n",
		m.APIPort, token, m.APIPort, m.Name, token), err
}
