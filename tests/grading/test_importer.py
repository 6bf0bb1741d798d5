"""Whatever is submitted has a result: its answers, or a reason that names the cause."""

import json
import os

import nbformat
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.grading.assignment import read_assignment
from autograder.grading.place import import_file, import_folder, misplaced
from dlarch.importer import MAX_ANSWER, MAX_FILE, import_notebook
from dlarch.importer.statements import same_code, statements
from tests.grading import forms
from tests.grading.forms import NAMED, RECOVERED, solved_content

RIGHT = "def hidden_delta(*arguments):\n    return 1\n"


@pytest.fixture(scope="module")
def assignment(run):
    return run.assignment


def notebook_with(assignment, change):
    """Give the released notebook as bytes after a change to its JSON."""
    content = json.loads(nbformat.writes(assignment.notebook))
    change(content)
    return json.dumps(content).encode()


def cell_of(content, name):
    return next(cell for cell in content["cells"] if cell["id"] == name)


def test_a_released_notebook_has_no_answers(assignment):
    submission = import_notebook(nbformat.writes(assignment.notebook).encode(), assignment)

    assert submission.answers == {}
    assert submission.notes == []
    assert submission.failure == ""


def test_a_function_to_mend_is_no_answer_before_its_code_changes(course):
    assignment = read_assignment("05_optimization", course)
    given = next(cell for cell in assignment.cells if cell.id == "adam_step").source

    def change(text):
        return lambda content: cell_of(content, "adam_step").update(source=text)

    for source, answers in (
        (given, set()),
        (given.replace("    mean =", "    # is it here?\n    mean ="), set()),
        (given.replace("mean / np.sqrt", "mean / 2 / np.sqrt"), {"adam_step"}),
    ):
        content = notebook_with(assignment, change(source))
        assert set(import_notebook(content, assignment).answers) == answers


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b"{}",
        b"\xff\xfe\x00",
        b'{"cells": 3}',
        b"[" * 100_000,
        b'{"cells": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    ],
)
def test_what_is_no_notebook_is_damaged(content, assignment):
    assert "damaged" in import_notebook(content, assignment).failure


def test_answers_are_found_by_nbgraders_id_or_the_notebooks(assignment):
    def keep_only_the_cell_id(content):
        cell_of(content, "hidden_delta").update(source=RIGHT, metadata={})

    def keep_only_the_grade_id(content):
        cell_of(content, "hidden_delta").update(source=RIGHT.splitlines(True), id="other")

    for change in (keep_only_the_cell_id, keep_only_the_grade_id):
        submission = import_notebook(notebook_with(assignment, change), assignment)
        assert submission.answers == {"hidden_delta": RIGHT}


def test_the_last_of_several_answers_counts_and_both_sides_are_told(assignment):
    def double(content):
        cell = cell_of(content, "hidden_delta")
        first = RIGHT.replace("1", "0")
        content["cells"] += [{**cell, "source": first}, {**cell, "source": RIGHT}]

    submission = import_notebook(notebook_with(assignment, double), assignment)

    assert submission.answers == {"hidden_delta": RIGHT}
    assert "hidden_delta: it is defined in several cells" in submission.notes[0]


def test_nothing_else_of_a_submission_is_used(assignment):
    def take_over(content):
        for cell in content["cells"]:
            if cell["id"].startswith("test_") or "nbgrader" not in cell["metadata"]:
                cell.update(source="1/0", outputs=[{"output_type": "stream"}])
            cell["metadata"].update(tags=["skip-execution"], editable=True)

    submission = import_notebook(notebook_with(assignment, take_over), assignment)

    assert submission.answers == {}
    assert submission.failure == ""


def test_a_cell_without_readable_text_is_left_out_with_a_note(assignment):
    for source in (3, None, ["a", 1], "x" * (MAX_ANSWER + 1)):

        def put(content, source=source):
            cell_of(content, "hidden_delta").update(source=source)

        content = notebook_with(assignment, put)
        submission = import_notebook(content, assignment)
        assert submission.answers == {}
        assert "hidden_delta" in submission.notes[0]


