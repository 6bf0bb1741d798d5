import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.convolution.shared import (
    PAGE,
    require_fit,
)
from autograder.exercises.sizes import share_cases, value_and_bad_size
from dlarch.compare import Tolerance

# conv_output_size --------------------------------------------------------------------------------

conv_output_size = Exercise(
    "conv_output_size",
    signature="conv_output_size(size: int, kernel: int, stride: int, padding: int) -> int",
    outputs=("size",),
    form="transcribe",
    parts=value_and_bad_size(1),
    tolerance=Tolerance(whole=True),
    section=f"{PAGE}#convolution-output-size",
)


def _sizes(random, remainder):
    stride = int(random.integers(3, 6))
    kernel, padding = int(random.integers(3, 8)), int(random.integers(1, 4))
    left = {"none": 0, "one": 1, "most": stride - 1}[remainder]
    padded = stride * int(random.integers(5, 90)) + left + kernel
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


@conv_output_size.case("one pixel, a window of one")
def _(random):
    return {"size": 1, "kernel": 1, "stride": int(random.integers(2, 5)), "padding": 0}


@conv_output_size.case("kernel as large as the input, no padding")
def _(random):
    size = int(random.integers(3, 9))
    return {"size": size, "kernel": size, "stride": 2, "padding": 0}


@conv_output_size.case("large image", secret=True)
def _(random):
    return {**_sizes(random, "one"), "size": int(random.integers(500, 999))}


share_cases(
    conv_output_size,
    "the stride fits",
    "one pixel is left over",
    "AlexNet's first layer",
    "VGG's layers keep the size",
    "kernel as large as the padded input",
    "kernel as large as the input, no padding",
)


@conv_output_size.reference
def _(size, kernel, stride, padding):
    require_fit((kernel,), (size + 2 * padding,))
    return (size + 2 * padding - kernel) // stride + 1


@conv_output_size.mistake(
    "not_floored",
    "Your size is not a whole number when the stride does not fit: the last, incomplete step is dropped "
    "(the lecture's square brackets leave that open, E13).",
)
def _(size, kernel, stride, padding):
    require_fit((kernel,), (size + 2 * padding,))
    return (size + 2 * padding - kernel) / stride + 1


@conv_output_size.mistake(
    "rounded_up",
    "You rounded up: your last window hangs over the edge of the padded input. Only windows that lie "
    "inside it count.",
)
def _(size, kernel, stride, padding):
    require_fit((kernel,), (size + 2 * padding,))
    return -(-(size + 2 * padding - kernel) // stride) + 1


@conv_output_size.mistake(
    "rounded_to_nearest",
    "You rounded to the nearest whole number: when more than half a step is left over, that counts a "
    "window that hangs over the edge.",
)
def _(size, kernel, stride, padding):
    require_fit((kernel,), (size + 2 * padding,))
    return round((size + 2 * padding - kernel) / stride) + 1


@conv_output_size.mistake(
    "first_window_forgotten",
    "Your size is too small by one: you counted the steps between windows, and there is one window more "
    "than there are steps.",
)
def _(size, kernel, stride, padding):
    require_fit((kernel,), (size + 2 * padding,))
    return (size + 2 * padding - kernel) // stride


@conv_output_size.mistake(
    "one_inside_the_bracket",
    "The 1 is added before the division in your formula. It counts the first window, so it is added to "
    "the number of steps, after dividing by the stride.",
)
def _(size, kernel, stride, padding):
    require_fit((kernel,), (size + 2 * padding,))
    return (size + 2 * padding - kernel + 1) // stride


@conv_output_size.mistake(
    "padding_on_one_side",
    "You counted the padding once. It is added at both ends of the axis.",
)
def _(size, kernel, stride, padding):
    require_fit((kernel,), (size + 2 * padding,))
    return (size + padding - kernel) // stride + 1


@conv_output_size.mistake(
    "padding_ignored",
    "Your size is that of the axis without its zeros: the window moves over the padded axis.",
    f"{PAGE}#convolution-padding",
)
def _(size, kernel, stride, padding):
    require_fit((kernel,), (size + 2 * padding,))
    return (size - kernel) // stride + 1


@conv_output_size.mistake(
    "stride_ignored",
    "Your size is that of stride 1: the window moves by `stride` pixels at each step.",
)
def _(size, kernel, stride, padding):
    require_fit((kernel,), (size + 2 * padding,))
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


@conv_output_size.mistake(
    "padding_not_counted_in_the_guard",
    "You compare the kernel with the axis as it was before padding. A kernel larger than that may still fit.",
    f"{PAGE}#convolution-padding",
)
def _(size, kernel, stride, padding):
    require_fit((kernel,), (size,))
    return (size + 2 * padding - kernel) // stride + 1


@conv_output_size.mistake(
    "exact_fit_refused",
    "You refuse a kernel that is exactly as large as the padded axis: it fits, once.",
)
def _(size, kernel, stride, padding):
    require_fit((kernel + 1,), (size + 2 * padding,))
    return (size + 2 * padding - kernel) // stride + 1


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
