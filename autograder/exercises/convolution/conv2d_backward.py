import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.convolution.shared import (
    PAGE,
    READY_MADE,
    correlate,
    draw_layer,
    gather,
    pad_images,
    windows_of,
)
from autograder.exercises.shared import as_tensors
from dlarch.checks_file import Part

# conv2d_backward ---------------------------------------------------------------------------------

conv2d_backward = Exercise(
    "conv2d_backward",
    signature=(
        "conv2d_backward(dy: (N, F, OH, OW), x: (N, C, H, W), weight: (F, C, KH, KW), stride: int, "
        "padding: int) -> dx (N, C, H, W), dw (F, C, KH, KW), db (F,)"
    ),
    outputs=("dx", "dw", "db"),
    parts={
        "input": Part(2, outputs=("dx",)),
        "weight": Part(1, outputs=("dw",)),
        "bias": Part(1, outputs=("db",)),
    },
    forbids=(*READY_MADE, "jax", "autograd"),
    section=f"{PAGE}#convolution-backward",
)


def _backward_case(random, N, C, F, image, kernel, stride, padding):
    case = draw_layer(random, N, C, F, image, kernel, stride, padding)
    bias = case.pop("bias")
    case["dy"] = random.normal(size=correlate(**case, bias=bias).shape)
    return case


@conv2d_backward.case("stride 1, no padding")
def _(random):
    return _backward_case(random, 2, 3, 4, (6, 9), (2, 3), 1, 0)


@conv2d_backward.case("stride 2, padding 1, a remainder")
def _(random):
    return _backward_case(random, 3, 2, 4, (6, 9), (3, 2), 2, 1)


@conv2d_backward.case("stride beyond the kernel")
def _(random):
    return _backward_case(random, 3, 3, 2, (8, 7), (2, 2), 3, 0)


@conv2d_backward.case("one image, one channel, one filter")
def _(random):
    return _backward_case(random, 1, 1, 1, (4, 3), (3, 2), 1, 2)


@conv2d_backward.case("kernel larger than the image, as large as the padded one")
def _(random):
    return _backward_case(random, 2, 3, 2, (2, 3), (4, 5), 1, 1)


@conv2d_backward.case("padding 2, a window that only just fits")
def _(random):
    return _backward_case(random, 2, 2, 3, (2, 1), (5, 4), 2, 2)


@conv2d_backward.case("1 × 1 kernel, stride 2")
def _(random):
    return _backward_case(random, 3, 2, 4, (4, 5), (1, 1), 2, 0)


@conv2d_backward.case("large", secret=True)
def _(random):
    return _backward_case(random, 4, 5, 3, (int(random.integers(9, 12)), 8), (4, 3), 3, 2)


@conv2d_backward.reference
def _(dy, x, weight, stride, padding):
    import torch

    from autograder.kernels.convolution import conv2d

    dy, *inputs = as_tensors(dy, x, weight, np.zeros(len(weight)))
    for tensor in inputs:
        tensor.requires_grad_(True)
    y = conv2d(*inputs, stride, padding)
    return tuple(gradient.numpy() for gradient in torch.autograd.grad(y, inputs, dy))


def _pull_weight(dy, x, KH, KW, stride, padding):
    return np.einsum("nfij,ncijkl->fckl", dy, windows_of(x, KH, KW, stride, padding))


def _pull_padded(dy, shape, weight, stride, padding, add=True):
    """Gradient of the padded input; without `add`, the last kernel position to write wins."""
    N, C, H, W = shape
    (KH, KW), (OH, OW) = weight.shape[2:], dy.shape[2:]
    dx = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    for m, n in np.ndindex(KH, KW):
        part = np.einsum("nfij,fc->ncij", dy, weight[:, :, m, n])
        place = np.s_[:, :, m : m + stride * OH : stride, n : n + stride * OW : stride]
        dx[place] = dx[place] + part if add else part
    return dx


def _crop(dx, shape, padding):
    return dx[:, :, padding : padding + shape[2], padding : padding + shape[3]]


def _conv_gradients(dy, x, weight, stride, padding):
    dx = _crop(_pull_padded(dy, x.shape, weight, stride, padding), x.shape, padding)
    return dx, _pull_weight(dy, x, *weight.shape[2:], stride, padding), dy.sum((0, 2, 3))


OVERWRITTEN = (
    "A pixel lies in several windows, and only the last one counts in your dx: you assign (`=`) where the "
    "contributions add up (`+=`)."
)


