# Every target below does all its own set-up. Needed beforehand: Python 3.11 or later and make.
#
# The environment stands in $(VENV) and is built in three storeys, each a superset of the one
# below: run (what a study needs), test (what the checks need), bench (the peers measured against).

VENV ?= .venv
CASE ?= cases/zaporizhzhia
SCENARIOS ?= 500
SECONDS ?= 20
# The versions the tests run on come first; a later Python is better than none.
PYTHONS := $(or $(PYTHON),python3.13 python3.12 python3.11 python3)

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check
LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--fork-strategy fewest --generate-hashes --no-emit-index-url --no-annotate --no-header

.DEFAULT_GOAL := help
.PHONY: help setup study test bench explore fuzz docs format lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

study: $(VENV)/run.done ## study the case (CASE=cases/zaporizhzhia SCENARIOS=500) into build/study
	@$(BIN)/baseload study $(CASE) --out build/study/$(notdir $(CASE:/=)) --scenarios $(SCENARIOS)

test: $(VENV)/test.done ## lint, format, types, import rules and the test suite
	@echo "== ruff check"
	@$(BIN)/ruff check .
	@echo "== ruff format --check"
	@$(BIN)/ruff format --check .
	@echo "== mypy --strict src"
	@$(BIN)/mypy --strict src
	@echo "== lint-imports"
	@$(BIN)/lint-imports --no-logo
	@echo "== pytest"
	@$(BIN)/python -m pytest -n 2

bench: $(VENV)/bench.done ## measure, side by side with the peers
	@$(BIN)/python -m benchmarks.run
	@$(BIN)/python -m benchmarks.memory
	@$(BIN)/python -m benchmarks.peers --workload W1 --workload W1nr

explore: $(VENV)/test.done ## 100,000 states of the log after a loss of power; every bit flipped
	@$(BIN)/python -m tests.record.crash --states 100000
	@$(BIN)/python -m tests.verify.flips

fuzz: $(VENV)/test.done ## give every parser wrong input for SECONDS=20 each
	@$(BIN)/python -m tests.fuzz --seconds $(SECONDS)

setup: $(VENV)/test.done ## prepare the environment alone (PYTHON=python3.12 names the interpreter)
	@echo "== setup: $(VENV) is ready"

docs: $(VENV)/run.done ## write the generated pages of docs/
	@$(BIN)/python -m baseload.case.table
	@$(BIN)/python -m baseload.record.events.table

format: $(VENV)/test.done ## format the code and mend what the linter can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: $(VENV)/test.done ## pin again what pyproject.toml asks for (UPGRADE=--upgrade: the newest)
	@$(LOCK) $(UPGRADE) --group build --all-extras -o constraints/bench.txt
	@$(LOCK) -c constraints/bench.txt --group build --extra dev --extra scale -o constraints/test.txt
	@$(LOCK) -c constraints/bench.txt --group build -o constraints/run.txt

clean: ## remove what was built and every cache; the environment stays
	@rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# Without a mark of a finished set-up the environment starts from nothing, so that one which was
# interrupted half-way is never built upon. The marks go before anything is changed.
$(VENV)/run.done: constraints/run.txt pyproject.toml
	@test -e $@ || { $(make-environment); }
	@rm -f $(VENV)/*.done
	@echo "== setup: installing the tested versions of $< (once)"
	@$(PIP) install --require-hashes -r $<
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/test.done: constraints/test.txt $(VENV)/run.done
$(VENV)/bench.done: constraints/bench.txt $(VENV)/test.done
$(VENV)/test.done $(VENV)/bench.done:
	@echo "== setup: installing the tested versions of $< (once)"
	@$(PIP) install --require-hashes -r $<
	@touch $@

define make-environment
found=; \
for python in $(PYTHONS); do \
  if $$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
  then found=$$python; break; fi; \
done; \
if test -z "$$found"; then \
  echo "No Python 3.11 or later that can make an environment was found." >&2; \
  echo "  tried    $(PYTHONS)" >&2; \
  echo "  Install one (Debian, Ubuntu: apt install python3 python3-venv)" >&2; \
  echo "  or name yours: make PYTHON=/path/to/python3 $(MAKECMDGOALS)" >&2; \
  exit 1; \
fi; \
echo "== setup: $(VENV) with $$($$found --version)"; \
$$found -m venv --clear $(VENV)
endef
