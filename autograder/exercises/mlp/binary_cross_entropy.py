import math

import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.mlp.shared import PAGE, add_epsilons, quiet
from autograder.exercises.shared import LIBRARIES, as_tensor
from dlarch.plain import PlainData

binary_cross_entropy = Exercise(
    "binary_cross_entropy",
    signature=(
        "binary_cross_entropy(logits: (N,) float64, targets: (N,) float64 between 0 and 1) -> E: float"
    ),
    outputs=("E",),
    points=2,
    forbids=LIBRARIES,
    section=PAGE + "binary",
)


def _questions(random, N, shift=0.0, scale=1.5, soft=False):
    """Draw logits and targets, at least one 0 and one 1 among them, not equally many."""
    targets = (np.arange(N) % 3 == 0) * 1.0
    if soft:
        targets = random.uniform(0.05, 0.95, size=N)
    return {"logits": shift + scale * random.normal(size=N), "targets": targets}


@binary_cross_entropy.case("zeros and ones")
def _(random) -> dict[str, PlainData]:
    return _questions(random, 7)


@binary_cross_entropy.case("one example")
def _(random) -> dict[str, PlainData]:
    return {"logits": random.normal(size=1), "targets": np.zeros(1)}


@binary_cross_entropy.case("targets between 0 and 1")
def _(random) -> dict[str, PlainData]:
    return _questions(random, 5, soft=True)


@binary_cross_entropy.case("logits near +1000")
def _(random) -> dict[str, PlainData]:
    return _questions(random, 5, shift=1000.0)


@binary_cross_entropy.case("logits near −1000")
def _(random) -> dict[str, PlainData]:
    return _questions(random, 4, shift=-1000.0)


@binary_cross_entropy.case("sure and right", secret=True)
def _(random) -> dict[str, PlainData]:
    targets = (np.arange(11) % 2) * 1.0
    return {"logits": (2 * targets - 1) * random.uniform(3, 8, size=11), "targets": targets}


@binary_cross_entropy.case("large batch", secret=True)
def _(random) -> dict[str, PlainData]:
    return _questions(random, 90, scale=20.0)


@binary_cross_entropy.reference
def _(logits, targets):
    from autograder.kernels.bce_with_logits import bce_with_logits

    return bce_with_logits(as_tensor(logits), as_tensor(targets)).item()


def _sigmoid(a):
    return (1 + np.tanh(a / 2)) / 2


def _bernoulli(logits, targets):
    """Give each example's loss."""
    return np.logaddexp(0, logits) - targets * logits


def _from_probabilities(p, targets):
    with quiet():
        return -np.mean(targets * np.log(p) + (1 - targets) * np.log(1 - p))


@binary_cross_entropy.mistake(
    "zero_times_infinity",
    "Right for moderate logits, but near ±1000 a 0 meets an infinity, and the loss is not a number. If you go through "
    "p = σ(a): there p or 1 − p is 0 for a computer, and its logarithm −∞. Insert σ into the logarithms on paper: what is "
    "−log σ(a), what is −log(1 − σ(a))? And give exp only arguments ≤ 0.",
    PAGE + "binary-stable",
)
def _(logits, targets):
    return _from_probabilities(_sigmoid(logits), targets)


@binary_cross_entropy.mistake(
    "overflow_above",
    "The formula is right, but exp(a) overflows near a = 1000, and the loss becomes infinite. Take the "
    "large part out of the logarithm on paper, so that exp never gets a positive argument.",
    PAGE + "binary-stable",
)
def _(logits, targets):
    with quiet():
        return np.mean(np.log(1 + np.exp(logits)) - targets * logits)


@binary_cross_entropy.mistake(
    "overflow_below",
    "The formula is right, but exp(−a) overflows near a = −1000, and the loss becomes infinite. Take the "
    "large part out of the logarithm on paper, so that exp never gets a positive argument.",
    PAGE + "binary-stable",
)
def _(logits, targets):
    with quiet():
        return np.mean(np.log(1 + np.exp(-logits)) + (1 - targets) * logits)


add_epsilons(
    binary_cross_entropy,
    lambda epsilon, logits, targets: _from_probabilities(
        np.clip(_sigmoid(logits), epsilon, 1 - epsilon), targets
    ),
    "You keep the logarithm finite by adding (or clipping at) a small number. Whoever is sure and wrong then pays log ε "
    "at most, and the loss has no slope any more where it is needed most. Insert σ into the logarithms on paper: no ε "
    "is needed.",
    PAGE + "binary-stable",
)


def _clipped_at(bound):
    return lambda logits, targets: np.mean(_bernoulli(np.clip(logits, -bound, bound), targets))


binary_cross_entropy.mistake(
    "logits_clipped",
    "You cut large logits off. The loss of whoever is sure and wrong then stops growing and has no slope any more, "
    "where it is needed most. Insert σ into the logarithms on paper: nothing overflows, and nothing need be cut.",
    PAGE + "binary-stable",
)(_clipped_at(500))
for _bound in (709, 700, 100, 50, 30, 20):
    binary_cross_entropy.mistake("logits_clipped")(_clipped_at(_bound))


@binary_cross_entropy.mistake(
    "absolute_value_missing",
    "You have max(a, 0), which belongs to log(1 + exp(−|a|)), but exp(−a) beside it. For a > 0 the two agree; for a < 0 "
    "they do not.",
    PAGE + "binary-stable",
)
def _(logits, targets):
    with quiet():
        return np.mean(np.maximum(logits, 0) + np.log1p(np.exp(-logits)) - targets * logits)


