"""The norms of δ and of the weights' gradients are those of a NumPy network with the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from tests.figures.streams import draws, layers, normal_stream, uniform_stream

ACTIVATIONS = {
    "sigmoid": (lambda a: 1 / (1 + np.exp(-a)), lambda h: h * (1 - h)),
    "tanh": (np.tanh, lambda h: 1 - h**2),
    "relu": (lambda a: np.maximum(a, 0), lambda h: (h > 0).astype(float)),
}


def norms(depth: int, activation: str, gain: float, seed: int, width: int = 24, N: int = 16):
    g, slope = ACTIVATIONS[activation]
    normal = normal_stream(uniform_stream(seed))
    x, y = draws(normal, N, width), draws(normal, N, width)
    network = layers([width] * (depth + 1), gain, normal)
    values = [x]
    for w, b in network:
        values.append(g(values[-1] @ w + b))
    upstream = (values[-1] - y) / N
    found = []
    for (w, _), before, h in zip(network[::-1], values[-2::-1], values[:0:-1], strict=True):
        delta = upstream * slope(h)
        found.append((np.linalg.norm(delta), np.linalg.norm(before.T @ delta)))
        upstream = delta @ w.T
    return found[::-1]


@pytest.mark.parametrize(
    ("depth", "gain", "seed"),
    [(12, 1.0, 7), (5, 2.5, 8), (23, 2**0.5, 11), (30, 4, 7), (30, 0.25, 7)],
)
def test_norms_are_numpys(open_figure, depth, gain, seed):
    live = open_figure("gradient_norm_depth")
    live.set(depth=depth, gain=gain, seed=seed)
    for activation in ACTIVATIONS:
        expected = norms(depth, activation, gain, seed)
        live.choose("activation", activation)
        shown = live.all_exact()
        for layer, (delta, weights) in enumerate(expected, start=1):
            assert shown[f"delta_{activation}_{layer}"] == pytest.approx(delta, rel=1e-8, abs=0)
            assert shown[f"weights_{layer}"] == pytest.approx(weights, rel=1e-8, abs=0)
        factor = (expected[0][0] / expected[-1][0]) ** (1 / (depth - 1))
        assert live.exact("factor_per_layer") == pytest.approx(factor, rel=1e-8)
        verdict = "vanishes" if factor < 0.8 else "explodes" if factor > 1.25 else "keeps about"
        assert f"δ {verdict}" in live.words()


def test_the_extremes_are_told_and_drawn(open_figure):
    live = open_figure("gradient_norm_depth", state={"depth": 30, "gain": 4, "activation": "relu"})
    assert "explodes" in live.words()
    assert "output itself has exploded" in live.words()
    assert live.exact("factor_per_layer") == pytest.approx(4 / 2**0.5, rel=0.1)
    live.set(gain=0.25, activation="tanh")
    assert "vanishes" in live.words()
    live.choose("activation", "sigmoid")
    assert live.exact("delta_first") < 1e-30
    heights = live.page.locator("svg[role=img] circle").evaluate_all(
        "nodes => nodes.map(node => Number(node.getAttribute('cy')))"
    )
    assert len(heights) == 30
    assert heights == sorted(heights, reverse=True), "the line falls to the first layer's place"


def test_controls_work_by_keyboard_and_words_follow(open_figure):
    live = open_figure("gradient_norm_depth")
    assert "vanishes" in live.words()
    live.key("depth", "ArrowRight", times=3)
    assert live.get("depth") == 15
    assert "15 layers" in live.words()
    live.press("he")
    live.choose("activation", "relu")
    assert "keeps about its size" in live.words()
    before = live.exact("delta_first")
    live.press("reseed")
    assert live.exact("delta_first") != before
