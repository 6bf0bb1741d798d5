"""Exercises of chapter 15: generative adversarial networks."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from autograder.exercise import Chapter
from dlarch.checks_file import Part
from dlarch.plain import PlainData

chapter = Chapter("15_gan")
PAGE = "15_gan.html"

Random = np.random.Generator
Arguments = dict[str, PlainData]
Optimizer = torch.optim.Optimizer


def _tensor(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.asarray(array, dtype=np.float64))


# ------------------------------------------------------------------------------ discriminator_loss

discriminator_loss = chapter.exercise(
    "discriminator_loss",
    signature=(
        "discriminator_loss(real_logits: (N, 1) tensor, fake_logits: (M, 1) tensor) -> 0-d tensor"
    ),
    outputs=("value", "gradient_real_logits", "gradient_fake_logits"),
    points=2,
    driver="pull_back",
    section=f"{PAGE}#gan-discriminator-loss",
)


def _two_logits(random: Random, real: np.ndarray, fake: np.ndarray) -> Arguments:
    return {
        "real_logits": _tensor(real),
        "fake_logits": _tensor(fake),
        "cotangent": _tensor(random.uniform(0.5, 2.0)),
        "wrt": ["real_logits", "fake_logits"],
    }


@discriminator_loss.case("5 real, 3 fake")
def _(random: Random) -> Arguments:
    return _two_logits(random, random.normal(size=(5, 1)), random.normal(size=(3, 1)) - 0.5)


@discriminator_loss.case("one of each")
def _(random: Random) -> Arguments:
    return _two_logits(random, random.normal(size=(1, 1)) + 1, random.normal(size=(1, 1)))


@discriminator_loss.case("without the last axis, 4 of each")
def _(random: Random) -> Arguments:
    return _two_logits(random, random.normal(size=4), random.normal(size=4) - 1)


@discriminator_loss.case("logits up to ±800")
def _(random: Random) -> Arguments:
    real = np.array([[-800.0], [40.0], [random.normal()], [800.0], [-40.0]])
    fake = np.array([[800.0], [-800.0], [random.normal()], [40.0]])
    return _two_logits(random, real, fake)


@discriminator_loss.case("257 real, 130 fake", secret=True)
def _(random: Random) -> Arguments:
    return _two_logits(
        random, 6 * random.normal(size=(257, 1)), 6 * random.normal(size=(130, 1)) - 2
    )


@discriminator_loss.reference
def _(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    from autograder.kernels.gan_losses import discriminator_loss

    return discriminator_loss(real_logits, fake_logits)


@discriminator_loss.mistake(
    "labels_swapped",
    "You swapped the labels: D is rewarded for calling data generated and generated samples real. "
    "D(x) is the probability that x is data, so data has the label 1 and generated samples 0.",
)
def _(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    return functional.softplus(real_logits).mean() + functional.softplus(-fake_logits).mean()


@discriminator_loss.mistake(
    "log_of_fake",
    "The term of the generated samples is −log D(G(z)): it rewards D for taking them for data. "
    "Which probability does D give to the right answer, ‘generated’?",
)
def _(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    return functional.softplus(-real_logits).mean() + functional.softplus(-fake_logits).mean()


@discriminator_loss.mistake(
    "maximised",
    "Your value is V, which D maximises. A loss is minimised, and an optimiser descends: "
    "the loss of D is −V.",
)
def _(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    return -functional.softplus(-real_logits).mean() - functional.softplus(fake_logits).mean()


@discriminator_loss.mistake(
    "nested_sum",
    "The term of the generated samples is summed where it should be averaged, as in the lecture's "
    "nested sum: it weighs as many times more as there are generated samples.",
)
def _(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    return functional.softplus(-real_logits).mean() + functional.softplus(fake_logits).sum()


@discriminator_loss.mistake(
    "both_summed",
    "Both terms are summed over the samples: the loss and the step it causes grow with the batch. "
    "The expectations of V are estimated by means.",
)
def _(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    return functional.softplus(-real_logits).sum() + functional.softplus(fake_logits).sum()


@discriminator_loss.mistake(
    "pooled_mean",
    "You average over data and generated samples together. V is the sum of two expectations: "
    "take one mean over the data, one over the generated samples, and add them.",
)
def _(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    return torch.cat(
        [functional.softplus(-real_logits).flatten(), functional.softplus(fake_logits).flatten()]
    ).mean()


@discriminator_loss.mistake(
    "halved",
    "You take half the sum of the two terms. Some programs do; here the loss is −V, "
    "so that its smallest value at equilibrium is log 4.",
)
def _(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    return (functional.softplus(-real_logits).mean() + functional.softplus(fake_logits).mean()) / 2


@discriminator_loss.mistake(
    "log_of_sigmoid",
    "The formula is right but overflows: where the sigmoid rounds to 0 or 1, its logarithm is −∞ "
    "and the gradient is not a number. Write log D and log(1 − D) in terms of the logit.",
    f"{PAGE}#gan-stable",
)
def _(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    D_real, D_fake = torch.sigmoid(real_logits), torch.sigmoid(fake_logits)
    return -torch.log(D_real).mean() - torch.log(1 - D_fake).mean()


@discriminator_loss.mistake(
    "sigmoid_then_clamped",
    "You turn the logits into probabilities first: binary cross-entropy then has to cut its logarithm "
    "at −100, and where D is certain and wrong, its gradient is lost. Stay with the logits.",
    f"{PAGE}#gan-stable",
)
def _(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    D_real, D_fake = torch.sigmoid(real_logits), torch.sigmoid(fake_logits)
    real_term = functional.binary_cross_entropy(D_real, torch.ones_like(D_real))
    return real_term + functional.binary_cross_entropy(D_fake, torch.zeros_like(D_fake))


@discriminator_loss.mistake(
    "sigmoid_twice",
    "The sigmoid is applied twice: a loss ‘with logits’ contains it already. "
    "Give it the logits as they come.",
    f"{PAGE}#gan-stable",
)
def _(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    D_real, D_fake = torch.sigmoid(real_logits), torch.sigmoid(fake_logits)
    return functional.softplus(-D_real).mean() + functional.softplus(D_fake).mean()


@discriminator_loss.alternative
def with_library(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    real_term = functional.binary_cross_entropy_with_logits(
        real_logits, torch.ones_like(real_logits)
    )
    fake_term = functional.binary_cross_entropy_with_logits(
        fake_logits, torch.zeros_like(fake_logits)
    )
    return real_term + fake_term


@discriminator_loss.alternative
def with_logsigmoid(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    return -(functional.logsigmoid(real_logits).mean() + functional.logsigmoid(-fake_logits).mean())


@discriminator_loss.alternative
def in_float32(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    return (
        functional.softplus(-real_logits.float()).mean()
        + functional.softplus(fake_logits.float()).mean()
    )


@discriminator_loss.alternative
def sample_by_sample(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    zero = torch.zeros((), dtype=torch.float64)
    total = zero
    for logit in real_logits.flatten():
        total = total + torch.logaddexp(zero, -logit) / real_logits.numel()
    for logit in fake_logits.flatten():
        total = total + torch.logaddexp(zero, logit) / fake_logits.numel()
    return total


# ---------------------------------------------------------------------------------- generator_loss

generator_loss = chapter.exercise(
    "generator_loss",
    signature="generator_loss(fake_logits: (N, 1) tensor, kind: str) -> 0-d tensor",
    outputs=("value", "gradient_fake_logits"),
    parts={
        "value": Part(1, outputs=("value",)),
        "slope": Part(1, outputs=("gradient_fake_logits",)),
    },
    driver="pull_back",
    section=f"{PAGE}#gan-saturation",
)


def _fake_logits(random: Random, fake: np.ndarray, kind: str) -> Arguments:
    return {
        "fake_logits": _tensor(fake),
        "kind": kind,
        "cotangent": _tensor(random.uniform(0.5, 2.0)),
        "wrt": ["fake_logits"],
    }


@generator_loss.case("non-saturating, 5 samples")
def _(random: Random) -> Arguments:
    return _fake_logits(random, random.normal(size=(5, 1)) - 1, "non-saturating")


@generator_loss.case("saturating, 3 samples")
def _(random: Random) -> Arguments:
    return _fake_logits(random, random.normal(size=(3, 1)) - 1, "saturating")


@generator_loss.case("non-saturating, one logit near −10")
def _(random: Random) -> Arguments:
    return _fake_logits(random, np.array([[-10 + 0.1 * random.normal()]]), "non-saturating")


@generator_loss.case("saturating, one logit near −10")
def _(random: Random) -> Arguments:
    return _fake_logits(random, np.array([[-10 + 0.1 * random.normal()]]), "saturating")


@generator_loss.case("non-saturating, logits up to ±800")
def _(random: Random) -> Arguments:
    return _fake_logits(random, np.array([-800.0, 40.0, random.normal(), 800.0]), "non-saturating")


@generator_loss.case("saturating, logits up to ±800")
def _(random: Random) -> Arguments:
    return _fake_logits(random, np.array([-800.0, 40.0, random.normal(), 800.0]), "saturating")


@generator_loss.case("non-saturating, 129 samples", secret=True)
def _(random: Random) -> Arguments:
    return _fake_logits(random, 5 * random.normal(size=(129, 1)), "non-saturating")


@generator_loss.case("saturating, 66 samples", secret=True)
def _(random: Random) -> Arguments:
    return _fake_logits(random, 5 * random.normal(size=(66, 1)), "saturating")


@generator_loss.reference
def _(fake_logits: torch.Tensor, kind: str) -> torch.Tensor:
    from autograder.kernels.gan_losses import generator_loss

    return generator_loss(fake_logits, kind)


@generator_loss.mistake(
    "always_saturating",
    "Both kinds come out as mean log(1 − D(G(z))). That is the saturating one: where D is sure, "
    "its slope is almost zero. The non-saturating loss contains log D(G(z)).",
)
def _(fake_logits: torch.Tensor, kind: str) -> torch.Tensor:
    return -functional.softplus(fake_logits).mean()


@generator_loss.mistake(
    "always_non_saturating",
    "Both kinds come out as the non-saturating loss: `kind` makes no difference. "
    "The saturating loss is the generator's part of V itself.",
)
def _(fake_logits: torch.Tensor, kind: str) -> torch.Tensor:
    return functional.softplus(-fake_logits).mean()


@generator_loss.mistake(
    "kinds_swapped",
    "The two kinds are exchanged. Look at a logit of −10, a sample that D is sure about: "
    "which of your losses is almost flat there?",
)
def _(fake_logits: torch.Tensor, kind: str) -> torch.Tensor:
    if kind == "saturating":
        return functional.softplus(-fake_logits).mean()
    return -functional.softplus(fake_logits).mean()


@generator_loss.mistake(
    "saturating_sign",
    "The saturating loss has the wrong sign: −mean log(1 − D(G(z))) is what D minimises. "
    "With it G would learn to be found out.",
)
def _(fake_logits: torch.Tensor, kind: str) -> torch.Tensor:
    if kind == "saturating":
        return functional.softplus(fake_logits).mean()
    return functional.softplus(-fake_logits).mean()


@generator_loss.mistake(
    "both_signs",
    "Both kinds have the wrong sign: G would make D(G(z)) small. G wants to be taken for data; "
    "its loss must fall as the logit rises.",
)
def _(fake_logits: torch.Tensor, kind: str) -> torch.Tensor:
    if kind == "saturating":
        return functional.softplus(fake_logits).mean()
    return -functional.softplus(-fake_logits).mean()


@generator_loss.mistake(
    "summed",
    "You sum over the samples. The expectation over z is estimated by the mean; "
    "with a sum the step grows with the batch.",
)
def _(fake_logits: torch.Tensor, kind: str) -> torch.Tensor:
    if kind == "saturating":
        return -functional.softplus(fake_logits).sum()
    return functional.softplus(-fake_logits).sum()


@generator_loss.mistake(
    "log_of_sigmoid",
    "The formulas are right but overflow: where the sigmoid rounds to 0 or 1, its logarithm is −∞ "
    "and the slope is not a number. Write log D and log(1 − D) in terms of the logit.",
    f"{PAGE}#gan-stable",
)
def _(fake_logits: torch.Tensor, kind: str) -> torch.Tensor:
    D_fake = torch.sigmoid(fake_logits)
    if kind == "saturating":
        return torch.log(1 - D_fake).mean()
    return -torch.log(D_fake).mean()


@generator_loss.mistake(
    "sigmoid_twice",
    "The sigmoid is applied twice: a loss ‘with logits’ contains it already. "
    "Give it the logits as they come.",
    f"{PAGE}#gan-stable",
)
def _(fake_logits: torch.Tensor, kind: str) -> torch.Tensor:
    D_fake = torch.sigmoid(fake_logits)
    if kind == "saturating":
        return -functional.softplus(D_fake).mean()
    return functional.softplus(-D_fake).mean()


@generator_loss.mistake(
    "detached",
    "The value is right, but no gradient comes back: the result is cut from the graph "
    "(`detach`, `item`, `no_grad` or a new tensor). Without a slope G cannot learn.",
)
def _(fake_logits: torch.Tensor, kind: str) -> torch.Tensor:
    fake_logits = fake_logits.detach()
    if kind == "saturating":
        return -functional.softplus(fake_logits).mean()
    return functional.softplus(-fake_logits).mean()


@generator_loss.alternative
def with_library_bce(fake_logits: torch.Tensor, kind: str) -> torch.Tensor:
    if kind == "saturating":
        zeros = torch.zeros_like(fake_logits)
        return -functional.binary_cross_entropy_with_logits(fake_logits, zeros)
    return functional.binary_cross_entropy_with_logits(fake_logits, torch.ones_like(fake_logits))


@generator_loss.alternative
def with_log_sigmoid(fake_logits: torch.Tensor, kind: str) -> torch.Tensor:
    if kind == "saturating":
        return functional.logsigmoid(-fake_logits).mean()
    return -functional.logsigmoid(fake_logits).mean()


@generator_loss.alternative
def with_softplus_in_float32(fake_logits: torch.Tensor, kind: str) -> torch.Tensor:
    logits = fake_logits.float()
    terms = (
        -functional.softplus(logits)
        if kind == "saturating"
        else functional.softplus(logits) - logits
    )
    return terms.sum() / terms.numel()


# --------------------------------------------------------------------------- optimal_discriminator

optimal_discriminator = chapter.exercise(
    "optimal_discriminator",
    signature="optimal_discriminator(p_data: (N,), p_g: (N,)) -> (N,)",
    outputs=("D",),
    points=1,
    section=f"{PAGE}#gan-optimal-discriminator",
)


def _normal_density(x: np.ndarray, mean: float, deviation: float) -> np.ndarray:
    return np.exp(-(((x - mean) / deviation) ** 2) / 2) / (deviation * np.sqrt(2 * np.pi))


@optimal_discriminator.case("two bell curves")
def _(random: Random) -> Arguments:
    x = np.sort(random.uniform(-3, 4, size=7))
    return {
        "p_data": _normal_density(x, random.uniform(0, 1), 0.7),
        "p_g": _normal_density(x, random.uniform(1, 2), 1.1),
    }


@optimal_discriminator.case("far in the tails")
def _(random: Random) -> Arguments:
    x = random.uniform(7, 9, size=5)
    return {"p_data": _normal_density(x, 0, 1), "p_g": _normal_density(x, -0.2, 1)}


@optimal_discriminator.case("zeros in one and in both, on a 3 × 4 grid")
def _(random: Random) -> Arguments:
    p_data = random.uniform(0.1, 2, size=(3, 4))
    p_g = random.uniform(0.1, 2, size=(3, 4))
    p_data[0, 1] = p_data[2, 3] = 0.0
    p_g[1, 0] = p_g[2, 3] = 0.0
    return {"p_data": p_data, "p_g": p_g}


@optimal_discriminator.case("equal densities, one point")
def _(random: Random) -> Arguments:
    density = random.uniform(0.1, 2, size=1)
    return {"p_data": density, "p_g": density.copy()}


@optimal_discriminator.case("a long grid with gaps", secret=True)
def _(random: Random) -> Arguments:
    p_data = random.uniform(0, 1, size=201) * (random.uniform(size=201) < 0.7)
    p_g = random.uniform(0, 1, size=201) * (random.uniform(size=201) < 0.7)
    return {"p_data": p_data, "p_g": p_g}


@optimal_discriminator.reference
def _(p_data: np.ndarray, p_g: np.ndarray) -> np.ndarray:
    total = p_data + p_g
    return np.divide(p_data, total, out=np.full_like(total, 0.5), where=total > 0)


@optimal_discriminator.mistake(
    "roles_swapped",
    "This is the probability that the sample was generated, 1 − D*. "
    "D(x) is the probability that x is data.",
)
def _(p_data: np.ndarray, p_g: np.ndarray) -> np.ndarray:
    total = p_data + p_g
    return np.divide(p_g, total, out=np.full_like(total, 0.5), where=total > 0)


@optimal_discriminator.mistake(
    "ratio",
    "p*/p_g is the ratio of the densities, not a probability: it grows beyond 1. "
    "Compare p* with the density of all samples that D meets.",
)
def _(p_data: np.ndarray, p_g: np.ndarray) -> np.ndarray:
    return np.divide(p_data, p_g, out=np.full_like(p_data, 0.5), where=p_g > 0)


@optimal_discriminator.mistake(
    "zero_over_zero",
    "Where both densities are zero you divide 0 by 0 and get NaN. "
    "No sample ever falls there; the task asks for ½ at such points.",
)
def _(p_data: np.ndarray, p_g: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return p_data / (p_data + p_g)


@optimal_discriminator.mistake(
    "gap_is_zero",
    "Where both densities are zero you give 0: D would be sure that nothing there is data. "
    "It has no evidence at all; the task asks for ½ at such points.",
)
def _(p_data: np.ndarray, p_g: np.ndarray) -> np.ndarray:
    total = p_data + p_g
    return np.divide(p_data, total, out=np.zeros_like(total), where=total > 0)


@optimal_discriminator.mistake(
    "epsilon",
    "A small number (here 1e-8) added to the denominator changes D* in the tails, where both densities "
    "are tiny and their ratio still decides. Treat 0/0 by itself.",
)
def _(p_data: np.ndarray, p_g: np.ndarray) -> np.ndarray:
    return p_data / (p_data + p_g + 1e-8)


@optimal_discriminator.mistake(
    "normalised",
    "You divided each array by its sum first. These are values of two densities at some points, "
    "not probabilities of all outcomes: they need not sum to one.",
)
def _(p_data: np.ndarray, p_g: np.ndarray) -> np.ndarray:
    p_data, p_g = p_data / p_data.sum(), p_g / p_g.sum()
    total = p_data + p_g
    return np.divide(p_data, total, out=np.full_like(total, 0.5), where=total > 0)


@optimal_discriminator.alternative
def point_by_point(p_data: np.ndarray, p_g: np.ndarray) -> np.ndarray:
    D = np.empty(p_data.shape)
    for index in np.ndindex(p_data.shape):
        total = p_data[index] + p_g[index]
        D[index] = p_data[index] / total if total > 0 else 0.5
    return D


@optimal_discriminator.alternative
def with_where(p_data: np.ndarray, p_g: np.ndarray) -> np.ndarray:
    total = p_data + p_g
    return np.where(total == 0, 0.5, p_data / np.where(total == 0, 1.0, total))


@optimal_discriminator.alternative
def by_nan_to_num(p_data: np.ndarray, p_g: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(p_data / (p_data + p_g), nan=0.5).astype(np.float32)


# --------------------------------------------------------------------------------- jensen_shannon

jensen_shannon = chapter.exercise(
    "jensen_shannon",
    signature="jensen_shannon(p: (K,), q: (K,)) -> divergence: float, game_value: float",
    outputs=("divergence", "game_value"),
    points=2,
    forbids=("scipy", "jensenshannon", "rel_entr", "kl_div"),
    section=f"{PAGE}#gan-jensen-shannon",
)


def _distribution(random: Random, K: int) -> np.ndarray:
    weights = random.exponential(size=K)
    return weights / weights.sum()


@jensen_shannon.case("7 outcomes")
def _(random: Random) -> Arguments:
    return {"p": _distribution(random, 7), "q": _distribution(random, 7)}


@jensen_shannon.case("zeros in p, in q and in both")
def _(random: Random) -> Arguments:
    p, q = random.exponential(size=(2, 6))
    p[[0, 3]] = 0.0
    q[[3, 5]] = 0.0
    return {"p": p / p.sum(), "q": q / q.sum()}


@jensen_shannon.case("no outcome in common")
def _(random: Random) -> Arguments:
    p = np.concatenate([_distribution(random, 2), np.zeros(3)])
    return {"p": p, "q": np.concatenate([np.zeros(2), _distribution(random, 3)])}


@jensen_shannon.case("equal distributions")
def _(random: Random) -> Arguments:
    p = _distribution(random, 4)
    return {"p": p, "q": p.copy()}


@jensen_shannon.case("500 outcomes, half of them impossible", secret=True)
def _(random: Random) -> Arguments:
    p, q = random.exponential(size=(2, 500)) * (random.uniform(size=(2, 500)) < 0.5)
    return {"p": p / p.sum(), "q": q / q.sum()}


def _relative_entropy(p: np.ndarray, q: np.ndarray) -> float:
    """KL(p ‖ q) in nats, with 0 log 0 = 0."""
    support = p > 0
    return float(np.sum(p[support] * np.log(p[support] / q[support])))


@jensen_shannon.reference
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    m = (p + q) / 2
    divergence = (_relative_entropy(p, m) + _relative_entropy(q, m)) / 2
    return divergence, 2 * divergence - np.log(4)


@jensen_shannon.mistake(
    "bits",
    "Your logarithm has base 2: the divergence comes out in bits, at most 1. "
    "The losses use the natural logarithm, so it must too (nats, at most log 2).",
)
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    m = (p + q) / 2
    divergence = (_relative_entropy(p, m) + _relative_entropy(q, m)) / 2 / np.log(2)
    return divergence, 2 * divergence - 2


@jensen_shannon.mistake(
    "divergence_in_bits_alone",
    "Your divergence is in bits (base 2) while log 4 is in nats: the two cannot be added. "
    "Use the natural logarithm throughout.",
)
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    m = (p + q) / 2
    divergence = (_relative_entropy(p, m) + _relative_entropy(q, m)) / 2 / np.log(2)
    return divergence, 2 * divergence - np.log(4)


@jensen_shannon.mistake(
    "not_a_number_at_zero",
    "An impossible outcome gives 0 · log 0 = NaN in NumPy. Its contribution is 0, "
    "the limit of p log p: leave such outcomes out of the sum.",
)
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    m = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        divergence = float(np.sum(p * np.log(p / m)) + np.sum(q * np.log(q / m))) / 2
    return divergence, 2 * divergence - np.log(4)


@jensen_shannon.mistake(
    "half_missing",
    "The divergence is twice too large: it is the mean of the two relative entropies to the mixture, "
    "not their sum.",
)
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    m = (p + q) / 2
    divergence = _relative_entropy(p, m) + _relative_entropy(q, m)
    return divergence, 2 * divergence - np.log(4)


@jensen_shannon.mistake(
    "mixture_not_halved",
    "You compare p and q with p + q, which is no distribution: it sums to 2. "
    "The mixture is their mean.",
)
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    m = p + q
    divergence = (_relative_entropy(p, m) + _relative_entropy(q, m)) / 2
    return divergence, 2 * divergence - np.log(4)


@jensen_shannon.mistake(
    "one_side",
    "Only one relative entropy is there, KL(p ‖ m). The divergence is symmetric: "
    "q is compared with the mixture as well.",
)
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    divergence = _relative_entropy(p, (p + q) / 2)
    return divergence, 2 * divergence - np.log(4)


@jensen_shannon.mistake(
    "symmetrised_kl",
    "You average KL(p ‖ q) and KL(q ‖ p), which is Jeffreys' divergence: infinite as soon as an outcome "
    "is possible for one alone. Jensen and Shannon compare both with their mixture.",
)
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    with np.errstate(divide="ignore"):
        divergence = (_relative_entropy(p, q) + _relative_entropy(q, p)) / 2
    return divergence, 2 * divergence - np.log(4)


@jensen_shannon.mistake(
    "square_root",
    "This is the square root of the divergence, the Jensen–Shannon distance. "
    "The value of the game contains the divergence itself.",
)
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    m = (p + q) / 2
    divergence = np.sqrt(max(_relative_entropy(p, m) + _relative_entropy(q, m), 0.0) / 2)
    return divergence, 2 * divergence - np.log(4)


@jensen_shannon.mistake(
    "game_value_not_doubled",
    "The divergence is right. In the value of the game it counts twice: each of the two expectations "
    "in V contributes one relative entropy, and the divergence is half their sum.",
)
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    m = (p + q) / 2
    divergence = (_relative_entropy(p, m) + _relative_entropy(q, m)) / 2
    return divergence, divergence - np.log(4)


@jensen_shannon.mistake(
    "game_value_without_constant",
    "The divergence is right. The value of the game lacks its constant: with D = ½ everywhere, "
    "V is not 0.",
)
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    m = (p + q) / 2
    divergence = (_relative_entropy(p, m) + _relative_entropy(q, m)) / 2
    return divergence, 2 * divergence


@jensen_shannon.mistake(
    "game_value_sign",
    "The divergence is right. The constant in the value of the game has the wrong sign: "
    "V is a sum of logarithms of probabilities, so it is never positive.",
)
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    m = (p + q) / 2
    divergence = (_relative_entropy(p, m) + _relative_entropy(q, m)) / 2
    return divergence, 2 * divergence + np.log(4)


@jensen_shannon.alternative
def by_entropies(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    def entropy(p: np.ndarray) -> float:
        return -np.sum(p * np.log(np.where(p > 0, p, 1.0)))

    divergence = entropy((p + q) / 2) - (entropy(p) + entropy(q)) / 2
    return divergence, 2 * divergence - np.log(4)


@jensen_shannon.alternative
def through_the_game(p: np.ndarray, q: np.ndarray) -> list[float]:
    value = 0.0
    for p_k, q_k in zip(p, q, strict=True):
        value += p_k * np.log(p_k / (p_k + q_k)) if p_k > 0 else 0.0
        value += q_k * np.log(q_k / (p_k + q_k)) if q_k > 0 else 0.0
    return [(value + np.log(4)) / 2, value]


@jensen_shannon.alternative
def with_tiny_epsilon(p: np.ndarray, q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    m, tiny = (p + q) / 2, 1e-300
    terms = p * np.log((p + tiny) / (m + tiny)) + q * np.log((q + tiny) / (m + tiny))
    return np.array(terms.sum() / 2), np.array(terms.sum() - 2 * np.log(2))


# ----------------------------------------------------------------------------- discriminator_step

discriminator_step = chapter.exercise(
    "discriminator_step",
    signature=(
        "discriminator_step(generator: Module, discriminator: Module, optimizer: Optimizer, "
        "real: (N, D) tensor, noise: (N, Z) tensor) -> loss: 0-d tensor or float"
    ),
    outputs=(
        "loss",
        "discriminator",
        "generator",
        "generator_gradient",
        "generator_requires_grad",
        "trained",
    ),
    parts={
        "update": Part(2, outputs=("loss", "discriminator")),
        "side_effects": Part(1, outputs=("generator", "trained")),
    },
    driver="gan.discriminator_steps",
    uses=("discriminator_loss",),
    section=f"{PAGE}#gan-discriminator-step",
)


def _mlp_state(random: Random, sizes: list[int]) -> dict[str, torch.Tensor]:
    state = {}
    for layer, (inputs, outputs) in enumerate(pairwise(sizes)):
        state[f"{2 * layer}.weight"] = _tensor(
            random.normal(size=(outputs, inputs)) / np.sqrt(inputs)
        )
        state[f"{2 * layer}.bias"] = _tensor(0.3 * random.normal(size=outputs))
    return state


def _networks(random: Random, Z: int, hidden: int, D: int) -> Arguments:
    """Recipes and states of a generator (Z → D) and a discriminator (D → 1)."""
    generator_sizes, discriminator_sizes = [Z, hidden, D], [D, hidden + 1, 1]
    return {
        "generator": {"factory": "mlp", "sizes": generator_sizes, "activation": "tanh"},
        "generator_state": _mlp_state(random, generator_sizes),
        "discriminator": {
            "factory": "mlp", "sizes": discriminator_sizes, "activation": "leaky_relu",
        },
        "discriminator_state": _mlp_state(random, discriminator_sizes),
    }  # fmt: skip


def _batches(random: Random, sizes: list[int], features: int, mean: float = 0.0) -> list:
    return [_tensor(mean + random.normal(size=(N, features))) for N in sizes]


def _discriminator_case(
    random: Random,
    sizes: list[int],
    optimizer: Arguments,
    left_over: bool,
    Z: int = 3,
    hidden: int = 4,
    D: int = 2,
) -> Arguments:
    networks = _networks(random, Z, hidden, D)
    gradient = _mlp_state(random, networks["discriminator"]["sizes"]) if left_over else None
    return {
        **networks,
        "discriminator_gradient": gradient,
        "optimizer_recipe": optimizer,
        "real": _batches(random, sizes, D, mean=1.0),
        "noise": _batches(random, sizes, Z),
    }


@discriminator_step.case("one step of gradient descent, as much noise as features")
def _(random: Random) -> Arguments:
    return _discriminator_case(random, [5], {"name": "SGD", "lr": 0.5}, left_over=False, Z=2)


@discriminator_step.case("gradients left by the generator's step")
def _(random: Random) -> Arguments:
    return _discriminator_case(random, [7], {"name": "SGD", "lr": 0.3}, left_over=True)


@discriminator_step.case("three steps, momentum, batches of 6, 4 and 1")
def _(random: Random) -> Arguments:
    optimizer = {"name": "SGD", "lr": 0.2, "momentum": 0.8}
    return _discriminator_case(random, [6, 4, 1], optimizer, left_over=False)


@discriminator_step.case("two steps of Adam")
def _(random: Random) -> Arguments:
    optimizer = {"name": "Adam", "lr": 0.05, "betas": [0.5, 0.999]}
    return _discriminator_case(random, [5, 3], optimizer, left_over=True)


@discriminator_step.case("five steps of Adam, wider networks", secret=True)
def _(random: Random) -> Arguments:
    optimizer = {"name": "Adam", "lr": 0.02, "betas": [0.5, 0.999]}
    return _discriminator_case(
        random, [16, 33, 8, 5, 1], optimizer, left_over=True, Z=5, hidden=17, D=3
    )


def _update(optimizer: Optimizer, loss: torch.Tensor) -> torch.Tensor:
    """Descend one step on `loss`, for mistakes and alternatives."""
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


def _loss_D(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    return functional.softplus(-real_logits).mean() + functional.softplus(fake_logits).mean()


def _loss_G(fake_logits: torch.Tensor) -> torch.Tensor:
    return functional.softplus(-fake_logits).mean()


@discriminator_step.reference
def _(
    generator: nn.Module,
    discriminator: nn.Module,
    optimizer: Optimizer,
    real: torch.Tensor,
    noise: torch.Tensor,
) -> torch.Tensor:
    from autograder.kernels.gan_losses import discriminator_loss

    with torch.no_grad():
        fake = generator(noise)
    loss = discriminator_loss(discriminator(real), discriminator(fake))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


@discriminator_step.mistake(
    "gradient_left_in_generator",
    "D is updated rightly, but the backward pass also went through G and left gradients there, "
    "which the generator's step would take for its own. Cut the graph at the generated samples.",
)
def _(generator, discriminator, optimizer, real, noise):
    return _update(optimizer, _loss_D(discriminator(real), discriminator(generator(noise))))


@discriminator_step.mistake(
    "not_zeroed",
    "Gradients are never set to zero: what the generator's step, or the step before, left in D "
    "is added to this one.",
)
def _(generator, discriminator, optimizer, real, noise):
    loss = _loss_D(discriminator(real), discriminator(generator(noise).detach()))
    loss.backward()
    optimizer.step()
    return loss.detach()


@discriminator_step.mistake(
    "not_zeroed_not_detached",
    "Two things: gradients are never set to zero, so what was left in D is added to this step; and "
    "the backward pass runs on into G and leaves gradients there.",
)
def _(generator, discriminator, optimizer, real, noise):
    loss = _loss_D(discriminator(real), discriminator(generator(noise)))
    loss.backward()
    optimizer.step()
    return loss.detach()


@discriminator_step.mistake(
    "logits_detached",
    "The generated samples teach D nothing: their term has no gradient. The graph is cut after D; "
    "it must be cut between G and D.",
)
def _(generator, discriminator, optimizer, real, noise):
    return _update(
        optimizer, _loss_D(discriminator(real), discriminator(generator(noise)).detach())
    )


@discriminator_step.mistake(
    "did_not_move",
    "The loss is right, but D's parameters are the same after the call: either `optimizer.step()` is "
    "missing, or the gradients are set to zero after `backward()` and before it.",
)
def _(generator, discriminator, optimizer, real, noise):
    loss = _loss_D(discriminator(real), discriminator(generator(noise).detach()))
    loss.backward()
    optimizer.zero_grad()
    return loss.detach()


@discriminator_step.mistake(
    "two_updates",
    "D makes two steps in one call, one for the data and one for the generated samples. "
    "The task asks for one step on the sum of both terms.",
)
def _(generator, discriminator, optimizer, real, noise):
    real_loss = _update(optimizer, functional.softplus(-discriminator(real)).mean())
    fake = generator(noise).detach()
    return real_loss + _update(optimizer, functional.softplus(discriminator(fake)).mean())


@discriminator_step.mistake(
    "labels_swapped",
    "D is trained towards the wrong labels: data as generated, generated samples as data. "
    "Which argument of `discriminator_loss` comes first?",
)
def _(generator, discriminator, optimizer, real, noise):
    return _update(
        optimizer, _loss_D(discriminator(generator(noise).detach()), discriminator(real))
    )


@discriminator_step.mistake(
    "ascent",
    "D moves uphill on its loss. The optimiser descends on what you give it, "
    "and `discriminator_loss` is −V already: no further minus sign.",
)
def _(generator, discriminator, optimizer, real, noise):
    return _update(
        optimizer, -_loss_D(discriminator(real), discriminator(generator(noise).detach()))
    )


@discriminator_step.mistake(
    "noise_as_fake",
    "The noise itself goes into D. The generated samples are G(z).",
)
def _(generator, discriminator, optimizer, real, noise):
    return _update(optimizer, _loss_D(discriminator(real), discriminator(noise)))


@discriminator_step.mistake(
    "generator_left_frozen",
    "D is updated rightly, but G's parameters no longer require gradients afterwards: "
    "the next generator step cannot train them. Undo `requires_grad_(False)`, or do without it.",
)
def _(generator, discriminator, optimizer, real, noise):
    generator.requires_grad_(False)
    return _update(optimizer, _loss_D(discriminator(real), discriminator(generator(noise))))


@discriminator_step.alternative
def detached(generator, discriminator, optimizer, real, noise):
    discriminator.zero_grad(set_to_none=False)
    loss = _loss_D(discriminator(real), discriminator(generator(noise).detach()))
    loss.backward()
    optimizer.step()
    return loss


@discriminator_step.alternative
def not_detached_but_zeroed(generator, discriminator, optimizer, real, noise):
    loss = _update(optimizer, _loss_D(discriminator(real), discriminator(generator(noise))))
    generator.zero_grad(set_to_none=False)
    return loss.item()


@discriminator_step.alternative
def two_backward_passes(generator, discriminator, optimizer, real, noise):
    optimizer.zero_grad()
    fake_loss = functional.softplus(discriminator(generator(noise).detach())).mean()
    fake_loss.backward()
    real_loss = functional.softplus(-discriminator(real)).mean()
    real_loss.backward()
    optimizer.step()
    return real_loss + fake_loss


@discriminator_step.alternative
def one_pass_over_both(generator, discriminator, optimizer, real, noise):
    generator.requires_grad_(False)
    logits = discriminator(torch.cat([real, generator(noise)]))
    generator.requires_grad_(True)
    return _update(optimizer, _loss_D(logits[: len(real)], logits[len(real) :]))


@discriminator_step.alternative
def with_explicit_gradients(generator, discriminator, optimizer, real, noise):
    loss = _loss_D(discriminator(real), discriminator(generator(noise)))
    parameters = list(discriminator.parameters())
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        parameter.grad = gradient
    optimizer.step()
    return loss


# --------------------------------------------------------------------------------- generator_step

generator_step = chapter.exercise(
    "generator_step",
    signature=(
        "generator_step(generator: Module, discriminator: Module, optimizer: Optimizer, "
        "noise: (N, Z) tensor) -> loss: 0-d tensor or float"
    ),
    outputs=("loss", "generator", "discriminator", "discriminator_requires_grad", "trained"),
    parts={
        "update": Part(2, outputs=("loss", "generator")),
        "side_effects": Part(1, outputs=("discriminator", "trained")),
    },
    driver="gan.generator_steps",
    uses=("generator_loss",),
    section=f"{PAGE}#gan-generator-step",
)


def _generator_case(
    random: Random,
    sizes: list[int],
    optimizer: Arguments,
    left_over: bool,
    Z: int = 2,
    hidden: int = 5,
    D: int = 3,
) -> Arguments:
    networks = _networks(random, Z, hidden, D)
    gradient = _mlp_state(random, networks["generator"]["sizes"]) if left_over else None
    return {
        **networks,
        "generator_gradient": gradient,
        "optimizer_recipe": optimizer,
        "noise": _batches(random, sizes, Z),
    }


@generator_step.case("one step of gradient descent")
def _(random: Random) -> Arguments:
    return _generator_case(random, [5], {"name": "SGD", "lr": 0.5}, left_over=False)


@generator_step.case("gradients left by the discriminator's step")
def _(random: Random) -> Arguments:
    return _generator_case(random, [7], {"name": "SGD", "lr": 0.3}, left_over=True)


@generator_step.case("three steps, momentum, batches of 6, 4 and 1")
def _(random: Random) -> Arguments:
    optimizer = {"name": "SGD", "lr": 0.2, "momentum": 0.8}
    return _generator_case(random, [6, 4, 1], optimizer, left_over=False)


@generator_step.case("two steps of Adam")
def _(random: Random) -> Arguments:
    optimizer = {"name": "Adam", "lr": 0.05, "betas": [0.5, 0.999]}
    return _generator_case(random, [5, 3], optimizer, left_over=True)


@generator_step.case("five steps of Adam, wider networks", secret=True)
def _(random: Random) -> Arguments:
    optimizer = {"name": "Adam", "lr": 0.02, "betas": [0.5, 0.999]}
    return _generator_case(
        random, [16, 33, 8, 5, 1], optimizer, left_over=True, Z=5, hidden=17, D=4
    )


@generator_step.reference
def _(
    generator: nn.Module, discriminator: nn.Module, optimizer: Optimizer, noise: torch.Tensor
) -> torch.Tensor:
    from autograder.kernels.gan_losses import generator_loss

    loss = generator_loss(discriminator(generator(noise)), "non-saturating")
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


@generator_step.mistake(
    "did_not_move",
    "The loss is right, but G's parameters are the same after the call. Either the gradient does not "
    "reach G (`detach` or `no_grad` around the generated samples belongs to D's step, not here), "
    "or `optimizer.step()` is missing, or the gradients are set to zero just before it.",
)
def _(generator, discriminator, optimizer, noise):
    return _update(optimizer, _loss_G(discriminator(generator(noise).detach())))


@generator_step.mistake(
    "not_zeroed",
    "Gradients are never set to zero: what D's step, or the step before, left in G is added to this one.",
)
def _(generator, discriminator, optimizer, noise):
    loss = _loss_G(discriminator(generator(noise)))
    loss.backward()
    optimizer.step()
    return loss.detach()


@generator_step.mistake(
    "saturating",
    "G descends on mean log(1 − D(G(z))), the saturating loss. At the beginning D is sure, "
    "and this loss has almost no slope there; the task asks for the non-saturating one.",
    f"{PAGE}#gan-saturation",
)
def _(generator, discriminator, optimizer, noise):
    return _update(optimizer, -functional.softplus(discriminator(generator(noise))).mean())


@generator_step.mistake(
    "helps_discriminator",
    "G descends on the discriminator's loss: it learns to be told apart. "
    "In its own step G wants its samples to be taken for data.",
)
def _(generator, discriminator, optimizer, noise):
    return _update(optimizer, functional.softplus(discriminator(generator(noise))).mean())


@generator_step.mistake(
    "ascent",
    "G moves uphill on its loss. The optimiser descends on what you give it, "
    "and `generator_loss` has its minus sign already.",
)
def _(generator, discriminator, optimizer, noise):
    return _update(optimizer, -_loss_G(discriminator(generator(noise))))


@generator_step.mistake(
    "discriminator_left_frozen",
    "G is updated rightly, but D's parameters no longer require gradients afterwards: "
    "D's next step cannot train them. Undo `requires_grad_(False)`, or do without it.",
)
def _(generator, discriminator, optimizer, noise):
    discriminator.requires_grad_(False)
    return _update(optimizer, _loss_G(discriminator(generator(noise))))


@generator_step.mistake(
    "discriminator_trained_too",
    "D's parameters changed during G's step. In this step D is only the judge: "
    "the gradient passes through it to G, and the optimiser moves G alone.",
)
def _(generator, discriminator, optimizer, noise):
    discriminator.zero_grad()
    loss = _update(optimizer, _loss_G(discriminator(generator(noise))))
    with torch.no_grad():
        for parameter in discriminator.parameters():
            parameter -= optimizer.param_groups[0]["lr"] * parameter.grad
    return loss


@generator_step.alternative
def with_frozen_discriminator(generator, discriminator, optimizer, noise):
    discriminator.requires_grad_(False)
    loss = _update(optimizer, _loss_G(discriminator(generator(noise))))
    discriminator.requires_grad_(True)
    return loss.item()


@generator_step.alternative
def zeroing_both(generator, discriminator, optimizer, noise):
    generator.zero_grad(set_to_none=False)
    discriminator.zero_grad()
    loss = -functional.logsigmoid(discriminator(generator(noise))).mean()
    loss.backward()
    optimizer.step()
    return loss


@generator_step.alternative
def explicit_gradients(generator, discriminator, optimizer, noise):
    loss = _loss_G(discriminator(generator(noise)))
    parameters = list(generator.parameters())
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        parameter.grad = gradient
    optimizer.step()
    return loss


# -------------------------------------------------------------------------------------- train_gan

train_gan = chapter.exercise(
    "train_gan",
    signature=(
        "train_gan(generator, discriminator, optimizer_G, optimizer_D, next_batch: () -> (N, D), "
        "draw_noise: N -> (N, Z), rounds: int, k: int) -> losses_D: (rounds·k,), losses_G: (rounds,)"
    ),
    outputs=(
        "noise_draws",
        "noise_rows",
        "real_batches",
        "losses_D",
        "losses_G",
        "discriminator",
        "generator",
    ),
    points=4,
    driver="gan.train",
    uses=("discriminator_step", "generator_step"),
    section=f"{PAGE}#gan-algorithm",
)


def _training_case(
    random: Random,
    sizes: list[int],
    optimizers: tuple[Arguments, Arguments],
    rounds: int,
    k: int,
    Z: int = 2,
    hidden: int = 4,
    D: int = 3,
) -> Arguments:
    noise_rows = 2 * rounds * (k + 1) * max(sizes)
    return {
        **_networks(random, Z, hidden, D),
        "generator_optimizer": optimizers[0],
        "discriminator_optimizer": optimizers[1],
        "real": _batches(random, sizes, D, mean=1.0),
        "noise": _tensor(random.normal(size=(noise_rows, Z))),
        "rounds": rounds,
        "k": k,
    }


_DESCENT = ({"name": "SGD", "lr": 0.4}, {"name": "SGD", "lr": 0.3})
_MOMENTUM = ({"name": "SGD", "lr": 0.2, "momentum": 0.5}, {"name": "SGD", "lr": 0.3})
_ADAM = (
    {"name": "Adam", "lr": 0.02, "betas": [0.5, 0.999]},
    {"name": "Adam", "lr": 0.04, "betas": [0.5, 0.999]},
)


@train_gan.case("one round, one step of D")
def _(random: Random) -> Arguments:
    return _training_case(random, [4, 5], _DESCENT, rounds=1, k=1)


@train_gan.case("three rounds, two steps of D, momentum")
def _(random: Random) -> Arguments:
    return _training_case(random, [5, 4, 6, 3, 5, 4], _MOMENTUM, rounds=3, k=2)


@train_gan.case("two rounds, three steps of D, Adam, batches down to one sample")
def _(random: Random) -> Arguments:
    return _training_case(random, [5, 3, 1, 4, 2, 6], _ADAM, rounds=2, k=3)


@train_gan.case("eight rounds, four steps of D, wider networks", secret=True)
def _(random: Random) -> Arguments:
    sizes = [int(N) for N in random.integers(1, 9, size=32)]
    return _training_case(random, sizes, _ADAM, rounds=8, k=4, Z=5, hidden=12, D=2)


def _train(
    generator: nn.Module,
    discriminator: nn.Module,
    optimizer_G: Optimizer,
    optimizer_D: Optimizer,
    next_batch: Callable,
    draw_noise: Callable,
    rounds: int,
    k: int,
    step_D: Callable,
    step_G: Callable,
) -> tuple[list, list]:
    losses_D, losses_G = [], []
    for _ in range(rounds):
        for _ in range(k):
            real = next_batch()
            noise = draw_noise(len(real))
            losses_D.append(step_D(generator, discriminator, optimizer_D, real, noise))
        noise = draw_noise(len(real))
        losses_G.append(step_G(generator, discriminator, optimizer_G, noise))
    return losses_D, losses_G


def _step_D(
    generator: nn.Module,
    discriminator: nn.Module,
    optimizer: Optimizer,
    real: torch.Tensor,
    noise: torch.Tensor,
) -> torch.Tensor:
    return _update(
        optimizer, _loss_D(discriminator(real), discriminator(generator(noise).detach()))
    )


def _step_G(
    generator: nn.Module, discriminator: nn.Module, optimizer: Optimizer, noise: torch.Tensor
) -> torch.Tensor:
    return _update(optimizer, _loss_G(discriminator(generator(noise))))


@train_gan.reference
def _(
    generator: nn.Module,
    discriminator: nn.Module,
    optimizer_G: Optimizer,
    optimizer_D: Optimizer,
    next_batch: Callable,
    draw_noise: Callable,
    rounds: int,
    k: int,
) -> tuple[list, list]:
    losses_D, losses_G = [], []
    for _ in range(rounds):
        for _ in range(k):
            real = next_batch()
            noise = draw_noise(len(real))
            loss = discriminator_step.solve(generator, discriminator, optimizer_D, real, noise)
            losses_D.append(loss)
        noise = draw_noise(len(real))
        losses_G.append(generator_step.solve(generator, discriminator, optimizer_G, noise))
    return losses_D, losses_G


@train_gan.mistake(
    "noise_reused_by_generator",
    "G's step uses the noise of D's last step again. Draw fresh noise: D has just been trained on "
    "exactly these samples, so its verdict on them is no fair estimate.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    losses_D, losses_G = [], []
    for _ in range(rounds):
        for _ in range(k):
            real = next_batch()
            noise = draw_noise(len(real))
            losses_D.append(_step_D(G, D, optimizer_D, real, noise))
        losses_G.append(_step_G(G, D, optimizer_G, noise))
    return losses_D, losses_G


@train_gan.mistake(
    "one_step_of_discriminator",
    "D makes one step in each round whatever k is: `k` is not used.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    return _train(
        G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, 1, _step_D, _step_G
    )


@train_gan.mistake(
    "generator_in_inner_loop",
    "G makes a step after every step of D: its step stands inside the inner loop. "
    "It comes once in a round, after the k steps of D.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    return _train(
        G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds * k, 1, _step_D, _step_G
    )


@train_gan.mistake(
    "k_steps_of_generator",
    "The roles in the inner loop are exchanged: D makes one step and G makes k. "
    "G needs a D that is close to its best, so it is D that makes k steps.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    losses_D, losses_G = [], []
    for _ in range(rounds):
        real = next_batch()
        losses_D.append(_step_D(G, D, optimizer_D, real, draw_noise(len(real))))
        for _ in range(k):
            losses_G.append(_step_G(G, D, optimizer_G, draw_noise(len(real))))
    return losses_D, losses_G


@train_gan.mistake(
    "one_batch_in_a_round",
    "All k steps of D in a round see the same batch of data. Take the next batch for every step.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    losses_D, losses_G = [], []
    for _ in range(rounds):
        real = next_batch()
        for _ in range(k):
            losses_D.append(_step_D(G, D, optimizer_D, real, draw_noise(len(real))))
        losses_G.append(_step_G(G, D, optimizer_G, draw_noise(len(real))))
    return losses_D, losses_G


@train_gan.mistake(
    "noise_once_in_a_round",
    "Noise is drawn once in a round and serves all k steps of D and the step of G. "
    "Every step is to see fresh noise, or D learns these few samples by heart.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    losses_D, losses_G = [], []
    for _ in range(rounds):
        noise = None
        for _ in range(k):
            real = next_batch()
            noise = draw_noise(len(real)) if noise is None else noise
            losses_D.append(_step_D(G, D, optimizer_D, real, noise))
        losses_G.append(_step_G(G, D, optimizer_G, noise))
    return losses_D, losses_G


@train_gan.mistake(
    "one_draw_in_a_round",
    "Data and noise are drawn once in a round, and D makes k steps on the same samples, then G one on the "
    "same noise. Every step is to see a fresh batch and fresh noise, or D learns these few by heart.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    losses_D, losses_G = [], []
    for _ in range(rounds):
        real = next_batch()
        noise = draw_noise(len(real))
        for _ in range(k):
            losses_D.append(_step_D(G, D, optimizer_D, real, noise))
        losses_G.append(_step_G(G, D, optimizer_G, noise))
    return losses_D, losses_G


@train_gan.mistake(
    "noise_once_in_a_round_but_for_generator",
    "The k steps of D in a round share their data and their noise; only G draws afresh. "
    "Every step is to see a fresh batch and fresh noise.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    losses_D, losses_G = [], []
    for _ in range(rounds):
        real = next_batch()
        noise = draw_noise(len(real))
        for _ in range(k):
            losses_D.append(_step_D(G, D, optimizer_D, real, noise))
        losses_G.append(_step_G(G, D, optimizer_G, draw_noise(len(real))))
    return losses_D, losses_G


@train_gan.mistake(
    "generator_first",
    "G's step comes before D's. G learns from D alone, and at the start D knows nothing: "
    "in each round D is trained first.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    losses_D, losses_G = [], []
    for _ in range(rounds):
        real = next_batch()
        losses_G.append(_step_G(G, D, optimizer_G, draw_noise(len(real))))
        for step in range(k):
            real = next_batch() if step else real
            losses_D.append(_step_D(G, D, optimizer_D, real, draw_noise(len(real))))
    return losses_D, losses_G


@train_gan.mistake(
    "optimizers_exchanged",
    "The optimisers are exchanged: D's step gets the one that moves G, and G's step the one that moves D.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    return _train(
        G, D, optimizer_D, optimizer_G, next_batch, draw_noise, rounds, k, _step_D, _step_G
    )


@train_gan.mistake(
    "both_optimizers_step",
    "After D's backward pass both optimisers make a step, so G is trained to help D. "
    "One step, one optimiser: D's loss moves D alone.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    def step_D(G, D, optimizer, real, noise):
        optimizer_G.zero_grad()
        loss = _update(optimizer, _loss_D(D(real), D(G(noise))))
        optimizer_G.step()
        return loss

    return _train(
        G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k, step_D, _step_G
    )


@train_gan.mistake(
    "discriminator_not_zeroed",
    "D's steps add to gradients that are still there: those of its step before, and those that G's step "
    "sent through D. Zero D's gradients before each of its backward passes.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    def step_D(G, D, optimizer, real, noise):
        loss = _loss_D(D(real), D(G(noise).detach()))
        loss.backward()
        optimizer.step()
        return loss.detach()

    return _train(
        G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k, step_D, _step_G
    )


@train_gan.mistake(
    "generator_trained_on_both_losses",
    "G's steps add to the gradients that D's steps left in G: G follows D's loss as much as its own. "
    "Cut the graph between G and D in D's step, or zero G's gradients before G's backward pass.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    def step_D(G, D, optimizer, real, noise):
        return _update(optimizer, _loss_D(D(real), D(G(noise))))

    def step_G(G, D, optimizer, noise):
        loss = _loss_G(D(G(noise)))
        loss.backward()
        optimizer.step()
        return loss.detach()

    return _train(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k, step_D, step_G)


@train_gan.mistake(
    "saturating",
    "G descends on the saturating loss. The task asks for the non-saturating one, as in your "
    "`generator_step`.",
    f"{PAGE}#gan-saturation",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    def step_G(G, D, optimizer, noise):
        return _update(optimizer, -functional.softplus(D(G(noise))).mean())

    return _train(
        G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k, _step_D, step_G
    )


@train_gan.mistake(
    "losses_of_last_step",
    "The networks are right, but of D's k losses in a round you kept the last one alone. "
    "The task asks for the loss of every step.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    losses_D, losses_G = _train(
        G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k, _step_D, _step_G
    )
    return losses_D[k - 1 :: k], losses_G


@train_gan.mistake(
    "losses_exchanged",
    "The networks are right; the two lists of losses come in the wrong order. "
    "D's losses first, then G's.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    losses_D, losses_G = _train(
        G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k, _step_D, _step_G
    )
    return losses_G, losses_D


@train_gan.alternative
def nothing_detached(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    """Each optimiser has one network and zeroes its gradients before its backward pass."""
    losses_D, losses_G = [], []
    for step in range(rounds * (k + 1)):
        if step % (k + 1) < k:
            real = next_batch()
            fake = G(draw_noise(real.shape[0]))
            losses_D.append(_update(optimizer_D, _loss_D(D(real), D(fake))))
        else:
            fake = G(draw_noise(real.shape[0]))
            losses_G.append(_update(optimizer_G, _loss_G(D(fake))))
    return losses_D, losses_G


@train_gan.alternative
def drawn_ahead_and_arrays_back(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    losses_D, losses_G = np.zeros((rounds, k)), torch.zeros(rounds, dtype=torch.float64)
    for i in range(rounds):
        batches = [next_batch() for _ in range(k)]
        noises = [draw_noise(len(real)) for real in [*batches, batches[-1]]]
        for j, real in enumerate(batches):
            losses_D[i, j] = _step_D(G, D, optimizer_D, real, noises[j]).item()
        D.requires_grad_(False)
        losses_G[i] = _step_G(G, D, optimizer_G, noises[k])
        D.requires_grad_(True)
    return losses_D.reshape(-1), losses_G


@train_gan.alternative
def with_the_other_alternatives(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    return _train(
        G,
        D,
        optimizer_G,
        optimizer_D,
        next_batch,
        draw_noise,
        rounds,
        k,
        two_backward_passes,
        with_frozen_discriminator,
    )


# ---------------------------------------------------------------------------------- mode_coverage

mode_coverage = chapter.exercise(
    "mode_coverage",
    signature=(
        "mode_coverage(samples: (N, D), centres: (K, D), radius: float, minimum: int) "
        "-> counts: (K,) int, covered: int, quality: float"
    ),
    outputs=("counts", "covered", "quality"),
    points=2,
    section=f"{PAGE}#gan-mode-collapse",
)


def _modes(
    random: Random,
    centres: np.ndarray,
    counts: list[int],
    spread: float,
    radius: float,
    minimum: int,
    stray: int = 0,
) -> Arguments:
    """Samples around centres, and stray ones, none close to a decision's edge."""
    wanted = np.repeat(centres, counts, axis=0)
    samples = wanted + spread * random.normal(size=wanted.shape)
    samples = np.concatenate([samples, random.uniform(-6, 6, size=(stray, centres.shape[1]))])
    distance = np.linalg.norm(samples[:, None] - centres, axis=2)
    edge = np.abs(distance - radius).min(axis=1)
    nearest = np.sort(distance, axis=1)
    tie = nearest[:, 1] - nearest[:, 0] if len(centres) > 1 else np.ones(len(samples))
    samples = samples[(edge > 1e-3) & (tie > 1e-3)]
    return {
        "samples": random.permutation(samples),
        "centres": centres,
        "radius": radius,
        "minimum": minimum,
    }


