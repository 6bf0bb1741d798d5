"""A learner's own copies in work/, which no release overwrites."""

import pytest

from autograder.course import Course
from autograder.learner import copy_release

STEM = "04_backpropagation"


@pytest.fixture
def course(tmp_path):
    course = Course(root=tmp_path)
    (course.notebooks / STEM).mkdir(parents=True)
    (course.notebooks / STEM / f"{STEM}.ipynb").write_text("first")
    (course.notebooks / STEM / "checks.safetensors").write_text("checks")
    return course


def test_changed_work_stays_and_a_newer_release_arrives_once_beside_it(course):
    work = course.root / "work" / STEM
    assert copy_release(course) == [work / f"{STEM}.ipynb"]
    (work / f"{STEM}.ipynb").write_text("mine")
    assert copy_release(course) == []
    (course.notebooks / STEM / f"{STEM}.ipynb").write_text("second")

    assert copy_release(course) == [work / f"{STEM}_release_2.ipynb"]
    assert copy_release(course) == []
    assert (work / f"{STEM}.ipynb").read_text() == "mine"
    assert (work / f"{STEM}_release_2.ipynb").read_text() == "second"


def test_who_deletes_a_notebook_gets_a_fresh_one(course):
    (copy,) = copy_release(course)
    copy.unlink()

    assert copy_release(course) == [copy]
    assert copy.read_text() == "first"


def test_links_lead_to_pages_that_lie_beside_the_copies(course):
    (course.root / "book").mkdir()
    (course.root / "book" / f"{STEM}.md").write_text("page")
    (course.notebooks / STEM / f"{STEM}.ipynb").write_text(f"[p](../../book/{STEM}.md#rule)")
    (copy,) = copy_release(course)
    target = copy.read_text().removeprefix("[p](").split("#")[0]

    assert (copy.parent / target).read_text() == "page"
    assert copy_release(course) == []
