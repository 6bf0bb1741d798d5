# %% [markdown]
# # 0 How to work here
#
# Five small functions; it takes about 1 hour.
# You meet everything that the other notebooks take for granted: arrays without loops, numbers that are not exact, and a check that tells you what is wrong and often why.
# At the end your five functions sort handwritten digits, and test a derivative in a way that you will use in every chapter.
#
# **How to work here.**
# Run a cell with Shift+Enter, from top to bottom.
# Each task has a text, a cell for your answer (replace `raise NotImplementedError`), and a cell that checks it.
# Run the check as often as you like: nothing is sent anywhere.
# Everything needs only the cells above it.
# The chapter [How to work here](../../book/00_start.md) explains the background; [Notation](../../book/notation.md) explains the letters.

# %%
import matplotlib.pyplot as plt
import numpy as np

from dlarch import check
from dlarch.data import mnist
from dlarch.figures import Broadcasting
from dlarch.plots import COLOURS, image_grid, labelled_axes


# %% [markdown]
# Two conventions hold in the whole notebook.
#
# * A row is an example, a column is a feature: `x` has shape `(N, D)`.
# * Everything is NumPy; `torch`, `scipy`, `sklearn`, `tensorflow` and `jax` are not allowed in the answers.
#
# ## 1 Shapes, axes, broadcasting
#
# An array has a *shape*, the list of its sizes; each place in the list is an *axis*.
# `x.mean(axis=0)` runs along axis 0, the rows, and this axis disappears: from `(N, D)` remains `(D,)`.
#
# Two arrays of different shapes can be combined if their shapes fit **from the right**: two sizes fit if they are equal, or if one of them is 1, or missing.
# The smaller array is then repeated, without being copied.
#
# ### Your first task: say it before you see it
#
# **Task (2 points).**
# Write `predict_shape(a, b)`: from the shapes of two arrays, the shape of their sum, or `None` where they do not fit.
# Shapes are tuples of Python's own numbers; do it without NumPy.
# Before you write anything, run the check below the answer, once, to see what it says.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "predict_shape", "locked": false, "schema_version": 3, "solution": true, "task": false}
def predict_shape(a, b):
    """Say which shape the sum of two arrays has, without making any array.

    Args:
        a, b: shapes, tuples of positive integers; () for a single number.

    Returns:
        the shape of the sum, a tuple of integers, or None where the shapes do not fit.
    """
    ### BEGIN SOLUTION
    shape = ()
    for place in range(1, max(len(a), len(b)) + 1):
        first = a[-place] if place <= len(a) else 1
        second = b[-place] if place <= len(b) else 1
        if first != second and 1 not in (first, second):
            return None
        shape = (max(first, second), *shape)
    return shape
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_predict_shape", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(predict_shape)

# %% [markdown]
# **What it gives you.**
# Here NumPy says what it makes of two shapes, beside what you said; two more lines show where axes go and come.

# %% tags=["demonstration"]
for shapes in (((4, 3), (3,)), ((4, 1), (3,)), ((5, 1, 3), (4, 3)), ((4, 3), (4,)), ((7,), ())):
    try:
        happens = (np.ones(shapes[0]) + np.ones(shapes[1])).shape
    except ValueError:
        happens = None
    print(f"{shapes[0]} + {shapes[1]}: you said {predict_shape(*shapes)}, and it is {happens}")
x = np.arange(12.0).reshape(4, 3)
print("x.mean(axis=0)         ", x.mean(axis=0).shape)
print("x - x.mean(axis=0)     ", (x - x.mean(axis=0)).shape)
print("x[:, None]             ", x[:, None].shape)
try:
    x - x.mean(axis=1)
except ValueError as error:
    print("x - x.mean(axis=1)      ValueError:", error)

# %% [markdown]
# The last one fails: `(4, 3)` and `(4,)` do not fit from the right, because 3 is not 4.
# This is the error you will read most often, and its two shapes tell you what to do.
# The figure does it axis by axis: choose *refused* and mend it with a single 1.