def _ring(K: int, radius: float) -> np.ndarray:
    angle = 2 * np.pi * np.arange(K) / K
    return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


@mode_coverage.case("ring of 5, two of them missed")
def _(random: Random) -> Arguments:
    return _modes(random, _ring(5, 2.0), [9, 0, 6, 2, 0], 0.2, 0.6, minimum=4, stray=7)


@mode_coverage.case("three dimensions, radius above 1, overlapping modes")
def _(random: Random) -> Arguments:
    centres = np.array([[0.0, 0.0, 0.0], [1.5, 0.0, 0.5], [0.0, 4.0, 0.0], [-3.0, 0.0, 3.0]])
    return _modes(random, centres, [8, 7, 3, 5], 0.8, 1.4, minimum=3, stray=6)


@mode_coverage.case("every sample at the mean, on no mode")
def _(random: Random) -> Arguments:
    return _modes(random, _ring(8, 2.0), [0] * 8, 0.1, 0.5, minimum=1) | {
        "samples": 0.1 * random.normal(size=(11, 2))
    }


@mode_coverage.case("one sample, one mode")
def _(random: Random) -> Arguments:
    centre = random.normal(size=(1, 4))
    return {"samples": centre + 0.1, "centres": centre, "radius": 0.5, "minimum": 1}


