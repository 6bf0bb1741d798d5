"""Exercises of chapter 03: layers, output units, losses, penalties and initial weights."""

import itertools
import math

import numpy as np

from autograder.exercise import Chapter
from dlarch.checks_file import Part
from dlarch.plain import PlainData

chapter = Chapter("03_mlp")

PAGE = "03_mlp.html#mlp-"
LIBRARIES = ("torch", "scipy", "sklearn", "tensorflow", "jax")


def _tensor(array):
    import torch

    return torch.from_numpy(np.ascontiguousarray(array))


def _quiet():
    """Silence the warnings of answers that overflow."""
    return np.errstate(over="ignore", invalid="ignore", divide="ignore")


# ---------------------------------------------------------------------------- mlp_forward

mlp_forward = chapter.exercise(
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


@mlp_forward.case("layers of one size", secret=True)
def _(random) -> dict[str, PlainData]:
    return _network(random, 4, [4, 4, 4, 4], "arctan", "bell")


@mlp_forward.reference
def _(x, weights, biases, hidden_activation, output_activation):
    from autograder.kernels.linear import linear

    a, h = [], [x]
    for W, b in zip(weights, biases, strict=True):
        a.append(linear(_tensor(h[-1]), _tensor(W.T), _tensor(b)).numpy())
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


# ---------------------------------------------------------------------------- softmax

softmax = chapter.exercise(
    "softmax",
    signature="softmax(logits: (..., K) float64) -> p: (..., K) float64",
    outputs=("p",),
    points=2,
    forbids=LIBRARIES,
    section=PAGE + "softmax",
)


def _add_logits(exercise):
    """Add the cases of a function of logits (..., K)."""

    @exercise.case("a batch")
    def _(random) -> dict[str, PlainData]:
        return {"logits": 2 * random.normal(size=(5, 3))}

    @exercise.case("a batch of one")
    def _(random) -> dict[str, PlainData]:
        return {"logits": 2 * random.normal(size=(1, 4))}

    @exercise.case("one example, without a batch")
    def _(random) -> dict[str, PlainData]:
        return {"logits": 2 * random.normal(size=6)}

    @exercise.case("two leading axes")
    def _(random) -> dict[str, PlainData]:
        return {"logits": 2 * random.normal(size=(2, 3, 5))}

    @exercise.case("rows near +1000 and near −1000")
    def _(random) -> dict[str, PlainData]:
        rows = np.array([1000.0, -1000.0, 0.0, 1000.0])
        return {"logits": rows[:, None] + random.normal(size=(4, 5))}

    @exercise.case("a gap of 1500 in a row")
    def _(random) -> dict[str, PlainData]:
        logits = 2 * random.normal(size=(3, 4))
        logits[1, :2] += [-700.0, 800.0]
        return {"logits": logits}

    @exercise.case("large batch, sure of itself", secret=True)
    def _(random) -> dict[str, PlainData]:
        return {"logits": 30 * random.normal(size=(70, 13))}

    @exercise.case("all logits equal", secret=True)
    def _(random) -> dict[str, PlainData]:
        return {"logits": np.full((3, 7), float(random.normal()))}


_add_logits(softmax)


@softmax.reference
def _(logits):
    from autograder.kernels.softmax import softmax

    return _by_rows(softmax, logits)


def _by_rows(kernel, logits):
    """Give a kernel of (N, K) the rows of logits (..., K)."""
    rows = _tensor(logits.reshape(-1, logits.shape[-1]))
    return kernel(rows).numpy().reshape(logits.shape)


def _shares(logits, axis=-1, shift=-1, total="as axis"):
    """Answer with the maximum and the sum along other axes; shift "none" subtracts nothing."""
    with _quiet():
        if shift != "none":
            logits = logits - logits.max(axis=shift, keepdims=True)
        e = np.exp(logits)
        return e / e.sum(axis=axis if total == "as axis" else total, keepdims=True)


OVERFLOW = (
    "exp(1000) is too large for a computer, and ∞/∞ is not a number (rows near −1000 give 0/0). Softmax does not change "
    "when the same number is subtracted from all logits of a row: make the largest one 0."
)


@softmax.mistake("overflow", f"The formula is right, but {OVERFLOW}", PAGE + "stable")
def _(logits):
    return _shares(logits, shift="none")


@softmax.mistake(
    "one_maximum_for_all",
    "You subtract the largest logit of the whole array. A row far below it becomes exp(−2000) = 0 everywhere, and 0/0 is "
    "not a number: each row needs its own maximum.",
    PAGE + "stable",
)
def _(logits):
    return _shares(logits, shift=None)


@softmax.mistake(
    "less_than_the_largest_subtracted",
    "You subtract something from each row that lies well below its largest logit (its smallest one, or its mean?). Then a "
    "row with a large gap still overflows: exp may only get arguments ≤ 0, so it is the largest logit that has to become 0.",
    PAGE + "stable",
)
def _(logits):
    with _quiet():
        e = np.exp(logits - logits.min(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)


@softmax.mistake(
    "largest_by_absolute_value",
    "You subtract the largest absolute value. In a row near −1000 that is +1000, so every exponential becomes 0, and 0/0 "
    "is not a number. It is the largest logit itself, with its sign, that has to become 0.",
    PAGE + "stable",
)
def _(logits):
    with _quiet():
        e = np.exp(logits - np.abs(logits).max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)


@softmax.mistake(
    "maximum_over_the_batch",
    "The sum runs over the classes, as it should, but the maximum is taken over the examples, along axis 0. Then each "
    "class is shifted by another number, and that does change the probabilities: all logits of a row need the same shift.",
    PAGE + "stable",
)
def _(logits):
    return _shares(logits, shift=0)


@softmax.mistake(
    "divided_by_the_largest",
    "You divide the logits by the largest one. Softmax depends on the differences of the logits, which a division "
    "changes. Subtracting the same number from all of them leaves the differences alone.",
    PAGE + "softmax",
)
def _(logits):
    with _quiet():
        return _shares(logits / logits.max(axis=-1, keepdims=True), shift="none")


@softmax.mistake(
    "nan_replaced",
    "You replace what is not a number afterwards. In rows near ±1000 the probabilities are lost by then, and yours do not "
    f"add up to 1. {OVERFLOW}",
    PAGE + "stable",
)
def _(logits):
    return np.nan_to_num(_shares(logits, shift="none"))


@softmax.mistake(
    "logits_clipped",
    "You cut large logits off. In a row near 1000 they all become equal, and so do the probabilities, although the "
    "logits differ. Subtracting the row's maximum loses nothing.",
    PAGE + "stable",
)
def _(logits):
    return _shares(np.clip(logits, -500, 500), shift="none")


@softmax.mistake(
    "logits_clipped_above",
    "You cut large logits off: in a row near 1000 they all become equal, although they differ; and rows near −1000 "
    "still give 0/0. Subtracting the row's maximum cures both and loses nothing.",
    PAGE + "stable",
)
def _(logits):
    return _shares(np.minimum(logits, 500), shift="none")


@softmax.mistake(
    "over_the_batch",
    "Your softmax runs down axis 0: the probabilities of one class add up to 1 over the examples. They have to add up "
    "to 1 over the classes of each example, the last axis (erratum E44).",
)
def _(logits):
    return _shares(logits, axis=0, shift=0)


@softmax.mistake(
    "over_the_batch_and_overflow",
    "Two things. Your sum runs down axis 0, over the examples, where it should run over the classes of each example, "
    f"the last axis (erratum E44). And {OVERFLOW}",
)
def _(logits):
    return _shares(logits, axis=0, shift="none")


@softmax.mistake(
    "sum_over_the_batch",
    "The maximum is taken along the right axis, but the sum runs down axis 0, over the examples. The probabilities have "
    "to add up to 1 over the classes of each example, the last axis (erratum E44).",
)
def _(logits):
    return _shares(logits, axis=0)


@softmax.mistake(
    "sum_over_everything",
    "Your sum runs over the whole array, so all examples share one probability mass of 1. Each example needs a sum of "
    "its own, over the last axis.",
)
def _(logits):
    return _shares(logits, axis=None)


@softmax.mistake(
    "everything_over_everything",
    "Your maximum and your sum run over the whole array, so all examples share one probability mass of 1. Each example "
    "needs its own, over the last axis.",
)
def _(logits):
    return _shares(logits, axis=None, shift=None)


@softmax.mistake(
    "sum_over_everything_and_overflow",
    "Two things. Your sum runs over the whole array, so all examples share one probability mass; each needs a sum of its "
    f"own, over the last axis. And {OVERFLOW}",
)
def _(logits):
    return _shares(logits, axis=None, shift="none")


@softmax.mistake(
    "axis_one",
    "You sum along axis 1. That is right for a batch (N, K); a single example (K,) has no axis 1, and with more axes it "
    "is another one. The classes are the last axis: −1 in every case.",
)
def _(logits):
    return _shares(logits, axis=1, shift=1)


@softmax.mistake(
    "axis_one_and_overflow",
    "Two things. You sum along axis 1, which a single example (K,) does not have: the classes are the last axis, −1 in "
    f"every case. And {OVERFLOW}",
)
def _(logits):
    return _shares(logits, axis=1, shift="none")


@softmax.mistake(
    "row_by_row",
    "You go through the first axis and treat what you find as one row. A single example (K,) has no rows, and with more "
    "axes a row is not one example. Let the maximum and the sum run along the last axis, with no loop.",
)
def _(logits):
    p = np.empty(logits.shape)
    for n in range(len(logits)):
        e = np.exp(logits[n] - logits[n].max())
        p[n] = e / e.sum()
    return p


@softmax.mistake(
    "axis_lost",
    "A maximum or a sum along the last axis drops that axis: shapes like (5, 3) and (5,) do not fit any more. "
    "`keepdims=True` keeps it with length 1.",
)
def _(logits):
    e = np.exp(logits - logits.max(axis=-1))
    return e / e.sum(axis=-1)


@softmax.mistake(
    "not_normalised",
    "You give the exponentials. To be probabilities they have to add up to 1 in each example.",
)
def _(logits):
    with _quiet():
        return np.exp(logits)


@softmax.mistake(
    "not_normalised_but_shifted",
    "You give the exponentials: the largest in each row is 1. To be probabilities they have to add up to 1.",
)
def _(logits):
    return np.exp(logits - logits.max(axis=-1, keepdims=True))


@softmax.mistake(
    "sigmoid_of_each",
    "You apply the sigmoid to each logit. Then every class gets a probability of its own, and they do not add up to 1: "
    "that is for questions with several right answers. Softmax divides by the sum over the classes.",
    PAGE + "output",
)
def _(logits):
    return (1 + np.tanh(logits / 2)) / 2


@softmax.mistake(
    "winner_takes_all",
    "You give 1 to the largest logit and 0 to the others. That is a decision (hardmax); softmax gives every class a share.",
)
def _(logits):
    return (logits == logits.max(axis=-1, keepdims=True)) * 1.0


@softmax.mistake(
    "logarithm",
    "You give log-probabilities. Here the probabilities themselves are asked for; log_softmax comes next.",
    PAGE + "stable",
)
def _(logits):
    return _log_shares(logits)


@softmax.mistake(
    "shares_of_the_logits",
    "You divide the logits by their sum. Logits may be negative, and their sum may be 0: the exponential comes first.",
)
def _(logits):
    with _quiet():
        return logits / logits.sum(axis=-1, keepdims=True)


@softmax.alternative
def with_a_loop(logits):
    p = np.empty(logits.shape, dtype=np.float32)
    for index in np.ndindex(logits.shape[:-1]):
        top = max(logits[index])
        e = [math.exp(a - top) for a in logits[index]]
        p[index] = np.array(e) / sum(e)
    return p


@softmax.alternative
def with_logaddexp(logits):
    return np.exp(logits - np.logaddexp.reduce(logits, axis=-1)[..., None])


@softmax.alternative
def with_differences(logits):
    e = np.exp(np.minimum(logits[..., None, :] - logits[..., :, None], 700))
    return np.asfortranarray(1 / e.sum(axis=-1))


@softmax.alternative
def with_transposes(logits):
    e = np.exp(logits.T - logits.T.max(axis=0))
    return (e / e.sum(axis=0)).T


# ---------------------------------------------------------------------------- log_softmax

log_softmax = chapter.exercise(
    "log_softmax",
    signature="log_softmax(logits: (..., K) float64) -> log_p: (..., K) float64",
    outputs=("log_p",),
    points=2,
    uses=("softmax",),
    forbids=LIBRARIES,
    section=PAGE + "stable",
)
_add_logits(log_softmax)


@log_softmax.reference
def _(logits):
    from autograder.kernels.softmax import log_softmax

    return _by_rows(log_softmax, logits)


def _log_shares(logits, axis=-1, shift=-1):
    """Answer with the maximum and the sum along other axes; shift "none" subtracts nothing."""
    with _quiet():
        if shift != "none":
            logits = logits - logits.max(axis=shift, keepdims=True)
        return logits - np.log(np.exp(logits).sum(axis=axis, keepdims=True))


EPSILONS = (1e-300, 1e-20, 1e-16, 2.0**-52, 1e-15, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6)


@log_softmax.mistake(
    "log_of_softmax",
    "You take the logarithm of softmax. A probability below 10⁻³²⁴ is 0 for a computer, and log 0 = −∞, although the "
    "right answer is a plain number like −1500. Take the logarithm on paper: exp and log cancel.",
)
def _(logits):
    with _quiet():
        return np.log(_shares(logits))


@log_softmax.mistake(
    "log_of_overflow",
    "You take the logarithm of a softmax that overflows, so that rows near ±1000 are not numbers. Take the logarithm on "
    "paper, where exp and log cancel, and subtract each row's largest logit first.",
)
def _(logits):
    with _quiet():
        return np.log(_shares(logits, shift="none"))


@log_softmax.mistake(
    "overflow",
    "The formula a − log Σ exp(a) is right, but the sum overflows in rows near 1000, and is 0 near −1000. Subtract each "
    "row's largest logit first: the result stays the same.",
)
def _(logits):
    return _log_shares(logits, shift="none")


@log_softmax.mistake(
    "one_maximum_for_all",
    "You subtract the largest logit of the whole array. A row far below it becomes exp(−2000) = 0 everywhere, and its "
    "logarithm is −∞: each row needs its own maximum.",
)
def _(logits):
    return _log_shares(logits, shift=None)


@log_softmax.mistake(
    "maximum_over_the_batch",
    "The sum runs over the classes, as it should, but the maximum is taken over the examples, along axis 0. Then each "
    "class is shifted by another number, and that does change the probabilities: all logits of a row need the same shift.",
)
def _(logits):
    return _log_shares(logits, shift=0)


@log_softmax.mistake(
    "maximum_not_put_back",
    "The maximum is subtracted inside the sum but not outside: log Σ exp(a) = m + log Σ exp(a − m). Subtract m in both "
    "places, or in none.",
)
def _(logits):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return logits - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


@log_softmax.mistake(
    "maximum_subtracted_twice",
    "The maximum counts twice: log Σ exp(a) = m + log Σ exp(a − m), and if the logits outside the sum are shifted "
    "already, m must not be subtracted again.",
)
def _(logits):
    return _log_shares(logits) - logits.max(axis=-1, keepdims=True)


@log_softmax.mistake(
    "wrong_sign",
    "The sign is reversed. Probabilities are at most 1, so their logarithms are at most 0; −log p is the loss, which "
    "comes later.",
)
def _(logits):
    return -_log_shares(logits)


@log_softmax.mistake(
    "over_the_batch",
    "Your sum runs down axis 0, over the examples. It has to run over the classes of each example, the last axis "
    "(erratum E44).",
    PAGE + "softmax",
)
def _(logits):
    return _log_shares(logits, axis=0, shift=0)


@log_softmax.mistake(
    "sum_over_the_batch",
    "The maximum is taken along the right axis, but the sum runs down axis 0, over the examples. It has to run over the "
    "classes of each example, the last axis (erratum E44).",
    PAGE + "softmax",
)
def _(logits):
    return _log_shares(logits, axis=0)


@log_softmax.mistake(
    "sum_over_everything",
    "Your sum runs over the whole array, so all examples share one probability mass. Each needs its own, over the last "
    "axis.",
    PAGE + "softmax",
)
def _(logits):
    return _log_shares(logits, axis=None)


@log_softmax.mistake(
    "axis_one",
    "You sum along axis 1. That is right for a batch (N, K); a single example (K,) has no axis 1, and with more axes it "
    "is another one. The classes are the last axis: −1 in every case.",
    PAGE + "softmax",
)
def _(logits):
    return _log_shares(logits, axis=1, shift=1)


@log_softmax.mistake(
    "axis_lost",
    "A maximum or a sum along the last axis drops that axis: shapes like (5, 3) and (5,) do not fit any more. "
    "`keepdims=True` keeps it with length 1.",
    PAGE + "softmax",
)
def _(logits):
    shifted = logits - logits.max(axis=-1)
    return shifted - np.log(np.exp(shifted).sum(axis=-1))


@log_softmax.mistake(
    "logarithm_missing",
    "You give the probabilities. Their logarithms are asked for, which are at most 0.",
)
def _(logits):
    return _shares(logits)


@log_softmax.mistake(
    "logarithm_of_base_two",
    "You measure in bits: your logarithm has the base 2. In this course log is the natural logarithm, as in np.log.",
)
def _(logits):
    return _log_shares(logits) / np.log(2)


def _add_epsilons(exercise, answer, message, section):
    """Add the mistake of keeping a logarithm finite with a small number, for each usual number."""
    for epsilon in EPSILONS:

        def wrong(epsilon=epsilon, **arguments):
            return answer(epsilon, **arguments)

        exercise.mistake(f"epsilon_{epsilon:.0e}", message, section)(wrong)


_add_epsilons(
    log_softmax,
    lambda epsilon, logits: np.log(_shares(logits) + epsilon),
    "You keep the logarithm finite by adding (or clipping at) a small number. Small probabilities then all look alike: "
    "where −1500 is right you get log ε. Take the logarithm on paper, where exp and log cancel, and no ε is needed.",
    PAGE + "stable",
)


@log_softmax.alternative
def with_logaddexp(logits):
    return logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)


@log_softmax.alternative
def with_a_loop(logits):
    log_p = np.empty(logits.shape, dtype=np.float32)
    for index in np.ndindex(logits.shape[:-1]):
        top = max(logits[index])
        total = sum(math.exp(a - top) for a in logits[index])
        log_p[index] = [a - top - math.log(total) for a in logits[index]]
    return log_p


@log_softmax.alternative
def with_log1p_of_the_others(logits):
    top = logits.max(axis=-1, keepdims=True)
    others = np.exp(logits - top).sum(axis=-1, keepdims=True) - 1
    return np.asfortranarray(logits - top - np.log1p(others))


# ---------------------------------------------------------------------------- mse

SAME_SHAPES = (
    "several outputs",
    "one output",
    "one example",
    "large batch",
)
OTHER_SHAPES = (
    "targets without the axis of the outputs",
    "outputs without an axis",
    "one target for all",
    "one output for several targets",
    "examples and outputs swapped",
)

mse = chapter.exercise(
    "mse",
    signature=(
        "mse(prediction: (N, K) float64, target: (N, K) float64)"
        " -> E: float, or ValueError if the shapes differ"
    ),
    outputs=("E",),
    parts={"value": Part(1, cases=SAME_SHAPES), "shapes": Part(1, cases=OTHER_SHAPES)},
    forbids=LIBRARIES,
    section=PAGE + "regression",
)


def _add_regression(name, prediction, target, secret=False):
    @mse.case(name, secret=secret, raises=None if prediction == target else "ValueError")
    def _(random) -> dict[str, PlainData]:
        return {
            "prediction": random.normal(size=prediction),
            "target": 1 + random.normal(size=target),
        }


_add_regression("several outputs", (5, 3), (5, 3))
_add_regression("one output", (7, 1), (7, 1))
_add_regression("one example", (1, 4), (1, 4))
_add_regression("large batch", (70, 9), (70, 9), secret=True)
_add_regression("targets without the axis of the outputs", (6, 1), (6,))
_add_regression("outputs without an axis", (4,), (4, 1))
_add_regression("one target for all", (5, 2), (1, 2))
_add_regression("one output for several targets", (6, 1), (6, 3), secret=True)
_add_regression("examples and outputs swapped", (3, 4), (4, 3))


@mse.reference
def _(prediction, target):
    if prediction.shape != target.shape:
        raise ValueError(f"expected target of shape {prediction.shape}, got {target.shape}")
    from autograder.kernels.matmul import matmul

    difference = _tensor((prediction - target).reshape(1, -1))
    return matmul(difference, difference.T).item() / len(prediction)


def _summed(prediction, target):
    return np.sum((prediction - target) ** 2) / len(prediction)


def _compared(value):
    """Make an answer that compares the shapes and then gives `value` of prediction and target."""

    def answer(prediction, target):
        if prediction.shape != target.shape:
            raise ValueError("the shapes differ")
        return value(prediction, target)

    return answer


@mse.mistake(
    "shapes_not_compared",
    "You do not compare the shapes, and NumPy does not complain: (6, 1) minus (6,) is broadcast to (6, 6), every "
    "prediction against every target. The loss looks plausible and is wrong. Raise a ValueError when the shapes differ.",
    PAGE + "broadcast",
)
def _(prediction, target):
    return np.mean(np.sum((prediction - target) ** 2, axis=1))


@mse.mistake(
    "axes_counted",
    "You compare how many axes there are. (5, 2) and (1, 2) both have two, and are broadcast all the same: compare the "
    "shapes themselves.",
    PAGE + "broadcast",
)
def _(prediction, target):
    if prediction.ndim != target.ndim:
        raise ValueError
    return _summed(prediction, target)


@mse.mistake(
    "lengths_compared",
    "You compare how many examples there are. (6, 1) and (6,) agree in that, and are broadcast to (6, 6) all the same: "
    "compare the whole shapes.",
    PAGE + "broadcast",
)
def _(prediction, target):
    if len(prediction) != len(target):
        raise ValueError
    return _summed(prediction, target)


@mse.mistake(
    "made_to_fit",
    "You reshape the target until it fits. That guesses what the caller meant, and for (3, 4) and (4, 3) it pairs "
    "numbers that do not belong together. Raise a ValueError, so that the caller can look.",
    PAGE + "broadcast",
)
def _(prediction, target):
    return _summed(prediction, target.reshape(prediction.shape))


mse.mistake(
    "mean_over_everything",
    "You take the mean over the outputs as well, as torch.nn.MSELoss does. Here, as in the lectures, an example's loss is "
    "the squared length ‖prediction − target‖², a sum over its outputs; the mean is over the N examples only.",
)(_compared(lambda p, t: np.mean((p - t) ** 2)))

mse.mistake(
    "sum_over_the_batch",
    "You add up over the examples. The loss of a batch is the mean over its N examples, so that it does not grow with "
    "the batch.",
)(_compared(lambda p, t: np.sum((p - t) ** 2)))

mse.mistake(
    "halved",
    "Your loss is half of what is asked for. With ½ in front the derivative looks nicer (chapter 4 uses it); this task "
    "has none.",
)(_compared(lambda p, t: np.sum((p - t) ** 2) / (2 * len(p))))

mse.mistake(
    "halved_sum",
    "You give ½ Σ‖prediction − target‖², the error of one lecture: with a factor ½, and summed over the examples. This "
    "task asks for the mean over the N examples, without ½.",
)(_compared(lambda p, t: np.sum((p - t) ** 2) / 2))

mse.mistake(
    "root",
    "You take a square root at the end. The root mean squared error is good for reporting, in the unit of the target; "
    "the loss is the mean of the squares.",
)(_compared(lambda p, t: np.sqrt(np.sum((p - t) ** 2) / len(p))))

mse.mistake(
    "lengths_not_squared",
    "You average the lengths ‖prediction − target‖. The loss is the mean of their squares.",
)(_compared(lambda p, t: np.mean(np.linalg.norm(p - t, axis=1))))

mse.mistake(
    "absolute_error",
    "You add up absolute values. The squared error squares each difference: large errors count far more.",
)(_compared(lambda p, t: np.sum(np.abs(p - t)) / len(p)))

mse.mistake(
    "square_of_the_mean",
    "You square after averaging, so that errors of opposite signs cancel. Square each difference first.",
)(_compared(lambda p, t: np.sum(np.mean(p - t, axis=0) ** 2)))

mse.mistake(
    "one_loss_per_example",
    "You return one number for each example. The loss of a batch is one number, the mean over its examples.",
)(_compared(lambda p, t: np.sum((p - t) ** 2, axis=1)))

mse.mistake(
    "one_loss_per_output",
    "You return one number for each output, a mean over the examples. What remains is the sum over the outputs.",
)(_compared(lambda p, t: np.mean((p - t) ** 2, axis=0)))


@mse.alternative
def with_loops(prediction, target):
    if prediction.shape != target.shape:
        raise ValueError
    total = 0.0
    for p, t in zip(prediction, target, strict=True):
        total += sum((p_k - t_k) ** 2 for p_k, t_k in zip(p, t, strict=True))
    return total / len(prediction)


@mse.alternative
def with_the_frobenius_norm(prediction, target):
    if np.shape(prediction) != np.shape(target):
        raise ValueError("shapes")
    return np.linalg.norm(prediction - target) ** 2 / prediction.shape[0]


@mse.alternative
def with_einsum(prediction, target):
    if prediction.ndim != target.ndim or any(
        p != t for p, t in zip(prediction.shape, target.shape, strict=True)
    ):
        raise ValueError(f"{prediction.shape} is not {target.shape}")
    d = (prediction - target).astype(np.float32)
    return np.einsum("nk,nk->n", d, d).mean()


# ---------------------------------------------------------------------------- binary_cross_entropy

binary_cross_entropy = chapter.exercise(
    "binary_cross_entropy",
    signature=(
        "binary_cross_entropy(logits: (N,) float64, targets: (N,) float64 between 0 and 1) -> E: float"
    ),
    outputs=("E",),
    points=2,
    forbids=LIBRARIES,
    section=PAGE + "binary",
)


def _questions(random, N, shift=0.0, scale=1.5, soft=False):
    """Draw logits and targets, at least one 0 and one 1 among them, not equally many."""
    targets = (np.arange(N) % 3 == 0) * 1.0
    if soft:
        targets = random.uniform(0.05, 0.95, size=N)
    return {"logits": shift + scale * random.normal(size=N), "targets": targets}


@binary_cross_entropy.case("zeros and ones")
def _(random) -> dict[str, PlainData]:
    return _questions(random, 7)


@binary_cross_entropy.case("one example")
def _(random) -> dict[str, PlainData]:
    return {"logits": random.normal(size=1), "targets": np.zeros(1)}


@binary_cross_entropy.case("targets between 0 and 1")
def _(random) -> dict[str, PlainData]:
    return _questions(random, 5, soft=True)


@binary_cross_entropy.case("logits near +1000")
def _(random) -> dict[str, PlainData]:
    return _questions(random, 5, shift=1000.0)


@binary_cross_entropy.case("logits near −1000")
def _(random) -> dict[str, PlainData]:
    return _questions(random, 4, shift=-1000.0)


@binary_cross_entropy.case("sure and right", secret=True)
def _(random) -> dict[str, PlainData]:
    targets = (np.arange(11) % 2) * 1.0
    return {"logits": (2 * targets - 1) * random.uniform(3, 8, size=11), "targets": targets}


@binary_cross_entropy.case("large batch", secret=True)
def _(random) -> dict[str, PlainData]:
    return _questions(random, 90, scale=20.0)


@binary_cross_entropy.reference
def _(logits, targets):
    from autograder.kernels.bce_with_logits import bce_with_logits

    return bce_with_logits(_tensor(logits), _tensor(targets)).item()


def _sigmoid(a):
    return (1 + np.tanh(a / 2)) / 2


def _bernoulli(logits, targets):
    """Give each example's loss."""
    return np.logaddexp(0, logits) - targets * logits


def _from_probabilities(p, targets):
    with _quiet():
        return -np.mean(targets * np.log(p) + (1 - targets) * np.log(1 - p))


@binary_cross_entropy.mistake(
    "zero_times_infinity",
    "Right for moderate logits, but near ±1000 a 0 meets an infinity, and the loss is not a number. If you go through "
    "p = σ(a): there p or 1 − p is 0 for a computer, and its logarithm −∞. Insert σ into the logarithms on paper: what is "
    "−log σ(a), what is −log(1 − σ(a))? And give exp only arguments ≤ 0.",
    PAGE + "binary-stable",
)
def _(logits, targets):
    return _from_probabilities(_sigmoid(logits), targets)


@binary_cross_entropy.mistake(
    "overflow_above",
    "The formula is right, but exp(a) overflows near a = 1000, and the loss becomes infinite. Give exp only arguments "
    "≤ 0: log(1 + exp(a)) = a + log(1 + exp(−a)) for a > 0.",
    PAGE + "binary-stable",
)
def _(logits, targets):
    with _quiet():
        return np.mean(np.log(1 + np.exp(logits)) - targets * logits)


@binary_cross_entropy.mistake(
    "overflow_below",
    "The formula is right, but exp(−a) overflows near a = −1000, and the loss becomes infinite. Give exp only arguments "
    "≤ 0: log(1 + exp(−a)) = −a + log(1 + exp(a)) for a < 0.",
    PAGE + "binary-stable",
)
def _(logits, targets):
    with _quiet():
        return np.mean(np.log(1 + np.exp(-logits)) + (1 - targets) * logits)


_add_epsilons(
    binary_cross_entropy,
    lambda epsilon, logits, targets: _from_probabilities(
        np.clip(_sigmoid(logits), epsilon, 1 - epsilon), targets
    ),
    "You keep the logarithm finite by adding (or clipping at) a small number. Whoever is sure and wrong then pays log ε "
    "at most, and the loss has no slope any more where it is needed most. Insert σ into the logarithms on paper: no ε "
    "is needed.",
    PAGE + "binary-stable",
)


for _bound in (500, 100, 50, 30, 20):

    @binary_cross_entropy.mistake(
        f"logits_clipped_at_{_bound}",
        "You cut large logits off. The loss of whoever is sure and wrong then stops growing and has no slope any more, "
        "where it is needed most. Insert σ into the logarithms on paper: nothing overflows, and nothing need be cut.",
        PAGE + "binary-stable",
    )
    def _(logits, targets, bound=_bound):
        return np.mean(_bernoulli(np.clip(logits, -bound, bound), targets))


@binary_cross_entropy.mistake(
    "absolute_value_missing",
    "You have max(a, 0), which belongs to log(1 + exp(−|a|)), but exp(−a) beside it. For a > 0 the two agree; for a < 0 "
    "they do not.",
    PAGE + "binary-stable",
)
def _(logits, targets):
    with _quiet():
        return np.mean(np.maximum(logits, 0) + np.log1p(np.exp(-logits)) - targets * logits)


@binary_cross_entropy.mistake(
    "logits_taken_for_probabilities",
    "You put the logits into the logarithms as if they were probabilities. A logit is any real number; the probability "
    "is σ(logit), and the log of a negative number is not a number.",
)
def _(logits, targets):
    return _from_probabilities(logits, targets)


@binary_cross_entropy.mistake(
    "sigmoid_twice",
    "You apply the sigmoid, and then a formula for logits, which applies it once more. "
    "No answer can be sure any more: σ(σ(a)) lies between 0.5 and 0.73.",
)
def _(logits, targets):
    return np.mean(_bernoulli(_sigmoid(logits), targets))


@binary_cross_entropy.mistake(
    "sum_over_the_batch",
    "You add up over the examples. The loss of a batch is the mean over its examples.",
)
def _(logits, targets):
    return np.sum(_bernoulli(logits, targets))


@binary_cross_entropy.mistake(
    "one_loss_per_example",
    "You return one number for each example. The loss of a batch is one number, the mean over its examples.",
)
def _(logits, targets):
    return _bernoulli(logits, targets)


@binary_cross_entropy.mistake(
    "wrong_sign",
    "The sign is reversed: you give the mean log-likelihood, which is to be made large. The loss is its negative, "
    "and never below 0.",
)
def _(logits, targets):
    return -np.mean(_bernoulli(logits, targets))


@binary_cross_entropy.mistake(
    "only_the_ones",
    "Only the examples with target 1 count in your loss. Those with target 0 have a term of their own, "
    "(1 − t) log(1 − p); without it, saying 1 to everything would be perfect.",
)
def _(logits, targets):
    return np.mean(targets * np.logaddexp(0, -logits))


@binary_cross_entropy.mistake(
    "targets_ignored",
    "Your loss treats every example as if its target were 1.",
)
def _(logits, targets):
    return np.mean(np.logaddexp(0, -logits))


@binary_cross_entropy.mistake(
    "only_the_zeros",
    "Only the examples with target 0 count in your loss. Those with target 1 have a term of their own, t log p; without "
    "it, saying 0 to everything would be perfect.",
)
def _(logits, targets):
    return np.mean((1 - targets) * np.logaddexp(0, logits))


@binary_cross_entropy.mistake(
    "targets_ignored_as_zeros",
    "Your loss treats every example as if its target were 0.",
)
def _(logits, targets):
    return np.mean(np.logaddexp(0, logits))


@binary_cross_entropy.mistake(
    "targets_swapped",
    "Zeros and ones are swapped: your loss is small when every answer is wrong. −log p belongs to the target 1.",
)
def _(logits, targets):
    return np.mean(_bernoulli(logits, 1 - targets))


@binary_cross_entropy.mistake(
    "targets_of_plus_and_minus_one",
    "log(1 + exp(−t a)) is the same loss for labels ±1. Here the targets are 0 and 1, and with t = 0 your loss is log 2, "
    "whatever the network says.",
)
def _(logits, targets):
    return np.mean(np.logaddexp(0, -targets * logits))


@binary_cross_entropy.mistake(
    "targets_rounded",
    "You decide between t = 1 and t = 0. A target may lie between them: t and 1 − t are then the weights of the two terms.",
)
def _(logits, targets):
    return np.mean(_bernoulli(logits, (targets >= 0.5) * 1.0))


@binary_cross_entropy.mistake(
    "targets_compared_with_one",
    "You treat every target other than 1 as 0. A target may lie between them: t and 1 − t are then the weights of the "
    "two terms.",
)
def _(logits, targets):
    return np.mean(_bernoulli(logits, (targets == 1) * 1.0))


@binary_cross_entropy.mistake(
    "squared_error",
    "You give the squared error of the probabilities. The cross-entropy is −log of the probability that was given to "
    "what is true.",
)
def _(logits, targets):
    return np.mean((_sigmoid(logits) - targets) ** 2)


@binary_cross_entropy.mistake(
    "logarithm_of_base_two",
    "You measure in bits: your logarithm has the base 2. In this course log is the natural logarithm, as in np.log.",
)
def _(logits, targets):
    return np.mean(_bernoulli(logits, targets)) / np.log(2)


@binary_cross_entropy.alternative
def with_logaddexp(logits, targets):
    return np.mean(np.logaddexp(0, logits) - targets * logits)


@binary_cross_entropy.alternative
def with_the_absolute_value(logits, targets):
    losses = np.maximum(logits, 0) - logits * targets + np.log1p(np.exp(-np.abs(logits)))
    return float(losses.mean())


@binary_cross_entropy.alternative
def with_a_loop(logits, targets):
    total = 0.0
    for a, t in zip(logits, targets, strict=True):
        small = math.log(1 + math.exp(-abs(a)))
        total += t * (small + max(-a, 0)) + (1 - t) * (small + max(a, 0))
    return np.float32(total / len(logits))


@binary_cross_entropy.alternative
def as_two_classes(logits, targets):
    both = np.stack([np.zeros(len(logits)), logits], axis=1)
    log_p = both - np.logaddexp.reduce(both, axis=1, keepdims=True)
    return -np.mean((1 - targets) * log_p[:, 0] + targets * log_p[:, 1])


# ---------------------------------------------------------------------------- cross_entropy

cross_entropy = chapter.exercise(
    "cross_entropy",
    signature="cross_entropy(logits: (N, K) float64, labels: (N,) int64) -> E: float",
    outputs=("E",),
    points=2,
    uses=("log_softmax", "softmax"),
    forbids=LIBRARIES,
    section=PAGE + "cross-entropy",
)


def _classified(random, N, K, scale=2.0):
    labels = random.integers(K, size=N)
    labels[0], labels[-1] = 0, K - 1
    return {"logits": scale * random.normal(size=(N, K)), "labels": labels}


@cross_entropy.case("more examples than classes")
def _(random) -> dict[str, PlainData]:
    return _classified(random, 5, 3)


@cross_entropy.case("one example, of the last class")
def _(random) -> dict[str, PlainData]:
    return _classified(random, 1, 4)


@cross_entropy.case("more classes than examples, none of the last class")
def _(random) -> dict[str, PlainData]:
    return {**_classified(random, 3, 7), "labels": np.array([0, 4, 2])}


@cross_entropy.case("rows near +1000 and near −1000")
def _(random) -> dict[str, PlainData]:
    case = _classified(random, 4, 5)
    case["logits"] += np.array([1000.0, -1000.0, 0.0, 1000.0])[:, None]
    return case


@cross_entropy.case("sure and wrong")
def _(random) -> dict[str, PlainData]:
    case = _classified(random, 6, 4)
    case["logits"][2, (case["labels"][2] + 1) % 4] += 1500.0
    return case


@cross_entropy.case("large batch", secret=True)
def _(random) -> dict[str, PlainData]:
    return _classified(random, 90, 13, scale=20.0)


@cross_entropy.case("two classes", secret=True)
def _(random) -> dict[str, PlainData]:
    return _classified(random, 9, 2)


@cross_entropy.reference
def _(logits, labels):
    from autograder.kernels.softmax_cross_entropy import softmax_cross_entropy

    return softmax_cross_entropy(_tensor(logits), _tensor(labels)).item()


def _chosen(log_p, labels):
    return log_p[np.arange(len(labels)), labels]


@cross_entropy.mistake(
    "softmax_twice",
    "Softmax is applied twice: you turn the logits into probabilities and give them to a function that takes logits. "
    "Then no prediction can be sure, and the loss never comes near 0 (erratum E44).",
    PAGE + "twice",
)
def _(logits, labels):
    return -np.mean(_chosen(_log_shares(_shares(logits)), labels))


@cross_entropy.mistake(
    "log_of_softmax",
    "You take the logarithm of softmax. Whoever is sure and wrong gives the right class a probability that is 0 for a "
    "computer, and the loss becomes infinite. Your log_softmax gives a plain number there.",
    PAGE + "stable",
)
def _(logits, labels):
    with _quiet():
        return -np.mean(_chosen(np.log(_shares(logits)), labels))


@cross_entropy.mistake(
    "zero_times_infinity",
    "Your sum over the classes multiplies one-hot targets by log p. Where a probability is 0 for a computer its logarithm is "
    "−∞, and 0 · ∞ is not a number. Your log_softmax has no infinities.",
    PAGE + "stable",
)
def _(logits, labels):
    with _quiet():
        return -np.sum(np.eye(logits.shape[1])[labels] * np.log(_shares(logits))) / len(labels)


@cross_entropy.mistake(
    "overflow",
    "Right for moderate logits, but exp overflows in rows near 1000 and gives 0 near −1000, and the loss is not a number. "
    "Use log-probabilities with each row's largest logit subtracted: your log_softmax.",
    PAGE + "stable",
)
def _(logits, labels):
    with _quiet():
        return -np.mean(_chosen(_log_shares(logits, shift="none"), labels))


_add_epsilons(
    cross_entropy,
    lambda epsilon, logits, labels: -np.mean(_chosen(np.log(_shares(logits) + epsilon), labels)),
    "You keep the logarithm finite by adding (or clipping at) a small number. Whoever is sure and wrong then pays "
    "−log ε at most, and the loss has no slope any more where it is needed most. Log-probabilities need no ε.",
    PAGE + "stable",
)


@cross_entropy.mistake(
    "sum_over_the_batch",
    "You add up over the examples. The loss of a batch is the mean over its N examples.",
)
def _(logits, labels):
    return -np.sum(_chosen(_log_shares(logits), labels))


@cross_entropy.mistake(
    "mean_over_the_classes_too",
    "You divide by N·K: a mean over a table that is 0 except at the labels. Over the classes there is a sum (with one "
    "term that counts), over the examples a mean.",
)
def _(logits, labels):
    return -np.sum(_chosen(_log_shares(logits), labels)) / logits.size


@cross_entropy.mistake(
    "one_loss_per_example",
    "You return one number for each example. The loss of a batch is one number, the mean over its examples.",
)
def _(logits, labels):
    return -_chosen(_log_shares(logits), labels)


@cross_entropy.mistake(
    "wrong_sign",
    "The sign is reversed: you give the mean log-likelihood, which is to be made large. The loss is its negative, "
    "and never below 0.",
)
def _(logits, labels):
    return np.mean(_chosen(_log_shares(logits), labels))


@cross_entropy.mistake(
    "every_label_for_every_example",
    "log_p[:, labels] takes all the labels' columns for every row: an array (N, N). You want entry labels[0] of row 0, "
    "labels[1] of row 1, and so on: index rows and columns together.",
)
def _(logits, labels):
    return -np.mean(_log_shares(logits)[:, labels])


@cross_entropy.mistake(
    "rows_for_labels",
    "log_p[labels] takes whole rows, as if a label were the number of an example. Labels say which column counts.",
)
def _(logits, labels):
    return -np.mean(_log_shares(logits)[labels % len(labels)])


@cross_entropy.mistake(
    "labels_from_one",
    "You count the classes from 1, so the entry one place too far left is taken. Labels here start at 0.",
)
def _(logits, labels):
    return -np.mean(_chosen(_log_shares(logits), labels - 1))


@cross_entropy.mistake(
    "classes_counted_from_labels",
    "Your one-hot targets have as many columns as the largest label asks for. A batch need not hold every class: K is the "
    "number of columns of logits.",
)
def _(logits, labels):
    return -np.sum(np.eye(labels.max() + 1)[labels] * _log_shares(logits)) / len(labels)


@cross_entropy.mistake(
    "labels_ignored",
    "You average the log-probabilities of all classes, and the labels do not matter. Only the true class of each example "
    "counts.",
)
def _(logits, labels):
    return -np.mean(_log_shares(logits))


@cross_entropy.mistake(
    "logarithm_of_the_mean",
    "You average the probabilities first and take the logarithm of the mean. It is the mean of the logarithms: the "
    "probability of all answers is a product.",
    PAGE + "loss",
)
def _(logits, labels):
    return -np.log(np.mean(_chosen(_shares(logits), labels)))


@cross_entropy.mistake(
    "squared_error",
    "You give the squared error of the probabilities. The cross-entropy is −log of the probability that was given to the "
    "true class.",
)
def _(logits, labels):
    return np.mean(np.sum((_shares(logits) - np.eye(logits.shape[1])[labels]) ** 2, axis=1))


@cross_entropy.mistake(
    "predicted_class",
    "You take the probability of the most probable class, whatever the label is. The loss asks what probability was "
    "given to the class that is true.",
)
def _(logits, labels):
    return -np.mean(_log_shares(logits).max(axis=1))


@cross_entropy.mistake(
    "logarithm_missing",
    "You average the probabilities of the right classes, without the logarithm. Then being sure and wrong costs hardly "
    "more than being unsure.",
)
def _(logits, labels):
    return -np.mean(_chosen(_shares(logits), labels))


@cross_entropy.mistake(
    "softmax_missing",
    "You average the right classes' logits as if they were log-probabilities. log Σ exp(a) is still to be subtracted "
    "from them.",
)
def _(logits, labels):
    return -np.mean(_chosen(logits, labels))


@cross_entropy.mistake(
    "softmax_over_the_batch",
    "Your softmax runs down axis 0, over the examples. It has to run over the classes of each example (erratum E44).",
    PAGE + "softmax",
)
def _(logits, labels):
    return -np.mean(_chosen(_log_shares(logits, axis=0, shift=0), labels))


@cross_entropy.mistake(
    "every_class_a_question",
    "You give each class a binary cross-entropy and add them up. With softmax one term is enough, the one of the true "
    "class: the other probabilities are in its denominator already.",
    PAGE + "output",
)
def _(logits, labels):
    p, y = _shares(logits), labels[:, None] == np.arange(logits.shape[1])
    with _quiet():
        return -np.mean(np.sum(np.where(y, np.log(p), np.log(1 - p)), axis=1))


@cross_entropy.mistake(
    "logarithm_of_base_two",
    "You measure in bits: your logarithm has the base 2. In this course log is the natural logarithm, as in np.log.",
)
def _(logits, labels):
    return -np.mean(_chosen(_log_shares(logits), labels)) / np.log(2)


@cross_entropy.alternative
def with_one_hot_targets(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -(np.eye(logits.shape[1])[labels] * log_p).sum() / len(labels)


@cross_entropy.alternative
def with_a_loop(logits, labels):
    total = 0.0
    for a, y in zip(logits, labels, strict=True):
        top = a.max()
        total += top + math.log(sum(math.exp(a_k - top) for a_k in a)) - a[y]
    return np.float32(total / len(labels))


@cross_entropy.alternative
def with_take_along_axis(logits, labels):
    right = np.take_along_axis(logits, labels[:, None], axis=1)
    return np.mean(np.logaddexp.reduce(logits - right, axis=1))


# ---------------------------------------------------------------------------- penalty

penalty = chapter.exercise(
    "penalty",
    signature=(
        "penalty(weights: list of L (D_in, D_out) float64, biases: list of L (D_out,) float64, "
        'kind: "l1" or "l2", strength: float) -> value: float'
    ),
    outputs=("value",),
    points=2,
    forbids=LIBRARIES,
    section=PAGE + "penalty",
)


def _parameters(random, sizes, kind, strength):
    pairs = list(itertools.pairwise(sizes))
    return {
        "weights": [random.normal(size=pair) for pair in pairs],
        "biases": [random.uniform(0.5, 1.5, size=K) for _, K in pairs],
        "kind": kind,
        "strength": strength,
    }


@penalty.case("L2, three layers")
def _(random) -> dict[str, PlainData]:
    return _parameters(random, [3, 5, 4, 2], "l2", 0.3)


@penalty.case("L1, three layers")
def _(random) -> dict[str, PlainData]:
    return _parameters(random, [4, 2, 6, 3], "l1", 0.7)


@penalty.case("L2, one layer")
def _(random) -> dict[str, PlainData]:
    return _parameters(random, [6, 4], "l2", 1.6)


@penalty.case("L1, one layer")
def _(random) -> dict[str, PlainData]:
    return _parameters(random, [3, 7], "l1", 0.05)


@penalty.case("no penalty", secret=True)
def _(random) -> dict[str, PlainData]:
    return _parameters(random, [5, 3, 2], "l2", 0.0)


@penalty.case("L1, deep", secret=True)
def _(random) -> dict[str, PlainData]:
    return _parameters(random, [7, 9, 3, 8, 5, 2], "l1", 2.4)


@penalty.case("L2, deep", secret=True)
def _(random) -> dict[str, PlainData]:
    return _parameters(random, [2, 11, 6, 13, 4], "l2", 0.02)


@penalty.reference
def _(weights, biases, kind, strength):
    from autograder.kernels.matmul import matmul

    w = _tensor(np.concatenate([W.reshape(-1) for W in weights]))[None]
    return strength * matmul(w.sign() if kind == "l1" else w, w.T).item()


def _l1(array):
    return np.abs(array).sum()


def _l2(array):
    return (array**2).sum()


def _penalty(weights, kind, strength, l1=_l1, l2=_l2):
    """Answer with another measure of one matrix."""
    return strength * sum((l1 if kind == "l1" else l2)(W) for W in weights)


@penalty.mistake(
    "biases_penalised",
    "You penalise the biases too. Only weights are penalised: a bias does not make the network wilder, it moves a unit's "
    "threshold, and pulling it to 0 costs fit for nothing.",
)
def _(weights, biases, kind, strength):
    return _penalty([*weights, *biases], kind, strength)


@penalty.mistake(
    "halved",
    "Your L2 penalty has a factor ½, which the task does not have. Both conventions exist; with ½ the gradient is λW, "
    "without it 2λW.",
)
def _(weights, biases, kind, strength):
    return _penalty(weights, kind, strength, l2=lambda W: _l2(W) / 2)


@penalty.mistake(
    "norm_not_squared",
    "Your L2 penalty adds up the norms ‖W‖. The penalty is the sum of their squares, ‖W‖², without a root.",
)
def _(weights, biases, kind, strength):
    return _penalty(weights, kind, strength, l2=np.linalg.norm)


@penalty.mistake(
    "root_of_the_sum",
    "You take a square root of the sum of all squares. The penalty is that sum itself.",
)
def _(weights, biases, kind, strength):
    if kind == "l1":
        return _penalty(weights, kind, strength)
    return strength * np.sqrt(sum(_l2(W) for W in weights))


@penalty.mistake(
    "matrix_norms",
    "np.linalg.norm(W, 1) of a *matrix* is its largest column sum, and np.linalg.norm(W, 2) its largest singular value. "
    "The penalty treats all entries alike: sums of |w| and of w² over the whole matrix.",
)
def _(weights, biases, kind, strength):
    return _penalty(
        weights, kind, strength, lambda W: np.linalg.norm(W, 1), lambda W: np.linalg.norm(W, 2) ** 2
    )


@penalty.mistake(
    "matrix_norms_not_squared",
    "np.linalg.norm(W, 1) of a *matrix* is its largest column sum, and np.linalg.norm(W, 2) its largest singular value. "
    "The penalty treats all entries alike: sums of |w| and of w² over the whole matrix, and the latter without a root.",
)
def _(weights, biases, kind, strength):
    return _penalty(
        weights, kind, strength, lambda W: np.linalg.norm(W, 1), lambda W: np.linalg.norm(W, 2)
    )


@penalty.mistake(
    "largest_column_sum",
    "Your L2 penalty is right. Your L1 penalty is the largest column sum: that is what np.linalg.norm(W, 1) means for a "
    "matrix. The penalty is the sum of |w| over all entries.",
)
def _(weights, biases, kind, strength):
    return _penalty(weights, kind, strength, l1=lambda W: np.linalg.norm(W, 1))


@penalty.mistake(
    "largest_singular_value",
    "Your L1 penalty is right. Your L2 penalty has the square of the largest singular value: that is what "
    "np.linalg.norm(W, 2) means for a matrix. The Frobenius norm adds up the squares of all entries.",
)
def _(weights, biases, kind, strength):
    return _penalty(weights, kind, strength, l2=lambda W: np.linalg.norm(W, 2) ** 2)


@penalty.mistake(
    "largest_singular_value_not_squared",
    "Your L1 penalty is right. Your L2 penalty adds up the largest singular values: that is what np.linalg.norm(W, 2) "
    "means for a matrix. The penalty adds up the squares of all entries.",
)
def _(weights, biases, kind, strength):
    return _penalty(weights, kind, strength, l2=lambda W: np.linalg.norm(W, 2))


@penalty.mistake(
    "signs_kept",
    "Your L1 penalty adds up the weights with their signs, so that they cancel. It is a sum of absolute values.",
)
def _(weights, biases, kind, strength):
    return _penalty(weights, kind, strength, l1=np.sum)


@penalty.mistake(
    "absolute_value_of_the_sum",
    "Your L1 penalty sums first and takes the absolute value then, so that weights of opposite signs cancel. Take the "
    "absolute value of each weight first.",
)
def _(weights, biases, kind, strength):
    return _penalty(weights, kind, strength, l1=lambda W: abs(W.sum()))


@penalty.mistake(
    "square_of_the_sum",
    "Your L2 penalty sums first and squares then, so that weights of opposite signs cancel. Square each weight first.",
)
def _(weights, biases, kind, strength):
    return _penalty(weights, kind, strength, l2=lambda W: W.sum() ** 2)


@penalty.mistake(
    "mean_of_the_weights",
    "You take a mean over each matrix. The penalty is a sum over all weights; otherwise a large layer would pay no more "
    "than a small one.",
)
def _(weights, biases, kind, strength):
    return _penalty(weights, kind, strength, lambda W: np.abs(W).mean(), lambda W: (W**2).mean())


@penalty.mistake(
    "kinds_swapped",
    "The two kinds are swapped: L1 is the sum of |w|, L2 the sum of w².",
)
def _(weights, biases, kind, strength):
    return _penalty(weights, kind, strength, l1=_l2, l2=_l1)


@penalty.mistake(
    "always_l2",
    'You give the L2 penalty for both kinds. The kinds are spelled "l1" and "l2", with a small letter.',
)
def _(weights, biases, kind, strength):
    return _penalty(weights, "l2", strength)


@penalty.mistake(
    "always_l1",
    'You give the L1 penalty for both kinds. The kinds are spelled "l1" and "l2", with a small letter.',
)
def _(weights, biases, kind, strength):
    return _penalty(weights, "l1", strength)


@penalty.mistake(
    "both_kinds",
    "You add the L1 and the L2 penalty. `kind` says which of them is asked for.",
)
def _(weights, biases, kind, strength):
    return _penalty(weights, "l1", strength) + _penalty(weights, "l2", strength)


@penalty.mistake(
    "strength_squared_too",
    "For L2 you square λ as well. It stands outside the sum: λ Σ w².",
)
def _(weights, biases, kind, strength):
    return _penalty(weights, kind, strength) * (strength if kind == "l2" else 1)


@penalty.mistake(
    "strength_missing",
    "λ is missing: the penalty is strength times the sum.",
)
def _(weights, biases, kind, strength):
    return _penalty(weights, kind, 1.0)


@penalty.mistake(
    "last_layer_only",
    "Only the last layer's weights count in your sum. If you collect it in a loop: add to what is there (+=).",
)
def _(weights, biases, kind, strength):
    return _penalty(weights[-1:], kind, strength)


@penalty.mistake(
    "first_layer_only",
    "Only the first layer's weights count in your sum. If there is a loop: does it return in its first round?",
)
def _(weights, biases, kind, strength):
    return _penalty(weights[:1], kind, strength)


@penalty.alternative
def with_frobenius_norms(weights, biases, kind, strength):
    total = 0
    for W in weights:
        total += np.linalg.norm(W) ** 2 if kind == "l2" else np.linalg.norm(W.ravel(), 1)
    return strength * total


@penalty.alternative
def with_one_long_vector(weights, biases, kind, strength):
    w = np.concatenate([W.ravel() for W in weights]).astype(np.float32)
    return strength * (w @ w if kind == "l2" else w @ np.sign(w))


@penalty.alternative
def with_traces(weights, biases, kind, strength):
    power = {"l1": 1, "l2": 2}[kind]
    return float(sum(strength * abs(w) ** power for W in weights for w in W.flat))


# ---------------------------------------------------------------------------- count_parameters

count_parameters = chapter.exercise(
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


# ---------------------------------------------------------------------------- initialize

initialize = chapter.exercise(
    "initialize",
    signature=(
        'initialize(noise: list of L (D_in, D_out) float64, scheme: "zeros", "xavier" or "he")'
        " -> weights: list of L (D_in, D_out) float64, biases: list of L (D_out,) float64"
    ),
    outputs=("weights", "biases"),
    points=2,
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
        weights.append(matmul(_tensor(z), _tensor(np.sqrt(variance) * np.eye(D_out))).numpy())
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


for _id, _message, _changes in (
    (
        "variance_for_deviation",
        "You multiply by the variance. Multiplying noise by s multiplies its variance by s²: s is the standard "
        "deviation, the square root.",
        {"xavier": lambda D_in, D_out: 2 / (D_in + D_out), "he": lambda D_in, D_out: 2 / D_in},
    ),
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
        "with the backward one, 2/(D_in + D_out).",
        {"xavier": lambda D_in, D_out: math.sqrt(1 / D_in)},
    ),
    (
        "he_without_the_two",
        "Your He weights have variance 1/D_in. ReLU switches half of the units off; the factor 2 makes up for it.",
        {"he": lambda D_in, D_out: math.sqrt(1 / D_in)},
    ),
    (
        "he_for_both",
        "Your Xavier weights have the variance of He, 2/D_in. Xavier looks at the outputs as well: 2/(D_in + D_out).",
        {"xavier": lambda D_in, D_out: math.sqrt(2 / D_in)},
    ),
    (
        "xavier_for_both",
        "Your He weights have the variance of Xavier, 2/(D_in + D_out). He looks at the inputs alone: 2/D_in.",
        {"he": lambda D_in, D_out: math.sqrt(2 / (D_in + D_out))},
    ),
    (
        "xavier_from_the_outputs_alone",
        "Your Xavier weights have variance 2/D_out. Xavier looks at inputs and outputs: 2/(D_in + D_out).",
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
        "Your Xavier weights have variance 1/(D_in + D_out), half of what is asked for: 2/(D_in + D_out) is one over "
        "the *mean* of the two sizes.",
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
