import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograder.exercise import Exercise
from autograder.exercises.convolution.shared import (
    PAGE,
    READY_MADE,
    conv2d_on_kernels,
    correlate,
    correlate_windows,
    draw_layer,
    pad_images,
    pad_unevenly,
    read_from_the_other_end,
    require_fit,
    windows_at,
    windows_of,
    windows_unfolded,
)
from autograder.exercises.sizes import share_cases, value_and_bad_size

# conv2d ------------------------------------------------------------------------------------------

conv2d = Exercise(
    "conv2d",
    signature=(
        "conv2d(x: (N, C, H, W), weight: (F, C, KH, KW), bias: (F,), stride: int, padding: int) "
        "-> (N, F, OH, OW)"
    ),
    outputs=("y",),
    parts=value_and_bad_size(3),
    forbids=READY_MADE,
    uses=("conv_output_size",),
    section=f"{PAGE}#convolution-channels",
)


@conv2d.case("stride 1, no padding")
def _(random):
    return draw_layer(random, 2, 3, 4, (6, 9), (2, 3), 1, 0)


@conv2d.case("stride 2, padding 1, a remainder")
def _(random):
    return draw_layer(random, 3, 2, 4, (6, 8), (3, 2), 2, 1)


@conv2d.case("stride beyond the kernel")
def _(random):
    return draw_layer(random, 2, 3, 5, (8, 7), (2, 2), 3, 0)


@conv2d.case("one image, 1 × 1 kernel")
def _(random):
    return draw_layer(random, 1, 4, 3, (3, 2), (1, 1), 1, 0)


@conv2d.case("kernel too tall by one", raises="ValueError")
def _(random):
    return draw_layer(random, 2, 2, 3, (3, 6), (6, 2), 2, 1)


@conv2d.case("kernel too wide by one", raises="ValueError")
def _(random):
    return draw_layer(random, 2, 3, 2, (7, 4), (2, 5), 1, 0)


@conv2d.case("kernel larger than the image, as large as the padded one")
def _(random):
    return draw_layer(random, 2, 3, 2, (2, 3), (4, 5), 1, 1)


@conv2d.case("padding 2, a window that only just fits")
def _(random):
    return draw_layer(random, 2, 2, 3, (2, 1), (5, 4), 2, 2)


@conv2d.case("large", secret=True)
def _(random):
    return draw_layer(random, 4, 5, 6, (int(random.integers(10, 13)), 15), (4, 3), 3, 2)


share_cases(
    conv2d,
    "stride 1, no padding",
    "stride 2, padding 1, a remainder",
    "kernel larger than the image, as large as the padded one",
    "padding 2, a window that only just fits",
)


@conv2d.reference
def _(x, weight, bias, stride, padding):
    return conv2d_on_kernels(x, weight, bias, stride, padding)


@conv2d.mistake(
    "kernel_flipped",
    "You turned the kernels by 180°: layers compute the cross-correlation, whose kernel lies as it is (E10).",
    f"{PAGE}#convolution-flip",
)
def _(x, weight, bias, stride, padding):
    return correlate(x, weight[:, :, ::-1, ::-1], bias, stride, padding)


@conv2d.mistake(
    "first_channel_only",
    "You used the first channel alone: a filter is C × KH × KW numbers, and its output sums over all "
    "channels.",
)
def _(x, weight, bias, stride, padding):
    return correlate(x[:, :1], weight[:, :1], bias, stride, padding)


@conv2d.mistake(
    "last_channel_only",
    "Only the last channel is left in your result: you assign (`=`) inside the loop over the channels where "
    "their contributions add up (`+=`).",
)
def _(x, weight, bias, stride, padding):
    return correlate(x[:, -1:], weight[:, -1:], bias, stride, padding)


@conv2d.mistake(
    "bias_along_the_width",
    "Your bias meets the last axis, OW: NumPy lines axes up from the right. It has to meet the axis of the "
    "filters, the second.",
)
def _(x, weight, bias, stride, padding):
    return correlate(x, weight, 0 * bias, stride, padding) + bias


@conv2d.mistake(
    "bias_for_each_channel",
    "You added the bias once for each channel: it is added once for each output value, after the sum over "
    "the channels.",
)
def _(x, weight, bias, stride, padding):
    return correlate(x, weight, bias * x.shape[1], stride, padding)


@conv2d.mistake("bias_missing", "You left out the bias: each filter f adds its own bias[f].")
def _(x, weight, bias, stride, padding):
    return correlate(x, weight, 0 * bias, stride, padding)


