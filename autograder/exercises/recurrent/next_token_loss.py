import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.recurrent.shared import BY_HAND, PAGE
from autograder.exercises.shared import as_tensor
from dlarch.plain import PlainData

next_token_loss = Exercise(
    "next_token_loss",
    signature=(
        "next_token_loss(logits: (N, T, V) float64, targets: (N, T) int64, lengths: (N,) int64)"
        " -> loss: float, dlogits: (N, T, V) float64"
    ),
    outputs=("loss", "dlogits"),
    points=2,
    form="mend",
    gives=("divided_by_all_places", "filling_in_the_gradient"),
    forbids=(*BY_HAND, "scipy", "errstate", "warnings"),
    section=PAGE + "language",
)


def _scores(random, lengths, V, size=2.0, behind=1.0):
    lengths = np.array(lengths)
    N, T = len(lengths), lengths.max()
    logits = size * random.normal(size=(N, T, V))
    padding = np.arange(T) >= lengths[:, None]
    logits[padding] *= behind
    return {"logits": logits, "targets": random.integers(V, size=(N, T)), "lengths": lengths}


@next_token_loss.case("lengths 4, 1, 3")
def _(random) -> dict[str, PlainData]:
    return _scores(random, [4, 1, 3], 6)


@next_token_loss.case("one sequence")
def _(random) -> dict[str, PlainData]:
    return _scores(random, [5], 3)


@next_token_loss.case("huge logits behind the ends")
def _(random) -> dict[str, PlainData]:
    return _scores(random, [2, 5, 1], 4, behind=1e6)


@next_token_loss.case("logits near 1000, far apart")
def _(random) -> dict[str, PlainData]:
    case = _scores(random, [3, 2, 1], 5)
    case["logits"] += 1000 * random.choice([-1, 1], size=(3, 3, 1))
    case["logits"][0, 0, case["targets"][0, 0]] -= 2000
    return case


@next_token_loss.case("N = T = V")
def _(random) -> dict[str, PlainData]:
    return _scores(random, [4, 2, 4, 3], 4)


@next_token_loss.case("many", secret=True)
def _(random) -> dict[str, PlainData]:
    return _scores(random, [7, 2, 9, 1, 5, 8], 12, behind=1e4)


@next_token_loss.reference
def _(logits, targets, lengths):
    import torch

    from autograder.kernels.softmax_cross_entropy import softmax_cross_entropy

    real = as_tensor(np.arange(logits.shape[1]) < lengths[:, None], bool)
    leaf = as_tensor(logits).requires_grad_(True)
    loss = softmax_cross_entropy(leaf[real], as_tensor(targets, np.int64)[real])
    return loss.item(), torch.autograd.grad(loss, leaf)[0].numpy()


@next_token_loss.alternative
def with_a_mask(logits, targets, lengths):
    _, T, V = logits.shape
    real = np.arange(T) < lengths[:, None]
    count = real.sum()
    shifted = logits - logits.max(axis=2, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True))
    chosen = np.take_along_axis(log_p, targets[:, :, None], axis=2)[:, :, 0]
    loss = -np.where(real, chosen, 0).sum() / count
    one_hot = targets[:, :, None] == np.arange(V)
    dlogits = np.where(real[:, :, None], np.exp(log_p) - one_hot, 0) / count
    return loss, dlogits


@next_token_loss.alternative
def token_by_token(logits, targets, lengths):
    loss, dlogits = 0.0, np.zeros_like(logits)
    for n, end in enumerate(lengths):
        for t in range(end):
            a = logits[n, t]
            e = np.exp(a - a.max())
            loss += np.log(e.sum()) + a.max() - a[targets[n, t]]
            dlogits[n, t] = e / e.sum()
            dlogits[n, t, targets[n, t]] -= 1
    return loss / sum(lengths), dlogits / sum(lengths)


@next_token_loss.alternative
def with_real_rows_alone(logits, targets, lengths):
    real = np.arange(logits.shape[1])[None] < lengths[:, None]
    a, k = logits[real], targets[real]
    rows = np.arange(len(a))
    top = a.max(axis=1)
    total = np.exp(a - top[:, None]).sum(axis=1)
    p = np.exp(a - top[:, None]) / total[:, None]
    p[rows, k] -= 1
    dlogits = np.zeros(logits.shape)
    dlogits[real] = p / len(a)
    return float(np.mean(np.log(total) + top - a[rows, k])), dlogits


_MASK = "with_a_mask"

