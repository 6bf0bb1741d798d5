"""Counts and rates are NumPy's, the areas scikit-learn's; where positives are rare, precision tells."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from tests.figures.streams import draws, normal_stream, uniform_stream


def examples(separation: float, share: float, seed: int):
    """Label and score of each of the 10,000 examples."""
    normal = normal_stream(uniform_stream(seed))
    scores = draws(normal, 2, 9_900) + np.array([[-separation / 2], [separation / 2]])
    P = round(10_000 * share)
    labels = np.repeat([0, 1], [10_000 - P, P])
    scores = np.concatenate([scores[0, : 10_000 - P], scores[1, :P]])
    return labels, np.floor(100 * scores + 0.5) / 100


@pytest.mark.parametrize(
    ("threshold", "share", "separation", "seed"),
    [(0, 0.5, 2, 1), (0.85, 0.05, 2, 1), (-1.35, 0.99, 0.75, 4), (0.6, 0.3, 4, 2), (2, 0.01, 0, 3)],
)
def test_numbers_are_numpys(open_figure, threshold, share, separation, seed):
    state = {"threshold": threshold, "positive_share": share, "separation": separation}
    live = open_figure("precision_recall", state={**state, "seed": seed})
    labels, scores = examples(separation, share, seed)
    called = scores >= threshold
    tp, fp, fn, tn = (
        ((labels == label) & (called == call)).sum()
        for label, call in [(1, True), (0, True), (1, False), (0, False)]
    )
    shown = live.shown()
    expected = {
        "tp": tp,
        "fp": fp,
        "fn": fn,
        "tn": tn,
        "precision": tp / (tp + fp),
        "recall": tp / (tp + fn),
        "f1": f1_score(labels, called),
        "accuracy": (tp + tn) / 10_000,
        "average_precision": average_precision_score(labels, scores),
        "auc": roc_auc_score(labels, scores),
    }
    assert shown == pytest.approx(expected, rel=1e-9)
    assert f"Precision {tp / (tp + fp):.3f}, recall {tp / (tp + fn):.3f}" in live.words()
    assert f"false positive rate {fp / (fp + tn):.3f}" in live.words()


def drawn_curve(live, chart: int) -> str:
    return (
        live.page.locator(".dla-columns svg[role=img] path[stroke='var(--dla-ink)']")
        .nth(chart)
        .get_attribute("d")
    )


def test_the_share_of_positives_moves_precision_and_hardly_roc(open_figure):
    live = open_figure("precision_recall")
    before, curve = live.shown(), drawn_curve(live, 0)
    live.key("positive_share", "ArrowLeft", times=45)
    assert live.get("positive_share") == 0.05
    after = live.shown()
    for rate in ("auc", "recall", "accuracy"):
        assert after[rate] == pytest.approx(before[rate], abs=0.05)
    assert after["precision"] < before["precision"] / 2
    assert after["average_precision"] < before["average_precision"] - 0.2
    assert drawn_curve(live, 0) != curve


def test_rare_positives_are_found_with_many_false_alarms(open_figure):
    """What two normal distributions give at 1 %: the best threshold lets dozens of negatives through."""
    live = open_figure("precision_recall", state={"positive_share": 0.01})
    live.press("best")
    shown = live.shown()
    assert 10 < shown["fp"] < 150
    assert 0.25 < shown["precision"] < 0.65
    assert 0.25 < shown["f1"] < 0.42
    assert 0.2 < shown["average_precision"] < 0.36
    bars = live.page.locator("rect[fill='var(--dla-prediction)']").evaluate_all(
        "nodes => nodes.map(node => Number(node.getAttribute('height')))"
    )
    assert max(bars) > 20, "the rare class has a scale of its own"


def test_no_threshold_has_a_better_f1_than_the_best(open_figure):
    live = open_figure("precision_recall", state={"positive_share": 0.2, "separation": 1.5})
    labels, scores = examples(1.5, 0.2, 1)
    live.press("best")
    best = max(f1_score(labels, scores >= t) for t in np.unique(scores))
    assert live.exact("f1") == pytest.approx(best)


def test_precision_is_undefined_where_nothing_is_called_positive(open_figure):
    live = open_figure("precision_recall")
    live.key("threshold", "End")
    assert live.get("threshold") == 5
    assert "precision" not in live.shown()
    assert "Precision is undefined" in live.words()
    assert live.exact("f1") == 0
    live.key("threshold", "Home")
    assert live.exact("recall") == 1
    assert live.exact("precision") == 0.5


def test_the_threshold_moves_by_arrow_keys_and_pointer(open_figure):
    live = open_figure("precision_recall")
    picture = live.page.get_by_role("application")
    picture.focus()
    live.page.keyboard.press("ArrowRight")
    live.page.keyboard.press("Shift+ArrowRight")
    live.settle()
    assert live.get("threshold") == pytest.approx(0.6)
    box = picture.bounding_box()
    live.page.mouse.click(box["x"] + 54 + (box["width"] - 64) * 0.3, box["y"] + 100)
    live.settle()
    assert live.get("threshold") == pytest.approx(-2, abs=0.03)
    auc = live.exact("auc")
    live.press("reseed")
    assert live.exact("auc") != auc
    live.press("reset")
    assert (live.get("threshold"), live.exact("auc")) == (0, auc)
