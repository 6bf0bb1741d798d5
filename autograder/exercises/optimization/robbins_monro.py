import math

import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.optimization.shared import PAGE
from autograder.exercises.shared import LIBRARIES
from dlarch.plain import PlainData

robbins_monro = Exercise(
    "robbins_monro",
    signature=(
        "robbins_monro(t: (T,) int64, scale: float, offset: float, power: float)"
        " -> learning_rate: (T,) float64, sum_diverges: bool, squares_converge: bool"
    ),
    outputs=("learning_rate", "sum_diverges", "squares_converge"),
    points=2,
    forbids=LIBRARIES,
    section=PAGE + "robbins-monro",
)


def _schedule(random, power, T=6, offset=None):
    return {
        "t": np.cumsum(random.integers(1, 9, size=T)),
        "scale": float(random.uniform(0.2, 0.8)),
        "offset": float(random.uniform(2, 9)) if offset is None else offset,
        "power": power,
    }


@robbins_monro.case("power 1, one over t")
def _(random) -> dict[str, PlainData]:
    return _schedule(random, 1.0, offset=0.0)


@robbins_monro.case("power 1/2")
def _(random) -> dict[str, PlainData]:
    return _schedule(random, 0.5)


@robbins_monro.case("power 0.6")
def _(random) -> dict[str, PlainData]:
    return _schedule(random, float(random.uniform(0.55, 0.65)), T=5)


@robbins_monro.case("power 3/2")
def _(random) -> dict[str, PlainData]:
    return _schedule(random, float(random.uniform(1.3, 1.7)), T=4)


@robbins_monro.case("power 0, a constant rate")
def _(random) -> dict[str, PlainData]:
    return _schedule(random, 0.0, T=3)


@robbins_monro.case("power 1/4")
def _(random) -> dict[str, PlainData]:
    return _schedule(random, float(random.uniform(0.2, 0.4)), T=1)


@robbins_monro.case("just above 1")
def _(random) -> dict[str, PlainData]:
    return _schedule(random, 1.001, T=3)


@robbins_monro.case("just below 1")
def _(random) -> dict[str, PlainData]:
    return _schedule(random, 0.999, T=2)


@robbins_monro.case("just above 1/2")
def _(random) -> dict[str, PlainData]:
    return _schedule(random, 0.501, T=4)


@robbins_monro.case("just below 1/2, a large scale")
def _(random) -> dict[str, PlainData]:
    return {**_schedule(random, 0.499, T=3), "scale": float(random.uniform(20, 90))}


@robbins_monro.case("power 2, iterations in any order and twice")
def _(random) -> dict[str, PlainData]:
    return {**_schedule(random, 2.0), "t": np.array([7, 2, 900, 2, 1])}


@robbins_monro.case("a little above 1", secret=True)
def _(random) -> dict[str, PlainData]:
    return _schedule(random, float(random.uniform(1.002, 1.02)), T=9)


@robbins_monro.case("a little above 1/2", secret=True)
def _(random) -> dict[str, PlainData]:
    return _schedule(random, float(random.uniform(0.502, 0.51)), T=40)


def _rate(t, scale, offset, power):
    return scale / (offset + t) ** power


@robbins_monro.reference
def _(t, scale, offset, power):
    return _rate(t, scale, offset, power), power <= 1, power > 0.5


@robbins_monro.mistake(
    "harmonic_series_converges",
    "You let the sum of 1/t converge. It is the harmonic series: its terms go to 0, and yet it grows beyond every "
    "bound, as the logarithm does.",
)
def _(t, scale, offset, power):
    return _rate(t, scale, offset, power), power < 1, power > 0.5


@robbins_monro.mistake(
    "squares_at_one_half",
    "You let the squares converge for power 1/2. Square the rate: which series is it then?",
)
def _(t, scale, offset, power):
    return _rate(t, scale, offset, power), power <= 1, power >= 0.5


@robbins_monro.mistake(
    "conditions_exchanged",
    "Your two answers are exchanged: the sum of the rates has to diverge, the sum of their squares to converge.",
)
def _(t, scale, offset, power):
    return _rate(t, scale, offset, power), power > 0.5, power <= 1


@robbins_monro.mistake(
    "convergence_asked_of_both",
    "Your first answer says whether the sum of the rates converges. What is asked is whether it diverges: that is the "
    "first of the two conditions.",
)
def _(t, scale, offset, power):
    return _rate(t, scale, offset, power), power > 1, power > 0.5


