import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograder.exercise import Exercise
from autograder.exercises.convolution.shared import (
    PAGE,
    READY_MADE,
    conv2d_on_kernels,
    correlate_single,
    draw_image,
    require_fit,
)
from autograder.exercises.sizes import share_cases, value_and_bad_size

# conv2d_single -----------------------------------------------------------------------------------

conv2d_single = Exercise(
    "conv2d_single",
    signature="conv2d_single(image: (H, W), kernel: (KH, KW)) -> (OH, OW)",
    outputs=("feature_map",),
    parts=value_and_bad_size(2),
    uses=("conv_output_size",),
    forbids=READY_MADE,
    section=f"{PAGE}#convolution-two-dimensions",
)

LECTURE_IMAGE = [
    [1, 1, 1, 0, 0],
    [0, 1, 1, 1, 0],
    [0, 0, 1, 1, 1],
    [0, 0, 1, 1, 0],
    [0, 1, 1, 0, 0],
]

LECTURE_KERNEL = [[1, 0, 1], [0, 1, 0], [1, 0, 1]]


@conv2d_single.case("the lecture's 5 × 5 and 3 × 3")
def _(random):
    return {"image": np.array(LECTURE_IMAGE, float), "kernel": np.array(LECTURE_KERNEL, float)}


@conv2d_single.case("neither is square")
def _(random):
    return draw_image(random, 7, 5, 2, 3)


@conv2d_single.case("whole numbers in, real kernel")
def _(random):
    return {**draw_image(random, 5, 6, 3, 3), "image": random.integers(-9, 10, size=(5, 6))}


@conv2d_single.case("kernel as large as the image")
def _(random):
    return draw_image(random, 4, 3, 4, 3)


@conv2d_single.case("kernel too wide by one", raises="ValueError")
def _(random):
    return draw_image(random, 6, 4, 2, 5)


@conv2d_single.case("kernel too tall by one", raises="ValueError")
def _(random):
    return draw_image(random, 3, 7, 4, 2)


@conv2d_single.case("one row")
def _(random):
    return draw_image(random, 1, 5, 1, 3)


@conv2d_single.case("one column")
def _(random):
    return draw_image(random, 6, 1, 3, 1)


@conv2d_single.case("one pixel")
def _(random):
    return draw_image(random, 1, 1, 1, 1)


@conv2d_single.case("large", secret=True)
def _(random):
    return draw_image(random, int(random.integers(12, 16)), int(random.integers(17, 21)), 5, 4)


share_cases(
    conv2d_single,
    "neither is square",
    "whole numbers in, real kernel",
    "kernel as large as the image",
    "one row",
    "one column",
)


@conv2d_single.reference
def _(image, kernel):
    return conv2d_on_kernels(image[None, None], kernel[None, None], np.zeros(1))[0, 0]


conv2d_single.slip(
    "kernel_flipped",
    "You turned the kernel by 180°: that is the convolution of mathematics. Here the kernel lies as it is "
    "(cross-correlation, E10). The lecture's kernel looks the same turned, so its example cannot show it.",
    f"{PAGE}#convolution-flip",
    of="single_by_four_loops",
    right="kernel[m, n]",
    wrong="kernel[KH - 1 - m, KW - 1 - n]",
)


@conv2d_single.mistake(
    "indices_swapped",
    "Row and column offsets are swapped between image and kernel: K(m, n) belongs to I(i + m, j + n), not to I(i + n, j + m) as one "
    "slide says (E11).",
)
def _(image, kernel):
    (H, W), (KH, KW) = image.shape, kernel.shape
    require_fit(kernel.shape, image.shape)
    result = np.zeros((H - KH + 1, W - KW + 1))
    for i in range(H - KH + 1):
        for j in range(W - KW + 1):
            for m in range(KH):
                for n in range(KW):
                    result[i, j] += kernel[m, n] * image[i + n, j + m]
    return result


@conv2d_single.mistake(
    "kernel_transposed",
    "You slide the transposed kernel: its row m must meet row i + m of the image, its column n column j + n "
    "(E11 is this slip).",
)
def _(image, kernel):
    require_fit(kernel.shape, image.shape)
    return correlate_single(image, kernel.T)


@conv2d_single.mistake(
    "matrix_product",
    "You take the matrix product of patch and kernel (`@`). The window's values and the kernel's are "
    "multiplied one by one (`*`) and then summed.",
)
def _(image, kernel):
    (KH, KW) = kernel.shape
    require_fit(kernel.shape, image.shape)
    OH, OW = image.shape[0] - KH + 1, image.shape[1] - KW + 1
    return np.array(
        [
            [(image[i : i + KH, j : j + KW] @ kernel).sum() for j in range(OW)]
            for i in range(OH)
        ]
    )  # fmt: skip


@conv2d_single.mistake(
    "last_window_forgotten",
    "Your feature map lacks its last row and column: the window also fits at row H − KH and column W − KW.",
    f"{PAGE}#convolution-output-size",
)
def _(image, kernel):
    return correlate_single(image, kernel)[:-1, :-1]