@conv2d.mistake(
    "stride_ignored",
    "You compute every position: the window moves by `stride` pixels along both axes.",
    f"{PAGE}#convolution-output-size",
)
def _(x, weight, bias, stride, padding):
    return correlate(x, weight, bias, 1, padding)


@conv2d.mistake(
    "window_moves_by_one",
    "Your output has the right size, but the window moves by one at each step: output (i, j) starts at "
    "(stride · i, stride · j).",
    f"{PAGE}#convolution-output-size",
)
def _(x, weight, bias, stride, padding):
    OH, OW = correlate(x, weight, bias, stride, padding).shape[2:]
    return correlate(x, weight, bias, 1, padding)[:, :, :OH, :OW]


@conv2d.mistake(
    "last_start_excluded",
    "Your output lacks its last row or column where the last window ends exactly at the edge of the padded "
    "image: that window counts too (`range` leaves its end out).",
    f"{PAGE}#convolution-output-size",
)
def _(x, weight, bias, stride, padding):
    rows, columns = (
        len(range(0, size + 2 * padding - k, stride))
        for size, k in zip(x.shape[2:], weight.shape[2:], strict=True)
    )
    return correlate(x, weight, bias, stride, padding)[:, :, :rows, :columns]


@conv2d.mistake(
    "axes_not_moved",
    "Your numbers are right and stand in the wrong places: `reshape` does not exchange axes. A product with "
    "the windows has the filters as its last axis; bring that axis forward, as `transpose` does.",
    f"{PAGE}#convolution-im2col",
)
def _(x, weight, bias, stride, padding):
    y = correlate(x, weight, bias, stride, padding)
    return y.transpose(0, 2, 3, 1).reshape(y.shape)


@conv2d.mistake(
    "all_axes_padded",
    "You padded every axis, so there are more images and channels than before: only H and W are padded.",
    f"{PAGE}#convolution-padding",
)
def _(x, weight, bias, stride, padding):
    return correlate(np.pad(x, padding), weight, bias, stride)


@conv2d.mistake(
    "padding_ignored",
    "You did not pad: `padding` rows and columns of zeros go on each side of H and W.",
    f"{PAGE}#convolution-padding",
)
def _(x, weight, bias, stride, padding):
    return correlate(x, weight, bias, stride, 0)


@conv2d.mistake(
    "padded_top_left_only",
    "You padded above and to the left only: all four sides get `padding` zeros.",
    f"{PAGE}#convolution-padding",
)
def _(x, weight, bias, stride, padding):
    require_fit(weight.shape[2:], [size + 2 * padding for size in x.shape[2:]])
    x = np.pad(x, ((0, 0), (0, 0), (padding, 0), (padding, 0)))
    return correlate(x, weight, bias, stride)


@conv2d.mistake(
    "empty_slice",
    "Your answer fails where padding is 0: the slice padding:-padding is then 0:0, which is empty. Write "
    "its end as a position counted from the front.",
    f"{PAGE}#convolution-padding",
)
def _(x, weight, bias, stride, padding):
    N, C, H, W = x.shape
    padded = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    padded[:, :, padding:-padding, padding:-padding] = x
    return correlate(padded, weight, bias, stride)


