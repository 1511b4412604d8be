# `make help` lists what there is to run.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

export PATH := $(CURDIR)/.tools/go/bin:$(CURDIR)/.tools/node/bin:$(CURDIR)/.tools:$(PATH)

GOLANGCI_LINT := v2.15.0
ACTIONLINT := v1.7.12
MOTO := 5.2.1
VERSITYGW := v1.8.0
MAILPIT := v1.27.11

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
BINARY := bin/headway
# The binary is one static file: no C library, no file paths of the build machine.
GO_BUILD := CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)"

WEB_SOURCES := $(shell find web -path '*/node_modules' -prune -o -path web/dist -prune -o -type f -print 2>/dev/null)

PORT ?= 8080
DATA ?= ./data

##@ Every day

.PHONY: help
help: ## List the tasks.
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z0-9-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## Set everything up, build, and serve on port 8080 with the data in ./data.
	@scripts/prepare.sh go node
	@$(MAKE) build
	@exec $(BINARY) serve --listen :$(PORT) --data $(DATA)

.PHONY: build
build: web binary ## Build the web app and the binary with it inside, bin/headway.

.PHONY: check
check: ## The quick loop: build, lint, type check, unit tests (under a minute once warm).
	@scripts/stages.sh tools compile lint types unit-short

.PHONY: test
test: ## Every test, with all set-up (on Debian or Ubuntu as root; elsewhere it says what to install).
	@scripts/stages.sh setup build lint types generated workflows unit race servers servers-test web-test image settings e2e kill bench-smoke

.PHONY: bench
bench: binary ## Measure the real binary over HTTP against bare limits and print the table.
	@go build -o bin/headway-bench ./test/bench
	@bin/headway-bench run --binary $(BINARY)

.PHONY: bench-record
bench-record: binary ## The same, written to docs/benchmarks.md with the commit it was taken on.
	@go build -o bin/headway-bench ./test/bench
	@bin/headway-bench run --binary $(BINARY) --record docs/benchmarks.md

.PHONY: bench-shapes
bench-shapes: binary servers ## Compare what a request costs all services in one process, each in one of its own, and each in two.
	@go build -o bin/headway-bench ./test/bench
	@bin/headway-bench shapes --binary $(BINARY)

# What wakes consumers in the local cluster: streams (of Redis) or sqs.
BUS ?= streams
CLUSTER ?= ./cluster

.PHONY: cluster
cluster: ## Run it as in production, on this machine: nginx, two of each service and all that is behind them; nginx on port 8080.
	@scripts/prepare.sh go node
	@$(MAKE) servers build cluster-binary
	@bin/headway-cluster start -folder $(CLUSTER) -binary $(BINARY) -assets web/dist -port $(PORT) -bus $(BUS)

.PHONY: cluster-status
cluster-status: cluster-binary ## Say how each process of it is.
	@bin/headway-cluster status -folder $(CLUSTER)

.PHONY: cluster-stop
cluster-stop: cluster-binary ## End it; its data go with it.
	@bin/headway-cluster stop -folder $(CLUSTER)

.PHONY: sim
sim: ## Spread 100,000 workspaces over 1 to 8 shards, work on them, and print balance and cost per change.
	@go run ./test/sim

.PHONY: fmt
fmt: tools web-deps ## Format Go and web sources.
	@golangci-lint fmt ./...
	@cd web && npm run --silent format

.PHONY: generate
generate: web-deps ## Write the generated files anew: the API's description, the settings' reference, the web client's types, the front door.
	@scripts/generate.sh

.PHONY: clean
clean: ## Remove what was built. Data and installed tools stay.
	@rm -rf bin dist test/e2e/output
	@find web/dist -mindepth 1 ! -name .gitkeep -delete

##@ Stages of `make test`, each of which runs by itself

