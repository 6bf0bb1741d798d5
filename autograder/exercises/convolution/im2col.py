import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.convolution.shared import (
    PAGE,
    READY_MADE,
    conv2d_on_kernels,
    gather,
    pad_images,
    pad_unevenly,
    read_from_the_other_end,
    require_fit,
    windows_at,
    windows_of,
    windows_unfolded,
)

# im2col ------------------------------------------------------------------------------------------

im2col = Exercise(
    "im2col",
    signature=(
        "im2col(x: (N, C, H, W), kernel_size: (KH, KW), stride: int, padding: int) "
        "-> (N * OH * OW, C * KH * KW)"
    ),
    outputs=("columns",),
    points=2,
    forbids=READY_MADE,
    uses=("conv_output_size",),
    section=f"{PAGE}#convolution-im2col",
)


def _images(random, N, C, image, kernel, stride, padding):
    return {
        "x": random.normal(size=(N, C, *image)),
        "kernel_size": kernel,
        "stride": stride,
        "padding": padding,
    }


@im2col.case("stride 1, no padding")
def _(random):
    return _images(random, 2, 3, (4, 6), (2, 3), 1, 0)


@im2col.case("stride 2, padding 1, a remainder")
def _(random):
    return _images(random, 3, 2, (6, 4), (3, 2), 2, 1)


@im2col.case("one image, one channel")
def _(random):
    return _images(random, 1, 1, (4, 3), (2, 2), 1, 0)


@im2col.case("kernel larger than the image, as large as the padded one")
def _(random):
    return _images(random, 2, 2, (2, 3), (4, 5), 1, 1)


@im2col.case("1 × 1 windows, stride 2")
def _(random):
    return _images(random, 2, 3, (4, 5), (1, 1), 2, 0)


@im2col.case("large", secret=True)
def _(random):
    return _images(random, 3, 4, (int(random.integers(8, 11)), 7), (2, 4), 3, 2)


@im2col.reference
def _(x, kernel_size, stride, padding):
    size = x.shape[1] * kernel_size[0] * kernel_size[1]
    weight = np.eye(size).reshape(size, x.shape[1], *kernel_size)
    columns = conv2d_on_kernels(x, weight, np.zeros(size), stride, padding)
    return columns.transpose(0, 2, 3, 1).reshape(-1, size)


@im2col.mistake(
    "transposed",
    "Your matrix is transposed: a row for each window, a column for each number in it.",
)
def _(x, kernel_size, stride, padding):
    return gather(x, kernel_size, stride, padding).T


@im2col.mistake(
    "channels_last",
    "Your columns run over KH, KW and then C. The task's order is C, KH, KW, the order in which "
    "`weight.reshape(F, -1)` lies.",
)
def _(x, kernel_size, stride, padding):
    return gather(x, kernel_size, stride, padding, columns=(4, 5, 1))


@im2col.mistake(
    "kernel_axes_swapped",
    "Within a channel your columns run down the window first. The task goes along its rows: KH outside, KW "
    "inside.",
)
def _(x, kernel_size, stride, padding):
    return gather(x, kernel_size, stride, padding, columns=(1, 5, 4))


@im2col.mistake(
    "images_inside",
    "Your rows run over the positions and, inside, over the images. The task's order is N, OH, OW: all "
    "windows of the first image come first.",
)
def _(x, kernel_size, stride, padding):
    return gather(x, kernel_size, stride, padding, rows=(2, 3, 0))


@im2col.mistake(
    "positions_column_by_column",
    "Your rows run down the image first. The task's order is N, OH, OW: windows along a line of the image "
    "follow each other.",
)
def _(x, kernel_size, stride, padding):
    return gather(x, kernel_size, stride, padding, rows=(0, 3, 2))


@im2col.mistake(
    "axes_not_moved",
    "You reshaped without moving axes, so each row mixes numbers of several windows: bring the axes into "
    "the order N, OH, OW, C, KH, KW before the reshape.",
)
def _(x, kernel_size, stride, padding):
    patches = windows_of(x, *kernel_size, stride, padding)
    return patches.reshape(-1, x.shape[1] * kernel_size[0] * kernel_size[1])


@im2col.mistake(
    "stride_ignored",
    "You cut a window at every position: it moves by `stride` pixels along both axes.",
    f"{PAGE}#convolution-output-size",
)
def _(x, kernel_size, stride, padding):
    return gather(x, kernel_size, 1, padding)


