"""Drivers of chapter 02: activations passed by name, and the weights of small networks."""

from collections.abc import Callable

import numpy as np

from dlarch.drivers import call
from dlarch.plain import PlainData

ACTIVATIONS = {
    "identity": lambda a: a,
    "threshold": lambda a: np.heaviside(a, 1.0),
    "tanh": np.tanh,
    "arctan": np.arctan,
}
"""Functions that a learner's neuron is given; they act entry by entry."""

xor_network = call
"""Asks `function(low=low, high=high)` for the weights of a network; its facts are the answers of that."""


def with_activation(function: Callable, g: str, **arguments: PlainData) -> PlainData:
    """Call `function(g=..., **arguments)` with the activation of a name in ACTIVATIONS."""
    return function(g=ACTIVATIONS[g], **arguments)


def without_overflow(function: Callable, **arguments: PlainData) -> PlainData:
    """Call `function(**arguments)`; NumPy's overflow, 0/0 and x/0 are errors there, not warnings."""
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        return function(**arguments)


def hidden_layer_values(function: Callable, x: np.ndarray, **arguments: PlainData) -> PlainData:
    """Ask `function(**arguments)` for the weights w, b and v of a network; its facts are values at `x`."""
    return function(**arguments)


def approximation_error(
    function: Callable, target: dict[str, PlainData], epsilon: float, slope: float
) -> PlainData:
    """Ask `function(f, epsilon, slope)` for the weights of a network that is close to f on [0, 1].

    Args:
        function: the learner's function; returns w, b and v of a hidden layer, (H,) each.
        target: description of f, as `target_function` takes it.
        epsilon: the largest error allowed.
        slope: a number with |f(x) − f(x′)| ≤ slope · |x − x′|.
    """
    return function(f=target_function(**target), epsilon=epsilon, slope=slope)


def target_function(kind: str, **settings: PlainData) -> Callable[[np.ndarray], np.ndarray]:
    """Give the function of a description.

    Args:
        kind: `zigzag`, or `wave` for anything else.
        settings: a polygon's corners `x`, `y`, or `offset`, `amplitude`, `frequency`, `phase` of a wave.
    """
    if kind == "zigzag":
        return lambda x: np.interp(x, settings["x"], settings["y"])
    return lambda x: (
        settings["offset"]
        + settings["amplitude"] * np.sin(settings["frequency"] * np.asarray(x) + settings["phase"])
    )
