"""What kind of wrong? Regularities that a wrong answer shows in every case.

Nothing here guesses: a regularity is named only when it explains every element of the output in every
failing case, and only one explanation fits.
"""

from collections.abc import Callable

import numpy as np

from dlarch.compare import Tolerance, is_numeric
from dlarch.plain import PlainData, as_array, is_array, is_tensor, leaves

Triple = tuple[dict[str, PlainData], PlainData, PlainData]
"""Arguments of a case, expected output, actual output."""


def fingerprint(output: str, failing: list[Triple], tolerance: Tolerance) -> str | None:
    """Name the one regularity that explains a wrong output in all failing cases.

    Args:
        output: name of the output.
        failing: the cases in which the output is wrong, none empty.
        tolerance: as for the comparison.

    Returns:
        One sentence, or None when no regularity, or more than one, explains the output.
    """
    if not all(is_numeric(expected) and is_numeric(actual) for _, expected, actual in failing):
        return None
    triples = [
        (arguments, as_array(expected), as_array(actual)) for arguments, expected, actual in failing
    ]
    if any(actual.dtype.kind not in "biuf" for _, _, actual in triples):
        return None
    regularities = VISIBLE + (PECULIAR if _rules_out_chance(triples) else ())
    found = [
        sentence for regularity in regularities
        if (sentence := regularity(output, triples, tolerance))
    ]  # fmt: skip
    return found[0] if len(found) == 1 else None


def _close(expected: np.ndarray, actual: np.ndarray, tolerance: Tolerance) -> bool:
    if expected.shape != actual.shape or not np.isfinite(actual).all():
        return False
    difference = np.abs(actual.astype(np.float64) - expected.astype(np.float64))
    return bool((difference <= tolerance.limit(expected)).all())


def _rules_out_chance(triples: list) -> bool:
    """Say whether the expected values are peculiar enough that no wrong answer fits them by chance.

    Zeros, ones and small fractions agree with much; one other number, or four different ones, does not.
    """
    values = np.unique(np.concatenate([expected.reshape(-1) for _, expected, _ in triples]))
    values = values[np.isfinite(values) & (values != 0)].astype(np.float64)
    return len(values) >= 4 or bool(np.any(np.abs(8 * values - np.round(8 * values)) > 1e-6))


def _tells(expected: np.ndarray) -> bool:
    return expected.size > 0 and bool(np.isfinite(expected).all() and np.any(expected != 0))


def _constant_factor(output: str, triples: list, tolerance: Tolerance) -> str | None:
    factors = {"−1": -1.0, "2": 2.0, "½": 0.5, "−2": -2.0, "−½": -0.5}
    fitting = [
        name for name, factor in factors.items()
        if all(
            _tells(expected) and _close(factor * expected, actual, tolerance)
            for _, expected, actual in triples
        )
    ]  # fmt: skip
    if len(fitting) != 1:
        return None
    if fitting == ["−1"]:
        return f"{output} has the wrong sign everywhere: it is −1 times the expected value."
    return f"{output} is {fitting[0]} times the expected value everywhere."


def _size_factor(output: str, triples: list, tolerance: Tolerance) -> str | None:
    sizes = [_sizes(arguments) for arguments, _, _ in triples]
    common = [name for name in sizes[0] if all(name in others for others in sizes)]
    fitting = {}
    for name in common:
        own = tuple(others[name] for others in sizes)
        for relation, power in RELATIONS.items():
            if min(own) > 2 and all(
                _tells(expected) and _close(float(size) ** power * expected, actual, tolerance)
                for size, (_, expected, actual) in zip(own, triples, strict=True)
            ):
                fitting.setdefault((own, relation), name)
    if len(fitting) != 1:
        return None
    ((own, relation), name) = next(iter(fitting.items()))
    cause = "a sum in place of a mean" if RELATIONS[relation] > 0 else "a mean in place of a sum"
    return (
        f"{output} is the expected value {relation} the size of {name} ({own[0]} here), "
        f"as {cause} gives it."
    )


