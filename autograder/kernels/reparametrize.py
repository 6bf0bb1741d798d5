"""Reparametrisation of a Gaussian: a sample as a differentiable function of mean and log-variance."""

from __future__ import annotations

import torch
from torch.autograd.function import once_differentiable

from autograder.kernels.arguments import check_same_shape
from autograder.kernels.backend import block, run, tl, triton


@triton.jit
def _reparametrize_fwd_kernel(
    mean_ptr, log_variance_ptr, noise_ptr, out_ptr, size, BLOCK: tl.constexpr
):
    offs = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    mask = offs < size
    mean = tl.load(mean_ptr + offs, mask=mask, other=0.0)
    log_variance = tl.load(log_variance_ptr + offs, mask=mask, other=0.0)
    noise = tl.load(noise_ptr + offs, mask=mask, other=0.0)
    tl.store(out_ptr + offs, mean + tl.exp(0.5 * log_variance) * noise, mask=mask)


@triton.jit
def _reparametrize_bwd_kernel(
    log_variance_ptr,
    noise_ptr,
    dout_ptr,
    dlog_variance_ptr,
    dnoise_ptr,
    size,
    BLOCK: tl.constexpr,
):
    offs = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    mask = offs < size
    log_variance = tl.load(log_variance_ptr + offs, mask=mask, other=0.0)
    noise = tl.load(noise_ptr + offs, mask=mask, other=0.0)
    gradient = tl.load(dout_ptr + offs, mask=mask, other=0.0)
    dnoise = gradient * tl.exp(0.5 * log_variance)
    tl.store(dlog_variance_ptr + offs, 0.5 * dnoise * noise, mask=mask)
    tl.store(dnoise_ptr + offs, dnoise, mask=mask)


class _Reparametrize(torch.autograd.Function):
    @staticmethod
    def forward(ctx, mean, log_variance, noise):
        mean, log_variance, noise = (t.contiguous() for t in (mean, log_variance, noise))
        out = torch.empty_like(mean)
        size, length = mean.numel(), block(mean.numel())
        _reparametrize_fwd_kernel[(triton.cdiv(size, length),)](
            mean, log_variance, noise, out, size, BLOCK=length
        )
        ctx.save_for_backward(log_variance, noise)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        log_variance, noise = ctx.saved_tensors
        gradient = gradient.contiguous()
        dlog_variance, dnoise = torch.empty_like(noise), torch.empty_like(noise)
        size, length = noise.numel(), block(noise.numel())
        _reparametrize_bwd_kernel[(triton.cdiv(size, length),)](
            log_variance, noise, gradient, dlog_variance, dnoise, size, BLOCK=length
        )
        return gradient, dlog_variance, dnoise


def _plain(mean, log_variance, noise):
    return mean + torch.exp(0.5 * log_variance) * noise


def reparametrize(
    mean: torch.Tensor, log_variance: torch.Tensor, noise: torch.Tensor
) -> torch.Tensor:
    """Return a sample of N(mean, exp(log_variance)) made from standard normal noise.

    z = mean + exp(log_variance / 2) * noise

    Args:
        mean: any shape, usually (N, Z), float32 or float64.
        log_variance: logarithm of the variance, same shape and dtype.
        noise: drawn from N(0, 1), same shape and dtype.

    Returns:
        Sample of the same shape and dtype; differentiable in all three.

    Raises:
        TypeError: not float32 or float64 tensors of one dtype.
        ValueError: shapes that differ.

    Source: Kingma, Welling, *Auto-Encoding Variational Bayes*, 2014, section 2.4 and equation 10.
    """
    check_same_shape("reparametrize", mean=mean, log_variance=log_variance, noise=noise)
    return run(_Reparametrize.apply, _plain, mean, log_variance, noise)
