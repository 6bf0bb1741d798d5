import math

import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.mlp.shared import (
    PAGE,
    add_epsilons,
    add_logits,
    by_rows,
    log_softmax_of,
    quiet,
    softmax_of,
)
from autograder.exercises.shared import LIBRARIES

log_softmax = Exercise(
    "log_softmax",
    signature="log_softmax(logits: (..., K) float64) -> log_p: (..., K) float64",
    outputs=("log_p",),
    points=2,
    uses=("softmax",),
    forbids=LIBRARIES,
    section=PAGE + "stable",
)


add_logits(log_softmax)


@log_softmax.reference
def _(logits):
    from autograder.kernels.softmax import log_softmax

    return by_rows(log_softmax, logits)


@log_softmax.mistake(
    "log_of_softmax",
    "You take the logarithm of softmax. A probability below 10⁻³²⁴ is 0 for a computer, and log 0 = −∞, although the "
    "right answer is a plain number like −1500. Take the logarithm on paper: exp and log cancel.",
)
def _(logits):
    with quiet():
        return np.log(softmax_of(logits))


@log_softmax.mistake(
    "log_of_overflow",
    "You take the logarithm of a softmax that overflows, so that rows near ±1000 are not numbers. Take the logarithm on "
    "paper, where exp and log cancel, and subtract each row's largest logit first.",
)
def _(logits):
    with quiet():
        return np.log(softmax_of(logits, shift="none"))


@log_softmax.mistake(
    "overflow",
    "The formula a − log Σ exp(a) is right, but the sum overflows in rows near 1000, and is 0 near −1000. Subtract each "
    "row's largest logit first: the result stays the same.",
)
def _(logits):
    return log_softmax_of(logits, shift="none")


@log_softmax.mistake(
    "one_maximum_for_all",
    "You subtract the largest logit of the whole array. A row far below it becomes exp(−2000) = 0 everywhere, and its "
    "logarithm is −∞: each row needs its own maximum.",
)
def _(logits):
    return log_softmax_of(logits, shift=None)


@log_softmax.mistake(
    "maximum_over_the_batch",
    "The sum runs over the classes, as it should, but the maximum is taken over the examples, along axis 0. Then each "
    "class is shifted by another number, and that does change the probabilities: all logits of a row need the same shift.",
)
def _(logits):
    return log_softmax_of(logits, shift=0)


@log_softmax.mistake(
    "maximum_not_put_back",
    "The maximum is subtracted inside the sum but not outside: log Σ exp(a) = m + log Σ exp(a − m). Subtract m in both "
    "places, or in none.",
)
def _(logits):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return logits - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


@log_softmax.mistake(
    "log_of_the_sum_missing",
    "You subtract the largest logit of each row and stop there. The logarithm of the sum is still to be subtracted, or "
    "the probabilities do not add up to 1.",
)
def _(logits):
    return logits - logits.max(axis=-1, keepdims=True)


@log_softmax.mistake(
    "sum_without_its_logarithm",
    "You subtract the sum of the exponentials itself. The logarithm of a quotient is a difference of *logarithms*.",
)
def _(logits):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.exp(shifted).sum(axis=-1, keepdims=True)


@log_softmax.mistake(
    "maximum_subtracted_twice",
    "The maximum counts twice: log Σ exp(a) = m + log Σ exp(a − m), and if the logits outside the sum are shifted "
    "already, m must not be subtracted again.",
)
def _(logits):
    return log_softmax_of(logits) - logits.max(axis=-1, keepdims=True)


@log_softmax.mistake(
    "wrong_sign",
    "The sign is reversed. Probabilities are at most 1, so their logarithms are at most 0; −log p is the loss, which "
    "comes later.",
)
def _(logits):
    return -log_softmax_of(logits)


@log_softmax.mistake(
    "over_the_batch",
    "Your sum runs down axis 0, over the examples. It has to run over the classes of each example, the last axis "
    "(erratum E44).",
    PAGE + "softmax",
)
def _(logits):
    return log_softmax_of(logits, axis=0, shift=0)


@log_softmax.mistake(
    "sum_over_the_batch",
    "The maximum is taken along the right axis, but the sum runs down axis 0, over the examples. It has to run over the "
    "classes of each example, the last axis (erratum E44).",
    PAGE + "softmax",
)
def _(logits):
    return log_softmax_of(logits, axis=0)


@log_softmax.mistake(
    "sum_over_everything",
    "Your sum runs over the whole array, so all examples share one probability mass. Each needs its own, over the last "
    "axis.",
    PAGE + "softmax",
)
def _(logits):
    return log_softmax_of(logits, axis=None)


@log_softmax.mistake(
    "axis_one",
    "You sum along axis 1. That is right for a batch (N, K); a single example (K,) has no axis 1, and with more axes it "
    "is another one. The classes are the last axis: −1 in every case.",
    PAGE + "softmax",
)
def _(logits):
    return log_softmax_of(logits, axis=1, shift=1)


@log_softmax.mistake(
    "axis_lost",
    "A maximum or a sum along the last axis drops that axis: shapes like (5, 3) and (5,) do not fit any more. "
    "`keepdims=True` keeps it with length 1.",
    PAGE + "softmax",
)
def _(logits):
    shifted = logits - logits.max(axis=-1)
    return shifted - np.log(np.exp(shifted).sum(axis=-1))


@log_softmax.mistake(
    "logarithm_missing",
    "You give the probabilities. Their logarithms are asked for, which are at most 0.",
)
def _(logits):
    return softmax_of(logits)


@log_softmax.mistake(
    "logarithm_of_base_two",
    "You measure in bits: your logarithm has the base 2. In this course log is the natural logarithm, as in np.log.",
)
def _(logits):
    return log_softmax_of(logits) / np.log(2)


add_epsilons(
    log_softmax,
    lambda epsilon, logits: np.log(softmax_of(logits) + epsilon),
    "You keep the logarithm finite by adding (or clipping at) a small number. Small probabilities then all look alike: "
    "where −1500 is right you get log ε. Take the logarithm on paper, where exp and log cancel, and no ε is needed.",
    PAGE + "stable",
)


@log_softmax.alternative
def with_logaddexp(logits):
    return logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)


@log_softmax.alternative
def with_a_loop(logits):
    log_p = np.empty(logits.shape, dtype=np.float32)
    for index in np.ndindex(logits.shape[:-1]):
        top = max(logits[index])
        total = sum(math.exp(a - top) for a in logits[index])
        log_p[index] = [a - top - math.log(total) for a in logits[index]]
    return log_p


@log_softmax.alternative
def with_log1p_of_the_others(logits):
    top = logits.max(axis=-1, keepdims=True)
    others = np.exp(logits - top).sum(axis=-1, keepdims=True) - 1
    return np.asfortranarray(logits - top - np.log1p(others))
