import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.regularization.shared import PAGE, draw_scale
from autograder.exercises.shared import LIBRARIES, as_tensor
from dlarch.checks_file import Part
from dlarch.plain import PlainData

batch_norm_forward = Exercise(
    "batch_norm_forward",
    signature=(
        "batch_norm_forward(x: (N, D) float64, gamma: (D,) float64, beta: (D,) float64,"
        " running_mean: (D,) float64, running_variance: (D,) float64, momentum: float, epsilon: float,"
        " training: bool) -> y: (N, D) float64, running_mean: (D,) float64, running_variance: (D,) float64"
    ),
    outputs=("y", "running_mean", "running_variance"),
    form="mend",
    gives=("running_variance_biased", "batch_statistics_after_training"),
    parts={
        "value": Part(2, outputs=("y",)),
        "statistics": Part(1, outputs=("running_mean", "running_variance")),
    },
    forbids=LIBRARIES,
    section=PAGE + "batch-norm",
)


def _batch(random, N, D, momentum, epsilon, training=True):
    return {
        "x": 3 * random.normal(size=D) + random.normal(size=(N, D)) * random.uniform(0.4, 2, D),
        "gamma": draw_scale(random, D),
        "beta": random.normal(size=D),
        "running_mean": random.normal(size=D),
        "running_variance": random.uniform(0.5, 2, size=D),
        "momentum": momentum,
        "epsilon": epsilon,
        "training": training,
    }


@batch_norm_forward.case("training")
def _(random) -> dict[str, PlainData]:
    return _batch(random, 7, 4, 0.1, 0.05)


@batch_norm_forward.case("training on two examples")
def _(random) -> dict[str, PlainData]:
    return _batch(random, 2, 5, 0.3, 0.2)


@batch_norm_forward.case("a feature that does not vary")
def _(random) -> dict[str, PlainData]:
    case = _batch(random, 5, 3, 0.25, 1e-3)
    case["x"][:, 1] = 0.5
    return case


@batch_norm_forward.case("features far from zero")
def _(random) -> dict[str, PlainData]:
    case = _batch(random, 9, 3, 0.15, 1e-2)
    case["x"] += np.array([3e7, -5e7, 1e7])
    return case


@batch_norm_forward.case("after training")
def _(random) -> dict[str, PlainData]:
    return _batch(random, 6, 3, 0.1, 0.05, training=False)


@batch_norm_forward.case("after training, one example")
def _(random) -> dict[str, PlainData]:
    return _batch(random, 1, 8, 0.2, 1e-2, training=False)


@batch_norm_forward.case("large", secret=True)
def _(random) -> dict[str, PlainData]:
    return _batch(random, 61, 35, 0.05, 1e-3)


def _normalised(
    case,
    mean=None,
    variance=None,
    running=None,
    y=None,
    test=None,
    scale=None,
    ddof=1,
    momentum=None,
):
    """Answer a case of batch normalisation, with other statistics, another scale or other bookkeeping."""
    x, gamma, beta, epsilon = (case[name] for name in ("x", "gamma", "beta", "epsilon"))
    old_mean, old_variance = case["running_mean"], case["running_variance"]
    scale = scale or (lambda variance: np.sqrt(variance + epsilon))
    if not case["training"]:
        if test is not None:
            return test()
        return gamma * (x - old_mean) / scale(old_variance) + beta, old_mean, old_variance
    mean = x.mean(axis=0) if mean is None else mean
    variance = x.var(axis=0) if variance is None else variance
    m = case["momentum"] if momentum is None else momentum
    if y is None:
        with np.errstate(divide="ignore", invalid="ignore"):
            y = gamma * (x - mean) / scale(variance) + beta
    if running is None:
        running = (
            (1 - m) * old_mean + m * x.mean(axis=0),
            (1 - m) * old_variance + m * x.var(axis=0, ddof=ddof),
        )
    return y, *running


@batch_norm_forward.reference
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    from autograder.kernels.batch_norm import batch_norm

    if not training:
        scale = gamma / np.sqrt(running_variance + epsilon)
        return (x - running_mean) * scale + beta, running_mean.copy(), running_variance.copy()
    y, mean, variance = batch_norm(as_tensor(x), as_tensor(gamma), as_tensor(beta), epsilon)
    unbiased = variance.numpy() * len(x) / (len(x) - 1)
    return (
        y.numpy(),
        (1 - momentum) * running_mean + momentum * mean.numpy(),
        (1 - momentum) * running_variance + momentum * unbiased,
    )


def _unscaled(case):
    return _normalised({**case, "gamma": np.ones_like(case["gamma"]), "beta": 0 * case["beta"]})