# %% tags=["demonstration"]
Broadcasting()


# %% [markdown]
# ### Features in one unit
#
# **Task (2 points).**
# Features come in all units: metres, kilograms, grey values.
# Write `standardize(train, test)`, which makes them comparable: in the result, every feature of the *training* set has mean 0 and standard deviation 1,
#
# $$z_{n,d} = \frac{x_{n,d} - m_d}{s_d}, \qquad m_d = \frac1N \sum_n x_{n,d}, \qquad s_d = \sqrt{\frac1N \sum_n (x_{n,d} - m_d)^2}\,.$$
#
# * `test` is changed by the **same** $m$ and $s$, those of `train`: whoever receives one new example cannot compute a mean of it.
# * A feature that is constant in `train` has $s_d = 0$. It tells nothing; make it 0, not 0/0. (In the checks it has the same value in `test`.)
# * The arguments must stay as they are.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "standardize", "locked": false, "schema_version": 3, "solution": true, "task": false}
def standardize(train, test):
    """Bring every feature to mean 0 and standard deviation 1.

    Args:
        train: training examples, (N, D).
        test: other examples, (M, D).

    Returns:
        train, (N, D), and test, (M, D), both by the mean and deviation of train.
    """
    ### BEGIN SOLUTION
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    deviation = np.where(deviation == 0, 1.0, deviation)
    return (train - mean) / deviation, (test - mean) / deviation
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_standardize", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(standardize)

# %% [markdown]
# **What it gives you.**
# Here are 2000 handwritten digits; each is a vector of 784 grey values between 0 and 1.
# Some pixels are the same in all training images: without your rule for $s_d = 0$ they would be NaN, and so would everything computed from them.
# The test set's mean and deviation are near 0 and 1, but not equal: it was measured with the training set's.
# After standardising, a pixel says how unusual it is, so the strokes in rarely used places glow.

# %% tags=["demonstration"]
images, labels, test_images, test_labels = mnist(2000, 500)
x, x_test = images.reshape(-1, 784).astype(np.float64), test_images.reshape(-1, 784)
z, z_test = standardize(x, x_test)
varies = x.std(axis=0) > 0
print("pixels that never change:", np.sum(~varies))
for name, pixels in (("training", z[:, varies]), ("test", z_test[:, varies])):
    print(f"the others, {name} set: mean {pixels.mean():.1e}, deviation {pixels.std():.3f}")
print(f"most unusual pixel of the test set: {z_test.max():.0f} deviations above its mean")
image_grid(
    np.concatenate([x[:5], np.clip(z[:5], -1, 5)]).reshape(-1, 28, 28),
    titles=[*(f"a {label}" for label in labels[:5]), *["standardised"] * 5],
    columns=5,
)
plt.show()


# %% [markdown]
# ## 2 From labels to arrays
#
# A network does not answer "7"; it gives one number for each of the $K$ classes.
# So a label is compared in the same form: $K$ zeros with a single 1, at the place of the class.
#
# $$y_{n,k} = \begin{cases} 1 & \text{if example } n \text{ has the label } k \\ 0 & \text{otherwise} \end{cases}$$
#
# **Task (1 point).**
# Write `one_hot(labels, K)`.
# The classes are $0, \dots, K - 1$; not all of them need to occur in `labels`.
# You may think of it as a question asked for every $n$ and every $k$ at once.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "one_hot", "locked": false, "schema_version": 3, "solution": true, "task": false}
def one_hot(labels, K):
    """Write labels as rows of zeros with a single 1.

    Args:
        labels: classes, (N,), whole numbers from 0 to K − 1.
        K: the number of classes.

    Returns:
        y, (N, K), zeros and ones.
    """
    ### BEGIN SOLUTION
    return (labels[:, None] == np.arange(K)).astype(np.float64)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_one_hot", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(one_hot)

# %% [markdown]
# **What it gives you.**
# Sums over classes become matrix products.
# Entry $(k, d)$ of $y^\top x$ is $\sum_n y_{n,k} x_{n,d}$, the sum of pixel $d$ over the images of class $k$ alone.
# Divided by how many there are, these are ten mean digits, without a loop.

