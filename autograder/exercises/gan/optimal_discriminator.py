import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.gan.shared import PAGE, Arguments, Random

optimal_discriminator = Exercise(
    "optimal_discriminator",
    signature="optimal_discriminator(p_data: (N,), p_g: (N,)) -> (N,)",
    outputs=("D",),
    form="derive",
    reveals=(r"\frac{p_{data}(x)}{p_{data}(x) + p_g(x)}", r"\frac{a}{a + b}"),
    points=1,
    section=f"{PAGE}#gan-optimal-discriminator",
)


def _normal_density(x: np.ndarray, mean: float, deviation: float) -> np.ndarray:
    return np.exp(-(((x - mean) / deviation) ** 2) / 2) / (deviation * np.sqrt(2 * np.pi))


@optimal_discriminator.case("two bell curves")
def _(random: Random) -> Arguments:
    x = np.sort(random.uniform(-3, 4, size=7))
    return {
        "p_data": _normal_density(x, random.uniform(0, 1), 0.7),
        "p_g": _normal_density(x, random.uniform(1, 2), 1.1),
    }


@optimal_discriminator.case("far in the tails")
def _(random: Random) -> Arguments:
    x = random.uniform(7, 9, size=5)
    return {"p_data": _normal_density(x, 0, 1), "p_g": _normal_density(x, -0.2, 1)}


@optimal_discriminator.case("zeros in one and in both, on a 3 × 4 grid")
def _(random: Random) -> Arguments:
    p_data = random.uniform(0.1, 2, size=(3, 4))
    p_g = random.uniform(0.1, 2, size=(3, 4))
    p_data[0, 1] = p_data[2, 3] = 0.0
    p_g[1, 0] = p_g[2, 3] = 0.0
    return {"p_data": p_data, "p_g": p_g}


@optimal_discriminator.case("equal densities, one point")
def _(random: Random) -> Arguments:
    density = random.uniform(0.1, 2, size=1)
    return {"p_data": density, "p_g": density.copy()}


@optimal_discriminator.case("one point, where both are zero")
def _(random: Random) -> Arguments:
    return {"p_data": np.zeros(1), "p_g": np.zeros(1)}


@optimal_discriminator.case("narrow peaks, with densities in the thousands, one of them zero")
def _(random: Random) -> Arguments:
    p_data, p_g = random.uniform(1e3, 1e4, size=(2, 4))
    p_data[1] = p_g[2] = 0.0
    return {"p_data": p_data, "p_g": p_g}


@optimal_discriminator.case("as small as 1e-17, and zeros")
def _(random: Random) -> Arguments:
    p_data, p_g = random.uniform(1e-17, 9e-17, size=(2, 5))
    p_data[1] = p_g[1] = p_g[3] = 0.0
    return {"p_data": p_data, "p_g": p_g}


@optimal_discriminator.case("a long grid with gaps", secret=True)
def _(random: Random) -> Arguments:
    p_data = random.uniform(0, 1, size=201) * (random.uniform(size=201) < 0.7)
    p_g = random.uniform(0, 1, size=201) * (random.uniform(size=201) < 0.7)
    return {"p_data": p_data, "p_g": p_g}


@optimal_discriminator.reference
def _(p_data: np.ndarray, p_g: np.ndarray) -> np.ndarray:
    total = p_data + p_g
    return np.divide(p_data, total, out=np.full_like(total, 0.5), where=total > 0)


optimal_discriminator.slip(
    "roles_swapped",
    "This is the probability that the sample was generated, 1 − D*. "
    "D(x) is the probability that x is data.",
    of="with_where",
    right="p_data / np.where",
    wrong="p_g / np.where",
)


@optimal_discriminator.mistake(
    "ratio",
    "p*/p_g is the ratio of the densities, not a probability: it grows beyond 1. "
    "D meets samples of both kinds.",
)
def _(p_data: np.ndarray, p_g: np.ndarray) -> np.ndarray:
    return np.divide(p_data, p_g, out=np.full_like(p_data, 0.5), where=p_g > 0)


