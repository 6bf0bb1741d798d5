"""From whatever was submitted to the answers in it, by cell id; nothing else of a submission is used.

Every input has a result: a notebook that cannot be read has a reason and no answers.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

from autograder.grading.assignment import Assignment
from autograder.grading.pictures import Attachments, pictures_in

MAX_BYTES = 32 << 20
MAX_ANSWER = 200_000
ANSWERS = ("answer", "written", "written code")
CHANGEABLE = ("set-up", "shown", "demonstration")


@dataclass
class Submission:
    """The answers of one notebook."""

    answers: dict[str, str] = field(default_factory=dict)
    """Sources of answer cells that are not as released, by id."""
    pictures: dict[str, Attachments] = field(default_factory=dict)
    """Pictures that were pasted into written answers, by id."""
    extra: list[tuple[str, str]] = field(default_factory=list)
    """Code cells that the master does not have, or has otherwise: the cell they follow, and the source."""
    notes: list[str] = field(default_factory=list)
    """What was odd, and what was made of it."""
    failure: str = ""
    """Why nothing could be read."""


def import_file(path: Path, assignment: Assignment) -> Submission:
    """Read a submitted notebook from its place.

    Args:
        path: where the notebook should lie; links are not followed.
        assignment: what the master says.
    """
    try:
        if any(place.is_symlink() for place in (path, path.parent, path.parent.parent)):
            return Submission(failure=f"{path.name} is a link, not a file")
        if not path.is_file():
            return Submission(failure=f"{path.name} is missing from the submission")
        if path.stat().st_size > MAX_BYTES:
            return Submission(failure=f"{path.name} is larger than {MAX_BYTES >> 20} MiB")
        content = path.read_bytes()
    except OSError as error:
        return Submission(failure=f"{path.name} cannot be read: {error.strerror}")
    return import_notebook(content, assignment)


def import_notebook(content: bytes, assignment: Assignment) -> Submission:
    """Read a submitted notebook.

    Args:
        content: the file's bytes, of any kind.
        assignment: what the master says.

    Returns:
        The answers, never an exception.
    """
    try:
        notebook = json.loads(content.decode("utf-8-sig"))
        cells = notebook["cells"]
        if notebook.get("nbformat", 4) != 4 or not isinstance(cells, list):
            raise ValueError("expected a notebook of format 4")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, MemoryError):
        name = f"{assignment.chapter}.ipynb"
        return Submission(failure=f"{name} is damaged: it is not a whole Jupyter notebook")
    submission = Submission()
    released = {cell.id: cell for cell in assignment.cells}
    found: dict[str, list[str]] = {}
    pictures: dict[str, Attachments] = {}
    before = ""
    for number, cell in enumerate(cells):
        if not isinstance(cell, dict):
            submission.notes.append(f"cell {number} is damaged and was left out")
            continue
        source = _source(cell)
        place = _place(cell, released)
        if source is None:
            submission.notes.append(f"cell {place or number} has no readable text and was left out")
        elif place is None:
            if cell.get("cell_type") == "code":
                submission.extra.append((before, source))
        else:
            before = place
            if released[place].kind in ANSWERS:
                found.setdefault(place, []).append(source)
                pictures.setdefault(place, {}).update(pictures_in(cell.get("attachments")))
            elif released[place].kind in CHANGEABLE and source != released[place].source:
                submission.extra.append((place, source))
    for place, sources in found.items():
        changed = [source for source in sources if source.strip() != released[place].source.strip()]
        if len(set(changed)) > 1:
            submission.notes.append(
                f"the cell {place} stands {len(sources)} times in the notebook: the last one was graded"
            )
        if changed:
            submission.answers[place] = changed[-1]
            if released[place].kind == "written" and pictures[place]:
                submission.pictures[place] = pictures[place]
    lost = [cell.id for cell in assignment.of(*ANSWERS) if cell.id not in found]
    if lost:
        submission.notes.append(f"no cell of this name is in the notebook: {', '.join(lost)}")
    return submission


def _place(cell: dict, released: dict[str, object]) -> str | None:
    """Find the master's cell by nbgrader's id, else by the notebook's."""
    metadata = cell.get("metadata")
    settings = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = settings.get("grade_id") if isinstance(settings, dict) else None
    for name in (grade_id, cell.get("id")):
        if isinstance(name, str) and name in released:
            return name
    return None


def _source(cell: dict) -> str | None:
    source = cell.get("source")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str) or len(source) > MAX_ANSWER:
        return None
    return source.encode(errors="replace").decode()
