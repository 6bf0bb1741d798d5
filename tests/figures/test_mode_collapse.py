"""Mode collapse: counts are those of the samples drawn, a round is NumPy's, the presets do what they say."""

from __future__ import annotations

import numpy as np
import pytest
import traitlets

from dlarch.figures import ModeCollapse
from tests.figures.streams import draws, layers, normal_stream, uniform_stream
from tests.figures.test_gan_one_dimension import Adam, sigmoid

CENTRES = 2 * np.stack([np.cos(np.pi * np.arange(8) / 4), np.sin(np.pi * np.arange(8) / 4)], axis=1)


def forward(network: list, x: np.ndarray) -> list[np.ndarray]:
    values = [x]
    *hidden, (w_last, b_last) = network
    for w, b in hidden:
        values.append(np.tanh(values[-1] @ w + b))
    return [*values, values[-1] @ w_last + b_last]


def backward(network: list, values: list, upstream: np.ndarray) -> tuple[list, np.ndarray]:
    gradients = []
    delta = upstream
    for (w, _), x in zip(network[::-1], values[-2::-1], strict=True):
        gradients.insert(0, [x.T @ delta, delta.sum(0)])
        delta = delta @ w.T
        if x is not values[0]:
            delta = delta * (1 - x**2)
    return gradients, delta


class Game:
    """The figure's game, again in NumPy."""

    def __init__(self, seed: int, packing: int) -> None:
        self.uniform = uniform_stream(seed)
        self.normal = normal_stream(self.uniform)
        self.G = layers([2, 24, 24, 2], 1, self.normal)
        self.D = layers([2 * packing, 24, 24, 1], 1.5, self.normal)
        self.adam_g, self.adam_d = Adam(self.G), Adam(self.D)
        self.packing = packing
        self.shown_noise = draws(normal_stream(uniform_stream(seed + 1000)), 400, 2)

    def real(self, batch: int, spread: float) -> np.ndarray:
        points = []
        for _ in range(batch):
            centre = CENTRES[int(self.uniform() * 8)]
            points.append(centre + spread * draws(self.normal, 2))
        return np.array(points)

    def round(
        self, k: int, batch: int, spread: float, rate_d: float, rate_g: float
    ) -> tuple[float, float]:
        rows = batch // self.packing
        for _ in range(k):
            real = self.real(batch, spread)
            fake = forward(self.G, draws(self.normal, batch, 2))[-1]
            x = np.concatenate([real, fake]).reshape(2 * rows, 2 * self.packing)
            values = forward(self.D, x)
            d = sigmoid(values[-1])
            is_real = (np.arange(2 * rows) < rows)[:, None]
            loss_d = -np.mean(np.log(d[is_real])) - np.mean(np.log(1 - d[~is_real]))
            self.adam_d.step(backward(self.D, values, (d - is_real) / rows)[0], rate_d)
        made = forward(self.G, draws(self.normal, batch, 2))
        judged = forward(self.D, made[-1].reshape(rows, 2 * self.packing))
        d = sigmoid(judged[-1])
        _, into = backward(self.D, judged, (d - 1) / rows)
        self.adam_g.step(backward(self.G, made, into.reshape(batch, 2))[0], rate_g)
        return loss_d, -np.mean(np.log(d))


def counts(points: np.ndarray, spread: float) -> np.ndarray:
    distances = np.linalg.norm(points[:, None] - CENTRES, axis=2)
    nearest = distances.argmin(1)[distances.min(1) <= 3 * spread]
    return np.bincount(nearest, minlength=8)


def assert_shows(live, points: np.ndarray, spread: float) -> None:
    expected = counts(points, spread)
    shown = live.shown()
    assert [shown[f"count_{mode}"] for mode in range(1, 9)] == expected.tolist()
    assert shown["covered"] == (expected >= 8).sum()
    assert shown["close"] == expected.sum()
    assert f"covers {shown['covered']:.0f} of 8 modes" in live.words()
    assert ", ".join(map(str, expected)) in live.words()


@pytest.mark.parametrize(("k", "packing"), [(1, 1), (2, 1), (1, 2), (3, 4)])
def test_rounds_are_those_of_the_algorithm(open_figure, k, packing):
    live = open_figure(
        "mode_collapse", state={"seed": 3, "batch": 32, "spread": 0.3, "learning_rate_g": 0.01}
    )
    live.key("k", "ArrowRight", times=k - 1)
    live.choose("packing", packing)
    game = Game(3, packing)
    for _ in range(3):
        live.press("round")
        loss_d, loss_g = game.round(k, 32, 0.3, 0.002, 0.01)
        assert live.exact("loss_d") == pytest.approx(loss_d, rel=1e-8)
        assert live.exact("loss_g") == pytest.approx(loss_g, rel=1e-8)
        assert_shows(live, forward(game.G, game.shown_noise)[-1], 0.3)


def test_a_hasty_generator_loses_modes_that_the_first_settings_cover(open_figure):
    live = open_figure("mode_collapse")
    live.press("rounds", times=8)
    assert live.exact("rounds") == 800
    assert live.exact("covered") == 8
    live.press("hasty")
    assert live.exact("rounds") == 0
    live.press("rounds", times=8)
    assert live.exact("covered") <= 5


def test_running_and_pausing(open_figure):
    live = open_figure("mode_collapse")
    live.press("run")
    live.page.wait_for_function(
        "() => Number(document.querySelector('[data-value=rounds]').dataset.exact) >= 10",
        timeout=60_000,
    )
    live.press("run")
    paused = live.exact("rounds")
    live.page.wait_for_timeout(300)
    assert live.exact("rounds") == paused
    assert f"After {paused:.0f} rounds" in live.words()


def test_a_batch_that_packs_do_not_fill_is_refused_with_the_reason(open_figure):
    reason = "batch must be a multiple of packing, but 130 samples cannot be judged 4 at a time"
    with pytest.raises(traitlets.TraitError, match=reason):
        ModeCollapse(batch=130, packing=4)
    figure = ModeCollapse(packing=4)
    with pytest.raises(traitlets.TraitError, match=reason):
        figure.batch = 130
    assert (figure.batch, figure.packing) == (128, 4)
    live = open_figure("mode_collapse", state={"batch": 130})
    offered = live.page.locator('[data-trait="packing"] option').all_inner_texts()
    assert offered == ["1", "2"]
    thrown = live.page.evaluate(
        """async () => {
            const { default: figure } = await import("./mode_collapse.mjs");
            const traits = { ...window.figure.defaults, batch: 130, packing: 4 };
            const model = { get: (name) => traits[name], on() {}, off() {} };
            try { figure.render({ model, el: document.createElement("div") }); }
            catch (error) { return error.message; }
        }"""
    )
    assert reason in thrown
