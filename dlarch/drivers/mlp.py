"""Drivers of chapter 03: activations passed by name."""

from collections.abc import Callable

import numpy as np

from dlarch.plain import PlainData

ACTIVATIONS = {
    "identity": lambda a: a,
    "tanh": np.tanh,
    "arctan": np.arctan,
    "bell": lambda a: np.exp(-(a**2)),
    "shares": lambda a: np.abs(a) / np.abs(a).sum(axis=1, keepdims=True),
}
"""Functions that a learner's network is given; `shares` couples the units of a layer, the others do not."""


def with_activations(
    function: Callable, hidden_activation: str, output_activation: str, **arguments: PlainData
) -> PlainData:
    """Call `function` with the activations of two names in ACTIVATIONS."""
    return function(
        hidden_activation=ACTIVATIONS[hidden_activation],
        output_activation=ACTIVATIONS[output_activation],
        **arguments,
    )
