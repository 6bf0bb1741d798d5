import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.neuron.shared import PAGE, logistic
from autograder.exercises.shared import LIBRARIES, as_tensor
from dlarch.plain import PlainData

neuron = Exercise(
    "neuron",
    signature=(
        "neuron(x: (N, D) float64, w: (D,) float64, b: float, g: function of arrays)"
        " -> h: (N,) float64"
    ),
    outputs=("h",),
    form="transcribe",
    points=1,
    driver="neuron.with_activation",
    forbids=LIBRARIES,
    section=PAGE + "model",
)


def _inputs(random, N, D, g):
    return {
        "x": random.normal(size=(N, D)),
        "w": random.normal(size=D),
        "b": float(random.uniform(0.3, 1.5) * random.choice([-1, 1])),
        "g": g,
    }


@neuron.case("tanh")
def _(random) -> dict[str, PlainData]:
    return _inputs(random, 5, 3, "tanh")


@neuron.case("identity, one example")
def _(random) -> dict[str, PlainData]:
    return _inputs(random, 1, 4, "identity")


@neuron.case("arctan, one input")
def _(random) -> dict[str, PlainData]:
    return _inputs(random, 6, 1, "arctan")


@neuron.case("threshold, one example exactly on it")
def _(random) -> dict[str, PlainData]:
    w = random.permutation([-3.0, -1.0, 2.0, 5.0])
    x = random.integers(-4, 5, size=(6, 4)).astype(float)
    return {"x": x, "w": w, "b": -float(x[2] @ w), "g": "threshold"}


@neuron.case("as many inputs as examples")
def _(random) -> dict[str, PlainData]:
    return _inputs(random, 4, 4, "arctan")


@neuron.case("no bias")
def _(random) -> dict[str, PlainData]:
    return {**_inputs(random, 3, 2, "tanh"), "b": 0.0}


@neuron.case("threshold, many inputs", secret=True)
def _(random) -> dict[str, PlainData]:
    return _inputs(random, 70, 33, "threshold")


@neuron.case("as many inputs as examples, more of both", secret=True)
def _(random) -> dict[str, PlainData]:
    return _inputs(random, 7, 7, "tanh")


@neuron.reference
def _(x, w, b, g):
    from autograder.kernels.linear import linear

    return g(linear(as_tensor(x), as_tensor(w)[None], as_tensor([b]))[:, 0].numpy())


@neuron.mistake(
    "bias_missing",
    "The bias is missing: g is applied to w·x alone. Without b the neuron is linear and not affine: whatever w is, "
    "the place where it decides goes through the origin (erratum E53).",
)
def _(x, w, b, g):
    return g(x @ w)


@neuron.mistake(
    "activation_missing",
    "You stop at the pre-activation a = w·x + b. The neuron's output is h = g(a).",
)
def _(x, w, b, g):
    return x @ w + b


@neuron.mistake(
    "bias_after_activation",
    "You add the bias after the activation: g(w·x) + b. It belongs inside: b shifts the point at which the neuron "
    "switches on, not its output.",
)
def _(x, w, b, g):
    return g(x @ w) + b


@neuron.mistake(
    "activation_of_inputs",
    "You apply g to the inputs and weight the result. Sum first, then activate: one number a per example, "
    "then g(a).",
)
def _(x, w, b, g):
    return g(x) @ w + b


@neuron.mistake(
    "bias_for_every_input",
    "You add b to every product before the sum, so it is counted once for each input. "
    "A neuron has one bias, added once to w·x.",
)
def _(x, w, b, g):
    return g((x * w + b).sum(axis=1))


@neuron.mistake(
    "bias_added_to_inputs",
    "You add b to every input, so the weights act on it too. A neuron has one bias, added once to w·x.",
)
def _(x, w, b, g):
    return g((x + b) @ w)


@neuron.mistake(
    "bias_subtracted",
    "You subtract b. A threshold θ would be subtracted; the bias is b = −θ and is added.",
)
def _(x, w, b, g):
    return g(x @ w - b)


@neuron.mistake(
    "activation_of_its_own",
    "You apply an activation of your own choice. The caller chooses it: g is an argument.",
)
def _(x, w, b, g):
    return np.tanh(x @ w + b)


@neuron.mistake("activation_of_its_own")
def _(x, w, b, g):
    return logistic(x @ w + b)


@neuron.mistake("activation_of_its_own")
def _(x, w, b, g):
    return np.maximum(x @ w + b, 0)


@neuron.mistake("activation_of_its_own")
def _(x, w, b, g):
    return np.where(x @ w + b >= 0, 1.0, 0.0)


@neuron.mistake(
    "mean_of_the_products",
    "You take the mean of the products w_d x_d. A neuron adds them up.",
)
def _(x, w, b, g):
    return g((x * w).mean(axis=1) + b)


@neuron.mistake(
    "one_output_for_the_batch",
    "You add up over all examples, too, and give one number. Each example has a sum, and an output, of its own.",
)
def _(x, w, b, g):
    return g(np.sum(x * w) + b)


@neuron.mistake("one_output_for_the_batch")
def _(x, w, b, g):
    return np.sum(g(x @ w + b))


@neuron.mistake(
    "products_not_added",
    "You give one number for each input: the products w_d x_d still have to be added up.",
)
def _(x, w, b, g):
    return g(x * w + b)


@neuron.mistake(
    "activated_twice",
    "You apply g twice.",
)
def _(x, w, b, g):
    return g(g(x @ w + b))


@neuron.alternative
def with_loops(x, w, b, g):
    h = []
    for row in x:
        a = b
        for x_d, w_d in zip(row, w, strict=True):
            a += x_d * w_d
        h.append(g(np.array(a)))
    return np.array(h, dtype=np.float32)


@neuron.alternative
def with_einsum(x, w, b, g):
    return g(np.einsum("nd,d->n", x, w) + b)


@neuron.alternative
def with_a_constant_input(x, w, b, g):
    return g(np.column_stack([np.ones(len(x)), x]) @ np.append(b, w))
