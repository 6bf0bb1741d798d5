# %% [markdown]
# # 7 Convolution
#
# A network that sees an image through one small window, the same at every place: you build all of it.
# At the end a convolutional network reads handwritten digits with your own forward and backward passes.
# The page [Convolution](../../book/07_convolution.md) derives every formula used here.
#
# It takes about 6 hours.
#
# **How to work.**
# Write your answer where a cell says `raise NotImplementedError`, run the cell, then the check below it.
# A check that fails says what is wrong, and often which misunderstanding gives exactly your result.
# Your functions must return a new array and leave their arguments as they are.
#
# **Letters.**
# `N` images, `C` channels, `H` × `W` pixels, `F` filters; `KH` × `KW` is a kernel, `OH` × `OW` an output ($H_k$, $W_k$, $H_{out}$, $W_{out}$ on the page).
# Arrays are NumPy arrays of float64, unless a task says otherwise.
#
# **Not allowed** in your answers: `np.convolve`, `np.correlate`, SciPy, torch, and automatic differentiation (JAX, autograd); here you write what they do.

# %%
import time

import matplotlib.pyplot as plt
import numpy as np
from tqdm.auto import tqdm

from dlarch import check, data
from dlarch.plots import LiveCurve, image_grid, labelled_axes


# %% [markdown]
# ## 1 How many windows fit?
#
# A window of `kernel` pixels moves over an axis of `size` pixels in steps of `stride`, after `padding` zeros were added **at each end** of the axis.
# Only windows that lie wholly inside the padded axis count; what is left over at the far end is dropped.
#
# **Task (1 + 1 points).** Return the number of windows as a whole number.
# Raise `ValueError` when the kernel is larger than the padded axis.
# ([Help](../../book/07_convolution.md#convolution-output-size))


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "conv_output_size", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_output_size(size, kernel, stride, padding):
    """Count the windows along one axis.

    Args:
        size: pixels along the axis.
        kernel: pixels of the window along the axis.
        stride: pixels the window moves at each step, at least 1.
        padding: zeros added at each end, at least 0.

    Returns:
        int, the number of windows.

    Raises:
        ValueError: the kernel is larger than the padded axis.
    """
    ### BEGIN SOLUTION
    padded = size + 2 * padding
    if kernel > padded:
        raise ValueError(f"a kernel of {kernel} does not fit into {padded} pixels")
    return (padded - kernel) // stride + 1
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_conv_output_size_value", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(conv_output_size, "value")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_conv_output_size_bad_size", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(conv_output_size, "bad_size")

# %% [markdown]
# **What it gives you.** The sizes inside any convolutional network, before you build it.
# Here are those of the network you will train in the last section.

# %% tags=["demonstration"]
size = 28
for layer, kernel, stride in [("convolution", 5, 1), ("max pooling", 2, 2)] * 2:
    before, size = size, conv_output_size(size, kernel, stride, padding=0)
    print(f"{layer:12}{kernel} × {kernel}, stride {stride}: {before} × {before} → {size} × {size}")


# %% [markdown]
# ## 2 Along a line
#
# Networks slide the kernel **as it is**, without turning it round: they compute the cross-correlation.
#
# $$y_i = \sum_{k=0}^{K-1} w_k\, x_{s i + k - p}, \qquad x_j = 0 \text{ outside the signal}$$
#
# **Task (2 points).** Compute it with stride $s$ and padding $p$.
# `x` may hold whole numbers while `kernel` does not.
# The sizes always fit.
# ([Help](../../book/07_convolution.md#convolution-one-dimension))


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "conv1d", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv1d(x, kernel, stride, padding):
    """Slide a kernel along a signal (cross-correlation).

    Args:
        x: (W,) signal, whole numbers or float64.
        kernel: (K,) float64.
        stride: int, at least 1.
        padding: int, zeros added at each end.

    Returns:
        (OW,) float64.
    """
    ### BEGIN SOLUTION
    count = conv_output_size(len(x), len(kernel), stride, padding)
    padded = np.pad(x, padding)
    windows = [padded[stride * i : stride * i + len(kernel)] for i in range(count)]
    return np.array(windows) @ kernel
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_conv1d", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(conv1d)

# %% [markdown]
# **What it gives you.** A kernel is a question asked at every place.
# The first below asks *how bright is it around here?*, the second *how fast does it get brighter?*.
# Why do both curves jump at the two ends, where the photograph does not?

# %% tags=["demonstration"]
photograph = data.photograph()
line = photograph[40]
axes = labelled_axes(
    "column (pixels)", "brightness, 0 to 1", "Row 40 of a photograph, through two kernels"
)
axes.plot(line, label="the row itself")
axes.plot(conv1d(line, np.full(7, 1 / 7), stride=1, padding=3), label="mean of 7 pixels")
axes.plot(conv1d(line, np.array([-0.5, 0.0, 0.5]), stride=1, padding=1), label="slope per pixel")
axes.legend(frameon=False)
plt.show()

