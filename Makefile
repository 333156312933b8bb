# Two commands do all the set-up: `make demo` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DEMO   ?= demo
# one computing thread per process: readers run in processes of their own
export OMP_NUM_THREADS = 1
export OPENBLAS_NUM_THREADS = 1
# compiled modules are kept: the program is started hundreds of times
unexport PYTHONDONTWRITEBYTECODE
# what `make wheels` fetched, for a machine without Internet: where it lies, nothing else is asked
FETCHED := $(wildcard wheels/*)
INSTALL := $(if $(FETCHED),PIP_NO_INDEX=1) $(BIN)/python -m pip install $(if $(FETCHED),-f $(CURDIR)/wheels) --quiet --disable-pip-version-check --no-deps

.PHONY: help install wheels demo test test-quick lint audit-deps format soak bench eval weights lock schemas locale system clean

help:
	@echo "make install   build .venv with .venv/bin/dangan from requirements.lock"
	@echo "make wheels    fetch what install needs into wheels/, for a machine without Internet (docs/operations.md)"
	@echo "make demo      run the nightly job on a generated sample inbox and leave a report to open (DEMO=$(DEMO))"
	@echo "make test      lint, types, import arrows and all tests (installs system packages when root, else names them)"
	@echo "make lint      ruff, mypy, import-linter"
	@echo "make audit-deps  known vulnerabilities of the locked dependencies, where the data can be reached"
	@echo "make soak      ingests killed 250 times at random instants, on both stores (slow)"
	@echo "make bench     benchmarks against their floors (slow)"
	@echo "make eval      how well titles are classified, on the final set that nothing was built on"
	@echo "make weights   weights of the classification anew, after its words or titles were changed (10 min)"
	@echo "make lock      compile requirements.lock from pyproject.toml"

install: $(VENV)/.installed

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3,11) <= sys.version_info[:2] <= (3,12))' || { echo "Python 3.11 or 3.12 is needed; name one with: make PYTHON=python3.11 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --no-build-isolation --editable .
	$(BIN)/python -m compileall -q archive_schema intake classification validators storage reports flows dangan samples
	@touch $@

wheels:  # by the same Python on the same kind of system as the machine without Internet has
	$(PYTHON) -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock --dest wheels

demo: install
	@$(BIN)/python tools/demo.py $(DEMO)

system:
	@tools/system-packages

test: install system lint
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not long" tests

test-quick: install
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not s3 and not browser and not netns and not long" tests

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

audit-deps: install
	@$(BIN)/python tools/audit_deps.py

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

soak: install
	$(BIN)/python -m pytest -m long tests
	$(BIN)/python -m benchmarks.soak

bench: install
	$(BIN)/python -m benchmarks

eval: install
	$(BIN)/python -m benchmarks.evaluation

weights: install  # in this order: the score is fitted to what the others say
	$(BIN)/python -m benchmarks.fit_kinds
	$(BIN)/python -m benchmarks.fit_titles
	$(BIN)/python -m benchmarks.fit

lock: install
	$(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --all-extras pyproject.toml \
	  --custom-compile-command "make lock" --output-file requirements.lock

schemas: install
	$(BIN)/python -m archive_schema.schemas

locale: install
	$(BIN)/pybabel compile --use-fuzzy --domain messages --directory dangan/locale

clean:
	rm -rf $(VENV) demo build *.egg-info
