import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.gan.shared import PAGE, Arguments, Random, draw_distribution

jensen_shannon = Exercise(
    "jensen_shannon",
    signature="jensen_shannon(p: (K,), q: (K,)) -> divergence: float, game_value: float",
    outputs=("divergence", "game_value"),
    form="derive",
    reveals=(r"2\,\mathrm{JS}(p_{data}, p_g) - \log 4",),
    points=2,
    forbids=("scipy", "jensenshannon", "rel_entr", "kl_div"),
    section=f"{PAGE}#gan-jensen-shannon",
)


@jensen_shannon.case("7 outcomes")
def _(random: Random) -> Arguments:
    return {"p": draw_distribution(random, 7), "q": draw_distribution(random, 7)}


@jensen_shannon.case("zeros in p, in q and in both")
def _(random: Random) -> Arguments:
    p, q = random.exponential(size=(2, 6))
    p[[0, 3]] = 0.0
    q[[3, 5]] = 0.0
    return {"p": p / p.sum(), "q": q / q.sum()}


@jensen_shannon.case("no outcome in common")
def _(random: Random) -> Arguments:
    p = np.concatenate([draw_distribution(random, 2), np.zeros(3)])
    return {"p": p, "q": np.concatenate([np.zeros(2), draw_distribution(random, 3)])}


@jensen_shannon.case("equal distributions")
def _(random: Random) -> Arguments:
    p = draw_distribution(random, 4)
    return {"p": p, "q": p.copy()}


@jensen_shannon.case("one outcome")
def _(random: Random) -> Arguments:
    return {"p": np.ones(1), "q": np.ones(1)}


@jensen_shannon.case("two outcomes, next to each other")
def _(random: Random) -> Arguments:
    share = random.uniform(0.2, 0.8)
    return {"p": np.array([share, 1 - share]), "q": np.array([share + 0.05, 0.95 - share])}


@jensen_shannon.case("probabilities of 1e-12")
def _(random: Random) -> Arguments:
    p, q = random.exponential(size=(2, 5))
    p[[0, 2]] *= 1e-12
    q[[1, 2]] *= 1e-12
    return {"p": p / p.sum(), "q": q / q.sum()}


@jensen_shannon.case("500 outcomes, half of them impossible", secret=True)
def _(random: Random) -> Arguments:
    p, q = random.exponential(size=(2, 500)) * (random.uniform(size=(2, 500)) < 0.5)
    return {"p": p / p.sum(), "q": q / q.sum()}


def _relative_entropy(p: np.ndarray, q: np.ndarray) -> float:
    """KL(p ‖ q) in nats, with 0 log 0 = 0."""
    support = p > 0
    return float(np.sum(p[support] * np.log(p[support] / q[support])))


@jensen_shannon.reference
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    m = (p + q) / 2
    divergence = (_relative_entropy(p, m) + _relative_entropy(q, m)) / 2
    return divergence, 2 * divergence - np.log(4)


@jensen_shannon.mistake(
    "bits",
    "Your logarithm has base 2: the divergence comes out in bits, at most 1. "
    "The losses use the natural logarithm, so it must too (nats, at most log 2).",
)
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    m = (p + q) / 2
    divergence = (_relative_entropy(p, m) + _relative_entropy(q, m)) / 2 / np.log(2)
    return divergence, 2 * divergence - 2


@jensen_shannon.mistake(
    "divergence_in_bits_alone",
    "Your divergence is in bits (base 2) while log 4 is in nats: the two cannot be added. "
    "Use the natural logarithm throughout.",
)
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    m = (p + q) / 2
    divergence = (_relative_entropy(p, m) + _relative_entropy(q, m)) / 2 / np.log(2)
    return divergence, 2 * divergence - np.log(4)


@jensen_shannon.mistake(
    "not_a_number_at_zero",
    "An impossible outcome gives 0 · log 0 = NaN in NumPy. Its contribution is 0, "
    "the limit of p log p: leave such outcomes out of the sum.",
)
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    m = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        divergence = float(np.sum(p * np.log(p / m)) + np.sum(q * np.log(q / m))) / 2
    return divergence, 2 * divergence - np.log(4)


@jensen_shannon.mistake(
    "half_missing",
    "The divergence is twice too large: you add the two relative entropies to the mixture, and left a factor out.",
)
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    m = (p + q) / 2
    divergence = _relative_entropy(p, m) + _relative_entropy(q, m)
    return divergence, 2 * divergence - np.log(4)


@jensen_shannon.mistake(
    "mixture_not_halved",
    "You compare p and q with p + q, which is no distribution: it sums to 2. "
    "The mixture is their mean.",
)
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    m = p + q
    divergence = (_relative_entropy(p, m) + _relative_entropy(q, m)) / 2
    return divergence, 2 * divergence - np.log(4)


@jensen_shannon.mistake(
    "one_side",
    "Only one relative entropy is there, KL(p ‖ m). The divergence is symmetric: "
    "q is compared with the mixture as well.",
)
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    divergence = _relative_entropy(p, (p + q) / 2)
    return divergence, 2 * divergence - np.log(4)


@jensen_shannon.mistake(
    "symmetrised_kl",
    "You average KL(p ‖ q) and KL(q ‖ p), which is Jeffreys' divergence: infinite as soon as an outcome "
    "is possible for one alone. Jensen and Shannon compare both with their mixture.",
)
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    with np.errstate(divide="ignore"):
        divergence = (_relative_entropy(p, q) + _relative_entropy(q, p)) / 2
    return divergence, 2 * divergence - np.log(4)


