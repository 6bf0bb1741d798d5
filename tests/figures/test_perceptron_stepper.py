"""The perceptron's scores, updates, margin and bound are NumPy's and SciPy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

SEPARABLE = np.array(
    [
        [2.5, 0.5, 1],
        [1, 1.5, 1],
        [-2.5, 1, -1],
        [1.5, 0.5, 1],
        [-3, -3, -1],
        [3, -2, -1],
        [2, 2, 1],
        [0.5, -3, -1],
        [-1, -1, -1],
        [3, 1.5, 1],
    ]
)
NARROW = np.array(
    [
        [3, -1.5, -1],
        [-1.5, 2, 1],
        [-3, 2.5, 1],
        [0, -1, -1],
        [-1, -1.5, -1],
        [3, -2.5, -1],
        [2, 1, 1],
        [2.5, -0.5, 1],
        [-2, 3, 1],
        [-3, 1, -1],
    ]
)
XOR = np.array([[1, 1, -1], [-1, -1, -1], [1, -1, 1], [-1, 1, 1.0]])
OUTLIER = SEPARABLE.copy()
OUTLIER[6, 2] = -1
DATA = {"separable": SEPARABLE, "narrow": NARROW, "xor": XOR, "outlier": OUTLIER}


class Perceptron:
    """Rosenblatt's rule, again in NumPy: theta = (w₁, w₂, b)."""

    def __init__(self, points: np.ndarray) -> None:
        self.inputs = np.column_stack([points[:, :2], np.ones(len(points))])
        self.labels = points[:, 2]
        self.theta = np.zeros(3)
        self.mistakes = 0

    def visit(self, n: int) -> float:
        score = self.labels[n] * (self.inputs[n] @ self.theta)
        if score <= 0:
            self.theta = self.theta + self.labels[n] * self.inputs[n]
            self.mistakes += 1
        return score

    def scores(self) -> np.ndarray:
        return self.labels * (self.inputs @ self.theta)


def radius_and_margin(points: np.ndarray) -> tuple[float, float]:
    """R, and γ = 1/‖θ‖ for the shortest θ with every score at least 1."""
    perceptron = Perceptron(points)
    signed = perceptron.labels[:, None] * perceptron.inputs
    best = minimize(
        lambda theta: theta @ theta,
        np.array([1.0, 1.0, 0.0]),
        jac=lambda theta: 2 * theta,
        constraints={"type": "ineq", "fun": lambda theta: signed @ theta - 1},
        options={"maxiter": 500, "ftol": 1e-14},
    )
    assert best.success
    return np.linalg.norm(perceptron.inputs, axis=1).max(), 1 / np.linalg.norm(best.x)


@pytest.mark.parametrize("data", DATA)
def test_every_visit_is_numpys(open_figure, data):
    live = open_figure("perceptron_stepper")
    live.choose("data", data)
    perceptron, N = Perceptron(DATA[data]), len(DATA[data])
    for step in range(3 * N):
        live.press("next")
        score = perceptron.visit(step % N)
        assert live.exact("score") == score
        assert [live.exact(name) for name in ("w_1", "w_2", "b")] == perceptron.theta.tolist()
        assert live.exact("mistakes") == perceptron.mistakes
        shown = live.shown()
        scores = perceptron.scores()
        assert [shown[f"score_{n + 1}"] for n in range(N)] == scores.tolist()
        assert shown["wrong"] == (scores <= 0).sum()
        assert f"point {step % N + 1} of {N}" in live.words()


@pytest.mark.parametrize("data", ["separable", "narrow"])
def test_separable_points_converge_within_the_bound(open_figure, data):
    live = open_figure("perceptron_stepper")
    live.choose("data", data)
    R, gamma = radius_and_margin(DATA[data])
    assert live.exact("R") == pytest.approx(R)
    assert live.exact("gamma") == pytest.approx(gamma, rel=1e-5)
    assert live.exact("bound_exact") == pytest.approx((R / gamma) ** 2, rel=1e-5)
    assert live.exact("bound") == np.floor((R / gamma) ** 2)
    live.press("pass", times=4)
    next_mistake = live.page.locator('[data-action="mistake"]')
    while next_mistake.is_enabled():
        live.press("mistake")
    assert live.exact("wrong") == 0
    assert live.exact("mistakes") <= live.exact("bound")
    assert "A whole pass without a mistake" in live.words()
    perceptron = Perceptron(DATA[data])
    for step in range(live.get("step")):
        perceptron.visit(step % len(DATA[data]))
    assert live.exact("mistakes") == perceptron.mistakes


@pytest.mark.parametrize(("data", "passes"), [("xor", 3), ("outlier", 40)])
def test_points_that_no_line_separates_are_said_to_repeat(open_figure, data, passes):
    live = open_figure("perceptron_stepper")
    live.choose("data", data)
    assert "bound" not in live.shown()
    assert "no line separates these points" in live.words()
    perceptron, N = Perceptron(DATA[data]), len(DATA[data])
    starts = [tuple(perceptron.theta)]
    while starts.count(starts[-1]) == 1:
        for n in range(N):
            perceptron.visit(n)
        starts.append(tuple(perceptron.theta))
    assert len(starts) <= passes
    live.press("pass", times=len(starts) - 2)
    assert "never converges" not in live.words()
    live.press("pass")
    first = starts.index(starts[-1]) + 1
    assert f"At the start of pass {len(starts)} it had the same w and b" in live.words()
    assert f"as at the start of pass {first}:" in live.words()
    assert live.exact("mistakes") == perceptron.mistakes


def test_back_run_and_reset_by_keyboard(open_figure):
    live = open_figure("perceptron_stepper")
    live.press("next", times=3)
    before = [live.exact(name) for name in ("w_1", "w_2", "b", "mistakes")]
    live.press("next", times=2)
    live.press("back", times=2)
    assert [live.exact(name) for name in ("w_1", "w_2", "b", "mistakes")] == before
    live.press("run")
    live.page.wait_for_function("() => window.figure.model.get('step') >= 5")
    live.press("reset")
    assert live.get("step") == 0
    assert live.exact("mistakes") == 0
    live.page.wait_for_timeout(700)
    assert live.get("step") == 0
