"""Matrix product in tiles, with an optional bias and activation on the way out."""

from __future__ import annotations

import torch
from torch.autograd.function import once_differentiable

from autograder.kernels.arguments import check_tensors
from autograder.kernels.backend import run, tl, triton
from autograder.kernels.numerics import activate
from autograder.kernels.tiling import TiledKernel, grouped_order


@triton.jit
def _matmul_kernel(
    a_ptr,
    b_ptr,
    bias_ptr,
    out_ptr,
    M,
    N,
    K,
    stride_am,
    stride_ak,
    stride_bk,
    stride_bn,
    HAS_BIAS: tl.constexpr,
    ACTIVATION: tl.constexpr,
    PRECISION: tl.constexpr,
    BLOCK_M: tl.constexpr,
    BLOCK_N: tl.constexpr,
    BLOCK_K: tl.constexpr,
):
    pid_m, pid_n = grouped_order(tl.program_id(0), tl.cdiv(M, BLOCK_M), tl.cdiv(N, BLOCK_N))
    offs_m = pid_m * BLOCK_M + tl.arange(0, BLOCK_M)
    offs_n = pid_n * BLOCK_N + tl.arange(0, BLOCK_N)
    mask_m, mask_n = offs_m < M, offs_n < N
    row_ptr = a_ptr + offs_m.to(tl.int64) * stride_am
    column_ptr = b_ptr + offs_n.to(tl.int64) * stride_bn
    acc = tl.zeros((BLOCK_M, BLOCK_N), dtype=out_ptr.dtype.element_ty)
    for start in range(0, K, BLOCK_K):
        offs_k = start + tl.arange(0, BLOCK_K)
        mask_k = offs_k < K
        wide_k = offs_k.to(tl.int64)
        a = tl.load(
            row_ptr[:, None] + wide_k[None, :] * stride_ak,
            mask=mask_m[:, None] & mask_k[None, :],
            other=0.0,
        )
        b = tl.load(
            column_ptr[None, :] + wide_k[:, None] * stride_bk,
            mask=mask_k[:, None] & mask_n[None, :],
            other=0.0,
        )
        acc = tl.dot(a, b, acc, input_precision=PRECISION, out_dtype=acc.dtype)
    if HAS_BIAS:
        acc += tl.load(bias_ptr + offs_n, mask=mask_n, other=0.0)[None, :]
    out_ptrs = out_ptr + offs_m[:, None].to(tl.int64) * N + offs_n[None, :]
    tl.store(out_ptrs, activate(acc, ACTIVATION), mask=mask_m[:, None] & mask_n[None, :])


_tiled_matmul = TiledKernel(_matmul_kernel)


def multiply(
    a: torch.Tensor,
    b: torch.Tensor,
    bias: torch.Tensor | None = None,
    activation: str = "identity",
) -> torch.Tensor:
    """Launch the kernel: activation(a @ b + bias) of tensors that lie where the kernels run."""
    (rows, inner), columns = a.shape, b.shape[1]
    out = torch.empty((rows, columns), dtype=a.dtype, device=a.device)
    sizes = (rows, columns, inner)
    _tiled_matmul.launch(
        sizes,
        out.dtype,
        a,
        b,
        bias,
        out,
        *sizes,
        *a.stride(),
        *b.stride(),
        HAS_BIAS=bias is not None,
        ACTIVATION=activation,
    )
    return out


class _Matmul(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return multiply(a, b)

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        a, b = ctx.saved_tensors
        da = multiply(gradient, b.T) if ctx.needs_input_grad[0] else None
        db = multiply(a.T, gradient) if ctx.needs_input_grad[1] else None
        return da, db


def matmul(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Return the matrix product.

    out[m, n] = sum over k of a[m, k] * b[k, n]; da = dout @ b.T, db = a.T @ dout.

    Args:
        a: (M, K), any strides, float32 or float64.
        b: (K, N), any strides, same dtype.

    Returns:
        Tensor (M, N); differentiable in both.

    Raises:
        TypeError: not float32 or float64 tensors of one dtype.
        ValueError: shapes that do not fit.

    Source: tiles follow Goto, van de Geijn, *Anatomy of High-Performance Matrix Multiplication*, 2008;
    float32 on tensor cores by three TF32 products is Ootomo, Yokota, *Recovering single precision
    accuracy from Tensor Cores while surpassing the FP32 theoretical peak performance*, 2022.
    """
    check_tensors("matmul", a=(a, "M K"), b=(b, "K N"))
    return run(_Matmul.apply, torch.matmul, a, b)
