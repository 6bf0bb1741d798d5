import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.neuron.shared import PAGE
from dlarch.plain import PlainData

xor_network = Exercise(
    "xor_network",
    signature=(
        "xor_network(low: float, high: float)"
        " -> W1: (2, H) float64, b1: (H,) float64, W2: (H, 1) float64, b2: (1,) float64"
    ),
    outputs=("answers", "answers_stay_when_inputs_move"),
    points=3,
    driver="neuron.xor_network",
    section=PAGE + "xor",
)


@xor_network.case("no is 0, yes is 1")
def _(random) -> dict[str, PlainData]:
    return {"low": 0.0, "high": 1.0}


@xor_network.case("no is −1, yes is 1")
def _(random) -> dict[str, PlainData]:
    return {"low": -1.0, "high": 1.0}


def _apart(random, low, high, spread):
    """Draw binary fractions: then a line right through a point is there whichever way it is computed."""
    no = int(random.integers(4 * low, 4 * high)) / 4
    return {"low": no, "high": no + spread}


@xor_network.case("both numbers far from 0")
def _(random) -> dict[str, PlainData]:
    return _apart(random, 2, 3, 4.0)


@xor_network.case("both negative and close together")
def _(random) -> dict[str, PlainData]:
    return _apart(random, -4, -3, 0.125)


@xor_network.case("far apart")
def _(random) -> dict[str, PlainData]:
    return _apart(random, -100, -90, 1024.0)


@xor_network.case("yes is 0")
def _(random) -> dict[str, PlainData]:
    return {"low": -2.0, "high": 0.0}


@xor_network.case("both negative and very close together", secret=True)
def _(random) -> dict[str, PlainData]:
    return _apart(random, -9, -8, float(random.choice([1 / 16, 1 / 64])))


def _gates(low, high, hidden, W2, b2):
    """Give a network whose hidden units are w·u + b ≥ 0, with u = 0 for low and 1 for high."""
    spread = high - low
    W1 = np.array([[w1, w2] for w1, w2, _ in hidden]).T / spread
    b1 = np.array([b for _, _, b in hidden]) - low * W1.sum(axis=0)
    return W1, b1, np.array(W2, dtype=float).reshape(-1, 1), np.array([b2], dtype=float)


OR, AND, NAND = (1, 1, -0.5), (1, 1, -1.5), (-1, -1, 1.5)


@xor_network.reference
def _(low, high):
    return _gates(low, high, [OR, NAND], [1, 1], -1.5)


@xor_network.mistake(
    "answers_or",
    "Your network answers OR: three of the four are right, but it also says yes to (yes, yes). "
    "One line cannot leave that corner out; what has to hold besides OR?",
)
def _(low, high):
    return _gates(low, high, [OR, OR], [1, 1], -1.5)


@xor_network.mistake(
    "answers_and",
    "Your network answers AND: it says yes only when both inputs say yes.",
)
def _(low, high):
    return _gates(low, high, [AND, AND], [1, 1], -1.5)


@xor_network.mistake(
    "answers_nand",
    "Your network answers NAND: three of the four are right, but it also says yes to (no, no). "
    "What has to hold besides NAND?",
)
def _(low, high):
    return _gates(low, high, [NAND, NAND], [1, 1], -1.5)


@xor_network.mistake(
    "answers_equal",
    "Your network answers the opposite everywhere: it says yes when the two inputs are equal. "
    "You are one sign away: what turns every answer of the output unit round?",
)
def _(low, high):
    return _gates(low, high, [OR, NAND], [-1, -1], 1.5)


@xor_network.mistake(
    "answers_nor",
    "Your network says yes only to (no, no): that is NOR.",
)
def _(low, high):
    return _gates(low, high, [OR, OR], [-1, -1], 0.5)


@xor_network.mistake(
    "second_input_only",
    "Your network says yes to (no, yes) alone. That is one half of XOR; the other half, (yes, no), needs a hidden unit "
    "too, and the output unit has to say yes to either.",
)
def _(low, high):
    return _gates(low, high, [(-1, 1, -0.5)], [1], -0.5)


@xor_network.mistake(
    "first_input_only",
    "Your network says yes to (yes, no) alone. That is one half of XOR; the other half, (no, yes), needs a hidden unit "
    "too, and the output unit has to say yes to either.",
)
def _(low, high):
    return _gates(low, high, [(1, -1, -0.5)], [1], -0.5)


