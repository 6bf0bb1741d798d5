"""CONTRIBUTING's "Add an exercise", followed to the letter in a copy of the repository."""

import os
import re
import shutil
import subprocess
import sys
import textwrap
from itertools import pairwise

import pytest

from autograder.course import ROOT

COPIED = ("autograder", "dlarch", "solutions", "notebooks", "book", "tests", "website")
FILES = ("CONTRIBUTING.md", "pyproject.toml", "_config.yml", "_toc.yml", "nbgrader_config.py")
FUNCTION = "leave_one_out_mean"


def blocks(language):
    """Give the code blocks of the section, dedented."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    section = text.split("## Add an exercise", 1)[1].split("\n## ", 1)[0]
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```", section, re.M | re.S)
    return [textwrap.dedent(block) for _, block in found]


@pytest.fixture
def copy(tmp_path):
    for name in COPIED:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    for name in FILES:
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run(copy, *command):
    environment = {**os.environ, "PYTHONPATH": str(copy), "OMP_NUM_THREADS": "1"}
    environment.pop("AUTOGRADER_CLASSROOM", None)
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def append(path, text):
    path.write_text(f"{path.read_text().rstrip()}\n\n\n{text}")


def add_lines(path, diff):
    """Add the lines with a plus after the line above them."""
    text = path.read_text()
    for above, line in pairwise(diff.splitlines()):
        if line.startswith("+"):
            assert text.count(f"{above[1:]}\n") == 1, above
            text = text.replace(f"{above[1:]}\n", f"{above[1:]}\n{line[1:]}\n")
    path.write_text(text)


def declare(copy):
    folder = copy / "autograder" / "exercises" / "start"
    (folder / f"{FUNCTION}.py").write_text(blocks("python")[0])
    add_lines(folder / "__init__.py", blocks("diff")[0])


def test_an_exercise_is_added_by_the_steps_of_contributing(copy):
    cells = blocks("python")[1]
    (section,) = blocks("markdown")
    declare(copy)
    printed = run(copy, "autograder", "cells", "00_start", FUNCTION)
    assert printed.returncode == 0, printed.stderr
    answer, check = (line for line in printed.stdout.splitlines() if line.startswith("# %%"))
    cells = cells.replace("# %% answer", answer).replace("# %% check", check)
    append(copy / "solutions" / "00_start.py", cells)
    append(copy / "book" / "00_start.md", section)

    released = run(copy, "autograder", "release", "00_start")
    assert released.returncode == 0, released.stderr
    assert FUNCTION in (copy / "notebooks" / "00_start" / "00_start.ipynb").read_text()
    tested = run(
        copy, "pytest", "-q", "-p", "no:cacheprovider", "tests/exercises", "-k", "00_start"
    )
    assert tested.returncode == 0, tested.stdout[-4000:]
    listed = run(copy, "pytest", "-q", "--co", "tests/exercises", "-k", f"00_start and {FUNCTION}")
    assert listed.stdout.count(FUNCTION) >= 8


def test_a_declaration_without_its_section_is_noticed(copy):
    declare(copy)
    tested = run(
        copy, "pytest", "-q", "-p", "no:cacheprovider", "tests/exercises", "-k", "00_start"
    )

    assert tested.returncode == 1
    assert "leave-one-out" in tested.stdout
