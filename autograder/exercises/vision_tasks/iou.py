import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.shared import LIBRARIES, as_tensors
from autograder.exercises.vision_tasks.shared import PAGE, draw_boxes, overlaps

iou = Exercise(
    "iou",
    signature="iou(a: (N, 4) float64, b: (M, 4) float64) -> overlap: (N, M) float64",
    outputs=("overlap",),
    points=2,
    forbids=(*LIBRARIES, "torchvision"),
    section=f"{PAGE}boxes",
)


def _pair(a, b):
    return {"a": np.array(a, dtype=float), "b": np.array(b, dtype=float)}


@iou.case("boxes of all kinds")
def _(random):
    return {"a": draw_boxes(random, 5), "b": draw_boxes(random, 7)}


@iou.case("far apart along both axes")
def _(random):
    return _pair([[0, 0, 10, 12]], [[20, 25, 31, 40], [-30, -9, -11, -4]])


@iou.case("nested, touching, equal")
def _(random):
    return _pair(
        [[0, 0, 8, 5], [2, 1, 4, 4]], [[2, 1, 4, 4], [8, 0, 12, 5], [0, 5, 8, 9], [1, 0, 7, 5]]
    )


@iou.case("an image with sides of 1")
def _(random):
    return {"a": 0.5 + draw_boxes(random, 4, 1.0), "b": 0.5 + draw_boxes(random, 3, 1.0)}


@iou.case("boxes without area")
def _(random):
    return _pair([[3, 2, 3, 7], [1, 1, 4, 6]], [[3, 2, 3, 7], [2, 4, 2, 4], [0, 0, 5, 5]])


@iou.case("as many boxes as the other")
def _(random):
    return {"a": draw_boxes(random, 3), "b": draw_boxes(random, 3)}


@iou.case("no box on one side")
def _(random):
    return {"a": np.zeros((0, 4)), "b": draw_boxes(random, 3)}


@iou.case("many", secret=True)
def _(random):
    return {"a": draw_boxes(random, 13), "b": draw_boxes(random, 8, 25.0)}


@iou.reference
def _(a, b):
    from autograder.kernels.pairwise_iou import pairwise_iou

    if not len(a) or not len(b):
        return np.zeros((len(a), len(b)))
    return pairwise_iou(*as_tensors(a, b)).numpy()


@iou.alternative
def side_by_side(a, b):
    x1 = np.maximum(a[:, None, 0], b[None, :, 0])
    y1 = np.maximum(a[:, None, 1], b[None, :, 1])
    x2 = np.minimum(a[:, None, 2], b[None, :, 2])
    y2 = np.minimum(a[:, None, 3], b[None, :, 3])
    shared = np.clip(x2 - x1, 0, None) * np.clip(y2 - y1, 0, None)
    area_a = (a[:, 2] - a[:, 0]) * (a[:, 3] - a[:, 1])
    area_b = (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])
    union = area_a[:, None] + area_b[None, :] - shared
    return np.where(union > 0, shared / np.where(union > 0, union, 1), 0)


@iou.alternative
def pair_by_pair(a, b):
    result = np.zeros((len(a), len(b)))
    for n, (ax1, ay1, ax2, ay2) in enumerate(a):
        for m, (bx1, by1, bx2, by2) in enumerate(b):
            width = min(ax2, bx2) - max(ax1, bx1)
            height = min(ay2, by2) - max(ay1, by1)
            if width > 0 and height > 0:
                shared = width * height
                both = (ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1)
                result[n, m] = shared / (both - shared)
    return result


@iou.alternative
def with_corners_together(a, b):
    low = np.maximum(a[:, np.newaxis, :2], b[:, :2])
    high = np.minimum(a[:, np.newaxis, 2:], b[:, 2:])
    shared = (high - low).clip(0).prod(-1)
    areas = np.prod(a[:, 2:] - a[:, :2], -1)[:, np.newaxis] + np.prod(b[:, 2:] - b[:, :2], -1)
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(shared / (areas - shared))


