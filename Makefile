# Every target does the set-up it needs: .venv, with the versions of constraints.txt.
# autograder/system.py says first what the machine lacks.
PYTHON ?= python3
BIN := .venv/bin
ANY_PYTHON := $(or $(wildcard $(BIN)/python),$(PYTHON))
PIP := $(BIN)/python -m pip install --disable-pip-version-check --progress-bar on -q -c constraints.txt
RUN := PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/autograder
INSTALLED := .venv/installed

.PHONY: demo lab test test-exhaustive release grade book pdf student bench test-gpu

demo: $(INSTALLED) ## release, grade a small class, write feedback, build the site
	$(RUN) demo

lab: release ## JupyterLab on your copies in work/
	$(RUN) lab
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/jupyter lab --notebook-dir=work $(LAB_OPTIONS)

test: $(INSTALLED) ## the whole test suite
	OMP_NUM_THREADS=1 PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder $(TESTS)

test-exhaustive: $(INSTALLED) ## two hundred kills of a grading run at random moments; every slip in the masters' answers
	OMP_NUM_THREADS=1 PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -m exhaustive tests/grading tests/exercises

release: $(INSTALLED) ## masters and exercises → notebooks/
	$(RUN) release

grade: $(INSTALLED) ## grade classroom/submitted: make grade CHAPTER=04_backpropagation
	$(RUN) grade $(CHAPTER)

book: $(INSTALLED) ## the site → _build/html
	$(BIN)/python website/build.py

pdf: $(INSTALLED) ## the book on paper → _build/deep_learning_architectures.pdf
	$(BIN)/python website/pdf.py

student: release ## the archive that is handed to learners
	$(RUN) student

bench: $(INSTALLED) ## kernels against PyTorch on this machine's GPU → benchmarks/results/
	$(BIN)/python benchmarks/kernels.py

test-gpu: $(INSTALLED) ## the kernels' tests, compiled, on this machine's GPU
	$(BIN)/python -m pytest tests/kernels -m gpu

$(INSTALLED): pyproject.toml constraints.txt | system
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv .venv
	@{ $(PIP) pip && $(PIP) torch==2.13.0 && $(PIP) -e '.[staff,test]'; } || { echo \
	"Installing stopped; pip says above why. Without a network, or on a full disk, mend that and repeat the command." >&2; exit 1; }
	@touch $@

.PHONY: system
system: ## what this machine lacks, said once
	@command -v $(firstword $(ANY_PYTHON)) >/dev/null || { echo \
	"Python 3.11, 3.12 or 3.13 is needed: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }
	@$(ANY_PYTHON) autograder/system.py $(or $(firstword $(MAKECMDGOALS)),demo)
