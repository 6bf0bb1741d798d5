"""Negative evidence lower bound of a variational autoencoder: reconstruction and divergence in one kernel."""

from __future__ import annotations

import torch
from torch.autograd.function import once_differentiable

from autograder.kernels.arguments import check_tensors
from autograder.kernels.backend import run, tile, tl, triton
from autograder.kernels.bernoulli_nll import plain_bernoulli_nll
from autograder.kernels.gaussian_kl import kl_terms, plain_gaussian_kl
from autograder.kernels.numerics import bernoulli_loss, sigmoid


@triton.jit
def _negative_elbo_fwd_kernel(
    logits_ptr,
    targets_ptr,
    mean_ptr,
    log_variance_ptr,
    out_ptr,
    N,
    D,
    Z,
    BLOCK_N: tl.constexpr,
    BLOCK_D: tl.constexpr,
    BLOCK_Z: tl.constexpr,
):
    offs_n = tl.program_id(0).to(tl.int64) * BLOCK_N + tl.arange(0, BLOCK_N)
    mask_n = offs_n < N
    nll = tl.zeros((BLOCK_N, BLOCK_D), dtype=logits_ptr.dtype.element_ty)
    for start in range(0, D, BLOCK_D):
        offs_d = start + tl.arange(0, BLOCK_D)
        offs = offs_n[:, None] * D + offs_d[None, :]
        mask = mask_n[:, None] & (offs_d[None, :] < D)
        logits = tl.load(logits_ptr + offs, mask=mask, other=0.0)
        targets = tl.load(targets_ptr + offs, mask=mask, other=0.0)
        nll += tl.where(mask, bernoulli_loss(logits, targets), 0.0)
    kl = tl.zeros((BLOCK_N, BLOCK_Z), dtype=logits_ptr.dtype.element_ty)
    for start in range(0, Z, BLOCK_Z):
        offs_z = start + tl.arange(0, BLOCK_Z)
        offs = offs_n[:, None] * Z + offs_z[None, :]
        mask = mask_n[:, None] & (offs_z[None, :] < Z)
        mean = tl.load(mean_ptr + offs, mask=mask, other=0.0)
        log_variance = tl.load(log_variance_ptr + offs, mask=mask, other=0.0)
        kl += kl_terms(mean, log_variance)
    tl.store(out_ptr + offs_n, tl.sum(nll, axis=1) + tl.sum(kl, axis=1), mask=mask_n)


@triton.jit
def _negative_elbo_bwd_kernel(
    logits_ptr,
    targets_ptr,
    mean_ptr,
    log_variance_ptr,
    dout_ptr,
    dlogits_ptr,
    dtargets_ptr,
    dmean_ptr,
    dlog_variance_ptr,
    N,
    D,
    Z,
    NEEDS_DTARGETS: tl.constexpr,
    BLOCK_N: tl.constexpr,
    BLOCK_D: tl.constexpr,
    BLOCK_Z: tl.constexpr,
):
    offs_n = tl.program_id(0).to(tl.int64) * BLOCK_N + tl.arange(0, BLOCK_N)
    mask_n = offs_n < N
    gradient = tl.load(dout_ptr + offs_n, mask=mask_n, other=0.0)[:, None]
    for start in range(0, D, BLOCK_D):
        offs_d = start + tl.arange(0, BLOCK_D)
        offs = offs_n[:, None] * D + offs_d[None, :]
        mask = mask_n[:, None] & (offs_d[None, :] < D)
        logits = tl.load(logits_ptr + offs, mask=mask, other=0.0)
        targets = tl.load(targets_ptr + offs, mask=mask, other=0.0)
        tl.store(dlogits_ptr + offs, gradient * (sigmoid(logits) - targets), mask=mask)
        if NEEDS_DTARGETS:
            tl.store(dtargets_ptr + offs, -gradient * logits, mask=mask)
    for start in range(0, Z, BLOCK_Z):
        offs_z = start + tl.arange(0, BLOCK_Z)
        offs = offs_n[:, None] * Z + offs_z[None, :]
        mask = mask_n[:, None] & (offs_z[None, :] < Z)
        mean = tl.load(mean_ptr + offs, mask=mask, other=0.0)
        log_variance = tl.load(log_variance_ptr + offs, mask=mask, other=0.0)
        tl.store(dmean_ptr + offs, gradient * mean, mask=mask)
        dlog_variance = gradient * 0.5 * (tl.exp(log_variance) - 1.0)
        tl.store(dlog_variance_ptr + offs, dlog_variance, mask=mask)


