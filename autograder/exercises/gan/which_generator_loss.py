import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.gan.shared import PAGE, Arguments, Random
from autograder.exercises.shared import LIBRARIES

SLOPES = {
    "saturating": lambda s: -1 / (1 + np.exp(-s)),
    "non-saturating": lambda s: -1 / (1 + np.exp(s)),
    "least squares": lambda s: s - 1,
    "linear": lambda s: -np.ones_like(s),
}

which_generator_loss = Exercise(
    "which_generator_loss",
    signature="which_generator_loss(logits: (N,) float64, slopes: (N,) float64) -> kind: str",
    outputs=("kind",),
    points=2,
    form="identify",
    driver="for_each",
    forbids=LIBRARIES,
    section=f"{PAGE}#gan-which-loss",
)


def draw_slopes(random: Random, number: int, N: int) -> Arguments:
    """Draw logits of bad and good samples, and slopes of all kinds, each with a factor of its own."""
    samples = []
    kinds = [*SLOPES, *random.choice(list(SLOPES), size=number - len(SLOPES))]
    for kind in random.permutation(kinds):
        ends = [random.uniform(-5, -3), random.uniform(-0.5, 0.5), random.uniform(3, 5)]
        logits = random.permutation([*ends, *random.uniform(-4, 4, size=N - 3)])
        factor = float(np.exp(random.uniform(-4, 2)))
        samples.append({"logits": logits, "slopes": factor * SLOPES[kind](logits)})
    return {"samples": samples}


@which_generator_loss.case("nine generators")
def _(random: Random) -> Arguments:
    return draw_slopes(random, 9, 6)


@which_generator_loss.case("seven others, three samples each")
def _(random: Random) -> Arguments:
    return draw_slopes(random, 7, 3)


@which_generator_loss.case("fourteen more", secret=True)
def _(random: Random) -> Arguments:
    return draw_slopes(random, 14, 10)


def fitting(logits: np.ndarray, slopes: np.ndarray) -> str:
    """Name the loss whose slopes are these but for a factor."""
    spread = {
        kind: np.ptp(slopes / slope(logits)) / np.abs(slopes / slope(logits)).max()
        for kind, slope in SLOPES.items()
    }
    return min(spread, key=spread.get)


@which_generator_loss.reference
def _(logits, slopes):
    return fitting(logits, slopes)


@which_generator_loss.mistake(
    "the_two_exchanged",
    "You have exchanged the saturating and the non-saturating loss: which of them pushes a sample that the discriminator has "
    "found out?",
)
def _(logits, slopes):
    kind = fitting(logits, slopes)
    other = {"saturating": "non-saturating", "non-saturating": "saturating"}
    return other.get(kind, kind)


@which_generator_loss.mistake(
    "good_samples_not_looked_at",
    "You look at bad samples alone, which two of the losses push alike: what do they do to good ones?",
)
def _(logits, slopes):
    kind = fitting(logits, slopes)
    return "non-saturating" if kind == "linear" else kind


@which_generator_loss.mistake(
    "bad_samples_not_looked_at",
    "You look at good samples alone, which two of the losses push alike: what do they do to bad ones?",
)
def _(logits, slopes):
    kind = fitting(logits, slopes)
    return "saturating" if kind == "linear" else kind


@which_generator_loss.mistake(
    "factor_not_left_open",
    "You compare slopes as they are. A mean over the samples, or a weight of the loss, multiplies all of them by one factor.",
)
def _(logits, slopes):
    distances = {kind: np.abs(slopes - slope(logits)).max() for kind, slope in SLOPES.items()}
    return min(distances, key=distances.get)


@which_generator_loss.mistake(
    "sign_not_looked_at",
    "You do not look at the sign: one of the losses pushes a sample down again that the discriminator is too sure about.",
)
def _(logits, slopes):
    kind = fitting(logits, slopes)
    return "non-saturating" if kind == "least squares" else kind


@which_generator_loss.alternative
def with_three_samples(logits, slopes):
    order = np.argsort(logits)
    worst, best = slopes[order[0]], slopes[order[-1]]
    if best > 0:
        return "least squares"
    if abs(worst / best - 1) < 1e-6:
        return "linear"
    return "saturating" if abs(worst) < abs(best) else "non-saturating"


@which_generator_loss.alternative
def with_correlations(logits, slopes):
    candidates = {
        "linear": -np.ones(len(logits)),
        "least squares": logits - 1,
        "saturating": -0.5 * (1 + np.tanh(logits / 2)),
        "non-saturating": -0.5 * (1 - np.tanh(logits / 2)),
    }
    for kind, slope in candidates.items():
        factor = slope @ slopes / (slope @ slope)
        if np.allclose(factor * slope, slopes, rtol=1e-6, atol=0):
            return kind
    return ""
