"""Which sources decide a score: what is kept of a class is graded again when one of these changes."""

import shutil

import pytest

from autograder import sources
from autograder.grading.pipeline import Run
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
    before = Run(CHAPTER, run.course).version
    (copy / path).write_text((copy / path).read_text() + "\n# edited\n")

    assert (Run(CHAPTER, run.course).version != before) == decides
