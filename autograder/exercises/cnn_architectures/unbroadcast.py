import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.cnn_architectures.shared import PAGE
from autograder.exercises.shared import as_tensor

unbroadcast = Exercise(
    "unbroadcast",
    signature="unbroadcast(gradient: array float64, shape: tuple of ints) -> array of that shape",
    outputs=("gradient",),
    points=2,
    forbids=("torch",),
    section=f"{PAGE}broadcasting",
)


def _case(random, stretched, shape):
    return {"gradient": random.normal(0.5, 1, size=stretched), "shape": tuple(shape)}


@unbroadcast.case("a bias under a batch")
def _(random):
    return _case(random, (5, 3), (3,))


@unbroadcast.case("a column beside a matrix")
def _(random):
    return _case(random, (4, 3), (4, 1))


@unbroadcast.case("new axes in front and two axes of size one")
def _(random):
    return _case(random, (2, 6, 4, 5, 3), (4, 1, 3))


@unbroadcast.case("nothing was stretched")
def _(random):
    return _case(random, (3, 2), (3, 2))


@unbroadcast.case("one number under a matrix")
def _(random):
    return _case(random, (4, 3), ())


@unbroadcast.case("a square: the row goes under every row")
def _(random):
    return _case(random, (3, 3), (3,))


@unbroadcast.case("an axis of size one that was not stretched")
def _(random):
    return _case(random, (4, 1, 5), (1, 5))


@unbroadcast.case("a batch of one")
def _(random):
    return _case(random, (1, 1, 2, 1), (1, 2, 1))


@unbroadcast.case("large", secret=True)
def _(random):
    sides = [int(side) for side in random.integers(2, 7, size=4)]
    return _case(random, sides, (sides[1], 1, sides[3]))


@unbroadcast.reference
def _(gradient, shape):
    g = as_tensor(gradient)
    return np.asarray(g.sum_to_size(shape).numpy())


def _axes(gradient, shape):
    """Axes in front that the operand did not have, and axes where it had size one."""
    new = gradient.ndim - len(shape)
    return tuple(range(new)), tuple(new + i for i, side in enumerate(shape) if side == 1)


@unbroadcast.mistake(
    "averaged",
    "You average over the copies. Each copy adds its own share to the loss, so their gradients add up.",
)
def _(gradient, shape):
    return gradient.mean(axis=sum(_axes(gradient, shape), ())).reshape(shape)


@unbroadcast.mistake(
    "first_copy_only",
    "You keep the gradient of one copy and drop the others. Every place where the value was used asks for something.",
)
def _(gradient, shape):
    new, ones = _axes(gradient, shape)
    taken = gradient[(0,) * len(new)]
    for axis in ones:
        taken = taken.take([0], axis=axis - len(new))
    return taken.reshape(shape)


@unbroadcast.mistake("first_copy_only")
def _(gradient, shape):
    new, ones = _axes(gradient, shape)
    taken = gradient[(-1,) * len(new)]
    for axis in ones:
        taken = taken.take([-1], axis=axis - len(new))
    return taken.reshape(shape)


@unbroadcast.mistake(
    "new_axes_only",
    "You add up over the axes in front that broadcasting made. An axis of size one inside the shape is stretched too.",
)
def _(gradient, shape):
    return gradient.sum(axis=_axes(gradient, shape)[0])


@unbroadcast.mistake(
    "ones_only",
    "You add up over the axes of size one. Axes in front that the operand did not have were made by stretching too.",
)
def _(gradient, shape):
    return gradient.sum(axis=_axes(gradient, shape)[1], keepdims=True)


@unbroadcast.mistake(
    "axis_dropped",
    "An axis of size one is gone from your result: a gradient has exactly the shape of what it belongs to.",
)
def _(gradient, shape):
    return gradient.sum(axis=sum(_axes(gradient, shape), ()))


@unbroadcast.mistake(
    "aligned_from_the_left",
    "You line the two shapes up from the left. Broadcasting lines them up from the right, so new axes are in front.",
)
def _(gradient, shape):
    extra = tuple(range(len(shape), gradient.ndim))
    ones = tuple(i for i, side in enumerate(shape) if side == 1)
    summed = gradient.sum(axis=extra).sum(axis=ones, keepdims=True)
    return summed if summed.shape == shape else np.resize(summed, shape)


@unbroadcast.mistake("aligned_from_the_left")
def _(gradient, shape):
    while gradient.ndim > len(shape):
        gradient = gradient.sum(axis=-1)
    ones = tuple(i for i, side in enumerate(shape) if side == 1)
    return gradient.sum(axis=ones, keepdims=True)


@unbroadcast.mistake(
    "everything_added",
    "You add up the whole array: each entry of the operand gets only what its own copies ask for.",
)
def _(gradient, shape):
    return np.full(shape, gradient.sum())


@unbroadcast.alternative
def with_loops_over_axes(gradient, shape):
    while gradient.ndim > len(shape):
        gradient = gradient.sum(axis=0)
    for axis, side in enumerate(shape):
        if side == 1:
            gradient = gradient.sum(axis=axis, keepdims=True)
    return gradient


@unbroadcast.alternative
def with_one_sum(gradient, shape):
    padded = (1,) * (gradient.ndim - len(shape)) + tuple(shape)
    axes = tuple(i for i, side in enumerate(padded) if side == 1)
    return gradient.sum(axis=axes).reshape(shape)


@unbroadcast.alternative
def by_adding_at_each_place(gradient, shape):
    out = np.zeros(shape)
    places = np.broadcast_to(np.arange(out.size).reshape(shape), gradient.shape)
    np.add.at(out.reshape(-1), places.ravel(), gradient.ravel())
    return out
