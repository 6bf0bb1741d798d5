import numpy as np
import torch
from torch.nn import functional

from autograder.exercise import Exercise
from autograder.exercises.gan.shared import PAGE, Arguments, Random, loss_G
from autograder.exercises.shared import as_tensor

infogan_loss = Exercise(
    "infogan_loss",
    signature=(
        "infogan_loss(fake_logits: (N, 1) tensor, code_logits: (N, K) tensor, code: (N,) int64 tensor, "
        "weight: float) -> 0-d tensor"
    ),
    outputs=("value", "gradient_fake_logits", "gradient_code_logits"),
    form="transcribe",
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
        "fake_logits": as_tensor(random.normal(size=(N, 1)) - 1),
        "code_logits": as_tensor(code_logits),
        "code": torch.from_numpy(random.integers(0, K, size=N)),
        "weight": weight,
        "cotangent": as_tensor(random.uniform(0.5, 2.0)),
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


@infogan_loss.case("the last categories do not occur")
def _(random: Random) -> Arguments:
    return _infogan_case(random, 4, 6, 0.4) | {"code": torch.tensor([1, 0, 3, 1])}


@infogan_loss.case("as many samples as categories, equal code logits in a row")
def _(random: Random) -> Arguments:
    logits = 2 * random.normal(size=(3, 3))
    logits[1] = 0.5
    return _infogan_case(random, 3, 3, 1.6, logits)


@infogan_loss.case("one category")
def _(random: Random) -> Arguments:
    return _infogan_case(random, 3, 1, 0.9)


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
    return loss_G(fake_logits) + weight * _bound(code_logits, code)


@infogan_loss.mistake(
    "entropy_missing",
    "The gradients are right; the value lacks H(c) = log K. With it the second term is a lower bound "
    "on the information, in nats; without it, only a negative log-likelihood.",
)
def _(fake_logits, code_logits, code, weight):
    return loss_G(fake_logits) + weight * functional.cross_entropy(code_logits, code)


@infogan_loss.mistake(
    "entropy_sign",
    "The gradients are right; H(c) = log K has the wrong sign in the value. "
    "It raises the bound; what does a higher bound do to the loss?",
)
def _(fake_logits, code_logits, code, weight):
    K = code_logits.shape[1]
    return loss_G(fake_logits) + weight * (functional.cross_entropy(code_logits, code) + np.log(K))


@infogan_loss.mistake(
    "entropy_not_weighted",
    "The gradients are right; H(c) = log K is not multiplied by λ. It belongs to the bound.",
)
def _(fake_logits, code_logits, code, weight):
    K = code_logits.shape[1]
    return loss_G(fake_logits) + weight * functional.cross_entropy(code_logits, code) - np.log(K)


@infogan_loss.mistake(
    "weight_ignored",
    "The bound enters with weight 1: λ (`weight`) is not used.",
)
def _(fake_logits, code_logits, code, weight):
    return loss_G(fake_logits) - _bound(code_logits, code)


@infogan_loss.mistake(
    "code_summed",
    "log Q(c|x) is summed over the batch where its mean is asked for: "
    "λ would mean something else for every batch size.",
)
def _(fake_logits, code_logits, code, weight):
    bound = np.log(code_logits.shape[1]) - functional.cross_entropy(
        code_logits, code, reduction="sum"
    )
    return loss_G(fake_logits) - weight * bound


@infogan_loss.mistake(
    "softmax_twice",
    "The softmax is applied twice: `cross_entropy` expects logits and normalises them itself.",
)
def _(fake_logits, code_logits, code, weight):
    return loss_G(fake_logits) - weight * _bound(functional.softmax(code_logits, dim=1), code)


@infogan_loss.mistake(
    "softmax_over_batch",
    "The softmax runs over the batch: Q(c|x) must sum to 1 over the categories, for each sample.",
)
def _(fake_logits, code_logits, code, weight):
    log_Q = functional.log_softmax(code_logits, dim=0)[torch.arange(len(code)), code]
    return loss_G(fake_logits) - weight * (log_Q.mean() + np.log(code_logits.shape[1]))


@infogan_loss.mistake(
    "log_of_softmax",
    "The formula is right but overflows: where the softmax rounds to 0, its logarithm is −∞. "
    "Take the logarithm of the softmax in one stable step.",
)
def _(fake_logits, code_logits, code, weight):
    log_Q = torch.log(functional.softmax(code_logits, dim=1))[torch.arange(len(code)), code]
    return loss_G(fake_logits) - weight * (log_Q.mean() + np.log(code_logits.shape[1]))


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
    return loss_G(fake_logits) - weight * _bound(code_logits.detach(), code)


@infogan_loss.mistake(
    "weight_on_everything",
    "λ multiplies the adversarial term too. It weighs the information against it.",
)
def _(fake_logits, code_logits, code, weight):
    return weight * (loss_G(fake_logits) - _bound(code_logits, code))


@infogan_loss.mistake(
    "weight_on_the_other_term",
    "λ multiplies the adversarial term, and not the bound on the information.",
)
def _(fake_logits, code_logits, code, weight):
    return weight * loss_G(fake_logits) - _bound(code_logits, code)


@infogan_loss.mistake(
    "entropy_of_the_batch",
    "The gradients are right; H(c) is the logarithm of the number of categories, and you took that of the batch size.",
)
def _(fake_logits, code_logits, code, weight):
    bound = np.log(len(code)) - functional.cross_entropy(code_logits, code)
    return loss_G(fake_logits) - weight * bound


@infogan_loss.mistake(
    "categories_counted_in_the_codes",
    "The gradients are right; you read the number of categories off the codes of the batch. One that no sample has still "
    "counts in H(c).",
)
def _(fake_logits, code_logits, code, weight):
    bound = np.log(int(code.max()) + 1) - functional.cross_entropy(code_logits, code)
    return loss_G(fake_logits) - weight * bound


@infogan_loss.mistake("categories_counted_in_the_codes")
def _(fake_logits, code_logits, code, weight):
    bound = np.log(len(code.unique())) - functional.cross_entropy(code_logits, code)
    return loss_G(fake_logits) - weight * bound


@infogan_loss.mistake(
    "adversarial_term_missing",
    "The adversarial term is missing: G would be rewarded for readable codes alone, whatever its samples look like.",
)
def _(fake_logits, code_logits, code, weight):
    return -weight * _bound(code_logits, code)


@infogan_loss.mistake(
    "mean_over_categories",
    "log Q(c|x) is averaged over the categories too. Each sample has one code: the mean goes over the samples.",
)
def _(fake_logits, code_logits, code, weight):
    K = code_logits.shape[1]
    bound = np.log(K) - functional.cross_entropy(code_logits, code) / K
    return loss_G(fake_logits) - weight * bound


@infogan_loss.mistake(
    "all_categories",
    "You average log Q over all categories. The code that went into G says which one is asked for.",
)
def _(fake_logits, code_logits, code, weight):
    log_Q = functional.log_softmax(code_logits, dim=1)
    return loss_G(fake_logits) - weight * (log_Q.mean() + np.log(code_logits.shape[1]))


@infogan_loss.mistake(
    "logits_for_logarithm",
    "You took Q's logits for log Q. Their softmax is missing: a logit may be any number, a log-probability is never "
    "positive.",
)
def _(fake_logits, code_logits, code, weight):
    own = code_logits[torch.arange(len(code)), code]
    return loss_G(fake_logits) - weight * (own.mean() + np.log(code_logits.shape[1]))


@infogan_loss.mistake(
    "probability_for_logarithm",
    "You averaged Q(c|x) itself: the logarithm is missing.",
)
def _(fake_logits, code_logits, code, weight):
    Q = functional.softmax(code_logits, dim=1)[torch.arange(len(code)), code]
    return loss_G(fake_logits) - weight * (Q.mean() + np.log(code_logits.shape[1]))


@infogan_loss.mistake(
    "bits",
    "H(c) is in bits (base 2) while the rest is in nats: the two cannot be added.",
)
def _(fake_logits, code_logits, code, weight):
    bound = np.log2(code_logits.shape[1]) - functional.cross_entropy(code_logits, code)
    return loss_G(fake_logits) - weight * bound


@infogan_loss.mistake(
    "adversarial_term_summed",
    "The adversarial term is summed over the batch where its mean is asked for.",
)
def _(fake_logits, code_logits, code, weight):
    return len(code) * loss_G(fake_logits) - weight * _bound(code_logits, code)


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
