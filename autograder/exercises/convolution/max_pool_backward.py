import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.convolution.shared import (
    PAGE,
    READY_MADE,
    draw_maps,
    pool,
    spread_over_windows,
    windows_of,
)
from autograder.exercises.shared import as_tensors

# max_pool_backward -------------------------------------------------------------------------------

max_pool_backward = Exercise(
    "max_pool_backward",
    signature=(
        "max_pool_backward(dy: (N, C, OH, OW), x: (N, C, H, W), size: int, stride: int) "
        "-> (N, C, H, W)"
    ),
    outputs=("dx",),
    points=2,
    forbids=(*READY_MADE, "jax", "autograd"),
    section=f"{PAGE}#convolution-pooling-backward",
)


def _pooling_gradient(random, N, C, H, W, size, stride):
    case = draw_maps(random, N, C, H, W, size, stride)
    return {**case, "dy": random.normal(size=pool(**case).shape)}


@max_pool_backward.case("2 × 2, stride 2, a remainder")
def _(random):
    return _pooling_gradient(random, 2, 3, 5, 7, 2, 2)


@max_pool_backward.case("3 × 3, stride 2: windows overlap")
def _(random):
    return _pooling_gradient(random, 3, 2, 7, 8, 3, 2)


@max_pool_backward.case("ties")
def _(random):
    case = _pooling_gradient(random, 2, 2, 6, 5, 3, 1)
    return {**case, "x": random.integers(0, 3, size=(2, 2, 6, 5)).astype(float)}


@max_pool_backward.case("one image, stride beyond the window")
def _(random):
    return _pooling_gradient(random, 1, 1, 5, 8, 2, 3)


@max_pool_backward.case("all values far below zero")
def _(random):
    case = _pooling_gradient(random, 2, 2, 4, 5, 2, 2)
    return {**case, "x": -1e12 * (1 + np.abs(case["x"]))}


@max_pool_backward.case("window as large as the map")
def _(random):
    return _pooling_gradient(random, 3, 2, 3, 3, 3, 2)


@max_pool_backward.case("window of one pixel, stride 2")
def _(random):
    return _pooling_gradient(random, 2, 2, 4, 5, 1, 2)


@max_pool_backward.case("large, with ties", secret=True)
def _(random):
    case = _pooling_gradient(random, 3, 4, int(random.integers(10, 14)), 11, 4, 3)
    return {**case, "x": np.maximum(case["x"], 0)}


@max_pool_backward.reference
def _(dy, x, size, stride):
    import torch

    from autograder.kernels.pooling import max_pool2d

    x, dy = as_tensors(x, dy)
    x.requires_grad_(True)
    return torch.autograd.grad(max_pool2d(x, size, stride), x, dy)[0].numpy()


def _first_maximum(window, last=False):
    flat = window.reshape(*window.shape[:2], -1)
    place = flat[..., ::-1].argmax(-1) if last else flat.argmax(-1)
    chosen = np.arange(flat.shape[-1]) == place[..., None]
    return (chosen[..., ::-1] if last else chosen).reshape(window.shape)


def _all_maxima(window):
    return window == window.max((2, 3), keepdims=True)


@max_pool_backward.mistake(
    "windows_overwritten",
    "Where windows overlap, a later one erases what an earlier one put there: you assign (`=`) to whole "
    "windows where contributions add up (`+=`).",
)
def _(dy, x, size, stride):
    return spread_over_windows(dy, x, size, stride, _first_maximum, add=False)


@max_pool_backward.mistake(
    "maximum_overwritten",
    "A pixel can be the maximum of several overlapping windows, and only the last one counts in your dx: "
    "add to it (`+=`).",
)
def _(dy, x, size, stride):
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(*dy.shape[2:]):
        window = np.s_[:, :, i * stride : i * stride + size, j * stride : j * stride + size]
        chosen = _first_maximum(x[window])
        dx[window] = np.where(chosen, dy[:, :, i, j][:, :, None, None], dx[window])
    return dx


@max_pool_backward.mistake(
    "all_ties",
    "Where the largest value occurs twice in a window, both get the whole gradient, so it is counted twice. "
    "Here it goes to the first in row-major order.",
)
def _(dy, x, size, stride):
    return spread_over_windows(dy, x, size, stride, _all_maxima)


@max_pool_backward.mistake(
    "ties_shared",
    "Where the largest value occurs twice in a window you share the gradient: a valid choice, but this task "
    "gives it to the first in row-major order.",
)
def _(dy, x, size, stride):
    def share(window):
        maxima = _all_maxima(window)
        return maxima / maxima.sum((2, 3), keepdims=True)

    return spread_over_windows(dy, x, size, stride, share)


@max_pool_backward.mistake(
    "last_tie",
    "Where the largest value occurs twice in a window you choose the last: this task gives the gradient to "
    "the first in row-major order (does a later value that is equal replace the one you have?).",
)
def _(dy, x, size, stride):
    return spread_over_windows(
        dy, x, size, stride, lambda window: _first_maximum(window, last=True)
    )


