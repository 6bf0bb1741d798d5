"""`autograder check NOTEBOOK.ipynb`."""

import json
import subprocess
import sys

import nbformat
import pytest

from autograder.course import Course
from autograder.grading.notebook import UnusableInputError, check_notebook
from dlarch.report import MIME_TYPE

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

    assert set(result) == {"notebook", "score", "max_score", "backend", "checks"}
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
    assert status["linear_backward_db"] == "missing"
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


def drop_ids_and_outputs(cell):
    cell.pop("id")
    cell.pop("outputs", None)


def give_all_one_id(cell):
    cell["id"] = "same"


def give_ids_that_are_no_text(cell):
    cell["id"] = ["same"]


def replace_grading_metadata(cell):
    cell["metadata"]["nbgrader"] = "lost"


def put_half_a_character_in(cell):
    cell["source"] = "\ud800"


@pytest.mark.parametrize("damage", [drop_ids_and_outputs, give_all_one_id])
def test_ids_and_outputs_are_not_needed(damage, solved, tmp_path):
    path = write(solved, tmp_path)
    content = json.loads(path.read_text())
    for cell in content["cells"]:
        damage(cell)
    path.write_text("\ufeff" + json.dumps(content), encoding="utf-8")
    result = check_notebook(path, Course.here())

    assert result["score"] == result["max_score"]


@pytest.mark.parametrize(
    "damage",
    [give_ids_that_are_no_text, replace_grading_metadata, put_half_a_character_in],
)
def test_cells_that_no_notebook_has_are_unusable(damage, solved, tmp_path):
    path = write(solved, tmp_path)
    content = json.loads(path.read_text())
    for cell in content["cells"]:
        damage(cell)
    path.write_text(json.dumps(content))

    with pytest.raises(UnusableInputError, match="not a Jupyter notebook"):
        check_notebook(path, Course.here())


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


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot read"),
        ("no json", "not a Jupyter notebook"),
        ("[1]", "not a Jupyter notebook"),
        ("[" * 100_000 + "]" * 100_000, "not a Jupyter notebook"),
        ('{"cells": [], "metadata": {}, "nbformat": 5, "nbformat_minor": 0}', "not a Jupyter"),
        ('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "no chapter"),
    ],
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
