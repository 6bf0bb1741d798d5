import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.gan.shared import PAGE, Arguments, Random, draw_distribution

mutual_information = Exercise(
    "mutual_information",
    signature=(
        "mutual_information(joint: (A, B)) "
        "-> entropy: float, conditional_entropy: float, information: float"
    ),
    outputs=("entropy", "conditional_entropy", "information"),
    form="transcribe",
    points=1,
    forbids=("scipy", "sklearn", "mutual_info_score", "rel_entr", "entr"),
    section=f"{PAGE}#gan-mutual-information",
)


def _joint(random: Random, A: int, B: int, possible: float = 1.0) -> np.ndarray:
    weights = random.exponential(size=(A, B)) * (random.uniform(size=(A, B)) < possible)
    weights[0, 0] += 0.5
    return weights / weights.sum()


@mutual_information.case("3 × 4, all possible")
def _(random: Random) -> Arguments:
    return {"joint": _joint(random, 3, 4)}


@mutual_information.case("5 × 2, with impossible pairs and an impossible y")
def _(random: Random) -> Arguments:
    joint = _joint(random, 5, 3)
    joint[1, 0] = joint[2, 1] = joint[4, 0] = 0.0
    joint[:, 2] = 0.0
    return {"joint": joint / joint.sum()}


@mutual_information.case("4 × 3, with an impossible x")
def _(random: Random) -> Arguments:
    joint = _joint(random, 4, 3)
    joint[2] = 0.0
    return {"joint": joint / joint.sum()}


@mutual_information.case("independent, 2 × 6")
def _(random: Random) -> Arguments:
    return {"joint": np.outer(draw_distribution(random, 2), draw_distribution(random, 6))}


@mutual_information.case("x decided by y, 3 × 5")
def _(random: Random) -> Arguments:
    joint = np.zeros((3, 5))
    joint[[0, 1, 2, 1, 0], np.arange(5)] = draw_distribution(random, 5)
    return {"joint": joint}


@mutual_information.case("y decided by x, 4 × 3")
def _(random: Random) -> Arguments:
    joint = np.zeros((4, 3))
    joint[np.arange(4), [2, 0, 1, 0]] = draw_distribution(random, 4)
    return {"joint": joint}


@mutual_information.case("one value of y")
def _(random: Random) -> Arguments:
    return {"joint": _joint(random, 4, 1)}


@mutual_information.case("one value of x")
def _(random: Random) -> Arguments:
    return {"joint": _joint(random, 1, 3)}


@mutual_information.case("3 × 3, x and y uniform")
def _(random: Random) -> Arguments:
    low = random.uniform(0.02, 0.08)
    joint = np.full((3, 3), low)
    np.fill_diagonal(joint, 1 / 3 - 2 * low)
    return {"joint": joint}


@mutual_information.case("30 × 17, one pair in three possible", secret=True)
def _(random: Random) -> Arguments:
    return {"joint": _joint(random, 30, 17, possible=1 / 3)}


def _entropy(p: np.ndarray) -> float:
    """H(p) in nats, with 0 log 0 = 0."""
    p = p[p > 0]
    return float(-np.sum(p * np.log(p)))


@mutual_information.reference
def _(joint: np.ndarray) -> tuple[float, float, float]:
    entropy = _entropy(joint.sum(axis=1))
    conditional_entropy = _entropy(joint) - _entropy(joint.sum(axis=0))
    return entropy, conditional_entropy, entropy - conditional_entropy


@mutual_information.mistake(
    "lecture_signs",
    "These are the lecture's formulas without their minus signs: entropies come out negative and "
    "the information too. A logarithm of a probability is negative; an entropy is not.",
)
def _(joint: np.ndarray) -> tuple[float, float, float]:
    entropy = -_entropy(joint.sum(axis=1))
    conditional_entropy = _entropy(joint.sum(axis=0)) - _entropy(joint)
    return entropy, conditional_entropy, entropy - conditional_entropy


