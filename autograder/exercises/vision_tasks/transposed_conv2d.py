import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.shared import LIBRARIES, as_tensors
from autograder.exercises.vision_tasks.shared import PAGE

transposed_conv2d = Exercise(
    "transposed_conv2d",
    signature=(
        "transposed_conv2d(x: (N, C, H, W) float64, weight: (C, F, KH, KW) float64, bias: (F,) float64, stride: int, "
        "padding: int) -> (N, F, OH, OW) float64"
    ),
    outputs=("y",),
    points=3,
    form="derive",
    reveals=(r"y_{n,f,\,si+u-p,\,sj+v-p}",),
    forbids=LIBRARIES,
    section=f"{PAGE}transposed",
)


def _case(random, N, C, F, sides, kernel, stride, padding):
    return {
        "x": random.normal(size=(N, C, *sides)),
        "weight": random.normal(size=(C, F, *kernel)),
        "bias": random.normal(size=F),
        "stride": stride,
        "padding": padding,
    }


@transposed_conv2d.case("3 × 2, stride 2: neighbours overlap along one axis")
def _(random):
    return _case(random, 2, 3, 2, (3, 4), (3, 2), 2, 0)


@transposed_conv2d.case("a kernel smaller than the stride leaves gaps")
def _(random):
    return _case(random, 1, 2, 4, (2, 3), (2, 2), 3, 0)


@transposed_conv2d.case("padding cuts the edge off")
def _(random):
    return _case(random, 2, 2, 3, (3, 2), (4, 5), 2, 1)


@transposed_conv2d.case("stride 1, padding 2, as many filters as channels")
def _(random):
    return _case(random, 1, 3, 3, (4, 5), (3, 4), 1, 1)


@transposed_conv2d.case("one pixel")
def _(random):
    return _case(random, 1, 2, 3, (1, 1), (3, 4), 2, 0)


@transposed_conv2d.case("larger", secret=True)
def _(random):
    return _case(random, 3, 4, 5, (5, 6), (4, 3), int(random.integers(2, 4)), 1)


@transposed_conv2d.reference
def _(x, weight, bias, stride, padding):
    import torch

    from autograder.kernels.convolution import conv2d

    x, weight, bias = as_tensors(x, weight, bias)
    sides = [
        stride * (side - 1) + k - 2 * padding
        for side, k in zip(x.shape[2:], weight.shape[2:], strict=True)
    ]
    below = torch.zeros(len(x), weight.shape[1], *sides, dtype=x.dtype, requires_grad=True)
    (gradient,) = torch.autograd.grad(conv2d(below, weight, None, stride, padding), below, x)
    return (gradient + bias[:, None, None]).numpy()


def _whole(x, weight, stride, tail=0):
    """Every pixel's stamp, added up; nothing is cut off."""
    N, _, H, W = x.shape
    _, F, KH, KW = weight.shape
    y = np.zeros((N, F, stride * (H - 1) + KH + tail, stride * (W - 1) + KW + tail))
    for i in range(H):
        for j in range(W):
            stamp = np.einsum("nc,cfuv->nfuv", x[:, :, i, j], weight)
            y[:, :, stride * i : stride * i + KH, stride * j : stride * j + KW] += stamp
    return y


def _cut(y, padding):
    return y[:, :, padding : y.shape[2] - padding, padding : y.shape[3] - padding]


@transposed_conv2d.alternative
def stamp_by_stamp(x, weight, bias, stride, padding):
    return _cut(_whole(x, weight, stride), padding) + bias[:, None, None]


@transposed_conv2d.alternative
def kernel_place_by_kernel_place(x, weight, bias, stride, padding):
    N, _, H, W = x.shape
    F, KH, KW = weight.shape[1:]
    OH, OW = (stride * (n - 1) + k - 2 * padding for n, k in ((H, KH), (W, KW)))
    y = np.zeros((N, F, OH + 2 * padding, OW + 2 * padding))
    for u in range(KH):
        for v in range(KW):
            y[:, :, u : u + stride * H : stride, v : v + stride * W : stride][:, :, :H, :W] += (
                np.einsum("nchw,cf->nfhw", x, weight[:, :, u, v])
            )
    return y[:, :, padding : padding + OH, padding : padding + OW] + bias.reshape(1, -1, 1, 1)


