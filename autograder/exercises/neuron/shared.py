"""What exercises of chapter 02 share."""

import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.shared import LIBRARIES, as_tensor
from dlarch.plain import PlainData

PAGE = "02_neuron.html#neuron-"


def logistic(a):
    return (1 + np.tanh(a / 2)) / 2


MODERATE = "moderate values"
POSITIVE = "up to +1000"
NEGATIVE = "down to −1000"


def draw_moderate(random) -> dict[str, PlainData]:
    return {"a": random.uniform(0.2, 3, size=(3, 4)) * random.choice([-1, 1], size=(3, 4))}


def draw_large(sign):
    def draw(random) -> dict[str, PlainData]:
        return {"a": sign * np.array([1000.0, 750.0, 40.0, 1.5, 0.25]) * random.uniform(0.99, 1)}

    return draw


def draw_three_axes(random) -> dict[str, PlainData]:
    return {"a": random.normal(scale=30, size=(2, 5, 3))}


def add_cases(exercise):
    exercise.case(MODERATE)(draw_moderate)
    exercise.case(POSITIVE)(draw_large(1))
    exercise.case(NEGATIVE)(draw_large(-1))
    exercise.case("three axes", secret=True)(draw_three_axes)
    exercise.case("one value", secret=True)(lambda random: {"a": random.normal(size=1)})


def kernel_value(a, name):
    from autograder.kernels.activations import activation

    return activation(as_tensor(a), name).numpy()


def kernel_slope(a, name):
    import torch

    from autograder.kernels.activations import activation

    a = as_tensor(a).requires_grad_(True)
    h = activation(a, name)
    return torch.autograd.grad(h, a, torch.ones_like(h))[0].numpy()


def declare_activation(name, section):
    return Exercise(
        name,
        signature=f"{name}(a: any shape float64) -> h: shape of a float64",
        outputs=("h",),
        points=1,
        driver="neuron.without_overflow",
        uses=("sigmoid",) if name == "tanh" else (),
        forbids=(*LIBRARIES, *(() if name == "relu" else ("tanh", "arctanh"))),
        section=PAGE + section,
    )


def declare_derivative(name, section):
    return Exercise(
        f"{name}_derivative",
        signature=f"{name}_derivative(a: any shape float64) -> slope: shape of a float64",
        outputs=("slope",),
        points=1,
        driver="neuron.without_overflow",
        uses=(name,),
        forbids=LIBRARIES,
        section=PAGE + section,
    )
