package main

import (
	"dagger/stack/internal/api"
	"dagger/stack/internal/command"
	"dagger/stack/internal/control"
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/gateway"
	"dagger/stack/internal/install"
	"dagger/stack/internal/layout"
	"dagger/stack/internal/render"
)

// gateway is the one service that publishes every port of the others, and the API. It is not bound to them: it would be
// ended with the first of them that ends.
func (m *Stack) gateway(plan plan) (*dagger.Service, error) {
	helper, err := m.helper()
	if err != nil {
		return nil, err
	}
	request := command.GatewayRequest{Webhook: m.Webhook, OTLP: m.OTLPEndpoint}
	if m.OTLPHeaders != nil {
		helper = helper.WithMountedSecret(layout.OTLPHeaders, m.OTLPHeaders)
	}
	for _, route := range plan.Routes() {
		request.Routes = append(request.Routes, gateway.Route{Listen: route.Published, Service: route.Service, Port: uint16(route.Port)})
		helper = helper.WithExposedPort(route.Published, install.Unasked)
	}
	if m.APIPort != 0 {
		request.API = &api.Config{Port: m.APIPort, Hosts: m.APIHosts, Private: m.APIPrivate, NoShell: !m.APIShell}
		resolved, err := render.Config(plan.Project, plan.texts, "json")
		if err != nil {
			return nil, err
		}
		helper = helper.WithExposedPort(m.APIPort, install.Unasked).With(install.WithText(layout.Config, resolved))
	}
	call, err := control.NewCall(m.name(), m.Folder, request)
	if err != nil {
		return nil, err
	}
	return helper.AsService(dagger.ContainerAsServiceOpts{Args: []string{layout.Agent, command.Gateway, call}, NoInit: true}), nil
}
