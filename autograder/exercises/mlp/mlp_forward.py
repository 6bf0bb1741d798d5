import itertools

import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.mlp.shared import PAGE
from autograder.exercises.shared import LIBRARIES, as_tensor
from dlarch.plain import PlainData

mlp_forward = Exercise(
    "mlp_forward",
    signature=(
        "mlp_forward(x: (N, D) float64, weights: list of L (D_in, D_out) float64, "
        "biases: list of L (D_out,) float64, hidden_activation: function of arrays, "
        "output_activation: function of arrays)"
        " -> a: list of L (N, D_out) float64, h: list of L + 1 (N, D_out) float64, h[0] = x"
    ),
    outputs=("a", "h"),
    points=3,
    driver="mlp.with_activations",
    forbids=LIBRARIES,
    section=PAGE + "forward",
)


def _network(random, N, sizes, hidden, output):
    pairs = list(itertools.pairwise(sizes))
    return {
        "x": random.normal(size=(N, sizes[0])),
        "weights": [random.normal(size=pair) / np.sqrt(pair[0]) for pair in pairs],
        "biases": [random.uniform(0.3, 1, size=K) * random.choice([-1, 1]) for _, K in pairs],
        "hidden_activation": hidden,
        "output_activation": output,
    }


@mlp_forward.case("three layers")
def _(random) -> dict[str, PlainData]:
    return _network(random, 5, [3, 6, 4, 2], "tanh", "bell")


@mlp_forward.case("two layers, one example, an output that couples its units")
def _(random) -> dict[str, PlainData]:
    return _network(random, 1, [4, 7, 3], "arctan", "shares")


@mlp_forward.case("one layer: no hidden units")
def _(random) -> dict[str, PlainData]:
    return _network(random, 6, [2, 5], "tanh", "shares")


@mlp_forward.case("logits as output")
def _(random) -> dict[str, PlainData]:
    return _network(random, 4, [6, 3, 5], "bell", "identity")


@mlp_forward.case("six layers, large batch", secret=True)
def _(random) -> dict[str, PlainData]:
    return _network(random, 70, [9, 33, 8, 5, 17, 6, 3], "tanh", "shares")


@mlp_forward.case("two layers of one size")
def _(random) -> dict[str, PlainData]:
    return _network(random, 3, [3, 3, 3], "arctan", "bell")


@mlp_forward.case("layers of one size", secret=True)
def _(random) -> dict[str, PlainData]:
    return _network(random, 4, [4, 4, 4, 4], "arctan", "bell")


@mlp_forward.reference
def _(x, weights, biases, hidden_activation, output_activation):
    from autograder.kernels.linear import linear

    a, h = [], [x]
    for W, b in zip(weights, biases, strict=True):
        a.append(linear(as_tensor(h[-1]), as_tensor(W.T), as_tensor(b)).numpy())
        h.append((output_activation if len(a) == len(weights) else hidden_activation)(a[-1]))
    return a, h


def _forward(
    x,
    weights,
    biases,
    hidden_activation,
    output_activation,
    layer=lambda h, W, b: h @ W + b,
    passes_on=lambda a, h: h,
):
    """Answer with another layer, or another array passed on to the next one."""
    a, h, inputs = [], [x], x
    for index, (W, b) in enumerate(zip(weights, biases, strict=True)):
        g = output_activation if index == len(weights) - 1 else hidden_activation
        a.append(layer(inputs, W, b))
        h.append(g(a[-1]))
        inputs = passes_on(a[-1], h[-1])
    return a, h


@mlp_forward.mistake(
    "hidden_activation_at_output",
    "Your last layer has the hidden layers' activation. Hidden units and output units have different jobs: the output "
    "gets output_activation (for logits that is the identity, and a ReLU or tanh there would cut them off).",
    PAGE + "output",
)
def _(x, weights, biases, hidden_activation, output_activation):
    return _forward(x, weights, biases, hidden_activation, hidden_activation)


@mlp_forward.mistake(
    "output_activation_missing",
    "Your last h is the pre-activation itself. output_activation is still to be applied: h^(L) = g(a^(L)) holds in the "
    "last layer too, with another g.",
    PAGE + "output",
)
def _(x, weights, biases, hidden_activation, output_activation):
    return _forward(x, weights, biases, hidden_activation, lambda a: a)


@mlp_forward.mistake(
    "output_activation_everywhere",
    "You apply output_activation in every layer. It belongs to the last one alone; the others have hidden_activation.",
    PAGE + "output",
)
def _(x, weights, biases, hidden_activation, output_activation):
    return _forward(x, weights, biases, output_activation, output_activation)


@mlp_forward.mistake(
    "both_activations_at_output",
    "In the last layer you apply both activations, one after the other. It has output_activation only.",
    PAGE + "output",
)
def _(x, weights, biases, hidden_activation, output_activation):
    return _forward(
        x, weights, biases, hidden_activation, lambda a: output_activation(hidden_activation(a))
    )


@mlp_forward.mistake(
    "hidden_activation_missing",
    "The hidden layers have no activation: every h but the last equals its a. Then all the layers together are worth a "
    "single one (chapter 2).",
)
def _(x, weights, biases, hidden_activation, output_activation):
    return _forward(x, weights, biases, lambda a: a, output_activation)


