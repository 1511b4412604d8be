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
	@scripts/stages.sh setup build lint types generated workflows unit race web-test image settings e2e kill bench-smoke

.PHONY: bench
bench: binary ## Measure the real binary over HTTP against bare limits and print the table.
	@go build -o bin/headway-bench ./test/bench
	@bin/headway-bench run --binary $(BINARY)

.PHONY: bench-record
bench-record: binary ## The same, written to docs/benchmarks.md with the commit it was taken on.
	@go build -o bin/headway-bench ./test/bench
	@bin/headway-bench run --binary $(BINARY) --record docs/benchmarks.md

.PHONY: fmt
fmt: tools web-deps ## Format Go and web sources.
	@golangci-lint fmt ./...
	@cd web && npm run --silent format

.PHONY: generate
generate: web-deps ## Write the generated files anew: api/openapi.yaml, docs/configuration.md, the web client's types.
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
servers: ## Install or build the servers that tests of adapters talk to.
	@scripts/prepare.sh redis postgres
	@$(MAKE) .tools/ferretdb .tools/fakes3
	@scripts/moto.sh $(MOTO)
	@scripts/tool.sh versitygw github.com/versity/versitygw/cmd/versitygw $(VERSITYGW)

# The folders of the tests that need those servers.
SERVERS_TESTS = $(sort $(dir $(shell grep -rl --include='*_test.go' '^//go:build servers' internal test)))

.PHONY: servers-test
servers-test: servers ## The tests of the adapters against those servers, under the race detector; not part of `make test`.
	@go test -race -tags servers -timeout 10m $(addprefix ./,$(SERVERS_TESTS))

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
race: ## Every Go test under the race detector.
	@go test -race -short ./...

.PHONY: web-test
web-test: web-deps ## The web app's unit tests.
	@cd web && npm test --silent

.PHONY: image
image: ## Run the Dockerfile's build steps in a copy of the tree and check what comes out.
	@scripts/image-steps.sh

.PHONY: settings
settings: binary ## Have the binary verify the example settings.
	@scripts/settings.sh $(BINARY)

.PHONY: e2e
e2e: build ## The scenarios in Chromium, at desktop and phone width.
	@scripts/npm.sh test/e2e
	@HEADWAY_CHROMIUM="$$(scripts/chromium.sh)" node test/e2e/run.mjs --binary $(BINARY)

.PHONY: screenshots
screenshots: build ## The same, writing the pictures in docs/screenshots anew.
	@scripts/npm.sh test/e2e
	@HEADWAY_CHROMIUM="$$(scripts/chromium.sh)" node test/e2e/run.mjs --binary $(BINARY) --screenshots docs/screenshots

.PHONY: kill
kill: ## SIGKILL the server 50 times while 32 clients write; nothing acknowledged may be lost.
	@HEADWAY_KILLS=50 go test -count=1 -timeout 10m -run TestKill -v ./test/faults | grep -v '^=== '

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
	@cd test/servers/ferretdb && GOFLAGS=-mod=readonly go build -trimpath -o ../../../.tools/ferretdb .

FAKES3 := $(addprefix test/servers/fakes3/,go.mod go.sum main.go)

.tools/fakes3: $(FAKES3)
	@echo "Building fakes3 …"
	@cd test/servers/fakes3 && GOFLAGS=-mod=readonly go build -trimpath -o ../../../.tools/fakes3 .

.PHONY: tools
tools: ## Build the linters into .tools.
	@scripts/tool.sh golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint $(GOLANGCI_LINT)
	@scripts/tool.sh actionlint github.com/rhysd/actionlint/cmd/actionlint $(ACTIONLINT)
