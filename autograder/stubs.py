"""What the answer cells of a release hold: a stub, or the function to mend.

A function to mend is never written down. It is the master's answer with the slips that the exercise gives,
so it changes with the answer.
"""

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearSolutions

from autograder.exercise import Exercise, apply_all

HIDDEN = ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")
"""What a master hides, by the names in nbgrader's markers."""
BEGIN = tuple(f"BEGIN {name}" for name in HIDDEN)
END = tuple(f"END {name}" for name in HIDDEN)
DELIMITERS = (f"### {BEGIN[0]}", f"### {END[0]}")
"""Of a solution, as comments."""


def mark_given(notebook: NotebookNode, exercises: dict[str, Exercise]) -> None:
    """Note in the metadata of a master's answer cells which function is given to be mended.

    Raises:
        ValueError: a slip does not fit the master's answer.
    """
    for cell in notebook.cells:
        exercise = exercises.get(cell.id)
        if exercise is not None and exercise.gives:
            cell.metadata.dlarch = NotebookNode(given=given(exercise, cell.source))


def given(exercise: Exercise, answer: str) -> str:
    """Give the function to mend.

    Args:
        exercise: of the form `mend`.
        answer: the source of the master's answer cell.

    Raises:
        ValueError: a slip does not fit the answer.
    """
    lines = [line for line in answer.split("\n") if line.strip() not in DELIMITERS]
    try:
        return apply_all(exercise.given_edits, "\n".join(lines))
    except ValueError as error:
        raise ValueError(f"the master's answer to {exercise.name}: {error}") from None


def text_given(cell: NotebookNode) -> str:
    """Give what `mark_given` noted for a cell: the function to mend, or nothing."""
    return cell.metadata.get("dlarch", {}).get("given", "")


class GiveStubs(ClearSolutions):
    """Puts a stub in the place of a solution, or the function to mend."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict, cell_index: int
    ) -> tuple[NotebookNode, dict]:
        """Replace one cell's solution."""
        text = text_given(cell)
        if not text:
            return super().preprocess_cell(cell, resources, cell_index)
        cell.source = text
        del cell.metadata["dlarch"]
        return cell, resources
