"""Drivers of chapter 08: a network as a function of its parameters, a training step, an evaluation."""

from collections.abc import Callable

import torch

from dlarch.models import Recipe, State, build, optimizer, state_of
from dlarch.plain import PlainData, clone


def pull_back_parameters(
    function: Callable,
    x: torch.Tensor,
    parameters: State,
    cotangent: torch.Tensor,
    **arguments: PlainData,
) -> dict[str, PlainData]:
    """Call `function(x, parameters, **arguments)` and pull a cotangent back to input and parameters.

    Args:
        function: differentiable function of torch tensors; returns a tensor.
        x: the network's input.
        parameters: one tensor for each name.
        cotangent: tensor of the value's shape.
        arguments: the function's others.

    Returns:
        `value`, `gradient_x`, and `gradient_parameters` by name; None where no gradient arrives.
    """
    x = x.detach().clone().requires_grad_(True)
    leaves = {name: p.detach().clone().requires_grad_(True) for name, p in parameters.items()}
    value = function(x=x, parameters=dict(leaves), **arguments)
    gradients: list[torch.Tensor | None] = [None] * (1 + len(leaves))
    if not isinstance(value, torch.Tensor):
        return {"value": value, "gradient_x": None, "gradient_parameters": {}}
    if value.requires_grad and value.shape == cotangent.shape:
        gradients = torch.autograd.grad(
            value, [x, *leaves.values()], cotangent.to(value.dtype), allow_unused=True
        )
    return {
        "value": value.detach(),
        "gradient_x": gradients[0],
        "gradient_parameters": dict(zip(leaves, gradients[1:], strict=True)),
    }


def steps(
    function: Callable,
    model: Recipe,
    state: State,
    optimizer_recipe: Recipe,
    images: list[torch.Tensor],
    labels: list[torch.Tensor],
) -> dict[str, PlainData]:
    """Call `function(model, optimizer, x, labels)` once for each batch; before each, the model is evaluated.

    Args:
        function: the learner's optimiser step; returns the loss.
        model, state: recipe and initial state of the classifier.
        optimizer_recipe: recipe of the optimiser, which holds all the model's parameters.
        images, labels: a batch (N, D) and its labels (N,) int64 for each call.

    Returns:
        What each call returned, and the model's state after the last.
    """
    network = build(model, state)
    descent = optimizer(optimizer_recipe, list(network.parameters()))
    losses = []
    for x, y in zip(images, labels, strict=True):
        network.eval()
        losses.append(clone(function(model=network, optimizer=descent, x=x, labels=y)))
    return {"losses": losses, "parameters": numbers_of(state_of(network))}


def evaluation(
    function: Callable,
    model: Recipe,
    state: State,
    training: bool,
    x: torch.Tensor,
    labels: torch.Tensor,
    batch_size: int,
) -> dict[str, PlainData]:
    """Call `function(model, x, labels, batch_size)` and note how the model was used.

    Args:
        function: the learner's evaluation; returns loss and accuracy.
        model, state: recipe and state of the classifier.
        training: the mode in which the model is handed over.
        x, labels: examples (N, D) and labels (N,) int64.
        batch_size: handed on.

    Returns:
        The result; for each call of the model its number of examples, whether it was in training mode and
        whether a graph was recorded; the mode that the model was left in, and its state.
    """
    network = build(model, state)
    network.train(training)
    calls: list[list[int]] = []
    forward = network.forward  # which model(x) and model.forward(x) both come to

    def noted(batch: torch.Tensor) -> torch.Tensor:
        calls.append([len(batch), int(network.training), int(torch.is_grad_enabled())])
        return forward(batch)

    network.forward = noted
    result = function(model=network, x=x, labels=labels, batch_size=batch_size)
    return {
        "result": clone(result) if isinstance(result, tuple | list) else result,
        "calls": calls,
        "training": network.training,
        "state": numbers_of(state_of(network)),
    }


def numbers_of(state: State) -> State:
    """Keep parameters and running statistics; the count of batches, which nothing depends on, goes."""
    return {name: tensor for name, tensor in state.items() if tensor.is_floating_point()}