@conv2d_backward.mistake("windows_overwritten", OVERWRITTEN)
def _(dy, x, weight, stride, padding):
    _, dw, db = _conv_gradients(dy, x, weight, stride, padding)
    (KH, KW) = weight.shape[2:]
    dx = 0 * pad_images(x, padding)
    for i, j in np.ndindex(*dy.shape[2:]):
        part = np.einsum("nf,fckl->nckl", dy[:, :, i, j], weight)
        dx[:, :, i * stride : i * stride + KH, j * stride : j * stride + KW] = part
    return _crop(dx, x.shape, padding), dw, db


@conv2d_backward.mistake("kernel_positions_overwritten", OVERWRITTEN)
def _(dy, x, weight, stride, padding):
    _, dw, db = _conv_gradients(dy, x, weight, stride, padding)
    dx = _pull_padded(dy, x.shape, weight, stride, padding, add=False)
    return _crop(dx, x.shape, padding), dw, db


@conv2d_backward.mistake(
    "filters_overwritten",
    "Every pixel is seen by all F filters and by several windows; in your dx only the last to write counts, "
    "because you assign (`=`) where the contributions add up (`+=`).",
)
def _(dy, x, weight, stride, padding):
    _, dw, db = _conv_gradients(dy, x, weight, stride, padding)
    (KH, KW) = weight.shape[2:]
    dx = 0 * pad_images(x, padding)
    for n, f, i, j in np.ndindex(*dy.shape):
        top, left = i * stride, j * stride
        dx[n, :, top : top + KH, left : left + KW] = dy[n, f, i, j] * weight[f]
    return _crop(dx, x.shape, padding), dw, db


@conv2d_backward.mistake(
    "stride_ignored",
    "In your dx the windows move by one: output (i, j) came from the window at (stride · i, stride · j), so "
    "its gradient goes back there.",
)
def _(dy, x, weight, stride, padding):
    _, dw, db = _conv_gradients(dy, x, weight, stride, padding)
    return _crop(_pull_padded(dy, x.shape, weight, 1, padding), x.shape, padding), dw, db


@conv2d_backward.mistake(
    "weight_stride_ignored",
    "In your dw the windows move by one: output (i, j) came from the window at (stride · i, stride · j), so "
    "dy(i, j) is paired with the pixels there.",
)
def _(dy, x, weight, stride, padding):
    dx, _, db = _conv_gradients(dy, x, weight, stride, padding)
    patches = windows_of(x, *weight.shape[2:], 1, padding)[:, :, : dy.shape[2], : dy.shape[3]]
    return dx, np.einsum("nfij,ncijkl->fckl", dy, patches), db


@conv2d_backward.mistake(
    "kernel_flipped",
    "In your dx the kernel lies the wrong way round. When you spread dy over the windows, it lies as it is; "
    "when you write dx as a cross-correlation of dy, it is turned by 180°.",
)
def _(dy, x, weight, stride, padding):
    dx, _, _ = _conv_gradients(dy, x, weight[:, :, ::-1, ::-1], stride, padding)
    return dx, *_conv_gradients(dy, x, weight, stride, padding)[1:]


@conv2d_backward.mistake(
    "padding_kept",
    "Your dx is the gradient of the padded image: cut the margin off, so that it has the shape of x.",
    f"{PAGE}#convolution-padding",
)
def _(dy, x, weight, stride, padding):
    _, dw, db = _conv_gradients(dy, x, weight, stride, padding)
    return _pull_padded(dy, x.shape, weight, stride, padding), dw, db


@conv2d_backward.mistake(
    "empty_slice",
    "Your dx is empty where padding is 0: the slice padding:-padding is then 0:0. Write its end as a "
    "position counted from the front.",
    f"{PAGE}#convolution-padding",
)
def _(dy, x, weight, stride, padding):
    _, dw, db = _conv_gradients(dy, x, weight, stride, padding)
    dx = _pull_padded(dy, x.shape, weight, stride, padding)
    return dx[:, :, padding:-padding, padding:-padding], dw, db


@conv2d_backward.mistake(
    "remainder_lost",
    "Your dx ends where the last window ends. Where the stride leaves a remainder, the last rows or columns "
    "of x are in no window: they belong to dx too, with gradient 0.",
    f"{PAGE}#convolution-output-size",
)
def _(dy, x, weight, stride, padding):
    dx, dw, db = _conv_gradients(dy, x, weight, stride, padding)
    seen = [
        min(size, (out - 1) * stride + k - padding)
        for size, out, k in zip(x.shape[2:], dy.shape[2:], weight.shape[2:], strict=True)
    ]
    return dx[:, :, : seen[0], : seen[1]], dw, db


