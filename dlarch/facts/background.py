"""Facts of chapter 01: what can be said of a split and of mini-batches, whatever the generator drew."""

import numpy as np

from dlarch.drivers import UnreadableError
from dlarch.drivers.background import EPOCHS, most_batches
from dlarch.plain import PlainData, describe

PARTS = ("training", "validation", "test")

SLACK = np.array([2, 1, 1]) + 1e-9
"""By how many examples of a class the parts may differ from their share, since cuts are rounded."""


def split_facts(
    record: PlainData,
    y: np.ndarray,
    validation_fraction: float,
    test_fraction: float,
    seeds: list[int],
) -> dict[str, str]:
    """Describe the splits that came of each generator, and once more of the first.

    Args:
        record: for each generator the indices of three parts.
        y: labels (N,) int64.
        validation_fraction, test_fraction: shares of the second and third part.
        seeds: one for each generator.

    Returns:
        `examples`: whether each of them is in one part; `sizes` and `classes`: whether they are as asked for,
        up to rounding; `draw`: what decides where an example goes.

    Raises:
        UnreadableError: no three arrays of indices.
    """
    splits = [_membership(parts, len(y)) for parts in _sequence(record, len(seeds) + 1)]
    fractions = np.array(
        [1 - validation_fraction - test_fraction, validation_fraction, test_fraction]
    )
    return {
        "examples": _where_examples_are(splits),
        "sizes": _sizes(splits, fractions, classes=len(np.unique(y))),
        "classes": _shares(splits, fractions, y),
        "draw": _who_decides(splits, y),
    }


def _sequence(record: PlainData, length: int) -> list | tuple:
    if not isinstance(record, list | tuple) or len(record) != length:
        raise UnreadableError(
            f"expected {length} results, one for each call, got {describe(record)}"
        )
    return record


def _membership(parts: PlainData, N: int) -> np.ndarray:
    """Count how often each part holds each example, (3, N)."""
    if not isinstance(parts, tuple | list) or len(parts) != len(PARTS):
        raise UnreadableError(
            f"expected three arrays of indices (train, validation, test), got {describe(parts)}"
        )
    counts = np.zeros((len(PARTS), N), dtype=np.int64)
    for name, part, row in zip(PARTS, parts, counts, strict=True):
        indices = np.asarray(part)
        if indices.size > 2 * N + 2:
            raise UnreadableError(f"{name}: expected at most {N} indices, got {indices.size}")
        if indices.ndim != 1 or (indices.size and indices.dtype.kind not in "iu"):
            raise UnreadableError(
                f"{name}: expected one row of indices (whole numbers), got {describe(indices)}"
            )
        if indices.size and not 0 <= indices.min() <= indices.max() < N:
            raise UnreadableError(f"{name}: expected indices from 0 to N − 1, got others")
        np.add.at(row, indices.astype(np.int64), 1)
    return counts


def _where_examples_are(splits: list[np.ndarray]) -> str:
    held = np.array(splits)
    findings = ["some examples are in no part"] if (held.sum(axis=1) == 0).any() else []
    findings += ["some examples are repeated in a part"] if (held > 1).any() else []
    findings += [
        f"some examples are in {PARTS[i]} and {PARTS[j]}"
        for i, j in ((0, 1), (0, 2), (1, 2))
        if (held[:, i].astype(bool) & held[:, j].astype(bool)).any()
    ]
    return ", ".join(findings) or "each example is in exactly one part"


def _sizes(splits: list[np.ndarray], fractions: np.ndarray, classes: int) -> str:
    """Compare the parts' sizes with their shares; each class may round validation and test by up to 1."""
    slack = classes * SLACK
    off = [np.abs(held.sum(axis=1) - fractions * held.shape[1]) > slack for held in splits]
    names = [name for name, wrong in zip(PARTS, np.any(off, axis=0), strict=True) if wrong]
    return (
        f"there are too many or too few examples in {', '.join(names)}"
        if names
        else "each part has its size"
    )


def _shares(splits: list[np.ndarray], fractions: np.ndarray, labels: np.ndarray) -> str:
    for k in np.unique(labels):
        own = labels == k
        for held in splits:
            if (np.abs(held[:, own].sum(axis=1) - fractions * own.sum()) > SLACK).any():
                return "some classes have more or less than their share"
    return "each class has its share of each part"


def _who_decides(splits: list[np.ndarray], labels: np.ndarray) -> str:
    *draws, again = splits
    if all(_in_blocks(held[:, labels == k]) for held in splits for k in np.unique(labels)):
        return "the order of the data decides where an example goes"
    if (draws[0] != again).any():
        return "chance decides where an example goes, but not the generator that is passed in"
    if all((held == draws[0]).all() for held in draws):
        return "an example always goes to the same part, whatever the generator"
    return "the generator decides where an example goes"


def _in_blocks(held: np.ndarray) -> bool:
    """Say whether each part is one run of neighbours among the examples of a class."""
    return bool((np.count_nonzero(np.diff(held, axis=1, prepend=0, append=0), axis=1) <= 2).all())


