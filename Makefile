# One door for every chore. The first use of any of them creates .venv and installs into it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed

.PHONY: run demo test check bench screenshots clean

run: $(STAMP)
	@if $(BIN)/python -m msde_gui.window.display; then $(BIN)/python main.py; else \
		echo "There is no display to open the window on: this is the main job in the terminal."; \
		$(BIN)/python -m benchmarks.demo; fi

demo: $(STAMP)
	@$(BIN)/python -m benchmarks.demo

test: check
	@$(BIN)/python -m pytest -n 2 --dist loadfile

check: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest tests/test_shape.py

bench: $(STAMP)
	@$(BIN)/python -m benchmarks

screenshots: $(STAMP)
	@$(BIN)/python -m docs.screenshots

clean:
	rm -rf $(VENV)

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing (the first time takes a few minutes)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
		$$(sed -n 's/.*"\(anny==[^"]*\)".*/\1/p' pyproject.toml)
	@sh docs/libraries.sh $(VENV)
	@touch $@
