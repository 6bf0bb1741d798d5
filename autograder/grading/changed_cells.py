"""A master whose graded cells change after submissions were graded: nbgrader refuses, the gradebook follows.

A new cell waits to be graded in every submission; a cell that went away takes its automatic scores along,
never what a person gave.
"""

from nbformat import NotebookNode
from nbgrader.api import (
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    MissingEntry,
    Notebook,
    SolutionCell,
    SourceCell,
    TaskCell,
)
from nbgrader.utils import is_grade, is_locked, is_solution, is_task

from autograder.course import Course


class KeptScoresError(ValueError):
    """A cell went away for which a person gave scores or wrote comments."""


def follow(chapter: str, course: Course, notebook: NotebookNode) -> None:
    """Bring the gradebook's cells of a chapter in line with its master.

    Args:
        chapter: the chapter's stem.
        course: where its files are.
        notebook: the master.

    Raises:
        KeptScoresError: what would be lost, and the way out.
    """
    with Gradebook(course.gradebook_url, course.id) as database:
        try:
            known = database.find_notebook(chapter, chapter)
        except MissingEntry:
            return
        if not known.submissions:
            return  # nbgrader itself makes the cells anew
        wanted = dict(_cells(notebook))
        cells = (*known._base_cells, *known.source_cells)
        there = {(type(cell), cell.name): cell for cell in cells}
        gone = [cell for key, cell in there.items() if key not in wanted]
        _refuse_loss([cell for cell in gone if isinstance(cell, BaseCell)])
        for cell in gone:
            if isinstance(cell, BaseCell):
                for item in (*cell.grades, *cell.comments):
                    database.db.delete(item)
            database.db.delete(cell)
        for (kind, name), cell_type in wanted.items():
            if (kind, name) not in there:
                _add(database, known, kind(name=name, notebook_id=known.id), cell_type)
        database.db.commit()


def _cells(notebook: NotebookNode) -> list[tuple[tuple[type, str], str]]:
    """List kind, name and type of each cell that nbgrader keeps, as its SaveCells does."""
    found = []
    for cell in notebook.cells:
        kinds = {
            GradeCell: is_grade(cell),
            SolutionCell: is_solution(cell),
            TaskCell: is_task(cell),
            SourceCell: is_grade(cell) or is_solution(cell) or is_locked(cell) or is_task(cell),
        }
        found += [
            ((kind, cell.metadata.nbgrader.grade_id), cell.cell_type)
            for kind, holds in kinds.items()
            if holds
        ]
    return found


def _refuse_loss(cells: list[BaseCell]) -> None:
    held = sorted(
        {
            cell.name
            for cell in cells
            if any(item.manual_score is not None or item.extra_credit for item in cell.grades)
            or any(item.manual_comment for item in cell.comments)
        }
    )
    if held:
        raise KeptScoresError(
            f"{', '.join(held)}: this cell is no longer in the master, and a person gave scores or wrote "
            "comments for it; put it back, or clear them in formgrader first"
        )


def _add(database: Gradebook, notebook: Notebook, cell: BaseCell | SourceCell, kind: str) -> None:
    if not isinstance(cell, SolutionCell):
        cell.cell_type = kind
    if isinstance(cell, GradeCell | TaskCell):
        cell.max_score = 0.0  # nbgrader's release sets it
    database.db.add(cell)
    database.db.flush()
    for submitted in notebook.submissions:
        if isinstance(cell, GradeCell | TaskCell):
            database.db.add(Grade(cell_id=cell.id, notebook_id=submitted.id))
        if isinstance(cell, SolutionCell | TaskCell):
            database.db.add(Comment(cell_id=cell.id, notebook_id=submitted.id))
