"""The cells of a submission, whatever their JSON holds."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from dlarch.importer.limits import MAX_ANSWER, MAX_CELLS, MAX_SOURCES
from dlarch.importer.pictures import Attachments, pictures_in


@dataclass
class LearnerCell:
    """One cell of a submitted notebook."""

    number: int
    kind: str
    """code, markdown or raw."""
    source: str
    names: tuple[str, ...] = ()
    """What it calls itself: its id, nbgrader's, an older id in its metadata."""
    count: int | None = None
    """When it was last run: its execution count."""
    pictures: Attachments = field(default_factory=dict)
    """Pictures that were pasted into it."""
    place: str = ""
    """The master's cell that it is, once that is known."""
    defines: frozenset[str] = field(default_factory=frozenset)
    """Answers whose functions it defines."""


def read_cells(
    cells: Iterable[object], notes: list[str], dropped: dict[str, str]
) -> list[LearnerCell]:
    """Read cells; what has no text is left out, with a note.

    Args:
        cells: the notebook's list, of anything.
        notes: what was left out is added here.
        dropped: and here by the names of the cell, with the reason.
    """
    read: list[LearnerCell] = []
    total = 0
    for number, cell in enumerate(cells, 1):
        if number > MAX_CELLS:
            notes.append(f"the notebook has more than {MAX_CELLS} cells: the others were left out")
            break
        if not isinstance(cell, dict):
            notes.append(f"cell {number} is damaged and was left out")
            continue
        names = _names(cell)
        source = _source(cell)
        if source is None or len(source) > MAX_ANSWER:
            what = "no readable text" if source is None else f"over {MAX_ANSWER} characters"
            notes.append(f"cell {number} ({_called(names)}) has {what} and was left out")
            dropped.update(dict.fromkeys(names, f"its cell has {what}"))
            continue
        total += len(source)
        if total > MAX_SOURCES:
            notes.append(f"cell {number} and those after it were left out: there is too much text")
            break
        kind = cell.get("cell_type")
        count = cell.get("execution_count")
        read.append(
            LearnerCell(
                number,
                kind if kind in ("code", "markdown", "raw") else "raw",
                source,
                names,
                count if type(count) is int and count > 0 else None,
                pictures_in(cell.get("attachments")),
            )
        )
    return read


def _names(cell: dict) -> tuple[str, ...]:
    metadata = cell.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    settings = metadata.get("nbgrader")
    grade_id = settings.get("grade_id") if isinstance(settings, dict) else None
    names = (cell.get("id"), grade_id, metadata.get("id"))
    return tuple(name for name in names if isinstance(name, str) and 0 < len(name) <= 64)


def _called(names: tuple[str, ...]) -> str:
    name = names[0] if names else "without an id"
    return name if name.isprintable() else "with an odd id"


def _source(cell: dict) -> str | None:
    """Give a cell's text; lines that lost their ends get them back."""
    source = cell.get("source")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        ended = any(line.endswith(("\n", "\r")) for line in source[:-1])
        source = ("" if ended else "\n").join(source)
    if not isinstance(source, str):
        return None
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    return source.encode(errors="replace").decode()
