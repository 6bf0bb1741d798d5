"""The learner's session: which cells ran, as far as Python knows."""

import inspect
import linecache
import sys
from collections.abc import Callable


def namespace_of(function: Callable) -> dict[str, object]:
    """Give the global names that a learner's function or class sees."""
    function = inspect.unwrap(function)
    if hasattr(function, "__globals__"):
        return function.__globals__
    home = getattr(function, "__module__", None)
    return vars(sys.modules.get(home, sys.modules["__main__"]))


def sources_of(function: Callable) -> tuple[str, ...]:
    """Give the sources of the cells that ran, in their order, or of the script that holds a function."""
    namespace = namespace_of(function)
    cells = namespace.get("In")
    if isinstance(cells, list):
        return tuple(cell for cell in cells if isinstance(cell, str))
    return ("".join(linecache.getlines(str(namespace.get("__file__", "")))),)
