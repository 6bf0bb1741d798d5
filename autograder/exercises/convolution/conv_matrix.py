import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.convolution.shared import PAGE, READY_MADE, conv2d_on_kernels, require_fit

# conv_matrix -------------------------------------------------------------------------------------

conv_matrix = Exercise(
    "conv_matrix",
    signature="conv_matrix(kernel: (KH, KW), H: int, W: int) -> (OH * OW, H * W)",
    outputs=("matrix",),
    points=2,
    forbids=READY_MADE,
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


@conv_matrix.case("kernel as large as the image")
def _(random):
    return {"kernel": random.normal(size=(3, 2)), "H": 3, "W": 2}


@conv_matrix.case("kernel of one")
def _(random):
    return {"kernel": random.normal(size=(1, 1)), "H": 2, "W": 3}


@conv_matrix.case("a kernel with zeros")
def _(random):
    kernel = random.normal(size=(3, 3))
    kernel[0, 1] = kernel[2] = 0
    return {"kernel": kernel, "H": 4, "W": 5}


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
    return conv2d_on_kernels(pixels, kernel[None, None], np.zeros(1)).reshape(H * W, -1).T


def _fill(kernel, H, W, column):
    """A matrix whose row (i, j) holds kernel[m, n] in column(i, j, m, n)."""
    (KH, KW) = kernel.shape
    require_fit((KH, KW), (H, W))
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
    require_fit((KH, KW), (H, W))
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
    require_fit((KH, KW), (H, W))
    matrix = np.zeros((H * W, H * W))
    for i, j, m, n in np.ndindex(H, W, KH, KW):
        if i + m < H and j + n < W:
            matrix[i * W + j, (i + m) * W + j + n] = kernel[m, n]
    return matrix


@conv_matrix.mistake(
    "kernel_transposed",
    "Your rows hold the transposed kernel: its rows lie along the rows of the image (E11 is this slip).",
    f"{PAGE}#convolution-two-dimensions",
)
def _(kernel, H, W):
    (KH, KW) = kernel.shape
    matrix = np.zeros((H - KH + 1, W - KW + 1, H, W))
    for i, j, m, n in np.ndindex(*matrix.shape[:2], KH, KW):
        matrix[i, j, i + m, j + n] = kernel[n, m]
    return matrix.reshape(-1, H * W)


@conv_matrix.mistake("kernel_transposed")
def _(kernel, H, W):
    (KH, KW) = kernel.shape
    matrix = np.zeros((H - KH + 1, W - KW + 1, H, W))
    for i, j in np.ndindex(*matrix.shape[:2]):
        matrix[i, j, i : i + KH, j : j + KW] = kernel.T
    return matrix.reshape(-1, H * W)


@conv_matrix.mistake(
    "positions_column_by_column",
    "Your rows run down the outputs first. The task goes row by row, as `ravel` does.",
)
def _(kernel, H, W):
    (_KH, KW) = kernel.shape
    OW = W - KW + 1
    matrix = _fill(kernel, H, W, lambda i, j, m, n: (i + m) * W + j + n)
    return matrix.reshape(-1, OW, H * W).swapaxes(0, 1).reshape(matrix.shape)


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
