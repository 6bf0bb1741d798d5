"""Facts of chapter 06: where a training with early stopping ended."""

from dlarch.drivers import UnreadableError
from dlarch.plain import PlainData, describe


def scripted_training(record: PlainData, **arguments: PlainData) -> dict[str, PlainData] | None:
    """Name what a training with early stopping gave: `best`, `best_epoch`, and the number of `epochs`.

    Args:
        record: what the driver recorded.
        arguments: the driver's.

    Raises:
        UnreadableError: the result is not a pair.
    """
    result = record["result"]
    if result is None:
        return None
    if not isinstance(result, list | tuple) or len(result) != 2:
        raise UnreadableError(
            f"expected the best parameters and their epoch, got {describe(result)}"
        )
    best, best_epoch = result
    if isinstance(best, tuple):
        best = list(best)
    return {"best": best, "best_epoch": best_epoch, "epochs": record["epochs"]}