# %% tags=["demonstration"]
y = one_hot(labels, 10)
means = y.T @ x / y.sum(axis=0)[:, None]
print("y.T @ x:", y.T.shape, "@", x.shape, "→", means.shape)
image_grid(means.reshape(10, 28, 28), titles=[f"mean {k}" for k in range(10)])
plt.show()


# %% [markdown]
# ## 3 Every row with every row
#
# To which of the ten mean digits is an image closest?
# That asks for all distances between the rows of one array and the rows of another,
#
# $$d_{n,m} = \sqrt{\sum_d (a_{n,d} - b_{m,d})^2}\,.$$
#
# **Task (2 points).**
# Write `pairwise_distances(a, b)` **without a loop**: no `for`, no `while`, no comprehension, and nothing that calls a Python function for each entry (`map`, `np.vectorize`, `np.apply_along_axis`).
# Which shapes must `a` and `b` get, so that their difference has the shape `(N, M, D)`?
#
# The result must also be right for points that lie close together and far from 0.
# (Multiplying the square out is faster and fails there; [the chapter](../../book/00_start.md#start-cancellation) shows why.)


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "pairwise_distances", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pairwise_distances(a, b):
    """Give the distance of every row of a from every row of b.

    Args:
        a: points, (N, D).
        b: points, (M, D).

    Returns:
        d, (N, M), with d[n, m] the length of a[n] − b[m].
    """
    ### BEGIN SOLUTION
    return np.sqrt(np.sum((a[:, None] - b) ** 2, axis=-1))
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_pairwise_distances", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(pairwise_distances)

# %% [markdown]
# **What it gives you.**
# Your first two classifiers.
# The one takes the class of the nearest mean, the other the label of the nearest of 1000 training images.
# The array of differences holds $N \cdot M \cdot D$ numbers, so the second one goes through the test images in portions of 10: that is $10 \cdot 1000 \cdot 784$ numbers of 8 bytes, 63 MB; all 500 at once would be 3 GB.

# %% tags=["demonstration"]
nearest_mean = pairwise_distances(x_test, means).argmin(axis=1)
nearest_image = np.concatenate(
    [
        labels[pairwise_distances(x_test[i : i + 10], x[:1000]).argmin(axis=1)]
        for i in range(0, 500, 10)
    ]
)
print(f"nearest mean:  {np.mean(nearest_mean == test_labels):.1%} of 500 test images right")
print(f"nearest image: {np.mean(nearest_image == test_labels):.1%}")
confused = np.flatnonzero(nearest_mean != test_labels)[:10]
image_grid(
    test_images[confused],
    titles=[f"{test_labels[n]}, not {nearest_mean[n]}" for n in confused],
)
plt.show()

# %% [markdown]
# ## 4 Numbers that are not exact
#
# A `float64` keeps about 16 digits, a `float32` about 7.
# Everything beyond is rounded away, silently.

# %% tags=["demonstration"]
print("0.1 + 0.2 == 0.3         ", 0.1 + 0.2 == 0.3)
print("1e16 + 1 - 1e16          ", 1e16 + 1 - 1e16)
for kind in (np.float32, np.float64):
    print(f"{kind.__name__}: the next number after 1 is 1 + {np.finfo(kind).eps:.1e}")
print("1500 + 0.00001, float32  ", np.float32(1500) + np.float32(0.00001))


