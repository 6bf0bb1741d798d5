# %% [markdown]
# # 2 The neuron
#
# A neuron weighs its inputs, adds them up and decides.
# In this notebook you build one, let it learn from its mistakes, find out what it can never learn, and give it a second layer that can.
# At the end you have a network that follows any continuous curve as closely as you like, and a single neuron that reads digits.
#
# It takes about 4½ hours.
#
# **How to work here.**
# Each task has a text, a cell for your answer (replace `raise NotImplementedError`), and a cell that checks it.
# Run the check as often as you like: it tells you what is right, what is not, and, when it recognises the slip, which one.
# Everything needs only the cells above it.
# The chapter [The neuron](../../book/02_neuron.md) explains the theory; [Notation](../../book/notation.md) explains the letters.

# %%
import itertools

import matplotlib.pyplot as plt
import numpy as np
from tqdm.auto import tqdm

from dlarch import check
from dlarch.data import mnist
from dlarch.figures import ActivationFunctions, PerceptronStepper, SumOfBumps
from dlarch.plots import COLOURS, image_grid, labelled_axes


def plot_classes(axes, x, y):
    """Draw points (N, 2) with labels ±1."""
    for label, colour, marker in ((1, COLOURS[0], "o"), (-1, COLOURS[1], "s")):
        chosen = y == label
        axes.scatter(*x[chosen].T, s=22, color=colour, marker=marker, label=f"y = {label:+d}")


