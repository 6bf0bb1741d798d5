"""Where the kernels run: chosen once per process and named in every report.

`triton-cuda` compiles the kernels for a CUDA GPU; `triton-interpreter` runs the same source on a
Linux CPU; `pytorch` uses each op's plain PyTorch form where Triton has no wheel.
Kernel files take `triton` and `tl` from here: the interpreter must be asked for before the import.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import sys
from collections.abc import Callable
from typing import Any

import torch

from autograder.kernels.errors import BackendError

BACKENDS = ("triton-cuda", "triton-interpreter", "pytorch")

# The interpreter pays for each program and operation rather than for elements: few, large blocks.
INTERPRETER_ELEMENTS = 1 << 18
INTERPRETER_PROGRAMS = 1


@functools.cache
def backend_name() -> str:
    """Return the backend of this process: `triton-cuda`, `triton-interpreter` or `pytorch`.

    The environment variable `AUTOGRADER_BACKEND` forces one.

    Raises:
        BackendError: the variable names no backend, or one that cannot run on this machine.
    """
    has_triton = importlib.util.find_spec("triton") is not None
    forced = os.environ.get("AUTOGRADER_BACKEND")
    if forced is None:
        if not has_triton:
            return "pytorch"
        return "triton-cuda" if torch.cuda.is_available() else "triton-interpreter"
    if forced not in BACKENDS:
        raise BackendError(
            f"AUTOGRADER_BACKEND is {forced!r}; expected one of {', '.join(BACKENDS)}."
        )
    if forced != "pytorch" and not has_triton:
        raise BackendError(
            f"AUTOGRADER_BACKEND is {forced!r}, but Triton is not installed; "
            "install triton (Linux only) or unset the variable."
        )
    if forced == "triton-cuda" and not torch.cuda.is_available():
        raise BackendError(
            "AUTOGRADER_BACKEND is 'triton-cuda', but PyTorch finds no CUDA GPU; unset the variable."
        )
    return forced


class _AbsentTriton:
    """Stands in for `triton` and `tl` where there is no Triton, so that kernel files can be imported."""

    def __getattr__(self, name: str) -> _AbsentTriton:
        return self

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return arguments[0] if arguments else self


if backend_name() == "pytorch":
    triton = tl = _AbsentTriton()
else:
    interpret = backend_name() == "triton-interpreter"
    if "triton" in sys.modules and sys.modules["triton"].knobs.runtime.interpret != interpret:
        raise RuntimeError(
            f"Triton was imported before the backend {backend_name()} was chosen; "
            "import autograder.kernels.backend first."
        )
    os.environ["TRITON_INTERPRET"] = str(int(interpret))
    os.environ.setdefault("TRITON_DEFAULT_FP_FUSION", "1")
    import triton

    tl = triton.language


def run(op: Callable, plain: Callable, *arguments: Any) -> Any:
    """Apply an op where the backend runs it, and bring the results to where the first argument lies.

    Args:
        op: function of `arguments` that launches kernels (an autograd function's `apply`).
        plain: function of `arguments` that computes the same with PyTorch alone.
        arguments: tensors on any device, and plain values; the first is a tensor.

    Returns:
        The op's tensor, or its tuple of tensors.
    """
    if backend_name() == "pytorch":
        return plain(*arguments)
    home = arguments[0].device
    if backend_name() == "triton-interpreter":
        device, guard = torch.device("cpu"), contextlib.nullcontext()
    else:
        device = home if home.type == "cuda" else torch.device("cuda", torch.cuda.current_device())
        guard = torch.cuda.device(device)
    moved = [value.to(device) if isinstance(value, torch.Tensor) else value for value in arguments]
    with guard:
        results = op(*moved)
    if isinstance(results, tuple):
        return tuple(result.to(home) for result in results)
    return results.to(home)


def constants(like: torch.Tensor, *numbers: float) -> torch.Tensor:
    """Return numbers as a tensor of another's dtype, where it lies.

    A kernel loads them from there: as arguments they would be rounded to float32.
    """
    return torch.tensor(numbers, dtype=like.dtype, device=like.device)


def is_compiled() -> bool:
    """Return whether kernels are compiled for a GPU."""
    return backend_name() == "triton-cuda"


def program_count() -> int:
    """Return how many programs keep the machine busy."""
    if not is_compiled():
        return INTERPRETER_PROGRAMS
    return 4 * torch.cuda.get_device_properties(torch.cuda.current_device()).multi_processor_count


def block(size: int) -> int:
    """Return the block length for a vector of `size` elements."""
    return 1024 if is_compiled() else min(triton.next_power_of_2(size), INTERPRETER_ELEMENTS)


def tile(rows: int, columns: int) -> tuple[int, int]:
    """Return the block shape for a matrix: whole rows where they fit."""
    elements = 2048 if is_compiled() else INTERPRETER_ELEMENTS
    block_columns = min(triton.next_power_of_2(columns), elements)
    block_rows = min(triton.next_power_of_2(rows), elements // block_columns)
    return block_rows, block_columns
