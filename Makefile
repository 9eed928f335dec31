# `make` lists the targets. A target that needs a Dagger engine runs its command through hack/engine/with, which finds
# or builds the engine.
.DEFAULT_GOAL := help
.PHONY: help up test lint unit unit-root cgroup2 e2e faults bench snapshots metrics ports boot compose-diff compose-truth kube kompose node cover generate engine engine-images engine-down

help: ## say what there is
	@awk -F ':[^#]*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: ## run the example's stack, published on http://localhost:3000, until interrupted
	@hack/engine/with dagger --progress=plain call up --project-path examples/hello up

test: lint unit unit-root cgroup2 kube e2e ## all of it: linters, unit tests, tests on the engine

lint: ## gofmt, go vet, golangci-lint with staticcheck, shellcheck, and whether the generated code is up to date
	hack/lint/lint.sh

unit: ## the tests that need nothing but Go: no root, no engine, and nothing is installed
	go test ./...

# The files of these tests begin with a build tag, so that none of them is ever skipped: where they run, they run as root.
unit-root: ## the unit tests that need root, postgres and redis: agents, cgroups, capabilities, full disks
	@[ "$$(id -u)" = 0 ] || { echo 'unit-root: these tests need root: run sudo make unit-root' >&2; exit 1; }
	hack/packages postgresql redis-server procps python3
	go test -tags root $$(grep -rl --include='*_test.go' '^//go:build root' internal | xargs -n1 dirname | sort -u | sed 's|^|./|')

cgroup2: ## the limits on a kernel with cgroup version 2, in qemu: where this machine has version 1
	hack/cgroup2/run.sh 'OutOfMemory|Pid|LimitsAre|LimitsIn|BelowUsage|MoreThan|Pause'

e2e: ## the tests that need an engine: the module, called through the CLI, also with kill -9 of everything and engines that end or forbid
	hack/packages postgresql chromium util-linux nginx-light dnsmasq-base python3-venv
	hack/engine/with go -C tests test -timeout 60m -parallel 6 -skip '^$(LONG)$$' ./...

# Tests on the engine that take minutes each: make faults runs them.
LONG = Test(KilledSnapshot|ManyStacks)

faults: ## five faults of data under a load of acknowledged writes: of real servers for FAULTS=3m, then on the engine; kills in the middle of snapshots; 20 stacks at once
	hack/packages postgresql redis-server
	FAULTS=$(or $(FAULTS),3m) go test -tags root -count=1 -timeout 60m -v -run 'TestFaults$$' ./internal/agent
	hack/engine/with go -C tests test -count=1 -timeout 60m -run 'Test(Killed(Child|Agent|CLI|CLIWhileAServicePrints)|NobodyReads|FullEngine)$$' ./e2e
	hack/engine/with go -C tests test -count=1 -timeout 60m -run '^$(LONG)$$' ./e2e

ROUNDS ?= 20
bench: ## measure beside docker compose, into docs/benchmarks.md; half an hour, or ROUNDS=6 for a quarter. ONLY=exec,file: these parts, into OUT=folder
	hack/packages docker.io tini iptables libseccomp-dev pkg-config gcc libc6-dev
	programs=$$(bench/docker/build.sh) && BENCH_COMMAND='make bench ROUNDS=$(ROUNDS)' hack/engine/with go -C bench run ./cmd/compare -programs "$$programs" -rounds $(ROUNDS) \
		$(if $(ONLY),-only '$(ONLY)' -out '$(abspath $(or $(OUT),/tmp/stack-bench))')
	$(if $(ONLY),,bench/spans.sh)

snapshots: ## snapshot and rollback of a postgres of 100 MB beside Testcontainers' postgres module, and 50 clones: SNAPSHOTS=15 rounds, some minutes
	hack/packages docker.io tini iptables libseccomp-dev pkg-config gcc libc6-dev
	programs=$$(bench/docker/build.sh) && hack/engine/with go -C bench run ./cmd/snapshots -rounds $(or $(SNAPSHOTS),15) -programs "$$programs"

metrics: ## what it costs a gateway that its stack is watched: /metrics, --webhook, --otlp-endpoint, for WINDOW=2m
	hack/engine/with go -C bench run ./cmd/metrics -window $(or $(WINDOW),2m)

ports: ## flood published ports with short connections of each kind, beside Dagger's tunnel alone and docker-proxy: N=100000; an hour
	hack/packages tini iptables iproute2 libseccomp-dev pkg-config gcc libc6-dev
	programs=$$(bench/docker/build.sh) && hack/engine/with go -C bench run ./cmd/ports -n $(or $(N),100000) -sources 6000 -rate 5s -proxy "$$programs/docker-proxy"

boot: ## start public projects with no flag; PROJECTS=folder has projects.txt, a line for each: OWNER/NAME FOLDER; ONLY='FOLDER …' are some of them
	hack/packages curl iproute2 util-linux
	hack/engine/with go -C bench run ./cmd/boot -root .. -projects '$(PROJECTS)' -only '$(ONLY)'

# CASES='volume-* ports' are the cases to run; all, unless given.
TRUTH = hack/packages tini iptables iproute2 skopeo libseccomp-dev pkg-config gcc libc6-dev && programs=$$(bench/docker/build.sh) && \
	hack/engine/with go -C tests run ./compose/cmd/truth -programs "$$programs" -data "$$(dirname "$$programs")/daemon"

compose-diff: ## run the projects of tests/compose with docker compose, and compare with the truth that was recorded; CASES='ports volume-*'
	$(TRUTH) diff $(foreach case,$(CASES),'$(case)')

compose-truth: ## the same, and record what is seen as the truth
	$(TRUTH) record $(foreach case,$(CASES),'$(case)')

kube: ## ask a kube-apiserver, built from its Go module, to take what `kubernetes` writes for every compose file of the tests; COMPOSE=folder has more projects
	programs=$$(tests/kube/build.sh etcd kube-apiserver helm crds) && KUBE_PROGRAMS=$$programs KUBE_COMPOSE='$(COMPOSE)' go test -tags kube -count=1 $(if $(COMPOSE),-v) ./internal/kubernetes

kompose: ## count what becomes of these compose files here and by kompose: objects that are refused, elements that are lost; COMPOSE=folder
	programs=$$(tests/kube/build.sh etcd kube-apiserver kompose) && KUBE_PROGRAMS=$$programs KUBE_COMPOSE='$(COMPOSE)' go test -tags kube,kompose -count=1 -v -run BesideKompose ./internal/kubernetes

node: ## run two examples on a Kubernetes node that is built and started here: they answer, migrate, and survive a rollout
	tests/kube/example.sh

cover: ## how much of the module the tests run: unit tests, and on the engine (RUN=TestHello: that one)
	hack/packages postgresql redis-server chromium procps
	hack/engine/with go run ./hack/cover $(if $(RUN),-run '$(RUN)')

generate: ## write the generated code anew, after a change of the module's functions
	hack/engine/with dagger develop --silent

engine: ## have a Dagger engine: yours if there is one, else one built here
	@hack/engine/engine.sh up

engine-images: ## stand-ins for more public images, for public Dockerfiles: IMAGES="python:3.13-slim ghcr.io/astral-sh/uv:latest"
	@hack/engine/more.sh $(IMAGES)

engine-down: ## stop the engine that `make engine` started
	@hack/engine/engine.sh down
