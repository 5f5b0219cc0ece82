# From a fresh checkout to a dance: needs Python 3.11 or newer, and make. `make` alone lists what there is.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help venv demo test lint format bench fuzz constraints clean

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1 \2/p' Makefile | while read -r target does; do \
		printf '  make %-12s %s\n' "$$target" "$$does"; done

demo: venv ## synthesise music and dances, learn them, dance to a new song: folder demo/
	$(BIN)/transflower demo

test: venv ## run all tests
	$(BIN)/pytest -q --numprocesses auto --maxprocesses 4 --dist worksteal

lint: venv ## check style, types and layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: venv ## mend what the linters can mend
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: venv ## measure speed against what the machine allows
	$(BIN)/python -m benchmarks

MINUTES ?= 60
fuzz: venv ## break the program with inputs changed at random, for an hour or MINUTES=5: folder findings/
	$(BIN)/python -m tests.fuzzing --minutes $(MINUTES)

venv: $(INSTALLED) ## make the environment .venv, with the versions of constraints.txt

# A group of pyproject.toml is installed by pip 25.1 or newer, which is newer than what Python 3.11 brings.
$(INSTALLED): pyproject.toml constraints.txt
	@command -v $(PYTHON) > /dev/null || \
		{ echo 'There is no $(PYTHON): install Python 3.11 or newer, or say make PYTHON=/path/to/python' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed, $(PYTHON) is " \
		+ sys.version.split()[0] + ": say make PYTHON=/path/to/python")'
	@echo 'Installing about 2 GB into .venv: once, and for minutes where the network is slow'
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable . --group dev
	@touch $@

constraints: venv ## pin the versions that .venv holds now
	{ grep '^#' constraints.txt; $(BIN)/pip freeze --exclude-editable | sed 's/+.*//'; } > constraints.new
	mv constraints.new constraints.txt

clean: ## remove the environment and what tools have cached
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
