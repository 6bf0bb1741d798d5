"""Exercises of chapter 04: backpropagation."""

import itertools
import math

import numpy as np

from autograder.exercise import Chapter
from dlarch.checks_file import Part
from dlarch.compare import Tolerance
from dlarch.plain import PlainData

chapter = Chapter("04_backpropagation")

PAGE = "04_backpropagation.html#backpropagation-"
BY_HAND = ("torch", "autograd", "jax", "tensorflow")
ACTIVATIONS = {
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
    "tanh": np.tanh,
    "relu": lambda a: np.maximum(a, 0),
    "identity": lambda a: a,
}
SLOPES = {
    "sigmoid": lambda h: h * (1 - h),
    "tanh": lambda h: 1 - h**2,
    "relu": lambda h: (h > 0) * 1.0,
    "identity": np.ones_like,
}
"""g′ written in the cached output h = g(a)."""


def _tensor(array):
    import torch

    return torch.from_numpy(np.ascontiguousarray(array))


# ---------------------------------------------------------------------------- neuron_gradients

neuron_gradients = chapter.exercise(
    "neuron_gradients",
    signature=(
        "neuron_gradients(x: (D,) float64, w: (D,) float64, b: float, t: float)"
        " -> E: float, dw: (D,) float64, db: float"
    ),
    outputs=("E", "dw", "db"),
    points=2,
    forbids=BY_HAND,
    section=PAGE + "neuron",
)


def _neuron(random, D, above):
    """Draw a neuron whose output lies above or below its target."""
    x, w, b = random.normal(size=D), random.normal(size=D), float(random.normal())
    o = float(ACTIVATIONS["sigmoid"](w @ x + b))
    part = random.uniform(0.2, 0.6)
    t = o * (1 - part) if above else o + (1 - o) * part
    return {"x": x, "w": w, "b": b, "t": float(t)}


@neuron_gradients.case("output above the target")
def _(random) -> dict[str, PlainData]:
    return _neuron(random, 3, above=True)


@neuron_gradients.case("output below the target")
def _(random) -> dict[str, PlainData]:
    return _neuron(random, 5, above=False)


@neuron_gradients.case("one input")
def _(random) -> dict[str, PlainData]:
    return _neuron(random, 1, above=False)


@neuron_gradients.case("many inputs, large net input", secret=True)
def _(random) -> dict[str, PlainData]:
    case = _neuron(random, 40, above=True)
    return {**case, "t": -0.5}


@neuron_gradients.reference
def _(x, w, b, t):
    import torch

    from autograder.kernels.linear import linear

    weight = _tensor(w)[None].requires_grad_(True)
    bias = torch.tensor([b], dtype=torch.float64, requires_grad=True)
    o = linear(_tensor(x)[None], weight, bias, activation="sigmoid")
    E = ((o - t) ** 2 / 2).sum()
    dw, db = torch.autograd.grad(E, (weight, bias))
    return E.item(), dw[0].numpy(), float(db)


def _right_neuron_delta(a, o, t):
    return (o - t) * o * (1 - o)


def _neuron_answer(
    x, w, b, t, delta=_right_neuron_delta, bias_factor=1.0, E=lambda error: error**2 / 2
):
    """Answer with another δ, a function of a, o and t."""
    a = float(w @ x + b)
    o = 1 / (1 + math.exp(-a))
    d = delta(a, o, t)
    return E(o - t), d * x, d * bias_factor


@neuron_gradients.mistake(
    "absolute_error",
    "You go back from |o − t|: that is right when the output is too high, and has the wrong sign when it is "
    "too low. The derivative of ½(o − t)² keeps the sign of o − t (erratum E07).",
    PAGE + "neuron",
)
def _(x, w, b, t):
    return _neuron_answer(x, w, b, t, lambda a, o, t: abs(o - t) * o * (1 - o))


@neuron_gradients.mistake(
    "descent_direction",
    "You return −∂E/∂w, the direction in which the weights should move. The gradient itself points uphill; "
    "the minus sign belongs to the update, not to the gradient.",
    PAGE + "neuron",
)
def _(x, w, b, t):
    return _neuron_answer(x, w, b, t, lambda a, o, t: (t - o) * o * (1 - o))


@neuron_gradients.mistake(
    "slope_dropped",
    "You left out the derivative of the sigmoid. The error o − t is ∂E/∂o; on its way to w and b it has to pass "
    "through o = σ(a), which multiplies it by σ′(a).",
    PAGE + "neuron",
)
def _(x, w, b, t):
    return _neuron_answer(x, w, b, t, lambda a, o, t: o - t)


@neuron_gradients.mistake(
    "slope_at_output",
    "You took the derivative of the sigmoid at o. It has to be taken at a = w·x + b; σ′(a) can be written with "
    "o = σ(a), but it is not σ′(o).",
    PAGE + "neuron",
)
def _(x, w, b, t):
    s = ACTIVATIONS["sigmoid"]
    return _neuron_answer(x, w, b, t, lambda a, o, t: (o - t) * float(s(o) * (1 - s(o))))


@neuron_gradients.mistake(
    "slope_of_net_input",
    "You computed σ′ as a(1 − a), with the net input a where the output o belongs. "
    "The short form of σ′ is written in the output of the neuron.",
    PAGE + "neuron",
)
def _(x, w, b, t):
    return _neuron_answer(x, w, b, t, lambda a, o, t: (o - t) * a * (1 - a))


@neuron_gradients.mistake(
    "factor_two",
    "Your gradients are twice too large: you differentiated (o − t)², but E here carries a factor ½ that "
    "cancels the 2.",
    PAGE + "neuron",
)
def _(x, w, b, t):
    return _neuron_answer(x, w, b, t, lambda a, o, t: 2 * (o - t) * o * (1 - o))


@neuron_gradients.mistake(
    "half_dropped",
    "E and its gradients are all twice too large: you used (o − t)², where this task has ½(o − t)².",
    PAGE + "neuron",
)
def _(x, w, b, t):
    return _neuron_answer(
        x, w, b, t, lambda a, o, t: 2 * (o - t) * o * (1 - o), E=lambda error: error**2
    )


@neuron_gradients.mistake(
    "bias_times_delta",
    "dw is right, but you multiplied db by b. The bias acts like the weight of an input that is always 1; "
    "put that input where x stands in dw.",
    PAGE + "neuron",
)
def _(x, w, b, t):
    return _neuron_answer(x, w, b, t, bias_factor=b)


@neuron_gradients.mistake(
    "weights_for_inputs",
    "E and db are right, but for dw you multiplied δ by the weights. The last factor is ∂a/∂w: how fast the weighted "
    "sum grows with a weight.",
    PAGE + "neuron",
)
def _(x, w, b, t):
    E, _, db = _neuron_answer(x, w, b, t)
    return E, db * w, db


@neuron_gradients.alternative
def with_exponentials(x, w, b, t):
    e = np.exp(-(np.dot(w, x) + b))
    o = 1 / (1 + e)
    delta = (o - t) * e / (1 + e) ** 2
    return 0.5 * (o - t) ** 2, delta * x, delta


@neuron_gradients.alternative
def with_loop(x, w, b, t):
    a = b
    for i in range(len(x)):
        a += w[i] * x[i]
    o = 1 / (1 + math.exp(-a))
    db = (o - t) * o * (1 - o)
    return (o - t) * (o - t) / 2, np.array([db * x_i for x_i in x], dtype=np.float32), db


# ---------------------------------------------------------------------------- output_delta

output_delta = chapter.exercise(
    "output_delta",
    signature=(
        "output_delta(h: (N, K) float64, t: (N, K) float64, activation: str) -> delta: (N, K) float64"
    ),
    outputs=("delta",),
    points=1,
    forbids=BY_HAND,
    section=PAGE + "output-delta",
)


def _outputs(random, N, K, activation):
    h = ACTIVATIONS[activation](random.normal(size=(N, K)))
    return {"h": h, "t": random.uniform(-1, 1, size=(N, K)), "activation": activation}


@output_delta.case("sigmoid")
def _(random) -> dict[str, PlainData]:
    return _outputs(random, 5, 3, "sigmoid")


@output_delta.case("tanh")
def _(random) -> dict[str, PlainData]:
    return _outputs(random, 4, 7, "tanh")


@output_delta.case("identity, one example")
def _(random) -> dict[str, PlainData]:
    return _outputs(random, 1, 4, "identity")


@output_delta.case("sigmoid, large batch", secret=True)
def _(random) -> dict[str, PlainData]:
    return _outputs(random, 65, 11, "sigmoid")


@output_delta.reference
def _(h, t, activation):
    from autograder.kernels.activations import activation_backward

    return activation_backward(_tensor(h), _tensor((h - t) / len(h)), activation).numpy()


@output_delta.mistake(
    "mean_dropped",
    "You left out the mean over the batch: E carries 1/N, so every δ of the output layer carries it too.",
    PAGE + "output-delta",
)
def _(h, t, activation):
    return (h - t) * SLOPES[activation](h)


@output_delta.mistake(
    "mean_over_all",
    "You divided by N·K. E is the mean over the N examples, but the sum over the K outputs of each.",
    PAGE + "output-delta",
)
def _(h, t, activation):
    return (h - t) * SLOPES[activation](h) / h.size


@output_delta.mistake(
    "absolute_error",
    "You took |h − t|: the sign is lost, and every output that is too low would be pushed further down "
    "(erratum E07).",
    PAGE + "output-delta",
)
def _(h, t, activation):
    return np.abs(h - t) * SLOPES[activation](h) / len(h)


