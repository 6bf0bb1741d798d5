"""Layer normalisation: every row of a matrix by its own mean and variance, then scaled and shifted."""

from __future__ import annotations

import torch
from torch.autograd.function import once_differentiable
from torch.nn import functional

from autograder.kernels.arguments import check_tensors
from autograder.kernels.backend import constants, run, tile, tl, triton
from autograder.kernels.reduction import column_covariance, column_sum


@triton.jit
def _layer_norm_fwd_kernel(
    x_ptr,
    gain_ptr,
    bias_ptr,
    epsilon_ptr,
    normalised_ptr,
    inverse_deviation_ptr,
    out_ptr,
    N,
    D,
    BLOCK_N: tl.constexpr,
    BLOCK_D: tl.constexpr,
):
    offs_n = tl.program_id(0).to(tl.int64) * BLOCK_N + tl.arange(0, BLOCK_N)
    mask_n = offs_n < N
    total = tl.zeros((BLOCK_N, BLOCK_D), dtype=x_ptr.dtype.element_ty)
    for start in range(0, D, BLOCK_D):
        offs_d = start + tl.arange(0, BLOCK_D)
        mask = mask_n[:, None] & (offs_d < D)[None, :]
        total += tl.load(x_ptr + offs_n[:, None] * D + offs_d[None, :], mask=mask, other=0.0)
    mean = (tl.sum(total, axis=1) / D)[:, None]
    squares = tl.zeros((BLOCK_N, BLOCK_D), dtype=x_ptr.dtype.element_ty)
    for start in range(0, D, BLOCK_D):
        offs_d = start + tl.arange(0, BLOCK_D)
        mask = mask_n[:, None] & (offs_d < D)[None, :]
        x = tl.load(x_ptr + offs_n[:, None] * D + offs_d[None, :], mask=mask, other=0.0)
        deviation = tl.where(mask, x - mean, 0.0)
        squares += deviation * deviation
    variance = tl.where(mask_n, tl.sum(squares, axis=1) / D + tl.load(epsilon_ptr), 1.0)
    inverse_deviation = 1.0 / tl.sqrt(variance)
    tl.store(inverse_deviation_ptr + offs_n, inverse_deviation, mask=mask_n)
    for start in range(0, D, BLOCK_D):
        offs_d = start + tl.arange(0, BLOCK_D)
        mask_d = offs_d < D
        offs = offs_n[:, None] * D + offs_d[None, :]
        mask = mask_n[:, None] & mask_d[None, :]
        gain = tl.load(gain_ptr + offs_d, mask=mask_d, other=0.0)
        bias = tl.load(bias_ptr + offs_d, mask=mask_d, other=0.0)
        x = tl.load(x_ptr + offs, mask=mask, other=0.0)
        normalised = (x - mean) * inverse_deviation[:, None]
        tl.store(normalised_ptr + offs, normalised, mask=mask)
        tl.store(out_ptr + offs, normalised * gain[None, :] + bias[None, :], mask=mask)


