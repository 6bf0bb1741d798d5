"""Which names an answer uses, read from its source: the learner's process is not asked."""

import ast
import warnings
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache

from IPython.core.inputtransformer2 import TransformerManager

from dlarch.names import names_of


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
    """Write cells as the kernel runs them: without IPython's own syntax."""
    return tuple(map(_transformed, sources))


@lru_cache(maxsize=256)
def _transformed(source: str) -> str:
    with suppress(SyntaxError, ValueError), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with suppress(RecursionError, MemoryError):
            ast.parse(source)
        return source
    try:
        return TransformerManager().transform_cell(source)
    except (Exception, RecursionError):  # whatever is not Python defines nothing
        return ""
