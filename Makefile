# Every target does the set-up it needs: .venv, with the versions of constraints.txt, and a browser for the tests.
PYTHON ?= python3
BIN := .venv/bin
RUN := PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/autograder
INSTALLED := .venv/installed

.PHONY: demo lab test test-exhaustive release grade book student bench test-gpu

demo: $(INSTALLED) ## release, grade a small class, write feedback, build the site
	$(RUN) demo

lab: release ## JupyterLab on your copies in work/
	$(RUN) lab
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/jupyter lab --notebook-dir=work $(LAB_OPTIONS)

test: $(INSTALLED) browser postgresql ## the whole test suite
	OMP_NUM_THREADS=1 PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder $(TESTS)

test-exhaustive: $(INSTALLED) ## kills of a grading run at random moments; every slip in the masters' answers
	OMP_NUM_THREADS=1 PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -m exhaustive tests/grading tests/exercises

release: $(INSTALLED) ## masters and exercises → notebooks/
	$(RUN) release

grade: $(INSTALLED) ## grade classroom/submitted: make grade CHAPTER=04_backpropagation
	$(RUN) grade $(CHAPTER)

book: $(INSTALLED) ## the site → _build/html
	$(BIN)/python website/build.py

student: release ## the archive that is handed to learners
	$(RUN) student

bench: $(INSTALLED) ## kernels against PyTorch on this machine's GPU → benchmarks/results/
	$(BIN)/python benchmarks/kernels.py

test-gpu: $(INSTALLED) ## the kernels' tests, compiled, on this machine's GPU
	$(BIN)/python -m pytest tests/kernels -m gpu

.PHONY: browser
browser: $(INSTALLED)
	@$(BIN)/python -c "from autograder.doctor import find_browser; raise SystemExit(not find_browser())" \
	|| if [ "$$(id -u)" = 0 ]; then apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; \
	else echo "The tests drive Chromium: run  sudo apt-get install chromium  first." >&2; exit 1; fi

.PHONY: postgresql
postgresql:
	@if [ "$$(id -u)" = 0 ] && ! ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; then \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql >/dev/null; fi

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c "import sys; raise SystemExit(not (3, 11) <= sys.version_info[:2] <= (3, 13))" \
	|| { echo "Python 3.11, 3.12 or 3.13 is needed: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }
	@$(PYTHON) -c "import ensurepip, venv" 2>/dev/null || if [ "$$(id -u)" = 0 ]; then apt-get update -qq && apt-get install -y -qq python3-venv; \
	else echo "Python's venv module is missing: run  sudo apt-get install python3-venv  first." >&2; exit 1; fi
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on -q -c constraints.txt torch==2.13.0
	$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on -q -c constraints.txt -e '.[staff,test]'
	touch $@
