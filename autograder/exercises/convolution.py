"""Exercises of chapter 07: convolution, its backward pass, pooling, receptive field, equivariance."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograder.exercise import Chapter
from dlarch.checks_file import Part

chapter = Chapter("07_convolution")
PAGE = "07_convolution.html"
READY_MADE = ("torch", "scipy", "convolve", "correlate")

# Shared by references, mistakes and alternatives -------------------------------------------------


def _require_fit(kernel, padded, what="kernel"):
    if any(k > size for k, size in zip(kernel, padded, strict=True)):
        raise ValueError(f"expected a {what} of at most {tuple(padded)}, got {tuple(kernel)}")


def _pad(x, padding):
    return np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))


def _patches(x, KH, KW, stride=1, padding=0):
    """All windows of images (N, C, H, W): (N, C, OH, OW, KH, KW)."""
    x = _pad(x, padding)
    _require_fit((KH, KW), x.shape[2:])
    return sliding_window_view(x, (KH, KW), axis=(2, 3))[:, :, ::stride, ::stride]


def _correlate(x, weight, bias, stride=1, padding=0):
    patches = _patches(x, *weight.shape[2:], stride, padding)
    return np.einsum("ncijkl,fckl->nfij", patches, weight) + bias[:, None, None]


def _correlate_single(image, kernel):
    return _correlate(image[None, None], kernel[None, None], np.zeros(1))[0, 0]


def _tensors(*arrays):
    import torch

    return [torch.from_numpy(np.ascontiguousarray(array, dtype=np.float64)) for array in arrays]


def _conv2d_on_kernels(x, weight, bias, stride=1, padding=0):
    from autograder.kernels.convolution import conv2d

    return conv2d(*_tensors(x, weight, bias), stride, padding).numpy()


def _value_and_bad_size(points):
    """Parts for a function that raises ValueError where the window does not fit: see `_share_cases`."""
    return {"value": Part(points), "bad_size": Part(1)}


def _share_cases(exercise):
    """Count the cases that raise in the part `bad_size`, the others in `value`."""
    cases = exercise.cases
    exercise.parts["value"].cases = tuple(case.name for case in cases if not case.raises)
    exercise.parts["bad_size"].cases = tuple(case.name for case in cases if case.raises)


# conv_output_size --------------------------------------------------------------------------------

conv_output_size = chapter.exercise(
    "conv_output_size",
    signature="conv_output_size(size: int, kernel: int, stride: int, padding: int) -> int",
    outputs=("size",),
    parts=_value_and_bad_size(1),
    section=f"{PAGE}#convolution-output-size",
)


def _sizes(random, remainder):
    stride = int(random.integers(3, 6))
    kernel, padding = int(random.integers(3, 8)), int(random.integers(1, 4))
    left = {"none": 0, "one": 1, "most": stride - 1}[remainder]
    padded = stride * int(random.integers(5, 12)) + left + kernel
    return {"size": padded - 2 * padding, "kernel": kernel, "stride": stride, "padding": padding}


@conv_output_size.case("the stride fits")
def _(random):
    return _sizes(random, "none")


@conv_output_size.case("one pixel is left over")
def _(random):
    return _sizes(random, "one")


@conv_output_size.case("stride − 1 pixels are left over")
def _(random):
    return _sizes(random, "most")


@conv_output_size.case("AlexNet's first layer")
def _(random):
    return {"size": 227, "kernel": 11, "stride": 4, "padding": 0}


@conv_output_size.case("VGG's layers keep the size")
def _(random):
    return {"size": 224, "kernel": 3, "stride": 1, "padding": 1}


@conv_output_size.case("kernel as large as the padded input")
def _(random):
    size, padding = int(random.integers(3, 9)), int(random.integers(1, 4))
    return {"size": size, "kernel": size + 2 * padding, "stride": 3, "padding": padding}


@conv_output_size.case("kernel too large by one", raises="ValueError")
def _(random):
    size, padding = int(random.integers(3, 9)), int(random.integers(1, 4))
    return {"size": size, "kernel": size + 2 * padding + 1, "stride": 2, "padding": padding}


@conv_output_size.case("large image", secret=True)
def _(random):
    return {**_sizes(random, "one"), "size": int(random.integers(500, 999))}


_share_cases(conv_output_size)


@conv_output_size.reference
def _(size, kernel, stride, padding):
    _require_fit((kernel,), (size + 2 * padding,))
    return (size + 2 * padding - kernel) // stride + 1


@conv_output_size.mistake(
    "not_floored",
    "Your size is not a whole number when the stride does not fit: the last, incomplete step is dropped "
    "(the lecture's square brackets leave that open, E13).",
)
def _(size, kernel, stride, padding):
    _require_fit((kernel,), (size + 2 * padding,))
    return (size + 2 * padding - kernel) / stride + 1


@conv_output_size.mistake(
    "rounded_up",
    "You rounded up: your last window hangs over the edge of the padded input. Only windows that lie "
    "inside it count.",
)
def _(size, kernel, stride, padding):
    _require_fit((kernel,), (size + 2 * padding,))
    return -(-(size + 2 * padding - kernel) // stride) + 1


@conv_output_size.mistake(
    "rounded_to_nearest",
    "You rounded to the nearest whole number: when more than half a step is left over, that counts a "
    "window that hangs over the edge.",
)
def _(size, kernel, stride, padding):
    _require_fit((kernel,), (size + 2 * padding,))
    return round((size + 2 * padding - kernel) / stride) + 1


@conv_output_size.mistake(
    "first_window_forgotten",
    "Your size is too small by one: you counted the steps between windows, and there is one window more "
    "than there are steps.",
)
def _(size, kernel, stride, padding):
    _require_fit((kernel,), (size + 2 * padding,))
    return (size + 2 * padding - kernel) // stride


@conv_output_size.mistake(
    "one_inside_the_bracket",
    "The 1 is added before the division in your formula. It counts the first window, so it is added to "
    "the number of steps, after dividing by the stride.",
)
def _(size, kernel, stride, padding):
    _require_fit((kernel,), (size + 2 * padding,))
    return (size + 2 * padding - kernel + 1) // stride


@conv_output_size.mistake(
    "padding_on_one_side",
    "You counted the padding once. It is added at both ends of the axis.",
)
def _(size, kernel, stride, padding):
    _require_fit((kernel,), (size + 2 * padding,))
    return (size + padding - kernel) // stride + 1


@conv_output_size.mistake(
    "padding_ignored",
    "Your size is that of the axis without its zeros: the window moves over the padded axis.",
    f"{PAGE}#convolution-padding",
)
def _(size, kernel, stride, padding):
    _require_fit((kernel,), (size + 2 * padding,))
    return (size - kernel) // stride + 1


@conv_output_size.mistake(
    "stride_ignored",
    "Your size is that of stride 1: the window moves by `stride` pixels at each step.",
)
def _(size, kernel, stride, padding):
    _require_fit((kernel,), (size + 2 * padding,))
    return size + 2 * padding - kernel + 1


TOO_LARGE = (
    "You return a size for a kernel larger than the padded input: it fits nowhere, and the task asks for a "
    "ValueError there."
)


@conv_output_size.mistake("too_large_gives_zero", TOO_LARGE)
def _(size, kernel, stride, padding):
    return (size + 2 * padding - kernel) // stride + 1


@conv_output_size.mistake("too_large_gives_one", TOO_LARGE)
def _(size, kernel, stride, padding):
    return int((size + 2 * padding - kernel) / stride) + 1


@conv_output_size.alternative
def counting_starts(size, kernel, stride, padding):
    starts = range(0, size + 2 * padding - kernel + 1, stride)
    if not starts:
        raise ValueError("the kernel fits nowhere")
    return len(starts)


@conv_output_size.alternative
def with_numpy_floor(size, kernel, stride, padding):
    if kernel > size + 2 * padding:
        raise ValueError(f"kernel {kernel} is larger than the padded input {size + 2 * padding}")
    return np.floor((size - kernel + 2 * padding) / stride).astype(int) + 1


# conv1d ------------------------------------------------------------------------------------------

conv1d = chapter.exercise(
    "conv1d",
    signature="conv1d(x: (W,), kernel: (K,), stride: int, padding: int) -> (OW,)",
    outputs=("y",),
    points=2,
    forbids=READY_MADE,
    uses=("conv_output_size",),
    section=f"{PAGE}#convolution-one-dimension",
)


def _signal(random, W, K, stride, padding):
    return {
        "x": random.normal(size=W),
        "kernel": random.normal(size=K),
        "stride": stride,
        "padding": padding,
    }


@conv1d.case("stride 1, no padding")
def _(random):
    return _signal(random, 9, 3, 1, 0)


@conv1d.case("stride 2, padding 2, a remainder")
def _(random):
    return _signal(random, 10, 3, 2, 2)


@conv1d.case("stride 3, even kernel")
def _(random):
    return _signal(random, 14, 4, 3, 1)


@conv1d.case("whole numbers in, real kernel")
def _(random):
    return {**_signal(random, 8, 2, 1, 0), "x": random.integers(-9, 10, size=8)}


@conv1d.case("long signal", secret=True)
def _(random):
    return _signal(random, int(random.integers(100, 120)), 7, int(random.integers(2, 5)), 3)


@conv1d.reference
def _(x, kernel, stride, padding):
    from autograder.kernels.convolution import conv1d

    signal, weight = _tensors(x[None, None], kernel[None, None])
    return conv1d(signal, weight, None, stride, padding)[0, 0].numpy()


def _slide(x, kernel, stride):
    _require_fit(kernel.shape, x.shape)
    return sliding_window_view(x, len(kernel))[::stride] @ kernel


@conv1d.mistake(
    "kernel_flipped",
    "You turned the kernel round: that is the convolution of mathematics. Layers compute the "
    "cross-correlation, whose kernel lies as it is (E10).",
    f"{PAGE}#convolution-flip",
)
def _(x, kernel, stride, padding):
    return _slide(np.pad(x, padding), kernel[::-1], stride)


@conv1d.mistake(
    "window_moves_by_one",
    "You give the right number of values, but your window moves by one at each step: output i starts at "
    "stride times i.",
)
def _(x, kernel, stride, padding):
    values = _slide(np.pad(x, padding), kernel, 1)
    return values[: (len(values) - 1) // stride + 1]


@conv1d.mistake(
    "stride_ignored", "You compute every position: the window moves by `stride` at each step."
)
def _(x, kernel, stride, padding):
    return _slide(np.pad(x, padding), kernel, 1)


@conv1d.mistake(
    "last_window_forgotten",
    "Your result lacks its last value: there is one window more than there are steps between windows.",
    f"{PAGE}#convolution-output-size",
)
def _(x, kernel, stride, padding):
    return _slide(np.pad(x, padding), kernel, stride)[:-1]


@conv1d.mistake(
    "last_start_excluded",
    "Your result lacks its last value where the last window ends exactly at the end of the padded signal: "
    "that window counts too (`range` leaves its end out).",
    f"{PAGE}#convolution-output-size",
)
def _(x, kernel, stride, padding):
    starts = range(0, len(x) + 2 * padding - len(kernel), stride)
    return _slide(np.pad(x, padding), kernel, stride)[: len(starts)]


@conv1d.mistake(
    "last_product_only",
    "Only the last product of each window is left in your result: you assign (`=`) inside the loop over the "
    "kernel where the products add up (`+=`).",
)
def _(x, kernel, stride, padding):
    kernel = np.where(np.arange(len(kernel)) == len(kernel) - 1, kernel, 0)
    return _slide(np.pad(x, padding), kernel, stride)


@conv1d.mistake(
    "padding_ignored",
    "You did not pad: `padding` zeros go at each end of the signal.",
    f"{PAGE}#convolution-padding",
)
def _(x, kernel, stride, padding):
    return _slide(x, kernel, stride)


@conv1d.mistake(
    "padded_left_only",
    "You put the zeros before the signal only: `padding` of them go at each end.",
    f"{PAGE}#convolution-padding",
)
def _(x, kernel, stride, padding):
    _require_fit(kernel.shape, (len(x) + 2 * padding,))
    return _slide(np.pad(x, (padding, 0)), kernel, stride)


@conv1d.mistake(
    "padded_right_only",
    "All your zeros follow the signal: half of them, `padding` zeros, go before it.",
    f"{PAGE}#convolution-padding",
)
def _(x, kernel, stride, padding):
    return _slide(np.pad(x, (0, 2 * padding)), kernel, stride)


@conv1d.mistake(
    "empty_slice",
    "Your answer fails where padding is 0: the slice padding:-padding is then 0:0, which is empty. Write "
    "its end as a position counted from the front.",
    f"{PAGE}#convolution-padding",
)
def _(x, kernel, stride, padding):
    padded = np.zeros(len(x) + 2 * padding)
    padded[padding:-padding] = x
    return _slide(padded, kernel, stride)


@conv1d.mistake(
    "whole_numbers_out",
    "Your result loses its decimals when x holds whole numbers: the array you write into has the dtype "
    "of x. Make it float64.",
)
def _(x, kernel, stride, padding):
    return _slide(np.pad(x, padding), kernel, stride).astype(x.dtype)


@conv1d.alternative
def conv1d_by_loops(x, kernel, stride, padding):
    count = (len(x) + 2 * padding - len(kernel)) // stride + 1
    if count < 1:
        raise ValueError("the kernel is longer than the padded signal")
    result = []
    for i in range(count):
        total = 0.0
        for k in range(len(kernel)):
            position = i * stride + k - padding
            if 0 <= position < len(x):
                total += x[position] * kernel[k]
        result.append(total)
    return np.array(result)


@conv1d.alternative
def conv1d_by_shifts_in_float32(x, kernel, stride, padding):
    padded = np.pad(x, padding).astype(np.float32)
    count = len(padded) - len(kernel) + 1
    if count < 1:
        raise ValueError("the kernel is longer than the padded signal")
    full = sum(kernel[k].astype(np.float32) * padded[k : k + count] for k in range(len(kernel)))
    return full[::stride]


# conv2d_single -----------------------------------------------------------------------------------

conv2d_single = chapter.exercise(
    "conv2d_single",
    signature="conv2d_single(image: (H, W), kernel: (KH, KW)) -> (OH, OW)",
    outputs=("feature_map",),
    parts=_value_and_bad_size(2),
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


def _image(random, H, W, KH, KW):
    return {"image": random.normal(size=(H, W)), "kernel": random.normal(size=(KH, KW))}


@conv2d_single.case("the lecture's 5 × 5 and 3 × 3")
def _(random):
    return {"image": np.array(LECTURE_IMAGE, float), "kernel": np.array(LECTURE_KERNEL, float)}


@conv2d_single.case("neither is square")
def _(random):
    return _image(random, 7, 5, 2, 3)


@conv2d_single.case("whole numbers in, real kernel")
def _(random):
    return {**_image(random, 5, 6, 3, 3), "image": random.integers(-9, 10, size=(5, 6))}


@conv2d_single.case("kernel as large as the image")
def _(random):
    return _image(random, 4, 3, 4, 3)


@conv2d_single.case("kernel too wide by one", raises="ValueError")
def _(random):
    return _image(random, 6, 4, 2, 5)


@conv2d_single.case("kernel too tall by one", raises="ValueError")
def _(random):
    return _image(random, 3, 7, 4, 2)


@conv2d_single.case("large", secret=True)
def _(random):
    return _image(random, int(random.integers(12, 16)), int(random.integers(17, 21)), 5, 4)


@conv2d_single.case("one row", secret=True)
def _(random):
    return _image(random, 1, int(random.integers(5, 9)), 1, 3)


_share_cases(conv2d_single)


@conv2d_single.reference
def _(image, kernel):
    return _conv2d_on_kernels(image[None, None], kernel[None, None], np.zeros(1))[0, 0]


@conv2d_single.mistake(
    "kernel_flipped",
    "You turned the kernel by 180°: that is the convolution of mathematics. Here the kernel lies as it is "
    "(cross-correlation, E10). The lecture's kernel looks the same turned, so its example cannot show it.",
    f"{PAGE}#convolution-flip",
)
def _(image, kernel):
    return _correlate_single(image, kernel[::-1, ::-1])


@conv2d_single.mistake(
    "indices_swapped",
    "Row and column offsets are swapped: K(m, n) belongs to I(i + m, j + n), not to I(i + n, j + m) as one "
    "slide says (E11).",
)
def _(image, kernel):
    (H, W), (KH, KW) = image.shape, kernel.shape
    _require_fit(kernel.shape, image.shape)
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
    _require_fit(kernel.shape, image.shape)
    return _correlate_single(image, kernel.T)


@conv2d_single.mistake(
    "matrix_product",
    "You take the matrix product of patch and kernel (`@`). The window's values and the kernel's are "
    "multiplied one by one (`*`) and then summed.",
)
def _(image, kernel):
    (KH, KW) = kernel.shape
    _require_fit(kernel.shape, image.shape)
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
    return _correlate_single(image, kernel)[:-1, :-1]


@conv2d_single.mistake(
    "same_size",
    "Your feature map has the size of the image, so you padded it. Without padding only windows that lie "
    "inside the image count (“valid”).",
    f"{PAGE}#convolution-padding",
)
def _(image, kernel):
    (KH, KW) = kernel.shape
    _require_fit(kernel.shape, image.shape)
    rows, columns = ((KH - 1) // 2, KH // 2), ((KW - 1) // 2, KW // 2)
    return _correlate_single(np.pad(image, (rows, columns)), kernel)


@conv2d_single.mistake(
    "last_product_only",
    "Only the last product of each window is left in your result: you assign (`=`) inside the loop over the "
    "kernel where the products add up (`+=`).",
)
def _(image, kernel):
    (KH, KW) = kernel.shape
    _require_fit(kernel.shape, image.shape)
    return kernel[-1, -1] * image[KH - 1 :, KW - 1 :].astype(float)


@conv2d_single.mistake(
    "averaged",
    "You average over the window: the products are summed, nothing is divided.",
)
def _(image, kernel):
    return _correlate_single(image, kernel) / kernel.size


@conv2d_single.mistake(
    "whole_numbers_out",
    "Your result loses its decimals when the image holds whole numbers: the array you write into has the "
    "dtype of the image. Make it float64.",
)
def _(image, kernel):
    return _correlate_single(image, kernel).astype(image.dtype)


@conv2d_single.mistake(
    "too_large_gives_nothing",
    "You return an empty result for a kernel larger than the image: it fits nowhere, and the task asks for a ValueError.",
    f"{PAGE}#convolution-output-size",
)
def _(image, kernel):
    OH, OW = image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1
    return np.zeros((OH, OW)) if OH < 1 or OW < 1 else _correlate_single(image, kernel)


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
    _require_fit(kernel.shape, image.shape)
    windows = sliding_window_view(image, kernel.shape)
    return np.tensordot(kernel.T, windows, ([1, 0], [2, 3])).T.copy().T


# true_convolution --------------------------------------------------------------------------------

true_convolution = chapter.exercise(
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
    return _image(random, 5, 4, 2, 3)


@true_convolution.case("an impulse draws the kernel")
def _(random):
    image = np.zeros((3, 5))
    image[1, 3] = 1.0
    return {"image": image, "kernel": random.normal(size=(3, 3))}


@true_convolution.case("kernel larger than the image")
def _(random):
    return _image(random, 2, 3, 4, 4)


@true_convolution.case("large", secret=True)
def _(random):
    return _image(random, int(random.integers(8, 11)), int(random.integers(12, 15)), 5, 2)


@true_convolution.reference
def _(image, kernel):
    padding = (kernel.shape[0] - 1, kernel.shape[1] - 1)
    flipped = kernel[None, None, ::-1, ::-1]
    return _conv2d_on_kernels(image[None, None], flipped, np.zeros(1), 1, padding)[0, 0]


def _full(image, kernel):
    """Cross-correlation wherever kernel and image overlap."""
    rows, columns = kernel.shape[0] - 1, kernel.shape[1] - 1
    return _correlate_single(np.pad(image, ((rows, rows), (columns, columns))), kernel)


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
    return _correlate_single(padded, kernel[::-1, ::-1])


@true_convolution.mistake(
    "inside_only",
    "You keep only the windows inside the image (“valid”). This task asks for every place where kernel and "
    "image overlap (“full”), of size H + KH − 1 by W + KW − 1.",
    f"{PAGE}#convolution-padding",
)
def _(image, kernel):
    return _correlate_single(image, kernel[::-1, ::-1])


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


# conv_matrix -------------------------------------------------------------------------------------

conv_matrix = chapter.exercise(
    "conv_matrix",
    signature="conv_matrix(kernel: (KH, KW), H: int, W: int) -> (OH * OW, H * W)",
    outputs=("matrix",),
    points=2,
    forbids=("torch", "scipy"),
    section=f"{PAGE}#convolution-matrix",
)


@conv_matrix.case("neither is square")
def _(random):
    return {"kernel": random.normal(size=(2, 3)), "H": 4, "W": 5}


@conv_matrix.case("square kernel, tall image")
def _(random):
    return {"kernel": random.normal(size=(2, 2)), "H": 4, "W": 3}


@conv_matrix.case("one row")
def _(random):
    return {"kernel": random.normal(size=(1, 3)), "H": 1, "W": 6}


@conv_matrix.case("large", secret=True)
def _(random):
    return {
        "kernel": random.normal(size=(3, 2)),
        "H": int(random.integers(5, 8)),
        "W": int(random.integers(8, 10)),
    }


@conv_matrix.reference
def _(kernel, H, W):
    pixels = np.eye(H * W).reshape(H * W, 1, H, W)
    return _conv2d_on_kernels(pixels, kernel[None, None], np.zeros(1)).reshape(H * W, -1).T


def _fill(kernel, H, W, column):
    """A matrix whose row (i, j) holds kernel[m, n] in column(i, j, m, n)."""
    (KH, KW) = kernel.shape
    _require_fit((KH, KW), (H, W))
    OH, OW = H - KH + 1, W - KW + 1
    matrix = np.zeros((OH * OW, H * W))
    for i, j, m, n in np.ndindex(OH, OW, KH, KW):
        matrix[i * OW + j, column(i, j, m, n)] = kernel[m, n]
    return matrix


@conv_matrix.mistake(
    "transposed",
    "Your matrix is transposed: it has a row for each output and a column for each pixel. The transpose is "
    "what carries gradients back.",
)
def _(kernel, H, W):
    return _fill(kernel, H, W, lambda i, j, m, n: (i + m) * W + j + n).T


@conv_matrix.mistake(
    "kernel_flipped",
    "Your matrix belongs to the turned kernel (the convolution of mathematics): the kernel lies as it is.",
    f"{PAGE}#convolution-flip",
)
def _(kernel, H, W):
    return _fill(kernel[::-1, ::-1], H, W, lambda i, j, m, n: (i + m) * W + j + n)


@conv_matrix.mistake(
    "shifted_by_one_in_each_row",
    "Each of your rows is the one above moved right by one. At the end of a line of outputs the window "
    "jumps to the next line of the image, over KW − 1 more pixels.",
)
def _(kernel, H, W):
    (KH, KW) = kernel.shape
    _require_fit((KH, KW), (H, W))
    OW = W - KW + 1
    return _fill(kernel, H, W, lambda i, j, m, n: i * OW + j + m * W + n)


@conv_matrix.mistake(
    "kernel_unpadded",
    "You put the kernel's numbers side by side in each row. Two lines of the kernel lie W pixels apart in "
    "the flattened image, so zeros stand between them.",
)
def _(kernel, H, W):
    KW = kernel.shape[1]
    return _fill(kernel, H, W, lambda i, j, m, n: i * W + j + m * KW + n)


@conv_matrix.mistake(
    "column_by_column",
    "You flatten the image column by column. The task goes row by row, as `ravel` does: pixel (r, c) has "
    "number r·W + c.",
)
def _(kernel, H, W):
    return _fill(kernel, H, W, lambda i, j, m, n: (j + n) * H + i + m)


@conv_matrix.mistake(
    "same_size",
    "Your matrix has a row for every pixel: the windows that hang over the edge are not wanted here "
    "(“valid”), so there are OH · OW rows.",
    f"{PAGE}#convolution-padding",
)
def _(kernel, H, W):
    (KH, KW) = kernel.shape
    _require_fit((KH, KW), (H, W))
    matrix = np.zeros((H * W, H * W))
    for i, j, m, n in np.ndindex(H, W, KH, KW):
        if i + m < H and j + n < W:
            matrix[i * W + j, (i + m) * W + j + n] = kernel[m, n]
    return matrix


@conv_matrix.alternative
def matrix_by_loops(kernel, H, W):
    if kernel.shape[0] > H or kernel.shape[1] > W:
        raise ValueError("the kernel is larger than the image")
    return _fill(kernel, H, W, lambda i, j, m, n: i * W + j + m * W + n)


@conv_matrix.alternative
def matrix_by_placing_the_kernel(kernel, H, W):
    (KH, KW) = kernel.shape
    if KH > H or KW > W:
        raise ValueError("the kernel is larger than the image")
    rows = []
    for i in range(H - KH + 1):
        for j in range(W - KW + 1):
            canvas = np.zeros((H, W), np.float32)
            canvas[i : i + KH, j : j + KW] = kernel
            rows.append(canvas.ravel())
    return np.stack(rows)


# conv2d ------------------------------------------------------------------------------------------

conv2d = chapter.exercise(
    "conv2d",
    signature=(
        "conv2d(x: (N, C, H, W), weight: (F, C, KH, KW), bias: (F,), stride: int, padding: int) "
        "-> (N, F, OH, OW)"
    ),
    outputs=("y",),
    parts=_value_and_bad_size(3),
    forbids=READY_MADE,
    uses=("conv_output_size",),
    section=f"{PAGE}#convolution-channels",
)


def _layer(random, N, C, F, image, kernel, stride, padding):
    return {
        "x": random.normal(size=(N, C, *image)),
        "weight": random.normal(size=(F, C, *kernel)),
        "bias": random.normal(size=F),
        "stride": stride,
        "padding": padding,
    }


@conv2d.case("stride 1, no padding")
def _(random):
    return _layer(random, 2, 3, 4, (6, 9), (2, 3), 1, 0)


@conv2d.case("stride 2, padding 1, a remainder")
def _(random):
    return _layer(random, 3, 2, 4, (6, 8), (3, 2), 2, 1)


@conv2d.case("stride beyond the kernel")
def _(random):
    return _layer(random, 2, 3, 5, (8, 7), (2, 2), 3, 0)


@conv2d.case("one image, 1 × 1 kernel")
def _(random):
    return _layer(random, 1, 4, 3, (3, 2), (1, 1), 1, 0)


@conv2d.case("kernel too tall by one", raises="ValueError")
def _(random):
    return _layer(random, 2, 2, 3, (3, 6), (6, 2), 2, 1)


@conv2d.case("kernel too wide by one", raises="ValueError")
def _(random):
    return _layer(random, 2, 3, 2, (7, 4), (2, 5), 1, 0)


@conv2d.case("large", secret=True)
def _(random):
    return _layer(random, 4, 5, 6, (int(random.integers(10, 13)), 15), (4, 3), 3, 2)


_share_cases(conv2d)


@conv2d.reference
def _(x, weight, bias, stride, padding):
    return _conv2d_on_kernels(x, weight, bias, stride, padding)


@conv2d.mistake(
    "kernel_flipped",
    "You turned the kernels by 180°: layers compute the cross-correlation, whose kernel lies as it is (E10).",
    f"{PAGE}#convolution-flip",
)
def _(x, weight, bias, stride, padding):
    return _correlate(x, weight[:, :, ::-1, ::-1], bias, stride, padding)


@conv2d.mistake(
    "first_channel_only",
    "You used the first channel alone: a filter is C × KH × KW numbers, and its output sums over all "
    "channels.",
)
def _(x, weight, bias, stride, padding):
    return _correlate(x[:, :1], weight[:, :1], bias, stride, padding)


@conv2d.mistake(
    "last_channel_only",
    "Only the last channel is left in your result: you assign (`=`) inside the loop over the channels where "
    "their contributions add up (`+=`).",
)
def _(x, weight, bias, stride, padding):
    return _correlate(x[:, -1:], weight[:, -1:], bias, stride, padding)


@conv2d.mistake(
    "bias_along_the_width",
    "Your bias meets the last axis, OW: NumPy lines axes up from the right. Give it the shape (F, 1, 1), so "
    "that it meets the axis of the filters.",
)
def _(x, weight, bias, stride, padding):
    return _correlate(x, weight, 0 * bias, stride, padding) + bias


@conv2d.mistake(
    "bias_for_each_channel",
    "You added the bias once for each channel: it is added once for each output value, after the sum over "
    "the channels.",
)
def _(x, weight, bias, stride, padding):
    return _correlate(x, weight, bias * x.shape[1], stride, padding)


@conv2d.mistake("bias_missing", "You left out the bias: each filter f adds its own bias[f].")
def _(x, weight, bias, stride, padding):
    return _correlate(x, weight, 0 * bias, stride, padding)


@conv2d.mistake(
    "stride_ignored",
    "You compute every position: the window moves by `stride` pixels along both axes.",
    f"{PAGE}#convolution-output-size",
)
def _(x, weight, bias, stride, padding):
    return _correlate(x, weight, bias, 1, padding)


@conv2d.mistake(
    "window_moves_by_one",
    "Your output has the right size, but the window moves by one at each step: output (i, j) starts at "
    "(stride · i, stride · j).",
    f"{PAGE}#convolution-output-size",
)
def _(x, weight, bias, stride, padding):
    OH, OW = _correlate(x, weight, bias, stride, padding).shape[2:]
    return _correlate(x, weight, bias, 1, padding)[:, :, :OH, :OW]


@conv2d.mistake(
    "last_start_excluded",
    "Your output lacks its last row or column where the last window ends exactly at the edge of the padded "
    "image: that window counts too (`range` leaves its end out).",
    f"{PAGE}#convolution-output-size",
)
def _(x, weight, bias, stride, padding):
    rows, columns = (
        len(range(0, size + 2 * padding - k, stride))
        for size, k in zip(x.shape[2:], weight.shape[2:], strict=True)
    )
    return _correlate(x, weight, bias, stride, padding)[:, :, :rows, :columns]


@conv2d.mistake(
    "axes_not_moved",
    "Your numbers are right and stand in the wrong places: `reshape` does not exchange axes. A product with "
    "the windows has the filters as its last axis; bring that axis forward, as `transpose` does.",
    f"{PAGE}#convolution-im2col",
)
def _(x, weight, bias, stride, padding):
    y = _correlate(x, weight, bias, stride, padding)
    return y.transpose(0, 2, 3, 1).reshape(y.shape)


@conv2d.mistake(
    "all_axes_padded",
    "You padded every axis, so there are more images and channels than before: only H and W are padded.",
    f"{PAGE}#convolution-padding",
)
def _(x, weight, bias, stride, padding):
    return _correlate(np.pad(x, padding), weight, bias, stride)


@conv2d.mistake(
    "padding_ignored",
    "You did not pad: `padding` rows and columns of zeros go on each side of H and W.",
    f"{PAGE}#convolution-padding",
)
def _(x, weight, bias, stride, padding):
    return _correlate(x, weight, bias, stride, 0)


@conv2d.mistake(
    "padded_top_left_only",
    "You padded above and to the left only: all four sides get `padding` zeros.",
    f"{PAGE}#convolution-padding",
)
def _(x, weight, bias, stride, padding):
    _require_fit(weight.shape[2:], [size + 2 * padding for size in x.shape[2:]])
    x = np.pad(x, ((0, 0), (0, 0), (padding, 0), (padding, 0)))
    return _correlate(x, weight, bias, stride)


@conv2d.mistake(
    "empty_slice",
    "Your answer fails where padding is 0: the slice padding:-padding is then 0:0, which is empty. Write "
    "its end as a position counted from the front.",
    f"{PAGE}#convolution-padding",
)
def _(x, weight, bias, stride, padding):
    N, C, H, W = x.shape
    padded = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    padded[:, :, padding:-padding, padding:-padding] = x
    return _correlate(padded, weight, bias, stride)


@conv2d.mistake(
    "too_large_gives_nothing",
    "You return an empty result for a kernel larger than the padded image: it fits nowhere, and the task asks for a ValueError.",
    f"{PAGE}#convolution-output-size",
)
def _(x, weight, bias, stride, padding):
    OH, OW = (
        max((size + 2 * padding - k) // stride + 1, 0)
        for size, k in zip(x.shape[2:], weight.shape[2:], strict=True)
    )
    if OH == 0 or OW == 0:
        return np.zeros((len(x), len(weight), OH, OW))
    return _correlate(x, weight, bias, stride, padding)


@conv2d.alternative
def conv2d_by_loops(x, weight, bias, stride, padding):
    N, C, H, W = x.shape
    F, _, KH, KW = weight.shape
    OH, OW = (H + 2 * padding - KH) // stride + 1, (W + 2 * padding - KW) // stride + 1
    if OH < 1 or OW < 1:
        raise ValueError("the kernel is larger than the padded image")
    padded = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    padded[:, :, padding : padding + H, padding : padding + W] = x
    y = np.zeros((N, F, OH, OW))
    for n, f, i, j in np.ndindex(N, F, OH, OW):
        top, left = i * stride, j * stride
        y[n, f, i, j] = (padded[n, :, top : top + KH, left : left + KW] * weight[f]).sum() + bias[f]
    return y


@conv2d.alternative
def conv2d_by_kernel_positions_in_float32(x, weight, bias, stride, padding):
    (KH, KW) = weight.shape[2:]
    padded = _pad(x, padding).astype(np.float32)
    H, W = padded.shape[2:]
    _require_fit((KH, KW), (H, W))
    y = bias[:, None, None].astype(np.float32)
    for m, n in np.ndindex(KH, KW):
        seen = padded[:, :, m : H - KH + m + 1 : stride, n : W - KW + n + 1 : stride]
        y = y + np.einsum("nchw,fc->nfhw", seen, weight[:, :, m, n].astype(np.float32))
    return y


@conv2d.alternative
def conv2d_as_a_matrix_product(x, weight, bias, stride, padding):
    patches = _patches(x, *weight.shape[2:], stride, padding)
    N, C, OH, OW, KH, KW = patches.shape
    columns = patches.transpose(0, 2, 3, 1, 4, 5).reshape(N * OH * OW, C * KH * KW)
    y = columns @ weight.reshape(len(weight), -1).T + bias
    return y.reshape(N, OH, OW, -1).transpose(0, 3, 1, 2)


# im2col ------------------------------------------------------------------------------------------

im2col = chapter.exercise(
    "im2col",
    signature=(
        "im2col(x: (N, C, H, W), kernel_size: (KH, KW), stride: int, padding: int) "
        "-> (N * OH * OW, C * KH * KW)"
    ),
    outputs=("columns",),
    points=2,
    forbids=("torch", "scipy"),
    uses=("conv_output_size",),
    section=f"{PAGE}#convolution-im2col",
)


def _images(random, N, C, image, kernel, stride, padding):
    return {
        "x": random.normal(size=(N, C, *image)),
        "kernel_size": kernel,
        "stride": stride,
        "padding": padding,
    }


@im2col.case("stride 1, no padding")
def _(random):
    return _images(random, 2, 3, (4, 6), (2, 3), 1, 0)


@im2col.case("stride 2, padding 1, a remainder")
def _(random):
    return _images(random, 3, 2, (6, 4), (3, 2), 2, 1)


@im2col.case("one image, one channel")
def _(random):
    return _images(random, 1, 1, (4, 3), (2, 2), 1, 0)


@im2col.case("large", secret=True)
def _(random):
    return _images(random, 3, 4, (int(random.integers(8, 11)), 7), (2, 4), 3, 2)


@im2col.reference
def _(x, kernel_size, stride, padding):
    size = x.shape[1] * kernel_size[0] * kernel_size[1]
    weight = np.eye(size).reshape(size, x.shape[1], *kernel_size)
    columns = _conv2d_on_kernels(x, weight, np.zeros(size), stride, padding)
    return columns.transpose(0, 2, 3, 1).reshape(-1, size)


def _gather(x, kernel_size, stride, padding, rows=(0, 2, 3), columns=(1, 4, 5)):
    """Windows as a matrix, by the axes (N, C, OH, OW, KH, KW) that go down and across."""
    patches = _patches(x, *kernel_size, stride, padding).transpose(*rows, *columns)
    return patches.reshape(np.prod(patches.shape[: len(rows)]), -1)


@im2col.mistake(
    "transposed",
    "Your matrix is transposed: a row for each window, a column for each number in it.",
)
def _(x, kernel_size, stride, padding):
    return _gather(x, kernel_size, stride, padding).T


@im2col.mistake(
    "channels_last",
    "Your columns run over KH, KW and then C. The task's order is C, KH, KW, the order in which "
    "`weight.reshape(F, -1)` lies.",
)
def _(x, kernel_size, stride, padding):
    return _gather(x, kernel_size, stride, padding, columns=(4, 5, 1))


@im2col.mistake(
    "kernel_axes_swapped",
    "Within a channel your columns run down the window first. The task goes along its rows: KH outside, KW "
    "inside.",
)
def _(x, kernel_size, stride, padding):
    return _gather(x, kernel_size, stride, padding, columns=(1, 5, 4))


@im2col.mistake(
    "images_inside",
    "Your rows run over the positions and, inside, over the images. The task's order is N, OH, OW: all "
    "windows of the first image come first.",
)
def _(x, kernel_size, stride, padding):
    return _gather(x, kernel_size, stride, padding, rows=(2, 3, 0))


@im2col.mistake(
    "positions_column_by_column",
    "Your rows run down the image first. The task's order is N, OH, OW: windows along a line of the image "
    "follow each other.",
)
def _(x, kernel_size, stride, padding):
    return _gather(x, kernel_size, stride, padding, rows=(0, 3, 2))


@im2col.mistake(
    "axes_not_moved",
    "You reshaped without moving axes, so each row mixes numbers of several windows: bring the axes into "
    "the order N, OH, OW, C, KH, KW before the reshape.",
)
def _(x, kernel_size, stride, padding):
    patches = _patches(x, *kernel_size, stride, padding)
    return patches.reshape(-1, x.shape[1] * kernel_size[0] * kernel_size[1])


@im2col.mistake(
    "stride_ignored",
    "You cut a window at every position: it moves by `stride` pixels along both axes.",
    f"{PAGE}#convolution-output-size",
)
def _(x, kernel_size, stride, padding):
    return _gather(x, kernel_size, 1, padding)


@im2col.mistake(
    "padding_ignored",
    "You did not pad: `padding` rows and columns of zeros go on each side of H and W.",
    f"{PAGE}#convolution-padding",
)
def _(x, kernel_size, stride, padding):
    return _gather(x, kernel_size, stride, 0)


@im2col.alternative
def im2col_by_loops(x, kernel_size, stride, padding):
    (KH, KW) = kernel_size
    padded = _pad(x, padding)
    N, _, H, W = padded.shape
    if KH > H or KW > W:
        raise ValueError("the kernel is larger than the padded image")
    rows = []
    for n in range(N):
        for top in range(0, H - KH + 1, stride):
            for left in range(0, W - KW + 1, stride):
                rows.append(padded[n, :, top : top + KH, left : left + KW].ravel())
    return np.array(rows)


@im2col.alternative
def im2col_by_fancy_indices(x, kernel_size, stride, padding):
    padded = _pad(x, padding).astype(np.float32)
    N, C, H, W = padded.shape
    _require_fit(kernel_size, (H, W))
    (KH, KW) = kernel_size
    OH, OW = (H - KH) // stride + 1, (W - KW) // stride + 1
    rows = stride * np.arange(OH)[:, None, None, None] + np.arange(KH)[:, None]
    columns = stride * np.arange(OW)[:, None, None] + np.arange(KW)
    windows = padded[:, :, rows, columns]
    return np.moveaxis(windows, 1, 3).reshape(N * OH * OW, C * KH * KW)


# conv2d_backward ---------------------------------------------------------------------------------

conv2d_backward = chapter.exercise(
    "conv2d_backward",
    signature=(
        "conv2d_backward(dy: (N, F, OH, OW), x: (N, C, H, W), weight: (F, C, KH, KW), stride: int, "
        "padding: int) -> dx (N, C, H, W), dw (F, C, KH, KW), db (F,)"
    ),
    outputs=("dx", "dw", "db"),
    parts={
        "input": Part(2, outputs=("dx",)),
        "weight": Part(1, outputs=("dw",)),
        "bias": Part(1, outputs=("db",)),
    },
    forbids=("torch", "scipy", "jax", "autograd"),
    section=f"{PAGE}#convolution-backward",
)


def _backward_case(random, N, C, F, image, kernel, stride, padding):
    case = _layer(random, N, C, F, image, kernel, stride, padding)
    bias = case.pop("bias")
    case["dy"] = random.normal(size=_correlate(**case, bias=bias).shape)
    return case


@conv2d_backward.case("stride 1, no padding")
def _(random):
    return _backward_case(random, 2, 3, 4, (6, 9), (2, 3), 1, 0)


@conv2d_backward.case("stride 2, padding 1, a remainder")
def _(random):
    return _backward_case(random, 3, 2, 4, (6, 9), (3, 2), 2, 1)


@conv2d_backward.case("stride beyond the kernel")
def _(random):
    return _backward_case(random, 3, 3, 2, (8, 7), (2, 2), 3, 0)


@conv2d_backward.case("one image, one channel, one filter")
def _(random):
    return _backward_case(random, 1, 1, 1, (4, 3), (3, 2), 1, 2)


@conv2d_backward.case("large", secret=True)
def _(random):
    return _backward_case(random, 4, 5, 3, (int(random.integers(9, 12)), 8), (4, 3), 3, 2)


@conv2d_backward.reference
def _(dy, x, weight, stride, padding):
    import torch

    from autograder.kernels.convolution import conv2d

    dy, *inputs = _tensors(dy, x, weight, np.zeros(len(weight)))
    for tensor in inputs:
        tensor.requires_grad_(True)
    y = conv2d(*inputs, stride, padding)
    return tuple(gradient.numpy() for gradient in torch.autograd.grad(y, inputs, dy))


def _pull_weight(dy, x, KH, KW, stride, padding):
    return np.einsum("nfij,ncijkl->fckl", dy, _patches(x, KH, KW, stride, padding))


def _pull_padded(dy, shape, weight, stride, padding, add=True):
    """Gradient of the padded input; without `add`, the last kernel position to write wins."""
    N, C, H, W = shape
    (KH, KW), (OH, OW) = weight.shape[2:], dy.shape[2:]
    dx = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    for m, n in np.ndindex(KH, KW):
        part = np.einsum("nfij,fc->ncij", dy, weight[:, :, m, n])
        place = np.s_[:, :, m : m + stride * OH : stride, n : n + stride * OW : stride]
        dx[place] = dx[place] + part if add else part
    return dx


def _crop(dx, shape, padding):
    return dx[:, :, padding : padding + shape[2], padding : padding + shape[3]]


def _conv_gradients(dy, x, weight, stride, padding):
    dx = _crop(_pull_padded(dy, x.shape, weight, stride, padding), x.shape, padding)
    return dx, _pull_weight(dy, x, *weight.shape[2:], stride, padding), dy.sum((0, 2, 3))


OVERWRITTEN = (
    "A pixel lies in several windows, and only the last one counts in your dx: you assign (`=`) where the "
    "contributions add up (`+=`)."
)


@conv2d_backward.mistake("windows_overwritten", OVERWRITTEN)
def _(dy, x, weight, stride, padding):
    _, dw, db = _conv_gradients(dy, x, weight, stride, padding)
    (KH, KW) = weight.shape[2:]
    dx = 0 * _pad(x, padding)
    for i, j in np.ndindex(*dy.shape[2:]):
        part = np.einsum("nf,fckl->nckl", dy[:, :, i, j], weight)
        dx[:, :, i * stride : i * stride + KH, j * stride : j * stride + KW] = part
    return _crop(dx, x.shape, padding), dw, db


@conv2d_backward.mistake("kernel_positions_overwritten", OVERWRITTEN)
def _(dy, x, weight, stride, padding):
    _, dw, db = _conv_gradients(dy, x, weight, stride, padding)
    dx = _pull_padded(dy, x.shape, weight, stride, padding, add=False)
    return _crop(dx, x.shape, padding), dw, db


@conv2d_backward.mistake(
    "filters_overwritten",
    "Every pixel is seen by all F filters and by several windows; in your dx only the last to write counts, "
    "because you assign (`=`) where the contributions add up (`+=`).",
)
def _(dy, x, weight, stride, padding):
    _, dw, db = _conv_gradients(dy, x, weight, stride, padding)
    (KH, KW) = weight.shape[2:]
    dx = 0 * _pad(x, padding)
    for n, f, i, j in np.ndindex(*dy.shape):
        top, left = i * stride, j * stride
        dx[n, :, top : top + KH, left : left + KW] = dy[n, f, i, j] * weight[f]
    return _crop(dx, x.shape, padding), dw, db


@conv2d_backward.mistake(
    "stride_ignored",
    "In your dx the windows move by one: output (i, j) came from the window at (stride · i, stride · j), so "
    "its gradient goes back there.",
)
def _(dy, x, weight, stride, padding):
    _, dw, db = _conv_gradients(dy, x, weight, stride, padding)
    return _crop(_pull_padded(dy, x.shape, weight, 1, padding), x.shape, padding), dw, db


@conv2d_backward.mistake(
    "weight_stride_ignored",
    "In your dw the windows move by one: output (i, j) came from the window at (stride · i, stride · j), so "
    "dy(i, j) is paired with the pixels there.",
)
def _(dy, x, weight, stride, padding):
    dx, _, db = _conv_gradients(dy, x, weight, stride, padding)
    patches = _patches(x, *weight.shape[2:], 1, padding)[:, :, : dy.shape[2], : dy.shape[3]]
    return dx, np.einsum("nfij,ncijkl->fckl", dy, patches), db


@conv2d_backward.mistake(
    "kernel_flipped",
    "In your dx the kernel lies the wrong way round. When you spread dy over the windows, it lies as it is; "
    "when you write dx as a cross-correlation of dy, it is turned by 180°.",
)
def _(dy, x, weight, stride, padding):
    dx, _, _ = _conv_gradients(dy, x, weight[:, :, ::-1, ::-1], stride, padding)
    return dx, *_conv_gradients(dy, x, weight, stride, padding)[1:]


@conv2d_backward.mistake(
    "padding_kept",
    "Your dx is the gradient of the padded image: cut the margin off, so that it has the shape of x.",
    f"{PAGE}#convolution-padding",
)
def _(dy, x, weight, stride, padding):
    _, dw, db = _conv_gradients(dy, x, weight, stride, padding)
    return _pull_padded(dy, x.shape, weight, stride, padding), dw, db


@conv2d_backward.mistake(
    "empty_slice",
    "Your dx is empty where padding is 0: the slice padding:-padding is then 0:0. Write its end as a "
    "position counted from the front.",
    f"{PAGE}#convolution-padding",
)
def _(dy, x, weight, stride, padding):
    _, dw, db = _conv_gradients(dy, x, weight, stride, padding)
    dx = _pull_padded(dy, x.shape, weight, stride, padding)
    return dx[:, :, padding:-padding, padding:-padding], dw, db


@conv2d_backward.mistake(
    "remainder_lost",
    "Your dx ends where the last window ends. Where the stride leaves a remainder, the last rows or columns "
    "of x are in no window: they belong to dx too, with gradient 0.",
    f"{PAGE}#convolution-output-size",
)
def _(dy, x, weight, stride, padding):
    dx, dw, db = _conv_gradients(dy, x, weight, stride, padding)
    seen = [
        min(size, (out - 1) * stride + k - padding)
        for size, out, k in zip(x.shape[2:], dy.shape[2:], weight.shape[2:], strict=True)
    ]
    return dx[:, :, : seen[0], : seen[1]], dw, db


@conv2d_backward.mistake(
    "weight_from_unpadded_image",
    "Your dw looks at x without its padding: the windows of the forward pass lie in the padded image, and so "
    "must these.",
    f"{PAGE}#convolution-padding",
)
def _(dy, x, weight, stride, padding):
    dx, dw, db = _conv_gradients(dy, x, weight, stride, padding)
    (OH, OW) = dy.shape[2:]
    for m, n in np.ndindex(*weight.shape[2:]):
        seen = x[:, :, m : m + stride * OH : stride, n : n + stride * OW : stride]
        dw[:, :, m, n] = np.einsum("nfij,ncij->fc", dy, seen)
    return dx, dw, db


@conv2d_backward.mistake(
    "input_averaged_over_batch",
    "Your dx is divided by the number of images: dy already holds whatever mean the loss takes, so nothing "
    "is divided here.",
)
def _(dy, x, weight, stride, padding):
    dx, dw, db = _conv_gradients(dy, x, weight, stride, padding)
    return dx / len(x), dw, db


@conv2d_backward.mistake(
    "weight_of_last_window",
    "Your dw holds the contribution of the last window alone: all positions share the kernel, so they add "
    "up (`+=`).",
)
def _(dy, x, weight, stride, padding):
    dx, _, db = _conv_gradients(dy, x, weight, stride, padding)
    last = _patches(x, *weight.shape[2:], stride, padding)[:, :, dy.shape[2] - 1, dy.shape[3] - 1]
    return dx, np.einsum("nf,nckl->fckl", dy[:, :, -1, -1], last), db


@conv2d_backward.mistake(
    "weight_of_last_window_and_image",
    "Your dw holds the contribution of the last image's last window alone: all images and positions share "
    "the kernel, so they add up (`+=`).",
)
def _(dy, x, weight, stride, padding):
    dx, _, db = _conv_gradients(dy, x, weight, stride, padding)
    last = _patches(x, *weight.shape[2:], stride, padding)[-1, :, dy.shape[2] - 1, dy.shape[3] - 1]
    return dx, np.einsum("f,ckl->fckl", dy[-1, :, -1, -1], last), db


@conv2d_backward.mistake(
    "weight_averaged_over_batch",
    "Your dw is an average over the images: dy already holds whatever mean the loss takes, so the "
    "contributions of the images are summed.",
)
def _(dy, x, weight, stride, padding):
    dx, dw, db = _conv_gradients(dy, x, weight, stride, padding)
    return dx, dw / len(x), db


@conv2d_backward.mistake(
    "weight_of_last_image",
    "Your dw holds the last image's contribution alone: all images share the kernel, so they add up (`+=`).",
)
def _(dy, x, weight, stride, padding):
    dx, _, db = _conv_gradients(dy, x, weight, stride, padding)
    return dx, _conv_gradients(dy[-1:], x[-1:], weight, stride, padding)[1], db


@conv2d_backward.mistake(
    "weight_flipped",
    "Your dw comes out turned by 180°: dw(m, n) pairs dy(i, j) with the pixel that K(m, n) met there, at "
    "(stride · i + m, stride · j + n).",
)
def _(dy, x, weight, stride, padding):
    dx, dw, db = _conv_gradients(dy, x, weight, stride, padding)
    return dx, dw[:, :, ::-1, ::-1], db


@conv2d_backward.mistake(
    "bias_summed_over_batch_only",
    "Your db is summed over the images only. One bias serves every position too, so the sum runs over N, "
    "OH and OW, and db has shape (F,).",
)
def _(dy, x, weight, stride, padding):
    dx, dw, _ = _conv_gradients(dy, x, weight, stride, padding)
    return dx, dw, dy.sum(0)


@conv2d_backward.mistake(
    "bias_summed_over_positions_only",
    "Your db still has an entry for each image. One bias serves all images, so the sum runs over N, OH and "
    "OW, and db has shape (F,).",
)
def _(dy, x, weight, stride, padding):
    dx, dw, _ = _conv_gradients(dy, x, weight, stride, padding)
    return dx, dw, dy.sum((2, 3))


@conv2d_backward.mistake(
    "bias_averaged_over_batch",
    "Your db is an average over the images: dy already holds whatever mean the loss takes, so the "
    "contributions of the images are summed.",
)
def _(dy, x, weight, stride, padding):
    dx, dw, db = _conv_gradients(dy, x, weight, stride, padding)
    return dx, dw, db / len(x)


@conv2d_backward.mistake(
    "bias_averaged",
    "Your db is a mean of dy: the bias is added at every position of every image, so its gradient is the "
    "sum.",
)
def _(dy, x, weight, stride, padding):
    dx, dw, _ = _conv_gradients(dy, x, weight, stride, padding)
    return dx, dw, dy.mean((0, 2, 3))


@conv2d_backward.alternative
def backward_by_windows(dy, x, weight, stride, padding):
    (KH, KW) = weight.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    dx, dw = np.zeros_like(padded), np.zeros_like(weight)
    for n, f, i, j in np.ndindex(*dy.shape):
        window = np.s_[n, :, i * stride : i * stride + KH, j * stride : j * stride + KW]
        dx[window] += dy[n, f, i, j] * weight[f]
        dw[f] += dy[n, f, i, j] * padded[window]
    H, W = x.shape[2:]
    return [dx[:, :, padding : padding + H, padding : padding + W], dw, np.einsum("nfij->f", dy)]


@conv2d_backward.alternative
def backward_through_columns(dy, x, weight, stride, padding):
    columns = _gather(x, weight.shape[2:], stride, padding)
    flat = dy.transpose(0, 2, 3, 1).reshape(-1, dy.shape[1])
    dw = (flat.T @ columns).reshape(weight.shape)
    dcolumns = (flat @ weight.reshape(len(weight), -1)).reshape(
        len(x), *dy.shape[2:], *weight.shape[1:]
    )
    dx = np.zeros_like(_pad(x, padding))
    for i, j in np.ndindex(*dy.shape[2:]):
        top, left = i * stride, j * stride
        dx[:, :, top : top + weight.shape[2], left : left + weight.shape[3]] += dcolumns[:, i, j]
    return _crop(dx, x.shape, padding), dw, flat.sum(0)


@conv2d_backward.alternative
def backward_as_correlation_in_float32(dy, x, weight, stride, padding):
    (KH, KW), (H, W) = weight.shape[2:], x.shape[2:]
    stretched = np.zeros(
        (*dy.shape[:2], H + 2 * padding + KH - 1, W + 2 * padding + KW - 1), np.float32
    )
    rows = slice(KH - 1, KH - 1 + stride * dy.shape[2], stride)
    columns = slice(KW - 1, KW - 1 + stride * dy.shape[3], stride)
    stretched[:, :, rows, columns] = dy
    turned = weight.transpose(1, 0, 2, 3)[:, :, ::-1, ::-1].astype(np.float32)
    dx = _correlate(stretched, turned, np.zeros(len(turned), np.float32))
    dw = _pull_weight(dy.astype(np.float32), x.astype(np.float32), KH, KW, stride, padding)
    return _crop(dx, x.shape, padding), dw, dy.sum((0, 2, 3)).astype(np.float32)


# max_pool ----------------------------------------------------------------------------------------

max_pool = chapter.exercise(
    "max_pool",
    signature="max_pool(x: (N, C, H, W), size: int, stride: int) -> (N, C, OH, OW)",
    outputs=("y",),
    parts=_value_and_bad_size(2),
    forbids=("torch", "scipy"),
    uses=("conv_output_size",),
    section=f"{PAGE}#convolution-pooling",
)


def _maps(random, N, C, H, W, size, stride):
    return {"x": random.normal(size=(N, C, H, W)), "size": size, "stride": stride}


def _pooling_cases(exercise):
    """Add the cases that max_pool and average_pool have in common."""

    @exercise.case("2 × 2, stride 2, a remainder")
    def _(random):
        return _maps(random, 2, 3, 5, 7, 2, 2)

    @exercise.case("3 × 3, stride 2: windows overlap")
    def _(random):
        return _maps(random, 3, 2, 7, 8, 3, 2)

    @exercise.case("all values negative")
    def _(random):
        case = _maps(random, 2, 2, 4, 6, 2, 2)
        return {**case, "x": -1 - np.abs(case["x"])}

    @exercise.case("one image, stride beyond the window")
    def _(random):
        return _maps(random, 1, 1, 5, 8, 2, 3)

    @exercise.case("large", secret=True)
    def _(random):
        return _maps(random, 4, 5, int(random.integers(12, 16)), 17, 4, 3)


_pooling_cases(max_pool)


@max_pool.case("window too tall by one", raises="ValueError")
def _(random):
    return _maps(random, 2, 2, 3, 6, 4, 2)


@max_pool.case("window too wide by one", raises="ValueError")
def _(random):
    return _maps(random, 2, 2, 7, 3, 4, 1)


_share_cases(max_pool)


@max_pool.reference
def _(x, size, stride):
    from autograder.kernels.pooling import max_pool2d

    return max_pool2d(*_tensors(x), size, stride).numpy()


def _pool(x, size, stride, summary=np.max):
    return summary(_patches(x, size, size, stride), axis=(4, 5))


@max_pool.mistake(
    "subsampled",
    "You keep the top left value of each window: that is subsampling. Max pooling keeps the largest.",
)
def _(x, size, stride):
    return _patches(x, size, size, stride)[..., 0, 0]


@max_pool.mistake(
    "bottom_right",
    "You keep the bottom right value of each window, which is the largest only where values grow along rows "
    "and columns.",
)
def _(x, size, stride):
    return _patches(x, size, size, stride)[..., -1, -1]


@max_pool.mistake(
    "starts_at_zero",
    "Where all values of a window are negative you give 0: the maximum starts from 0. Start it from the "
    "window's own values.",
)
def _(x, size, stride):
    return np.maximum(_pool(x, size, stride), 0)


@max_pool.mistake(
    "stride_ignored",
    "Your windows stand side by side whatever the stride is: window (i, j) starts at (stride · i, stride · j).",
)
def _(x, size, stride):
    return _pool(x, size, size)


@max_pool.mistake(
    "window_moves_by_one",
    "Your result has the right size, but the window moves by one at each step: window (i, j) starts at "
    "(stride · i, stride · j).",
)
def _(x, size, stride):
    OH, OW = _pool(x, size, stride).shape[2:]
    return _pool(x, size, 1)[:, :, :OH, :OW]


@max_pool.mistake(
    "last_start_excluded",
    "Your output lacks its last row or column where the last window ends exactly at the edge of the map: "
    "that window counts too (`range` leaves its end out).",
    f"{PAGE}#convolution-output-size",
)
def _(x, size, stride):
    rows, columns = (len(range(0, side - size, stride)) for side in x.shape[2:])
    return _pool(x, size, stride)[:, :, :rows, :columns]


@max_pool.mistake(
    "incomplete_windows_counted",
    "You count windows that hang over the edge: rows and columns that fill no whole window are dropped here "
    "(the floor in the size formula).",
    f"{PAGE}#convolution-output-size",
)
def _(x, size, stride):
    _require_fit((size, size), x.shape[2:], "window")
    more = [(0, -(side - size) % stride) for side in x.shape[2:]]
    return _pool(np.pad(x, ((0, 0), (0, 0), *more), constant_values=-np.inf), size, stride)


@max_pool.mistake(
    "channels_mixed",
    "You take the maximum over all channels together: each channel is pooled by itself.",
)
def _(x, size, stride):
    y = _pool(x, size, stride)
    return np.broadcast_to(y.max(axis=1, keepdims=True), y.shape)


@max_pool.mistake("averaged", "You average over the window: this task asks for the largest value.")
def _(x, size, stride):
    return _pool(x, size, stride, np.mean)


@max_pool.mistake(
    "too_large_gives_nothing",
    "You return an empty result for a window larger than the map: it fits nowhere, and the task asks for a ValueError.",
    f"{PAGE}#convolution-output-size",
)
def _(x, size, stride):
    OH, OW = (max((side - size) // stride + 1, 0) for side in x.shape[2:])
    return _pool(x, size, stride) if OH and OW else np.zeros((*x.shape[:2], OH, OW))


@max_pool.alternative
def max_pool_by_loops(x, size, stride):
    N, C, H, W = x.shape
    if size > H or size > W:
        raise ValueError("the window is larger than the map")
    y = np.zeros((N, C, (H - size) // stride + 1, (W - size) // stride + 1))
    for n, c, i, j in np.ndindex(*y.shape):
        top, left = i * stride, j * stride
        y[n, c, i, j] = x[n, c, top : top + size, left : left + size].max()
    return y


@max_pool.alternative
def max_pool_by_running_maximum_in_float32(x, size, stride):
    H, W = x.shape[2:]
    if min(H, W) < size:
        raise ValueError("the window is larger than the map")
    y = np.float32(-np.inf)
    for m, n in np.ndindex(size, size):
        seen = x[:, :, m : H - size + m + 1 : stride, n : W - size + n + 1 : stride]
        y = np.maximum(y, seen.astype(np.float32))
    return y


# max_pool_backward -------------------------------------------------------------------------------

max_pool_backward = chapter.exercise(
    "max_pool_backward",
    signature=(
        "max_pool_backward(dy: (N, C, OH, OW), x: (N, C, H, W), size: int, stride: int) "
        "-> (N, C, H, W)"
    ),
    outputs=("dx",),
    points=3,
    forbids=("torch", "scipy", "jax", "autograd"),
    section=f"{PAGE}#convolution-pooling-backward",
)


def _pooling_gradient(random, N, C, H, W, size, stride):
    case = _maps(random, N, C, H, W, size, stride)
    return {**case, "dy": random.normal(size=_pool(**case).shape)}


@max_pool_backward.case("2 × 2, stride 2, a remainder")
def _(random):
    return _pooling_gradient(random, 2, 3, 5, 7, 2, 2)


@max_pool_backward.case("3 × 3, stride 2: windows overlap")
def _(random):
    return _pooling_gradient(random, 3, 2, 7, 8, 3, 2)


@max_pool_backward.case("ties")
def _(random):
    case = _pooling_gradient(random, 2, 2, 6, 5, 3, 1)
    return {**case, "x": random.integers(0, 3, size=(2, 2, 6, 5)).astype(float)}


@max_pool_backward.case("one image, stride beyond the window")
def _(random):
    return _pooling_gradient(random, 1, 1, 5, 8, 2, 3)


@max_pool_backward.case("large, with ties", secret=True)
def _(random):
    case = _pooling_gradient(random, 3, 4, int(random.integers(10, 14)), 11, 4, 3)
    return {**case, "x": np.maximum(case["x"], 0)}


@max_pool_backward.reference
def _(dy, x, size, stride):
    import torch

    from autograder.kernels.pooling import max_pool2d

    x, dy = _tensors(x, dy)
    x.requires_grad_(True)
    return torch.autograd.grad(max_pool2d(x, size, stride), x, dy)[0].numpy()


def _spread(dy, x, size, stride, share, add=True):
    """Give each window, in row-major order, share(window (N, C, size, size)) times its dy."""
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(*dy.shape[2:]):
        window = np.s_[:, :, i * stride : i * stride + size, j * stride : j * stride + size]
        part = share(x[window]) * dy[:, :, i, j][:, :, None, None]
        dx[window] = dx[window] + part if add else part
    return dx


def _first_maximum(window, last=False):
    flat = window.reshape(*window.shape[:2], -1)
    place = flat[..., ::-1].argmax(-1) if last else flat.argmax(-1)
    chosen = np.arange(flat.shape[-1]) == place[..., None]
    return (chosen[..., ::-1] if last else chosen).reshape(window.shape)


def _all_maxima(window):
    return window == window.max((2, 3), keepdims=True)


@max_pool_backward.mistake(
    "windows_overwritten",
    "Where windows overlap, a later one erases what an earlier one put there: you assign (`=`) to whole "
    "windows where contributions add up (`+=`).",
)
def _(dy, x, size, stride):
    return _spread(dy, x, size, stride, _first_maximum, add=False)


@max_pool_backward.mistake(
    "maximum_overwritten",
    "A pixel can be the maximum of several overlapping windows, and only the last one counts in your dx: "
    "add to it (`+=`).",
)
def _(dy, x, size, stride):
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(*dy.shape[2:]):
        window = np.s_[:, :, i * stride : i * stride + size, j * stride : j * stride + size]
        chosen = _first_maximum(x[window])
        dx[window] = np.where(chosen, dy[:, :, i, j][:, :, None, None], dx[window])
    return dx


@max_pool_backward.mistake(
    "all_ties",
    "Where the largest value occurs twice in a window, both get the whole gradient, so it is counted twice. "
    "Here it goes to the first in row-major order.",
)
def _(dy, x, size, stride):
    return _spread(dy, x, size, stride, _all_maxima)


@max_pool_backward.mistake(
    "ties_shared",
    "Where the largest value occurs twice in a window you share the gradient: a valid choice, but this task "
    "gives it to the first in row-major order.",
)
def _(dy, x, size, stride):
    def share(window):
        maxima = _all_maxima(window)
        return maxima / maxima.sum((2, 3), keepdims=True)

    return _spread(dy, x, size, stride, share)


@max_pool_backward.mistake(
    "last_tie",
    "Where the largest value occurs twice in a window you choose the last: this task gives the gradient to "
    "the first in row-major order (compare by >, not by ≥).",
)
def _(dy, x, size, stride):
    return _spread(dy, x, size, stride, lambda window: _first_maximum(window, last=True))


@max_pool_backward.mistake(
    "spread_evenly",
    "You spread the gradient over the window: that belongs to average pooling. Only the largest value "
    "influenced the output, so it gets all of it.",
)
def _(dy, x, size, stride):
    return _spread(dy, x, size, stride, lambda window: np.ones(window.shape) / size**2)


@max_pool_backward.mistake(
    "given_to_all",
    "Every pixel of a window gets the window's gradient in your dx: only the largest value influenced the "
    "output, all others get nothing from this window.",
)
def _(dy, x, size, stride):
    return _spread(dy, x, size, stride, lambda window: np.ones(window.shape))


@max_pool_backward.mistake(
    "multiplied_by_the_maximum",
    "You multiply by the maximum itself. The output equals that pixel, so the derivative is 1, whatever its "
    "value.",
)
def _(dy, x, size, stride):
    return _spread(dy, x, size, stride, lambda window: window * _first_maximum(window))


@max_pool_backward.mistake(
    "offset_forgotten",
    "All your gradients land in the top left corner: `argmax` counts inside the window, so add where the "
    "window starts.",
)
def _(dy, x, size, stride):
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(*dy.shape[2:]):
        window = x[:, :, i * stride : i * stride + size, j * stride : j * stride + size]
        dx[:, :, :size, :size] += _first_maximum(window) * dy[:, :, i, j][:, :, None, None]
    return dx


@max_pool_backward.mistake(
    "remainder_lost",
    "Your dx ends where the last window ends. Rows and columns of x that are in no window belong to dx too, "
    "with gradient 0.",
    f"{PAGE}#convolution-output-size",
)
def _(dy, x, size, stride):
    dx = _spread(dy, x, size, stride, _first_maximum)
    return dx[:, :, : (dy.shape[2] - 1) * stride + size, : (dy.shape[3] - 1) * stride + size]


@max_pool_backward.alternative
def max_backward_by_loops(dy, x, size, stride):
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(*dy.shape):
        best, place = -np.inf, None
        for a in range(i * stride, i * stride + size):
            for b in range(j * stride, j * stride + size):
                if x[n, c, a, b] > best:
                    best, place = x[n, c, a, b], (a, b)
        dx[n, c, *place] += dy[n, c, i, j]
    return dx


@max_pool_backward.alternative
def max_backward_by_scatter(dy, x, size, stride):
    N, C, OH, OW = dy.shape
    place = _patches(x, size, size, stride).reshape(N, C, OH, OW, -1).argmax(-1)
    n, c, i, j = np.indices(dy.shape)
    dx = np.zeros_like(x, dtype=np.float32)
    np.add.at(dx, (n, c, i * stride + place // size, j * stride + place % size), dy)
    return dx


# average_pool ------------------------------------------------------------------------------------

average_pool = chapter.exercise(
    "average_pool",
    signature="average_pool(x: (N, C, H, W), size: int, stride: int) -> (N, C, OH, OW)",
    outputs=("y",),
    points=1,
    forbids=("torch", "scipy"),
    uses=("conv_output_size",),
    section=f"{PAGE}#convolution-pooling",
)
_pooling_cases(average_pool)


@average_pool.reference
def _(x, size, stride):
    from autograder.kernels.pooling import average_pool2d

    return average_pool2d(*_tensors(x), size, stride).numpy()


@average_pool.mistake(
    "summed",
    "You sum over the window: divide by the number of its values, size².",
)
def _(x, size, stride):
    return _pool(x, size, stride, np.sum)


@average_pool.mistake(
    "divided_by_size",
    "You divide by size: a window holds size × size values, so divide by size².",
)
def _(x, size, stride):
    return _pool(x, size, stride, np.sum) / size


@average_pool.mistake("maximum", "You take the maximum: this task asks for the mean of the window.")
def _(x, size, stride):
    return _pool(x, size, stride)


@average_pool.mistake(
    "stride_ignored",
    "Your windows stand side by side whatever the stride is: window (i, j) starts at (stride · i, stride · j).",
)
def _(x, size, stride):
    return _pool(x, size, size, np.mean)


@average_pool.mistake(
    "window_moves_by_one",
    "Your result has the right size, but the window moves by one at each step: window (i, j) starts at "
    "(stride · i, stride · j).",
)
def _(x, size, stride):
    OH, OW = _pool(x, size, stride).shape[2:]
    return _pool(x, size, 1, np.mean)[:, :, :OH, :OW]


@average_pool.mistake(
    "channels_mixed",
    "You average over all channels together: each channel is pooled by itself.",
)
def _(x, size, stride):
    y = _pool(x, size, stride, np.mean)
    return np.broadcast_to(y.mean(axis=1, keepdims=True), y.shape)


@average_pool.mistake(
    "incomplete_windows_counted",
    "You count windows that hang over the edge: rows and columns that fill no whole window are dropped here "
    "(the floor in the size formula).",
    f"{PAGE}#convolution-output-size",
)
def _(x, size, stride):
    _require_fit((size, size), x.shape[2:], "window")
    more = [(0, -(side - size) % stride) for side in x.shape[2:]]
    padded = np.pad(x, ((0, 0), (0, 0), *more), constant_values=np.nan)
    return _pool(padded, size, stride, np.nanmean)


@average_pool.alternative
def average_pool_by_loops(x, size, stride):
    N, C, H, W = x.shape
    OH, OW = (H - size) // stride + 1, (W - size) // stride + 1
    if OH < 1 or OW < 1:
        raise ValueError("the window is larger than the map")
    y = np.zeros((N, C, OH, OW))
    for i, j in np.ndindex(OH, OW):
        top, left = i * stride, j * stride
        y[:, :, i, j] = x[:, :, top : top + size, left : left + size].mean((2, 3))
    return y


@average_pool.alternative
def average_pool_as_convolution_in_float32(x, size, stride):
    N, C = x.shape[:2]
    kernel = np.full((1, 1, size, size), 1 / size**2, np.float32)
    y = _correlate(
        x.reshape(N * C, 1, *x.shape[2:]).astype(np.float32),
        kernel,
        np.zeros(1, np.float32),
        stride,
    )
    return y.reshape(N, C, *y.shape[2:])


# average_pool_backward ---------------------------------------------------------------------------

average_pool_backward = chapter.exercise(
    "average_pool_backward",
    signature=(
        "average_pool_backward(dy: (N, C, OH, OW), input_shape: (N, C, H, W), size: int, stride: int) "
        "-> (N, C, H, W)"
    ),
    outputs=("dx",),
    points=2,
    forbids=("torch", "scipy", "jax", "autograd"),
    section=f"{PAGE}#convolution-pooling-backward",
)


def _average_gradient(random, N, C, H, W, size, stride):
    OH, OW = (H - size) // stride + 1, (W - size) // stride + 1
    return {
        "dy": random.normal(size=(N, C, OH, OW)),
        "input_shape": (N, C, H, W),
        "size": size,
        "stride": stride,
    }


@average_pool_backward.case("2 × 2, stride 2, a remainder")
def _(random):
    return _average_gradient(random, 2, 3, 5, 7, 2, 2)


@average_pool_backward.case("3 × 3, stride 2: windows overlap")
def _(random):
    return _average_gradient(random, 3, 2, 7, 8, 3, 2)


@average_pool_backward.case("3 × 3, stride 1, one image")
def _(random):
    return _average_gradient(random, 1, 1, 4, 5, 3, 1)


@average_pool_backward.case("stride beyond the window")
def _(random):
    return _average_gradient(random, 2, 1, 5, 9, 2, 3)


@average_pool_backward.case("large", secret=True)
def _(random):
    return _average_gradient(random, 3, 4, int(random.integers(10, 14)), 11, 4, 3)


@average_pool_backward.reference
def _(dy, input_shape, size, stride):
    import torch

    from autograder.kernels.pooling import average_pool2d

    x, dy = _tensors(np.zeros(input_shape), dy)
    x.requires_grad_(True)
    return torch.autograd.grad(average_pool2d(x, size, stride), x, dy)[0].numpy()


def _share_out(dy, input_shape, size, stride, fraction, add=True):
    return _spread(
        dy, np.zeros(input_shape), size, stride, lambda window: np.full(window.shape, fraction), add
    )


@average_pool_backward.mistake(
    "windows_overwritten",
    "Where windows overlap, a later one erases what an earlier one put there: you assign (`=`) where "
    "contributions add up (`+=`).",
)
def _(dy, input_shape, size, stride):
    return _share_out(dy, input_shape, size, stride, 1 / size**2, add=False)


@average_pool_backward.mistake(
    "not_divided",
    "Every pixel gets the window's whole gradient: each of the size² pixels entered the mean with weight "
    "1 / size², and so gets that share.",
)
def _(dy, input_shape, size, stride):
    return _share_out(dy, input_shape, size, stride, 1.0)


@average_pool_backward.mistake(
    "divided_by_size",
    "You divide by size: a window holds size × size pixels, so each gets the share 1 / size².",
)
def _(dy, input_shape, size, stride):
    return _share_out(dy, input_shape, size, stride, 1 / size)


@average_pool_backward.mistake(
    "stride_ignored",
    "You put the windows side by side whatever the stride is: window (i, j) starts at "
    "(stride · i, stride · j).",
)
def _(dy, input_shape, size, stride):
    dx = np.zeros(input_shape)
    for i, j in np.ndindex(*dy.shape[2:]):
        window = dx[:, :, i * size : (i + 1) * size, j * size : (j + 1) * size]
        window += dy[:, :, i, j][:, :, None, None] / size**2
    return dx


@average_pool_backward.mistake(
    "averaged_over_windows",
    "Where windows overlap you take the mean of their contributions: they are summed, as all paths of a "
    "gradient are.",
)
def _(dy, input_shape, size, stride):
    windows = _share_out(np.ones(dy.shape), input_shape, size, stride, 1.0)
    return _share_out(dy, input_shape, size, stride, 1 / size**2) / np.maximum(windows, 1)


@average_pool_backward.mistake(
    "top_left_only",
    "Only the first pixel of each window gets a gradient: all size² pixels entered the mean.",
)
def _(dy, input_shape, size, stride):
    dx = np.zeros(input_shape)
    for i, j in np.ndindex(*dy.shape[2:]):
        dx[:, :, i * stride, j * stride] += dy[:, :, i, j] / size**2
    return dx


@average_pool_backward.mistake(
    "repeated",
    "You repeat dy `size` times along each axis: this is right only where windows stand side by side and "
    "fill the map. Let dx have the shape input_shape, and add each window's share at its place.",
)
def _(dy, input_shape, size, stride):
    return dy.repeat(size, axis=2).repeat(size, axis=3) / size**2


@average_pool_backward.mistake(
    "remainder_lost",
    "Your dx ends where the last window ends. Rows and columns that are in no window belong to dx too, with "
    "gradient 0.",
    f"{PAGE}#convolution-output-size",
)
def _(dy, input_shape, size, stride):
    dx = _share_out(dy, input_shape, size, stride, 1 / size**2)
    return dx[:, :, : (dy.shape[2] - 1) * stride + size, : (dy.shape[3] - 1) * stride + size]


@average_pool_backward.alternative
def average_backward_by_loops(dy, input_shape, size, stride):
    dx = np.zeros(input_shape, np.float32)
    for n, c, i, j in np.ndindex(*dy.shape):
        for a in range(size):
            for b in range(size):
                dx[n, c, i * stride + a, j * stride + b] += dy[n, c, i, j] / (size * size)
    return dx


@average_pool_backward.alternative
def average_backward_by_shifts(dy, input_shape, size, stride):
    dx, (OH, OW) = np.zeros(input_shape), dy.shape[2:]
    for a, b in np.ndindex(size, size):
        dx[:, :, a : a + stride * OH : stride, b : b + stride * OW : stride] += dy / size**2
    return dx


# receptive_field ---------------------------------------------------------------------------------

receptive_field = chapter.exercise(
    "receptive_field",
    signature="receptive_field(layers: list of (kernel: int, stride: int)) -> int",
    outputs=("size",),
    points=2,
    section=f"{PAGE}#convolution-receptive-field",
)


@receptive_field.case("three 3 × 3 layers")
def _(random):
    return {"layers": [(3, 1), (3, 1), (3, 1)]}


@receptive_field.case("LeNet-5 up to its second pooling")
def _(random):
    return {"layers": [(5, 1), (2, 2), (5, 1), (2, 2)]}


def _random_layers(random, L):
    strides = [2, *random.integers(1, 4, size=L - 2).tolist(), 1]
    return [(int(kernel), stride) for kernel, stride in zip(random.integers(3, 8, L), strides, strict=True)]  # fmt: skip


@receptive_field.case("four layers")
def _(random):
    return {"layers": _random_layers(random, 4)}


@receptive_field.case("one layer")
def _(random):
    return {"layers": [(int(random.integers(4, 12)), 3)]}


@receptive_field.case("no layer")
def _(random):
    return {"layers": []}


@receptive_field.case("nine layers", secret=True)
def _(random):
    return {"layers": _random_layers(random, 9)}


@receptive_field.reference
def _(layers):
    size, jump = 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) * jump
        jump *= stride
    return size


@receptive_field.mistake(
    "strides_ignored",
    "You left out the strides: after a layer of stride s, neighbouring units look at places s times as far "
    "apart, so later layers widen the field faster.",
)
def _(layers):
    return 1 + sum(kernel - 1 for kernel, _ in layers)


@receptive_field.mistake(
    "own_stride_counted",
    "A layer's own stride is counted for its own kernel. The stride spaces the layer's outputs apart: it "
    "counts from the next layer on.",
)
def _(layers):
    size, jump = 1, 1
    for kernel, stride in layers:
        jump *= stride
        size += (kernel - 1) * jump
    return size


@receptive_field.mistake(
    "wrong_end_first",
    "You go through the layers from the wrong end: a kernel is widened by the strides of the layers before "
    "it, nearer to the input.",
)
def _(layers):
    size, jump = 1, 1
    for kernel, stride in reversed(layers):
        size += (kernel - 1) * jump
        jump *= stride
    return size


WHOLE_KERNEL = (
    "Each layer adds its whole kernel in your sum. One pixel of it was already in the field: it adds "
    "kernel − 1 (times the spacing)."
)


@receptive_field.mistake("kernels_summed_onto_one", WHOLE_KERNEL)
def _(layers):
    size, jump = 1, 1
    for kernel, stride in layers:
        size += kernel * jump
        jump *= stride
    return size


@receptive_field.mistake("kernels_summed", WHOLE_KERNEL)
def _(layers):
    size, jump = 0, 1
    for kernel, stride in layers:
        size += kernel * jump
        jump *= stride
    return size


@receptive_field.mistake(
    "first_pixel_forgotten",
    "Your size is too small by one: before any layer, a pixel sees itself, a field of size 1.",
)
def _(layers):
    size, jump = 0, 1
    for kernel, stride in layers:
        size += (kernel - 1) * jump
        jump *= stride
    return size


@receptive_field.mistake(
    "kernels_multiplied",
    "You multiply the kernels: fields of neighbouring units overlap, so a layer adds kernel − 1 (times the "
    "spacing), it does not multiply.",
)
def _(layers):
    size = 1
    for kernel, _ in layers:
        size *= kernel
    return size


@receptive_field.mistake(
    "strides_not_accumulated",
    "You widen each kernel by the stride of the one layer before it. All earlier strides count: they "
    "multiply.",
)
def _(layers):
    size, previous = 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) * previous
        previous = stride
    return size


@receptive_field.alternative
def from_the_output_back(layers):
    size = 1
    for kernel, stride in layers[::-1]:
        size = (size - 1) * stride + kernel
    return size


@receptive_field.alternative
def with_cumulative_product(layers):
    if not layers:
        return 1
    kernels, strides = np.array(layers).T
    jumps = np.concatenate([[1], np.cumprod(strides)[:-1]])
    return float(1 + ((kernels - 1) * jumps).sum())


# is_equivariant ----------------------------------------------------------------------------------

is_equivariant = chapter.exercise(
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

SHIFTS = [(1, 0), (0, 2), (3, 1)]


def _decision(random, kind, shifts=SHIFTS, H=6, W=8, tolerance=1e-6, **settings):
    return {
        "operation": {"kind": kind, **settings},
        "image": random.normal(size=(H, W)),
        "shifts": shifts,
        "tolerance": tolerance,
    }


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
    image = np.abs(case["image"])
    image[0, 0] = 1 + image.max()
    return {**case, "image": image}


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


@is_equivariant.case("large kernel", secret=True)
def _(random):
    kernel = random.normal(size=(5, 4))
    return _decision(random, "circular_convolution", kernel=kernel, H=11, W=13)


@is_equivariant.case("one row is different", secret=True)
def _(random):
    gain = np.ones((11, 13))
    gain[int(random.integers(11))] = 1.5
    return _decision(random, "gain", gain=gain, H=11, W=13)


def _roll(image, shift):
    return np.roll(image, shift, axis=(0, 1))


def _holds(operation, image, shift, tolerance, move_in=_roll, move_out=_roll, size=np.abs):
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
    back = lambda output, shift: _roll(output, (-shift[0], -shift[1]))  # noqa: E731
    return _hold_all(operation, image, shifts, tolerance, move_out=back)


@is_equivariant.mistake(
    "axes_swapped",
    "Rows and columns of the shift are swapped on one side: a shift is (rows, columns), for axis 0 and 1.",
)
def _(operation, image, shifts, tolerance):
    swap = lambda output, shift: _roll(output, shift[::-1])  # noqa: E731
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