@transposed_conv2d.alternative
def a_convolution_of_the_spread_map(x, weight, bias, stride, padding):
    N, C, H, W = x.shape
    KH, KW = weight.shape[2:]
    spread = np.zeros((N, C, stride * (H - 1) + 1, stride * (W - 1) + 1))
    spread[:, :, ::stride, ::stride] = x
    wide = np.pad(spread, ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)))
    windows = np.lib.stride_tricks.sliding_window_view(wide, (KH, KW), axis=(2, 3))
    y = np.einsum("ncijuv,cfuv->nfij", windows, weight[:, :, ::-1, ::-1])
    return _cut(y, padding) + bias[None, :, None, None]


@transposed_conv2d.mistake(
    "kernel_flipped",
    "Your kernel is flipped: a pixel stamps the kernel as it is, its first entry at the top left.",
)
def _(x, weight, bias, stride, padding):
    return stamp_by_stamp(x, weight[:, :, ::-1, ::-1], bias, stride, padding)


@transposed_conv2d.mistake(
    "axes_of_the_weights_exchanged",
    "You read the weights as (F, C, …), as a convolution's are. Here the channels come first: they are what is read.",
)
def _(x, weight, bias, stride, padding):
    return stamp_by_stamp(x, weight.transpose(1, 0, 2, 3), bias, stride, padding)


@transposed_conv2d.mistake(
    "padding_added",
    "Your padding makes the result larger. It undoes what a convolution's padding did: that much is cut off at each side.",
)
def _(x, weight, bias, stride, padding):
    y = _whole(x, weight, stride)
    edge = (padding, padding)
    return np.pad(y, ((0, 0), (0, 0), edge, edge)) + bias[:, None, None]


@transposed_conv2d.mistake(
    "padding_ignored",
    "Nothing is cut off at the edges.",
)
def _(x, weight, bias, stride, padding):
    return _whole(x, weight, stride) + bias[:, None, None]


@transposed_conv2d.mistake(
    "overlaps_overwritten",
    "Where two stamps meet, the later one overwrites the earlier: they are added.",
)
def _(x, weight, bias, stride, padding):
    N, _, H, W = x.shape
    F, KH, KW = weight.shape[1:]
    y = np.zeros((N, F, stride * (H - 1) + KH, stride * (W - 1) + KW))
    for i in range(H):
        for j in range(W):
            stamp = np.einsum("nc,cfuv->nfuv", x[:, :, i, j], weight)
            y[:, :, stride * i : stride * i + KH, stride * j : stride * j + KW] = stamp
    return _cut(y, padding) + bias[:, None, None]


@transposed_conv2d.mistake(
    "stride_at_the_end_too",
    "Your result is larger than asked for: the stride is what lies between two pixels, and nothing follows the last.",
)
def _(x, weight, bias, stride, padding):
    return _cut(_whole(x, weight, stride, tail=stride - 1), padding) + bias[:, None, None]


@transposed_conv2d.mistake(
    "bias_with_every_stamp",
    "Your bias comes with every stamp, and so several times where stamps overlap, and never in a gap.",
)
def _(x, weight, bias, stride, padding):
    ones = np.ones((1, 1, *x.shape[2:]))
    count = _whole(ones, np.ones((1, 1, *weight.shape[2:])), stride)
    return _cut(_whole(x, weight, stride) + count * bias[:, None, None], padding)


@transposed_conv2d.mistake(
    "bias_left_out",
    "The bias is missing.",
)
def _(x, weight, bias, stride, padding):
    return _cut(_whole(x, weight, stride), padding)


@transposed_conv2d.mistake(
    "stride_ignored",
    "Two neighbouring pixels stamp one place apart: it should be the stride.",
)
def _(x, weight, bias, stride, padding):
    return _cut(_whole(x, weight, 1), padding) + bias[:, None, None]
