import torch

from autograder.exercise import Exercise
from autograder.exercises.vae.shared import PAGE, draw_normal, draw_posterior, sample_of
from dlarch.checks_file import Part

# reparametrize

reparametrize = Exercise(
    "reparametrize",
    signature=(
        "reparametrize(mean: (N, Z) tensor, log_variance: (N, Z) tensor, noise: (N, Z) tensor)"
        " -> (N, Z) tensor"
    ),
    outputs=("value", "gradient_mean", "gradient_log_variance"),
    form="transcribe",
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
        **draw_posterior(random, N, Z, scale),
        "noise": draw_normal(random, N, Z),
        "cotangent": draw_normal(random, N, Z),
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


@reparametrize.case("as many images as latent variables")
def _(random):
    return _sample_case(random, 3, 3)


@reparametrize.case("one image, one latent variable")
def _(random):
    return _sample_case(random, 1, 1)


@reparametrize.case("noise 0, mean 0 and σ = 1 among the others")
def _(random):
    arguments = _sample_case(random, 3, 4)
    arguments["noise"][0, 1] = arguments["mean"][1, 2] = arguments["log_variance"][2, :2] = 0.0
    return arguments


@reparametrize.case("N = 31, Z = 18", secret=True)
def _(random):
    return _sample_case(random, 31, 18, scale=2.0)


@reparametrize.reference
def _(mean, log_variance, noise):
    from autograder.kernels.reparametrize import reparametrize as kernel

    return kernel(mean, log_variance, noise)


reparametrize.slip(
    "variance_for_deviation",
    "You multiplied the noise by the variance: exp(log σ²) is σ². The noise is stretched by σ, its root.",
    of="root_of_the_variance",
    right="torch.sqrt(torch.exp(log_variance))",
    wrong="torch.exp(log_variance)",
)


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
    "You halved `log_variance` and then multiplied by it: the logarithm has still to be undone.",
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
    return sample_of(mean, log_variance, noise[:1])


@reparametrize.mistake(
    "uniform_noise",
    "You mapped the noise from [0, 1] to [−1, 1] first. The noise is standard normal already: use it as it comes.",
)
def _(mean, log_variance, noise):
    return sample_of(mean, log_variance, 2 * noise - 1)


@reparametrize.mistake(
    "cut_off",
    "No gradient reaches μ and log σ²: the sample was cut off from the graph "
    "(detach, no_grad, .data, torch.tensor or NumPy on the way). The trick exists so that it does.",
)
def _(mean, log_variance, noise):
    return sample_of(mean, log_variance, noise).detach()


@reparametrize.mistake(
    "deviation_cut_off",
    "No gradient reaches log σ²: σ was cut off from the graph, so the encoder could never learn how sure it is.",
)
def _(mean, log_variance, noise):
    return sample_of(mean, log_variance.detach(), noise)


@reparametrize.mistake(
    "mean_cut_off",
    "No gradient reaches μ: it was cut off from the graph, so the encoder could never learn where to put an image.",
)
def _(mean, log_variance, noise):
    return sample_of(mean.detach(), log_variance, noise)


@reparametrize.mistake(
    "half_outside",
    "The ½ stands in front of the exponential: that halves the variance. It is the logarithm of σ² that is halved to get "
    "that of σ.",
)
def _(mean, log_variance, noise):
    return mean + 0.5 * log_variance.exp() * noise


@reparametrize.mistake(
    "variance_squared",
    "You doubled the logarithm: the noise is stretched by the square of the variance.",
)
def _(mean, log_variance, noise):
    return mean + (2 * log_variance).exp() * noise


@reparametrize.mistake(
    "deviation_forgotten",
    "You added the noise as it comes: σ is missing, so every posterior is as wide as the prior.",
)
def _(mean, log_variance, noise):
    return mean + noise


@reparametrize.mistake(
    "noise_missing",
    "You added σ itself: the noise is missing, and every call gives the same code.",
)
def _(mean, log_variance, noise):
    return mean + (log_variance / 2).exp()


@reparametrize.mistake(
    "noise_subtracted",
    "You subtracted the stretched noise. Its distribution is the same, and the task's formula adds it.",
)
def _(mean, log_variance, noise):
    return mean - (log_variance / 2).exp() * noise


@reparametrize.mistake(
    "mean_forgotten",
    "The mean is missing: all clouds lie around the origin, whatever the image.",
)
def _(mean, log_variance, noise):
    return (log_variance / 2).exp() * noise


@reparametrize.mistake("root_of_logarithm")
def _(mean, log_variance, noise):
    return mean + log_variance.abs().sqrt() * noise


@reparametrize.mistake("one_noise_per_batch")
def _(mean, log_variance, noise):
    return torch.stack([sample_of(m, v, noise[0]) for m, v in zip(mean, log_variance, strict=True)])


@reparametrize.mistake(
    "one_noise_per_code",
    "You used the first column of the noise for all latent variables. Each has noise of its own.",
)
def _(mean, log_variance, noise):
    return sample_of(mean, log_variance, noise[:, :1])


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
    return sample_of(mean.float(), log_variance.float(), noise.float())
