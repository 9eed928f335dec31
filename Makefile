# `make` says what there is. All of it runs on the Dagger engine that `make engine` finds or builds; a recipe that needs
# one runs its command through hack/engine/with.
.DEFAULT_GOAL := help
.PHONY: help up test unit e2e cover generate engine engine-down

help: ## say what there is
	@awk -F ':[^#]*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: ## run the example's stack, published on http://localhost:3000, until interrupted
	@hack/engine/with dagger --progress=plain call up --project-path examples/hello up

test: unit e2e ## everything: vet, unit tests, tests on the engine

unit: ## what needs no engine
	hack/packages postgresql redis-server chromium procps
	go vet ./...
	go -C tests vet ./...
	go -C bench vet ./...
	go test ./...

e2e: ## what needs one: the module, called through the CLI
	hack/engine/with go -C tests test -timeout 35m ./...

cover: ## how much of the module the tests run: unit tests, and on the engine (RUN=TestHello: that one)
	hack/packages postgresql redis-server chromium procps
	hack/engine/with go run ./hack/cover $(if $(RUN),-run '$(RUN)')

generate: ## write the generated code anew, after a change of the module's functions
	hack/engine/with dagger develop --silent

engine: ## have a Dagger engine: yours if there is one, else one built here
	@hack/engine/engine.sh up

engine-down: ## stop the engine that `make engine` started
	@hack/engine/engine.sh down
