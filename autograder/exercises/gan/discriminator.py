import torch

from autograder.exercise import Exercise
from autograder.exercises.gan.shared import PAGE, draw_layers

# discriminator

discriminator = Exercise(
    "discriminator",
    signature="discriminator(x: (N, D) tensor, parameters: dict) -> logits: (N, 1) tensor",
    outputs=("logits", "gradient_x"),
    points=1,
    driver="pull_back",
    section=f"{PAGE}#gan-networks",
)


def _case(random, N, sizes):
    return {
        "x": torch.from_numpy(random.normal(size=(N, sizes[0]))),
        "parameters": draw_layers(random, sizes),
        "cotangent": torch.from_numpy(random.normal(size=(N, sizes[-1]))),
        "wrt": ["x"],
    }


@discriminator.case("two hidden layers")
def _(random):
    return _case(random, 5, (2, 4, 6, 1))


@discriminator.case("one hidden layer, one sample")
def _(random):
    return _case(random, 1, (3, 5, 1))


@discriminator.case("no hidden layer")
def _(random):
    return _case(random, 4, (3, 1))


@discriminator.case("three hidden layers", secret=True)
def _(random):
    return _case(random, 9, (5, 11, 7, 13, 1))


def _leaky(a, slope=0.2):
    return torch.where(a > 0, a, slope * a)


def _through(x, parameters, activation=_leaky, last=lambda a: a, bias=lambda b: b):
    """The network, or what a variant makes of it."""
    L = len(parameters) // 2
    for layer in range(1, L + 1):
        a = x @ parameters[f"W_{layer}"] + bias(parameters[f"b_{layer}"])
        x = activation(a) if layer < L else last(a)
    return x


@discriminator.reference
def _(x, parameters):
    return _through(x, parameters)


@discriminator.mistake(
    "probability_for_logit",
    "A sigmoid follows the last layer: this is a probability. The losses take logits, and are safe for that reason.",
)
def _(x, parameters):
    return _through(x, parameters, last=torch.sigmoid)


@discriminator.mistake(
    "leaky_at_the_end",
    "The leaky ReLU follows the last layer too: it makes the logits of generated samples five times smaller.",
)
def _(x, parameters):
    return _through(x, parameters, last=_leaky)


@discriminator.mistake(
    "relu_for_leaky",
    "Your hidden layers use the plain ReLU: where a unit is off, it lets no gradient through to the generator.",
)
def _(x, parameters):
    return _through(x, parameters, activation=torch.relu)


@discriminator.mistake(
    "slope_of_the_library",
    "Your leaky ReLU has the slope 0.01, which is PyTorch's when none is given; the task asks for 0.2.",
)
def _(x, parameters):
    return _through(x, parameters, activation=lambda a: _leaky(a, 0.01))


@discriminator.mistake(
    "slope_with_the_wrong_sign",
    "On the left your activation rises again: the slope there has the wrong sign.",
)
def _(x, parameters):
    return _through(x, parameters, activation=lambda a: _leaky(a, -0.2))


@discriminator.mistake(
    "slope_on_the_wrong_side",
    "You put the small slope where the sum is positive. It belongs to negative sums.",
)
def _(x, parameters):
    return _through(x, parameters, activation=lambda a: torch.where(a > 0, 0.2 * a, a))


@discriminator.mistake(
    "no_activation", "No hidden layer has an activation: layers in a row are worth one."
)
def _(x, parameters):
    return _through(x, parameters, activation=lambda a: a)


@discriminator.mistake("biases_missing", "The biases are missing in every layer.")
def _(x, parameters):
    return _through(x, parameters, bias=lambda b: 0)


@discriminator.mistake(
    "cut_off",
    "No gradient reaches x: the computation was cut off from the graph (detach, no_grad, .data or NumPy), "
    "so the generator would never hear what its samples were worth.",
)
def _(x, parameters):
    return _through(x.detach(), parameters)


@discriminator.alternative
def with_the_library(x, parameters):
    L = len(parameters) // 2
    for layer in range(1, L + 1):
        x = torch.nn.functional.linear(x, parameters[f"W_{layer}"].T, parameters[f"b_{layer}"])
        if layer != L:
            x = torch.nn.functional.leaky_relu(x, 0.2)
    return x


@discriminator.alternative
def with_a_maximum(x, parameters):
    return _through(x, parameters, activation=lambda a: torch.maximum(a, 0.2 * a))


@discriminator.alternative
def from_two_relus(x, parameters):
    return _through(x, parameters, activation=lambda a: a.relu() - 0.2 * (-a).relu())
