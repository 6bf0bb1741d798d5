"""Sums over the rows of a matrix, in two stages without atomics: the same input gives the same bits."""

from __future__ import annotations

import torch

from autograder.kernels.backend import is_compiled, program_count, tile, tl, triton


@triton.jit
def _column_sum_kernel(
    x_ptr,
    y_ptr,
    mean_x_ptr,
    mean_y_ptr,
    out_ptr,
    ROWS,
    COLUMNS,
    ROWS_PER_SPLIT,
    DIVISOR,
    stride_xr,
    stride_xc,
    stride_yr,
    stride_yc,
    IS_COVARIANCE: tl.constexpr,
    BLOCK_R: tl.constexpr,
    BLOCK_C: tl.constexpr,
):
    split = tl.program_id(1)
    offs_c = tl.program_id(0) * BLOCK_C + tl.arange(0, BLOCK_C)
    mask_c = offs_c < COLUMNS
    if IS_COVARIANCE:
        mean_x = tl.load(mean_x_ptr + offs_c, mask=mask_c, other=0.0)[None, :]
        mean_y = tl.load(mean_y_ptr + offs_c, mask=mask_c, other=0.0)[None, :]
    first = split.to(tl.int64) * ROWS_PER_SPLIT
    last = tl.minimum(first + ROWS_PER_SPLIT, ROWS)
    total = tl.zeros((BLOCK_R, BLOCK_C), dtype=x_ptr.dtype.element_ty)
    for start in range(0, ROWS_PER_SPLIT, BLOCK_R):
        offs_r = first + start + tl.arange(0, BLOCK_R)[:, None]
        mask = (offs_r < last) & mask_c[None, :]
        column = offs_c[None, :].to(tl.int64)
        terms = tl.load(x_ptr + offs_r * stride_xr + column * stride_xc, mask=mask, other=0.0)
        if IS_COVARIANCE:
            y = tl.load(y_ptr + offs_r * stride_yr + column * stride_yc, mask=mask, other=0.0)
            terms = tl.where(mask, (terms - mean_x) * (y - mean_y), 0.0)
        total += terms
    sums = tl.sum(total, axis=0) / DIVISOR
    tl.store(out_ptr + split.to(tl.int64) * COLUMNS + offs_c, sums, mask=mask_c)


def column_sum(x: torch.Tensor, divisor: int = 1) -> torch.Tensor:
    """Return the sum over the rows of a matrix, divided by `divisor`.

    out[c] = sum over r of x[r, c] / divisor

    Args:
        x: matrix (R, C) of any strides, float32 or float64, where the kernels run.
        divisor: number of terms of a mean.

    Returns:
        Tensor (C,).
    """
    return _sum(x, divisor)


def column_covariance(
    x: torch.Tensor,
    y: torch.Tensor,
    mean_x: torch.Tensor,
    mean_y: torch.Tensor,
    divisor: int = 1,
) -> torch.Tensor:
    """Return the sum over the rows of the product of two matrices' deviations, divided by `divisor`.

    out[c] = sum over r of (x[r, c] - mean_x[c]) * (y[r, c] - mean_y[c]) / divisor

    Args:
        x: matrix (R, C) of any strides, float32 or float64, where the kernels run.
        y: matrix (R, C) likewise; `x` itself for a variance.
        mean_x: what is taken from each column of `x`, (C,), contiguous.
        mean_y: what is taken from each column of `y`, (C,), contiguous.
        divisor: number of terms of a mean.

    Returns:
        Tensor (C,).
    """
    return _sum(x, divisor, y, mean_x, mean_y)


def _sum(
    x: torch.Tensor,
    divisor: int,
    y: torch.Tensor | None = None,
    mean_x: torch.Tensor | None = None,
    mean_y: torch.Tensor | None = None,
) -> torch.Tensor:
    rows, columns = x.shape
    block_rows, block_columns = tile(rows, columns)
    if is_compiled():
        # Lanes run along the dimension that is contiguous in memory.
        widest = 8 if x.stride(0) == 1 and columns > 1 else 128
        block_columns = min(widest, triton.next_power_of_2(columns))
        block_rows = min(4096 // block_columns, triton.next_power_of_2(rows))
    splits = max(1, min(program_count() // triton.cdiv(columns, block_columns), rows // 64))
    rows_per_split = triton.cdiv(rows, splits)
    splits = triton.cdiv(rows, rows_per_split)
    out = torch.empty((splits, columns), dtype=x.dtype, device=x.device)
    _column_sum_kernel[(triton.cdiv(columns, block_columns), splits)](
        x,
        y,
        mean_x,
        mean_y,
        out,
        rows,
        columns,
        rows_per_split,
        divisor if splits == 1 else 1,
        *x.stride(),
        *(x if y is None else y).stride(),
        IS_COVARIANCE=y is not None,
        BLOCK_R=block_rows,
        BLOCK_C=block_columns,
    )
    return out[0] if splits == 1 else _sum(out, divisor)
