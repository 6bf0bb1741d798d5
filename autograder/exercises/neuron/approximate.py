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


def _zigzag(random, corners, slope, epsilon):
    """Draw a polygon that rises and falls with the same slope, away from 0 at both ends."""
    x = np.linspace(0, 1, corners + 1)
    y = 1.5 + slope / corners * (np.arange(corners + 1) % 2) * random.uniform(0.97, 1)
    if random.uniform() < 0.5:
        y = -y
    return {
        "target": {"kind": "zigzag", "x": x, "y": y},
        "epsilon": epsilon,
        "slope": slope,
    }


@approximate.case("up and down, ε = 0.1")
def _(random) -> dict[str, PlainData]:
    return _zigzag(random, 4, 4.0, 0.1)


@approximate.case("steeper, ε = 0.05")
def _(random) -> dict[str, PlainData]:
    return _zigzag(random, 3, 8.0, 0.05)


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


@approximate.case("steep, ε = 0.02", secret=True)
def _(random) -> dict[str, PlainData]:
    return _zigzag(random, 5, 9.0, 0.02)


@approximate.case("a constant", secret=True)
def _(random) -> dict[str, PlainData]:
    target = {"kind": "zigzag", "x": np.array([0.0, 1.0]), "y": np.full(2, 1.7)}
    return {"target": target, "epsilon": 0.05, "slope": 0.0}


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


@approximate.mistake(
    "half_height_at_the_ends",
    "Inside the interval you are below ε, but not at its ends: at the edge of a bump a sigmoid is at half its height, "
    "and at x = 0 and x = 1 there is no neighbour to make up for it. Where should the outermost edges lie?",
)
def _(f, epsilon, slope):
    n = _count(epsilon, slope)
    return _bumps(f, n, 60.0 * n, outer=0.0)


@approximate.mistake(
    "heights_at_the_edge",
    "Your error is up to twice ε. If you take the height of a bump at the left edge of its interval: at the right one f "
    "can be off by slope · width. Which point of an interval is never more than half a width away? "
    "(If you take the middle already, the bumps are too wide or their edges too soft.)",
)
def _(f, epsilon, slope):
    n = _count(epsilon, slope)
    return _bumps(f, n, 60.0 * n, at=0.0)


@approximate.mistake(
    "edges_too_soft",
    "Your bumps run into each other and smooth f away: their edges are too soft for bumps of this width. "
    "A sigmoid rises over about 8/steepness; compare that with the width.",
)
def _(f, epsilon, slope):
    n = _count(epsilon, slope)
    return _bumps(f, n, 1.0 * n)


@approximate.mistake(
    "steps_that_never_end",
    "Your sum grows from interval to interval: every unit is switched on and none is switched off. "
    "A bump needs a second unit that takes its height away again.",
)
def _(f, epsilon, slope):
    n = _count(epsilon, slope)
    return _bumps(f, n, 60.0 * n, signs=(1, 1))


@approximate.mistake(
    "nothing_at_all",
    "Your network gives 0, or nearly so, everywhere: the output weights v carry the heights f(…) of the bumps.",
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
