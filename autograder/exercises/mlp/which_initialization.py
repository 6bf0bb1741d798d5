import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.mlp.shared import PAGE
from autograder.exercises.shared import LIBRARIES
from dlarch.plain import PlainData

STARTS = ("noise", "small noise", "Xavier", "He")

which_initialization = Exercise(
    "which_initialization",
    signature="which_initialization(sizes: (L + 1,) float64, width: int) -> start: str",
    outputs=("start",),
    points=2,
    form="identify",
    driver="for_each",
    forbids=LIBRARIES,
    section=PAGE + "which-initialization",
)


def deviation(start, width):
    """Give the standard deviation of the weights between layers of one width."""
    scales = {"noise": 1.0, "small noise": 0.01}
    return scales.get(start) or np.sqrt((1 if start == "Xavier" else 2) / width)


def draw_networks(random, number) -> dict[str, PlainData]:
    """Draw ReLU networks of all starts; inputs of any scale, so that no size tells anything by itself."""
    samples = []
    starts = [*STARTS, *random.choice(STARTS, size=number - len(STARTS))]
    for start in random.permutation(starts):
        width, layers = int(random.integers(120, 240)), int(random.integers(8, 12))
        h = np.exp(random.uniform(-4, 4)) * random.normal(size=(32, width))
        sizes = [np.sqrt(np.mean(h**2))]
        for _ in range(layers):
            weights = deviation(start, width) * random.normal(size=(width, width))
            h = np.maximum(h @ weights, 0)
            sizes.append(np.sqrt(np.mean(h**2)))
        samples.append({"sizes": np.array(sizes), "width": width})
    return {"samples": samples}


@which_initialization.case("nine networks")
def _(random) -> dict[str, PlainData]:
    return draw_networks(random, 9)


@which_initialization.case("seven others")
def _(random) -> dict[str, PlainData]:
    return draw_networks(random, 7)


@which_initialization.case("fourteen more", secret=True)
def _(random) -> dict[str, PlainData]:
    return draw_networks(random, 14)


def factor_of(sizes):
    """Give the factor from layer to layer."""
    return (sizes[-1] / sizes[0]) ** (1 / (len(sizes) - 1))


def nearest(factor, width, kept=0.5):
    """Name the start whose factor comes nearest, if a layer keeps this share of the mean square."""
    distances = {
        start: abs(np.log(factor) - np.log(deviation(start, width) * np.sqrt(kept * width)))
        for start in STARTS
    }
    return min(distances, key=distances.get)


@which_initialization.reference
def _(sizes, width):
    return nearest(factor_of(sizes), width)


@which_initialization.mistake(
    "relu_forgotten",
    "Your factors are those of a layer without an activation. What does ReLU do to the mean square of numbers that are positive "
    "as often as negative?",
)
def _(sizes, width):
    return nearest(factor_of(sizes), width, kept=1.0)


@which_initialization.mistake(
    "last_size_alone",
    "You judge by the size in the last layer. It depends on the inputs too: look at how sizes change from layer to layer.",
)
def _(sizes, width):
    return nearest(sizes[-1] ** (1 / (len(sizes) - 1)), width)


@which_initialization.mistake(
    "depth_forgotten",
    "You compare the last layer with the input as if one layer lay between them. Every layer has its factor.",
)
def _(sizes, width):
    return nearest(sizes[-1] / sizes[0], width)


@which_initialization.mistake(
    "the_two_exchanged",
    "You have exchanged Xavier and He: which of them makes up for what ReLU takes away?",
)
def _(sizes, width):
    start = nearest(factor_of(sizes), width)
    return {"Xavier": "He", "He": "Xavier"}.get(start, start)


@which_initialization.mistake(
    "all_that_shrinks_is_small",
    "You call small noise whatever shrinks. How fast it shrinks tells two starts apart.",
)
def _(sizes, width):
    start = nearest(factor_of(sizes), width)
    return "small noise" if start == "Xavier" else start


@which_initialization.alternative
def with_limits(sizes, width):
    factor = np.exp(np.mean(np.diff(np.log(sizes))))
    if factor > 2:
        return "noise"
    if factor < 0.3:
        return "small noise"
    return "He" if factor > 0.84 else "Xavier"


@which_initialization.alternative
def by_a_fitted_line(sizes, width):
    slope = np.polyfit(np.arange(len(sizes)), np.log(sizes), 1)[0]
    slopes = {
        "noise": np.log(width / 2) / 2,
        "small noise": np.log(width / 2) / 2 - np.log(100),
        "Xavier": -np.log(2) / 2,
        "He": 0.0,
    }
    return min(slopes, key=lambda start: abs(slopes[start] - slope))