# %% [markdown]
# ## 3 Over an image
#
# $$y_{i,j} = \sum_{m=0}^{H_k-1} \sum_{n=0}^{W_k-1} K_{m,n}\, I_{i+m,\, j+n}$$
#
# Play with the figure first: it is the lecture's example, and you can type other numbers.

# %% tags=["demonstration"]
from dlarch.figures import SlidingWindow

SlidingWindow()


# %% [markdown]
# **Task (2 + 1 points).** Compute it for one image and one kernel, with stride 1 and without padding ("valid": every window lies inside the image).
# Neither needs to be square, and the image may hold whole numbers while the kernel does not.
# Raise `ValueError` when the kernel is higher or wider than the image.
# ([Help](../../book/07_convolution.md#convolution-two-dimensions))


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "conv2d_single", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv2d_single(image, kernel):
    """Slide a kernel over one image (cross-correlation, stride 1, no padding).

    Args:
        image: (H, W), whole numbers or float64.
        kernel: (KH, KW) float64.

    Returns:
        (OH, OW) float64.

    Raises:
        ValueError: the kernel is higher or wider than the image.
    """
    ### BEGIN SOLUTION
    (KH, KW) = kernel.shape
    OH = conv_output_size(image.shape[0], KH, stride=1, padding=0)
    OW = conv_output_size(image.shape[1], KW, stride=1, padding=0)
    feature_map = np.zeros((OH, OW))
    for m in range(KH):
        for n in range(KW):
            feature_map += kernel[m, n] * image[m : m + OH, n : n + OW]
    return feature_map
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_conv2d_single_value", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(conv2d_single, "value")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_conv2d_single_bad_size", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(conv2d_single, "bad_size")

# %% [markdown]
# **What it gives you.** Edge filters on a photograph.
# Nobody learnt these kernels: they were designed.
# A network finds its own; trained for long on photographs, its first layer comes to look much like these.

# %% tags=["demonstration"]
EDGES = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
filters = {
    "as it is": np.array([[1.0]]),
    "vertical edges": EDGES,
    "horizontal edges": EDGES.T,
    "mean of 5 × 5": np.full((5, 5), 1 / 25),
}
figure, places = plt.subplots(1, 4, figsize=(10, 2.8), layout="constrained")
for place, (name, kernel) in zip(places, filters.items(), strict=True):
    place.imshow(conv2d_single(photograph, kernel), cmap="gray")
    place.set_title(name, fontsize=9)
    place.axis("off")
plt.show()

# %% [markdown]
# Make your own kernel here, and watch the sum at one pixel:

# %% tags=["demonstration"]
from dlarch.figures import EdgeFilters

EdgeFilters()


# %% [markdown]
# ## 4 The convolution of mathematics
#
# The convolution that signal processing and probability speak of turns the kernel by 180°:
#
# $$(I * K)_{i,j} = \sum_{m,n} I_{m,n}\, K_{i-m,\, j-n}$$
#
# **Task (2 points).** Compute it wherever image and kernel overlap at all ("full"), so that the result has the size $(H + H_k - 1) \times (W + W_k - 1)$; outside its array, an image or a kernel is 0.
# The kernel may be larger than the image.
# You may call your `conv2d_single`.
# ([Help](../../book/07_convolution.md#convolution-flip))


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "true_convolution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def true_convolution(image, kernel):
    """Convolve an image with a kernel, in the sense of mathematics, over all overlaps.

    Args:
        image: (H, W) float64.
        kernel: (KH, KW) float64.

    Returns:
        (H + KH - 1, W + KW - 1) float64.
    """
    ### BEGIN SOLUTION
    rows, columns = kernel.shape[0] - 1, kernel.shape[1] - 1
    padded = np.pad(image, ((rows, rows), (columns, columns)))
    return conv2d_single(padded, kernel[::-1, ::-1])
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_true_convolution", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(true_convolution)

# %% [markdown]
# **What it gives you.** Two properties that the cross-correlation lacks: image and kernel may change places, and a single bright pixel draws the kernel as it is.

# %% tags=["demonstration"]
random = np.random.default_rng(0)
a, b = random.normal(size=(4, 6)), random.normal(size=(3, 2))
print("a * b equals b * a:", np.allclose(true_convolution(a, b), true_convolution(b, a)))

