"""Which cell of the master each cell of a submission is: by its names, else by its text."""

from collections import Counter
from dataclasses import replace

from dlarch.importer.assignment import Assignment
from dlarch.importer.cells import LearnerCell
from dlarch.importer.limits import MAX_ANSWER
from dlarch.importer.statements import parse, statements

MOST_PIECES = 4
"""Into how many cells a split one is looked for."""


def locate(cells: list[LearnerCell], assignment: Assignment) -> None:
    """Set the place of each cell, and which answers' functions it defines."""
    graded = {cell.id for cell in assignment.graded}
    known = {cell.id: cell for cell in assignment.cells}
    texts = Counter(plain(cell.source) for cell in assignment.cells)
    by_text = {
        plain(cell.source): cell.id
        for cell in assignment.cells
        if texts[plain(cell.source)] == 1 and cell.source.strip()
    }
    for cell in cells:
        names = [name for name in cell.names if name in known]
        cell.defines = _defined(cell, assignment)
        strong = [name for name in names if name in graded]
        fitting = [name for name in strong if name in cell.defines]
        same = by_text.get(plain(cell.source), "")
        cell.place = next(iter([*fitting, *strong, *filter(None, [same]), *names]), "")


def join_pieces(cells: list[LearnerCell], assignment: Assignment) -> list[LearnerCell]:
    """Join what Split Cell parted in the middle of a statement: pieces that are Python only together."""
    known = {cell.id for cell in assignment.cells}
    joined: list[LearnerCell] = []
    place = 0
    while place < len(cells):
        whole = _joined(cells[place : place + MOST_PIECES], known)
        joined.append(whole[0])
        place += whole[1]
    return joined


def plain(text: str) -> str:
    """Give a text without its layout, to compare it."""
    return "".join(text.split())


def _joined(cells: list[LearnerCell], known: set[str]) -> tuple[LearnerCell, int]:
    first = cells[0]
    if len(cells) == 1 or first.kind != "code":
        return first, 1
    broken = parse(first.source) is None
    source, names = first.source, first.names
    for number, cell in enumerate(cells[1:], 2):
        names = (*names, *(name for name in cell.names if name not in names))
        if cell.kind != "code" or len(known.intersection(names)) > 1:
            break
        if not (
            broken or cell.source.lstrip("\n")[:1] in (" ", "\t") or parse(cell.source) is None
        ):
            break
        source = f"{source}\n{cell.source}"
        if len(source) > MAX_ANSWER:
            break
        if parse(source) is not None:
            ordered = sorted(names, key=lambda name: name not in known)
            return replace(first, source=source, names=tuple(ordered)), number
    return first, 1


def _defined(cell: LearnerCell, assignment: Assignment) -> frozenset[str]:
    """List the answers whose functions a cell defines."""
    if cell.kind == "markdown" or not any(name in cell.source for name in assignment.functions):
        return frozenset()
    return frozenset(
        assignment.functions[name]
        for statement in statements(cell.source)
        for name in statement.binds
        if name in assignment.functions
    )
