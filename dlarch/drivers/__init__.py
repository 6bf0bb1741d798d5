"""Drivers: short programs that exercise a learner's function or class and give plain data back.

A driver is a function `driver(function, **arguments) -> plain data`. `call` and `pull_back` are here;
a chapter's own drivers live in the module of that chapter's name and are named `<module>.<driver>`,
for instance `backpropagation.value_graph`. No driver knows an answer.
"""

import importlib
import inspect
import linecache
import textwrap
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlarch.plain import PlainData, as_array, clone, leaves

Driver = Callable[..., PlainData]


@dataclass
class Outcome:
    """What came of one call: a value, or an error."""

    value: PlainData = None
    """What the driver returned."""
    error: str | None = None
    """The name of the exception's type, when one was raised."""
    detail: str = ""
    """The exception's message, one line."""
    place: str = ""
    """The learner's line that raised it."""
    modified: tuple[str, ...] = ()
    """Names of the arguments that the call changed in place."""


def call(function: Callable, **arguments: PlainData) -> PlainData:
    """Call `function(**arguments)`.

    Raises:
        TypeError: the function's parameters do not take these arguments.
    """
    _require_parameters(function, arguments)
    return function(**arguments)


def pull_back(
    function: Callable, cotangent: PlainData, wrt: list[str], **arguments: PlainData
) -> dict[str, PlainData]:
    """Call a torch function and pull a cotangent back to its arguments.

    value = f(x), gradient_x = ∂⟨cotangent, f(x)⟩/∂x

    Args:
        function: differentiable function of torch tensors; returns a tensor or a tuple of tensors.
        cotangent: tensor(s) of the value's shape(s).
        wrt: names of the arguments, all tensors, whose gradients are wanted.
        arguments: the function's arguments by name.

    Returns:
        `{"value": ..., "gradient_<name>": ...}`; a gradient that does not reach an argument is None.
    """
    import torch

    _require_parameters(function, arguments)
    for name in wrt:
        arguments[name] = arguments[name].detach().clone().requires_grad_(True)
    value = function(**arguments)
    values = value if isinstance(value, tuple | list) else (value,)
    cotangents = cotangent if isinstance(cotangent, tuple | list) else (cotangent,)
    attached = [
        (result, pull) for result, pull in zip(values, cotangents, strict=False)
        if isinstance(result, torch.Tensor) and result.requires_grad
        and result.shape == pull.shape
    ]  # fmt: skip
    gradients = [None] * len(wrt)
    if attached:
        gradients = torch.autograd.grad(
            [result for result, _ in attached],
            [arguments[name] for name in wrt],
            [pull.to(result.dtype) for result, pull in attached],
            allow_unused=True,
        )
    detached = tuple(
        result.detach() if isinstance(result, torch.Tensor) else result for result in values
    )
    return {
        "value": detached if isinstance(value, tuple | list) else detached[0],
        **{f"gradient_{name}": gradient for name, gradient in zip(wrt, gradients, strict=True)},
    }


def _require_parameters(function: Callable, arguments: dict[str, PlainData]) -> None:
    try:
        signature = inspect.signature(function)
    except ValueError:  # a builtin that has none
        return
    try:
        signature.bind(**arguments)
    except TypeError:
        call = ", ".join(f"{name}=…" for name in arguments)
        raise TypeError(
            f"expected parameters for a call ({call}), got {signature}: keep those of the task"
        ) from None


def find(name: str) -> Driver:
    """Find the driver called `name`, `<driver>` or `<module>.<driver>`."""
    module, _, driver = name.rpartition(".")
    return getattr(importlib.import_module(f"dlarch.drivers.{module}".rstrip(".")), driver)


def run(driver: str, function: Callable, arguments: dict[str, PlainData]) -> Outcome:
    """Run one driver on copies of the arguments and say what came of it.

    Args:
        driver: name of the driver.
        function: the learner's function or class (or a reference, or a mistake).
        arguments: plain data by name; stays untouched.

    Returns:
        The outcome; exceptions of the learner's code are recorded, never raised, except
        KeyboardInterrupt.
    """
    given = clone(arguments)
    try:
        value = find(driver)(function, **given)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit too is the answer's doing
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        detail = textwrap.shorten(lines[0], 300, placeholder=" …") if lines else ""
        return Outcome(error=type(error).__name__, detail=detail, place=_place(error, function))
    return Outcome(value=value, modified=_modified(arguments, given))


def _modified(before: dict[str, PlainData], after: dict[str, PlainData]) -> tuple[str, ...]:
    changed = []
    for name, value in before.items():
        old, new = leaves(value), leaves(after[name])
        if old.keys() != new.keys() or any(not _same(old[leaf], new[leaf]) for leaf in old):
            changed.append(name)
    return tuple(changed)


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, str) or old is None:
        return type(old) is type(new) and old == new
    old, new = as_array(old), as_array(new)
    return old.shape == new.shape and np.array_equal(old, new, equal_nan=old.dtype.kind == "f")


def _place(error: BaseException, function: Callable) -> str:
    """Give the last line that ran in the learner's own module, without library frames."""
    own = [
        (frame.f_code.co_filename, number)
        for frame, number in traceback.walk_tb(error.__traceback__)
        if frame.f_globals.get("__name__") == getattr(function, "__module__", None)
    ]
    if not own:
        return ""
    file, number = own[-1]
    return f" (line {number}: {linecache.getline(file, number).strip()})"
