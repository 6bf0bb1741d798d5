"""Time every kernel on this machine's GPU against PyTorch, cuBLAS and cuDNN in the same run, TF32 off.

    python benchmarks/kernels.py

Writes `benchmarks/results/<gpu>.csv`. A row's `roofline_fraction` is the time that the measured copy
bandwidth and the measured cuBLAS rate would allow, divided by the time taken; products on tensor cores
in three TF32 steps can exceed 1. `ratio_to_pytorch` is PyTorch's time divided by ours: above 1, the
kernel is faster. Errors are the largest, relative to the largest value of PyTorch's result in float64.
"""

from __future__ import annotations

import csv
import functools
import math
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch.nn import functional

from autograder.kernels.activations import activation
from autograder.kernels.attention import attention
from autograder.kernels.backend import backend_name
from autograder.kernels.batch_norm import batch_norm
from autograder.kernels.bce_with_logits import bce_with_logits
from autograder.kernels.bernoulli_nll import bernoulli_nll
from autograder.kernels.convolution import conv1d, conv2d, conv2d_relu
from autograder.kernels.dropout import dropout
from autograder.kernels.embedding import embedding
from autograder.kernels.gan_losses import discriminator_loss
from autograder.kernels.gaussian_kl import gaussian_kl
from autograder.kernels.layer_norm import layer_norm
from autograder.kernels.linear import linear
from autograder.kernels.matmul import matmul
from autograder.kernels.negative_elbo import negative_elbo
from autograder.kernels.optimizers import (
    adadelta_update,
    adagrad_update,
    adam_update,
    adamw_update,
    momentum_update,
    nesterov_update,
    rmsprop_update,
    sgd_update,
)
from autograder.kernels.pairwise_iou import pairwise_iou
from autograder.kernels.pooling import average_pool2d, max_pool2d
from autograder.kernels.reparametrize import reparametrize
from autograder.kernels.rnn_cell import rnn_cell
from autograder.kernels.softmax import log_softmax, softmax
from autograder.kernels.softmax_cross_entropy import softmax_cross_entropy

STEP = 3  # of the optimizers that count their steps
RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Workload:
    """One op on inputs of given shapes: its value, or the gradients of some inputs."""

    op: str
    ours: Callable[..., torch.Tensor | tuple[torch.Tensor, ...]]
    pytorch: Callable[..., torch.Tensor | tuple[torch.Tensor, ...]]
    shapes: tuple[tuple[int, ...], ...]
    gradient_of: tuple[int, ...] = ()
    multiplications: int = 0
    is_positive: bool = False

    @property
    def name(self) -> str:
        """The op, and which gradients are taken."""
        if not self.gradient_of:
            return self.op
        return f"{self.op} gradient of {' '.join(map(str, self.gradient_of))}"

    @property
    def shape(self) -> str:
        """The inputs' shapes, such as `17x29 29x13`."""
        return " ".join("x".join(map(str, shape)) for shape in self.shapes)

    def inputs(self, dtype: torch.dtype, device: str) -> list[torch.Tensor]:
        """Return inputs drawn from N(0, 1), or their magnitudes, with a fixed seed."""
        generator = torch.Generator(device).manual_seed(0)
        drawn = [
            torch.randn(shape, generator=generator, dtype=dtype, device=device)
            for shape in self.shapes
        ]
        return [x.abs() for x in drawn] if self.is_positive else drawn

    def prepare(
        self,
        function: Callable[..., torch.Tensor | tuple[torch.Tensor, ...]],
        inputs: list[torch.Tensor],
    ) -> Callable[[], tuple[torch.Tensor, ...]]:
        """Return what is timed: the call, or the backward pass of a call that was made before."""
        if not self.gradient_of:
            return lambda: _as_tuple(function(*inputs))
        leaves = [x.detach().requires_grad_(i in self.gradient_of) for i, x in enumerate(inputs)]
        value = _as_tuple(function(*leaves))[0]
        generator = torch.Generator(value.device).manual_seed(1)
        cotangent = torch.randn(
            value.shape, generator=generator, dtype=torch.float64, device=value.device
        ).to(value.dtype)
        wanted = [leaves[i] for i in self.gradient_of]
        return lambda: torch.autograd.grad(value, wanted, cotangent, retain_graph=True)

    def elements(self, results: tuple[torch.Tensor, ...]) -> int:
        """Return how many numbers have to be read and written at least."""
        return sum(math.prod(shape) for shape in self.shapes) + sum(r.numel() for r in results)


