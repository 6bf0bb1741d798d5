import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.regularization.shared import PAGE, draw_pictures
from autograder.exercises.shared import LIBRARIES, as_tensor
from dlarch.plain import PlainData

random_shift = Exercise(
    "random_shift",
    signature=(
        "random_shift(images: (N, H, W) float64, shifts: (N, 2) int64) -> shifted: (N, H, W) float64"
    ),
    outputs=("shifted",),
    points=2,
    forbids=LIBRARIES,
    section=PAGE + "augmentation",
)


@random_shift.case("in all directions")
def _(random) -> dict[str, PlainData]:
    shifts = np.array([[1, 2], [-2, 1], [2, -1], [-1, -3]])
    return {"images": draw_pictures(random, 4, 5, 6), "shifts": random.permutation(shifts)}


@random_shift.case("along one axis, or not at all")
def _(random) -> dict[str, PlainData]:
    return {
        "images": draw_pictures(random, 5, 4, 3),
        "shifts": np.array([[0, 0], [2, 0], [0, -1], [-1, 0], [0, 2]]),
    }


@random_shift.case("one image")
def _(random) -> dict[str, PlainData]:
    return {"images": draw_pictures(random, 1, 3, 7), "shifts": np.array([[-1, 4]])}


@random_shift.case("out of the picture")
def _(random) -> dict[str, PlainData]:
    return {
        "images": draw_pictures(random, 3, 4, 5),
        "shifts": np.array([[4, 1], [-1, -5], [-3, 4]]),
    }


@random_shift.case("large", secret=True)
def _(random) -> dict[str, PlainData]:
    return {
        "images": draw_pictures(random, 20, 17, 13),
        "shifts": random.integers(-6, 7, size=(20, 2)),
    }


@random_shift.case("square images", secret=True)
def _(random) -> dict[str, PlainData]:
    return {"images": draw_pictures(random, 6, 8, 8), "shifts": random.integers(-3, 4, size=(6, 2))}


def _moved(image, rows, columns, mode="constant"):
    """Move one image within a frame of its neighbourhood."""
    H, W = image.shape
    framed = np.pad(image, ((abs(rows),) * 2, (abs(columns),) * 2), mode=mode)
    return framed[
        abs(rows) - rows : abs(rows) - rows + H, abs(columns) - columns : abs(columns) - columns + W
    ]


@random_shift.reference
def _(images, shifts):
    from autograder.kernels.convolution import conv2d

    shifted = np.empty(images.shape)
    for n, (rows, columns) in enumerate(shifts):
        kernel = np.zeros((1, 1, 2 * abs(rows) + 1, 2 * abs(columns) + 1))
        kernel[0, 0, abs(rows) - rows, abs(columns) - columns] = 1
        padding = (abs(int(rows)), abs(int(columns)))
        moved = conv2d(as_tensor(images[None, None, n]), as_tensor(kernel), None, padding=padding)
        shifted[n] = moved[0, 0].numpy()
    return shifted


def _each(images, shifts, move):
    return np.stack([move(image, *shift) for image, shift in zip(images, shifts, strict=True)])


@random_shift.mistake(
    "wraps_around",
    "What leaves the picture at one side comes in again at the other (that is what np.roll does). "
    "It should be gone, and the freed pixels 0: the background.",
)
def _(images, shifts):
    return _each(images, shifts, lambda image, *shift: np.roll(image, shift, axis=(0, 1)))


@random_shift.mistake(
    "other_direction",
    "Your images move the other way: up and left where the shift is positive. Positive means down and to the right.",
)
def _(images, shifts):
    return _each(images, shifts, lambda image, rows, columns: _moved(image, -rows, -columns))


@random_shift.mistake(
    "other_direction_wrapping",
    "Two things: your images move up and left where the shift is positive, and what leaves the picture comes in again at the other side.",
)
def _(images, shifts):
    return _each(
        images, shifts, lambda image, *shift: np.roll(image, tuple(-s for s in shift), axis=(0, 1))
    )


