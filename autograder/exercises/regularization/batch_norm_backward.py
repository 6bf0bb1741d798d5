import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.regularization.shared import PAGE, draw_scale
from autograder.exercises.shared import LIBRARIES, as_tensor
from dlarch.checks_file import Part
from dlarch.plain import PlainData

batch_norm_backward = Exercise(
    "batch_norm_backward",
    signature=(
        "batch_norm_backward(dy: (N, D) float64, x: (N, D) float64, gamma: (D,) float64, epsilon: float)"
        " -> dx: (N, D) float64, dgamma: (D,) float64, dbeta: (D,) float64"
    ),
    outputs=("dx", "dgamma", "dbeta"),
    form="derive",
    reveals=(r"\hat x_n\, \hat x_m", r"\mathrm{d}y_m - \frac{\mathrm{d}\beta}{N}"),
    parts={
        "parameters": Part(1, outputs=("dgamma", "dbeta")),
        "inputs": Part(3, outputs=("dx",)),
    },
    forbids=LIBRARIES,
    section=PAGE + "batch-norm-backward",
)


def _pulled(random, N, D, epsilon):
    return {
        "dy": 0.5 + random.normal(size=(N, D)),
        "x": 3 * random.normal(size=D) + random.normal(size=(N, D)) * random.uniform(0.4, 2, D),
        "gamma": draw_scale(random, D),
        "epsilon": epsilon,
    }


@batch_norm_backward.case("N = 7, D = 4")
def _(random) -> dict[str, PlainData]:
    return _pulled(random, 7, 4, 0.05)


@batch_norm_backward.case("three examples")
def _(random) -> dict[str, PlainData]:
    return _pulled(random, 3, 5, 0.2)


@batch_norm_backward.case("a feature that does not vary")
def _(random) -> dict[str, PlainData]:
    case = _pulled(random, 5, 3, 0.1)
    case["x"][:, 2] = 0.5
    return case


@batch_norm_backward.case("two examples", secret=True)
def _(random) -> dict[str, PlainData]:
    return _pulled(random, 2, 6, 0.5)


@batch_norm_backward.case("large", secret=True)
def _(random) -> dict[str, PlainData]:
    return _pulled(random, 45, 23, 1e-3)


def _backward(
    case, ddof=0, epsilon=None, mean_path=1, variance_path=1, gamma=None, axis=0, x_hat=None
):
    """Answer a case of the backward pass with parts of it changed."""
    dy, x = case["dy"], case["x"]
    epsilon = case["epsilon"] if epsilon is None else epsilon
    gamma = case["gamma"] if gamma is None else gamma
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = 1 / np.sqrt(x.var(axis=axis, ddof=ddof, keepdims=True) + epsilon)
        x_hat = (x - x.mean(axis=axis, keepdims=True)) * inverse if x_hat is None else x_hat
        g = gamma * dy
        paths = mean_path * g.mean(axis=axis, keepdims=True)
        paths = paths + variance_path * x_hat * (g * x_hat).mean(axis=axis, keepdims=True)
        return inverse * (g - paths), (dy * x_hat).sum(axis=0), dy.sum(axis=0)


@batch_norm_backward.reference
def _(dy, x, gamma, epsilon):
    import torch

    from autograder.kernels.batch_norm import batch_norm

    leaves = [as_tensor(array).requires_grad_(True) for array in (x, gamma, 0 * gamma)]
    y = batch_norm(*leaves, epsilon)[0]
    return [gradient.numpy() for gradient in torch.autograd.grad(y, leaves, as_tensor(dy))]


@batch_norm_backward.mistake(
    "statistics_taken_as_constants",
    "Your dx has one path only: dy γ/s. But mean and variance are made of x too, so every example of the batch moves all others. "
    "Two more paths lead back to x.",
)
def _(dy, x, gamma, epsilon):
    return _backward(locals(), mean_path=0, variance_path=0)


@batch_norm_backward.mistake(
    "path_through_the_mean_missing",
    "In dx the path through the mean is missing. Add the same number to all of a feature and y does not change: "
    "so the dx of a feature must sum to 0 over the batch, and yours does not.",
)
def _(dy, x, gamma, epsilon):
    return _backward(locals(), mean_path=0)


@batch_norm_backward.mistake(
    "path_through_the_variance_missing",
    "In dx the path through the variance is missing. Stretch a feature and y hardly changes: "
    "so (for small ε) dx must be at a right angle to x̂, and yours is not.",
)
def _(dy, x, gamma, epsilon):
    return _backward(locals(), variance_path=0)


@batch_norm_backward.mistake(
    "paths_added",
    "The two paths through mean and variance come with the wrong sign: both take something away from dy γ/s.",
)
def _(dy, x, gamma, epsilon):
    return _backward(locals(), mean_path=-1, variance_path=-1)


@batch_norm_backward.mistake(
    "sums_for_means",
    "The two paths through mean and variance are N times too large: each of the N examples has a share of 1/N in mean and variance.",
)
def _(dy, x, gamma, epsilon):
    return _backward(locals(), mean_path=len(x), variance_path=len(x))


@batch_norm_backward.mistake(
    "wrong_power_of_the_variance",
    "The path through the variance has the wrong power. The derivative of v^(−½) has the exponent −3/2; yours still has −½.",
)
def _(dy, x, gamma, epsilon):
    return _backward(locals(), variance_path=x.var(axis=0) + epsilon)


