"""Drivers of chapter 02: activations passed by name, and small networks run with a learner's weights."""

from collections.abc import Callable

import numpy as np

from dlarch.plain import PlainData

ACTIVATIONS = {
    "identity": lambda a: a,
    "threshold": lambda a: np.heaviside(a, 1.0),
    "tanh": np.tanh,
    "arctan": np.arctan,
}
"""Functions that a learner's neuron is given; they act entry by entry."""

MOST_UNITS = 2000
"""Hidden units that a network may have."""


def with_activation(function: Callable, g: str, **arguments: PlainData) -> PlainData:
    """Call `function(g=..., **arguments)` with the activation of a name in ACTIVATIONS."""
    return function(g=ACTIVATIONS[g], **arguments)


def without_overflow(function: Callable, **arguments: PlainData) -> PlainData:
    """Call `function(**arguments)`; NumPy's overflow, 0/0 and x/0 are errors there, not warnings."""
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        return function(**arguments)


def xor_network(function: Callable, low: float, high: float) -> dict[str, PlainData]:
    """Run a network of threshold units with the weights of `function(low=low, high=high)`.

    h = threshold(x W1 + b1), answer = threshold(h W2 + b2), threshold(a) = 1 where a ≥ 0, else 0

    Args:
        function: the learner's function; returns W1 (2, H), b1 (H,), W2 (H, 1), b2 (1,).
        low, high: the numbers that stand for no and yes at the two inputs.

    Returns:
        `exact`, the answers to (low, low), (low, high), (high, low), (high, high); `disturbed`, (4, 4),
        the answers with both inputs moved by a tenth of high − low, down and up in all combinations.

    Raises:
        ValueError: weights that do not fit together.
    """
    W1, b1, W2, b2 = (np.asarray(array, dtype=np.float64) for array in function(low=low, high=high))
    H = b1.size
    for name, array, shape in (
        ("W1", W1, (2, H)), ("b1", b1, (H,)), ("W2", W2, (H, 1)), ("b2", b2, (1,)),
    ):  # fmt: skip
        if array.shape != shape:
            raise ValueError(
                f"{name} has shape {array.shape}, expected {shape} beside b1 {b1.shape}"
            )

    def answers(x: np.ndarray) -> np.ndarray:
        h = np.heaviside(x @ W1 + b1, 1.0)
        return np.heaviside(h @ W2 + b2, 1.0)[:, 0]

    x = np.array([[low, low], [low, high], [high, low], [high, high]])
    shift = (high - low) / 10
    shifts = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]]) * shift
    return {
        "exact": answers(x),
        "disturbed": answers((x[:, None] + shifts).reshape(16, 2)).reshape(4, 4),
    }


def hidden_layer_values(function: Callable, x: np.ndarray, **arguments: PlainData) -> np.ndarray:
    """Give the values at `x` (N,) of the network whose w, b and v `function(**arguments)` returns."""
    return _network(*function(**arguments))(x)


def approximation_error(
    function: Callable, target: dict[str, PlainData], epsilon: float, slope: float
) -> dict[str, PlainData]:
    """Let `function(f, epsilon, slope)` build a network and measure how far it is from f on [0, 1].

    Args:
        function: the learner's function; returns w, b and v of a hidden layer, (H,) each.
        target: description of f: `zigzag` (a polygon's corners: `x`, `y`) or `wave` (`offset`, `amplitude`,
            `frequency`, `phase`).
        epsilon: the largest error allowed.
        slope: a number with |f(x) − f(x′)| ≤ slope · |x − x′|.

    Returns:
        The largest errors `error_inside`, on [0.05, 0.95], and `error_near_the_ends`, on the rest of [0, 1],
        in units of `epsilon`, rounded up to a power of two, and at least 1.
    """
    f = _target(**target)
    output = _network(*function(f=f, epsilon=epsilon, slope=slope))
    x = np.linspace(0, 1, 2001)
    error = np.abs(output(x) - f(x)) / epsilon
    inside = (x >= 0.05) & (x <= 0.95)
    return {
        "error_inside": _rounded_up(error[inside]),
        "error_near_the_ends": _rounded_up(error[~inside]),
    }


def _network(w: PlainData, b: PlainData, v: PlainData) -> Callable[[np.ndarray], np.ndarray]:
    """Give F(x) = Σ v_i σ(w_i x + b_i) as a function of arrays (N,), with σ(a) = (1 + tanh(a / 2)) / 2."""
    w, b, v = (np.asarray(array, dtype=np.float64) for array in (w, b, v))
    if not w.shape == b.shape == v.shape == (w.size,):
        raise ValueError(
            f"w, b and v have shapes {w.shape}, {b.shape}, {v.shape}, expected (H,) each"
        )
    if w.size > MOST_UNITS:
        raise ValueError(f"the network has {w.size} hidden units, expected at most {MOST_UNITS}")
    return lambda x: (1 + np.tanh((x[:, None] * w + b) / 2)) @ v / 2


def _target(kind: str, **settings: PlainData) -> Callable[[np.ndarray], np.ndarray]:
    if kind == "zigzag":
        return lambda x: np.interp(x, settings["x"], settings["y"])
    return lambda x: (
        settings["offset"]
        + settings["amplitude"] * np.sin(settings["frequency"] * np.asarray(x) + settings["phase"])
    )


def _rounded_up(error: np.ndarray) -> float:
    largest = float(error.max())
    return largest if not np.isfinite(largest) else float(2 ** np.ceil(np.log2(max(largest, 1))))
