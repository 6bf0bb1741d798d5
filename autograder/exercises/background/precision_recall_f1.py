import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.background.shared import LIBRARIES, PAGE, draw_confusion
from dlarch.checks_file import Part
from dlarch.plain import PlainData

precision_recall_f1 = Exercise(
    "precision_recall_f1",
    signature=(
        "precision_recall_f1(confusion: (K, K) int64)"
        " -> precision: (K,) float64, recall: (K,) float64, f1: (K,) float64"
    ),
    outputs=("precision", "recall", "f1"),
    form="mend",
    gives=("precision_and_recall_swapped",),
    parts={
        "rates": Part(2, outputs=("precision", "recall")),
        "f1": Part(1, outputs=("f1",)),
    },
    forbids=LIBRARIES,
    section=PAGE + "precision",
)


@precision_recall_f1.case("four classes")
def _(random) -> dict[str, PlainData]:
    return {"confusion": draw_confusion(random, 4)}


@precision_recall_f1.case("two classes, one of them rare")
def _(random) -> dict[str, PlainData]:
    return {"confusion": draw_confusion(random, 2, sizes=(85, 6))}


@precision_recall_f1.case("a class that is never predicted")
def _(random) -> dict[str, PlainData]:
    confusion = draw_confusion(random, 3)
    confusion[:, 1] = 0
    return {"confusion": confusion}


@precision_recall_f1.case("a class that does not occur but is predicted")
def _(random) -> dict[str, PlainData]:
    confusion = draw_confusion(random, 5)
    confusion[4] = 0
    return {"confusion": confusion}


@precision_recall_f1.case("a class that occurs and is predicted once")
def _(random) -> dict[str, PlainData]:
    confusion = draw_confusion(random, 4)
    confusion[1], confusion[:, 1] = 0, 0
    confusion[1, 1] = 1
    return {"confusion": confusion}


@precision_recall_f1.case("a class that is always taken for others")
def _(random) -> dict[str, PlainData]:
    confusion = draw_confusion(random, 3)
    confusion[0, 0] = 0
    return {"confusion": confusion}


def _with_empty_classes(random, K, empty):
    confusion = draw_confusion(random, K)
    confusion[empty], confusion[:, empty] = 0, 0
    return {"confusion": confusion}


@precision_recall_f1.case("a class that neither occurs nor is predicted")
def _(random) -> dict[str, PlainData]:
    return _with_empty_classes(random, 4, [3])


@precision_recall_f1.case("one class")
def _(random) -> dict[str, PlainData]:
    return {"confusion": np.array([[7]])}


@precision_recall_f1.case("two classes that neither occur nor are predicted", secret=True)
def _(random) -> dict[str, PlainData]:
    return _with_empty_classes(random, 6, [2, 4])


@precision_recall_f1.case("ten classes", secret=True)
def _(random) -> dict[str, PlainData]:
    return {"confusion": draw_confusion(random, 10, right=0.8)}


def _share(part, whole, otherwise=0.0):
    """Divide, with `otherwise` where the whole is 0."""
    part, whole = part.astype(np.float64), whole.astype(np.float64)
    return np.divide(part, whole, out=np.full(whole.shape, otherwise), where=whole > 0)


def _rates(confusion, otherwise=0.0):
    right = np.diag(confusion)
    return (
        _share(right, confusion.sum(axis=0), otherwise),
        _share(right, confusion.sum(axis=1), otherwise),
    )


def _harmonic(precision, recall, otherwise=0.0):
    return _share(2 * precision * recall, precision + recall, otherwise)


@precision_recall_f1.reference
def _(confusion):
    precision, recall = _rates(confusion)
    return precision, recall, _harmonic(precision, recall)


@precision_recall_f1.mistake(
    "precision_and_recall_swapped",
    "Precision and recall are swapped. Precision looks at a column: of all that were called k, how many are? Recall "
    "looks at a row: of all that are k, how many were called so?",
)
def _(confusion):
    recall, precision = _rates(confusion)
    return precision, recall, _harmonic(precision, recall)


@precision_recall_f1.mistake(
    "arithmetic_mean",
    "Your f1 is the arithmetic mean of precision and recall. F1 is the harmonic mean, which stays near the smaller of "
    "the two: with precision 1 and recall 0.1 it is 0.18 and not 0.55 (erratum E43).",
    PAGE + "f1",
)
def _(confusion):
    precision, recall = _rates(confusion)
    return precision, recall, (precision + recall) / 2


@precision_recall_f1.mistake(
    "geometric_mean",
    "Your f1 is the geometric mean of precision and recall, the root of their product. F1 is the harmonic mean.",
    PAGE + "f1",
)
def _(confusion):
    precision, recall = _rates(confusion)
    return precision, recall, np.sqrt(precision * recall)


