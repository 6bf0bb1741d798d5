"""Counts and rates are NumPy's, the curves' areas scikit-learn's; the share of positives leaves ROC alone."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from tests.figures.streams import draws, normal_stream, uniform_stream


def examples(separation: float, share: float, seed: int):
    """Label, score and weight of each of the 200 scores; the weights of all sum to 10,000."""
    normal = normal_stream(uniform_stream(seed))
    scores = draws(normal, 2, 100) + np.array([[-separation / 2], [separation / 2]])
    labels = np.repeat([0, 1], 100)
    weights = np.where(labels == 1, share, 1 - share) * 100
    return labels, np.floor(100 * scores.ravel() + 0.5) / 100, weights


@pytest.mark.parametrize(
    ("threshold", "share", "separation", "seed"),
    [(0, 0.5, 2, 1), (0.85, 0.05, 2, 1), (-1.35, 0.99, 0.75, 4), (1.1, 0.3, 4, 2), (2, 0.01, 0, 3)],
)
def test_numbers_are_numpys(open_figure, threshold, share, separation, seed):
    state = {"threshold": threshold, "positive_share": share, "separation": separation}
    live = open_figure("precision_recall", state={**state, "seed": seed})
    labels, scores, weights = examples(separation, share, seed)
    called = scores >= threshold
    tp, fp, fn, tn = (
        weights[(labels == label) & (called == call)].sum()
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
        "f1": f1_score(labels, called, sample_weight=weights),
        "accuracy": (tp + tn) / 10_000,
        "average_precision": average_precision_score(labels, scores, sample_weight=weights),
        "auc": roc_auc_score(labels, scores, sample_weight=weights),
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


def test_the_share_of_positives_moves_precision_and_leaves_roc(open_figure):
    live = open_figure("precision_recall")
    before, curves = live.shown(), [drawn_curve(live, chart) for chart in range(2)]
    live.key("positive_share", "ArrowLeft", times=45)
    assert live.get("positive_share") == 0.05
    after = live.shown()
    assert (after["auc"], after["recall"]) == (before["auc"], before["recall"])
    assert drawn_curve(live, 1) == curves[1]
    assert after["precision"] < before["precision"] / 2
    assert after["average_precision"] < before["average_precision"] - 0.2
    assert drawn_curve(live, 0) != curves[0]
    assert after["accuracy"] == pytest.approx(before["accuracy"], abs=0.05)


def test_no_threshold_has_a_better_f1_than_the_best(open_figure):
    live = open_figure("precision_recall", state={"positive_share": 0.2, "separation": 1.5})
    labels, scores, weights = examples(1.5, 0.2, 1)
    live.press("best")
    best = max(f1_score(labels, scores >= t, sample_weight=weights) for t in scores)
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
