# What a newcomer types. `make` alone lists it; the work is done by the scripts in .ci.

export PATH := $(CURDIR)/.tools/bin:$(CURDIR)/end2end/node_modules/.bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup setup-tests tools build demo demo-reset test bench soak

help: ## List the targets
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: ## Install what building needs; skips what is there
	@.ci/setup

tools: setup

setup-tests: setup ## Install what the tests need as well
	@.ci/setup-tests

build: setup ## Build what ships
	@.ci/build

demo: ## Build and serve the panel with two simulated workspaces on http://127.0.0.1:3000
	@.ci/demo

demo-reset: ## End the simulated workspaces and forget what the demo kept
	@.ci/demo-reset

test: ## Run every check: formatting, lints, tests on both databases, SDK, browser
	@.ci/test

bench: ## Measure sizes, times and memory; BENCH_ITEMS=2,4 chooses
	@.ci/bench

soak: ## Kill the sync engine twenty times in a first copy of 5,000 objects; SEED=… repeats one
	@.ci/soak $(SEED)