def test_half_a_character_is_replaced(assignment):
    content = notebook_with(
        assignment, lambda content: cell_of(content, "hidden_delta").update(source="\ud800 = 1")
    )

    assert import_notebook(content, assignment).answers == {"hidden_delta": "? = 1"}


def test_links_missing_and_huge_files_have_a_reason(assignment, tmp_path):
    notebook = tmp_path / "04_backpropagation.ipynb"
    assert "missing" in import_file(notebook, assignment).failure
    notebook.symlink_to("/etc/passwd")
    assert "link" in import_file(notebook, assignment).failure
    notebook.unlink()
    os.mkfifo(notebook)
    assert "missing" in import_file(notebook, assignment).failure
    notebook.unlink()
    with notebook.open("wb") as file:
        file.truncate(MAX_FILE + 1)
    assert "larger" in import_file(notebook, assignment).failure


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
CELL_NAMES = st.sampled_from(
    ["hidden_delta", "output_delta", "test_hidden_delta", "cell-01", "", "x"]
)
CELLS = st.fixed_dictionaries(
    {},
    optional={
        "id": CELL_NAMES | JSON,
        "cell_type": st.sampled_from(["code", "markdown", "raw"]) | JSON,
        "source": st.text(max_size=40) | st.lists(st.text(max_size=10)) | JSON,
        "metadata": st.fixed_dictionaries(
            {}, optional={"nbgrader": st.fixed_dictionaries({"grade_id": CELL_NAMES | JSON}) | JSON}
        )
        | JSON,
        "outputs": JSON,
        "attachments": JSON,
    },
)
NOTEBOOKS = st.fixed_dictionaries(
    {"cells": st.lists(CELLS | JSON, max_size=6) | JSON},
    optional={"nbformat": st.integers(0, 6) | JSON, "metadata": JSON},
)
FUZZ = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


def assert_sane(submission, assignment):
    known = {cell.id for cell in assignment.cells}
    assert set(submission.answers) <= known
    assert all(isinstance(source, str) for source in submission.answers.values())
    json.dumps(vars(submission)).encode()


@FUZZ
@given(notebook=NOTEBOOKS | JSON)
def test_any_json_has_a_result(notebook, assignment):
    assert_sane(import_notebook(json.dumps(notebook).encode(), assignment), assignment)


@FUZZ
@given(content=st.binary(max_size=200))
def test_any_bytes_have_a_result(content, assignment):
    assert_sane(import_notebook(content, assignment), assignment)


@FUZZ
@given(data=st.data())
def test_a_notebook_with_any_bytes_changed_has_a_result(data, assignment):
    content = bytearray(nbformat.writes(assignment.notebook).encode())
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=10))

    assert_sane(import_notebook(bytes(content), assignment), assignment)


@pytest.fixture(scope="module")
def solved_once(run):
    return json.dumps(solved_content(run))


@pytest.fixture
def content(solved_once):
    """The solved notebook as JSON data, with its untouched cells beside it."""
    return json.loads(solved_once)


@pytest.mark.parametrize("form", RECOVERED)
def test_every_form_of_a_solved_notebook_is_read_with_all_answers(form, content, assignment):
    expected = {
        cell["id"]: cell["source"] for cell in content["cells"] if cell["id"] in content["stubs"]
    }
    submission = import_notebook(RECOVERED[form](content), assignment)

    assert submission.failure == ""
    assert submission.reasons == {}
    assert set(submission.answers) == set(expected), submission.notes
    for name, source in submission.answers.items():
        if name not in assignment.functions:
            assert f"My answer about {name}." in source
            assert "Task" not in source
            continue
        definitions = {name: item.text for item in statements(source) for name in item.binds}
        right = {name: item.text for item in statements(expected[name]) for name in item.binds}
        assert same_code(definitions[name], right[name])


@pytest.mark.parametrize("form", NAMED)
def test_what_cannot_be_read_has_its_cause_by_name(form, content, assignment):
    make, causes = NAMED[form]
    submission = import_notebook(make(content), assignment)

    assert submission.answers == {}
    assert all(cause in submission.failure for cause in causes), submission.failure
    assert submission.failure.startswith("04_backpropagation.ipynb ")