@xor_network.mistake(
    "always_yes",
    "Your network says yes to everything. (With all weights and biases 0 every unit sits on its threshold, and on "
    "the threshold a unit is on.)",
)
def _(low, high):
    return np.zeros((2, 2)), np.zeros(2), np.zeros((2, 1)), np.zeros(1)


@xor_network.mistake(
    "always_no",
    "Your network says no to everything. Print the hidden units for the four inputs: do they ever differ, and does the "
    "output unit ever reach its threshold?",
)
def _(low, high):
    return _gates(low, high, [OR, NAND], [1, 1], -2.5)


@xor_network.mistake(
    "zero_and_one_only",
    "Your network fits inputs 0 and 1, and not any others that stand for no and yes. "
    "The hidden biases have to depend on low and high: where between the four points should each line run?",
)
def _(low, high):
    return _gates(0.0, 1.0, [OR, NAND], [1, 1], -1.5)


@xor_network.mistake("zero_and_one_only")
def _(low, high):
    return _gates(0.0, 1.0, [OR, AND], [1, -1], -0.5)


@xor_network.mistake("zero_and_one_only")
def _(low, high):
    return _gates(0.0, 1.0, [OR, AND], [1, -2], -0.5)


@xor_network.mistake("zero_and_one_only")
def _(low, high):
    return _gates(0.0, 1.0, [(1, -1, -0.5), (-1, 1, -0.5)], [1, 1], -0.5)


@xor_network.mistake(
    "minus_one_and_one_only",
    "Your network fits inputs −1 and 1, and no other numbers for no and yes. "
    "The hidden biases have to depend on low and high: where between the four points should each line run?",
)
def _(low, high):
    return _gates(-1.0, 1.0, [OR, NAND], [1, 1], -1.5)


@xor_network.mistake("minus_one_and_one_only")
def _(low, high):
    return _gates(-1.0, 1.0, [OR, AND], [1, -1], -0.5)


@xor_network.mistake("minus_one_and_one_only")
def _(low, high):
    return _gates(-1.0, 1.0, [(1, -1, -0.5), (-1, 1, -0.5)], [1, 1], -0.5)


@xor_network.mistake(
    "fits_no_at_zero_only",
    "Your lines move with `high`, but not with `low`: as soon as no is not the number 0, they run at the wrong place.",
)
def _(low, high):
    W1 = np.array([[1, -1], [1, -1]])
    return W1, np.array([-0.5 * high, 1.5 * high]), np.array([[1], [1]]), [-1.5]


@xor_network.mistake("fits_no_at_zero_only")
def _(low, high):
    return np.ones((2, 2)), np.array([-0.5 * high, -1.5 * high]), np.array([[1], [-1]]), [-0.5]


@xor_network.mistake(
    "distance_forgotten",
    "Your lines start from `low`, but lie at a distance that suits a difference of 1 between no and yes: other differences "
    "need other distances.",
)
def _(low, high):
    return _gates(low, low + 1, [OR, NAND], [1, 1], -1.5)


@xor_network.mistake(
    "on_the_boundary",
    "The four inputs are answered right, but some of your lines run through them, or close by: a small disturbance "
    "changes the answer. Put each line half-way between the points it separates.",
)
def _(low, high):
    return _gates(low, high, [(1, 1, -0.9), (-1, -1, 1.1)], [1, 1], -1.5)


@xor_network.mistake("on_the_boundary")
def _(low, high):
    return _gates(low, high, [(1, 1, -1.0), (-1, -1, 1.0)], [1, 1], -1.5)


@xor_network.mistake("on_the_boundary")
def _(low, high):
    return np.ones((2, 2)), np.array([-(low + high), -2 * high]), np.array([[1], [-2]]), [-1]


@xor_network.alternative
def or_but_not_and(low, high):
    return (
        np.array([[1.0, 1.0], [1.0, 1.0]]),
        np.array([-(1.5 * low + 0.5 * high), -(0.5 * low + 1.5 * high)]),
        np.array([[1.0], [-2.0]]),
        np.array([-0.5]),
    )


@xor_network.alternative
def either_half(low, high):
    half = (high - low) / 2
    return [[1, -1], [-1, 1]], [-half, -half], [[1], [1]], [-0.5]


@xor_network.alternative
def three_hidden_units(low, high):
    return _gates(low, high, [OR, AND, (0, 0, 1)], [3, -5, -1], 0)


@xor_network.alternative
def with_the_complements(low, high):
    W1, b1, W2, b2 = _gates(low, high, [(-1, -1, 0.5), AND], [-1, -1], 0.5)
    return np.float32(W1 * 7), np.float32(b1 * 7), W2, b2
