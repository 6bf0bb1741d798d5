"""Models and optimisers as recipes: plain data that builds the same torch objects everywhere.

A recipe names a factory of this module and its arguments: `{"factory": "mlp", "sizes": [2, 8, 1]}`.
Together with a state (tensors by parameter name) it is a model; nothing of it is drawn at random.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch
from torch import nn

Recipe = dict[str, Any]
State = dict[str, torch.Tensor]

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "leaky_relu": nn.LeakyReLU}


def mlp(sizes: list[int], activation: str = "relu") -> nn.Sequential:
    """Build affine layers with an activation between them, none after the last.

    Args:
        sizes: D of the input, of each hidden layer, and of the output.
        activation: a name in ACTIVATIONS.
    """
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), ACTIVATIONS[activation]()]
    return nn.Sequential(*layers[:-1])


def normalized_mlp(sizes: list[int]) -> nn.Sequential:
    """Build affine layers with batch normalisation and tanh between them, neither after the last.

    Args:
        sizes: D of the input, of each hidden layer, and of the output.
    """
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.BatchNorm1d(outputs), nn.Tanh()]
    return nn.Sequential(*layers[:-2])


class VariationalAutoencoder(nn.Module):
    """Encoder and decoder of a variational autoencoder, one hidden layer each.

    Source: Kingma, Welling, "Auto-encoding variational Bayes", 2014, appendix C.
    """

    def __init__(self, inputs: int, hidden: int, latent: int, activation: str = "relu") -> None:
        super().__init__()
        self.encoder = nn.Linear(inputs, hidden)
        self.mean = nn.Linear(hidden, latent)
        self.log_variance = nn.Linear(hidden, latent)
        self.decoder = nn.Linear(latent, hidden)
        self.logits = nn.Linear(hidden, inputs)
        self.activation = ACTIVATIONS[activation]()

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Give the mean and the log-variance, (N, Z) each, of q(z|x) for images x (N, D)."""
        h = self.activation(self.encoder(x))
        return self.mean(h), self.log_variance(h)

    def decode(self, z: torch.Tensor) -> torch.Tensor:
        """Give the logits (N, D) of the pixels for codes z (N, Z)."""
        return self.logits(self.activation(self.decoder(z)))


def vae(inputs: int, hidden: int, latent: int, activation: str = "relu") -> VariationalAutoencoder:
    """Build a variational autoencoder: D pixels, units of each hidden layer, Z latent variables."""
    return VariationalAutoencoder(inputs, hidden, latent, activation)


class OwnVae(nn.Module):
    """A learner's encoder and decoder, functions of a parameter dict, as a model that can be trained.

    Args:
        encode: function (x, parameters) -> mean (N, Z), log-variance (N, Z).
        decode: function (z, parameters) -> logits (N, D).
        inputs, hidden, latent: D pixels, H units of each hidden layer, Z latent variables.
        seed: of the initial weights, which are those of `initialize({"factory": "vae", ...}, seed)`.
    """

    def __init__(
        self, encode: Callable, decode: Callable, inputs: int, hidden: int, latent: int, seed: int
    ) -> None:
        super().__init__()
        recipe = {"factory": "vae", "inputs": inputs, "hidden": hidden, "latent": latent}
        start = initialize(recipe, seed)
        self._encode, self._decode = encode, decode
        self.encoder = _weights(
            hidden=start.encoder, mean=start.mean, log_variance=start.log_variance
        )
        self.decoder = _weights(hidden=start.decoder, logits=start.logits)

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Give the mean and the log-variance, (N, Z) each, of q(z|x) for images x (N, D)."""
        return self._encode(x, dict(self.encoder))

    def decode(self, z: torch.Tensor) -> torch.Tensor:
        """Give the logits (N, D) of the pixels for codes z (N, Z)."""
        return self._decode(z, dict(self.decoder))


class OwnNetwork(nn.Module):
    """A learner's network, which is a function of a parameter dict, as a model that can be trained.

    Args:
        function: (x, parameters) -> outputs; parameters holds W_1 (inputs, outputs), b_1, W_2, b_2, ….
        sizes: D of the input, of each hidden layer, and of the output.
        seed: of the initial weights, which are those of `initialize({"factory": "mlp", ...}, seed)`.
    """

    def __init__(self, function: Callable, sizes: list[int], seed: int) -> None:
        super().__init__()
        start = initialize({"factory": "mlp", "sizes": sizes}, seed)
        layers = [layer for layer in start if isinstance(layer, nn.Linear)]
        self._function = function
        self.layers = _weights(**{str(number): layer for number, layer in enumerate(layers, 1)})

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Give the outputs for inputs x (N, D)."""
        return self._function(x, dict(self.layers))


def _weights(**layers: nn.Linear) -> nn.ParameterDict:
    """Collect the weights `W_name`, (inputs, outputs), and biases `b_name` of layers."""
    parameters = nn.ParameterDict()
    for name, layer in layers.items():
        parameters[f"W_{name}"] = layer.weight.detach().T.clone()
        parameters[f"b_{name}"] = layer.bias.detach().clone()
    return parameters


def initialize(recipe: Recipe, seed: int) -> nn.Module:
    """Build a model with PyTorch's own initial weights, the same for the same seed.

    Args:
        recipe: `{"factory": name, **arguments}`.
        seed: seed of the weights; the global random generator is left as it was.
    """
    arguments = {name: value for name, value in recipe.items() if name != "factory"}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return globals()[recipe["factory"]](**arguments)


def build(recipe: Recipe, state: State) -> nn.Module:
    """Build a model and load its state; it takes the dtype of the state.

    Args:
        recipe: `{"factory": name, **arguments}`.
        state: one tensor for each parameter and buffer.
    """
    arguments = {name: value for name, value in recipe.items() if name != "factory"}
    model = globals()[recipe["factory"]](**arguments)
    model.to(next(iter(state.values())).dtype)
    model.load_state_dict(state)
    return model


def state_of(model: nn.Module) -> State:
    """Copy the state of a model out of it."""
    return {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}


def rows_in_turn(noise: torch.Tensor, taken: list[int]) -> Callable[[int], torch.Tensor]:
    """Give a source of noise: n rows at a time, then from the start again; `taken` notes each n."""

    def draw(n: int) -> torch.Tensor:
        start = sum(taken)
        taken.append(int(n))
        return noise[torch.arange(start, start + int(n)) % len(noise)]

    return draw


def optimizer(recipe: Recipe, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
    """Build an optimiser: `{"name": "SGD", "lr": 0.1}` is `torch.optim.SGD(parameters, lr=0.1)`."""
    arguments = {name: value for name, value in recipe.items() if name != "name"}
    return getattr(torch.optim, recipe["name"])(parameters, **arguments)
