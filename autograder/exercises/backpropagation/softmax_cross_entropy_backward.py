import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.backpropagation.shared import BY_HAND, PAGE, one_hot, softmax_of
from autograder.exercises.shared import as_tensor
from dlarch.plain import PlainData

softmax_cross_entropy_backward = Exercise(
    "softmax_cross_entropy_backward",
    signature=(
        "softmax_cross_entropy_backward(logits: (N, K) float64, labels: (N,) int64)"
        " -> dlogits: (N, K) float64"
    ),
    outputs=("dlogits",),
    points=2,
    forbids=BY_HAND,
    section=PAGE + "softmax",
)


def _classified(random, N, K, scale=2.0):
    labels = random.integers(K, size=N)
    labels[0] = 0
    labels[-1] = K - 1
    return {"logits": scale * random.normal(size=(N, K)), "labels": labels}


@softmax_cross_entropy_backward.case("N = 5, K = 3")
def _(random) -> dict[str, PlainData]:
    return _classified(random, 5, 3)


@softmax_cross_entropy_backward.case("one example")
def _(random) -> dict[str, PlainData]:
    return _classified(random, 1, 4)


@softmax_cross_entropy_backward.case("more classes than examples")
def _(random) -> dict[str, PlainData]:
    return _classified(random, 3, 7)


@softmax_cross_entropy_backward.case("rows near +1000 and near −1000")
def _(random) -> dict[str, PlainData]:
    case = _classified(random, 4, 5)
    case["logits"] += np.array([1000.0, -1000.0, 0.0, 1000.0])[:, None]
    return case


@softmax_cross_entropy_backward.case("rows from −1000 to +1000")
def _(random) -> dict[str, PlainData]:
    case = _classified(random, 5, 3)
    case["logits"] += np.array([-1000.0, 0.0, 1000.0])
    return case


@softmax_cross_entropy_backward.case("the last classes do not occur")
def _(random) -> dict[str, PlainData]:
    return {**_classified(random, 4, 6), "labels": np.array([1, 0, 1, 3])}


@softmax_cross_entropy_backward.case("all examples of class 0")
def _(random) -> dict[str, PlainData]:
    return {**_classified(random, 3, 4), "labels": np.zeros(3, dtype=np.int64)}


@softmax_cross_entropy_backward.case("as many examples as classes, equal logits in a row")
def _(random) -> dict[str, PlainData]:
    case = _classified(random, 3, 3)
    case["logits"][1] = 0.7
    return case


@softmax_cross_entropy_backward.case("large batch, sure of itself", secret=True)
def _(random) -> dict[str, PlainData]:
    return _classified(random, 70, 13, scale=30.0)


@softmax_cross_entropy_backward.reference
def _(logits, labels):
    import torch

    from autograder.kernels.softmax_cross_entropy import softmax_cross_entropy

    leaf = as_tensor(logits).requires_grad_(True)
    return torch.autograd.grad(softmax_cross_entropy(leaf, as_tensor(labels, np.int64)), leaf)[
        0
    ].numpy()


@softmax_cross_entropy_backward.mistake(
    "mean_dropped",
    "You left out the mean over the batch: the loss carries 1/N, and so does its gradient.",
    PAGE + "softmax",
)
def _(logits, labels):
    return softmax_of(logits) - one_hot(labels, logits.shape[1])


@softmax_cross_entropy_backward.mistake(
    "mean_over_all",
    "You divided by N·K. The loss is a mean over the N examples; over the classes there is a sum.",
    PAGE + "softmax",
)
def _(logits, labels):
    return (softmax_of(logits) - one_hot(labels, logits.shape[1])) / logits.size


@softmax_cross_entropy_backward.mistake(
    "wrong_sign",
    "The sign is reversed. Raising the right class's logit must lower the loss, so its derivative is negative.",
    PAGE + "softmax",
)
def _(logits, labels):
    return (one_hot(labels, logits.shape[1]) - softmax_of(logits)) / len(logits)


@softmax_cross_entropy_backward.mistake(
    "softmax_over_batch",
    "Your softmax runs down the batch (axis 0): the probabilities of one class add up to 1 over the examples. They have "
    "to add up to 1 over the classes of each example (erratum E44).",
    PAGE + "softmax",
)
def _(logits, labels):
    return (softmax_of(logits, axis=0) - one_hot(labels, logits.shape[1])) / len(logits)


@softmax_cross_entropy_backward.mistake(
    "softmax_twice",
    "You applied softmax twice: the argument holds logits, and one softmax turns them into probabilities "
    "(erratum E44).",
    PAGE + "softmax",
)
def _(logits, labels):
    return (softmax_of(softmax_of(logits)) - one_hot(labels, logits.shape[1])) / len(logits)


@softmax_cross_entropy_backward.mistake(
    "overflow",
    "Large logits give NaN: exp(1000) overflows, and ∞/∞ is not a number (rows near −1000 give 0/0). Softmax does not "
    "change when the same number is added to all logits of a row.",
    PAGE + "softmax",
)
def _(logits, labels):
    with np.errstate(over="ignore", invalid="ignore"):
        e = np.exp(logits)
        return (e / e.sum(axis=1, keepdims=True) - one_hot(labels, logits.shape[1])) / len(logits)


@softmax_cross_entropy_backward.mistake(
    "one_maximum_for_the_batch",
    "You subtracted the largest logit of the whole batch. A row far below it becomes exp(−2000) = 0 everywhere, and "
    "0/0 is NaN: what is right for one row is not for another.",
    PAGE + "softmax",
)
def _(logits, labels):
    with np.errstate(invalid="ignore"):
        e = np.exp(logits - logits.max())
        return (e / e.sum(axis=1, keepdims=True) - one_hot(labels, logits.shape[1])) / len(logits)


