"""Drivers of chapter 07: operations on images that a learner's function decides about."""

from collections.abc import Callable

import numpy as np

from dlarch.plain import PlainData

Operation = Callable[[np.ndarray], np.ndarray]


def equivariance(
    function: Callable,
    operation: dict,
    images: list[np.ndarray],
    shifts: list[tuple[int, int]],
    tolerances: list[float],
) -> list[PlainData] | None:
    """Build an operation from its description and let `function` decide about it, once with each image.

    Args:
        function: `function(operation, image, shifts, tolerance) -> bool`.
        operation: `{"kind": name, **settings}`; the kinds are those of `build_operation`.
        images: arrays (H, W).
        shifts: handed on.
        tolerances: one for each image.

    Returns:
        The decisions; None when one of them is None.
    """
    decisions = [
        function(
            operation=build_operation(**operation), image=image, shifts=shifts, tolerance=tolerance
        )
        for image, tolerance in zip(images, tolerances, strict=True)
    ]
    return None if any(decision is None for decision in decisions) else decisions


def build_operation(kind: str, **settings: PlainData) -> Operation:
    """Build a function of images (H, W).

    Args:
        kind: name of an operation below.
        settings: its other arguments.

    Raises:
        ValueError: no such operation.
    """
    if kind not in OPERATIONS:
        raise ValueError(f"expected one of {', '.join(OPERATIONS)}, got {kind!r}")
    return lambda image: OPERATIONS[kind](image, **settings)


def _filter_by_fourier(image: np.ndarray, kernel: np.ndarray, shape: tuple) -> np.ndarray:
    spectrum = np.fft.rfft2(image, shape) * np.fft.rfft2(kernel, shape).conj()
    return np.fft.irfft2(spectrum, shape)


def _circular_convolution(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    return _filter_by_fourier(image, kernel, image.shape)


def _zero_padded_convolution(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    H, W = image.shape
    shape = (H + kernel.shape[0] - 1, W + kernel.shape[1] - 1)
    return _filter_by_fourier(image, kernel, shape)[:H, :W]


def _max_pool(image: np.ndarray, size: int) -> np.ndarray:
    for axis, side in enumerate(image.shape):
        image = np.maximum.reduceat(image, range(0, side, size), axis)
    return image


def _max_pool_and_repeat(image: np.ndarray, size: int) -> np.ndarray:
    H, W = image.shape
    return np.kron(_max_pool(image, size), np.ones((size, size)))[:H, :W]


OPERATIONS = {
    "circular_convolution": _circular_convolution,
    "zero_padded_convolution": _zero_padded_convolution,
    "max_pool": _max_pool,
    "max_pool_and_repeat": _max_pool_and_repeat,
    "relu": lambda image: np.maximum(image, 0),
    "gain": lambda image, gain: image * gain,
    "add": lambda image, amount: image + amount,
    "mean": lambda image: np.full(image.shape, image.mean()),
    "mean_of_rows": lambda image: image.mean(axis=1, keepdims=True),
    "transpose": lambda image: image.T,
    "sort": lambda image: np.sort(image, axis=None).reshape(image.shape),
    "top_left_everywhere": lambda image: np.full(image.shape, image[0, 0]),
    "turn": lambda image: image[::-1, ::-1],
    "multiply_by_top_left": lambda image: image * image[0, 0],
}
"""What `kind` may name."""