next_token_loss.slip(
    "divided_by_all_places",
    "You divide by all places of the array, filling included. The mean goes over real tokens: else the loss of a batch "
    "depends on how much filling it has.",
    PAGE + "lengths",
    of=_MASK,
    right="count = real.sum()",
    wrong="count = real.size",
)
next_token_loss.slip(
    "filling_counted",
    "What stands behind the ends of sequences is in your loss. It is filling, and nobody is to predict it.",
    PAGE + "lengths",
    of=_MASK,
    right="real = np.arange(T) < lengths[:, None]",
    wrong="real = np.ones(targets.shape, bool)",
)
next_token_loss.slip(
    "filling_in_the_gradient",
    "Your loss leaves the filling out, and your gradient does not: behind the end of a sequence it has to be 0.",
    PAGE + "lengths",
    of=_MASK,
    right="np.where(real[:, :, None], np.exp(log_p) - one_hot, 0)",
    wrong="(np.exp(log_p) - one_hot)",
)
next_token_loss.slip(
    "divided_by_the_sequences",
    "You divide by the number of sequences. Asked for is the mean over real tokens.",
    of=_MASK,
    right="count = real.sum()",
    wrong="count = len(logits)",
)
next_token_loss.slip(
    "summed",
    "Your loss is the sum over the real tokens, not their mean.",
    of=_MASK,
    right="count = real.sum()",
    wrong="count = 1",
)
next_token_loss.slip(
    "gradient_not_divided",
    "Your gradient is that of the sum over the tokens; the loss is their mean.",
    of=_MASK,
    right="np.exp(log_p) - one_hot, 0) / count",
    wrong="np.exp(log_p) - one_hot, 0)",
)
next_token_loss.slip(
    "sign_of_the_gradient",
    "Your gradient has the wrong sign: a step against it would make the right tokens less probable.",
    of=_MASK,
    right="np.exp(log_p) - one_hot, 0)",
    wrong="one_hot - np.exp(log_p), 0)",
)
next_token_loss.slip(
    "one_step_too_many",
    "One place behind the end of each sequence counts. A sequence of length 3 has places 0, 1 and 2.",
    PAGE + "lengths",
    of=_MASK,
    right="np.arange(T) < lengths[:, None]",
    wrong="np.arange(T) <= lengths[:, None]",
)
next_token_loss.slip(
    "softmax_over_time",
    "Your probabilities sum to 1 over the steps of a sequence. At every step they have to over the vocabulary.",
    of=_MASK,
    right="np.exp(shifted).sum(axis=2, keepdims=True)",
    wrong="np.exp(shifted).sum(axis=1, keepdims=True)",
)


@next_token_loss.mistake(
    "mean_of_means",
    "You took the mean of every sequence first and then their mean: a token of a short sequence then counts more than "
    "one of a long sequence.",
)
def _(logits, targets, lengths):
    N = len(lengths)
    one = [with_a_mask(logits[n : n + 1], targets[n : n + 1], lengths[n : n + 1]) for n in range(N)]
    return (
        float(np.mean([loss for loss, _ in one])),
        np.concatenate([gradient for _, gradient in one]) / N,
    )


@next_token_loss.mistake(
    "overflow",
    "With logits near 1000 your loss or gradient is infinite or no number. Softmax does not change when the same number "
    "is subtracted from all logits of a step, and the logarithm should never see a 0.",
)
def _(logits, targets, lengths):
    loss, dlogits = 0.0, np.zeros_like(logits)
    count = lengths.sum()
    with np.errstate(all="ignore"):
        for n, end in enumerate(lengths):
            for t in range(end):
                e = np.exp(logits[n, t])
                p = e / e.sum()
                loss -= np.log(p[targets[n, t]]) / count
                dlogits[n, t] = (p - (np.arange(len(p)) == targets[n, t])) / count
    return loss, dlogits


@next_token_loss.mistake("overflow")
def _(logits, targets, lengths):
    _, dlogits = token_by_token(logits, targets, lengths)
    shifted = np.exp(logits - logits.max(axis=2, keepdims=True))
    p = shifted / shifted.sum(axis=2, keepdims=True)
    real = np.arange(logits.shape[1]) < lengths[:, None]
    chosen = np.take_along_axis(p, targets[:, :, None], axis=2)[:, :, 0]
    with np.errstate(all="ignore"):
        return -np.log(chosen[real]).mean(), dlogits


@next_token_loss.mistake("overflow")
def _(logits, targets, lengths):
    _, dlogits = token_by_token(logits, targets, lengths)
    shifted = np.exp(logits - logits.max(axis=2, keepdims=True))
    p = shifted / shifted.sum(axis=2, keepdims=True)
    real = np.arange(logits.shape[1]) < lengths[:, None]
    chosen = np.take_along_axis(p, targets[:, :, None], axis=2)[:, :, 0]
    return -np.log(chosen[real] + 1e-12).mean(), dlogits
