import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.convolution.shared import PAGE
from dlarch.drivers.convolution import build_operation

# is_equivariant ----------------------------------------------------------------------------------

is_equivariant = Exercise(
    "is_equivariant",
    signature=(
        "is_equivariant(operation: function of (H, W), image: (H, W), shifts: list of (rows, columns), "
        "tolerance: float) -> bool"
    ),
    outputs=("equivariant",),
    points=2,
    driver="convolution.equivariance",
    section=f"{PAGE}#convolution-equivariance",
)


def roll(image, shift):
    return np.roll(image, shift, axis=(0, 1))


SHIFTS = [(1, 0), (0, 2), (3, 1)]


def _decision(random, kind, shifts=SHIFTS, H=6, W=8, tolerance=1e-6, **settings):
    return {
        "operation": {"kind": kind, **settings},
        "images": [random.normal(size=(H, W))],
        "shifts": shifts,
        "tolerances": [tolerance],
    }


def _close_decisions(random, number, kind, H, W, shifts, **settings):
    """Draw images whose largest difference is a little less than the tolerance, or a little more.

    Images and tolerances are of many magnitudes, so that neither the operation nor the tolerances tell the
    answer: the difference has to be computed.
    """
    operation = {"kind": kind, **settings}
    operate = build_operation(**operation)
    images, tolerances = [], []
    for _ in range(number):
        image = random.normal(size=(H, W)) * 10 ** random.uniform(-3, 3)
        worst = max(
            np.abs(operate(roll(image, shift)) - roll(operate(image), shift)).max()
            for shift in shifts
        )
        images.append(image)
        tolerances.append(float(worst * random.choice([0.6, 0.8, 1.25, 1.6])))
    return {"operation": operation, "images": images, "shifts": shifts, "tolerances": tolerances}


@is_equivariant.case("convolution that goes round the edges")
def _(random):
    return _decision(random, "circular_convolution", kernel=random.normal(size=(3, 2)), W=7)


@is_equivariant.case("convolution with zero padding")
def _(random):
    return _decision(random, "zero_padded_convolution", kernel=random.normal(size=(3, 3)), H=5)


@is_equivariant.case("gain that depends on the position")
def _(random):
    return _decision(random, "gain", gain=random.uniform(1, 2, size=(6, 8)))


@is_equivariant.case("ReLU")
def _(random):
    return _decision(random, "relu")


@is_equivariant.case("max pooling with stride 2")
def _(random):
    return _decision(random, "max_pool", size=2, shifts=[(2, 0), (0, 2)])


@is_equivariant.case("pooled and enlarged again, even shifts")
def _(random):
    return _decision(random, "max_pool_and_repeat", size=2, shifts=[(2, 0), (4, 2)])


@is_equivariant.case("pooled and enlarged again, the last shift odd in columns")
def _(random):
    return _decision(random, "max_pool_and_repeat", size=2, shifts=[(2, 0), (2, 1)])


@is_equivariant.case("pooled and enlarged again, the first shift odd in rows")
def _(random):
    return _decision(random, "max_pool_and_repeat", size=2, shifts=[(1, 2), (2, 2)])


@is_equivariant.case("pooled and enlarged again, the second of three shifts odd in columns")
def _(random):
    return _decision(random, "max_pool_and_repeat", size=2, shifts=[(2, 0), (0, 1), (2, 2)])


@is_equivariant.case("pooled and enlarged again, the second of three shifts odd in rows")
def _(random):
    return _decision(random, "max_pool_and_repeat", size=2, shifts=[(0, 2), (1, 0), (2, 2)])


@is_equivariant.case("mean everywhere")
def _(random):
    return _decision(random, "mean")


@is_equivariant.case("mean of each row, one column")
def _(random):
    return _decision(random, "mean_of_rows")


@is_equivariant.case("transpose")
def _(random):
    return _decision(random, "transpose", H=5, W=5)


@is_equivariant.case("turned by 180°")
def _(random):
    return _decision(random, "turn")


@is_equivariant.case("multiplied by the top left pixel, the largest")
def _(random):
    case = _decision(random, "multiply_by_top_left")
    image = np.abs(case["images"][0])
    image[0, 0] = 1 + image.max()
    return {**case, "images": [image]}