@binary_cross_entropy.mistake(
    "logits_taken_for_probabilities",
    "You put the logits into the logarithms as if they were probabilities. A logit is any real number; the probability "
    "is σ(logit), and the log of a negative number is not a number.",
)
def _(logits, targets):
    return _from_probabilities(logits, targets)


@binary_cross_entropy.mistake(
    "sigmoid_twice",
    "You apply the sigmoid, and then a formula for logits, which applies it once more. "
    "No answer can be sure any more: σ(σ(a)) lies between 0.5 and 0.73.",
)
def _(logits, targets):
    return np.mean(_bernoulli(_sigmoid(logits), targets))


@binary_cross_entropy.mistake(
    "sum_over_the_batch",
    "You add up over the examples. The loss of a batch is the mean over its examples.",
)
def _(logits, targets):
    return np.sum(_bernoulli(logits, targets))


@binary_cross_entropy.mistake(
    "one_loss_per_example",
    "You return one number for each example. The loss of a batch is one number, the mean over its examples.",
)
def _(logits, targets):
    return _bernoulli(logits, targets)


@binary_cross_entropy.mistake(
    "wrong_sign",
    "The sign is reversed: you give the mean log-likelihood, which is to be made large. The loss is its negative, "
    "and never below 0.",
)
def _(logits, targets):
    return -np.mean(_bernoulli(logits, targets))


@binary_cross_entropy.mistake(
    "only_the_ones",
    "Only the examples with target 1 count in your loss. Those with target 0 have a term of their own, "
    "(1 − t) log(1 − p); without it, saying 1 to everything would be perfect.",
)
def _(logits, targets):
    return np.mean(targets * np.logaddexp(0, -logits))


@binary_cross_entropy.mistake(
    "targets_ignored",
    "Your loss treats every example as if its target were 1.",
)
def _(logits, targets):
    return np.mean(np.logaddexp(0, -logits))


@binary_cross_entropy.mistake(
    "only_the_zeros",
    "Only the examples with target 0 count in your loss. Those with target 1 have a term of their own, t log p; without "
    "it, saying 0 to everything would be perfect.",
)
def _(logits, targets):
    return np.mean((1 - targets) * np.logaddexp(0, logits))


@binary_cross_entropy.mistake(
    "targets_ignored_as_zeros",
    "Your loss treats every example as if its target were 0.",
)
def _(logits, targets):
    return np.mean(np.logaddexp(0, logits))


@binary_cross_entropy.mistake(
    "targets_swapped",
    "Zeros and ones are swapped: your loss is small when every answer is wrong. −log p belongs to the target 1.",
)
def _(logits, targets):
    return np.mean(_bernoulli(logits, 1 - targets))


@binary_cross_entropy.mistake(
    "targets_of_plus_and_minus_one",
    "log(1 + exp(−t a)) is the same loss for labels ±1. Here the targets are 0 and 1, and with t = 0 your loss is log 2, "
    "whatever the network says.",
)
def _(logits, targets):
    return np.mean(np.logaddexp(0, -targets * logits))


@binary_cross_entropy.mistake(
    "targets_rounded",
    "You decide between t = 1 and t = 0. A target may lie between them: t and 1 − t are then the weights of the two terms.",
)
def _(logits, targets):
    return np.mean(_bernoulli(logits, (targets >= 0.5) * 1.0))


@binary_cross_entropy.mistake(
    "targets_compared_with_one",
    "You treat every target other than 1 as 0. A target may lie between them: t and 1 − t are then the weights of the "
    "two terms.",
)
def _(logits, targets):
    return np.mean(_bernoulli(logits, (targets == 1) * 1.0))


@binary_cross_entropy.mistake(
    "squared_error",
    "You give the squared error of the probabilities. The cross-entropy is −log of the probability that was given to "
    "what is true.",
)
def _(logits, targets):
    return np.mean((_sigmoid(logits) - targets) ** 2)


@binary_cross_entropy.mistake(
    "logarithm_of_base_two",
    "You measure in bits: your logarithm has the base 2. In this course log is the natural logarithm, as in np.log.",
)
def _(logits, targets):
    return np.mean(_bernoulli(logits, targets)) / np.log(2)


@binary_cross_entropy.alternative
def with_logaddexp(logits, targets):
    return np.mean(np.logaddexp(0, logits) - targets * logits)


@binary_cross_entropy.alternative
def with_the_absolute_value(logits, targets):
    losses = np.maximum(logits, 0) - logits * targets + np.log1p(np.exp(-np.abs(logits)))
    return float(losses.mean())


@binary_cross_entropy.alternative
def with_a_loop(logits, targets):
    total = 0.0
    for a, t in zip(logits, targets, strict=True):
        small = math.log(1 + math.exp(-abs(a)))
        total += t * (small + max(-a, 0)) + (1 - t) * (small + max(a, 0))
    return np.float32(total / len(logits))


@binary_cross_entropy.alternative
def as_two_classes(logits, targets):
    both = np.stack([np.zeros(len(logits)), logits], axis=1)
    log_p = both - np.logaddexp.reduce(both, axis=1, keepdims=True)
    return -np.mean((1 - targets) * log_p[:, 0] + targets * log_p[:, 1])
