import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.convolution.shared import PAGE

# receptive_field ---------------------------------------------------------------------------------

receptive_field = Exercise(
    "receptive_field",
    signature="receptive_field(layers: list of (kernel: int, stride: int)) -> int",
    outputs=("size",),
    form="derive",
    reveals=("r_l = r_{l-1}",),
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


@receptive_field.case("layers of one pixel, with strides")
def _(random):
    return {"layers": [(1, 2), (int(random.integers(3, 6)), 1), (1, 3), (2, 1)]}


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
    "Each layer adds its whole kernel in your sum. One pixel of it was already in the field, and is counted "
    "twice."
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
    "You multiply the kernels: fields of neighbouring units overlap, so a layer adds pixels to the field, it "
    "does not multiply it.",
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


KERNELS_ALONE = (
    "You add up the kernels and nothing else: each layer shares a pixel with the field before it, and the strides "
    "spread what later layers look at."
)


@receptive_field.mistake("kernels_alone", KERNELS_ALONE)
def _(layers):
    return sum(kernel for kernel, _ in layers)


@receptive_field.mistake("kernels_alone")
def _(layers):
    return 1 + sum(kernel for kernel, _ in layers)


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
