"""Intersection over union of every pair of boxes."""

from __future__ import annotations

import torch

from autograder.kernels.arguments import check_tensors
from autograder.kernels.backend import run, tile, tl, triton


@triton.jit
def _pairwise_iou_kernel(
    a_ptr,
    b_ptr,
    out_ptr,
    N,
    M,
    BLOCK_N: tl.constexpr,
    BLOCK_M: tl.constexpr,
):
    offs_n = tl.program_id(0).to(tl.int64) * BLOCK_N + tl.arange(0, BLOCK_N)
    offs_m = tl.program_id(1).to(tl.int64) * BLOCK_M + tl.arange(0, BLOCK_M)
    mask_n, mask_m = offs_n < N, offs_m < M
    a_x1 = tl.load(a_ptr + offs_n * 4, mask=mask_n, other=0.0)
    a_y1 = tl.load(a_ptr + offs_n * 4 + 1, mask=mask_n, other=0.0)
    a_x2 = tl.load(a_ptr + offs_n * 4 + 2, mask=mask_n, other=0.0)
    a_y2 = tl.load(a_ptr + offs_n * 4 + 3, mask=mask_n, other=0.0)
    b_x1 = tl.load(b_ptr + offs_m * 4, mask=mask_m, other=0.0)
    b_y1 = tl.load(b_ptr + offs_m * 4 + 1, mask=mask_m, other=0.0)
    b_x2 = tl.load(b_ptr + offs_m * 4 + 2, mask=mask_m, other=0.0)
    b_y2 = tl.load(b_ptr + offs_m * 4 + 3, mask=mask_m, other=0.0)
    width = tl.minimum(a_x2[:, None], b_x2[None, :]) - tl.maximum(a_x1[:, None], b_x1[None, :])
    height = tl.minimum(a_y2[:, None], b_y2[None, :]) - tl.maximum(a_y1[:, None], b_y1[None, :])
    shared = tl.maximum(width, 0.0) * tl.maximum(height, 0.0)
    areas = ((a_x2 - a_x1) * (a_y2 - a_y1))[:, None] + ((b_x2 - b_x1) * (b_y2 - b_y1))[None, :]
    union = areas - shared
    covered = union > 0
    overlap = tl.where(covered, shared / tl.where(covered, union, 1.0), 0.0)
    out_ptrs = out_ptr + offs_n[:, None] * M + offs_m[None, :]
    tl.store(out_ptrs, overlap, mask=mask_n[:, None] & mask_m[None, :])


def _launch(a, b):
    a, b = a.detach().contiguous(), b.detach().contiguous()
    out = torch.empty((len(a), len(b)), dtype=a.dtype, device=a.device)
    rows, columns = tile(*out.shape)
    grid = (triton.cdiv(len(a), rows), triton.cdiv(len(b), columns))
    _pairwise_iou_kernel[grid](a, b, out, *out.shape, BLOCK_N=rows, BLOCK_M=columns)
    return out


def _plain(a, b):
    a, b = a.detach(), b.detach()
    sides = torch.minimum(a[:, None, 2:], b[:, 2:]) - torch.maximum(a[:, None, :2], b[:, :2])
    shared = sides.clamp(min=0).prod(dim=2)
    areas = (a[:, 2:] - a[:, :2]).prod(dim=1)[:, None] + (b[:, 2:] - b[:, :2]).prod(dim=1)
    union = areas - shared
    return torch.where(union > 0, shared / torch.where(union > 0, union, 1), 0)


def pairwise_iou(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Return intersection over union of every box of `a` with every box of `b`.

    out[n, m] = |a_n ∩ b_m| / |a_n ∪ b_m|, and 0 where the union has no area

    Args:
        a: boxes as (x1, y1, x2, y2), x1 ≤ x2, y1 ≤ y2, (N, 4), float32 or float64.
        b: (M, 4), of the dtype of `a`.

    Returns:
        Tensor (N, M), of the dtype of `a`; no gradient goes back.

    Raises:
        TypeError: not float32 or float64 tensors of one dtype.
        ValueError: other shapes, or no boxes.

    Source: Everingham et al., "The PASCAL visual object classes (VOC) challenge", 2010.
    """
    check_tensors("pairwise_iou", a=(a, "N Q"), b=(b, "M Q"))
    if a.shape[1] != 4:
        raise ValueError(f"pairwise_iou: a box has {a.shape[1]} numbers; expected x1, y1, x2, y2.")
    return run(_launch, _plain, a, b)