@output_delta.mistake(
    "wrong_sign",
    "You used t − h. That is the direction to go; δ = ∂E/∂a is the gradient, which points uphill, and starts "
    "with h − t.",
    PAGE + "output-delta",
)
def _(h, t, activation):
    return (t - h) * SLOPES[activation](h) / len(h)


@output_delta.mistake(
    "slope_dropped",
    "You stopped at ∂E/∂h. δ is the derivative with respect to the pre-activation a: one more factor, g′(a).",
    PAGE + "output-delta",
)
def _(h, t, activation):
    return (h - t) / len(h)


@output_delta.mistake(
    "slope_of_output",
    "You applied the activation once more to h before taking its derivative: that is g′(h), not g′(a). "
    "h is already g(a), and g′(a) can be written in h directly.",
    PAGE + "activations",
)
def _(h, t, activation):
    return (h - t) * SLOPES[activation](ACTIVATIONS[activation](h)) / len(h)


@output_delta.mistake(
    "factor_two",
    "Twice too large: the 2 of the square cancels against the ½ in front of E.",
    PAGE + "output-delta",
)
def _(h, t, activation):
    return 2 * (h - t) * SLOPES[activation](h) / len(h)


@output_delta.alternative
def with_loops(h, t, activation):
    delta = np.empty((len(h), h.shape[1]), dtype=np.float32)
    slopes = {
        "sigmoid": lambda o: o - o * o,
        "tanh": lambda o: (1 - o) * (1 + o),
        "identity": lambda o: 1,
    }
    for n in range(h.shape[0]):
        for k in range(h.shape[1]):
            delta[n, k] = (h[n, k] - t[n, k]) * slopes[activation](h[n, k]) / h.shape[0]
    return delta


@output_delta.alternative
def from_the_preactivation(h, t, activation):
    if activation == "identity":
        slope = 1.0
    elif activation == "tanh":
        slope = 1 / np.cosh(np.arctanh(h)) ** 2
    else:
        e = np.exp(-np.log(h / (1 - h)))
        slope = e / (1 + e) ** 2
    return np.asfortranarray((h - t) / len(t) * slope)


# ---------------------------------------------------------------------------- hidden_delta

hidden_delta = chapter.exercise(
    "hidden_delta",
    signature=(
        "hidden_delta(delta_next: (N, K) float64, W_next: (D, K) float64, h: (N, D) float64, "
        "h_next: (N, K) float64, activation: str) -> delta: (N, D) float64"
    ),
    outputs=("delta",),
    points=2,
    forbids=BY_HAND,
    section=PAGE + "delta",
)


def _layer(random, N, D, K, activation):
    g = ACTIVATIONS[activation]
    h = g(random.normal(size=(N, D)))
    W_next = random.normal(size=(D, K))
    return {
        "delta_next": random.normal(size=(N, K)),
        "W_next": W_next,
        "h": h,
        "h_next": g(h @ W_next + random.normal(size=K)),
        "activation": activation,
    }


@hidden_delta.case("tanh")
def _(random) -> dict[str, PlainData]:
    return _layer(random, 5, 4, 3, "tanh")


@hidden_delta.case("sigmoid, one example")
def _(random) -> dict[str, PlainData]:
    return _layer(random, 1, 2, 3, "sigmoid")


@hidden_delta.case("square layer, sigmoid")
def _(random) -> dict[str, PlainData]:
    return _layer(random, 3, 4, 4, "sigmoid")


@hidden_delta.case("square layer, relu")
def _(random) -> dict[str, PlainData]:
    return _layer(random, 7, 5, 5, "relu")


@hidden_delta.case("wide layer, relu", secret=True)
def _(random) -> dict[str, PlainData]:
    return _layer(random, 33, 19, 6, "relu")


@hidden_delta.case("N = D = K, tanh", secret=True)
def _(random) -> dict[str, PlainData]:
    return _layer(random, 6, 6, 6, "tanh")


@hidden_delta.reference
def _(delta_next, W_next, h, h_next, activation):
    from autograder.kernels.activations import activation_backward
    from autograder.kernels.matmul import matmul

    dh = matmul(_tensor(delta_next), _tensor(W_next).T)
    return activation_backward(_tensor(h), dh, activation).numpy()


@hidden_delta.mistake(
    "derivative_at_target",
    "You took g′ at the unit the connection leads to, before the weights. Only the hidden unit's own activation lies "
    "between a_j and its output: g′ belongs to unit j itself, after the sum over k. The lecture's slide has the same "
    "slip (erratum E32).",
    PAGE + "delta",
)
def _(delta_next, W_next, h, h_next, activation):
    return (delta_next * SLOPES[activation](h_next)) @ W_next.T


@hidden_delta.mistake(
    "slope_before_weights",
    "You multiplied delta_next by g′ of this layer before the weights. That fits only where both layers have the same "
    "width, and even there it pairs the wrong units: first collect what arrives at unit j, then multiply by "
    "its own g′.",
    PAGE + "delta",
)
def _(delta_next, W_next, h, h_next, activation):
    return (delta_next * SLOPES[activation](h)) @ W_next.T


@hidden_delta.mistake(
    "derivative_at_both",
    "You multiplied by g′ twice: at this layer, which is right, and at the next one. delta_next is already the "
    "derivative with respect to the next layer's pre-activation, so its g′ is in it.",
    PAGE + "delta",
)
def _(delta_next, W_next, h, h_next, activation):
    return (delta_next * SLOPES[activation](h_next)) @ W_next.T * SLOPES[activation](h)


@hidden_delta.mistake(
    "slope_dropped",
    "You left out g′: what you return is ∂E/∂h, the error that arrives at the unit's output. δ is the derivative "
    "with respect to its pre-activation.",
    PAGE + "delta",
)
def _(delta_next, W_next, h, h_next, activation):
    return delta_next @ W_next.T


@hidden_delta.mistake(
    "weights_not_transposed",
    "You multiplied by W_next as in the forward pass. Going back, the error of unit j is a sum over the units k it "
    "feeds: the sum runs over the other index of W. On a square layer the shapes hide this.",
    PAGE + "delta",
)
def _(delta_next, W_next, h, h_next, activation):
    return delta_next @ W_next * SLOPES[activation](h)


@hidden_delta.mistake(
    "slope_of_output",
    "You applied the activation to h once more: that is g′(h), not g′(a). h is already g(a).",
    PAGE + "activations",
)
def _(delta_next, W_next, h, h_next, activation):
    return delta_next @ W_next.T * SLOPES[activation](ACTIVATIONS[activation](h))


@hidden_delta.mistake(
    "output_for_slope",
    "You multiplied by h itself, where the derivative g′ belongs. (h has its place in ∂E/∂W, not in δ.)",
    PAGE + "delta",
)
def _(delta_next, W_next, h, h_next, activation):
    return delta_next @ W_next.T * h


@hidden_delta.mistake(
    "mean_again",
    "You divided by N. The mean over the batch is already inside delta_next; the 1/N of the loss enters once, at the "
    "loss.",
    PAGE + "once",
)
def _(delta_next, W_next, h, h_next, activation):
    return delta_next @ W_next.T * SLOPES[activation](h) / len(h)


@hidden_delta.alternative
def with_einsum(delta_next, W_next, h, h_next, activation):
    return np.einsum("nk,dk,nd->nd", delta_next, W_next, SLOPES[activation](h))


@hidden_delta.alternative
def with_loops_over_units(delta_next, W_next, h, h_next, activation):
    N, D = h.shape
    delta = np.zeros((N, D))
    for n in range(N):
        for j in range(D):
            for k in range(delta_next.shape[1]):
                delta[n, j] += W_next[j, k] * delta_next[n, k]
            delta[n, j] *= SLOPES[activation](h[n, j])
    return delta


@hidden_delta.alternative
def in_single_precision(delta_next, W_next, h, h_next, activation):
    dh = (W_next.astype(np.float32) @ delta_next.T.astype(np.float32)).T
    return dh * SLOPES[activation](h.astype(np.float32)).astype(np.float32)


# ---------------------------------------------------------------------------- linear_backward

linear_backward = chapter.exercise(
    "linear_backward",
    signature=(
        "linear_backward(dy: (N, K) float64, x: (N, D) float64, W: (D, K) float64)"
        " -> dx: (N, D) float64, dW: (D, K) float64, db: (K,) float64"
    ),
    outputs=("dx", "dW", "db"),
    parts={
        "dx": Part(1, outputs=("dx",)),
        "dW": Part(1, outputs=("dW",)),
        "db": Part(1, outputs=("db",)),
    },
    forbids=BY_HAND,
    section=PAGE + "layer",
)


def _linear(random, N, D, K):
    return {
        "dy": random.normal(size=(N, K)),
        "x": random.normal(size=(N, D)),
        "W": random.normal(size=(D, K)),
    }


@linear_backward.case("N = 5, D = 4, K = 3")
def _(random) -> dict[str, PlainData]:
    return _linear(random, 5, 4, 3)


@linear_backward.case("one example")
def _(random) -> dict[str, PlainData]:
    return _linear(random, 1, 3, 6)


@linear_backward.case("square layer")
def _(random) -> dict[str, PlainData]:
    return _linear(random, 7, 4, 4)


@linear_backward.case("large", secret=True)
def _(random) -> dict[str, PlainData]:
    return _linear(random, 37, 18, 23)


@linear_backward.case("N = D = K", secret=True)
def _(random) -> dict[str, PlainData]:
    return _linear(random, 5, 5, 5)


