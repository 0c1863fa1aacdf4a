# What a newcomer types. `make` alone lists it; the work is done by the scripts in .ci.

export PATH := $(CURDIR)/.tools/bin:$(CURDIR)/end2end/node_modules/.bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup setup-tests tools

help: ## List the targets
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: ## Install what building needs; skips what is there
	@.ci/setup

tools: setup

setup-tests: setup ## Install what the tests need as well
	@.ci/setup-tests
