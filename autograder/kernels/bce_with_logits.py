"""Binary cross-entropy from logits, averaged over all elements."""

from __future__ import annotations

import torch
from torch.autograd.function import once_differentiable
from torch.nn import functional

from autograder.kernels.arguments import check_same_shape
from autograder.kernels.backend import block, run, tl, triton
from autograder.kernels.numerics import bernoulli_loss, sigmoid
from autograder.kernels.reduction import column_sum


@triton.jit
def _bce_with_logits_fwd_kernel(
    logits_ptr, targets_ptr, partial_ptr, size, stride_t, BLOCK: tl.constexpr
):
    pid = tl.program_id(0)
    offs = pid.to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    mask = offs < size
    logits = tl.load(logits_ptr + offs, mask=mask, other=0.0)
    targets = tl.load(targets_ptr + offs * stride_t, mask=mask, other=0.0)
    loss = tl.where(mask, bernoulli_loss(logits, targets), 0.0)
    tl.store(partial_ptr + pid, tl.sum(loss, axis=0))


@triton.jit
def _bce_with_logits_bwd_kernel(
    logits_ptr,
    targets_ptr,
    dout_ptr,
    dlogits_ptr,
    dtargets_ptr,
    size,
    stride_t,
    NEEDS_DTARGETS: tl.constexpr,
    BLOCK: tl.constexpr,
):
    offs = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    mask = offs < size
    scale = tl.load(dout_ptr) / size
    logits = tl.load(logits_ptr + offs, mask=mask, other=0.0)
    targets = tl.load(targets_ptr + offs * stride_t, mask=mask, other=0.0)
    tl.store(dlogits_ptr + offs, scale * (sigmoid(logits) - targets), mask=mask)
    if NEEDS_DTARGETS:
        tl.store(dtargets_ptr + offs, -scale * logits, mask=mask)


class _BCEWithLogits(torch.autograd.Function):
    @staticmethod
    def forward(ctx, logits, targets):
        logits = logits.contiguous()
        is_constant = targets.numel() == 1
        targets = targets.contiguous()
        size, length = logits.numel(), block(logits.numel())
        programs = triton.cdiv(size, length)
        partial = torch.empty((programs, 1), dtype=logits.dtype, device=logits.device)
        ctx.stride_t = 0 if is_constant else 1
        _bce_with_logits_fwd_kernel[(programs,)](
            logits, targets, partial, size, ctx.stride_t, BLOCK=length
        )
        ctx.save_for_backward(logits, targets)
        return column_sum(partial, divisor=size)[0]

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        logits, targets = ctx.saved_tensors
        size, length = logits.numel(), block(logits.numel())
        dlogits = torch.empty_like(logits)
        dtargets = torch.empty_like(targets) if ctx.needs_input_grad[1] else None
        _bce_with_logits_bwd_kernel[(triton.cdiv(size, length),)](
            logits,
            targets,
            gradient,
            dlogits,
            dtargets,
            size,
            ctx.stride_t,
            NEEDS_DTARGETS=dtargets is not None,
            BLOCK=length,
        )
        return dlogits, dtargets


def _plain(logits, targets):
    return functional.binary_cross_entropy_with_logits(logits, targets.expand_as(logits))


def bce_with_logits(logits: torch.Tensor, targets: torch.Tensor | float) -> torch.Tensor:
    """Return the binary cross-entropy of logits, averaged over all elements, in nats.

    loss = mean of (log(1 + exp(logits)) - targets * logits)

    Args:
        logits: log-odds of a 1, any shape, float32 or float64.
        targets: probabilities in [0, 1], of the shape and dtype of `logits`; or one number for all.

    Returns:
        Scalar tensor; differentiable in the logits, and in the targets where they are a tensor.

    Raises:
        TypeError: not float32 or float64 tensors of one dtype.
        ValueError: shapes that differ.

    Source: Goodfellow, Bengio, Courville, *Deep Learning*, 2016, section 6.2.2.2.
    """
    if isinstance(targets, int | float):
        check_same_shape("bce_with_logits", logits=logits)
        targets = logits.new_full((1,), targets)
    else:
        check_same_shape("bce_with_logits", logits=logits, targets=targets)
    return run(_BCEWithLogits.apply, _plain, logits, targets)
