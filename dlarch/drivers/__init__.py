"""Drivers: short programs that exercise a learner's function or class and give plain data back.

A driver has two halves. This package holds the half that runs beside the learner's code: a function
`driver(function, **arguments) -> plain data` that calls and records, and judges nothing. `call`,
`for_each` and `pull_back` are here; a chapter's own drivers live in the module of that chapter's name
and are named `<module>.<driver>`, for instance `backpropagation.value_graph`.

The other half, what follows from a record, is the function of the same name in `dlarch.facts`, where
there is one. In grading it runs in the checker, where a learner's code never is.
"""

import importlib
import importlib.util
import inspect
import linecache
import sys
import textwrap
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dlarch.plain import PlainData, as_array, clone, detached, leaves

Driver = Callable[..., PlainData]

UNREADABLE = "UnreadableError"
"""The error of an outcome whose record is not of the kind that was asked for."""


class UnreadableError(Exception):
    """A result is not of the kind that was asked for; the message says what was expected and what came."""


@dataclass
class Outcome:
    """What came of one call: a value, or an error."""

    value: PlainData = None
    """What the driver recorded, or what was derived from that."""
    error: str | None = None
    """The name of the exception's type, when one was raised; UNREADABLE for a result of another kind."""
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
    named = {f"gradient_{name}": gradient for name, gradient in zip(wrt, gradients, strict=True)}
    return {"value": detached(value), **named}


def for_each(function: Callable, samples: list[dict[str, PlainData]]) -> list[PlainData]:
    """Call `function(**sample)` for each sample.

    Args:
        function: the learner's.
        samples: arguments by name, all of the same names.

    Returns:
        The results, in the samples' order.

    Raises:
        TypeError: the function's parameters do not take these arguments.
    """
    _require_parameters(function, samples[0])
    return [function(**sample) for sample in samples]


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


def find(name: str, package: str = "drivers") -> Driver | None:
    """Find the driver called `name`, `<driver>` or `<module>.<driver>`; or its facts, if it has any.

    Args:
        name: name of the driver.
        package: `drivers`, or `facts` for the half that derives.

    Raises:
        ValueError: there is no such driver.
    """
    module, _, driver = name.rpartition(".")
    home = f"dlarch.{package}.{module}".rstrip(".")
    found = getattr(importlib.import_module(home), driver, None) if _exists(home) else None
    if found is None and package == "drivers":
        raise ValueError(f"this version of dlarch has no driver {name!r}: install the course's own")
    return found


def _exists(module: str) -> bool:
    return module in sys.modules or importlib.util.find_spec(module) is not None


def run(driver: str, function: Callable, arguments: dict[str, PlainData]) -> Outcome:
    """Run both halves of a driver, here: record what the function does, and say what follows from it.

    Args:
        driver: name of the driver.
        function: the learner's function or class (or a reference, or a mistake).
        arguments: plain data by name; stays untouched.
    """
    return derive(driver, record(driver, function, arguments), arguments)


def record(driver: str, function: Callable, arguments: dict[str, PlainData]) -> Outcome:
    """Run the half of a driver that calls and records, on copies of the arguments.

    Args:
        driver: name of the driver.
        function: the learner's function or class (or a reference, or a mistake).
        arguments: plain data by name; stays untouched.

    Returns:
        The record; exceptions of the learner's code are recorded, never raised, except
        KeyboardInterrupt.

    Raises:
        ValueError: there is no such driver.
    """
    drive = find(driver)
    given = clone(arguments)
    try:
        value = drive(function, **given)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit too is the answer's doing
        return Outcome(
            error=_kind(error, function),
            detail=_first_line(error),
            place=place_of(error, function),
        )
    return Outcome(value=value, modified=_modified(arguments, given))


def derive(driver: str, recorded: Outcome, arguments: dict[str, PlainData]) -> Outcome:
    """Run the half of a driver that says what follows from a record, and doubts it.

    Args:
        driver: name of the driver.
        recorded: what `record` gave, or anything that claims to be that.
        arguments: what the record was made with.

    Returns:
        The outcome to compare; a record that cannot be read is an outcome with the error UNREADABLE.
    """
    follows = find(driver, "facts")
    if follows is None or recorded.error or recorded.value is None:
        return recorded
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return replace(recorded, value=follows(recorded.value, **clone(arguments)))
    except Exception as error:
        known = isinstance(error, UnreadableError)
        detail = _first_line(error) if known else "the result is not of the kind that is asked for"
        return Outcome(error=UNREADABLE, detail=detail, modified=recorded.modified)


def _kind(error: BaseException, function: Callable) -> str:
    """Name an exception's type; one of the learner's own counts as what it is derived from."""
    home = getattr(inspect.unwrap(function), "__module__", None)
    return next(kind.__name__ for kind in type(error).__mro__ if kind.__module__ != home)


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return textwrap.shorten(lines[0], 300, placeholder=" …") if lines else ""


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


def place_of(error: BaseException, function: Callable) -> str:
    """Give the last line that ran in the learner's own module, without library frames."""
    own = [
        (frame.f_code, number)
        for frame, number in traceback.walk_tb(error.__traceback__)
        if frame.f_globals.get("__name__") == getattr(function, "__module__", None)
    ]
    if not own:
        return ""
    code, number = own[-1]
    answer = getattr(inspect.unwrap(function), "__qualname__", "")
    inside = not answer or f"{code.co_qualname}.".startswith(f"{answer}.")
    of = "" if inside else f" of {code.co_name}"
    return f" (line {number}{of}: {linecache.getline(code.co_filename, number).strip()})"
