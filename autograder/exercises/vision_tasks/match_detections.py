import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.shared import LIBRARIES
from autograder.exercises.vision_tasks.shared import PAGE, overlaps

match_detections = Exercise(
    "match_detections",
    signature=(
        "match_detections(boxes: (N, 4) float64, scores: (N,) float64, image: (N,) int64, truth: (M, 4) float64, "
        "truth_image: (M,) int64, threshold: float) -> correct: (N,) bool"
    ),
    outputs=("correct",),
    points=3,
    form="mend",
    gives=("claimed_by_a_miss", "weakest_first"),
    uses=("iou",),
    forbids=(*LIBRARIES, "torchvision"),
    section=f"{PAGE}matching",
)


def _row(starts, length):
    starts = np.array(starts, dtype=float)
    zeros = np.zeros_like(starts)
    return np.stack([starts, zeros, starts + length, zeros + 4], axis=1)


def _case(detections, truths, threshold, length=10.0):
    """Detections (start, score, image) and truths (start, image), all in rows."""
    starts, scores, image = (np.array(column) for column in zip(*detections, strict=True))
    where, truth_image = (np.array(column) for column in zip(*truths, strict=True))
    return {
        "boxes": _row(starts, length),
        "scores": scores.astype(float),
        "image": image.astype(np.int64),
        "truth": _row(where, length),
        "truth_image": truth_image.astype(np.int64),
        "threshold": threshold,
    }


def _drawn(random, truths, detections, threshold, images=3):
    where = 14.0 * np.arange(truths)
    truth_image = random.integers(0, images, size=truths)
    chosen = random.integers(0, truths, size=detections)
    lost = random.random(detections) < 0.2
    return {
        "boxes": _row(where[chosen] + random.normal(0, 1.8, size=detections), 10.0),
        "scores": random.uniform(0.05, 1, size=detections),
        "image": np.where(lost, random.integers(0, images, size=detections), truth_image[chosen]),
        "truth": _row(where, 10.0),
        "truth_image": truth_image,
        "threshold": threshold,
    }


@match_detections.case("two claims on one object, the better one later")
def _(random):
    return _case([(1, 0.6, 0), (2, 0.9, 0), (30, 0.4, 0)], [(0, 0), (31, 0)], 0.5)


@match_detections.case("a near miss, then a hit with a lower score")
def _(random):
    return _case([(6, 0.9, 0), (1, 0.5, 0), (0.5, 0.3, 0)], [(0, 0)], 0.5)


@match_detections.case("the object that fits best is taken, another one is near")
def _(random):
    return _case([(0, 0.9, 0), (1, 0.8, 0), (3.2, 0.4, 0)], [(0.5, 0), (3, 0)], 0.5)


@match_detections.case("three images with objects at one place")
def _(random):
    return _case(
        [(0, 0.5, 1), (1, 0.7, 0), (0, 0.6, 2), (1, 0.3, 1), (0, 0.2, 3)],
        [(0, 0), (0.5, 1), (40, 2)],
        0.5,
    )


@match_detections.case("an overlap of exactly the threshold")
def _(random):
    return _case([(2, 0.5, 0), (22, 0.6, 0), (27, 0.2, 0)], [(0, 0), (20, 0)], 0.5, length=6.0)


@match_detections.case("equal scores")
def _(random):
    return _case([(2, 0.5, 0), (0, 0.5, 0), (21, 0.5, 1), (20, 0.5, 1)], [(0, 0), (20, 1)], 0.5)


@match_detections.case("many detections with few different scores")
def _(random):
    case = _drawn(random, 5, 37, 0.5)
    return {**case, "scores": random.choice([0.3, 0.6, 0.9], size=37)}


@match_detections.case("nothing to be found")
def _(random):
    case = _case([(2, 0.5, 0), (0, 0.7, 1)], [(0, 0)], 0.5)
    return {**case, "truth": case["truth"][:0], "truth_image": case["truth_image"][:0]}


@match_detections.case("no detection")
def _(random):
    case = _case([(2, 0.5, 0)], [(0, 0), (3, 1)], 0.5)
    return {**case, **{name: case[name][:0] for name in ("boxes", "scores", "image")}}


@match_detections.case("many detections, a stricter threshold")
def _(random):
    return _drawn(random, 6, 19, 0.7)


@match_detections.case("more", secret=True)
def _(random):
    return _drawn(random, 9, 34, float(random.uniform(0.55, 0.75)))


def _match(boxes, scores, image, truth, truth_image, threshold, **changes):
    """The rule, with what may go wrong in it as an option each."""
    overlap = overlaps(boxes, truth)
    if not changes.get("share_images"):
        overlap[image[:, None] != truth_image] = -1
    correct, claimed = np.zeros(len(boxes), dtype=bool), set()
    order = changes.get("order", np.argsort(-scores, kind="stable"))
    for n in order if len(truth) else ():
        candidates = np.argsort(-overlap[n], kind="stable")
        if changes.get("next_free"):
            candidates = [m for m in candidates if m not in claimed]
        if changes.get("first_that_fits"):
            candidates = [m for m in range(len(truth)) if overlap[n, m] >= threshold]
        if not len(candidates):
            continue
        best = candidates[0]
        fits = (
            overlap[n, best] > threshold if changes.get("strict") else overlap[n, best] >= threshold
        )
        if fits and (best not in claimed or changes.get("claims_forgotten")):
            correct[n] = True
            claimed.add(best)
    return correct