@mode_coverage.case("ring of 8, a thousand samples", secret=True)
def _(random: Random) -> Arguments:
    counts = [int(count) for count in random.integers(0, 250, size=8)]
    return _modes(random, _ring(8, 2.0), counts, 0.15, 0.4, minimum=100, stray=60)


@mode_coverage.case("nine modes in five dimensions, overlapping", secret=True)
def _(random: Random) -> Arguments:
    return _modes(random, random.normal(size=(9, 5)), [13] * 9, 0.7, 1.6, minimum=9, stray=20)


@mode_coverage.reference
def _(
    samples: np.ndarray, centres: np.ndarray, radius: float, minimum: int
) -> tuple[np.ndarray, int, float]:
    distance = np.linalg.norm(samples[:, None] - centres, axis=2)
    good = distance.min(axis=1) <= radius
    counts = np.bincount(distance.argmin(axis=1)[good], minlength=len(centres))
    return counts, int(np.sum(counts >= minimum)), float(good.mean())


@mode_coverage.mistake(
    "any_sample_counts",
    "Every sample goes to its nearest centre, however far away: `radius` is not used. "
    "Samples between the modes then hide that no mode is met.",
)
def _(samples, centres, radius, minimum):
    distance = np.linalg.norm(samples[:, None] - centres, axis=2)
    counts = np.bincount(distance.argmin(axis=1), minlength=len(centres))
    return counts, int(np.sum(counts >= minimum)), 1.0


