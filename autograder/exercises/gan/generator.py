import torch

from autograder.exercise import Exercise
from autograder.exercises.gan.shared import PAGE, draw_layers

# generator

generator = Exercise(
    "generator",
    signature="generator(z: (N, Z) tensor, parameters: dict) -> samples: (N, D) tensor",
    outputs=("samples", "gradient_z"),
    points=2,
    driver="pull_back",
    section=f"{PAGE}#gan-networks",
)


def _case(random, N, sizes):
    return {
        "z": torch.from_numpy(random.normal(size=(N, sizes[0]))),
        "parameters": draw_layers(random, sizes),
        "cotangent": torch.from_numpy(random.normal(size=(N, sizes[-1]))),
        "wrt": ["z"],
    }


@generator.case("two hidden layers")
def _(random):
    return _case(random, 5, (2, 4, 6, 3))


@generator.case("one hidden layer, one row of noise")
def _(random):
    return _case(random, 1, (3, 5, 2))


@generator.case("no hidden layer")
def _(random):
    return _case(random, 4, (3, 2))


@generator.case("all widths equal")
def _(random):
    return _case(random, 3, (4, 4, 4, 4))


@generator.case("three hidden layers", secret=True)
def _(random):
    return _case(random, 9, (5, 11, 7, 13, 6))


def _depth(parameters):
    return len(parameters) // 2


def _through(z, parameters, activation=torch.relu, last=lambda a: a, bias=lambda b: b):
    """The network, or what a variant makes of it."""
    L = _depth(parameters)
    for layer in range(1, L + 1):
        a = z @ parameters[f"W_{layer}"] + bias(parameters[f"b_{layer}"])
        z = activation(a) if layer < L else last(a)
    return z


@generator.reference
def _(z, parameters):
    return _through(z, parameters)


@generator.mistake(
    "relu_at_the_end",
    "A ReLU follows the last layer too: then no coordinate of a sample is ever below 0.",
)
def _(z, parameters):
    return _through(z, parameters, last=torch.relu)


@generator.mistake(
    "tanh_at_the_end",
    "A tanh follows the last layer: then no sample lies outside the square from −1 to 1.",
)
def _(z, parameters):
    return _through(z, parameters, last=torch.tanh)


@generator.mistake(
    "sigmoid_at_the_end",
    "A sigmoid follows the last layer: then every sample lies between 0 and 1.",
)
def _(z, parameters):
    return _through(z, parameters, last=torch.sigmoid)


@generator.mistake(
    "no_activation",
    "No hidden layer has an activation: layers in a row are worth one, and the samples are normally "
    "distributed like the noise.",
)
def _(z, parameters):
    return _through(z, parameters, activation=lambda a: a)


@generator.mistake("tanh_for_relu", "Your hidden layers use tanh; the task asks for ReLU.")
def _(z, parameters):
    return _through(z, parameters, activation=torch.tanh)


@generator.mistake("biases_missing", "The biases are missing in every layer.")
def _(z, parameters):
    return _through(z, parameters, bias=lambda b: 0)


@generator.mistake(
    "two_layers_alone",
    "You use the first two layers alone. The dictionary may hold any number of layers.",
)
def _(z, parameters):
    first = {key: value for key, value in parameters.items() if key[2:] in ("1", "2")}
    return _through(z, first)


@generator.mistake(
    "last_layer_alone_activated",
    "The ReLU is in the wrong places: it belongs after every layer but the last.",
)
def _(z, parameters):
    return _through(z, parameters, activation=lambda a: a, last=torch.relu)


@generator.mistake(
    "cut_off",
    "No gradient reaches z: the computation was cut off from the graph (detach, no_grad, .data or NumPy), "
    "so the generator could never learn.",
)
def _(z, parameters):
    return _through(z.detach(), parameters)


@generator.alternative
def with_functional_linear(z, parameters):
    L = _depth(parameters)
    for layer in range(1, L + 1):
        z = torch.nn.functional.linear(z, parameters[f"W_{layer}"].T, parameters[f"b_{layer}"])
        if layer != L:
            z = z.clamp(min=0)
    return z


@generator.alternative
def with_addmm_in_the_order_of_the_keys(z, parameters):
    weights = [value for key, value in parameters.items() if key.startswith("W")]
    biases = [value for key, value in parameters.items() if key.startswith("b")]
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        z = torch.where(z @ W + b > 0, z @ W + b, 0.0)
    return torch.addmm(biases[-1], z, weights[-1])


@generator.alternative
def by_recursion(z, parameters, layer=1):
    a = z @ parameters[f"W_{layer}"] + parameters[f"b_{layer}"]
    if f"W_{layer + 1}" not in parameters:
        return a
    return by_recursion(a.relu(), parameters, layer + 1)
