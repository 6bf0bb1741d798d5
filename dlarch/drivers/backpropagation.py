"""Drivers of chapter 04: graphs of a learner's `Value`, gradient checks, norms layer by layer."""

import operator
import sys
from collections.abc import Callable
from types import FrameType

import numpy as np

from dlarch.drivers import call
from dlarch.plain import PlainData, is_array, is_number

OPERATORS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
    "neg": operator.neg,
    "tanh": lambda node: node.tanh(),
    "relu": lambda node: node.relu(),
    "exp": lambda node: node.exp(),
}

CALLS = 20
"""Calls that `backward()` may make for each pair of values, before it is said to walk every path."""

norms_by_layer = call
"""Calls `function(**arguments)`; its facts are the numbers one by one, each compared by itself."""


def value_graph(
    function: Callable,
    leaves: list[float],
    operations: list[list],
    backward: list[str],
    repeat: int = 1,
    reported: list[str] | None = None,
) -> dict[str, PlainData]:
    """Build a graph of a learner's values, then call `backward()` on some of its nodes, one after another.

    Args:
        function: the learner's class, made from one number; nodes have `data`, `grad` and `backward()`.
        leaves: numbers of the nodes `#0`, `#1`, ...
        operations: `[name, operand, ...]`, each makes the next node; an operand is a number or a node's name,
            counted from the latest where it is negative.
        backward: names of the nodes that `backward()` is called on.
        repeat: how often the operations are done, one round after another.
        reported: names of the nodes whose numbers are given; None for all.

    Returns:
        `values`, the number in every node; `gradients`, after each call the gradients of all nodes
        that the called one was computed from, and its own.

    Raises:
        RecursionError: `backward()` goes deeper than Python allows.
        RuntimeError: `backward()` makes far more calls than there are pairs of nodes.
    """
    nodes = [function(number) for number in leaves]
    parents: list[list[int]] = [[] for _ in leaves]
    for name, *operands in operations * repeat:
        places = {item: _index(item) % len(nodes) for item in operands if isinstance(item, str)}
        inputs = [nodes[places[item]] if item in places else item for item in operands]
        nodes.append(OPERATORS[name](*inputs))
        parents.append(list(places.values()))
    shown = range(len(nodes))
    if reported is not None:
        shown = [_index(name) % len(nodes) for name in reported]
    gradients = []
    for name in backward:
        root = _index(name) % len(nodes)
        _call_backward(nodes[root], CALLS * (len(nodes) ** 2 + CALLS))
        reached = [index for index in _ancestors(root, parents) if index in shown]
        gradients.append(_numbers(nodes, "grad", reached))
    return {"values": _numbers(nodes, "data", shown), "gradients": gradients}


def _call_backward(node: object, most: int) -> None:
    """Call a node's `backward()` and stop it after `most` calls of functions."""
    made = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal made
        made += event in ("call", "c_call")
        if made > most:
            raise RuntimeError(
                f"backward() is not done after {most} calls: it comes to the same values too often"
            )

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        node.backward()
    except RecursionError as error:
        text = "backward() calls itself deeper than Python allows: the formula is too long for that"
        raise RecursionError(text).with_traceback(error.__traceback__) from None
    finally:
        sys.setprofile(before)


def gradient_check(
    function: Callable,
    terms: dict[str, np.ndarray],
    x: np.ndarray,
    gradient: np.ndarray,
    transposed: bool = False,
) -> PlainData:
    """Give a learner's gradient check a function made from its coefficients, and a gradient to check.

    f(x) = sum(linear · x + cubic · x³ + sine · sin(8 x)) + ½ sum(coupling · x)²

    Args:
        function: the learner's function of `f`, `x` and `gradient`.
        terms: coefficients `linear`, `cubic`, `sine` and `coupling`, each of the shape of `x`.
        x: where the gradient is checked.
        gradient: the gradient to check, with the shape of `x`.
        transposed: whether `x` lies in memory column by column, as a transposed array does.

    Returns:
        What the function returned: the index of the worst entry, and the numerical gradient.
    """

    def f(x: np.ndarray) -> float:
        separate = terms["linear"] * x + terms["cubic"] * x**3 + terms["sine"] * np.sin(8 * x)
        return float(np.sum(separate) + np.sum(terms["coupling"] * x) ** 2 / 2)

    if not transposed:
        return function(f=f, x=x, gradient=gradient)
    columns = np.asfortranarray(x)
    result = function(f=f, x=columns, gradient=gradient)
    x[...] = columns
    return result


def _index(name: str) -> int:
    return int(name.removeprefix("#"))


def _ancestors(root: int, parents: list[list[int]]) -> list[int]:
    """List a node and all it was computed from, in the order they were made."""
    found, waiting = {root}, [root]
    while waiting:
        new = set(parents[waiting.pop()]) - found
        found |= new
        waiting.extend(new)
    return sorted(found)


def _numbers(nodes: list, attribute: str, indices: range | list[int]) -> np.ndarray:
    numbers = [getattr(nodes[index], attribute) for index in indices]
    for index, number in zip(indices, numbers, strict=True):
        if not is_number(number) and not (is_array(number) and np.ndim(number) == 0):
            kind = type(number).__name__
            raise TypeError(f"{attribute} of node #{index} is a {kind}; expected a number")
    return np.array(numbers, dtype=np.float64)