def minibatch_facts(
    record: PlainData, x: np.ndarray, y: np.ndarray, batch_size: int, seeds: list[int]
) -> dict[str, PlainData]:
    """Describe the batches that came with each generator, and once more with the first.

    Args:
        record: for each generator, for each epoch, the pairs (x, y) that came.
        x, y: examples (N, D) and targets (N,), all different.
        batch_size: of all batches but the last.
        seeds: one for each generator.

    Returns:
        `batch_sizes` of the first epoch, (B,); `examples`: whether each comes once; `pairs`: whether they
        stay together; `order`: in which they come.

    Raises:
        UnreadableError: a batch that is no pair of arrays, too many batches, or one that holds what the data
            do not.
    """
    runs = [
        [_batches(pairs, x, y) for pairs in _sequence(run, EPOCHS)]
        for run in _sequence(record, len(seeds) + 1)
    ]
    epochs = [epoch for run in runs for epoch in run]
    return {
        "batch_sizes": np.array([len(rows) for rows, _ in epochs[0]], dtype=np.int64),
        "examples": _how_often(epochs, len(y)),
        "pairs": _together(epochs),
        "order": _order(runs),
    }


def _batches(pairs: PlainData, x: np.ndarray, y: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Give for each batch which rows of x and which entries of y it holds."""
    if not isinstance(pairs, list | tuple):
        raise UnreadableError(
            f"expected batches, pairs (x, y), got {describe(pairs)}: is there a `yield` or a `return`?"
        )
    if isinstance(pairs, tuple | list) and [getattr(item, "ndim", 0) for item in pairs] == [2, 1]:
        raise UnreadableError("expected all batches of an epoch, pairs (x, y), got a single pair")
    if len(pairs) >= most_batches(len(y)):
        raise UnreadableError(
            f"more than {len(pairs) - 1} batches in one epoch: it should end with the data"
        )
    return [_rows_of(number, pair, x, y) for number, pair in enumerate(pairs)]


def _rows_of(
    number: int, pair: PlainData, x: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise UnreadableError(f"batch {number}: expected a pair (x, y), got {describe(pair)}")
    try:
        rows, targets = (np.array(item, dtype=np.float64) for item in pair)
    except (TypeError, ValueError) as error:
        raise UnreadableError(
            f"batch {number}: expected two arrays, x and y, got others"
        ) from error
    if targets.ndim != 1 or rows.shape != (len(targets), x.shape[1]):
        raise UnreadableError(
            f"batch {number}: expected x (n, {x.shape[1]}) and y (n,), "
            f"got {rows.shape} and {targets.shape}"
        )
    if len(targets) > 2 * len(y) + 2:
        raise UnreadableError(f"batch {number} is larger than the data, it has {len(targets)} rows")
    return _find(rows, x, "x"), _find(targets[:, None], y[:, None], "y")


def _find(rows: np.ndarray, data: np.ndarray, name: str) -> np.ndarray:
    distance = np.abs(rows[:, None] - data).max(axis=2)
    if not (distance.min(axis=1) <= 1e-5).all():
        raise UnreadableError(f"a batch holds a row of {name} that is not in the data")
    return distance.argmin(axis=1)


def _how_often(epochs: list, N: int) -> str:
    counts = np.array(
        [
            np.bincount(np.concatenate(rows), minlength=N)
            for epoch in epochs
            for rows in _sides(epoch)
        ]
    )
    findings = ["some examples never come"] if (counts == 0).any() else []
    findings += ["some examples come more than once"] if (counts > 1).any() else []
    return ", ".join(findings) or "each example comes once in every epoch"


def _sides(epoch: list) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Give the rows of x and the entries of y of all batches."""
    empty = np.empty(0, dtype=np.int64)
    return [empty, *(rows for rows, _ in epoch)], [empty, *(targets for _, targets in epoch)]


def _together(epochs: list) -> str:
    sides = [tuple(np.concatenate(side) for side in _sides(epoch)) for epoch in epochs]
    if all(np.array_equal(rows, targets) for rows, targets in sides):
        return "every x comes with its own y"
    if all((np.diff(targets) > 0).all() for _, targets in sides):
        return "y stays in the order of the data, x does not"
    return "x and y come in different orders"


def _order(runs: list) -> str:
    sequences = [[np.concatenate(_sides(epoch)[0]) for epoch in run] for run in runs]
    if all((np.diff(sequence) > 0).all() for run in sequences for sequence in run):
        return "the examples come in the order of the data"
    if any(
        not np.array_equal(first, last)
        for first, last in zip(sequences[0], sequences[-1], strict=True)
    ):
        return "the examples come in a new order, but not by the generator that is passed in"
    if all(np.array_equal(run[0], sequence) for run in sequences for sequence in run):
        return "the examples come in the same order in every epoch"
    if len(runs[0][0]) > 1:
        contents = [[[frozenset(rows) for rows, _ in epoch] for epoch in run] for run in runs]
        if all(epoch == run[0] for run in contents for epoch in run):
            return "the batches hold the same examples in every epoch"
        if all(set(epoch) == set(run[0]) for run in contents for epoch in run):
            return "the batches hold the same examples in every epoch and come in another order"
    return "the examples come in a new order in every epoch"