.PHONY: setup
setup: ## Install what the tests need: Go, Node, Chromium, packages, linters.
	@scripts/prepare.sh go cgo node chromium
	@go mod download
	@$(MAKE) tools web-deps
	@scripts/npm.sh test/e2e

.PHONY: servers
servers: ## Install or build the servers that tests talk to: Redis, PostgreSQL, FerretDB, S3, SQS, nginx, Prometheus.
	@scripts/prepare.sh redis postgres nginx prometheus
	@$(MAKE) .tools/ferretdb .tools/fakes3
	@scripts/moto.sh $(MOTO)
	@scripts/tool.sh versitygw github.com/versity/versitygw/cmd/versitygw $(VERSITYGW)
	@scripts/tool.sh mailpit github.com/axllent/mailpit $(MAILPIT)

# The folders of the tests that need those servers, the longest first: the others run beside it.
SERVERS_TESTS = test/faults/ $(filter-out test/faults/,$(sort $(dir $(shell grep -rl --include='*_test.go' '^//go:build servers' internal test))))

.PHONY: servers-test
servers-test: servers ## The tests against those servers, under the race detector.
	@go test -race -tags servers -timeout 30m $(addprefix ./,$(SERVERS_TESTS))

.PHONY: servers-up
servers-up: ## Build bin/servers-up, which runs those servers until it is told to end.
	@go build -o bin/servers-up ./test/servers/up

.PHONY: cluster-binary
cluster-binary: ## Build bin/headway-cluster, which runs the services apart behind nginx.
	@go build -o bin/headway-cluster ./test/cluster

.PHONY: compile
compile: ## Build and vet every Go package.
	@go build ./...
	@go vet -tags servers ./...

.PHONY: lint
lint: tools web-deps ## Lint Go (golangci-lint) and the web app (Biome): no warnings.
	@golangci-lint run ./...
	@cd web && npx --no-install biome check --error-on-warnings .

.PHONY: types
types: web-deps ## Type check the web app.
	@cd web && npx --no-install tsc --noEmit

.PHONY: generated
generated: web-deps ## See that every generated file is what its generator writes.
	@scripts/generate.sh --check

.PHONY: workflows
workflows: tools ## Check the GitHub Actions workflows.
	@actionlint

.PHONY: unit
unit: ## Every Go test.
	@go test ./...

.PHONY: unit-short
unit-short: ## The Go tests that take no time.
	@go test -short ./...

.PHONY: race
race: ## Every Go test under the race detector, but for the folders that servers-test runs so.
	@go test -race -short $(filter-out $(SERVERS_TESTS:%/=headway/%),$(shell go list ./...))

.PHONY: web-test
web-test: web-deps ## The web app's unit tests.
	@cd web && npm test --silent

.PHONY: image
image: ## Run the Dockerfile's build steps in a copy of the tree and check what comes out.
	@scripts/image-steps.sh

.PHONY: settings
settings: binary ## Have the binary verify the example settings.
	@scripts/settings.sh $(BINARY)

# What stands behind the server, or the services apart, and what of the
# scenarios is run so: all of them, at desktop width, those about what processes
# share, or those that together ask for every route.
SHAPES ?= sqlite mongo:desktop sqs:shared apart:services
# Up to how many ms each question of a page waits, at random.
SLOW ?= 0
# An installation that runs already, such as that of make cluster.
BASE ?=

.PHONY: e2e
e2e: $(if $(BASE),,build $(if $(filter-out sqlite%,$(SHAPES)),servers servers-up cluster-binary)) ## The scenarios in Chromium, in each shape; SHAPES="sqlite mongo sqs apart" runs all of them in each, BASE=URL against what runs there.
	@scripts/npm.sh test/e2e
	@HEADWAY_CHROMIUM="$$(scripts/chromium.sh)" node test/e2e/run.mjs --binary $(BINARY) $(if $(BASE),--base $(BASE),$(addprefix --shape ,$(SHAPES))) --slow $(SLOW)

