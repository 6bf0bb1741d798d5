"""The network of bumps and its largest error are NumPy's; the theorem's promise is seen, and its limit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

X = np.arange(2001) / 2000
TARGETS = {
    "wave": lambda x: 0.5 - 0.3 * np.cos(2 * np.pi * x) + 0.12 * np.cos(6 * np.pi * x),
    "root": lambda x: np.sqrt(np.abs(x - 0.3)),
    "jump": lambda x: np.where(x < 0.62, 0.25, 0.85),
}


def network(target: str, n: int, steepness: float) -> np.ndarray:
    """One hidden layer of 2n sigmoid units, as matrices."""
    edges = np.arange(n + 1) / n
    left, right = edges[:-1].copy(), edges[1:].copy()
    left[0], right[-1] = -1, 2
    heights = TARGETS[target]((np.arange(n) + 0.5) / n)
    W1 = np.full((1, 2 * n), steepness)
    b1 = -steepness * np.concatenate([left, right])
    W2 = np.concatenate([heights, -heights])
    return expit(X[:, None] @ W1 + b1) @ W2


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("n", "steepness"), [(1, 10), (7, 63.1), (24, 2000), (60, 200)])
def test_the_largest_error_is_numpys(open_figure, target, n, steepness):
    live = open_figure("sum_of_bumps")
    live.choose("target", target)
    live.set(bumps=n, steepness=steepness)
    output, truth = network(target, n, steepness), TARGETS[target](X)
    error = np.abs(output - truth)
    assert live.exact("error") == pytest.approx(error.max(), rel=1e-9)
    at = round(live.exact("error_at") * 2000)
    assert error[at] == pytest.approx(error.max(), rel=1e-9)
    assert live.exact("target_there") == pytest.approx(truth[at], abs=1e-12)
    assert live.exact("network_there") == pytest.approx(output[at], abs=1e-12)
    assert (live.exact("units"), live.exact("parameters")) == (2 * n, 6 * n)
    assert f"the largest error on 2001 points is {error.max():.4f}" in live.words()


def test_more_bumps_come_as_close_as_wanted_to_a_continuous_target_only(open_figure):
    live = open_figure("sum_of_bumps", state={"steepness": 2000})
    errors = []
    for n in (5, 15, 60):
        live.set(bumps=n)
        errors.append(live.exact("error"))
    assert errors[0] > 2 * errors[1] > 4 * errors[2]
    live.choose("target", "jump")
    for n in (5, 15, 60):
        live.set(bumps=n)
        assert live.exact("error") >= 0.295
    assert "no continuous network" in live.words()


def test_the_sliders_work_by_keyboard_and_the_bump_stays_among_the_bumps(open_figure):
    live = open_figure("sum_of_bumps")
    live.key("bump", "End")
    assert live.get("bump") == 8
    live.key("bumps", "Home")
    assert live.get("bumps") == 1
    assert live.exact("height") == TARGETS["wave"](0.5)
    live.key("bumps", "ArrowRight", times=4)
    assert live.exact("height") == pytest.approx(TARGETS["wave"](0.9))
    live.key("bump", "ArrowLeft", times=2)
    assert live.get("bump") == 3
    live.key("steepness", "Home")
    assert live.get("steepness") == 10
    live.key("steepness", "ArrowRight", times=20)
    assert live.get("steepness") == pytest.approx(100)
    assert "steepness 100" in live.words()
    live.key("steepness", "End")
    assert live.get("steepness") == pytest.approx(2000, rel=0.1)
