"""`autograder check NOTEBOOK.ipynb`."""

import json
import re
import subprocess
import sys
from dataclasses import replace

import nbformat
import pytest

from autograder.cli import main
from autograder.course import Course
from autograder.grading import notebook as notebook_module
from autograder.grading.checker import grade
from autograder.grading.notebook import UnusableInputError, check_notebook
from autograder.grading.place import import_file
from dlarch import check_all
from dlarch.check import FILE_NAME
from dlarch.importer import import_notebook
from dlarch.importer.released import read_released
from dlarch.report import MIME_TYPE
from tests.grading import forms
from tests.grading.forms import RECOVERED, solved_content

CHAPTER = "04_backpropagation"
STATUSES = {"pass", "fail", "error", "timeout", "memory", "crash", "missing"}


def write(notebook, folder, name=CHAPTER):
    path = folder / f"{name}.ipynb"
    nbformat.write(notebook, path)
    return path


def by_id(result):
    return {check["id"]: check for check in result["checks"]}


def test_a_solved_notebook_of_any_name_has_the_documented_json(solved, tmp_path):
    path = write(solved, tmp_path, "renamed")
    command = [sys.executable, "-m", "autograder", "check", path, "--json"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    result = json.loads(run.stdout)

    assert set(result) == {"notebook", "score", "max_score", "backend", "notes", "checks"}
    assert result["score"] == result["max_score"] > 0
    for check in result["checks"]:
        assert set(check) == {"id", "points", "max_points", "status", "message", "mistake"}
        assert check["status"] == "pass"


def test_each_way_to_fail_has_its_status_and_costs_no_other_check(solved, tmp_path):
    cells = {cell.id: cell for cell in solved.cells}
    endings = {
        "output_delta": "    import os; os._exit(1)",
        "hidden_delta": "    while True: pass",
        "activation_backward": "    return bytearray(1 << 34)",
        "gradient_norms": "    raise NotImplementedError",
        "neuron_gradients": "    return 1 / 0",
    }
    for name, ending in endings.items():
        cells[name].source = f"def {name}(*args, **kwargs):\n{ending}"
    solved.cells = [cell for cell in solved.cells if cell.id != "test_linear_backward_db"]
    result = check_notebook(write(solved, tmp_path), Course.here(), timeout_s=10)
    status = {name: check["status"] for name, check in by_id(result).items()}

    assert status["output_delta"] == "crash"
    assert status["hidden_delta"] == "timeout"
    assert status["activation_backward"] == "memory"
    assert status["gradient_norms"] == "missing"
    assert status["neuron_gradients"] == "error"
    assert status["linear_backward_db"] == "pass"  # a deleted check costs nothing
    assert status["softmax_cross_entropy_backward"] == "pass"
    assert set(status.values()) <= STATUSES
    assert 0 < result["score"] < result["max_score"]


def test_check_cells_are_the_released_ones(solved, tmp_path):
    for cell in solved.cells:
        if cell.id == "hidden_delta":
            cell.source = "def hidden_delta(*args, **kwargs):\n    return 0.0"
        if cell.id == "test_hidden_delta":
            cell.source = "1.0"
            cell.metadata.tags = ["skip-execution"]
    result = check_notebook(write(solved, tmp_path), Course.here())

    assert by_id(result)["hidden_delta"]["points"] == 0


FORMS = (
    "without_ids_and_metadata",
    "split_above",
    "merged_with_a_helper",
    "light_script",
    "format_3",
)


@pytest.fixture
def points_in_the_notebook(run, monkeypatch, capsys):
    """What `check_all` shows of a saved notebook: points by check."""
    monkeypatch.setenv("DLARCH_CHECKS", str(run.course.notebooks / CHAPTER / FILE_NAME))

    def points(path):
        monkeypatch.setenv("JPY_SESSION_NAME", str(path))
        capsys.readouterr()
        check_all()
        shown = re.findall(r"^. (\w+): .* \((\S+) of \S+ points?\)$", capsys.readouterr().out, re.M)
        return {check: float(points) for check, points in shown}

    return points


@pytest.mark.parametrize("form", FORMS)
def test_a_notebook_is_read_as_grading_reads_it(form, run, tmp_path, points_in_the_notebook):
    path = tmp_path / "handed in.ipynb"
    path.write_bytes(RECOVERED[form](solved_content(run)))
    result = check_notebook(path, Course.here())

    assert result["score"] == result["max_score"] > 0
    assert result["notes"] == import_file(path, run.assignment).notes
    assert points_in_the_notebook(path) == {item["id"]: item["points"] for item in result["checks"]}


def test_the_notebook_itself_reads_every_form_as_grading_does(run):
    released = read_released(run.course.notebooks / CHAPTER / FILE_NAME, CHAPTER)
    for name, form in RECOVERED.items():
        content = form(solved_content(run))

        assert import_notebook(content, released, name) == import_notebook(
            content, run.assignment, name
        )


def test_the_notebooks_own_points_are_those_of_grading_on_public_cases(
    run, tmp_path, points_in_the_notebook
):
    """Answers that are right, wrong, untouched, broken, gone, in another cell, with a helper elsewhere."""
    content = solved_content(run)
    forms.cell(content, "output_delta")["source"] = "def output_delta(*given, **named): return 0.0"
    forms.stub(content, "hidden_delta")
    forms.cell(content, "linear_backward")["source"] = "def linear_backward(dy, x, W:\n    return"
    forms.cell(content, "activation_backward")["source"] += "\n1 / 0"
    content["cells"].remove(forms.cell(content, "gradient_norms"))
    forms.insert(content, "neuron_gradients", forms.new("def half(x):\n    return 0.5 * x"))
    source = forms.cell(content, "neuron_gradients")["source"]
    forms.cell(content, "neuron_gradients")["source"] = "neuron_gradients = None"
    forms.insert(content, "output_delta", forms.new(source.replace("0.5 * ", "half(1) * ")))
    path = tmp_path / f"{CHAPTER}.ipynb"
    path.write_bytes(forms.as_bytes(content))
    result = check_notebook(path, Course.here())
    checked = {item["id"]: item["points"] for item in result["checks"]}

    assert 0 < result["score"] < result["max_score"]
    assert points_in_the_notebook(path) == checked


def test_check_agrees_with_grading_on_what_is_wrong_or_missing(
    run, references, processes, tmp_path
):
    """Of the same notebook, on the checks that public cases decide; a check carries no error forward."""
    content = solved_content(run)
    forms.cell(content, "output_delta")["source"] = "def output_delta(*given, **named): return 0.0"
    forms.stub(content, "hidden_delta")
    forms.cell(content, "linear_backward")["source"] = "import os\nos._exit(1)"
    content["cells"].remove(forms.cell(content, "gradient_norms"))
    path = tmp_path / f"{CHAPTER}.ipynb"
    path.write_bytes(forms.as_bytes(content))
    job = replace(run.job(import_file(path, run.assignment)), carry=False)
    graded = {item.id: item.status for item in grade(job, references, processes).verdicts}
    checked = {
        check["id"]: check["status"] for check in check_notebook(path, Course.here())["checks"]
    }

    assert checked == graded


def test_what_an_answer_displays_is_not_taken_for_the_verdict(solved, tmp_path):
    for cell in solved.cells:
        if cell.id == "hidden_delta":
            cell.source = (
                "def hidden_delta(**arguments):\n"
                "    from IPython.display import display\n"
                f"    display({{{MIME_TYPE!r}: {{'points': 'all'}}}}, raw=True)"
            )
    result = check_notebook(write(solved, tmp_path), Course.here())

    assert by_id(result)["hidden_delta"]["points"] == 0


OTHER_VERDICTS = f"""
from IPython.display import display
def told(id, points, status="pass", message=""):
    verdict = {{"id": id, "points": points, "max_points": points, "status": status, "message": message}}
    display({{{MIME_TYPE!r}: {{**verdict, "mistake": None, "rows": []}}}}, raw=True)
"""


def test_verdicts_on_other_checks_and_points_beyond_the_most_count_nothing(solved, tmp_path):
    cells = {cell.id: cell for cell in solved.cells}
    cells["output_delta"].source += (
        f"\n{OTHER_VERDICTS}\nimport dlarch\ncheck = dlarch.check = lambda function, part='': told(*("
        "{'output_delta': ['hidden_delta', 1000],"
        " 'gradient_norms': ['gradient_norms', 1000],"
        " 'linear_backward': ['linear_backward_' + part, float('nan'), 'pass', '\\x1b[2J']}"
        ".get(function.__name__, ['other', 1, 'perfect'])))"
    )
    result = check_notebook(write(solved, tmp_path), Course.here())
    checks = by_id(result)

    assert checks["output_delta"]["points"] == 0
    assert "no verdict on output_delta" in checks["output_delta"]["message"]
    assert checks["gradient_norms"]["points"] == checks["gradient_norms"]["max_points"] < 10
    assert result["score"] <= result["max_score"]
    assert all(check["message"].isprintable() for check in checks.values())


def test_an_alias_of_another_answer_is_checked_as_that_one_and_counts_nothing(solved, tmp_path):
    cells = {cell.id: cell for cell in solved.cells}
    cells["hidden_delta"].source = "hidden_delta = output_delta"
    result = check_notebook(write(solved, tmp_path), Course.here())

    assert by_id(result)["hidden_delta"]["points"] == 0
    assert by_id(result)["output_delta"]["points"] > 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot read"),
        ("no json", "neither a notebook's JSON nor"),
        ("[1]", "not a whole Jupyter notebook"),
        ("[" * 100_000 + "]" * 100_000, "nested too deeply"),
        ('{"cells": [{"cell_type": "code", "source": "1"}], "nbformat": 4}', "no chapter"),
        ('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "no cells"),
    ],
    ids=["absent", "text", "list", "nested", "foreign", "empty"],
)
def test_unusable_input_is_one_clear_line_and_status_2(content, message, tmp_path):
    path = tmp_path / "any.ipynb"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UnusableInputError, match=message):
        check_notebook(path, Course.here())
    command = [sys.executable, "-m", "autograder", "check", path, "--json"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)

    assert run.returncode == 2
    assert message in run.stderr
    assert run.stderr.count("\n") == 1
    assert run.stdout == ""


