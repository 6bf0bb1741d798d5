"""Drivers of chapter 04: graphs of a learner's `Value`, gradient checks, norms layer by layer."""

import operator
from collections.abc import Callable

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

norms_by_layer = call
"""Calls `function(**arguments)`; its facts are the numbers one by one, each compared by itself."""


def value_graph(
    function: Callable, leaves: list[float], operations: list[list], backward: list[str]
) -> dict[str, PlainData]:
    """Build a graph of a learner's values, then call `backward()` on some of its nodes, one after another.

    Args:
        function: the learner's class, made from one number; nodes have `data`, `grad` and `backward()`.
        leaves: numbers of the nodes `#0`, `#1`, ...
        operations: `[name, operand, ...]`, each makes the next node; an operand is a node's name or a number.
        backward: names of the nodes that `backward()` is called on.

    Returns:
        `values`, the number in every node; `gradients`, after each call the gradients of all nodes
        that the called one was computed from, and its own.
    """
    nodes = [function(number) for number in leaves]
    parents: list[list[int]] = [[] for _ in leaves]
    for name, *operands in operations:
        inputs = [nodes[_index(item)] if isinstance(item, str) else item for item in operands]
        nodes.append(OPERATORS[name](*inputs))
        parents.append([_index(item) for item in operands if isinstance(item, str)])
    gradients = []
    for name in backward:
        root = _index(name)
        nodes[root].backward()
        gradients.append(_numbers(nodes, "grad", _ancestors(root, parents)))
    return {"values": _numbers(nodes, "data", range(len(nodes))), "gradients": gradients}


def gradient_check(
    function: Callable, terms: dict[str, np.ndarray], x: np.ndarray, gradient: np.ndarray
) -> PlainData:
    """Give a learner's gradient check a function made from its coefficients, and a gradient to check.

    f(x) = sum(linear · x + cubic · x³ + sine · sin(8 x)) + ½ sum(coupling · x)²

    Args:
        function: the learner's function of `f`, `x` and `gradient`.
        terms: coefficients `linear`, `cubic`, `sine` and `coupling`, each of the shape of `x`.
        x: where the gradient is checked.
        gradient: the gradient to check, with the shape of `x`.

    Returns:
        What the function returned: the index of the worst entry, and the numerical gradient.
    """

    def f(x: np.ndarray) -> float:
        separate = terms["linear"] * x + terms["cubic"] * x**3 + terms["sine"] * np.sin(8 * x)
        return float(np.sum(separate) + np.sum(terms["coupling"] * x) ** 2 / 2)

    return function(f=f, x=x, gradient=gradient)


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
