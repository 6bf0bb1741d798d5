"""Drivers of chapter 00: functions whose gradient is wanted."""

from collections.abc import Callable

import numpy as np

from dlarch.plain import PlainData


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