def _parts(a, b, extra=0.0, clamp=True):
    """The shared area and both areas, with something added to each side."""
    sides = np.minimum(a[:, None, 2:], b[None, :, 2:]) - np.maximum(a[:, None, :2], b[None, :, :2])
    sides = sides + extra
    shared = np.prod(np.maximum(sides, 0) if clamp else sides, axis=2)
    first, second = (np.prod(boxes[:, 2:] - boxes[:, :2] + extra, axis=1) for boxes in (a, b))
    return shared, first[:, None] + 0 * shared, second[None, :] + 0 * shared


def _share(shared, whole):
    return np.divide(shared, whole, out=np.zeros_like(shared), where=whole != 0)


@iou.mistake(
    "sides_not_cut_at_zero",
    "Two boxes far apart get a large overlap: along both axes their common side comes out negative, and two negative sides "
    "make a positive area.",
)
def _(a, b):
    shared, first, second = _parts(a, b, clamp=False)
    return _share(shared, first + second - shared)


@iou.mistake(
    "area_cut_at_zero",
    "You cut the common area at 0, which comes too late: two negative sides have made a positive area before.",
)
def _(a, b):
    shared, first, second = _parts(a, b, clamp=False)
    shared = np.maximum(shared, 0)
    return _share(shared, first + second - shared)


@iou.mistake(
    "one_pixel_too_many",
    "You add 1 to widths and heights, as if corners were numbers of pixels. Here they are places: a box from 2 to 5 is 3 "
    "wide.",
)
def _(a, b):
    shared, first, second = _parts(a, b, extra=1.0)
    return _share(shared, first + second - shared)


@iou.mistake(
    "one_pixel_too_many_in_the_areas",
    "Your areas are those of boxes one unit larger, the intersection is not: a box then differs from itself.",
)
def _(a, b):
    shared = _parts(a, b)[0]
    _, first, second = _parts(a, b, extra=1.0)
    return _share(shared, first + second - shared)


@iou.mistake(
    "shared_area_counted_twice",
    "The union counts the common area twice: it belongs to both boxes.",
)
def _(a, b):
    shared, first, second = _parts(a, b)
    return _share(shared, first + second)


@iou.mistake(
    "over_the_smaller_box",
    "You divide by the smaller of the two boxes: a small box inside a large one then counts as the same.",
)
def _(a, b):
    shared, first, second = _parts(a, b)
    return _share(shared, np.minimum(first, second))


@iou.mistake(
    "over_one_box",
    "You divide by the area of one of the two boxes, not by what they cover together.",
)
def _(a, b):
    shared, first, _ = _parts(a, b)
    return _share(shared, first)


@iou.mistake("over_one_box")
def _(a, b):
    shared, _, second = _parts(a, b)
    return _share(shared, second)


@iou.mistake(
    "corner_and_size",
    "You read the last two numbers of a box as width and height. They are the corner at the bottom right.",
)
def _(a, b):
    return overlaps(*(np.hstack([c[:, :2], c[:, :2] + c[:, 2:]]) for c in (a, b)))


@iou.mistake(
    "centre_and_size",
    "You read a box as centre, width and height. Its numbers are two corners.",
)
def _(a, b):
    corners = [np.hstack([c[:, :2] - c[:, 2:] / 2, c[:, :2] + c[:, 2:] / 2]) for c in (a, b)]
    return overlaps(*corners)


@iou.mistake(
    "axes_exchanged_in_one",
    "In one of the two arguments you take x for y.",
)
def _(a, b):
    return overlaps(a[:, [1, 0, 3, 2]], b)


@iou.mistake("axes_exchanged_in_one")
def _(a, b):
    return overlaps(a, b[:, [1, 0, 3, 2]])


@iou.mistake(
    "transposed",
    "Rows and columns are exchanged: a row belongs to a box of a, a column to one of b.",
)
def _(a, b):
    return overlaps(b, a)


@iou.mistake("transposed")
def _(a, b):
    return overlaps(a, b).T


@iou.mistake(
    "nothing_by_nothing",
    "Two boxes without area give 0/0. Their overlap is 0.",
)
def _(a, b):
    shared, first, second = _parts(a, b)
    with np.errstate(invalid="ignore"):
        return shared / (first + second - shared)