@robbins_monro.mistake(
    "finite_sums",
    "You judge by a sum over finitely many terms, which is always finite. Whether a series converges is decided by "
    "how fast its terms fall, here by the power.",
)
def _(t, scale, offset, power):
    rate = _rate(t, scale, offset, power)
    return rate, bool(np.isinf(rate.sum())), bool(np.isfinite((rate**2).sum()))


@robbins_monro.mistake(
    "terms_to_zero",
    "You take a series to converge as soon as its terms go to 0. That is needed, but it is not enough: "
    "the terms have to fall fast enough.",
)
def _(t, scale, offset, power):
    return _rate(t, scale, offset, power), power <= 0, power > 0


@robbins_monro.mistake(
    "squares_as_the_sum",
    "Your squares converge only for powers above 1. That is the threshold for the rates themselves: what does squaring do "
    "to the exponent?",
)
def _(t, scale, offset, power):
    return _rate(t, scale, offset, power), power <= 1, power > 1


@robbins_monro.mistake(
    "offset_missing",
    "The offset is not used: it holds the rate back from falling too fast in the first iterations.",
)
def _(t, scale, offset, power):
    return _rate(t, scale, 0.0, power), power <= 1, power > 0.5


@robbins_monro.mistake(
    "scale_inside_the_power",
    "You raise the scale to the power, too. Only offset + t is raised: the scale is a plain factor.",
)
def _(t, scale, offset, power):
    return (scale / (offset + t)) ** power, power <= 1, power > 0.5


@robbins_monro.mistake(
    "power_as_a_factor",
    "You multiply by the power where offset + t has to be raised to it.",
)
def _(t, scale, offset, power):
    with np.errstate(divide="ignore"):
        return scale / ((offset + t) * power), power <= 1, power > 0.5


@robbins_monro.mistake(
    "power_on_t_alone",
    "You raise t to the power and add the offset afterwards: the power belongs to their sum.",
)
def _(t, scale, offset, power):
    return scale / (offset + t**power), power <= 1, power > 0.5


@robbins_monro.mistake(
    "bracket_missing",
    "The bracket around the sum is missing: as it is written, only the offset divides the scale.",
)
def _(t, scale, offset, power):
    with np.errstate(divide="ignore"):
        return np.float64(scale) / offset + t**power, power <= 1, power > 0.5


@robbins_monro.mistake(
    "power_of_its_own_sign",
    "Your rates grow with t: the sign of the power is lost.",
)
def _(t, scale, offset, power):
    return scale * (offset + t) ** power, power <= 1, power > 0.5


@robbins_monro.mistake(
    "positions_for_iterations",
    "You count 1, 2, 3, … along the array. Its entries say which iterations are meant.",
)
def _(t, scale, offset, power):
    return _rate(np.arange(1, len(t) + 1), scale, offset, power), power <= 1, power > 0.5


@robbins_monro.mistake("positions_for_iterations")
def _(t, scale, offset, power):
    return _rate(np.arange(len(t)) + t[0], scale, offset, power), power <= 1, power > 0.5


@robbins_monro.mistake(
    "both_always",
    "You answer yes to both questions, whatever the power is. Which rates fall too fast, and which too slowly?",
)
def _(t, scale, offset, power):
    return _rate(t, scale, offset, power), True, True


@robbins_monro.mistake(
    "long_sums",
    "You judge by long sums of finitely many terms. For powers near the thresholds no sum is long enough: the power alone "
    "decides.",
)
def _(t, scale, offset, power):
    return _rate(t, scale, offset, power), power <= 1.1, power > 0.6


for _first, _second in ((1.05, 0.55), (1.01, 0.51), (1.1, 0.5), (1.0, 0.55), (1.0, 0.6)):

    @robbins_monro.mistake("long_sums")
    def _(t, scale, offset, power, first=_first, second=_second):
        return _rate(t, scale, offset, power), power <= first, power > second


@robbins_monro.mistake(
    "both_conditions_in_one",
    "Your last answer asks for both conditions at once. For powers above 1 the squares converge as well: the two answers "
    "are about two sums.",
)
def _(t, scale, offset, power):
    return _rate(t, scale, offset, power), power <= 1, 0.5 < power <= 1


@robbins_monro.alternative
def with_a_loop_and_powers(t, scale, offset, power):
    rates = [scale * math.pow(offset + int(n), -power) for n in t]
    return rates_as_array(rates), not power > 1, 2 * power > 1


def rates_as_array(rates):
    return np.array(rates, dtype=np.float32)


@robbins_monro.alternative
def with_logarithms(t, scale, offset, power):
    rate = np.exp(np.log(scale) - power * np.log(offset + t))
    return [rate, np.bool_(power <= 1), int(power * 2 > 1)]
