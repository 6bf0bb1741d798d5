"""Dropout with a given mask, scaled so that the expected value stays."""

from __future__ import annotations

import torch
from torch.autograd.function import once_differentiable

from autograder.kernels.arguments import check_same_shape
from autograder.kernels.backend import block, constants, run, tl, triton


@triton.jit
def _dropout_kernel(x_ptr, mask_ptr, out_ptr, keep_probability_ptr, size, BLOCK: tl.constexpr):
    offs = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    inside = offs < size
    keep_probability = tl.load(keep_probability_ptr)
    x = tl.load(x_ptr + offs, mask=inside, other=0.0)
    kept = tl.load(mask_ptr + offs, mask=inside, other=0.0)
    tl.store(out_ptr + offs, x * kept / keep_probability, mask=inside)


def _launch(x: torch.Tensor, mask: torch.Tensor, keep_probability: float) -> torch.Tensor:
    out = torch.empty_like(x)
    size, length = x.numel(), block(x.numel())
    keep = constants(x, keep_probability)
    _dropout_kernel[(triton.cdiv(size, length),)](x, mask, out, keep, size, BLOCK=length)
    return out


class _Dropout(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, mask, keep_probability):
        mask = mask.contiguous()
        ctx.save_for_backward(mask)
        ctx.keep_probability = keep_probability
        return _launch(x.contiguous(), mask, keep_probability)

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        (mask,) = ctx.saved_tensors
        return _launch(gradient.contiguous(), mask, ctx.keep_probability), None, None


def _plain(x, mask, keep_probability):
    return x * mask.detach() / keep_probability


def dropout(x: torch.Tensor, mask: torch.Tensor, keep_probability: float) -> torch.Tensor:
    """Return the activations that a mask keeps, divided by the probability of keeping one.

    out = x * mask / keep_probability; dx = dout * mask / keep_probability

    Args:
        x: any shape, float32 or float64.
        mask: 1 where an activation is kept, 0 where it is dropped, same shape and dtype.
        keep_probability: probability of a 1 in the mask, in (0, 1].

    Returns:
        Tensor of the shape and dtype of `x`; differentiable in `x`.

    Raises:
        TypeError: not float32 or float64 tensors of one dtype.
        ValueError: shapes that differ, or a probability outside (0, 1].

    Source: Srivastava et al., *Dropout: a simple way to prevent neural networks from overfitting*, 2014,
    section 4; the division at training time, "inverted dropout", is its section 10.
    """
    check_same_shape("dropout", x=x, mask=mask)
    if not 0 < keep_probability <= 1:
        raise ValueError(
            f"dropout: keep_probability is {keep_probability}; expected a number in (0, 1]."
        )
    return run(_Dropout.apply, _plain, x, mask, keep_probability)