@linear_backward.reference
def _(dy, x, W):
    import torch

    from autograder.kernels.linear import linear

    leaves = [_tensor(x), _tensor(W.T), torch.zeros(W.shape[1], dtype=torch.float64)]
    for leaf in leaves:
        leaf.requires_grad_(True)
    dx, dW, db = torch.autograd.grad(linear(*leaves), leaves, _tensor(dy))
    return dx.numpy(), dW.numpy().T, db.numpy()


@linear_backward.mistake(
    "mean_again",
    "You averaged dW and db over the batch. The mean is already inside dy: the 1/N of the loss enters once, at the "
    "loss, and a layer only adds up its examples.",
    PAGE + "once",
)
def _(dy, x, W):
    return dy @ W.T, x.T @ dy / len(x), dy.mean(axis=0)


@linear_backward.mistake(
    "bias_averaged",
    "db is the mean of dy over the batch; it has to be the sum. b takes part in every example, and the contributions "
    "of several paths add up.",
    PAGE + "layer",
)
def _(dy, x, W):
    return dy @ W.T, x.T @ dy, dy.mean(axis=0)


@linear_backward.mistake(
    "bias_not_summed",
    "db is dy itself, one row for each example. b is shared by the whole batch: add up what the examples ask for, "
    "so that db has the shape of b.",
    PAGE + "layer",
)
def _(dy, x, W):
    return dy @ W.T, x.T @ dy, dy.copy()


@linear_backward.mistake(
    "bias_summed_over_outputs",
    "You summed dy over the outputs and kept the examples. It is the other way round: db has one entry for each "
    "output, summed over the batch.",
    PAGE + "layer",
)
def _(dy, x, W):
    return dy @ W.T, x.T @ dy, dy.sum(axis=1)


@linear_backward.mistake(
    "weights_not_transposed",
    "For dx you multiplied by W as in the forward pass. dx[n, d] collects the errors of all outputs k that input d "
    "feeds. On a square layer the shapes do not tell you.",
    PAGE + "layer",
)
def _(dy, x, W):
    return dy @ W, x.T @ dy, dy.sum(axis=0)


@linear_backward.mistake(
    "outer_product_reversed",
    "dW is transposed: its entry [d, k] belongs to the weight from input d to output k, and a gradient always has the "
    "shape of what it belongs to.",
    PAGE + "layer",
)
def _(dy, x, W):
    return dy @ W.T, dy.T @ x, dy.sum(axis=0)


@linear_backward.alternative
def with_loop_over_examples(dy, x, W):
    dx, dW, db = np.zeros_like(x), np.zeros_like(W), np.zeros(W.shape[1])
    for n in range(len(x)):
        dx[n] = W @ dy[n]
        dW += np.outer(x[n], dy[n])
        db += dy[n]
    return dx, dW, db


@linear_backward.alternative
def with_index_notation(dy, x, W):
    return (
        np.einsum("nk,dk->nd", dy, W),
        np.einsum("nd,nk->dk", x, dy),
        np.einsum("nk->k", dy),
    )


@linear_backward.alternative
def in_float32_list(dy, x, W):
    dy, x, W = (array.astype(np.float32) for array in (dy, x, W))
    return [(W @ dy.T).T, (dy.T @ x).T, np.ones(len(x), np.float32) @ dy]


# ---------------------------------------------------------------------------- activation_backward

activation_backward = chapter.exercise(
    "activation_backward",
    signature=(
        "activation_backward(dh: (...) float64, h: (...) float64, activation: str) -> da: (...) float64"
    ),
    outputs=("da",),
    points=2,
    forbids=BY_HAND,
    section=PAGE + "activations",
)


def _activated(random, shape, activation):
    h = ACTIVATIONS[activation](1.5 * random.normal(size=shape))
    return {"dh": random.normal(size=shape), "h": h, "activation": activation}


@activation_backward.case("sigmoid")
def _(random) -> dict[str, PlainData]:
    return _activated(random, (5, 3), "sigmoid")


@activation_backward.case("tanh, one example")
def _(random) -> dict[str, PlainData]:
    return _activated(random, (1, 6), "tanh")


@activation_backward.case("relu")
def _(random) -> dict[str, PlainData]:
    return _activated(random, (4, 7), "relu")


@activation_backward.case("tanh, three axes, some units saturated")
def _(random) -> dict[str, PlainData]:
    case = _activated(random, (3, 2, 4), "tanh")
    case["h"][0, 0] = [1.0, -1.0, 1.0, -1.0]
    return case


@activation_backward.case("sigmoid, some units saturated", secret=True)
def _(random) -> dict[str, PlainData]:
    case = _activated(random, (9, 13), "sigmoid")
    case["h"][2, :3] = [0.0, 1.0, 1.0]
    return case


@activation_backward.reference
def _(dh, h, activation):
    from autograder.kernels.activations import activation_backward as kernel

    return kernel(_tensor(h), _tensor(dh), activation).numpy()


@activation_backward.mistake(
    "output_taken_for_input",
    "You treated h as the pre-activation a, and applied the activation to it once more. h is already g(a): write g′ in "
    "terms of h itself.",
    PAGE + "activations",
)
def _(dh, h, activation):
    return dh * SLOPES[activation](ACTIVATIONS[activation](h))


@activation_backward.mistake(
    "slope_alone",
    "You return g′ alone. The backward step passes an error on: multiply the dh that arrives by g′.",
    PAGE + "activations",
)
def _(dh, h, activation):
    return SLOPES[activation](h)


@activation_backward.mistake(
    "relu_gate_always_open",
    "Your relu lets every error through: the test h ≥ 0 is true for every output of a relu, also for the units that "
    "were switched off and gave 0.",
    PAGE + "activations",
)
def _(dh, h, activation):
    return dh * (h >= 0) if activation == "relu" else dh * SLOPES[activation](h)


@activation_backward.mistake(
    "relu_times_output",
    "For relu you multiplied by h. The slope of relu is 1 where the unit was on, however large its output.",
    PAGE + "activations",
)
def _(dh, h, activation):
    return dh * h if activation == "relu" else dh * SLOPES[activation](h)


@activation_backward.mistake(
    "tanh_not_squared",
    "For tanh you used 1 − h; the square is missing in g′ = 1 − tanh²(a). Check at a = 0 and for large negative a: "
    "the slope must lie between 0 and 1.",
    PAGE + "activations",
)
def _(dh, h, activation):
    return dh * (1 - h) if activation == "tanh" else dh * SLOPES[activation](h)


@activation_backward.mistake(
    "sigmoid_slope_for_tanh",
    "For tanh you used h(1 − h), the slope of the sigmoid. Their outputs have different ranges, and so do the forms "
    "of g′.",
    PAGE + "activations",
)
def _(dh, h, activation):
    return dh * SLOPES["sigmoid" if activation == "tanh" else activation](h)


@activation_backward.mistake(
    "argument_changed",
    "The values are right, but your function writes into dh, which belongs to the caller: whoever uses dh "
    "afterwards gets something else. Make a new array.",
    PAGE + "activations",
)
def _(dh, h, activation):
    dh *= SLOPES[activation](h)
    return dh


@activation_backward.alternative
def with_cases(dh, h, activation):
    if activation == "relu":
        return np.where(h > 0, dh, 0.0)
    return dh * (h - h * h) if activation == "sigmoid" else dh - dh * h**2


@activation_backward.alternative
def with_copy_and_mask(dh, h, activation):
    da = dh.astype(np.float32)
    if activation == "relu":
        da[h <= 0] = 0
        return da
    return da * (h * (1 - h) if activation == "sigmoid" else (1 + h) * (1 - h)).astype(np.float32)


# ---------------------------------------------------------------------------- softmax_cross_entropy_backward

softmax_cross_entropy_backward = chapter.exercise(
    "softmax_cross_entropy_backward",
    signature=(
        "softmax_cross_entropy_backward(logits: (N, K) float64, labels: (N,) int64)"
        " -> dlogits: (N, K) float64"
    ),
    outputs=("dlogits",),
    points=2,
    forbids=BY_HAND,
    section=PAGE + "softmax",
)


def _classified(random, N, K, scale=2.0):
    labels = random.integers(K, size=N)
    labels[0] = 0
    labels[-1] = K - 1
    return {"logits": scale * random.normal(size=(N, K)), "labels": labels}


@softmax_cross_entropy_backward.case("N = 5, K = 3")
def _(random) -> dict[str, PlainData]:
    return _classified(random, 5, 3)


@softmax_cross_entropy_backward.case("one example")
def _(random) -> dict[str, PlainData]:
    return _classified(random, 1, 4)


@softmax_cross_entropy_backward.case("more classes than examples")
def _(random) -> dict[str, PlainData]:
    return _classified(random, 3, 7)


@softmax_cross_entropy_backward.case("rows near +1000 and near −1000")
def _(random) -> dict[str, PlainData]:
    case = _classified(random, 4, 5)
    case["logits"] += np.array([1000.0, -1000.0, 0.0, 1000.0])[:, None]
    return case


@softmax_cross_entropy_backward.case("large batch, sure of itself", secret=True)
def _(random) -> dict[str, PlainData]:
    return _classified(random, 70, 13, scale=30.0)


@softmax_cross_entropy_backward.reference
def _(logits, labels):
    import torch

    from autograder.kernels.softmax_cross_entropy import softmax_cross_entropy

    leaf = _tensor(logits).requires_grad_(True)
    return torch.autograd.grad(softmax_cross_entropy(leaf, _tensor(labels)), leaf)[0].numpy()


