"""Drivers of chapter 10: many draws from one distribution, and the weights of a network that remembers."""

from collections.abc import Callable

import numpy as np

from dlarch.plain import PlainData


def sampled_tokens(
    function: Callable, logits: np.ndarray, temperature: float, draws: np.ndarray
) -> list[PlainData]:
    """Call `function(logits, temperature, u)` for each number u of `draws`.

    NumPy's overflow and 0/0 are errors there, not warnings.

    Args:
        function: the learner's function; returns a token.
        logits: scores of the tokens, (V,).
        temperature: 0 or more.
        draws: numbers in [0, 1).

    Returns:
        What came, one for each draw.
    """
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        return [function(logits=logits, temperature=temperature, u=float(u)) for u in draws]


def delay_line(
    function: Callable, signal: np.ndarray, delay: int, gain: float, error: float
) -> PlainData:
    """Ask `function(delay, gain, error)` for a network; its facts are what that does to `signal`."""
    return function(delay=delay, gain=gain, error=error)