@softmax_cross_entropy_backward.mistake(
    "diagonal_only",
    "You used only the diagonal of softmax's Jacobian. Each probability depends on every logit, because they share one "
    "sum: all the entries of a row have a part in it.",
    PAGE + "softmax",
)
def _(logits, labels):
    p, y = softmax_of(logits), one_hot(labels, logits.shape[1])
    return -y * (1 - p) / len(logits)


@softmax_cross_entropy_backward.mistake(
    "labels_from_one",
    "You counted the classes from 1: the label's entry sits one place too far left. Labels here start at 0.",
    PAGE + "softmax",
)
def _(logits, labels):
    K = logits.shape[1]
    return (softmax_of(logits) - one_hot((labels - 1) % K, K)) / len(logits)


@softmax_cross_entropy_backward.mistake(
    "stopped_at_probabilities",
    "You return −1/p at the label: the derivative with respect to the probabilities. The logits lie behind softmax, one "
    "step further back.",
    PAGE + "softmax",
)
def _(logits, labels):
    return -one_hot(labels, logits.shape[1]) / np.maximum(softmax_of(logits), 1e-300) / len(logits)


@softmax_cross_entropy_backward.mistake(
    "label_columns_for_all",
    "`p[:, labels]` takes all the labels' columns in every row. One entry of each row is meant: that of the row's own label.",
    PAGE + "softmax",
)
def _(logits, labels):
    p = softmax_of(logits)
    p[:, labels] -= 1
    return p / len(logits)


@softmax_cross_entropy_backward.mistake("diagonal_only")
def _(logits, labels):
    p, y = softmax_of(logits), one_hot(labels, logits.shape[1])
    return p * (1 - p) * (p - y) / len(logits)


@softmax_cross_entropy_backward.mistake(
    "classes_counted_in_the_labels",
    "You read the number of classes off the labels. A class that no example of the batch has still has its logit.",
    PAGE + "softmax",
)
def _(logits, labels):
    return (softmax_of(logits) - np.eye(labels.max() + 1)[labels]) / len(logits)


@softmax_cross_entropy_backward.mistake("classes_counted_in_the_labels")
def _(logits, labels):
    return (softmax_of(logits) - one_hot(labels, len(np.unique(labels)))) / len(logits)


@softmax_cross_entropy_backward.mistake(
    "mean_over_classes",
    "You divided by K, the number of classes. The loss is a mean over the N examples.",
    PAGE + "softmax",
)
def _(logits, labels):
    return (softmax_of(logits) - one_hot(labels, logits.shape[1])) / logits.shape[1]


@softmax_cross_entropy_backward.mistake(
    "label_not_subtracted",
    "You return the probabilities alone: the gradient does not know what was true.",
    PAGE + "softmax",
)
def _(logits, labels):
    return softmax_of(logits) / len(logits)


@softmax_cross_entropy_backward.mistake(
    "mean_of_the_label_alone",
    "Only a part of the difference is divided by N: the whole gradient carries the mean.",
    PAGE + "softmax",
)
def _(logits, labels):
    return softmax_of(logits) - one_hot(labels, logits.shape[1]) / len(logits)


@softmax_cross_entropy_backward.mistake("mean_of_the_label_alone")
def _(logits, labels):
    return softmax_of(logits) / len(logits) - one_hot(labels, logits.shape[1])


@softmax_cross_entropy_backward.mistake(
    "logits_cut_off",
    "You cut large logits off, to keep exp from overflowing: then logits that differ come out equal, and so do their "
    "probabilities. Softmax does not change when the same number is added to all logits of a row.",
    PAGE + "softmax",
)
def _(logits, labels):
    p = softmax_of(np.clip(logits, -500, 500))
    return (p - one_hot(labels, logits.shape[1])) / len(logits)


@softmax_cross_entropy_backward.mistake(
    "logits_for_probabilities",
    "You compared the logits themselves with the labels: softmax, which turns them into probabilities, is missing.",
    PAGE + "softmax",
)
def _(logits, labels):
    return (logits - one_hot(labels, logits.shape[1])) / len(logits)


@softmax_cross_entropy_backward.mistake("one_maximum_for_the_batch")
def _(logits, labels):
    with np.errstate(invalid="ignore"):
        e = np.exp(logits - logits.max(axis=0))
        return (e / e.sum(axis=1, keepdims=True) - one_hot(labels, logits.shape[1])) / len(logits)


@softmax_cross_entropy_backward.alternative
def with_label_indices(logits, labels):
    N = len(labels)
    shifted = logits - logits.max(axis=1, keepdims=True)
    p = np.exp(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))
    p[np.arange(N), labels] -= 1
    return p / N


@softmax_cross_entropy_backward.alternative
def with_full_jacobian(logits, labels):
    N, K = logits.shape
    gradient = np.empty((N, K))
    for n in range(N):
        e = np.exp(logits[n] - np.max(logits[n]))
        p = e / e.sum()
        gradient[n] = p - np.eye(K)[labels[n]]
    return np.divide(gradient, N).astype(np.float32)


@softmax_cross_entropy_backward.alternative
def with_differences(logits, labels):
    e = np.exp(np.minimum(logits[:, None, :] - logits[:, :, None], 700))
    p = 1 / e.sum(axis=2)
    return np.asfortranarray((p - np.eye(logits.shape[1])[labels]) / logits.shape[0])
