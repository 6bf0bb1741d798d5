"""What exercises of chapter 02 share."""

import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.shared import LIBRARIES, as_tensor
from dlarch.plain import PlainData

PAGE = "02_neuron.html#neuron-"


def logistic(a):
    return (1 + np.tanh(a / 2)) / 2


HIDING = ("errstate", "seterr")
"""What would hide an overflow from NumPy, where overflow counts as an error."""


def draw_moderate(random) -> dict[str, PlainData]:
    return {"a": random.uniform(0.2, 3, size=(3, 4)) * random.choice([-1, 1], size=(3, 4))}


def draw_large(sign):
    def draw(random) -> dict[str, PlainData]:
        return {"a": sign * np.array([1000.0, 750.0, 40.0, 1.5, 0.25]) * random.uniform(0.99, 1)}

    return draw


def draw_near_zero(zero):
    """Draw values down to 1e-8 from 0 on both sides, and 0 itself where the function is asked there."""

    def draw(random) -> dict[str, PlainData]:
        near = random.uniform(0.5, 1, size=4) * [1e-8, -1e-8, 1e-3, -1e-3]
        return {"a": random.permutation([*near, 0.4, -0.4, *([0.0, 0.0] if zero else [])])}

    return draw


def draw_three_axes(*shape):
    return lambda random: {"a": random.normal(scale=30, size=shape)}


def draw_one(random) -> dict[str, PlainData]:
    return {"a": random.choice([-1, 1], size=1) * random.uniform(0.3, 2)}


def add_cases(exercise, zero=True, **arguments):
    """Give an activation, or its slope, its cases.

    Args:
        exercise: the activation's, or the slope's.
        zero: whether the task asks for the value at 0.
        arguments: the function's others; the name of a case begins with them.
    """

    def add(name, draw, secret=False):
        name = ": ".join([*map(str, arguments.values()), name])
        exercise.case(name, secret=secret)(lambda random: {**draw(random), **arguments})

    add("moderate values", draw_moderate)
    add("up to +1000", draw_large(1))
    add("down to −1000", draw_large(-1))
    add("zero and close to it" if zero else "close to zero", draw_near_zero(zero))
    add("three axes", draw_three_axes(2, 1, 3))
    add("one value", draw_one)
    add("many values", draw_three_axes(4, 5, 7), secret=True)
    add("another value", draw_one, secret=True)


def kernel_value(a, name):
    from autograder.kernels.activations import activation

    return activation(as_tensor(a), name).numpy()


def kernel_slope(a, name):
    import torch

    from autograder.kernels.activations import activation

    a = as_tensor(a).requires_grad_(True)
    h = activation(a, name)
    return torch.autograd.grad(h, a, torch.ones_like(h))[0].numpy()


def declare_activation(name, section, form="write"):
    return Exercise(
        name,
        signature=f"{name}(a: any shape float64) -> h: shape of a float64",
        outputs=("h",),
        points=1,
        form=form,
        driver="neuron.without_overflow",
        uses=("sigmoid",) if name == "tanh" else (),
        forbids=(*LIBRARIES, *(() if name == "relu" else ("tanh", "arctanh", *HIDING))),
        section=PAGE + section,
    )
