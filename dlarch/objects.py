"""Models and optimisers in the hands of a function as plain data, there and back.

A model is its recipe and state, an optimiser its class, state and the names of its parameters; so a function
that changes both can run in another process, and what it changed comes back.
"""

import torch
from torch import nn

from dlarch.models import ACTIVATIONS, VariationalAutoencoder, build, state_of
from dlarch.plain import PlainData

KIND = "dlarch.object"
FACTORIES = ("mlp", "vae")
OPTIMIZERS = ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta")
LARGEST = 10_000
"""Units of one layer."""


def is_object(value: object) -> bool:
    """Say whether a value is a model or an optimiser."""
    return isinstance(value, nn.Module | torch.optim.Optimizer)


def pack(values: list[object]) -> list[PlainData]:
    """Replace models and optimisers by plain data.

    Args:
        values: arguments of a function; a model stands there beside its optimiser.

    Raises:
        TypeError: a model of another build, or an optimiser of other parameters.
    """
    names = {
        id(parameter): [place, name]
        for place, value in enumerate(values)
        if isinstance(value, nn.Module)
        for name, parameter in value.named_parameters()
    }
    return [_packed(value, names) for value in values]


def unpack(values: list[PlainData]) -> list[object]:
    """Undo `pack`; the models and optimisers are new ones.

    Raises:
        TypeError, ValueError, KeyError: what stands there is none.
    """
    kinds = [value.get(KIND) if isinstance(value, dict) else None for value in values]
    live = [
        _model(value) if kind == "model" else value
        for kind, value in zip(kinds, values, strict=True)
    ]
    return [
        _optimizer(value, live) if kind == "optimizer" else value
        for kind, value in zip(kinds, live, strict=True)
    ]


def states(values: list[object]) -> list[PlainData]:
    """Give the state of each model and optimiser, None of anything else."""
    return [
        state_of(value)
        if isinstance(value, nn.Module)
        else _state(value)
        if isinstance(value, torch.optim.Optimizer)
        else None
        for value in values
    ]


def restore(values: list[object], states: list[PlainData]) -> None:
    """Give models and optimisers, in place, the states that `states` gave."""
    for value, state in zip(values, states, strict=True):
        if isinstance(value, nn.Module):
            value.load_state_dict(state)
        elif isinstance(value, torch.optim.Optimizer):
            value.load_state_dict(_with_numbers(state))


def _packed(value: object, names: dict[int, list]) -> PlainData:
    if isinstance(value, nn.Module):
        return {KIND: "model", "recipe": _recipe(value), "state": state_of(value)}
    if not isinstance(value, torch.optim.Optimizer):
        return value
    parameters = [item for group in value.param_groups for item in group["params"]]
    if any(id(item) not in names for item in parameters):
        raise TypeError("expected an optimiser of the parameters of a model beside it")
    return {
        KIND: "optimizer",
        "name": type(value).__name__,
        "parameters": [names[id(item)] for item in parameters],
        "state": _state(value),
    }


def _recipe(model: nn.Module) -> dict[str, PlainData]:
    kinds = {kind: name for name, kind in ACTIVATIONS.items()}
    if type(model) is VariationalAutoencoder:
        return {
            "factory": "vae",
            "inputs": model.encoder.in_features,
            "hidden": model.encoder.out_features,
            "latent": model.mean.out_features,
            "activation": kinds[type(model.activation)],
        }
    items = list(model) if type(model) is nn.Sequential else []
    layers, between = items[::2], items[1::2]
    if not layers or {type(layer) for layer in layers} != {nn.Linear}:
        raise TypeError(f"expected a model of this course, got {type(model).__name__}")
    sizes = [layers[0].in_features, *(layer.out_features for layer in layers)]
    (activation,) = {kinds[type(item)] for item in between} or {"relu"}
    return {"factory": "mlp", "sizes": sizes, "activation": activation}


def _model(packed: dict[str, PlainData]) -> nn.Module:
    recipe = packed["recipe"]
    sizes = recipe.get("sizes") or [recipe.get(name) for name in ("inputs", "hidden", "latent")]
    if recipe["factory"] not in FACTORIES or any(
        type(size) is not int or not 0 < size <= LARGEST for size in sizes
    ):
        raise ValueError("expected the recipe of a model of this course")
    return build(recipe, packed["state"])


def _optimizer(packed: dict[str, PlainData], live: list[object]) -> torch.optim.Optimizer:
    if packed["name"] not in OPTIMIZERS:
        raise ValueError(f"expected one of {', '.join(OPTIMIZERS)}")
    parameters = [
        dict(live[place].named_parameters())[name] for place, name in packed["parameters"]
    ]
    optimizer = getattr(torch.optim, packed["name"])(parameters, lr=0.0)
    optimizer.load_state_dict(_with_numbers(packed["state"]))
    return optimizer


def _state(optimizer: torch.optim.Optimizer) -> dict[str, PlainData]:
    """Give an optimiser's state with texts as keys, as plain data has them."""
    content = optimizer.state_dict()
    state = {str(number): item for number, item in content["state"].items()}
    return {"state": state, "param_groups": content["param_groups"]}


def _with_numbers(state: dict[str, PlainData]) -> dict:
    return {**state, "state": {int(number): item for number, item in state["state"].items()}}
