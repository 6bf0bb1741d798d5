"""The two losses of a generative adversarial network, from the discriminator's logits."""

from __future__ import annotations

import torch

from autograder.kernels.arguments import check_choice
from autograder.kernels.bce_with_logits import bce_with_logits

KINDS = ("non-saturating", "saturating")


def discriminator_loss(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    """Return what the discriminator minimises, in nats.

    loss = -mean log D(x) - mean log(1 - D(G(z))), with D = sigmoid(logits)

    Args:
        real_logits: the discriminator's logits on data, any shape, float32 or float64.
        fake_logits: its logits on generated samples, any shape, same dtype.

    Returns:
        Scalar tensor; differentiable in both.

    Raises:
        TypeError: not float32 or float64 tensors.
        ValueError: an empty tensor.

    Source: Goodfellow et al., *Generative Adversarial Nets*, 2014, equation 1 and algorithm 1.
    """
    return bce_with_logits(real_logits, 1.0) + bce_with_logits(fake_logits, 0.0)


def generator_loss(fake_logits: torch.Tensor, kind: str = "non-saturating") -> torch.Tensor:
    """Return what the generator minimises, in nats.

    non-saturating: -mean log D(G(z)).
    saturating: mean log(1 - D(G(z))), whose gradient vanishes where D(G(z)) is near 0.

    Args:
        fake_logits: the discriminator's logits on generated samples, any shape, float32 or float64.
        kind: `non-saturating` or `saturating`.

    Returns:
        Scalar tensor; differentiable.

    Raises:
        TypeError: not a float32 or float64 tensor.
        ValueError: an empty tensor, or `kind` is neither.

    Source: Goodfellow et al., *Generative Adversarial Nets*, 2014, section 3.
    """
    check_choice("generator_loss", "kind", kind, KINDS)
    if kind == "saturating":
        return -bce_with_logits(fake_logits, 0.0)
    return bce_with_logits(fake_logits, 1.0)
