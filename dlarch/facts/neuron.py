"""Facts of chapter 02: what small networks answer with a learner's weights."""

from collections.abc import Callable

import numpy as np

from dlarch.drivers import UnreadableError
from dlarch.drivers.neuron import target_function
from dlarch.plain import PlainData, describe

MOST_UNITS = 2000
"""Hidden units that a network may have."""


def xor_network(record: PlainData, low: float, high: float) -> dict[str, PlainData]:
    """Run a network of threshold units with the recorded weights.

    h = threshold(x W1 + b1), answer = threshold(h W2 + b2), threshold(a) = 1 where a ≥ 0, else 0

    Args:
        record: W1 (2, H), b1 (H,), W2 (H, 1), b2 (1,).
        low, high: the numbers that stand for no and yes at the two inputs.

    Returns:
        `answers` to (low, low), (low, high), (high, low), (high, high); `answers_stay_when_inputs_move`,
        whether each stays with both inputs moved by a tenth of high − low, down and up in all combinations.
        It is one value, because at a line through a point rounding decides which of the answers change.

    Raises:
        UnreadableError: weights that do not fit together.
    """
    W1, b1, W2, b2 = _arrays(record, ("W1", "b1", "W2", "b2"))
    H = min(b1.size, MOST_UNITS)
    for name, array, shape in (
        ("W1", W1, (2, H)), ("b1", b1, (H,)), ("W2", W2, (H, 1)), ("b2", b2, (1,)),
    ):  # fmt: skip
        if array.shape != shape:
            raise UnreadableError(
                f"{name} has shape {array.shape}, expected {shape} beside b1 {b1.shape}"
            )

    def answers(x: np.ndarray) -> np.ndarray:
        h = np.heaviside(x @ W1 + b1, 1.0)
        return np.heaviside(h @ W2 + b2, 1.0)[:, 0]

    x = np.array([[low, low], [low, high], [high, low], [high, high]])
    shift = (high - low) / 10
    shifts = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]]) * shift
    moved = answers((x[:, None] + shifts).reshape(16, 2)).reshape(4, 4)
    return {
        "answers": answers(x),
        "answers_stay_when_inputs_move": bool((moved == answers(x)[:, None]).all()),
    }


def hidden_layer_values(record: PlainData, x: np.ndarray, **arguments: PlainData) -> np.ndarray:
    """Give the values at `x` (N,) of the network whose w, b and v were recorded."""
    return _network(record)(x)


def approximation_error(
    record: PlainData, target: dict[str, PlainData], epsilon: float, slope: float
) -> dict[str, PlainData]:
    """Measure how far the network whose w, b and v were recorded is from f on [0, 1].

    Args:
        record: w, b and v of a hidden layer, (H,) each.
        target: description of f, as `target_function` takes it.
        epsilon: the largest error allowed.
        slope: as the learner's function takes it.

    Returns:
        The largest errors `error_inside`, on [0.05, 0.95], and `error_near_the_ends`, on the rest of [0, 1],
        in units of `epsilon`, rounded up to a power of two, and at least 1.
    """
    x = np.linspace(0, 1, 2001)
    error = np.abs(_network(record)(x) - target_function(**target)(x)) / epsilon
    inside = (x >= 0.05) & (x <= 0.95)
    return {
        "error_inside": _rounded_up(error[inside]),
        "error_near_the_ends": _rounded_up(error[~inside]),
    }


def _arrays(record: PlainData, names: tuple[str, ...]) -> list[np.ndarray]:
    if not isinstance(record, list | tuple) or len(record) != len(names):
        raise UnreadableError(f"expected {', '.join(names)}, got {describe(record)}")
    try:
        return [np.asarray(array, dtype=np.float64) for array in record]
    except (TypeError, ValueError) as error:
        raise UnreadableError(f"expected {', '.join(names)} as arrays, got others") from error


def _network(record: PlainData) -> Callable[[np.ndarray], np.ndarray]:
    """Give F(x) = Σ v_i σ(w_i x + b_i) as a function of arrays (N,); σ(a) = (1 + tanh(a / 2)) / 2."""
    w, b, v = _arrays(record, ("w", "b", "v"))
    if not w.shape == b.shape == v.shape == (w.size,):
        raise UnreadableError(
            f"w, b and v have shapes {w.shape}, {b.shape}, {v.shape}, expected (H,) each"
        )
    if w.size > MOST_UNITS:
        raise UnreadableError(
            f"the network has {w.size} hidden units, expected at most {MOST_UNITS}"
        )
    return lambda x: (1 + np.tanh((x[:, None] * w + b) / 2)) @ v / 2


def _rounded_up(error: np.ndarray) -> float:
    largest = float(error.max())
    return largest if not np.isfinite(largest) else float(2 ** np.ceil(np.log2(max(largest, 1))))
