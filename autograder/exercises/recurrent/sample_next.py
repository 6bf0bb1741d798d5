import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.recurrent.shared import BY_HAND, PAGE
from dlarch.plain import PlainData

sample_next = Exercise(
    "sample_next",
    signature="sample_next(logits: (V,) float64, temperature: float, u: float) -> token: int",
    outputs=("token",),
    points=1,
    driver="recurrent.sampled_tokens",
    forbids=(*BY_HAND, "scipy", "errstate", "warnings"),
    section=PAGE + "sampling",
)


def _draws(random, V, temperature, count=40, size=2.0, shift=0.0):
    logits = size * random.normal(size=V) + shift
    return {"logits": logits, "temperature": temperature, "draws": random.uniform(size=count)}


@sample_next.case("temperature 1, five tokens")
def _(random) -> dict[str, PlainData]:
    return _draws(random, 5, 1.0)


@sample_next.case("temperature 3")
def _(random) -> dict[str, PlainData]:
    return _draws(random, 7, 3.0)


@sample_next.case("temperature 0.4")
def _(random) -> dict[str, PlainData]:
    return _draws(random, 6, 0.4, size=1.0)


@sample_next.case("temperature 0: the largest")
def _(random) -> dict[str, PlainData]:
    case = _draws(random, 9, 0.0)
    case["logits"][random.integers(1, 8)] += 9.0
    return case


@sample_next.case("logits near 1000, one at −1000")
def _(random) -> dict[str, PlainData]:
    case = _draws(random, 5, 1.0, shift=1000.0)
    case["logits"][random.integers(5)] -= 2000.0
    return case


@sample_next.case("logits near −1000, temperature 0.8")
def _(random) -> dict[str, PlainData]:
    return _draws(random, 4, 0.8, shift=-1000.0)


@sample_next.case("one logit near 1000 among others near −1000")
def _(random) -> dict[str, PlainData]:
    case = _draws(random, 6, 1.0, shift=-1000.0)
    case["logits"][random.integers(6)] += 2000.0
    return case


@sample_next.case("u on the border between tokens, and at 0")
def _(random) -> dict[str, PlainData]:
    # Powers of two: their shares are exact, whatever is subtracted first.
    case = _draws(random, 4, 1.0)
    return {
        **case,
        "logits": np.zeros(4),
        "draws": random.permutation([0.0, 0.25, 0.5, 0.75, 0.6, 0.1]),
    }


@sample_next.case("many", secret=True)
def _(random) -> dict[str, PlainData]:
    return _draws(random, 20, 1.7, count=80)


@sample_next.reference
def _(logits, temperature, u):
    from autograder.exercises.shared import as_tensor
    from autograder.kernels.softmax import softmax

    if temperature == 0:
        return int(np.argmax(logits))
    p = softmax(as_tensor(logits / temperature)[None])[0].numpy()
    return min(int(np.searchsorted(np.cumsum(p), u, side="right")), len(p) - 1)


@sample_next.alternative
def with_a_search(logits, temperature, u):
    if temperature == 0:
        return int(np.argmax(logits))
    a = logits / temperature
    p = np.exp(a - a.max())
    p = p / p.sum()
    return int(np.argmax(np.cumsum(p) > u))


@sample_next.alternative
def with_a_loop(logits, temperature, u):
    if temperature == 0:
        return max(range(len(logits)), key=lambda k: logits[k])
    weights = np.exp((logits - logits.max()) / temperature)
    rest = u * weights.sum()
    for k, weight in enumerate(weights):
        if rest < weight:
            return k
        rest -= weight
    return len(weights) - 1


@sample_next.alternative
def with_a_count(logits, temperature, u):
    if not temperature:
        return logits.argmax()
    a = (logits - logits.max()) / temperature
    cumulative = np.cumsum(np.exp(a)) / np.exp(a).sum()
    return np.sum(cumulative[:-1] <= u)


_SEARCH = "with_a_search"

sample_next.slip(
    "multiplied_by_the_temperature",
    "You multiply the logits by the temperature: high temperatures make your choice more certain. They should make it "
    "more even.",
    of=_SEARCH,
    right="a = logits / temperature",
    wrong="a = logits * temperature",
)
sample_next.slip(
    "temperature_ignored",
    "Your choice does not depend on the temperature, unless that is 0.",
    of=_SEARCH,
    right="a = logits / temperature",
    wrong="a = logits",
)
sample_next.slip(
    "temperature_after_the_softmax",
    "You divide the probabilities by the temperature, not the logits. Then either they do not sum to 1 any more, or "
    "nothing has changed.",
    of=_SEARCH,
    right="""    a = logits / temperature
    p = np.exp(a - a.max())
    p = p / p.sum()
""",
    wrong="""    p = np.exp(logits - logits.max())
    p = p / p.sum() / temperature
""",
)


@sample_next.mistake(
    "sorted_first",
    "You sorted the probabilities, and your number is a place in the sorted list, not a token.",
)
def _(logits, temperature, u):
    if temperature == 0:
        return int(np.argmax(logits))
    p = np.exp((logits - logits.max()) / temperature)
    p = np.sort(p / p.sum())[::-1]
    return int(np.argmax(np.cumsum(p) > u))


@sample_next.mistake("sorted_first")
def _(logits, temperature, u):
    if temperature == 0:
        return int(np.argmax(logits))
    p = np.exp((logits - logits.max()) / temperature)
    return int(np.argmax(np.cumsum(np.sort(p / p.sum())) > u))


sample_next.slip(
    "always_the_largest",
    "You always take the most probable token: u plays no part.",
    of=_SEARCH,
    right="np.argmax(np.cumsum(p) > u)",
    wrong="np.argmax(p)",
)
sample_next.slip(
    "not_cumulative",
    "You compare u with the probabilities themselves. Tokens take up intervals of their length, one after another; in "
    "which does u lie?",
    of=_SEARCH,
    right="np.cumsum(p) > u",
    wrong="p > u",
)
sample_next.slip(
    "border_of_the_token_before",
    "Where u lies exactly on a border, you take the token that ends there. u can be 0 and never 1, so an interval "
    "begins with its border: a token of probability 0 must not be drawn.",
    of=_SEARCH,
    right="np.cumsum(p) > u",
    wrong="np.cumsum(p) >= u",
)
sample_next.slip(
    "one_too_far",
    "Your token is the one after the right one.",
    of="with_a_count",
    right="cumulative[:-1] <= u)",
    wrong="cumulative[:-1] <= u) + 1",
)
sample_next.slip(
    "temperature_zero",
    "Temperature 0 is not treated by itself: you divide by it.",
    of=_SEARCH,
    right="""    if temperature == 0:
        return int(np.argmax(logits))
""",
    wrong="",
)
sample_next.slip(
    "temperature_zero",
    of=_SEARCH,
    right="return int(np.argmax(logits))",
    wrong="return 1 // 0",
)
sample_next.slip(
    "overflow",
    "With logits near ±1000 the exponentials overflow or all become 0. Softmax does not change when the same number is "
    "subtracted from all logits.",
    of=_SEARCH,
    right="np.exp(a - a.max())",
    wrong="np.exp(a)",
)