dot, letter = np.zeros((5, 5)), np.array([[1.0, 0, 0], [1, 0, 0], [1, 1, 1]])
dot[2, 2] = 1
pictures = [
    dot,
    letter,
    true_convolution(dot, letter)[1:-1, 1:-1],
    conv2d_single(np.pad(dot, 1), letter),
]
image_grid(
    np.array([np.pad(p, (7 - len(p)) // 2) for p in pictures]),
    ["dot", "kernel", "convolved", "correlated"],
)
plt.show()


# %% [markdown]
# ### Spot the error
#
# The author of a small library computes a layer with stride $s$, without padding, as
#
# $$y(i, j) = \sum_{m,n} K(m, n)\; I\bigl(s\,(i + m),\, s\,(j + n)\bigr) .$$
#
# Its tests use stride 1, and with stride 2 images of 5 × 5 pixels of a single colour and a 2 × 2 kernel; all pass.
#
# **Written answer (3 points).**
# 1. Take the kernel $(1\ \ 1)$, one row high, the image $(1\ \ 2\ \ 3\ \ 4\ \ 5\ \ 6)$ and $s = 2$.
#    Compute all outputs by this formula and by that of section 2. What is wrong with the library's?
# 2. How many outputs does each of the two have along an axis of $W$ pixels, for a kernel of width $W_k$? Name a kernel for which the two formulas agree on every image, whatever the stride.
# 3. A network is trained with this layer, its backward pass being right for the formula as it stands. Will it learn? What does it never see?

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "stride_why", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# 1. The library's: $I(0) + I(2) = 4$ and $I(2) + I(4) = 8$. Section 2: $I(2i) + I(2i + 1)$, hence $3$, $7$ and $11$.
#    The stride moves the *window*; inside it, neighbouring pixels are read. The formula should have $I(s\,i + m, s\,j + n)$; as it stands it spreads the window too.
# 2. The library's: $s\,(i + W_k - 1) \le W - 1$, that is $\lfloor (W - 1)/s \rfloor - W_k + 2$. Section 2: $\lfloor (W - W_k)/s \rfloor + 1$. (Here 2 and 3.)
#    A kernel whose only weight that is not 0 is $K(0, 0)$ reads the same pixel in both (where both have an output), a 1 × 1 kernel for instance.
# 3. It will learn, and the loss will fall: it is the layer with stride 1 on the image of every $s$-th row and column. Nothing raises an error.
#    It never sees the other pixels, three quarters of them for $s = 2$.
#
# Marking: 1 for the outputs and the misplaced stride; 1 for both counts (½ each, or a right kernel for one of them); 1 for "learns, on the subsampled image".
# ### END SOLUTION

# %% [markdown]
# ## 5 A convolution is a matrix
#
# Sliding a kernel is linear, so it is a product with a matrix: $\mathrm{vec}(y) = T\, \mathrm{vec}(I)$, where $\mathrm{vec}$ lays the rows of an image one after the other, as `ravel` does.
#
# **Task (2 points).** Build $T$ for one kernel and images of `H` × `W` pixels, such that `conv_matrix(kernel, H, W) @ image.ravel()` equals `conv2d_single(image, kernel).ravel()` for every image.
# Each row belongs to one output, each column to one pixel.
# The kernel always fits.
# ([Help](../../book/07_convolution.md#convolution-matrix))


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "conv_matrix", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_matrix(kernel, H, W):
    """Write the cross-correlation with a kernel as a matrix.

    Args:
        kernel: (KH, KW) float64.
        H: int, height of the images.
        W: int, width of the images.

    Returns:
        (OH * OW, H * W) float64.
    """
    ### BEGIN SOLUTION
    (KH, KW) = kernel.shape
    OH, OW = H - KH + 1, W - KW + 1
    matrix = np.zeros((OH, OW, H, W))
    for i in range(OH):
        for j in range(OW):
            matrix[i, j, i : i + KH, j : j + KW] = kernel
    return matrix.reshape(OH * OW, H * W)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_conv_matrix", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(conv_matrix)

# %% [markdown]
# **What it gives you.** The two savings of a convolution, to be seen: most entries are zero (sparse connections), and the others repeat (shared parameters).

# %% tags=["demonstration"]
kernel = np.arange(1.0, 10.0).reshape(3, 3)
matrix = conv_matrix(kernel, 7, 7)
print(
    f"{matrix.size} entries, {np.count_nonzero(matrix)} of them not zero, {np.unique(matrix[matrix != 0]).size} different"
)
plt.figure(figsize=(6.4, 3.6), layout="constrained")
plt.imshow(np.ma.masked_equal(matrix, 0), cmap="viridis")
plt.colorbar(label="entry of the kernel, 1 to 9")
plt.xlabel("pixel of the image, row by row")
plt.ylabel("output, row by row")
plt.title("A 3 × 3 kernel on 7 × 7 pixels")
plt.show()


# %% [markdown]
# ## 6 The layer
#
# A layer has $F$ filters of $C \times H_k \times W_k$ numbers each, and a bias for each filter.
# It sees $N$ images at once:
#
# $$y_{n,f,i,j} = b_f + \sum_{c=0}^{C-1} \sum_{u=0}^{H_k-1} \sum_{v=0}^{W_k-1} w_{f,c,u,v}\; x_{n,\,c,\,s i + u - p,\; s j + v - p}, \qquad x = 0 \text{ outside the image}$$
#
# ($n$ counts the images now, so the kernel's row and column are called $u$ and $v$.)
#
# **Task (3 + 1 points).** Compute it.
# Stride and padding are the same for both axes, and `padding` zeros go on each of the four sides.
# Raise `ValueError` when the kernel is higher or wider than the padded image.
#
# *Speed.* You will train with this function.
# A loop over the positions `(i, j)`, or over the kernel's `(u, v)`, is fine; images, channels and filters should be handled all at once (`np.einsum`, `np.tensordot` or `@`).
# ([Help](../../book/07_convolution.md#convolution-channels))


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "conv2d", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv2d(x, weight, bias, stride, padding):
    """Apply a convolutional layer (cross-correlation).

    Args:
        x: (N, C, H, W) float64.
        weight: (F, C, KH, KW) float64.
        bias: (F,) float64.
        stride: int, at least 1.
        padding: int, zeros added on each side of H and of W.

    Returns:
        (N, F, OH, OW) float64.

    Raises:
        ValueError: the kernel is higher or wider than the padded image.
    """
    ### BEGIN SOLUTION
    (KH, KW) = weight.shape[2:]
    OH = conv_output_size(x.shape[2], KH, stride, padding)
    OW = conv_output_size(x.shape[3], KW, stride, padding)
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    y = 0
    for m in range(KH):
        for n in range(KW):
            seen = x[:, :, m : m + stride * OH : stride, n : n + stride * OW : stride]
            y = y + np.tensordot(weight[:, :, m, n], seen, axes=(1, 1))
    return y.swapaxes(0, 1) + bias[:, None, None]
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_conv2d_value", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(conv2d, "value")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_conv2d_bad_size", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(conv2d, "bad_size")

# %% [markdown]
# **What it gives you.** Several filters at once: two of them, with stride 2, turn the photograph into two feature maps of half its size, and together these say how strong an edge is, whatever its direction.

# %% tags=["demonstration"]
maps = conv2d(
    photograph[None, None], np.stack([EDGES, EDGES.T])[:, None], np.zeros(2), stride=2, padding=1
)[0]
strength = np.sqrt((maps**2).sum(axis=0))
print("two feature maps:", maps.shape)
plt.figure(figsize=(3.4, 3.4), layout="constrained")
plt.imshow(strength, cmap="gray")
plt.title("strength of edges, from both maps", fontsize=9)
plt.axis("off")
plt.show()


# %% [markdown]
# ## 7 Windows as rows of a matrix
#
# All windows, written as the rows of one matrix, turn the layer into a single matrix product, which every computer does fast.
#
# **Task (2 points).** Return that matrix.
# Its rows are the windows in the order `N`, `OH`, `OW` (first image first, then its windows row by row); its columns are the numbers of one window in the order `C`, `KH`, `KW`, so that `im2col(...) @ weight.reshape(F, -1).T` has a row for each window and a column for each filter.
# `kernel_size` is the tuple `(KH, KW)`, and the sizes always fit.
# ([Help](../../book/07_convolution.md#convolution-im2col))


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "im2col", "locked": false, "schema_version": 3, "solution": true, "task": false}
def im2col(x, kernel_size, stride, padding):
    """Write all windows of some images as the rows of a matrix.

    Args:
        x: (N, C, H, W) float64.
        kernel_size: (KH, KW), two ints.
        stride: int, at least 1.
        padding: int, zeros added on each side of H and of W.

    Returns:
        (N * OH * OW, C * KH * KW) float64.
    """
    ### BEGIN SOLUTION
    (KH, KW) = kernel_size
    N, C, H, W = x.shape
    OH, OW = conv_output_size(H, KH, stride, padding), conv_output_size(W, KW, stride, padding)
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (KH, KW), axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride].transpose(0, 2, 3, 1, 4, 5)
    return windows.reshape(N * OH * OW, C * KH * KW)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_im2col", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(im2col)

# %% [markdown]
# **What it gives you.** Your `conv2d` once more, as one matrix product: the same result.
# Which of the two is faster depends on how you wrote `conv2d`: a version without loops over pixels is a matrix product already.
# The times, on 64 images, tell you which kind yours is.

# %% tags=["demonstration"]
x, weight, bias = (
    random.normal(size=(64, 8, 14, 14)),
    random.normal(size=(16, 8, 5, 5)),
    np.zeros(16),
)


def conv2d_by_product(x, weight, bias, stride, padding):
    F, _, KH, KW = weight.shape
    rows = im2col(x, (KH, KW), stride, padding) @ weight.reshape(F, -1).T + bias
    OH = conv_output_size(x.shape[2], KH, stride, padding)
    return rows.reshape(len(x), OH, -1, F).transpose(0, 3, 1, 2)


def milliseconds(function, repeats=3):
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function(x, weight, bias, 1, 2)
        times.append(1000 * (time.perf_counter() - start))
    return min(times)


print(
    "same result:",
    np.allclose(conv2d(x, weight, bias, 1, 2), conv2d_by_product(x, weight, bias, 1, 2)),
)
print(
    f"your conv2d: {milliseconds(conv2d):.0f} ms; one matrix product: {milliseconds(conv2d_by_product):.0f} ms"
)


# %% [markdown]
# ## 8 Backwards
#
# `dy` is the gradient of the loss with respect to the layer's output.
# Three gradients go on from there.
# Every output is a sum of products (weight times pixel), so each factor receives `dy` times the other factor.
# A weight collects from all positions of all images:
#
# $$dw_{f,c,u,v} = \sum_{n,i,j} dy_{n,f,i,j}\; x_{n,\,c,\,s i + u - p,\; s j + v - p}, \qquad db_f = \sum_{n,i,j} dy_{n,f,i,j}$$
#
# A pixel collects from **all** windows it lies in, and from all filters:
#
# $$dx_{n,c,a,b} = \sum_{f} \;\sum_{\substack{i,u:\ s i + u - p = a \\ j,v:\ s j + v - p = b}} dy_{n,f,i,j}\; w_{f,c,u,v}$$
#
# **Task (2 + 1 + 1 points).** Return `dx`, `dw`, `db`, in this order.
# `dy` may come from any loss: sum over the images, do not average.
# No automatic differentiation.
# The same advice on speed as for `conv2d` applies.
# ([Help](../../book/07_convolution.md#convolution-backward))


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "conv2d_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv2d_backward(dy, x, weight, stride, padding):
    """Carry a gradient back through a convolutional layer.

    Args:
        dy: (N, F, OH, OW) float64, gradient of the loss with respect to the layer's output.
        x: (N, C, H, W) float64, the layer's input, without padding.
        weight: (F, C, KH, KW) float64.
        stride: int, as in the forward pass.
        padding: int, as in the forward pass.

    Returns:
        dx (N, C, H, W), dw (F, C, KH, KW), db (F,): gradients with respect to x, weight and bias.
    """
    ### BEGIN SOLUTION
    (H, W), (KH, KW), (OH, OW) = x.shape[2:], weight.shape[2:], dy.shape[2:]
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    dx, dw = np.zeros_like(x), np.zeros_like(weight)
    for m in range(KH):
        for n in range(KW):
            place = np.s_[:, :, m : m + stride * OH : stride, n : n + stride * OW : stride]
            dw[:, :, m, n] = np.tensordot(dy, x[place], axes=((0, 2, 3), (0, 2, 3)))
            dx[place] += np.tensordot(weight[:, :, m, n], dy, axes=(0, 1)).swapaxes(0, 1)
    return dx[:, :, padding : padding + H, padding : padding + W], dw, dy.sum(axis=(0, 2, 3))
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_conv2d_backward_input", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(conv2d_backward, "input")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_conv2d_backward_weight", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(conv2d_backward, "weight")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_conv2d_backward_bias", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(conv2d_backward, "bias")

# %% [markdown]
# **What it gives you.** Below, your backward pass is compared with your forward pass: move one number by a little and see how the loss answers.
# The difference quotient knows nothing of your derivation.

# %% tags=["demonstration"]
x, weight, bias = (
    random.normal(size=(2, 3, 7, 6)),
    random.normal(size=(4, 3, 3, 2)),
    random.normal(size=4),
)
cotangent = random.normal(size=conv2d(x, weight, bias, 2, 1).shape)
gradients = dict(
    zip("x weight bias".split(), conv2d_backward(cotangent, x, weight, 2, 1), strict=True)
)
arguments = {"x": x, "weight": weight, "bias": bias}
for name, array in arguments.items():
    place = tuple(random.integers(size) for size in array.shape)
    step = np.zeros(array.shape)
    step[place] = 1e-5
    losses = [
        (cotangent * conv2d(**{**arguments, name: array + sign * step}, stride=2, padding=1)).sum()
        for sign in (1, -1)
    ]
    print(
        f"{name + str([int(i) for i in place]):22} difference quotient {(losses[0] - losses[1]) / 2e-5:+.6f}, yours {gradients[name][place]:+.6f}"
    )


# %% [markdown]
# ## 9 Pooling
#
# Pooling slides a square window of `size` × `size` over each channel by itself and keeps one number: the largest, or the mean.
# There is no padding, and what is left over at the far end is dropped, as for a convolution.
#
# **Task (1 + 1 points).** Max pooling.
# Windows may overlap (`stride < size`) or leave gaps (`stride > size`).
# Raise `ValueError` when the window is higher or wider than the map.
# The advice on speed holds here too: loop over the positions `(i, j)`, or over the places inside a window.
# ([Help](../../book/07_convolution.md#convolution-pooling))


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "max_pool", "locked": false, "schema_version": 3, "solution": true, "task": false}
def max_pool(x, size, stride):
    """Keep the largest value of each window.

    Args:
        x: (N, C, H, W) float64.
        size: int, side of the window.
        stride: int, pixels the window moves at each step.

    Returns:
        (N, C, OH, OW) float64.

    Raises:
        ValueError: the window is higher or wider than the map.
    """
    ### BEGIN SOLUTION
    OH = conv_output_size(x.shape[2], size, stride, padding=0)
    OW = conv_output_size(x.shape[3], size, stride, padding=0)
    shifted = [
        x[:, :, m : m + stride * OH : stride, n : n + stride * OW : stride]
        for m in range(size)
        for n in range(size)
    ]
    return np.max(shifted, axis=0)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_max_pool_value", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(max_pool, "value")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_max_pool_bad_size", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(max_pool, "bad_size")


