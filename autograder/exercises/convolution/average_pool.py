import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.convolution.shared import (
    PAGE,
    READY_MADE,
    correlate,
    pool,
    pooling_cases,
    require_fit,
)
from autograder.exercises.shared import as_tensors

# average_pool ------------------------------------------------------------------------------------

average_pool = Exercise(
    "average_pool",
    signature="average_pool(x: (N, C, H, W), size: int, stride: int) -> (N, C, OH, OW)",
    outputs=("y",),
    form="transcribe",
    points=1,
    forbids=READY_MADE,
    uses=("conv_output_size",),
    section=f"{PAGE}#convolution-pooling",
)


pooling_cases(average_pool)


@average_pool.reference
def _(x, size, stride):
    from autograder.kernels.pooling import average_pool2d

    return average_pool2d(*as_tensors(x), size, stride).numpy()


@average_pool.mistake(
    "summed",
    "You sum over the window: the task asks for the mean of its values.",
)
def _(x, size, stride):
    return pool(x, size, stride, np.sum)


@average_pool.mistake(
    "divided_by_size",
    "You divide by size, the side of the window: how many values does the window hold?",
)
def _(x, size, stride):
    return pool(x, size, stride, np.sum) / size


@average_pool.mistake("maximum", "You take the maximum: this task asks for the mean of the window.")
def _(x, size, stride):
    return pool(x, size, stride)


@average_pool.mistake(
    "stride_ignored",
    "Your windows stand side by side whatever the stride is: window (i, j) starts at (stride · i, stride · j).",
)
def _(x, size, stride):
    return pool(x, size, size, np.mean)


@average_pool.mistake(
    "window_moves_by_one",
    "Your result has the right size, but the window moves by one at each step: window (i, j) starts at "
    "(stride · i, stride · j).",
)
def _(x, size, stride):
    OH, OW = pool(x, size, stride).shape[2:]
    return pool(x, size, 1, np.mean)[:, :, :OH, :OW]


@average_pool.mistake(
    "channels_mixed",
    "You average over all channels together: each channel is pooled by itself.",
)
def _(x, size, stride):
    y = pool(x, size, stride, np.mean)
    return np.broadcast_to(y.mean(axis=1, keepdims=True), y.shape)


@average_pool.mistake(
    "incomplete_windows_counted",
    "You count windows that hang over the edge: rows and columns that fill no whole window are dropped here "
    "(the floor in the size formula).",
    f"{PAGE}#convolution-output-size",
)
def _(x, size, stride):
    require_fit((size, size), x.shape[2:], "window")
    more = [(0, -(side - size) % stride) for side in x.shape[2:]]
    padded, inside = (np.pad(part, ((0, 0), (0, 0), *more)) for part in (x, np.ones(x.shape)))
    count = pool(inside, size, stride, np.sum)
    return pool(padded, size, stride, np.sum) / np.maximum(count, 1)


@average_pool.mistake(
    "stride_along_one_axis",
    "Your window moves by `stride` along one axis and by another step along the other: it moves by `stride` along both.",
    f"{PAGE}#convolution-output-size",
)
def _(x, size, stride):
    return pool(x, size, 1, np.mean)[:, :, ::stride]


@average_pool.mistake("stride_along_one_axis")
def _(x, size, stride):
    return pool(x, size, 1, np.mean)[:, :, :, ::stride]


@average_pool.mistake("stride_along_one_axis")
def _(x, size, stride):
    _OH, OW = pool(x, size, stride).shape[2:]
    return pool(x, size, 1, np.mean)[:, :, ::stride, :OW]


@average_pool.mistake("stride_along_one_axis")
def _(x, size, stride):
    OH, _OW = pool(x, size, stride).shape[2:]
    return pool(x, size, 1, np.mean)[:, :, :OH, ::stride]


@average_pool.alternative
def average_pool_by_loops(x, size, stride):
    N, C, H, W = x.shape
    OH, OW = (H - size) // stride + 1, (W - size) // stride + 1
    if OH < 1 or OW < 1:
        raise ValueError("the window is larger than the map")
    y = np.zeros((N, C, OH, OW))
    for i, j in np.ndindex(OH, OW):
        top, left = i * stride, j * stride
        y[:, :, i, j] = x[:, :, top : top + size, left : left + size].mean((2, 3))
    return y


@average_pool.alternative
def average_pool_as_convolution_in_float32(x, size, stride):
    N, C = x.shape[:2]
    kernel = np.full((1, 1, size, size), 1 / size**2, np.float32)
    y = correlate(
        x.reshape(N * C, 1, *x.shape[2:]).astype(np.float32),
        kernel,
        np.zeros(1, np.float32),
        stride,
    )
    return y.reshape(N, C, *y.shape[2:])