@conv2d_backward.mistake(
    "weight_from_unpadded_image",
    "Your dw looks at x without its padding: the windows of the forward pass lie in the padded image, and so "
    "must these.",
    f"{PAGE}#convolution-padding",
)
def _(dy, x, weight, stride, padding):
    dx, dw, db = _conv_gradients(dy, x, weight, stride, padding)
    (OH, OW) = dy.shape[2:]
    for m, n in np.ndindex(*weight.shape[2:]):
        seen = x[:, :, m : m + stride * OH : stride, n : n + stride * OW : stride]
        dw[:, :, m, n] = np.einsum("nfij,ncij->fc", dy, seen)
    return dx, dw, db


@conv2d_backward.mistake(
    "input_averaged_over_batch",
    "Your dx is divided by the number of images: dy already holds whatever mean the loss takes, so nothing "
    "is divided here.",
)
def _(dy, x, weight, stride, padding):
    dx, dw, db = _conv_gradients(dy, x, weight, stride, padding)
    return dx / len(x), dw, db


@conv2d_backward.mistake(
    "weight_of_last_window",
    "Your dw holds the contribution of the last window alone: all positions share the kernel, so they add "
    "up (`+=`).",
)
def _(dy, x, weight, stride, padding):
    dx, _, db = _conv_gradients(dy, x, weight, stride, padding)
    last = windows_of(x, *weight.shape[2:], stride, padding)[:, :, dy.shape[2] - 1, dy.shape[3] - 1]
    return dx, np.einsum("nf,nckl->fckl", dy[:, :, -1, -1], last), db


@conv2d_backward.mistake(
    "weight_of_last_window_and_image",
    "Your dw holds the contribution of the last image's last window alone: all images and positions share "
    "the kernel, so they add up (`+=`).",
)
def _(dy, x, weight, stride, padding):
    dx, _, db = _conv_gradients(dy, x, weight, stride, padding)
    last = windows_of(x, *weight.shape[2:], stride, padding)[
        -1, :, dy.shape[2] - 1, dy.shape[3] - 1
    ]
    return dx, np.einsum("f,ckl->fckl", dy[-1, :, -1, -1], last), db


@conv2d_backward.mistake(
    "weight_averaged_over_batch",
    "Your dw is an average over the images: dy already holds whatever mean the loss takes, so the "
    "contributions of the images are summed.",
)
def _(dy, x, weight, stride, padding):
    dx, dw, db = _conv_gradients(dy, x, weight, stride, padding)
    return dx, dw / len(x), db


@conv2d_backward.mistake(
    "weight_of_last_image",
    "Your dw holds the last image's contribution alone: all images share the kernel, so they add up (`+=`).",
)
def _(dy, x, weight, stride, padding):
    dx, _, db = _conv_gradients(dy, x, weight, stride, padding)
    return dx, _conv_gradients(dy[-1:], x[-1:], weight, stride, padding)[1], db


@conv2d_backward.mistake(
    "weight_flipped",
    "Your dw comes out turned by 180°: dw(m, n) pairs dy(i, j) with the pixel that K(m, n) met there, at "
    "(stride · i + m, stride · j + n).",
)
def _(dy, x, weight, stride, padding):
    dx, dw, db = _conv_gradients(dy, x, weight, stride, padding)
    return dx, dw[:, :, ::-1, ::-1], db


@conv2d_backward.mistake(
    "bias_summed_over_batch_only",
    "Your db is summed over the images only. One bias serves every position too, so the sum runs over N, "
    "OH and OW, and db has shape (F,).",
)
def _(dy, x, weight, stride, padding):
    dx, dw, _ = _conv_gradients(dy, x, weight, stride, padding)
    return dx, dw, dy.sum(0)


@conv2d_backward.mistake(
    "bias_summed_over_positions_only",
    "Your db still has an entry for each image. One bias serves all images, so the sum runs over N, OH and "
    "OW, and db has shape (F,).",
)
def _(dy, x, weight, stride, padding):
    dx, dw, _ = _conv_gradients(dy, x, weight, stride, padding)
    return dx, dw, dy.sum((2, 3))


@conv2d_backward.mistake(
    "bias_averaged_over_batch",
    "Your db is an average over the images: dy already holds whatever mean the loss takes, so the "
    "contributions of the images are summed.",
)
def _(dy, x, weight, stride, padding):
    dx, dw, db = _conv_gradients(dy, x, weight, stride, padding)
    return dx, dw, db / len(x)


@conv2d_backward.mistake(
    "bias_averaged",
    "Your db is a mean of dy: the bias is added at every position of every image, so its gradient is the "
    "sum.",
)
def _(dy, x, weight, stride, padding):
    dx, dw, _ = _conv_gradients(dy, x, weight, stride, padding)
    return dx, dw, dy.mean((0, 2, 3))