# %% [markdown]
# **Task (2 points).** The gradient of max pooling.
# Each output equals one pixel of its window, so that pixel gets all of the output's gradient; a pixel that wins in several windows gets all of theirs.
# Where the largest value occurs more than once in a window, the **first in row-major order** gets the gradient (the topmost, and of these the leftmost).
# ([Help](../../book/07_convolution.md#convolution-pooling-backward))


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "max_pool_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def max_pool_backward(dy, x, size, stride):
    """Carry a gradient back through max pooling.

    Args:
        dy: (N, C, OH, OW) float64, gradient of the loss with respect to the output.
        x: (N, C, H, W) float64, the input.
        size: int, as in the forward pass.
        stride: int, as in the forward pass.

    Returns:
        (N, C, H, W) float64, gradient of the loss with respect to x.
    """
    ### BEGIN SOLUTION
    (OH, OW) = dy.shape[2:]
    places = [
        np.s_[:, :, m : m + stride * OH : stride, n : n + stride * OW : stride]
        for m in range(size)
        for n in range(size)
    ]
    winner = np.argmax([x[place] for place in places], axis=0)
    dx = np.zeros_like(x)
    for index, place in enumerate(places):
        dx[place] += dy * (winner == index)
    return dx
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_max_pool_backward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(max_pool_backward)