def _softmax(a, axis=1):
    e = np.exp(a - a.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def _one_hot(labels, K):
    return (labels[:, None] == np.arange(K)) * 1.0


@softmax_cross_entropy_backward.mistake(
    "mean_dropped",
    "You left out the mean over the batch: the loss carries 1/N, and so does its gradient.",
    PAGE + "softmax",
)
def _(logits, labels):
    return _softmax(logits) - _one_hot(labels, logits.shape[1])


@softmax_cross_entropy_backward.mistake(
    "mean_over_all",
    "You divided by N·K. The loss is a mean over the N examples; over the classes there is a sum.",
    PAGE + "softmax",
)
def _(logits, labels):
    return (_softmax(logits) - _one_hot(labels, logits.shape[1])) / logits.size


@softmax_cross_entropy_backward.mistake(
    "wrong_sign",
    "The sign is reversed. Raising the right class's logit must lower the loss, so its derivative is negative.",
    PAGE + "softmax",
)
def _(logits, labels):
    return (_one_hot(labels, logits.shape[1]) - _softmax(logits)) / len(logits)


@softmax_cross_entropy_backward.mistake(
    "softmax_over_batch",
    "Your softmax runs down the batch (axis 0): the probabilities of one class add up to 1 over the examples. They have "
    "to add up to 1 over the classes of each example (erratum E44).",
    PAGE + "softmax",
)
def _(logits, labels):
    return (_softmax(logits, axis=0) - _one_hot(labels, logits.shape[1])) / len(logits)


@softmax_cross_entropy_backward.mistake(
    "softmax_twice",
    "You applied softmax twice: the argument holds logits, and one softmax turns them into probabilities "
    "(erratum E44).",
    PAGE + "softmax",
)
def _(logits, labels):
    return (_softmax(_softmax(logits)) - _one_hot(labels, logits.shape[1])) / len(logits)


@softmax_cross_entropy_backward.mistake(
    "overflow",
    "Large logits give NaN: exp(1000) overflows, and ∞/∞ is not a number (rows near −1000 give 0/0). Softmax does not "
    "change when the same number is subtracted from all logits of a row: make the largest one 0.",
    PAGE + "softmax",
)
def _(logits, labels):
    with np.errstate(over="ignore", invalid="ignore"):
        e = np.exp(logits)
        return (e / e.sum(axis=1, keepdims=True) - _one_hot(labels, logits.shape[1])) / len(logits)


@softmax_cross_entropy_backward.mistake(
    "one_maximum_for_the_batch",
    "You subtracted the largest logit of the whole batch. A row far below it becomes exp(−2000) = 0 everywhere, and "
    "0/0 is NaN: each row needs its own maximum.",
    PAGE + "softmax",
)
def _(logits, labels):
    with np.errstate(invalid="ignore"):
        e = np.exp(logits - logits.max())
        return (e / e.sum(axis=1, keepdims=True) - _one_hot(labels, logits.shape[1])) / len(logits)


@softmax_cross_entropy_backward.mistake(
    "diagonal_only",
    "You used only the diagonal of softmax's Jacobian, p(1 − p): the classes other than the label get no gradient. "
    "Each probability depends on every logit, because they share one sum.",
    PAGE + "softmax",
)
def _(logits, labels):
    p, y = _softmax(logits), _one_hot(labels, logits.shape[1])
    return -y * (1 - p) / len(logits)


@softmax_cross_entropy_backward.mistake(
    "labels_from_one",
    "You counted the classes from 1: the label's entry sits one place too far left. Labels here start at 0.",
    PAGE + "softmax",
)
def _(logits, labels):
    K = logits.shape[1]
    return (_softmax(logits) - _one_hot((labels - 1) % K, K)) / len(logits)


@softmax_cross_entropy_backward.mistake(
    "stopped_at_probabilities",
    "You return −1/p at the label: the derivative with respect to the probabilities. The logits lie behind softmax, one "
    "step further back.",
    PAGE + "softmax",
)
def _(logits, labels):
    return -_one_hot(labels, logits.shape[1]) / np.maximum(_softmax(logits), 1e-300) / len(logits)


@softmax_cross_entropy_backward.alternative
def with_label_indices(logits, labels):
    N = len(labels)
    shifted = logits - logits.max(axis=1, keepdims=True)
    p = np.exp(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))
    p[np.arange(N), labels] -= 1
    return p / N


@softmax_cross_entropy_backward.alternative
def with_full_jacobian(logits, labels):
    N, K = logits.shape
    gradient = np.empty((N, K))
    for n in range(N):
        e = np.exp(logits[n] - np.max(logits[n]))
        p = e / e.sum()
        gradient[n] = p - np.eye(K)[labels[n]]
    return np.divide(gradient, N).astype(np.float32)


@softmax_cross_entropy_backward.alternative
def with_differences(logits, labels):
    e = np.exp(np.minimum(logits[:, None, :] - logits[:, :, None], 700))
    p = 1 / e.sum(axis=2)
    return np.asfortranarray((p - np.eye(logits.shape[1])[labels]) / logits.shape[0])


# ---------------------------------------------------------------------------- mlp_gradients

mlp_gradients = chapter.exercise(
    "mlp_gradients",
    signature=(
        "mlp_gradients(x: (N, D) float64, labels: (N,) int64, weights: list of L (D_in, D_out) float64, "
        "biases: list of L (D_out,) float64, activation: str)"
        " -> loss: float, dW: list of L (D_in, D_out) float64, db: list of L (D_out,) float64"
    ),
    outputs=("loss", "dW", "db"),
    parts={
        "loss": Part(1, outputs=("loss",)),
        "gradients": Part(3, outputs=("dW", "db")),
    },
    uses=("linear_backward", "activation_backward", "softmax_cross_entropy_backward"),
    forbids=BY_HAND,
    section=PAGE + "network",
)


def _network(random, N, sizes, activation, gain=1.5):
    pairs = list(itertools.pairwise(sizes))
    return {
        "x": random.normal(size=(N, sizes[0])),
        "labels": random.integers(sizes[-1], size=N),
        "weights": [gain * random.normal(size=pair) / np.sqrt(pair[0]) for pair in pairs],
        "biases": [0.5 * random.normal(size=pair[1]) for pair in pairs],
        "activation": activation,
    }


@mlp_gradients.case("two hidden layers, tanh")
def _(random) -> dict[str, PlainData]:
    return _network(random, 7, [4, 6, 5, 3], "tanh")


@mlp_gradients.case("no hidden layer")
def _(random) -> dict[str, PlainData]:
    return _network(random, 4, [3, 5], "sigmoid")


@mlp_gradients.case("one hidden layer, sigmoid, one example")
def _(random) -> dict[str, PlainData]:
    return _network(random, 1, [2, 3, 4], "sigmoid")


@mlp_gradients.case("all layers of one width, relu")
def _(random) -> dict[str, PlainData]:
    return _network(random, 6, [4, 4, 4, 4, 4], "relu")


@mlp_gradients.case("logits near 1000")
def _(random) -> dict[str, PlainData]:
    case = _network(random, 5, [6, 3, 2], "sigmoid")
    case["biases"][-1] += 1000
    return case


@mlp_gradients.case("seven layers, tanh", secret=True)
def _(random) -> dict[str, PlainData]:
    return _network(random, 9, [5, 8, 7, 6, 9, 6, 8, 4], "tanh")


def _loss_of_network(x, labels, weights, biases, activation):
    from autograder.kernels.linear import linear
    from autograder.kernels.softmax_cross_entropy import softmax_cross_entropy

    h, last = x, len(weights) - 1
    for index, (W, b) in enumerate(zip(weights, biases, strict=True)):
        h = linear(h, W.T, b, activation="identity" if index == last else activation)
    return softmax_cross_entropy(h, labels)


@mlp_gradients.reference
def _(x, labels, weights, biases, activation):
    import torch

    W = [_tensor(array).requires_grad_(True) for array in weights]
    b = [_tensor(array).requires_grad_(True) for array in biases]
    loss = _loss_of_network(_tensor(x), _tensor(labels), W, b, activation)
    gradients = [gradient.numpy() for gradient in torch.autograd.grad(loss, [*W, *b])]
    return loss.item(), gradients[: len(W)], gradients[len(W) :]


def _forward(x, weights, biases, activation, on_logits="identity"):
    h, last = [x], len(weights) - 1
    for index, (W, b) in enumerate(zip(weights, biases, strict=True)):
        h.append(ACTIVATIONS[on_logits if index == last else activation](h[-1] @ W + b))
    return h


def _mean_cross_entropy(logits, labels):
    top = logits.max(axis=1, keepdims=True)
    log_sum = top[:, 0] + np.log(np.exp(logits - top).sum(axis=1))
    return float(np.mean(log_sum - logits[np.arange(len(labels)), labels]))


