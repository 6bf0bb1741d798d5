"""From the folder of a submission to the file that is meant, whatever it is called."""

import stat
from collections.abc import Iterator
from pathlib import Path

from autograder.chapters import CHAPTERS
from autograder.grading.folders import find_strange_file, printable
from dlarch.importer.assignment import Assignment
from dlarch.importer.limits import MAX_FILE
from dlarch.importer.notebook import import_notebook
from dlarch.importer.submission import Submission

MOST_FILES = 12
"""Files that are opened in search of the submission."""
MOST_ENTRIES = 2_000
MAX_ALL = 2 * MAX_FILE
"""Bytes of all files that are opened."""
DEPTH = 4
OTHERS = (".json", ".zip", ".py", ".md", ".txt", ".html", ".htm", ".ipy", ".rmd", ".myst")
"""Endings of files that may hold a notebook when none is called one."""
BESIDE = ("timestamp.txt", "submission_secret.txt", "readme.md", "readme.txt", "requirements.txt")
CHECKPOINTS = ".ipynb_checkpoints"


def import_file(path: Path, assignment: Assignment) -> Submission:
    """Read one submitted file.

    Args:
        path: the file; a link is not followed.
        assignment: what the master says.
    """
    name = printable(path.name)
    try:
        state = path.lstat()
        if stat.S_ISLNK(state.st_mode):
            return Submission(failure=f"{name} is a link, not a file")
        if not stat.S_ISREG(state.st_mode):
            return Submission(failure=f"{name} is missing from the submission")
        if state.st_size > MAX_FILE:
            return Submission(failure=f"{name} is larger than {MAX_FILE >> 20} MiB")
        content = path.read_bytes()
    except FileNotFoundError:
        return Submission(failure=f"{name} is missing from the submission")
    except OSError as error:
        return Submission(failure=f"{name} cannot be read: {error.strerror}")
    return import_notebook(content, assignment, name)


def import_folder(folder: Path, assignment: Assignment) -> Submission:
    """Read the notebook that was submitted in a folder.

    The only notebook is the submission, whatever it is called; of several, the one with most answers.

    Args:
        folder: the learner's folder of a chapter; links are not followed.
        assignment: what the master says.
    """
    usual = f"{assignment.chapter}.ipynb"
    strange = find_strange_file(folder)
    if strange:
        return Submission(failure=strange)
    files = _in_order(folder, usual)
    if not files:
        return Submission(failure=_nothing(folder, usual))
    read: dict[Path, Submission] = {}
    total = 0
    for rank, path in files:
        if read and rank > files[0][0] and any(item.answers for item in read.values()):
            break  # a file of another kind is opened only when the notebooks hold nothing
        total += path.lstat().st_size
        if len(read) == MOST_FILES or total > MAX_ALL:
            break
        read[path] = import_file(path, assignment)
    best = max(read, key=lambda path: (not read[path].failure, len(read[path].answers)))
    return _told(read[best], best, [path for path in read if path != best], folder, usual)


def misplaced(submitted: Path, chapter: str = "") -> list[str]:
    """Say what lies among the submissions where no command looks.

    Args:
        submitted: the folder with a folder for each learner.
        chapter: the stem that is asked for; empty for any.
    """
    found = []
    for learner in sorted(submitted.glob("*")):
        name = printable(learner.name)
        if not learner.is_dir():
            if _is_notebook(learner.name):
                found.append(f"{name} lies outside of any learner's folder")
            continue
        meant = meant_chapter(learner.name)
        if meant and (not chapter or meant == chapter):
            found.append(f"{name}/ is a chapter's folder where a learner's was expected")
            continue
        for path in sorted(learner.glob("*")):
            meant = meant_chapter(path.name)
            if path.name in CHAPTERS or not meant or (chapter and meant != chapter):
                continue
            place = f"{name}/{printable(path.name)}"
            if path.is_dir():
                found.append(f"{place}/ is not the chapter's name: expected {name}/{meant}/")
            elif _is_notebook(path.name):
                found.append(
                    f"{place} lies outside of a chapter's folder: expected {name}/{meant}/"
                )
    return found


def meant_chapter(name: str) -> str:
    """Give the chapter that a name means: in other case, with other separators, or of one's file."""
    if name in CHAPTERS:
        return name
    plain = "".join(letter for letter in name.lower() if letter.isalnum())
    return next((stem for stem in CHAPTERS if stem.replace("_", "") in plain), "")


def _is_notebook(name: str) -> bool:
    return ".ipynb" in name.lower()


def _in_order(folder: Path, usual: str) -> list[tuple[int, Path]]:
    """List the files that may be the submission: notebooks, copies that Jupyter keeps, others."""
    found = []
    for path in _files(folder):
        name = path.name.lower()
        if name.startswith("._") or name in BESIDE:
            continue
        if _is_notebook(name):
            rank = 1 if CHECKPOINTS in path.parts else 0
        elif name.endswith(OTHERS):
            rank = 2
        else:
            continue
        depth = len(path.relative_to(folder).parts)
        found.append((rank, (path.name != usual, depth, str(path)), path))
    return [(rank, path) for rank, _, path in sorted(found)]


def _files(folder: Path) -> Iterator[Path]:
    """Give ordinary files in a folder and a few levels below."""
    waiting, seen = [(folder, 1)], 0
    while waiting:
        place, depth = waiting.pop(0)
        try:
            entries = sorted(place.iterdir())
        except OSError:
            continue
        for path in entries:
            seen += 1
            if seen > MOST_ENTRIES:
                return
            mode = path.lstat().st_mode
            if stat.S_ISREG(mode):
                yield path
            elif stat.S_ISDIR(mode) and depth < DEPTH and path.name != "__MACOSX":
                waiting.append((path, depth + 1))


def _nothing(folder: Path, usual: str) -> str:
    """Say that there is no notebook, and what is there."""
    there = [printable(path.name) for path in _files(folder)][:5]
    return f"{usual} is missing from the submission" + (
        f", which holds {', '.join(there)}" if there else ", which is empty"
    )


def _told(
    submission: Submission, best: Path, others: list[Path], folder: Path, usual: str
) -> Submission:
    """Add what was chosen to the notes."""
    name = printable(str(best.relative_to(folder)))
    notebooks = [printable(str(path.relative_to(folder))) for path in others]
    if notebooks and not submission.failure:
        submission.notes.insert(
            0,
            f"the submission holds several notebooks: {name} has most answers and was graded, "
            f"not {', '.join(notebooks[:5])}",
        )
    elif best.relative_to(folder) != Path(usual) and not submission.failure:
        submission.notes.insert(0, f"the notebook is called {name}, expected {usual}")
    return submission
