import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.regularization.shared import PAGE, draw_pictures
from autograder.exercises.shared import LIBRARIES, as_tensor
from dlarch.plain import PlainData

horizontal_flip = Exercise(
    "horizontal_flip",
    signature="horizontal_flip(images: (N, H, W) float64, flips: (N,) bool) -> flipped: (N, H, W) float64",
    outputs=("flipped",),
    points=1,
    forbids=LIBRARIES,
    section=PAGE + "augmentation",
)


@horizontal_flip.case("some of the images")
def _(random) -> dict[str, PlainData]:
    flips = random.permutation(np.array([True, True, False, False, False]))
    return {"images": draw_pictures(random, 5, 3, 4), "flips": flips}


@horizontal_flip.case("one image, flipped")
def _(random) -> dict[str, PlainData]:
    return {"images": draw_pictures(random, 1, 4, 5), "flips": np.array([True])}


@horizontal_flip.case("none of the images")
def _(random) -> dict[str, PlainData]:
    return {"images": draw_pictures(random, 2, 5, 3), "flips": np.zeros(2, dtype=bool)}


@horizontal_flip.case("square images", secret=True)
def _(random) -> dict[str, PlainData]:
    flips = random.permutation(np.arange(9) % 3 == 0)
    return {"images": draw_pictures(random, 9, 6, 6), "flips": flips}


@horizontal_flip.case("large", secret=True)
def _(random) -> dict[str, PlainData]:
    return {"images": draw_pictures(random, 24, 15, 11), "flips": random.random(24) < 0.5}


@horizontal_flip.reference
def _(images, flips):
    from autograder.kernels.matmul import matmul

    mirror = as_tensor(np.eye(images.shape[2])[::-1])
    mirrored = matmul(as_tensor(images.reshape(-1, images.shape[2])), mirror).numpy()
    return np.where(flips[:, None, None], mirrored.reshape(images.shape), images)


def _chosen(images, flips, change):
    return np.where(flips[:, None, None], change(images), images)


@horizontal_flip.mistake(
    "upside_down",
    "You flip top and bottom. A horizontal flip swaps left and right, as in a mirror.",
)
def _(images, flips):
    return _chosen(images, flips, lambda x: x[:, ::-1])


@horizontal_flip.mistake(
    "half_a_turn",
    "You swap left and right and top and bottom too: a rotation by 180°. Only left and right change places.",
)
def _(images, flips):
    return _chosen(images, flips, lambda x: x[:, ::-1, ::-1])


@horizontal_flip.mistake(
    "all_flipped",
    "You flip every image. `flips` says which ones.",
)
def _(images, flips):
    return images[:, :, ::-1]


@horizontal_flip.mistake(
    "the_others_flipped",
    "You flip the images whose entry in `flips` is False, and leave those with True.",
)
def _(images, flips):
    return _chosen(images, ~flips, lambda x: x[:, :, ::-1])


@horizontal_flip.mistake(
    "never_flipped",
    "The images come back as they were. (If you wrote `image = image[:, ::-1]` in a loop: that gives a name to a new picture "
    "and leaves the array alone.)",
)
def _(images, flips):
    return images.copy()


@horizontal_flip.mistake(
    "first_decides",
    "The first entry of `flips` decides for the whole batch. Every image has an entry of its own.",
)
def _(images, flips):
    return images[:, :, ::-1] if flips[0] else images.copy()


@horizontal_flip.mistake(
    "batch_reversed",
    "You turn round the order of the images, not the images: axis 0 of a batch counts the examples.",
)
def _(images, flips):
    return _chosen(images, flips, lambda x: x[::-1])


@horizontal_flip.mistake(
    "only_the_flipped",
    "You return the flipped images alone. The others belong to the batch too, each in its old place.",
)
def _(images, flips):
    return images[flips][:, :, ::-1]


@horizontal_flip.mistake(
    "flipped_in_place",
    "The images are right, but you flipped them in the argument itself: whoever called the function has lost the originals, "
    "and in the next epoch they would be flipped back. Work on a copy.",
)
def _(images, flips):
    images[flips] = images[flips][:, :, ::-1]
    return images


@horizontal_flip.alternative
def with_loops(images, flips):
    flipped = images.astype(np.float32)
    W = images.shape[2]
    for n in np.flatnonzero(flips):
        for j in range(W):
            flipped[n, :, j] = images[n, :, W - 1 - j]
    return flipped


@horizontal_flip.alternative
def with_a_copy(images, flips):
    flipped = images.copy()
    flipped[flips] = np.flip(images[flips], axis=-1)
    return flipped


@horizontal_flip.alternative
def with_fliplr(images, flips):
    return np.stack([np.fliplr(x) if flip else x for x, flip in zip(images, flips, strict=True)])