@is_equivariant.case("error below the tolerance")
def _(random):
    noise = random.uniform(0.1, 1, size=(6, 8)) * 1e-9
    return _decision(random, "add", amount=noise)


@is_equivariant.case("error above the tolerance")
def _(random):
    noise = random.uniform(0.1, 1, size=(6, 8)) * 1e-2
    return _decision(random, "add", amount=noise)


@is_equivariant.case("error below a large tolerance")
def _(random):
    noise = random.uniform(0.1, 1, size=(6, 8)) * 1e-2
    return _decision(random, "add", amount=noise, tolerance=0.1)


@is_equivariant.case("error above a large tolerance, at one pixel")
def _(random):
    noise = np.zeros((6, 8))
    noise[int(random.integers(6)), int(random.integers(8))] = 0.3
    return _decision(random, "add", amount=noise, tolerance=0.1)


@is_equivariant.case("close to the tolerance, six images of many magnitudes")
def _(random):
    kernel = random.normal(size=(3, 3))
    return _close_decisions(random, 6, "zero_padded_convolution", 5, 7, SHIFTS, kernel=kernel)


@is_equivariant.case("gain that depends on the column, moved along the columns")
def _(random):
    return _decision(
        random, "gain", gain=random.uniform(1, 2, size=(1, 8)), shifts=[(1, 0), (3, 0)]
    )


@is_equivariant.case("gain that depends on the row, moved along the rows")
def _(random):
    return _decision(
        random, "gain", gain=random.uniform(1, 2, size=(6, 1)), shifts=[(0, 3), (0, 1)]
    )


@is_equivariant.case("gain that depends on the row, moved along the columns")
def _(random):
    return _decision(
        random, "gain", gain=random.uniform(1, 2, size=(6, 1)), shifts=[(1, 0), (2, 0)]
    )


@is_equivariant.case("pixels in order of their size")
def _(random):
    return _decision(random, "sort")


@is_equivariant.case("the top left pixel everywhere")
def _(random):
    return _decision(random, "top_left_everywhere")


@is_equivariant.case("tolerance 0, agreement to the last bit")
def _(random):
    return _decision(random, "relu", tolerance=0.0)


@is_equivariant.case("a difference of exactly the tolerance")
def _(random):
    amount = np.zeros((6, 8))
    amount[2, 3] = 0.5
    case = _decision(random, "add", amount=amount, tolerance=0.5)
    return {**case, "images": [random.integers(-9, 10, size=(6, 8)).astype(float)]}


@is_equivariant.case("many differences below the tolerance")
def _(random):
    noise = random.choice([-0.04, 0.04], size=(6, 8))
    return _decision(random, "add", amount=noise, tolerance=0.1)


@is_equivariant.case("nothing to test")
def _(random):
    return _decision(random, "mean_of_rows", shifts=[])


@is_equivariant.case("one small difference below a large tolerance")
def _(random):
    amount = np.zeros((6, 8))
    amount[int(random.integers(6)), int(random.integers(8))] = 0.01
    return _decision(random, "add", amount=amount, tolerance=0.1)


@is_equivariant.case("close to the tolerance, sixteen images", secret=True)
def _(random):
    gain = random.uniform(0.5, 1.5, size=(7, 9))
    return _close_decisions(random, 16, "gain", 7, 9, [(2, 3), (0, 4)], gain=gain)


@is_equivariant.case("close to the tolerance, sixteen images, pooled", secret=True)
def _(random):
    return _close_decisions(random, 16, "max_pool_and_repeat", 6, 8, [(1, 2), (2, 1)], size=2)


@is_equivariant.case("large kernel", secret=True)
def _(random):
    kernel = random.normal(size=(5, 4))
    return _decision(random, "circular_convolution", kernel=kernel, H=11, W=13)


@is_equivariant.case("one row is different", secret=True)
def _(random):
    gain = np.ones((11, 13))
    gain[int(random.integers(11))] = 1.5
    return _decision(random, "gain", gain=gain, H=11, W=13)


def _holds(operation, image, shift, tolerance, move_in=roll, move_out=roll, size=np.abs):
    moved, mapped = operation(move_in(image, shift)), move_out(operation(image), shift)
    return moved.shape == mapped.shape and bool(size(moved - mapped).max() <= tolerance)


