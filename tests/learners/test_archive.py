"""The archive that learners get, in an environment of its own."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from autograder.chapters import CHAPTERS
from autograder.course import ROOT, Course
from autograder.demo import mistaken, slips_of, with_solutions
from autograder.release import read_master, secret_lines
from autograder.student import NAME, write_archive

RUN = """
import json, sys, nbclient, nbformat
notebook = nbformat.read(sys.argv[1], as_version=4)
client = nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", allow_errors=True)
client.execute()
shown = [o["data"]["application/vnd.dlarch.verdict+json"] for c in notebook.cells
         for o in c.get("outputs", []) if "application/vnd.dlarch.verdict+json" in o.get("data", {})]
print(json.dumps(shown))
"""
TIME = """
import time
import torch
start = time.perf_counter()
import dlarch
from dlarch.check import verdict_of, find_checks_file
from dlarch.checks_file import load
checks = load(find_checks_file())
def {name}(**arguments): raise NotImplementedError
assert verdict_of({name}, "{name}", "{part}", checks).status == "error"
print(time.perf_counter() - start)
"""


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("learner")
    with zipfile.ZipFile(write_archive(Course.here())) as archive:
        archive.extractall(folder)
    return folder / NAME


@pytest.fixture(scope="session")
def python(unpacked):
    """The interpreter of an environment made by the commands of the archive's own README."""
    commands = re.search(r"```sh\n(.*?)```", (unpacked / "README.md").read_text(), re.S)[1]
    commands = [line for line in commands.splitlines() if line and not line.startswith("#")]
    install = [line for line in commands if "jupyter lab" not in line]
    assert len(install) < len(commands), "the README opens JupyterLab"
    script = "set -e\n" + "\n".join(install).replace("python3 ", f"{sys.executable} ", 1)
    environment = {**os.environ, "PIP_COMPILE": "0"}  # what is imported compiles itself
    subprocess.run(
        ["bash", "-c", script], cwd=unpacked, env=environment, check=True, capture_output=True
    )
    return unpacked / ".venv" / "bin" / "python"


def run(python, unpacked, notebook, chapter):
    path = unpacked / "notebooks" / chapter / "attempt.ipynb"
    nbformat.write(notebook, path)
    command = [python, "-c", RUN, path.name]
    result = subprocess.run(command, cwd=path.parent, check=True, capture_output=True, text=True)
    path.unlink()
    return json.loads(result.stdout.splitlines()[-1])


def attempt(chapter, slips=()):
    released = nbformat.read(ROOT / "notebooks" / chapter / f"{chapter}.ipynb", as_version=4)
    solved = with_solutions(released, read_master(ROOT / "solutions" / f"{chapter}.py"))
    solved.cells = [c for c in solved.cells if "demonstration" not in c.metadata.get("tags", [])]
    return mistaken(solved, slips)


def test_it_holds_nothing_of_the_staffs(unpacked):
    names = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*") if path.is_file()}
    names = {name for name in names if not name.startswith((".venv", "build"))}

    assert not any(name.startswith(("autograder", "solutions", "tests")) for name in names)
    assert {f"notebooks/{c}/{c}.ipynb" for c in CHAPTERS} <= names
    for chapter in CHAPTERS:
        secrets = secret_lines(read_master(ROOT / "solutions" / f"{chapter}.py"))
        for name in names:
            content = (unpacked / name).read_bytes()
            assert not [line for line in secrets if line.encode() in content], name


def test_the_page_on_setting_up_has_the_same_commands_for_each_system(unpacked):
    page = (ROOT / "book" / "setup.md").read_text(encoding="utf-8")
    tabs = dict(re.findall(r"^:::\{tab-item\} (.+?)\n```\w+\n(.*?)```", page, re.M | re.S))
    readme = re.search(r"```sh\n(.*?)```", (unpacked / "README.md").read_text(), re.S)[1]
    tested = [line for line in readme.splitlines() if not line.startswith("#")]

    assert [line for line in tabs["Linux, macOS"].splitlines() if line] == tested
    windows = (
        tabs["Windows"].replace("py -3 ", "python3 ").replace(".venv\\Scripts\\", ".venv/bin/")
    )
    assert [line for line in windows.splitlines() if line] == tested
    for line in tabs["conda"].splitlines():
        if "environment.yml" in line:
            assert line in (unpacked / "README.md").read_text()


def test_its_readme_says_how_to_hand_in(unpacked):
    readme = (unpacked / "README.md").read_text().partition("## How to hand in")[2]

    for words in ("Run All Cells", "shows your points", "<chapter>.ipynb", "nbgrader submit"):
        assert words in readme


def test_links_from_its_notebooks_to_the_book_lead_to_files(unpacked):
    for chapter in CHAPTERS:
        folder = unpacked / "notebooks" / chapter
        links = re.findall(r"\]\(([^)\s]*book/[^)#\s]*)", (folder / f"{chapter}.ipynb").read_text())
        assert all((folder / link).is_file() for link in links)
        assert links


def test_jupyterlab_saves_figures_with_their_notebook_there(python):
    overrides = python.parents[1] / "share" / "jupyter" / "lab" / "settings" / "overrides.d"

    (settings,) = json.loads((overrides / "dlarch-figures.json").read_text()).values()
    assert settings == {"saveState": True}


def test_a_solved_and_a_wrong_notebook_run_there(python, unpacked):
    missing = (
        "import importlib.util as u; print([u.find_spec(n) for n in ('autograder', 'triton')])"
    )
    seen = subprocess.run(
        [python, "-c", missing], check=True, capture_output=True, text=True, cwd="/"
    )
    assert seen.stdout.strip() == "[None, None]"
    chapter = "04_backpropagation"
    right = run(python, unpacked, attempt(chapter), chapter)
    wrong = run(python, unpacked, attempt(chapter, slips_of(chapter)), chapter)

    assert {verdict["status"] for verdict in right} == {"pass"}
    assert {slip.mistake for slip in slips_of(chapter)} <= {verdict["mistake"] for verdict in wrong}
    assert sum(v["points"] for v in wrong) < sum(v["points"] for v in right)


def test_import_and_first_check_take_less_than_a_second(python, unpacked):
    folder = unpacked / "notebooks" / "04_backpropagation"
    code = TIME.format(name="hidden_delta", part="")
    times = [
        float(
            subprocess.run(
                [python, "-c", code], cwd=folder, check=True, capture_output=True, text=True
            ).stdout
        )
        for _ in range(3)
    ]

    assert min(times) < 1.0


def test_equal_content_makes_an_equal_archive():
    first = write_archive(Course.here()).read_bytes()

    assert write_archive(Course.here()).read_bytes() == first


def test_the_archive_is_where_the_command_says():
    assert Path(write_archive(Course.here())).is_relative_to(ROOT / "build")
