"""CONTRIBUTING's "Add an exercise", "a kernel" and "a figure", followed to the letter in a copy of all."""

import os
import re
import shutil
import subprocess
import sys
import textwrap
from itertools import takewhile

import pytest

from autograder.course import ROOT

COPIED = (
    "autograder", "benchmarks", "book", "dlarch", "notebooks", "solutions", "tests", "website",
)  # fmt: skip
FILES = ("CONTRIBUTING.md", "pyproject.toml", "_config.yml", "_toc.yml", "nbgrader_config.py")
FUNCTION = "leave_one_out_mean"


def blocks(language, title="Add an exercise", page="CONTRIBUTING.md"):
    """Give the code blocks of a section, dedented."""
    text = (ROOT / page).read_text()
    section = text.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
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
    """Add the lines with a plus after the lines above them, which stand there once."""
    text = path.read_text()
    for piece in re.split(r"^\.\.\.\n", diff, flags=re.M):
        lines = piece.splitlines()
        above = "".join(f"{line[1:]}\n" for line in takewhile(lambda line: line[0] != "+", lines))
        added = "".join(f"{line[1:]}\n" for line in lines if line.startswith("+"))
        assert text.count(above) == 1, above
        text = text.replace(above, above + added)
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
    page = copy / "book" / "00_start.md"
    append(page, section)
    (row,) = re.findall(r"`` (\| .* \|) ``", (ROOT / "CONTRIBUTING.md").read_text())
    last = re.search(r"^\| `relative_error` \|.*\n", page.read_text(), re.M)[0]
    page.write_text(page.read_text().replace(last, f"{last}{row}\n"))
    assert run(copy, "autograder", "missing").stdout == ""

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


def test_a_kernel_is_added_by_the_steps_of_contributing(copy, kernels):
    (module,) = blocks("python", "Add a kernel")
    cases, workload = blocks("diff", "Add a kernel")
    (copy / "autograder" / "kernels" / "softplus.py").write_text(module)
    add_lines(copy / "tests" / "kernels" / "cases.py", cases)
    add_lines(copy / "benchmarks" / "kernels.py", workload)

    files = ("tests/kernels/test_kernels.py", "tests/kernels/test_benchmark.py")
    chosen = ("-k", "softplus or same_ops", "-m", "not gpu")
    tested = run(copy, "pytest", "-q", "-p", "no:cacheprovider", *files, *chosen)
    assert tested.returncode == 0, tested.stdout[-4000:]
    assert int(re.search(r"(\d+) passed", tested.stdout)[1]) >= 15
    styled = run(copy, "ruff", "check", "autograder/kernels", "tests/kernels", "benchmarks")
    assert styled.returncode == 0, styled.stdout


def test_a_figure_is_added_by_the_steps_of_its_readme(copy):
    title, page = "A figure of your own", "dlarch/figures/README.md"
    (drawing,) = blocks("js", title, page)
    module, test = blocks("python", title, page)
    folder = copy / "dlarch" / "figures"
    (folder / "half_life.mjs").write_text(drawing)
    (folder / "half_life.py").write_text(module)
    (copy / "tests" / "figures" / "test_half_life.py").write_text(test)
    listed = (folder / "__init__.py").read_text()
    line = '    "gradient_norm_depth": "GradientNormDepth",\n'
    (folder / "__init__.py").write_text(
        listed.replace(line, f'{line}    "half_life": "HalfLife",\n')
    )
    noticed = run(copy, "autograder", "missing")
    assert "half_life" in noticed.stdout
    table = (folder / "README.md").read_text()
    line = "| `mode_collapse` |"
    (folder / "README.md").write_text(table.replace(line, f"| `half_life` | shrinking |\n{line}"))

    assert run(copy, "autograder", "missing").stdout == ""
    made = run(copy, "dlarch.figures.half_life")
    assert made.returncode == 0, made.stderr
    found = run(copy, "pytest", "-q", "--co", "-p", "no:cacheprovider", "tests/figures")
    assert found.returncode == 0, found.stdout[-2000:]
    assert "test_half_life.py" in found.stdout
    assert found.stdout.count("[half_life") + found.stdout.count("half_life]") >= 1
    names = set(re.findall(r"\b(\w+) = synced", module))
    assert names == set(re.findall(r"(\w+):", re.search(r"defaults = \{(.*)\}", drawing)[1]))
    shared = "".join(path.read_text() for path in (folder / "shared").glob("*.mjs"))
    for helper in ("createFigure", "createChart", "axes", "slider", "facts", "value", "batched"):
        assert f"{helper}(" in drawing
        assert re.search(rf"function {helper}\(", shared)
