"""Facts of chapter 05: what a training loop did with its examples."""

import numpy as np

from dlarch.drivers import UnreadableError
from dlarch.plain import PlainData, describe, is_array


def train(record: PlainData, x: np.ndarray, **arguments: PlainData) -> PlainData:
    """Say which examples each iteration of a training loop used, and what came of it.

    Args:
        record: what the driver recorded.
        x: the examples (N, D), with different first entries.
        arguments: the driver's others.

    Returns:
        `examples`, the numbers of the examples that each call of `loss_and_gradients` got, sorted;
        `t` and `learning_rates`, what each call of `step` got; the loop's `losses` and `parameters`.

    Raises:
        UnreadableError: the loop returned something else than parameters and losses, or used examples that
            the data do not hold.
    """
    results = record["results"]
    if results is None:
        return None
    trained, losses = (
        results if isinstance(results, tuple | list) and len(results) == 2 else ((), ())
    )
    if not _are_arrays(trained):
        came = ", got them the other way round" if _are_arrays(losses) else ""
        raise UnreadableError(
            f"expected two results: the list of parameters, then the losses{came}"
        )
    t, learning_rates = zip(*record["steps"], strict=True) if record["steps"] else ((), ())
    return {
        "examples": {
            f"iteration {number}": _numbers_of(batch, x)
            for number, batch in enumerate(record["batches"], 1)
        },
        "t": np.array(t),
        "learning_rates": np.array(learning_rates),
        "losses": np.asarray(losses),
        "parameters": list(trained),
    }


def _are_arrays(value: PlainData) -> bool:
    return isinstance(value, tuple | list) and bool(value) and all(map(is_array, value))


def _numbers_of(batch: PlainData, x: np.ndarray) -> np.ndarray:
    """Find each row of a batch in the data by its first entry."""
    rows = np.asarray(batch, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] != x.shape[1] or len(rows) > 2 * len(x):
        raise UnreadableError(f"expected a batch (n, {x.shape[1]}), got {describe(batch)}")
    alike = (rows[:, None] == x).all(axis=2)
    if not alike.any(axis=1).all():
        raise UnreadableError("a batch holds a row of x that is not in the data")
    return np.sort(alike.argmax(axis=1))
