"""What every op is tested on: awkward shapes, and the same function written plainly.

The plain functions share nothing with the ops or with their PyTorch forms: sums are written out.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from autograder.kernels.activations import activation
from autograder.kernels.bce_with_logits import bce_with_logits
from autograder.kernels.bernoulli_nll import bernoulli_nll
from autograder.kernels.convolution import conv1d, conv2d
from autograder.kernels.gan_losses import discriminator_loss, generator_loss
from autograder.kernels.gaussian_kl import gaussian_kl
from autograder.kernels.linear import linear
from autograder.kernels.matmul import matmul
from autograder.kernels.negative_elbo import negative_elbo
from autograder.kernels.pooling import average_pool2d, max_pool2d
from autograder.kernels.reparametrize import reparametrize
from autograder.kernels.softmax_cross_entropy import softmax_cross_entropy


@dataclass(frozen=True)
class Case:
    """One op on tensors of given shapes, drawn from N(0, 1)."""

    name: str
    op: Callable
    plain: Callable
    shapes: dict[str, tuple[int, ...]]

    def inputs(self, dtype: torch.dtype, device: torch.device) -> dict[str, torch.Tensor]:
        """Return the differentiable inputs by name; float32 inputs are the float64 ones, rounded."""
        generator = torch.Generator().manual_seed(23)
        return {
            name: torch.randn(shape, generator=generator, dtype=torch.float64)
            .to(device, dtype)
            .requires_grad_()
            for name, shape in self.shapes.items()
        }


def plain_activation(x, name):
    if name == "sigmoid":
        return 1 / (1 + torch.exp(-x))
    if name == "tanh":
        return (torch.exp(x) - torch.exp(-x)) / (torch.exp(x) + torch.exp(-x))
    return x * (x > 0) if name == "relu" else x


def plain_conv2d(x, weight, bias, stride, padding):
    (step_h, step_w), (pad_h, pad_w) = stride, padding
    images, channels, height, width = x.shape
    padded = x.new_zeros(images, channels, height + 2 * pad_h, width + 2 * pad_w)
    padded[:, :, pad_h : pad_h + height, pad_w : pad_w + width] = x
    windows = padded.unfold(2, weight.shape[2], step_h).unfold(3, weight.shape[3], step_w)
    return torch.einsum("ncijuv,fcuv->nfij", windows, weight) + bias[:, None, None]


def plain_bce(logits, targets):
    probability = 1 / (1 + torch.exp(-logits))
    return -(targets * torch.log(probability) + (1 - targets) * torch.log(1 - probability))


def plain_kl(mean, log_variance):
    return 0.5 * (mean**2 + torch.exp(log_variance) - 1 - log_variance).sum(1)


def windows_of(x, size, stride):
    return x.unfold(2, size[0], stride[0]).unfold(3, size[1], stride[1])


def _matmul_cases():
    for rows, inner, columns in [(17, 29, 13), (1, 1, 1), (3, 131, 1), (1, 2, 37), (33, 5, 64)]:
        shapes = {"a": (rows, inner), "b": (inner, columns)}
        yield Case(f"matmul-{rows}x{inner}x{columns}", matmul, torch.matmul, shapes)


def _linear_cases():
    for name in ("sigmoid", "tanh", "relu", "identity"):
        for images, inner, units in [(7, 11, 5), (1, 3, 2), (131, 4, 3)]:
            yield Case(
                f"linear-{name}-{images}x{inner}x{units}",
                lambda x, weight, bias, name=name: linear(x, weight, bias, name),
                lambda x, weight, bias, name=name: plain_activation(x @ weight.T + bias, name),
                {"x": (images, inner), "weight": (units, inner), "bias": (units,)},
            )
    yield Case(
        "linear-no-bias",
        lambda x, weight: linear(x, weight, None, "tanh"),
        lambda x, weight: plain_activation(x @ weight.T, "tanh"),
        {"x": (6, 11), "weight": (5, 11)},
    )


def _activation_cases():
    for name in ("sigmoid", "tanh", "relu", "identity"):
        for shape in [(7, 13, 3), (1,)]:
            yield Case(
                f"activation-{name}-{'x'.join(map(str, shape))}",
                lambda x, name=name: activation(x, name),
                lambda x, name=name: plain_activation(x, name),
                {"x": shape},
            )


def _convolution_cases():
    geometries = [
        # N, C, H, W, F, KH, KW, stride, padding
        (2, 3, 8, 11, 4, 3, 5, (2, 3), (1, 2)),
        (4, 3, 9, 7, 5, 3, 2, (1, 1), (0, 0)),
        (2, 1, 10, 7, 3, 4, 3, (3, 2), (2, 1)),
        (1, 1, 1, 1, 1, 1, 1, (1, 1), (0, 0)),
        (1, 5, 6, 5, 2, 1, 1, (2, 2), (0, 0)),
        (3, 2, 5, 4, 1, 2, 2, (3, 3), (2, 2)),
        (5, 2, 17, 13, 3, 3, 3, (1, 1), (1, 1)),
    ]
    for images, channels, height, width, filters, kh, kw, stride, padding in geometries:
        yield Case(
            f"conv2d-{images}x{channels}x{height}x{width}-{filters}x{kh}x{kw}"
            f"-stride{stride[0]}{stride[1]}-padding{padding[0]}{padding[1]}",
            lambda x, weight, bias, s=stride, p=padding: conv2d(x, weight, bias, s, p),
            lambda x, weight, bias, s=stride, p=padding: plain_conv2d(x, weight, bias, s, p),
            {
                "x": (images, channels, height, width),
                "weight": (filters, channels, kh, kw),
                "bias": (filters,),
            },
        )
    for stride, padding in [(2, 1), (1, 0), (3, 2)]:
        yield Case(
            f"conv1d-stride{stride}-padding{padding}",
            lambda x, weight, bias, s=stride, p=padding: conv1d(x, weight, bias, s, p),
            lambda x, weight, bias, s=stride, p=padding: plain_conv2d(
                x[:, :, None], weight[:, :, None], bias, (1, s), (0, p)
            )[:, :, 0],
            {"x": (4, 3, 11), "weight": (5, 3, 4), "bias": (5,)},
        )


def _pooling_cases():
    geometries = [
        # shape, size, stride
        ((2, 3, 9, 8), (3, 2), (2, 1)),
        ((4, 3, 9, 7), (2, 2), (2, 2)),
        ((1, 1, 1, 1), (1, 1), (1, 1)),
        ((3, 2, 11, 7), (2, 3), (3, 4)),
        ((1, 2, 17, 18), (17, 16), (5, 2)),
    ]
    for shape, size, stride in geometries:
        label = f"{'x'.join(map(str, shape))}-{size[0]}x{size[1]}-stride{stride[0]}{stride[1]}"
        yield Case(
            f"max_pool2d-{label}",
            lambda x, size=size, stride=stride: max_pool2d(x, size, stride),
            lambda x, size=size, stride=stride: windows_of(x, size, stride).amax((-2, -1)),
            {"x": shape},
        )
        yield Case(
            f"average_pool2d-{label}",
            lambda x, size=size, stride=stride: average_pool2d(x, size, stride),
            lambda x, size=size, stride=stride: windows_of(x, size, stride).mean((-2, -1)),
            {"x": shape},
        )


def _loss_cases():
    for rows, classes in [(13, 10), (1, 1), (1, 7), (5, 131), (262, 3)]:
        labels = torch.arange(rows) * 5 % classes

        def plain(logits, labels=labels):
            scores = torch.exp(logits)
            chosen = scores[torch.arange(len(labels)), labels.to(logits.device)]
            return -torch.log(chosen / scores.sum(1)).mean()

        yield Case(
            f"softmax_cross_entropy-{rows}x{classes}",
            lambda logits, labels=labels: softmax_cross_entropy(logits, labels.to(logits.device)),
            plain,
            {"logits": (rows, classes)},
        )
    for shape in [(3, 5, 47), (131, 1), (1,)]:
        label = "x".join(map(str, shape))
        yield Case(
            f"bce_with_logits-{label}",
            bce_with_logits,
            lambda logits, targets: plain_bce(logits, targets).mean(),
            {"logits": shape, "targets": shape},
        )
        yield Case(
            f"bce_with_logits-constant-{label}",
            lambda logits: bce_with_logits(logits, 0.9),
            lambda logits: plain_bce(logits, 0.9).mean(),
            {"logits": shape},
        )
    yield Case(
        "discriminator_loss",
        discriminator_loss,
        lambda real, fake: plain_bce(real, 1).mean() + plain_bce(fake, 0).mean(),
        {"real": (13, 1), "fake": (7, 1)},
    )
    yield Case(
        "generator_loss-non-saturating",
        generator_loss,
        lambda fake: -torch.log(1 / (1 + torch.exp(-fake))).mean(),
        {"fake": (13, 1)},
    )
    yield Case(
        "generator_loss-saturating",
        lambda fake: generator_loss(fake, "saturating"),
        lambda fake: torch.log(1 - 1 / (1 + torch.exp(-fake))).mean(),
        {"fake": (13, 1)},
    )


def _variational_cases():
    for rows, dimensions, latents in [(5, 131, 3), (1, 1, 1), (37, 6, 70)]:
        pixels = {"logits": (rows, dimensions), "targets": (rows, dimensions)}
        codes = {"mean": (rows, latents), "log_variance": (rows, latents)}
        label = f"{rows}x{dimensions}x{latents}"
        yield Case(f"gaussian_kl-{label}", gaussian_kl, plain_kl, codes)
        yield Case(
            f"bernoulli_nll-{label}",
            bernoulli_nll,
            lambda logits, targets: plain_bce(logits, targets).sum(1),
            pixels,
        )
        yield Case(
            f"negative_elbo-{label}",
            negative_elbo,
            lambda x, t, mean, log_variance: plain_bce(x, t).sum(1) + plain_kl(mean, log_variance),
            pixels | codes,
        )
        yield Case(
            f"reparametrize-{label}",
            reparametrize,
            lambda mean, log_variance, noise: mean + torch.exp(log_variance / 2) * noise,
            codes | {"noise": (rows, latents)},
        )


# The first case of each op is the one that stands for it.
CASES = [
    *_matmul_cases(),
    *_linear_cases(),
    *_activation_cases(),
    *_convolution_cases(),
    *_pooling_cases(),
    *_loss_cases(),
    *_variational_cases(),
]
