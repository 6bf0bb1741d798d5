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


def _interval(random, steepness, sign, points=11, shift=0.0):
    left = float(random.uniform(0.15, 0.35)) + shift
    right = left + float(random.uniform(0.3, 0.5))
    x = random.uniform(-0.5, 1.5, size=points) + shift
    return {
        "x": np.append(x, [left, right, (left + right) / 2]),
        "left": left,
        "right": right,
        "height": sign * float(random.uniform(0.5, 2)),
        "steepness": steepness,
    }


@bump.case("soft edges")
def _(random) -> dict[str, PlainData]:
    return _interval(random, float(random.uniform(6, 12)), 1)


@bump.case("edges of medium steepness, a trough")
def _(random) -> dict[str, PlainData]:
    return _interval(random, float(random.uniform(20, 40)), -1)


@bump.case("steep edges")
def _(random) -> dict[str, PlainData]:
    return _interval(random, 2000.0, 1)


@bump.case("left of the origin, a trough")
def _(random) -> dict[str, PlainData]:
    return _interval(random, float(random.uniform(5, 9)), -1, shift=-float(random.uniform(2, 3)))


@bump.case("around the origin")
def _(random) -> dict[str, PlainData]:
    return _interval(random, float(random.uniform(8, 15)), 1, shift=-0.45)


@bump.case("a thousand wide, edges of steepness below 1")
def _(random) -> dict[str, PlainData]:
    case = _interval(random, float(random.uniform(0.02, 0.04)), 1)
    wide = {name: 1000 * case[name] for name in ("x", "left", "right")}
    return {**case, **wide, "height": -float(random.uniform(20, 30))}


@bump.case("more points, left of the origin", secret=True)
def _(random) -> dict[str, PlainData]:
    shift, sign = -float(random.uniform(2, 3)), int(random.choice([-1, 1]))
    return _interval(random, float(random.uniform(5, 9)), sign, points=31, shift=shift)


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
    "Your bump points the other way: the unit that switches at `left` has to switch the height on, and the other one "
    "off.",
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
    "One of your units is mirrored: its w has the other sign than that of the other one. As σ(−a) = 1 − σ(a), your bump "
    "stands on a level that is not 0.",
)
def _(left, right, height, steepness):
    s = steepness
    return np.array([s, -s]), np.array([-s * left, s * right]), np.array([height, height])


@bump.mistake("stands_on_a_level")
def _(left, right, height, steepness):
    s = steepness
    return np.array([-s, s]), np.array([s * left, -s * right]), np.array([-height, -height])


@bump.mistake(
    "height_without_its_sign",
    "Your bump points upwards whatever the height is: a negative height makes a trough.",
)
def _(left, right, height, steepness):
    s, height = steepness, abs(height)
    return np.array([s, s]), np.array([-s * left, -s * right]), np.array([height, -height])


@bump.mistake(
    "one_unit",
    "There is a step up at `left` and no way down: a second unit has to take away at `right` what the first one gave.",
)
def _(left, right, height, steepness):
    return np.array([steepness]), np.array([-steepness * left]), np.array([height])


@bump.mistake(
    "steepness_in_bias_only",
    "Your biases contain the steepness, your weights do not: w is what x is multiplied by. "
    "Multiply s (x − left) out: what stands before x?",
)
def _(left, right, height, steepness):
    s = steepness
    return np.ones(2), np.array([-s * left, -s * right]), np.array([height, -height])


@bump.mistake(
    "divided_by_the_steepness",
    "You divide by the steepness where you should multiply: a larger s has to make a steeper edge.",
)
def _(left, right, height, steepness):
    s = 1 / steepness
    return np.array([s, s]), np.array([-s * left, -s * right]), np.array([height, -height])


@bump.mistake("divided_by_the_steepness")
def _(left, right, height, steepness):
    s = steepness
    return np.array([s, s]), np.array([-left / s, -right / s]), np.array([height, -height])


@bump.mistake(
    "width_for_right",
    "Your bump is as wide as the number `right`: `right` is where it ends, not how wide it is.",
)
def _(left, right, height, steepness):
    s = steepness
    return np.array([s, s]), np.array([-s * left, -s * (left + right)]), np.array([height, -height])


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
