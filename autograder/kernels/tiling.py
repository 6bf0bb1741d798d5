"""How kernels that multiply matrices cut their output into tiles, and in which order programs take them.

Every such kernel computes out (M, N) from factors (M, K) and (K, N), names its tile BLOCK_M, BLOCK_N,
BLOCK_K, and takes PRECISION, the precision of `tl.dot`: `ieee`, or `tf32x3`, which reaches float32
accuracy on tensor cores with three TF32 products. Plain TF32 is never offered.
"""

from __future__ import annotations

import math
from typing import Any

import torch

from autograder.kernels import backend
from autograder.kernels.backend import is_compiled, tl, triton

# Products with fewer multiplications take a fixed tile: timing candidates would cost more than it saves.
TUNE_FROM = 1 << 30


@triton.jit
def grouped_order(pid, tiles_m, tiles_n):
    """Tile of program `pid`: 8 rows of tiles at a time, so that neighbours share operands in the L2 cache."""
    GROUP_M: tl.constexpr = 8
    group = pid // (GROUP_M * tiles_n)
    first = group * GROUP_M
    rows = tl.minimum(tiles_m - first, GROUP_M)
    inside = pid % (GROUP_M * tiles_n)
    return first + inside % rows, inside // rows


def _candidates(precision: str, *tiles: tuple[int, int, int, int, int]) -> list[Any]:
    """Return tuning candidates from (BLOCK_M, BLOCK_N, BLOCK_K, warps, stages)."""
    return [
        triton.Config(
            {"PRECISION": precision, "BLOCK_M": m, "BLOCK_N": n, "BLOCK_K": k},
            num_warps=warps,
            num_stages=stages,
        )
        for m, n, k, warps, stages in tiles
    ]


def _float32_candidates() -> list[Any]:
    return _candidates(
        "tf32x3",
        (128, 128, 32, 8, 3),
        (128, 128, 16, 8, 4),
        (128, 64, 32, 4, 3),
        (64, 128, 32, 4, 3),
        (64, 256, 32, 8, 3),
        (64, 64, 32, 4, 4),
    ) + _candidates(
        "ieee",
        (128, 128, 16, 8, 3),
        (128, 64, 16, 8, 3),
        (64, 128, 16, 8, 3),
        (64, 64, 16, 4, 3),
    )


def _float64_candidates() -> list[Any]:
    return _candidates("ieee", (128, 64, 16, 8, 3), (64, 64, 16, 4, 3), (32, 64, 16, 4, 3))


def _prune(configs: list[Any], named_arguments: dict[str, Any], **_: Any) -> list[Any]:
    """Return the candidates for the dtype at hand."""
    is_double = named_arguments["out_ptr"].dtype == torch.float64
    return _float64_candidates() if is_double else _float32_candidates()


def _fixed_tile(sizes: tuple[int, int, int], dtype: torch.dtype) -> dict[str, Any]:
    m, n, k = (triton.next_power_of_2(size) for size in sizes)
    if not is_compiled():
        side = math.isqrt(backend.INTERPRETER_ELEMENTS)
        block_m, block_n = min(m, side), min(n, 8 * side)
        block_k = min(k, max(side, 4 * side * side // max(block_m, block_n)))
        return {"PRECISION": "ieee", "BLOCK_M": block_m, "BLOCK_N": block_n, "BLOCK_K": block_k}
    precision = "ieee" if dtype == torch.float64 else "tf32x3"
    return {
        "PRECISION": precision,
        "BLOCK_M": min(max(m, 16), 64),
        "BLOCK_N": min(max(n, 16), 64),
        "BLOCK_K": 16 if dtype == torch.float64 else 32,
    }


class TiledKernel:
    """A kernel with a tile that suits the sizes: fixed for small products, chosen by timing for large ones.

    Args:
        kernel: a `triton.jit` function with arguments out_ptr, M, N, K and the tile's.
    """

    def __init__(self, kernel: Any) -> None:
        self.fixed = kernel
        self.tuned = (
            triton.autotune(
                configs=_float32_candidates(),
                key=["M", "N", "K"],
                prune_configs_by={"early_config_prune": _prune},
            )(kernel)
            if is_compiled()
            else None
        )

    def launch(
        self,
        sizes: tuple[int, int, int],
        dtype: torch.dtype,
        *arguments: Any,
        splits: int = 1,
        **options: Any,
    ) -> None:
        """Run the kernel over all tiles of the output.

        Args:
            sizes: M, N and K.
            dtype: dtype of the output.
            arguments: the kernel's arguments up to its compile-time ones.
            splits: how many programs share one tile's sum over K.
            options: the kernel's compile-time arguments but for the tile.
        """
        m, n, k = sizes

        def grid(meta: dict[str, Any]) -> tuple[int, int]:
            return triton.cdiv(m, meta["BLOCK_M"]) * triton.cdiv(n, meta["BLOCK_N"]), splits

        if self.tuned is not None and m * n * k >= TUNE_FROM:
            self.tuned[grid](*arguments, **options)
        else:
            self.fixed[grid](*arguments, **options, **_fixed_tile(sizes, dtype))
