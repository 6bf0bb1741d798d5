import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.shared import LIBRARIES
from autograder.exercises.vae.shared import PAGE

which_kl = Exercise(
    "which_kl",
    signature=(
        "which_kl(mean: (N, Z) float64, log_variance: (N, Z) float64, prices: (N,) float64)"
        " -> kind: str"
    ),
    outputs=("kind",),
    points=2,
    form="identify",
    driver="for_each",
    forbids=LIBRARIES,
    section=f"{PAGE}which-kl",
)


def price(kind, mean, log_variance):
    """Give the prices of images as a program of one kind computes them."""
    variance = np.exp(log_variance)
    terms = mean**2 + variance - log_variance - 1
    if kind == "deviation for variance":
        terms = mean**2 + np.exp(log_variance / 2) - log_variance - 1
    elif kind == "reversed":
        terms = (1 + mean**2) / variance + log_variance - 1
    elif kind == "no half":
        terms = 2 * terms
    elif kind == "mean":
        return terms.mean(axis=1) / 2
    return terms.sum(axis=1) / 2


KINDS = ("right", "deviation for variance", "reversed", "no half", "mean")


def draw_programs(random, number, N, Z):
    samples = []
    kinds = [*KINDS, *random.choice(KINDS, size=number - len(KINDS))]
    for kind in random.permutation(kinds):
        signs = random.choice([-1, 1], size=(N, Z))
        mean = random.normal(size=(N, Z))
        log_variance = signs * random.uniform(0.3, 2, size=(N, Z))
        prices = price(kind, mean, log_variance)
        samples.append({"mean": mean, "log_variance": log_variance, "prices": prices})
    return {"samples": samples}


@which_kl.case("nine programs")
def _(random):
    return draw_programs(random, 9, 4, 3)


@which_kl.case("eight programs, one image each")
def _(random):
    return draw_programs(random, 8, 1, 5)


@which_kl.case("fifteen others", secret=True)
def _(random):
    return draw_programs(random, 15, 6, 7)


def nearest(prices, candidates):
    """Name the candidate that comes nearest to the prices."""
    distances = {kind: np.abs(value - prices).max() for kind, value in candidates.items()}
    return min(distances, key=distances.get)


def among(kinds, mean, log_variance, prices):
    return nearest(prices, {kind: price(kind, mean, log_variance) for kind in kinds})


@which_kl.reference
def _(mean, log_variance, prices):
    return among(KINDS, mean, log_variance, prices)


@which_kl.mistake(
    "mean_and_sum_exchanged",
    "You have exchanged the right program and the one that takes the mean over the latent variables. An image pays for each of "
    "its variables.",
)
def _(mean, log_variance, prices):
    kind = among(KINDS, mean, log_variance, prices)
    return {"right": "mean", "mean": "right"}.get(kind, kind)


@which_kl.mistake(
    "half_not_expected",
    "You have exchanged the right program and the one without the ½.",
)
def _(mean, log_variance, prices):
    kind = among(KINDS, mean, log_variance, prices)
    return {"right": "no half", "no half": "right"}.get(kind, kind)


@which_kl.mistake(
    "direction_exchanged",
    "You have exchanged the two directions of the divergence: the price is that of the encoder's answer as seen from the prior, "
    "KL(q‖p).",
)
def _(mean, log_variance, prices):
    kind = among(KINDS, mean, log_variance, prices)
    return {"right": "reversed", "reversed": "right"}.get(kind, kind)


@which_kl.mistake(
    "widths_mixed_up",
    "You have exchanged the right program and the one with the standard deviation. What is the exponential of a log-variance?",
)
def _(mean, log_variance, prices):
    kind = among(KINDS, mean, log_variance, prices)
    other = {"right": "deviation for variance", "deviation for variance": "right"}
    return other.get(kind, kind)


@which_kl.mistake(
    "one_image_looked_at",
    "You compare the sum over the whole batch. Each image has a price of its own.",
)
def _(mean, log_variance, prices):
    made = {kind: price(kind, mean, log_variance) for kind in KINDS}
    return nearest(prices.sum(), {kind: value.mean() for kind, value in made.items()})


@which_kl.alternative
def by_ratios(mean, log_variance, prices):
    right = (mean**2 + np.exp(log_variance) - log_variance - 1).sum(axis=1) / 2
    ratio = prices / right
    for kind, factor in (("right", 1), ("no half", 2), ("mean", 1 / mean.shape[1])):
        if np.allclose(ratio, factor):
            return kind
    turned = ((1 + mean**2) / np.exp(log_variance) + log_variance - 1).sum(axis=1) / 2
    return "reversed" if np.allclose(prices, turned) else "deviation for variance"


@which_kl.alternative
def with_loops(mean, log_variance, prices):
    sums = dict.fromkeys(KINDS, 0.0)
    for m, w in zip(mean[0], log_variance[0], strict=True):
        own = (m * m + np.exp(w) - w - 1) / 2
        sums["right"] += own
        sums["no half"] += 2 * own
        sums["mean"] += own / len(mean[0])
        sums["reversed"] += (np.exp(-w) * (1 + m * m) + w - 1) / 2
        sums["deviation for variance"] += (m * m + np.exp(w / 2) - w - 1) / 2
    return min(sums, key=lambda kind: abs(sums[kind] - prices[0]))
