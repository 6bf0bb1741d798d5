import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.convolution.shared import (
    PAGE,
    READY_MADE,
    conv2d_on_kernels,
    correlate_single,
    draw_image,
)

# true_convolution --------------------------------------------------------------------------------

true_convolution = Exercise(
    "true_convolution",
    signature="true_convolution(image: (H, W), kernel: (KH, KW)) -> (H + KH - 1, W + KW - 1)",
    outputs=("convolution",),
    points=2,
    forbids=READY_MADE,
    uses=("conv2d_single",),
    section=f"{PAGE}#convolution-flip",
)


@true_convolution.case("neither is square")
def _(random):
    return draw_image(random, 5, 4, 2, 3)


@true_convolution.case("an impulse draws the kernel")
def _(random):
    image = np.zeros((3, 5))
    image[1, 3] = 1.0
    return {"image": image, "kernel": random.normal(size=(3, 3))}


@true_convolution.case("kernel larger than the image")
def _(random):
    return draw_image(random, 2, 3, 4, 4)


@true_convolution.case("one pixel")
def _(random):
    return draw_image(random, 1, 1, 2, 3)


@true_convolution.case("kernel of one")
def _(random):
    return draw_image(random, 3, 4, 1, 1)


@true_convolution.case("large", secret=True)
def _(random):
    return draw_image(random, int(random.integers(8, 11)), int(random.integers(12, 15)), 5, 2)


@true_convolution.reference
def _(image, kernel):
    padding = (kernel.shape[0] - 1, kernel.shape[1] - 1)
    flipped = kernel[None, None, ::-1, ::-1].copy()
    return conv2d_on_kernels(image[None, None], flipped, np.zeros(1), 1, padding)[0, 0]


def _full(image, kernel):
    """Cross-correlation wherever kernel and image overlap."""
    rows, columns = kernel.shape[0] - 1, kernel.shape[1] - 1
    return correlate_single(np.pad(image, ((rows, rows), (columns, columns))), kernel)


@true_convolution.mistake(
    "not_flipped",
    "This is the cross-correlation: for the convolution the kernel is turned by 180°, along both axes, "
    "before it slides (E10).",
)
def _(image, kernel):
    return _full(image, kernel)


@true_convolution.mistake(
    "rows_flipped_only",
    "You turned only the rows of the kernel: a rotation by 180° reverses rows and columns.",
)
def _(image, kernel):
    return _full(image, kernel[::-1])


@true_convolution.mistake(
    "columns_flipped_only",
    "You turned only the columns of the kernel: a rotation by 180° reverses rows and columns.",
)
def _(image, kernel):
    return _full(image, kernel[:, ::-1])


@true_convolution.mistake(
    "transposed",
    "You transposed the kernel: turning it by 180° reverses both axes and swaps none.",
)
def _(image, kernel):
    return _full(image, kernel.T)


@true_convolution.mistake(
    "turned_by_90",
    "You turned the kernel by 90° (`np.rot90` turns once unless told otherwise): it takes 180°.",
)
def _(image, kernel):
    return _full(image, np.rot90(kernel))


@true_convolution.mistake(
    "image_flipped",
    "You turned the image and left the kernel as it is: the numbers then come out in reversed places. Turn "
    "the kernel.",
)
def _(image, kernel):
    return _full(image[::-1, ::-1], kernel)


@true_convolution.mistake(
    "result_flipped",
    "This is the cross-correlation turned by 180° as a whole (exchanging image and kernel in it gives the "
    "same). Turn the kernel before it slides, and leave the result as it comes.",
)
def _(image, kernel):
    return _full(image, kernel)[::-1, ::-1]


@true_convolution.mistake(
    "padded_by_the_kernel",
    "You padded KH rows and KW columns on each side: the outermost windows then see nothing but zeros. One "
    "less is enough for every overlap.",
    f"{PAGE}#convolution-padding",
)
def _(image, kernel):
    rows, columns = kernel.shape
    padded = np.pad(image, ((rows, rows), (columns, columns)))
    return correlate_single(padded, kernel[::-1, ::-1])


@true_convolution.mistake(
    "inside_only",
    "You keep only the windows inside the image (“valid”). This task asks for every place where kernel and "
    "image overlap (“full”), of size H + KH − 1 by W + KW − 1.",
    f"{PAGE}#convolution-padding",
)
def _(image, kernel):
    return correlate_single(image, kernel[::-1, ::-1])


@true_convolution.mistake(
    "size_of_the_image",
    "You keep the middle part, as large as the image (“same”). This task asks for every place where kernel "
    "and image overlap (“full”), of size H + KH − 1 by W + KW − 1.",
    f"{PAGE}#convolution-padding",
)
def _(image, kernel):
    top, left = (kernel.shape[0] - 1) // 2, (kernel.shape[1] - 1) // 2
    full = _full(image, kernel[::-1, ::-1])
    return full[top : top + image.shape[0], left : left + image.shape[1]]


@true_convolution.alternative
def convolution_by_definition(image, kernel):
    (H, W), (KH, KW) = image.shape, kernel.shape
    result = np.zeros((H + KH - 1, W + KW - 1))
    for i in range(H + KH - 1):
        for j in range(W + KW - 1):
            for m in range(H):
                for n in range(W):
                    if 0 <= i - m < KH and 0 <= j - n < KW:
                        result[i, j] += image[m, n] * kernel[i - m, j - n]
    return result


@true_convolution.alternative
def convolution_by_stamping(image, kernel):
    (H, W), (KH, KW) = image.shape, kernel.shape
    result = np.zeros((H + KH - 1, W + KW - 1))
    for m in range(H):
        for n in range(W):
            result[m : m + KH, n : n + KW] += image[m, n] * kernel
    return result


@true_convolution.alternative
def convolution_by_fourier(image, kernel):
    shape = [a + b - 1 for a, b in zip(image.shape, kernel.shape, strict=True)]
    return np.fft.ifft2(np.fft.fft2(image, shape) * np.fft.fft2(kernel, shape)).real
