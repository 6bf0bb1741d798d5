"""The responses on the photograph are NumPy's."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from dlarch.figures.base import FOLDER

PHOTOGRAPH = np.asarray(Image.open(FOLDER / "edge_filters.png"), dtype=float)

KERNELS = {
    "sobel_x": (np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]), 1),
    "sobel_y": (np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]]), 1),
    "laplacian": (np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]]), 1),
    "blur": (np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]), 16),
    "sharpen": (np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]), 1),
}


def respond(kernel: np.ndarray, divisor: float) -> np.ndarray:
    windows = np.lib.stride_tricks.sliding_window_view(PHOTOGRAPH, (3, 3))
    return np.einsum("ijmn,mn->ij", windows, kernel) / divisor


def assert_shows(live, response: np.ndarray) -> None:
    row, column = live.get("row"), live.get("column")
    assert live.exact("response") == pytest.approx(response[row - 1, column - 1])
    assert live.exact("minimum") == pytest.approx(response.min())
    assert live.exact("maximum") == pytest.approx(response.max())
    assert live.exact("mean_strength") == pytest.approx(np.abs(response).mean())


@pytest.mark.parametrize("name", KERNELS)
def test_the_response_is_numpys(open_figure, name):
    live = open_figure("edge_filters")
    live.choose("filter", name)
    assert_shows(live, respond(*KERNELS[name]))


def test_the_picture_of_the_response_shows_the_response(open_figure):
    live = open_figure(
        "edge_filters",
        state={"filter": "blur", "kernel": KERNELS["blur"][0].tolist(), "divisor": 16},
    )
    pixels = live.page.evaluate(
        """() => { const canvas = document.querySelectorAll("canvas")[1];
        const pixels = canvas.getContext("2d").getImageData(0, 0, 128, 128);
        return [...pixels.data].filter((_, i) => i % 4 === 0); }"""
    )
    shown = np.array(pixels).reshape(128, 128)[1:-1, 1:-1]
    assert np.abs(shown - respond(*KERNELS["blur"])).max() <= 0.51


def test_an_edited_kernel_is_the_learners_own(open_figure):
    live = open_figure("edge_filters")
    live.type("kernel_1_1", "3")
    live.type("divisor", "4")
    kernel = KERNELS["sobel_x"][0].copy()
    kernel[1, 1] = 3
    assert live.get("filter") == "custom"
    assert_shows(live, respond(kernel, 4))
    assert "my own kernel" in live.words()


def test_the_window_moves_by_arrow_keys_and_stays_inside(open_figure):
    live = open_figure("edge_filters")
    row, column = live.get("row"), live.get("column")
    live.page.get_by_role("application").first.focus()
    live.page.keyboard.press("ArrowDown")
    live.page.keyboard.press("Shift+ArrowLeft")
    live.settle()
    assert (live.get("row"), live.get("column")) == (row + 1, column - 8)
    for _ in range(20):
        live.page.keyboard.press("Shift+ArrowLeft")
    live.settle()
    assert live.get("column") == 1
    assert_shows(live, respond(*KERNELS["sobel_x"]))
    assert f"row {row + 1}, column 1" in live.words()
