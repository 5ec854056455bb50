# `make run` and `make test` do all set-up on a fresh machine.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# Hundreds of processes start here: where the shell forbids it to keep compiled code, each of them
# would compile everything anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test test-faults test-netem check bench clean

run: $(READY)
	$(BIN)/testbed run scenarios/lte.yaml

# Three at a time, for they mostly wait; then those that measure the link, one after the other.
test: $(READY)
	$(BIN)/python -m pytest -m "not alone and not faults" -n 3 --dist loadfile --no-loadscope-reorder
	$(BIN)/python -m pytest -m "alone and not faults"

# Everything killed, stopped, cut off and filled up at every moment, and damaged inputs of every kind.
test-faults: $(READY)
	$(BIN)/python -m pytest -m faults -n 3 --dist worksteal

# The tests that need sch_netem, in a QEMU guest where this kernel lacks it; as root, installs what
# that takes (Debian packages; the kernel is only unpacked, below build/).
test-netem: $(READY)
	$(BIN)/python -m tests.qemu

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)
	$(BIN)/python -m benchmarks.floor

# torch first and by itself, at its pinned version: otherwise pip may pick the newest build, which
# brings CUDA along.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch==$$(sed -n 's/^torch==//p' constraints.txt)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,data,photos,imagenet,dask]'
	touch $@

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
