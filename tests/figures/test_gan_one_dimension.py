"""The one-dimensional GAN makes the steps that NumPy makes from the same seed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import rel_entr
from scipy.stats import norm

from tests.figures.streams import draws, layers, normal_stream, uniform_stream

MIXTURES = {"one": [(1.5, 0.6)], "two": [(-1.6, 0.5), (1.6, 0.5)]}
CENTRES = -5 + 0.1 * (np.arange(100) + 0.5)


def sigmoid(a: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-a))


class Adam:
    """Kingma and Ba (2015), algorithm 1, β₁ = 0.5, β₂ = 0.999, ε = 1e-8."""

    def __init__(self, network: list) -> None:
        self.network, self.t = network, 0
        self.m = [[np.zeros_like(part) for part in layer] for layer in network]
        self.v = [[np.zeros_like(part) for part in layer] for layer in network]

    def step(self, gradients: list, rate: float) -> None:
        self.t += 1
        for layer, m, v, parts in zip(self.network, self.m, self.v, gradients, strict=True):
            for i, gradient in enumerate(parts):
                m[i] = 0.5 * m[i] + 0.5 * gradient
                v[i] = 0.999 * v[i] + 0.001 * gradient**2
                m_hat, v_hat = m[i] / (1 - 0.5**self.t), v[i] / (1 - 0.999**self.t)
                layer[i] = layer[i] - rate * m_hat / (np.sqrt(v_hat) + 1e-8)


def forward(network: list, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    (w1, b1), (w2, b2) = network
    h = np.tanh(x[:, None] @ w1 + b1)
    return h, (h @ w2 + b2)[:, 0]


def backward(
    network: list, x: np.ndarray, h: np.ndarray, upstream: np.ndarray
) -> tuple[list, np.ndarray]:
    (w1, _), (w2, _) = network
    delta = (upstream[:, None] @ w2.T) * (1 - h**2)
    gradients = [
        [x[None] @ delta, delta.sum(0)],
        [h.T @ upstream[:, None], upstream.sum(keepdims=True)],
    ]
    return gradients, (delta @ w1.T)[:, 0]


class Game:
    """The figure's game, again in NumPy."""

    def __init__(self, seed: int) -> None:
        self.uniform = uniform_stream(seed)
        self.normal = normal_stream(self.uniform)
        self.G = self._spread(layers([1, 16, 1], 1, self.normal), 2)
        self.G[1][0] = 0.2 * self.G[1][0]
        self.G[1][1] = np.array([-1.5])
        self.D = self._spread(layers([1, 24, 1], 1.5, self.normal), 4)
        self.adam_g, self.adam_d = Adam(self.G), Adam(self.D)

    def _spread(self, network: list, reach: float) -> list:
        uniform = draws(self.uniform, network[0][1].size)
        network[0][1] = -network[0][0][0] * reach * (2 * uniform - 1)
        return network

    def generate(self, z: np.ndarray) -> np.ndarray:
        return z + forward(self.G, z)[1]

    def step_d(self, data: str, batch: int, rate: float) -> float:
        modes = MIXTURES[data]
        real = []
        for _ in range(batch):
            mean, sigma = modes[int(self.uniform() * len(modes))]
            real.append(mean + sigma * self.normal())
        x = np.concatenate([real, self.generate(draws(self.normal, batch))])
        h, a = forward(self.D, x)
        is_real = np.arange(2 * batch) < batch
        loss = -np.mean(np.log(sigmoid(a[is_real]))) - np.mean(np.log(1 - sigmoid(a[~is_real])))
        self.adam_d.step(backward(self.D, x, h, (sigmoid(a) - is_real) / batch)[0], rate)
        return loss

    def step_g(self, batch: int, rate: float, saturating: bool) -> float:
        z = draws(self.normal, batch)
        h_g, shift = forward(self.G, z)
        x = z + shift
        h_d, a = forward(self.D, x)
        d = sigmoid(a)
        loss = np.mean(np.log(1 - d)) if saturating else -np.mean(np.log(d))
        upstream = (-d if saturating else d - 1) / batch
        _, into_x = backward(self.D, x, h_d, upstream)
        self.adam_g.step(backward(self.G, z, h_g, into_x)[0], rate)
        return loss

    def densities(self, data: str) -> tuple[np.ndarray, np.ndarray]:
        """p_data at the bin centres; p_g as the share of 2000 intervals of z that lands in each bin."""
        p_data = np.mean([norm.pdf(CENTRES, mean, sigma) for mean, sigma in MIXTURES[data]], axis=0)
        z = -4 + 0.004 * np.arange(2001)
        mass = 0.004 * norm.pdf(z[:-1] + 0.002)
        x = self.generate(z)
        low, high = np.minimum(x[:-1], x[1:]), np.maximum(x[:-1], x[1:])
        high = np.maximum(high, low + 1e-9)
        left = (CENTRES - 0.05)[:, None]
        overlap = np.clip(np.minimum(high, left + 0.1) - np.maximum(low, left), 0, None)
        return p_data, (overlap / (high - low) * mass).sum(axis=1) / 0.1


