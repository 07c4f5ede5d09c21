# Two commands: `make demo` runs the main job on a simulated storm, `make test` passes the tests.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
DEMO := demo
# Each file of tests goes to one of several processes, and with it what its tests share; the long ones, with servers, first.
PYTEST := $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: setup demo test unit check format lock clean

setup: .venv/.ready

.venv/.ready: requirements/dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --no-deps --no-compile --require-hashes -r requirements/dev.lock
	-@$(BIN)/python -m compileall -qq -j 0 -x '/tests/' .venv/lib  # on all cores; pip would compile on one, and their tests too
	$(BIN)/python -m pip install -q --no-build-isolation --no-deps -e .
	@$(BIN)/python -m compileall -q stormops_graph cli
	@touch $@

demo: setup
	$(BIN)/stormops-graph demo $(DEMO)

test: setup
	$(PYTEST)

unit: setup
	$(PYTEST) tests/unit

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTEST) tests/unit

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements/run.lock
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements/dev.lock

clean:
	rm -rf .venv build dist *.egg-info
