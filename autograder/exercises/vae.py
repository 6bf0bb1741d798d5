"""Exercises of chapter 14: the variational autoencoder."""

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid, softplus

from autograder.exercise import Chapter
from dlarch.checks_file import Part
from dlarch.compare import Bound

chapter = Chapter("14_vae")

PAGE = "14_vae.html#vae-"


def _normal(random, *shape, scale=1.0):
    return torch.from_numpy(scale * random.normal(size=shape))


# ---------------------------------------------------------------------------------------------
# gaussian_kl

gaussian_kl = chapter.exercise(
    "gaussian_kl",
    signature="gaussian_kl(mean: (N, Z) tensor, log_variance: (N, Z) tensor) -> (N,) tensor",
    outputs=("value", "gradient_mean", "gradient_log_variance"),
    points=2,
    driver="pull_back",
    forbids=("kl_divergence", "distributions"),
    section=f"{PAGE}kl",
)


def _posterior(random, N, Z, scale=1.0):
    return {"mean": _normal(random, N, Z), "log_variance": _normal(random, N, Z, scale=scale)}


def _kl_case(random, N, Z, scale=1.0):
    return {
        **_posterior(random, N, Z, scale),
        "cotangent": _normal(random, N),
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


@gaussian_kl.case("N = 33, Z = 17", secret=True)
def _(random):
    return _kl_case(random, 33, 17, scale=2.0)


@gaussian_kl.case("one image, one latent variable", secret=True)
def _(random):
    return _kl_case(random, 1, 1, scale=3.0)


@gaussian_kl.reference
def _(mean, log_variance):
    from autograder.kernels.gaussian_kl import gaussian_kl as kernel

    return kernel(mean, log_variance)


def _kl(mean, log_variance):
    return -0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum(dim=1)


@gaussian_kl.mistake(
    "sign",
    "Your divergence has the wrong sign. A KL divergence is never negative; "
    "look at the sign in front of the bracket, or at the signs inside it.",
)
def _(mean, log_variance):
    return -_kl(mean, log_variance)


@gaussian_kl.mistake(
    "half_missing",
    "The factor ½ is missing: it comes from the exponents of both Gaussians and multiplies every term.",
)
def _(mean, log_variance):
    return 2 * _kl(mean, log_variance)


@gaussian_kl.mistake(
    "mean_over_latent",
    "You averaged over the Z latent variables. They are independent, so their divergences add up: "
    "a mean weakens the prior by the factor Z.",
)
def _(mean, log_variance):
    return _kl(mean, log_variance) / mean.shape[1]


@gaussian_kl.mistake(
    "one_number",
    "You reduced the batch as well. This function gives one divergence for each image, shape (N,); "
    "the mean over the batch comes later, in `elbo`.",
)
def _(mean, log_variance):
    return _kl(mean, log_variance).mean()


@gaussian_kl.mistake(
    "batch_summed",
    "You reduced the batch as well, by a sum. This function gives one divergence for each image, "
    "shape (N,); the mean over the batch comes later, in `elbo`.",
)
def _(mean, log_variance):
    return _kl(mean, log_variance).sum()


@gaussian_kl.mistake(
    "wrong_axis",
    "You summed over axis 0, the images of the batch. The latent variables lie along axis 1.",
)
def _(mean, log_variance):
    return -0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum(dim=0)


@gaussian_kl.mistake(
    "log_deviation",
    "You read `log_variance` as log σ. It is log σ², so its exponential is the variance already: "
    "squaring it, or doubling the logarithm, counts the square twice.",
)
def _(mean, log_variance):
    return _kl(mean, 2 * log_variance)


@gaussian_kl.mistake(
    "deviation_for_variance",
    "In the place of σ² you have σ: exp(log_variance / 2) is the standard deviation. "
    "The closed form needs the variance.",
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
    "You used `log_variance` itself as σ². It is the logarithm of the variance: take its exponential "
    "where the formula has σ², and itself where it has log σ².",
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
    return _kl(mean, log_variance).detach()


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
    return _kl(mean.float(), log_variance.float())


@gaussian_kl.alternative
def with_expm1(mean, log_variance):
    return torch.einsum("nz->n", log_variance.expm1() - log_variance + mean * mean) / 2


# ---------------------------------------------------------------------------------------------
# reparametrize

reparametrize = chapter.exercise(
    "reparametrize",
    signature=(
        "reparametrize(mean: (N, Z) tensor, log_variance: (N, Z) tensor, noise: (N, Z) tensor)"
        " -> (N, Z) tensor"
    ),
    outputs=("value", "gradient_mean", "gradient_log_variance"),
    parts={
        "value": Part(1, outputs=("value",)),
        "gradient": Part(2, outputs=("gradient_mean", "gradient_log_variance")),
    },
    driver="pull_back",
    forbids=("randn", "randn_like", "rand", "rand_like", "normal", "distributions", "rsample"),
    section=f"{PAGE}reparametrization",
)


def _sample_case(random, N, Z, scale=1.0):
    return {
        **_posterior(random, N, Z, scale),
        "noise": _normal(random, N, Z),
        "cotangent": _normal(random, N, Z),
        "wrt": ["mean", "log_variance"],
    }


@reparametrize.case("N = 6, Z = 3")
def _(random):
    return _sample_case(random, 6, 3)


@reparametrize.case("one image, Z = 2")
def _(random):
    return _sample_case(random, 1, 2)


@reparametrize.case("from σ = 0.02 to σ = 50")
def _(random):
    arguments = _sample_case(random, 4, 5)
    arguments["log_variance"] = torch.from_numpy(random.uniform(-8.0, 8.0, size=(4, 5)))
    return arguments


@reparametrize.case("N = 31, Z = 18", secret=True)
def _(random):
    return _sample_case(random, 31, 18, scale=2.0)


@reparametrize.reference
def _(mean, log_variance, noise):
    from autograder.kernels.reparametrize import reparametrize as kernel

    return kernel(mean, log_variance, noise)


def _sample(mean, log_variance, noise):
    return mean + (log_variance / 2).exp() * noise


@reparametrize.mistake(
    "variance_for_deviation",
    "You multiplied the noise by the variance: exp(log σ²) is σ². The noise is stretched by σ, its root.",
)
def _(mean, log_variance, noise):
    return mean + log_variance.exp() * noise


@reparametrize.mistake(
    "log_variance_as_deviation",
    "You multiplied the noise by `log_variance` itself. It is a logarithm: σ has still to be made from it.",
)
def _(mean, log_variance, noise):
    return mean + log_variance * noise


@reparametrize.mistake(
    "root_of_logarithm",
    "You took the square root of `log_variance`. First undo the logarithm, then take the root: "
    "a logarithm may be negative.",
)
def _(mean, log_variance, noise):
    return mean + log_variance.sqrt() * noise


@reparametrize.mistake(
    "half_logarithm",
    "You halved `log_variance`, which gives log σ, and then multiplied by it: "
    "the logarithm has still to be undone.",
)
def _(mean, log_variance, noise):
    return mean + log_variance / 2 * noise


@reparametrize.mistake(
    "inverse_deviation",
    "You stretched the noise by 1/σ: a minus sign in the exponent turns wide posteriors into narrow ones.",
)
def _(mean, log_variance, noise):
    return mean + (-log_variance / 2).exp() * noise


@reparametrize.mistake(
    "noise_ignored",
    "You returned the mean: without the noise every image has one code, as in a plain autoencoder.",
)
def _(mean, log_variance, noise):
    return mean * 1


@reparametrize.mistake(
    "mean_stretched",
    "You added the noise first and stretched the sum. Only the noise is stretched by σ; μ is added after that.",
)
def _(mean, log_variance, noise):
    return (mean + noise) * (log_variance / 2).exp()


@reparametrize.mistake(
    "one_noise_per_batch",
    "You used the first row of the noise for every image. Each image has its own noise: "
    "otherwise all codes of a batch move together.",
)
def _(mean, log_variance, noise):
    return _sample(mean, log_variance, noise[:1])


@reparametrize.mistake(
    "uniform_noise",
    "You mapped the noise from [0, 1] to [−1, 1] first. The noise is standard normal already: use it as it comes.",
)
def _(mean, log_variance, noise):
    return _sample(mean, log_variance, 2 * noise - 1)


@reparametrize.mistake(
    "cut_off",
    "No gradient reaches μ and log σ²: the sample was cut off from the graph "
    "(detach, no_grad, .data, torch.tensor or NumPy on the way). The trick exists so that it does.",
)
def _(mean, log_variance, noise):
    return _sample(mean, log_variance, noise).detach()


@reparametrize.mistake(
    "deviation_cut_off",
    "No gradient reaches log σ²: σ was cut off from the graph, so the encoder could never learn how sure it is.",
)
def _(mean, log_variance, noise):
    return _sample(mean, log_variance.detach(), noise)


@reparametrize.mistake(
    "mean_cut_off",
    "No gradient reaches μ: it was cut off from the graph, so the encoder could never learn where to put an image.",
)
def _(mean, log_variance, noise):
    return _sample(mean.detach(), log_variance, noise)


@reparametrize.alternative
def root_of_the_variance(mean, log_variance, noise):
    return mean + torch.sqrt(torch.exp(log_variance)) * noise


@reparametrize.alternative
def with_addcmul(mean, log_variance, noise):
    return torch.addcmul(mean, noise, log_variance.mul(0.5).exp())


@reparametrize.alternative
def transposed_in_memory(mean, log_variance, noise):
    return (mean.T + (0.5 * log_variance.T).exp() * noise.T).T


@reparametrize.alternative
def sample_in_single_precision(mean, log_variance, noise):
    return _sample(mean.float(), log_variance.float(), noise.float())


# ---------------------------------------------------------------------------------------------
# bernoulli_nll

bernoulli_nll = chapter.exercise(
    "bernoulli_nll",
    signature="bernoulli_nll(logits: (N, D) tensor, x: (N, D) tensor in [0, 1]) -> (N,) tensor",
    outputs=("value", "gradient_logits"),
    points=2,
    driver="pull_back",
    forbids=(
        "binary_cross_entropy_with_logits",
        "binary_cross_entropy",
        "BCEWithLogitsLoss",
        "BCELoss",
        "distributions",
    ),
    section=f"{PAGE}likelihood",
)


def _pixels(random, N, D, scale=2.0):
    return {
        "logits": _normal(random, N, D, scale=scale),
        "x": torch.from_numpy(random.random((N, D))),
    }


def _nll_case(random, N, D, scale=2.0):
    return {**_pixels(random, N, D, scale), "cotangent": _normal(random, N), "wrt": ["logits"]}


@bernoulli_nll.case("grey pixels, N = 4, D = 6")
def _(random):
    return _nll_case(random, 4, 6)


@bernoulli_nll.case("black and white, one image")
def _(random):
    arguments = _nll_case(random, 1, 9)
    arguments["x"] = arguments["x"].round()
    return arguments


def _extreme(random, N, D):
    """Every combination of a bright or dark pixel with a logit of ±100, between ordinary ones."""
    arguments = _nll_case(random, N, D)
    arguments["logits"][0, :4] = torch.tensor([100.0, -100.0, 100.0, -100.0])
    arguments["x"][0, :4] = torch.tensor([0.0, 1.0, 1.0, 0.0])
    arguments["logits"][1, :3] = torch.tensor([100.0, -100.0, 60.0])
    return arguments


@bernoulli_nll.case("logits at ±100, single precision")
def _(random):
    arguments = _extreme(random, 5, 7)
    return {
        name: value.float() if torch.is_tensor(value) else value
        for name, value in arguments.items()
    }


@bernoulli_nll.case("logits at ±100, double precision", secret=True)
def _(random):
    return _extreme(random, 3, 11)


@bernoulli_nll.case("N = 29, D = 131", secret=True)
def _(random):
    return _nll_case(random, 29, 131, scale=5.0)


@bernoulli_nll.reference
def _(logits, x):
    from autograder.kernels.bernoulli_nll import bernoulli_nll as kernel

    return kernel(logits, x)


def _nll(logits, x):
    return (softplus(logits) - x * logits).sum(dim=1)


@bernoulli_nll.mistake(
    "naive_logarithm",
    "At logits of ±100 a probability rounds to 0 or 1 and its logarithm to −∞. "
    "Write the loss in the logits and simplify before any exponential is taken.",
)
def _(logits, x):
    p = torch.sigmoid(logits)
    return -(x * p.log() + (1 - x) * (1 - p).log()).sum(dim=1)


@bernoulli_nll.mistake(
    "small_constant",
    "A small constant inside the logarithm (here 1e-8) hides the infinity but gives a wrong value and no "
    "gradient where the network is badly wrong. Write the loss in the logits instead.",
)
def _(logits, x):
    p = torch.sigmoid(logits)
    return -(x * (p + 1e-8).log() + (1 - x) * (1 - p + 1e-8).log()).sum(dim=1)


@bernoulli_nll.mistake(
    "overflow",
    "exp(logit) is taken of every logit: at 100 it is 3·10⁴³, more than single precision holds. "
    "Only the exponential of a negative number is safe.",
)
def _(logits, x):
    return (torch.log(1 + torch.exp(logits)) - x * logits).sum(dim=1)


@bernoulli_nll.mistake(
    "sign",
    "This is the log-likelihood. Its negative is asked for: a number that gets smaller as the image fits better.",
)
def _(logits, x):
    return -_nll(logits, x)


@bernoulli_nll.mistake(
    "mean_over_pixels",
    "You averaged over the D pixels. The log-probability of an image is the sum over its pixels; "
    "a mean makes it D times too small beside the divergence.",
)
def _(logits, x):
    return _nll(logits, x) / logits.shape[1]


@bernoulli_nll.mistake(
    "mean_over_everything",
    "You averaged over pixels and batch. The log-probability of an image is the sum over its pixels, "
    "and this function gives one number for each image, shape (N,).",
)
def _(logits, x):
    return (softplus(logits) - x * logits).mean()


@bernoulli_nll.mistake(
    "one_number",
    "You summed over the batch as well. This function gives one number for each image, shape (N,).",
)
def _(logits, x):
    return _nll(logits, x).sum()


@bernoulli_nll.mistake(
    "dark_pixels_forgotten",
    "The term of 1 − x is missing: pixels that are dark but were painted bright cost nothing.",
)
def _(logits, x):
    return -(x * logsigmoid(logits)).sum(dim=1)


@bernoulli_nll.mistake(
    "sigmoid_twice",
    "The sigmoid is applied twice: `logits` was squashed to (0, 1) before a formula that expects logits.",
)
def _(logits, x):
    return _nll(torch.sigmoid(logits), x)


@bernoulli_nll.mistake(
    "logits_as_probabilities",
    "You took the logarithm of the logits as if they were probabilities. They may be any real number: "
    "the probability is their sigmoid.",
)
def _(logits, x):
    return -(x * logits.log() + (1 - x) * (1 - logits).log()).sum(dim=1)


@bernoulli_nll.mistake(
    "squared_error",
    "This is the squared error of the probabilities, the likelihood of a Gaussian. "
    "The pixels are Bernoulli variables here: their negative log-likelihood is the cross-entropy.",
)
def _(logits, x):
    return ((torch.sigmoid(logits) - x) ** 2).sum(dim=1)


@bernoulli_nll.mistake(
    "target_exchanged",
    "The roles of x and 1 − x are exchanged: bright pixels are rewarded for being dark.",
)
def _(logits, x):
    return _nll(logits, 1 - x)


@bernoulli_nll.mistake(
    "wrong_axis",
    "You summed over axis 0, the images of the batch. The pixels of an image lie along axis 1.",
)
def _(logits, x):
    return (softplus(logits) - x * logits).sum(dim=0)


@bernoulli_nll.mistake(
    "cut_off",
    "The values are right, but no gradient reaches the logits: the result was cut off from the graph "
    "(detach, no_grad, .item() or NumPy on the way).",
)
def _(logits, x):
    return _nll(logits, x).detach()


@bernoulli_nll.alternative
def with_softplus(logits, x):
    return (softplus(logits) - x * logits).sum(dim=1)


@bernoulli_nll.alternative
def with_logsigmoid(logits, x):
    return -torch.einsum("nd,nd->n", x, logsigmoid(logits)) - ((1 - x) * logsigmoid(-logits)).sum(1)


@bernoulli_nll.alternative
def largest_part_first(logits, x):
    return (logits.clamp(min=0) - x * logits + torch.log1p(torch.exp(-logits.abs()))).sum(-1)


@bernoulli_nll.alternative
def with_logaddexp(logits, x):
    return (torch.logaddexp(torch.zeros_like(logits), logits) - x * logits).T.sum(0)


@bernoulli_nll.alternative
def library_in_single_precision(logits, x):
    return binary_cross_entropy_with_logits(logits.float(), x.float(), reduction="none").sum(1)


# ---------------------------------------------------------------------------------------------
# elbo

elbo = chapter.exercise(
    "elbo",
    signature=(
        "elbo(logits: (N, D) tensor, x: (N, D) tensor, mean: (N, Z) tensor, "
        "log_variance: (N, Z) tensor) -> scalar tensor"
    ),
    outputs=("value", "gradient_logits", "gradient_mean", "gradient_log_variance"),
    points=2,
    driver="pull_back",
    uses=("gaussian_kl", "bernoulli_nll"),
    section=f"{PAGE}elbo",
)


def _elbo_case(random, N, D, Z):
    return {
        **_pixels(random, N, D),
        **_posterior(random, N, Z),
        "cotangent": torch.tensor(random.normal(), dtype=torch.float64),
        "wrt": ["logits", "mean", "log_variance"],
    }


@elbo.case("N = 5, D = 7, Z = 3")
def _(random):
    return _elbo_case(random, 5, 7, 3)


@elbo.case("one image, Z = 4")
def _(random):
    return _elbo_case(random, 1, 6, 4)


@elbo.case("more latent variables than pixels")
def _(random):
    return _elbo_case(random, 4, 3, 8)


@elbo.case("N = 17, D = 65, Z = 9", secret=True)
def _(random):
    return _elbo_case(random, 17, 65, 9)


@elbo.reference
def _(logits, x, mean, log_variance):
    from autograder.kernels.negative_elbo import negative_elbo

    return -negative_elbo(logits, x, mean, log_variance).mean()


@elbo.mistake(
    "negative",
    "This is the negative ELBO, the loss. The function gives the bound itself, "
    "a number that training makes larger.",
)
def _(logits, x, mean, log_variance):
    return (_nll(logits, x) + _kl(mean, log_variance)).mean()


@elbo.mistake(
    "divergence_added",
    "You added the divergence to the bound. It is the price of the code and is subtracted: "
    "added, it rewards a posterior for running away from the prior.",
)
def _(logits, x, mean, log_variance):
    return (-_nll(logits, x) + _kl(mean, log_variance)).mean()


@elbo.mistake(
    "divergence_missing",
    "The divergence is missing: what is left is the reconstruction term alone, and no bound.",
)
def _(logits, x, mean, log_variance):
    return -_nll(logits, x).mean()


@elbo.mistake(
    "sum_over_batch",
    "You summed over the batch. The mean over its N images is asked for: "
    "then the number, and the step it causes, do not depend on the batch size.",
)
def _(logits, x, mean, log_variance):
    return -(_nll(logits, x) + _kl(mean, log_variance)).sum()


@elbo.mistake(
    "mean_over_latent",
    "The divergence is averaged over the Z latent variables: it is Z times too weak beside the reconstruction.",
)
def _(logits, x, mean, log_variance):
    return -(_nll(logits, x) + _kl(mean, log_variance) / mean.shape[1]).mean()


@elbo.mistake(
    "mean_over_pixels",
    "The reconstruction is averaged over the D pixels: beside it the divergence is D times too strong, "
    "and the posterior collapses onto the prior.",
)
def _(logits, x, mean, log_variance):
    return -(_nll(logits, x) / x.shape[1] + _kl(mean, log_variance)).mean()


@elbo.mistake(
    "divergence_per_pixel",
    "The divergence is divided by the D pixels while the reconstruction is summed over them: "
    "it is D times too weak.",
)
def _(logits, x, mean, log_variance):
    return -(_nll(logits, x) + _kl(mean, log_variance) / x.shape[1]).mean()


@elbo.mistake(
    "means_everywhere",
    "Both terms are averaged, over pixels and over latent variables. Inside one image both are sums; "
    "only over the images is a mean taken.",
)
def _(logits, x, mean, log_variance):
    return -(_nll(logits, x) / x.shape[1] + _kl(mean, log_variance) / mean.shape[1]).mean()


@elbo.mistake(
    "one_for_each_image",
    "You returned one bound for each image, shape (N,). Their mean, a single number, is asked for.",
)
def _(logits, x, mean, log_variance):
    return -(_nll(logits, x) + _kl(mean, log_variance))


@elbo.alternative
def mean_of_each_term(logits, x, mean, log_variance):
    return -_nll(logits, x).mean() - _kl(mean, log_variance).mean()


@elbo.alternative
def total_over_images(logits, x, mean, log_variance):
    likelihood = x * logsigmoid(logits) + (1 - x) * logsigmoid(-logits)
    divergence = (mean**2 + log_variance.exp() - log_variance - 1) / 2
    return (likelihood.sum() - divergence.sum()) / len(x)


@elbo.alternative
def bound_in_single_precision(logits, x, mean, log_variance):
    logits, x, mean, log_variance = (item.float() for item in (logits, x, mean, log_variance))
    return -(_nll(logits, x) + _kl(mean, log_variance)).mean()


# ---------------------------------------------------------------------------------------------
# elbo_gap

elbo_gap = chapter.exercise(
    "elbo_gap",
    signature=(
        "elbo_gap(prior: (K,) float64, likelihood: (N, K) float64, q: (N, K) float64)"
        " -> log_evidence (N,), bound (N,), gap (N,)"
    ),
    outputs=("log_evidence", "bound", "gap"),
    points=3,
    section=f"{PAGE}gap",
)


def _toy(random, N, K):
    return {
        "prior": random.dirichlet(np.full(K, 3.0)),
        "likelihood": random.uniform(0.02, 0.9, size=(N, K)),
        "q": random.dirichlet(np.full(K, 2.0), size=N),
    }


@elbo_gap.case("N = 5, K = 3")
def _(random):
    return _toy(random, 5, 3)


@elbo_gap.case("one observation, two causes")
def _(random):
    return _toy(random, 1, 2)


@elbo_gap.case("q that excludes causes")
def _(random):
    arguments = _toy(random, 4, 5)
    q = arguments["q"]
    q[:, 1] = 0.0
    q[2] = 0.0
    q[2, 3] = 1.0
    arguments["q"] = q / q.sum(axis=1, keepdims=True)
    return arguments


@elbo_gap.case("q is the posterior")
def _(random):
    arguments = _toy(random, 3, 4)
    joint = arguments["prior"] * arguments["likelihood"]
    arguments["q"] = joint / joint.sum(axis=1, keepdims=True)
    return arguments


@elbo_gap.case("N = 40, K = 13, with zeros", secret=True)
def _(random):
    arguments = _toy(random, 40, 13)
    q = arguments["q"] * (random.random((40, 13)) < 0.7)
    q[:, 0] += 0.01
    arguments["q"] = q / q.sum(axis=1, keepdims=True)
    return arguments


def _expected_log(q, ratio):
    """Give Σ q log ratio over the causes, where 0 log 0 = 0."""
    return np.sum(q * np.log(np.where(q > 0, ratio, 1.0)), axis=1)


def _terms(prior, likelihood, q):
    joint = prior * likelihood
    evidence = joint.sum(axis=1)
    ratio = joint / np.where(q > 0, q, 1.0)
    bound = _expected_log(q, ratio)
    gap = -_expected_log(q, ratio / evidence[:, None])
    return np.log(evidence), bound, gap


@elbo_gap.reference
def _(prior, likelihood, q):
    return _terms(prior, likelihood, q)


@elbo_gap.mistake(
    "zero_times_logarithm",
    "Where q is 0 you have 0 · log 0, which is NaN on a computer. Its limit is 0: "
    "a cause that q excludes adds nothing to the sums under q.",
)
def _(prior, likelihood, q):
    with np.errstate(all="ignore"):
        joint = prior * likelihood
        evidence = joint.sum(axis=1, keepdims=True)
        bound = (q * np.log(joint / q)).sum(axis=1)
        gap = (q * np.log(q * evidence / joint)).sum(axis=1)
    return np.log(evidence[:, 0]), bound, gap


@elbo_gap.mistake(
    "reversed_divergence",
    "Your gap is KL(p(z|x)‖q), the expectation under the posterior. "
    "What closes the bound is KL(q‖p(z|x)), the expectation under q.",
)
def _(prior, likelihood, q):
    log_evidence, bound, _ = _terms(prior, likelihood, q)
    posterior = prior * likelihood / np.exp(log_evidence)[:, None]
    with np.errstate(divide="ignore"):
        return log_evidence, bound, (posterior * np.log(posterior / q)).sum(axis=1)


@elbo_gap.mistake(
    "divergence_to_the_prior",
    "Your gap is KL(q‖p(z)), to the prior: that is a part of the bound. "
    "The gap is the divergence to the posterior p(z|x).",
)
def _(prior, likelihood, q):
    log_evidence, bound, _ = _terms(prior, likelihood, q)
    return log_evidence, bound, -_expected_log(q, prior / np.where(q > 0, q, 1.0))


@elbo_gap.mistake(
    "prior_missing_in_bound",
    "The prior is missing in the bound: it holds the joint p(x, z) = p(z) p(x|z), not the likelihood alone.",
)
def _(prior, likelihood, q):
    log_evidence, _, gap = _terms(prior, likelihood, q)
    return log_evidence, _expected_log(q, likelihood / np.where(q > 0, q, 1.0)), gap


@elbo_gap.mistake(
    "divergence_missing_in_bound",
    "Your bound is E_q[log p(x|z)], the reconstruction term alone: the divergence of q from the prior is missing.",
)
def _(prior, likelihood, q):
    log_evidence, _, gap = _terms(prior, likelihood, q)
    return log_evidence, _expected_log(q, likelihood), gap


@elbo_gap.mistake(
    "entropy_missing",
    "Your bound is E_q[log p(x, z)]. The entropy of q is missing: the joint is divided by q inside the logarithm.",
)
def _(prior, likelihood, q):
    log_evidence, _, gap = _terms(prior, likelihood, q)
    return log_evidence, _expected_log(q, prior * likelihood), gap


@elbo_gap.mistake(
    "evidence_under_q",
    "You averaged the likelihood under q. The evidence is what the model itself says of x: "
    "its latent variable follows the prior.",
)
def _(prior, likelihood, q):
    _, bound, gap = _terms(prior, likelihood, q)
    return np.log((q * likelihood).sum(axis=1)), bound, gap


@elbo_gap.mistake(
    "logarithm_inside",
    "For the evidence you averaged the logarithms. First sum the probabilities over the causes, "
    "then take the logarithm: the two differ by Jensen's inequality.",
)
def _(prior, likelihood, q):
    _, bound, gap = _terms(prior, likelihood, q)
    return np.log(likelihood) @ prior, bound, gap


@elbo_gap.mistake(
    "posterior_not_normalised",
    "In the gap you used the joint p(x, z) for the posterior. "
    "By Bayes' rule the posterior is the joint divided by the evidence.",
)
def _(prior, likelihood, q):
    log_evidence, bound, _ = _terms(prior, likelihood, q)
    return log_evidence, bound, -bound


@elbo_gap.alternative
def gap_as_difference(prior, likelihood, q):
    log_evidence, bound, _ = _terms(prior, likelihood, q)
    return log_evidence, bound, log_evidence - bound


@elbo_gap.alternative
def cause_by_cause(prior, likelihood, q):
    log_evidence, bound, gap = (np.zeros(len(q)) for _ in range(3))
    for n in range(len(q)):
        joint = [prior[k] * likelihood[n, k] for k in range(len(prior))]
        log_evidence[n] = np.log(sum(joint))
        for k in range(len(prior)):
            if q[n, k] > 0:
                bound[n] += q[n, k] * (np.log(joint[k]) - np.log(q[n, k]))
                gap[n] += q[n, k] * np.log(q[n, k] * sum(joint) / joint[k])
    return log_evidence, bound, gap


@elbo_gap.alternative
def reconstruction_minus_divergence(prior, likelihood, q):
    entropy = -(q * np.log(np.clip(q, 1e-300, None))).sum(axis=1)
    divergence = -entropy - q @ np.log(prior)
    bound = np.einsum("nk,nk->n", q, np.log(likelihood)) - divergence
    log_evidence = np.log(likelihood @ prior)
    return log_evidence, bound, log_evidence - bound


@elbo_gap.alternative
def gap_in_single_precision(prior, likelihood, q):
    return tuple(item.astype(np.float32) for item in _terms(prior, likelihood, q))


# ---------------------------------------------------------------------------------------------
# vae_step

vae_step = chapter.exercise(
    "vae_step",
    signature="vae_step(model: VariationalAutoencoder, optimizer: Optimizer, x: (N, D) tensor, noise: (N, Z) tensor) -> loss, a float",
    outputs=("losses", "parameters"),
    points=3,
    driver="vae.steps",
    uses=("reparametrize", "elbo"),
    section=f"{PAGE}training",
)


def _model(random, D, H, Z):
    """A small model with weights that make every part matter: no posterior is near the prior."""
    shapes = {
        "encoder": (H, D),
        "mean": (Z, H),
        "log_variance": (Z, H),
        "decoder": (H, Z),
        "logits": (D, H),
    }
    state = {}
    for name, shape in shapes.items():
        state[f"{name}.weight"] = _normal(random, *shape, scale=0.8)
        state[f"{name}.bias"] = _normal(random, shape[0], scale=0.5)
    recipe = {"factory": "vae", "inputs": D, "hidden": H, "latent": Z, "activation": "tanh"}
    return {"model": recipe, "state": state}


def _step_case(random, sizes, D, H, Z, optimizer):
    return {
        **_model(random, D, H, Z),
        "optimizer_recipe": optimizer,
        "images": [torch.from_numpy(random.random((N, D))) for N in sizes],
        "noise": [_normal(random, N, Z) for N in sizes],
    }


@vae_step.case("three steps of SGD")
def _(random):
    return _step_case(random, [5, 5, 4], 6, 4, 3, {"name": "SGD", "lr": 0.05})


@vae_step.case("four steps of Adam")
def _(random):
    return _step_case(random, [4, 4, 4, 4], 7, 5, 2, {"name": "Adam", "lr": 0.02})


@vae_step.case("one image, one step")
def _(random):
    return _step_case(random, [1], 5, 3, 2, {"name": "SGD", "lr": 0.1})


@vae_step.case("six steps with momentum", secret=True)
def _(random):
    return _step_case(
        random, [9, 8, 7, 6, 5, 1], 13, 8, 4, {"name": "SGD", "lr": 0.02, "momentum": 0.8}
    )


@vae_step.reference
def _(model, optimizer, x, noise):
    from autograder.kernels.negative_elbo import negative_elbo
    from autograder.kernels.reparametrize import reparametrize as sample

    mean, log_variance = model.encode(x)
    logits = model.decode(sample(mean, log_variance, noise))
    loss = negative_elbo(logits, x, mean, log_variance).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def _loss(model, x, noise, sample=_sample, kl=_kl, nll=_nll):
    """Give the negative ELBO of each image, or what a variant makes of it."""
    mean, log_variance = model.encode(x)
    logits = model.decode(sample(mean, log_variance, noise))
    return nll(logits, x) + kl(mean, log_variance)


def _descend(optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@vae_step.mistake(
    "gradients_not_zeroed",
    "The gradients of earlier steps are still there when the new ones arrive: backward() adds to .grad. "
    "They have to be cleared once in each step.",
)
def _(model, optimizer, x, noise):
    loss = _loss(model, x, noise).mean()
    loss.backward()
    optimizer.step()
    return loss.item()


@vae_step.mistake(
    "nothing_moves",
    "No parameter moved. Either the optimiser's step is not called, "
    "or the gradients are cleared between backward() and step().",
)
def _(model, optimizer, x, noise):
    loss = _loss(model, x, noise).mean()
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


@vae_step.mistake(
    "ascends_the_loss",
    "The parameters moved uphill: the optimiser minimises what you call backward() on, "
    "and the ELBO is to be made larger.",
)
def _(model, optimizer, x, noise):
    loss = _loss(model, x, noise).mean()
    return -_descend(optimizer, -loss)


@vae_step.mistake(
    "bound_for_loss",
    "The step is right, the number returned is not: it is the ELBO, and the loss is its negative.",
)
def _(model, optimizer, x, noise):
    return -_descend(optimizer, _loss(model, x, noise).mean())


@vae_step.mistake(
    "divergence_sign",
    "The divergence enters the loss with a minus: the step drives the posteriors away from the prior.",
)
def _(model, optimizer, x, noise):
    return _descend(optimizer, _loss(model, x, noise, kl=lambda m, v: -_kl(m, v)).mean())


@vae_step.mistake(
    "divergence_missing",
    "The divergence is missing in the loss: this trains an autoencoder with noise, "
    "and nothing keeps its codes where the prior will look for them.",
)
def _(model, optimizer, x, noise):
    return _descend(optimizer, _loss(model, x, noise, kl=lambda m, v: 0.0).mean())


@vae_step.mistake(
    "mean_decoded",
    "You decoded the mean of the posterior. The expectation in the ELBO is over q(z|x): "
    "decode a sample, made with the noise you are given.",
)
def _(model, optimizer, x, noise):
    return _descend(optimizer, _loss(model, x, noise, sample=lambda m, v, e: m).mean())


@vae_step.mistake(
    "sample_cut_off",
    "The sample was cut off from the encoder (detach, no_grad or .data): "
    "the reconstruction no longer teaches it anything, only the divergence does.",
)
def _(model, optimizer, x, noise):
    cut = _loss(model, x, noise, sample=lambda m, v, e: _sample(m, v, e).detach())
    return _descend(optimizer, cut.mean())


@vae_step.mistake(
    "sum_over_batch",
    "The loss is summed over the batch: the step grows with the number of images. Take the mean.",
)
def _(model, optimizer, x, noise):
    return _descend(optimizer, _loss(model, x, noise).sum())


@vae_step.mistake(
    "variance_for_deviation",
    "The noise is stretched by the variance in place of the standard deviation.",
    f"{PAGE}reparametrization",
)
def _(model, optimizer, x, noise):
    stretched = _loss(model, x, noise, sample=lambda m, v, e: m + v.exp() * e)
    return _descend(optimizer, stretched.mean())


@vae_step.mistake(
    "loss_after_the_step",
    "You returned the loss of the updated model. The loss asked for is the one whose gradient was used, "
    "from before the step.",
)
def _(model, optimizer, x, noise):
    _descend(optimizer, _loss(model, x, noise).mean())
    return _loss(model, x, noise).mean().item()


@vae_step.alternative
def cleared_at_the_end(model, optimizer, x, noise):
    loss = _loss(model, x, noise).mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=False)
    return loss.item()


@vae_step.alternative
def loss_as_tensor(model, optimizer, x, noise):
    mean, log_variance = model.encode(x)
    z = mean + log_variance.exp().sqrt() * noise
    reconstruction = binary_cross_entropy_with_logits(model.decode(z), x, reduction="sum")
    loss = (reconstruction + _kl(mean, log_variance).sum()) / x.shape[0]
    model.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


@vae_step.alternative
def gradients_by_hand(model, optimizer, x, noise):
    loss = _loss(model, x, noise).mean()
    parameters = list(model.parameters())
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        parameter.grad = gradient
    optimizer.step()
    return loss.item()


# ---------------------------------------------------------------------------------------------
# train_vae

MNIST = "MNIST"
STEPS = (
    "seven images in batches of three",
    "whole batches, Adam",
    "eleven images in batches of four",
)

train_vae = chapter.exercise(
    "train_vae",
    signature=(
        "train_vae(model: VariationalAutoencoder, optimizer: Optimizer, x: (N, D) tensor, epochs: int, "
        "batch_size: int, shuffle: function, draw_noise: function) -> list of epochs floats"
    ),
    outputs=("losses", "parameters", "test_elbo"),
    parts={
        "steps": Part(2, outputs=("losses", "parameters"), cases=STEPS),
        "mnist": Part(2, outputs=("test_elbo",), cases=(MNIST,)),
    },
    driver="vae.train",
    uses=("vae_step",),
    bounds={"test_elbo": Bound(low=-120.5)},
    section=f"{PAGE}training",
)


def _train_case(random, N, D, H, Z, epochs, batch_size, optimizer):
    return {
        **_model(random, D, H, Z),
        "optimizer_recipe": optimizer,
        "epochs": epochs,
        "batch_size": batch_size,
        "images": torch.from_numpy(random.random((N, D))),
        "orders": torch.from_numpy(np.stack([random.permutation(N) for _ in range(epochs)])),
        "noise": _normal(random, epochs * N, Z),
    }


@train_vae.case(STEPS[0])
def _(random):
    return _train_case(random, 7, 6, 5, 2, 2, 3, {"name": "SGD", "lr": 0.05})


@train_vae.case(STEPS[1])
def _(random):
    return _train_case(random, 6, 5, 4, 3, 3, 2, {"name": "Adam", "lr": 0.02})


@train_vae.case(STEPS[2], secret=True)
def _(random):
    return _train_case(random, 11, 9, 7, 4, 4, 4, {"name": "Adam", "lr": 0.01})


@train_vae.case(MNIST)
def _(random):
    return {
        "model": {"factory": "vae", "inputs": 784, "hidden": 200, "latent": 10},
        "optimizer_recipe": {"name": "Adam", "lr": 0.006},
        "epochs": 6,
        "batch_size": 160,
        "mnist": {"train": 8000, "test": 2000, "seed": int(random.integers(2**31))},
    }


def _batches(order, batch_size):
    return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]


@train_vae.reference
def _(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in _batches(shuffle(len(x)), batch_size):
            total += len(batch) * vae_step.solve(model, optimizer, x[batch], draw_noise(len(batch)))
        losses.append(total / len(x))
    return losses


def _plain_step(model, optimizer, x, noise, **variant):
    return _descend(optimizer, _loss(model, x, noise, **variant).mean())


def _train(model, optimizer, x, epochs, batch_size, shuffle, draw_noise, **variant):
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in _batches(shuffle(len(x)), batch_size):
            noise = draw_noise(len(batch))
            total += len(batch) * _plain_step(model, optimizer, x[batch], noise, **variant)
        losses.append(total / len(x))
    return losses


@train_vae.mistake(
    "last_batch_dropped",
    "The last images of each epoch are never used: when the batch size does not divide N, "
    "the smaller batch at the end counts too.",
)
def _(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    losses = []
    for _ in range(epochs):
        full = [b for b in _batches(shuffle(len(x)), batch_size) if len(b) == batch_size]
        steps = [_plain_step(model, optimizer, x[b], draw_noise(len(b))) for b in full]
        losses.append(sum(steps) / len(steps))
    return losses


@train_vae.mistake(
    "shuffled_once",
    "You shuffled once, before the first epoch. Call shuffle in every epoch, "
    "or the same images share a batch for ever.",
)
def _(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    order = shuffle(len(x))
    return _train(model, optimizer, x, epochs, batch_size, lambda N: order, draw_noise)


@train_vae.mistake(
    "not_shuffled",
    "The images are visited in the order in which they came. Each epoch visits them in the order of shuffle(N).",
)
def _(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    return _train(model, optimizer, x, epochs, batch_size, torch.arange, draw_noise)


@train_vae.mistake(
    "noise_drawn_once",
    "The noise was drawn once and used in every step. Fresh noise for each mini-batch makes the loss "
    "an unbiased estimate; fixed noise can be learnt by heart.",
)
def _(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    kept = draw_noise(batch_size)
    return _train(model, optimizer, x, epochs, batch_size, shuffle, lambda n: kept[:n])


@train_vae.mistake(
    "one_noise_per_batch",
    "One row of noise serves the whole batch. Each image needs a row of its own: draw as many as the batch has images.",
)
def _(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    return _train(
        model, optimizer, x, epochs, batch_size, shuffle, lambda n: draw_noise(1).expand(n, -1)
    )


@train_vae.mistake(
    "one_step_per_epoch",
    "Only the last batch of each epoch is used for a step: look at the indentation, "
    "the step belongs inside the loop over the batches.",
)
def _(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    losses = []
    for _ in range(epochs):
        batch = _batches(shuffle(len(x)), batch_size)[-1]
        losses.append(_plain_step(model, optimizer, x[batch], draw_noise(len(batch))))
    return losses


@train_vae.mistake(
    "mean_of_batch_means",
    "The training is right, the loss reported is not the mean over the images: the last, smaller batch "
    "counts as much as the others. Weight each batch by its number of images.",
)
def _(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    losses = []
    for _ in range(epochs):
        steps = []
        for batch in _batches(shuffle(len(x)), batch_size):
            steps.append(_plain_step(model, optimizer, x[batch], draw_noise(len(batch))))
        losses.append(sum(steps) / len(steps))
    return losses


@train_vae.mistake(
    "last_batch_reported",
    "The training is right, but the loss reported is that of the last batch alone. "
    "Report the mean over all images of the epoch.",
)
def _(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    losses = []
    for _ in range(epochs):
        for batch in _batches(shuffle(len(x)), batch_size):
            loss = _plain_step(model, optimizer, x[batch], draw_noise(len(batch)))
        losses.append(loss)
    return losses


@train_vae.mistake(
    "variance_for_deviation",
    "The loop is right, but the noise is stretched by the variance in place of the standard deviation.",
    f"{PAGE}reparametrization",
)
def _(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    return _train(
        model, optimizer, x, epochs, batch_size, shuffle, draw_noise,
        sample=lambda m, v, e: m + v.exp() * e,
    )  # fmt: skip


@train_vae.mistake(
    "mean_over_latent",
    "The loop is right, but the divergence is averaged over the latent variables in place of summed.",
    f"{PAGE}kl",
)
def _(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    return _train(
        model, optimizer, x, epochs, batch_size, shuffle, draw_noise,
        kl=lambda m, v: _kl(m, v) / m.shape[1],
    )  # fmt: skip


@train_vae.mistake(
    "mean_over_pixels",
    "The loop is right, but the reconstruction is averaged over the pixels: the divergence outweighs it.",
    f"{PAGE}elbo",
)
def _(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    return _train(
        model, optimizer, x, epochs, batch_size, shuffle, draw_noise,
        nll=lambda logits, x: _nll(logits, x) / x.shape[1],
    )  # fmt: skip


@train_vae.alternative
def noise_of_the_whole_epoch(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    losses = torch.zeros(epochs, dtype=torch.float64)
    for epoch in range(epochs):
        order, noise = shuffle(len(x)), draw_noise(len(x))
        for rows, eps in zip(order.split(batch_size), noise.split(batch_size), strict=True):
            losses[epoch] += _plain_step(model, optimizer, x[rows], eps) * len(rows) / len(x)
    return losses


@train_vae.alternative
def with_index_select(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    losses = [0.0] * epochs
    for epoch in range(epochs):
        images = x.index_select(0, shuffle(x.shape[0]))
        start = 0
        while start < len(images):
            part = images[start : start + batch_size]
            loss = loss_as_tensor(model, optimizer, part, draw_noise(part.shape[0]))
            losses[epoch] += loss * len(part) / len(x)
            start += batch_size
    return losses


# ---------------------------------------------------------------------------------------------
# generate

generate = chapter.exercise(
    "generate",
    signature="generate(model: VariationalAutoencoder, noise: (N, Z) tensor, images: (N, D) tensor or None) -> (N, D) tensor",
    outputs=("images",),
    points=2,
    driver="vae.with_model",
    section=f"{PAGE}generation",
)


def _generate_case(random, N, D, H, Z):
    return {
        **_model(random, D, H, Z),
        "noise": _normal(random, N, Z),
        "images": torch.from_numpy(random.random((N, D))),
    }


@generate.case("five images")
def _(random):
    return _generate_case(random, 5, 7, 4, 3)


@generate.case("one image")
def _(random):
    return _generate_case(random, 1, 6, 5, 2)


@generate.case("more latent variables than pixels")
def _(random):
    return _generate_case(random, 4, 3, 6, 8)


@generate.case("N = 23, D = 31", secret=True)
def _(random):
    return _generate_case(random, 23, 31, 11, 5)


@generate.reference
def _(model, noise, images=None):
    from autograder.kernels.activations import activation

    with torch.no_grad():
        return activation(model.decode(noise), "sigmoid")


@generate.mistake(
    "from_the_posterior",
    "You sampled z from q(z|x), as the lecture's slide says (erratum E23): that gives noisy copies of images "
    "you have. A new image starts from the prior, and no image is needed.",
)
def _(model, noise, images=None):
    return torch.sigmoid(model.decode(_sample(*model.encode(images), noise)))


@generate.mistake(
    "reconstruction",
    "You encoded the images and decoded their means: these are reconstructions. "
    "A new image starts from the prior, and no image is needed.",
)
def _(model, noise, images=None):
    return torch.sigmoid(model.decode(model.encode(images)[0]))


@generate.mistake(
    "logits_returned",
    "You returned the logits. The image is made of the pixels' probabilities, between 0 and 1.",
)
def _(model, noise, images=None):
    return model.decode(noise)


@generate.mistake(
    "uniform_prior",
    "You mapped the noise from [0, 1] to [−1, 1]. The noise is a sample of the prior N(0, I) already.",
)
def _(model, noise, images=None):
    return torch.sigmoid(model.decode(2 * noise - 1))


@generate.mistake(
    "mean_of_the_prior",
    "You decoded the mean of the prior, z = 0: every image is the same. The noise is the sample of the prior.",
)
def _(model, noise, images=None):
    return torch.sigmoid(model.decode(torch.zeros_like(noise)))


@generate.mistake(
    "posterior_deviation",
    "You stretched the noise by the σ of encoded images. The prior's standard deviation is 1.",
)
def _(model, noise, images=None):
    return torch.sigmoid(model.decode((model.encode(images)[1] / 2).exp() * noise))


@generate.mistake(
    "binarised",
    "You rounded the probabilities to black and white. Return the probabilities themselves.",
)
def _(model, noise, images=None):
    return (model.decode(noise) > 0).to(noise.dtype)


@generate.alternative
def with_exponential(model, noise, images=None):
    with torch.no_grad():
        return 1 / (1 + torch.exp(-model.decode(noise)))


@generate.alternative
def code_by_code(model, noise, images=None):
    return torch.stack([model.decode(z[None])[0].sigmoid() for z in noise])


@generate.alternative
def images_in_single_precision(model, noise, images=None):
    return torch.special.expit(model.decode(noise).detach().float())


# ---------------------------------------------------------------------------------------------
# interpolate

interpolate = chapter.exercise(
    "interpolate",
    signature=(
        "interpolate(model: VariationalAutoencoder, x_start: (D,) tensor, x_end: (D,) tensor, "
        "steps: int) -> (steps, D) tensor"
    ),
    outputs=("images",),
    points=2,
    driver="vae.with_model",
    section=f"{PAGE}interpolation",
)


def _interpolate_case(random, D, H, Z, steps):
    return {
        **_model(random, D, H, Z),
        "x_start": torch.from_numpy(random.random(D)),
        "x_end": torch.from_numpy(random.random(D)),
        "steps": steps,
    }


@interpolate.case("five images")
def _(random):
    return _interpolate_case(random, 7, 4, 3, 5)


@interpolate.case("the two ends alone")
def _(random):
    return _interpolate_case(random, 6, 5, 2, 2)


@interpolate.case("eight images, one latent variable")
def _(random):
    return _interpolate_case(random, 9, 6, 1, 8)


@interpolate.case("thirteen images", secret=True)
def _(random):
    return _interpolate_case(random, 21, 10, 6, 13)


@interpolate.reference
def _(model, x_start, x_end, steps):
    from autograder.kernels.activations import activation

    with torch.no_grad():
        return activation(model.decode(_line(model, x_start, x_end, steps)), "sigmoid")


def _line(model, x_start, x_end, steps):
    start, end = model.encode(torch.stack([x_start, x_end]))[0]
    return torch.lerp(start, end, torch.linspace(0, 1, steps, dtype=start.dtype)[:, None])


def _mix(start, end, steps):
    t = torch.linspace(0, 1, steps, dtype=start.dtype)[:, None]
    return (1 - t) * start + t * end


def _paint(model, z):
    return torch.sigmoid(model.decode(z))


def _code(model, x):
    return model.encode(x[None])[0][0]


@interpolate.mistake(
    "pixels_mixed",
    "You mixed the pixels of the two images: one fades while the other appears. "
    "The line is drawn between their codes, and every point of it is decoded.",
)
def _(model, x_start, x_end, steps):
    return _mix(x_start, x_end, steps)


@interpolate.mistake(
    "reconstructions_mixed",
    "You decoded the two ends and mixed the results: that is fading again. "
    "Mix the codes first, then decode each of them.",
)
def _(model, x_start, x_end, steps):
    return _mix(
        _paint(model, _code(model, x_start)[None]), _paint(model, _code(model, x_end)[None]), steps
    )


@interpolate.mistake(
    "pixels_encoded",
    "You mixed the pixels and sent the mixtures through encoder and decoder. "
    "Encode the two images alone, mix their codes, then decode.",
)
def _(model, x_start, x_end, steps):
    return _paint(model, model.encode(_mix(x_start, x_end, steps))[0])


@interpolate.mistake(
    "end_missing",
    "The last image is not that of x_end: the line stops one step before it. Both ends belong to it.",
)
def _(model, x_start, x_end, steps):
    t = torch.arange(steps, dtype=x_start.dtype)[:, None] / steps
    return _paint(model, (1 - t) * _code(model, x_start) + t * _code(model, x_end))


@interpolate.mistake(
    "backwards",
    "The line runs backwards, from x_end to x_start.",
)
def _(model, x_start, x_end, steps):
    return _paint(model, _mix(_code(model, x_end), _code(model, x_start), steps))


@interpolate.mistake(
    "logits_returned",
    "You returned the logits. The images are made of the pixels' probabilities, between 0 and 1.",
)
def _(model, x_start, x_end, steps):
    return model.decode(_mix(_code(model, x_start), _code(model, x_end), steps))


@interpolate.mistake(
    "logits_mixed",
    "You decoded the two ends and mixed their logits: that stays fading. "
    "Mix the codes first, then decode each of them.",
)
def _(model, x_start, x_end, steps):
    return torch.sigmoid(
        _mix(model.decode(_code(model, x_start)), model.decode(_code(model, x_end)), steps)
    )


@interpolate.mistake(
    "log_variances_mixed",
    "You used the second output of the encoder, log σ². The code of an image is the mean, the first output.",
)
def _(model, x_start, x_end, steps):
    ends = model.encode(torch.stack([x_start, x_end]))[1]
    return _paint(model, _mix(ends[0], ends[1], steps))


@interpolate.alternative
def step_by_step(model, x_start, x_end, steps):
    start, end = _code(model, x_start), _code(model, x_end)
    images = []
    for i in range(steps):
        z = start + i / (steps - 1) * (end - start)
        images.append(_paint(model, z))
    return torch.stack(images)


@interpolate.alternative
def weights_as_matrix(model, x_start, x_end, steps):
    with torch.no_grad():
        codes, _ = model.encode(torch.stack([x_start, x_end]))
        weights = torch.from_numpy(np.linspace([1.0, 0.0], [0.0, 1.0], steps)).to(codes.dtype)
        return _paint(model, weights @ codes)


@interpolate.alternative
def line_in_single_precision(model, x_start, x_end, steps):
    return _paint(model.float(), _line(model, x_start.float(), x_end.float(), steps))
