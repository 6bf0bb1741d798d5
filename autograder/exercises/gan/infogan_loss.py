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
    "The bound is E[log Q(c|x)] + H(c), and the loss subtracts λ times the whole of it.",
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
