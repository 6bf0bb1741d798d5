"""Kullback-Leibler divergence of a diagonal Gaussian from the standard normal."""

from __future__ import annotations

import torch
from torch.autograd.function import once_differentiable

from autograder.kernels.arguments import check_tensors
from autograder.kernels.backend import run, tile, tl, triton


@triton.jit
def kl_terms(mean, log_variance):
    """The divergence of one latent dimension; 0 where mean and log-variance are 0."""
    return 0.5 * (mean * mean + tl.exp(log_variance) - 1.0 - log_variance)


@triton.jit
def _gaussian_kl_fwd_kernel(
    mean_ptr, log_variance_ptr, out_ptr, N, Z, BLOCK_N: tl.constexpr, BLOCK_Z: tl.constexpr
):
    offs_n = tl.program_id(0).to(tl.int64) * BLOCK_N + tl.arange(0, BLOCK_N)
    mask_n = offs_n < N
    total = tl.zeros((BLOCK_N, BLOCK_Z), dtype=mean_ptr.dtype.element_ty)
    for start in range(0, Z, BLOCK_Z):
        offs_z = start + tl.arange(0, BLOCK_Z)
        offs = offs_n[:, None] * Z + offs_z[None, :]
        mask = mask_n[:, None] & (offs_z[None, :] < Z)
        mean = tl.load(mean_ptr + offs, mask=mask, other=0.0)
        log_variance = tl.load(log_variance_ptr + offs, mask=mask, other=0.0)
        total += kl_terms(mean, log_variance)
    tl.store(out_ptr + offs_n, tl.sum(total, axis=1), mask=mask_n)


@triton.jit
def _gaussian_kl_bwd_kernel(
    mean_ptr,
    log_variance_ptr,
    dout_ptr,
    dmean_ptr,
    dlog_variance_ptr,
    N,
    Z,
    BLOCK_N: tl.constexpr,
    BLOCK_Z: tl.constexpr,
):
    offs_n = tl.program_id(0).to(tl.int64) * BLOCK_N + tl.arange(0, BLOCK_N)
    mask_n = offs_n < N
    gradient = tl.load(dout_ptr + offs_n, mask=mask_n, other=0.0)[:, None]
    for start in range(0, Z, BLOCK_Z):
        offs_z = start + tl.arange(0, BLOCK_Z)
        offs = offs_n[:, None] * Z + offs_z[None, :]
        mask = mask_n[:, None] & (offs_z[None, :] < Z)
        mean = tl.load(mean_ptr + offs, mask=mask, other=0.0)
        log_variance = tl.load(log_variance_ptr + offs, mask=mask, other=0.0)
        tl.store(dmean_ptr + offs, gradient * mean, mask=mask)
        dlog_variance = gradient * 0.5 * (tl.exp(log_variance) - 1.0)
        tl.store(dlog_variance_ptr + offs, dlog_variance, mask=mask)


class _GaussianKL(torch.autograd.Function):
    @staticmethod
    def forward(ctx, mean, log_variance):
        mean, log_variance = mean.contiguous(), log_variance.contiguous()
        rows, columns = mean.shape
        out = torch.empty(rows, dtype=mean.dtype, device=mean.device)
        block_n, block_z = tile(rows, columns)
        _gaussian_kl_fwd_kernel[(triton.cdiv(rows, block_n),)](
            mean, log_variance, out, rows, columns, BLOCK_N=block_n, BLOCK_Z=block_z
        )
        ctx.save_for_backward(mean, log_variance)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        mean, log_variance = ctx.saved_tensors
        rows, columns = mean.shape
        dmean, dlog_variance = torch.empty_like(mean), torch.empty_like(mean)
        block_n, block_z = tile(rows, columns)
        _gaussian_kl_bwd_kernel[(triton.cdiv(rows, block_n),)](
            mean,
            log_variance,
            gradient.contiguous(),
            dmean,
            dlog_variance,
            rows,
            columns,
            BLOCK_N=block_n,
            BLOCK_Z=block_z,
        )
        return dmean, dlog_variance


def plain_gaussian_kl(mean: torch.Tensor, log_variance: torch.Tensor) -> torch.Tensor:
    """Return the divergence computed by PyTorch."""
    return 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(dim=1)


def gaussian_kl(mean: torch.Tensor, log_variance: torch.Tensor) -> torch.Tensor:
    """Return KL(N(mean, exp(log_variance)) || N(0, I)) of every sample, in nats.

    KL[n] = 1/2 sum over z of (mean[n, z]² + exp(log_variance[n, z]) - 1 - log_variance[n, z])

    Args:
        mean: (N, Z), float32 or float64.
        log_variance: logarithm of the variance, (N, Z), same dtype.

    Returns:
        Tensor (N,); differentiable in both.

    Raises:
        TypeError: not float32 or float64 tensors of one dtype.
        ValueError: shapes that do not fit.

    Source: Kingma, Welling, *Auto-Encoding Variational Bayes*, 2014, appendix B.
    """
    check_tensors("gaussian_kl", mean=(mean, "N Z"), log_variance=(log_variance, "N Z"))
    return run(_GaussianKL.apply, plain_gaussian_kl, mean, log_variance)
