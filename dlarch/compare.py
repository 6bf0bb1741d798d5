"""Is it right? One output compared with what was expected."""

import re
from dataclasses import dataclass

import numpy as np

from dlarch.plain import PlainData, as_array, describe, is_array, is_number, is_tensor

EQUAL = 1e-12
"""The largest allowed error of an integer."""


@dataclass(frozen=True)
class Tolerance:
    """How far a number may lie from the expected one.

    |actual − expected| ≤ absolute + relative · (|expected| + rms(expected))

    Integers and booleans must be equal.
    """

    relative: float = 1e-4
    absolute: float = 1e-7
    whole: bool = False
    """An int must come as one, not as 12.0, since it is used as a size."""

    def limit(self, expected: np.ndarray) -> np.ndarray:
        """Give the largest allowed error for each element of `expected`."""
        if expected.dtype.kind in "biu":
            return np.full(expected.shape, EQUAL)
        finite = np.where(np.isfinite(expected), expected, 0.0).astype(np.float64)
        root_mean_square = np.sqrt(np.mean(finite**2)) if finite.size else 0.0
        return self.absolute + self.relative * (np.abs(finite) + root_mean_square)


@dataclass(frozen=True)
class Bound:
    """An expectation that many numbers meet: low ≤ actual ≤ high."""

    low: float = -np.inf
    high: float = np.inf


@dataclass
class Comparison:
    """One output of one case against its expectation."""

    output: str
    """Name of the output."""
    passed: bool
    kind: str = "value"
    """What failed first: type, shape, finite, value or bound."""
    expected_shape: tuple[int, ...] | None = None
    actual_shape: tuple[int, ...] | None = None
    error: float | None = None
    """Largest absolute error, of arrays of the right shape."""
    limit: float | None = None
    """The tolerance at the place of the largest error in units of its tolerance."""
    message: str = ""


def is_numeric(value: PlainData) -> bool:
    """Say whether `value` can be compared as an array of numbers."""
    return is_number(value) or is_array(value) or is_tensor(value)


def described(value: PlainData) -> str:
    """Name the kind of a value that came in place of the expected one; None has a likely cause."""
    return "None: is a `return` missing?" if value is None else describe(value)


def compare(
    output: str, expected: PlainData, actual: PlainData, tolerance: Tolerance
) -> Comparison:
    """Compare one leaf with its expectation.

    Args:
        output: name of the output, for the message.
        expected: number, array, tensor, string, None, or a Bound.
        actual: what the learner's code gave.
        tolerance: allowed error of floating-point numbers; integers must be equal.

    Returns:
        The comparison; `kind` says which test failed first, in the order type, shape, finite, value.
    """
    if isinstance(expected, Bound):
        return _compare_bound(output, expected, actual)
    if not is_numeric(expected):
        passed = isinstance(actual, type(expected)) and expected == actual
        message = "" if passed else f"{output}: expected {expected!r}, got {_short(actual)}"
        return Comparison(output, passed, "value", message=message)
    if actual is None and output.startswith("gradient_"):
        name = output.removeprefix("gradient_")
        message = f"no gradient reaches {name}: the value is not computed from it by torch alone"
        return Comparison(output, False, "type", message=message)
    if not is_numeric(actual) or is_tensor(expected) != is_tensor(actual):
        wanted = "number" if is_number(expected) else describe(expected)
        message = f"{output}: expected a {wanted}, got {described(actual)}"
        return Comparison(output, False, "type", message=message)
    if (
        tolerance.whole
        and type(expected) is int
        and as_array(actual).dtype.kind == "f"
        and as_array(actual).ndim == 0
    ):
        message = f"{output}: expected a whole number (int), got {_short(actual)} ({_kind(actual)})"
        return Comparison(output, False, "type", message=message)
    return _compare_arrays(output, as_array(expected), as_array(actual), tolerance)


