"""One file's bytes → the answers in it, or the reason why there are none."""

from dataclasses import replace

from dlarch.importer.assignment import Assignment
from dlarch.importer.decode import decode
from dlarch.importer.errors import UnreadableError
from dlarch.importer.locate import plain
from dlarch.importer.recover import recover
from dlarch.importer.submission import Submission

MOST_LINE = 500
"""Characters of a note, which may quote the file."""
MOST_TEXT = 20_000
"""Characters of an unreadable file that are kept for a person to read."""
CONFLICT = "Git left two versions of it, between the marks <<<<<<< and >>>>>>>: keep one"


def import_notebook(content: bytes, assignment: Assignment, name: str = "") -> Submission:
    """Read a submitted notebook.

    Args:
        content: the file's bytes, of any kind.
        assignment: what the master says.
        name: how to call the file.

    Returns:
        The answers, never an exception.
    """
    name = name or f"{assignment.chapter}.ipynb"
    try:
        document = decode(content)
        submission = recover(document.cells, assignment, document.notes)
        if document.other is not None:
            submission = _merged(submission, recover(document.other, assignment, document.notes))
        if submission.failure:
            submission.failure = _line(f"{name} {submission.failure}")
        submission.notes = [_line(note) for note in submission.notes]
        return submission
    except UnreadableError as error:
        return Submission(failure=_line(f"{name} {error}"), text=_readable(error.text))
    except (Exception, RecursionError, MemoryError) as error:
        return Submission(failure=f"{name} is damaged: reading it failed ({type(error).__name__})")


def _merged(ours: Submission, theirs: Submission) -> Submission:
    """Merge the two versions of a notebook with Git's conflicts: where both agree, or one is untouched."""
    if ours.failure or theirs.failure:
        return theirs if ours.failure else ours
    merged = replace(
        ours,
        answers={**theirs.answers, **ours.answers},
        pictures={**theirs.pictures, **ours.pictures},
    )
    both = ours.answers.keys() & theirs.answers.keys()
    for answer in sorted(both):
        if plain(ours.answers[answer]) != plain(theirs.answers[answer]):
            del merged.answers[answer]
            merged.reasons[answer] = CONFLICT
            for version in (ours, theirs):
                merged.text += f"# {answer}, one of two versions\n{version.answers[answer]}\n\n"
            merged.notes.append(f"{answer}: {CONFLICT}")
    for answer in merged.answers:
        merged.reasons.pop(answer, None)
    merged.notes.insert(0, "the notebook holds Git's conflict markers: both versions were read")
    return merged


def _line(text: str) -> str:
    """Give a note that a terminal can show, whatever it quotes."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text[:MOST_LINE])
    return shown + ("…" if len(text) > MOST_LINE else "")


def _readable(text: str) -> str:
    """Give the beginning of a text, without what a page or a terminal could not show."""
    kept = text[:MOST_TEXT].encode(errors="replace").decode()
    return "".join(letter if letter.isprintable() or letter in "\n\t" else " " for letter in kept)