@mutual_information.mistake(
    "conditional_sign",
    "H(X) is right, but H(X|Y) lacks its minus sign, as in the lecture: it comes out negative, "
    "and the information exceeds H(X), which it cannot.",
)
def _(joint: np.ndarray) -> tuple[float, float, float]:
    entropy = _entropy(joint.sum(axis=1))
    conditional_entropy = _entropy(joint.sum(axis=0)) - _entropy(joint)
    return entropy, conditional_entropy, entropy - conditional_entropy


@mutual_information.mistake(
    "bits",
    "Your logarithm has base 2: these are bits. The losses are in nats, so use the natural logarithm.",
)
def _(joint: np.ndarray) -> tuple[float, float, float]:
    entropy = _entropy(joint.sum(axis=1)) / np.log(2)
    conditional_entropy = (_entropy(joint) - _entropy(joint.sum(axis=0))) / np.log(2)
    return entropy, conditional_entropy, entropy - conditional_entropy


@mutual_information.mistake(
    "axes_swapped",
    "You computed H(Y) and H(Y|X). Rows of `joint` are values of X, columns values of Y; "
    "the information is the same either way, the entropies are not.",
)
def _(joint: np.ndarray) -> tuple[float, float, float]:
    entropy = _entropy(joint.sum(axis=0))
    conditional_entropy = _entropy(joint) - _entropy(joint.sum(axis=1))
    return entropy, conditional_entropy, entropy - conditional_entropy


@mutual_information.mistake(
    "conditional_of_y",
    "H(X) is right, but what you subtract is H(Y|X): what is not known of Y when X is. "
    "Which variable is given here, and which sum belongs to it?",
)
def _(joint: np.ndarray) -> tuple[float, float, float]:
    entropy = _entropy(joint.sum(axis=1))
    conditional_entropy = _entropy(joint) - entropy
    return entropy, conditional_entropy, entropy - conditional_entropy


@mutual_information.mistake(
    "joint_entropy",
    "What you call H(X|Y) is the joint entropy H(X, Y): the logarithm contains p(x, y), "
    "not the conditional p(x|y).",
)
def _(joint: np.ndarray) -> tuple[float, float, float]:
    entropy = _entropy(joint.sum(axis=1))
    return entropy, _entropy(joint), entropy - _entropy(joint)


@mutual_information.mistake(
    "not_a_number_at_zero",
    "An impossible pair gives 0 · log 0 = NaN in NumPy. Its contribution is 0: "
    "leave impossible pairs out of the sum.",
)
def _(joint: np.ndarray) -> tuple[float, float, float]:
    p_x, p_y = joint.sum(axis=1), joint.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy = float(-np.sum(p_x * np.log(p_x)))
        conditional_entropy = float(-np.sum(joint * np.log(joint / p_y)))
    return entropy, conditional_entropy, entropy - conditional_entropy


@mutual_information.mistake(
    "unweighted",
    "You sum the entropies of p(x|y) over y with equal weight. A value of y that is rare counts less: "
    "weigh each by p(y).",
)
def _(joint: np.ndarray) -> tuple[float, float, float]:
    entropy = _entropy(joint.sum(axis=1))
    columns = [column / column.sum() for column in joint.T if column.sum() > 0]
    conditional_entropy = sum(_entropy(column) for column in columns)
    return entropy, conditional_entropy, entropy - conditional_entropy


@mutual_information.mistake(
    "unweighted_mean",
    "You average the entropies of p(x|y) over y with equal weight. A value of y that is rare counts less: "
    "weigh each by p(y).",
)
def _(joint: np.ndarray) -> tuple[float, float, float]:
    entropy = _entropy(joint.sum(axis=1))
    columns = [column / column.sum() for column in joint.T if column.sum() > 0]
    conditional_entropy = sum(_entropy(column) for column in columns) / len(columns)
    return entropy, conditional_entropy, entropy - conditional_entropy


