import numpy as np
import torch
from torch.nn import functional

from autograder.exercise import Exercise
from autograder.exercises.gan.shared import PAGE, Arguments, Random
from autograder.exercises.shared import as_tensor

discriminator_loss = Exercise(
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
        "real_logits": as_tensor(real),
        "fake_logits": as_tensor(fake),
        "cotangent": as_tensor(random.uniform(0.5, 2.0)),
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


@discriminator_loss.case("all logits next to 0, 3 real, 4 fake")
def _(random: Random) -> Arguments:
    real, fake = random.uniform(1e-5, 2e-5, size=(3, 1)), random.uniform(1e-5, 2e-5, size=(4, 1))
    return _two_logits(random, real * [[1], [-1], [1]], -fake)


@discriminator_loss.case("without the last axis, 3 real, 6 fake, some logits equal")
def _(random: Random) -> Arguments:
    real, fake = random.normal(size=3), random.normal(size=6)
    real[2], fake[3:5] = real[0], real[0]
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
    "Which answer is the right one for them?",
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


@discriminator_loss.mistake(
    "log_of_mean",
    "You take the logarithm of the mean probability. The task has the mean of the logarithms, and by Jensen's inequality "
    "that is another number.",
)
def _(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    D_real, D_fake = torch.sigmoid(real_logits), torch.sigmoid(fake_logits)
    return -torch.log(D_real.mean()) - torch.log(1 - D_fake.mean())


@discriminator_loss.mistake(
    "mean_of_logits",
    "You compare the means of the logits: that is the critic's loss of the Wasserstein GAN, which has neither sigmoid nor "
    "logarithm.",
)
def _(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    return fake_logits.mean() - real_logits.mean()


@discriminator_loss.mistake(
    "probabilities_without_logarithm",
    "You compare probabilities: the logarithm is missing. Where D is certain and wrong, such a loss has no slope.",
)
def _(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    return torch.sigmoid(fake_logits).mean() - torch.sigmoid(real_logits).mean()


@discriminator_loss.mistake("probabilities_without_logarithm")
def _(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    return torch.sigmoid(fake_logits).mean() + (1 - torch.sigmoid(real_logits)).mean()


@discriminator_loss.mistake(
    "squared_error",
    "This is the squared error of the probabilities. The loss of the task has logarithms of them.",
)
def _(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    D_real, D_fake = torch.sigmoid(real_logits), torch.sigmoid(fake_logits)
    return ((D_real - 1) ** 2).mean() + (D_fake**2).mean()


@discriminator_loss.mistake("squared_error")
def _(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    return ((real_logits - 1) ** 2).mean() + (fake_logits**2).mean()


@discriminator_loss.mistake(
    "real_alone",
    "The generated samples are missing: such a D is best when it calls everything data.",
)
def _(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    return functional.softplus(-real_logits).mean() + 0 * fake_logits.sum()


@discriminator_loss.mistake("real_alone")
def _(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    return functional.softplus(-real_logits).mean()


@discriminator_loss.mistake(
    "fake_alone",
    "The data are missing: such a D is best when it calls everything generated.",
)
def _(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    return functional.softplus(fake_logits).mean()


@discriminator_loss.mistake(
    "real_divided_by_the_other",
    "Both sums are divided by one number of samples. Each expectation has its own: N of the data, M of the generated.",
)
def _(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    total = functional.softplus(-real_logits).sum() + functional.softplus(fake_logits).sum()
    return total / len(real_logits)


@discriminator_loss.mistake("real_divided_by_the_other")
def _(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    total = functional.softplus(-real_logits).sum() + functional.softplus(fake_logits).sum()
    return total / len(fake_logits)


@discriminator_loss.mistake("log_of_sigmoid")
def _(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    real = torch.log(1 + torch.exp(-real_logits)).mean()
    return real + torch.log(1 + torch.exp(fake_logits)).mean()


@discriminator_loss.mistake(
    "small_constant",
    "A small number inside the logarithm hides the infinity, but the value is wrong where D is certain and wrong, and its "
    "slope is gone. Stay with the logits.",
    f"{PAGE}#gan-stable",
)
def _(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    return _with_small_constant(real_logits, fake_logits, 1e-8)


for _small in (1e-6, 1e-7, 1e-10, 1e-12, 1e-15):

    @discriminator_loss.mistake("small_constant")
    def _(real_logits, fake_logits, small=_small):
        return _with_small_constant(real_logits, fake_logits, small)


def _with_small_constant(real_logits, fake_logits, small):
    D_real, D_fake = torch.sigmoid(real_logits), torch.sigmoid(fake_logits)
    return -torch.log(D_real + small).mean() - torch.log(1 - D_fake + small).mean()


@discriminator_loss.mistake(
    "cut_off",
    "The value is right, but no gradient comes back: the result is cut from the graph "
    "(`detach`, `item`, `no_grad` or a new tensor).",
)
def _(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    return (
        functional.softplus(-real_logits).mean() + functional.softplus(fake_logits).mean()
    ).detach()


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
