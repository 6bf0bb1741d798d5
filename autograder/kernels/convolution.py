"""Convolution as networks mean it (cross-correlation), by a matrix product that gathers its factor.

Output position p and tap t of the filters meet at one element of the padded image, which lies at
`offset(p) + offset(t)` when channels come last in memory. Hence the product
out[f, p] = sum over t of weight[f, t] * x[offset(p) + offset(t)], whose right factor is never stored.
"""

from __future__ import annotations

import torch
from torch.autograd.function import once_differentiable
from torch.nn import functional

from autograder.kernels.activations import activation_gradient
from autograder.kernels.arguments import check_tensors
from autograder.kernels.backend import program_count, run, tl, triton
from autograder.kernels.numerics import activate
from autograder.kernels.reduction import column_sum
from autograder.kernels.tiling import TiledKernel, grouped_order


@triton.jit
def _position(p, POSITIONS, OW):
    """Image of output position p, its place in the image, and the row and column of that place."""
    place = p % POSITIONS
    return (p // POSITIONS).to(tl.int64), place, place // OW, place % OW


@triton.jit
def _conv2d_fwd_kernel(
    x_ptr,
    weight_ptr,
    bias_ptr,
    residual_ptr,
    out_ptr,
    M,
    N,
    K,
    POSITIONS,
    OW,
    TAPS_PER_ROW,
    stride_xn,
    stride_xh,
    step_h,
    step_w,
    stride_on,
    stride_om,
    stride_oh,
    stride_ow,
    HAS_BIAS: tl.constexpr,
    HAS_RESIDUAL: tl.constexpr,
    ACTIVATION: tl.constexpr,
    PRECISION: tl.constexpr,
    BLOCK_M: tl.constexpr,
    BLOCK_N: tl.constexpr,
    BLOCK_K: tl.constexpr,
):
    pid_m, pid_n = grouped_order(tl.program_id(0), tl.cdiv(M, BLOCK_M), tl.cdiv(N, BLOCK_N))
    offs_m = pid_m * BLOCK_M + tl.arange(0, BLOCK_M)
    offs_n = pid_n * BLOCK_N + tl.arange(0, BLOCK_N)
    mask_m, mask_n = offs_m < M, offs_n < N
    image, _, oh, ow = _position(offs_n, POSITIONS, OW)
    position_ptr = x_ptr + image * stride_xn + oh * step_h + ow * step_w
    filter_ptr = weight_ptr + offs_m.to(tl.int64) * K
    acc = tl.zeros((BLOCK_M, BLOCK_N), dtype=out_ptr.dtype.element_ty)
    for start in range(0, K, BLOCK_K):
        offs_k = start + tl.arange(0, BLOCK_K)
        mask_k = offs_k < K
        tap = offs_k // TAPS_PER_ROW * stride_xh + offs_k % TAPS_PER_ROW
        weight = tl.load(
            filter_ptr[:, None] + offs_k[None, :],
            mask=mask_m[:, None] & mask_k[None, :],
            other=0.0,
        )
        x = tl.load(
            position_ptr[None, :] + tap[:, None],
            mask=mask_k[:, None] & mask_n[None, :],
            other=0.0,
        )
        acc = tl.dot(weight, x, acc, input_precision=PRECISION, out_dtype=acc.dtype)
    if HAS_BIAS:
        acc += tl.load(bias_ptr + offs_m, mask=mask_m, other=0.0)[:, None]
    out_offs = (image * stride_on + oh * stride_oh + ow * stride_ow)[None, :]
    out_offs += offs_m[:, None].to(tl.int64) * stride_om
    mask = mask_m[:, None] & mask_n[None, :]
    if HAS_RESIDUAL:
        acc += tl.load(residual_ptr + out_offs, mask=mask, other=0.0)
    tl.store(out_ptr + out_offs, activate(acc, ACTIVATION), mask=mask)


@triton.jit
def _conv2d_bwd_weight_kernel(
    dout_ptr,
    x_ptr,
    out_ptr,
    M,
    N,
    K,
    K_PER_SPLIT,
    POSITIONS,
    OW,
    TAPS_PER_ROW,
    stride_xn,
    stride_xh,
    step_h,
    step_w,
    PRECISION: tl.constexpr,
    BLOCK_M: tl.constexpr,
    BLOCK_N: tl.constexpr,
    BLOCK_K: tl.constexpr,
):
    pid_m, pid_n = grouped_order(tl.program_id(0), tl.cdiv(M, BLOCK_M), tl.cdiv(N, BLOCK_N))
    split = tl.program_id(1)
    offs_m = pid_m * BLOCK_M + tl.arange(0, BLOCK_M)
    offs_n = pid_n * BLOCK_N + tl.arange(0, BLOCK_N)
    mask_m, mask_n = offs_m < M, offs_n < N
    tap_ptr = x_ptr + offs_n // TAPS_PER_ROW * stride_xh + offs_n % TAPS_PER_ROW
    filter_ptr = dout_ptr + offs_m.to(tl.int64) * POSITIONS
    acc = tl.zeros((BLOCK_M, BLOCK_N), dtype=out_ptr.dtype.element_ty)
    first = split * K_PER_SPLIT
    last = tl.minimum(first + K_PER_SPLIT, K)
    for start in range(first, last, BLOCK_K):
        offs_k = start + tl.arange(0, BLOCK_K)
        mask_k = offs_k < last
        image, place, oh, ow = _position(offs_k, POSITIONS, OW)
        dout = tl.load(
            filter_ptr[:, None] + (image * M * POSITIONS + place)[None, :],
            mask=mask_m[:, None] & mask_k[None, :],
            other=0.0,
        )
        x = tl.load(
            tap_ptr[None, :] + (image * stride_xn + oh * step_h + ow * step_w)[:, None],
            mask=mask_k[:, None] & mask_n[None, :],
            other=0.0,
        )
        acc = tl.dot(dout, x, acc, input_precision=PRECISION, out_dtype=acc.dtype)
    out_offs = (split.to(tl.int64) * M + offs_m[:, None]) * N + offs_n[None, :]
    tl.store(out_ptr + out_offs, acc, mask=mask_m[:, None] & mask_n[None, :])


_tiled_fwd = TiledKernel(_conv2d_fwd_kernel)
_tiled_bwd_weight = TiledKernel(_conv2d_bwd_weight_kernel)

Pair = tuple[int, int]


def _channels_last(x: torch.Tensor, left: int, right: int, top: int, bottom: int) -> torch.Tensor:
    """Return x (N, C, H, W) padded with zeros (cropped where negative) as contiguous (N, H', W', C)."""
    if left or right or top or bottom:
        x = functional.pad(x, (left, right, top, bottom))
    return x.permute(0, 2, 3, 1).contiguous()


def _correlate(
    x: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    stride: Pair,
    out: torch.Tensor,
    residual: torch.Tensor | None = None,
    activation: str = "identity",
) -> None:
    """Write g(x (N, H, W, C) ⋆ weight (F, C, KH, KW) + bias + residual) to out (N, F, OH, OW).

    A residual lies in memory as `out` does.
    """
    channels = x.shape[3]
    filters, _, _, width = weight.shape
    images, _, out_height, out_width = out.shape
    weight = weight.permute(0, 2, 3, 1).reshape(filters, -1).contiguous()
    sizes = (filters, images * out_height * out_width, weight.shape[1])
    _tiled_fwd.launch(
        sizes,
        out.dtype,
        x,
        weight,
        bias,
        residual,
        out,
        *sizes,
        out_height * out_width,
        out_width,
        width * channels,
        x.stride(0),
        x.stride(1),
        stride[0] * x.stride(1),
        stride[1] * channels,
        *out.stride(),
        HAS_BIAS=bias is not None,
        HAS_RESIDUAL=residual is not None,
        ACTIVATION=activation,
    )


def _phases(size: int, kernel: int, stride: int, padding: int) -> list[tuple[int, int, int]]:
    """Return, along one axis and for every phase r < stride that taps reach, (first, low, high).

    The inputs i with (i + padding) % stride == r are first, first + stride, ...;
    the taps r, r + stride, ... lead to them from the outputs low to high.
    """
    phases = []
    for phase in range(min(stride, kernel)):
        first = (phase - padding) % stride
        start = (first + padding) // stride
        low = start - (kernel - 1 - phase) // stride
        phases.append((first, low, start + (size - 1 - first) // stride))
    return phases


def _input_gradient(
    dout: torch.Tensor, weight: torch.Tensor, shape: torch.Size, stride: Pair, padding: Pair
) -> torch.Tensor:
    """Return dx of shape (N, C, H, W).

    With stride s, inputs fall into s * s phases; within one, dx is the plain cross-correlation of dout
    with every s-th tap of the flipped filters, filters and channels exchanged.
    """
    dx = torch.zeros(shape, dtype=dout.dtype, device=dout.device)
    out_height, out_width = dout.shape[2:]
    rows = _phases(shape[2], weight.shape[2], stride[0], padding[0])
    columns = _phases(shape[3], weight.shape[3], stride[1], padding[1])
    for phase_h, (top, low_h, high_h) in enumerate(rows):
        for phase_w, (left, low_w, high_w) in enumerate(columns):
            part = dx[:, :, top :: stride[0], left :: stride[1]]
            if part.numel() > 0:
                window = _channels_last(
                    dout, -low_w, high_w + 1 - out_width, -low_h, high_h + 1 - out_height
                )
                taps = weight[:, :, phase_h :: stride[0], phase_w :: stride[1]]
                _correlate(window, taps.flip(2, 3).transpose(0, 1), None, (1, 1), part)
    return dx


def _weight_gradient(
    dout: torch.Tensor, x: torch.Tensor, shape: torch.Size, stride: Pair
) -> torch.Tensor:
    """Return dweight of shape (F, C, KH, KW) from dout (N, F, OH, OW) and the padded x (N, H, W, C)."""
    filters, channels, height, width = shape
    images, _, out_height, out_width = dout.shape
    sizes = (filters, height * width * channels, images * out_height * out_width)
    tiles = triton.cdiv(sizes[0], 64) * triton.cdiv(sizes[1], 64)
    splits = max(1, min(program_count() // tiles, sizes[2] // 512))
    per_split = 64 * triton.cdiv(sizes[2], 64 * splits)
    splits = triton.cdiv(sizes[2], per_split)
    partial = torch.empty((splits, *sizes[:2]), dtype=dout.dtype, device=dout.device)
    _tiled_bwd_weight.launch(
        sizes,
        dout.dtype,
        dout,
        x,
        partial,
        *sizes,
        per_split,
        out_height * out_width,
        out_width,
        width * channels,
        x.stride(0),
        x.stride(1),
        stride[0] * x.stride(1),
        stride[1] * channels,
        splits=splits,
    )
    dweight = partial[0] if splits == 1 else column_sum(partial.view(splits, -1))
    return dweight.view(filters, height, width, channels).permute(0, 3, 1, 2).contiguous()


def _bias_gradient(dout: torch.Tensor) -> torch.Tensor:
    """Return the sum of dout (N, F, OH, OW) over images and positions, (F,)."""
    images, filters = dout.shape[:2]
    return column_sum(column_sum(dout.view(images * filters, -1).T).view(images, filters))


def _forward(
    x: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    residual: torch.Tensor | None,
    stride: Pair,
    padding: Pair,
    activation: str,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the output (N, F, OH, OW), and x padded as (N, H', W', C)."""
    vertical, horizontal = padding
    padded = _channels_last(x, horizontal, horizontal, vertical, vertical)
    out_height = (padded.shape[1] - weight.shape[2]) // stride[0] + 1
    out_width = (padded.shape[2] - weight.shape[3]) // stride[1] + 1
    out = torch.empty(
        (x.shape[0], weight.shape[0], out_height, out_width), dtype=x.dtype, device=x.device
    )
    bias, residual = (item if item is None else item.contiguous() for item in (bias, residual))
    _correlate(padded, weight, bias, stride, out, residual, activation)
    return out, padded


def _gradients(ctx, delta, padded, weight) -> list[torch.Tensor | None]:
    """Return the gradients of x, weight and bias that are needed, from that of the pre-activation."""
    dx = dweight = dbias = None
    if ctx.needs_input_grad[0]:
        dx = _input_gradient(delta, weight, ctx.shape, ctx.stride, ctx.padding)
    if ctx.needs_input_grad[1]:
        dweight = _weight_gradient(delta, padded, weight.shape, ctx.stride)
    if ctx.needs_input_grad[2]:
        dbias = _bias_gradient(delta)
    return [dx, dweight, dbias]


class _Conv2d(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, bias, stride, padding):
        out, padded = _forward(x, weight, bias, None, stride, padding, "identity")
        ctx.save_for_backward(padded, weight)
        ctx.shape, ctx.stride, ctx.padding = x.shape, stride, padding
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        return *_gradients(ctx, gradient.contiguous(), *ctx.saved_tensors), None, None


class _Conv2dRelu(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, bias, residual, stride, padding):
        out, padded = _forward(x, weight, bias, residual, stride, padding, "relu")
        ctx.save_for_backward(out, padded, weight)
        ctx.shape, ctx.stride, ctx.padding = x.shape, stride, padding
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        out, padded, weight = ctx.saved_tensors
        delta = activation_gradient(out, gradient, "relu")
        dresidual = delta if ctx.needs_input_grad[3] else None
        return *_gradients(ctx, delta, padded, weight), dresidual, None, None


def _pair(value: int | Pair) -> Pair:
    return (value, value) if isinstance(value, int) else tuple(value)


def _check_geometry(
    op: str, x: torch.Tensor, weight: torch.Tensor, stride: Pair, padding: Pair
) -> None:
    if min(stride) < 1:
        raise ValueError(f"{op}: stride is {stride}; expected at least 1.")
    if min(padding) < 0:
        raise ValueError(f"{op}: padding is {padding}; expected at least 0.")
    for size, kernel, pad in zip(x.shape[2:], weight.shape[2:], padding, strict=True):
        if size + 2 * pad < kernel:
            raise ValueError(
                f"{op}: a filter of size {tuple(weight.shape[2:])} does not fit in an input of size "
                f"{tuple(x.shape[2:])} with padding {padding}."
            )


def conv2d(
    x: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
) -> torch.Tensor:
    """Return the cross-correlation of images with filters, which networks call convolution.

    out[n, f, i, j] = bias[f] + sum over c, u, v of weight[f, c, u, v] * x[n, c, s i + u - p, s j + v - p],
    where x is 0 outside the image; OH = floor((H + 2 p - KH) / s) + 1, and OW likewise.

    Args:
        x: (N, C, H, W), float32 or float64.
        weight: filters (F, C, KH, KW), same dtype.
        bias: (F,), same dtype, or None.
        stride: s, one number or (vertical, horizontal).
        padding: p, rows and columns of zeros on every side, one number or (vertical, horizontal).

    Returns:
        Tensor (N, F, OH, OW); differentiable in x, weight and bias.

    Raises:
        TypeError: not float32 or float64 tensors of one dtype.
        ValueError: shapes that do not fit, a filter larger than the padded image, a stride below 1.

    Source: Dumoulin, Visin, *A guide to convolution arithmetic for deep learning*, 2016, relationship 6;
    the gathered matrix product is Chetlur et al., *cuDNN: Efficient Primitives for Deep Learning*,
    2014, section 3.
    """
    biases = {} if bias is None else {"bias": (bias, "F")}
    check_tensors("conv2d", x=(x, "N C H W"), weight=(weight, "F C KH KW"), **biases)
    stride, padding = _pair(stride), _pair(padding)
    _check_geometry("conv2d", x, weight, stride, padding)
    return run(_Conv2d.apply, functional.conv2d, x, weight, bias, stride, padding)


def _plain_conv2d_relu(x, weight, bias, residual, stride, padding):
    a = functional.conv2d(x, weight, bias, stride, padding)
    return functional.relu(a if residual is None else a + residual)


def conv2d_relu(
    x: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    residual: torch.Tensor | None = None,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
) -> torch.Tensor:
    """Return ReLU of a convolution, with something added to it before: the end of a residual block.

    out = max(conv2d(x, weight, bias) + residual, 0); with delta = dout * [out > 0], dresidual = delta, and
    dx, dweight, dbias are those of `conv2d` for delta. Sum and ReLU need no pass over memory of their own.

    Args:
        x: (N, C, H, W), float32 or float64.
        weight: filters (F, C, KH, KW), same dtype.
        bias: (F,), same dtype, or None.
        residual: (N, F, OH, OW), same dtype, or None.
        stride: s, one number or (vertical, horizontal).
        padding: p, rows and columns of zeros on every side, one number or (vertical, horizontal).

    Returns:
        Tensor (N, F, OH, OW); differentiable in x, weight, bias and residual.

    Raises:
        TypeError: not float32 or float64 tensors of one dtype.
        ValueError: shapes that do not fit, a filter larger than the padded image, a stride below 1.

    Source: He, Zhang, Ren, Sun, *Deep residual learning for image recognition*, 2016, equation 1, figure 2.
    """
    biases = {} if bias is None else {"bias": (bias, "F")}
    residuals = {} if residual is None else {"residual": (residual, "N F OH OW")}
    check_tensors(
        "conv2d_relu", x=(x, "N C H W"), weight=(weight, "F C KH KW"), **biases, **residuals
    )
    stride, padding = _pair(stride), _pair(padding)
    _check_geometry("conv2d_relu", x, weight, stride, padding)
    axes = zip(x.shape[2:], weight.shape[2:], stride, padding, strict=True)
    sides = tuple((size + 2 * p - kernel) // s + 1 for size, kernel, s, p in axes)
    if residual is not None and residual.shape[2:] != sides:
        raise ValueError(
            f"conv2d_relu: residual has maps of {tuple(residual.shape[2:])}; "
            f"expected {sides}, those of the output."
        )
    return run(_Conv2dRelu.apply, _plain_conv2d_relu, x, weight, bias, residual, stride, padding)


def conv1d(
    x: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    stride: int = 1,
    padding: int = 0,
) -> torch.Tensor:
    """Return the cross-correlation of sequences with filters: `conv2d` on images of height 1.

    out[n, f, i] = bias[f] + sum over c, u of weight[f, c, u] * x[n, c, s i + u - p]

    Args:
        x: (N, C, W), float32 or float64.
        weight: filters (F, C, KW), same dtype.
        bias: (F,), same dtype, or None.
        stride: s.
        padding: p, zeros on both sides.

    Returns:
        Tensor (N, F, OW) with OW = floor((W + 2 p - KW) / s) + 1; differentiable in x, weight and bias.

    Raises:
        TypeError: not float32 or float64 tensors of one dtype.
        ValueError: shapes that do not fit, a filter larger than the padded sequence, a stride below 1.

    Source: Dumoulin, Visin, *A guide to convolution arithmetic for deep learning*, 2016, relationship 6.
    """
    biases = {} if bias is None else {"bias": (bias, "F")}
    check_tensors("conv1d", x=(x, "N C W"), weight=(weight, "F C KW"), **biases)
    _check_geometry("conv1d", x[:, :, None], weight[:, :, None], (1, stride), (0, padding))
    return conv2d(x[:, :, None], weight[:, :, None], bias, (1, stride), (0, padding))[:, :, 0]
