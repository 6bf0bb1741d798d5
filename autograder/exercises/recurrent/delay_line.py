import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.recurrent.shared import BY_HAND, PAGE
from dlarch.compare import Bound
from dlarch.plain import PlainData

delay_line = Exercise(
    "delay_line",
    signature=(
        "delay_line(delay: int, gain: float, error: float)"
        " -> W: (1, M) float64, U: (M, M) float64, V: (M, 1) float64"
    ),
    outputs=("units", "delay", "error"),
    points=3,
    form="design",
    driver="recurrent.delay_line",
    bounds={"error": Bound(high=1.0)},
    forbids=BY_HAND,
    section=PAGE + "memory",
)


def _wanted(random, delay, gain, error, T=60):
    signal = random.uniform(-1, 1, size=T)
    # The largest inputs are bent most; they come out again before the signal ends.
    signal[random.permutation(T - delay)[:6]] = random.choice([-1.0, 1.0], size=6)
    return {"signal": signal, "delay": delay, "gain": gain, "error": error}


@delay_line.case("three steps")
def _(random) -> dict[str, PlainData]:
    return _wanted(random, 3, float(random.uniform(1.2, 1.8)), 0.05)


@delay_line.case("no delay at all")
def _(random) -> dict[str, PlainData]:
    return _wanted(random, 0, float(random.uniform(1.5, 2.5)), 0.05)


@delay_line.case("one step, upside down")
def _(random) -> dict[str, PlainData]:
    return _wanted(random, 1, -float(random.uniform(0.6, 0.9)), 0.02)


@delay_line.case("twenty steps, a small error")
def _(random) -> dict[str, PlainData]:
    return _wanted(random, 20, float(random.uniform(0.6, 3.0)), 0.001)


@delay_line.case("a large gain", secret=True)
def _(random) -> dict[str, PlainData]:
    return _wanted(random, int(random.integers(5, 12)), -float(random.uniform(10, 20)), 0.01)


def _line(delay, gain, error, units=1, scale=None, output=None, transposed=False):
    """Give a chain of units; `scale` is the size at which the signal runs through it."""
    M = delay + units
    scale = scale or np.sqrt(error / (abs(gain) * (delay + 1)))
    W, U, V = np.zeros((1, M)), np.eye(M, k=-1 if transposed else 1), np.zeros((M, 1))
    W[0, 0] = scale
    V[-1, 0] = gain / scale if output is None else output
    return W, U, V


@delay_line.reference
def _(delay, gain, error):
    return _line(delay, gain, error)


@delay_line.alternative
def with_a_very_small_signal(delay, gain, error):
    return _line(delay, gain, error, scale=1e-5)


@delay_line.alternative
def filled_from_the_other_end(delay, gain, error):
    W, U, V = _line(delay, gain, error)
    return W[:, ::-1], U[::-1, ::-1], V[::-1]


@delay_line.alternative
def with_a_loop(delay, gain, error):
    units = delay + 1
    small = (error / (10 * abs(gain) * units)) ** 0.5
    W, U, V = [[0.0] * units], [[0.0] * units for _ in range(units)], [[0.0] for _ in range(units)]
    W[0][0] = small
    for i in range(delay):
        U[i][i + 1] = 1.0
    V[delay][0] = gain / small
    return W, U, V


@delay_line.alternative
def with_gains_along_the_chain(delay, gain, error):
    """Each link shrinks the signal by a tenth; the output makes up for it."""
    W, U, V = _line(delay, gain, error, scale=1e-4)
    return W, 0.9 * U, V / 0.9**delay


@delay_line.mistake(
    "one_step_too_late",
    "Your output comes one step too late. Count the arrows: the first unit has the input of this very step.",
)
def _(delay, gain, error):
    return _line(delay, gain, error, units=2)


@delay_line.mistake(
    "one_step_too_early",
    "Your output comes one step too early. Count the arrows from the input to the unit that the output reads.",
)
def _(delay, gain, error):
    if delay == 0:
        return _line(delay, gain, error, scale=1e-3, output=0.0)
    return _line(delay - 1, gain, error)


@delay_line.mistake("one_step_too_early")
def _(delay, gain, error):
    return _line(max(delay - 1, 0), gain, error)


@delay_line.mistake(
    "units_to_spare",
    "Your network does it, with more units than it needs. How many numbers has a state to hold at any time?",
)
def _(delay, gain, error):
    W, U, V = _line(delay, gain, error)
    return _padded(W, U, V, 1)


def _padded(W, U, V, spare):
    """Add units that nothing reaches and nothing reads."""
    M = len(U)
    larger = np.zeros((M + spare, M + spare))
    larger[:M, :M] = U
    return np.pad(W, ((0, 0), (0, spare))), larger, np.pad(V, ((0, spare), (0, 0)))


def _add_spare(spare):
    delay_line.mistake("units_to_spare")(
        lambda delay, gain, error: _padded(*_line(delay, gain, error), spare(delay))
    )


for _spare in (lambda delay: 2, lambda delay: 3, lambda delay: delay + 1, lambda delay: 29 - delay):
    _add_spare(_spare)


@delay_line.mistake(
    "signal_too_large",
    "The delay is right, and the error is larger than allowed: tanh bends the signal in every unit. How does the "
    "relative error of tanh(z) ≈ z depend on the size of z, and what in your network decides this size?",
)
def _(delay, gain, error):
    return _line(delay, gain, error, scale=1.0)


def _add_too_large(scale):
    delay_line.mistake("signal_too_large")(
        lambda delay, gain, error: _line(delay, gain, error, scale=scale)
    )


for _scale in (0.9, 0.7, 0.5, 0.3, 0.2, 0.1, 2.0):
    _add_too_large(_scale)


@delay_line.mistake("signal_too_large")
def _(delay, gain, error):
    return _line(delay, gain, error, scale=np.sqrt(3 * error / abs(gain)))


@delay_line.mistake("signal_too_large")
def _(delay, gain, error):
    return _line(delay, gain, error, scale=np.sqrt(3 * error / (delay + 1)))


@delay_line.mistake(
    "not_made_large_again",
    "The delay is right, and your output is far too small: what the input weight made small has to be made large "
    "again at the end.",
)
def _(delay, gain, error):
    return _line(delay, gain, error, output=gain)


def _add_small(scale, factor):
    delay_line.mistake("not_made_large_again")(
        lambda delay, gain, error: _line(
            delay, gain, error, scale=scale, output=gain if factor else 1.0
        )
    )


for _scale in (1e-2, 1e-3, 1e-4):
    for _factor in (True, False):
        _add_small(_scale, _factor)


@delay_line.mistake(
    "gain_left_out",
    "Your output is the delayed input itself, without the gain.",
)
def _(delay, gain, error):
    return _line(delay, gain, error, output=1 / np.sqrt(error / (abs(gain) * (delay + 1))))


@delay_line.mistake("gain_left_out")
def _(delay, gain, error):
    return _line(delay, gain, error, scale=1e-3, output=1e3)


@delay_line.mistake(
    "sign_of_the_gain",
    "Where the gain is negative, your output has the wrong sign.",
)
def _(delay, gain, error):
    return _line(delay, abs(gain), error)


@delay_line.mistake(
    "chain_runs_backwards",
    "The signal never reaches the unit that your output reads. U[i, j] goes from unit i to unit j: in which direction "
    "do your links point?",
)
def _(delay, gain, error):
    return _line(delay, gain, error, transposed=True)
