"""Softmax of the rows of a matrix, and its logarithm, for rows of any length."""

from __future__ import annotations

import torch
from torch.autograd.function import once_differentiable

from autograder.kernels.arguments import check_tensors
from autograder.kernels.backend import run, tile, tl, triton


@triton.jit
def row_maximum_and_total(row_ptr, K, BLOCK_N: tl.constexpr, BLOCK_K: tl.constexpr):
    """The maximum of each row, and the sum of exp(x - maximum), in one pass over the K columns."""
    maximum = tl.full((BLOCK_N,), -3.0e38, dtype=row_ptr.dtype.element_ty)
    total = tl.zeros((BLOCK_N,), dtype=row_ptr.dtype.element_ty)
    for start in range(0, K, BLOCK_K):
        offs_k = start + tl.arange(0, BLOCK_K)
        mask_k = offs_k[None, :] < K
        x = tl.load(row_ptr[:, None] + offs_k[None, :], mask=mask_k, other=-float("inf"))
        larger = tl.maximum(maximum, tl.max(x, axis=1))
        terms = tl.exp(x - larger[:, None])
        total = total * tl.exp(maximum - larger) + tl.sum(terms, axis=1)
        maximum = larger
    return maximum, total


@triton.jit
def _softmax_fwd_kernel(
    x_ptr, out_ptr, N, K, LOGARITHM: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_K: tl.constexpr
):
    offs_n = tl.program_id(0).to(tl.int64) * BLOCK_N + tl.arange(0, BLOCK_N)
    row_ptr = x_ptr + tl.minimum(offs_n, N - 1) * K
    maximum, total = row_maximum_and_total(row_ptr, K, BLOCK_N, BLOCK_K)
    for start in range(0, K, BLOCK_K):
        offs_k = start + tl.arange(0, BLOCK_K)[None, :]
        mask = (offs_n < N)[:, None] & (offs_k < K)
        x = tl.load(row_ptr[:, None] + offs_k, mask=mask, other=-float("inf")) - maximum[:, None]
        out = x - tl.log(total)[:, None] if LOGARITHM else tl.exp(x) / total[:, None]
        tl.store(out_ptr + offs_n[:, None] * K + offs_k, out, mask=mask)


@triton.jit
def _softmax_bwd_kernel(
    out_ptr,
    dout_ptr,
    dx_ptr,
    N,
    K,
    LOGARITHM: tl.constexpr,
    BLOCK_N: tl.constexpr,
    BLOCK_K: tl.constexpr,
):
    offs_n = tl.program_id(0).to(tl.int64) * BLOCK_N + tl.arange(0, BLOCK_N)
    total = tl.zeros((BLOCK_N, BLOCK_K), dtype=out_ptr.dtype.element_ty)
    for start in range(0, K, BLOCK_K):
        offs_k = start + tl.arange(0, BLOCK_K)[None, :]
        offs = offs_n[:, None] * K + offs_k
        mask = (offs_n < N)[:, None] & (offs_k < K)
        gradient = tl.load(dout_ptr + offs, mask=mask, other=0.0)
        if not LOGARITHM:
            gradient *= tl.load(out_ptr + offs, mask=mask, other=0.0)
        total += gradient
    total = tl.sum(total, axis=1)[:, None]
    for start in range(0, K, BLOCK_K):
        offs_k = start + tl.arange(0, BLOCK_K)[None, :]
        offs = offs_n[:, None] * K + offs_k
        mask = (offs_n < N)[:, None] & (offs_k < K)
        gradient = tl.load(dout_ptr + offs, mask=mask, other=0.0)
        out = tl.load(out_ptr + offs, mask=mask, other=0.0)
        dx = gradient - tl.exp(out) * total if LOGARITHM else out * (gradient - total)
        tl.store(dx_ptr + offs, dx, mask=mask)


class _Softmax(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, logarithm):
        x = x.contiguous()
        out = torch.empty_like(x)
        rows, columns = x.shape
        block_n, block_k = tile(rows, columns)
        _softmax_fwd_kernel[(triton.cdiv(rows, block_n),)](
            x, out, rows, columns, LOGARITHM=logarithm, BLOCK_N=block_n, BLOCK_K=block_k
        )
        ctx.save_for_backward(out)
        ctx.logarithm = logarithm
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        (out,) = ctx.saved_tensors
        gradient = gradient.contiguous()
        dx = torch.empty_like(out)
        rows, columns = out.shape
        block_n, block_k = tile(rows, columns)
        _softmax_bwd_kernel[(triton.cdiv(rows, block_n),)](
            out,
            gradient,
            dx,
            rows,
            columns,
            LOGARITHM=ctx.logarithm,
            BLOCK_N=block_n,
            BLOCK_K=block_k,
        )
        return dx, None


def _plain(x, logarithm):
    return torch.log_softmax(x, 1) if logarithm else torch.softmax(x, 1)


def softmax(x: torch.Tensor) -> torch.Tensor:
    """Return the softmax of every row.

    out[n, k] = exp(x[n, k]) / sum over j of exp(x[n, j]); dx = out * (dout - sum over k of out * dout)

    Args:
        x: logits, (N, K), float32 or float64.

    Returns:
        Probabilities (N, K), of the same dtype; differentiable.

    Raises:
        TypeError: `x` is not a float32 or float64 tensor.
        ValueError: `x` is not a matrix, or is empty.

    Source: Goodfellow, Bengio, Courville, *Deep Learning*, 2016, equation 6.29; the sum in one pass is
    Milakov, Gimelshein, *Online normalizer calculation for softmax*, 2018, algorithm 3.
    """
    check_tensors("softmax", x=(x, "N K"))
    return run(_Softmax.apply, _plain, x, False)


def log_softmax(x: torch.Tensor) -> torch.Tensor:
    """Return the logarithm of the softmax of every row, finite where the softmax itself rounds to 0.

    out[n, k] = x[n, k] - log sum over j of exp(x[n, j]); dx = dout - exp(out) * sum over k of dout

    Args:
        x: logits, (N, K), float32 or float64.

    Returns:
        Log-probabilities (N, K), of the same dtype; differentiable.

    Raises:
        TypeError: `x` is not a float32 or float64 tensor.
        ValueError: `x` is not a matrix, or is empty.

    Source: Goodfellow, Bengio, Courville, *Deep Learning*, 2016, equations 6.30 and 6.33.
    """
    check_tensors("log_softmax", x=(x, "N K"))
    return run(_Softmax.apply, _plain, x, True)
