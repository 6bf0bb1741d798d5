"""Whatever is submitted has a result."""

import json
import os

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.grading.importer import MAX_ANSWER, MAX_BYTES, import_file, import_notebook

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


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b"\xff\xfe\x00",
        b'{"cells": 3}',
        b'{"nbformat": 3, "worksheets": []}',
        b"\0",
        b"[" * 100_000,
        b'{"cells": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"cells": [], "nbformat": 1' + b"0" * 5000 + b"}",
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


def test_the_last_of_several_answers_counts_and_the_instructor_is_told(assignment):
    def double(content):
        cell = cell_of(content, "hidden_delta")
        content["cells"] += [{**cell, "source": "first"}, {**cell, "source": RIGHT}]

    submission = import_notebook(notebook_with(assignment, double), assignment)

    assert submission.answers == {"hidden_delta": RIGHT}
    assert "hidden_delta stands 3 times" in submission.notes[0]


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
        file.truncate(MAX_BYTES + 1)
    assert "larger" in import_file(notebook, assignment).failure


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
NAMES = st.sampled_from(["hidden_delta", "output_delta", "test_hidden_delta", "cell-01", "", "x"])
CELLS = st.fixed_dictionaries(
    {},
    optional={
        "id": NAMES | JSON,
        "cell_type": st.sampled_from(["code", "markdown", "raw"]) | JSON,
        "source": st.text(max_size=40) | st.lists(st.text(max_size=10)) | JSON,
        "metadata": st.fixed_dictionaries(
            {}, optional={"nbgrader": st.fixed_dictionaries({"grade_id": NAMES | JSON}) | JSON}
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
