import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.cnn_architectures.shared import PAGE
from autograder.exercises.shared import as_tensor

global_average_pool = Exercise(
    "global_average_pool",
    signature="global_average_pool(x: (N, C, H, W) float64) -> (N, C) float64",
    outputs=("y",),
    points=1,
    forbids=("torch",),
    form="transcribe",
    section=f"{PAGE}global-pooling",
)


def _case(random, *shape):
    return {"x": random.normal(1, 2, size=shape)}


@global_average_pool.case("a map that is not square")
def _(random):
    return _case(random, 3, 2, 4, 5)


@global_average_pool.case("a map of one pixel")
def _(random):
    return _case(random, 2, 5, 1, 1)


@global_average_pool.case("one image, one channel")
def _(random):
    return _case(random, 1, 1, 3, 7)


@global_average_pool.case("as many images as channels, a square map")
def _(random):
    return _case(random, 3, 3, 3, 3)


@global_average_pool.case("large", secret=True)
def _(random):
    return _case(random, 6, 9, int(random.integers(8, 15)), 11)


@global_average_pool.reference
def _(x):
    from autograder.kernels.pooling import average_pool2d

    return average_pool2d(as_tensor(x), x.shape[2:])[:, :, 0, 0].numpy()


@global_average_pool.mistake(
    "summed",
    "You add up the places of a map: the mean is asked for, which does not grow with the image.",
)
def _(x):
    return x.sum(axis=(2, 3))


@global_average_pool.mistake(
    "maximum",
    "You take the largest value of each map: that is global max pooling.",
)
def _(x):
    return x.max(axis=(2, 3))


@global_average_pool.mistake(
    "over_channels",
    "Your mean goes over the channels: each channel keeps a number of its own.",
)
def _(x):
    return x.mean(axis=1)


@global_average_pool.mistake("over_channels")
def _(x):
    return np.broadcast_to(x.mean(axis=(1, 2, 3))[:, None], x.shape[:2])


@global_average_pool.mistake(
    "over_the_batch",
    "Your mean goes over the images too: each image keeps numbers of its own.",
)
def _(x):
    return x.mean(axis=(0, 2, 3))


@global_average_pool.mistake("over_the_batch")
def _(x):
    return np.broadcast_to(x.mean(axis=(0, 2, 3)), x.shape[:2])


@global_average_pool.mistake(
    "square_assumed",
    "You divide by the square of one side: a map may be wider than high.",
)
def _(x):
    return x.sum(axis=(2, 3)) / x.shape[2] ** 2


@global_average_pool.mistake("square_assumed")
def _(x):
    return x.sum(axis=(2, 3)) / x.shape[3] ** 2


@global_average_pool.mistake(
    "axes_kept",
    "Your result still has axes for rows and columns, of size one: the result has shape (N, C).",
)
def _(x):
    return x.mean(axis=(2, 3), keepdims=True)


@global_average_pool.mistake(
    "one_axis_only",
    "You average over one of the two axes of the map.",
)
def _(x):
    return x.mean(axis=3)


@global_average_pool.mistake("one_axis_only")
def _(x):
    return x.mean(axis=2)


@global_average_pool.alternative
def in_two_steps(x):
    return x.mean(axis=3).mean(axis=-1)


@global_average_pool.alternative
def flattened(x):
    N, C, H, W = x.shape
    return x.reshape(N, C, -1) @ np.full(H * W, 1 / (H * W))


@global_average_pool.alternative
def with_loops(x):
    return np.array([[channel.mean() for channel in image] for image in x])
