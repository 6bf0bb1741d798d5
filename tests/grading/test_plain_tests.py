"""An instructor's own test cells: plain asserts, run where the learner's functions are remote."""

import json
import math
import shutil
from dataclasses import replace

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.course import ROOT, Course
from autograder.grading import plain_tests
from autograder.grading.checker import grade as grade_job
from autograder.grading.classroom import grade
from autograder.grading.limits import Limits
from autograder.grading.pipeline import GradingRun
from autograder.grading.references import read_references
from autograder.grading.warm_processes import WarmProcesses
from autograder.release import ReleaseRefusedError, release
from dlarch.importer import import_notebook

CHAPTER = "04_backpropagation"
QUICK = Limits(call_s=3, cell_s=6, memory_mib=512)
SETTINGS = {"schema_version": 3, "task": False, "cell_type": "code"}


def marker(grade_id, **settings):
    kinds = {"grade": False, "locked": False, "solution": False, **SETTINGS, **settings}
    return f"# %% nbgrader={json.dumps({'grade_id': grade_id, **kinds})}\n"


CELLS = (
    marker("shift", solution=True)
    + 'def shift(x, by=1):\n    """x + by"""\n'
    + "    ### BEGIN SOLUTION\n    return x + by\n    ### END SOLUTION\n\n\n"
    + marker("rate", solution=True)
    + "### BEGIN SOLUTION\nrate = 0.5\n### END SOLUTION\n\n"
    + marker("test_shift", grade=True, locked=True, points=3)
    + "assert shift(2) == 3\nassert np.allclose(shift(np.ones(3), by=2), 3)\n"
    + "### BEGIN HIDDEN TESTS\nassert shift(-1.5, by=0.5) == -1, 'half steps too'\n### END HIDDEN TESTS\n\n"
    + marker("test_rate", grade=True, locked=True, points=2)
    + "score = 0\nif rate == 0.5:\n    score += 0.5\nif shift(1) == 2:\n    score += 1\nscore\n\n"
    + marker("test_refusal", grade=True, locked=True, points=1)
    + "try:\n    shift('a')\n    assert False, 'expected a TypeError'\nexcept TypeError:\n    pass\n\n"
    + marker("test_sevenths", grade=True, locked=True, points=1)
    + "score = 0\nfor _ in range(7):\n    score += (shift(1) == 2) / 7\nscore\n\n"
    + marker("test_library", grade=True, locked=True, points=1)
    + "### BEGIN HIDDEN TESTS\nnp.testing.assert_allclose(shift(np.ones(2), by=814.4), 815.4)\n"
    + "### END HIDDEN TESTS\n\n"
    + marker("test_key", grade=True, locked=True, points=1)
    + "### BEGIN HIDDEN TESTS\n{2: 'two'}[shift(1)]\n### END HIDDEN TESTS\n\n"
    + marker("own_plot", grade=True, solution=True, points=2)
    + "### BEGIN SOLUTION\nprint('a picture of', shift(1))\n### END SOLUTION\n"
)
RIGHT = {
    "shift": "def shift(x, by=1):\n    return x + by",
    "rate": "rate = 0.5",
    "own_plot": "print('a picture of', shift(1))",
}


@pytest.fixture(scope="module")
def instructors(tmp_path_factory, course):
    """A course whose chapter 04 has an instructor's own cells."""
    root = tmp_path_factory.mktemp("course")
    shutil.copytree(ROOT / "notebooks" / CHAPTER, root / "notebooks" / CHAPTER)
    (root / "solutions").mkdir()
    master = (ROOT / "solutions" / f"{CHAPTER}.py").read_text()
    (root / "solutions" / f"{CHAPTER}.py").write_text(f"{master}\n{CELLS}")
    own = Course(root, root / "classroom")
    release(CHAPTER, own)
    return own


@pytest.fixture(scope="module")
def bench(instructors):
    run = GradingRun(CHAPTER, instructors)
    processes = WarmProcesses()
    references = read_references(run.references())

    def verdicts(**answers):
        notebook = submission(run, answers)
        job = run.job(import_notebook(notebook.encode(), run.assignment))
        found = grade_job(replace(job, limits=QUICK), references, processes)
        return {verdict.id: verdict for verdict in found.verdicts}, found.displays

    yield verdicts
    processes.close()


def submission(run, answers):
    notebook = nbformat.from_dict(run.assignment.notebook)
    for cell in notebook.cells:
        cell.source = {**RIGHT, **answers}.get(cell.id, cell.source)
    return nbformat.writes(notebook)


def test_right_answers_pass_and_values_and_errors_come_over(bench):
    verdicts, displays = bench()

    assert verdicts["shift"].points == 3
    assert verdicts["refusal"].points == 1
    assert "a picture of 2" in displays["own_plot"][0]["text"]


def test_the_last_number_of_a_cell_is_partial_credit(bench):
    verdicts, _ = bench()
    assert (verdicts["rate"].points, verdicts["rate"].max_points) == (1.5, 2)
    verdicts, _ = bench(rate="rate = 0.1")
    assert verdicts["rate"].points == 1


def test_a_hidden_assertion_counts_and_only_its_own_words_are_shown(bench):
    verdicts, _ = bench(shift="def shift(x, by=1):\n    return x + max(by, 1)")

    assert verdicts["shift"].points == 0
    assert verdicts["shift"].message == "half steps too"


