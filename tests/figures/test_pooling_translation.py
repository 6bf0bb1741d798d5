"""The changes after pooling are NumPy's."""

from __future__ import annotations

import numpy as np
import pytest

SIZE = 20
SEVEN = """############
############
.........###
........###.
.......###..
......###...
......###...
.....###....
.....###....
....###.....
....###.....
....###....."""


def image(dx: int, dy: int) -> np.ndarray:
    shape = np.array([[sign == "#" for sign in line] for line in SEVEN.splitlines()], dtype=float)
    canvas = np.zeros((SIZE, SIZE))
    canvas[4 + dy : 16 + dy, 4 + dx : 16 + dx] = shape
    return canvas


def pool(rows: np.ndarray, kind: str, window: int, stride: int) -> np.ndarray:
    windows = np.lib.stride_tricks.sliding_window_view(rows, (window, window))[::stride, ::stride]
    return windows.max((2, 3)) if kind == "max" else windows.mean((2, 3))


def change(before: np.ndarray, after: np.ndarray) -> float:
    return np.linalg.norm(after - before) / np.linalg.norm(before)


@pytest.mark.parametrize(("window", "stride"), [(3, 2), (2, 2), (5, 1), (4, 4), (1, 1)])
def test_relative_changes_are_numpys(open_figure, window, stride):
    live = open_figure("pooling_translation")
    live.choose("window", window)
    live.choose("stride", stride)
    for dx, dy in [(0, 0), (1, 0), (3, 2), (4, 4)]:
        for trait, shift in (("shift_x", dx), ("shift_y", dy)):
            live.key(trait, "Home")
            live.key(trait, "ArrowRight", times=shift)
        before, after = image(0, 0), image(dx, dy)
        assert live.exact("change_image") == pytest.approx(change(before, after))
        for kind in ("max", "average"):
            pooled, moved = pool(before, kind, window, stride), pool(after, kind, window, stride)
            assert live.exact(f"change_{kind}") == pytest.approx(change(pooled, moved))
            live.choose("pooling", kind)
            assert live.exact("changed_entries") == (np.abs(pooled - moved) > 0.1).sum()
        assert f"moved by {dx} to the right and {dy} down" in live.words()


def test_every_shape_fits_where_it_is_moved(open_figure):
    live = open_figure("pooling_translation")
    live.set(shift_x=4, shift_y=4)
    for shape in ("ring", "dot", "stripes", "seven"):
        live.choose("shape", shape)
        assert live.exact("change_image") > 0


def test_thin_stripes_vanish_in_the_maximum(open_figure):
    live = open_figure("pooling_translation", state={"shape": "stripes", "window": 2, "stride": 1})
    assert live.exact("change_image") > 1.4
    assert live.exact("change_max") < 0.5