.PHONY: screenshots
screenshots: build ## The same, writing the pictures in docs/screenshots anew.
	@scripts/npm.sh test/e2e
	@HEADWAY_CHROMIUM="$$(scripts/chromium.sh)" node test/e2e/run.mjs --binary $(BINARY) --screenshots docs/screenshots

.PHONY: kill
kill: ## SIGKILL the server 50 times while 32 clients write; nothing acknowledged may be lost.
	@HEADWAY_KILLS=50 go test -count=1 -timeout 10m -run TestKill -v ./test/faults | grep -v '^=== '

.PHONY: kill-servers
kill-servers: servers ## The same over MongoDB's protocol and Redis, with one process and with two; not part of `make test`.
	@HEADWAY_KILLS=50 go test -tags servers -count=1 -timeout 20m -run 'TestKill(OnServers|InTurn)$$' -v ./test/faults | grep -v '^=== '

.PHONY: overload
overload: ## Ask a server for four times what it can do, for 30 s, and print what it does; not part of `make test`.
	@HEADWAY_OVERLOAD=30s go test -count=1 -timeout 5m -run TestOverload -v ./test/faults | grep -v '^=== '

FAULTS_SCHEDULES ?= $(if $(HEADWAY_FAULTS_SEED),1,100)

.PHONY: faults
faults: servers ## 100 random schedules of faults over processes, database, Redis, nginx and mail server; HEADWAY_FAULTS_SEED=N replays one; not part of `make test`, which plays a few.
	@HEADWAY_FAULTS_SCHEDULES=$(FAULTS_SCHEDULES) go test -tags servers -count=1 -timeout 120m -run '$(if $(HEADWAY_FAULTS_SEED),TestSchedules,.)' -v ./test/faults/schedule | grep -v '^=== '

.PHONY: bench-smoke
bench-smoke: binary ## Run the benchmark for a moment, to see that it works.
	@go build -o bin/headway-bench ./test/bench
	@bin/headway-bench run --binary $(BINARY) --smoke >/dev/null

##@ Parts of the build, also the steps of deploy/Dockerfile

.PHONY: web-deps
web-deps: ## Install the web app's packages.
	@scripts/npm.sh web

.PHONY: web
web: web-deps web/dist/index.html ## Build the web app into web/dist.

web/dist/index.html: $(WEB_SOURCES)
	@cd web && npm run --silent build
	@touch web/dist/.gitkeep web/dist/index.html

.PHONY: go-deps
go-deps: ## Fetch the Go modules.
	@go mod download

.PHONY: binary
binary: ## Build bin/headway with whatever web/dist holds.
	@$(GO_BUILD) -o $(BINARY) ./cmd/headway

.PHONY: image-root
image-root: binary ## Lay out dist/root, which the container image holds.
	@rm -rf dist/root
	@mkdir -p dist/root/usr/bin dist/root/data
	@cp $(BINARY) dist/root/usr/bin/headway

FERRETDB := $(addprefix test/servers/ferretdb/,go.mod go.sum main.go)

.tools/ferretdb: $(FERRETDB)
	@echo "Building ferretdb …"
	@cd test/servers/ferretdb && CGO_ENABLED=0 GOFLAGS=-mod=readonly go build -trimpath -ldflags "-s -w" -o ../../../.tools/ferretdb .

FAKES3 := $(addprefix test/servers/fakes3/,go.mod go.sum main.go)

.tools/fakes3: $(FAKES3)
	@echo "Building fakes3 …"
	@cd test/servers/fakes3 && CGO_ENABLED=0 GOFLAGS=-mod=readonly go build -trimpath -ldflags "-s -w" -o ../../../.tools/fakes3 .

.PHONY: tools
tools: ## Build the linters into .tools.
	@scripts/tool.sh golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint $(GOLANGCI_LINT)
	@scripts/tool.sh actionlint github.com/rhysd/actionlint/cmd/actionlint $(ACTIONLINT)