def plot_line(axes, w, b, **style):
    """Draw the line w·x + b = 0 inside the axes' present limits."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    middle, along = -b * w / (w @ w), np.array([-w[1], w[0]]) / np.linalg.norm(w)
    ends = middle + np.array([[-99.0], [99.0]]) * along
    axes.plot(*ends.T, **style)
    axes.set(xlim=(left, right), ylim=(bottom, top))


# %% [markdown]
# Two conventions hold in the whole notebook.
#
# * A row is an example: `x` has shape `(N, D)`.
# * Everything is NumPy; `torch`, `scipy` and `sklearn` are not allowed in the answers.
#
# ## 1 One neuron
#
# A neuron computes
#
# $$a = \sum_d w_d x_d + b, \qquad h = g(a),$$
#
# with weights $w$, a bias $b$ and an activation function $g$.
# The number $a$ is the *pre-activation*.
#
# **Task (1 point).**
# Write `neuron(x, w, b, g)` for a batch.
# `g` is a function of arrays that acts entry by entry, for instance `np.tanh`.
# No loop is needed.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "neuron", "locked": false, "schema_version": 3, "solution": true, "task": false}
def neuron(x, w, b, g):
    """Give the outputs of one neuron for a batch.

    Args:
        x: inputs, (N, D).
        w: weights, (D,).
        b: bias, a number.
        g: activation function of arrays, entry by entry.

    Returns:
        h = g(x·w + b), (N,).
    """
    ### BEGIN SOLUTION
    return g(x @ w + b)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_neuron", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(neuron)

# %% [markdown]
# **What it gives you.**
# A neuron with two inputs is a ramp over the plane.
# It rises in the direction of $w$, it is steep if $w$ is long, and the line $a = 0$ lies at the distance $|b| / \lVert w \rVert$ from the origin.
# Change `w` and `b` and predict the picture before you look.

# %% tags=["demonstration"]
w, b = np.array([1.0, 2.0]), -1.5
side = np.linspace(-3, 3, 61)
plane = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
axes = labelled_axes("input x₁", "input x₂", "output of one neuron with g = tanh")
shades = axes.pcolormesh(side, side, neuron(plane, w, b, np.tanh).reshape(61, 61), cmap="coolwarm")
axes.figure.colorbar(shades, label="h")
plot_line(axes, w, b, color="black", label="a = 0")
axes.annotate("w", xytext=(0, 0), xy=w, arrowprops={"arrowstyle": "->", "lw": 2})
axes.set_aspect("equal")
axes.legend(frameon=False, loc="lower left")
plt.show()


# %% [markdown]
# ## 2 The perceptron
#
# Now the neuron decides between two classes, $y = +1$ and $y = -1$: it says $+1$ where $w \cdot x + b > 0$.
# So an example $(x, y)$ is on the right side if and only if
#
# $$y\,(w \cdot x + b) > 0 .$$
#
# Rosenblatt's rule: leave everything as it is while examples are right; for an example that is **not** right, move a little in its favour,
#
# $$w \leftarrow w + \eta\, y\, x, \qquad b \leftarrow b + \eta\, y .$$
#
# An example that lies exactly on the boundary is not right.
#
# **Task (2 points).**
# Below is a `perceptron_step(x, y, w, b, learning_rate)` for *one* example, with two slips that many programs had.
# Find and mend both.
# It should return the new `w`, the new `b`, and whether there was an update, and leave its arguments as they are: no `w += …`, which would change the caller's array.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "perceptron_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def perceptron_step(x, y, w, b, learning_rate):
    """Visit one example with the perceptron's rule.

    Args:
        x: the example, (D,).
        y: its label, +1 or −1.
        w: weights, (D,).
        b: bias, a number.
        learning_rate: η, a number.

    Returns:
        w, (D,), and b after the visit; updated, True if they were changed, else False.
    """
    ### BEGIN SOLUTION
    if y * (w @ x + b) > 0:
        return w, b, False
    return w + learning_rate * y * x, b + learning_rate * y, True
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_perceptron_step", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(perceptron_step)

# %% [markdown]
# **What it gives you.**
# The figure does the same step by step, with $\eta = 1$.
# Watch how each update turns the line in favour of the point that was wrong, sometimes at the cost of another.
# Then choose XOR.

# %% tags=["demonstration"]
PerceptronStepper()


# %% [markdown]
# ### Until no mistake is left
#
# One visit is not enough, because an update can spoil another example.
# So the algorithm goes through all examples, again and again.
#
# **Task (3 points).**
# Write `perceptron_fit(x, y, max_epochs)` with your `perceptron_step`.
#
# * Start at $w = 0$, $b = 0$; use $\eta = 1$.
# * A *pass* visits the examples in the order of the rows. Do not shuffle.
# * As soon as one whole pass goes by without an update, stop: the perceptron has *converged*.
# * Stop also after `max_epochs` passes. If none of them was free of updates, it has not converged, and you say so, whatever the last line looks like.
# * `updates` counts the updates of all passes together.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "perceptron_fit", "locked": false, "schema_version": 3, "solution": true, "task": false}
def perceptron_fit(x, y, max_epochs):
    """Train a perceptron from zero.

    Args:
        x: examples, (N, D).
        y: labels, (N,), each +1 or −1.
        max_epochs: the largest number of passes.

    Returns:
        w, (D,); b, a number; updates, their number in all; converged, True if a pass made no update.
    """
    ### BEGIN SOLUTION
    w, b, updates = np.zeros(x.shape[1]), 0.0, 0
    for _ in range(max_epochs):
        before = updates
        for x_n, y_n in zip(x, y, strict=True):
            w, b, updated = perceptron_step(x_n, y_n, w, b, 1.0)
            updates += updated
        if updates == before:
            return w, b, updates, True
    return w, b, updates, False
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_perceptron_fit", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(perceptron_fit)

# %% [markdown]
# **What it gives you.**
# A machine that finds a separating line whenever there is one, with a guarantee.
# Write every example as a vector $(x, 1)$; let $R$ be the length of the longest, and $\gamma$ the distance of the nearest from a separating plane through the origin, whichever you like.
# Then it makes at most $(R/\gamma)^2$ updates.
# [The chapter](../../book/02_neuron.md#neuron-convergence) proves it in ten lines.
# The cell draws points around a known line, closer and closer to it, and compares.

# %% tags=["demonstration"]
rng = np.random.default_rng(1)
true_w, true_b = np.array([0.6, -0.8]), 0.3
everything = rng.uniform(-2, 2, size=(4000, 2))
distances = everything @ true_w + true_b
panels = plt.subplots(1, 3, figsize=(9.6, 3.4), layout="constrained", sharey=True)[1]
for axes, gap in zip(panels, (0.8, 0.2, 0.02), strict=True):
    x = everything[np.abs(distances) > gap][:60]
    y = np.where(x @ true_w + true_b > 0, 1, -1)
    w, b, updates, converged = perceptron_fit(x, y, max_epochs=5000)
    theta, vectors = np.append(true_w, true_b), np.column_stack([x, np.ones(len(x))])
    margin = np.min(y * (vectors @ theta)) / np.linalg.norm(theta)
    bound = np.max(np.sum(vectors**2, axis=1)) / margin**2
    plot_classes(axes, x, y)
    plot_line(axes, w, b, color="black")
    axes.set(xlabel="x₁", title=f"{updates} updates, at most {bound:.0f}")
    print(f"margin {margin:.3f}: {updates} updates, bound {bound:.0f}, converged: {converged}")
panels[0].set_ylabel("x₂")
panels[0].legend(frameon=False)
plt.show()


# %% [markdown]
# ### Spot the error
#
# A friend trains a perceptron with a function of her own:
#
# ```python
# def train(x, y, passes):
#     w, b = np.zeros(x.shape[1]), 0.0
#     for _ in range(passes):
#         for n in range(len(x)):
#             if np.sign(x[n] @ w + b) != y[n]:
#                 w = y[n] * x[n]
#                 b += y[n]
#         if np.all((x @ w + b > 0) == (y > 0)):
#             break
#     return w, b
# ```
#
# She also says:
#
# - *Before each pass I put the examples that were wrong last time to the front. The theorem does not allow that.*
# - *I give every feature mean 0 and deviation 1 before the training: then data can become separable that were not.*
#
# **Written answer (2 points).**
# (a) One line has a slip. What does $w$ forget because of it?
# And what happens at the very first example, where the sum is 0: is that a slip, too?
# (b) Look into the proof of the theorem: where does it use the order of the examples? Is she right?
# (c) Is she right about the features? What can change for the algorithm all the same?

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "perceptron_why", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# (a) `w = y[n] * x[n]` should be `w = w + y[n] * x[n]`: as it stands, $w$ holds the last mistaken example alone and forgets all others, while $b$ still counts.
# At the first example `np.sign(0.0)` is 0, which is neither 1 nor −1, so it counts as a mistake: no slip, else nothing would ever move.
#
# (b) Nowhere: each *update* adds at least $\gamma$ along the separating direction, and at most $R^2$ to the squared length, whichever example it comes from.
# The bound on the number of updates holds for any order, hers too; that fewer are made is not promised.
#
# (c) No: $x' = (x - m)/s$ can be undone, and a separating $(w, b)$ for $x$ gives $w' = s\,w$, $b' = b + w \cdot m$ for $x'$, with the same sums.
# But margin and radius change, and with them the bound on the number of updates: it often becomes much smaller.
#
# Marking: (a) 1 point, ½ for the line with what is forgotten, ½ for the first example; (b) ½ point; (c) ½ point.
# ### END SOLUTION

# %% [markdown]
# ## 3 What one neuron cannot do
#
# No line separates XOR: the neuron has to say yes to $(0, 1)$ and $(1, 0)$, and no to $(0, 0)$ and $(1, 1)$.
# So we take several neurons.
# Does it help to feed the outputs of some into another?
# Not if they are linear:
#
# $$(x W^{(1)} + b^{(1)})\, W^{(2)} + b^{(2)} = x W + b .$$
#
# **Task (2 points).**
# Write `linear_collapse(weights, biases)`: the one layer `W`, `b` that does the same as $L$ affine layers without activations, one after another.
# $L$ may be any number from 1 on.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "linear_collapse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def linear_collapse(weights, biases):
    """Give the one affine layer that equals several.

    Args:
        weights: list of L matrices, (D_in, D_out) each, the first layer first.
        biases: list of L vectors, (D_out,) each.

    Returns:
        W, (D, K), and b, (K,), with x W + b equal to the output of the last layer for every x.
    """
    ### BEGIN SOLUTION
    W, b = weights[0], biases[0]
    for W_l, b_l in zip(weights[1:], biases[1:], strict=True):
        W, b = W @ W_l, b @ W_l + b_l
    return W, b
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_linear_collapse", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(linear_collapse)

# %% [markdown]
# **What it gives you.**
# Ten layers of a hundred units, 91,503 parameters, are worth nine.

# %% tags=["demonstration"]
rng = np.random.default_rng(2)
sizes = [2, *[100] * 10, 3]
weights = [rng.normal(size=(D, K)) / np.sqrt(D) for D, K in itertools.pairwise(sizes)]
biases = [rng.normal(size=K) for K in sizes[1:]]
x = h = rng.normal(size=(5, 2))
for W_l, b_l in zip(weights, biases, strict=True):
    h = h @ W_l + b_l
W, b = linear_collapse(weights, biases)
many, few = sum(array.size for array in weights + biases), W.size + b.size
print(f"{many} parameters against {few}; largest difference {np.abs(h - (x @ W + b)).max():.1e}")


# %% [markdown]
# ### The hard threshold
#
# Something nonlinear has to stand between the layers.
# The oldest choice is the hard threshold at $\beta$,
#
# $$g_\beta(a) = \mathbb{1}_{a \ge \beta} .$$
#
# **Task (1 point).**
# Write `hard_threshold(a, beta)`: 1 where $a \ge \beta$ and 0 elsewhere, for arrays of any shape.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "hard_threshold", "locked": false, "schema_version": 3, "solution": true, "task": false}
def hard_threshold(a, beta):
    """Give 1 where a ≥ beta, else 0.

    Args:
        a: pre-activations, any shape.
        beta: the threshold, a number.

    Returns:
        h, same shape.
    """
    ### BEGIN SOLUTION
    return np.where(a >= beta, 1.0, 0.0)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_hard_threshold", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(hard_threshold)


# %% [markdown]
# ### A network that solves XOR
#
# Two inputs say no or yes.
# No is the number `low`, yes is the number `high`, with `low < high`: 0 and 1, or −1 and 1, or 2.5 and 6.
# A network with one hidden layer of threshold units (with $\beta = 0$) answers
#
# $$h = g_0(x W^{(1)} + b^{(1)}), \qquad \text{answer} = g_0(h\, W^{(2)} + b^{(2)}),$$
#
# and its answer should be 1 if exactly one input says yes, else 0.
#
# **Task (3 points).**
# Write `xor_network(low, high)`, which returns weights and biases that do this: `W1` of shape `(2, H)`, `b1` of shape `(H,)`, `W2` of shape `(H, 1)`, `b2` of shape `(1,)`.
# You choose the number `H` of hidden units and all numbers; there are many right answers, and any is accepted.
# Leave some room: the answers must stay right when each input is off by a tenth of `high - low`.
# (Think of it without a computer first: which two questions, each answered by one line in the plane, tell you enough?)


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "xor_network", "locked": false, "schema_version": 3, "solution": true, "task": false}
def xor_network(low, high):
    """Give a network of threshold units that computes XOR.

    Args:
        low: the number that stands for no.
        high: the number that stands for yes, above low.

    Returns:
        W1, (2, H); b1, (H,); W2, (H, 1); b2, (1,).
    """
    ### BEGIN SOLUTION
    one_yes = 1.5 * low + 0.5 * high  # x₁ + x₂ is above this if at least one says yes
    two_yes = 0.5 * low + 1.5 * high  # and above this if both do
    W1, b1 = np.ones((2, 2)), np.array([-one_yes, -two_yes])
    return W1, b1, np.array([[1.0], [-1.0]]), np.array([-0.5])
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_xor_network", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(xor_network)

# %% [markdown]
# **What it gives you.**
# The hidden layer moves the four points to places where one line can separate them.
# That is what every hidden layer does: it makes *features* in which the next layer's task is easy.

# %% tags=["demonstration"]
W1, b1, W2, b2 = (np.asarray(array) for array in xor_network(0.0, 1.0))
x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
hidden = hard_threshold(x @ W1 + b1, 0.0)
answers = hard_threshold(hidden @ W2 + b2, 0.0)[:, 0]
for inputs, features, answer in zip(x, hidden, answers, strict=True):
    print(f"inputs {inputs}, hidden units {features}, answer {answer:.0f}")
side = np.linspace(-0.5, 1.5, 201)
plane = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
regions = hard_threshold(hard_threshold(plane @ W1 + b1, 0.0) @ W2 + b2, 0.0)
axes = labelled_axes("input x₁", "input x₂", "where your network says yes (blue)")
axes.contourf(
    side, side, regions.reshape(201, 201), levels=[-0.5, 0.5, 1.5], colors=["white", "#cfe3f1"]
)
plot_classes(axes, x, np.array([-1, 1, 1, -1]))
for unit in range(len(b1)):
    if np.any(W1[:, unit]):
        plot_line(axes, W1[:, unit], b1[unit], color="black", linewidth=1)
axes.set_aspect("equal")
plt.show()


# %% [markdown]
# ## 4 Activations with a slope
#
# You found those weights by thinking.
# To find weights by *learning*, a small change of a weight has to change the output a little, and the hard threshold's slope is 0.
# The remedy is a smooth threshold, the sigmoid
#
# $$\sigma(a) = \frac{1}{1 + e^{-a}} .$$
#
# There is a trap in it: $e^{1000}$ is too large for a computer.
# From here on NumPy's overflow counts as an error, even where the final number happens to be right.
# So `np.errstate` and `np.seterr`, which would only hide it, are not allowed in what follows, up to the slopes.
# Mind `np.where`: it computes *both* its branches for *every* entry, and chooses afterwards.
#
# **Task (1 point).**
# Write `sigmoid(a)` for arrays of any shape, without overflow for entries up to ±1000.
# `np.tanh` is not allowed in it: it would hide the point.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "sigmoid", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sigmoid(a):
    """Give 1 / (1 + exp(−a)) without overflow.

    Args:
        a: pre-activations, any shape.

    Returns:
        h, same shape.
    """
    ### BEGIN SOLUTION
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1.0, e) / (1 + e)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_sigmoid", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(sigmoid)


# %% [markdown]
# ### The hyperbolic tangent
#
# Three lectures give three formulas for it:
#
# $$\text{(i)}\;\; \frac{1 - e^{1 - 2a}}{1 + e^{1 - 2a}} \qquad \text{(ii)}\;\; \frac{e^{a} - e^{-a}}{e^{a} + e^{-a}} \qquad \text{(iii)}\;\; \frac{e^{2a} - 1}{e^{2a} + 1} .$$
#
# One of them is wrong, and all three overflow somewhere.
#
# **Task (1 point).**
# Write `tanh(a)`, for arrays of any shape and entries up to ±1000.
# `np.tanh` itself is not allowed in it.
# (A relation between tanh and your `sigmoid` makes it one line.
# Near 0 it subtracts two numbers that are almost equal, as chapter 0 warns; the check allows for that.)


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "tanh", "locked": false, "schema_version": 3, "solution": true, "task": false}
def tanh(a):
    """Give the hyperbolic tangent without overflow.

    Args:
        a: pre-activations, any shape.

    Returns:
        h, same shape.
    """
    ### BEGIN SOLUTION
    return 2 * sigmoid(2 * a) - 1
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_tanh", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(tanh)

# %% [markdown]
# **What it gives you.**
# The culprit among the three formulas.
# Find out from the plot by how much it is wrong, and why (the answer is [in the chapter](../../book/02_neuron.md#neuron-tanh)).

# %% tags=["demonstration"]
a = np.linspace(-4, 4, 161)
axes = labelled_axes("a", "value", "three formulas for tanh")
axes.plot(a, tanh(a), linewidth=5, alpha=0.3, label="yours")
formulas = {
    "(i)": (1 - np.exp(1 - 2 * a)) / (1 + np.exp(1 - 2 * a)),
    "(ii)": (np.exp(a) - np.exp(-a)) / (np.exp(a) + np.exp(-a)),
    "(iii)": (np.exp(2 * a) - 1) / (np.exp(2 * a) + 1),
}
for (name, values), style in zip(formulas.items(), ("-", "--", ":"), strict=True):
    axes.plot(a, values, style, label=name)
axes.legend(frameon=False)
plt.show()


# %% [markdown]
# ### ReLU
#
# $$\mathrm{relu}(a) = \max(0, a) .$$
#
# **Task (1 point).**
# Write `relu(a)` for arrays of any shape.
# The argument must stay as it is.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "relu", "locked": false, "schema_version": 3, "solution": true, "task": false}
def relu(a):
    """Give max(0, a), entry by entry.

    Args:
        a: pre-activations, any shape.

    Returns:
        h, same shape.
    """
    ### BEGIN SOLUTION
    return np.maximum(a, 0)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_relu", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(relu)


# %% [markdown]
# ### Four slopes
#
# What a network learns by is the slope of its activations.
# You have four of them now: the hard threshold with $\beta = 0$, the sigmoid, tanh and ReLU.
#
# **Task (2 + 1 + 1 points).**
# Write `slope(a, activation)`, the slope $g'(a)$ of the activation with the name `"threshold"`, `"sigmoid"`, `"tanh"` or `"relu"`, for arrays of any shape and entries up to ±1000, without overflow.
# Your own `sigmoid` and `tanh` help.
# (At $a = 0$ the threshold has no slope and ReLU has a kink: what you return for these two there is not checked.
# The first check asks for these two together.)


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "slope", "locked": false, "schema_version": 3, "solution": true, "task": false}
def slope(a, activation):
    """Give the slope of an activation, entry by entry, without overflow.

    Args:
        a: pre-activations, any shape.
        activation: `threshold` (the hard one, with β = 0), `sigmoid`, `tanh` or `relu`.

    Returns:
        slope g′(a), same shape.
    """
    ### BEGIN SOLUTION
    if activation == "threshold":
        return np.zeros_like(a)
    if activation == "relu":
        return np.where(a > 0, 1.0, 0.0)
    h = sigmoid(a) if activation == "sigmoid" else tanh(a)
    return h - h**2 if activation == "sigmoid" else 1 - h**2
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_slope_kinked", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(slope, "kinked")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_slope_sigmoid", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(slope, "sigmoid")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_slope_tanh", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(slope, "tanh")

# %% [markdown]
# **What it gives you.**
# The activations of your own neuron, and a check that any derivative can be given: compare it with a measured slope.
# In the figure below, move the point and look at the product of ten such slopes; it decides how deep a network may be and still learn.

# %% tags=["demonstration"]
a, step = np.linspace(-5, 5, 200), 1e-5  # 200 points: 0 is none of them
panels = plt.subplots(1, 2, figsize=(9.6, 3.4), layout="constrained")[1]
for g, colour in zip((sigmoid, tanh, relu), COLOURS, strict=False):
    given, measured = slope(a, g.__name__), (g(a + step) - g(a - step)) / (2 * step)
    panels[0].plot(a, neuron(a[:, None], np.ones(1), 0.0, g), color=colour, label=g.__name__)
    panels[1].plot(a, given, color=colour, label=f"slope of {g.__name__}")
    print(
        f"{g.__name__:8} largest difference from the measured slope: {np.abs(given - measured).max():.1e}"
    )
for axes, title in zip(panels, ("value", "slope"), strict=True):
    axes.set(xlabel="a", ylabel=title, ylim=(-1.2, 2))
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
plt.show()

# %% tags=["demonstration"]
ActivationFunctions()


# %% [markdown]
# ## 5 One hidden layer follows any curve
#
# A steep sigmoid is nearly a step, and the difference of two steps is a bump:
#
# $$\text{bump}(x) = \text{height} \cdot \bigl[\, \sigma\bigl(s\,(x - \text{left})\bigr) - \sigma\bigl(s\,(x - \text{right})\bigr) \bigr]$$
#
# with the steepness $s$.
# This is a network with one input, two hidden sigmoid units and a linear output without bias,
#
# $$F(x) = \sum_i v_i\, \sigma(w_i x + b_i) .$$
#
# **Task (2 points).**
# Write `bump(left, right, height, steepness)`, which returns `w`, `b` and `v` of this network, of shape `(2,)` each.
# The order of the two units is up to you; what counts is $F$.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "bump", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bump(left, right, height, steepness):
    """Give two hidden sigmoid units that make a bump.

    Args:
        left, right: where the bump begins and ends, left < right.
        height: its height (may be negative).
        steepness: s > 0 of both edges.

    Returns:
        w, b, v, (2,) each, with F(x) = Σ v_i σ(w_i x + b_i).
    """
    ### BEGIN SOLUTION
    edges = np.array([left, right])
    return np.full(2, steepness), -steepness * edges, np.array([height, -height])
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_bump", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(bump)

# %% [markdown]
# Many bumps side by side follow a curve.
# Play with their number and steepness before you go on: what makes the error smaller, and where is it largest?

# %% tags=["demonstration"]
SumOfBumps()


# %% [markdown]
# **Task (3 points).**
# Write `approximate(f, epsilon, slope)`, which returns `w`, `b` and `v` of a network with one hidden layer and
#
# $$|F(x) - f(x)| < \varepsilon \qquad \text{for all } x \text{ in } [0, 1],$$
#
# the ends included.
# `f` takes and returns arrays (numbers too), is continuous and is nowhere steeper than `slope`: $|f(x) - f(x')| \le \text{slope} \cdot |x - x'|$.
# (`slope` may be 0.)
# `w`, `b` and `v` have one entry for each hidden unit; use at most 2,000 units.
#
# How many bumps you take, how steep they are and how you build them is up to you; the network is judged by its error, inside the interval and near its ends, in units of ε and rounded up to a power of two.
# You may use your `bump`, and you may try widths until one is good enough, but a line of thought saves the trying: how far can $f$ be from its value in the middle of an interval of width $1/n$?
#
# Every sigmoid is only half-way up at its edge; keep that in mind at $x = 0$ and $x = 1$.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "approximate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def approximate(f, epsilon, slope):
    """Build one hidden layer of sigmoid units that stays within epsilon of f on [0, 1].

    Args:
        f: continuous function of arrays.
        epsilon: the error allowed, a number > 0.
        slope: a bound of the steepness of f, a number ≥ 0.

    Returns:
        w, b, v, (H,) each, with F(x) = Σ v_i σ(w_i x + b_i).
    """
    ### BEGIN SOLUTION
    n = int(slope / (2 * epsilon)) + 2
    edges = np.linspace(0, 1, n + 1)
    heights = f((edges[:-1] + edges[1:]) / 2)
    edges[0], edges[-1] = -1, 2
    bumps = [bump(edges[i], edges[i + 1], heights[i], 50.0 * n) for i in range(n)]
    w, b, v = np.concatenate(bumps, axis=1)
    return w, b, v
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_approximate", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(approximate)


# %% [markdown]
# **What it gives you.**
# The universal approximation theorem in one dimension, as a program.
# The width it needs depends on $f$, and grows as ε shrinks; a wilder function needs more.


# %% tags=["demonstration"]
def gentle(x):
    return 0.5 + 0.4 * np.sin(3 * np.asarray(x))


def wild(x):
    return 0.5 + 0.4 * np.sin(30 * np.asarray(x))


x = np.linspace(0, 1, 2001)
panels = plt.subplots(1, 2, figsize=(9.6, 3.4), layout="constrained", sharey=True)[1]
for axes, f, steepest in zip(panels, (gentle, wild), (1.2, 12.0), strict=True):
    for epsilon in (0.2, 0.1, 0.05, 0.02):
        w, b, v = (np.asarray(array) for array in approximate(f, epsilon, steepest))
        F = sigmoid(x[:, None] * w + b) @ v
        print(
            f"{f.__name__:7} ε = {epsilon:4}: {len(w):4} units, error {np.abs(F - f(x)).max():.4f}"
        )
        if epsilon in (0.1, 0.02):
            axes.plot(x, F, label=f"F, ε = {epsilon}, {len(w)} units")
    axes.plot(x, f(x), "k--", label="f")
    axes.set(xlabel="x", title=f.__name__)
    axes.legend(frameon=False, fontsize=8)
panels[0].set_ylabel("value")
plt.show()


# %% [markdown]
# ### What the theorem says, and what it does not
#
# A lecture states it like this: given a continuous, strictly increasing, bounded $\varphi$, *for any $\varepsilon > 0$ there exists $N$ such that for any $f$ in $C(I_m)$* there are $v_i, b_i, w_i$ with $|F(x) - f(x)| < \varepsilon$ on $I_m$, where $F(x) = \sum_{i=1}^N v_i\, \varphi(w_i^\top x + b_i)$; and adds that $N$ is known to exist but cannot be computed.
#
# **Written answer (2 points).**
# (a) One word order in the statement makes it false. Correct it, and use the output of the last cell to explain why.
# (b) "Cannot be computed": your `approximate` computed it. What did you have to know about $f$?
# (c) ReLU is not bounded. Write a bounded ramp from 0 to 1 with two ReLUs, and conclude.
# (d) Name two things that one needs in practice and that the theorem does not promise.

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "approximation_why", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# (a) The width comes after the function: for any $f$ in $C(I_m)$ and any $\varepsilon > 0$ there exist $N$, $v_i$, $b_i$, $w_i$.
# As stated, one $N$ would serve all functions; but with the same ε the wild function needed about ten times as many units as the gentle one, and $\sin(300x)$ would need ten times more still.
#
# (b) A bound for its slope (or, more generally, how fast it can change): then $n > \text{slope}/(2\varepsilon)$ bumps are enough.
# From the values of $f$ at a few points alone no width can be guaranteed.
# So for classes of functions the width can be bounded; the bound is seldom the smallest width that works.
#
# (c) $\mathrm{relu}(x) - \mathrm{relu}(x - 1)$ is 0 for $x \le 0$, $x$ between, and 1 for $x \ge 1$.
# Used in place of $\sigma$, it makes bumps as well, so networks of ReLUs approximate too: boundedness is not needed.
#
# (d) For instance: that the width is affordable (in many dimensions bumps on a grid are not); that training finds these weights; that few examples suffice, or that the network is right between the examples.
#
# Marking: ½ point for each part.
# ### END SOLUTION

# %% [markdown]
# ## 6 A neuron reads digits
#
# Now something real: handwritten digits from MNIST, 28 × 28 grey values.
# One neuron, trained by your `perceptron_fit`, has to tell zeros from ones.
#
# First we describe every image by two numbers that a person thought of: how much *ink* there is, and how *asymmetric* the image is (the mean difference from its mirror image).


# %% tags=["demonstration"]
def two_digits(first, second):
    """Give images (N, 28, 28) and labels ±1 of two digits: to learn from, then to test with."""
    images, labels, test_images, test_labels = mnist()
    chosen = np.isin(labels, (first, second))
    test_chosen = np.isin(test_labels, (first, second))
    return (
        images[chosen].astype(float),
        np.where(labels[chosen] == first, 1, -1),
        test_images[test_chosen].astype(float),
        np.where(test_labels[test_chosen] == first, 1, -1),
    )


def ink_and_asymmetry(images):
    ink = images.mean(axis=(1, 2))
    return np.stack([ink, np.abs(images - images[:, :, ::-1]).mean(axis=(1, 2))], axis=1)


def accuracy(x, y, w, b):
    return np.mean(np.where(neuron(x, w, b, lambda a: a) > 0, 1, -1) == y)


images, y, test_images, test_y = two_digits(0, 1)
features, test_features = ink_and_asymmetry(images), ink_and_asymmetry(test_images)
centre, spread = features.mean(axis=0), features.std(axis=0)
x, test_x = (features - centre) / spread, (test_features - centre) / spread
axes = labelled_axes("ink (standardised)", "asymmetry (standardised)", "zeros (+1) and ones (−1)")
plot_classes(axes, x[:400], y[:400])
for max_epochs, style in ((6, "-"), (7, "--"), (8, ":")):
    w, b, updates, converged = perceptron_fit(x, y, max_epochs)
    plot_line(axes, w, b, color="black", linestyle=style, label=f"after {max_epochs} passes")
    right = 100 * accuracy(test_x, test_y, w, b)
    print(
        f"{max_epochs} passes: {updates} updates, converged: {converged}, {right:.1f} % of the test images"
    )
axes.legend(frameon=False)
plt.show()

# %% [markdown]
# The classes overlap, so the perceptron never comes to rest, and the line that you get depends on when you stop.
# Your function says so: `converged` is False.
# That is worth more than a line without a warning.
#
# Second, we give the neuron all 784 pixels and let it find its own weights.
# We also try fours and nines, which are harder.

# %% tags=["demonstration"]
rows = []
for first, second in tqdm([(0, 1), (4, 9)], desc="training", unit="pair"):
    images, y, test_images, test_y = two_digits(first, second)
    x, test_x = images.reshape(len(images), -1), test_images.reshape(len(test_images), -1)
    w, b, updates, converged = perceptron_fit(x, y, max_epochs=200)
    rows.append(
        (f"{first} or {second}", w, test_images, test_y, np.where(test_x @ w + b > 0, 1, -1))
    )
    print(
        f"{first} or {second}: {updates} updates, converged: {converged}, training images right "
        f"{100 * accuracy(x, y, w, b):.1f} %, test images right {100 * accuracy(test_x, test_y, w, b):.1f} %"
    )

# %% [markdown]
# In 784 dimensions a hyperplane separates all the training images, and the perceptron finds one.
# For fours and nines it needs many passes and makes no mistake on the images it has learnt from, but on new ones it does: *separating is not the same as understanding*.
# (The test images played no part in the training: they are there to judge.)
#
# The weights can be looked at: blue pixels speak for the first digit, red ones for the second.
# Next to them are test images that the neuron got wrong.

# %% tags=["demonstration"]
panels = plt.subplots(1, 2, figsize=(6.4, 3.2), layout="constrained")[1]
for axes, (name, w, *_) in zip(panels, rows, strict=True):
    limit = np.abs(w).max()
    axes.imshow(w.reshape(28, 28), cmap="coolwarm_r", vmin=-limit, vmax=limit)
    axes.set(title=f"weights: {name} (blue: the first)", xticks=[], yticks=[])
_, _, test_images, test_y, said = rows[1]
wrong = np.flatnonzero(said != test_y)[:10]
names = {1: "4", -1: "9"}
image_grid(
    test_images[wrong], [f"{names[test_y[i]]}, read as {names[said[i]]}" for i in wrong], columns=5
)
plt.show()

# %% [markdown]
# **To try.**
# Which pair of digits is the hardest for one neuron?
# Guess first, then measure all 45 pairs.
# Then scale all pixels by 10 and train again: do the number of updates and the answers change?
# (The bound $(R/\gamma)^2$ tells you what to expect.)
#
# How this goes on: [chapter 3](../../book/03_mlp.md) makes layers of neurons and gives them losses; [chapter 4](../../book/04_backpropagation.md) finds the weights of all of them by learning.
