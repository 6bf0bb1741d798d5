"""Drivers of chapter 01: splits and mini-batches as they come, with generators of known seeds."""

from collections.abc import Callable
from itertools import islice

import numpy as np

from dlarch.plain import PlainData, clone

EPOCHS = 3
"""How often a learner's iteration over the data is started with one generator."""


def split_facts(
    function: Callable,
    y: np.ndarray,
    validation_fraction: float,
    test_fraction: float,
    seeds: list[int],
) -> list[PlainData]:
    """Split the examples once with each generator, and once more with the first.

    Args:
        function: the learner's function; `function(y, validation_fraction, test_fraction, random)` returns
            the indices of three parts.
        y: labels (N,) int64.
        validation_fraction, test_fraction: shares of the second and third part.
        seeds: one for each generator.

    Returns:
        What the function gave for each generator.
    """
    return [
        _as_arrays(
            function(
                y=y,
                validation_fraction=validation_fraction,
                test_fraction=test_fraction,
                random=np.random.default_rng(seed),
            )
        )
        for seed in [*seeds, seeds[0]]
    ]


def minibatch_facts(
    function: Callable, x: np.ndarray, y: np.ndarray, batch_size: int, seeds: list[int]
) -> list[list[PlainData]]:
    """Go through the data EPOCHS times with each generator, and once more with the first.

    Args:
        function: the learner's function; `function(x, y, batch_size, random)` gives the pairs of one epoch.
        x, y: examples (N, D) and targets (N,), all different.
        batch_size: handed on.
        seeds: one for each generator.

    Returns:
        For each generator, for each epoch, the batches that came, and no more of them than `most_batches`.
    """
    N = len(y)
    runs = []
    for seed in [*seeds, seeds[0]]:
        random = np.random.default_rng(seed)
        runs.append(
            [
                _batches(function(x=x, y=y, batch_size=batch_size, random=random), N)
                for _ in range(EPOCHS)
            ]
        )
    return runs


def most_batches(N: int) -> int:
    """Say how many batches of an epoch are looked at: more than N never are right."""
    return 2 * N + 3


def _batches(epoch: PlainData, N: int) -> PlainData:
    """Draw the batches of an epoch, each as it is when it comes; what gives none stays as it is."""
    if not hasattr(epoch, "__iter__") or isinstance(epoch, np.ndarray | dict | str):
        return clone(epoch)
    kind = tuple if isinstance(epoch, tuple) else list
    return kind(_as_arrays(clone(pair)) for pair in islice(epoch, most_batches(N)))


def _as_arrays(items: PlainData) -> PlainData:
    """Give what a pair or triple holds as arrays, ranges and the like too; anything else as it is."""
    return tuple(map(np.asarray, items)) if isinstance(items, tuple | list) else items
