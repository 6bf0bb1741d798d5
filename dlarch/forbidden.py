"""Which names a task forbids, and whether an answer uses them."""

import inspect
import sys
import types
from collections.abc import Callable, Iterator


def forbidden_names(function: Callable, forbids: tuple[str, ...]) -> list[str]:
    """Find the forbidden names that a learner's function or class uses.

    Args:
        function: the answer; its helpers in the same namespace are searched too.
        forbids: attribute or module names, such as `convolve` or `torch`.

    Returns:
        The names found, in the order of `forbids`.
    """
    if not forbids:
        return []
    namespace = namespace_of(function)
    used = {_home(function).split(".")[0]}
    if not isinstance(
        function, types.FunctionType | type
    ):  # a library's function under its own name
        used.add(getattr(function, "__name__", ""))
    seen: set[types.CodeType] = set()
    waiting = list(_codes(function))
    while waiting:
        code = waiting.pop()
        if code in seen:
            continue
        seen.add(code)
        used.update(code.co_names)
        waiting.extend(item for item in code.co_consts if isinstance(item, types.CodeType))
        for name in code.co_names:
            helper = namespace.get(name)
            if _home(helper) == _home(function):
                waiting.extend(_codes(helper))
            elif isinstance(helper, types.ModuleType):
                used.add(helper.__name__.split(".")[0])
    return [name for name in forbids if name in used]


def namespace_of(function: Callable) -> dict[str, object]:
    """Give the global names that a learner's function or class sees."""
    return vars(sys.modules.get(_home(function), sys.modules["__main__"]))


def _home(item: object) -> str:
    return getattr(item, "__module__", None) or ""


def _codes(item: object) -> Iterator[types.CodeType]:
    if hasattr(item, "__wrapped__"):  # functools.wraps and functools.cache
        yield from _codes(item.__wrapped__)
    if inspect.isclass(item):
        for member in vars(item).values():
            yield from _codes(member)
    elif isinstance(item, property):
        yield from _codes(item.fget)
    elif inspect.isfunction(item):
        yield item.__code__
    elif isinstance(item, staticmethod | classmethod):
        yield item.__func__.__code__
