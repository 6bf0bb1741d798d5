"""Facts of chapter 09: names in a row, and what became of a backbone."""

import numpy as np

from dlarch.drivers import UnreadableError
from dlarch.facts.losses import number
from dlarch.models import State
from dlarch.plain import PlainData, as_array, describe

AS_IT_WAS = "as it was, parameters and statistics"


def freezing(record: PlainData, **arguments: PlainData) -> dict[str, PlainData]:
    """Give `names`, those returned, and `trainable`, those that want a gradient, each as one text.

    Raises:
        UnreadableError: no list of names.
    """
    return {output: _in_a_row(record[output]) for output in ("names", "trainable")}


def _in_a_row(names: PlainData) -> str:
    if not isinstance(names, list | tuple):
        raise UnreadableError(f"expected a list of names, got {describe(names)}")
    if not all(isinstance(name, str) for name in names):
        raise UnreadableError("expected names, got something in the list that is no text")
    return ", ".join(names)


def transfer_steps(record: PlainData, state: State, **arguments: PlainData) -> dict[str, PlainData]:
    """Give `losses` as numbers, the state of the `head`, and in words what became of the `backbone`.

    Args:
        record: what the driver recorded.
        state: the network's before the first step.
        arguments: the driver's others.
    """
    after = record["state"]
    learnt = {name: tensor for name, tensor in after.items() if name.startswith("head.")}
    moved = [
        name
        for name in state
        if name.startswith("backbone.")
        and state[name].is_floating_point()
        and not np.array_equal(as_array(after[name]), as_array(state[name]))
    ]
    return {
        "losses": [number(loss) for loss in record["losses"]],
        "head": learnt,
        "backbone": f"changed: {', '.join(moved)}" if moved else AS_IT_WAS,
    }