# %% [markdown]
# **What it gives you.** Pooling is said to make a network less sensitive to small translations.
# Move the shape, and see for which windows and strides that is true:

# %% tags=["demonstration"]
from dlarch.figures import PoolingTranslation

PoolingTranslation()

# %% [markdown]
# The same on real digits: 200 of them are moved to the right, pixel by pixel.
# (Average pooling needs no function of its own: it is your `conv2d` with a kernel of equal weights, and so is its way back.)
# The curves say how much changes, compared with what there was: $\|f(\text{moved}) - f(x)\| / \|f(x)\|$.

# %% tags=["demonstration"]
images_train, labels_train, images_test, labels_test = data.mnist()
digits = images_test[:200, None].astype(float)
sixteenths, shifts = np.full((1, 1, 4, 4), 1 / 16), range(5)
axes = labelled_axes(
    "shift to the right (pixels)", "relative change", "How much changes when a digit moves"
)
for name, function in {
    "the pixels": lambda x: x,
    "max pooling, 2 × 2, stride 2": lambda x: max_pool(x, 2, 2),
    "max pooling, 4 × 4, stride 4": lambda x: max_pool(x, 4, 4),
    "average pooling, 4 × 4, stride 4": lambda x: conv2d(x, sixteenths, np.zeros(1), 4, 0),
}.items():
    before = function(digits)
    change = [
        np.linalg.norm(function(np.roll(digits, shift, axis=3)) - before) / np.linalg.norm(before)
        for shift in shifts
    ]
    axes.plot(shifts, change, "o-", label=name)