@precision_recall_f1.mistake(
    "factor_two_missing",
    "The 2 is missing in f1: with precision = recall = 1 yours is ½, and a mean of two equal numbers should be that "
    "number.",
    PAGE + "f1",
)
def _(confusion):
    precision, recall = _rates(confusion)
    return precision, recall, _harmonic(precision, recall) / 2


@precision_recall_f1.mistake(
    "nothing_by_nothing",
    "Where nothing is divided by nothing you give nan. The task asks for 0 there; one nan would spoil every mean over "
    "the classes.",
)
def _(confusion):
    precision, recall = _rates(confusion, np.nan)
    return precision, recall, _harmonic(precision, recall, np.nan)


@precision_recall_f1.mistake("nothing_by_nothing")
def _(confusion):
    precision, recall = _rates(confusion, np.nan)
    return precision, recall, _harmonic(*_rates(confusion))


@precision_recall_f1.mistake(
    "f1_of_two_zeros",
    "A class with precision 0 and recall 0 gets the f1 nan from you. The task asks for 0 where nothing is divided by "
    "nothing.",
    PAGE + "f1",
)
def _(confusion):
    precision, recall = _rates(confusion)
    return precision, recall, _harmonic(precision, recall, np.nan)


@precision_recall_f1.mistake(
    "one_by_convention",
    "Where nothing is divided by nothing you give 1. The task asks for 0: a class that is never predicted should not "
    "get a perfect precision for that.",
)
def _(confusion):
    precision, recall = _rates(confusion, 1.0)
    return precision, recall, _harmonic(precision, recall)


@precision_recall_f1.mistake("one_by_convention")
def _(confusion):
    precision, recall = _rates(confusion, 1.0)
    return precision, recall, _harmonic(precision, recall, 1.0)


@precision_recall_f1.mistake(
    "mean_over_classes",
    "You average over the classes. The task asks for one number per class, (K,): the mean hides the class that goes "
    "wrong.",
)
def _(confusion):
    precision, recall = _rates(confusion)
    return precision.mean(), recall.mean(), _harmonic(precision, recall).mean()


@precision_recall_f1.mistake(
    "share_of_all_examples",
    "You divide by the number of all examples. Precision divides by how often the class was predicted, recall by how "
    "often it occurs.",
)
def _(confusion):
    share = np.diag(confusion) / confusion.sum()
    return share, share, share


@precision_recall_f1.mistake(
    "right_by_wrong",
    "You divide by the false alarms and by the missed ones alone. The right answers belong to the denominator too: "
    "what was called k, and what is k.",
)
def _(confusion):
    right = np.diag(confusion)
    precision = _share(right, confusion.sum(axis=0) - right)
    recall = _share(right, confusion.sum(axis=1) - right)
    return precision, recall, _harmonic(precision, recall)


@precision_recall_f1.alternative
def with_loops(confusion):
    K = len(confusion)
    precision, recall, f1 = (np.zeros(K, dtype=np.float32) for _ in range(3))
    for k in range(K):
        right = confusion[k, k]
        said, true = sum(confusion[:, k]), sum(confusion[k])
        precision[k] = right / said if said else 0
        recall[k] = right / true if true else 0
        f1[k] = 2 * right / (said + true) if said + true else 0
    return precision, recall, f1


@precision_recall_f1.alternative
def with_a_tiny_denominator(confusion):
    right = np.diag(confusion)
    precision = right / (confusion.sum(axis=0) + 1e-12)
    recall = right / (confusion.sum(axis=1) + 1e-12)
    return precision, recall, 2 * precision * recall / (precision + recall + 1e-12)


@precision_recall_f1.alternative
def from_false_alarms_and_misses(confusion):
    right = np.einsum("kk->k", confusion)
    alarms, missed = confusion.sum(0) - right, confusion.sum(1) - right
    return (
        right / np.maximum(right + alarms, 1),
        right / np.maximum(right + missed, 1),
        right / np.maximum(right + (alarms + missed) / 2, 0.5),
    )


@precision_recall_f1.alternative
def line_by_line(confusion):
    right = np.diag(confusion)
    called, true = confusion.sum(axis=0), confusion.sum(axis=1)
    precision = right / np.maximum(called, 1)
    recall = right / np.maximum(true, 1)
    total = precision + recall
    f1 = 2 * precision * recall / np.where(total > 0, total, 1)
    return precision, recall, f1


precision_recall_f1.slip(
    "precision_and_recall_swapped",
    of="line_by_line",
    right="confusion.sum(axis=0), confusion.sum(axis=1)",
    wrong="confusion.sum(axis=1), confusion.sum(axis=0)",
)
