"""Maximum and average pooling, windows of any stride."""

from __future__ import annotations

import torch
from torch.autograd.function import once_differentiable
from torch.nn import functional

from autograder.kernels.arguments import check_tensors
from autograder.kernels.backend import run, tile, tl, triton

Pair = tuple[int, int]


@triton.jit
def _max_pool2d_fwd_kernel(
    x_ptr,
    out_ptr,
    argmax_ptr,
    ROWS,
    OH,
    OW,
    H,
    W,
    KH: tl.constexpr,
    KW: tl.constexpr,
    STRIDE_H: tl.constexpr,
    STRIDE_W: tl.constexpr,
    BLOCK_R: tl.constexpr,
    BLOCK_W: tl.constexpr,
):
    offs_r = tl.program_id(0) * BLOCK_R + tl.arange(0, BLOCK_R)
    offs_w = tl.program_id(1) * BLOCK_W + tl.arange(0, BLOCK_W)
    mask = (offs_r[:, None] < ROWS) & (offs_w[None, :] < OW)
    first_row = (offs_r // OH).to(tl.int64) * H + offs_r % OH * STRIDE_H
    window_ptr = x_ptr + first_row[:, None] * W + offs_w[None, :] * STRIDE_W
    maximum = tl.load(window_ptr, mask=mask, other=0.0)
    argmax = tl.zeros((BLOCK_R, BLOCK_W), dtype=tl.int32)
    for tap in range(1, KH * KW):
        value = tl.load(window_ptr + (tap // KW * W + tap % KW), mask=mask, other=0.0)
        larger = (value > maximum) | (value != value)
        maximum = tl.where(larger, value, maximum)
        argmax = tl.where(larger, tap, argmax)
    offs = offs_r[:, None].to(tl.int64) * OW + offs_w[None, :]
    tl.store(out_ptr + offs, maximum, mask=mask)
    tl.store(argmax_ptr + offs, argmax.to(argmax_ptr.dtype.element_ty), mask=mask)


@triton.jit
def _average_pool2d_fwd_kernel(
    x_ptr,
    out_ptr,
    ROWS,
    OH,
    OW,
    H,
    W,
    KH: tl.constexpr,
    KW: tl.constexpr,
    STRIDE_H: tl.constexpr,
    STRIDE_W: tl.constexpr,
    BLOCK_R: tl.constexpr,
    BLOCK_W: tl.constexpr,
):
    offs_r = tl.program_id(0) * BLOCK_R + tl.arange(0, BLOCK_R)
    offs_w = tl.program_id(1) * BLOCK_W + tl.arange(0, BLOCK_W)
    mask = (offs_r[:, None] < ROWS) & (offs_w[None, :] < OW)
    first_row = (offs_r // OH).to(tl.int64) * H + offs_r % OH * STRIDE_H
    window_ptr = x_ptr + first_row[:, None] * W + offs_w[None, :] * STRIDE_W
    total = tl.zeros((BLOCK_R, BLOCK_W), dtype=x_ptr.dtype.element_ty)
    for tap in range(KH * KW):
        total += tl.load(window_ptr + (tap // KW * W + tap % KW), mask=mask, other=0.0)
    offs = offs_r[:, None].to(tl.int64) * OW + offs_w[None, :]
    tl.store(out_ptr + offs, total / (KH * KW), mask=mask)


@triton.jit
def _pool2d_bwd_kernel(
    dout_ptr,
    argmax_ptr,
    dx_ptr,
    ROWS,
    OH,
    OW,
    H,
    W,
    HAS_ARGMAX: tl.constexpr,
    KH: tl.constexpr,
    KW: tl.constexpr,
    STRIDE_H: tl.constexpr,
    STRIDE_W: tl.constexpr,
    BLOCK_R: tl.constexpr,
    BLOCK_W: tl.constexpr,
):
    offs_r = (tl.program_id(0) * BLOCK_R + tl.arange(0, BLOCK_R))[:, None]
    offs_w = (tl.program_id(1) * BLOCK_W + tl.arange(0, BLOCK_W))[None, :]
    mask = (offs_r < ROWS) & (offs_w < W)
    image, row = offs_r // H, offs_r % H
    dx = tl.zeros((BLOCK_R, BLOCK_W), dtype=dout_ptr.dtype.element_ty)
    for back_h in range((KH + STRIDE_H - 1) // STRIDE_H):
        oh = row // STRIDE_H - back_h
        tap_h = row - oh * STRIDE_H
        mask_h = mask & (oh >= 0) & (oh < OH) & (tap_h < KH)
        row_offs = (image.to(tl.int64) * OH + oh) * OW
        for back_w in range((KW + STRIDE_W - 1) // STRIDE_W):
            ow = offs_w // STRIDE_W - back_w
            tap_w = offs_w - ow * STRIDE_W
            covers = mask_h & (ow >= 0) & (ow < OW) & (tap_w < KW)
            dout = tl.load(dout_ptr + row_offs + ow, mask=covers, other=0.0)
            if HAS_ARGMAX:
                argmax = tl.load(argmax_ptr + row_offs + ow, mask=covers, other=0)
                dout = tl.where(argmax.to(tl.int32) == tap_h * KW + tap_w, dout, 0.0)
            dx += dout
    if not HAS_ARGMAX:
        dx = dx / (KH * KW)
    tl.store(dx_ptr + offs_r.to(tl.int64) * W + offs_w, dx, mask=mask)


def _out_shape(shape: torch.Size, size: Pair, stride: Pair) -> tuple[int, int, int, int]:
    images, channels, height, width = shape
    return (
        images,
        channels,
        (height - size[0]) // stride[0] + 1,
        (width - size[1]) // stride[1] + 1,
    )


def _launch(
    kernel, out: torch.Tensor, arguments: tuple, size: Pair, stride: Pair, **options
) -> None:
    """Run a kernel with one program per tile of rows (images, channels, vertical positions) of `out`."""
    rows, columns = out.shape[:3].numel(), out.shape[3]
    block_r, block_w = tile(rows, columns)
    kernel[(triton.cdiv(rows, block_r), triton.cdiv(columns, block_w))](
        *arguments,
        rows,
        *options.pop("sizes"),
        KH=size[0],
        KW=size[1],
        STRIDE_H=stride[0],
        STRIDE_W=stride[1],
        BLOCK_R=block_r,
        BLOCK_W=block_w,
        **options,
    )


class _MaxPool2d(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, size, stride):
        x = x.contiguous()
        out = torch.empty(_out_shape(x.shape, size, stride), dtype=x.dtype, device=x.device)
        index = torch.uint8 if size[0] * size[1] <= 256 else torch.int32
        argmax = torch.empty(out.shape, dtype=index, device=x.device)
        sizes = (*out.shape[2:], *x.shape[2:])
        _launch(_max_pool2d_fwd_kernel, out, (x, out, argmax), size, stride, sizes=sizes)
        ctx.save_for_backward(argmax)
        ctx.shape, ctx.size, ctx.stride = x.shape, size, stride
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        (argmax,) = ctx.saved_tensors
        return _input_gradient(ctx, gradient.contiguous(), argmax), None, None


class _AveragePool2d(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, size, stride):
        x = x.contiguous()
        out = torch.empty(_out_shape(x.shape, size, stride), dtype=x.dtype, device=x.device)
        sizes = (*out.shape[2:], *x.shape[2:])
        _launch(_average_pool2d_fwd_kernel, out, (x, out), size, stride, sizes=sizes)
        ctx.shape, ctx.size, ctx.stride = x.shape, size, stride
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        return _input_gradient(ctx, gradient.contiguous(), None), None, None


def _input_gradient(ctx, dout: torch.Tensor, argmax: torch.Tensor | None) -> torch.Tensor:
    dx = torch.empty(ctx.shape, dtype=dout.dtype, device=dout.device)
    sizes = (*dout.shape[2:], *dx.shape[2:])
    has_argmax = argmax is not None
    _launch(
        _pool2d_bwd_kernel,
        dx,
        (dout, argmax, dx),
        ctx.size,
        ctx.stride,
        sizes=sizes,
        HAS_ARGMAX=has_argmax,
    )
    return dx


def _geometry(
    op: str, x: torch.Tensor, size: int | Pair, stride: int | Pair | None
) -> tuple[Pair, Pair]:
    """Return size and stride as pairs, or raise where they do not fit."""
    check_tensors(op, x=(x, "N C H W"))
    size = (size, size) if isinstance(size, int) else tuple(size)
    stride = (
        size if stride is None else (stride, stride) if isinstance(stride, int) else tuple(stride)
    )
    if min(size) < 1 or min(stride) < 1:
        raise ValueError(f"{op}: size is {size}, stride {stride}; expected at least 1.")
    if size[0] > x.shape[2] or size[1] > x.shape[3]:
        raise ValueError(
            f"{op}: a window of {size} does not fit in an image of {tuple(x.shape[2:])}."
        )
    return size, stride


def max_pool2d(x: torch.Tensor, size: int | Pair, stride: int | Pair | None = None) -> torch.Tensor:
    """Return the maximum over windows of every channel.

    out[n, c, i, j] = max over u < KH, v < KW of x[n, c, s i + u, s j + v]; among equal maxima the first in
    row-major order receives the gradient, and windows that overlap add up.

    Args:
        x: (N, C, H, W), float32 or float64.
        size: window, one number or (KH, KW).
        stride: s, one number or (vertical, horizontal); the window's size by default.

    Returns:
        Tensor (N, C, OH, OW) with OH = floor((H - KH) / s) + 1, and OW likewise; differentiable.

    Raises:
        TypeError: not a float32 or float64 tensor.
        ValueError: a window larger than the image, or a size or stride below 1.

    Source: Dumoulin, Visin, *A guide to convolution arithmetic for deep learning*, 2016, relationship 7.
    """
    size, stride = _geometry("max_pool2d", x, size, stride)
    return run(_MaxPool2d.apply, functional.max_pool2d, x, size, stride)


def average_pool2d(
    x: torch.Tensor, size: int | Pair, stride: int | Pair | None = None
) -> torch.Tensor:
    """Return the mean over windows of every channel.

    out[n, c, i, j] = 1 / (KH KW) * sum over u < KH, v < KW of x[n, c, s i + u, s j + v]

    Args:
        x: (N, C, H, W), float32 or float64.
        size: window, one number or (KH, KW).
        stride: s, one number or (vertical, horizontal); the window's size by default.

    Returns:
        Tensor (N, C, OH, OW) with OH = floor((H - KH) / s) + 1, and OW likewise; differentiable.

    Raises:
        TypeError: not a float32 or float64 tensor.
        ValueError: a window larger than the image, or a size or stride below 1.

    Source: Dumoulin, Visin, *A guide to convolution arithmetic for deep learning*, 2016, relationship 7.
    """
    size, stride = _geometry("average_pool2d", x, size, stride)
    return run(_AveragePool2d.apply, functional.avg_pool2d, x, size, stride)
