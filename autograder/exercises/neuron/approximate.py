import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.neuron.shared import PAGE, logistic
from autograder.exercises.shared import LIBRARIES
from dlarch.compare import Bound
from dlarch.plain import PlainData

approximate = Exercise(
    "approximate",
    signature=(
        "approximate(f: function of arrays, epsilon: float, slope: float)"
        " -> w: (H,) float64, b: (H,) float64, v: (H,) float64"
    ),
    outputs=("error_inside", "error_near_the_ends"),
    points=3,
    driver="neuron.approximation_error",
    bounds={"error_inside": Bound(high=1.0), "error_near_the_ends": Bound(high=1.0)},
    uses=("bump",),
    forbids=LIBRARIES,
    section=PAGE + "approximation",
)


def _zigzag(random, corners, slope, epsilon, sign=1, start=1.5):
    """Draw a polygon that rises and falls with the same slope, away from 0 at both ends."""
    x = np.linspace(0, 1, corners + 1)
    y = start + slope / corners * (np.arange(corners + 1) % 2) * random.uniform(0.97, 1)
    return {
        "target": {"kind": "zigzag", "x": x, "y": sign * y},
        "epsilon": epsilon,
        "slope": slope,
    }


@approximate.case("up and down, ε = 0.1")
def _(random) -> dict[str, PlainData]:
    return _zigzag(random, 4, 4.0, 0.1)


@approximate.case("steeper, ε = 0.05, below 0")
def _(random) -> dict[str, PlainData]:
    return _zigzag(random, 3, 8.0, 0.05, sign=-1)


@approximate.case("across 0")
def _(random) -> dict[str, PlainData]:
    return _zigzag(random, 4, 6.0, 0.1, start=-0.75)


@approximate.case("a wave")
def _(random) -> dict[str, PlainData]:
    frequency, amplitude = float(random.uniform(6, 9)), float(random.uniform(0.8, 1.2))
    target = {
        "kind": "wave",
        "offset": 2.0,
        "amplitude": amplitude,
        "frequency": frequency,
        "phase": float(random.uniform(0, 6)),
    }
    return {"target": target, "epsilon": 0.08, "slope": frequency * amplitude}


def _constant(value):
    return {
        "target": {"kind": "zigzag", "x": np.array([0.0, 1.0]), "y": np.full(2, value)},
        "epsilon": 0.05,
        "slope": 0.0,
    }


@approximate.case("a constant")
def _(random) -> dict[str, PlainData]:
    return _constant(1.7)


@approximate.case("nearly flat, with room for a single bump")
def _(random) -> dict[str, PlainData]:
    return _zigzag(random, 1, 0.3, 0.5, sign=-1)


@approximate.case("steep, ε = 0.02", secret=True)
def _(random) -> dict[str, PlainData]:
    return _zigzag(random, 5, 9.0, 0.02, sign=int(random.choice([-1, 1])))


@approximate.case("another constant", secret=True)
def _(random) -> dict[str, PlainData]:
    return _constant(float(random.uniform(1.2, 2) * random.choice([-1, 1])))


def _bumps(f, n, steepness, outer=1.0, at=0.5, signs=(1, -1)):
    """Give n bumps on equal intervals, the outermost edges moved outwards by `outer`."""
    edges = np.linspace(0, 1, n + 1)
    left, right = edges[:-1].copy(), edges[1:].copy()
    left[0] -= outer
    right[-1] += outer
    height = f(edges[:-1] + at / n)
    w = np.full(2 * n, steepness)
    v = np.concatenate([signs[0] * height, signs[1] * height])
    return w, -steepness * np.concatenate([left, right]), v


def _count(epsilon, slope):
    return max(1, int(np.ceil(slope / (2 * epsilon) * 1.1)))


@approximate.reference
def _(f, epsilon, slope):
    n = _count(epsilon, slope)
    return _bumps(f, n, 60.0 * n)


COUNTS = (
    _count,
    lambda epsilon, slope: int(slope / (2 * epsilon)) + 1,
    lambda epsilon, slope: int(slope / (2 * epsilon)) + 2,
    lambda epsilon, slope: int(slope / epsilon) + 1,
    lambda epsilon, slope: 2 * int(slope / epsilon) + 2,
)
"""How many bumps learners take: how large the error of a slip is depends on it."""


def _add_spellings(id, counts=COUNTS, steepness=(60.0, 20.0, 200.0), **slip):
    def answer(count, factor):
        return lambda f, epsilon, slope: _bumps(
            f, count(epsilon, slope), factor * count(epsilon, slope), **slip
        )

    for count in counts:
        for factor in steepness:
            approximate.mistake(id)(answer(count, factor))


