"""Scaled dot-product attention with a mask, in one pass over the keys: no matrix of weights is stored."""

from __future__ import annotations

import math

import torch
from torch.autograd.function import once_differentiable

from autograder.kernels import backend
from autograder.kernels.arguments import check_tensors
from autograder.kernels.backend import constants, is_compiled, run, tl, triton


@triton.jit
def _rows(x_ptr, offs, size, columns, WIDTH: tl.constexpr):
    """Rows `offs` of a matrix of `columns` columns, with zeros where it ends."""
    offs_c = tl.arange(0, WIDTH)
    mask = (offs < size)[:, None] & (offs_c < columns)[None, :]
    return tl.load(x_ptr + offs[:, None] * columns + offs_c[None, :], mask=mask, other=0.0)


@triton.jit
def _product(a, b, PRECISION: tl.constexpr):
    """a @ b; term by term where Triton compiles no chain of float64 products."""
    if PRECISION == "terms":
        product = tl.sum(a[:, :, None] * b[None, :, :], axis=1)
    else:
        product = tl.dot(a, b, input_precision=PRECISION, out_dtype=a.dtype)
    return product


@triton.jit
def _scores(q, k, mask_ptr, offs_q, offs_k, scale, TQ, TK, PRECISION: tl.constexpr):
    """q @ k.T * scale, and minus infinity where a query may not look."""
    inside = (offs_q < TQ)[:, None] & (offs_k < TK)[None, :]
    allowed = tl.load(mask_ptr + offs_q[:, None] * TK + offs_k[None, :], mask=inside, other=0)
    scores = _product(q, tl.trans(k), PRECISION) * scale
    return tl.where(allowed != 0, scores, -float("inf"))


@triton.jit
def _attention_fwd_kernel(
    q_ptr,
    k_ptr,
    v_ptr,
    mask_ptr,
    scale_ptr,
    out_ptr,
    maximum_ptr,
    total_ptr,
    TQ,
    TK,
    D,
    E,
    PRECISION: tl.constexpr,
    BLOCK_Q: tl.constexpr,
    BLOCK_K: tl.constexpr,
    WIDTH_D: tl.constexpr,
    WIDTH_E: tl.constexpr,
):
    n = tl.program_id(1).to(tl.int64)
    offs_q = tl.program_id(0).to(tl.int64) * BLOCK_Q + tl.arange(0, BLOCK_Q)
    scale = tl.load(scale_ptr)
    q = _rows(q_ptr + n * TQ * D, offs_q, TQ, D, WIDTH_D)
    # A finite start: a row that may see nothing so far must not give inf - inf.
    maximum = tl.full((BLOCK_Q,), -3.0e38, dtype=q.dtype)
    total = tl.zeros((BLOCK_Q,), dtype=q.dtype)
    acc = tl.zeros((BLOCK_Q, WIDTH_E), dtype=q.dtype)
    for start in range(0, TK, BLOCK_K):
        offs_k = start + tl.arange(0, BLOCK_K).to(tl.int64)
        k = _rows(k_ptr + n * TK * D, offs_k, TK, D, WIDTH_D)
        v = _rows(v_ptr + n * TK * E, offs_k, TK, E, WIDTH_E)
        scores = _scores(q, k, mask_ptr + n * TQ * TK, offs_q, offs_k, scale, TQ, TK, PRECISION)
        larger = tl.maximum(maximum, tl.max(scores, axis=1))
        terms = tl.exp(scores - larger[:, None])
        shrink = tl.exp(maximum - larger)
        total = total * shrink + tl.sum(terms, axis=1)
        acc = acc * shrink[:, None]
        acc += _product(terms, v, PRECISION)
        maximum = larger
    total = tl.where(total > 0, total, 1.0)
    offs_e = tl.arange(0, WIDTH_E)[None, :]
    mask_q = offs_q < TQ
    out_ptrs = out_ptr + n * TQ * E + offs_q[:, None] * E + offs_e
    tl.store(out_ptrs, acc / total[:, None], mask=mask_q[:, None] & (offs_e < E))
    tl.store(maximum_ptr + n * TQ + offs_q, maximum, mask=mask_q)
    tl.store(total_ptr + n * TQ + offs_q, total, mask=mask_q)


