"""What exercises of chapter 06 share."""

import numpy as np

from dlarch.plain import PlainData

PAGE = "06_regularization.html#regularization-"


def draw_dropped(random, name, shape, p, training=True):
    """Draw activations of mean 3, one of them negative, and a mask whose share of kept units is not 1 − p."""
    mask = random.random(shape) >= p
    while abs(mask.mean() - (1 - p)) < 0.02 or mask.all() or not mask[..., 0].any():
        mask = random.random(shape) >= p
    x = 3 + random.normal(size=shape)
    x.flat[-1] = -1 - random.random()
    return {name: x, "mask": mask, "p": p, "training": training}


def add_dropout_cases(exercise, name):
    @exercise.case("a layer, p = 0.2")
    def _(random) -> dict[str, PlainData]:
        return draw_dropped(random, name, (5, 4), 0.2)

    @exercise.case("one example, p = 0.8")
    def _(random) -> dict[str, PlainData]:
        return draw_dropped(random, name, (1, 9), 0.8)

    @exercise.case("feature maps, p = 0.4")
    def _(random) -> dict[str, PlainData]:
        return draw_dropped(random, name, (2, 3, 4, 5), 0.4)

    @exercise.case("after training")
    def _(random) -> dict[str, PlainData]:
        return draw_dropped(random, name, (6, 3), 0.3, training=False)

    def keep_all(random, *shape):
        x = random.normal(size=shape)
        return {name: x, "mask": np.ones(shape, dtype=bool), "p": 0.0, "training": True}

    @exercise.case("nothing is dropped: p = 0")
    def _(random) -> dict[str, PlainData]:
        return keep_all(random, 2, 3)

    @exercise.case("nothing is dropped, more units", secret=True)
    def _(random) -> dict[str, PlainData]:
        return keep_all(random, 4, 7)

    @exercise.case("after training, many units", secret=True)
    def _(random) -> dict[str, PlainData]:
        return draw_dropped(random, name, (31, 57), 0.7, training=False)

    @exercise.case("many units", secret=True)
    def _(random) -> dict[str, PlainData]:
        return draw_dropped(random, name, (53, 37), 0.35)


def draw_scale(random, D):
    """Draw scales of both signs, away from 1 and −1."""
    return random.uniform(1.3, 2.5, size=D) * random.choice([-1, 1], size=D)


def draw_pictures(random, N, H, W):
    return random.uniform(0.1, 1, size=(N, H, W))
