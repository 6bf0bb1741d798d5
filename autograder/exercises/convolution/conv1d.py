import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograder.exercise import Exercise
from autograder.exercises.convolution.shared import PAGE, READY_MADE, require_fit
from autograder.exercises.shared import as_tensors

# conv1d ------------------------------------------------------------------------------------------

conv1d = Exercise(
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


@conv1d.case("kernel as long as the padded signal")
def _(random):
    return _signal(random, 3, 7, 1, 2)


@conv1d.case("kernel of one, stride 2")
def _(random):
    return _signal(random, 6, 1, 2, 1)


@conv1d.case("long signal", secret=True)
def _(random):
    return _signal(random, int(random.integers(100, 120)), 7, int(random.integers(2, 5)), 3)


@conv1d.reference
def _(x, kernel, stride, padding):
    from autograder.kernels.convolution import conv1d

    signal, weight = as_tensors(x[None, None], kernel[None, None])
    return conv1d(signal, weight, None, stride, padding)[0, 0].numpy()


def _slide(x, kernel, stride):
    require_fit(kernel.shape, x.shape)
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
    require_fit(kernel.shape, (len(x) + 2 * padding,))
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


def _slide_at(padded, kernel, stride, place):
    count = (len(padded) - len(kernel)) // stride + 1
    return np.array(
        [sum(kernel[k] * padded[place(i, k)] for k in range(len(kernel))) for i in range(count)]
    )


@conv1d.mistake(
    "stride_inside_the_window",
    "Your stride spreads the pixels inside a window (that is dilation), and the window itself moves by one. "
    "The stride belongs to the place of the window, not to the place inside it.",
)
def _(x, kernel, stride, padding):
    return _slide_at(np.pad(x, padding), kernel, stride, lambda i, k: i + stride * k)


@conv1d.mistake("stride_inside_the_window")
def _(x, kernel, stride, padding):
    padded = np.pad(x, padding)
    count = (len(padded) - len(kernel)) // stride + 1
    return np.array([padded[i : i + stride * len(kernel) : stride] @ kernel for i in range(count)])


@conv1d.mistake("stride_inside_the_window")
def _(x, kernel, stride, padding):
    padded = np.pad(x, padding)
    count = (len(padded) - stride * (len(kernel) - 1) - 1) + 1
    return np.array([padded[i : i + stride * len(kernel) : stride] @ kernel for i in range(count)])


@conv1d.mistake(
    "read_from_the_other_end",
    "Where the window hangs over an end, you read values from the signal's other end: in NumPy, index −1 is "
    "the last element. Outside the signal there are zeros.",
    f"{PAGE}#convolution-padding",
)
def _(x, kernel, stride, padding):
    behind = np.pad(x, (0, padding))
    count = (len(x) + 2 * padding - len(kernel)) // stride + 1
    return np.array(
        [
            sum(
                kernel[k] * (x[at] if at < 0 else behind[at])
                for k in range(len(kernel))
                for at in (stride * i + k - padding,)
            )
            for i in range(count)
        ]
    )  # fmt: skip


@conv1d.mistake("read_from_the_other_end")
def _(x, kernel, stride, padding):
    return _slide(np.pad(x, padding, mode="wrap"), kernel, stride)


@conv1d.mistake(
    "margin_not_zero",
    "Your margin repeats values of the signal: the padding is of zeros.",
    f"{PAGE}#convolution-padding",
)
def _(x, kernel, stride, padding):
    return _slide(np.pad(x, padding, mode="edge"), kernel, stride)


for _mode in ("reflect", "symmetric"):

    @conv1d.mistake("margin_not_zero")
    def _(x, kernel, stride, padding, mode=_mode):
        return _slide(np.pad(x, padding, mode=mode), kernel, stride)


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
