"""The figures' random numbers, again in Python: mulberry32 and Box–Muller."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np

MASK = 0xFFFFFFFF


def uniform_stream(seed: int) -> Callable[[], float]:
    state = seed & MASK

    def draw() -> float:
        nonlocal state
        state = (state + 0x6D2B79F5) & MASK
        mixed = ((state ^ (state >> 15)) * (state | 1)) & MASK
        mixed = ((mixed + ((mixed ^ (mixed >> 7)) * (mixed | 61) & MASK)) & MASK) ^ mixed
        return (mixed ^ (mixed >> 14)) / 2**32

    return draw


def normal_stream(uniform: Callable[[], float]) -> Callable[[], float]:
    def draw() -> float:
        radius = math.sqrt(-2 * math.log(1 - uniform()))
        return radius * math.cos(2 * math.pi * uniform())

    return draw


def draws(draw: Callable[[], float], *shape: int) -> np.ndarray:
    return np.array([draw() for _ in range(math.prod(shape))]).reshape(shape)


def layers(sizes: list[int], gain: float, normal: Callable[[], float]) -> list[list[np.ndarray]]:
    """Weights (in × out) of standard deviation gain/√in, zero biases: [[w, b], …]."""
    return [
        [gain / math.sqrt(inputs) * draws(normal, inputs, outputs), np.zeros(outputs)]
        for inputs, outputs in pairwise(sizes)
    ]