@triton.jit
def _layer_norm_bwd_kernel(
    normalised_ptr,
    gain_ptr,
    inverse_deviation_ptr,
    dout_ptr,
    dx_ptr,
    N,
    D,
    BLOCK_N: tl.constexpr,
    BLOCK_D: tl.constexpr,
):
    offs_n = tl.program_id(0).to(tl.int64) * BLOCK_N + tl.arange(0, BLOCK_N)
    mask_n = offs_n < N
    total = tl.zeros((BLOCK_N, BLOCK_D), dtype=dout_ptr.dtype.element_ty)
    along = tl.zeros((BLOCK_N, BLOCK_D), dtype=dout_ptr.dtype.element_ty)
    for start in range(0, D, BLOCK_D):
        offs_d = start + tl.arange(0, BLOCK_D)
        mask_d = offs_d < D
        offs = offs_n[:, None] * D + offs_d[None, :]
        mask = mask_n[:, None] & mask_d[None, :]
        gain = tl.load(gain_ptr + offs_d, mask=mask_d, other=0.0)
        gradient = tl.load(dout_ptr + offs, mask=mask, other=0.0) * gain[None, :]
        total += gradient
        along += gradient * tl.load(normalised_ptr + offs, mask=mask, other=0.0)
    mean_gradient = (tl.sum(total, axis=1) / D)[:, None]
    mean_along = (tl.sum(along, axis=1) / D)[:, None]
    inverse_deviation = tl.load(inverse_deviation_ptr + offs_n, mask=mask_n, other=0.0)[:, None]
    for start in range(0, D, BLOCK_D):
        offs_d = start + tl.arange(0, BLOCK_D)
        mask_d = offs_d < D
        offs = offs_n[:, None] * D + offs_d[None, :]
        mask = mask_n[:, None] & mask_d[None, :]
        gain = tl.load(gain_ptr + offs_d, mask=mask_d, other=0.0)
        gradient = tl.load(dout_ptr + offs, mask=mask, other=0.0) * gain[None, :]
        normalised = tl.load(normalised_ptr + offs, mask=mask, other=0.0)
        dx = inverse_deviation * (gradient - mean_gradient - normalised * mean_along)
        tl.store(dx_ptr + offs, dx, mask=mask)


class _LayerNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gain, bias, epsilon):
        x, gain, bias = x.contiguous(), gain.contiguous(), bias.contiguous()
        rows, columns = x.shape
        out, normalised = torch.empty_like(x), torch.empty_like(x)
        inverse_deviation = torch.empty((rows,), dtype=x.dtype, device=x.device)
        block_n, block_d = tile(rows, columns)
        _layer_norm_fwd_kernel[(triton.cdiv(rows, block_n),)](
            x,
            gain,
            bias,
            constants(x, epsilon),
            normalised,
            inverse_deviation,
            out,
            rows,
            columns,
            BLOCK_N=block_n,
            BLOCK_D=block_d,
        )
        ctx.save_for_backward(normalised, gain, inverse_deviation)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        normalised, gain, inverse_deviation = ctx.saved_tensors
        gradient = gradient.contiguous()
        rows, columns = gradient.shape
        zeros = torch.zeros_like(gain)
        dgain = column_covariance(gradient, normalised, zeros, zeros)
        dbias = column_sum(gradient)
        if not ctx.needs_input_grad[0]:
            return None, dgain, dbias, None
        dx = torch.empty_like(gradient)
        block_n, block_d = tile(rows, columns)
        _layer_norm_bwd_kernel[(triton.cdiv(rows, block_n),)](
            normalised,
            gain,
            inverse_deviation,
            gradient,
            dx,
            rows,
            columns,
            BLOCK_N=block_n,
            BLOCK_D=block_d,
        )
        return dx, dgain, dbias, None


def _plain(x: torch.Tensor, gain: torch.Tensor, bias: torch.Tensor, epsilon: float) -> torch.Tensor:
    return functional.layer_norm(x, gain.shape, gain, bias, epsilon)


def layer_norm(
    x: torch.Tensor, gain: torch.Tensor, bias: torch.Tensor, epsilon: float
) -> torch.Tensor:
    """Return every row normalised by its own mean and variance, scaled and shifted.

    out[n, d] = gain[d] * (x[n, d] - mean[n]) / sqrt(variance[n] + epsilon) + bias[d],
    with the variance divided by D.

    Args:
        x: (N, D), float32 or float64; positions of sequences are rows too.
        gain: (D,), dtype of `x`.
        bias: (D,), dtype of `x`.
        epsilon: what is added to the variance, below the root.

    Returns:
        Tensor (N, D); differentiable in `x`, `gain` and `bias`.

    Raises:
        TypeError: not float32 or float64 tensors of one dtype.
        ValueError: shapes that do not fit, or an empty tensor.

    Source: Ba, Kiros, Hinton, *Layer normalization*, 2016, arXiv:1607.06450.
    """
    check_tensors("layer_norm", x=(x, "N D"), gain=(gain, "D"), bias=(bias, "D"))
    return run(_LayerNorm.apply, _plain, x, gain, bias, epsilon)
