import torch
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid, softplus

from autograder.exercise import Exercise
from autograder.exercises.vae.shared import PAGE, draw_normal, draw_pixels, nll_of

# bernoulli_nll

bernoulli_nll = Exercise(
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


def _nll_case(random, N, D, scale=2.0):
    return {
        **draw_pixels(random, N, D, scale),
        "cotangent": draw_normal(random, N),
        "wrt": ["logits"],
    }


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


@bernoulli_nll.case("as many images as pixels, logits next to 0, grey of ½")
def _(random):
    arguments = _nll_case(random, 3, 3)
    arguments["logits"][0, :2] = arguments["logits"][2, 1] = 1e-8
    arguments["x"][1] = 0.5
    return arguments


@bernoulli_nll.case("one pixel")
def _(random):
    return _nll_case(random, 3, 1)


@bernoulli_nll.case("all white, all black")
def _(random):
    arguments = _nll_case(random, 2, 5)
    arguments["x"][0], arguments["x"][1] = 1.0, 0.0
    return arguments


@bernoulli_nll.case("double precision, logits at ±100")
def _(random):
    return _extreme(random, 4, 6)


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
    "A small constant hides the infinity of the logarithm but gives a wrong value and no gradient where the network is "
    "badly wrong. Write the loss in the logits instead.",
)
def _(logits, x):
    p = torch.sigmoid(logits)
    return -(x * (p + 1e-8).log() + (1 - x) * (1 - p + 1e-8).log()).sum(dim=1)


@bernoulli_nll.mistake(
    "overflow",
    "exp(logit) is taken of every logit: at 100 it is 3·10⁴³, more than single precision holds.",
)
def _(logits, x):
    return (torch.log(1 + torch.exp(logits)) - x * logits).sum(dim=1)


@bernoulli_nll.mistake(
    "sign",
    "This is the log-likelihood. Its negative is asked for: a number that gets smaller as the image fits better.",
)
def _(logits, x):
    return -nll_of(logits, x)


@bernoulli_nll.mistake(
    "mean_over_pixels",
    "You averaged over the D pixels. The log-probability of an image is the sum over its pixels; "
    "a mean makes it D times too small beside the divergence.",
)
def _(logits, x):
    return nll_of(logits, x) / logits.shape[1]


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
    return nll_of(logits, x).sum()


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
    return nll_of(torch.sigmoid(logits), x)


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
    return nll_of(logits, 1 - x)


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
    return nll_of(logits, x).detach()


for _small in (1e-5, 1e-6, 1e-7, 1e-10, 1e-12):

    @bernoulli_nll.mistake("small_constant")
    def _(logits, x, small=_small):
        p = torch.sigmoid(logits)
        return -(x * (p + small).log() + (1 - x) * (1 - p + small).log()).sum(dim=1)


for _small in (1e-5, 1e-6, 1e-7, 1e-8, 1e-10, 1e-12):

    @bernoulli_nll.mistake("small_constant")
    def _(logits, x, small=_small):
        p = torch.sigmoid(logits).clamp(small, 1 - small)
        return -(x * p.log() + (1 - x) * (1 - p).log()).sum(dim=1)


@bernoulli_nll.mistake("overflow")
def _(logits, x):
    return (x * torch.log(1 + torch.exp(-logits)) + (1 - x) * torch.log(1 + torch.exp(logits))).sum(
        dim=1
    )


@bernoulli_nll.mistake(
    "logits_cut_off",
    "You cut large logits off: the value is wrong where the network is sure and wrong, and its gradient is gone.",
)
def _(logits, x):
    return nll_of(logits.clamp(-10, 10), x)


for _most in (15, 20, 30, 50):

    @bernoulli_nll.mistake("logits_cut_off")
    def _(logits, x, most=_most):
        return nll_of(logits.clamp(-most, most), x)


@bernoulli_nll.mistake(
    "bright_pixels_forgotten",
    "The term of x is missing: pixels that are bright but were painted dark cost nothing.",
)
def _(logits, x):
    return ((1 - x) * softplus(logits)).sum(dim=1)


@bernoulli_nll.mistake(
    "softplus_alone",
    "x is not used: the same logits cost the same, whatever the image.",
)
def _(logits, x):
    return softplus(logits).sum(dim=1)


@bernoulli_nll.mistake(
    "batch_averaged",
    "You averaged over the batch. This function gives one number for each image, shape (N,).",
)
def _(logits, x):
    return nll_of(logits, x).mean()


@bernoulli_nll.mistake(
    "bits",
    "Your logarithm has base 2: these are bits. The task asks for nats, the natural logarithm.",
)
def _(logits, x):
    return nll_of(logits, x) / torch.log(torch.tensor(2.0))


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