def _compare_bound(output: str, bound: Bound, actual: PlainData) -> Comparison:
    number = as_array(actual) if is_numeric(actual) else np.empty(0)
    if number.size != 1 or number.dtype.kind not in "biuf":
        message = f"{output}: expected one number, got {described(actual)}"
        return Comparison(output, False, "type", message=message)
    number = float(number.reshape(()))
    passed = bound.low <= number <= bound.high
    wanted = f"at most {bound.high:.6g}" if np.isinf(bound.low) else f"at least {bound.low:.6g}"
    if np.isfinite(bound.low) and np.isfinite(bound.high):
        wanted = f"between {bound.low:.6g} and {bound.high:.6g}"
    message = "" if passed else f"{output}: expected {wanted}, got {number:.6g}"
    return Comparison(output, passed, "bound", message=message)


def _compare_arrays(
    output: str, expected: np.ndarray, actual: np.ndarray, tolerance: Tolerance
) -> Comparison:
    shapes = {"expected_shape": expected.shape, "actual_shape": actual.shape}
    if actual.shape != expected.shape:
        message = f"{output}: expected shape {expected.shape}, got {actual.shape}"
        return Comparison(output, False, "shape", message=message, **shapes)
    if actual.dtype.kind not in "biuf":
        message = f"{output}: expected numbers, got dtype {actual.dtype}"
        return Comparison(output, False, "type", message=message, **shapes)
    if expected.size == 0:
        return Comparison(output, True, **shapes)
    limit = tolerance.limit(expected)
    kinds = expected.dtype.kind, actual.dtype.kind
    expected, actual = expected.astype(np.float64), actual.astype(np.float64)
    strange = ~np.isfinite(actual) & (actual != expected)
    strange &= ~(np.isnan(actual) & np.isnan(expected))
    if strange.any():
        index = _index(np.argmax(strange), expected.shape)
        message = (
            f"{output}{index} is {actual[np.unravel_index(np.argmax(strange), strange.shape)]}"
        )
        message += f"; {np.count_nonzero(strange)} of {expected.size} values are not finite"
        return Comparison(output, False, "finite", message=message, **shapes)
    with np.errstate(invalid="ignore"):
        difference = np.where(np.isfinite(expected), np.abs(actual - expected), 0.0)
    unequal = (actual != expected) & ~(np.isnan(expected) & np.isnan(actual))
    difference = np.where(~np.isfinite(expected) & unequal, np.inf, difference)
    worst = np.unravel_index(np.argmax(difference / limit), expected.shape)
    passed = bool(difference[worst] <= limit[worst])
    message = ""
    if not passed:
        first = np.argmax(difference > limit)
        place = np.unravel_index(first, expected.shape)
        wanted, came = _numbers(expected[place], actual[place], kinds)
        message = f"{output}{_index(first, expected.shape)} differs: expected {wanted}, got {came}"
        if expected.size > 1:
            wrong = np.count_nonzero(difference > limit)
            message += f"; {wrong} of {expected.size} values differ"
    return Comparison(
        output,
        passed,
        "value",
        error=float(difference[worst]),
        limit=float(limit[worst]),
        message=message,
        **shapes,
    )


def without_values(message: str) -> str:
    """Take out of a message what came and what was expected, for inputs that stay secret."""
    message = re.sub(r" differs: expected \S+, got \S+?(?=[;.]?(\s|$))", " differs", message)
    message = re.sub(r", got \S+ \((?=float|NumPy)", ", got another number (", message)
    return re.sub(r"not expected .*", "there is more than expected", message)


def _numbers(expected: np.floating, actual: np.floating, kinds: tuple[str, str]) -> list[str]:
    """Write two numbers with as many digits as tell them apart."""
    for digits in (6, 9, 17):
        texts = [
            str(bool(value)) if kind == "b" and value in (0, 1) else f"{value + 0.0:.{digits}g}"
            for value, kind in zip((expected, actual), kinds, strict=True)
        ]
        if texts[0] != texts[1]:
            break
    return texts


def _kind(value: PlainData) -> str:
    return "float" if isinstance(value, float) else describe(value)


def _index(flat: int | np.intp, shape: tuple[int, ...]) -> str:
    if not shape:
        return ""
    return "[" + ", ".join(str(int(i)) for i in np.unravel_index(flat, shape)) + "]"


def _short(value: PlainData) -> str:
    if isinstance(value, str) or value is None or is_number(value):
        text = repr(value)
        return text if len(text) <= 160 else text[:157] + "..."
    return describe(value)
