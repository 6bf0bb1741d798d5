import math

import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.mlp.shared import PAGE, add_epsilons, log_softmax_of, quiet, softmax_of
from autograder.exercises.shared import LIBRARIES, as_tensor
from dlarch.plain import PlainData

cross_entropy = Exercise(
    "cross_entropy",
    signature="cross_entropy(logits: (N, K) float64, labels: (N,) int64) -> E: float",
    outputs=("E",),
    form="mend",
    gives=("every_label_for_every_example",),
    points=2,
    uses=("log_softmax", "softmax"),
    forbids=LIBRARIES,
    section=PAGE + "cross-entropy",
)


def _classified(random, N, K, scale=2.0):
    labels = random.integers(K, size=N)
    labels[0], labels[-1] = 0, K - 1
    return {"logits": scale * random.normal(size=(N, K)), "labels": labels}


@cross_entropy.case("more examples than classes")
def _(random) -> dict[str, PlainData]:
    return _classified(random, 5, 3)


@cross_entropy.case("one example, of the last class")
def _(random) -> dict[str, PlainData]:
    return _classified(random, 1, 4)


@cross_entropy.case("more classes than examples, none of the last class")
def _(random) -> dict[str, PlainData]:
    return {**_classified(random, 3, 7), "labels": np.array([0, 4, 2])}


@cross_entropy.case("rows near +1000 and near −1000")
def _(random) -> dict[str, PlainData]:
    case = _classified(random, 4, 5)
    case["logits"] += np.array([1000.0, -1000.0, 0.0, 1000.0])[:, None]
    return case


@cross_entropy.case("sure and wrong")
def _(random) -> dict[str, PlainData]:
    case = _classified(random, 6, 4)
    case["logits"][2, (case["labels"][2] + 1) % 4] += 1500.0
    return case


@cross_entropy.case("large batch", secret=True)
def _(random) -> dict[str, PlainData]:
    return _classified(random, 90, 13, scale=20.0)


@cross_entropy.case("two classes", secret=True)
def _(random) -> dict[str, PlainData]:
    return _classified(random, 9, 2)


@cross_entropy.reference
def _(logits, labels):
    from autograder.kernels.softmax_cross_entropy import softmax_cross_entropy

    return softmax_cross_entropy(as_tensor(logits), as_tensor(labels, np.int64)).item()


def _chosen(log_p, labels):
    return log_p[np.arange(len(labels)), labels]


@cross_entropy.mistake(
    "softmax_twice",
    "Softmax is applied twice: you turn the logits into probabilities and give them to a function that takes logits. "
    "Then no prediction can be sure, and the loss never comes near 0 (erratum E44).",
    PAGE + "twice",
)
def _(logits, labels):
    return -np.mean(_chosen(log_softmax_of(softmax_of(logits)), labels))


@cross_entropy.mistake(
    "log_of_softmax",
    "You take the logarithm of softmax. Whoever is sure and wrong gives the right class a probability that is 0 for a "
    "computer, and the loss becomes infinite. Your log_softmax gives a plain number there.",
    PAGE + "stable",
)
def _(logits, labels):
    with quiet():
        return -np.mean(_chosen(np.log(softmax_of(logits)), labels))


@cross_entropy.mistake(
    "zero_times_infinity",
    "Your sum over the classes multiplies one-hot targets by log p. Where a probability is 0 for a computer its logarithm is "
    "−∞, and 0 · ∞ is not a number. Your log_softmax has no infinities.",
    PAGE + "stable",
)
def _(logits, labels):
    with quiet():
        return -np.sum(np.eye(logits.shape[1])[labels] * np.log(softmax_of(logits))) / len(labels)


@cross_entropy.mistake(
    "overflow",
    "Right for moderate logits, but exp overflows in rows near 1000 and gives 0 near −1000, and the loss is not a number. "
    "Use log-probabilities with each row's largest logit subtracted: your log_softmax.",
    PAGE + "stable",
)
def _(logits, labels):
    with quiet():
        return -np.mean(_chosen(log_softmax_of(logits, shift="none"), labels))


add_epsilons(
    cross_entropy,
    lambda epsilon, logits, labels: -np.mean(_chosen(np.log(softmax_of(logits) + epsilon), labels)),
    "You keep the logarithm finite by adding (or clipping at) a small number. Whoever is sure and wrong then pays "
    "−log ε at most, and the loss has no slope any more where it is needed most. Log-probabilities need no ε.",
    PAGE + "stable",
)


@cross_entropy.mistake(
    "all_classes_summed",
    "You add up −log p over all classes. Only the class that is right counts: its label picks one entry of each row.",
)
def _(logits, labels):
    return -np.sum(log_softmax_of(logits)) / len(labels)


@cross_entropy.mistake(
    "sum_over_the_batch",
    "You add up over the examples. The loss of a batch is the mean over its N examples.",
)
def _(logits, labels):
    return -np.sum(_chosen(log_softmax_of(logits), labels))


@cross_entropy.mistake(
    "mean_over_the_classes_too",
    "You divide by N·K: a mean over a table that is 0 except at the labels. Over the classes there is a sum (with one "
    "term that counts), over the examples a mean.",
)
def _(logits, labels):
    return -np.sum(_chosen(log_softmax_of(logits), labels)) / logits.size