@im2col.mistake(
    "padding_ignored",
    "You did not pad: `padding` rows and columns of zeros go on each side of H and W.",
    f"{PAGE}#convolution-padding",
)
def _(x, kernel_size, stride, padding):
    return gather(x, kernel_size, stride, 0)


def _rows_of(patches):
    rows = patches.transpose(0, 2, 3, 1, 4, 5)
    return rows.reshape(np.prod(rows.shape[:3]), -1)


@im2col.mistake(
    "stride_inside_the_window",
    "Your stride spreads the pixels inside a window (that is dilation), and the window itself moves by one. "
    "The stride belongs to the place of the window, not to the place inside it.",
)
def _(x, kernel_size, stride, padding):
    place = lambda i, u: i + stride * u  # noqa: E731
    return _rows_of(windows_at(x, *kernel_size, stride, padding, place, place))


@im2col.mistake(
    "stride_along_one_axis",
    "Your window moves by `stride` along one axis and by one along the other: it moves by `stride` along both.",
    f"{PAGE}#convolution-output-size",
)
def _(x, kernel_size, stride, padding):
    return _rows_of(windows_of(x, *kernel_size, 1, padding)[:, :, ::stride])


@im2col.mistake("stride_along_one_axis")
def _(x, kernel_size, stride, padding):
    return _rows_of(windows_of(x, *kernel_size, 1, padding)[:, :, :, ::stride])


@im2col.mistake(
    "one_axis_padded",
    "You padded one of the two axes: rows and columns of zeros are added, `padding` on each side.",
    f"{PAGE}#convolution-padding",
)
def _(x, kernel_size, stride, padding):
    return gather(pad_unevenly(x, padding, padding, 0, 0), kernel_size, stride, 0)


@im2col.mistake("one_axis_padded")
def _(x, kernel_size, stride, padding):
    return gather(pad_unevenly(x, 0, 0, padding, padding), kernel_size, stride, 0)


@im2col.mistake(
    "padded_bottom_right_only",
    "You padded below and to the right only: all four sides get `padding` zeros.",
    f"{PAGE}#convolution-padding",
)
def _(x, kernel_size, stride, padding):
    return gather(pad_unevenly(x, 0, 2 * padding, 0, 2 * padding), kernel_size, stride, 0)


@im2col.mistake(
    "read_from_the_other_end",
    "Where a window hangs over the edge, you read pixels from the image's other end: in NumPy, index −1 is the "
    "last element. Outside the image there are zeros.",
    f"{PAGE}#convolution-padding",
)
def _(x, kernel_size, stride, padding):
    return gather(read_from_the_other_end(x, padding), kernel_size, stride, 0)


@im2col.mistake("read_from_the_other_end")
def _(x, kernel_size, stride, padding):
    return _rows_of(windows_unfolded(x, *kernel_size, stride, padding, "wrap"))


@im2col.mistake(
    "margin_not_zero",
    "Your margin repeats pixels of the image: the padding is of zeros.",
    f"{PAGE}#convolution-padding",
)
def _(x, kernel_size, stride, padding):
    return _rows_of(windows_unfolded(x, *kernel_size, stride, padding, "edge"))


@im2col.alternative
def im2col_by_loops(x, kernel_size, stride, padding):
    (KH, KW) = kernel_size
    padded = pad_images(x, padding)
    N, _, H, W = padded.shape
    if KH > H or KW > W:
        raise ValueError("the kernel is larger than the padded image")
    rows = []
    for n in range(N):
        for top in range(0, H - KH + 1, stride):
            for left in range(0, W - KW + 1, stride):
                rows.append(padded[n, :, top : top + KH, left : left + KW].ravel())
    return np.array(rows)


@im2col.alternative
def im2col_by_fancy_indices(x, kernel_size, stride, padding):
    padded = pad_images(x, padding).astype(np.float32)
    N, C, H, W = padded.shape
    require_fit(kernel_size, (H, W))
    (KH, KW) = kernel_size
    OH, OW = (H - KH) // stride + 1, (W - KW) // stride + 1
    rows = stride * np.arange(OH)[:, None, None, None] + np.arange(KH)[:, None]
    columns = stride * np.arange(OW)[:, None, None] + np.arange(KW)
    windows = padded[:, :, rows, columns]
    return np.moveaxis(windows, 1, 3).reshape(N * OH * OW, C * KH * KW)
