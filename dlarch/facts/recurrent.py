"""Facts of chapter 10: the tokens that were drawn, and what a network with recorded weights remembers."""

import numpy as np

from dlarch.drivers import UnreadableError
from dlarch.plain import PlainData, describe, is_array, is_number

MOST_UNITS = 400
"""Units that a network may have."""


def sampled_tokens(record: PlainData, **arguments: PlainData) -> dict[str, PlainData]:
    """Give `token`, the drawn tokens as one array of integers.

    Raises:
        UnreadableError: something that was drawn is no integer.
    """
    if not isinstance(record, list):
        raise UnreadableError(f"expected a token for each draw, got {describe(record)}")
    for token in record:
        scalar = is_number(token) or (is_array(token) and np.ndim(token) == 0)
        if not scalar or np.asarray(token).dtype.kind not in "iu":
            raise UnreadableError(
                f"expected a token, an int, got {'None' if token is None else describe(token)}"
            )
    return {"token": np.array([int(token) for token in record])}


def delay_line(
    record: PlainData, signal: np.ndarray, delay: int, gain: float, error: float
) -> dict[str, PlainData]:
    """Run a network with the recorded weights on a signal.

    h_t = tanh(x_t W + h_{t−1} U) with h_0 = 0, y_t = h_t V; wanted is y_t = gain · x_{t − delay}

    Args:
        record: W (1, M), U (M, M), V (M, 1).
        signal: x, (T,), with |x| ≤ 1.
        delay: by how many steps the output is to be late.
        gain: what the output is to be multiplied by.
        error: the largest error allowed.

    Returns:
        `units`, M; `delay`, by how many steps the output is late, where it is most like the input, −1 where
        it is 0 or not finite; `error`, the largest error in units of the allowed one, rounded up to a power
        of two, and at least 1.

    Raises:
        UnreadableError: weights that do not fit together, or of too many units.
    """
    W, U, V = _weights(record)
    h, outputs = np.zeros(len(U)), []
    for x in signal:
        h = np.tanh(x * W[0] + h @ U)
        outputs.append(h @ V[:, 0])
    y = np.array(outputs)
    if not np.isfinite(y).all() or not y.any():
        return {"units": len(U), "delay": -1, "error": np.inf}
    late = [
        np.concatenate([np.zeros(lag), signal[: len(signal) - lag]]) for lag in range(delay + 4)
    ]
    likeness = [abs(y @ x) / np.linalg.norm(x) for x in late]
    largest = np.abs(y - gain * late[delay]).max() / error
    return {
        "units": len(U),
        "delay": int(np.argmax(likeness)),
        "error": float(2 ** np.ceil(np.log2(max(largest, 1)))),
    }


def _weights(record: PlainData) -> list[np.ndarray]:
    if not isinstance(record, list | tuple) or len(record) != 3:
        raise UnreadableError(f"expected W, U and V, got {describe(record)}")
    try:
        W, U, V = (np.asarray(array, dtype=np.float64) for array in record)
    except (TypeError, ValueError) as error:
        raise UnreadableError("expected W, U and V as arrays, got others") from error
    M = U.shape[0] if U.ndim == 2 else 0
    for name, array, shape in (("U", U, (M, M)), ("W", W, (1, M)), ("V", V, (M, 1))):
        if not M or array.shape != shape:
            raise UnreadableError(
                f"{name} has shape {array.shape}: expected W (1, M), U (M, M) and V (M, 1)"
            )
    if M > MOST_UNITS:
        raise UnreadableError(f"the network has {M} units, expected at most {MOST_UNITS}")
    return [W, U, V]
