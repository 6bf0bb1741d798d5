"""The folders of submissions, walked with bounds on depth, number and size: whatever they hold, it ends."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

MAX_SUBMISSION_BYTES = 256 << 20
MAX_ENTRIES = 2000
MAX_DEPTH = 20
PATTERNS = frozenset("*?[]")
"""What nbgrader would take for a pattern in a learner's name."""


class TooMuchError(Exception):
    """A folder holds more than is looked at; the message says of what."""


def entries(folder: Path) -> Iterator[Path]:
    """List files and folders below a folder, and follow no links.

    Raises:
        TooMuchError: there are too many, or they are nested too deep.
        OSError: a folder cannot be read.
    """
    waiting, number = [(folder, 1)], 0
    while waiting:
        place, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise TooMuchError(f"the submission has folders nested more than {MAX_DEPTH} deep")
        with os.scandir(place) as found:
            for entry in found:
                number += 1
                if number > MAX_ENTRIES:
                    raise TooMuchError(f"the submission holds more than {MAX_ENTRIES} files")
                yield Path(entry.path)
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((Path(entry.path), depth + 1))


def find_strange_file(folder: Path) -> str:
    """Say what in a submitted folder is no ordinary file, too much or unreadable; empty when all is well."""
    total_bytes = 0
    try:
        if folder.is_symlink() or folder.parent.is_symlink():
            return "the submission is a link, not a folder"
        for path in entries(folder) if folder.exists() else ():
            mode = path.lstat()
            if not (stat.S_ISREG(mode.st_mode) or stat.S_ISDIR(mode.st_mode)):
                return f"'{printable(str(path.relative_to(folder)))}' is not an ordinary file"
            total_bytes += mode.st_size
            if total_bytes > MAX_SUBMISSION_BYTES:
                return f"the submission is larger than {MAX_SUBMISSION_BYTES >> 20} MiB"
    except TooMuchError as error:
        return str(error)
    except OSError as error:
        return f"the submission cannot be read: {error.strerror}"
    return ""


def find_strange_name(student: str) -> str:
    """Say why a folder's name cannot be a learner's; empty when it can."""
    if printable(student) != student or PATTERNS & set(student):
        return "the folder's name holds what no name may: rename it in submitted/"
    return ""


def printable(name: str) -> str:
    """Give a name as it can be shown, stored and printed."""
    text = name.encode(errors="backslashreplace").decode()
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:100]


def submitters(submitted: Path, chapter: str) -> list[str]:
    """List who submitted a chapter; those whose folder cannot be looked into are among them."""
    found = []
    for student in os.listdir(submitted) if submitted.is_dir() else ():
        try:
            (submitted / student / chapter).lstat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            pass
        found.append(student)
    return sorted(found)