@triton.jit
def _gradients(
    n,
    q,
    k,
    v,
    mask_ptr,
    scale,
    out_ptr,
    maximum_ptr,
    total_ptr,
    dout_ptr,
    offs_q,
    offs_k,
    TQ,
    TK,
    E,
    PRECISION: tl.constexpr,
    WIDTH_E: tl.constexpr,
):
    """The weights of a tile, what came back to its queries, and the gradient of its scores."""
    mask_q = offs_q < TQ
    maximum = tl.load(maximum_ptr + n * TQ + offs_q, mask=mask_q, other=0.0)[:, None]
    total = tl.load(total_ptr + n * TQ + offs_q, mask=mask_q, other=1.0)[:, None]
    scores = _scores(q, k, mask_ptr + n * TQ * TK, offs_q, offs_k, scale, TQ, TK, PRECISION)
    weights = tl.exp(scores - maximum) / total
    dout = _rows(dout_ptr + n * TQ * E, offs_q, TQ, E, WIDTH_E)
    out = _rows(out_ptr + n * TQ * E, offs_q, TQ, E, WIDTH_E)
    dweights = _product(dout, tl.trans(v), PRECISION)
    return weights, dout, weights * (dweights - tl.sum(dout * out, axis=1)[:, None]) * scale


@triton.jit
def _attention_bwd_query_kernel(
    q_ptr,
    k_ptr,
    v_ptr,
    mask_ptr,
    scale_ptr,
    out_ptr,
    maximum_ptr,
    total_ptr,
    dout_ptr,
    dq_ptr,
    TQ,
    TK,
    D,
    E,
    PRECISION: tl.constexpr,
    BLOCK_Q: tl.constexpr,
    BLOCK_K: tl.constexpr,
    WIDTH_D: tl.constexpr,
    WIDTH_E: tl.constexpr,
):
    n = tl.program_id(1).to(tl.int64)
    offs_q = tl.program_id(0).to(tl.int64) * BLOCK_Q + tl.arange(0, BLOCK_Q)
    scale = tl.load(scale_ptr)
    q = _rows(q_ptr + n * TQ * D, offs_q, TQ, D, WIDTH_D)
    dq = tl.zeros((BLOCK_Q, WIDTH_D), dtype=q.dtype)
    for start in range(0, TK, BLOCK_K):
        offs_k = start + tl.arange(0, BLOCK_K).to(tl.int64)
        k = _rows(k_ptr + n * TK * D, offs_k, TK, D, WIDTH_D)
        v = _rows(v_ptr + n * TK * E, offs_k, TK, E, WIDTH_E)
        _, _, dscores = _gradients(
            n,
            q,
            k,
            v,
            mask_ptr,
            scale,
            out_ptr,
            maximum_ptr,
            total_ptr,
            dout_ptr,
            offs_q,
            offs_k,
            TQ,
            TK,
            E,
            PRECISION,
            WIDTH_E,
        )
        dq += _product(dscores, k, PRECISION)
    offs_d = tl.arange(0, WIDTH_D)[None, :]
    mask = (offs_q < TQ)[:, None] & (offs_d < D)
    tl.store(dq_ptr + n * TQ * D + offs_q[:, None] * D + offs_d, dq, mask=mask)


@triton.jit
def _attention_bwd_key_kernel(
    q_ptr,
    k_ptr,
    v_ptr,
    mask_ptr,
    scale_ptr,
    out_ptr,
    maximum_ptr,
    total_ptr,
    dout_ptr,
    dk_ptr,
    dv_ptr,
    TQ,
    TK,
    D,
    E,
    PRECISION: tl.constexpr,
    BLOCK_Q: tl.constexpr,
    BLOCK_K: tl.constexpr,
    WIDTH_D: tl.constexpr,
    WIDTH_E: tl.constexpr,
):
    n = tl.program_id(1).to(tl.int64)
    offs_k = tl.program_id(0).to(tl.int64) * BLOCK_K + tl.arange(0, BLOCK_K)
    scale = tl.load(scale_ptr)
    k = _rows(k_ptr + n * TK * D, offs_k, TK, D, WIDTH_D)
    v = _rows(v_ptr + n * TK * E, offs_k, TK, E, WIDTH_E)
    dk = tl.zeros((BLOCK_K, WIDTH_D), dtype=k.dtype)
    dv = tl.zeros((BLOCK_K, WIDTH_E), dtype=k.dtype)
    for start in range(0, TQ, BLOCK_Q):
        offs_q = start + tl.arange(0, BLOCK_Q).to(tl.int64)
        q = _rows(q_ptr + n * TQ * D, offs_q, TQ, D, WIDTH_D)
        weights, dout, dscores = _gradients(
            n,
            q,
            k,
            v,
            mask_ptr,
            scale,
            out_ptr,
            maximum_ptr,
            total_ptr,
            dout_ptr,
            offs_q,
            offs_k,
            TQ,
            TK,
            E,
            PRECISION,
            WIDTH_E,
        )
        dk += _product(tl.trans(dscores), q, PRECISION)
        dv += _product(tl.trans(weights), dout, PRECISION)
    mask_k = (offs_k < TK)[:, None]
    offs_d, offs_e = tl.arange(0, WIDTH_D)[None, :], tl.arange(0, WIDTH_E)[None, :]
    dk_ptrs = dk_ptr + n * TK * D + offs_k[:, None] * D + offs_d
    dv_ptrs = dv_ptr + n * TK * E + offs_k[:, None] * E + offs_e
    tl.store(dk_ptrs, dk, mask=mask_k & (offs_d < D))
    tl.store(dv_ptrs, dv, mask=mask_k & (offs_e < E))