# %% [markdown]
# ### A derivative without calculus
#
# Training needs the derivative of a function with respect to each of its numbers.
# Later you compute these by formulas, and formulas can be wrong.
# There is a slow way that hardly can: move one entry of $x$ a little up and a little down, and see how much $f$ changes,
#
# $$\frac{\partial f}{\partial x_i} \approx \frac{f(x + h\, e_i) - f(x - h\, e_i)}{2h} .$$
#
# Here $e_i$ is 1 at entry $i$ and 0 elsewhere.
# This is the *central difference*.
#
# **Task (3 points).**
# Write `numerical_gradient(f, x, h)`.
#
# * `x` may have any number of axes, and the result has the same shape. A loop over the entries is allowed; `np.ndindex(*x.shape)` gives their indices.
# * `f` takes an array of the shape of `x` and returns one number. It may be any function.
# * Compute in `float64`, also where `x` comes in `float32`.
# * `x` must be afterwards what it was before.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "numerical_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def numerical_gradient(f, x, h):
    """Approximate the gradient of f at x by central differences.

    Args:
        f: function of an array of the shape of x; returns a number.
        x: where the gradient is wanted, any shape, float64 or float32.
        h: the step, a number.

    Returns:
        gradient, the shape of x, float64.
    """
    ### BEGIN SOLUTION
    gradient = np.zeros(x.shape)
    for index in np.ndindex(*x.shape):
        above, below = x.astype(np.float64), x.astype(np.float64)
        above[index] += h
        below[index] -= h
        gradient[index] = (f(above) - f(below)) / (2 * h)
    return gradient
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_numerical_gradient", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(numerical_gradient)

# %% [markdown]
# **What it gives you.**
# Is a smaller step always better?
# The cell differentiates $e^x$ at $x = 1$, where the answer is known, with steps from 1 to $10^{-13}$.
# Guess the shape of the two curves first.

# %% tags=["demonstration"]
steps = 10.0 ** np.arange(0, -13.5, -0.5)
point = np.ones(1)
functions = {
    "f in float64": lambda x: np.exp(x)[0],
    "f in float32": lambda x: np.exp(x.astype(np.float32))[0].astype(np.float64),
}
axes = labelled_axes("step h", "relative error of the slope", "central difference of exp at x = 1")
for name, f in functions.items():
    slopes = np.array([numerical_gradient(f, point, h)[0] for h in steps])
    errors = np.abs(slopes - np.e) / np.e
    axes.loglog(steps, np.maximum(errors, 1e-13), marker="o", ms=3, label=name)
    best = errors.argmin()
    print(f"{name}: smallest error {errors[best]:.1e} at h = {steps[best]:.1e}")
axes.loglog(steps[:9], steps[:9] ** 2 / 6, ls=":", color="black", label="h²/6, the part left out")
axes.invert_xaxis()
axes.legend(frameon=False)
plt.show()


# %% [markdown]
# From the left, both curves fall like $h^2$: the formula leaves out less and less.
# Then rounding takes over: $f(x + h)$ and $f(x - h)$ agree in more and more digits, and the difference is made of what is left.
# With `float64`, $h = 10^{-5}$ is near the best; with `float32` the best step is a thousand times larger, and at $h = 10^{-5}$ only two digits are right.
# This is why gradients are tested in `float64`, with $h = 10^{-5}$.
#
# ### How close is close?
#
# An error of 0.01 is nothing beside 1000 and much beside 0.02.
# So a difference is divided by the size of what is compared, entry by entry, and the worst entry counts:
#
# $$\max_i \; \frac{|a_i - b_i|}{\max\bigl(|a_i| + |b_i|,\; 10^{-8}\bigr)} .$$
#
# It is 0 for equal arrays and at most 1; a wrong sign gives 1.
# The $10^{-8}$ keeps entries that are both 0, up to rounding, from counting.
#
# **Task (1 point).**
# Write `relative_error(a, b)` for arrays of any shape, by exactly this formula; the result is one number.
# `np.isclose` and `np.allclose` follow another formula and are not allowed.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "relative_error", "locked": false, "schema_version": 3, "solution": true, "task": false}
def relative_error(a, b):
    """Compare two arrays by their worst entry.

    Args:
        a: any shape.
        b: same shape.

    Returns:
        error, a number from 0 to 1.
    """
    ### BEGIN SOLUTION
    size = np.maximum(np.abs(a) + np.abs(b), 1e-8)
    return float(np.max(np.abs(a - b) / size))
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_relative_error", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(relative_error)

