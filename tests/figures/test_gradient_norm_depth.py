"""The gradient norms are those of a NumPy network with the same seed."""

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
        found.append(np.linalg.norm(before.T @ delta))
        upstream = delta @ w.T
    return found[::-1]


@pytest.mark.parametrize(
    ("depth", "gain", "seed"), [(12, 1.0, 7), (5, 2.5, 8), (23, 1.4142135623730951, 11)]
)
def test_norms_are_numpys(open_figure, depth, gain, seed):
    live = open_figure("gradient_norm_depth")
    live.set(depth=depth, gain=gain, seed=seed)
    for activation in ACTIVATIONS:
        expected = norms(depth, activation, gain, seed)
        shown = live.all_exact()
        for layer, norm in enumerate(expected, start=1):
            assert shown[f"norm_{activation}_{layer}"] == pytest.approx(norm, rel=1e-8)
        live.choose("activation", activation)
        assert live.exact("factor_per_layer") == pytest.approx(
            (expected[0] / expected[-1]) ** (1 / (depth - 1)), rel=1e-8
        )


def test_controls_work_by_keyboard_and_words_follow(open_figure):
    live = open_figure("gradient_norm_depth")
    assert "vanishes" in live.words()
    live.key("depth", "ArrowRight", times=3)
    assert live.get("depth") == 15
    assert "15 layers" in live.words()
    live.press("he")
    live.choose("activation", "relu")
    assert "keeps about its size" in live.words()
    before = live.exact("norm_first")
    live.press("reseed")
    assert live.exact("norm_first") != before