def _tile(q: torch.Tensor, v: torch.Tensor) -> dict[str, int | str]:
    """Return the kernels' compile-time arguments: blocks of queries and keys, whole rows of q, k, v."""
    (_, queries, width), (_, keys, width_v) = q.shape, v.shape
    if not is_compiled():
        precision, least, most = "ieee", 1, math.isqrt(backend.INTERPRETER_ELEMENTS)
    elif q.dtype == torch.float32:
        precision, least, most = "tf32x3", 16, 32
    else:
        precision, least, most = "terms", 16, 16
    return {
        "PRECISION": precision,
        "BLOCK_Q": max(least, min(triton.next_power_of_2(queries), most)),
        "BLOCK_K": max(least, min(triton.next_power_of_2(keys), most)),
        "WIDTH_D": max(least, triton.next_power_of_2(width)),
        "WIDTH_E": max(least, triton.next_power_of_2(width_v)),
    }


class _Attention(torch.autograd.Function):
    @staticmethod
    def forward(ctx, q, k, v, mask):
        q, k, v = q.contiguous(), k.contiguous(), v.contiguous()
        mask = mask.to(torch.int8).contiguous()
        (count, queries, width), (_, keys, width_v) = q.shape, v.shape
        scale = constants(q, 1 / math.sqrt(width))
        out = torch.empty((count, queries, width_v), dtype=q.dtype, device=q.device)
        maximum, total = torch.empty((2, count, queries), dtype=q.dtype, device=q.device)
        options = _tile(q, v)
        _attention_fwd_kernel[(triton.cdiv(queries, options["BLOCK_Q"]), count)](
            q,
            k,
            v,
            mask,
            scale,
            out,
            maximum,
            total,
            queries,
            keys,
            width,
            width_v,
            **options,
        )
        ctx.save_for_backward(q, k, v, mask, scale, out, maximum, total)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        q, k, v, *_ = ctx.saved_tensors
        (count, queries, width), (_, keys, width_v) = q.shape, v.shape
        gradient = gradient.contiguous()
        sizes, options = (queries, keys, width, width_v), _tile(q, v)
        dq, dk, dv = torch.empty_like(q), torch.empty_like(k), torch.empty_like(v)
        _attention_bwd_query_kernel[(triton.cdiv(queries, options["BLOCK_Q"]), count)](
            *ctx.saved_tensors, gradient, dq, *sizes, **options
        )
        _attention_bwd_key_kernel[(triton.cdiv(keys, options["BLOCK_K"]), count)](
            *ctx.saved_tensors, gradient, dk, dv, *sizes, **options
        )
        return dq, dk, dv, None


def _plain(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    scores = q @ k.transpose(1, 2) / math.sqrt(q.shape[2])
    scores = scores.masked_fill(~mask, torch.finfo(q.dtype).min)
    return torch.softmax(scores, dim=2).masked_fill(~mask, 0.0) @ v


def attention(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    """Return for each query the mean of the values, weighted by the softmax of its scaled scores.

    out[n, i] = sum over j of weights[n, i, j] * v[n, j], where weights[n, i] is the softmax of
    q[n, i] . k[n, j] / sqrt(D) over the keys j that query i may see; a query that may see none gives zeros.
    With the identity as `v`, the result is the weights.

    Args:
        q: queries (N, Q, D), float32 or float64.
        k: keys (N, K, D), dtype of `q`.
        v: values (N, K, E), dtype of `q`.
        mask: True where a query may look at a key, (N, Q, K), bool.

    Returns:
        Tensor (N, Q, E); differentiable in `q`, `k` and `v`.

    Raises:
        TypeError: not float32 or float64 tensors of one dtype, or a mask that is not bool.
        ValueError: shapes that do not fit, or an empty tensor.

    Source: Vaswani et al., *Attention is all you need*, 2017, arXiv:1706.03762, equation 1;
    in one pass by Dao et al., *FlashAttention*, 2022, arXiv:2205.14135, algorithms 1 and 4.
    """
    check_tensors("attention", q=(q, "N Q D"), k=(k, "N K D"), v=(v, "N K E"))
    if not isinstance(mask, torch.Tensor) or mask.dtype != torch.bool:
        kind = mask.dtype if isinstance(mask, torch.Tensor) else type(mask).__name__
        raise TypeError(f"attention: mask is {kind}; expected a tensor of bool, True = may look.")
    expected = (q.shape[0], q.shape[1], k.shape[1])
    if mask.shape != expected:
        raise ValueError(
            f"attention: mask has shape {tuple(mask.shape)}; expected (N, Q, K) = {expected}."
        )
    return run(_Attention.apply, _plain, q, k, v, mask)
