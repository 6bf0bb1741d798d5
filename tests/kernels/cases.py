"""What every op is tested on: awkward shapes, and the same function written plainly.

The plain functions share nothing with the ops or with their PyTorch forms: sums are written out.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch

from autograder.kernels.activations import activation
from autograder.kernels.attention import attention
from autograder.kernels.batch_norm import batch_norm
from autograder.kernels.bce_with_logits import bce_with_logits
from autograder.kernels.bernoulli_nll import bernoulli_nll
from autograder.kernels.convolution import conv1d, conv2d, conv2d_relu
from autograder.kernels.dropout import dropout
from autograder.kernels.embedding import embedding
from autograder.kernels.gan_losses import discriminator_loss, generator_loss
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


@dataclass(frozen=True)
class Case:
    """One op on tensors of given shapes, drawn from N(0, 1)."""

    name: str
    op: Callable
    plain: Callable
    shapes: dict[str, tuple[int, ...]]
    is_differentiable: bool = True

    def inputs(self, dtype: torch.dtype, device: torch.device) -> dict[str, torch.Tensor]:
        """Return the differentiable inputs by name; float32 inputs are the float64 ones, rounded."""
        generator = torch.Generator().manual_seed(23)
        return {
            name: torch.randn(shape, generator=generator, dtype=torch.float64)
            .to(device, dtype)
            .requires_grad_()
            for name, shape in self.shapes.items()
        }


def values(function: Callable, inputs: dict[str, torch.Tensor]) -> tuple[torch.Tensor, ...]:
    """Return what the function gives, one tensor or several, as a tuple."""
    result = function(*inputs.values())
    return result if isinstance(result, tuple) else (result,)


def plain_matmul(a, b):
    return (a[:, :, None] * b[None]).sum(1)


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
        yield Case(f"matmul-{rows}x{inner}x{columns}", matmul, plain_matmul, shapes)


def _linear_cases():
    for name in ("sigmoid", "tanh", "relu", "identity"):
        for images, inner, units in [(7, 11, 5), (1, 3, 2), (131, 4, 3)]:
            yield Case(
                f"linear-{name}-{images}x{inner}x{units}",
                lambda x, weight, bias, name=name: linear(x, weight, bias, name),
                lambda x, weight, bias, name=name: plain_activation(
                    plain_matmul(x, weight.T) + bias, name
                ),
                {"x": (images, inner), "weight": (units, inner), "bias": (units,)},
            )
    yield Case(
        "linear-no-bias",
        lambda x, weight: linear(x, weight, None, "tanh"),
        lambda x, weight: plain_activation(plain_matmul(x, weight.T), "tanh"),
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
    for stride, padding, out in [((1, 1), (1, 1), (6, 7)), ((2, 3), (0, 2), (2, 3))]:
        shapes = {"x": (3, 2, 6, 7), "weight": (4, 2, 3, 3), "bias": (4,)}
        yield Case(
            f"conv2d_relu-stride{stride[0]}{stride[1]}",
            lambda x, weight, bias, s=stride, p=padding: conv2d_relu(x, weight, bias, None, s, p),
            lambda x, weight, bias, s=stride, p=padding: plain_activation(
                plain_conv2d(x, weight, bias, s, p), "relu"
            ),
            shapes,
        )
        yield Case(
            f"conv2d_relu-residual-stride{stride[0]}{stride[1]}",
            lambda x, weight, bias, residual, s=stride, p=padding: conv2d_relu(
                x, weight, bias, residual, s, p
            ),
            lambda x, weight, bias, residual, s=stride, p=padding: plain_activation(
                plain_conv2d(x, weight, bias, s, p) + residual, "relu"
            ),
            shapes | {"residual": (3, 4, *out)},
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


def plain_softmax(x):
    return torch.exp(x) / torch.exp(x).sum(1, keepdim=True)


def _softmax_cases():
    for rows, classes in [(13, 10), (1, 1), (1, 7), (5, 131), (262, 3)]:
        shapes = {"x": (rows, classes)}
        label = f"{rows}x{classes}"
        yield Case(f"softmax-{label}", softmax, plain_softmax, shapes)
        yield Case(f"log_softmax-{label}", log_softmax, lambda x: plain_softmax(x).log(), shapes)


def plain_batch_norm(x, gamma, beta):
    mean = x.sum(0) / len(x)
    variance = ((x - mean) ** 2).sum(0) / len(x)
    z = (x - mean) / torch.sqrt(variance + 0.01)
    return gamma * z + beta, mean.detach(), variance.detach()


def _regularization_cases():
    for rows, features in [(7, 5), (1, 3), (3, 131), (262, 11), (130, 1)]:
        yield Case(
            f"batch_norm-{rows}x{features}",
            lambda x, gamma, beta: batch_norm(x, gamma, beta, 0.01),
            plain_batch_norm,
            {"x": (rows, features), "gamma": (features,), "beta": (features,)},
        )
    for shape in [(5, 3, 13), (131, 2), (1,)]:
        mask = (torch.arange(math.prod(shape)) * 7 % 5 < 3).reshape(shape)
        yield Case(
            f"dropout-{'x'.join(map(str, shape))}",
            lambda x, mask=mask: dropout(x, mask.to(x), 0.6),
            lambda x, mask=mask: torch.where(mask.to(x.device), x / 0.6, 0.0),
            {"x": shape},
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


def plain_adam(parameter, gradient, first, second, step, weight_decay):
    first, second = 0.9 * first + 0.1 * gradient, 0.999 * second + 0.001 * gradient**2
    corrected = first / (1 - 0.9**step), second / (1 - 0.999**step)
    update = corrected[0] / (torch.sqrt(corrected[1]) + 1e-3) + weight_decay * parameter
    return parameter - 0.01 * update, first, second


def plain_adadelta(parameter, gradient, squares, updates):
    squares = 0.95 * squares + 0.05 * gradient**2
    update = torch.sqrt(updates + 0.1) / torch.sqrt(squares + 0.1) * gradient
    return parameter - update, squares, 0.95 * updates + 0.05 * update**2


def _of_squares(update):
    """Return the update as a function of numbers whose squares are its averages of squares."""
    return lambda parameter, gradient, *roots: update(parameter, gradient, *(r * r for r in roots))


def _adam_case(update, decay, step):
    def op(parameter, gradient, first, root):
        moments = (first.detach(), root.detach() ** 2)
        return update(parameter, gradient, *moments, step, 0.01, 0.9, 0.999, 1e-3, *decay)

    def plain(parameter, gradient, first, root):
        return plain_adam(parameter, gradient, first, root**2, step, *(decay or (0.0,)))

    return op, plain


def _optimizer_cases():
    def momentum(p, g, v):
        return p - 0.3 * (0.8 * v + g), 0.8 * v + g

    def nesterov(p, g, v):
        return p - 0.3 * (g + 0.8 * (0.8 * v + g)), 0.8 * v + g

    def adagrad(p, g, squares):
        return p - 0.3 * g / (torch.sqrt(squares + g**2) + 0.01), squares + g**2

    def rmsprop(p, g, squares):
        squares = 0.9 * squares + 0.1 * g**2
        return p - 0.3 * g / (torch.sqrt(squares) + 0.01), squares

    updates = {
        "sgd_update": (lambda p, g: sgd_update(p, g, 0.3), lambda p, g: p - 0.3 * g),
        "momentum_update": (lambda p, g, v: momentum_update(p, g, v, 0.3, 0.8), momentum),
        "nesterov_update": (lambda p, g, v: nesterov_update(p, g, v, 0.3, 0.8), nesterov),
        "adagrad_update": (
            _of_squares(lambda p, g, s: adagrad_update(p, g, s, 0.3, 0.01)),
            _of_squares(adagrad),
        ),
        "rmsprop_update": (
            _of_squares(lambda p, g, s: rmsprop_update(p, g, s, 0.3, 0.9, 0.01)),
            _of_squares(rmsprop),
        ),
        "adadelta_update": (
            _of_squares(lambda p, g, s, u: adadelta_update(p, g, s, u, 0.95, 0.1)),
            _of_squares(plain_adadelta),
        ),
        "adam_update": _adam_case(adam_update, (), 1),
        "adam_update-late": _adam_case(adam_update, (), 1000),
        "adamw_update": _adam_case(adamw_update, (0.2,), 3),
    }
    states = {"sgd": 0, "adadelta": 2, "adam": 2, "adamw": 2}
    for name, (op, plain) in updates.items():
        state = ("first_state", "second_state")[: states.get(name.split("_")[0], 1)]
        for shape in [(5, 3, 13), (131,), (1,)]:
            yield Case(
                f"{name}-{'x'.join(map(str, shape))}",
                op,
                torch.no_grad()(plain),
                dict.fromkeys(("parameter", "gradient", *state), shape),
                is_differentiable=False,
            )


def _recurrent_cases():
    for rows, inputs, units in [(7, 5, 11), (1, 1, 1), (131, 3, 4), (2, 13, 3)]:
        yield Case(
            f"rnn_cell-{rows}x{inputs}x{units}",
            rnn_cell,
            lambda x, h, weight, recurrent, bias: plain_activation(
                x @ weight + h @ recurrent + bias, "tanh"
            ),
            {
                "x": (rows, inputs),
                "h": (rows, units),
                "weight": (inputs, units),
                "recurrent": (units, units),
                "bias": (units,),
            },
        )
    for shape, vocabulary, features in [((3, 7), 11, 5), ((1,), 1, 1), ((2, 3, 5), 4, 131)]:
        # Some tokens come often, some once, some never.
        tokens = (torch.arange(math.prod(shape)) ** 2 % vocabulary).reshape(shape)
        yield Case(
            f"embedding-{'x'.join(map(str, shape))}-{vocabulary}x{features}",
            lambda table, tokens=tokens: embedding(table, tokens.to(table.device)),
            lambda table, tokens=tokens: (
                (tokens[..., None] == torch.arange(len(table))).to(table) @ table
            ),
            {"table": (vocabulary, features)},
        )


def _box_cases():
    def boxes(numbers):
        return torch.cat([numbers[:, :2], numbers[:, :2] + numbers[:, 2:].abs()], dim=1).detach()

    def plain_iou(a, b):
        rows = []
        for ax1, ay1, ax2, ay2 in boxes(a):
            for bx1, by1, bx2, by2 in boxes(b):
                width = (torch.minimum(ax2, bx2) - torch.maximum(ax1, bx1)).clamp(min=0)
                height = (torch.minimum(ay2, by2) - torch.maximum(ay1, by1)).clamp(min=0)
                both = (ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1)
                rows.append(width * height / (both - width * height))
        return torch.stack(rows).reshape(len(a), len(b))

    for first, second in [(7, 11), (1, 1), (19, 3)]:
        yield Case(
            f"pairwise_iou-{first}x{second}",
            lambda a, b: pairwise_iou(boxes(a), boxes(b)),
            plain_iou,
            {"a": (first, 4), "b": (second, 4)},
            is_differentiable=False,
        )


def plain_layer_norm(x, gain, bias):
    mean = x.sum(1, keepdim=True) / x.shape[1]
    variance = ((x - mean) ** 2).sum(1, keepdim=True) / x.shape[1]
    return gain * (x - mean) / torch.sqrt(variance + 0.01) + bias


def plain_attention(q, k, v, mask):
    """Over the keys that a query may see alone, one query after the other."""
    rows = []
    for n, i in [(n, i) for n in range(len(q)) for i in range(q.shape[1])]:
        seen = mask[n, i].to(q.device)
        scores = (k[n, seen] * q[n, i]).sum(1) / math.sqrt(q.shape[2])
        terms = torch.exp(scores - scores.max()) if seen.any() else scores
        rows.append((terms[:, None] * v[n, seen]).sum(0) / (terms.sum() if seen.any() else 1))
    return torch.stack(rows).reshape(*q.shape[:2], v.shape[2])


def attention_case(n, q, k, d, e):
    """A case with a random mask, in which the first query of several may see nothing."""
    mask = torch.randn((n, q, k), generator=torch.Generator().manual_seed(5)) > -0.5
    mask[0, 0] = q == 1
    return Case(
        f"attention-{n}x{q}x{k}x{d}x{e}",
        lambda q, k, v: attention(q, k, v, mask.to(q.device)),
        lambda q, k, v: plain_attention(q, k, v, mask),
        {"q": (n, q, d), "k": (n, k, d), "v": (n, k, e)},
    )


def _attention_cases():
    for rows, features in [(7, 11), (1, 5), (3, 131)]:
        yield Case(
            f"layer_norm-{rows}x{features}",
            lambda x, gain, bias: layer_norm(x, gain, bias, 0.01),
            plain_layer_norm,
            {"x": (rows, features), "gain": (features,), "bias": (features,)},
        )
    for sizes in [(2, 5, 11, 6, 3), (1, 1, 1, 2, 1), (1, 13, 4, 5, 9)]:
        yield attention_case(*sizes)


# The first case of each op is the one that stands for it.
CASES = [
    *_matmul_cases(),
    *_linear_cases(),
    *_activation_cases(),
    *_convolution_cases(),
    *_pooling_cases(),
    *_loss_cases(),
    *_softmax_cases(),
    *_regularization_cases(),
    *_variational_cases(),
    *_recurrent_cases(),
    *_attention_cases(),
    *_box_cases(),
    *_optimizer_cases(),
]
