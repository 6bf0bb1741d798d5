"""What is kept, what of it is right, and the average precision are those of the chapter's references."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.chapters import load_chapter

TRUTHS = np.array([[6, 8, 26, 34], [20, 12, 40, 38], [44, 38, 60, 60]], dtype=float)


def reference(name):
    return load_chapter("09_vision_tasks").exercises[name].reference_answer


@pytest.mark.parametrize(
    ("suppression", "score", "match"),
    [(0.5, 0.1, 0.5), (0.06, 0.1, 0.5), (0.9, 0.3, 0.7), (0.46, 0.0, 0.9), (0.5, 0.98, 0.5)],
)
def test_fates_and_average_precisions_are_the_references(open_figure, suppression, score, match):
    live = open_figure("boxes_nms")
    live.set(suppression=suppression, score=score, match=match)
    shown = live.all_exact()
    boxes = np.array(
        [[shown[f"{name}_{i}"] for name in ("x1", "y1", "x2", "y2")] for i in range(12)]
    )
    scores = np.array([shown[f"score_{i}"] for i in range(12)])
    boxes, scores = boxes[scores >= score], scores[scores >= score]
    kept = reference("non_max_suppression")(boxes, scores, suppression)
    boxes, scores = boxes[kept], scores[kept]
    images = np.zeros(len(boxes), dtype=np.int64)
    correct = reference("match_detections")(
        boxes, scores, images, TRUTHS, np.zeros(3, dtype=np.int64), match
    )
    assert shown["kept"] == len(kept)
    assert shown["right"] == correct.sum()
    assert shown["wrong"] == len(kept) - correct.sum()
    assert shown["missed"] == 3 - correct.sum()
    area = reference("detection_average_precision")(scores, correct, 3)
    assert shown["ap_all"] == pytest.approx(area)
    precision = np.cumsum(correct) / np.arange(1, len(correct) + 1)
    assert shown["ap_raw"] == pytest.approx(precision[correct].sum() / 3)
    found = np.cumsum(correct)
    tenths = [precision[10 * found >= 3 * k].max(initial=0) for k in range(11)]
    assert shown["ap_eleven"] == pytest.approx(np.mean(tenths))


def test_a_low_threshold_loses_a_neighbour_and_a_high_one_keeps_copies(open_figure):
    live = open_figure("boxes_nms")
    assert "0 of 3 objects are missed" in live.words()
    live.set(suppression=0.06)
    assert live.exact("missed") == 1
    live.set(suppression=0.5)
    few = live.exact("wrong")
    live.key("suppression", "ArrowRight", times=20)
    assert live.exact("wrong") > few