@mode_coverage.mistake(
    "counted_twice",
    "A sample within reach of two centres is counted for both. "
    "Give each sample to its nearest centre alone.",
)
def _(samples, centres, radius, minimum):
    within = np.linalg.norm(samples[:, None] - centres, axis=2) <= radius
    counts = within.sum(axis=0)
    return counts, int(np.sum(counts >= minimum)), float(within.any(axis=1).mean())


@mode_coverage.mistake(
    "counted_twice_in_quality_too",
    "A sample within reach of two centres is counted for both, also in the quality. "
    "Give each sample to its nearest centre alone.",
)
def _(samples, centres, radius, minimum):
    within = np.linalg.norm(samples[:, None] - centres, axis=2) <= radius
    counts = within.sum(axis=0)
    return counts, int(np.sum(counts >= minimum)), float(counts.sum() / len(samples))


@mode_coverage.mistake(
    "minimum_ignored",
    "One sample is enough for you to call a mode covered. A stray sample near a mode is no coverage: "
    "`minimum` says how many it takes.",
)
def _(samples, centres, radius, minimum):
    distance = np.linalg.norm(samples[:, None] - centres, axis=2)
    good = distance.min(axis=1) <= radius
    counts = np.bincount(distance.argmin(axis=1)[good], minlength=len(centres))
    return counts, int(np.sum(counts > 0)), float(good.mean())


