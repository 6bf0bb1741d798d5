"""Facts of chapter 04: the results of gradient checks and of norms, in one form."""

import numpy as np

from dlarch.drivers import UnreadableError
from dlarch.plain import PlainData, describe, is_array


def gradient_check(record: PlainData, **arguments: PlainData) -> dict[str, PlainData]:
    """Name `worst`, the index of the worst entry as integers, and `numerical`, the numerical gradient.

    Raises:
        UnreadableError: the record is no pair.
    """
    if not isinstance(record, list | tuple) or len(record) != 2:
        raise UnreadableError(
            f"expected an index and the numerical gradient, got {describe(record)}"
        )
    worst, numerical = record
    return {"worst": np.atleast_1d(np.asarray(worst)), "numerical": numerical}


def norms_by_layer(record: PlainData, **arguments: PlainData) -> dict[str, PlainData]:
    """Give `norms` as a list, be it that or an array."""
    if is_array(record) and np.ndim(record) == 1:
        record = list(record)
    return {"norms": record}
