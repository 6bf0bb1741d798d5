import itertools
import math

import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.mlp.shared import PAGE
from autograder.exercises.shared import LIBRARIES, as_tensor
from dlarch.plain import PlainData

initialize = Exercise(
    "initialize",
    signature=(
        'initialize(noise: list of L (D_in, D_out) float64, scheme: "zeros", "xavier" or "he")'
        " -> weights: list of L (D_in, D_out) float64, biases: list of L (D_out,) float64"
    ),
    outputs=("weights", "biases"),
    form="transcribe",
    points=1,
    forbids=LIBRARIES,
    section=PAGE + "initialization",
)


def _noise(random, sizes, scheme):
    return {
        "noise": [random.normal(size=pair) for pair in itertools.pairwise(sizes)],
        "scheme": scheme,
    }


@initialize.case("He, three layers")
def _(random) -> dict[str, PlainData]:
    return _noise(random, [5, 8, 3, 2], "he")


@initialize.case("Xavier, three layers")
def _(random) -> dict[str, PlainData]:
    return _noise(random, [4, 9, 6, 3], "xavier")


@initialize.case("zeros, two layers")
def _(random) -> dict[str, PlainData]:
    return _noise(random, [3, 4, 2], "zeros")


@initialize.case("He, one layer of one input")
def _(random) -> dict[str, PlainData]:
    return _noise(random, [1, 7], "he")


@initialize.case("Xavier, deep", secret=True)
def _(random) -> dict[str, PlainData]:
    return _noise(random, [20, 12, 17, 5, 9, 2], "xavier")


@initialize.case("He, wide", secret=True)
def _(random) -> dict[str, PlainData]:
    return _noise(random, [60, 31, 4], "he")


@initialize.reference
def _(noise, scheme):
    from autograder.kernels.matmul import matmul

    weights = []
    for z in noise:
        D_in, D_out = z.shape
        variance = {"zeros": 0.0, "xavier": 2 / (D_in + D_out), "he": 2 / D_in}[scheme]
        weights.append(matmul(as_tensor(z), as_tensor(np.sqrt(variance) * np.eye(D_out))).numpy())
    return weights, [np.zeros(z.shape[1]) for z in noise]


def _drawn(
    noise,
    scheme,
    xavier=lambda D_in, D_out: math.sqrt(2 / (D_in + D_out)),
    he=lambda D_in, D_out: math.sqrt(2 / D_in),
    bias=lambda D_in, D_out: np.zeros(D_out),
):
    """Answer with other standard deviations, or other biases."""
    deviation = {"zeros": lambda D_in, D_out: 0.0, "xavier": xavier, "he": he}[scheme]
    return [deviation(*z.shape) * z for z in noise], [bias(*z.shape) for z in noise]


initialize.slip(
    "variance_for_deviation",
    "You multiply by the variance. Multiplying noise by s multiplies its variance by s²: s is the standard "
    "deviation, the square root.",
    of="with_tuples",
    right="[scheme] ** 0.5",
    wrong="[scheme]",
)


