# Every target sets up what it needs, from a clean clone.
PYTHON ?= python3
VENV   := .venv
PEER   := .venv-peer
BIN    := $(VENV)/bin

PACKAGES := seccstack pki tools
# All but the pure layers, which are held at 100 % branch coverage.
IMPURE   := seccstack/adapters/*,seccstack/bench/*,seccstack/cli*,seccstack/__main__.py,seccstack/capture/reader.py

.PHONY: demo test test-oracle fuzz lint bench conformance captures clean

demo: $(VENV)/.ready
	$(BIN)/seccstack demo

# Three at once on two processors: two fifths of the time are spent waiting for other programs.
test: lint $(PEER)/.ready
	SECCSTACK_PEER_PYTHON=$(abspath $(PEER))/bin/python \
	  $(BIN)/python -m pytest -n 3 --dist loadfile --cov --cov-report=
	$(BIN)/coverage report --omit '$(IMPURE)' --fail-under=100

test-oracle: $(VENV)/.ready $(PEER)/.ready
	SECCSTACK_PEER_PYTHON=$(abspath $(PEER))/bin/python SECCSTACK_ORACLE_MESSAGES=20000 \
	  $(BIN)/python -m pytest -m oracle tests/messages/test_oracle.py

FUZZ_SECONDS ?= 60
fuzz: $(VENV)/.fuzz
	$(BIN)/python -m tools.fuzz_exi $(FUZZ_SECONDS) .fuzz

lint: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(PACKAGES)

bench: $(VENV)/.ready $(PEER)/.ready
	SECCSTACK_PEER_PYTHON=$(abspath $(PEER))/bin/python $(BIN)/seccstack bench

conformance: $(VENV)/.ready
	$(BIN)/python -m tools.conformance --write tests/slac/CONFORMANCE.md
	$(BIN)/python -m tools.conformance --part 4 --write tests/session/CONFORMANCE.md
	$(BIN)/python -m tools.conformance --part din --write tests/session/din/CONFORMANCE.md
	$(BIN)/python -m tools.conformance --part 20 --write tests/session/iso20/CONFORMANCE.md

# Needs root, for network namespaces, and a Java runtime; `CAPTURES=own-ac-card` makes one alone.
captures: $(VENV)/.ready $(PEER)/.ready
	SECCSTACK_PEER_PYTHON=$(abspath $(PEER))/bin/python \
	  $(BIN)/python -m tools.record_captures $(CAPTURES)

clean:
	rm -rf $(VENV) $(PEER) .fuzz .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage build *.egg-info

$(VENV)/.ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "seccstack needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

$(VENV)/.fuzz: $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[fuzz]'
	@touch $@

# The iso15118 package pins old versions of what the charger uses, so it lives apart: it is the
# simulated vehicle and the EXI oracle of the tests, never a part of the charger.
$(PEER)/.ready: tools/peer-requirements.txt
	$(PYTHON) -m venv $(PEER)
	$(PEER)/bin/python -m pip install --quiet --disable-pip-version-check --requirement tools/peer-requirements.txt
	@touch $@
