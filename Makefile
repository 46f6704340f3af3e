# Everything that a developer, CI or a curious reader runs; `make` alone lists it.
#
# .venv is set up by whatever needs it, and again only when a lock changes.
# Another Python: make PYTHON=python3.12 …

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

BIN := .venv/bin
RUNTIME := .venv/.runtime
DEV := .venv/.dev
EXAMPLES := $(wildcard examples/*.md examples/*.txt examples/*.pdf)
MAKE_VIDEO := mkdir -p out && $(BIN)/inkreel make
export PYTHON

.PHONY: help demo demos test thorough lint types check bench chaos chaos-redis redis llama mission pictures reference lock clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-18s%s\n", $$1, $$2 }'

demo: $(RUNTIME) ## Make a video of the Vietnamese example, in out/
	@$(MAKE_VIDEO) examples/gioi-thieu.vi.md -o out/gioi-thieu.vi.mp4

demos: $(RUNTIME) ## Make a video of every example, in out/
	@set -e; for document in $(EXAMPLES); do \
		name=$${document##*/}; \
		$(MAKE_VIDEO) "$$document" -o "out/$${name%.*}.mp4"; \
	done

test: $(DEV) ## Run the tests (as root on Debian, chromium, haproxy and Redis are installed for theirs)
	@tools/debian.sh
	@$(BIN)/pytest --numprocesses auto --dist worksteal

thorough: $(DEV) ## Run all tests in full: every case, every example (about 10 minutes)
	@tools/debian.sh
	@INKREEL_TEST=thorough INKREEL_TEST_REDIS=all $(BIN)/pytest --numprocesses auto --dist worksteal

lint: $(DEV) ## Check style, format and the arrows between the layers
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/lint-imports --no-logo

types: $(DEV) ## Check the types, strictly
	@$(BIN)/mypy

mission: $(DEV) ## Show what was asked for, item by item, and where it stands
	@$(BIN)/python tools/mission.py

check: lint types mission test ## Everything a change must pass

bench: $(DEV) ## Measure composing against its bound and against others (about 50 minutes)
	@$(BIN)/python -m bench.compose

pictures: $(DEV) ## Hold 2,000 random pictures to their rules, and measure them (about 15 minutes)
	@$(BIN)/python -m bench.pictures

chaos: $(DEV) ## Put the promises of the service to the test (about 15 minutes)
	@$(BIN)/python -m bench.chaos

chaos-redis: $(DEV) ## Put those that stand on Redis to the test, with real servers (about 6 minutes)
	@$(BIN)/python -m bench.chaos --redis

redis: $(DEV) ## Hold the queue's contract on Redis with Sentinel and Cluster, too (about 3 minutes)
	@INKREEL_TEST_REDIS=all $(BIN)/pytest tests/backends

llama: $(DEV) ## Test language models against a real llama.cpp, built once (needs cmake and a compiler)
	@tools/llama.sh

reference: $(DEV) ## Write the generated pages of docs/ anew
	@$(BIN)/python tools/reference.py

lock: $(DEV) ## Lock the newest versions of all dependencies
	@tools/lock.sh

clean: ## Remove .venv, made videos and caches of tools (not the user's cache)
	rm -rf .venv out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# --- Files ---------------------------------------------------------------------------------------

$(RUNTIME): requirements-build.txt requirements.txt tools/setup.sh
	@tools/setup.sh requirements.txt
	@touch $@

$(DEV): requirements-build.txt requirements-dev.txt tools/setup.sh
	@tools/setup.sh requirements-dev.txt
	@touch $(RUNTIME) $@
