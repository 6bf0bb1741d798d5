"""The boxes are those of NumPy."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.mark.parametrize(
    ("angle", "scale", "shift", "flip"),
    [(30, 1.0, 0, False), (-50, 0.7, 5, True), (90, 1.25, -3, False)],
)
def test_boxes_agree_with_numpy(open_figure, angle, scale, shift, flip):
    live = open_figure("augmented_box")
    live.set(angle=angle, scale=scale, shift=shift, flip=flip)
    a = np.deg2rad(angle)
    turn = (
        scale
        * np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
        @ np.diag([1 - 2 * flip, 1])
    )
    corners = np.abs(turn) @ [9, 16]
    tight = np.sqrt(turn**2 @ [9**2, 16**2])  # half the sides of a turned ellipse
    for name, half in (("corners", corners), ("tight", tight)):
        assert live.exact(f"{name}_width") == pytest.approx(2 * half[0], rel=1e-4)
        assert live.exact(f"{name}_height") == pytest.approx(2 * half[1], rel=1e-4)
    assert live.exact("overlap") == pytest.approx(np.prod(tight) / np.prod(corners), rel=1e-4)
    assert live.exact("tight_left") == pytest.approx(32 + shift - tight[0], rel=1e-4)


def test_only_quarter_turns_leave_the_box_tight_and_words_follow(open_figure):
    live = open_figure("augmented_box")
    live.choose("shape", "bar")
    live.set(angle=0)
    assert "Both boxes are the same" in live.words()
    live.set(angle=90)
    assert live.exact("overlap") == pytest.approx(1)
    live.choose("shape", "triangle")
    live.set(angle=45)
    assert live.exact("overlap") < 0.75
    assert "false at an overlap" in live.words()