@mode_coverage.mistake(
    "more_than_minimum",
    "You ask for more than `minimum` samples; the task says at least that many.",
)
def _(samples, centres, radius, minimum):
    distance = np.linalg.norm(samples[:, None] - centres, axis=2)
    good = distance.min(axis=1) <= radius
    counts = np.bincount(distance.argmin(axis=1)[good], minlength=len(centres))
    return counts, int(np.sum(counts > minimum)), float(good.mean())


@mode_coverage.mistake(
    "squared_distance",
    "You compare the squared distance with the radius: below 1 that lets samples in that are too far, "
    "above 1 it shuts out samples that are near. Compare like with like.",
)
def _(samples, centres, radius, minimum):
    distance = np.sum((samples[:, None] - centres) ** 2, axis=2)
    good = distance.min(axis=1) <= radius
    counts = np.bincount(distance.argmin(axis=1)[good], minlength=len(centres))
    return counts, int(np.sum(counts >= minimum)), float(good.mean())


@mode_coverage.mistake(
    "box_not_ball",
    "You compare each coordinate with the radius: that is a box around the centre. "
    "The task asks for the Euclidean distance.",
)
def _(samples, centres, radius, minimum):
    difference = np.abs(samples[:, None] - centres)
    nearest = np.linalg.norm(difference, axis=2).argmin(axis=1)
    good = difference[np.arange(len(samples)), nearest].max(axis=1) <= radius
    counts = np.bincount(nearest[good], minlength=len(centres))
    return counts, int(np.sum(counts >= minimum)), float(good.mean())


