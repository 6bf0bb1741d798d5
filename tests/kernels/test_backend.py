"""Which backend is chosen, what it loads, and where tensors travel."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import autograder.kernels
from autograder.kernels import backend
from autograder.kernels.linear import linear

ROOT = Path(__file__).parents[2]
MODULES = sorted(path.stem for path in Path(autograder.kernels.__file__).parent.glob("[a-z]*.py"))
IMPORT_ALL = "".join(f"import autograder.kernels.{name}\n" for name in MODULES)
ADD = """
import torch
from autograder.kernels.matmul import matmul
print(matmul(torch.ones(2, 3), torch.ones(3, 1)).tolist())
"""


def run_python(source: str, **environment: str) -> subprocess.CompletedProcess:
    """Run a program in a process of its own, where no backend is chosen yet."""
    clean = {
        key: value
        for key, value in os.environ.items()
        if key not in ("TRITON_INTERPRET", "AUTOGRADER_BACKEND")
    }
    return subprocess.run(
        [sys.executable, "-c", source],
        cwd=ROOT,
        env=clean | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_package_is_light_until_an_op_is_used():
    result = run_python(
        "import autograder.kernels, sys; print({'torch', 'triton'} & sys.modules.keys())"
    )
    assert result.stdout.strip() == "set()", result.stderr


def test_name_is_one_of_the_documented():
    assert backend.backend_name() in backend.BACKENDS


def test_without_triton_every_op_falls_back_to_pytorch():
    source = (
        "import importlib.util as util\n"
        "found = util.find_spec\n"
        "util.find_spec = lambda name, *rest: None if name == 'triton' else found(name, *rest)\n"
        f"{IMPORT_ALL}{ADD}"
        "import sys\n"
        "print(autograder.kernels.backend.backend_name(), 'triton' in sys.modules)"
    )
    result = run_python(source)
    assert result.stdout.split("\n")[:2] == ["[[3.0], [3.0]]", "pytorch False"], result.stderr


def test_variable_forces_pytorch():
    result = run_python(
        f"{ADD}from autograder.kernels import backend; print(backend.backend_name())",
        AUTOGRADER_BACKEND="pytorch",
    )
    assert result.stdout.split("\n")[:2] == ["[[3.0], [3.0]]", "pytorch"], result.stderr


def test_unknown_backend_is_refused():
    result = run_python("import autograder.kernels.backend", AUTOGRADER_BACKEND="cuda")
    assert "'cuda'; expected one of triton-cuda, triton-interpreter, pytorch" in result.stderr


def test_cuda_backend_without_a_gpu_is_refused():
    result = run_python(
        "import autograder.kernels.backend",
        AUTOGRADER_BACKEND="triton-cuda",
        CUDA_VISIBLE_DEVICES="",
    )
    assert "PyTorch finds no CUDA GPU" in result.stderr


def test_triton_imported_too_early_is_explained():
    result = run_python(
        "import triton, autograder.kernels.backend", AUTOGRADER_BACKEND="triton-interpreter"
    )
    assert "import autograder.kernels.backend first" in result.stderr


def test_modules_are_all_importable():
    for name in MODULES:
        importlib.import_module(f"autograder.kernels.{name}")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")
def test_cpu_tensors_travel_to_the_gpu_and_back():
    x, weight = torch.randn(4, 3, requires_grad=True), torch.randn(2, 3, requires_grad=True)
    output = linear(x, weight, None)
    gradients = torch.autograd.grad(output, (x, weight), torch.ones_like(output))

    assert backend.backend_name() == "triton-cuda"
    assert {tensor.device.type for tensor in (output, *gradients)} == {"cpu"}
    torch.testing.assert_close(output, x @ weight.T)
