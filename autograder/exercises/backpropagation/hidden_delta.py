import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.backpropagation.shared import ACTIVATIONS, BY_HAND, PAGE, SLOPES
from autograder.exercises.shared import as_tensor
from dlarch.plain import PlainData

hidden_delta = Exercise(
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


@hidden_delta.case("as many examples as units in both layers, tanh")
def _(random) -> dict[str, PlainData]:
    return _layer(random, 4, 4, 4, "tanh")


@hidden_delta.case("one unit that feeds one, relu")
def _(random) -> dict[str, PlainData]:
    case = _layer(random, 3, 1, 1, "relu")
    case["h"][:, 0] = [0.0, 0.7, 0.2]
    return case


@hidden_delta.case("wide layer, relu")
def _(random) -> dict[str, PlainData]:
    return _layer(random, 4, 7, 2, "relu")


@hidden_delta.case("some units saturated, tanh")
def _(random) -> dict[str, PlainData]:
    case = _layer(random, 2, 5, 3, "tanh")
    case["h"][1, :4] = [1.0, -1.0, 0.0, 1.0]
    return case


@hidden_delta.case("large, relu", secret=True)
def _(random) -> dict[str, PlainData]:
    return _layer(random, 33, 19, 6, "relu")


@hidden_delta.case("N = D = K, tanh", secret=True)
def _(random) -> dict[str, PlainData]:
    return _layer(random, 6, 6, 6, "tanh")


@hidden_delta.reference
def _(delta_next, W_next, h, h_next, activation):
    from autograder.kernels.activations import activation_backward
    from autograder.kernels.matmul import matmul

    dh = matmul(as_tensor(delta_next), as_tensor(W_next).T)
    return activation_backward(as_tensor(h), dh, activation).numpy()


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


hidden_delta.slip(
    "slope_dropped",
    "You left out g′: what you return is ∂E/∂h, the error that arrives at the unit's output. δ is the derivative "
    "with respect to its pre-activation.",
    PAGE + "delta",
    of="with_loops_over_units",
    right="            delta[n, j] *= SLOPES[activation](h[n, j])\n",
    wrong="",
)


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
    "You applied the activation to h once more: that is the slope at another place. h is already g(a).",
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


@hidden_delta.mistake(
    "reshaped_for_transposed",
    "W_next.reshape gives a matrix of the right shape with the numbers in the wrong places: it fills the new rows one "
    "after another. Rows and columns have to change places.",
    PAGE + "delta",
)
def _(delta_next, W_next, h, h_next, activation):
    return delta_next @ W_next.reshape(W_next.shape[::-1]) * SLOPES[activation](h)


@hidden_delta.mistake(
    "activation_ignored",
    "The slope is always that of one activation. `activation` says which one the layers have.",
    PAGE + "activations",
)
def _(delta_next, W_next, h, h_next, activation):
    return delta_next @ W_next.T * SLOPES["sigmoid"](h)


for _always in ("tanh", "relu"):

    @hidden_delta.mistake("activation_ignored")
    def _(delta_next, W_next, h, h_next, activation, always=_always):
        return delta_next @ W_next.T * SLOPES[always](h)


@hidden_delta.mistake(
    "sigmoid_slope_for_tanh",
    "For tanh you used the slope of the sigmoid. Their outputs have different ranges, and so do the forms of g′.",
    PAGE + "activations",
)
def _(delta_next, W_next, h, h_next, activation):
    return delta_next @ W_next.T * SLOPES["sigmoid" if activation == "tanh" else activation](h)


@hidden_delta.mistake(
    "tanh_not_squared",
    "For tanh you used 1 − h. Check it at large negative a: a slope of tanh lies between 0 and 1.",
    PAGE + "activations",
)
def _(delta_next, W_next, h, h_next, activation):
    return delta_next @ W_next.T * (1 - h if activation == "tanh" else SLOPES[activation](h))


@hidden_delta.mistake(
    "relu_gate_always_open",
    "Your relu lets every error through: no output of a relu is below 0, also not those of the units that were switched "
    "off.",
    PAGE + "activations",
)
def _(delta_next, W_next, h, h_next, activation):
    return delta_next @ W_next.T * ((h >= 0) if activation == "relu" else SLOPES[activation](h))


@hidden_delta.mistake(
    "relu_times_output",
    "For relu you multiplied by h. The slope of relu does not depend on how large the output is.",
    PAGE + "activations",
)
def _(delta_next, W_next, h, h_next, activation):
    return delta_next @ W_next.T * (h if activation == "relu" else SLOPES[activation](h))


@hidden_delta.mistake(
    "relu_gate_on_the_error",
    "Your relu passes on where the error is positive. Whether a unit was on is seen from its output.",
    PAGE + "activations",
)
def _(delta_next, W_next, h, h_next, activation):
    dh = delta_next @ W_next.T
    return dh * ((dh > 0) if activation == "relu" else SLOPES[activation](h))


@hidden_delta.mistake(
    "bracket_missing",
    "A bracket is missing in the slope: products bind more tightly than minus does.",
    PAGE + "activations",
)
def _(delta_next, W_next, h, h_next, activation):
    dh = delta_next @ W_next.T
    return {"sigmoid": dh * h * 1 - h, "tanh": dh * 1 - h**2, "relu": dh * (h > 0)}[activation]


@hidden_delta.mistake("bracket_missing")
def _(delta_next, W_next, h, h_next, activation):
    dh = delta_next @ W_next.T
    return dh * 1 - h**2 if activation == "tanh" else dh * SLOPES[activation](h)


@hidden_delta.mistake("bracket_missing")
def _(delta_next, W_next, h, h_next, activation):
    dh = delta_next @ W_next.T
    return dh * h * 1 - h if activation == "sigmoid" else dh * SLOPES[activation](h)


@hidden_delta.mistake("bracket_missing")
def _(delta_next, W_next, h, h_next, activation):
    dh = delta_next @ W_next.T
    return dh * (h * 1 - h) if activation == "sigmoid" else dh * SLOPES[activation](h)


@hidden_delta.mistake(
    "wrong_sign",
    "The sign is reversed. The minus of gradient descent belongs to the update; errors go back with the sign they have.",
    PAGE + "delta",
)
def _(delta_next, W_next, h, h_next, activation):
    return -(delta_next @ W_next.T) * SLOPES[activation](h)


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