@mode_coverage.mistake(
    "quality_is_coverage",
    "Counts and coverage are right. The quality is a share of the samples, not of the modes: "
    "how many of the N samples lie on some mode?",
)
def _(samples, centres, radius, minimum):
    distance = np.linalg.norm(samples[:, None] - centres, axis=2)
    good = distance.min(axis=1) <= radius
    counts = np.bincount(distance.argmin(axis=1)[good], minlength=len(centres))
    covered = int(np.sum(counts >= minimum))
    return counts, covered, covered / len(centres)


@mode_coverage.mistake(
    "empty_last_modes",
    "Modes at the end that no sample meets are missing from `counts`. "
    "It has one entry for each of the K centres, zeros included.",
)
def _(samples, centres, radius, minimum):
    distance = np.linalg.norm(samples[:, None] - centres, axis=2)
    good = distance.min(axis=1) <= radius
    counts = np.bincount(distance.argmin(axis=1)[good])
    return counts, int(np.sum(counts >= minimum)), float(good.mean())


@mode_coverage.alternative
def sample_after_sample(samples, centres, radius, minimum):
    counts = [0] * len(centres)
    for sample in samples:
        distance = [float(np.sqrt(np.sum((sample - centre) ** 2))) for centre in centres]
        if min(distance) < radius:
            counts[distance.index(min(distance))] += 1
    covered = len([count for count in counts if count >= minimum])
    return np.array(counts), covered, sum(counts) / len(samples)


