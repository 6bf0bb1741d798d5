"""Negative log-likelihood of Bernoulli variables given by their logits."""

from __future__ import annotations

import torch
from torch.autograd.function import once_differentiable
from torch.nn import functional

from autograder.kernels.arguments import check_tensors
from autograder.kernels.backend import run, tile, tl, triton
from autograder.kernels.numerics import bernoulli_loss, sigmoid


@triton.jit
def _bernoulli_nll_fwd_kernel(
    logits_ptr, targets_ptr, out_ptr, N, D, BLOCK_N: tl.constexpr, BLOCK_D: tl.constexpr
):
    offs_n = tl.program_id(0).to(tl.int64) * BLOCK_N + tl.arange(0, BLOCK_N)
    mask_n = offs_n < N
    total = tl.zeros((BLOCK_N, BLOCK_D), dtype=logits_ptr.dtype.element_ty)
    for start in range(0, D, BLOCK_D):
        offs_d = start + tl.arange(0, BLOCK_D)
        offs = offs_n[:, None] * D + offs_d[None, :]
        mask = mask_n[:, None] & (offs_d[None, :] < D)
        logits = tl.load(logits_ptr + offs, mask=mask, other=0.0)
        targets = tl.load(targets_ptr + offs, mask=mask, other=0.0)
        total += tl.where(mask, bernoulli_loss(logits, targets), 0.0)
    tl.store(out_ptr + offs_n, tl.sum(total, axis=1), mask=mask_n)


@triton.jit
def _bernoulli_nll_bwd_kernel(
    logits_ptr,
    targets_ptr,
    dout_ptr,
    dlogits_ptr,
    dtargets_ptr,
    N,
    D,
    NEEDS_DTARGETS: tl.constexpr,
    BLOCK_N: tl.constexpr,
    BLOCK_D: tl.constexpr,
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


class _BernoulliNLL(torch.autograd.Function):
    @staticmethod
    def forward(ctx, logits, targets):
        logits, targets = logits.contiguous(), targets.contiguous()
        rows, columns = logits.shape
        out = torch.empty(rows, dtype=logits.dtype, device=logits.device)
        block_n, block_d = tile(rows, columns)
        _bernoulli_nll_fwd_kernel[(triton.cdiv(rows, block_n),)](
            logits, targets, out, rows, columns, BLOCK_N=block_n, BLOCK_D=block_d
        )
        ctx.save_for_backward(logits, targets)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        logits, targets = ctx.saved_tensors
        rows, columns = logits.shape
        dlogits = torch.empty_like(logits)
        dtargets = torch.empty_like(targets) if ctx.needs_input_grad[1] else None
        block_n, block_d = tile(rows, columns)
        _bernoulli_nll_bwd_kernel[(triton.cdiv(rows, block_n),)](
            logits,
            targets,
            gradient.contiguous(),
            dlogits,
            dtargets,
            rows,
            columns,
            NEEDS_DTARGETS=dtargets is not None,
            BLOCK_N=block_n,
            BLOCK_D=block_d,
        )
        return dlogits, dtargets


def plain_bernoulli_nll(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the negative log-likelihood computed by PyTorch."""
    return functional.binary_cross_entropy_with_logits(logits, targets, reduction="none").sum(dim=1)


def bernoulli_nll(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the negative log-likelihood of every sample under independent Bernoulli variables, in nats.

    nll[n] = sum over d of (log(1 + exp(logits[n, d])) - targets[n, d] * logits[n, d])

    Args:
        logits: log-odds of a 1, (N, D), float32 or float64.
        targets: values in [0, 1], (N, D), same dtype.

    Returns:
        Tensor (N,); differentiable in both.

    Raises:
        TypeError: not float32 or float64 tensors of one dtype.
        ValueError: shapes that do not fit.

    Source: Kingma, Welling, *Auto-Encoding Variational Bayes*, 2014, appendix C.1, equation 11.
    """
    check_tensors("bernoulli_nll", logits=(logits, "N D"), targets=(targets, "N D"))
    return run(_BernoulliNLL.apply, plain_bernoulli_nll, logits, targets)