@random_shift.mistake(
    "rows_and_columns_swapped",
    "You take the first number of a shift for columns and the second for rows. As everywhere in this course, rows come first.",
)
def _(images, shifts):
    return _each(images, shifts, lambda image, rows, columns: _moved(image, columns, rows))


@random_shift.mistake(
    "same_shift_for_all",
    "You move the whole batch by the shift of the first image. Every image has its own: that is what makes the copies different.",
)
def _(images, shifts):
    return np.stack([_moved(image, *shifts[0]) for image in images])


@random_shift.mistake(
    "border_repeated",
    "You fill the freed pixels with copies of the border. They should be 0, the background of the images.",
)
def _(images, shifts):
    return _each(images, shifts, lambda image, *shift: _moved(image, *shift, mode="edge"))


@random_shift.mistake(
    "only_down_and_right",
    "Images with a negative number in their shift do not come out right: it is taken as 0. Negative means up, or left.",
)
def _(images, shifts):
    return _each(
        images, shifts, lambda image, rows, columns: _moved(image, max(rows, 0), max(columns, 0))
    )


@random_shift.mistake(
    "distance_only",
    "All your images move down and to the right, by the size of the shift. Its sign says in which direction.",
)
def _(images, shifts):
    return _each(
        images, shifts, lambda image, rows, columns: _moved(image, abs(rows), abs(columns))
    )


@random_shift.mistake(
    "not_moved",
    "The images come back as they were: nothing has moved.",
)
def _(images, shifts):
    return images.copy()


@random_shift.mistake(
    "empty_slice",
    "A slice that ends at -0 is empty: image[:-0] has no rows. Wherever you cut `rows` pixels off the end, rows = 0 needs care; "
    "image[: H - rows] does not have the problem.",
    PAGE + "augmentation",
)
def _(images, shifts):
    def target_and_source(move):
        if move < 0:
            return slice(None, move), slice(-move, None)
        return slice(move, None), slice(None, -move)

    shifted = np.zeros_like(images)
    for n, (rows, columns) in enumerate(shifts):
        (to_rows, from_rows), (to_columns, from_columns) = map(target_and_source, (rows, columns))
        shifted[n, to_rows, to_columns] = images[n, from_rows, from_columns]
    return shifted


@random_shift.mistake(
    "old_pixels_stay",
    "The picture is moved, but where it moved away from, the old pixels are still there. Start from zeros, not from a copy.",
)
def _(images, shifts):
    def move(image, rows, columns):
        moved = image.copy()
        there = _moved(np.ones_like(image), rows, columns) > 0
        moved[there] = _moved(image, rows, columns)[there]
        return moved

    return _each(images, shifts, move)


@random_shift.alternative
def with_loops(images, shifts):
    N, H, W = images.shape
    shifted = np.zeros(images.shape, dtype=np.float32)
    for n in range(N):
        for i in range(H):
            for j in range(W):
                row, column = i - shifts[n, 0], j - shifts[n, 1]
                if 0 <= row < H and 0 <= column < W:
                    shifted[n, i, j] = images[n, row, column]
    return shifted


@random_shift.alternative
def with_a_frame(images, shifts):
    return _each(images, shifts, _moved)


@random_shift.alternative
def with_indices(images, shifts):
    N, H, W = images.shape
    row = np.arange(H)[None, :, None] - shifts[:, 0, None, None]
    column = np.arange(W)[None, None] - shifts[:, 1, None, None]
    inside = (row >= 0) & (row < H) & (column >= 0) & (column < W)
    return np.where(inside, images[np.arange(N)[:, None, None], row % H, column % W], 0)


@random_shift.alternative
def with_roll_and_erase(images, shifts):
    def move(image, rows, columns):
        image = np.roll(image, (rows, columns), axis=(0, 1))
        image[:rows] = 0 if rows > 0 else image[:rows]
        if rows < 0:
            image[max(len(image) + rows, 0) :] = 0
        image = image.T
        if columns > 0:
            image[:columns] = 0
        if columns < 0:
            image[max(len(image) + columns, 0) :] = 0
        return image.T

    return _each(images, shifts, move)