def _mlp_answer(x, labels, weights, biases, activation, through, h=None, delta=None):
    """Answer with another step through a hidden layer: `through(dh, h, l)` gives δ of layer l."""
    h = h or _forward(x, weights, biases, activation)
    if delta is None:
        delta = (_softmax(h[-1]) - _one_hot(labels, h[-1].shape[1])) / len(x)
    dW, db = [], []
    for index in reversed(range(len(weights))):
        dW.insert(0, h[index].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if index:
            delta = through(delta, h, index)
    return _mean_cross_entropy(h[-1], labels), dW, db


@mlp_gradients.mistake(
    "derivative_at_target",
    "g′ is taken at the wrong layer: the error that arrives at layer l's output is multiplied by the slope of layer "
    "l + 1. Between a⁽ˡ⁾ and h⁽ˡ⁾ lies layer l's own activation (erratum E32).",
    PAGE + "delta",
)
def _(x, labels, weights, biases, activation):
    def through(delta, h, index):
        hidden = index + 1 < len(weights)
        return (delta * SLOPES[activation](h[index + 1]) if hidden else delta) @ weights[index].T

    return _mlp_answer(x, labels, weights, biases, activation, through)


@mlp_gradients.mistake(
    "derivative_at_target_and_logits",
    "g′ is taken at the wrong layer: on its way to layer l the error is multiplied by the slope of layer l + 1, at the "
    "top even by that of the logits, which have no activation. It belongs to layer l itself, after the weights "
    "(erratum E32).",
    PAGE + "delta",
)
def _(x, labels, weights, biases, activation):
    def through(delta, h, index):
        return (delta * SLOPES[activation](h[index + 1])) @ weights[index].T

    return _mlp_answer(x, labels, weights, biases, activation, through)


@mlp_gradients.mistake(
    "slope_dropped",
    "The errors go from layer to layer through the weights alone: the activations between them are missing on the way "
    "back.",
    PAGE + "network",
)
def _(x, labels, weights, biases, activation):
    def through(delta, h, index):
        return delta @ weights[index].T

    return _mlp_answer(x, labels, weights, biases, activation, through)


def _right(weights, activation):
    def through(delta, h, index):
        return delta @ weights[index].T * SLOPES[activation](h[index])

    return through


@mlp_gradients.mistake(
    "mean_taken_twice",
    "All your gradients are divided by N twice. The mean is in the loss alone: the first δ has its 1/N already, and "
    "carries it to all layers.",
    PAGE + "once",
)
def _(x, labels, weights, biases, activation):
    loss, dW, db = _mlp_answer(x, labels, weights, biases, activation, _right(weights, activation))
    return loss, [g / len(x) for g in dW], [g / len(x) for g in db]


@mlp_gradients.mistake(
    "mean_piles_up",
    "Each layer divides δ by N again, so that the layers below are smaller by ever higher powers of N. The mean is "
    "in the loss alone.",
    PAGE + "once",
)
def _(x, labels, weights, biases, activation):
    def through(delta, h, index):
        return delta @ weights[index].T * SLOPES[activation](h[index]) / len(x)

    return _mlp_answer(x, labels, weights, biases, activation, through)


@mlp_gradients.mistake(
    "backward_order",
    "The gradients are right, but in the order in which the backward pass finds them, from the last layer to the first. "
    "dW[l] has to belong to weights[l].",
    PAGE + "network",
)
def _(x, labels, weights, biases, activation):
    loss, dW, db = _mlp_answer(x, labels, weights, biases, activation, _right(weights, activation))
    return loss, dW[::-1], db[::-1]


@mlp_gradients.mistake(
    "activation_on_logits",
    "You put the activation on the last layer too. Its outputs are logits, which go into softmax as they are; what you "
    "differentiate is another network.",
    PAGE + "network",
)
def _(x, labels, weights, biases, activation):
    h = _forward(x, weights, biases, activation, on_logits=activation)
    delta = (_softmax(h[-1]) - _one_hot(labels, h[-1].shape[1])) / len(x)
    return _mlp_answer(
        x, labels, weights, biases, activation, _right(weights, activation), h,
        delta * SLOPES[activation](h[-1]),
    )  # fmt: skip


@mlp_gradients.mistake(
    "activation_on_logits_forward_only",
    "In the forward pass you put the activation on the last layer too (and left it out on the way back). The last "
    "layer's outputs are logits, which go into softmax as they are.",
    PAGE + "network",
)
def _(x, labels, weights, biases, activation):
    h = _forward(x, weights, biases, activation, on_logits=activation)
    return _mlp_answer(x, labels, weights, biases, activation, _right(weights, activation), h)


@mlp_gradients.mistake(
    "slope_on_logits",
    "On the way back you send the error through an activation at the last layer, which has none: the derivative of the "
    "loss with respect to the logits is already that layer's δ.",
    PAGE + "network",
)
def _(x, labels, weights, biases, activation):
    h = _forward(x, weights, biases, activation)
    delta = (_softmax(h[-1]) - _one_hot(labels, h[-1].shape[1])) / len(x)
    return _mlp_answer(
        x, labels, weights, biases, activation, _right(weights, activation), h,
        delta * SLOPES[activation](h[-1]),
    )  # fmt: skip


@mlp_gradients.mistake(
    "outputs_for_inputs",
    "For ∂E/∂W of a layer you paired its δ with the layer's own output. The weights stand between the layer's input and "
    "its δ: you need the h that went in.",
    PAGE + "layer",
)
def _(x, labels, weights, biases, activation):
    h = _forward(x, weights, biases, activation)
    delta = (_softmax(h[-1]) - _one_hot(labels, h[-1].shape[1])) / len(x)
    dW, db = [], []
    for index in reversed(range(len(weights))):
        dW.insert(0, h[index + 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        delta = delta @ weights[index].T * SLOPES[activation](h[index])
    return _mean_cross_entropy(h[-1], labels), dW, db


@mlp_gradients.mistake(
    "loss_summed",
    "The loss is N times too large: you summed over the examples, where the task asks for the mean.",
    PAGE + "softmax",
)
def _(x, labels, weights, biases, activation):
    loss, dW, db = _mlp_answer(x, labels, weights, biases, activation, _right(weights, activation))
    return loss * len(x), dW, db


@mlp_gradients.mistake(
    "loss_overflow",
    "With logits near 1000 the loss is NaN: exp(1000) overflows, and ∞/∞ is not a number. Softmax does not change when "
    "the same number is subtracted from all logits of a row: make the largest one 0.",
    PAGE + "softmax",
)
def _(x, labels, weights, biases, activation):
    _, dW, db = _mlp_answer(x, labels, weights, biases, activation, _right(weights, activation))
    with np.errstate(over="ignore", invalid="ignore"):
        e = np.exp(_forward(x, weights, biases, activation)[-1])
        p = e / e.sum(axis=1, keepdims=True)
    return -np.mean(np.log(p[np.arange(len(x)), labels])), dW, db


@mlp_gradients.alternative
def with_deltas_of_all_layers(x, labels, weights, biases, activation):
    L = len(weights)
    h = {0: x}
    for index in range(L):
        a = h[index] @ weights[index] + biases[index]
        h[index + 1] = a if index == L - 1 else ACTIVATIONS[activation](a)
    p = _softmax(h[L])
    loss = -np.mean(np.log(p[np.arange(len(x)), labels]))
    delta = {L: (p - np.eye(p.shape[1])[labels]) / len(x)}
    for index in range(L - 1, 0, -1):
        delta[index] = (delta[index + 1] @ weights[index].T) * SLOPES[activation](h[index])
    dW = [np.einsum("nd,nk->dk", h[index], delta[index + 1]) for index in range(L)]
    return loss, dW, [delta[index + 1].sum(0) for index in range(L)]


@mlp_gradients.alternative
def one_example_at_a_time(x, labels, weights, biases, activation):
    loss = 0.0
    dW, db = [np.zeros_like(W) for W in weights], [np.zeros_like(b) for b in biases]
    for row, label in zip(x, labels, strict=True):
        h = [row]
        for W, b in zip(weights[:-1], biases[:-1], strict=True):
            h.append(ACTIVATIONS[activation](h[-1] @ W + b))
        logits = h[-1] @ weights[-1] + biases[-1]
        shifted = logits - logits.max()
        loss += np.log(np.sum(np.exp(shifted))) - shifted[label]
        delta = np.exp(shifted) / np.exp(shifted).sum()
        delta[label] -= 1
        for index in range(len(weights) - 1, -1, -1):
            dW[index] += np.outer(h[index], delta) / len(x)
            db[index] += delta / len(x)
            delta = weights[index] @ delta * SLOPES[activation](h[index])
    return loss / len(x), tuple(dW), tuple(db)


# ---------------------------------------------------------------------------- Value

WITHOUT_BACKWARD = ("every operation", "every operation with a number")
"""The cases of `Value` that can be right before `backward` is written."""

value = chapter.exercise(
    "Value",
    signature=(
        "Value(data: float), with data, grad, +, -, *, /, ** (numbers on either side; the exponent is a number), "
        "tanh(), relu(), exp(), backward()"
    ),
    outputs=("values", "gradients"),
    parts={
        "values": Part(1, outputs=("values",), cases=WITHOUT_BACKWARD),
        "gradients": Part(3, outputs=("gradients",)),
    },
    driver="backpropagation.value_graph",
    forbids=BY_HAND,
    section=PAGE + "automatic",
)


def _graph(leaves, operations, backward=()):
    return {
        "leaves": [float(number) for number in leaves],
        "operations": [list(operation) for operation in operations],
        "backward": list(backward),
    }


def _away_from_zero(random, size):
    return random.uniform(0.4, 1.6, size=size) * random.choice([-1.0, 1.0], size=size)


@value.case("every operation")
def _(random) -> dict[str, PlainData]:
    leaves = _away_from_zero(random, 3)
    leaves[0] = -abs(leaves[0])
    return _graph(
        leaves,
        [
            ("+", "#0", "#1"), ("*", "#1", "#2"), ("-", "#3", "#4"), ("/", "#0", "#2"), ("neg", "#5"),
            ("**", "#1", 3), ("tanh", "#6"), ("relu", "#0"), ("relu", "#8"), ("exp", "#7"),
        ],
    )  # fmt: skip


@value.case("every operation with a number")
def _(random) -> dict[str, PlainData]:
    leaves = _away_from_zero(random, 2)
    return _graph(
        leaves,
        [
            ("+", "#0", 2), ("+", 0.5, "#1"), ("*", "#0", 3), ("*", -2.5, "#1"),
            ("-", "#0", 1.5), ("-", 1, "#1"), ("/", "#0", 4), ("/", 3.0, "#1"), ("**", "#0", -1), ("**", "#1", 2),
        ],
    )  # fmt: skip


@value.case("a neuron: tanh(a·b + c·d + e)")
def _(random) -> dict[str, PlainData]:
    return _graph(
        _away_from_zero(random, 5),
        [
            ("*", "#0", "#1"), ("*", "#2", "#3"), ("+", "#5", "#6"), ("+", "#7", "#4"), ("tanh", "#8"),
        ],
        ["#9"],
    )  # fmt: skip


@value.case("with p = (2a)³ (1 − b) / b: relu(−p) − (exp(a) + relu(a)) − p")
def _(random) -> dict[str, PlainData]:
    leaves = [random.uniform(0.4, 1.6), random.uniform(0.4, 0.9)]  # b < 1: relu(−p) is off
    return _graph(
        leaves,
        [
            ("*", 2, "#0"), ("**", "#2", 3), ("-", 1, "#1"), ("*", "#3", "#4"), ("/", "#5", "#1"), ("neg", "#6"),
            ("exp", "#0"), ("relu", "#0"), ("relu", "#7"), ("+", "#8", "#9"), ("-", "#10", "#11"), ("+", "#12", "#7"),
        ],
        ["#13"],
    )  # fmt: skip


@value.case("with p = a·b: tanh(p)·exp(p) + p")
def _(random) -> dict[str, PlainData]:
    return _graph(
        _away_from_zero(random, 2),
        [
            ("*", "#0", "#1"), ("tanh", "#2"), ("exp", "#2"), ("*", "#3", "#4"), ("+", "#5", "#2"),
        ],
        ["#6"],
    )  # fmt: skip


@value.case("with p = a·b, q = tanh(p): (p + (tanh(q·b) + p)·p)·q")
def _(random) -> dict[str, PlainData]:
    return _graph(
        _away_from_zero(random, 2),
        [
            ("*", "#0", "#1"), ("tanh", "#2"), ("*", "#3", "#1"), ("tanh", "#4"), ("+", "#5", "#2"), ("*", "#6", "#2"),
            ("+", "#2", "#7"), ("*", "#8", "#3"),
        ],
        ["#9"],
    )  # fmt: skip


@value.case("with p = a·a: (p + p)·a")
def _(random) -> dict[str, PlainData]:
    return _graph(
        _away_from_zero(random, 1),
        [("*", "#0", "#0"), ("+", "#1", "#1"), ("*", "#2", "#0"), ("/", "#3", "#1")],
        ["#3"],
    )


@value.case("tanh(a·b)·a, backward twice, then from tanh(a·b)")
def _(random) -> dict[str, PlainData]:
    return _graph(
        _away_from_zero(random, 2),
        [("*", "#0", "#1"), ("tanh", "#2"), ("*", "#3", "#0")],
        ["#4", "#4", "#3"],
    )


@value.case("tanh(exp(a·b)·c), backward from exp(a·b)")
def _(random) -> dict[str, PlainData]:
    return _graph(
        _away_from_zero(random, 3),
        [("*", "#0", "#1"), ("exp", "#3"), ("*", "#4", "#2"), ("tanh", "#5")],
        ["#4"],
    )


@value.case("a chain of 2000 operations", secret=True)
def _(random) -> dict[str, PlainData]:
    operations, node = [], 1
    for step in range(1000):
        operations += [
            ("*", f"#{node}", 1.0005),
            ("+", f"#{node + 1}", "#0" if step % 97 == 0 else 0.001),
        ]
        node += 2
    return _graph(0.1 * _away_from_zero(random, 2), operations, [f"#{node}"])


@value.case("a random graph", secret=True)
def _(random) -> dict[str, PlainData]:
    leaves = _away_from_zero(random, 4)
    operations = []
    for node in range(4, 44):
        first, second = (f"#{index}" for index in random.integers(max(0, node - 9), node, size=2))
        kind = random.choice(["+", "*", "-", "tanh"])
        operations.append(("tanh", first) if kind == "tanh" else (str(kind), first, second))
        if kind == "*":
            operations[-1] = ("*", first, 0.7) if node % 3 else operations[-1]
    return _graph(0.3 * leaves, operations, ["#43", "#30"])


class _Number:
    """A value on a tape: nodes are numbered as they are made, and each keeps its inputs and slopes."""

    made = 0

    def __init__(self, data):
        self.data, self.grad, self.inputs = float(data), 0.0, ()
        _Number.made += 1
        self.number = _Number.made

    def result(self, data, *inputs):
        node = type(self)(data)
        node.inputs = inputs
        return node

    def lift(self, other):
        return other if isinstance(other, _Number) else type(self)(other)

    def __add__(self, other):
        other = self.lift(other)
        return self.result(self.data + other.data, (self, 1.0), (other, 1.0))

    def __mul__(self, other):
        other = self.lift(other)
        return self.result(self.data * other.data, (self, other.data), (other, self.data))

    def __pow__(self, exponent):
        return self.result(self.data**exponent, (self, exponent * self.data ** (exponent - 1)))

    def tanh(self):
        t = math.tanh(self.data)
        return self.result(t, (self, 1 - t * t))

    def relu(self):
        return self.result(max(self.data, 0.0), (self, float(self.data > 0)))

    def exp(self):
        e = math.exp(self.data)
        return self.result(e, (self, e))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -self.lift(other)

    def __truediv__(self, other):
        return self * self.lift(other) ** -1

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __rsub__(self, other):
        return self.lift(other) - self

    def __rtruediv__(self, other):
        return self.lift(other) / self

    def ordered(self):
        """Give this node and all it was computed from, latest first."""
        found, waiting = {self.number: self}, [self]
        while waiting:
            for node, _ in waiting.pop().inputs:
                if node.number not in found:
                    found[node.number] = node
                    waiting.append(node)
        return [found[number] for number in sorted(found, reverse=True)]

    def pass_on(self):
        for node, slope in self.inputs:
            node.grad += slope * self.grad

    def backward(self):
        order = self.ordered()
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        for node in order:
            node.pass_on()


@value.reference
class Reference(_Number):
    def __init__(self, data):
        super().__init__(data)


@value.mistake(
    "gradient_overwritten",
    "A node that is used more than once keeps only the gradient of one use: you assign to grad where you should add. "
    "Contributions that come back along different paths add up.",
    PAGE + "automatic",
)
class GradientOverwritten(_Number):
    def pass_on(self):
        for node, slope in self.inputs:
            node.grad = slope * self.grad


@value.mistake(
    "recursion_without_order",
    "Your backward goes on to a node's inputs at once, each time an error arrives. A node that is reached along two "
    "paths passes its first contribution on twice: wait until all that use it are done (topological order).",
    PAGE + "automatic",
)
class RecursionWithoutOrder(_Number):
    def backward(self):
        for node in self.ordered():
            node.grad = 0.0
        self.grad = 1.0
        self.descend()

    def descend(self):
        self.pass_on()
        for node, _ in self.inputs:
            node.descend()


@value.mistake(
    "breadth_first",
    "You visit the nodes breadth-first from the end. Where two paths to a node have different lengths, it passes its "
    "gradient on before all of it has arrived: visit a node after everything that uses it.",
    PAGE + "automatic",
)
class BreadthFirst(_Number):
    def ordered(self):
        order, waiting = [self], [self]
        while waiting:
            for node, _ in waiting.pop(0).inputs:
                if all(node is not known for known in order):
                    order.append(node)
                    waiting.append(node)
        return order


@value.mistake(
    "depth_first",
    "You visit each node when you first reach it, going deep. It then passes its gradient on although other users may "
    "still have something to add: visit a node after everything that uses it (topological order).",
    PAGE + "automatic",
)
class DepthFirst(_Number):
    def ordered(self):
        order, seen, waiting = [], set(), [self]
        while waiting:
            node = waiting.pop()
            if node.number not in seen:
                seen.add(node.number)
                order.append(node)
                waiting.extend(source for source, _ in reversed(node.inputs))
        return order


@value.mistake(
    "gradients_not_reset",
    "The first backward is right; a second one adds to what the first left behind. In this task backward() first sets "
    "the grad of every node it reaches to 0.",
    PAGE + "automatic",
)
class GradientsNotReset(_Number):
    def backward(self):
        self.grad = 1.0
        for node in self.ordered():
            node.pass_on()


@value.mistake(
    "leaves_reset_alone",
    "A second backward finds what the first one left in the nodes between: you set only the leaves' grad to 0. Set "
    "the grad of every node that it reaches to 0 first.",
    PAGE + "automatic",
)
class LeavesResetAlone(_Number):
    def backward(self):
        order = self.ordered()
        for node in order:
            node.grad = node.grad if node.inputs else 0.0
        self.grad = 1.0
        for node in order:
            node.pass_on()


@value.mistake(
    "backward_unwritten",
    "backward() is not written yet: in the class's cell, replace its `raise NotImplementedError` with your answer, run "
    "that cell, then this one.",
    PAGE + "automatic",
)
class BackwardUnwritten(_Number):
    def backward(self):
        raise NotImplementedError


@value.mistake(
    "start_missing",
    "All gradients are 0 in the end: where backward() starts, ∂node/∂node must stand before anything is passed on.",
    PAGE + "automatic",
)
class StartMissing(_Number):
    def backward(self):
        for node in self.ordered():
            node.grad = 0.0


@value.mistake(
    "factors_swapped",
    "In the product each factor gets its own value as slope. Hold one factor still and ask how the product moves with "
    "the other.",
    PAGE + "automatic",
)
class FactorsSwapped(_Number):
    def __mul__(self, other):
        other = self.lift(other)
        return self.result(self.data * other.data, (self, self.data), (other, other.data))


@value.mistake(
    "power_not_lowered",
    "The slope of xⁿ has the exponent n − 1; yours still has n.",
    PAGE + "automatic",
)
class PowerNotLowered(_Number):
    def __pow__(self, exponent):
        return self.result(self.data**exponent, (self, exponent * self.data**exponent))


@value.mistake(
    "tanh_slope_of_input",
    "The slope of tanh is 1 − tanh²(x): the square is of the output, and you used the input.",
    PAGE + "activations",
)
class TanhSlopeOfInput(_Number):
    def tanh(self):
        return self.result(math.tanh(self.data), (self, 1 - self.data**2))


@value.mistake(
    "relu_passes_everything",
    "Your relu passes the error on even where the unit was off (input below 0). A flat piece has slope 0.",
    PAGE + "activations",
)
class ReluPassesEverything(_Number):
    def relu(self):
        return self.result(max(self.data, 0.0), (self, 1.0))


@value.mistake(
    "numbers_not_wrapped",
    "An operation with a plain number fails: 2 has no .data. Turn the other operand into a Value when it is not one.",
    PAGE + "automatic",
)
class NumbersNotWrapped(_Number):
    def lift(self, other):
        other.data  # noqa: B018 (raises AttributeError, as the learner's does)
        return other


@value.mistake(
    "subtraction_reversed",
    "number − Value comes out with the wrong sign: Python calls __rsub__ on the right operand, so there self is what is "
    "subtracted.",
    PAGE + "automatic",
)
class SubtractionReversed(_Number):
    def __rsub__(self, other):
        return self - other


@value.alternative
class WithClosures:
    """Each node keeps a function that passes its gradient on; topological order by an explicit stack."""

    def __init__(self, data, inputs=()):
        self.data = data
        self.grad = 0.0
        self._inputs = inputs
        self._backward = lambda: None

    def __add__(self, other):
        other = other if isinstance(other, WithClosures) else WithClosures(other)
        out = WithClosures(self.data + other.data, (self, other))

        def backward():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = backward
        return out

    def __mul__(self, other):
        other = other if isinstance(other, WithClosures) else WithClosures(other)
        out = WithClosures(self.data * other.data, (self, other))

        def backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = backward
        return out

    def _unary(self, data, slope):
        out = WithClosures(data, (self,))

        def backward():
            self.grad += slope * out.grad

        out._backward = backward
        return out

    def __pow__(self, n):
        return self._unary(self.data**n, n * self.data ** (n - 1))

    def tanh(self):
        e = math.exp(2 * self.data)
        return self._unary((e - 1) / (e + 1), 4 * e / (e + 1) ** 2)

    def relu(self):
        return self._unary(self.data if self.data > 0 else 0, 1 if self.data > 0 else 0)

    def exp(self):
        return self._unary(math.exp(self.data), math.exp(self.data))

    def __neg__(self):
        return self._unary(-self.data, -1)

    def __sub__(self, other):
        return self + (-other)

    def __rsub__(self, other):
        return other + (-self)

    def __truediv__(self, other):
        return self * other**-1

    def __rtruediv__(self, other):
        return other * self**-1

    __radd__ = __add__
    __rmul__ = __mul__

    def backward(self):
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                stack.append((node, True))
                stack.extend((item, False) for item in node._inputs)
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(order):
            node._backward()


@value.alternative
class WithCountedUses:
    """Counts how often each node is used, and lets it pass on when the last of its uses has come back (Kahn)."""

    def __init__(self, data, slopes=()):
        self.data, self.grad, self.slopes = np.float64(data), np.float64(0), slopes

    def _pair(self, other):
        return other if isinstance(other, WithCountedUses) else WithCountedUses(other)

    def __add__(self, other):
        other = self._pair(other)
        return WithCountedUses(self.data + other.data, ((self, 1), (other, 1)))

    def __sub__(self, other):
        other = self._pair(other)
        return WithCountedUses(self.data - other.data, ((self, 1), (other, -1)))

    def __mul__(self, other):
        other = self._pair(other)
        return WithCountedUses(self.data * other.data, ((self, other.data), (other, self.data)))

    def __truediv__(self, other):
        other = self._pair(other)
        quotient = self.data / other.data
        return WithCountedUses(quotient, ((self, 1 / other.data), (other, -quotient / other.data)))

    def __radd__(self, other):
        return self._pair(other) + self

    def __rsub__(self, other):
        return self._pair(other) - self

    def __rmul__(self, other):
        return self._pair(other) * self

    def __rtruediv__(self, other):
        return self._pair(other) / self

    def __neg__(self):
        return 0 - self

    def __pow__(self, exponent):
        slope = exponent * self.data ** float(exponent - 1)
        return WithCountedUses(self.data ** float(exponent), ((self, slope),))

    def tanh(self):
        return WithCountedUses(np.tanh(self.data), ((self, 1 / np.cosh(self.data) ** 2),))

    def relu(self):
        return WithCountedUses(np.maximum(self.data, 0), ((self, np.heaviside(self.data, 0)),))

    def exp(self):
        return WithCountedUses(np.exp(self.data), ((self, np.exp(self.data)),))

    def backward(self):
        uses, waiting = {id(self): 0}, [self]
        while waiting:
            node = waiting.pop()
            node.grad = np.float64(0)
            for parent, _ in node.slopes:
                if id(parent) not in uses:
                    uses[id(parent)] = 0
                    waiting.append(parent)
                uses[id(parent)] += 1
        self.grad, ready = np.float64(1), [self]
        while ready:
            node = ready.pop()
            for parent, slope in node.slopes:
                parent.grad = parent.grad + slope * node.grad
                uses[id(parent)] -= 1
                if uses[id(parent)] == 0:
                    ready.append(parent)


# ---------------------------------------------------------------------------- gradient_check

gradient_check = chapter.exercise(
    "gradient_check",
    signature=(
        "gradient_check(f: function of (...) -> float, x: (...) float64, gradient: (...) float64)"
        " -> worst: tuple of int, numerical: (...) float64"
    ),
    outputs=("worst", "numerical"),
    points=2,
    driver="backpropagation.gradient_check",
    tolerance=Tolerance(relative=1e-6),
    forbids=BY_HAND,
    section=PAGE + "check",
)


def _form(random, shape, zero=False, worst_sign=-1):
    """Draw a function with a known gradient, and a gradient with one badly and one slightly wrong entry."""
    size = int(np.prod(shape))
    x = random.uniform(-1, 1, size=shape)
    cubic, sine = random.uniform(0.5, 2, size=shape), random.uniform(0.2, 0.5, size=shape)
    coupling = random.uniform(0.5, 1.5, size=shape)
    magnitudes = np.linspace(1, 3, size) * random.choice([-1.0, 1.0], size=size)
    wanted = random.permutation(magnitudes).reshape(shape)
    order = np.argsort(np.abs(wanted), axis=None)[::-1]
    worst, slightly, still = (np.unravel_index(order[place], shape) for place in (1, 2, size - 1))
    wanted[worst] = worst_sign * abs(wanted[worst])
    if zero:
        cubic[still] = sine[still] = coupling[still] = wanted[still] = 0.0
    linear = wanted - 3 * cubic * x**2 - 8 * sine * np.cos(8 * x) - coupling * np.sum(coupling * x)
    if zero:
        linear[still] = 0.0
    gradient = wanted.copy()
    gradient[worst] *= -1
    gradient[slightly] += 0.1 * worst_sign
    terms = {"linear": linear, "cubic": cubic, "sine": sine, "coupling": coupling}
    return {"terms": terms, "x": x, "gradient": gradient}


@gradient_check.case("a vector")
def _(random) -> dict[str, PlainData]:
    return _form(random, (5,))


@gradient_check.case("a matrix")
def _(random) -> dict[str, PlainData]:
    return _form(random, (3, 4), worst_sign=1)


@gradient_check.case("a matrix, f does not depend on one entry")
def _(random) -> dict[str, PlainData]:
    return _form(random, (4, 2), zero=True)


@gradient_check.case("three axes", secret=True)
def _(random) -> dict[str, PlainData]:
    return _form(random, (2, 3, 4), zero=True, worst_sign=1)


H = 1e-5


def _central(f, x, h=H):
    numerical = np.empty(x.shape)
    for index in np.ndindex(*x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        numerical[index] = (f(x + step) - f(x - step)) / (2 * h)
    return numerical


def _relative_error(numerical, gradient):
    return np.abs(numerical - gradient) / np.maximum(np.abs(numerical) + np.abs(gradient), 1e-8)


def _place(errors):
    return tuple(int(i) for i in np.unravel_index(np.argmax(errors), errors.shape))


@gradient_check.reference
def _(f, x, gradient):
    numerical = _central(f, x)
    return _place(_relative_error(numerical, gradient)), numerical


@gradient_check.mistake(
    "forward_difference",
    "You used the one-sided difference (f(x + h) − f(x))/h, whose error is of order h; the central one's is of order "
    "h², some 100,000 times smaller here.",
    PAGE + "check",
)
def _(f, x, gradient):
    numerical = np.empty(x.shape)
    for index in np.ndindex(*x.shape):
        step = np.zeros(x.shape)
        step[index] = H
        numerical[index] = (f(x + step) - f(x)) / H
    return _place(_relative_error(numerical, gradient)), numerical


@gradient_check.mistake(
    "step_not_doubled",
    "Your slopes are twice too large: between x − h and x + h lies a distance of 2h.",
    PAGE + "check",
)
def _(f, x, gradient):
    numerical = 2 * _central(f, x)
    return _place(_relative_error(numerical, gradient)), numerical


@gradient_check.mistake(
    "all_entries_moved",
    "You moved all entries of x at once, and got one number for all of them: the slope along the diagonal. A partial "
    "derivative moves one entry and holds the others still.",
    PAGE + "check",
)
def _(f, x, gradient):
    numerical = np.full(x.shape, (f(x + H) - f(x - H)) / (2 * H))
    return _place(_relative_error(numerical, gradient)), numerical


@gradient_check.mistake(
    "not_restored",
    "Each entry stays moved by −h when you go on to the next one, so that every later difference is taken at another "
    "point. Put the entry back, or work on a fresh copy.",
    PAGE + "check",
)
def _(f, x, gradient):
    numerical = np.empty(x.shape)
    for index in np.ndindex(*x.shape):
        x[index] += H
        above = f(x)
        x[index] -= 2 * H
        numerical[index] = (above - f(x)) / (2 * H)
    return _place(_relative_error(numerical, gradient)), numerical


@gradient_check.mistake(
    "restored_by_arithmetic",
    "The answer is right, but x is not quite what it was: adding h, taking off 2h and adding h again leaves rounding "
    "errors. Keep the entry's old value and put it back, or work on a copy.",
    PAGE + "check",
)
def _(f, x, gradient):
    numerical = np.empty(x.shape)
    for index in np.ndindex(*x.shape):
        x[index] += H
        above = f(x)
        x[index] -= 2 * H
        numerical[index] = (above - f(x)) / (2 * H)
        x[index] += H
    return _place(_relative_error(numerical, gradient)), numerical


@gradient_check.mistake(
    "names_for_copies",
    "All your slopes are 0, because f sees the same array both times: `above = x` makes a second name for x, not a "
    "second array. x.copy() does.",
    PAGE + "check",
)
def _(f, x, gradient):
    numerical = np.empty(x.shape)
    for index in np.ndindex(*x.shape):
        above, below = x, x
        above[index] += H
        below[index] -= H
        numerical[index] = (f(above) - f(below)) / (2 * H)
    return _place(_relative_error(numerical, gradient)), numerical


@gradient_check.mistake(
    "flat_index",
    "numerical is right. argmax gives a place in the flattened array; the task asks for one index for each axis, so "
    "that gradient[worst] is the entry.",
    PAGE + "check",
)
def _(f, x, gradient):
    numerical = _central(f, x)
    return int(np.argmax(_relative_error(numerical, gradient))), numerical


@gradient_check.mistake(
    "largest_entry",
    "numerical is right, but you point at the largest entry of the gradient. The worst one is where the two gradients "
    "disagree most.",
    PAGE + "check",
)
def _(f, x, gradient):
    numerical = _central(f, x)
    return _place(np.abs(numerical)), numerical


@gradient_check.mistake(
    "sign_of_difference",
    "numerical is right, but the difference keeps its sign when you look for the largest: an entry that is far too "
    "large counts as less than one slightly too small. Compare sizes.",
    PAGE + "check",
)
def _(f, x, gradient):
    numerical = _central(f, x)
    return _place(numerical - gradient), numerical


@gradient_check.mistake(
    "zero_over_zero",
    "Where both gradients are 0 your relative error is 0/0 = NaN, and argmax takes NaN for the largest. Keep the "
    "denominator away from 0, as the task's formula does.",
    PAGE + "check",
)
def _(f, x, gradient):
    numerical = _central(f, x)
    with np.errstate(invalid="ignore"):
        errors = np.abs(numerical - gradient) / (np.abs(numerical) + np.abs(gradient))
    return _place(errors), numerical


@gradient_check.alternative
def with_flat_views(f, x, gradient):
    moved = x.copy().reshape(-1)
    numerical = np.zeros(x.size)
    for i in range(x.size):
        old = moved[i]
        moved[i] = old + 1e-5
        above = f(moved.reshape(x.shape))
        moved[i] = old - 1e-5
        below = f(moved.reshape(x.shape))
        moved[i] = old
        numerical[i] = (above - below) / 2e-5
    numerical = numerical.reshape(x.shape)
    worst = np.unravel_index(np.abs(numerical - gradient).argmax(), x.shape)
    return worst, numerical


@gradient_check.alternative
def with_identity_rows(f, x, gradient):
    steps = 1e-6 * np.eye(x.size).reshape(x.size, *x.shape)
    numerical = np.array([f(x + step) - f(x - step) for step in steps]).reshape(x.shape) / 2e-6
    error = np.abs(numerical - gradient) / np.fmax(
        1e-8, np.fmax(np.abs(numerical), np.abs(gradient))
    )
    return list(np.argwhere(error == error.max())[0]), numerical


# ---------------------------------------------------------------------------- gradient_norms

gradient_norms = chapter.exercise(
    "gradient_norms",
    signature=(
        "gradient_norms(x: (N, D) float64, labels: (N,) int64, weights: list of L (D_in, D_out) float64, "
        "biases: list of L (D_out,) float64, activation: str) -> norms: list of L float"
    ),
    outputs=("norms",),
    points=1,
    driver="backpropagation.norms_by_layer",
    tolerance=Tolerance(absolute=1e-15),
    uses=("mlp_gradients",),
    forbids=BY_HAND,
    section=PAGE + "vanishing",
)


@gradient_norms.case("six layers, sigmoid")
def _(random) -> dict[str, PlainData]:
    return _network(random, 5, [4, 6, 5, 6, 5, 7, 3], "sigmoid", gain=1.0)


@gradient_norms.case("three layers, tanh, one example")
def _(random) -> dict[str, PlainData]:
    return _network(random, 1, [3, 5, 4, 2], "tanh")


@gradient_norms.case("four layers of one width, relu")
def _(random) -> dict[str, PlainData]:
    return _network(random, 8, [5, 5, 5, 5, 5], "relu")


@gradient_norms.case("twenty layers, tanh", secret=True)
def _(random) -> dict[str, PlainData]:
    return _network(random, 6, [7] * 20 + [3], "tanh", gain=1.0)


@gradient_norms.reference
def _(x, labels, weights, biases, activation):
    import torch

    W = [_tensor(array).requires_grad_(True) for array in weights]
    b = [_tensor(array) for array in biases]
    loss = _loss_of_network(_tensor(x), _tensor(labels), W, b, activation)
    return [float(gradient.norm()) for gradient in torch.autograd.grad(loss, W)]


def _weight_gradients(x, labels, weights, biases, activation):
    return _mlp_answer(x, labels, weights, biases, activation, _right(weights, activation))[1]


@gradient_norms.mistake(
    "root_dropped",
    "You summed the squares and did not take the root.",
    PAGE + "vanishing",
)
def _(x, labels, weights, biases, activation):
    return [float(np.sum(g**2)) for g in _weight_gradients(x, labels, weights, biases, activation)]


@gradient_norms.mistake(
    "spectral_norm",
    "np.linalg.norm(A, 2) of a matrix is its largest singular value. The task asks for the Frobenius norm, the root "
    "of the sum of all squares (which is what np.linalg.norm gives without the 2).",
    PAGE + "vanishing",
)
def _(x, labels, weights, biases, activation):
    gradients = _weight_gradients(x, labels, weights, biases, activation)
    return [float(np.linalg.norm(g, 2)) for g in gradients]


@gradient_norms.mistake(
    "last_layer_first",
    "The norms are right, but the last layer comes first. Entry l belongs to weights[l].",
    PAGE + "vanishing",
)
def _(x, labels, weights, biases, activation):
    gradients = _weight_gradients(x, labels, weights, biases, activation)
    return [float(np.linalg.norm(g)) for g in gradients[::-1]]


@gradient_norms.mistake(
    "norms_of_weights",
    "You measured the weights themselves; the question is how large their gradients are.",
    PAGE + "vanishing",
)
def _(x, labels, weights, biases, activation):
    return [float(np.linalg.norm(W)) for W in weights]


@gradient_norms.mistake(
    "root_mean_square",
    "You divided by the number of entries under the root: that is the root mean square. The norm is the root of the "
    "sum.",
    PAGE + "vanishing",
)
def _(x, labels, weights, biases, activation):
    gradients = _weight_gradients(x, labels, weights, biases, activation)
    return [float(np.sqrt(np.mean(g**2))) for g in gradients]


@gradient_norms.alternative
def with_singular_values(x, labels, weights, biases, activation):
    gradients = _weight_gradients(x, labels, weights, biases, activation)
    return np.array([np.sqrt((np.linalg.svd(g)[1] ** 2).sum()) for g in gradients])


@gradient_norms.alternative
def with_flattened_gradients(x, labels, weights, biases, activation):
    _, gradients, _ = one_example_at_a_time(x, labels, weights, biases, activation)
    return tuple(math.sqrt(g.ravel() @ g.ravel()) for g in gradients)