@approximate.mistake(
    "half_height_at_the_ends",
    "Inside the interval you are below ε, but not at its ends: at the edge of a bump a sigmoid is at half its height, "
    "and at x = 0 and x = 1 there is no neighbour to make up for it. Where should the outermost edges lie?",
)
def _(f, epsilon, slope):
    n = _count(epsilon, slope)
    return _bumps(f, n, 60.0 * n, outer=0.0)


_add_spellings("half_height_at_the_ends", outer=0.0)


@approximate.mistake(
    "heights_at_the_edge",
    "Your error is up to twice ε. If you take the height of a bump at the left edge of its interval: at the right one f "
    "can be off by slope · width. Which point of an interval is never more than half a width away? "
    "(If you take the middle already, the bumps are too wide or their edges too soft.)",
)
def _(f, epsilon, slope):
    n = _count(epsilon, slope)
    return _bumps(f, n, 60.0 * n, at=0.0)


_add_spellings("heights_at_the_edge", counts=COUNTS[:3], at=0.0)
_add_spellings("heights_at_the_edge", counts=COUNTS[:3], at=1.0)


@approximate.mistake(
    "edges_too_soft",
    "Your bumps run into each other and smooth f away: their edges are too soft for bumps of this width. "
    "A sigmoid rises over about 8/steepness; compare that with the width.",
)
def _(f, epsilon, slope):
    n = _count(epsilon, slope)
    return _bumps(f, n, 1.0 * n)


_add_spellings("edges_too_soft", counts=COUNTS[:4], steepness=(0.5, 1.0, 2.0, 3.0))


@approximate.mistake(
    "steps_that_never_end",
    "Your sum grows from interval to interval: every unit is switched on and none is switched off. "
    "A bump needs a second unit that takes its height away again.",
)
def _(f, epsilon, slope):
    n = _count(epsilon, slope)
    return _bumps(f, n, 60.0 * n, signs=(1, 1))


_add_spellings("steps_that_never_end", signs=(1, 1))


NO_BUMPS = (
    "Where f is constant, slope is 0, and your number of bumps is 0 as well, or you divide by it. Even then the network has "
    "to have a height: it needs one bump at least."
)


@approximate.mistake("no_bumps_for_a_constant", NO_BUMPS)
def _(f, epsilon, slope):
    n = _count(epsilon, slope) if slope else 0
    return _bumps(f, n, 60.0 * n) if n else (np.zeros(0), np.zeros(0), np.zeros(0))


def _raising(error):
    def answer(f, epsilon, slope):
        if not slope:
            raise error
        n = _count(epsilon, slope)
        return _bumps(f, n, 60.0 * n)

    return answer


for _error in (
    ZeroDivisionError("float division by zero"),
    ZeroDivisionError("division by zero"),
    ValueError("need at least one array to concatenate"),
    IndexError("index 0 is out of bounds for axis 0 with size 0"),
    IndexError("index -1 is out of bounds for axis 0 with size 0"),
):
    approximate.mistake("no_bumps_for_a_constant")(_raising(_error))


@approximate.mistake(
    "heights_without_their_sign",
    "Where f is negative your network is positive: the heights keep the sign of f.",
)
def _(f, epsilon, slope):
    n = _count(epsilon, slope)
    return _bumps(lambda x: np.abs(f(x)), n, 60.0 * n)


@approximate.mistake(
    "nothing_at_all",
    "Your error is everywhere as large as f itself, as when the network gives 0 (or twice f): the output weights v carry "
    "the heights f(…) of the bumps, each once.",
)
def _(f, epsilon, slope):
    return np.ones(2), np.zeros(2), np.zeros(2)


@approximate.alternative
def with_a_loop_of_bumps(f, epsilon, slope):
    n = 2 + int(slope / epsilon)
    s = 200 * n
    w, b, v = [], [], []
    for i in range(n):
        left, right = (i / n if i else -1), ((i + 1) / n if i < n - 1 else 2)
        height = float(f((i + 0.5) / n))
        w += [s, s]
        b += [-s * left, -s * right]
        v += [height, -height]
    return w, b, v


@approximate.alternative
def with_steps(f, epsilon, slope):
    n = 5 + int(slope / epsilon)
    heights = f((np.arange(n) + 0.5) / n)
    jumps = np.diff(heights, prepend=0.0)
    edges = np.arange(n) / n
    edges[0] = -1
    return np.full(n, 100.0 * n), -100.0 * n * edges, jumps.astype(np.float32)


@approximate.alternative
def by_doubling_until_it_fits(f, epsilon, slope):
    x = np.linspace(0, 1, 3001)
    n = 2
    while True:
        w, b, v = _bumps(f, n, 40.0 * n)
        if np.abs(logistic(x[:, None] * w + b) @ v - f(x)).max() < 0.98 * epsilon:
            return w, b, v
        n *= 2
