import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.convolution.shared import PAGE, READY_MADE, spread_over_windows
from autograder.exercises.shared import as_tensors

# average_pool_backward ---------------------------------------------------------------------------

average_pool_backward = Exercise(
    "average_pool_backward",
    signature=(
        "average_pool_backward(dy: (N, C, OH, OW), input_shape: (N, C, H, W), size: int, stride: int) "
        "-> (N, C, H, W)"
    ),
    outputs=("dx",),
    points=2,
    forbids=(*READY_MADE, "jax", "autograd"),
    section=f"{PAGE}#convolution-pooling-backward",
)


def _average_gradient(random, N, C, H, W, size, stride):
    OH, OW = (H - size) // stride + 1, (W - size) // stride + 1
    return {
        "dy": random.normal(size=(N, C, OH, OW)),
        "input_shape": (N, C, H, W),
        "size": size,
        "stride": stride,
    }


@average_pool_backward.case("2 × 2, stride 2, a remainder")
def _(random):
    return _average_gradient(random, 2, 3, 5, 7, 2, 2)


@average_pool_backward.case("3 × 3, stride 2: windows overlap")
def _(random):
    return _average_gradient(random, 3, 2, 7, 8, 3, 2)


@average_pool_backward.case("3 × 3, stride 1, one image")
def _(random):
    return _average_gradient(random, 1, 1, 4, 5, 3, 1)


@average_pool_backward.case("stride beyond the window")
def _(random):
    return _average_gradient(random, 2, 1, 5, 9, 2, 3)


@average_pool_backward.case("window as large as the map")
def _(random):
    return _average_gradient(random, 3, 2, 3, 3, 3, 2)


@average_pool_backward.case("window of one pixel, stride 2")
def _(random):
    return _average_gradient(random, 2, 2, 4, 5, 1, 2)


@average_pool_backward.case("large", secret=True)
def _(random):
    return _average_gradient(random, 3, 4, int(random.integers(10, 14)), 11, 4, 3)


@average_pool_backward.reference
def _(dy, input_shape, size, stride):
    import torch

    from autograder.kernels.pooling import average_pool2d

    x, dy = as_tensors(np.zeros(input_shape), dy)
    x.requires_grad_(True)
    return torch.autograd.grad(average_pool2d(x, size, stride), x, dy)[0].numpy()


def _share_out(dy, input_shape, size, stride, fraction, add=True):
    return spread_over_windows(
        dy, np.zeros(input_shape), size, stride, lambda window: np.full(window.shape, fraction), add
    )


@average_pool_backward.mistake(
    "windows_overwritten",
    "Where windows overlap, a later one erases what an earlier one put there: you assign (`=`) where "
    "contributions add up (`+=`).",
)
def _(dy, input_shape, size, stride):
    return _share_out(dy, input_shape, size, stride, 1 / size**2, add=False)


@average_pool_backward.mistake(
    "not_divided",
    "Every pixel gets the window's whole gradient: each of its pixels entered the mean with a "
    "weight below 1, and gets no more than that.",
)
def _(dy, input_shape, size, stride):
    return _share_out(dy, input_shape, size, stride, 1.0)


@average_pool_backward.mistake(
    "divided_by_size",
    "You divide by size, the side of the window: how many pixels share the gradient?",
)
def _(dy, input_shape, size, stride):
    return _share_out(dy, input_shape, size, stride, 1 / size)


@average_pool_backward.mistake(
    "stride_ignored",
    "You put the windows side by side whatever the stride is: window (i, j) starts at "
    "(stride · i, stride · j).",
)
def _(dy, input_shape, size, stride):
    dx = np.zeros(input_shape)
    for i, j in np.ndindex(*dy.shape[2:]):
        window = dx[:, :, i * size : (i + 1) * size, j * size : (j + 1) * size]
        window += dy[:, :, i, j][:, :, None, None] / size**2
    return dx


@average_pool_backward.mistake(
    "averaged_over_windows",
    "Where windows overlap you take the mean of their contributions: they are summed, as all paths of a "
    "gradient are.",
)
def _(dy, input_shape, size, stride):
    windows = _share_out(np.ones(dy.shape), input_shape, size, stride, 1.0)
    return _share_out(dy, input_shape, size, stride, 1 / size**2) / np.maximum(windows, 1)


@average_pool_backward.mistake(
    "top_left_only",
    "Only the first pixel of each window gets a gradient: all size² pixels entered the mean.",
)
def _(dy, input_shape, size, stride):
    dx = np.zeros(input_shape)
    for i, j in np.ndindex(*dy.shape[2:]):
        dx[:, :, i * stride, j * stride] += dy[:, :, i, j] / size**2
    return dx


@average_pool_backward.mistake(
    "repeated",
    "You repeat dy `size` times along each axis: this is right only where windows stand side by side and "
    "fill the map. Let dx have the shape input_shape, and add each window's share at its place.",
)
def _(dy, input_shape, size, stride):
    return dy.repeat(size, axis=2).repeat(size, axis=3) / size**2


@average_pool_backward.mistake(
    "remainder_lost",
    "Your dx ends where the last window ends. Rows and columns that are in no window belong to dx too, with "
    "gradient 0.",
    f"{PAGE}#convolution-output-size",
)
def _(dy, input_shape, size, stride):
    dx = _share_out(dy, input_shape, size, stride, 1 / size**2)
    return dx[:, :, : (dy.shape[2] - 1) * stride + size, : (dy.shape[3] - 1) * stride + size]


@average_pool_backward.mistake(
    "window_moves_by_one",
    "Each gradient is spread over a window at (i, j), as if windows moved by one: the window of output (i, j) starts "
    "where the stride put it.",
)
def _(dy, input_shape, size, stride):
    dx = np.zeros(input_shape)
    for i, j in np.ndindex(*dy.shape[2:]):
        dx[:, :, i : i + size, j : j + size] += dy[:, :, i, j][:, :, None, None] / size**2
    return dx


@average_pool_backward.alternative
def average_backward_by_loops(dy, input_shape, size, stride):
    dx = np.zeros(input_shape, np.float32)
    for n, c, i, j in np.ndindex(*dy.shape):
        for a in range(size):
            for b in range(size):
                dx[n, c, i * stride + a, j * stride + b] += dy[n, c, i, j] / (size * size)
    return dx


@average_pool_backward.alternative
def average_backward_by_shifts(dy, input_shape, size, stride):
    dx, (OH, OW) = np.zeros(input_shape), dy.shape[2:]
    for a, b in np.ndindex(size, size):
        dx[:, :, a : a + stride * OH : stride, b : b + stride * OW : stride] += dy / size**2
    return dx