@dataclass(frozen=True)
class Machine:
    """What this GPU reaches in the same run: the two edges of the roofline."""

    bandwidth_gbps: float
    tflops: dict[torch.dtype, float]

    def roofline_ms(self, bytes_moved: int, multiplications: int, dtype: torch.dtype) -> float:
        """Return the least time for moving the bytes and for two operations per multiplication."""
        transfer = bytes_moved / (self.bandwidth_gbps * 1e6)
        return max(transfer, 2 * multiplications / (self.tflops[dtype] * 1e9))


@dataclass(frozen=True)
class Measurement:
    """One row of the results."""

    op: str
    shape: str
    dtype: str
    time_ms: float
    bandwidth_gbps: float
    tflops: float
    roofline_fraction: float
    ratio_to_pytorch: float
    error_float64: float
    error_pytorch_float64: float


def _as_tuple(result: torch.Tensor | tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
    return result if isinstance(result, tuple) else (result,)


def _plain_kl(mean: torch.Tensor, log_variance: torch.Tensor) -> torch.Tensor:
    return 0.5 * (mean.pow(2) + log_variance.exp() - 1 - log_variance).sum(1)


def _plain_nll(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return functional.binary_cross_entropy_with_logits(logits, targets, reduction="none").sum(1)


def _plain_discriminator(real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    return functional.softplus(-real).mean() + functional.softplus(fake).mean()


def _overlaps(function: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    """Take four numbers as a corner and two sides, whose magnitudes make a box."""
    return lambda a, b: function(
        *(torch.cat([x[:, :2], x[:, :2] + x[:, 2:].abs()], dim=1) for x in (a, b))
    )


def _plain_iou(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    low = torch.maximum(a[:, None, :2], b[None, :, :2])
    high = torch.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = (high - low).clamp(min=0).prod(dim=2)
    first, second = ((x[:, 2:] - x[:, :2]).prod(dim=1) for x in (a, b))
    return shared / (first[:, None] + second - shared)


def _products(large: bool) -> Iterator[Workload]:
    for m, k, n in [(4096, 4096, 4096), (16384, 784, 512)] if large else [(17, 29, 13)]:
        yield Workload("matmul", matmul, torch.matmul, ((m, k), (k, n)), (), m * k * n)
    n, d, f = (16384, 1024, 1024) if large else (7, 11, 5)
    for gradient_of in [(), (0,), (1,)]:
        yield Workload(
            "linear tanh",
            lambda x, w, b: linear(x, w, b, "tanh"),
            lambda x, w, b: torch.tanh(functional.linear(x, w, b)),
            ((n, d), (f, d), (f,)),
            gradient_of,
            n * d * f,
        )
    n, d, m = (4096, 1024, 1024) if large else (7, 5, 11)
    for gradient_of in [(), (1,), (3,)]:
        yield Workload(
            "rnn_cell",
            rnn_cell,
            lambda x, h, w, u, b: torch.tanh(torch.addmm(torch.addmm(b, x, w), h, u)),
            ((n, d), (n, m), (d, m), (m, m), (m,)),
            gradient_of,
            # A gradient needs one product of its own, the value both.
            n * m * m if gradient_of else n * m * (d + m),
        )
    geometries = [
        # N, C, H, W, F, K, stride, padding
        (128, 64, 56, 56, 128, 3, 1, 1),
        (128, 128, 56, 56, 256, 3, 2, 1),
        (128, 256, 28, 28, 512, 1, 1, 0),
        (128, 3, 224, 224, 64, 7, 2, 3),
    ]
    for n, c, h, w, f, size, stride, padding in geometries if large else [(2, 3, 9, 7, 5, 3, 2, 1)]:
        positions = ((h + 2 * padding - size) // stride + 1) * (
            (w + 2 * padding - size) // stride + 1
        )
        for gradient_of in [(), (0,), (1,)]:
            yield Workload(
                f"conv2d stride {stride} padding {padding}",
                lambda x, w, b, s=stride, p=padding: conv2d(x, w, b, s, p),
                lambda x, w, b, s=stride, p=padding: functional.conv2d(x, w, b, s, p),
                ((n, c, h, w), (f, c, size, size), (f,)),
                gradient_of,
                n * f * c * size * size * positions,
            )
    n, c, h = (128, 128, 56) if large else (2, 3, 9)
    for gradient_of in [(), (0,), (3,)]:
        yield Workload(
            "conv2d_relu with a residual",
            lambda x, w, b, residual: conv2d_relu(x, w, b, residual, 1, 1),
            lambda x, w, b, residual: functional.relu(functional.conv2d(x, w, b, 1, 1) + residual),
            ((n, c, h, h), (c, c, 3, 3), (c,), (n, c, h, h)),
            gradient_of,
            n * c * c * 9 * h * h,
        )
    n, c, w, f, size = (64, 128, 4096, 128, 5) if large else (2, 3, 11, 5, 4)
    yield Workload(
        "conv1d",
        conv1d,
        functional.conv1d,
        ((n, c, w), (f, c, size), (f,)),
        (),
        n * f * c * size * (w - size + 1),
    )
    n, t, d = (64, 1024, 64) if large else (2, 7, 5)
    for gradient_of in [(), (0, 1, 2)]:
        yield Workload(
            "attention",
            lambda q, k, v: attention(q, k, v, _causal_mask(q)),
            lambda q, k, v: functional.scaled_dot_product_attention(q, k, v, _causal_mask(q)),
            ((n, t, d),) * 3,
            gradient_of,
            (5 if gradient_of else 2) * n * t * t * d,
        )


def _passes(large: bool) -> Iterator[Workload]:
    size = 1 << 26 if large else 300
    for gradient_of in [(), (0,)]:
        for name in ("sigmoid", "tanh", "relu"):
            yield Workload(
                f"activation {name}",
                lambda x, name=name: activation(x, name),
                getattr(torch, name),
                ((size,),),
                gradient_of,
            )
        for rows, classes in [(1 << 21, 10), (8192, 32000)] if large else [(13, 7)]:
            yield Workload(
                "softmax_cross_entropy",
                lambda x: softmax_cross_entropy(x, _labels(x.shape, x.device)),
                lambda x: functional.cross_entropy(x, _labels(x.shape, x.device)),
                ((rows, classes),),
                gradient_of,
            )
        yield Workload(
            "bce_with_logits",
            lambda x: bce_with_logits(x, 1.0),
            lambda x: functional.binary_cross_entropy_with_logits(x, torch.ones_like(x)),
            ((size,),),
            gradient_of,
        )
        vocabulary, width = (50000, 512) if large else (11, 5)
        tokens = (1 << 17) if large else 21
        yield Workload(
            "embedding",
            lambda table, n=tokens: embedding(table, _tokens(n, len(table), table.device)),
            lambda table, n=tokens: functional.embedding(
                _tokens(n, len(table), table.device), table
            ),
            ((vocabulary, width),),
            gradient_of,
        )
        images = (64, 64, 112, 112) if large else (2, 3, 9, 7)
        for window, stride in [(2, 2), (3, 2)]:
            yield Workload(
                f"max_pool2d {window} stride {stride}",
                lambda x, k=window, s=stride: max_pool2d(x, k, s),
                lambda x, k=window, s=stride: functional.max_pool2d(x, k, s),
                (images,),
                gradient_of,
            )
        yield Workload(
            "average_pool2d 2 stride 2",
            lambda x: average_pool2d(x, 2),
            lambda x: functional.avg_pool2d(x, 2),
            (images,),
            gradient_of,
        )
        for rows, classes in [(1 << 21, 10), (8192, 32000)] if large else [(13, 7)]:
            for op, pytorch in [(softmax, torch.softmax), (log_softmax, torch.log_softmax)]:
                yield Workload(
                    op.__name__,
                    op,
                    lambda x, pytorch=pytorch: pytorch(x, 1),
                    ((rows, classes),),
                    gradient_of,
                )
        yield Workload(
            "dropout",
            lambda x: dropout(x, _mask(x.shape, x.dtype, x.device), 0.5),
            lambda x: x * _mask(x.shape, x.dtype, x.device) / 0.5,
            ((size,),),
            gradient_of,
        )
    n, d = (1 << 16, 1024) if large else (7, 5)
    for gradient_of in [(), (0, 1, 2)]:
        yield Workload(
            "batch_norm",
            lambda x, gamma, beta: batch_norm(x, gamma, beta, 1e-5)[0],
            lambda x, gamma, beta: functional.batch_norm(x, None, None, gamma, beta, True),
            ((n, d), (d,), (d,)),
            gradient_of,
        )
        yield Workload(
            "layer_norm",
            lambda x, gain, bias: layer_norm(x, gain, bias, 1e-5),
            lambda x, gain, bias: functional.layer_norm(x, gain.shape, gain, bias, 1e-5),
            ((n, d), (d,), (d,)),
            gradient_of,
        )
    rows, latents, pixels = (1 << 16, 64, 784) if large else (5, 3, 19)
    for gradient_of in [(), (0, 1)]:
        yield Workload(
            "reparametrize",
            reparametrize,
            lambda mean, log_variance, noise: mean + torch.exp(0.5 * log_variance) * noise,
            ((size,),) * 3,
            gradient_of,
        )
        yield Workload(
            "gaussian_kl", gaussian_kl, _plain_kl, ((16 * rows, latents),) * 2, gradient_of
        )
        yield Workload(
            "discriminator_loss",
            discriminator_loss,
            _plain_discriminator,
            ((size,),) * 2,
            gradient_of,
        )
    yield Workload(
        "pairwise_iou",
        _overlaps(pairwise_iou),
        _overlaps(_plain_iou),
        ((8192 if large else 5, 4),) * 2,
    )
    for gradient_of in [(), (0,)]:
        yield Workload(
            "bernoulli_nll", bernoulli_nll, _plain_nll, ((rows, pixels),) * 2, gradient_of
        )
    for gradient_of in [(), (0, 2, 3)]:
        yield Workload(
            "negative_elbo",
            negative_elbo,
            lambda x, t, mean, log_variance: _plain_nll(x, t) + _plain_kl(mean, log_variance),
            ((rows, pixels), (rows, pixels), (rows, latents), (rows, latents)),
            gradient_of,
        )


def _updates(large: bool) -> Iterator[Workload]:
    size = 1 << 26 if large else 300
    averages = {"betas": (0.9, 0.999), "eps": 1e-8}
    updates = [
        # op, its numbers, PyTorch's optimizer, its settings, its names of the state
        (sgd_update, (0.1,), "SGD", {"lr": 0.1}, ()),
        (momentum_update, (0.1, 0.9), "SGD", {"lr": 0.1, "momentum": 0.9}, ("momentum_buffer",)),
        (
            nesterov_update,
            (0.1, 0.9),
            "SGD",
            {"lr": 0.1, "momentum": 0.9, "nesterov": True},
            ("momentum_buffer",),
        ),
        (adagrad_update, (0.1, 1e-8), "Adagrad", {"lr": 0.1, "eps": 1e-8}, ("sum",)),
        (
            rmsprop_update,
            (0.1, 0.9, 1e-8),
            "RMSprop",
            {"lr": 0.1, "alpha": 0.9, "eps": 1e-8},
            ("square_avg",),
        ),
        (
            adadelta_update,
            (0.95, 1e-6),
            "Adadelta",
            {"lr": 1.0, "rho": 0.95, "eps": 1e-6},
            ("square_avg", "acc_delta"),
        ),
        (
            adam_update,
            (STEP, 0.1, 0.9, 0.999, 1e-8),
            "Adam",
            {"lr": 0.1} | averages,
            ("exp_avg", "exp_avg_sq"),
        ),
        (
            adamw_update,
            (STEP, 0.1, 0.9, 0.999, 1e-8, 0.01),
            "AdamW",
            {"lr": 0.1, "weight_decay": 0.01} | averages,
            ("exp_avg", "exp_avg_sq"),
        ),
    ]
    for op, numbers, optimizer, settings, state in updates:
        yield Workload(
            op.__name__,
            lambda *tensors, op=op, numbers=numbers: op(*tensors, *numbers),
            functools.partial(_step, getattr(torch.optim, optimizer), settings, state),
            ((size,),) * (2 + len(state)),
            is_positive=True,
        )


def _step(
    optimizer: type[torch.optim.Optimizer],
    settings: dict[str, object],
    names: tuple[str, ...],
    parameter: torch.Tensor,
    gradient: torch.Tensor,
    *state: torch.Tensor,
) -> tuple[torch.Tensor, ...]:
    """Return what one step of PyTorch's optimizer makes of copies, since it works in place."""
    moved = torch.nn.Parameter(parameter.clone())
    moved.grad = gradient
    taken = optimizer([moved], **settings)
    taken.state[moved] = {"step": torch.tensor(STEP - 1.0)} | {
        name: tensor.clone() for name, tensor in zip(names, state, strict=True)
    }
    taken.step()
    return moved.detach(), *(taken.state[moved][name] for name in names)


@functools.cache
def _mask(shape: torch.Size, dtype: torch.dtype, device: torch.device) -> torch.Tensor:
    generator = torch.Generator(device).manual_seed(2)
    return (torch.rand(shape, generator=generator, device=device) < 0.5).to(dtype)


@functools.cache
def _tokens(count: int, vocabulary: int, device: torch.device) -> torch.Tensor:
    """Give tokens of which some come often and some never."""
    return torch.arange(count, device=device) ** 2 % vocabulary


def _causal_mask(q: torch.Tensor) -> torch.Tensor:
    """Give True where a query may look: at its own time and before."""
    count, length, _ = q.shape
    return (
        torch.ones((length, length), dtype=torch.bool, device=q.device).tril().expand(count, -1, -1)
    )


@functools.cache
def _labels(shape: torch.Size, device: torch.device) -> torch.Tensor:
    return torch.arange(shape[0], device=device) * 7919 % shape[1]


def workloads(large: bool) -> list[Workload]:
    """Return what is measured, at sizes that fill a GPU or, for the tests, at small ones."""
    return [*_products(large), *_passes(large), *_updates(large)]


def relative_error(results: tuple[torch.Tensor, ...], exact: tuple[torch.Tensor, ...]) -> float:
    """Return the largest error of any result relative to its largest exact value."""
    return max(
        ((result.double() - truth).abs().max() / truth.abs().max()).item()
        for result, truth in zip(results, exact, strict=True)
    )


def measure(
    workload: Workload,
    dtype: torch.dtype,
    device: str,
    machine: Machine,
    time_ms: Callable[[Callable[[], object]], float],
) -> Measurement:
    """Return one row of the results; `time_ms` times a call."""
    inputs = workload.inputs(dtype, device)
    ours = workload.prepare(workload.ours, inputs)
    pytorch = workload.prepare(workload.pytorch, inputs)
    exact = workload.prepare(workload.pytorch, [x.double() for x in inputs])()
    results = ours()
    ours_ms, pytorch_ms = time_ms(ours), time_ms(pytorch)
    bytes_moved = workload.elements(results) * dtype.itemsize
    roofline_ms = machine.roofline_ms(bytes_moved, workload.multiplications, dtype)
    return Measurement(
        op=workload.name,
        shape=workload.shape,
        dtype=str(dtype).removeprefix("torch."),
        time_ms=ours_ms,
        bandwidth_gbps=bytes_moved / (ours_ms * 1e6),
        tflops=2 * workload.multiplications / (ours_ms * 1e9),
        roofline_fraction=roofline_ms / ours_ms,
        ratio_to_pytorch=pytorch_ms / ours_ms,
        error_float64=relative_error(results, exact),
        error_pytorch_float64=relative_error(pytorch(), exact),
    )


def write_results(path: Path, rows: list[Measurement]) -> None:
    """Write the rows as CSV, numbers to four digits."""
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, Measurement.__dataclass_fields__, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow(
                {k: f"{v:.4g}" if isinstance(v, float) else v for k, v in asdict(row).items()}
            )


def file_name(gpu: str) -> str:
    """Return the results' file name for a GPU's name: `NVIDIA H200` gives `nvidia-h200.csv`."""
    return re.sub(r"[^a-z0-9]+", "-", gpu.lower()).strip("-") + ".csv"


def _time_on_gpu(call: Callable[[], object]) -> float:
    """Return the median time in ms, the L2 cache emptied before each call."""
    from triton.testing import do_bench

    return do_bench(call, warmup=50, rep=200, return_mode="median")


def _measure_machine() -> Machine:
    source = torch.empty(1 << 28, dtype=torch.float32, device="cuda")
    target = torch.empty_like(source)
    copy_ms = _time_on_gpu(lambda: target.copy_(source))
    tflops = {}
    for dtype in (torch.float32, torch.float64):
        a = torch.randn(8192, 8192, dtype=dtype, device="cuda")
        tflops[dtype] = 2 * 8192**3 / (_time_on_gpu(lambda a=a: a @ a) * 1e9)
    return Machine(2 * source.nbytes / (copy_ms * 1e6), tflops)


def main() -> int:
    """Measure everything and write the results; return the exit status."""
    if not torch.cuda.is_available() or backend_name() != "triton-cuda":
        print(
            f"benchmarks/kernels.py needs a CUDA GPU; the backend here is {backend_name()}.",
            file=sys.stderr,
        )
        return 2
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = True
    machine = _measure_machine()
    rates = ", ".join(f"{rate:.1f} TFLOP/s {dtype}" for dtype, rate in machine.tflops.items())
    print(f"copy {machine.bandwidth_gbps:.0f} GB/s; cuBLAS {rates}")
    rows = []
    for workload in workloads(large=True):
        for dtype in (
            (torch.float32, torch.float64) if workload.multiplications else (torch.float32,)
        ):
            row = measure(workload, dtype, "cuda", machine, _time_on_gpu)
            rows.append(row)
            print(
                f"{row.op:42} {row.dtype:8} {row.time_ms:9.3f} ms  roofline {row.roofline_fraction:5.2f}"
                f"  PyTorch takes {row.ratio_to_pytorch:5.2f} times as long  {row.shape}",
                flush=True,
            )
            torch.cuda.empty_cache()
    path = RESULTS / file_name(torch.cuda.get_device_name())
    write_results(path, rows)
    print(f"written to {path}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
