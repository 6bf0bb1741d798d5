"""What `check` and `check_all` learn from the notebook as it is saved."""

import os
import time

import nbformat
import pytest

from dlarch import check_all, session
from dlarch.check import CheckImpossible
from dlarch.importer.assignment import Cell
from dlarch.importer.released import with_cells
from tests.learners.test_check import Notebook, checks  # noqa: F401 (a fixture)

CENTRE = "def centre(x):\n    return x - x.mean(axis=0)"
SCALE = "def scale(x, factor):\n    return factor * x, rows(x * factor)"


def cell(source, tags=(), **settings):
    metadata = {"tags": list(tags)} if tags else {}
    if settings:
        metadata["nbgrader"] = settings
    return nbformat.v4.new_code_cell(source, metadata=metadata)


def answer(source):
    return cell(source, solution=True, grade=False)


def stub(name, parameters):
    return Cell(name, "answer", f"def {name}({parameters}):\n    raise NotImplementedError")


RELEASED = (
    Cell("cell-01", "set-up", "import numpy as np"),
    stub("centre", "x"),
    Cell("test_centre", "check", "check(centre)", 2.0, "centre"),
    stub("scale", "x, factor"),
    Cell("test_scale_scaled", "check", 'check(scale, "scaled")', 1.0, "scale", "scaled"),
    Cell("test_scale_total", "check", 'check(scale, "total")', 3.0, "scale", "total"),
)


@pytest.fixture
def released(checks):  # noqa: F811
    """The checks file of a release, which has the notebook's cells too."""
    checks.write_bytes(with_cells(checks.read_bytes(), RELEASED))


@pytest.fixture
def save(tmp_path, monkeypatch):
    """Save a notebook as the chapter's own; `later` says that it happens after the cells ran."""
    monkeypatch.setattr(session, "STARTED_IN", tmp_path)

    def write(*cells, later=True):
        path = tmp_path / "00_test.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=list(cells)), path)
        moment = time.time() + (100 if later else -10_000)
        os.utime(path, (moment, moment))
        return path

    return write


@pytest.fixture
def notebook(monkeypatch):
    monkeypatch.setattr(session, "_runs", [])
    running = Notebook()
    run = running.run

    def run_and_note(source, cell_id=None):
        session._runs.append(session.Run(source, time.time(), cell_id))
        run(source)

    running.run = run_and_note
    return running


def test_an_answer_that_was_edited_and_not_run_is_noticed(save, notebook, capsys):
    notebook.run(CENTRE)
    save(answer(CENTRE.replace("centre", "center")))
    notebook.run("check(centre)")

    assert "The saved notebook holds another version of centre" in capsys.readouterr().out


@pytest.mark.parametrize("later", [True, False])
def test_an_answer_that_was_run_as_it_stands_is_not_doubted(later, save, notebook, capsys):
    notebook.run(CENTRE)
    save(answer(CENTRE if later else "# nothing was saved yet"), later=later)
    notebook.run("check(centre)")

    assert "Take care" not in capsys.readouterr().out


def test_an_answer_that_was_renamed_is_noticed_before_it_is_saved(notebook, capsys):
    notebook.run(CENTRE, "abc")
    notebook.run(CENTRE.replace("centre", "center"), "abc")
    notebook.run("check(centre)")

    assert "does not define it any more" in capsys.readouterr().out


def test_what_only_a_demonstration_defines_is_not_there_in_grading(save, notebook, capsys):
    shown, own = "zero = 0.0", "def mean(x):\n    return x.mean(axis=0)"
    uses = "def centre(x):\n    return x - mean(x) + zero"
    for source in (shown, own, uses):
        notebook.run(source)
    save(cell(shown, ["demonstration"]), cell(own), answer(uses))
    notebook.run("check(centre)")
    out = capsys.readouterr().out

    assert "Grading will not have zero, which centre uses" in out
    assert "mean, which" not in out


def test_all_points_are_those_of_the_saved_answers_and_the_helpers_they_need(
    save, released, capsys
):
    helper = "def rows(x):\n    return x.sum(axis=1)\nraise ValueError('not needed')"
    save(
        cell("import numpy as np"),
        answer(CENTRE),
        cell("print(centre(np.ones((2, 2))))"),
        cell(helper),
        answer(SCALE),
        cell("check(centre)", grade=True, solution=False),
        cell("raise ValueError", ["demonstration"]),
    )
    check_all()
    out = capsys.readouterr().out

    assert "00_test.ipynb, as it was saved at" in out
    assert "✓ centre: passed (2 of 2 points)" in out
    assert "together: 6 of 6 points" in out
    assert "Note: scale: rows was taken along from another cell." in out
    assert "[[" not in out


def test_an_answer_that_cannot_run_costs_its_own_points(save, released, capsys):
    save(answer(CENTRE), answer("def scale(:"))
    check_all()
    out = capsys.readouterr().out

    assert "✗ scale_total: not written yet (0 of 3 points)" in out
    assert "together: 2 of 6 points" in out


def test_a_file_that_cannot_be_read_says_why(save, released, capsys):
    save(answer(CENTRE)).write_text('{"cells": [')
    check_all()
    out = capsys.readouterr().out

    assert "together: 0 of 6 points" in out


def test_a_checks_file_of_an_earlier_release_is_refused(save):
    save(answer(CENTRE))
    with pytest.raises(CheckImpossible, match="earlier release"):
        check_all()


def test_without_a_saved_notebook_the_session_is_judged(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(session, "STARTED_IN", tmp_path)
    check_all()

    assert "the saved notebook was not found" in capsys.readouterr().out


def test_a_checks_file_with_cells_is_the_same_bytes_each_time(checks):  # noqa: F811
    content = checks.read_bytes()
    made = {with_cells(content, RELEASED) for _ in range(8)}
    made.add(with_cells(next(iter(made)), RELEASED))

    assert len(made) == 1
