import itertools
import math

import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.mlp.shared import PAGE
from autograder.exercises.shared import LIBRARIES
from dlarch.plain import PlainData

count_parameters = Exercise(
    "count_parameters",
    signature="count_parameters(sizes: list of L + 1 int) -> number: int",
    outputs=("number",),
    points=1,
    forbids=LIBRARIES,
    section=PAGE + "parameters",
)


def _sizes(random, layers, high=40):
    """Draw sizes that are all different."""
    return {"sizes": [int(size) for size in 1 + random.permutation(high)[: layers + 1]]}


@count_parameters.case("one layer")
def _(random) -> dict[str, PlainData]:
    return _sizes(random, 1)


@count_parameters.case("two layers")
def _(random) -> dict[str, PlainData]:
    return _sizes(random, 2)


@count_parameters.case("five layers")
def _(random) -> dict[str, PlainData]:
    return _sizes(random, 5)


@count_parameters.case("a reader of digits")
def _(random) -> dict[str, PlainData]:
    return {"sizes": [784, int(random.integers(100, 300)), 10]}


@count_parameters.case("six layers of one size", secret=True)
def _(random) -> dict[str, PlainData]:
    return {"sizes": [2] + [int(random.integers(50, 100))] * 6 + [3]}


@count_parameters.case("two million", secret=True)
def _(random) -> dict[str, PlainData]:
    return _sizes(random, 3, high=2000)


@count_parameters.reference
def _(sizes):
    return sum((D_in + 1) * D_out for D_in, D_out in itertools.pairwise(sizes))


def _count(sizes, layer):
    return sum(layer(D_in, D_out) for D_in, D_out in itertools.pairwise(sizes))


for _id, _message, _layer in (
    (
        "biases_missing",
        "You count the weights alone. Every unit of a layer has a bias too.",
        lambda D_in, D_out: D_in * D_out,
    ),
    (
        "one_bias_per_layer",
        "You count one bias for each layer. Every unit of the layer has its own.",
        lambda D_in, D_out: D_in * D_out + 1,
    ),
    (
        "biases_of_the_inputs",
        "You count a bias for each input of a layer. The biases belong to its outputs: b has shape (D_out,).",
        lambda D_in, D_out: D_in * D_out + D_in,
    ),
    (
        "plus_one_on_both_sides",
        "You count (D_in + 1)(D_out + 1). The constant input that carries the biases is an input; nothing is computed "
        "for it.",
        lambda D_in, D_out: (D_in + 1) * (D_out + 1),
    ),
    (
        "biases_counted_twice",
        "You count the biases twice.",
        lambda D_in, D_out: D_in * D_out + 2 * D_out,
    ),
):
    count_parameters.mistake(_id, _message)(
        lambda sizes, layer=_layer: _count(sizes, layer),
    )


@count_parameters.mistake(
    "biases_of_the_input_layer",
    "You give the network's input biases as well. The input is given, not computed: biases begin with the first layer.",
)
def _(sizes):
    return _count(sizes, lambda D_in, D_out: D_in * D_out) + sum(sizes)


@count_parameters.mistake(
    "output_layer_missing",
    "The output layer is missing in your count. It has weights and biases like any other.",
)
def _(sizes):
    return _count(sizes[:-1], lambda D_in, D_out: (D_in + 1) * D_out)


@count_parameters.mistake(
    "first_layer_missing",
    "The first layer is missing in your count: the inputs are connected to the first units too.",
)
def _(sizes):
    return _count(sizes[1:], lambda D_in, D_out: (D_in + 1) * D_out)


@count_parameters.mistake(
    "first_layer_only",
    "You count the first layer alone. If there is a loop: does it return in its first round?",
)
def _(sizes):
    return _count(sizes[:2], lambda D_in, D_out: (D_in + 1) * D_out)


@count_parameters.mistake(
    "last_layer_only",
    "You count the last layer alone. If you collect the number in a loop: add to what is there (+=).",
)
def _(sizes):
    return _count(sizes[-2:], lambda D_in, D_out: (D_in + 1) * D_out)


@count_parameters.mistake(
    "one_bias_for_the_network",
    "You count one bias for the whole network. Every unit of every layer has its own.",
)
def _(sizes):
    return _count(sizes, lambda D_in, D_out: D_in * D_out) + 1


@count_parameters.mistake(
    "output_biases_missing",
    "The output layer's biases are missing. Its units have biases like any others.",
)
def _(sizes):
    return _count(sizes, lambda D_in, D_out: (D_in + 1) * D_out) - sizes[-1]


@count_parameters.mistake(
    "biases_alone",
    "You count the biases alone: one for each unit behind the input. The weights are missing, D_in · D_out for each layer.",
)
def _(sizes):
    return sum(sizes[1:])


@count_parameters.mistake(
    "units_counted",
    "You count units. The parameters are the numbers on their connections, D_in · D_out for each layer, and the biases.",
)
def _(sizes):
    return sum(sizes)


@count_parameters.mistake(
    "all_sizes_multiplied",
    "You multiply all the sizes. Every layer is connected to the next one only: its connections are counted by "
    "themselves, and the layers' numbers added up.",
)
def _(sizes):
    return math.prod(sizes)


@count_parameters.alternative
def with_an_index(sizes):
    total = 0
    for layer in range(1, len(sizes)):
        total += sizes[layer - 1] * sizes[layer]
        total += sizes[layer]
    return total


@count_parameters.alternative
def with_numpy(sizes):
    sizes = np.array(sizes)
    return np.sum((sizes[:-1] + 1) * sizes[1:])


@count_parameters.alternative
def by_making_the_arrays(sizes):
    pairs = itertools.pairwise(sizes)
    return sum(np.empty(pair).size + np.empty(pair[1]).size for pair in pairs)
