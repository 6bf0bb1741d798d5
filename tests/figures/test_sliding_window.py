"""The sliding window's output is a cross-correlation, or a convolution where the kernel is flipped."""

from __future__ import annotations

import numpy as np
import pytest

IMAGE = np.array(
    [[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]], float
)
KERNEL = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]], float)


def correlate(image: np.ndarray, kernel: np.ndarray, stride: int, padding: int) -> np.ndarray:
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(image, padding), kernel.shape)
    return np.einsum("ijmn,mn->ij", windows[::stride, ::stride], kernel)


def output(live) -> np.ndarray:
    size = int(live.exact("output_size"))
    shown = live.shown()
    assert sum(name.startswith("output_") for name in shown) == size**2 + 1
    return np.array([[shown[f"output_{i}_{j}"] for j in range(size)] for i in range(size)])


def test_the_lectures_example(open_figure):
    live = open_figure("sliding_window")
    np.testing.assert_array_equal(output(live), [[4, 3, 4], [2, 4, 3], [2, 3, 4]])
    assert "Whole output: 4 3 4; 2 4 3; 2 3 4." in live.words()


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 0), (1, 1), (2, 1), (3, 2), (1, 2)])
def test_stride_padding_and_flip(open_figure, stride, padding, flip):
    live = open_figure("sliding_window")
    image, kernel = IMAGE.copy(), KERNEL.copy()
    for (i, j), number in {(0, 1): 2.5, (2, 0): -3}.items():
        live.type(f"kernel_{i}_{j}", str(number))
        kernel[i, j] = number
    live.type("image_1_3", "7")
    image[1, 3] = 7
    live.key("stride", "ArrowRight", times=stride - 1)
    live.key("padding", "ArrowRight", times=padding)
    if flip:
        live.key("flip", "Space")
    used = kernel[::-1, ::-1] if flip else kernel
    np.testing.assert_allclose(output(live), correlate(image, used, stride, padding))


def test_next_goes_through_every_entry_and_writes_its_sum(open_figure):
    live = open_figure("sliding_window")
    expected = correlate(IMAGE, KERNEL, 1, 0).ravel()
    for position, entry in enumerate(expected):
        assert live.get("position") == position
        assert live.exact("sum") == entry
        assert f"the sum is {entry:.0f}." in live.words()
        live.press("next")
    assert live.get("position") == len(expected) - 1
    live.press("back")
    assert live.exact("sum") == expected[-2]


def test_an_output_entry_is_chosen_by_keyboard_and_keeps_the_focus(open_figure):
    live = open_figure("sliding_window")
    entry = live.page.get_by_role("button", name="output row 3, column 2")
    entry.focus()
    live.page.keyboard.press("Enter")
    live.settle()
    assert live.get("position") == 7
    assert live.page.evaluate("document.activeElement.getAttribute('aria-label')").startswith(
        "output row 3, column 2"
    )