@batch_norm_backward.mistake(
    "epsilon_outside_the_root",
    "You add ε after the root. The forward pass takes the root of v + ε, and the way back has to use the same spread.",
    PAGE + "batch-norm",
)
def _(dy, x, gamma, epsilon):
    spread = np.sqrt(x.var(axis=0)) + epsilon
    x_hat = (x - x.mean(axis=0)) / spread
    dx = gamma / spread * (dy - dy.mean(axis=0) - x_hat * (dy * x_hat).mean(axis=0))
    return dx, (dy * x_hat).sum(axis=0), dy.sum(axis=0)


@batch_norm_backward.mistake(
    "scale_missing",
    "γ is missing in dx. On its way back the gradient passes the scale γ before it reaches x̂.",
)
def _(dy, x, gamma, epsilon):
    return _backward(locals(), gamma=np.ones_like(gamma))


@batch_norm_backward.mistake(
    "spread_missing",
    "The factor 1/s is missing in dx. The forward pass divided by the spread, and so does its derivative.",
)
def _(dy, x, gamma, epsilon):
    dx, dgamma, dbeta = _backward(locals())
    return dx * np.sqrt(x.var(axis=0) + epsilon), dgamma, dbeta


@batch_norm_backward.mistake(
    "unbiased_variance",
    "You use the variance divided by N − 1. The forward pass normalised with the one divided by N.",
    PAGE + "batch-norm",
)
def _(dy, x, gamma, epsilon):
    return _backward(locals(), ddof=1)


@batch_norm_backward.mistake(
    "epsilon_missing",
    "There is no ε under the root: where a feature does not vary, you divide by 0, and everywhere else x̂ is a little too large.",
    PAGE + "batch-norm",
)
def _(dy, x, gamma, epsilon):
    return _backward(locals(), epsilon=0)


@batch_norm_backward.mistake(
    "normalises_each_example",
    "You take mean and variance over the features of each example (axis 1). Batch normalisation takes them over the examples.",
    PAGE + "batch-norm",
)
def _(dy, x, gamma, epsilon):
    return _backward(locals(), axis=1)


@batch_norm_backward.mistake(
    "scale_gradient_from_x",
    "Your dgamma multiplies dy by x. γ multiplies x̂, the normalised batch, and its gradient does too.",
)
def _(dy, x, gamma, epsilon):
    dx, _, dbeta = _backward(locals())
    return dx, (dy * x).sum(axis=0), dbeta


@batch_norm_backward.mistake(
    "parameters_averaged",
    "dgamma and dbeta are means over the batch. γ and β serve every example, so what the examples say is summed; "
    "the 1/N of the loss is in dy already.",
)
def _(dy, x, gamma, epsilon):
    dx, dgamma, dbeta = _backward(locals())
    return dx, dgamma / len(x), dbeta / len(x)


@batch_norm_backward.mistake(
    "parameters_not_summed",
    "dgamma and dbeta have a row for every example. γ and β are shared by the whole batch, so their gradients are sums over it: (D,).",
)
def _(dy, x, gamma, epsilon):
    x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + epsilon)
    return _backward(locals())[0], dy * x_hat, dy


@batch_norm_backward.mistake(
    "scale_in_parameter_gradients",
    "Your dgamma contains γ. The output γ x̂ + β is linear in γ: its derivative is x̂ alone.",
)
def _(dy, x, gamma, epsilon):
    dx, dgamma, dbeta = _backward(locals())
    return dx, gamma * dgamma, dbeta


@batch_norm_backward.mistake(
    "parameters_swapped",
    "dgamma and dbeta are swapped.",
)
def _(dy, x, gamma, epsilon):
    dx, dgamma, dbeta = _backward(locals())
    return dx, dbeta, dgamma


@batch_norm_backward.alternative
def with_loops(dy, x, gamma, epsilon):
    N, D = x.shape
    dx, dgamma, dbeta = np.zeros(x.shape, dtype=np.float32), np.zeros(D), np.zeros(D)
    for d in range(D):
        deviation = x[:, d] - sum(x[:, d]) / N
        s = (sum(deviation**2) / N + epsilon) ** 0.5
        x_hat = deviation / s
        dgamma[d], dbeta[d] = dy[:, d] @ x_hat, sum(dy[:, d])
        for n in range(N):
            dx[n, d] = gamma[d] / s * (dy[n, d] - (dbeta[d] + x_hat[n] * dgamma[d]) / N)
    return dx, dgamma, dbeta


@batch_norm_backward.alternative
def step_by_step(dy, x, gamma, epsilon):
    N = len(x)
    centred = x - x.mean(axis=0)
    variance = (centred**2).mean(axis=0)
    inverse = 1 / np.sqrt(variance + epsilon)
    dx_hat = dy * gamma
    dvariance = (dx_hat * centred).sum(axis=0) * -0.5 * inverse**3
    dcentred = dx_hat * inverse + dvariance * 2 * centred / N
    dx = dcentred - dcentred.mean(axis=0)
    return dx, (dy * centred * inverse).sum(axis=0), dy.sum(axis=0)


@batch_norm_backward.alternative
def with_the_jacobian(dy, x, gamma, epsilon):
    N = len(x)
    inverse = 1 / np.sqrt(x.var(axis=0) + epsilon)
    x_hat = (x - x.mean(axis=0)) * inverse
    jacobian = np.eye(N) - (1 + np.einsum("nd,md->dnm", x_hat, x_hat)) / N
    dx = np.einsum("dmn,md->nd", jacobian * (gamma * inverse)[:, None, None], dy)
    return np.asfortranarray(dx), np.einsum("nd,nd->d", dy, x_hat), np.ones(N) @ dy