@max_pool_backward.mistake(
    "spread_evenly",
    "You spread the gradient over the window: that belongs to average pooling. Only the largest value "
    "influenced the output, so it gets all of it.",
)
def _(dy, x, size, stride):
    return spread_over_windows(dy, x, size, stride, lambda window: np.ones(window.shape) / size**2)


@max_pool_backward.mistake(
    "given_to_all",
    "Every pixel of a window gets the window's gradient in your dx: only the largest value influenced the "
    "output, all others get nothing from this window.",
)
def _(dy, x, size, stride):
    return spread_over_windows(dy, x, size, stride, lambda window: np.ones(window.shape))


@max_pool_backward.mistake(
    "multiplied_by_the_maximum",
    "You multiply by the maximum itself. The output equals that pixel, so the derivative is 1, whatever its "
    "value.",
)
def _(dy, x, size, stride):
    return spread_over_windows(dy, x, size, stride, lambda window: window * _first_maximum(window))


@max_pool_backward.mistake(
    "offset_forgotten",
    "All your gradients land in the top left corner: `argmax` counts inside the window, so add where the "
    "window starts.",
)
def _(dy, x, size, stride):
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(*dy.shape[2:]):
        window = x[:, :, i * stride : i * stride + size, j * stride : j * stride + size]
        dx[:, :, :size, :size] += _first_maximum(window) * dy[:, :, i, j][:, :, None, None]
    return dx


@max_pool_backward.mistake(
    "remainder_lost",
    "Your dx ends where the last window ends. Rows and columns of x that are in no window belong to dx too, "
    "with gradient 0.",
    f"{PAGE}#convolution-output-size",
)
def _(dy, x, size, stride):
    dx = spread_over_windows(dy, x, size, stride, _first_maximum)
    return dx[:, :, : (dy.shape[2] - 1) * stride + size, : (dy.shape[3] - 1) * stride + size]


def _first_above(guess, missed):
    """The first maximum, or, where no value exceeds `guess`, what the search started from."""

    def choose(window):
        above = window.max((2, 3), keepdims=True) > guess
        start = np.zeros(window.shape)
        start[:, :, 0, 0] = missed
        return np.where(above, _first_maximum(window), start)

    return choose


STARTS_FROM_A_GUESS = (
    "Your search starts from a number that you took for small. All values of a window may be smaller still, and "
    "then none of its pixels is found."
)


@max_pool_backward.mistake(
    "starts_at_zero",
    "Where no value of a window is positive, your search finds no largest one: it starts from 0.",
)
def _(dy, x, size, stride):
    return spread_over_windows(dy, x, size, stride, _first_above(0, missed=1))


@max_pool_backward.mistake("starts_at_zero")
def _(dy, x, size, stride):
    return spread_over_windows(dy, x, size, stride, _first_above(0, missed=0))


def _starting_from(guess, missed):
    choose = _first_above(guess, missed)
    return lambda dy, x, size, stride: spread_over_windows(dy, x, size, stride, choose)


max_pool_backward.mistake("starts_from_a_guess", STARTS_FROM_A_GUESS)(_starting_from(-1e9, 1))
for _guess in (-100.0, -999.0, -1e3, -9999.0, -1e4, -1e5, -1e6, -1e7, -1e8, -1e10, -1e12):
    max_pool_backward.mistake("starts_from_a_guess")(_starting_from(_guess, 1))


@max_pool_backward.mistake(
    "stride_forgotten_in_the_place",
    "Each gradient goes to a window at (i, j), as if windows moved by one: the window of output (i, j) starts where "
    "the stride put it.",
)
def _(dy, x, size, stride):
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(*dy.shape[2:]):
        window = x[:, :, i * stride : i * stride + size, j * stride : j * stride + size]
        dx[:, :, i : i + size, j : j + size] += _first_maximum(window) * dy[:, :, i, j][:, :, None, None]  # fmt: skip
    return dx


@max_pool_backward.alternative
def max_backward_by_loops(dy, x, size, stride):
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(*dy.shape):
        best, place = -np.inf, None
        for a in range(i * stride, i * stride + size):
            for b in range(j * stride, j * stride + size):
                if x[n, c, a, b] > best:
                    best, place = x[n, c, a, b], (a, b)
        dx[n, c, *place] += dy[n, c, i, j]
    return dx


@max_pool_backward.alternative
def max_backward_by_scatter(dy, x, size, stride):
    N, C, OH, OW = dy.shape
    place = windows_of(x, size, size, stride).reshape(N, C, OH, OW, -1).argmax(-1)
    n, c, i, j = np.indices(dy.shape)
    dx = np.zeros_like(x, dtype=np.float32)
    np.add.at(dx, (n, c, i * stride + place // size, j * stride + place % size), dy)
    return dx