@pytest.mark.parametrize(
    "source",
    [
        "class Liar:\n    def __eq__(self, other): return True\n"
        "    def __array__(self, *a, **k): return __import__('numpy').full(3, 3.0)\n"
        "def shift(x, by=1): return Liar()",
        "import builtins\nbuiltins.AssertionError = ValueError\ndef shift(x, by=1): return 0",
        "def shift(x, by=1): raise StopIteration",
        "def shift(x, by=1): raise SystemExit(0)",
        "def shift(x, by=1):\n    import os; os._exit(0)",
        "def shift(x, by=1):\n    while True: pass",
        "import numpy\nnumpy.allclose = lambda *a: True\ndef shift(x, by=1): return 'x'",
        "",
    ],
)
def test_wrong_answers_get_nothing_whatever_they_do(source, bench):
    verdicts, _ = bench(shift=source)

    assert verdicts["shift"].points == 0
    assert verdicts["shift"].status != "pass"


def test_all_parts_of_a_score_are_the_whole(bench):
    verdicts, _ = bench()

    assert (verdicts["sevenths"].status, verdicts["sevenths"].points) == ("pass", 1)


def test_what_a_library_or_python_says_of_a_hidden_test_is_not_told(bench):
    verdicts, _ = bench(shift="def shift(x, by=1):\n    return x + by + 1")
    own, _ = bench(shift="def shift(x, by=1):\n    raise KeyError('my own words')")

    assert verdicts["library"].message == "A test of this cell did not pass."
    assert verdicts["key"].message == "KeyError"
    assert "my own words" in own["key"].message


def test_a_figure_reaches_the_grader_with_and_without_the_magic(bench):
    draw = "import matplotlib.pyplot as plt\nplt.plot([1, shift(1)])\nplt.show()"
    _, plain = bench(own_plot=draw)
    verdicts, magic = bench(
        own_plot=f"%matplotlib inline\n{draw}", rate="%matplotlib inline\nrate = 0.5"
    )

    for displays in (plain, magic):
        assert [list(shown.get("data", {})) for shown in displays["own_plot"]][-1] == [
            "text/plain",
            "image/png",
        ]
    assert verdicts["rate"].points == 1.5


def test_a_cell_that_never_ends_has_its_reason_for_the_grader(bench):
    _, displays = bench(own_plot="while True: pass")

    assert displays["own_plot"][0]["text"] == "This cell did not finish within 6 seconds."


def test_an_untouched_answer_is_missing(bench, instructors):
    released = nbformat.read(
        instructors.notebooks / CHAPTER / f"{CHAPTER}.ipynb", as_version=4
    ).cells
    stub = next(cell.source for cell in released if cell.id == "shift")
    verdicts, _ = bench(shift=stub)

    assert verdicts["shift"].status == "missing"


@pytest.fixture(scope="module")
def grace(instructors):
    """A learner with right answers, graded."""
    run = GradingRun(CHAPTER, instructors)
    place = run.path_of("grace")
    place.parent.mkdir(parents=True)
    place.write_text(submission(run, {}))
    return grade(CHAPTER, instructors, ["grace"])[0]


def test_gradebook_and_feedback_have_the_points_but_not_the_hidden_test(instructors, grace):
    page = (instructors.feedback / "grace" / CHAPTER / f"{CHAPTER}.html").read_text()

    assert grace.score == 3 + 1.5 + 1 + 3
    assert grace.needs_manual_grade
    assert "half steps too" not in page
    assert "a picture of 2" in page


@pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf])
def test_points_that_are_no_number_are_none(score, bench, monkeypatch):
    result = {"error": None, "detail": "", "score": score}
    monkeypatch.setattr(plain_tests, "_examine", lambda *_: result)
    verdicts, _ = bench()

    assert verdicts["rate"].points == 0
    assert verdicts["rate"].status == "fail"


def test_what_acts_on_a_terminal_stays_out_of_messages(bench, monkeypatch):
    result = {"error": "AssertionError", "detail": "\x1b[31mred\x07\u202e", "score": None}
    monkeypatch.setattr(plain_tests, "_examine", lambda *_: result)
    verdicts, _ = bench()

    assert verdicts["rate"].message.isprintable()


def test_graded_cells_may_come_and_go_after_grading(instructors, grace):
    """One cell goes, one comes; a cell that holds a person's score stays until that is cleared."""
    master = instructors.solutions / f"{CHAPTER}.py"
    before = master.read_text()
    gone, comes = marker("test_key", grade=True, locked=True, points=1), "test_new"
    after = before.replace(gone, marker(comes, grade=True, locked=True, points=5))
    with Gradebook(instructors.gradebook_url, instructors.id) as book:
        book.find_grade("test_key", CHAPTER, CHAPTER, "grace").manual_score = 1.0
        book.db.commit()
    master.write_text(after)
    with pytest.raises(ReleaseRefusedError, match=r"test_key.*put it back, or clear"):
        release(CHAPTER, instructors)
    with Gradebook(instructors.gradebook_url, instructors.id) as book:
        book.find_grade("test_key", CHAPTER, CHAPTER, "grace").manual_score = None
        book.db.commit()
    release(CHAPTER, instructors)
    (again,) = grade(CHAPTER, instructors, ["grace"])
    with Gradebook(instructors.gradebook_url, instructors.id) as book:
        submission = book.find_submission_notebook(CHAPTER, CHAPTER, "grace")
        points = {item.name: item.auto_score for item in submission.grades}

    assert again.failure == ""
    assert points[comes] == 5
    assert "test_key" not in points
    assert points["test_shift"] == 3