def _hold_all(operation, image, shifts, tolerance, **settings):
    return all(_holds(operation, image, shift, tolerance, **settings) for shift in shifts)


@is_equivariant.reference
def _(operation, image, shifts, tolerance):
    return _hold_all(operation, image, shifts, tolerance)


@is_equivariant.mistake(
    "invariance",
    "You test invariance: that the output stays as it is. Equivariance asks that the output moves along "
    "with the input.",
)
def _(operation, image, shifts, tolerance):
    stay = lambda output, shift: output  # noqa: E731
    return _hold_all(operation, image, shifts, tolerance, move_out=stay)


@is_equivariant.mistake(
    "opposite_direction",
    "You move the output the other way: input and output are moved by the same shift.",
)
def _(operation, image, shifts, tolerance):
    back = lambda output, shift: roll(output, (-shift[0], -shift[1]))  # noqa: E731
    return _hold_all(operation, image, shifts, tolerance, move_out=back)


@is_equivariant.mistake(
    "axes_swapped",
    "Rows and columns of the shift are swapped on one side: a shift is (rows, columns), for axis 0 and 1.",
)
def _(operation, image, shifts, tolerance):
    swap = lambda output, shift: roll(output, shift[::-1])  # noqa: E731
    return _hold_all(operation, image, shifts, tolerance, move_out=swap)


@is_equivariant.mistake(
    "first_shift_only",
    "You decide after the first shift (is there a `return` inside the loop?): True needs all of them.",
)
def _(operation, image, shifts, tolerance):
    return _holds(operation, image, shifts[0], tolerance)


@is_equivariant.mistake(
    "last_shift_only",
    "The last shift alone decides in your answer: True needs all of them.",
)
def _(operation, image, shifts, tolerance):
    return _holds(operation, image, shifts[-1], tolerance)


@is_equivariant.mistake(
    "any_shift", "One shift that fits is enough in your answer: True needs all of them."
)
def _(operation, image, shifts, tolerance):
    return any(_holds(operation, image, shift, tolerance) for shift in shifts)


@is_equivariant.mistake(
    "rows_only",
    "You move along axis 0 only: a shift is (rows, columns), and its second number moves axis 1.",
)
def _(operation, image, shifts, tolerance):
    return _hold_all(operation, image, [(rows, 0) for rows, _ in shifts], tolerance)


@is_equivariant.mistake(
    "columns_only",
    "You move along axis 1 only: a shift is (rows, columns), and its first number moves axis 0.",
)
def _(operation, image, shifts, tolerance):
    return _hold_all(operation, image, [(0, columns) for _, columns in shifts], tolerance)


@is_equivariant.mistake(
    "other_size_refused",
    "You answer False whenever the output has another size than the image. Sizes may differ: compare the "
    "two outputs with each other.",
)
def _(operation, image, shifts, tolerance):
    if operation(image).shape != image.shape:
        return False
    return _hold_all(operation, image, shifts, tolerance)


@is_equivariant.mistake(
    "tolerance_unused",
    "You decide by a tolerance of your own, such as the one built into `np.allclose`: the task passes "
    "`tolerance`, the largest absolute difference that counts as equal.",
)
def _(operation, image, shifts, tolerance):
    return _hold_all(operation, image, shifts, 1e-6)


@is_equivariant.mistake(
    "mean_difference",
    "You compare the mean difference with `tolerance`, so one pixel that is far off goes unnoticed among "
    "many that agree: take the largest.",
)
def _(operation, image, shifts, tolerance):
    mean = lambda difference: np.abs(difference).mean(keepdims=True)  # noqa: E731
    return _hold_all(operation, image, shifts, tolerance, size=mean)


@is_equivariant.mistake(
    "exact_equality",
    "You ask for equality to the last bit: rounding alone breaks that. Compare the largest absolute "
    "difference with `tolerance`.",
)
def _(operation, image, shifts, tolerance):
    return _hold_all(operation, image, shifts, 0.0)


