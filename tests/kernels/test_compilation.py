"""Every kernel compiles for the GPUs it is meant for, also where there is none."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import autograder.kernels

pytest.importorskip("triton", reason="Triton has no wheel for this platform")

ROOT = Path(__file__).parents[2]
# Of the 227 KB of shared memory that one program may take on Hopper, and the 163 KB on Ampere.
SHARED_BYTES = {80: 163 * 1024, 90: 227 * 1024}


@pytest.fixture(
    scope="module", params=[(80,), (90,), (90, "tuned")], ids=["ampere", "hopper", "hopper-tuned"]
)
def compiled(request):
    """The kernels compiled for one architecture, as `compilation.py` reports them."""
    arguments = [str(argument) for argument in request.param]
    environment = {key: value for key, value in os.environ.items() if key != "TRITON_INTERPRET"}
    environment["TRITON_CACHE_DIR"] = str(ROOT / "build" / "triton")
    result = subprocess.run(
        [sys.executable, "-m", "tests.kernels.compilation", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    return request.param, json.loads(result.stdout)


def kernels_in_source() -> set[str]:
    """Return the names of all kernels that the package defines."""
    sources = Path(autograder.kernels.__file__).parent.glob("*.py")
    return {
        name
        for path in sources
        for name in re.findall(r"^def (_\w+_kernel)\(", path.read_text(), re.M)
    }


def test_kernels_compile_in_both_dtypes_and_fit_in_shared_memory(compiled):
    (capability, *tuned), kernels = compiled
    for dtype in ("float32", "float64"):
        names = {kernel["kernel"] for kernel in kernels if kernel["dtype"] == dtype}
        assert tuned or names == kernels_in_source()
    for kernel in kernels:
        assert kernel["cubin_bytes"] > 0
        assert kernel["shared_bytes"] <= SHARED_BYTES[capability], kernel


def test_products_never_round_to_plain_tf32(compiled):
    (_, *tuned), kernels = compiled
    products = [kernel for kernel in kernels if kernel["dot_precisions"]]
    allowed = {"float32": {"ieee", "tf32x3"}, "float64": {"ieee"}}

    tuned_by_size = {
        "_matmul_kernel",
        "_conv2d_fwd_kernel",
        "_conv2d_bwd_weight_kernel",
        "_rnn_cell_kernel",
    }
    fixed = {
        "_attention_fwd_kernel",
        "_attention_bwd_query_kernel",
        "_attention_bwd_key_kernel",
    }
    expected = tuned_by_size if tuned else tuned_by_size | fixed
    assert {kernel["kernel"] for kernel in products} == expected
    for kernel in products:
        assert set(kernel["dot_precisions"]) <= allowed[kernel["dtype"]], kernel
    if tuned:
        found = {p for kernel in products for p in kernel["dot_precisions"]}
        assert found == {"ieee", "tf32x3"}
