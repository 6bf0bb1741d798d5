"""Probabilities, cross-entropy, entropy and gradient are NumPy's; a constant changes nothing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import log_softmax

EXTREMES = [3, -40, 700.5, 2, 700, -1]


def assert_shows(live, logits: list[float], T: float, true_class: int) -> None:
    log_p = log_softmax(np.array(logits) / T)
    p = np.exp(log_p)
    shown = live.shown()
    K = len(logits)
    assert sum(name.startswith("p_") for name in shown) == K
    np.testing.assert_allclose([shown[f"p_{k}"] for k in range(K)], p, rtol=1e-9, atol=1e-300)
    gradient = (p - np.eye(K)[true_class]) / T
    np.testing.assert_allclose([shown[f"gradient_{k}"] for k in range(K)], gradient, atol=1e-12)
    assert shown["cross_entropy"] == pytest.approx(-log_p[true_class], rel=1e-9, abs=1e-12)
    assert shown["entropy"] == pytest.approx(-np.sum(p * log_p), abs=1e-10)
    assert shown["log_classes"] == pytest.approx(np.log(K))
    assert shown["largest"] == pytest.approx(p.max())
    assert f"True class {true_class}: cross-entropy" in live.words()


@pytest.mark.parametrize("logits", [[2, 1, 0.5, -1], [0.3, 0.3, -2, 5, 1], EXTREMES])
@pytest.mark.parametrize(("T", "true_class"), [(1, 1), (0.05, 2), (20, 3), (2.51, 0)])
def test_numbers_are_numpys(open_figure, logits, T, true_class):
    live = open_figure("softmax_temperature", state={"logits": logits, "temperature": T})
    live.choose("true_class", true_class)
    assert_shows(live, logits, T, true_class)


def test_the_words_say_probabilities_cross_entropy_and_entropy(open_figure):
    live = open_figure("softmax_temperature", state={"true_class": 3})
    log_p = log_softmax([2, 1, 0.5, -1])
    assert f"probabilities {', '.join(f'{p:.4f}' for p in np.exp(log_p))}" in live.words()
    assert f"True class 3: cross-entropy {-log_p[3]:.4f} nats" in live.words()
    assert f"Entropy {-np.sum(np.exp(log_p) * log_p):.4f} nats" in live.words()


def test_the_gradient_is_the_slope_of_the_cross_entropy(open_figure):
    live = open_figure("softmax_temperature", state={"temperature": 0.7, "true_class": 2})
    logits, losses = live.get("logits"), {}
    gradient = [live.exact(f"gradient_{k}") for k in range(4)]
    for k in range(4):
        for way in (-1e-5, 1e-5):
            live.set(logits=[a + way * (i == k) for i, a in enumerate(logits)])
            losses[way] = live.exact("cross_entropy")
        assert (losses[1e-5] - losses[-1e-5]) / 2e-5 == pytest.approx(gradient[k], abs=1e-8)


@pytest.mark.parametrize(("constant", "overflows"), [(7.25, False), (1000, True), (-2000, True)])
def test_a_constant_added_to_all_logits_changes_nothing(open_figure, constant, overflows):
    live = open_figure("softmax_temperature")
    logits = live.get("logits")
    before = [live.exact(f"p_{k}") for k in range(4)]
    live.type("constant", str(constant))
    live.press("shift")
    assert live.get("logits") == [a + constant for a in logits]
    assert [live.exact(f"p_{k}") for k in range(4)] == pytest.approx(before, abs=1e-14)
    assert live.exact("change") < 1e-14
    assert ("the quotient is undefined" in live.words()) == overflows
    with np.errstate(over="ignore"):
        naive = np.exp(np.array(logits) + constant)
    for k in range(4):
        assert live.exact(f"naive_{k}") == pytest.approx(naive[k], rel=1e-9)
    live.press("shift-back")
    assert live.get("logits") == logits
    live.set(temperature=2)
    assert "change" not in live.shown()


def test_classes_logits_and_temperature_change_by_keyboard(open_figure):
    live = open_figure("softmax_temperature")
    live.press("add", times=2)
    live.type("logit_5", "2.5")
    live.choose("true_class", 5)
    assert_shows(live, [2, 1, 0.5, -1, 0, 2.5], 1, 5)
    assert live.page.locator('[data-action="add"]').is_disabled()
    live.press("remove")
    assert_shows(live, [2, 1, 0.5, -1, 0], 1, 4)
    live.key("temperature", "ArrowRight", times=5)
    assert live.get("temperature") == pytest.approx(1.26, rel=0.03)
    assert_shows(live, [2, 1, 0.5, -1, 0], live.get("temperature"), 4)
    live.press("one")
    assert live.get("temperature") == 1
    live.press("reset")
    assert live.get("logits") == [2, 1, 0.5, -1]
    assert not live.page.locator('[data-trait="logit_4"]').is_visible()


def test_cold_takes_the_largest_and_heat_makes_all_equal(open_figure):
    live = open_figure("softmax_temperature")
    live.key("temperature", "Home")
    assert live.get("temperature") == 0.05
    assert live.exact("p_0") > 0.999999
    assert "nearly all on one class" in live.words()
    live.key("temperature", "End")
    assert live.get("temperature") == pytest.approx(20, rel=0.03)
    assert live.exact("entropy") == pytest.approx(np.log(4), abs=0.01)
    assert "nearly equal" in live.words()
