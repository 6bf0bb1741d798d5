"""What nbgrader gets of a submission: a notebook that says nothing, and the exchange's own two files.

Nbgrader copies whatever lies beside a notebook, follows links and reads devices; the importer reads the
submission itself.
"""

import re
import stat
from pathlib import Path

from autograder.grading.lateness import read_moment

BESIDE = ("timestamp.txt", "submission_secret.txt")
SECRET = re.compile(r"[0-9A-Za-z]{1,200}")
"""What the exchange puts beside a submission, so that its feedback finds the way back."""


def stage(submission: Path, place: Path) -> Path:
    """Lay a submission out for nbgrader.

    Args:
        submission: a learner's folder of a chapter, which may be anything.
        place: where the learner's folder is to be.

    Returns:
        The notebook's path.
    """
    chapter = submission.name
    folder = place / submission.parent.name / chapter
    folder.mkdir(parents=True)
    notebook = folder / f"{chapter}.ipynb"
    notebook.write_text("the importer reads the submission itself")
    if submission.is_symlink() or submission.parent.is_symlink():
        return notebook
    if read_moment(submission).time is not None:
        (folder / BESIDE[0]).write_bytes((submission / BESIDE[0]).read_bytes())
    secret = _secret(submission / BESIDE[1])
    if secret:
        (folder / BESIDE[1]).write_text(secret)
    return notebook


def _secret(path: Path) -> str:
    try:
        found = path.lstat()
        if stat.S_ISREG(found.st_mode) and found.st_size < 1000:
            text = path.read_text()
            return text if SECRET.fullmatch(text.strip()) else ""
    except (OSError, ValueError):
        pass
    return ""
