"""Facts of chapter 14: losses as numbers, and what a trained model is worth on images it has not seen."""

import torch
from torch.distributions import Bernoulli, Normal

from dlarch.drivers import UnreadableError
from dlarch.drivers.vae import digits
from dlarch.facts.losses import number, numbers
from dlarch.models import Recipe, State, build, initialize, state_of
from dlarch.plain import PlainData

GROWN = 0.2
"""The least cosine between a trained weight matrix and the one that the training began with.

Six epochs on MNIST leave 0.29 to 0.86; matrices of other initial weights have 0.04 and less.
"""


def steps(record: PlainData, **arguments: PlainData) -> dict[str, PlainData]:
    """Give `losses`, one for each call, as numbers, and the `parameters`."""
    losses = [number(loss) for loss in record["losses"]]
    return {"losses": losses, "parameters": record["parameters"]}


def train(
    record: PlainData, model: Recipe, mnist: dict[str, int] | None = None, **arguments: PlainData
) -> dict[str, PlainData]:
    """Give the losses; for MNIST the bound on log p(x) of the test images in nats, else the state.

    Args:
        record: what the driver recorded.
        model: recipe of the variational autoencoder.
        mnist: as the driver takes it.
        arguments: the driver's others.

    Raises:
        UnreadableError: the weights did not grow from those that the training was given.
    """
    losses = numbers(record["losses"])
    if mnist is None:
        return {"losses": losses, "parameters": record["parameters"], "test_elbo": None}
    _require_grown(record["parameters"], state_of(initialize(model, mnist["seed"])))
    elbo = test_elbo(model, record["parameters"], **mnist)
    return {"losses": losses, "parameters": {}, "test_elbo": elbo}


def _require_grown(state: State, start: State) -> None:
    for name, before in start.items():
        after = state[name]
        if (
            before.ndim == 2
            and not torch.cosine_similarity(after.ravel(), before.ravel(), 0) > GROWN
        ):
            raise UnreadableError(f"{name} did not grow from the weights that the model came with")


@torch.no_grad()
def test_elbo(model: Recipe, state: State, train: int, test: int, seed: int) -> float:
    """Estimate the evidence lower bound in nats per image, with one code for each image."""
    network = build(model, state)
    images = digits(train, test)[1]
    mean, log_variance = network.encode(images)
    posterior = Normal(mean, log_variance.exp().sqrt(), validate_args=False)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        z = posterior.sample()
    pixels = Bernoulli(logits=network.decode(z), validate_args=False)
    log_weight = pixels.log_prob(images).sum(1) + (
        Normal(0.0, 1.0).log_prob(z) - posterior.log_prob(z)
    ).sum(1)
    return log_weight.mean().item()
