import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.convolution.shared import (
    PAGE,
    READY_MADE,
    draw_maps,
    pool,
    pooling_cases,
    require_fit,
    windows_of,
)
from autograder.exercises.shared import as_tensors
from autograder.exercises.sizes import share_cases, value_and_bad_size

# max_pool ----------------------------------------------------------------------------------------

max_pool = Exercise(
    "max_pool",
    signature="max_pool(x: (N, C, H, W), size: int, stride: int) -> (N, C, OH, OW)",
    outputs=("y",),
    parts=value_and_bad_size(1),
    forbids=READY_MADE,
    uses=("conv_output_size",),
    section=f"{PAGE}#convolution-pooling",
)


pooling_cases(max_pool)


@max_pool.case("window too tall by one", raises="ValueError")
def _(random):
    return draw_maps(random, 2, 2, 3, 6, 4, 2)


@max_pool.case("window too wide by one", raises="ValueError")
def _(random):
    return draw_maps(random, 2, 2, 7, 3, 4, 1)


share_cases(
    max_pool,
    "3 × 3, stride 2: windows overlap",
    "window as large as the map",
    "window as high as the map",
    "window as wide as the map",
)


@max_pool.reference
def _(x, size, stride):
    from autograder.kernels.pooling import max_pool2d

    return max_pool2d(*as_tensors(x), size, stride).numpy()


@max_pool.mistake(
    "subsampled",
    "You keep the top left value of each window: that is subsampling. Max pooling keeps the largest.",
)
def _(x, size, stride):
    return windows_of(x, size, size, stride)[..., 0, 0]


@max_pool.mistake(
    "bottom_right",
    "You keep the bottom right value of each window, which is the largest only where values grow along rows "
    "and columns.",
)
def _(x, size, stride):
    return windows_of(x, size, size, stride)[..., -1, -1]


@max_pool.mistake(
    "starts_at_zero",
    "Where all values of a window are negative you give 0: the maximum starts from 0. Start it from the "
    "window's own values.",
)
def _(x, size, stride):
    return np.maximum(pool(x, size, stride), 0)


@max_pool.mistake(
    "stride_ignored",
    "Your windows stand side by side whatever the stride is: window (i, j) starts at (stride · i, stride · j).",
)
def _(x, size, stride):
    return pool(x, size, size)


@max_pool.mistake(
    "window_moves_by_one",
    "Your result has the right size, but the window moves by one at each step: window (i, j) starts at "
    "(stride · i, stride · j).",
)
def _(x, size, stride):
    OH, OW = pool(x, size, stride).shape[2:]
    return pool(x, size, 1)[:, :, :OH, :OW]


@max_pool.mistake(
    "last_start_excluded",
    "Your output lacks its last row or column where the last window ends exactly at the edge of the map: "
    "that window counts too (`range` leaves its end out).",
    f"{PAGE}#convolution-output-size",
)
def _(x, size, stride):
    rows, columns = (len(range(0, side - size, stride)) for side in x.shape[2:])
    return pool(x, size, stride)[:, :, :rows, :columns]


@max_pool.mistake(
    "incomplete_windows_counted",
    "You count windows that hang over the edge: rows and columns that fill no whole window are dropped here "
    "(the floor in the size formula).",
    f"{PAGE}#convolution-output-size",
)
def _(x, size, stride):
    require_fit((size, size), x.shape[2:], "window")
    more = [(0, -(side - size) % stride) for side in x.shape[2:]]
    return pool(np.pad(x, ((0, 0), (0, 0), *more), constant_values=-np.inf), size, stride)


@max_pool.mistake(
    "channels_mixed",
    "You take the maximum over all channels together: each channel is pooled by itself.",
)
def _(x, size, stride):
    y = pool(x, size, stride)
    return np.broadcast_to(y.max(axis=1, keepdims=True), y.shape)


@max_pool.mistake("averaged", "You average over the window: this task asks for the largest value.")
def _(x, size, stride):
    return pool(x, size, stride, np.mean)


