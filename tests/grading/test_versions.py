"""Which sources decide a score: what is kept of a class is graded again when one of these changes."""

import shutil
from dataclasses import replace

import pytest

from autograder import sources
from autograder.grading.classroom import grade
from autograder.grading.pipeline import GradingRun
from autograder.release import ReleaseRefusedError, build_for_grading
from dlarch.check import FILE_NAME
from tests.grading.conftest import CHAPTER


@pytest.fixture
def copy(tmp_path, monkeypatch):
    for package in sources.PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__", "figures")
        shutil.copytree(sources.ROOT / package, tmp_path / package, ignore=ignored)
    monkeypatch.setattr(sources, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("path", "decides"),
    [
        ("dlarch/judge.py", True),
        ("dlarch/check.py", True),
        ("dlarch/drivers/backpropagation.py", True),
        ("autograder/kernels/softmax_cross_entropy.py", True),
        ("autograder/exercises/backpropagation/value.py", True),
        ("autograder/grading/checker.py", True),
        ("autograder/grading/sandboxed/worker.py", True),
        ("autograder/grading/gradebook.py", False),
        ("autograder/grading/rebuilding.py", False),
        ("autograder/grading/pages.py", False),
        ("autograder/grading/report.py", False),
        ("autograder/chapters.py", False),
        ("autograder/exercises/start/one_hot.py", False),
        ("autograder/kernels/pooling.py", False),
        ("dlarch/drivers/convolution.py", False),
        ("dlarch/report.py", False),
        ("dlarch/plots.py", False),
    ],
)
def test_a_source_counts_when_it_decides_a_score(run, copy, path, decides):
    before = GradingRun(CHAPTER, run.course).version
    (copy / path).write_text((copy / path).read_text() + "\n# edited\n")

    assert (GradingRun(CHAPTER, run.course).version != before) == decides


@pytest.mark.parametrize("path", ["dlarch/report.py", "autograder/grading/gradebook.py"])
def test_pages_of_another_look_are_written_anew_and_nothing_is_run(grades, course, copy, path):
    assert grades["ada", CHAPTER].score
    page = course.feedback / "ada" / CHAPTER / f"{CHAPTER}.html"
    page.write_text("the look of before")
    (copy / path).write_text((copy / path).read_text() + "\n# edited\n")

    (ada,) = grade(CHAPTER, course, ["ada"])

    assert ada.reused
    assert ada.score == grades["ada", CHAPTER].score
    assert page.read_text() != "the look of before"


def test_grading_refuses_what_is_not_released_and_writes_no_tracked_file(course, tmp_path):
    own = replace(course, root=tmp_path)
    shutil.copytree(course.solutions, own.solutions)
    released = own.notebooks / CHAPTER
    with pytest.raises(ReleaseRefusedError, match=f"autograder release {CHAPTER}"):
        build_for_grading(CHAPTER, own)

    shutil.copytree(course.notebooks / CHAPTER, released)
    published = (released / FILE_NAME).read_bytes()
    (released / f"{CHAPTER}.ipynb").write_text("another release")
    with pytest.raises(ReleaseRefusedError, match="is not what solutions"):
        build_for_grading(CHAPTER, own)
    (released / FILE_NAME).write_bytes(published[:1000])
    with pytest.raises(ReleaseRefusedError, match=f"damaged.*autograder release {CHAPTER}"):
        build_for_grading(CHAPTER, own)

    assert (released / FILE_NAME).read_bytes() == published[:1000]
    assert (released / f"{CHAPTER}.ipynb").read_text() == "another release"