@cross_entropy.mistake(
    "one_loss_per_example",
    "You return one number for each example. The loss of a batch is one number, the mean over its examples.",
)
def _(logits, labels):
    return -_chosen(log_softmax_of(logits), labels)


@cross_entropy.mistake(
    "wrong_sign",
    "The sign is reversed: you give the mean log-likelihood, which is to be made large. The loss is its negative, "
    "and never below 0.",
)
def _(logits, labels):
    return np.mean(_chosen(log_softmax_of(logits), labels))


@cross_entropy.mistake(
    "every_label_for_every_example",
    "log_p[:, labels] takes all the labels' columns for every row: an array (N, N). You want entry labels[0] of row 0, "
    "labels[1] of row 1, and so on: index rows and columns together.",
)
def _(logits, labels):
    return -np.mean(log_softmax_of(logits)[:, labels])


@cross_entropy.mistake(
    "rows_for_labels",
    "log_p[labels] takes whole rows, as if a label were the number of an example. Labels say which column counts.",
)
def _(logits, labels):
    return -np.mean(log_softmax_of(logits)[labels % len(labels)])


@cross_entropy.mistake(
    "labels_from_one",
    "You count the classes from 1, so the entry one place too far left is taken. Labels here start at 0.",
)
def _(logits, labels):
    return -np.mean(_chosen(log_softmax_of(logits), labels - 1))


@cross_entropy.mistake(
    "classes_counted_from_labels",
    "Your one-hot targets have as many columns as the largest label asks for. A batch need not hold every class: K is the "
    "number of columns of logits.",
)
def _(logits, labels):
    return -np.sum(np.eye(labels.max() + 1)[labels] * log_softmax_of(logits)) / len(labels)


@cross_entropy.mistake(
    "labels_ignored",
    "You average the log-probabilities of all classes, and the labels do not matter. Only the true class of each example "
    "counts.",
)
def _(logits, labels):
    return -np.mean(log_softmax_of(logits))


@cross_entropy.mistake(
    "logarithm_of_the_mean",
    "You average the probabilities first and take the logarithm of the mean. It is the mean of the logarithms: the "
    "probability of all answers is a product.",
    PAGE + "loss",
)
def _(logits, labels):
    return -np.log(np.mean(_chosen(softmax_of(logits), labels)))


@cross_entropy.mistake(
    "squared_error",
    "You give the squared error of the probabilities. The cross-entropy is −log of the probability that was given to the "
    "true class.",
)
def _(logits, labels):
    return np.mean(np.sum((softmax_of(logits) - np.eye(logits.shape[1])[labels]) ** 2, axis=1))


@cross_entropy.mistake(
    "predicted_class",
    "You take the probability of the most probable class, whatever the label is. The loss asks what probability was "
    "given to the class that is true.",
)
def _(logits, labels):
    return -np.mean(log_softmax_of(logits).max(axis=1))


@cross_entropy.mistake(
    "logarithm_missing",
    "You average the probabilities of the right classes, without the logarithm. Then being sure and wrong costs hardly "
    "more than being unsure.",
)
def _(logits, labels):
    return -np.mean(_chosen(softmax_of(logits), labels))


@cross_entropy.mistake(
    "softmax_missing",
    "You average the right classes' logits as if they were log-probabilities. log Σ exp(a) is still to be subtracted "
    "from them.",
)
def _(logits, labels):
    return -np.mean(_chosen(logits, labels))


@cross_entropy.mistake(
    "softmax_over_the_batch",
    "Your softmax runs down axis 0, over the examples. It has to run over the classes of each example (erratum E44).",
    PAGE + "softmax",
)
def _(logits, labels):
    return -np.mean(_chosen(log_softmax_of(logits, axis=0, shift=0), labels))


@cross_entropy.mistake(
    "every_class_a_question",
    "You give each class a binary cross-entropy and add them up. With softmax one term is enough, the one of the true "
    "class: the other probabilities are in its denominator already.",
    PAGE + "output",
)
def _(logits, labels):
    p, y = softmax_of(logits), labels[:, None] == np.arange(logits.shape[1])
    with quiet():
        return -np.mean(np.sum(np.where(y, np.log(p), np.log(1 - p)), axis=1))


@cross_entropy.mistake(
    "logarithm_of_base_two",
    "You measure in bits: your logarithm has the base 2. In this course log is the natural logarithm, as in np.log.",
)
def _(logits, labels):
    return -np.mean(_chosen(log_softmax_of(logits), labels)) / np.log(2)


@cross_entropy.alternative
def with_one_hot_targets(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -(np.eye(logits.shape[1])[labels] * log_p).sum() / len(labels)


@cross_entropy.alternative
def with_a_loop(logits, labels):
    total = 0.0
    for a, y in zip(logits, labels, strict=True):
        top = a.max()
        total += top + math.log(sum(math.exp(a_k - top) for a_k in a)) - a[y]
    return np.float32(total / len(labels))


@cross_entropy.alternative
def with_take_along_axis(logits, labels):
    right = np.take_along_axis(logits, labels[:, None], axis=1)
    return np.mean(np.logaddexp.reduce(logits - right, axis=1))


@cross_entropy.alternative
def line_by_line(logits, labels):
    log_p = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    losses = -log_p[np.arange(len(labels)), labels]
    return losses.mean()


cross_entropy.slip(
    "every_label_for_every_example",
    of="line_by_line",
    right="log_p[np.arange(len(labels)), labels]",
    wrong="log_p[:, labels]",
)
