import torch

from autograder.exercise import Exercise
from autograder.exercises.vae.shared import PAGE, draw_normal, draw_posterior, kl_of

# gaussian_kl

gaussian_kl = Exercise(
    "gaussian_kl",
    signature="gaussian_kl(mean: (N, Z) tensor, log_variance: (N, Z) tensor) -> (N,) tensor",
    outputs=("value", "gradient_mean", "gradient_log_variance"),
    form="derive",
    reveals=(r"1 + \log \sigma_j^2 - \mu_j^2 - \sigma_j^2",),
    points=2,
    driver="pull_back",
    forbids=("kl_divergence", "distributions"),
    section=f"{PAGE}kl",
)


def _kl_case(random, N, Z, scale=1.0):
    return {
        **draw_posterior(random, N, Z, scale),
        "cotangent": draw_normal(random, N),
        "wrt": ["mean", "log_variance"],
    }


@gaussian_kl.case("N = 5, Z = 3")
def _(random):
    return _kl_case(random, 5, 3)


@gaussian_kl.case("one image, Z = 4")
def _(random):
    return _kl_case(random, 1, 4)


@gaussian_kl.case("from σ = 0.05 to σ = 20")
def _(random):
    arguments = _kl_case(random, 7, 2)
    arguments["log_variance"] = torch.from_numpy(random.uniform(-6.0, 6.0, size=(7, 2)))
    return arguments


@gaussian_kl.case("first image: exactly the prior")
def _(random):
    arguments = _kl_case(random, 3, 5)
    arguments["mean"][0] = 0.0
    arguments["log_variance"][0] = 0.0
    return arguments


@gaussian_kl.case("one image, one latent variable")
def _(random):
    return _kl_case(random, 1, 1)


@gaussian_kl.case("as many images as latent variables, equal and large means")
def _(random):
    arguments = _kl_case(random, 3, 3)
    arguments["mean"][:, 0], arguments["mean"][1, 2] = -40.0, 0.0
    return arguments


@gaussian_kl.case("N = 33, Z = 17", secret=True)
def _(random):
    return _kl_case(random, 33, 17, scale=2.0)


@gaussian_kl.case("one image, one latent variable, far from the prior", secret=True)
def _(random):
    return _kl_case(random, 1, 1, scale=3.0)


@gaussian_kl.reference
def _(mean, log_variance):
    from autograder.kernels.gaussian_kl import gaussian_kl as kernel

    return kernel(mean, log_variance)


@gaussian_kl.mistake(
    "sign",
    "Your divergence has the wrong sign. A KL divergence is never negative; "
    "look at the sign in front of the bracket, or at the signs inside it.",
)
def _(mean, log_variance):
    return -kl_of(mean, log_variance)


@gaussian_kl.mistake(
    "half_missing",
    "The factor ½ is missing: it comes from the exponents of both Gaussians and multiplies every term.",
)
def _(mean, log_variance):
    return 2 * kl_of(mean, log_variance)


@gaussian_kl.mistake(
    "mean_over_latent",
    "You averaged over the Z latent variables. They are independent, so their divergences add up: "
    "a mean weakens the prior by the factor Z.",
)
def _(mean, log_variance):
    return kl_of(mean, log_variance) / mean.shape[1]


@gaussian_kl.mistake(
    "one_number",
    "You reduced the batch as well. This function gives one divergence for each image, shape (N,); "
    "the mean over the batch comes later, in `elbo`.",
)
def _(mean, log_variance):
    return kl_of(mean, log_variance).mean()


@gaussian_kl.mistake(
    "batch_summed",
    "You reduced the batch as well, by a sum. This function gives one divergence for each image, "
    "shape (N,); the mean over the batch comes later, in `elbo`.",
)
def _(mean, log_variance):
    return kl_of(mean, log_variance).sum()


@gaussian_kl.mistake(
    "wrong_axis",
    "You summed over axis 0, the images of the batch. The latent variables lie along axis 1.",
)
def _(mean, log_variance):
    return -0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum(dim=0)


@gaussian_kl.mistake(
    "log_deviation",
    "You read `log_variance` as log σ. It is log σ², so its exponential is the variance already: "
    "the square is counted twice.",
)
def _(mean, log_variance):
    return kl_of(mean, 2 * log_variance)


@gaussian_kl.mistake(
    "deviation_for_variance",
    "In the place of σ² you have σ, the standard deviation. The closed form needs the variance.",
)
def _(mean, log_variance):
    return -0.5 * (1 + log_variance - mean**2 - (log_variance / 2).exp()).sum(dim=1)


@gaussian_kl.mistake(
    "raw_deviation",
    "You used `log_variance` itself as σ. It is the logarithm of the variance: it may be negative, "
    "and its own logarithm may not exist.",
)
def _(mean, log_variance):
    return -0.5 * (1 + (log_variance**2).log() - mean**2 - log_variance**2).sum(dim=1)


