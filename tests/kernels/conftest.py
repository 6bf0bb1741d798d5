"""Where the kernel tests run, and memory that shows when a kernel leaves part of it unwritten."""

import pytest
import torch

from autograder.kernels import backend


def _poisoned(allocate):
    def allocate_poison(*arguments, **options):
        tensor = allocate(*arguments, **options)
        if tensor.is_floating_point():
            return tensor.fill_(float("nan"))
        return tensor.fill_(torch.iinfo(tensor.dtype).max) if tensor.dtype != torch.bool else tensor

    return allocate_poison


@pytest.fixture(autouse=True)
def poisoned_memory(kernels, monkeypatch):
    """Fill what `torch.empty` and `torch.empty_like` return with NaN, or the largest integer."""
    monkeypatch.setattr(torch, "empty", _poisoned(torch.empty))
    monkeypatch.setattr(torch, "empty_like", _poisoned(torch.empty_like))


@pytest.fixture(
    params=[
        "one-block",
        "many-blocks",
        "plain-pytorch",
        pytest.param("cuda", marks=pytest.mark.gpu),
    ]
)
def device(request, monkeypatch):
    """The device of a test's tensors, with the kernels in one block, in many, or replaced by PyTorch."""
    if request.param == "cuda":
        if not torch.cuda.is_available():
            pytest.skip("needs a CUDA GPU")
        return torch.device("cuda")
    if request.param == "many-blocks":
        monkeypatch.setattr(backend, "INTERPRETER_ELEMENTS", 64)
        monkeypatch.setattr(backend, "INTERPRETER_PROGRAMS", 6)
    if request.param == "plain-pytorch":
        monkeypatch.setattr(backend, "backend_name", lambda: "pytorch")
    return torch.device("cpu")


@pytest.fixture(params=[torch.float32, torch.float64], ids=["float32", "float64"])
def dtype(request):
    """The dtype of a test's tensors."""
    return request.param