@jensen_shannon.mistake(
    "square_root",
    "This is the square root of the divergence, the Jensen–Shannon distance. "
    "The value of the game contains the divergence itself.",
)
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    m = (p + q) / 2
    divergence = np.sqrt(max(_relative_entropy(p, m) + _relative_entropy(q, m), 0.0) / 2)
    return divergence, 2 * divergence - np.log(4)


@jensen_shannon.mistake(
    "game_value_not_doubled",
    "The divergence is right. In the value of the game it counts twice: each of the two expectations "
    "in V contributes one relative entropy, and the divergence is half their sum.",
)
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    m = (p + q) / 2
    divergence = (_relative_entropy(p, m) + _relative_entropy(q, m)) / 2
    return divergence, divergence - np.log(4)


@jensen_shannon.mistake(
    "game_value_without_constant",
    "The divergence is right. The value of the game lacks its constant: with D = ½ everywhere, "
    "V is not 0.",
)
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    m = (p + q) / 2
    divergence = (_relative_entropy(p, m) + _relative_entropy(q, m)) / 2
    return divergence, 2 * divergence


@jensen_shannon.mistake(
    "game_value_sign",
    "The divergence is right. The constant in the value of the game has the wrong sign: "
    "V is a sum of logarithms of probabilities, so it is never positive.",
)
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    m = (p + q) / 2
    divergence = (_relative_entropy(p, m) + _relative_entropy(q, m)) / 2
    return divergence, 2 * divergence + np.log(4)


def _right(p: np.ndarray, q: np.ndarray) -> float:
    m = (p + q) / 2
    return (_relative_entropy(p, m) + _relative_entropy(q, m)) / 2


@jensen_shannon.mistake("half_missing")
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    return 2 * _right(p, q), 2 * _right(p, q) - np.log(4)


@jensen_shannon.mistake("square_root")
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    return np.sqrt(max(_right(p, q), 0.0)), 2 * _right(p, q) - np.log(4)


@jensen_shannon.mistake("one_side")
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    divergence = _relative_entropy(q, (p + q) / 2)
    return divergence, 2 * divergence - np.log(4)


@jensen_shannon.mistake("one_side")
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    divergence = _relative_entropy(p, (p + q) / 2) / 2
    return divergence, 2 * divergence - np.log(4)


@jensen_shannon.mistake("not_a_number_at_zero")
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    m = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        divergence = float((p * np.log(p / m) + q * np.log(q / m))[m > 0].sum()) / 2
    return divergence, 2 * divergence - np.log(4)


@jensen_shannon.mistake(
    "compared_with_each_other",
    "You compare p with q: KL(p ‖ q) is not symmetric, and infinite where q excludes what p allows. Jensen and Shannon "
    "compare both with their mixture.",
)
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    with np.errstate(divide="ignore"):
        divergence = _relative_entropy(p, q)
    return divergence, 2 * divergence - np.log(4)


@jensen_shannon.mistake(
    "reversed",
    "You take the relative entropies of the mixture to p and q: the expectation is under the mixture, and an outcome that "
    "one of them excludes makes it infinite. Here p and q come first.",
)
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    m = (p + q) / 2
    with np.errstate(divide="ignore"):
        divergence = (_relative_entropy(m, p) + _relative_entropy(m, q)) / 2
    return divergence, 2 * divergence - np.log(4)


@jensen_shannon.mistake(
    "outcomes_of_one_excluded",
    "You leave out outcomes that are impossible for one of the two. For the other they are possible, and count there.",
)
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    both = (p > 0) & (q > 0)
    p, q = p[both], q[both]
    m = (p + q) / 2
    divergence = float(np.sum(p * np.log(p / m)) + np.sum(q * np.log(q / m))) / 2
    return divergence, 2 * divergence - np.log(4)


@jensen_shannon.mistake(
    "mean_over_outcomes",
    "You average over the outcomes. A relative entropy is a sum: the probabilities in front are its weights already.",
)
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    divergence = _right(p, q) / len(p)
    return divergence, 2 * divergence - np.log(4)


@jensen_shannon.mistake(
    "wrong_sign",
    "Your divergence is negative. A divergence is 0 where the distributions are equal, and positive elsewhere.",
)
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    return -_right(p, q), -2 * _right(p, q) - np.log(4)


@jensen_shannon.mistake(
    "other_constant",
    "The divergence is right. The constant in the value of the game is too small: with D = ½ everywhere both terms of V "
    "are there.",
)
def _(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    return _right(p, q), 2 * _right(p, q) - np.log(2)


@jensen_shannon.alternative
def by_entropies(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    def entropy(p: np.ndarray) -> float:
        return -np.sum(p * np.log(np.where(p > 0, p, 1.0)))

    divergence = entropy((p + q) / 2) - (entropy(p) + entropy(q)) / 2
    return divergence, 2 * divergence - np.log(4)


@jensen_shannon.alternative
def through_the_game(p: np.ndarray, q: np.ndarray) -> list[float]:
    value = 0.0
    for p_k, q_k in zip(p, q, strict=True):
        value += p_k * np.log(p_k / (p_k + q_k)) if p_k > 0 else 0.0
        value += q_k * np.log(q_k / (p_k + q_k)) if q_k > 0 else 0.0
    return [(value + np.log(4)) / 2, value]


@jensen_shannon.alternative
def with_tiny_epsilon(p: np.ndarray, q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    m, tiny = (p + q) / 2, 1e-300
    terms = p * np.log((p + tiny) / (m + tiny)) + q * np.log((q + tiny) / (m + tiny))
    return np.array(terms.sum() / 2), np.array(terms.sum() - 2 * np.log(2))