@conv2d.mistake(
    "too_large_gives_nothing",
    "You return an empty result for a kernel larger than the padded image: it fits nowhere, and the task asks for a ValueError.",
    f"{PAGE}#convolution-output-size",
)
def _(x, weight, bias, stride, padding):
    OH, OW = (
        max((size + 2 * padding - k) // stride + 1, 0)
        for size, k in zip(x.shape[2:], weight.shape[2:], strict=True)
    )
    if OH == 0 or OW == 0:
        return np.zeros((len(x), len(weight), OH, OW))
    return correlate(x, weight, bias, stride, padding)


@conv2d.mistake("all_axes_padded")
def _(x, weight, bias, stride, padding):
    if not padding:
        return correlate(x, weight, bias, stride)
    padded = np.pad(x, padding)
    patches = windows_of(padded, *weight.shape[2:], stride)
    return np.tensordot(patches, weight, axes=((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2)


@conv2d.mistake(
    "padded_bottom_right_only",
    "You padded below and to the right only: all four sides get `padding` zeros.",
    f"{PAGE}#convolution-padding",
)
def _(x, weight, bias, stride, padding):
    return correlate(pad_unevenly(x, 0, 2 * padding, 0, 2 * padding), weight, bias, stride)


@conv2d.mistake("padded_bottom_right_only")
def _(x, weight, bias, stride, padding):
    require_fit(weight.shape[2:], [size + 2 * padding for size in x.shape[2:]])
    return correlate(pad_unevenly(x, 0, padding, 0, padding), weight, bias, stride)


ONE_AXIS_PADDED = (
    "You padded one of the two axes: rows and columns of zeros are added, `padding` on each side."
)


@conv2d.mistake("one_axis_padded", ONE_AXIS_PADDED, f"{PAGE}#convolution-padding")
def _(x, weight, bias, stride, padding):
    return correlate(pad_unevenly(x, padding, padding, 0, 0), weight, bias, stride)


@conv2d.mistake("one_axis_padded")
def _(x, weight, bias, stride, padding):
    return correlate(pad_unevenly(x, 0, 0, padding, padding), weight, bias, stride)


@conv2d.mistake(
    "stride_along_one_axis",
    "Your window moves by `stride` along one axis and by one along the other: it moves by `stride` along both.",
    f"{PAGE}#convolution-output-size",
)
def _(x, weight, bias, stride, padding):
    return correlate(x, weight, bias, 1, padding)[:, :, ::stride]


@conv2d.mistake("stride_along_one_axis")
def _(x, weight, bias, stride, padding):
    return correlate(x, weight, bias, 1, padding)[:, :, :, ::stride]


@conv2d.mistake("stride_along_one_axis")
def _(x, weight, bias, stride, padding):
    _OH, OW = correlate(x, weight, bias, stride, padding).shape[2:]
    return correlate(x, weight, bias, 1, padding)[:, :, ::stride, :OW]


@conv2d.mistake("stride_along_one_axis")
def _(x, weight, bias, stride, padding):
    OH, _OW = correlate(x, weight, bias, stride, padding).shape[2:]
    return correlate(x, weight, bias, 1, padding)[:, :, :OH, ::stride]


@conv2d.mistake(
    "stride_inside_the_window",
    "Your stride spreads the pixels inside a window (that is dilation), and the window itself moves by one. "
    "The stride belongs to the place of the window, not to the place inside it.",
)
def _(x, weight, bias, stride, padding):
    place = lambda i, u: i + stride * u  # noqa: E731
    patches = windows_at(x, *weight.shape[2:], stride, padding, place, place)
    return correlate_windows(patches, weight, bias)


@conv2d.mistake("stride_inside_the_window")
def _(x, weight, bias, stride, padding):
    x, (KH, KW) = pad_images(x, padding), weight.shape[2:]
    require_fit((KH, KW), x.shape[2:])
    size = stride * (KH - 1) + 1, stride * (KW - 1) + 1
    patches = sliding_window_view(x, size, axis=(2, 3))[..., ::stride, ::stride]
    return correlate_windows(patches, weight, bias)


@conv2d.mistake(
    "kernel_transposed",
    "Row and column of the kernel are exchanged: u moves down the image and v along its rows (E11 is this slip).",
    f"{PAGE}#convolution-two-dimensions",
)
def _(x, weight, bias, stride, padding):
    patches = windows_of(x, *weight.shape[2:], stride, padding)
    return correlate_windows(patches, weight.swapaxes(2, 3), bias)


@conv2d.mistake("kernel_transposed")
def _(x, weight, bias, stride, padding):
    (KH, KW) = weight.shape[2:]
    patches = windows_of(x, KH, KW, stride, padding)
    y = np.zeros((len(x), len(weight), *patches.shape[2:4])) + bias[:, None, None]
    for u, v in np.ndindex(KH, KW):
        y += np.einsum("ncij,fc->nfij", patches[..., u, v], weight[:, :, v, u])
    return y


@conv2d.mistake(
    "read_from_the_other_end",
    "Where a window hangs over the edge, you read pixels from the image's other end: in NumPy, index −1 is the "
    "last element. Outside the image there are zeros.",
    f"{PAGE}#convolution-padding",
)
def _(x, weight, bias, stride, padding):
    require_fit(weight.shape[2:], [size + 2 * padding for size in x.shape[2:]])
    return correlate(read_from_the_other_end(x, padding), weight, bias, stride)


@conv2d.mistake("read_from_the_other_end")
def _(x, weight, bias, stride, padding):
    patches = windows_unfolded(x, *weight.shape[2:], stride, padding, "wrap")
    return correlate_windows(patches, weight, bias)


@conv2d.mistake(
    "margin_not_zero",
    "Your margin repeats pixels of the image: the padding is of zeros.",
    f"{PAGE}#convolution-padding",
)
def _(x, weight, bias, stride, padding):
    patches = windows_unfolded(x, *weight.shape[2:], stride, padding, "edge")
    return correlate_windows(patches, weight, bias)


for _mode in ("reflect", "symmetric"):

    @conv2d.mistake("margin_not_zero")
    def _(x, weight, bias, stride, padding, mode=_mode):
        patches = windows_unfolded(x, *weight.shape[2:], stride, padding, mode)
        return correlate_windows(patches, weight, bias)


@conv2d.mistake(
    "padding_not_counted_in_the_guard",
    "You compare the kernel with the image as it was before padding. A kernel larger than that may still fit.",
    f"{PAGE}#convolution-padding",
)
def _(x, weight, bias, stride, padding):
    require_fit(weight.shape[2:], x.shape[2:])
    return correlate(x, weight, bias, stride, padding)


@conv2d.mistake(
    "exact_fit_refused",
    "You refuse a kernel that is exactly as high or as wide as the padded image: it fits.",
    f"{PAGE}#convolution-output-size",
)
def _(x, weight, bias, stride, padding):
    require_fit([k + 1 for k in weight.shape[2:]], [size + 2 * padding for size in x.shape[2:]])
    return correlate(x, weight, bias, stride, padding)


ONE_AXIS_COMPARED = (
    "You compare the kernel with the padded image along one axis only: it must fit along both, and the task asks "
    "for a ValueError where it does not."
)


@conv2d.mistake("one_axis_compared", ONE_AXIS_COMPARED, f"{PAGE}#convolution-output-size")
def _(x, weight, bias, stride, padding):
    return _unless_too_large(x, weight, bias, stride, padding, compared=0)


@conv2d.mistake("one_axis_compared")
def _(x, weight, bias, stride, padding):
    return _unless_too_large(x, weight, bias, stride, padding, compared=1)


def _unless_too_large(x, weight, bias, stride, padding, compared):
    """An empty result where the kernel does not fit along the axis that is not compared."""
    out = [
        max((size + 2 * padding - k) // stride + 1, 0)
        for size, k in zip(x.shape[2:], weight.shape[2:], strict=True)
    ]
    if out[compared] == 0:
        raise ValueError
    return correlate(x, weight, bias, stride, padding) if all(out) else np.zeros((len(x), len(weight), *out))  # fmt: skip


@conv2d.alternative
def conv2d_by_loops(x, weight, bias, stride, padding):
    N, C, H, W = x.shape
    F, _, KH, KW = weight.shape
    OH, OW = (H + 2 * padding - KH) // stride + 1, (W + 2 * padding - KW) // stride + 1
    if OH < 1 or OW < 1:
        raise ValueError("the kernel is larger than the padded image")
    padded = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    padded[:, :, padding : padding + H, padding : padding + W] = x
    y = np.zeros((N, F, OH, OW))
    for n, f, i, j in np.ndindex(N, F, OH, OW):
        top, left = i * stride, j * stride
        y[n, f, i, j] = (padded[n, :, top : top + KH, left : left + KW] * weight[f]).sum() + bias[f]
    return y


@conv2d.alternative
def conv2d_by_kernel_positions_in_float32(x, weight, bias, stride, padding):
    (KH, KW) = weight.shape[2:]
    padded = pad_images(x, padding).astype(np.float32)
    H, W = padded.shape[2:]
    require_fit((KH, KW), (H, W))
    y = bias[:, None, None].astype(np.float32)
    for m, n in np.ndindex(KH, KW):
        seen = padded[:, :, m : H - KH + m + 1 : stride, n : W - KW + n + 1 : stride]
        y = y + np.einsum("nchw,fc->nfhw", seen, weight[:, :, m, n].astype(np.float32))
    return y


@conv2d.alternative
def conv2d_as_a_matrix_product(x, weight, bias, stride, padding):
    patches = windows_of(x, *weight.shape[2:], stride, padding)
    N, C, OH, OW, KH, KW = patches.shape
    columns = patches.transpose(0, 2, 3, 1, 4, 5).reshape(N * OH * OW, C * KH * KW)
    y = columns @ weight.reshape(len(weight), -1).T + bias
    return y.reshape(N, OH, OW, -1).transpose(0, 3, 1, 2)
