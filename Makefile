# Everything that is done with this repository. `make` alone lists it.
#
# All targets build with the same compiler and flags, so that they share one
# build cache. Nothing here depends on what `go env -w` was told.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

# clang needs seconds for the C of OpenGL's bindings where gcc needs minutes.
# Where there is no clang: make CC=gcc CXX=g++ CGO_LDFLAGS= TARGET
ifeq ($(origin CC),default)
CC := clang
endif
ifeq ($(origin CXX),default)
CXX := clang++
endif
CGO_LDFLAGS ?= -fuse-ld=lld
export CC CXX CGO_LDFLAGS
export CGO_ENABLED := 1
export GOTOOLCHAIN := local
export GOFLAGS := -buildvcs=false
export LANG := C.UTF-8
export LC_ALL := C.UTF-8

VERSION ?= $(shell sed -n 's/^Version = "\(.*\)"/\1/p' FyneApp.toml)$(shell git rev-parse --short=10 HEAD 2>/dev/null | sed 's/^/+/')
LDFLAGS := -s -w -X main.version=$(VERSION)

# The shipped window promises to use fyne.Do; tests run without the tag, so
# that Fyne reports every call from a wrong goroutine. The tag touches a few
# packages of Fyne only, not its C.
SHIP := -tags migrated_fynedo -ldflags '$(LDFLAGS)'

# What must compile without cgo, and for other systems too.
PURE := . ./app/... ./queue/... ./ui/tray/... ./ui/xdnd/... ./watcher/...

LINT := build/tools/golangci-lint
BENCH ?= .
FUZZTIME ?= 30s

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '  make %-11s %s\n' "$$name" "$$text"; done

.PHONY: setup
setup: ## install the Debian packages that are missing for building, testing and the demo
	@packaging/setup.sh build desktop browser

.PHONY: demo
demo: ## show the app at work: practice server, window, photos arriving one after the other
	@packaging/setup.sh build $(if $(DISPLAY)$(WAYLAND_DISPLAY),,desktop)
	@$(MAKE) --no-print-directory build
	@packaging/demo.sh

.PHONY: build
build: ## build the program with its window into build/photoferry
	@packaging/setup.sh build
	go build $(SHIP) -o build/photoferry .

.PHONY: headless
headless: ## build a static program without window and without cgo into build/photoferry-headless
	CGO_ENABLED=0 go build -tags nogui -ldflags '$(LDFLAGS)' -o build/photoferry-headless .

.PHONY: test
test: ## install what is missing and run all tests with the race detector
	@packaging/setup.sh build desktop browser
	go test -race -timeout 20m ./...

.PHONY: check
check: $(LINT) ## run everything that looks at the code without running it
	@packaging/setup.sh build
	@echo 'gofmt -l'; unformatted=$$(gofmt -l .); [[ -z $$unformatted ]] || { printf 'not formatted:\n%s\n' "$$unformatted"; exit 1; }
	go vet ./...
	CGO_ENABLED=0 go build -tags nogui -o build/photoferry-headless .
	CGO_ENABLED=0 GOOS=windows go vet -tags nogui $(PURE)
	CGO_ENABLED=0 GOOS=darwin go vet -tags nogui $(PURE)
	$(LINT) run
	go mod tidy -diff
	go mod verify

# The linters have a module of their own, so that their two hundred
# dependencies are not the program's.
$(LINT): tools/go.mod tools/go.sum
	CGO_ENABLED=0 go -C tools build -o ../$(LINT) github.com/golangci/golangci-lint/v2/cmd/golangci-lint

.PHONY: screenshots
screenshots: ## make the pictures of the pages anew, for the manual and for the tests; look at them
	@packaging/setup.sh build
	@mkdir -p docs/pages ui/testdata/pages
	go test ./ui -run '^TestPagesLookAsTheyDid$$' -count 1 -args -golden.write

.PHONY: bench
bench: ## run the benchmarks; BENCH=pattern chooses
	@packaging/setup.sh build
	go test -run '^$$' -bench '$(BENCH)' -benchmem -timeout 60m ./...

.PHONY: fuzz
fuzz: ## fuzz every target for FUZZTIME (30s each), those of photos for FUZZLONG
	@packaging/fuzz.sh $(or $(FUZZTIME),30s) $(FUZZLONG)

.PHONY: storm
storm: ## break everything that can break: SEEDS=5 PHOTOS=400 EVENTS=100, or one SEED again
	@mkdir -p build
	go test ./app/storm -run '^TestStorm$$' -count 1 -timeout 0 -v -args -storm.seed $(or $(SEED),0) -storm.seeds $(or $(SEEDS),5) \
		-storm.photos $(or $(PHOTOS),400) -storm.events $(or $(EVENTS),100) -storm.report $(CURDIR)/build/storm.md

.PHONY: clean
clean: ## remove what make built
	rm -rf build
