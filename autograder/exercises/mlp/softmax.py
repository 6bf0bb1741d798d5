import math

import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.mlp.shared import (
    PAGE,
    add_logits,
    by_rows,
    log_softmax_of,
    quiet,
    softmax_of,
)
from autograder.exercises.shared import LIBRARIES

softmax = Exercise(
    "softmax",
    signature="softmax(logits: (..., K) float64) -> p: (..., K) float64",
    outputs=("p",),
    points=2,
    forbids=LIBRARIES,
    section=PAGE + "softmax",
)


add_logits(softmax)


@softmax.reference
def _(logits):
    from autograder.kernels.softmax import softmax

    return by_rows(softmax, logits)


OVERFLOW = (
    "exp(1000) is too large for a computer, and ∞/∞ is not a number (rows near −1000 give 0/0). Softmax does not change "
    "when the same number is subtracted from all logits of a row: make the largest one 0."
)


@softmax.mistake("overflow", f"The formula is right, but {OVERFLOW}", PAGE + "stable")
def _(logits):
    return softmax_of(logits, shift="none")


@softmax.mistake(
    "one_maximum_for_all",
    "You subtract the largest logit of the whole array. A row far below it becomes exp(−2000) = 0 everywhere, and 0/0 is "
    "not a number: each row needs its own maximum.",
    PAGE + "stable",
)
def _(logits):
    return softmax_of(logits, shift=None)


