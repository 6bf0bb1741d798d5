"""Softmax and cross-entropy in one pass over the logits, averaged over the batch."""

from __future__ import annotations

import torch
from torch.autograd.function import once_differentiable
from torch.nn import functional

from autograder.kernels.arguments import check_tensors
from autograder.kernels.backend import run, tile, tl, triton
from autograder.kernels.reduction import column_sum
from autograder.kernels.softmax import row_maximum_and_total


@triton.jit
def _softmax_cross_entropy_fwd_kernel(
    logits_ptr,
    labels_ptr,
    loss_ptr,
    maximum_ptr,
    total_ptr,
    N,
    K,
    BLOCK_N: tl.constexpr,
    BLOCK_K: tl.constexpr,
):
    offs_n = tl.program_id(0).to(tl.int64) * BLOCK_N + tl.arange(0, BLOCK_N)
    mask_n = offs_n < N
    row_ptr = logits_ptr + tl.minimum(offs_n, N - 1) * K
    maximum, total = row_maximum_and_total(row_ptr, K, BLOCK_N, BLOCK_K)
    label = tl.load(labels_ptr + offs_n, mask=mask_n, other=0)
    is_class = (label >= 0) & (label < K)
    chosen = tl.load(row_ptr + label, mask=is_class, other=float("nan"))
    tl.store(loss_ptr + offs_n, tl.log(total) + (maximum - chosen), mask=mask_n)
    tl.store(maximum_ptr + offs_n, maximum, mask=mask_n)
    tl.store(total_ptr + offs_n, total, mask=mask_n)


@triton.jit
def _softmax_cross_entropy_bwd_kernel(
    logits_ptr,
    labels_ptr,
    maximum_ptr,
    total_ptr,
    dloss_ptr,
    dlogits_ptr,
    N,
    K,
    BLOCK_N: tl.constexpr,
    BLOCK_K: tl.constexpr,
):
    offs_n = tl.program_id(0).to(tl.int64) * BLOCK_N + tl.arange(0, BLOCK_N)
    mask_n = offs_n < N
    label = tl.load(labels_ptr + offs_n, mask=mask_n, other=0)[:, None]
    maximum = tl.load(maximum_ptr + offs_n, mask=mask_n, other=0.0)[:, None]
    total = tl.load(total_ptr + offs_n, mask=mask_n, other=1.0)[:, None]
    scale = tl.load(dloss_ptr) / N
    for start in range(0, K, BLOCK_K):
        offs_k = start + tl.arange(0, BLOCK_K)[None, :]
        offs = offs_n[:, None] * K + offs_k
        mask = mask_n[:, None] & (offs_k < K)
        logits = tl.load(logits_ptr + offs, mask=mask, other=-float("inf"))
        probability = tl.exp(logits - maximum) / total
        target = tl.where(offs_k == label, 1.0, 0.0)
        tl.store(dlogits_ptr + offs, scale * (probability - target), mask=mask)


class _SoftmaxCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx, logits, labels):
        logits, labels = logits.contiguous(), labels.contiguous()
        rows, classes = logits.shape
        loss, maximum, total = torch.empty((3, rows), dtype=logits.dtype, device=logits.device)
        block_n, block_k = tile(rows, classes)
        _softmax_cross_entropy_fwd_kernel[(triton.cdiv(rows, block_n),)](
            logits,
            labels,
            loss,
            maximum,
            total,
            rows,
            classes,
            BLOCK_N=block_n,
            BLOCK_K=block_k,
        )
        ctx.save_for_backward(logits, labels, maximum, total)
        return column_sum(loss[:, None], divisor=rows)[0]

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        logits, labels, maximum, total = ctx.saved_tensors
        rows, classes = logits.shape
        dlogits = torch.empty_like(logits)
        block_n, block_k = tile(rows, classes)
        _softmax_cross_entropy_bwd_kernel[(triton.cdiv(rows, block_n),)](
            logits,
            labels,
            maximum,
            total,
            gradient,
            dlogits,
            rows,
            classes,
            BLOCK_N=block_n,
            BLOCK_K=block_k,
        )
        return dlogits, None


def _check_labels(labels: torch.Tensor, rows: int, classes: int) -> None:
    if not isinstance(labels, torch.Tensor) or labels.dtype != torch.int64:
        kind = labels.dtype if isinstance(labels, torch.Tensor) else type(labels).__name__
        raise TypeError(f"softmax_cross_entropy: labels is {kind}; expected a tensor of int64.")
    if labels.shape != (rows,):
        raise ValueError(
            f"softmax_cross_entropy: labels has shape {tuple(labels.shape)}; "
            f"expected (N,) with N = {rows} as in logits."
        )
    if labels.is_cuda:  # looking at the values would wait for the GPU
        return
    smallest, largest = labels.min().item(), labels.max().item()
    if smallest < 0 or largest >= classes:
        raise ValueError(
            f"softmax_cross_entropy: labels lie in [{smallest}, {largest}]; "
            f"expected class indices in [0, {classes - 1}]."
        )


def softmax_cross_entropy(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return the cross-entropy of the softmax of the logits, averaged over the batch, in nats.

    loss = mean over n of (log sum over k of exp(logits[n, k]) - logits[n, labels[n]]);
    its gradient is (softmax(logits) - one_hot(labels)) / N.

    Args:
        logits: (N, K), float32 or float64.
        labels: class indices in [0, K - 1], (N,), int64; on a GPU any other label makes the loss NaN.

    Returns:
        Scalar tensor; differentiable in the logits.

    Raises:
        TypeError: logits not float32 or float64, or labels not int64.
        ValueError: shapes that do not fit, or, on a CPU, a label that is no class.

    Source: Goodfellow, Bengio, Courville, *Deep Learning*, 2016, equations 6.30 and 10.18;
    the sum in one pass is Milakov, Gimelshein, *Online normalizer calculation for softmax*, 2018,
    algorithm 3.
    """
    check_tensors("softmax_cross_entropy", logits=(logits, "N K"))
    _check_labels(labels, *logits.shape)
    return run(_SoftmaxCrossEntropy.apply, functional.cross_entropy, logits, labels)
