"""Rows of a table by number, and the gradient of the table: summed by sorted segments, without atomics."""

from __future__ import annotations

import torch
from torch.autograd.function import once_differentiable
from torch.nn import functional

from autograder.kernels.arguments import check_tensors
from autograder.kernels.backend import is_compiled, run, tile, tl, triton


@triton.jit
def _embedding_fwd_kernel(
    table_ptr,
    tokens_ptr,
    out_ptr,
    R,
    D,
    BLOCK_R: tl.constexpr,
    BLOCK_D: tl.constexpr,
):
    offs_r = tl.program_id(0).to(tl.int64) * BLOCK_R + tl.arange(0, BLOCK_R)
    offs_d = tl.program_id(1) * BLOCK_D + tl.arange(0, BLOCK_D)
    mask = (offs_r < R)[:, None] & (offs_d < D)[None, :]
    token = tl.load(tokens_ptr + offs_r, mask=offs_r < R, other=0)
    row = tl.load(table_ptr + token[:, None] * D + offs_d[None, :], mask=mask, other=0.0)
    tl.store(out_ptr + offs_r[:, None] * D + offs_d[None, :], row, mask=mask)


@triton.jit
def _embedding_bwd_kernel(
    dout_ptr,
    order_ptr,
    starts_ptr,
    dtable_ptr,
    V,
    D,
    BLOCK_V: tl.constexpr,
    BLOCK_D: tl.constexpr,
):
    offs_v = tl.program_id(0).to(tl.int64) * BLOCK_V + tl.arange(0, BLOCK_V)
    offs_d = tl.program_id(1) * BLOCK_D + tl.arange(0, BLOCK_D)
    mask_v, mask_d = offs_v < V, offs_d < D
    first = tl.load(starts_ptr + offs_v, mask=mask_v, other=0)
    count = tl.load(starts_ptr + offs_v + 1, mask=mask_v, other=0) - first
    total = tl.zeros((BLOCK_V, BLOCK_D), dtype=dout_ptr.dtype.element_ty)
    for i in range(tl.max(count, axis=0)):
        occurs = i < count
        place = tl.load(order_ptr + first + i, mask=occurs, other=0)
        total += tl.load(
            dout_ptr + place[:, None] * D + offs_d[None, :],
            mask=occurs[:, None] & mask_d[None, :],
            other=0.0,
        )
    dtable_ptrs = dtable_ptr + offs_v[:, None] * D + offs_d[None, :]
    tl.store(dtable_ptrs, total, mask=mask_v[:, None] & mask_d[None, :])


class _Embedding(torch.autograd.Function):
    @staticmethod
    def forward(ctx, table, tokens):
        tokens = tokens.contiguous()
        out = torch.empty((tokens.numel(), table.shape[1]), dtype=table.dtype, device=table.device)
        rows, columns = tile(*out.shape)
        grid = (triton.cdiv(out.shape[0], rows), triton.cdiv(out.shape[1], columns))
        _embedding_fwd_kernel[grid](
            table.contiguous(), tokens, out, *out.shape, BLOCK_R=rows, BLOCK_D=columns
        )
        ctx.save_for_backward(tokens)
        ctx.size = table.shape
        return out.reshape(*tokens.shape, -1)

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        (tokens,) = ctx.saved_tensors
        flat, order = torch.sort(tokens.flatten(), stable=True)
        bounds = torch.arange(ctx.size[0] + 1, device=flat.device)
        starts = torch.searchsorted(flat, bounds)
        dtable = torch.empty(ctx.size, dtype=gradient.dtype, device=gradient.device)
        rows, columns = tile(*ctx.size)
        # A tile waits for its most frequent token: on a GPU a program has one row.
        rows = 1 if is_compiled() else rows
        grid = (triton.cdiv(ctx.size[0], rows), triton.cdiv(ctx.size[1], columns))
        _embedding_bwd_kernel[grid](
            gradient.contiguous(),
            order,
            starts,
            dtable,
            *ctx.size,
            BLOCK_V=rows,
            BLOCK_D=columns,
        )
        return dtable, None


def _plain(table, tokens):
    return functional.embedding(tokens, table)


def embedding(table: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    """Return the table's row for every token.

    out[..., d] = table[tokens[...], d]; dtable[v] = sum of dout over all places with tokens = v, in
    their order, so that the same input gives the same bits.

    Args:
        table: (V, D), float32 or float64.
        tokens: numbers 0 to V − 1, any shape, int64.

    Returns:
        Tensor (*tokens.shape, D); differentiable in the table.

    Raises:
        TypeError: not a float32 or float64 table, or tokens that are not int64.
        ValueError: an empty table, no tokens, or a token that the table has no row for.

    Source: Bengio, Ducharme, Vincent, Jauvin, *A neural probabilistic language model*, 2003.
    """
    check_tensors("embedding", table=(table, "V D"))
    if not isinstance(tokens, torch.Tensor) or tokens.dtype != torch.int64:
        raise TypeError(
            f"embedding: tokens are {getattr(tokens, 'dtype', type(tokens).__name__)}; "
            "expected an int64 tensor."
        )
    if tokens.numel() == 0:
        raise ValueError("embedding: there are no tokens.")
    if tokens.min() < 0 or tokens.max() >= len(table):
        raise ValueError(
            f"embedding: tokens run from {tokens.min()} to {tokens.max()}; "
            f"expected 0 to {len(table) - 1}, the rows of table."
        )
    return run(_Embedding.apply, _plain, table, tokens)
