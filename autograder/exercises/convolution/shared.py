"""What exercises of chapter 07 share."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograder.exercises.shared import as_tensors

PAGE = "07_convolution.html"
READY_MADE = ("torch", "scipy", "convolve", "correlate")


# Shared by references, mistakes and alternatives -------------------------------------------------


def require_fit(kernel, padded, what="kernel"):
    if any(k > size for k, size in zip(kernel, padded, strict=True)):
        raise ValueError(f"expected a {what} of at most {tuple(padded)}, got {tuple(kernel)}")


def pad_images(x, padding):
    return np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))


def windows_of(x, KH, KW, stride=1, padding=0):
    """All windows of images (N, C, H, W): (N, C, OH, OW, KH, KW)."""
    x = pad_images(x, padding)
    require_fit((KH, KW), x.shape[2:])
    return sliding_window_view(x, (KH, KW), axis=(2, 3))[:, :, ::stride, ::stride]


def windows_at(x, KH, KW, stride, padding, row, column):
    """Windows whose pixel (u, v) of window (i, j) is read at (row(i, u), column(j, v)): slips in the places."""
    x = pad_images(x, padding)
    require_fit((KH, KW), x.shape[2:])
    OH, OW = ((side - k) // stride + 1 for side, k in zip(x.shape[2:], (KH, KW), strict=True))
    rows = row(np.arange(OH)[:, None], np.arange(KH))
    columns = column(np.arange(OW)[:, None], np.arange(KW))
    return x[:, :, rows[:, None, :, None], columns[:, None, :]]


def windows_unfolded(x, KH, KW, stride, padding, mode):
    """Windows of images whose margins are filled in another way than by zeros."""
    require_fit((KH, KW), [side + 2 * padding for side in x.shape[2:]])
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), mode)
    return windows_of(x, KH, KW, stride)


def read_from_the_other_end(x, padding):
    """Pixels where a negative index counts from the end, and zeros beyond the end."""
    H, W = x.shape[2:]
    behind = np.pad(x, ((0, 0), (0, 0), (0, padding), (0, padding)))
    rows, columns = np.arange(-padding, H + padding), np.arange(-padding, W + padding)
    rows, columns = np.where(rows < 0, rows % H, rows), np.where(columns < 0, columns % W, columns)
    return behind[:, :, rows[:, None], columns]


def pad_unevenly(x, top, bottom, left, right):
    return np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)))


def correlate_windows(patches, weight, bias):
    return np.einsum("ncijkl,fckl->nfij", patches, weight) + bias[:, None, None]


def correlate(x, weight, bias, stride=1, padding=0):
    return correlate_windows(windows_of(x, *weight.shape[2:], stride, padding), weight, bias)


def correlate_single(image, kernel):
    return correlate(image[None, None], kernel[None, None], np.zeros(1))[0, 0]


def conv2d_on_kernels(x, weight, bias, stride=1, padding=0):
    from autograder.kernels.convolution import conv2d

    return conv2d(*as_tensors(x, weight, bias), stride, padding).numpy()


def draw_image(random, H, W, KH, KW):
    return {"image": random.normal(size=(H, W)), "kernel": random.normal(size=(KH, KW))}


def draw_layer(random, N, C, F, image, kernel, stride, padding):
    return {
        "x": random.normal(size=(N, C, *image)),
        "weight": random.normal(size=(F, C, *kernel)),
        "bias": random.normal(size=F),
        "stride": stride,
        "padding": padding,
    }


def gather(x, kernel_size, stride, padding, rows=(0, 2, 3), columns=(1, 4, 5)):
    """Windows as a matrix, by the axes (N, C, OH, OW, KH, KW) that go down and across."""
    patches = windows_of(x, *kernel_size, stride, padding).transpose(*rows, *columns)
    return patches.reshape(np.prod(patches.shape[: len(rows)]), -1)


def draw_maps(random, N, C, H, W, size, stride):
    return {"x": random.normal(size=(N, C, H, W)), "size": size, "stride": stride}


def pooling_cases(exercise):
    """Add the cases of a pooling whose window fits."""

    @exercise.case("2 × 2, stride 2, a remainder")
    def _(random):
        return draw_maps(random, 2, 3, 5, 7, 2, 2)

    @exercise.case("3 × 3, stride 2: windows overlap")
    def _(random):
        return draw_maps(random, 3, 2, 7, 8, 3, 2)

    @exercise.case("all values negative")
    def _(random):
        case = draw_maps(random, 2, 2, 4, 6, 2, 2)
        return {**case, "x": -1 - np.abs(case["x"])}

    @exercise.case("one image, stride beyond the window")
    def _(random):
        return draw_maps(random, 1, 1, 5, 8, 2, 3)

    @exercise.case("window as large as the map")
    def _(random):
        return draw_maps(random, 2, 2, 3, 3, 3, 2)

    @exercise.case("window as high as the map")
    def _(random):
        return draw_maps(random, 2, 3, 3, 6, 3, 2)

    @exercise.case("window as wide as the map")
    def _(random):
        return draw_maps(random, 3, 2, 7, 4, 4, 2)

    @exercise.case("window of one pixel, stride 2")
    def _(random):
        return draw_maps(random, 2, 2, 4, 5, 1, 2)

    @exercise.case("values of very different size")
    def _(random):
        case = draw_maps(random, 2, 2, 4, 5, 2, 1)
        sizes = np.array([1e12, 1e-3])[:, None, None]
        return {**case, "x": -sizes * (1 + np.abs(case["x"]))}

    @exercise.case("large", secret=True)
    def _(random):
        return draw_maps(random, 4, 5, int(random.integers(12, 16)), 17, 4, 3)


def pool(x, size, stride, summary=np.max):
    return summary(windows_of(x, size, size, stride), axis=(4, 5))


def spread_over_windows(dy, x, size, stride, share, add=True):
    """Give each window, in row-major order, share(window (N, C, size, size)) times its dy."""
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(*dy.shape[2:]):
        window = np.s_[:, :, i * stride : i * stride + size, j * stride : j * stride + size]
        part = share(x[window]) * dy[:, :, i, j][:, :, None, None]
        dx[window] = dx[window] + part if add else part
    return dx
