import torch
from torch.nn.functional import logsigmoid

from autograder.exercise import Exercise
from autograder.exercises.vae.shared import PAGE, draw_pixels, draw_posterior, kl_of, nll_of

# elbo

elbo = Exercise(
    "elbo",
    signature=(
        "elbo(logits: (N, D) tensor, x: (N, D) tensor, mean: (N, Z) tensor, "
        "log_variance: (N, Z) tensor) -> scalar tensor"
    ),
    outputs=("value", "gradient_logits", "gradient_mean", "gradient_log_variance"),
    form="transcribe",
    points=2,
    driver="pull_back",
    uses=("gaussian_kl", "bernoulli_nll"),
    section=f"{PAGE}elbo",
)


def _elbo_case(random, N, D, Z):
    return {
        **draw_pixels(random, N, D),
        **draw_posterior(random, N, Z),
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


@elbo.case("as many images as pixels and latent variables")
def _(random):
    return _elbo_case(random, 3, 3, 3)


@elbo.case("one image, one pixel, one latent variable")
def _(random):
    return _elbo_case(random, 1, 1, 1)


@elbo.case("posteriors that are the prior, black and white")
def _(random):
    arguments = _elbo_case(random, 4, 6, 2)
    arguments["x"] = arguments["x"].round()
    arguments["mean"][:2] = arguments["log_variance"][:2] = 0.0
    return arguments


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
    return (nll_of(logits, x) + kl_of(mean, log_variance)).mean()


@elbo.mistake(
    "divergence_added",
    "You added the divergence to the bound. It is the price of the code and is subtracted: "
    "added, it rewards a posterior for running away from the prior.",
)
def _(logits, x, mean, log_variance):
    return (-nll_of(logits, x) + kl_of(mean, log_variance)).mean()


@elbo.mistake(
    "divergence_missing",
    "The divergence is missing: what is left is the reconstruction term alone, and no bound.",
)
def _(logits, x, mean, log_variance):
    return -nll_of(logits, x).mean()


@elbo.mistake(
    "sum_over_batch",
    "You summed over the batch. The mean over its N images is asked for: "
    "then the number, and the step it causes, do not depend on the batch size.",
)
def _(logits, x, mean, log_variance):
    return -(nll_of(logits, x) + kl_of(mean, log_variance)).sum()


@elbo.mistake(
    "mean_over_latent",
    "The divergence is averaged over the Z latent variables: it is Z times too weak beside the reconstruction.",
)
def _(logits, x, mean, log_variance):
    return -(nll_of(logits, x) + kl_of(mean, log_variance) / mean.shape[1]).mean()


@elbo.mistake(
    "mean_over_pixels",
    "The reconstruction is averaged over the D pixels: beside it the divergence is D times too strong, "
    "and the posterior collapses onto the prior.",
)
def _(logits, x, mean, log_variance):
    return -(nll_of(logits, x) / x.shape[1] + kl_of(mean, log_variance)).mean()


@elbo.mistake(
    "divergence_per_pixel",
    "The divergence is divided by the D pixels while the reconstruction is summed over them: "
    "it is D times too weak.",
)
def _(logits, x, mean, log_variance):
    return -(nll_of(logits, x) + kl_of(mean, log_variance) / x.shape[1]).mean()


@elbo.mistake(
    "means_everywhere",
    "Both terms are averaged, over pixels and over latent variables. Inside one image both are sums; "
    "only over the images is a mean taken.",
)
def _(logits, x, mean, log_variance):
    return -(nll_of(logits, x) / x.shape[1] + kl_of(mean, log_variance) / mean.shape[1]).mean()


@elbo.mistake(
    "one_for_each_image",
    "You returned one bound for each image, shape (N,). Their mean, a single number, is asked for.",
)
def _(logits, x, mean, log_variance):
    return -(nll_of(logits, x) + kl_of(mean, log_variance))


@elbo.mistake(
    "loss_taken_for_likelihood",
    "You took `bernoulli_nll` for log p(x|z). It is its negative: the worse the image is painted, the larger it gets.",
)
def _(logits, x, mean, log_variance):
    return (nll_of(logits, x) - kl_of(mean, log_variance)).mean()


@elbo.mistake(
    "one_term_summed",
    "One term is summed over the images, the other averaged: their balance depends on the batch size.",
)
def _(logits, x, mean, log_variance):
    return -nll_of(logits, x).mean() - kl_of(mean, log_variance).sum()


@elbo.mistake("one_term_summed")
def _(logits, x, mean, log_variance):
    return -nll_of(logits, x).sum() - kl_of(mean, log_variance).mean()


@elbo.mistake(
    "reconstruction_missing",
    "The reconstruction term is missing: what is left is best when every image gets the same code.",
)
def _(logits, x, mean, log_variance):
    return -kl_of(mean, log_variance).mean()


@elbo.mistake(
    "arguments_exchanged",
    "The two arguments of `gaussian_kl` or of `bernoulli_nll` are exchanged.",
)
def _(logits, x, mean, log_variance):
    return -(nll_of(logits, x) + kl_of(log_variance, mean)).mean()


@elbo.mistake("arguments_exchanged")
def _(logits, x, mean, log_variance):
    return -(nll_of(x, logits) + kl_of(mean, log_variance)).mean()


@elbo.mistake(
    "sigmoid_twice",
    "The sigmoid is applied twice: `bernoulli_nll` expects the logits as they come.",
    f"{PAGE}likelihood",
)
def _(logits, x, mean, log_variance):
    return -(nll_of(torch.sigmoid(logits), x) + kl_of(mean, log_variance)).mean()


@elbo.mistake(
    "cut_off",
    "The value is right, but no gradient reaches the arguments: the result was cut off from the graph "
    "(detach, no_grad, .item() or NumPy on the way).",
)
def _(logits, x, mean, log_variance):
    return -(nll_of(logits, x) + kl_of(mean, log_variance)).mean().detach()


@elbo.alternative
def mean_of_each_term(logits, x, mean, log_variance):
    return -nll_of(logits, x).mean() - kl_of(mean, log_variance).mean()


@elbo.alternative
def total_over_images(logits, x, mean, log_variance):
    likelihood = x * logsigmoid(logits) + (1 - x) * logsigmoid(-logits)
    divergence = (mean**2 + log_variance.exp() - log_variance - 1) / 2
    return (likelihood.sum() - divergence.sum()) / len(x)


@elbo.alternative
def bound_in_single_precision(logits, x, mean, log_variance):
    logits, x, mean, log_variance = (item.float() for item in (logits, x, mean, log_variance))
    return -(nll_of(logits, x) + kl_of(mean, log_variance)).mean()
