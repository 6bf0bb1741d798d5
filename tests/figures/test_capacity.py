"""Fits and errors are those of NumPy's least squares on the same samples."""

from __future__ import annotations

import numpy as np
import pytest

from tests.figures.streams import normal_stream, uniform_stream


def samples(N: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    uniform = uniform_stream(seed)
    normal = normal_stream(uniform)
    pairs = np.array([[-1 + 2 * (n + uniform()) / N, 0.3 * normal()] for n in range(N)])
    return pairs[:, 0], np.sin(4.5 * pairs[:, 0]) + pairs[:, 1]


def fit(x: np.ndarray, y: np.ndarray, degree: int, penalty: float) -> np.ndarray:
    """Weights of 1, x, …, x^degree that minimise the penalised mean square."""
    ridge = np.sqrt(len(x) * penalty) * np.eye(degree + 1)[1:]
    system = np.vstack([np.vander(x, degree + 1, increasing=True), ridge])
    return np.linalg.lstsq(system, np.concatenate([y, np.zeros(degree)]), rcond=1e-15)[0]


def mean_square(w: np.ndarray, x: np.ndarray, y: np.ndarray) -> float:
    return np.mean((y - np.polynomial.polynomial.polyval(x, w)) ** 2)


@pytest.mark.parametrize(
    ("degree", "penalty", "N", "seed"),
    [(9, 0, 15, 1), (12, 0, 15, 3), (12, 1e-4, 40, 2), (0, 0.5, 35, 5), (7, 10, 100, 1)],
)
def test_fits_and_errors_are_numpys(open_figure, degree, penalty, N, seed):
    live = open_figure(
        "capacity", state={"degree": degree, "penalty": penalty, "samples": N, "seed": seed}
    )
    x, y = samples(N, seed)
    held_out = samples(200, 2026)
    shown = live.shown()
    validation = []
    for d in range(13):
        w = fit(x, y, d, penalty)
        validation.append(mean_square(w, *held_out))
        assert shown[f"training_{d}"] == pytest.approx(mean_square(w, x, y), rel=1e-6)
        assert shown[f"validation_{d}"] == pytest.approx(validation[-1], rel=1e-6)
    w = fit(x, y, degree, penalty)
    found = [shown[f"w_{k}"] for k in range(degree + 1)]
    np.testing.assert_allclose(found, w, rtol=1e-6, atol=1e-9 * np.abs(w).max())
    assert shown["size"] == pytest.approx(np.linalg.norm(w[1:]), rel=1e-6, abs=1e-9)
    assert shown["training"] == shown[f"training_{degree}"]
    assert shown["validation"] == shown[f"validation_{degree}"]
    assert shown["best"] == np.argmin(validation)
    assert f"validation error {validation[degree]:.4f}" in live.words()


def test_training_error_only_falls_with_the_degree(open_figure):
    live = open_figure("capacity")
    shown = live.shown()
    training = [shown[f"training_{d}"] for d in range(13)]
    assert np.all(np.diff(training) <= 0)
    assert live.exact("validation") > 2 * shown[f"validation_{int(shown['best'])}"]


def test_the_penalty_shrinks_the_weights_and_mends_the_fit(open_figure):
    live = open_figure("capacity", state={"degree": 12})
    before = live.shown()
    live.key("penalty", "ArrowRight", times=16)
    assert live.get("penalty") == pytest.approx(1e-3)
    assert live.exact("size") < before["size"] / 100
    assert live.exact("validation") < before["validation"] / 4
    assert live.exact("training") > before["training"]
    live.key("penalty", "Home")
    assert live.get("penalty") == 0
    assert "no penalty" in live.words()
    assert live.exact("size") == before["size"]


def test_more_samples_mend_the_fit(open_figure):
    live = open_figure("capacity", state={"degree": 12})
    few = live.exact("validation")
    live.key("samples", "End")
    assert live.get("samples") == 100
    assert live.exact("validation") < few / 4


def test_degree_samples_and_reset_by_keyboard(open_figure):
    live = open_figure("capacity")
    live.key("degree", "Home")
    assert "Degree 0," in live.words()
    assert "too little capacity" in live.words()
    live.key("degree", "End")
    assert "too much capacity" in live.words()
    before = live.exact("training")
    live.press("reseed")
    assert live.exact("training") != before
    live.press("reset")
    assert (live.get("degree"), live.get("seed")) == (9, 1)