@mutual_information.mistake(
    "information_added",
    "Both entropies are right, but you added them. Information is what knowing Y takes away "
    "from the uncertainty about X.",
)
def _(joint: np.ndarray) -> tuple[float, float, float]:
    entropy = _entropy(joint.sum(axis=1))
    conditional_entropy = _entropy(joint) - _entropy(joint.sum(axis=0))
    return entropy, conditional_entropy, entropy + conditional_entropy


def _right(joint: np.ndarray) -> tuple[float, float, float]:
    entropy = _entropy(joint.sum(axis=1))
    conditional_entropy = _entropy(joint) - _entropy(joint.sum(axis=0))
    return entropy, conditional_entropy, entropy - conditional_entropy


@mutual_information.mistake("conditional_sign")
def _(joint: np.ndarray) -> tuple[float, float, float]:
    entropy, conditional_entropy, information = _right(joint)
    return entropy, -conditional_entropy, information


@mutual_information.mistake("lecture_signs")
def _(joint: np.ndarray) -> tuple[float, float, float]:
    entropy, conditional_entropy, information = _right(joint)
    return -entropy, -conditional_entropy, information


@mutual_information.mistake("conditional_of_y")
def _(joint: np.ndarray) -> tuple[float, float, float]:
    entropy, _, information = _right(joint)
    return entropy, _entropy(joint) - entropy, information


@mutual_information.mistake("joint_entropy")
def _(joint: np.ndarray) -> tuple[float, float, float]:
    entropy, _, information = _right(joint)
    return entropy, _entropy(joint), information


@mutual_information.mistake(
    "entropy_of_y",
    "What you call H(X|Y) is H(Y), the entropy of the columns' sums. It says nothing about X yet.",
)
def _(joint: np.ndarray) -> tuple[float, float, float]:
    entropy, other = _entropy(joint.sum(axis=1)), _entropy(joint.sum(axis=0))
    return entropy, other, entropy - other


@mutual_information.mistake(
    "information_sign",
    "Both entropies are right, but the information is negative: you subtracted the larger from the smaller.",
)
def _(joint: np.ndarray) -> tuple[float, float, float]:
    entropy, conditional_entropy, information = _right(joint)
    return entropy, conditional_entropy, -information


@mutual_information.mistake(
    "base_ten",
    "Your logarithm has base 10. The losses are in nats, so use the natural logarithm.",
)
def _(joint: np.ndarray) -> tuple[float, float, float]:
    return tuple(number / np.log(10) for number in _right(joint))


@mutual_information.mistake("not_a_number_at_zero")
def _(joint: np.ndarray) -> tuple[float, float, float]:
    with np.errstate(divide="ignore", invalid="ignore"):
        conditional_entropy = float(-np.sum(joint * np.log(joint / joint.sum(axis=0))))
    entropy = _entropy(joint.sum(axis=1))
    return entropy, conditional_entropy, entropy - conditional_entropy


@mutual_information.alternative
def column_by_column(joint: np.ndarray) -> tuple[float, float, float]:
    entropy = _entropy(joint.sum(axis=1))
    conditional_entropy = 0.0
    for column in joint.T:
        p_y = column.sum()
        if p_y > 0:
            conditional_entropy += p_y * _entropy(column / p_y)
    return entropy, conditional_entropy, entropy - conditional_entropy


@mutual_information.alternative
def as_relative_entropy(joint: np.ndarray) -> dict[str, float]:
    p_x, p_y = joint.sum(axis=1, keepdims=True), joint.sum(axis=0, keepdims=True)
    safe = np.where(joint > 0, joint, 1.0)
    product = np.where(joint > 0, p_x * p_y, 1.0)
    information = np.einsum("ab,ab->", joint, np.log(safe / product))
    entropy = _entropy(p_x.ravel())
    return {
        "entropy": entropy,
        "conditional_entropy": entropy - information,
        "information": information,
    }