@softmax.mistake(
    "less_than_the_largest_subtracted",
    "You subtract something from each row that lies well below its largest logit (its smallest one, or its mean?). Then a "
    "row with a large gap still overflows: exp may only get arguments ≤ 0, so it is the largest logit that has to become 0.",
    PAGE + "stable",
)
def _(logits):
    with quiet():
        e = np.exp(logits - logits.min(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)


@softmax.mistake(
    "largest_by_absolute_value",
    "You subtract the largest absolute value. In a row near −1000 that is +1000, so every exponential becomes 0, and 0/0 "
    "is not a number. It is the largest logit itself, with its sign, that has to become 0.",
    PAGE + "stable",
)
def _(logits):
    with quiet():
        e = np.exp(logits - np.abs(logits).max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)


@softmax.mistake(
    "maximum_over_the_batch",
    "The sum runs over the classes, as it should, but the maximum is taken over the examples, along axis 0. Then each "
    "class is shifted by another number, and that does change the probabilities: all logits of a row need the same shift.",
    PAGE + "stable",
)
def _(logits):
    return softmax_of(logits, shift=0)


@softmax.mistake(
    "divided_by_the_largest",
    "You divide the logits by the largest one. Softmax depends on the differences of the logits, which a division "
    "changes. Subtracting the same number from all of them leaves the differences alone.",
    PAGE + "softmax",
)
def _(logits):
    with quiet():
        return softmax_of(logits / logits.max(axis=-1, keepdims=True), shift="none")


@softmax.mistake(
    "nan_replaced",
    "You replace what is not a number afterwards. In rows near ±1000 the probabilities are lost by then, and yours do not "
    f"add up to 1. {OVERFLOW}",
    PAGE + "stable",
)
def _(logits):
    return np.nan_to_num(softmax_of(logits, shift="none"))


@softmax.mistake(
    "logits_clipped",
    "You cut large logits off. In a row near 1000 they all become equal, and so do the probabilities, although the "
    "logits differ. Subtracting the row's maximum loses nothing.",
    PAGE + "stable",
)
def _(logits):
    return softmax_of(np.clip(logits, -500, 500), shift="none")


@softmax.mistake(
    "logits_clipped_above",
    "You cut large logits off: in a row near 1000 they all become equal, although they differ; and rows near −1000 "
    "still give 0/0. Subtracting the row's maximum cures both and loses nothing.",
    PAGE + "stable",
)
def _(logits):
    return softmax_of(np.minimum(logits, 500), shift="none")


@softmax.mistake(
    "over_the_batch",
    "Your softmax runs down axis 0: the probabilities of one class add up to 1 over the examples. They have to add up "
    "to 1 over the classes of each example, the last axis (erratum E44).",
)
def _(logits):
    return softmax_of(logits, axis=0, shift=0)


@softmax.mistake(
    "over_the_batch_and_overflow",
    "Two things. Your sum runs down axis 0, over the examples, where it should run over the classes of each example, "
    f"the last axis (erratum E44). And {OVERFLOW}",
)
def _(logits):
    return softmax_of(logits, axis=0, shift="none")


@softmax.mistake(
    "sum_over_the_batch",
    "The maximum is taken along the right axis, but the sum runs down axis 0, over the examples. The probabilities have "
    "to add up to 1 over the classes of each example, the last axis (erratum E44).",
)
def _(logits):
    return softmax_of(logits, axis=0)


@softmax.mistake(
    "sum_over_everything",
    "Your sum runs over the whole array, so all examples share one probability mass of 1. Each example needs a sum of "
    "its own, over the last axis.",
)
def _(logits):
    return softmax_of(logits, axis=None)


@softmax.mistake(
    "everything_over_everything",
    "Your maximum and your sum run over the whole array, so all examples share one probability mass of 1. Each example "
    "needs its own, over the last axis.",
)
def _(logits):
    return softmax_of(logits, axis=None, shift=None)


@softmax.mistake(
    "sum_over_everything_and_overflow",
    "Two things. Your sum runs over the whole array, so all examples share one probability mass; each needs a sum of its "
    f"own, over the last axis. And {OVERFLOW}",
)
def _(logits):
    return softmax_of(logits, axis=None, shift="none")


@softmax.mistake(
    "axis_one",
    "You sum along axis 1. That is right for a batch (N, K); a single example (K,) has no axis 1, and with more axes it "
    "is another one. The classes are the last axis: −1 in every case.",
)
def _(logits):
    return softmax_of(logits, axis=1, shift=1)


@softmax.mistake(
    "axis_one_and_overflow",
    "Two things. You sum along axis 1, which a single example (K,) does not have: the classes are the last axis, −1 in "
    f"every case. And {OVERFLOW}",
)
def _(logits):
    return softmax_of(logits, axis=1, shift="none")


@softmax.mistake(
    "row_by_row",
    "You go through the first axis and treat what you find as one row. A single example (K,) has no rows, and with more "
    "axes a row is not one example. Let the maximum and the sum run along the last axis, with no loop.",
)
def _(logits):
    p = np.empty(logits.shape)
    for n in range(len(logits)):
        e = np.exp(logits[n] - logits[n].max())
        p[n] = e / e.sum()
    return p


@softmax.mistake(
    "axis_lost",
    "A maximum or a sum along the last axis drops that axis: shapes like (5, 3) and (5,) do not fit any more. "
    "`keepdims=True` keeps it with length 1.",
)
def _(logits):
    e = np.exp(logits - logits.max(axis=-1))
    return e / e.sum(axis=-1)


@softmax.mistake(
    "not_normalised",
    "You give the exponentials. To be probabilities they have to add up to 1 in each example.",
)
def _(logits):
    with quiet():
        return np.exp(logits)


@softmax.mistake(
    "not_normalised_but_shifted",
    "You give the exponentials: the largest in each row is 1. To be probabilities they have to add up to 1.",
)
def _(logits):
    return np.exp(logits - logits.max(axis=-1, keepdims=True))


@softmax.mistake(
    "sigmoid_of_each",
    "You apply the sigmoid to each logit. Then every class gets a probability of its own, and they do not add up to 1: "
    "that is for questions with several right answers. Softmax divides by the sum over the classes.",
    PAGE + "output",
)
def _(logits):
    return (1 + np.tanh(logits / 2)) / 2


@softmax.mistake(
    "winner_takes_all",
    "You give 1 to the largest logit and 0 to the others. That is a decision (hardmax); softmax gives every class a share.",
)
def _(logits):
    return (logits == logits.max(axis=-1, keepdims=True)) * 1.0


@softmax.mistake(
    "logarithm",
    "You give log-probabilities. Here the probabilities themselves are asked for; log_softmax comes next.",
    PAGE + "stable",
)
def _(logits):
    return log_softmax_of(logits)


@softmax.mistake(
    "shares_of_the_logits",
    "You divide the logits by their sum. Logits may be negative, and their sum may be 0: the exponential comes first.",
)
def _(logits):
    with quiet():
        return logits / logits.sum(axis=-1, keepdims=True)


@softmax.alternative
def with_a_loop(logits):
    p = np.empty(logits.shape, dtype=np.float32)
    for index in np.ndindex(logits.shape[:-1]):
        top = max(logits[index])
        e = [math.exp(a - top) for a in logits[index]]
        p[index] = np.array(e) / sum(e)
    return p


@softmax.alternative
def with_logaddexp(logits):
    return np.exp(logits - np.logaddexp.reduce(logits, axis=-1)[..., None])


@softmax.alternative
def with_differences(logits):
    e = np.exp(np.minimum(logits[..., None, :] - logits[..., :, None], 700))
    return np.asfortranarray(1 / e.sum(axis=-1))


@softmax.alternative
def with_transposes(logits):
    e = np.exp(logits.T - logits.T.max(axis=0))
    return (e / e.sum(axis=0)).T
