"""One step of a recurrent network: both products, the bias and tanh in one kernel."""

from __future__ import annotations

import torch
from torch.autograd.function import once_differentiable

from autograder.kernels.activations import activation_gradient
from autograder.kernels.arguments import check_tensors
from autograder.kernels.backend import run, tl, triton
from autograder.kernels.matmul import multiply
from autograder.kernels.numerics import tanh
from autograder.kernels.reduction import column_sum
from autograder.kernels.tiling import TiledKernel, grouped_order


@triton.jit
def _add_product(
    acc,
    a_ptr,
    b_ptr,
    offs_m,
    offs_n,
    M,
    N,
    K,
    stride_am,
    stride_ak,
    stride_bk,
    stride_bn,
    PRECISION: tl.constexpr,
    BLOCK_K: tl.constexpr,
):
    """One tile of a @ b, added to what is there already."""
    row_ptr = a_ptr + offs_m.to(tl.int64) * stride_am
    column_ptr = b_ptr + offs_n.to(tl.int64) * stride_bn
    for start in range(0, K, BLOCK_K):
        offs_k = start + tl.arange(0, BLOCK_K)
        mask_k = offs_k < K
        wide_k = offs_k.to(tl.int64)
        a = tl.load(
            row_ptr[:, None] + wide_k[None, :] * stride_ak,
            mask=(offs_m < M)[:, None] & mask_k[None, :],
            other=0.0,
        )
        b = tl.load(
            column_ptr[None, :] + wide_k[:, None] * stride_bk,
            mask=mask_k[:, None] & (offs_n < N)[None, :],
            other=0.0,
        )
        acc = tl.dot(a, b, acc, input_precision=PRECISION, out_dtype=acc.dtype)
    return acc


@triton.jit
def _rnn_cell_kernel(
    x_ptr,
    weight_ptr,
    h_ptr,
    recurrent_ptr,
    bias_ptr,
    out_ptr,
    M,
    N,
    K,
    stride_xm,
    stride_xk,
    stride_wk,
    stride_wn,
    stride_hm,
    stride_hk,
    stride_uk,
    stride_un,
    PRECISION: tl.constexpr,
    BLOCK_M: tl.constexpr,
    BLOCK_N: tl.constexpr,
    BLOCK_K: tl.constexpr,
):
    pid_m, pid_n = grouped_order(tl.program_id(0), tl.cdiv(M, BLOCK_M), tl.cdiv(N, BLOCK_N))
    offs_m = pid_m * BLOCK_M + tl.arange(0, BLOCK_M)
    offs_n = pid_n * BLOCK_N + tl.arange(0, BLOCK_N)
    mask_m, mask_n = offs_m < M, offs_n < N
    acc = tl.zeros((BLOCK_M, BLOCK_N), dtype=out_ptr.dtype.element_ty)
    acc = _add_product(
        acc, x_ptr, weight_ptr, offs_m, offs_n, M, N, K,
        stride_xm, stride_xk, stride_wk, stride_wn, PRECISION, BLOCK_K,
    )  # fmt: skip
    acc = _add_product(
        acc, h_ptr, recurrent_ptr, offs_m, offs_n, M, N, N,
        stride_hm, stride_hk, stride_uk, stride_un, PRECISION, BLOCK_K,
    )  # fmt: skip
    acc += tl.load(bias_ptr + offs_n, mask=mask_n, other=0.0)[None, :]
    out_ptrs = out_ptr + offs_m[:, None].to(tl.int64) * N + offs_n[None, :]
    tl.store(out_ptrs, tanh(acc), mask=mask_m[:, None] & mask_n[None, :])


_tiled_cell = TiledKernel(_rnn_cell_kernel)


class _RnnCell(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, h, weight, recurrent, bias):
        sizes = (x.shape[0], weight.shape[1], x.shape[1])
        out = torch.empty(sizes[:2], dtype=x.dtype, device=x.device)
        _tiled_cell.launch(
            sizes,
            out.dtype,
            x,
            weight,
            h,
            recurrent,
            bias.contiguous(),
            out,
            *sizes,
            *x.stride(),
            *weight.stride(),
            *h.stride(),
            *recurrent.stride(),
        )
        ctx.save_for_backward(x, h, weight, recurrent, out)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        x, h, weight, recurrent, out = ctx.saved_tensors
        delta = activation_gradient(out, gradient, "tanh")
        wanted = ctx.needs_input_grad
        return (
            multiply(delta, weight.T) if wanted[0] else None,
            multiply(delta, recurrent.T) if wanted[1] else None,
            multiply(x.T, delta) if wanted[2] else None,
            multiply(h.T, delta) if wanted[3] else None,
            column_sum(delta) if wanted[4] else None,
        )


def _plain(x, h, weight, recurrent, bias):
    return torch.tanh(x @ weight + h @ recurrent + bias)


def rnn_cell(
    x: torch.Tensor,
    h: torch.Tensor,
    weight: torch.Tensor,
    recurrent: torch.Tensor,
    bias: torch.Tensor,
) -> torch.Tensor:
    """Return the next state of a recurrent network.

    out = tanh(x @ weight + h @ recurrent + bias); with delta = dout * (1 - out²), dx = delta @ weight.T,
    dh = delta @ recurrent.T, dweight = x.T @ delta, drecurrent = h.T @ delta, dbias = sum over the batch
    of delta.

    Args:
        x: inputs of this step, (N, D), any strides, float32 or float64.
        h: states before it, (N, M), same dtype.
        weight: (D, M), same dtype.
        recurrent: (M, M), entry [i, j] from unit i to unit j, same dtype.
        bias: (M,), same dtype.

    Returns:
        Tensor (N, M); differentiable in all arguments.

    Raises:
        TypeError: not float32 or float64 tensors of one dtype.
        ValueError: shapes that do not fit.

    Source: Elman, *Finding structure in time*, 1990; Werbos, *Backpropagation through time*, 1990.
    """
    check_tensors(
        "rnn_cell",
        x=(x, "N D"),
        h=(h, "N M"),
        weight=(weight, "D M"),
        bias=(bias, "M"),
        recurrent=(recurrent, "M M"),
    )
    return run(_RnnCell.apply, _plain, x, h, weight, recurrent, bias)