def lay(folder, **files):
    """Write files below a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


NAMES = (
    "04_backpropagation.ipynb.txt",
    "04_backpropagation (1).ipynb",
    "04_backpropagation-1.ipynb",
    "04_backpropagation-Copy1.ipynb",
    "Copy of 04_backpropagation.ipynb",
    "Kopie von 04_backpropagation.ipynb",
    "04_backpropagation_Ada_Lovelace.ipynb",
    "04_backpropagation.IPYNB",
    "04_backpropagation.ipynb.json",
    "04_backpropagation.json",
    "04_backpropagation.txt",
    "04_backpropagation_release_2.ipynb",
    "Untitled.ipynb",
    "mine/notebooks/04_backpropagation.ipynb",
    ".ipynb_checkpoints/04_backpropagation-checkpoint.ipynb",
)


@pytest.mark.parametrize("name", NAMES)
def test_the_only_notebook_is_the_submission_whatever_it_is_called(
    name, solved_once, assignment, tmp_path
):
    beside = {
        "timestamp.txt": b"2026-01-01 12:00:00 UTC",
        "checks.safetensors": b"\x08",
        "._x": b"",
    }
    lay(tmp_path, **{name: solved_once.encode()}, **beside)
    submission = import_folder(tmp_path, assignment)

    assert len(submission.answers) == len(assignment.of("answer", "written"))
    assert submission.notes == [f"the notebook is called {name}, expected 04_backpropagation.ipynb"]


@pytest.mark.parametrize("suffix", [".zip", ".py", ".md"])
def test_an_archive_or_a_script_is_a_submission_too(suffix, content, assignment, tmp_path):
    form = {".zip": "zipped", ".py": "light_script", ".md": "markdown"}[suffix]
    lay(tmp_path, **{f"homework{suffix}": RECOVERED[form](content)})

    assert len(import_folder(tmp_path, assignment).answers) == len(
        assignment.of("answer", "written")
    )


def test_of_several_notebooks_the_one_with_most_answers_counts_and_the_others_are_named(
    solved_once, assignment, tmp_path
):
    untouched = nbformat.writes(assignment.notebook).encode()
    lay(
        tmp_path,
        **{
            "04_backpropagation.ipynb": untouched,
            "04_backpropagation (1).ipynb": solved_once.encode(),
            "older/04_backpropagation.ipynb": untouched,
            "02_neuron.ipynb": b"{}",
        },
    )
    submission = import_folder(tmp_path, assignment)

    assert len(submission.answers) == len(assignment.of("answer", "written"))
    assert submission.notes[0].startswith(
        "the submission holds several notebooks: 04_backpropagation (1).ipynb has most answers"
    )
    assert "older/04_backpropagation.ipynb" in submission.notes[0]


def test_a_folder_without_a_notebook_says_what_it_holds(assignment, tmp_path):
    assert "which is empty" in import_folder(tmp_path, assignment).failure
    lay(tmp_path, **{"report.pdf": b"%PDF", "timestamp.txt": b""})
    assert "which holds report.pdf" in import_folder(tmp_path, assignment).failure


def test_what_lies_where_no_command_looks_is_named(tmp_path):
    lay(
        tmp_path,
        **{
            "ada/04_backpropagation/04_backpropagation.ipynb": b"{}",
            "ada/notes/plan.txt": b"",
            "gina/04_Backpropagation/04_backpropagation.ipynb": b"{}",
            "hank/04_backpropagation.ipynb": b"{}",
            "04_backpropagation/04_backpropagation.ipynb": b"{}",
            "ivan.ipynb": b"{}",
            "gina/02 neuron/02_neuron.ipynb": b"{}",
        },
    )
    found = "\n".join(misplaced(tmp_path, "04_backpropagation"))

    assert "gina/04_Backpropagation/ is not the chapter's name" in found
    assert "hank/04_backpropagation.ipynb lies outside of a chapter's folder" in found
    assert "04_backpropagation/ is a chapter's folder where a learner's was expected" in found
    assert "ivan.ipynb lies outside of any learner's folder" in found
    assert "ada" not in found
    assert "neuron" not in found


HELPERS = {
    "a function in an added cell": ("def sloped(o):\n    return o * (1 - o)", "sloped(o)"),
    "a helper of a helper": (
        "half = 0.5\ndef one(o):\n    return 2 * half\ndef sloped(o):\n    return o * (one(o) - o)",
        "sloped(o)",
    ),
    "a table filled later": (
        "table = {}\nfor key in ['a', 'b']:\n    table[key] = lambda o: o * (1 - o)",
        "table['a'](o)",
    ),
    "an import": ("from math import prod as product", "product([o, 1 - o])"),
    "a class": (
        "class S:\n    @staticmethod\n    def of(o):\n        return o * (1 - o)",
        "S.of(o)",
    ),
    "beside what only prints": (
        "print('x')\n1/0\ndef sloped(o):\n    return o * (1 - o)\nsloped(3)",
        "sloped(o)",
    ),
}
USER = (
    "def neuron_gradients(x, w, b, t):\n    o = ACTIVATIONS['sigmoid'](w @ x + b)\n    return {}\n"
)


@pytest.mark.parametrize("where", ["added cell", "set-up", "check cell"])
@pytest.mark.parametrize("helper", HELPERS)
def test_helpers_elsewhere_are_taken_along_and_nothing_else(helper, where, content, assignment):
    source, use = HELPERS[helper]
    forms.cell(content, "neuron_gradients")["source"] = USER.format(use)
    if where == "added cell":
        forms.insert(content, "neuron_gradients", forms.new(source))
    else:
        place = "cell-01" if where == "set-up" else "test_output_delta"
        forms.cell(content, place)["source"] += f"\n{source}"
    submission = import_notebook(forms.as_bytes(content), assignment)
    space = {"ACTIVATIONS": {"sigmoid": lambda a: 0.5}}
    exec(submission.answers["neuron_gradients"], space)

    assert abs(space["neuron_gradients"](*[np.ones(1)] * 4) - 0.25) < 1e-12
    assert "print" not in submission.answers["neuron_gradients"]
    assert "was taken along from another cell" in submission.notes[0]


def test_what_the_course_gives_is_never_replaced(content, assignment):
    forms.cell(content, "neuron_gradients")["source"] = USER.format("check, np, o")
    forms.cell(content, "cell-01")["source"] += "\nnp = check = ACTIVATIONS = None"
    forms.insert(content, "neuron_gradients", forms.new("def check(*given):\n    return 1.0"))
    submission = import_notebook(forms.as_bytes(content), assignment)

    assert submission.answers["neuron_gradients"] == USER.format("check, np, o")
    assert "gives ACTIVATIONS, check, np another meaning" in submission.notes[0]


def test_unused_imports_are_left_out_and_used_ones_stay(content, assignment):
    head = (
        "from __future__ import annotations\nimport torch, sklearn\nimport numpy.linalg as linear\n"
    )
    forms.cell(content, "neuron_gradients")["source"] = head + USER.format("linear.norm(o)")
    answer = import_notebook(forms.as_bytes(content), assignment).answers["neuron_gradients"]

    assert "\n# import torch, sklearn\n" in answer
    assert "\nimport numpy.linalg as linear\n" in answer
    assert answer.startswith("from __future__")


def test_the_attempt_that_ran_last_before_the_check_counts(content, assignment):
    wrong = "def neuron_gradients(x, w, b, t):\n    return 'other'"
    forms.cell(content, "neuron_gradients")["execution_count"] = 5
    forms.cell(content, "test_neuron_gradients")["execution_count"] = 8
    counts = {"earlier": 3, "chosen": 7, "after the check": 9}
    for number, (name, count) in enumerate(counts.items()):
        cell = forms.new(wrong.replace("other", name), name=f"attempt-{number}")
        forms.insert(content, "neuron_gradients", {**cell, "execution_count": count})
    submission = import_notebook(forms.as_bytes(content), assignment)

    assert "'chosen'" in submission.answers["neuron_gradients"]
    assert "it is defined in several cells" in submission.notes[0]
