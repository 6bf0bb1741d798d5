"""Drivers of chapter 00: answers without loops, and functions whose gradient is wanted."""

import dis
import inspect
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType

import numpy as np

from dlarch.plain import PlainData


class LoopFound(Exception):
    """An answer that was to do without loops has one."""


def without_loops(function: Callable, **arguments: PlainData) -> PlainData:
    """Call `function(**arguments)`, unless it, or a helper of its own module, has a loop.

    Raises:
        LoopFound: there is a `for` or a `while`, in a statement or in a comprehension.
    """
    for code in _codes(inspect.unwrap(function), set()):
        if any("JUMP_BACKWARD" in instruction.opname for instruction in dis.get_instructions(code)):
            raise LoopFound("the answer has a loop")
    return function(**arguments)


def _codes(item: object, seen: set[CodeType]) -> Iterator[CodeType]:
    """Give the code of a function, of the functions inside it, and of its module's that it names."""
    waiting = [item.__code__] if isinstance(item, FunctionType) else []
    while waiting:
        code = waiting.pop()
        if code in seen:
            continue
        seen.add(code)
        yield code
        waiting.extend(constant for constant in code.co_consts if isinstance(constant, CodeType))
        helpers = (item.__globals__.get(name) for name in code.co_names)
        waiting.extend(
            helper.__code__
            for helper in helpers
            if isinstance(helper, FunctionType) and helper.__module__ == item.__module__
        )


def gradient_of(
    function: Callable, terms: dict[str, np.ndarray], x: np.ndarray, h: float
) -> PlainData:
    """Ask for the numerical gradient of a function that is made from its coefficients.

    f(x) = sum(square · x² + sine · sin(4 x)) + ½ sum(coupling · x)²

    Args:
        function: the learner's function of `f`, `x` and `h`.
        terms: coefficients `square`, `sine` and `coupling`, each of the shape of `x`.
        x: where the gradient is wanted.
        h: the step.
    """

    def f(x: np.ndarray) -> float:
        separate = terms["square"] * x**2 + terms["sine"] * np.sin(4 * x)
        return float(np.sum(separate) + np.sum(terms["coupling"] * x) ** 2 / 2)

    return function(f=f, x=x, h=h)
