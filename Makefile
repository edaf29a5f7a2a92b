# Everything a clone needs; `make help` lists it.
VENV := .venv
PYTHON := $(VENV)/bin/python
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format pictures bench clean

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

setup: $(STAMP)  ## make the virtual environment with everything in it

$(STAMP): pyproject.toml
	@sh .ci/venv $(VENV)
	@touch $(STAMP)

demo: $(STAMP)  ## open the demo project (Docker where an engine answers, else the local executor)
	@if [ -t 0 ] && [ -t 1 ]; then \
		$(VENV)/bin/orchest-tui demo build/demo && exec $(VENV)/bin/orchest-tui build/demo; \
	else \
		$(VENV)/bin/orchest-tui demo build/demo --run; \
	fi

test: $(STAMP)  ## the whole test suite; Docker tests need an engine
	@$(PYTHON) -m pytest

check: $(STAMP)  ## formatting, lint, types, layering, spelling
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports
	@$(VENV)/bin/codespell

format: $(STAMP)  ## format and mend what can be mended
	@$(VENV)/bin/ruff format .
	@$(VENV)/bin/ruff check --fix .

pictures: $(STAMP)  ## make the guide's pictures anew from the running program
	@$(PYTHON) docs/make_pictures.py

bench: $(STAMP)  ## measure the budgets; prints a table, writes benchmarks/results/*.json
	@$(PYTHON) -m benchmarks

clean:  ## remove what setup made
	rm -rf $(VENV)