axes.set_xticks(shifts)
axes.legend(frameon=False)
plt.show()


# %% [markdown]
# ## 10 How far does a unit see?
#
# The receptive field of a unit is the part of the input that can influence it.
# Along one axis, a stack of layers is a list of `(kernel, stride)` pairs, the layer nearest to the input first; pooling counts like a convolution.
#
# **Task (2 points).** Return the number of pixels along one axis that a unit of the last layer sees, as a whole number.
# Borders and padding do not matter; for an empty list a pixel sees itself.
# Find the rule on paper first: with which distance, in pixels, do the fields of two neighbouring units of a layer begin, and how does a layer change that distance?
# The chapter has the answer folded, to be opened after your check.
# ([Help](../../book/07_convolution.md#convolution-receptive-field))


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "receptive_field", "locked": false, "schema_version": 3, "solution": true, "task": false}
def receptive_field(layers):
    """Compute how many pixels a unit of the last layer sees along one axis.

    Args:
        layers: list of (kernel, stride), from the input to the output.

    Returns:
        int.
    """
    ### BEGIN SOLUTION
    size, spacing = 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) * spacing
        spacing *= stride
    return size
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_receptive_field", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(receptive_field)

# %% [markdown]
# **What it gives you.** A second way to find it: send a gradient back from one unit, through `conv2d_backward`, and count the pixels it reaches.

# %% tags=["demonstration"]
layers = [(5, 1), (2, 2), (5, 1), (2, 2)]
size, sizes = 40, []
for kernel, stride in layers:
    sizes.append(size)
    size = conv_output_size(size, kernel, stride, padding=0)
