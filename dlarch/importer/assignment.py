"""What a chapter's notebook is as it was released: the kind and the text of each cell."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from dlarch.importer.statements import statements

DEMONSTRATION = "demonstration"
"""Tag of a cell that only shows something: grading does not run it."""
GUIDANCE = ("install", "hand-in", "points")
"""Ids of the cells that every notebook has, in the order of the notebook."""


@dataclass(frozen=True)
class Cell:
    """One cell of the master."""

    id: str
    kind: str
    """set-up, answer, check, test, written, shown (run for the grader), demonstration or text."""
    source: str
    """As released; of a check or a test, the whole source with what is hidden from learners."""
    points: float = 0.0
    exercise: str = ""
    part: str = ""
    """Of a check: what it checks."""

    @property
    def check(self) -> str:
        """The name of a check's or a test's verdict."""
        return self.id.removeprefix("test_")


def sources_run(cells: Iterable[Cell]) -> list[str]:
    """List the sources that the learner's process runs."""
    return [cell.source for cell in cells if cell.kind not in ("check", "test", "written")]


@dataclass(frozen=True)
class Assignment:
    """The cells of one chapter."""

    chapter: str
    cells: tuple[Cell, ...]

    def of(self, *kinds: str) -> list[Cell]:
        """List the cells of some kinds."""
        return [cell for cell in self.cells if cell.kind in kinds]

    @property
    def graded(self) -> list[Cell]:
        """List the cells that nbgrader knows by name."""
        return self.of("answer", "written", "written code", "check", "test")

    @cached_property
    def functions(self) -> dict[str, str]:
        """Map the names that untouched answer cells define to the cells."""
        return {
            name: cell.id
            for cell in self.of("answer", "written code")
            for statement in statements(cell.source)
            for name in statement.binds
        }

    @cached_property
    def given(self) -> dict[str, str]:
        """Map the names that the course's own cells define to the statements that do."""
        return {
            name: statement.text
            for cell in self.of("set-up", "shown")
            for statement in statements(cell.source)
            for name in statement.binds
        }
