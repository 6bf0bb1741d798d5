"""Written answers: in their own cell, in cells that were added beside it, or in the text of the task."""

from dlarch.importer.assignment import Assignment
from dlarch.importer.cells import LearnerCell
from dlarch.importer.limits import MAX_ANSWER
from dlarch.importer.locate import plain
from dlarch.importer.submission import Submission

MOST_OF = 0.7
"""The part of a task's lines by which its text is known, when something was written into it."""


def written_answers(
    cells: list[LearnerCell], assignment: Assignment, submission: Submission
) -> None:
    """Find what was written for a person to read."""
    order = [cell.id for cell in assignment.cells]
    released = {cell.id: cell for cell in assignment.cells}
    written = [cell.id for cell in assignment.of("written")]
    own: dict[str, list[str]] = {name: [] for name in written}
    added: dict[str, list[str]] = {name: [] for name in written}
    there = {cell.place for cell in cells}
    before = ""
    for number, cell in enumerate(cells):
        if cell.place:
            before = cell.place
            changed = plain(cell.source) != plain(released[cell.place].source)
            if cell.place in own and changed and cell.source.strip():
                own[cell.place].append(cell.source)
                submission.pictures.setdefault(cell.place, {}).update(cell.pictures)
        elif cell.source.strip() and not cell.defines:
            after = next((other.place for other in cells[number:] if other.place), "")
            name = _beside(before, after, order, written, there)
            if name and plain(cell.source) != plain(released[name].source):
                fenced = f"```python\n{cell.source}\n```"
                added[name].append(fenced if cell.kind == "code" else cell.source)
                submission.pictures.setdefault(name, {}).update(cell.pictures)
    for name in written:
        texts = list(dict.fromkeys(own[name])) + added[name]
        if added[name]:
            submission.notes.append(
                f"{name}: text in cells beside its own is shown to the person who grades it"
            )
        if not texts:
            texts = _in_the_task(cells, assignment, name)
            if texts:
                submission.notes.append(f"{name}: the answer was found in the text of its task")
        if texts:
            submission.answers[name] = "\n\n".join(texts)[:MAX_ANSWER]
    submission.pictures = {name: items for name, items in submission.pictures.items() if items}


def _beside(before: str, after: str, order: list[str], written: list[str], there: set[str]) -> str:
    """Name the written answer that a cell between two known ones belongs to."""
    if before in written:
        return before
    if after in written:
        return after
    if not before or not after or order.index(before) >= order.index(after):
        return ""
    between = order[order.index(before) + 1 : order.index(after)]
    return next((name for name in between if name in written and name not in there), "")


def _in_the_task(cells: list[LearnerCell], assignment: Assignment, name: str) -> list[str]:
    """Give what was written into the text above an answer, or merged with it."""
    order = [cell.id for cell in assignment.cells]
    stub, target = assignment.cells[order.index(name)], assignment.cells[order.index(name) - 1]
    if target.kind != "text":
        return []
    task = [line.strip() for line in target.source.split("\n") if line.strip()]
    known = {*task, *(line.strip() for line in stub.source.split("\n"))}
    for cell in cells:
        lines = cell.source.split("\n")
        there = {line.strip() for line in lines}
        if cell.kind == "code" or sum(line in there for line in task) < MOST_OF * len(task):
            continue
        text = "\n".join(line for line in lines if not line.strip() or line.strip() not in known)
        if text.strip():
            return [text.strip()]
    return []
