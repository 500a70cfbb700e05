# make run   set up, then the main job on a synthetic delivery:  out/
#            make run DELIVERY=folder-or-file [MAPPING=name-or-file] [AS_OF=2023-07-27]
# make test  set up, then every check and test
# make bench set up, then time the slow parts beside other programs (minutes; ratios only)
# make validate set up, then find planted truths again, many times: out/validate/ (ten minutes and more)
#            make validate REPETITIONS=100
# make messages  bring the English catalogue up to date with the messages in the code
# make lock  renew the lock files (needs uv)

PYTHON ?= python3
BIN := .venv/bin
OUT ?= out
REPETITIONS ?= 400
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test check bench validate lock messages clean

run: .venv/run
	$(BIN)/toetssteen run --out $(OUT) \
	  $(if $(DELIVERY),--delivery "$(DELIVERY)") $(if $(MAPPING),--mapping "$(MAPPING)") $(if $(AS_OF),--as-of "$(AS_OF)")

test: .venv/dev
	$(MAKE) check
	$(BIN)/python -m pytest

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.venv/bin/python:
	$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v[:2] <= (3, 13) else "Toetssteen needs Python 3.11, 3.12 or 3.13; set PYTHON=python3.12")'
	$(PYTHON) -m venv .venv

.venv/run: requirements.lock pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

.venv/dev: .venv/run requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

.venv/bench: .venv/dev requirements-bench.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	touch $@

# lifelines asks for an older pandas than ours: an environment of its own
.venv/lifelines/done: tests/bench/lifelines.lock | .venv/bin/python
	$(BIN)/python -m venv .venv/lifelines
	.venv/lifelines/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/bench/lifelines.lock
	touch $@

bench: .venv/bench .venv/lifelines/done
	for script in read_workbook check_cases survival_speed agreement_speed declare_speed random_intercept_speed; do \
	  $(BIN)/python tests/bench/$$script.py || exit 1; done

# One thread a process: the study itself divides the work.
validate: .venv/dev
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 PYTHONPATH=tests $(BIN)/python -m validate --repetitions $(REPETITIONS) \
	  --out $(OUT)/validate

lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --quiet --output-file requirements.lock --extra build
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --quiet --extra build --extra dev --constraint requirements.lock --output-file requirements-dev.lock
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --quiet --extra build --extra dev --extra bench --constraint requirements-dev.lock \
	  --output-file requirements-bench.lock
	echo 'lifelines>=0.30' | uv pip compile - --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --quiet --output-file tests/bench/lifelines.lock

CATALOGUE := data_contracts/locale/en.po
messages: .venv/dev
	$(BIN)/pybabel --quiet extract --mapping-file=pyproject.toml --no-default-keywords --keywords=_ --add-location=file \
	  --sort-by-file --omit-header --output-file=.venv/messages.pot book data_contracts evaluation
	$(BIN)/pybabel --quiet update --input-file=.venv/messages.pot --output-file=$(CATALOGUE) --locale=en --width=120 \
	  --no-fuzzy-matching --ignore-obsolete --omit-header
	{ printf '%s\n' 'msgid ""' 'msgstr ""' '"Language: en\n"' '"Content-Type: text/plain; charset=utf-8\n"' ''; \
	  sed '$${/^$$/d}' $(CATALOGUE); } > .venv/messages.pot && mv .venv/messages.pot $(CATALOGUE)

clean:
	rm -rf .venv out .pytest_cache .mypy_cache .ruff_cache
