"""Facts of chapter 15: what adversarial steps and the training loop did to two networks."""

import torch

from dlarch.facts.losses import number, numbers
from dlarch.models import State
from dlarch.plain import PlainData


def discriminator_steps(
    record: PlainData, discriminator_state: State, **arguments: PlainData
) -> dict[str, PlainData]:
    """Add `first_loss`, and whether the discriminator was `trained`; the losses are numbers."""
    return _steps(record, "discriminator", discriminator_state)


def generator_steps(
    record: PlainData, generator_state: State, **arguments: PlainData
) -> dict[str, PlainData]:
    """Add `first_loss`, and whether the generator was `trained`; the losses are numbers."""
    return _steps(record, "generator", generator_state)


def train(record: PlainData, **arguments: PlainData) -> dict[str, PlainData]:
    """Count draws and rows of noise, and tell the discriminator's losses from the generator's."""
    history, draws = record["losses"], record["noise_draws"]
    losses = history if isinstance(history, tuple | list) and len(history) == 2 else [history] * 2
    return {
        "noise_draws": len(draws),
        "noise_rows": sum(draws),
        "real_batches": record["real_batches"],
        "losses_D": numbers(losses[0]),
        "losses_G": numbers(losses[1]),
        "discriminator": record["discriminator"],
        "generator": record["generator"],
    }


def _steps(record: PlainData, trained: str, state: State) -> dict[str, PlainData]:
    moved = any(not torch.equal(tensor, state[name]) for name, tensor in record[trained].items())
    loss = [number(loss) for loss in record["loss"]]
    return {**record, "loss": loss, "trained": moved, "first_loss": loss[0]}
