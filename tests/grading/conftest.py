"""A small class, graded once for all tests of this folder."""

import os
from dataclasses import replace

import pytest

from autograder.course import Course
from autograder.demo import write_class
from autograder.exercise import CHAPTERS
from autograder.grading.classroom import grade
from autograder.release import release


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    course = replace(Course.here(), classroom=tmp_path_factory.mktemp("classroom"))
    os.environ["AUTOGRADER_CLASSROOM"] = str(course.classroom)
    yield course
    del os.environ["AUTOGRADER_CLASSROOM"]


@pytest.fixture(scope="session")
def grades(course):
    """Grades by (learner, chapter)."""
    found = {}
    for chapter in CHAPTERS:
        release(chapter, course)
        write_class(chapter, course)
        found.update({(item.student, chapter): item for item in grade(chapter, course, [])})
    return found
