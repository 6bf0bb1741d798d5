"""The main job in small: release, a class of submissions, grades, feedback, the site."""

import os
import subprocess
import sys
import warnings
from dataclasses import dataclass, replace

import nbformat
from nbformat import NotebookNode

from autograder.chapters import CHAPTERS, load_chapter
from autograder.course import Course
from autograder.grading.classroom import grade, gradebook_table
from autograder.grading.threads import Threads
from autograder.release import release, write_if_changed
from dlarch.check import FILE_NAME


@dataclass(frozen=True)
class Slip:
    """A wrong answer of the demo's class."""

    function: str
    answer: str
    """What stands in the answer's cell."""
    mistake: str
    """The mistake that the check should name."""


def slips_of(chapter: str) -> tuple[Slip, ...]:
    """Take from the registry, for each exercise, the first mistake that is an edit of a right answer."""
    edited = [
        (exercise, mistake)
        for exercise in load_chapter(chapter).exercises.values()
        for mistake in [mistake for mistake in exercise.diagnoses if mistake.edits][:1]
    ]
    return tuple(
        Slip(exercise.name, exercise.edited(mistake.edits[0]), mistake.id)
        for exercise, mistake in edited
    )


def run(course: Course) -> int:
    """Do the main job in build/demo and say what came of it.

    Args:
        course: the checkout; its own classroom stays untouched.

    Returns:
        The exit status.
    """
    course = replace(course, classroom=course.root / "build" / "demo" / "classroom")
    for chapter in CHAPTERS:
        print(f"{chapter}: releasing")
        release(chapter, course)
        write_class(chapter, course)
    with Threads(os.cpu_count() or 1) as workers:
        grades = [
            item for chapter in CHAPTERS for item in grade(chapter, course, [], given=workers)
        ]
    built = subprocess.run(
        [sys.executable, str(course.root / "website" / "build.py")], cwd=course.root, check=False
    )
    print(f"\n{gradebook_table(grades)}\n")
    print(f"site       {course.root / '_build' / 'html' / 'index.html'}")
    print(f"feedback   {course.feedback}/<learner>/<chapter>/<chapter>.html")
    print(f"notebooks  {course.notebooks}; copies to work on: make lab")
    return built.returncode


def write_class(chapter: str, course: Course) -> None:
    """Write a small class's submissions of one chapter: right, mistaken, untouched, damaged."""
    released = nbformat.read(course.notebooks / chapter / f"{chapter}.ipynb", as_version=4)
    source = nbformat.read(course.source / chapter / f"{chapter}.ipynb", as_version=4)
    solved = with_solutions(released, source)
    twice = nbformat.from_dict(solved)
    twice.cells.append(next(cell for cell in solved.cells if cell.id.startswith("test_")))
    text = nbformat.writes(solved)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", nbformat.warnings.DuplicateCellId)
        doubled = nbformat.writes(twice)
    submissions = {
        "ada": text,
        "blaise": nbformat.writes(mistaken(solved, slips_of(chapter))),
        "carl": nbformat.writes(released),
        "dorothy": doubled,
        "emil": text[: len(text) // 2],
    }
    checks = (course.notebooks / chapter / FILE_NAME).read_bytes()
    for learner, content in submissions.items():
        folder = course.submitted / learner / chapter
        write_if_changed(folder / f"{chapter}.ipynb", content.encode())
        write_if_changed(folder / FILE_NAME, checks)


def with_solutions(released: NotebookNode, source: NotebookNode) -> NotebookNode:
    """Fill the answer cells of a released notebook with the master's answers."""
    answers = {cell.id: cell.source for cell in source.cells}
    solved = nbformat.from_dict(released)
    for cell in solved.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            lines = answers[cell.id].splitlines()
            cell.source = "\n".join(line for line in lines if "### " not in line)
    return solved


def mistaken(solved: NotebookNode, slips: tuple[Slip, ...]) -> NotebookNode:
    """Put wrong answers in place of right ones."""
    notebook = nbformat.from_dict(solved)
    answers = {slip.function: slip.answer for slip in slips}
    for cell in notebook.cells:
        cell.source = answers.get(cell.id, cell.source)
    return notebook