@gaussian_kl.mistake(
    "raw_variance",
    "You used `log_variance` itself as σ². It is the logarithm of the variance: it may be negative, "
    "and its own logarithm may not exist.",
)
def _(mean, log_variance):
    return -0.5 * (1 + log_variance.log() - mean**2 - log_variance).sum(dim=1)


@gaussian_kl.mistake(
    "one_missing",
    "The constant 1 is missing in the bracket. Check with μ = 0 and σ = 1: "
    "the divergence of the prior from itself is zero.",
)
def _(mean, log_variance):
    return -0.5 * (log_variance - mean**2 - log_variance.exp()).sum(dim=1)


@gaussian_kl.mistake(
    "mean_not_squared",
    "μ enters the divergence by its square. As you have it, a negative mean would make it smaller.",
)
def _(mean, log_variance):
    return -0.5 * (1 + log_variance - mean - log_variance.exp()).sum(dim=1)


@gaussian_kl.mistake(
    "reversed",
    "This is KL(p‖q), from the prior to the posterior. The bound needs KL(q‖p): "
    "the expectation is taken under q.",
)
def _(mean, log_variance):
    return 0.5 * ((1 + mean**2) * (-log_variance).exp() + log_variance - 1).sum(dim=1)


@gaussian_kl.mistake(
    "cut_off",
    "The values are right, but no gradient reaches μ and log σ²: the result was cut off from the graph "
    "(detach, no_grad, .item() or NumPy on the way), so the divergence could not be trained on.",
)
def _(mean, log_variance):
    return kl_of(mean, log_variance).detach()


@gaussian_kl.mistake(
    "variance_missing",
    "The variance is missing in the bracket: what is left makes a posterior cheaper, the wider it is, without end.",
)
def _(mean, log_variance):
    return -0.5 * (1 + log_variance - mean**2).sum(dim=1)


@gaussian_kl.mistake(
    "logarithm_missing",
    "The logarithm of the variance is missing in the bracket: nothing keeps a posterior from shrinking to a point.",
)
def _(mean, log_variance):
    return -0.5 * (1 - mean**2 - log_variance.exp()).sum(dim=1)


@gaussian_kl.mistake(
    "mean_missing",
    "The mean is missing in the bracket: a posterior far away costs no more than one at the origin.",
)
def _(mean, log_variance):
    return -0.5 * (1 + log_variance - log_variance.exp()).sum(dim=1) + 0 * mean.sum(dim=1)


@gaussian_kl.mistake("mean_missing")
def _(mean, log_variance):
    return -0.5 * (1 + log_variance - log_variance.exp()).sum(dim=1)


@gaussian_kl.mistake(
    "sign_of_the_mean",
    "The square of the mean has the wrong sign: the farther away the posterior, the cheaper it gets.",
)
def _(mean, log_variance):
    return -0.5 * (1 + log_variance + mean**2 - log_variance.exp()).sum(dim=1)


@gaussian_kl.mistake(
    "one_outside_the_sum",
    "The 1 of the bracket is counted once for each image. It belongs to every latent variable: the bracket is summed as a "
    "whole.",
)
def _(mean, log_variance):
    return -0.5 * (1 + (log_variance - mean**2 - log_variance.exp()).sum(dim=1))


@gaussian_kl.mistake(
    "raw_variance_beside_logarithm",
    "In the place of σ² you have `log_variance`: the logarithm has still to be undone there.",
)
def _(mean, log_variance):
    return -0.5 * (1 + log_variance - mean**2 - log_variance).sum(dim=1)


@gaussian_kl.mistake("raw_variance_beside_logarithm")
def _(mean, log_variance):
    return -0.5 * (1 - mean**2).sum(dim=1)


@gaussian_kl.mistake(
    "variance_squared",
    "In the place of σ² you have σ⁴: the exponential of `log_variance` is the variance already.",
)
def _(mean, log_variance):
    return -0.5 * (1 + log_variance - mean**2 - log_variance.exp() ** 2).sum(dim=1)


@gaussian_kl.mistake(
    "variance_halved",
    "The variance inside the bracket is halved: the ½ in front is for the bracket as a whole.",
)
def _(mean, log_variance):
    return -0.5 * (1 + log_variance - mean**2 - 0.5 * log_variance.exp()).sum(dim=1)


@gaussian_kl.alternative
def with_standard_deviation(mean, log_variance):
    deviation = (log_variance / 2).exp()
    return (0.5 * (mean.square() + deviation.square() - 1) - deviation.log()).sum(-1)


@gaussian_kl.alternative
def image_by_image(mean, log_variance):
    total = []
    for m, v in zip(mean, log_variance, strict=True):
        total.append(sum((m[j] ** 2 + v[j].exp() - v[j] - 1) / 2 for j in range(len(m))))
    return torch.stack(total)


@gaussian_kl.alternative
def in_single_precision(mean, log_variance):
    return kl_of(mean.float(), log_variance.float())


@gaussian_kl.alternative
def with_expm1(mean, log_variance):
    return torch.einsum("nz->n", log_variance.expm1() - log_variance + mean * mean) / 2
