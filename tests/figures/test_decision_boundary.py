"""The network that draws the boundary is trained as NumPy trains it, on the points that it says."""

from __future__ import annotations

import numpy as np
import pytest

from tests.figures.streams import layers, normal_stream, uniform_stream

ACTIVATIONS = {
    "tanh": (np.tanh, lambda h: 1 - h**2, 1.0),
    "relu": (lambda a: np.maximum(a, 0), lambda h: (h > 0).astype(float), np.sqrt(2)),
}


def on_circle(centre: tuple[float, float], radius: float, turn: float) -> list[float]:
    return [centre[0] + radius * np.cos(turn), centre[1] + radius * np.sin(turn)]


def place(data: str, label: int, u: float, v: float) -> list[float]:
    if data == "moons":
        side = 1 if label else -1
        return on_circle((0.75 * side, 0.375 * side), 1.5, np.pi * (label + u))
    if data == "circles":
        return on_circle((0, 0), 0.9 * np.sqrt(v) if label else 1.4 + 0.5 * v, 2 * np.pi * u)
    side = 1 if u < 0.5 else -1
    return [side * (0.2 + 3 * (u % 0.5)), side * (-1 if label else 1) * (0.2 + 1.5 * v)]


def points(data: str, noise: float, N: int, uniform) -> tuple[np.ndarray, np.ndarray]:
    normal = normal_stream(uniform)
    y = np.arange(N) % 2
    x = np.array(
        [
            np.add(place(data, label, uniform(), uniform()), [noise * normal(), noise * normal()])
            for label in y
        ]
    )
    return x, y


class Trainer:
    """Full-batch gradient descent on the mean cross-entropy, again in NumPy."""

    def __init__(self, data, noise, hidden_layers, width, activation, seed) -> None:
        uniform = uniform_stream(2026)
        self.x, self.y = points(data, noise, 100, uniform)
        self.fresh = points(data, noise, 400, uniform)
        self.g, self.slope, gain = ACTIVATIONS[activation]
        sizes = [2, *[width] * hidden_layers, 1]
        self.network = layers(sizes, gain, normal_stream(uniform_stream(seed)))

    def values(self, x: np.ndarray) -> list[np.ndarray]:
        values = [x]
        for w, b in self.network[:-1]:
            values.append(self.g(values[-1] @ w + b))
        w, b = self.network[-1]
        return [*values, values[-1] @ w + b]

    def loss(self) -> float:
        a = self.values(self.x)[-1][:, 0]
        return np.mean(np.logaddexp(0, np.where(self.y == 1, -a, a)))

    def accuracy(self, x: np.ndarray, y: np.ndarray) -> float:
        return np.mean((self.values(x)[-1][:, 0] > 0) == (y == 1))

    def step(self, learning_rate: float) -> None:
        values = self.values(self.x)
        delta = (1 / (1 + np.exp(-values[-1])) - self.y[:, None]) / len(self.y)
        for i in range(len(self.network) - 1, -1, -1):
            w, b = self.network[i]
            gradients = values[i].T @ delta, delta.sum(0)
            delta = (delta @ w.T) * self.slope(values[i])
            self.network[i] = [w - learning_rate * gradients[0], b - learning_rate * gradients[1]]


def assert_shows(live, trainer: Trainer, steps: int) -> None:
    assert live.exact("steps") == steps
    assert live.exact("loss") == pytest.approx(trainer.loss(), rel=1e-7)
    assert live.exact("accuracy") == pytest.approx(trainer.accuracy(trainer.x, trainer.y))
    assert live.exact("accuracy_fresh") == pytest.approx(trainer.accuracy(*trainer.fresh))
    assert live.exact("parameters") == sum(w.size + b.size for w, b in trainer.network)
    assert f"after {steps} steps the loss is {trainer.loss():.4f} nats" in live.words()


@pytest.mark.parametrize("data", ["moons", "circles", "xor"])
@pytest.mark.parametrize(
    ("hidden_layers", "width", "activation"), [(1, 5, "tanh"), (2, 3, "relu"), (2, 7, "tanh")]
)
def test_training_is_numpys(open_figure, data, hidden_layers, width, activation):
    live = open_figure("decision_boundary", state={"width": width, "noise": 0.25, "seed": 4})
    live.choose("data", data)
    live.choose("hidden_layers", hidden_layers)
    live.choose("activation", activation)
    live.set(learning_rate=0.3)
    trainer = Trainer(data, 0.25, hidden_layers, width, activation, 4)
    assert_shows(live, trainer, 0)
    for steps in (1, 2):
        live.press("step")
        trainer.step(0.3)
        assert_shows(live, trainer, steps)
    live.press("steps")
    for _ in range(100):
        trainer.step(0.3)
    assert_shows(live, trainer, 102)


def test_one_hidden_unit_cannot_do_what_a_few_can(open_figure):
    live = open_figure("decision_boundary", state={"noise": 0.1, "width": 1})
    live.choose("data", "circles")
    live.press("steps", times=8)
    assert live.exact("accuracy") < 0.8
    live.key("width", "ArrowRight", times=5)
    assert live.exact("steps") == 0
    live.press("steps", times=8)
    assert live.exact("accuracy") == 1


def test_the_boundary_lies_where_the_network_gives_one_half(open_figure):
    """The drawn line, read back from the picture, lies on zeros of NumPy's network."""
    live = open_figure("decision_boundary", state={"learning_rate": 0.5})
    live.press("steps", times=2)
    trainer = Trainer("moons", 0.15, 1, 6, "tanh", 1)
    for _ in range(200):
        trainer.step(0.5)
    drawn, left, right, top, bottom = live.page.evaluate(
        """() => {
            const picture = document.querySelector(".dla-boundary svg[role=img]");
            const line = picture.querySelector("path[stroke='var(--dla-ink)']");
            const [width, height] = picture.getAttribute("viewBox").split(" ").slice(2).map(Number);
            return [line.getAttribute("d"), 44, width - 10, 12, height - 40];
        }"""
    )
    pairs = np.array(
        [piece.split() for piece in drawn.replace("L", "M").split("M") if piece], float
    )
    assert len(pairs) > 60
    x1 = -3 + 6 * (pairs[:, 0] - left) / (right - left)
    x2 = 3 - 6 * (pairs[:, 1] - top) / (bottom - top)
    p = 1 / (1 + np.exp(-trainer.values(np.stack([x1, x2], 1))[-1]))
    assert np.abs(p - 0.5).max() < 0.05


def test_running_pausing_and_starting_again(open_figure):
    live = open_figure("decision_boundary")
    first = live.exact("loss")
    live.press("run")
    live.page.wait_for_function(
        "() => Number(document.querySelector('[data-value=steps]').dataset.exact) >= 30",
        timeout=60_000,
    )
    live.press("run")
    paused = live.exact("steps")
    live.page.wait_for_timeout(300)
    assert live.exact("steps") == paused
    assert f"after {paused:.0f} steps" in live.words()
    live.press("reset")
    assert (live.exact("steps"), live.exact("loss")) == (0, first)
    live.press("reseed")
    assert live.exact("loss") != first