@optimal_discriminator.mistake(
    "zero_over_zero",
    "Where both densities are zero you divide 0 by 0 and get NaN. "
    "No sample ever falls there; the task asks for ½ at such points.",
)
def _(p_data: np.ndarray, p_g: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return p_data / (p_data + p_g)


@optimal_discriminator.mistake(
    "gap_is_zero",
    "Where both densities are zero you give 0: D would be sure that nothing there is data. "
    "It has no evidence at all; the task asks for ½ at such points.",
)
def _(p_data: np.ndarray, p_g: np.ndarray) -> np.ndarray:
    total = p_data + p_g
    return np.divide(p_data, total, out=np.zeros_like(total), where=total > 0)


@optimal_discriminator.mistake(
    "epsilon",
    "A small number, added to the densities or used as a threshold for them, changes D* in the tails, where both are tiny "
    "and their ratio still decides. Treat 0/0 by itself.",
)
def _(p_data: np.ndarray, p_g: np.ndarray) -> np.ndarray:
    return p_data / (p_data + p_g + 1e-8)


@optimal_discriminator.mistake(
    "normalised",
    "You divided each array by its sum first. These are values of two densities at some points, "
    "not probabilities of all outcomes: they need not sum to one.",
)
def _(p_data: np.ndarray, p_g: np.ndarray) -> np.ndarray:
    p_data, p_g = p_data / p_data.sum(), p_g / p_g.sum()
    total = p_data + p_g
    return np.divide(p_data, total, out=np.full_like(total, 0.5), where=total > 0)


for _small in (1e-6, 1e-7, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16):

    @optimal_discriminator.mistake("epsilon")
    def _(p_data, p_g, small=_small):
        return p_data / (p_data + p_g + small)


for _small in (1e-8, 1e-10, 1e-12, 1e-15, 1e-16):

    @optimal_discriminator.mistake("epsilon")
    def _(p_data, p_g, small=_small):
        return (p_data + small) / (p_data + p_g + 2 * small)

    @optimal_discriminator.mistake("epsilon")
    def _(p_data, p_g, small=_small):
        total = p_data + p_g
        return np.where(total == 0, 0.5, p_data / (total + small))


@optimal_discriminator.mistake("epsilon")
def _(p_data: np.ndarray, p_g: np.ndarray) -> np.ndarray:
    return _half_below(p_data, p_g, 1e-8)


for _small in (1e-10, 1e-12, 1e-15):

    @optimal_discriminator.mistake("epsilon")
    def _(p_data, p_g, small=_small):
        return _half_below(p_data, p_g, small)


def _half_below(p_data, p_g, small):
    total = p_data + p_g
    return np.where(total < small, 0.5, p_data / np.where(total < small, 1.0, total))


@optimal_discriminator.mistake(
    "gap_is_one",
    "Where both densities are zero you give 1: D would be sure that everything there is data. "
    "It has no evidence at all; the task asks for ½ at such points.",
)
def _(p_data: np.ndarray, p_g: np.ndarray) -> np.ndarray:
    total = p_data + p_g
    return np.divide(p_data, total, out=np.ones_like(total), where=total > 0)


@optimal_discriminator.mistake(
    "half_where_one_is_zero",
    "You give ½ where one of the densities is zero. There D can be sure; ½ belongs where both are zero.",
)
def _(p_data: np.ndarray, p_g: np.ndarray) -> np.ndarray:
    both = (p_data > 0) & (p_g > 0)
    return np.where(both, p_data / np.where(both, p_data + p_g, 1.0), 0.5)


@optimal_discriminator.mistake(
    "hard_decision",
    "You give 1 where the data's density is the larger, else 0. D* is a probability, and says how sure it can be.",
)
def _(p_data: np.ndarray, p_g: np.ndarray) -> np.ndarray:
    return np.where(p_data == p_g, 0.5, (p_data > p_g) * 1.0)


@optimal_discriminator.mistake("hard_decision")
def _(p_data: np.ndarray, p_g: np.ndarray) -> np.ndarray:
    return (p_data > p_g) * 1.0


@optimal_discriminator.alternative
def point_by_point(p_data: np.ndarray, p_g: np.ndarray) -> np.ndarray:
    D = np.empty(p_data.shape)
    for index in np.ndindex(p_data.shape):
        total = p_data[index] + p_g[index]
        D[index] = p_data[index] / total if total > 0 else 0.5
    return D


@optimal_discriminator.alternative
def with_where(p_data: np.ndarray, p_g: np.ndarray) -> np.ndarray:
    total = p_data + p_g
    return np.where(total == 0, 0.5, p_data / np.where(total == 0, 1.0, total))


@optimal_discriminator.alternative
def by_nan_to_num(p_data: np.ndarray, p_g: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(p_data / (p_data + p_g), nan=0.5).astype(np.float32)
