# `make` says what there is. All of it runs on the Dagger engine that `make engine` finds or builds; a recipe that needs
# one runs its command through hack/engine/with.
.DEFAULT_GOAL := help
.PHONY: help up test unit cgroup2 e2e bench compose-diff compose-truth cover generate engine engine-down

help: ## say what there is
	@awk -F ':[^#]*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: ## run the example's stack, published on http://localhost:3000, until interrupted
	@hack/engine/with dagger --progress=plain call up --project-path examples/hello up

test: unit cgroup2 e2e ## vet, unit tests, tests on the engine

unit: ## what needs no engine
	hack/packages postgresql redis-server chromium procps
	go vet ./...
	go -C tests vet ./...
	go -C bench vet ./...
	go test ./...

cgroup2: ## the limits on a kernel with cgroup version 2, in qemu: where this machine has version 1
	hack/cgroup2/run.sh 'OutOfMemory|Pid|LimitsAre|BelowUsage|MoreThan'

e2e: ## what needs one: the module, called through the CLI, also with kill -9 of everything and engines that end or forbid
	hack/packages postgresql util-linux
	hack/engine/with go -C tests test -timeout 60m -parallel 6 ./...

ROUNDS ?= 20
COMPOSE = $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/stack-bench/docker-compose

bench: ## measure beside docker compose, into docs/benchmarks.md; half an hour, or ROUNDS=6 for a quarter
	hack/packages docker.io iptables
	go -C bench/compose build -ldflags '-s -w' -o $(COMPOSE) github.com/docker/compose/v2/cmd
	BENCH_COMMAND='make bench ROUNDS=$(ROUNDS)' hack/engine/with go -C bench run ./cmd/compare -compose $(COMPOSE) -rounds $(ROUNDS)
	bench/spans.sh

# CASES='volume-* ports' are the cases to run; all, unless given.
TRUTH = hack/packages tini iptables iproute2 skopeo libseccomp-dev pkg-config gcc libc6-dev && programs=$$(bench/docker/build.sh) && \
	hack/engine/with go -C tests run ./compose/cmd/truth -programs "$$programs" -data "$$(dirname "$$programs")/daemon"

compose-diff: ## run the projects of tests/compose with docker compose, and compare with the truth that was recorded; CASES='ports volume-*'
	$(TRUTH) diff $(foreach case,$(CASES),'$(case)')

compose-truth: ## the same, and record what is seen as the truth
	$(TRUTH) record $(foreach case,$(CASES),'$(case)')

cover: ## how much of the module the tests run: unit tests, and on the engine (RUN=TestHello: that one)
	hack/packages postgresql redis-server chromium procps
	hack/engine/with go run ./hack/cover $(if $(RUN),-run '$(RUN)')

generate: ## write the generated code anew, after a change of the module's functions
	hack/engine/with dagger develop --silent

engine: ## have a Dagger engine: yours if there is one, else one built here
	@hack/engine/engine.sh up

engine-down: ## stop the engine that `make engine` started
	@hack/engine/engine.sh down
