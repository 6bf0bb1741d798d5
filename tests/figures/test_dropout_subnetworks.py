"""Sub-networks, their mean and the full network are NumPy's, over the masks of the same stream."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from tests.figures.streams import draws, uniform_stream

X = np.array([1, 0.5])
FIRST = np.array([[1, -0.5, 0.8, 0.6], [0.5, 1.4, -0.3, -0.4]]), np.array([0, 0.2, 0.1, 0.5])
SECOND = (
    np.array(
        [
            [0.9, -0.6, 0.5, 0.3],
            [-0.4, 1.1, 0.6, -0.8],
            [0.7, 0.4, -0.9, 0.8],
            [-0.5, 0.8, 0.9, 0.6],
        ]
    ),
    np.array([-0.3, -0.2, 0.1, -0.4]),
)
NETWORKS = {
    1: [FIRST, (np.array([1, -0.8, 1.2, 0.7]), 0.1)],
    2: [FIRST, SECOND, (np.array([1, -0.7, 0.9, 1.2]), 0.1)],
}


def forward(hidden_layers: int, factors: np.ndarray) -> tuple[list[np.ndarray], float]:
    """Hidden values, layer by layer, and the output; `factors` multiply the hidden units."""
    *hidden, (w, b) = NETWORKS[hidden_layers]
    values = [X]
    for (weights, biases), factor in zip(hidden, factors.reshape(-1, 4), strict=True):
        values.append(np.maximum(values[-1] @ weights + biases, 0) * factor)
    return values[1:], values[-1] @ w + b


@pytest.mark.parametrize("hidden_layers", [1, 2])
@pytest.mark.parametrize("scaling", ["inverted", "original"])
@pytest.mark.parametrize(("q", "masks", "seed"), [(0.5, 20, 3), (0.8, 137, 5), (0.15, 1, 1)])
def test_numbers_are_numpys(open_figure, hidden_layers, scaling, q, masks, seed):
    live = open_figure("dropout_subnetworks", state={"keep_probability": q, "seed": seed})
    live.choose("hidden_layers", hidden_layers)
    live.choose("scaling", scaling)
    live.set(masks=masks)
    units = 4 * hidden_layers
    kept, full_factor = (1 / q, 1) if scaling == "inverted" else (1, q)
    drawn = (draws(uniform_stream(seed), masks, units) < q).astype(float)
    outputs = [forward(hidden_layers, kept * mask)[1] for mask in drawn]
    hidden, output = forward(hidden_layers, kept * drawn[-1])
    full_hidden, full = forward(hidden_layers, np.full(units, full_factor))
    expected = sum(
        forward(hidden_layers, kept * np.array(mask))[1]
        * q ** sum(mask)
        * (1 - q) ** (units - sum(mask))
        for mask in product([0, 1], repeat=units)
    )
    shown = live.shown()
    assert shown["output"] == pytest.approx(output, abs=1e-12)
    assert shown["mean"] == pytest.approx(np.mean(outputs), abs=1e-12)
    assert shown["full"] == pytest.approx(full, abs=1e-12)
    assert shown["expected"] == pytest.approx(expected, abs=1e-12)
    assert shown["seen"] == len(np.unique(drawn, axis=0))
    for layer in range(hidden_layers):
        for j in range(4):
            at = f"{layer + 1}_{j + 1}"
            assert shown[f"mask_{at}"] == drawn[-1, 4 * layer + j]
            assert shown[f"h_{at}"] == pytest.approx(hidden[layer][j])
            assert shown[f"full_{at}"] == pytest.approx(full_hidden[layer][j])
    assert live.page.locator(".dla-dropout circle[stroke-dasharray='3 4']").count() == (
        1 + np.sum(drawn[-1] == 0)
    )


@pytest.mark.parametrize("scaling", ["inverted", "original"])
def test_the_mean_over_all_masks_is_the_full_network_for_one_hidden_layer_only(
    open_figure, scaling
):
    live = open_figure("dropout_subnetworks", state={"scaling": scaling})
    assert live.exact("expected") == pytest.approx(live.exact("full"))
    assert "These two are equal" in live.words()
    live.choose("hidden_layers", 2)
    assert abs(live.exact("expected") - live.exact("full")) > 0.1
    assert "equal" not in live.words()


def test_the_running_mean_comes_close_to_the_mean_over_all_masks(open_figure):
    live = open_figure("dropout_subnetworks", state={"masks": 500, "hidden_layers": 2})
    assert live.exact("mean") == pytest.approx(live.exact("expected"), abs=0.5)


def test_masks_are_drawn_run_and_reset_by_keyboard(open_figure):
    live = open_figure("dropout_subnetworks")
    live.press("reset")
    assert "No mask has been drawn" in live.words()
    assert "mean" not in live.shown()
    live.press("mask")
    first = live.exact("output")
    assert live.exact("mean") == first
    assert "Mask 1 keeps" in live.words()
    live.press("masks")
    assert live.get("masks") == 21
    live.press("run")
    live.page.wait_for_function("() => window.figure.model.get('masks') >= 23")
    live.press("run")
    paused = live.get("masks")
    live.page.wait_for_timeout(250)
    assert live.get("masks") == paused
    assert f"Mask {paused} keeps" in live.words()
    live.key("keep_probability", "End")
    assert live.get("keep_probability") == 1
    assert live.exact("output") == live.exact("full")
    assert live.exact("seen") == 1
    live.press("reseed")
    assert live.get("seed") == 25