@batch_norm_forward.mistake(
    "normalises_each_example",
    "You take mean and variance over the features of each example (axis 1). That is layer normalisation; "
    "batch normalisation takes them for each feature, over the examples of the batch.",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    mean, variance = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
    running = (
        (1 - momentum) * running_mean + momentum * mean,
        (1 - momentum) * running_variance + momentum * x.var(axis=1, keepdims=True, ddof=1),
    )
    return _normalised(dict(locals()), mean, variance, running)


@batch_norm_forward.mistake(
    "shift_missing",
    "β is missing: after the scale γ each feature is shifted by its β.",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    return _normalised({**locals(), "beta": 0 * beta})


@batch_norm_forward.mistake(
    "scale_missing",
    "γ is missing: each normalised feature is multiplied by its γ before β is added.",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    return _normalised({**locals(), "gamma": np.ones_like(gamma)})


@batch_norm_forward.mistake(
    "mean_of_squares_minus_square_of_mean",
    "You compute the variance as E[x²] − E[x]². Far from zero both are huge and nearly equal, and their difference is "
    "rounding (chapter 0 calls it cancellation). Subtract the mean first, then square.",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    variance = np.maximum((x**2).mean(axis=0) - x.mean(axis=0) ** 2, 0)
    N = len(x)
    running = (
        (1 - momentum) * running_mean + momentum * x.mean(axis=0),
        (1 - momentum) * running_variance + momentum * variance * N / max(N - 1, 1),
    )
    return _normalised(dict(locals()), None, variance, running)


@batch_norm_forward.mistake(
    "normalises_everything_together",
    "You take one mean and one variance over all numbers of the batch. Every feature has its own: average over the examples alone.",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    running = (
        (1 - momentum) * running_mean + momentum * x.mean(),
        (1 - momentum) * running_variance + momentum * x.var(ddof=1),
    )
    return _normalised(dict(locals()), x.mean(), x.var(), running)


@batch_norm_forward.mistake(
    "normalises_with_unbiased_variance",
    "You normalise with the variance divided by N − 1. The batch is normalised with its own spread, divided by N; "
    "N − 1 is for the running variance, which estimates the spread of all data.",
    PAGE + "batch-norm-running",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    return _normalised(dict(locals()), variance=x.var(axis=0, ddof=1 if training else 0))


@batch_norm_forward.mistake(
    "running_variance_biased",
    "Your running variance uses the variance divided by N. To estimate the spread of all data "
    "from a batch, divide by N − 1, as the task says.",
    PAGE + "batch-norm-running",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    return _normalised(dict(locals()), ddof=0)


@batch_norm_forward.mistake(
    "variances_swapped",
    "You have both variances, each in the other's place: the batch is normalised with the one divided by N, "
    "and the running variance takes the one divided by N − 1.",
    PAGE + "batch-norm-running",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    variance = x.var(axis=0, ddof=1 if training else 0)
    return _normalised(dict(locals()), variance=variance, ddof=0)


@batch_norm_forward.mistake(
    "momentum_swapped",
    "Your running statistics give the weight `momentum` to the old value and the rest to the batch. In this task, as in PyTorch, "
    "momentum is the weight of the new batch.",
    PAGE + "batch-norm-running",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    return _normalised(dict(locals()), momentum=1 - momentum)


@batch_norm_forward.mistake(
    "momentum_swapped_and_biased",
    "Two things about the running statistics: momentum is the weight of the new batch (you give it to the old value), "
    "and the running variance takes the variance divided by N − 1.",
    PAGE + "batch-norm-running",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    return _normalised(dict(locals()), momentum=1 - momentum, ddof=0)


@batch_norm_forward.mistake(
    "running_statistics_replaced",
    "You replace the running statistics by those of this batch. They are an average over many batches: "
    "the batch has the weight momentum in it.",
    PAGE + "batch-norm-running",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    return _normalised(dict(locals()), momentum=1.0)


@batch_norm_forward.mistake(
    "running_statistics_forgotten",
    "In training the running statistics come back as they went in. They have to follow the batches: "
    "after training there is nothing else to normalise with.",
    PAGE + "batch-norm-running",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    return _normalised(dict(locals()), running=(running_mean, running_variance))


@batch_norm_forward.mistake(
    "running_deviation",
    "Your running variance averages standard deviations. Keep variances, and take the root when you use them.",
    PAGE + "batch-norm-running",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    deviation = x.std(axis=0, ddof=1 if training else 0)
    running = (
        (1 - momentum) * running_mean + momentum * x.mean(axis=0),
        (1 - momentum) * running_variance + momentum * deviation,
    )
    return _normalised(dict(locals()), running=running)


@batch_norm_forward.mistake(
    "epsilon_missing",
    "There is no ε under the root. A feature that does not vary has variance 0, and 0/0 is not a number.",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    return _normalised(dict(locals()), scale=np.sqrt)


@batch_norm_forward.mistake(
    "epsilon_outside_the_root",
    "You add ε to the standard deviation. In batch normalisation it stands under the root, beside the variance.",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    return _normalised(dict(locals()), scale=lambda variance: np.sqrt(variance) + epsilon)


@batch_norm_forward.mistake(
    "divided_by_variance",
    "You divide by the variance (plus ε). To get features of variance 1, divide by its square root.",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    return _normalised(dict(locals()), scale=lambda variance: variance + epsilon)


@batch_norm_forward.mistake(
    "scale_and_shift_missing",
    "You return the normalised batch. The layer's own scale γ and shift β come after that.",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    return _unscaled(dict(locals()))


@batch_norm_forward.mistake(
    "shift_before_scale",
    "You shift first and scale then: γ(x̂ + β). The layer computes γ x̂ + β.",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    return _normalised({**locals(), "beta": gamma * beta})


@batch_norm_forward.mistake(
    "mean_not_subtracted",
    "You divide by the spread but do not subtract the mean.",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    case = dict(locals())
    _, *running = _normalised(case)
    variance = x.var(axis=0) if training else running_variance
    return gamma * x / np.sqrt(variance + epsilon) + beta, *running


@batch_norm_forward.mistake(
    "batch_statistics_after_training",
    "After training you still normalise with the statistics of the batch. What you say of one example then depends on "
    "which others happen to be with it; use the running statistics.",
    PAGE + "batch-norm-running",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    case = dict(locals())
    y, *_ = _normalised({**case, "training": True}, running=(0, 0))
    return y, *_normalised(case)[1:]


@batch_norm_forward.mistake(
    "training_ignored",
    "You do the same whether training is True or False. After training, normalise with the running statistics, and leave them alone.",
    PAGE + "batch-norm-running",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    return _normalised({**locals(), "training": True}, ddof=min(1, len(x) - 1))


@batch_norm_forward.mistake(
    "updates_after_training",
    "You go on updating the running statistics when training is False. "
    "Data that are only predicted must leave no trace in the model.",
    PAGE + "batch-norm-running",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    case = dict(locals())
    running = _normalised({**case, "training": True}, ddof=min(1, len(x) - 1))[1:]
    return _normalised(case)[0], *running


@batch_norm_forward.mistake(
    "running_statistics_in_training",
    "In training you normalise with the running statistics (after updating them). There it is the batch's own mean and variance that count, "
    "and that gradients flow through.",
    PAGE + "batch-norm-running",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    case = dict(locals())
    _, mean, variance = _normalised(case)
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta, mean, variance


@batch_norm_forward.mistake(
    "old_running_statistics_in_training",
    "In training you normalise with the running statistics as they came in. There it is the batch's own mean and variance that count, "
    "and that gradients flow through.",
    PAGE + "batch-norm-running",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    case = dict(locals())
    return _normalised({**case, "training": False})[0], *_normalised(case)[1:]


@batch_norm_forward.alternative
def with_loops(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    y = np.empty(x.shape, dtype=np.float32)
    new_mean, new_variance = list(running_mean), list(running_variance)
    for d in range(x.shape[1]):
        mean, variance = running_mean[d], running_variance[d]
        if training:
            mean = sum(x[:, d]) / len(x)
            squares = sum((x[:, d] - mean) ** 2)
            variance = squares / len(x)
            new_mean[d] += momentum * (mean - new_mean[d])
            new_variance[d] += momentum * (squares / (len(x) - 1) - new_variance[d])
        for n in range(len(x)):
            y[n, d] = gamma[d] * (x[n, d] - mean) / (variance + epsilon) ** 0.5 + beta[d]
    return y, np.array(new_mean), np.array(new_variance)


@batch_norm_forward.alternative
def as_one_affine_map(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    mean, variance = running_mean, running_variance
    if training:
        N = x.shape[0]
        mean = np.einsum("nd->d", x) / N
        variance = ((x - mean) ** 2).mean(axis=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_variance = (1 - momentum) * running_variance + momentum * N / (N - 1) * variance
    slope = gamma / np.sqrt(variance + epsilon)
    return np.asfortranarray(x * slope + (beta - mean * slope)), running_mean, running_variance


@batch_norm_forward.alternative
def with_numpy(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    return [*_normalised(dict(locals()))]


@batch_norm_forward.alternative
def line_by_line(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    mean, variance = running_mean, running_variance
    if training:
        mean, variance = x.mean(axis=0), x.var(axis=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        spread = x.var(axis=0, ddof=1)
        running_variance = (1 - momentum) * running_variance + momentum * spread
    y = gamma * (x - mean) / np.sqrt(variance + epsilon) + beta
    return y, running_mean, running_variance


batch_norm_forward.slip(
    "running_variance_biased",
    of="line_by_line",
    right="x.var(axis=0, ddof=1)",
    wrong="x.var(axis=0)",
)

batch_norm_forward.slip(
    "batch_statistics_after_training",
    of="line_by_line",
    right="    mean, variance = running_mean, running_variance\n"
    "    if training:\n"
    "        mean, variance = x.mean(axis=0), x.var(axis=0)\n",
    wrong="    mean, variance = x.mean(axis=0), x.var(axis=0)\n    if training:\n",
)
