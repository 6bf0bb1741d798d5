import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.shared import LIBRARIES
from autograder.exercises.vision_tasks.shared import PAGE

one_shot_accuracy = Exercise(
    "one_shot_accuracy",
    signature=(
        "one_shot_accuracy(support: (K, Z) float64, query: (N, Z) float64, labels: (N,) int64) -> accuracy: float"
    ),
    outputs=("accuracy",),
    points=1,
    forbids=LIBRARIES,
    section=f"{PAGE}one-shot",
)


def _case(random, K, N, Z, noise):
    """Codes of very different lengths, so that the angle and the distance name different classes."""
    support = random.normal(size=(K, Z)) * random.uniform(0.3, 3, size=(K, 1))
    support[-1] = 2.5 * support[0]
    labels = random.integers(0, K, size=N)
    query = support[labels] + noise * random.normal(size=(N, Z))
    query[: N // 3] += random.uniform(-1, 1, size=(N // 3, 1)) * 2
    return {"support": support, "query": query, "labels": labels}


@one_shot_accuracy.case("four classes")
def _(random):
    return _case(random, 4, 31, 3, 1.0)


@one_shot_accuracy.case("as many classes as entries")
def _(random):
    return _case(random, 5, 47, 5, 1.2)


@one_shot_accuracy.case("fewer images than classes")
def _(random):
    case = _case(random, 6, 30, 2, 0.3)
    answers = ((case["query"][:, None] - case["support"]) ** 2).sum(2).argmin(1)
    right, wrong = (np.flatnonzero((answers == case["labels"]) == is_right) for is_right in (1, 0))
    chosen = np.concatenate([right[:3], wrong[:2]])
    return {**case, "query": case["query"][chosen], "labels": case["labels"][chosen]}


@one_shot_accuracy.case("three classes, long codes")
def _(random):
    return _case(random, 3, 53, 7, 1.6)


@one_shot_accuracy.case("more", secret=True)
def _(random):
    return _case(random, 7, 97, 4, 1.1)


def _share(distance, labels):
    return float((distance.argmin(axis=1) == labels).mean())


@one_shot_accuracy.reference
def _(support, query, labels):
    return _share(((query[:, None] - support) ** 2).sum(axis=2), labels)


@one_shot_accuracy.alternative
def with_norms(support, query, labels):
    distance = np.linalg.norm(query[:, None, :] - support[None], axis=-1)
    return np.mean(np.argmin(distance, axis=1) == labels)


@one_shot_accuracy.alternative
def by_multiplying_out(support, query, labels):
    distance = (support**2).sum(1) - 2 * query @ support.T
    return float(np.count_nonzero(distance.argmin(1) == labels) / len(labels))


@one_shot_accuracy.alternative
def image_by_image(support, query, labels):
    right = 0
    for z, label in zip(query, labels, strict=True):
        right += int(min(range(len(support)), key=lambda k: ((z - support[k]) ** 2).sum()) == label)
    return right / len(query)


@one_shot_accuracy.mistake(
    "farthest",
    "You choose the class that is farthest away.",
)
def _(support, query, labels):
    return _share(-((query[:, None] - support) ** 2).sum(axis=2), labels)


@one_shot_accuracy.mistake(
    "largest_product",
    "You choose by the product with the example. A long code wins there however far away it is.",
)
def _(support, query, labels):
    return _share(-query @ support.T, labels)


@one_shot_accuracy.mistake(
    "angles",
    "You choose by the angle between the codes. They were learnt by distances, and lengths count there.",
)
def _(support, query, labels):
    unit = [codes / np.linalg.norm(codes, axis=1, keepdims=True) for codes in (query, support)]
    return _share(-unit[0] @ unit[1].T, labels)


@one_shot_accuracy.mistake(
    "sum_of_the_differences",
    "Your distance adds up the differences with their signs: they undo each other.",
)
def _(support, query, labels):
    return _share(np.abs((query[:, None] - support).sum(axis=2)), labels)


@one_shot_accuracy.mistake(
    "along_the_other_axis",
    "You ask each example for the image nearest to it. Each image is asked for the example.",
)
def _(support, query, labels):
    nearest = ((query[:, None] - support) ** 2).sum(axis=2).argmin(axis=0)
    return float((labels[nearest] == np.arange(len(support))).mean())


@one_shot_accuracy.mistake(
    "counted_not_shared",
    "You count the right answers: their share is asked for.",
)
def _(support, query, labels):
    return len(labels) * _share(((query[:, None] - support) ** 2).sum(axis=2), labels)


@one_shot_accuracy.mistake(
    "share_of_errors",
    "This is the share of wrong answers.",
)
def _(support, query, labels):
    return 1 - _share(((query[:, None] - support) ** 2).sum(axis=2), labels)


@one_shot_accuracy.mistake(
    "by_the_first_entry",
    "You compare one entry of the codes: all of them make the distance.",
)
def _(support, query, labels):
    return _share(np.abs(query[:, None, 0] - support[:, 0]), labels)
