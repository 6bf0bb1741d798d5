from itertools import combinations

import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.shared import LIBRARIES
from autograder.exercises.vision_tasks.detection_average_precision import (
    at_points,
    envelope,
    precision_and_hits,
    trapezoids,
)
from autograder.exercises.vision_tasks.shared import PAGE


def _all_points(scores, correct, truths):
    precision, hits = precision_and_hits(scores, correct)
    return float((envelope(precision) * hits).sum() / truths)


def _raw(scores, correct, truths):
    precision, hits = precision_and_hits(scores, correct)
    return float((precision * hits).sum() / truths)


DEFINITIONS = {
    "all points": _all_points,
    "no interpolation": _raw,
    "eleven points": lambda scores, correct, truths: at_points(scores, correct, truths, 10),
    "trapezoids": trapezoids,
    "found ones only": lambda scores, correct, truths: _all_points(scores, correct, correct.sum()),
}

which_average_precision = Exercise(
    "which_average_precision",
    signature=(
        "which_average_precision(scores: (N,) float64, correct: (N,) bool, truths: int, value: float) -> definition: str"
    ),
    outputs=("definition",),
    points=2,
    form="identify",
    driver="for_each",
    uses=("detection_average_precision",),
    forbids=LIBRARIES,
    section=f"{PAGE}definitions",
)


def _samples(random, number):
    """Draw results of all definitions, which differ by more than 0.01 from each other; recalls are no tenths."""
    names = [*DEFINITIONS, *random.choice(list(DEFINITIONS), size=number - len(DEFINITIONS))]
    samples = []
    for name in random.permutation(names):
        while True:
            N, truths = int(random.integers(6, 15)), int(random.choice([7, 9, 11, 13]))
            correct = random.random(N) < 0.55
            scores = random.uniform(0.05, 1, size=N)
            if not 2 <= correct.sum() < truths:
                continue
            values = {kind: rule(scores, correct, truths) for kind, rule in DEFINITIONS.items()}
            if min(abs(a - b) for a, b in combinations(values.values(), 2)) > 0.01:
                break
        samples.append(
            {"scores": scores, "correct": correct, "truths": truths, "value": values[str(name)]}
        )
    return {"samples": samples}


@which_average_precision.case("eleven reports")
def _(random):
    return _samples(random, 11)


@which_average_precision.case("nine reports")
def _(random):
    return _samples(random, 9)


@which_average_precision.case("sixteen others", secret=True)
def _(random):
    return _samples(random, 16)


def _nearest(scores, correct, truths, value, names=tuple(DEFINITIONS), changed=None):
    rules = DEFINITIONS | (changed or {})
    return min(names, key=lambda name: abs(rules[name](scores, correct, truths) - value))


@which_average_precision.reference
def _(scores, correct, truths, value):
    return _nearest(scores, correct, truths, value)


@which_average_precision.alternative
def each_in_turn(scores, correct, truths, value):
    for name, rule in DEFINITIONS.items():
        if np.isclose(rule(scores, correct, truths), value):
            return name
    return ""


@which_average_precision.alternative
def from_one_curve(scores, correct, truths, value):
    right = correct[np.argsort(-scores)]
    found = np.cumsum(right)
    precision, recall = found / np.arange(1, len(found) + 1), found / truths
    best = np.array([precision[i:].max() for i in range(len(precision))])
    area = best[right].sum()
    grid = [max(precision[recall >= r - 1e-9], default=0) for r in np.arange(11) / 10]
    made = {
        "all points": area / truths,
        "found ones only": area / found[-1],
        "no interpolation": precision[right].sum() / truths,
        "eleven points": sum(grid) / 11,
        "trapezoids": np.trapezoid(precision, recall),
    }
    distance = {name: abs(number - value) for name, number in made.items()}
    return min(distance, key=distance.get)


@which_average_precision.alternative
def by_the_first_that_is_near(scores, correct, truths, value):
    near = [
        name
        for name, rule in DEFINITIONS.items()
        if abs(rule(scores, correct, truths) - value) < 1e-6
    ]
    return near[0]


@which_average_precision.mistake(
    "interpolation_not_told_apart",
    "You do not tell the area below the falling steps from the precisions as they are: where does a later precision "
    "exceed an earlier one?",
)
def _(scores, correct, truths, value):
    name = _nearest(scores, correct, truths, value)
    return "all points" if name == "no interpolation" else name


@which_average_precision.mistake("interpolation_not_told_apart")
def _(scores, correct, truths, value):
    name = _nearest(scores, correct, truths, value)
    return "no interpolation" if name == "all points" else name


@which_average_precision.mistake(
    "grid_not_told_apart",
    "You take the mean over eleven recalls for the whole area: they differ by how many objects stand between two tenths.",
)
def _(scores, correct, truths, value):
    name = _nearest(scores, correct, truths, value)
    return "all points" if name == "eleven points" else name


@which_average_precision.mistake(
    "recall_not_told_apart",
    "You do not ask what the recall is taken over: all objects, or those alone that were found?",
)
def _(scores, correct, truths, value):
    name = _nearest(scores, correct, truths, value)
    return "all points" if name == "found ones only" else name


@which_average_precision.mistake("recall_not_told_apart")
def _(scores, correct, truths, value):
    name = _nearest(scores, correct, truths, value)
    return "found ones only" if name == "all points" else name


@which_average_precision.mistake(
    "order_as_given",
    "Your curves are those of the detections as they come: rank them by score first.",
)
def _(scores, correct, truths, value):
    ranked = np.sort(scores)[::-1]
    return _nearest(ranked, correct, truths, value)


@which_average_precision.mistake(
    "names_of_two_exchanged",
    "You have exchanged the trapezoids and the sum without interpolation.",
)
def _(scores, correct, truths, value):
    name = _nearest(scores, correct, truths, value)
    exchanged = {"trapezoids": "no interpolation", "no interpolation": "trapezoids"}
    return exchanged.get(name, name)


@which_average_precision.mistake(
    "recall_zero_left_out",
    "Your mean over recalls has ten entries, or begins at one tenth: recall 0 belongs to the eleven.",
)
def _(scores, correct, truths, value):
    def ten_points(scores, correct, truths):
        first = precision_and_hits(scores, correct)[0].max()
        return (11 * at_points(scores, correct, truths, 10) - first) / 10

    return _nearest(scores, correct, truths, value, changed={"eleven points": ten_points})
