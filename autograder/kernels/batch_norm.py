"""Batch normalisation of a matrix: every feature by its mean and variance over the batch."""

from __future__ import annotations

import torch
from torch.autograd.function import once_differentiable

from autograder.kernels.arguments import check_tensors
from autograder.kernels.backend import run, tile, tl, triton
from autograder.kernels.reduction import column_covariance, column_sum


@triton.jit
def _batch_norm_fwd_kernel(
    x_ptr,
    gamma_ptr,
    beta_ptr,
    mean_ptr,
    inverse_deviation_ptr,
    out_ptr,
    N,
    D,
    BLOCK_N: tl.constexpr,
    BLOCK_D: tl.constexpr,
):
    offs_n = tl.program_id(0).to(tl.int64) * BLOCK_N + tl.arange(0, BLOCK_N)
    offs_d = tl.program_id(1) * BLOCK_D + tl.arange(0, BLOCK_D)
    mask_d = offs_d < D
    offs = offs_n[:, None] * D + offs_d[None, :]
    mask = (offs_n < N)[:, None] & mask_d[None, :]
    gamma = tl.load(gamma_ptr + offs_d, mask=mask_d, other=0.0)
    beta = tl.load(beta_ptr + offs_d, mask=mask_d, other=0.0)
    mean = tl.load(mean_ptr + offs_d, mask=mask_d, other=0.0)
    inverse_deviation = tl.load(inverse_deviation_ptr + offs_d, mask=mask_d, other=0.0)
    x = tl.load(x_ptr + offs, mask=mask, other=0.0)
    normalised = (x - mean[None, :]) * inverse_deviation[None, :]
    tl.store(out_ptr + offs, normalised * gamma[None, :] + beta[None, :], mask=mask)


@triton.jit
def _batch_norm_bwd_kernel(
    x_ptr,
    gamma_ptr,
    mean_ptr,
    inverse_deviation_ptr,
    dout_ptr,
    dgamma_ptr,
    dbeta_ptr,
    dx_ptr,
    N,
    D,
    BLOCK_N: tl.constexpr,
    BLOCK_D: tl.constexpr,
):
    offs_n = tl.program_id(0).to(tl.int64) * BLOCK_N + tl.arange(0, BLOCK_N)
    offs_d = tl.program_id(1) * BLOCK_D + tl.arange(0, BLOCK_D)
    mask_d = offs_d < D
    offs = offs_n[:, None] * D + offs_d[None, :]
    mask = (offs_n < N)[:, None] & mask_d[None, :]
    gamma = tl.load(gamma_ptr + offs_d, mask=mask_d, other=0.0)
    mean = tl.load(mean_ptr + offs_d, mask=mask_d, other=0.0)
    inverse_deviation = tl.load(inverse_deviation_ptr + offs_d, mask=mask_d, other=0.0)
    dgamma = tl.load(dgamma_ptr + offs_d, mask=mask_d, other=0.0)
    dbeta = tl.load(dbeta_ptr + offs_d, mask=mask_d, other=0.0)
    x = tl.load(x_ptr + offs, mask=mask, other=0.0)
    gradient = tl.load(dout_ptr + offs, mask=mask, other=0.0)
    normalised = (x - mean[None, :]) * inverse_deviation[None, :]
    centred = gradient - (dbeta / N)[None, :] - normalised * (dgamma / N)[None, :]
    tl.store(dx_ptr + offs, (gamma * inverse_deviation)[None, :] * centred, mask=mask)


class _BatchNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, epsilon):
        x, gamma, beta = x.contiguous(), gamma.contiguous(), beta.contiguous()
        rows, columns = x.shape
        mean = column_sum(x, divisor=rows)
        variance = column_covariance(x, x, mean, mean, divisor=rows)
        inverse_deviation = torch.rsqrt(variance + epsilon)
        out = torch.empty_like(x)
        block_n, block_d = tile(rows, columns)
        _batch_norm_fwd_kernel[(triton.cdiv(rows, block_n), triton.cdiv(columns, block_d))](
            x,
            gamma,
            beta,
            mean,
            inverse_deviation,
            out,
            rows,
            columns,
            BLOCK_N=block_n,
            BLOCK_D=block_d,
        )
        ctx.save_for_backward(x, gamma, mean, inverse_deviation)
        ctx.mark_non_differentiable(mean, variance)
        return out, mean, variance

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient, *_):
        x, gamma, mean, inverse_deviation = ctx.saved_tensors
        gradient = gradient.contiguous()
        rows, columns = x.shape
        dbeta = column_sum(gradient)
        dgamma = column_covariance(x, gradient, mean, dbeta / rows) * inverse_deviation
        if not ctx.needs_input_grad[0]:
            return None, dgamma, dbeta, None
        dx = torch.empty_like(x)
        block_n, block_d = tile(rows, columns)
        _batch_norm_bwd_kernel[(triton.cdiv(rows, block_n), triton.cdiv(columns, block_d))](
            x,
            gamma,
            mean,
            inverse_deviation,
            gradient,
            dgamma,
            dbeta,
            dx,
            rows,
            columns,
            BLOCK_N=block_n,
            BLOCK_D=block_d,
        )
        return dx, dgamma, dbeta, None


def _plain(x, gamma, beta, epsilon):
    variance, mean = torch.var_mean(x, dim=0, correction=0)
    out = (x - mean) / torch.sqrt(variance + epsilon) * gamma + beta
    return out, mean.detach(), variance.detach()


def batch_norm(
    x: torch.Tensor, gamma: torch.Tensor, beta: torch.Tensor, epsilon: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the batch with every feature normalised, scaled and shifted, and the batch's statistics.

    out[n, d] = gamma[d] * z[n, d] + beta[d], with z = (x - mean) / sqrt(variance + epsilon);
    dbeta = sum over n of dout; dgamma = sum over n of dout * z;
    dx = gamma / sqrt(variance + epsilon) * (dout - dbeta / N - z * dgamma / N)

    Args:
        x: (N, D), float32 or float64.
        gamma: scale of each feature, (D,), same dtype.
        beta: shift of each feature, (D,), same dtype.
        epsilon: added to the variance, keeps the divisor from 0.

    Returns:
        Tensor (N, D), differentiable in `x`, `gamma` and `beta`; mean (D,) and biased variance (D,) of
        the batch, for the running averages, not differentiable.

    Raises:
        TypeError: not float32 or float64 tensors of one dtype.
        ValueError: shapes that do not fit.

    Source: Ioffe, Szegedy, *Batch normalization: accelerating deep network training by reducing internal
    covariate shift*, 2015, algorithm 1 and the equations of section 3.
    """
    check_tensors("batch_norm", x=(x, "N D"), gamma=(gamma, "D"), beta=(beta, "D"))
    return run(_BatchNorm.apply, _plain, x, gamma, beta, epsilon)
