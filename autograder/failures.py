"""Which failures are the machine's or the settings', not the program's: they get a line, no traceback."""

import errno
from collections.abc import Iterator

from sqlalchemy.exc import OperationalError

from autograder.grading.sandbox import NoSandboxError
from autograder.grading.settings import SettingsError
from autograder.kernels.errors import BackendError
from autograder.release import ReleaseRefusedError

REFUSALS = (BackendError, NoSandboxError, ReleaseRefusedError, SettingsError)
FULL = ("No space left on device", "Disk quota exceeded", "disk is full")
FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


def explain(error: BaseException) -> str | None:
    """Say what failed and what to do, or give None for what only a traceback explains."""
    chain = list(_chain(error))
    for cause in chain:
        if any(text in str(cause) for text in FULL):
            return "the disk is full: free some space and give the command again; no work is lost"
    for cause in chain:
        if isinstance(cause, REFUSALS):
            return str(cause)
        if isinstance(cause, OSError) and cause.errno in FORBIDDEN:
            return f"{cause.strerror}: {cause.filename}; the files must be this account's"
        if isinstance(cause, OperationalError):
            return f"the gradebook cannot be used: {str(cause.orig).splitlines()[0]}"
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