@conv2d_single.mistake(
    "same_size",
    "Your feature map has the size of the image, so you padded it. Without padding only windows that lie "
    "inside the image count (“valid”).",
    f"{PAGE}#convolution-padding",
)
def _(image, kernel):
    (KH, KW) = kernel.shape
    require_fit(kernel.shape, image.shape)
    rows, columns = ((KH - 1) // 2, KH // 2), ((KW - 1) // 2, KW // 2)
    return correlate_single(np.pad(image, (rows, columns)), kernel)


@conv2d_single.mistake(
    "last_product_only",
    "Only the last product of each window is left in your result: you assign (`=`) inside the loop over the "
    "kernel where the products add up (`+=`).",
)
def _(image, kernel):
    (KH, KW) = kernel.shape
    require_fit(kernel.shape, image.shape)
    return kernel[-1, -1] * image[KH - 1 :, KW - 1 :].astype(float)


@conv2d_single.mistake(
    "averaged",
    "You average over the window: the products are summed, nothing is divided.",
)
def _(image, kernel):
    return correlate_single(image, kernel) / kernel.size


@conv2d_single.mistake(
    "whole_numbers_out",
    "Your result loses its decimals when the image holds whole numbers: the array you write into has the "
    "dtype of the image. Make it float64.",
)
def _(image, kernel):
    return correlate_single(image, kernel).astype(image.dtype)


@conv2d_single.mistake(
    "too_large_gives_nothing",
    "You return an empty result for a kernel larger than the image: it fits nowhere, and the task asks for a ValueError.",
    f"{PAGE}#convolution-output-size",
)
def _(image, kernel):
    OH, OW = image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1
    return np.zeros((OH, OW)) if OH < 1 or OW < 1 else correlate_single(image, kernel)


@conv2d_single.mistake("indices_swapped")
def _(image, kernel):
    (H, W), (KH, KW) = image.shape, kernel.shape
    require_fit(kernel.shape, image.shape)
    result = np.zeros((H - KH + 1, W - KW + 1))
    for i, j, m, n in np.ndindex(*result.shape, KH, KW):
        result[i, j] += kernel[n, m] * image[i + m, j + n]
    return result


@conv2d_single.mistake("kernel_transposed")
def _(image, kernel):
    require_fit(kernel.shape, image.shape)
    return (sliding_window_view(image, kernel.shape) * kernel.T).sum(axis=(2, 3))


@conv2d_single.mistake("indices_swapped")
def _(image, kernel):
    (KH, KW) = kernel.shape
    require_fit(kernel.shape, image.shape)
    result = 0.0
    for m, n in np.ndindex(KH, KW):
        result = result + kernel[m, n] * image[n : image.shape[0] - KH + 1 + n, m : image.shape[1] - KW + 1 + m]  # fmt: skip
    return result


@conv2d_single.mistake(
    "exact_fit_refused",
    "You refuse a kernel that is exactly as high or as wide as the image: it fits.",
    f"{PAGE}#convolution-output-size",
)
def _(image, kernel):
    require_fit([k + 1 for k in kernel.shape], image.shape)
    return correlate_single(image, kernel)


for _axes in ([0], [1]):

    @conv2d_single.mistake("exact_fit_refused")
    def _(image, kernel, axes=_axes):
        if any(kernel.shape[axis] == image.shape[axis] for axis in axes):
            raise ValueError
        return correlate_single(image, kernel)


ONE_AXIS = (
    "You compare the kernel with the image along one axis only: it must fit along both, and the task asks for a "
    "ValueError where it does not."
)


@conv2d_single.mistake("one_axis_compared", ONE_AXIS, f"{PAGE}#convolution-output-size")
def _(image, kernel):
    require_fit(kernel.shape[:1], image.shape[:1])
    OW = image.shape[1] - kernel.shape[1] + 1
    return correlate_single(image, kernel) if OW > 0 else np.zeros((image.shape[0] - kernel.shape[0] + 1, 0))  # fmt: skip


@conv2d_single.mistake("one_axis_compared")
def _(image, kernel):
    require_fit(kernel.shape[1:], image.shape[1:])
    OH = image.shape[0] - kernel.shape[0] + 1
    return correlate_single(image, kernel) if OH > 0 else np.zeros((0, image.shape[1] - kernel.shape[1] + 1))  # fmt: skip


@conv2d_single.alternative
def single_by_four_loops(image, kernel):
    (H, W), (KH, KW) = image.shape, kernel.shape
    if KH > H or KW > W:
        raise ValueError("the kernel is larger than the image")
    result = np.zeros((H - KH + 1, W - KW + 1))
    for i in range(H - KH + 1):
        for j in range(W - KW + 1):
            for m in range(KH):
                for n in range(KW):
                    result[i, j] += kernel[m, n] * image[i + m, j + n]
    return result


@conv2d_single.alternative
def single_by_shifts_in_float32(image, kernel):
    (H, W), (KH, KW) = image.shape, kernel.shape
    if H < KH or W < KW:
        raise ValueError("the kernel is larger than the image")
    image, kernel = image.astype(np.float32), kernel.astype(np.float32)
    return sum(
        kernel[m, n] * image[m : m + H - KH + 1, n : n + W - KW + 1]
        for m in range(KH)
        for n in range(KW)
    )


@conv2d_single.alternative
def single_not_contiguous(image, kernel):
    require_fit(kernel.shape, image.shape)
    windows = sliding_window_view(image, kernel.shape)
    return np.tensordot(kernel.T, windows, ([1, 0], [2, 3])).T.copy().T