@mode_coverage.alternative
def with_one_hot(samples, centres, radius, minimum):
    squared = (samples**2).sum(1)[:, None] - 2 * samples @ centres.T + (centres**2).sum(1)
    nearest = np.eye(len(centres))[squared.argmin(axis=1)]
    counts = (nearest * (squared <= radius**2)).sum(axis=0)
    return {
        "counts": counts,
        "covered": np.count_nonzero(counts >= minimum),
        "quality": counts.sum() / len(samples),
    }


# ----------------------------------------------------------------------------- mutual_information

mutual_information = chapter.exercise(
    "mutual_information",
    signature=(
        "mutual_information(joint: (A, B)) "
        "-> entropy: float, conditional_entropy: float, information: float"
    ),
    outputs=("entropy", "conditional_entropy", "information"),
    points=2,
    forbids=("scipy", "sklearn", "mutual_info_score", "rel_entr", "entr"),
    section=f"{PAGE}#gan-mutual-information",
)


def _joint(random: Random, A: int, B: int, possible: float = 1.0) -> np.ndarray:
    weights = random.exponential(size=(A, B)) * (random.uniform(size=(A, B)) < possible)
    weights[0, 0] += 0.5
    return weights / weights.sum()


@mutual_information.case("3 × 4, all possible")
def _(random: Random) -> Arguments:
    return {"joint": _joint(random, 3, 4)}


@mutual_information.case("5 × 2, with impossible pairs and an impossible y")
def _(random: Random) -> Arguments:
    joint = _joint(random, 5, 3)
    joint[1, 0] = joint[2, 1] = joint[4, 0] = 0.0
    joint[:, 2] = 0.0
    return {"joint": joint / joint.sum()}


@mutual_information.case("independent, 2 × 6")
def _(random: Random) -> Arguments:
    return {"joint": np.outer(_distribution(random, 2), _distribution(random, 6))}


@mutual_information.case("x decided by y, 3 × 5")
def _(random: Random) -> Arguments:
    joint = np.zeros((3, 5))
    joint[[0, 1, 2, 1, 0], np.arange(5)] = _distribution(random, 5)
    return {"joint": joint}


@mutual_information.case("30 × 17, one pair in three possible", secret=True)
def _(random: Random) -> Arguments:
    return {"joint": _joint(random, 30, 17, possible=1 / 3)}


def _entropy(p: np.ndarray) -> float:
    """H(p) in nats, with 0 log 0 = 0."""
    p = p[p > 0]
    return float(-np.sum(p * np.log(p)))


@mutual_information.reference
def _(joint: np.ndarray) -> tuple[float, float, float]:
    entropy = _entropy(joint.sum(axis=1))
    conditional_entropy = _entropy(joint) - _entropy(joint.sum(axis=0))
    return entropy, conditional_entropy, entropy - conditional_entropy


@mutual_information.mistake(
    "lecture_signs",
    "These are the lecture's formulas without their minus signs: entropies come out negative and "
    "the information too. A logarithm of a probability is negative; an entropy is not.",
)
def _(joint: np.ndarray) -> tuple[float, float, float]:
    entropy = -_entropy(joint.sum(axis=1))
    conditional_entropy = _entropy(joint.sum(axis=0)) - _entropy(joint)
    return entropy, conditional_entropy, entropy - conditional_entropy


@mutual_information.mistake(
    "conditional_sign",
    "H(X) is right, but H(X|Y) lacks its minus sign, as in the lecture: it comes out negative, "
    "and the information exceeds H(X), which it cannot.",
)
def _(joint: np.ndarray) -> tuple[float, float, float]:
    entropy = _entropy(joint.sum(axis=1))
    conditional_entropy = _entropy(joint.sum(axis=0)) - _entropy(joint)
    return entropy, conditional_entropy, entropy - conditional_entropy


@mutual_information.mistake(
    "bits",
    "Your logarithm has base 2: these are bits. The losses are in nats, so use the natural logarithm.",
)
def _(joint: np.ndarray) -> tuple[float, float, float]:
    entropy = _entropy(joint.sum(axis=1)) / np.log(2)
    conditional_entropy = (_entropy(joint) - _entropy(joint.sum(axis=0))) / np.log(2)
    return entropy, conditional_entropy, entropy - conditional_entropy


@mutual_information.mistake(
    "axes_swapped",
    "You computed H(Y) and H(Y|X). Rows of `joint` are values of X, columns values of Y; "
    "the information is the same either way, the entropies are not.",
)
def _(joint: np.ndarray) -> tuple[float, float, float]:
    entropy = _entropy(joint.sum(axis=0))
    conditional_entropy = _entropy(joint) - _entropy(joint.sum(axis=1))
    return entropy, conditional_entropy, entropy - conditional_entropy


@mutual_information.mistake(
    "conditional_of_y",
    "H(X) is right, but what you subtract is H(Y|X). "
    "The logarithm must contain p(x|y), the column divided by its sum.",
)
def _(joint: np.ndarray) -> tuple[float, float, float]:
    entropy = _entropy(joint.sum(axis=1))
    conditional_entropy = _entropy(joint) - entropy
    return entropy, conditional_entropy, entropy - conditional_entropy


@mutual_information.mistake(
    "joint_entropy",
    "What you call H(X|Y) is the joint entropy H(X, Y): the logarithm contains p(x, y), "
    "not the conditional p(x|y).",
)
def _(joint: np.ndarray) -> tuple[float, float, float]:
    entropy = _entropy(joint.sum(axis=1))
    return entropy, _entropy(joint), entropy - _entropy(joint)


@mutual_information.mistake(
    "not_a_number_at_zero",
    "An impossible pair gives 0 · log 0 = NaN in NumPy. Its contribution is 0: "
    "leave impossible pairs out of the sum.",
)
def _(joint: np.ndarray) -> tuple[float, float, float]:
    p_x, p_y = joint.sum(axis=1), joint.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy = float(-np.sum(p_x * np.log(p_x)))
        conditional_entropy = float(-np.sum(joint * np.log(joint / p_y)))
    return entropy, conditional_entropy, entropy - conditional_entropy


