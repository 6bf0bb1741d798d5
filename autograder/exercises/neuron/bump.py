import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.neuron.shared import PAGE
from dlarch.plain import PlainData

bump = Exercise(
    "bump",
    signature=(
        "bump(left: float, right: float, height: float, steepness: float)"
        " -> w: (2,) float64, b: (2,) float64, v: (2,) float64"
    ),
    outputs=("values",),
    points=2,
    driver="neuron.hidden_layer_values",
    section=PAGE + "bumps",
)


def _interval(random, steepness, points=11):
    left = float(random.uniform(0.15, 0.35))
    right = left + float(random.uniform(0.3, 0.5))
    return {
        "x": np.append(random.uniform(-0.5, 1.5, size=points), [left, right, (left + right) / 2]),
        "left": left,
        "right": right,
        "height": float(random.uniform(0.5, 2) * random.choice([-1, 1])),
        "steepness": steepness,
    }


@bump.case("soft edges")
def _(random) -> dict[str, PlainData]:
    return _interval(random, float(random.uniform(6, 12)))


@bump.case("edges of medium steepness")
def _(random) -> dict[str, PlainData]:
    return _interval(random, float(random.uniform(20, 40)))


@bump.case("steep edges")
def _(random) -> dict[str, PlainData]:
    return _interval(random, 2000.0)


@bump.case("left of the origin", secret=True)
def _(random) -> dict[str, PlainData]:
    case = _interval(random, float(random.uniform(5, 9)), points=31)
    shift = float(random.uniform(2, 3))
    return {
        **case,
        "x": case["x"] - shift,
        "left": case["left"] - shift,
        "right": case["right"] - shift,
    }


@bump.reference
def _(left, right, height, steepness):
    s = steepness
    return np.array([s, s]), np.array([-s * left, -s * right]), np.array([height, -height])


@bump.mistake(
    "steepness_not_in_bias",
    "The edges are not where they should be: σ(s x − left) switches at x = left/s. "
    "Multiply s (x − left) out: what is the bias?",
)
def _(left, right, height, steepness):
    s = steepness
    return np.array([s, s]), np.array([-left, -right]), np.array([height, -height])


@bump.mistake(
    "bias_with_wrong_sign",
    "Your bump lies at the mirror image, between −right and −left: the biases have the wrong sign. "
    "w x + b is 0 at x = −b/w.",
)
def _(left, right, height, steepness):
    s = steepness
    return np.array([s, s]), np.array([s * left, s * right]), np.array([height, -height])


@bump.mistake(
    "never_switched_off",
    "Both units are added, so there are two steps up and no way down. "
    "The second one has to take away at `right` what the first one gave at `left`.",
)
def _(left, right, height, steepness):
    s = steepness
    return np.array([s, s]), np.array([-s * left, -s * right]), np.array([height, height])


@bump.mistake(
    "upside_down",
    "Your bump points the other way: the unit that switches at `left` has to switch the height on, and the other one off.",
)
def _(left, right, height, steepness):
    s = steepness
    return np.array([s, s]), np.array([-s * left, -s * right]), np.array([-height, height])


@bump.mistake(
    "height_missing",
    "Your bump has height 1 (where it is flat); the height belongs to the output weights v.",
)
def _(left, right, height, steepness):
    s = steepness
    return np.array([s, s]), np.array([-s * left, -s * right]), np.array([1.0, -1.0])


@bump.mistake(
    "steepness_missing",
    "Your edges have steepness 1, whatever is asked for: on this scale the two sigmoids hardly differ.",
)
def _(left, right, height, steepness):
    return np.ones(2), np.array([-left, -right]), np.array([height, -height])


@bump.mistake(
    "height_halved",
    "Your bump reaches half of the height asked for. A sigmoid runs from 0 to 1: the step of height h is h σ(…).",
)
def _(left, right, height, steepness):
    s = steepness
    return np.array([s, s]), np.array([-s * left, -s * right]), np.array([height, -height]) / 2


@bump.mistake(
    "stands_on_a_level",
    "One of your weights w has the other sign but its output weight was not changed with it, so the bump stands on a "
    "level that is not 0. σ(−a) = 1 − σ(a): mirroring a unit changes the sign of v and adds a constant.",
)
def _(left, right, height, steepness):
    s = steepness
    return np.array([s, -s]), np.array([-s * left, s * right]), np.array([height, height])


@bump.alternative
def off_before_on(left, right, height, steepness):
    return [steepness] * 2, [-steepness * right, -steepness * left], [-height, height]


@bump.alternative
def with_mirrored_units(left, right, height, steepness):
    w = np.full(2, -steepness)
    return w, -w * np.array([left, right]), np.array([-height, height])


@bump.alternative
def with_single_precision(left, right, height, steepness):
    edges = np.array([left, right])
    return (
        np.full(2, steepness, dtype=np.float32),
        -steepness * edges,
        np.array([height, -height], dtype=np.float32),
    )
