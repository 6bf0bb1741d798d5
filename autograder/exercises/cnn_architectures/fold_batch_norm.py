import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.cnn_architectures.shared import PAGE

fold_batch_norm = Exercise(
    "fold_batch_norm",
    signature=(
        "fold_batch_norm(weight: (F, C, KH, KW), bias: (F,), gamma: (F,), beta: (F,), mean: (F,), variance: (F,), "
        "epsilon: float) -> weight (F, C, KH, KW), bias (F,)"
    ),
    outputs=("weight", "bias"),
    points=2,
    form="derive",
    reveals=(r"w'_f = \frac{\gamma_f}{\sqrt{v_f + \varepsilon}}", r"(b_f - m_f) + \beta_f"),
    forbids=("torch",),
    section=f"{PAGE}batch-norm",
)


def _case(random, F, C, kernel, epsilon, variance=(0.2, 3.0)):
    return {
        "weight": random.normal(size=(F, C, *kernel)),
        "bias": random.normal(size=F),
        "gamma": random.normal(0.8, 1, size=F),
        "beta": random.normal(size=F),
        "mean": random.normal(0.5, 1, size=F),
        "variance": random.uniform(*variance, size=F),
        "epsilon": epsilon,
    }


@fold_batch_norm.case("3 × 2 kernels, a large ε")
def _(random):
    return _case(random, 4, 3, (3, 2), 0.1)


@fold_batch_norm.case("as many filters as channels")
def _(random):
    return _case(random, 3, 3, (2, 2), 0.05)


@fold_batch_norm.case("1 × 1, one filter")
def _(random):
    return _case(random, 1, 4, (1, 1), 0.2)


@fold_batch_norm.case("a channel that hardly varies")
def _(random):
    return _case(random, 5, 2, (3, 3), 1e-3, variance=(1e-4, 2e-3))


@fold_batch_norm.case("more filters", secret=True)
def _(random):
    return _case(random, 11, 6, (3, 5), float(random.uniform(0.01, 0.3)))


def _fold(weight, bias, gamma, beta, mean, scale):
    return weight * scale[:, None, None, None], (bias - mean) * scale + beta


@fold_batch_norm.reference
def _(weight, bias, gamma, beta, mean, variance, epsilon):
    return _fold(weight, bias, gamma, beta, mean, gamma / np.sqrt(variance + epsilon))


@fold_batch_norm.alternative
def with_einsum(weight, bias, gamma, beta, mean, variance, epsilon):
    scale = gamma / np.sqrt(variance + epsilon)
    return np.einsum("fckl,f->fckl", weight, scale), scale * bias + beta - scale * mean


@fold_batch_norm.alternative
def filter_by_filter(weight, bias, gamma, beta, mean, variance, epsilon):
    new_weight, new_bias = np.empty_like(weight), np.empty_like(bias)
    for f in range(len(weight)):
        root = (variance[f] + epsilon) ** 0.5
        new_weight[f] = gamma[f] * weight[f] / root
        new_bias[f] = gamma[f] * (bias[f] - mean[f]) / root + beta[f]
    return new_weight, new_bias


@fold_batch_norm.alternative
def measured_on_the_two_layers(weight, bias, gamma, beta, mean, variance, epsilon):
    """Send a zero and every unit input through both layers: what comes out are the folded bias and weights."""

    def layers(a):
        return gamma * (a - mean) / np.sqrt(variance + epsilon) + beta

    new_bias = layers(bias)
    flat = weight.reshape(len(weight), -1)
    columns = [layers(column + bias) - new_bias for column in flat.T]
    return np.stack(columns, axis=1).reshape(weight.shape), new_bias


@fold_batch_norm.mistake(
    "root_missing",
    "You divide by the variance: batch normalisation divides by its root.",
)
def _(weight, bias, gamma, beta, mean, variance, epsilon):
    return _fold(weight, bias, gamma, beta, mean, gamma / (variance + epsilon))


@fold_batch_norm.mistake(
    "epsilon_outside_the_root",
    "Your ε is added outside the root: batch normalisation adds it to the variance.",
)
def _(weight, bias, gamma, beta, mean, variance, epsilon):
    return _fold(weight, bias, gamma, beta, mean, gamma / (np.sqrt(variance) + epsilon))


@fold_batch_norm.mistake(
    "epsilon_left_out",
    "The ε is missing: a channel that hardly varies is then scaled up more than the layer did.",
)
def _(weight, bias, gamma, beta, mean, variance, epsilon):
    return _fold(weight, bias, gamma, beta, mean, gamma / np.sqrt(variance))


@fold_batch_norm.mistake(
    "gamma_left_out",
    "The learnt scale γ is missing.",
)
def _(weight, bias, gamma, beta, mean, variance, epsilon):
    return _fold(weight, bias, gamma, beta, mean, 1 / np.sqrt(variance + epsilon))


@fold_batch_norm.mistake(
    "beta_left_out",
    "The learnt shift β is missing.",
)
def _(weight, bias, gamma, beta, mean, variance, epsilon):
    return _fold(weight, bias, gamma, 0 * beta, mean, gamma / np.sqrt(variance + epsilon))


@fold_batch_norm.mistake(
    "mean_left_out",
    "The running mean is not subtracted.",
)
def _(weight, bias, gamma, beta, mean, variance, epsilon):
    return _fold(weight, bias, gamma, beta, 0 * mean, gamma / np.sqrt(variance + epsilon))


@fold_batch_norm.mistake(
    "bias_not_scaled",
    "The convolution's own bias goes through batch normalisation too: it is scaled like the rest.",
)
def _(weight, bias, gamma, beta, mean, variance, epsilon):
    scale = gamma / np.sqrt(variance + epsilon)
    return weight * scale[:, None, None, None], bias - mean * scale + beta


@fold_batch_norm.mistake(
    "bias_lost",
    "The convolution's own bias is gone.",
)
def _(weight, bias, gamma, beta, mean, variance, epsilon):
    return _fold(weight, 0 * bias, gamma, beta, mean, gamma / np.sqrt(variance + epsilon))


@fold_batch_norm.mistake(
    "beta_scaled",
    "You scale β too: the shift is added after the scaling.",
)
def _(weight, bias, gamma, beta, mean, variance, epsilon):
    scale = gamma / np.sqrt(variance + epsilon)
    return weight * scale[:, None, None, None], (bias - mean + beta) * scale


@fold_batch_norm.mistake(
    "scaled_along_another_axis",
    "You scale along another axis than that of the filters: every output channel has a scale of its own.",
)
def _(weight, bias, gamma, beta, mean, variance, epsilon):
    scale = gamma / np.sqrt(variance + epsilon)
    along = np.resize(scale, weight.shape[1])
    return weight * along[:, None, None], (bias - mean) * scale + beta


@fold_batch_norm.mistake("scaled_along_another_axis")
def _(weight, bias, gamma, beta, mean, variance, epsilon):
    scale = gamma / np.sqrt(variance + epsilon)
    return weight * np.resize(scale, weight.shape[3]), (bias - mean) * scale + beta


@fold_batch_norm.mistake(
    "weights_unchanged",
    "The weights are as they were: the scale belongs to them as well as to the bias.",
)
def _(weight, bias, gamma, beta, mean, variance, epsilon):
    scale = gamma / np.sqrt(variance + epsilon)
    return weight * 1, (bias - mean) * scale + beta
