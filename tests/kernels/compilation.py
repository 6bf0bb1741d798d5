"""Compile every kernel for a GPU that need not be there, and print what came out as JSON.

    python -m tests.kernels.compilation CAPABILITY [tuned]

The ops of the test cases run forward and backward with each launch replaced by a compilation, for compute
capability CAPABILITY (80 is Ampere, 90 Hopper); `tuned` compiles every candidate tile of large products.
What the kernels would compute is never looked at.
"""

import json
import os
import re
import sys

import torch

torch.cuda.is_available = lambda: True
os.environ["AUTOGRADER_BACKEND"] = "triton-cuda"

from autograder.kernels import backend  # noqa: E402 - the backend is chosen when it is imported

backend.run = lambda op, plain, *arguments: op(*arguments)
backend.program_count = lambda: 4 * 132

import triton  # noqa: E402 - the backend imports Triton first
from triton.backends.compiler import GPUTarget  # noqa: E402
from triton.runtime.autotuner import Autotuner  # noqa: E402
from triton.runtime.jit import JITFunction  # noqa: E402

from autograder.kernels import tiling  # noqa: E402
from autograder.kernels.convolution import conv2d  # noqa: E402
from autograder.kernels.matmul import matmul  # noqa: E402
from autograder.kernels.rnn_cell import rnn_cell  # noqa: E402
from tests.kernels.cases import CASES, Case, values  # noqa: E402

LARGE_PRODUCTS = [
    Case("matmul", matmul, torch.matmul, {"a": (64, 64), "b": (64, 64)}),
    Case(
        "conv2d",
        lambda x, weight: conv2d(x, weight, None, 1, 1),
        lambda x, weight: torch.conv2d(x, weight, None, 1, 1),
        {"x": (4, 16, 16, 16), "weight": (16, 16, 3, 3)},
    ),
    Case(
        "rnn_cell",
        rnn_cell,
        lambda x, h, w, u, b: torch.tanh(x @ w + h @ u + b),
        {"x": (64, 64), "h": (64, 64), "weight": (64, 64), "recurrent": (64, 64), "bias": (64,)},
    ),
]


class AbsentGpu:
    """Triton's view of a GPU, as far as compiling goes."""

    def __init__(self, capability):
        self.target = GPUTarget("cuda", capability, 32)

    def get_current_target(self):
        return self.target

    def get_current_device(self):
        return 0

    def get_current_stream(self, device):
        return 0


def dot_precisions(source):
    """Return how the matrix products of Triton's intermediate representation round their factors."""
    dots = [line for line in source.splitlines() if " tt.dot " in line]
    found = [re.search(r"inputPrecision = (\w+)", line) for line in dots]
    return sorted({match[1] if match else "ieee" for match in found})


def main():
    """Compile everything and print one list of kernels."""
    capability, tuned = int(sys.argv[1]), "tuned" in sys.argv[2:]
    triton.runtime.driver.set_active(AbsentGpu(capability))
    compiled = []
    launch = JITFunction.run

    def compile_alone(kernel, *arguments, grid, warmup, **options):
        binary = launch(kernel, *arguments, grid=grid, warmup=True, **options)
        dtype = next(a.dtype for a in arguments if isinstance(a, torch.Tensor))
        compiled.append(
            {
                "kernel": kernel.fn.__name__,
                "dtype": str(dtype).removeprefix("torch."),
                "shared_bytes": binary.metadata.shared,
                "cubin_bytes": len(binary.asm["cubin"]),
                "dot_precisions": dot_precisions(binary.asm["ttir"]),
            }
        )

    def compile_candidates(tuner, *arguments, **options):
        tuner.nargs = dict(zip(tuner.arg_names, arguments, strict=False))
        for config in tuner.prune_configs(options):
            tuner.fn.run(*arguments, **options, **config.all_kwargs())

    JITFunction.run = compile_alone
    Autotuner.run = compile_candidates
    first_of_each_op = {case.name.split("-")[0]: case for case in reversed(CASES)}
    cases, wanted = first_of_each_op.values(), slice(None)
    if tuned:
        tiling.TUNE_FROM = 0
        cases, wanted = LARGE_PRODUCTS, slice(1, 2)
    for dtype in (torch.float32, torch.float64):
        for case in cases:
            inputs = case.inputs(dtype, torch.device("cpu"))
            value = values(case.op, inputs)[0]
            needed = tuple(inputs.values())[wanted]
            if value.requires_grad:
                torch.autograd.grad(value, needed, torch.ones_like(value))
    print(json.dumps(compiled))


if __name__ == "__main__":
    main()