@conv2d_backward.mistake(
    "cropped_at_one_end",
    "You cut the whole margin off at one end: what is left has the shape of x, but is not where x was.",
    f"{PAGE}#convolution-padding",
)
def _(dy, x, weight, stride, padding):
    _, dw, db = _conv_gradients(dy, x, weight, stride, padding)
    dx = _pull_padded(dy, x.shape, weight, stride, padding)
    return dx[:, :, : x.shape[2], : x.shape[3]], dw, db


@conv2d_backward.mistake("cropped_at_one_end")
def _(dy, x, weight, stride, padding):
    _, dw, db = _conv_gradients(dy, x, weight, stride, padding)
    dx = _pull_padded(dy, x.shape, weight, stride, padding)
    return dx[:, :, 2 * padding :, 2 * padding :], dw, db


@conv2d_backward.mistake(
    "kernel_transposed",
    "In your dx the kernel lies transposed: u goes down the image and v along its rows, as in the forward pass.",
)
def _(dy, x, weight, stride, padding):
    _, dw, db = _conv_gradients(dy, x, weight, stride, padding)
    (KH, KW), (OH, OW) = weight.shape[2:], dy.shape[2:]
    dx = 0 * pad_images(x, padding)
    for i, j in np.ndindex(OH, OW):
        part = np.einsum("nf,fckl->nckl", dy[:, :, i, j], weight.swapaxes(2, 3))
        dx[:, :, i * stride : i * stride + KH, j * stride : j * stride + KW] += part
    return _crop(dx, x.shape, padding), dw, db


@conv2d_backward.mistake("kernel_transposed")
def _(dy, x, weight, stride, padding):
    _, dw, db = _conv_gradients(dy, x, weight, stride, padding)
    (KH, KW), (OH, OW) = weight.shape[2:], dy.shape[2:]
    dx = 0 * pad_images(x, padding)
    for u, v in np.ndindex(KH, KW):
        place = np.s_[:, :, u : u + stride * OH : stride, v : v + stride * OW : stride]
        dx[place] += np.einsum("nfij,fc->ncij", dy, weight[:, :, v, u])
    return _crop(dx, x.shape, padding), dw, db


@conv2d_backward.mistake(
    "weight_transposed",
    "Your dw comes out with the rows and columns of the kernel exchanged: u goes down the image and v along its rows.",
)
def _(dy, x, weight, stride, padding):
    dx, dw, db = _conv_gradients(dy, x, weight, stride, padding)
    return dx, dw.swapaxes(2, 3), db


@conv2d_backward.alternative
def backward_by_windows(dy, x, weight, stride, padding):
    (KH, KW) = weight.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    dx, dw = np.zeros_like(padded), np.zeros_like(weight)
    for n, f, i, j in np.ndindex(*dy.shape):
        window = np.s_[n, :, i * stride : i * stride + KH, j * stride : j * stride + KW]
        dx[window] += dy[n, f, i, j] * weight[f]
        dw[f] += dy[n, f, i, j] * padded[window]
    H, W = x.shape[2:]
    return [dx[:, :, padding : padding + H, padding : padding + W], dw, np.einsum("nfij->f", dy)]


@conv2d_backward.alternative
def backward_through_columns(dy, x, weight, stride, padding):
    columns = gather(x, weight.shape[2:], stride, padding)
    flat = dy.transpose(0, 2, 3, 1).reshape(-1, dy.shape[1])
    dw = (flat.T @ columns).reshape(weight.shape)
    dcolumns = (flat @ weight.reshape(len(weight), -1)).reshape(
        len(x), *dy.shape[2:], *weight.shape[1:]
    )
    dx = np.zeros_like(pad_images(x, padding))
    for i, j in np.ndindex(*dy.shape[2:]):
        top, left = i * stride, j * stride
        dx[:, :, top : top + weight.shape[2], left : left + weight.shape[3]] += dcolumns[:, i, j]
    return _crop(dx, x.shape, padding), dw, flat.sum(0)


@conv2d_backward.alternative
def backward_as_correlation_in_float32(dy, x, weight, stride, padding):
    (KH, KW), (H, W) = weight.shape[2:], x.shape[2:]
    stretched = np.zeros(
        (*dy.shape[:2], H + 2 * padding + KH - 1, W + 2 * padding + KW - 1), np.float32
    )
    rows = slice(KH - 1, KH - 1 + stride * dy.shape[2], stride)
    columns = slice(KW - 1, KW - 1 + stride * dy.shape[3], stride)
    stretched[:, :, rows, columns] = dy
    turned = weight.transpose(1, 0, 2, 3)[:, :, ::-1, ::-1].astype(np.float32)
    dx = correlate(stretched, turned, np.zeros(len(turned), np.float32))
    dw = _pull_weight(dy.astype(np.float32), x.astype(np.float32), KH, KW, stride, padding)
    return _crop(dx, x.shape, padding), dw, dy.sum((0, 2, 3)).astype(np.float32)