# %% [markdown]
# ## 5 All together: you test a derivative
#
# Which single image $c$ is nearest to all the sevens, that is, has the smallest mean squared distance from them?
#
# $$f(c) = \frac1N \sum_n \sum_d (c_d - x_{n,d})^2, \qquad \frac{\partial f}{\partial c_d} = \frac2N \sum_n (c_d - x_{n,d}) = 2\,\Bigl(c_d - \frac1N \sum_n x_{n,d}\Bigr).$$
#
# The derivative is 0 exactly at the mean image.
# That is calculus, and your own functions can say whether it is right: compare the formula with `numerical_gradient`, at a white page.
# The second line forgets the factor 2, as one does.

# %% tags=["demonstration"]
sevens = x[labels == 7][:100]
white = np.ones(784)


def mean_squared_distance(c):
    return np.mean(pairwise_distances(c[None], sevens) ** 2)


measured = numerical_gradient(mean_squared_distance, white, 1e-5)
formula = 2 * (white - sevens.mean(axis=0))
print(f"formula against measurement:          {relative_error(formula, measured):.1e}")
print(f"without the factor 2:                 {relative_error(formula / 2, measured):.1e}")
wrong = formula.copy()
wrong[400] *= -1
print(f"one sign of 784 wrong:                {relative_error(wrong, measured):.1e}")

# %% [markdown]
# As a rule, below $10^{-7}$ the formula is right, above $10^{-3}$ it is wrong, and in between one looks closer.
#
# And the formula is of use: go against the gradient, a little at a time, and noise turns into a seven.
# Step by step is how every network in this course will learn.

# %% tags=["demonstration"]
c = np.random.default_rng(0).uniform(size=784)
pictures, losses = [c], []
for _ in range(40):
    losses.append(mean_squared_distance(c))
    c = c - 0.05 * 2 * (c - sevens.mean(axis=0))
    pictures.append(c)
axes = labelled_axes("steps", "mean squared distance", "from noise to the mean seven")
axes.plot(losses, color=COLOURS[0])
shown = [0, 1, 2, 4, 7, 11, 16, 22, 30, 40]
image_grid(
    np.array([pictures[i].reshape(28, 28) for i in shown]), titles=[f"step {i}" for i in shown]
)
plt.show()

# %% [markdown]
# ## Spot the error
#
# Three sentences from three notebooks.
# Each sounds reasonable, and none raises an error message.
#
# 1. "My targets `t` have shape `(N,)` and the network's outputs `p` have shape `(N, 1)`. The loss `np.mean((p - t) ** 2)` runs without an error, so the shapes fit."
# 2. "The central difference becomes exact as $h$ goes to 0, so I take $h = 10^{-12}$ for my gradient check."
# 3. "I standardised all 10,000 images together and split them into training and test set afterwards; the order cannot matter."
#
# **Written answer (2 points).**
# Say for each what is wrong and what to write in its place.
# For (1), give the shape of `p - t`, and the loss for the perfect answer $p = t = (0, 3, 6)$.

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "start_why", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# (1) From the right, the sizes 1 and N fit, then N and nothing: `p - t` has shape `(N, N)` and holds every output minus every target.
# For $p = t = (0, 3, 6)$ these are three times 0, twice each of $\pm 3$ and once each of $\pm 6$, and the loss is $(4 \cdot 9 + 2 \cdot 36)/9 = 12$ in place of 0.
# Give both the same shape: `p[:, 0] - t` or `p - t[:, None]`.
#
# (2) Only in exact arithmetic.
# A value of $f$ carries a rounding error of about $10^{-16} |f|$, which is divided by $2h$: with $h = 10^{-12}$ hardly four digits are right.
# The part left out shrinks like $h^2$, the rounding grows like $1/h$; $h = 10^{-5}$ balances them in float64.
#
# (3) Then mean and deviation contain the test images, and the training data know something of them: the test is no longer one of unseen data.
# Split first, take the statistics from the training set, and use them for both.
#
# Marking: (1) 1 point: ½ for the shape with its reason, ½ for the loss 12 or a remedy that works; (2) ½; (3) ½.
# ### END SOLUTION