def _sizes(arguments: dict[str, PlainData]) -> dict[str, int]:
    return {
        f"{leaf}, axis {axis}": size
        for name, value in arguments.items()
        for leaf, array in leaves(value, name).items()
        if is_array(array) or is_tensor(array)
        for axis, size in enumerate(array.shape)
    }


def _transposed(output: str, triples: list, tolerance: Tolerance) -> str | None:
    if all(
        expected.ndim == 2 and _close(expected.T, actual, tolerance)
        for _, expected, actual in triples
    ):
        return f"{output} is the transpose of the expected value."
    return None


def _flipped(output: str, triples: list, tolerance: Tolerance) -> str | None:
    most = min(expected.ndim for _, expected, _ in triples)
    fitting = [
        axis for axis in range(-most, 0)
        if all(
            _close(np.flip(expected, axis), actual, tolerance) for _, expected, actual in triples
        )
    ]  # fmt: skip
    both = most >= 2 and all(
        _close(np.flip(expected, (-2, -1)), actual, tolerance) for _, expected, actual in triples
    )
    if both and not fitting:
        return f"{output} is the expected value flipped along its last two axes."
    if len(fitting) == 1 and not both:
        return f"{output} is the expected value flipped along axis {fitting[0]}."
    return None


def _summed(output: str, triples: list, tolerance: Tolerance) -> str | None:
    pairs = [(expected, actual) for _, expected, actual in triples]
    swapped = [(actual, expected) for expected, actual in pairs]
    found = []
    for axis in range(max(array.ndim for pair in pairs for array in pair)):
        for reduce, word in ((np.sum, "summed"), (np.mean, "averaged")):
            if _reduces(reduce, axis, pairs, tolerance):
                found.append(f"{output} is the expected value {word} over axis {axis}.")
            if _reduces(reduce, axis, swapped, tolerance):
                found.append(f"{output} still has to be {word} over axis {axis}.")
    return found[0] if len(found) == 1 else None


def _reduces(
    reduce: Callable, axis: int, pairs: list[tuple[np.ndarray, np.ndarray]], tolerance: Tolerance
) -> bool:
    """Say whether reducing `axis` of the first array, which varies along it, always gives the second."""
    if any(axis >= whole.ndim or not np.isfinite(whole).all() for whole, _ in pairs):
        return False
    return any(np.any(whole != whole.take([0], axis)) for whole, _ in pairs if whole.size) and any(
        all(
            _close(reduce(whole, axis=axis, keepdims=keepdims), reduced, tolerance)
            for whole, reduced in pairs
        )
        for keepdims in (False, True)
    )


def _reshaped(output: str, triples: list, tolerance: Tolerance) -> str | None:
    if all(
        _tells(expected)
        and expected.shape != actual.shape
        and expected.size == actual.size
        and _close(expected.reshape(-1), actual.reshape(-1), tolerance)
        for _, expected, actual in triples
    ):
        _, expected, actual = triples[0]
        return (
            f"{output} holds the right numbers in the wrong shape: "
            f"expected {expected.shape}, got {actual.shape}."
        )
    return None


def _integer(output: str, triples: list, tolerance: Tolerance) -> str | None:
    if all(
        actual.dtype.kind in "iu" and expected.dtype.kind == "f" and np.any(actual)
        and expected.shape == actual.shape and np.array_equal(np.trunc(expected), actual)
        for _, expected, actual in triples
    ):  # fmt: skip
        return f"{output} lost its decimals: it came as whole numbers ({triples[0][2].dtype})."
    return None


def _missing_gradient(output: str, triples: list, tolerance: Tolerance) -> str | None:
    if output.startswith("gradient") and all(
        _tells(expected) and expected.shape == actual.shape and not np.any(actual)
        for _, expected, actual in triples
    ):
        return f"{output} is zero everywhere."
    return None


RELATIONS = {"multiplied by": 1, "divided by": -1}
VISIBLE = (_reshaped, _missing_gradient)
"""Regularities that the output shows whatever is expected."""
PECULIAR = (_constant_factor, _size_factor, _transposed, _flipped, _summed, _integer)
"""Regularities that a coincidence could feign, where the expected values are few and plain."""