@mutual_information.mistake(
    "unweighted",
    "You sum the entropies of p(x|y) over y with equal weight. A value of y that is rare counts less: "
    "weigh each by p(y).",
)
def _(joint: np.ndarray) -> tuple[float, float, float]:
    entropy = _entropy(joint.sum(axis=1))
    columns = [column / column.sum() for column in joint.T if column.sum() > 0]
    conditional_entropy = sum(_entropy(column) for column in columns)
    return entropy, conditional_entropy, entropy - conditional_entropy


@mutual_information.mistake(
    "unweighted_mean",
    "You average the entropies of p(x|y) over y with equal weight. A value of y that is rare counts less: "
    "weigh each by p(y).",
)
def _(joint: np.ndarray) -> tuple[float, float, float]:
    entropy = _entropy(joint.sum(axis=1))
    columns = [column / column.sum() for column in joint.T if column.sum() > 0]
    conditional_entropy = sum(_entropy(column) for column in columns) / len(columns)
    return entropy, conditional_entropy, entropy - conditional_entropy


@mutual_information.mistake(
    "information_added",
    "Both entropies are right, but you added them. Information is what knowing Y takes away "
    "from the uncertainty about X.",
)
def _(joint: np.ndarray) -> tuple[float, float, float]:
    entropy = _entropy(joint.sum(axis=1))
    conditional_entropy = _entropy(joint) - _entropy(joint.sum(axis=0))
    return entropy, conditional_entropy, entropy + conditional_entropy


@mutual_information.alternative
def column_by_column(joint: np.ndarray) -> tuple[float, float, float]:
    entropy = _entropy(joint.sum(axis=1))
    conditional_entropy = 0.0
    for column in joint.T:
        p_y = column.sum()
        if p_y > 0:
            conditional_entropy += p_y * _entropy(column / p_y)
    return entropy, conditional_entropy, entropy - conditional_entropy


@mutual_information.alternative
def as_relative_entropy(joint: np.ndarray) -> dict[str, float]:
    p_x, p_y = joint.sum(axis=1, keepdims=True), joint.sum(axis=0, keepdims=True)
    safe = np.where(joint > 0, joint, 1.0)
    product = np.where(joint > 0, p_x * p_y, 1.0)
    information = np.einsum("ab,ab->", joint, np.log(safe / product))
    entropy = _entropy(p_x.ravel())
    return {
        "entropy": entropy,
        "conditional_entropy": entropy - information,
        "information": information,
    }


# ----------------------------------------------------------------------------------- infogan_loss

infogan_loss = chapter.exercise(
    "infogan_loss",
    signature=(
        "infogan_loss(fake_logits: (N, 1) tensor, code_logits: (N, K) tensor, code: (N,) int64 tensor, "
        "weight: float) -> 0-d tensor"
    ),
    outputs=("value", "gradient_fake_logits", "gradient_code_logits"),
    points=2,
    driver="pull_back",
    uses=("generator_loss",),
    section=f"{PAGE}#gan-infogan",
)


def _infogan_case(
    random: Random, N: int, K: int, weight: float, code_logits: np.ndarray | None = None
) -> Arguments:
    if code_logits is None:
        code_logits = 2 * random.normal(size=(N, K))
    return {
        "fake_logits": _tensor(random.normal(size=(N, 1)) - 1),
        "code_logits": _tensor(code_logits),
        "code": torch.from_numpy(random.integers(0, K, size=N)),
        "weight": weight,
        "cotangent": _tensor(random.uniform(0.5, 2.0)),
        "wrt": ["fake_logits", "code_logits"],
    }


@infogan_loss.case("5 samples, 3 categories")
def _(random: Random) -> Arguments:
    return _infogan_case(random, 5, 3, 0.7)


@infogan_loss.case("one sample, 4 categories, weight above 1")
def _(random: Random) -> Arguments:
    return _infogan_case(random, 1, 4, 2.5)


@infogan_loss.case("weight 0")
def _(random: Random) -> Arguments:
    return _infogan_case(random, 3, 2, 0.0)


@infogan_loss.case("code logits of ±900")
def _(random: Random) -> Arguments:
    return _infogan_case(random, 4, 3, 0.5, random.choice([-900.0, 0.0, 900.0], size=(4, 3)))


@infogan_loss.case("33 samples, 10 categories", secret=True)
def _(random: Random) -> Arguments:
    return _infogan_case(random, 33, 10, 1.3)


@infogan_loss.reference
def _(
    fake_logits: torch.Tensor, code_logits: torch.Tensor, code: torch.Tensor, weight: float
) -> torch.Tensor:
    from autograder.kernels.gan_losses import generator_loss
    from autograder.kernels.softmax_cross_entropy import softmax_cross_entropy

    bound = np.log(code_logits.shape[1]) - softmax_cross_entropy(code_logits, code)
    return generator_loss(fake_logits, "non-saturating") - weight * bound


def _bound(code_logits: torch.Tensor, code: torch.Tensor) -> torch.Tensor:
    return np.log(code_logits.shape[1]) - functional.cross_entropy(code_logits, code)


@infogan_loss.mistake(
    "information_minimised",
    "You add λ times the bound: minimising that destroys the information about the code. "
    "It must grow as the loss falls.",
)
def _(fake_logits, code_logits, code, weight):
    return _loss_G(fake_logits) + weight * _bound(code_logits, code)


@infogan_loss.mistake(
    "entropy_missing",
    "The gradients are right; the value lacks H(c) = log K. With it the second term is a lower bound "
    "on the information, in nats; without it, only a negative log-likelihood.",
)
def _(fake_logits, code_logits, code, weight):
    return _loss_G(fake_logits) + weight * functional.cross_entropy(code_logits, code)


@infogan_loss.mistake(
    "entropy_sign",
    "The gradients are right; H(c) = log K has the wrong sign in the value. "
    "The bound is E[log Q(c|x)] + H(c), and the loss subtracts λ times the whole of it.",
)
def _(fake_logits, code_logits, code, weight):
    K = code_logits.shape[1]
    return _loss_G(fake_logits) + weight * (functional.cross_entropy(code_logits, code) + np.log(K))


@infogan_loss.mistake(
    "entropy_not_weighted",
    "The gradients are right; H(c) = log K is not multiplied by λ. It belongs to the bound.",
)
def _(fake_logits, code_logits, code, weight):
    K = code_logits.shape[1]
    return _loss_G(fake_logits) + weight * functional.cross_entropy(code_logits, code) - np.log(K)


@infogan_loss.mistake(
    "weight_ignored",
    "The bound enters with weight 1: λ (`weight`) is not used.",
)
def _(fake_logits, code_logits, code, weight):
    return _loss_G(fake_logits) - _bound(code_logits, code)


@infogan_loss.mistake(
    "code_summed",
    "log Q(c|x) is summed over the batch where its mean is asked for: "
    "λ would mean something else for every batch size.",
)
def _(fake_logits, code_logits, code, weight):
    bound = np.log(code_logits.shape[1]) - functional.cross_entropy(
        code_logits, code, reduction="sum"
    )
    return _loss_G(fake_logits) - weight * bound


@infogan_loss.mistake(
    "softmax_twice",
    "The softmax is applied twice: `cross_entropy` expects logits and normalises them itself.",
)
def _(fake_logits, code_logits, code, weight):
    return _loss_G(fake_logits) - weight * _bound(functional.softmax(code_logits, dim=1), code)


@infogan_loss.mistake(
    "softmax_over_batch",
    "The softmax runs over the batch: Q(c|x) must sum to 1 over the categories, for each sample.",
)
def _(fake_logits, code_logits, code, weight):
    log_Q = functional.log_softmax(code_logits, dim=0)[torch.arange(len(code)), code]
    return _loss_G(fake_logits) - weight * (log_Q.mean() + np.log(code_logits.shape[1]))


@infogan_loss.mistake(
    "log_of_softmax",
    "The formula is right but overflows: where the softmax rounds to 0, its logarithm is −∞. "
    "Take the logarithm of the softmax in one stable step.",
)
def _(fake_logits, code_logits, code, weight):
    log_Q = torch.log(functional.softmax(code_logits, dim=1))[torch.arange(len(code)), code]
    return _loss_G(fake_logits) - weight * (log_Q.mean() + np.log(code_logits.shape[1]))


@infogan_loss.mistake(
    "saturating",
    "The adversarial term is the saturating loss. The task asks for the non-saturating one.",
    f"{PAGE}#gan-saturation",
)
def _(fake_logits, code_logits, code, weight):
    return -functional.softplus(fake_logits).mean() - weight * _bound(code_logits, code)


@infogan_loss.mistake(
    "code_logits_detached",
    "The code's term sends no gradient back: neither Q nor G would learn anything about the code.",
)
def _(fake_logits, code_logits, code, weight):
    return _loss_G(fake_logits) - weight * _bound(code_logits.detach(), code)


@infogan_loss.alternative
def with_log_softmax(fake_logits, code_logits, code, weight):
    log_Q = functional.log_softmax(code_logits, dim=1).gather(1, code[:, None])
    H = torch.log(torch.tensor(float(code_logits.shape[1]), dtype=torch.float64))
    return -functional.logsigmoid(fake_logits).mean() - weight * (log_Q.mean() + H)


@infogan_loss.alternative
def sample_by_sample_in_a_loop(fake_logits, code_logits, code, weight):
    N, K = code_logits.shape
    total = torch.zeros((), dtype=torch.float64)
    for n in range(N):
        log_Q = code_logits[n, code[n]] - torch.logsumexp(code_logits[n], dim=0)
        total = total + functional.softplus(-fake_logits[n, 0]) - weight * (log_Q + np.log(K))
    return total / N


@infogan_loss.alternative
def with_one_hot_in_float32(fake_logits, code_logits, code, weight):
    one_hot = functional.one_hot(code, code_logits.shape[1]).float()
    log_Q = (one_hot * functional.log_softmax(code_logits.float(), dim=1)).sum(dim=1)
    bound = log_Q.mean() + float(np.log(code_logits.shape[1]))
    return functional.softplus(-fake_logits.float()).mean() - weight * bound
