# Two commands: `make run` shows the main job, `make test` proves it.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := PIP_CONSTRAINT=constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet --only-binary :all:

.PHONY: run test lint types check bench wheels clean

run: $(VENV)/.run
	$(BIN)/tocsin watch --out out
	@echo "To see it in a browser: $(BIN)/tocsin serve --out out --open"

# Each of the processes that tests start would otherwise compile the package anew where this is set.
test: export PYTHONDONTWRITEBYTECODE =
# Whole runs of tests stay together, so that what a file of them needs is made once, and who is done takes over others.
test: $(VENV)/.test
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.test
	$(BIN)/mypy

check: lint types test

bench: $(VENV)/.test
	$(BIN)/python -m benchmarks

wheels: $(VENV)/.venv
	rm -rf wheels
	$(PIP:install=wheel) --no-binary tocsin --wheel-dir wheels .
	@echo "On a machine without a network: python -m pip install --no-index --find-links wheels tocsin"

$(VENV)/.venv:
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.run: $(VENV)/.venv pyproject.toml constraints.txt
	$(PIP) --no-binary tocsin -e .
	touch $@

$(VENV)/.test: $(VENV)/.venv pyproject.toml constraints.txt
	$(PIP) --no-binary tocsin -e '.[test,postgres,cluster]'
	touch $@ $(VENV)/.run

clean:
	rm -rf $(VENV) out build dist wheels