@mlp_forward.mistake(
    "pre_activation_passed_on",
    "Each h is computed, but the next layer reads a. What a layer passes on is its activation h.",
)
def _(x, weights, biases, hidden_activation, output_activation):
    return _forward(
        x, weights, biases, hidden_activation, output_activation, passes_on=lambda a, h: a
    )


@mlp_forward.mistake(
    "bias_missing",
    "The biases are missing: a = h W + b. Without them every unit of the first layer draws its line through the origin.",
    PAGE + "layer",
)
def _(x, weights, biases, hidden_activation, output_activation):
    return _forward(
        x, weights, biases, hidden_activation, output_activation, layer=lambda h, W, b: h @ W
    )


@mlp_forward.mistake(
    "bias_after_activation",
    "You add the bias after the activation. It belongs inside: a = h W + b first, then g(a).",
    PAGE + "layer",
)
def _(x, weights, biases, hidden_activation, output_activation):
    a, h = [], [x]
    for index, (W, b) in enumerate(zip(weights, biases, strict=True)):
        a.append(h[-1] @ W)
        g = output_activation if index == len(weights) - 1 else hidden_activation
        h.append(g(a[-1]) + b)
    return a, h


@mlp_forward.mistake(
    "weights_transposed",
    "The product h Wᵀ does not fit. In this course W has one row for each input and one column for each output, "
    "(D_in, D_out): w_ij leads from unit i to unit j (torch.nn.Linear stores the transpose).",
    PAGE + "layer",
)
def _(x, weights, biases, hidden_activation, output_activation):
    return _forward(
        x, weights, biases, hidden_activation, output_activation, layer=lambda h, W, b: h @ W.T + b
    )


@mlp_forward.mistake(
    "weights_on_the_left",
    "The product W x does not fit: it is the formula for one example as a column. Here an example is a row of x, and "
    "the weights stand on the right: a = x W + b.",
    PAGE + "layer",
)
def _(x, weights, biases, hidden_activation, output_activation):
    return _forward(
        x, weights, biases, hidden_activation, output_activation, layer=lambda h, W, b: W @ h + b
    )


@mlp_forward.mistake(
    "input_not_listed",
    "The list h begins with the first layer's output. Put the input there first: h^(0) = x, so that layer l finds what "
    "it read in h[l − 1]. Chapter 4 will need it.",
)
def _(x, weights, biases, hidden_activation, output_activation):
    a, h = _forward(x, weights, biases, hidden_activation, output_activation)
    return a, h[1:]


@mlp_forward.mistake(
    "activations_in_both_lists",
    "Your list a holds activations: it equals h from its second entry on. Keep a as it is before g is applied "
    "(and let g make a new array, if you work in place).",
)
def _(x, weights, biases, hidden_activation, output_activation):
    _, h = _forward(x, weights, biases, hidden_activation, output_activation)
    return h[1:], h


@mlp_forward.mistake(
    "output_alone",
    "You return the network's output alone. The task asks for all pre-activations and all activations, as two lists: "
    "backpropagation reads them again.",
)
def _(x, weights, biases, hidden_activation, output_activation):
    return _forward(x, weights, biases, hidden_activation, output_activation)[1][-1]


@mlp_forward.mistake(
    "activations_alone",
    "You return the activations alone. The task asks for two lists: all pre-activations a, then all activations h.",
)
def _(x, weights, biases, hidden_activation, output_activation):
    return _forward(x, weights, biases, hidden_activation, output_activation)[1]


@mlp_forward.mistake(
    "lists_swapped",
    "The two lists are swapped: the pre-activations a come first, then the activations h.",
)
def _(x, weights, biases, hidden_activation, output_activation):
    a, h = _forward(x, weights, biases, hidden_activation, output_activation)
    return h, a


@mlp_forward.mistake(
    "input_in_both_lists",
    "Your list a begins with the input. Only h does: x is h^(0), and there is no a^(0), because nothing was multiplied yet.",
)
def _(x, weights, biases, hidden_activation, output_activation):
    a, h = _forward(x, weights, biases, hidden_activation, output_activation)
    return [x, *a], h


@mlp_forward.alternative
def by_recursion(x, weights, biases, hidden_activation, output_activation):
    g = hidden_activation if len(weights) > 1 else output_activation
    a = np.einsum("nd,dk->nk", x, weights[0]) + biases[0]
    h = g(a)
    if len(weights) == 1:
        return (a,), (x, h)
    deeper = by_recursion(h, weights[1:], biases[1:], hidden_activation, output_activation)
    return (a, *deeper[0]), (x, *deeper[1])


@mlp_forward.alternative
def with_a_constant_unit(x, weights, biases, hidden_activation, output_activation):
    a, h = [], [x.astype(np.float32)]
    activations = [hidden_activation] * (len(weights) - 1) + [output_activation]
    for W, b, g in zip(weights, biases, activations, strict=True):
        extended = np.column_stack([np.ones(len(x)), h[-1]])
        a.append(np.asfortranarray(extended @ np.vstack([b, W])))
        h.append(g(a[-1]))
    return a, h


@mlp_forward.alternative
def with_loops(x, weights, biases, hidden_activation, output_activation):
    a, h = [], [x]
    for W, b in zip(weights, biases, strict=True):
        sums = np.empty((len(x), len(b)))
        for n in range(len(x)):
            for k in range(len(b)):
                sums[n, k] = b[k] + sum(h[-1][n, d] * W[d, k] for d in range(len(W)))
        a.append(sums)
        h.append(hidden_activation(sums))
    h[-1] = output_activation(a[-1])
    return a, h