for _id, _message, _changes in (
    (
        "fan_out_for_fan_in",
        "Your He weights are scaled by the number of outputs. A unit adds up its *inputs*: the more there are, the "
        "smaller each weight has to be. W has shape (D_in, D_out).",
        {"he": lambda D_in, D_out: math.sqrt(2 / D_out)},
    ),
    (
        "fixed_scale",
        "You multiply by 0.01, whatever the size of the layer, as on a lecture's slide (erratum E40). With 100 inputs "
        "each layer then shrinks the signal tenfold; the scale has to depend on D_in.",
        {"xavier": lambda D_in, D_out: 0.01, "he": lambda D_in, D_out: 0.01},
    ),
    (
        "not_scaled",
        "You use the noise as it is. With 100 inputs of variance 1 a unit's sum has variance 100, and the next layer's "
        "10,000: the noise has to be scaled down.",
        {"xavier": lambda D_in, D_out: 1.0, "he": lambda D_in, D_out: 1.0},
    ),
    (
        "xavier_from_the_inputs_alone",
        "Your Xavier weights have variance 1/D_in. That keeps the forward signal; Glorot and Bengio make a compromise "
        "with the backward one, which needs D_out.",
        {"xavier": lambda D_in, D_out: math.sqrt(1 / D_in)},
    ),
    (
        "he_without_the_two",
        "Your He weights have variance 1/D_in. ReLU switches half of the units off; the factor 2 makes up for it.",
        {"he": lambda D_in, D_out: math.sqrt(1 / D_in)},
    ),
    (
        "he_for_both",
        "Your Xavier weights have the variance of He, 2/D_in. Xavier looks at the outputs as well.",
        {"xavier": lambda D_in, D_out: math.sqrt(2 / D_in)},
    ),
    (
        "xavier_for_both",
        "Your He weights have the variance of Xavier. He looks at the inputs alone.",
        {"he": lambda D_in, D_out: math.sqrt(2 / (D_in + D_out))},
    ),
    (
        "xavier_from_the_outputs_alone",
        "Your Xavier weights have variance 2/D_out. Xavier looks at inputs and outputs.",
        {"xavier": lambda D_in, D_out: math.sqrt(2 / D_out)},
    ),
    (
        "size_of_the_matrix",
        "You divide by the number of weights, D_in · D_out. A unit adds up D_in products; how many other units there are "
        "beside it makes its sum no larger.",
        {
            "xavier": lambda D_in, D_out: math.sqrt(2 / (D_in * D_out)),
            "he": lambda D_in, D_out: math.sqrt(2 / (D_in * D_out)),
        },
    ),
    (
        "xavier_without_the_two",
        "Your Xavier weights have variance 1/(D_in + D_out), half of what is asked for.",
        {"xavier": lambda D_in, D_out: math.sqrt(1 / (D_in + D_out))},
    ),
    (
        "bound_for_deviation",
        "√6 in place of √2 is the bound of a *uniform* distribution with the same variance. The noise here is normal.",
        {
            "xavier": lambda D_in, D_out: math.sqrt(6 / (D_in + D_out)),
            "he": lambda D_in, D_out: math.sqrt(6 / D_in),
        },
    ),
    (
        "schemes_swapped",
        "The two schemes are swapped: He looks at the inputs alone, Xavier at inputs and outputs.",
        {
            "xavier": lambda D_in, D_out: math.sqrt(2 / D_in),
            "he": lambda D_in, D_out: math.sqrt(2 / (D_in + D_out)),
        },
    ),
    (
        "scale_upside_down",
        "You divide the noise by the standard deviation. More inputs have to make the weights smaller, not larger.",
        {
            "xavier": lambda D_in, D_out: math.sqrt((D_in + D_out) / 2),
            "he": lambda D_in, D_out: math.sqrt(D_in / 2),
        },
    ),
    (
        "biases_as_a_column",
        "Your biases have shape (D_out, 1), as on a lecture's slide (erratum E40). Added to a batch (N, D_out) they do "
        "not fit, or fit wrongly; here biases have shape (D_out,).",
        {"bias": lambda D_in, D_out: np.zeros((D_out, 1))},
    ),
    (
        "biases_as_a_row",
        "Your biases have shape (1, D_out). It would work in a sum, but biases are vectors of shape (D_out,) here.",
        {"bias": lambda D_in, D_out: np.zeros((1, D_out))},
    ),
    (
        "biases_of_the_inputs",
        "Your biases have one entry for each input. Each *unit* has one, and a layer has D_out units.",
        {"bias": lambda D_in, D_out: np.zeros(D_in)},
    ),
    (
        "biases_of_a_hundredth",
        "Your biases are 0.01, as some advise for ReLUs. Here they start at 0: the weights alone break the symmetry.",
        {"bias": lambda D_in, D_out: np.full(D_out, 0.01)},
    ),
    (
        "biases_of_one",
        "Your biases are 1. They start at 0: the weights alone break the symmetry.",
        {"bias": lambda D_in, D_out: np.ones(D_out)},
    ),
):
    initialize.mistake(_id, _message)(
        lambda noise, scheme, changes=_changes: _drawn(noise, scheme, **changes),
    )


@initialize.mistake(
    "zeros_drawn",
    'The scheme "zeros" is treated like another one. There all weights are 0, whatever the noise.',
)
def _(noise, scheme):
    return _drawn(noise, "he" if scheme == "zeros" else scheme)


@initialize.mistake(
    "zeros_not_made",
    'With the scheme "zeros" you give the noise itself. There all weights are 0, whatever the noise.',
)
def _(noise, scheme):
    weights, biases = _drawn(noise, scheme)
    return (list(noise) if scheme == "zeros" else weights), biases


@initialize.mistake(
    "one_scale_for_all_layers",
    "Every layer has the scale of the first one. Each layer has sizes of its own: take D_in and D_out from its own noise.",
)
def _(noise, scheme):
    D_in, D_out = noise[0].shape
    variance = {"zeros": 0.0, "xavier": 2 / (D_in + D_out), "he": 2 / D_in}[scheme]
    return [math.sqrt(variance) * z for z in noise], [np.zeros(z.shape[1]) for z in noise]


@initialize.mistake(
    "in_place",
    "The values are right, but you scale the argument itself (`*=` changes the caller's array). Make a new array.",
)
def _(noise, scheme):
    weights, biases = _drawn(noise, scheme)
    for z, W in zip(noise, weights, strict=True):
        z[:] = W
    return noise, biases


@initialize.alternative
def with_branches(noise, scheme):
    weights, biases = [], []
    for z in noise:
        D_in, D_out = z.shape
        if scheme == "zeros":
            weights.append(np.zeros_like(z))
        elif scheme == "xavier":
            weights.append(z / np.sqrt((D_in + D_out) / 2))
        else:
            weights.append(z * np.sqrt(2.0 / D_in))
        biases.append(np.zeros(D_out, dtype=int))
    return weights, biases


@initialize.alternative
def with_tuples(noise, scheme):
    def scale(fan_in, fan_out):
        return {"zeros": 0, "xavier": 2 / (fan_in + fan_out), "he": 2 / fan_in}[scheme] ** 0.5

    weights = tuple(np.asfortranarray(scale(*z.shape) * z.astype(np.float32)) for z in noise)
    return weights, tuple(0 * z[0] for z in noise)
