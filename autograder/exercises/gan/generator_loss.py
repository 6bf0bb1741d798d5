import numpy as np
import torch
from torch.nn import functional

from autograder.exercise import Exercise
from autograder.exercises.gan.shared import PAGE, Arguments, Random
from autograder.exercises.shared import as_tensor
from dlarch.checks_file import Part

generator_loss = Exercise(
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
        "fake_logits": as_tensor(fake),
        "kind": kind,
        "cotangent": as_tensor(random.uniform(0.5, 2.0)),
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


@generator_loss.case("non-saturating, all logits next to 0")
def _(random: Random) -> Arguments:
    return _fake_logits(random, random.uniform(1e-5, 2e-5, size=3) * [1, -1, -1], "non-saturating")


@generator_loss.case("saturating, all logits next to 0")
def _(random: Random) -> Arguments:
    return _fake_logits(random, random.uniform(1e-5, 2e-5, size=3) * [1, -1, -1], "saturating")


@generator_loss.case("non-saturating, some logits equal, without the last axis")
def _(random: Random) -> Arguments:
    return _fake_logits(random, random.normal(size=3)[[0, 1, 0, 2]], "non-saturating")


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
    "Both kinds come out as the saturating loss: where D is sure, its slope is almost zero. "
    "Look at how you tell the two words apart.",
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


@generator_loss.mistake(
    "log_of_mean",
    "You take the logarithm of the mean probability. The task has the mean of the logarithms, and by Jensen's inequality "
    "that is another number.",
)
def _(fake_logits: torch.Tensor, kind: str) -> torch.Tensor:
    D_fake = torch.sigmoid(fake_logits)
    return torch.log(1 - D_fake.mean()) if kind == "saturating" else -torch.log(D_fake.mean())


@generator_loss.mistake(
    "probability_without_logarithm",
    "Your non-saturating loss is a probability: the logarithm is missing, and with it the slope where D is sure.",
)
def _(fake_logits: torch.Tensor, kind: str) -> torch.Tensor:
    if kind == "saturating":
        return -functional.softplus(fake_logits).mean()
    return -torch.sigmoid(fake_logits).mean()


@generator_loss.mistake("probability_without_logarithm")
def _(fake_logits: torch.Tensor, kind: str) -> torch.Tensor:
    D_fake = torch.sigmoid(fake_logits)
    return (1 - D_fake).mean() if kind == "saturating" else -D_fake.mean()


@generator_loss.mistake(
    "mean_of_logits",
    "Your non-saturating loss is the mean of the logits: that is the generator's loss of the Wasserstein GAN, which has "
    "neither sigmoid nor logarithm.",
)
def _(fake_logits: torch.Tensor, kind: str) -> torch.Tensor:
    if kind == "saturating":
        return -functional.softplus(fake_logits).mean()
    return -fake_logits.mean()


@generator_loss.mistake("mean_of_logits")
def _(fake_logits: torch.Tensor, kind: str) -> torch.Tensor:
    return -fake_logits.mean()


@generator_loss.mistake("log_of_sigmoid")
def _(fake_logits: torch.Tensor, kind: str) -> torch.Tensor:
    if kind == "saturating":
        return -torch.log(1 + torch.exp(fake_logits)).mean()
    return torch.log(1 + torch.exp(-fake_logits)).mean()


@generator_loss.mistake(
    "small_constant",
    "A small number inside the logarithm hides the infinity, but where D is sure the value is wrong and the slope is gone. "
    "Stay with the logits.",
    f"{PAGE}#gan-stable",
)
def _(fake_logits: torch.Tensor, kind: str) -> torch.Tensor:
    return _with_small_constant(fake_logits, kind, 1e-8)


for _small in (1e-6, 1e-7, 1e-10, 1e-12, 1e-15):

    @generator_loss.mistake("small_constant")
    def _(fake_logits, kind, small=_small):
        return _with_small_constant(fake_logits, kind, small)


def _with_small_constant(fake_logits, kind, small):
    D_fake = torch.sigmoid(fake_logits)
    if kind == "saturating":
        return torch.log(1 - D_fake + small).mean()
    return -torch.log(D_fake + small).mean()


@generator_loss.mistake(
    "non_saturating_sign",
    "The non-saturating loss has the wrong sign: G would make D(G(z)) small.",
)
def _(fake_logits: torch.Tensor, kind: str) -> torch.Tensor:
    if kind == "saturating":
        return -functional.softplus(fake_logits).mean()
    return -functional.softplus(-fake_logits).mean()


@generator_loss.mistake("summed")
def _(fake_logits: torch.Tensor, kind: str) -> torch.Tensor:
    if kind == "saturating":
        return -functional.softplus(fake_logits).sum()
    return functional.softplus(-fake_logits).mean()


@generator_loss.mistake("summed")
def _(fake_logits: torch.Tensor, kind: str) -> torch.Tensor:
    if kind == "saturating":
        return -functional.softplus(fake_logits).mean()
    return functional.softplus(-fake_logits).sum()


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