def _blocks(logits: torch.Tensor, mean: torch.Tensor) -> dict[str, int]:
    block_n, block_d = tile(*logits.shape)
    return {"BLOCK_N": block_n, "BLOCK_D": block_d, "BLOCK_Z": min(block_d, tile(*mean.shape)[1])}


class _NegativeELBO(torch.autograd.Function):
    @staticmethod
    def forward(ctx, *tensors):
        logits, targets, mean, log_variance = (tensor.contiguous() for tensor in tensors)
        (rows, dimensions), latents = logits.shape, mean.shape[1]
        out = torch.empty(rows, dtype=logits.dtype, device=logits.device)
        blocks = _blocks(logits, mean)
        _negative_elbo_fwd_kernel[(triton.cdiv(rows, blocks["BLOCK_N"]),)](
            logits, targets, mean, log_variance, out, rows, dimensions, latents, **blocks
        )
        ctx.save_for_backward(logits, targets, mean, log_variance)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        logits, targets, mean, log_variance = ctx.saved_tensors
        (rows, dimensions), latents = logits.shape, mean.shape[1]
        dlogits = torch.empty_like(logits)
        dtargets = torch.empty_like(targets) if ctx.needs_input_grad[1] else None
        dmean, dlog_variance = torch.empty_like(mean), torch.empty_like(mean)
        blocks = _blocks(logits, mean)
        _negative_elbo_bwd_kernel[(triton.cdiv(rows, blocks["BLOCK_N"]),)](
            logits,
            targets,
            mean,
            log_variance,
            gradient.contiguous(),
            dlogits,
            dtargets,
            dmean,
            dlog_variance,
            rows,
            dimensions,
            latents,
            NEEDS_DTARGETS=dtargets is not None,
            **blocks,
        )
        return dlogits, dtargets, dmean, dlog_variance


def _plain(logits, targets, mean, log_variance):
    return plain_bernoulli_nll(logits, targets) + plain_gaussian_kl(mean, log_variance)


def negative_elbo(
    logits: torch.Tensor, targets: torch.Tensor, mean: torch.Tensor, log_variance: torch.Tensor
) -> torch.Tensor:
    """Return the negative evidence lower bound of every sample, estimated with one latent sample, in nats.

    -ELBO[n] = sum over d of (log(1 + exp(logits[n, d])) - targets[n, d] * logits[n, d])
        + 1/2 sum over z of (mean[n, z]² + exp(log_variance[n, z]) - 1 - log_variance[n, z])

    Args:
        logits: the decoder's log-odds of a 1, (N, D), float32 or float64.
        targets: the data, in [0, 1], (N, D), same dtype.
        mean: the encoder's mean, (N, Z), same dtype.
        log_variance: the encoder's logarithm of the variance, (N, Z), same dtype.

    Returns:
        Tensor (N,); differentiable in all four.

    Raises:
        TypeError: not float32 or float64 tensors of one dtype.
        ValueError: shapes that do not fit.

    Source: Kingma, Welling, *Auto-Encoding Variational Bayes*, 2014, equation 10.
    """
    check_tensors(
        "negative_elbo",
        logits=(logits, "N D"),
        targets=(targets, "N D"),
        mean=(mean, "N Z"),
        log_variance=(log_variance, "N Z"),
    )
    return run(_NegativeELBO.apply, _plain, logits, targets, mean, log_variance)
