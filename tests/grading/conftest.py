"""A small class, graded once for all tests of this folder, and the parts it was graded with."""

import copy
import os
from dataclasses import replace

import nbformat
import pytest

from autograder.course import Course
from autograder.demo import with_solutions, write_class
from autograder.grading.classroom import grade
from autograder.grading.pipeline import GradingRun
from autograder.grading.references import read_references
from autograder.grading.threads import Threads
from autograder.grading.warm_processes import WarmProcesses
from autograder.kernels.backend import backend_name
from autograder.release import release

CHAPTER = "04_backpropagation"


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """A classroom of its own; references by PyTorch, which the kernels' own tests compare them with."""
    course = replace(Course.here(), classroom=tmp_path_factory.mktemp("classroom"))
    settings = {"AUTOGRADER_CLASSROOM": str(course.classroom), "AUTOGRADER_BACKEND": "pytorch"}
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    backend_name.cache_clear()
    yield course
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})
    backend_name.cache_clear()


@pytest.fixture(scope="session")
def workers(course):
    with Threads(2) as threads:
        yield threads


class Grades(dict):
    """Grades by (learner, chapter); a chapter's class is graded when it is first asked for."""

    def __init__(self, course, workers):
        self.course, self.workers = course, workers

    def __missing__(self, key):
        self.update({(item.student, key[1]): item for item in self.of(key[1])})
        return dict.__getitem__(self, key)

    def of(self, chapter):
        """Grade the class of one chapter."""
        release(chapter, self.course)
        write_class(chapter, self.course)
        return grade(chapter, self.course, [], given=self.workers)


@pytest.fixture(scope="session")
def grades(course, workers):
    return Grades(course, workers)


@pytest.fixture(scope="session")
def run(course):
    """A grading run of chapter 04 with its references."""
    release(CHAPTER, course)
    return GradingRun(CHAPTER, course)


@pytest.fixture(scope="session")
def references(run):
    return read_references(run.references())


@pytest.fixture(scope="session")
def processes():
    processes = WarmProcesses()
    yield processes
    processes.close()


@pytest.fixture(scope="session")
def right_answers(run):
    """The notebook of chapter 04 with the master's answers; not to be changed."""
    released = nbformat.from_dict(run.assignment.notebook)
    source = run.course.source / CHAPTER / f"{CHAPTER}.ipynb"
    return with_solutions(released, nbformat.read(source, as_version=4))


@pytest.fixture
def solved(right_answers):
    """The notebook of chapter 04 with the master's answers."""
    return copy.deepcopy(right_answers)