@match_detections.reference
def _(boxes, scores, image, truth, truth_image, threshold):
    return _match(boxes, scores, image, truth, truth_image, threshold)


@match_detections.alternative
def one_after_the_other(boxes, scores, image, truth, truth_image, threshold):
    overlap = overlaps(boxes, truth)
    overlap[image[:, None] != truth_image] = -1
    correct, claimed = np.zeros(len(boxes), dtype=bool), set()
    if len(truth) == 0:
        return correct
    for n in np.argsort(-scores, kind="stable"):
        best = overlap[n].argmax()
        if overlap[n, best] >= threshold and best not in claimed:
            correct[n] = True
            claimed.add(best)
    return correct


@match_detections.alternative
def image_by_image(boxes, scores, image, truth, truth_image, threshold):
    correct = np.zeros(len(boxes), dtype=bool)
    for number in np.unique(image):
        mine = np.flatnonzero(image == number)
        targets = truth[truth_image == number]
        free = np.ones(len(targets), dtype=bool)
        if not len(targets):
            continue
        for n in mine[np.argsort(-scores[mine], kind="stable")]:
            overlap = overlaps(boxes[n][None], targets)[0]
            best = int(np.argmax(overlap))
            correct[n] = overlap[best] >= threshold and free[best]
            if overlap[best] >= threshold:
                free[best] = False
    return correct


@match_detections.alternative
def first_claim_of_each_truth(boxes, scores, image, truth, truth_image, threshold):
    if len(truth) == 0 or len(boxes) == 0:
        return np.zeros(len(boxes), dtype=bool)
    overlap = np.where(image[:, None] == truth_image[None], overlaps(boxes, truth), -1)
    best, fits = overlap.argmax(axis=1), overlap.max(axis=1) >= threshold
    order = np.lexsort((np.arange(len(scores)), -scores))
    hits = order[fits[order]]
    first = hits[np.unique(best[hits], return_index=True)[1]]
    return np.isin(np.arange(len(boxes)), first)


match_detections.slip(
    "claimed_by_a_miss",
    "A detection that misses its object keeps others from claiming it: an object is taken only by one that is right.",
    of="one_after_the_other",
    right="            claimed.add(best)\n",
    wrong="        claimed.add(best)\n",
)

match_detections.slip(
    "weakest_first",
    "The weakest detection claims first: it is the strongest whose turn comes first.",
    of="one_after_the_other",
    right='np.argsort(-scores, kind="stable")',
    wrong='np.argsort(scores, kind="stable")',
)


@match_detections.mistake(
    "second_claim_counts",
    "An object is found twice, and both count: of all claims on one object the first is right, the others are false.",
)
def _(boxes, scores, image, truth, truth_image, threshold):
    return _match(boxes, scores, image, truth, truth_image, threshold, claims_forgotten=True)


@match_detections.mistake(
    "order_as_given",
    "You go through the detections as they come: the one with the highest score claims first.",
)
def _(boxes, scores, image, truth, truth_image, threshold):
    order = np.arange(len(boxes))
    return _match(boxes, scores, image, truth, truth_image, threshold, order=order)


@match_detections.mistake(
    "objects_of_other_images",
    "A detection claims an object of another image, which happens to lie at the same place.",
)
def _(boxes, scores, image, truth, truth_image, threshold):
    return _match(boxes, scores, image, truth, truth_image, threshold, share_images=True)


@match_detections.mistake(
    "next_free_object",
    "When its object is taken, your detection turns to another. That is the rule of COCO; here it is false then.",
)
def _(boxes, scores, image, truth, truth_image, threshold):
    return _match(boxes, scores, image, truth, truth_image, threshold, next_free=True)


@match_detections.mistake(
    "first_object_that_fits",
    "Your detection takes the first object that overlaps enough: it belongs to the one that it overlaps most.",
)
def _(boxes, scores, image, truth, truth_image, threshold):
    return _match(boxes, scores, image, truth, truth_image, threshold, first_that_fits=True)


@match_detections.mistake(
    "missed_at_the_threshold",
    "An overlap of exactly the threshold is enough.",
)
def _(boxes, scores, image, truth, truth_image, threshold):
    return _match(boxes, scores, image, truth, truth_image, threshold, strict=True)


@match_detections.mistake(
    "sorted_result",
    "Your result is sorted by score: entry n belongs to detection n as it was given.",
)
def _(boxes, scores, image, truth, truth_image, threshold):
    correct = _match(boxes, scores, image, truth, truth_image, threshold)
    return correct[np.argsort(-scores, kind="stable")]


@match_detections.mistake(
    "ties_reversed",
    "Of detections with equal scores the last comes first: reversing a sorted list reverses ties as well.",
)
def _(boxes, scores, image, truth, truth_image, threshold):
    order = np.argsort(scores, kind="stable")[::-1]
    return _match(boxes, scores, image, truth, truth_image, threshold, order=order)
