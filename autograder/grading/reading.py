"""A submission read in the limited process: for a notebook that is made for that, it can take minutes."""

import hashlib
import json
import os
import stat
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

from autograder.grading.folders import printable
from autograder.grading.limited import limited
from autograder.grading.place import MAX_ALL, MOST_FILES, import_file, import_folder
from dlarch.importer.assignment import Assignment, Cell
from dlarch.importer.submission import Submission

READ_S = 10
"""Processor time for reading a submission."""
TOO_LONG = "takes too long to read, or too much memory"


def read_submission(path: Path, assignment: Assignment, in_folder: bool = False) -> Submission:
    """Read what a learner handed in.

    Args:
        path: the notebook, or the folder in which it is.
        assignment: what the master says.
        in_folder: whether it is the folder.
    """
    cells = json.dumps([asdict(cell) for cell in assignment.cells])
    found = limited().ask("submission", READ_S, str(path), assignment.chapter, cells, in_folder)
    if not isinstance(found, dict):
        return Submission(failure=f"{printable(path.name)} {TOO_LONG}")
    return Submission(**{**found, "extra": [tuple(item) for item in found["extra"]]})


def content_digest(folder: Path) -> str:
    """Digest what lies in a submission's folder, without reading it as a notebook.

    Returns:
        Empty where there is a link, or more than a few plain files: that is read each time.
    """
    digest, left = hashlib.sha256(), MAX_ALL
    if folder.is_symlink() or folder.parent.is_symlink():
        return ""
    try:
        names = sorted(os.listdir(folder))
        if len(names) > MOST_FILES:
            return ""
        for name in names:
            handle = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(handle, "rb") as file:
                state = os.fstat(handle)
                if not stat.S_ISREG(state.st_mode) or state.st_size > left:
                    return ""
                content = file.read(state.st_size)
            left -= len(content)
            digest.update(json.dumps([name, len(content)]).encode() + content)
    except (OSError, ValueError):
        return ""
    return digest.hexdigest()


def submission(path: str, chapter: str, cells: str, in_folder: bool) -> dict:
    """Do what `read_submission` asks, in the limited process: as JSON data."""
    importer = import_folder if in_folder else import_file
    return asdict(importer(Path(path), _assignment(chapter, cells)))


@lru_cache(maxsize=8)
def _assignment(chapter: str, cells: str) -> Assignment:
    return Assignment(chapter, tuple(Cell(**cell) for cell in json.loads(cells)))
