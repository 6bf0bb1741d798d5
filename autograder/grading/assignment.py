"""What a chapter's master says about each cell of its notebook."""

import ast
import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

import nbformat
from nbformat import NotebookNode

import autograder.grading.names  # noqa: F401 (limits what reading a learner's cells takes)
from autograder.chapters import load_chapter
from autograder.course import Course
from dlarch.importer import assignment
from dlarch.importer.assignment import DEMONSTRATION, Cell

FOR_THE_GRADER = "for-the-grader"
"""Tag of a cell whose display a person needs who grades a written answer: grading runs it."""


@dataclass(frozen=True)
class Assignment(assignment.Assignment):
    """The cells of one chapter, as the master has them."""

    notebook: NotebookNode
    """The released notebook."""

    @cached_property
    def digest(self) -> str:
        """Digest all that grading takes from the master."""
        content = [
            (cell.id, cell.kind, cell.source, cell.points) for cell in self.cells
            if cell.kind != "text"
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    def preload(self) -> tuple[str, ...]:
        """List the modules that the set-up imports, for the warm parent."""
        names = ["numpy", "dlarch.drivers", "safetensors.numpy"]
        for cell in self.of("set-up"):
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Import):
                    names += [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom) and node.module:
                    names.append(node.module)
                    names += [f"{node.module}.{alias.name}" for alias in node.names]
        exercises = load_chapter(self.chapter).exercises.values()
        names += [
            f"dlarch.drivers.{item.driver.rpartition('.')[0]}"
            for item in exercises
            if "." in item.driver
        ]
        return tuple(dict.fromkeys(names))


def read_assignment(chapter: str, course: Course) -> Assignment:
    """Read a released chapter.

    Raises:
        FileNotFoundError: it is not released.
    """
    released = nbformat.read(course.notebooks / chapter / f"{chapter}.ipynb", as_version=4)
    source = nbformat.read(course.source / chapter / f"{chapter}.ipynb", as_version=4)
    whole = {cell.id: cell.source for cell in source.cells}
    known = load_chapter(chapter).exercises
    return Assignment(
        chapter, tuple(_cell(cell, whole, set(known)) for cell in released.cells), released
    )


def read_released(chapter: str, course: Course) -> Assignment:
    """Read a chapter from the notebook that learners have: without hidden tests.

    Raises:
        FileNotFoundError: it is not released.
    """
    released = nbformat.read(course.notebooks / chapter / f"{chapter}.ipynb", as_version=4)
    return assignment_of(chapter, released)


def assignment_of(chapter: str, released: NotebookNode) -> Assignment:
    """Say what a chapter's notebook is, from the notebook alone: without hidden tests."""
    whole = {cell.id: cell.source for cell in released.cells}
    known = set(load_chapter(chapter).exercises)
    return Assignment(
        chapter, tuple(_cell(cell, whole, known) for cell in released.cells), released
    )


def _cell(cell: NotebookNode, whole: dict[str, str], exercises: set[str]) -> Cell:
    settings = cell.metadata.get("nbgrader", {})
    tags = cell.metadata.get("tags", [])
    points = float(settings.get("points", 0.0))
    is_code = cell.cell_type == "code"
    if settings.get("task") or (settings.get("grade") and settings.get("solution")):
        return Cell(cell.id, "written code" if is_code else "written", cell.source, points)
    if settings.get("solution"):
        return Cell(cell.id, "answer" if is_code else "written", cell.source)
    if settings.get("grade"):
        source = whole[cell.id]
        exercise, part = _checked(source, exercises)
        return Cell(cell.id, "check" if exercise else "test", source, points, exercise, part)
    if not is_code:
        return Cell(cell.id, "text", cell.source)
    if FOR_THE_GRADER in tags:
        return Cell(cell.id, "shown", cell.source)
    return Cell(cell.id, DEMONSTRATION if DEMONSTRATION in tags else "set-up", cell.source)


def _checked(source: str, exercises: set[str]) -> tuple[str, str]:
    """Give exercise and part of a cell that holds `check(function)` or `check(function, "part")` alone."""
    match ast.parse(source).body:
        case [ast.Expr(ast.Call(ast.Name("check"), [ast.Name(name), *rest], []))] if (
            name in exercises
        ):
            part = [item.value for item in rest if isinstance(item, ast.Constant)]
            return name, part[0] if part else ""
    return "", ""