@is_equivariant.mistake(
    "sign_ignored",
    "A difference that is negative everywhere passes your test: take absolute values before you compare "
    "with `tolerance`.",
)
def _(operation, image, shifts, tolerance):
    return _hold_all(operation, image, shifts, tolerance, size=np.array)


@is_equivariant.mistake(
    "zeros_move_in",
    "You let zeros move in at the edge. The task's shift is circular: what leaves at one edge comes in at "
    "the other.",
)
def _(operation, image, shifts, tolerance):
    def move(image, shift):
        moved = np.zeros_like(image)
        rows, columns = shift
        H, W = image.shape
        moved[rows:, columns:] = image[: H - rows, : W - columns]
        return moved

    return _hold_all(operation, image, shifts, tolerance, move_in=move, move_out=move)


@is_equivariant.mistake(
    "rolled_as_one_line",
    "`np.roll` without `axis` moves the flattened image: give it both axes, `axis=(0, 1)`.",
)
def _(operation, image, shifts, tolerance):
    return _hold_all(operation, image, shifts, tolerance, move_in=np.roll, move_out=np.roll)


@is_equivariant.mistake("tolerance_unused")
def _(operation, image, shifts, tolerance):
    return all(
        np.shape(a := operation(roll(image, shift))) == np.shape(b := roll(operation(image), shift))
        and np.allclose(a, b)
        for shift in shifts
    )


@is_equivariant.mistake("mean_difference")
def _(operation, image, shifts, tolerance):
    root = lambda difference: np.sqrt((difference**2).mean(keepdims=True))  # noqa: E731
    return _hold_all(operation, image, shifts, tolerance, size=root)


@is_equivariant.mistake("mean_difference")
def _(operation, image, shifts, tolerance):
    square = lambda difference: (difference**2).mean(keepdims=True)  # noqa: E731
    return _hold_all(operation, image, shifts, tolerance, size=square)


@is_equivariant.mistake(
    "differences_added_up",
    "You add up the differences of all pixels, as a norm does, so that many small ones count as a large one: the "
    "tolerance is for the largest.",
)
def _(operation, image, shifts, tolerance):
    length = lambda difference: np.sqrt((difference**2).sum(keepdims=True))  # noqa: E731
    return _hold_all(operation, image, shifts, tolerance, size=length)


@is_equivariant.mistake("differences_added_up")
def _(operation, image, shifts, tolerance):
    total = lambda difference: np.abs(difference).sum(keepdims=True)  # noqa: E731
    return _hold_all(operation, image, shifts, tolerance, size=total)


@is_equivariant.mistake(
    "below_the_tolerance",
    "A difference of exactly `tolerance` counts as unequal in your answer: the task says *at most*.",
)
def _(operation, image, shifts, tolerance):
    return _hold_all(operation, image, shifts, np.nextafter(tolerance, -1))


@is_equivariant.mistake(
    "axes_swapped_on_both_sides",
    "You exchange rows and columns of each shift, for input and output alike: a shift is (rows, columns), for "
    "axis 0 and 1.",
)
def _(operation, image, shifts, tolerance):
    return _hold_all(operation, image, [shift[::-1] for shift in shifts], tolerance)


@is_equivariant.mistake(
    "input_stays",
    "The image that goes into your operation is never moved: on one side of the comparison it is.",
)
def _(operation, image, shifts, tolerance):
    stay = lambda image, shift: image  # noqa: E731
    return _hold_all(operation, image, shifts, tolerance, move_in=stay)


@is_equivariant.alternative
def by_indices(operation, image, shifts, tolerance):
    def shifted(array, rows, columns):
        H, W = array.shape
        return array[(np.arange(H) - rows) % H][:, (np.arange(W) - columns) % W]

    for rows, columns in shifts:
        a, b = operation(shifted(image, rows, columns)), shifted(operation(image), rows, columns)
        if a.shape != b.shape or np.abs(a - b).max() > tolerance:
            return False
    return True


@is_equivariant.alternative
def with_allclose(operation, image, shifts, tolerance):
    output = operation(image)
    return np.all(
        [
            np.allclose(
                operation(np.roll(np.roll(image, a, 0), b, 1)),
                np.roll(np.roll(output, a, 0), b, 1),
                atol=tolerance,
            )
            for a, b in shifts
        ]
    )