def assert_shows(live, game: Game, data: str) -> None:
    p_data, p_g = game.densities(data)
    bin_ = round((live.get("x") + 5) / 0.1 - 0.5)
    assert live.exact("p_data") == pytest.approx(p_data[bin_], rel=1e-9)
    assert live.exact("p_g") == pytest.approx(p_g[bin_], rel=1e-6, abs=1e-12)
    assert live.exact("d") == pytest.approx(sigmoid(forward(game.D, CENTRES)[1])[bin_], rel=1e-7)
    assert live.exact("d_best") == pytest.approx(
        p_data[bin_] / (p_data[bin_] + p_g[bin_]), rel=1e-6
    )
    middle = (p_data + p_g) / 2
    jsd = 0.05 * np.sum(rel_entr(p_data, middle) + rel_entr(p_g, middle))
    assert live.exact("jsd") == pytest.approx(jsd, rel=1e-6)
    assert live.exact("game_value") == pytest.approx(2 * jsd - math.log(4), rel=1e-6)
    g = game.generate(np.array([-1.0, 0.0, 1.0]))
    for name, image in zip(("g_minus_1", "g_0", "g_1"), g, strict=True):
        assert live.exact(name) == pytest.approx(image, rel=1e-7)


def test_the_start_is_numpys(open_figure):
    assert_shows(open_figure("gan_one_dimension"), Game(1), "one")


@pytest.mark.parametrize("loss", ["non-saturating", "saturating"])
@pytest.mark.parametrize("data", ["one", "two"])
def test_rounds_are_those_of_the_algorithm(open_figure, data, loss):
    live = open_figure("gan_one_dimension", state={"seed": 5, "k": 2, "batch": 32})
    live.choose("loss", loss)
    live.choose("data", data)
    game = Game(5)
    for _ in range(3):
        live.press("round")
        losses_d = [game.step_d(data, 32, 0.02) for _ in range(2)]
        loss_g = game.step_g(32, 0.005, loss == "saturating")
        assert live.exact("loss_d") == pytest.approx(losses_d[-1], rel=1e-8)
        assert live.exact("loss_g") == pytest.approx(loss_g, rel=1e-8)
        assert_shows(live, game, data)
    assert live.exact("rounds") == 3


def test_single_turns_change_one_player_only(open_figure):
    live = open_figure("gan_one_dimension")
    start = live.shown()
    live.press("step-d")
    after_d = live.shown()
    assert after_d["g_0"] == start["g_0"]
    assert after_d["d"] != start["d"]
    live.press("step-g")
    after_g = live.shown()
    assert after_g["d"] == after_d["d"]
    assert after_g["g_0"] != after_d["g_0"]


def test_the_discriminator_alone_comes_close_to_its_best(open_figure):
    live = open_figure("gan_one_dimension")
    before = abs(live.exact("d") - live.exact("d_best"))
    live.press("train-d", times=3)
    assert abs(live.exact("d") - live.exact("d_best")) < min(0.05, before)


def test_running_brings_the_densities_together_and_reset_starts_again(open_figure):
    live = open_figure("gan_one_dimension")
    start = live.exact("jsd")
    live.press("run")
    live.page.wait_for_function(
        "() => Number(document.querySelector('[data-value=rounds]').dataset.exact) >= 240",
        timeout=60_000,
    )
    live.press("run")
    assert live.exact("jsd") < 0.1 * start
    assert f"After {live.exact('rounds'):.0f} rounds" in live.words()
    live.press("reset")
    assert live.exact("jsd") == start
    assert live.exact("rounds") == 0


def test_the_cursor_moves_by_keyboard(open_figure):
    live = open_figure("gan_one_dimension")
    live.key("x", "ArrowLeft", times=4)
    assert live.get("x") == pytest.approx(0.65)
    assert_shows(live, Game(1), "one")
    assert "At x = 0.65" in live.words()
