"""Which names an answer uses, read from its source: the learner's process is not asked."""

import ast
import warnings
from collections.abc import Iterable
from functools import lru_cache

from autograder.grading.limited import limited
from dlarch.importer import statements
from dlarch.names import names_of

PROCESSOR_S = 5


class UnreadableError(ValueError):
    """Cells whose names cannot be read; the message says why and what to do."""


def names_used(function: str, sources: Iterable[str]) -> set[str]:
    """List the global names that a function and its helpers use.

    Args:
        function: a name that one of the cells defines.
        sources: the cells, in their order; later definitions replace earlier ones.
    """
    return names_of(as_python(sources)).used_by(function).names


def defined_in(sources: Iterable[str]) -> set[str]:
    """List the names that cells define or import at their top."""
    return set(names_of(as_python(sources)).bound)


def as_python(sources: Iterable[str]) -> tuple[str, ...]:
    """Write cells as the kernel runs them: without IPython's own syntax.

    Raises:
        UnreadableError: it takes too long.
    """
    sources = tuple(sources)
    others = tuple(dict.fromkeys(source for source in sources if not _is_python(source)))
    transformed = _transformed(others)
    if transformed is None:
        raise UnreadableError(
            "its cells take too long to read: write fewer lines that begin with %, ! or ?"
        )
    python = dict(zip(others, transformed, strict=True))
    return tuple(python.get(source, source) for source in sources)


@lru_cache(maxsize=256)
def _is_python(source: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(source)
        except (SyntaxError, ValueError):
            return False
        except (RecursionError, MemoryError):
            pass
    return True


@lru_cache(maxsize=64)
def _transformed(sources: tuple[str, ...]) -> tuple[str, ...] | None:
    """Take IPython's syntax out; None, which is remembered too, when it takes too long."""
    if not sources:
        return ()
    transformed = limited().ask("as_python", PROCESSOR_S, sources)
    return None if transformed is None else tuple(transformed)


statements.reader = lambda source: as_python([source])[0]
