"""Drivers of chapter 09: what is frozen of a network, and steps that train its head alone."""

from collections import OrderedDict
from collections.abc import Callable
from itertools import pairwise

import torch
from torch import nn

from dlarch.models import Recipe, State, optimizer, state_of
from dlarch.plain import PlainData, clone


class TransferNetwork(nn.Module):
    """A backbone of one normalised convolution, and a head of dense layers, normalised in between."""

    def __init__(self, channels: int, side: int, head: list[int], names: list[int]) -> None:
        """Build it.

        Args:
            channels: C of the backbone's map.
            side: H = W of the images; the map's is smaller by 2.
            head: units of each dense layer; the last are the classes.
            names: of the head's modules, dense layer, normalisation, tanh and so on.
        """
        super().__init__()
        self.backbone = nn.Sequential(
            nn.Conv2d(1, channels, 3), nn.BatchNorm2d(channels), nn.Tanh(), nn.Flatten()
        )
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise([channels * (side - 2) ** 2, *head]):
            layers += [nn.Linear(inputs, outputs), nn.BatchNorm1d(outputs), nn.Tanh()]
        named = zip(map(str, names), layers[:-2], strict=True)
        self.head = nn.Sequential(OrderedDict(named))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Give the logits (N, K) of images (N, 1, H, W)."""
        return self.head(self.backbone(images))


def freezing(
    function: Callable, network: Recipe, state: State, frozen: list[str]
) -> dict[str, PlainData]:
    """Call `function(model)` and note what it returns, and which parameters still want a gradient.

    Args:
        function: the learner's; returns names of parameters.
        network, state: arguments and state of the TransferNetwork.
        frozen: beginnings of the names of parameters that are frozen when the call comes.
    """
    model = _build(network, state)
    for name, parameter in model.named_parameters():
        parameter.requires_grad = not name.startswith(tuple(frozen))
    result = function(model=model)
    return {
        "names": result,
        "trainable": [name for name, p in model.named_parameters() if p.requires_grad],
    }


def transfer_steps(
    function: Callable,
    network: Recipe,
    state: State,
    frozen: bool,
    optimizer_recipe: Recipe,
    images: list[torch.Tensor],
    labels: list[torch.Tensor],
) -> dict[str, PlainData]:
    """Call `function(model, optimizer, images, labels)` once for each batch; in between the mode is changed.

    Before the first call every parameter that is learnt has a gradient left, as from an earlier step.

    Args:
        function: the learner's step; returns the loss.
        network, state: arguments and state of the TransferNetwork.
        frozen: whether the backbone's parameters want no gradient, and the optimiser holds the head's alone.
        optimizer_recipe: recipe of the optimiser.
        images, labels: a batch (N, 1, H, W) and its labels (N,) int64 for each call.

    Returns:
        What each call returned, and parameters and running statistics after the last.
    """
    model = _build(network, state)
    model.backbone.requires_grad_(not frozen)
    learning = model.head if frozen else model
    descent = optimizer(optimizer_recipe, list(learning.parameters()))
    for parameter in learning.parameters():
        parameter.grad = torch.ones_like(parameter)
    losses = []
    for number, (batch, classes) in enumerate(zip(images, labels, strict=True)):
        model.train(number % 2 == 0)
        losses.append(clone(function(model=model, optimizer=descent, images=batch, labels=classes)))
    numbers = {
        name: tensor for name, tensor in state_of(model).items() if tensor.is_floating_point()
    }
    return {"losses": losses, "state": numbers}


def _build(network: Recipe, state: State) -> TransferNetwork:
    model = TransferNetwork(**network).double()
    model.load_state_dict(state)
    return model