dx = np.zeros((1, 1, size, size))
dx[0, 0, size // 2, size // 2] = 1
for (kernel, stride), before in zip(layers[::-1], sizes[::-1], strict=True):
    dx, _, _ = conv2d_backward(
        dx, np.zeros((1, 1, before, before)), np.ones((1, 1, kernel, kernel)), stride, 0
    )
reached = np.count_nonzero(dx.any(axis=(0, 1, 2)))
print(f"by your formula: {receptive_field(layers)} pixels; reached by the gradient: {reached}")
plt.figure(figsize=(3.6, 3.2), layout="constrained")
plt.imshow(dx[0, 0], cmap="viridis")
plt.colorbar(label="number of paths")
plt.xlabel("column (pixels)")
plt.ylabel("row (pixels)")
plt.title("What one unit sees, and how often", fontsize=9)
plt.show()


# %% [markdown]
# ## 11 Equivariance
#
# An operation $f$ is equivariant to translation when moving the input moves the output in the same way: $f(S x) = S f(x)$.
#
# **Task (2 points).** Decide whether this holds, up to rounding, for one image and some shifts.
# For each shift `(rows, columns)` in `shifts`, compare the operation applied to the moved image with the moved output of the operation.
#
# - *Moved* means shifted circularly, down by `rows` and to the right by `columns`: what leaves at one edge comes in at the opposite one.
# - Input and output are moved by the same shift, also when the output has another size than the image: it is two outputs that you compare.
# - The two agree when the largest absolute difference is at most `tolerance`.
# - Return `True` when they agree for **all** shifts, else `False`.
#
# `operation` is a function of an image: call it as `operation(image)`.
# It takes an array `(H, W)` and returns a two-dimensional array whose shape depends on the shape of its argument alone.
# ([Help](../../book/07_convolution.md#convolution-equivariance))


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "is_equivariant", "locked": false, "schema_version": 3, "solution": true, "task": false}
def is_equivariant(operation, image, shifts, tolerance):
    """Decide whether an operation commutes with circular shifts of an image.

    Args:
        operation: function of an array (H, W) that returns a two-dimensional array.
        image: (H, W) float64.
        shifts: list of (rows, columns), ints.
        tolerance: float, the largest absolute difference that counts as equal.

    Returns:
        bool.
    """
    ### BEGIN SOLUTION
    for shift in shifts:
        moved_first = operation(np.roll(image, shift, axis=(0, 1)))
        moved_after = np.roll(operation(image), shift, axis=(0, 1))
        if np.abs(moved_first - moved_after).max() > tolerance:
            return False
    return True
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_is_equivariant", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(is_equivariant)

# %% [markdown]
# **What it gives you.** A judge for the parts of a network.
# Which lines surprise you?

# %% tags=["demonstration"]
kernel, matrix = random.normal(size=(3, 3)), random.normal(size=(80, 80))


def wrapped(image, pixels):
    return np.pad(image, ((0, pixels), (0, pixels)), mode="wrap")


operations = {
    "convolution round the edges": lambda image: conv2d_single(wrapped(image, 2), kernel),
    "convolution, zeros at the edges": lambda image: conv2d_single(np.pad(image, 1), kernel),
    "ReLU": lambda image: np.maximum(image, 0),
    "max pooling, stride 1, round the edges": lambda image: max_pool(
        wrapped(image, 1)[None, None], 2, 1
    )[0, 0],
    "max pooling, stride 2": lambda image: max_pool(image[None, None], 2, 2)[0, 0],
    "a fully connected layer": lambda image: (matrix @ image.ravel()).reshape(image.shape),
}
image = random.normal(size=(8, 10))
for name, operation in operations.items():
    print(f"{name:40}", is_equivariant(operation, image, [(1, 0), (0, 1), (2, 3)], 1e-9))


# %% [markdown]
# **Written answer (2 points).**
# A convolution with zero padding is not equivariant by this test, and neither is pooling with stride 2.
# Explain for each where the test fails, and say what remains of equivariance in a network made of such layers.

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "equivariance_why", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# Zero padding: at the border a window sees zeros that do not move along with the image. Moved circularly, what stood at one border meets the other border's zeros, or no zeros any more. Away from the border, where no window touches the padding before or after the shift, the outputs agree exactly.
#
# Stride 2: only every second position is kept. A shift by one pixel changes which positions these are, so the output is not a moved copy of the old one; a shift by 2 pixels moves the output by 1, which is not the same shift. Equivariance holds for multiples of the stride, with the output moved by shift / stride.
#
# In a network: features move with the object, away from borders, in steps of the product of all strides; in between, the outputs change. (Max pooling makes that change smaller, not zero.)
#
# Marking: 1 for the border argument with the interior still equivariant; 1 for the stride argument with "multiples of the stride".
# ### END SOLUTION