@max_pool.mistake(
    "too_large_gives_nothing",
    "You return an empty result for a window larger than the map: it fits nowhere, and the task asks for a ValueError.",
    f"{PAGE}#convolution-output-size",
)
def _(x, size, stride):
    OH, OW = (max((side - size) // stride + 1, 0) for side in x.shape[2:])
    return pool(x, size, stride) if OH and OW else np.zeros((*x.shape[:2], OH, OW))


@max_pool.mistake(
    "stride_along_one_axis",
    "Your window moves by `stride` along one axis and by another step along the other: it moves by `stride` along both.",
    f"{PAGE}#convolution-output-size",
)
def _(x, size, stride):
    return pool(x, size, 1)[:, :, ::stride]


@max_pool.mistake("stride_along_one_axis")
def _(x, size, stride):
    return pool(x, size, 1)[:, :, :, ::stride]


@max_pool.mistake("stride_along_one_axis")
def _(x, size, stride):
    _OH, OW = pool(x, size, stride).shape[2:]
    return pool(x, size, 1)[:, :, ::stride, :OW]


@max_pool.mistake("stride_along_one_axis")
def _(x, size, stride):
    OH, _OW = pool(x, size, stride).shape[2:]
    return pool(x, size, 1)[:, :, :OH, ::stride]


@max_pool.mistake(
    "argmax_returned",
    "You return where the largest value lies in the window. The task asks for the value itself.",
)
def _(x, size, stride):
    windows = windows_of(x, size, size, stride)
    return windows.reshape(*windows.shape[:4], -1).argmax(-1)


@max_pool.mistake("starts_at_zero")
def _(x, size, stride):
    return pool(np.where(x > 0, x, 0), size, stride)


def _starting_from(guess):
    return lambda x, size, stride: np.maximum(pool(x, size, stride), guess)


max_pool.mistake(
    "starts_from_a_guess",
    "Your maximum starts from a number that you took for small. All values of a window may be smaller still.",
)(_starting_from(-1e9))
for _guess in (
    -1.0,
    -10.0,
    -99.0,
    -100.0,
    -999.0,
    -1e3,
    -9999.0,
    -1e4,
    -1e5,
    -1e6,
    -1e7,
    -1e8,
    -1e10,
    -1e12,
):
    max_pool.mistake("starts_from_a_guess")(_starting_from(_guess))


@max_pool.mistake(
    "exact_fit_refused",
    "You refuse a window that is exactly as high or as wide as the map: it fits.",
    f"{PAGE}#convolution-output-size",
)
def _(x, size, stride):
    require_fit((size + 1, size + 1), x.shape[2:], "window")
    return pool(x, size, stride)


for _axis in (2, 3):

    @max_pool.mistake("exact_fit_refused")
    def _(x, size, stride, axis=_axis):
        if size == x.shape[axis]:
            raise ValueError
        return pool(x, size, stride)


def _unless_too_large(x, size, stride, compared):
    """An empty result where the window does not fit along the axis that is not compared."""
    out = [max((side - size) // stride + 1, 0) for side in x.shape[2:]]
    if out[compared] == 0:
        raise ValueError
    return pool(x, size, stride) if all(out) else np.zeros((*x.shape[:2], *out))


@max_pool.mistake(
    "one_axis_compared",
    "You compare the window with the map along one axis only: it must fit along both, and the task asks for a "
    "ValueError where it does not.",
    f"{PAGE}#convolution-output-size",
)
def _(x, size, stride):
    return _unless_too_large(x, size, stride, compared=0)


@max_pool.mistake("one_axis_compared")
def _(x, size, stride):
    return _unless_too_large(x, size, stride, compared=1)


@max_pool.alternative
def max_pool_by_loops(x, size, stride):
    N, C, H, W = x.shape
    if size > H or size > W:
        raise ValueError("the window is larger than the map")
    y = np.zeros((N, C, (H - size) // stride + 1, (W - size) // stride + 1))
    for n, c, i, j in np.ndindex(*y.shape):
        top, left = i * stride, j * stride
        y[n, c, i, j] = x[n, c, top : top + size, left : left + size].max()
    return y


@max_pool.alternative
def max_pool_by_running_maximum_in_float32(x, size, stride):
    H, W = x.shape[2:]
    if min(H, W) < size:
        raise ValueError("the window is larger than the map")
    y = np.float32(-np.inf)
    for m, n in np.ndindex(size, size):
        seen = x[:, :, m : H - size + m + 1 : stride, n : W - size + n + 1 : stride]
        y = np.maximum(y, seen.astype(np.float32))
    return y