def test_in_the_sandbox_a_notebook_is_graded_as_in_a_class(solved, tmp_path):
    for cell in solved.cells:
        if cell.id == "hidden_delta":
            cell.source = "import os\nos.environ['HOME']\ndef hidden_delta(**named): os._exit(0)"
    path = write(solved, tmp_path, "renamed")
    command = [sys.executable, "-m", "autograder", "check", path, "--sandbox", "--json"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    checks = by_id(json.loads(ran.stdout))

    assert checks["hidden_delta"]["status"] == "crash"
    assert {check["status"] for name, check in checks.items() if name != "hidden_delta"} == {"pass"}


def test_in_the_sandbox_too_something_else_is_refused(tmp_path):
    path = tmp_path / "04_backpropagation.ipynb"
    path.write_text("{")
    command = [sys.executable, "-m", "autograder", "check", path, "--sandbox"]

    assert subprocess.run(command, capture_output=True, check=False).returncode == 2


@pytest.mark.parametrize(("sandbox", "warned"), [(False, True), (True, False)])
def test_without_a_sandbox_check_says_whose_rights_it_ran_with(
    sandbox, warned, monkeypatch, capsys
):
    result = {"notes": [], "checks": [], "score": 1, "max_score": 2, "backend": "pytorch"}
    for name in ("check_notebook", "check_in_sandbox"):
        monkeypatch.setattr(notebook_module, name, lambda *_: result)
    with pytest.raises(SystemExit):
        main(["check", "any.ipynb", *(["--sandbox"] if sandbox else [])])

    assert ("all rights of your account" in capsys.readouterr().err) is warned