# %% [markdown]
# ## 12 A network that reads digits
#
# All parts are there.
# The network is convolution 5 × 5 with 8 filters, ReLU, max pooling 2 × 2, convolution 5 × 5 with 16 filters, ReLU, max pooling 2 × 2, and a fully connected layer to ten classes.
# Its convolutions and its pooling are yours, forward and backward; the fully connected layer and the softmax of the cross-entropy were the subject of chapter 4 and are written out below.


# %% tags=["demonstration"]
def initialize(random):
    def he(*shape):
        return random.normal(size=shape) * np.sqrt(2 / np.prod(shape[1:]))

    return {
        "w1": he(8, 1, 5, 5), "b1": np.zeros(8),
        "w2": he(16, 8, 5, 5), "b2": np.zeros(16),
        "w3": he(10, 256), "b3": np.zeros(10),
    }  # fmt: skip


def forward(x, p):
    cache = {"x": x}
    cache["a1"] = conv2d(x, p["w1"], p["b1"], 1, 0)
    cache["h1"] = np.maximum(cache["a1"], 0)
    cache["z1"] = max_pool(cache["h1"], 2, 2)
    cache["a2"] = conv2d(cache["z1"], p["w2"], p["b2"], 1, 0)
    cache["h2"] = np.maximum(cache["a2"], 0)
    cache["z2"] = max_pool(cache["h2"], 2, 2)
    cache["flat"] = cache["z2"].reshape(len(x), -1)
    return cache["flat"] @ p["w3"].T + p["b3"], cache


def loss_and_gradients(x, labels, p):
    logits, cache = forward(x, p)
    logits = logits - logits.max(axis=1, keepdims=True)
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    delta = np.exp(log_p)
    delta[np.arange(len(x)), labels] -= 1
    delta /= len(x)
    gradients = {"w3": delta.T @ cache["flat"], "b3": delta.sum(axis=0)}
    dz2 = (delta @ p["w3"]).reshape(cache["z2"].shape)
    da2 = max_pool_backward(dz2, cache["h2"], 2, 2) * (cache["a2"] > 0)
    dz1, gradients["w2"], gradients["b2"] = conv2d_backward(da2, cache["z1"], p["w2"], 1, 0)
    da1 = max_pool_backward(dz1, cache["h1"], 2, 2) * (cache["a1"] > 0)
    _, gradients["w1"], gradients["b1"] = conv2d_backward(da1, x, p["w1"], 1, 0)
    return -log_p[np.arange(len(x)), labels].mean(), gradients


def accuracy(images, labels, p):
    guesses = [forward(part[:, None], p)[0].argmax(axis=1) for part in np.array_split(images, 10)]
    return (np.concatenate(guesses) == labels).mean()


# %% [markdown]
# One update first, to see how long training will take.
# If it takes much more than 0.2 s, your functions loop over images, channels or filters: section 6 says what to loop over instead.

# %% tags=["demonstration"]
parameters = initialize(np.random.default_rng(0))
start = time.perf_counter()
loss, _ = loss_and_gradients(images_train[:32, None].astype(float), labels_train[:32], parameters)
print(
    f"one update: {time.perf_counter() - start:.3f} s; loss {loss:.2f} nats (chance: {np.log(10):.2f})"
)

# %% tags=["demonstration"]
random, UPDATES, BATCH, RATE, MOMENTUM = np.random.default_rng(1), 400, 32, 0.02, 0.9
velocity = {name: np.zeros_like(value) for name, value in parameters.items()}
curve = LiveCurve("updates", "loss (nats)", "training", title="Cross-entropy, mean of 20 updates")
recent = []
for update in tqdm(range(1, UPDATES + 1), desc="training", unit="update"):
    chosen = random.choice(len(images_train), BATCH, replace=False)
    loss, gradients = loss_and_gradients(
        images_train[chosen, None].astype(float), labels_train[chosen], parameters
    )
    for name in parameters:
        velocity[name] = MOMENTUM * velocity[name] - RATE * gradients[name]
        parameters[name] = parameters[name] + velocity[name]
    recent.append(loss)
    if update % 20 == 0:
        curve.add(update, training=np.mean(recent))
        recent.clear()
curve.close()
plt.show()
count = sum(value.size for value in parameters.values())
print(
    f"{count} parameters; right on {100 * accuracy(images_test, labels_test, parameters):.1f} % of {len(images_test)} test digits"
)

# %% [markdown]
# What did the first layer learn?
# Above, its eight kernels; below, what they make of one digit.
# After so few updates the kernels still look like the noise they started from, but already the maps differ in which strokes they show.

# %% tags=["demonstration"]
image_grid(parameters["w1"][:, 0], [f"kernel {f}" for f in range(8)], columns=8)
image_grid(
    np.maximum(
        conv2d(images_test[:1, None].astype(float), parameters["w1"], parameters["b1"], 1, 0)[0], 0
    ),
    columns=8,
)
plt.show()

# %% [markdown]
# **To try on your own.**
# Replace max pooling by average pooling, or by stride 2 in the convolutions.
# Drop the second convolution.
# Move the test digits by two pixels before you measure: how much accuracy is lost, and which network loses least?
