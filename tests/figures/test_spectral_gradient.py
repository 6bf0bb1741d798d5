"""The norms are those of a recurrent network of two units in NumPy."""

from __future__ import annotations

import numpy as np
import pytest


def norms(radius, turn, bend, steps, activation):
    angle = np.deg2rad(turn)
    round_turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    U = radius * np.diag([bend, 1]) @ round_turn @ np.diag([1 / bend, 1])
    assert np.abs(np.linalg.eigvals(U)).max() == pytest.approx(radius)
    h, steps_back = np.array([0.8, 0.1]), []
    for _ in range(steps):
        h = h @ U if activation == "linear" else np.tanh(h @ U)
        steps_back.append(U if activation == "linear" else U @ np.diag(1 - h**2))
    found, jacobian = [1.0], np.eye(2)
    for step in steps_back[::-1]:
        jacobian = step @ jacobian
        found.append(np.linalg.norm(jacobian, 2))
    return found[::-1], np.linalg.norm(U, 2)


@pytest.mark.parametrize(
    ("radius", "turn", "bend", "steps"), [(0.9, 35, 1.0, 12), (1.2, 90, 3.5, 30), (1.0, 0, 1.0, 7)]
)
def test_norms_are_numpys(open_figure, radius, turn, bend, steps):
    live = open_figure("spectral_gradient")
    live.set(radius=radius, turn=turn, bend=bend, steps=steps)
    shown = live.all_exact()
    for activation in ("linear", "tanh"):
        expected, norm_u = norms(radius, turn, bend, steps, activation)
        for t, norm in enumerate(expected):
            assert shown[f"norm_{activation}_{t}"] == pytest.approx(norm, rel=1e-8)
        assert shown["norm_u"] == pytest.approx(norm_u, rel=1e-8)
        live.choose("activation", activation)
        assert live.exact("norm_first") == pytest.approx(expected[0], rel=1e-8)
        assert live.exact("norm_largest") == pytest.approx(max(expected), rel=1e-8)


def test_controls_work_by_keyboard_and_words_follow(open_figure):
    live = open_figure("spectral_gradient")
    assert "vanishes" in live.words()
    live.key("radius", "ArrowRight", times=5)
    assert live.get("radius") == pytest.approx(1.0)
    assert "keeps about its size" in live.words()
    live.key("radius", "ArrowRight", times=10)
    assert "explodes" in live.words()
    live.choose("activation", "tanh")
    assert "explodes" not in live.words()
    live.set(activation="linear", radius=0.95, turn=90, bend=5.0)
    assert "On the way" in live.words()


def test_the_path_of_stretched_circles_stays_in_the_picture(open_figure):
    live = open_figure("spectral_gradient")
    live.set(radius=0.95, turn=5, bend=5.0, steps=40)
    frame, path = live.page.evaluate(
        """() => {
            const plane = [...document.querySelectorAll(".dla-columns svg")].at(-1);
            const box = (of) => { const { top, bottom } = of.getBoundingClientRect(); return [top, bottom]; };
            return [box(plane), [...plane.querySelectorAll("circle")].map(box)];
        }"""
    )
    assert len(path) == 41
    assert all(frame[0] <= top and bottom <= frame[1] for top, bottom in path)
