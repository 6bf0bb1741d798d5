"""Facts of chapter 08: losses as numbers, and how a model was used while it was evaluated."""

import numpy as np
import torch

from dlarch.drivers import UnreadableError
from dlarch.drivers.cnn_architectures import numbers_of
from dlarch.facts.losses import number
from dlarch.models import Recipe, State
from dlarch.plain import PlainData, as_array, describe

AS_ASKED = "evaluation mode, no graph, batch by batch; afterwards the model is as it was"


def steps(record: PlainData, **arguments: PlainData) -> dict[str, PlainData]:
    """Give `losses`, one for each call, as numbers, and the `parameters` with the running statistics."""
    losses = [number(loss) for loss in record["losses"]]
    return {"losses": losses, "parameters": record["parameters"]}


def evaluation(
    record: PlainData,
    model: Recipe,
    state: State,
    training: bool,
    x: torch.Tensor,
    labels: torch.Tensor,
    batch_size: int,
) -> dict[str, PlainData]:
    """Give `loss`, `accuracy`, and `use`: a sentence on how the model was used.

    Args:
        record: what the driver recorded.
        model, state, training, x, labels, batch_size: as the driver takes them.

    Raises:
        UnreadableError: no pair of numbers, or no list of calls.
    """
    result, calls = record["result"], record["calls"]
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise UnreadableError(f"expected two numbers, loss and accuracy, got {describe(result)}")
    loss, accuracy = map(number, result)
    if not isinstance(calls, list) or len(calls) > 2 * len(labels) + 2:
        raise UnreadableError(f"expected at most {len(labels)} calls of the model, got more")
    rows = np.array(calls, dtype=np.int64).reshape(-1, 3)
    findings = list(_findings(rows, len(labels), batch_size))
    if bool(record["training"]) != training:
        findings.append("the model is left in another mode than it came in")
    if not _same(record["state"], numbers_of(state)):
        findings.append("something in the model's state has changed")
    return {"loss": loss, "accuracy": accuracy, "use": "; ".join(findings) or AS_ASKED}


def _findings(calls: np.ndarray, N: int, batch_size: int) -> list[str]:
    sizes, training, recorded = calls.T
    findings = []
    if training.any():
        findings.append("the model was in training mode")
    if recorded.any():
        findings.append("a graph was recorded")
    if sizes.size and sizes.max() > batch_size:
        findings.append("the model got more examples at once than batch_size")
    if sizes.sum() != N:
        findings.append(f"the model saw {sizes.sum()} examples of {N}")
    return findings


def _same(after: PlainData, before: State) -> bool:
    return after.keys() == before.keys() and all(
        np.array_equal(as_array(after[name]), as_array(before[name])) for name in before
    )
