# %% [markdown]
# # 3 The multilayer perceptron
#
# One neuron draws a line; layers of neurons can follow any curve.
# In this notebook you build the layers, give them an output that suits the question, a number that says how wrong they are, and weights to begin with.
# At the end all of it reads handwritten digits, and you find out why the next chapter has to exist.
#
# It takes about 3 hours.
#
# **How to work here.**
# Each task has a text, a cell for your answer (replace `raise NotImplementedError`), and a cell that checks it.
# Run the check as often as you like: it tells you what is right, what is not, and, when it recognises the slip, which one.
# Everything needs only the cells above it.
# The chapter [The multilayer perceptron](../../book/03_mlp.md) explains the theory; [Notation](../../book/notation.md) explains the letters.

# %%
import itertools

import matplotlib.pyplot as plt
import numpy as np
from tqdm.auto import tqdm

from dlarch import check
from dlarch.data import mnist
from dlarch.figures import DecisionBoundary, SoftmaxTemperature
from dlarch.plots import COLOURS, LiveCurve, image_grid, labelled_axes


def identity(a):
    """No activation."""
    return a


def relu(a):
    """Rectified linear unit, entry by entry."""
    return np.maximum(a, 0)


def shrunk(images):
    """Give images (N, 28, 28) as standardised vectors (N, 49): means of 4 × 4 pixels."""
    x = images.reshape(-1, 7, 4, 7, 4).mean(axis=(2, 4)).reshape(-1, 49).astype(float)
    return (x - 0.13) / 0.25


images, labels, test_images, test_labels = mnist()
x, test_x = shrunk(images), shrunk(test_images)
x, validation_x = x[:7000], x[7000:]
labels, validation_labels = labels[:7000], labels[7000:]
print(
    f"{len(x)} digits to learn from, {len(validation_x)} to watch the training by, "
    f"{len(test_x)} for the end; {x.shape[1]} grey values each"
)

# %% [markdown]
# Three conventions hold in the whole notebook.
#
# * A row is an example: `x` has shape `(N, D)`, and a layer computes `x @ W + b` with `W` of shape `(D_in, D_out)` and `b` of shape `(D_out,)`.
# * A loss over a batch is the *mean* over its `N` examples, and log is the natural logarithm.
# * Everything is NumPy; `torch`, `scipy` and `sklearn` are not allowed in the answers.
#
# Here is what it is all for.
# Press play, and see a small network bend its boundary around the points; then give it fewer units, or a harder task.

# %% tags=["demonstration"]
DecisionBoundary()


# %% [markdown]
# ## 1 Layers
#
# A network with $L$ layers computes, from $h^{(0)} = x$,
#
# $$a^{(l)} = h^{(l-1)} W^{(l)} + b^{(l)}, \qquad h^{(l)} = g^{(l)}\bigl(a^{(l)}\bigr), \qquad l = 1, \dots, L .$$
#
# All hidden layers, $l < L$, have the same activation; the output layer, $l = L$, has one of its own.
#
# **Task (3 points).**
# Write `mlp_forward(x, weights, biases, hidden_activation, output_activation)`.
# Both activations are functions that take and return arrays $(N, D_{out})$; they may treat each entry alone, as ReLU does, or a whole row together.
# Return *everything*: the list of all $a^{(l)}$, from $l = 1$ to $L$, and the list of all $h^{(l)}$, from $l = 0$ to $L$, so that `h[0]` is `x` and `h[-1]` is the network's output.
# (Chapter 4 needs them all on its way back.)
# $L$ may be 1: then there is no hidden layer.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "mlp_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mlp_forward(x, weights, biases, hidden_activation, output_activation):
    """Run a multilayer perceptron and keep what every layer computed.

    Args:
        x: inputs, (N, D).
        weights: list of L matrices, (D_in, D_out) each, the first layer first.
        biases: list of L vectors, (D_out,) each.
        hidden_activation: function of arrays, g of layers 1 to L − 1.
        output_activation: function of arrays, g of layer L.

    Returns:
        a, list of L pre-activations, (N, D_out) each;
        h, list of L + 1 activations, beginning with x.
    """
    ### BEGIN SOLUTION
    activations = [hidden_activation] * (len(weights) - 1) + [output_activation]
    pre_activations, h = [], [x]
    for W_l, b_l, g_l in zip(weights, biases, activations, strict=True):
        pre_activations.append(h[-1] @ W_l + b_l)
        h.append(g_l(pre_activations[-1]))
    return pre_activations, h
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_mlp_forward", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(mlp_forward)

# %% [markdown]
# **What it gives you.**
# A network that can be asked, although it knows nothing yet.
# The cell sends 200 digits through three layers with random weights.
# About half of the ReLUs are off at a time; a unit that is off for *all* digits is called dead, because nothing that comes in can wake it.
# Shift the biases of the first layer down (say `-6` in place of `0`) and watch units die.

# %% tags=["demonstration"]
rng = np.random.default_rng(0)
sizes, shift = [49, 40, 30, 10], 0
weights = [rng.normal(size=pair) * np.sqrt(2 / pair[0]) for pair in itertools.pairwise(sizes)]
biases = [np.full(size, float(shift if layer == 0 else 0)) for layer, size in enumerate(sizes[1:])]
a, h = mlp_forward(x[:200], weights, biases, relu, identity)
for layer, (a_l, h_l) in enumerate(zip(a, h[1:], strict=True), start=1):
    off = h_l <= 0
    text = f"layer {layer}: a {a_l.shape}, h {h_l.shape}"
    if layer < len(a):
        text += f", off {100 * off.mean():.0f} %, dead units {off.all(axis=0).sum()}"
    print(text)


# %% [markdown]
# ### How many numbers are there to learn?
#
# **Task (1 point).**
# Write `count_parameters(sizes)`: the number of weights and biases of a fully connected network whose layers have `sizes[0]` inputs, then `sizes[1]`, …, `sizes[-1]` units.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "count_parameters", "locked": false, "schema_version": 3, "solution": true, "task": false}
def count_parameters(sizes):
    """Count the weights and biases of a multilayer perceptron.

    Args:
        sizes: list of L + 1 integers: inputs, units of each hidden layer, outputs.

    Returns:
        The number of parameters.
    """
    ### BEGIN SOLUTION
    return sum((inputs + 1) * outputs for inputs, outputs in itertools.pairwise(sizes))
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_count_parameters", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(count_parameters)

# %% [markdown]
# **What it gives you.**
# The price of full connection.
# The last two networks look at a photograph of 224 × 224 pixels in three colours.
# Compare them with the 138 million parameters of VGG16, one of the largest networks of part II, which reads such photographs with sixteen layers.

# %% tags=["demonstration"]
for name, sizes in (
    ("small digits, as below", [49, 12, 10]),
    ("MNIST, one hidden layer", [784, 128, 10]),
    ("MNIST, ten narrow layers", [784, *[64] * 10, 10]),
    ("a photograph, 100 hidden units", [224 * 224 * 3, 100, 1000]),
    ("a photograph, 4096 hidden units", [224 * 224 * 3, 4096, 1000]),
):
    print(f"{name:32} {count_parameters(sizes):>12,} parameters")


# %% [markdown]
# ## 2 An output for every question
#
# For a real number as answer, the output needs no activation: $h^{(L)} = a^{(L)}$.
# For one of $K$ classes it should be $K$ probabilities, made from the last pre-activations, which are called *logits*:
#
# $$p_k = \mathrm{softmax}(a)_k = \frac{e^{a_k}}{\sum_j e^{a_j}} .$$
#
# On paper this is one line.
# On a computer $e^{710}$ is infinite, and logits of 1000 do occur.
# But softmax does not change when the same number is subtracted from all logits of an example (why?), and that number may be chosen.
#
# **Task (2 points).**
# Write `softmax(logits)` for arrays of shape $(\dots, K)$: the classes are the *last* axis, and there may be any number of axes before it, also none.
# Logits may be as large as ±1000, and may differ by as much within one example.
# Leave the argument as it is.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "softmax", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax(logits):
    """Give the probabilities of the classes, without overflow.

    Args:
        logits: (..., K), any real numbers.

    Returns:
        p, (..., K), that add up to 1 along the last axis.
    """
    ### BEGIN SOLUTION
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_softmax", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(softmax)

# %% [markdown]
# **What it gives you.**
# Change the logits in the figure, add a constant to all of them, and turn the temperature $T$, which divides them.
# Then predict: what are the probabilities for $T \to 0$, and what for $T \to \infty$?
# The cell below draws your answer for one set of logits.

# %% tags=["demonstration"]
SoftmaxTemperature()

# %% tags=["demonstration"]
logits = np.array([2.0, 1.0, 0.5, -1.0])
temperatures = np.geomspace(0.05, 50, 100)
p = softmax(logits / temperatures[:, None])
axes = labelled_axes("temperature T", "probability", "softmax(a / T) for four logits")
for k, logit in enumerate(logits):
    axes.semilogx(temperatures, p[:, k], color=COLOURS[k], label=f"logit {logit}")
axes.legend(frameon=False)
plt.show()


# %% [markdown]
# ### Logarithms of probabilities
#
# The losses below need $\log p_k$.
# Never take the logarithm of what `softmax` gives: for logits $(0, -1500)$ the second probability is $e^{-1500}$, which is 0 for a computer, and $\log 0 = -\infty$.
# On paper $\log$ and $\exp$ cancel, and the answer is simply $-1500$.
#
# **Task (2 points).**
# Write `log_softmax(logits)`, for the same shapes and sizes of logits.
# Its entries are finite for all finite logits, without any small number added anywhere.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "log_softmax", "locked": false, "schema_version": 3, "solution": true, "task": false}
def log_softmax(logits):
    """Give the logarithms of the classes' probabilities, all finite.

    Args:
        logits: (..., K), any real numbers.

    Returns:
        log p, (..., K), each at most 0.
    """
    ### BEGIN SOLUTION
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_log_softmax", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(log_softmax)

# %% [markdown]
# **What it gives you.**
# Compare the three ways.
# The second is what one finds in many programs; it hides the problem by adding a small number, and with it everything that the network would have to learn from its worst mistakes.

# %% tags=["demonstration"]
print("   gap  log(softmax)  log(softmax + 1e-9)  log_softmax")
for gap in (1.0, 10.0, 30.0, 800.0, 1500.0):
    logits = np.array([0.0, -gap])
    with np.errstate(divide="ignore"):
        naive = np.log(softmax(logits))[1]
    padded = np.log(softmax(logits) + 1e-9)[1]
    print(f"{gap:6.0f}  {naive:12.4f}  {padded:19.4f}  {log_softmax(logits)[1]:11.4f}")


# %% [markdown]
# ## 3 How wrong is it?
#
# A loss turns all answers into one number, which training makes small.
#
# ### Real numbers as answers
#
# $$E = \frac1N \sum_n \lVert h_n - t_n \rVert^2 = \frac1N \sum_n \sum_k (h_{nk} - t_{nk})^2 .$$
#
# **Task (1 point for the value, 1 for the shapes).**
# Write `mse(prediction, target)` for two arrays $(N, K)$.
# Mind what is averaged and what is summed; libraries differ.
# ([Which axis goes away](../../book/00_start.md#start-axes) was shown in chapter 0; here the sum is given, and in chapters 6 and 14 nothing will be.)
# If the shapes are not *equal*, raise a `ValueError`, also where NumPy would be able to go on.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "mse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mse(prediction, target):
    """Give the squared error, averaged over the examples.

    Args:
        prediction: (N, K).
        target: (N, K).

    Returns:
        E, a number.

    Raises:
        ValueError: the shapes differ.
    """
    of_example = np.sum((prediction - target) ** 2, axis=1)  # the outputs' axis goes away
    ### BEGIN SOLUTION
    if prediction.shape != target.shape:
        raise ValueError(f"expected targets {prediction.shape}, got {target.shape}")
    return of_example.mean()
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_mse_value", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(mse, "value")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_mse_shapes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(mse, "shapes")

# %% [markdown]
# **What it gives you.**
# The second point was for the costliest line of NumPy in this chapter.
# Here a network is right about every house price to within 1 %, its answers have shape `(N, 1)`, as outputs of a network do, and the targets were read from a table as `(N,)`.
# See what happens to whoever does not compare shapes.

# %% tags=["demonstration"]
rng = np.random.default_rng(1)
price = rng.uniform(1, 9, size=100)
prediction = (price * rng.normal(1, 0.01, size=100))[:, None]
print("shape of prediction - price:", (prediction - price).shape)
print(f"mean of its squares: {np.mean((prediction - price) ** 2):.3f}")
print(f"yours, with the shapes right: {mse(prediction, price[:, None]):.5f}")
try:
    mse(prediction, price)
except ValueError as error:
    print("yours, with the shapes wrong: ValueError:", error)


# %% [markdown]
# ### Yes or no
#
# For a question with the answers 1 and 0, the network has one output, and $p = \sigma(a) = 1/(1 + e^{-a})$ is the probability that it gives to 1.
# The loss is $-\log$ of the probability that was given to what is true.
# For a target $t$ that may also lie between 0 and 1,
#
# $$E = -\frac1N \sum_n \bigl[ t_n \log \sigma(a_n) + (1 - t_n) \log\bigl(1 - \sigma(a_n)\bigr) \bigr] .$$
#
# **Task (2 points).**
# Write `binary_cross_entropy(logits, targets)`, for logits as large as ±1000.
# It takes the *logits* $a$, not the probabilities, and you know why.
# Insert $\sigma$ into the two logarithms on paper first; `np.logaddexp` or `np.log1p` may help, a small ε does not.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "binary_cross_entropy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def binary_cross_entropy(logits, targets):
    """Give the cross-entropy of yes-or-no answers, averaged over the examples, from logits.

    Args:
        logits: (N,), any real numbers.
        targets: (N,), each from 0 to 1.

    Returns:
        E, a number, finite for all finite logits.
    """
    ### BEGIN SOLUTION
    return np.mean(np.logaddexp(0, logits) - targets * logits)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_binary_cross_entropy", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(binary_cross_entropy)

# %% [markdown]
# **What it gives you.**
# The reason why nobody trains classifiers with the number of mistakes, or with the squared error.
# For one example with $t = 1$ the plot shows three losses as functions of the logit.
# Training follows the slope.
# Where the network is sure and wrong, on the left, only one of them has a slope worth the name.

# %% tags=["demonstration"]
a = np.linspace(-8, 8, 161)
ones = np.ones(1)
axes = labelled_axes(
    "logit a (the target is 1)", "loss of one example", "which loss has a slope on the left?"
)
axes.plot(a, [binary_cross_entropy(ones * a_i, ones) for a_i in a], label="cross-entropy (nats)")
axes.plot(
    a,
    [mse(np.array([[1 / (1 + np.exp(-a_i))]]), ones[None]) for a_i in a],
    label="squared error of σ(a)",
)
axes.plot(a, a <= 0, label="mistake or not")
axes.set_ylim(-0.2, 4)
axes.legend(frameon=False)
plt.show()


# %% [markdown]
# ### One of many
#
# With $K$ classes, and $y_n$ the right one of example $n$,
#
# $$E = -\frac1N \sum_n \log p_{n, y_n}, \qquad p_n = \mathrm{softmax}(a_n) .$$
#
# **Task (2 points).**
# Here is `cross_entropy(logits, labels)`, written with your `log_softmax`, and with one slip.
# Labels are integers from 0 to $K - 1$.
# For a single example it gives the right number, and for many it gives a plausible one: find the slip and mend it.
# (Compute two examples by hand, or look at the shape of each line's result.)


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "cross_entropy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cross_entropy(logits, labels):
    """Give the cross-entropy of the right classes, averaged over the examples, from logits.

    Args:
        logits: (N, K), any real numbers.
        labels: right classes, (N,), integers from 0 to K − 1.

    Returns:
        E, a number, finite for all finite logits.
    """
    ### BEGIN SOLUTION
    log_p = log_softmax(logits)
    losses = -log_p[np.arange(len(labels)), labels]
    return losses.mean()
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_cross_entropy", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(cross_entropy)

# %% [markdown]
# **What it gives you.**
# The first thing to look at in every training that you will ever start.
# A network that knows nothing gives each of ten classes about the same probability, so its loss is about $\log 10 = 2.303$.
# If the loss at the start is much larger, the initial weights are too large: the network is sure before it has seen anything.

# %% tags=["demonstration"]
rng = np.random.default_rng(2)
print(f"log 10 = {np.log(10):.3f}")
for scale in (0.01, 0.1, 1.0, 10.0):
    weights = [scale * rng.normal(size=(49, 30)), scale * rng.normal(size=(30, 10))]
    a, _ = mlp_forward(x, weights, [np.zeros(30), np.zeros(10)], relu, identity)
    print(f"weights of standard deviation {scale:5}: loss {cross_entropy(a[-1], labels):9.3f}")


# %% [markdown]
# ### Spot the error
#
# A student trains a classifier with $K = 100$ classes on batches `x` of logits, $(N, 100)$:
#
# ```python
# def loss(x, labels):
#     x = x - x.max()
#     p = torch.exp(x) / torch.exp(x).sum(dim=1, keepdim=True)
#     p = p.clamp(min=1e-6)
#     return -p[torch.arange(len(labels)), labels].log().sum() / x.numel()
# ```
#
# **Written answer (2 points).**
# (a) The clamp is there "against infinities".
# For an example whose right class has a logit 40 below the largest: what does this loss give before the last division, what would be right, and which gradient reaches the logits?
# (b) `x.max()` is the largest number of the whole batch.
# With float32, $e^{-104}$ is 0: describe a batch of two examples for which this function gives `nan`, although every row by itself is harmless.
# (c) By which factor is the result wrong, and what does that do to a training by gradient descent with a fixed learning rate, and to one by Adam?

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "loss_why", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# (a) $-\log 10^{-6} = 13.8$ nats; right is 40 (and a little).
# The clamp is flat there, so the gradient through it is 0: the example on which the network is most wrong teaches nothing.
#
# (b) One row with logits near 0, the other with logits near 200, for instance all 0 and all 200.
# After the subtraction the first row is at $-200$, all its exponentials are 0, and $0/0$ is `nan`.
# The maximum has to be taken in each row.
#
# (c) It is divided by $N K$ in place of $N$: the loss, and every gradient, is a hundredth of what it should be.
# Gradient descent makes steps a hundred times too small and learns very slowly.
# Adam divides by the size of the gradients, so hardly anything changes (as long as its ε plays no part).
#
# Marking: (a) ¾ point: 13.8 against 40 (½), no gradient (¼); (b) ½ point; (c) ¾ point: the factor (¼), each of the two trainings (¼).
# ### END SOLUTION

# %% [markdown]
# ### A price for large weights
#
# What is minimised in the end is often the loss plus a penalty, $E + \lambda\, \Omega$, with
#
# $$\Omega_{L2} = \sum_l \sum_{i,j} \bigl(w^{(l)}_{ij}\bigr)^2, \qquad \Omega_{L1} = \sum_l \sum_{i,j} \bigl|w^{(l)}_{ij}\bigr| .$$
#
# **Task (2 points).**
# Write `penalty(weights, biases, kind, strength)`, which returns $\lambda\,\Omega$ for $\lambda$ = `strength` and `kind` `"l2"` or `"l1"`.
# There is no factor ½.
# You are given all the parameters; the formulas say which of them are penalised.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "penalty", "locked": false, "schema_version": 3, "solution": true, "task": false}
def penalty(weights, biases, kind, strength):
    """Give the penalty for large weights.

    Args:
        weights: list of L matrices, (D_in, D_out) each.
        biases: list of L vectors, (D_out,) each.
        kind: "l1" or "l2".
        strength: λ, a number ≥ 0.

    Returns:
        λ Ω, a number.
    """
    ### BEGIN SOLUTION
    if kind == "l1":
        return strength * sum(np.abs(W_l).sum() for W_l in weights)
    return strength * sum((W_l**2).sum() for W_l in weights)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_penalty", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(penalty)

# %% [markdown]
# **What it gives you.**
# A choice between networks that say the same.
# A pixel and its neighbour usually carry the same value; whether one weight of 2 looks at one of them, or a weight of 1 at each, makes no difference to the answer, but it does to the penalty.
# Which of the two kinds likes which solution?

# %% tags=["demonstration"]
for name, w in (
    ("one weight of 2", [2.0, 0.0]),
    ("two weights of 1", [1.0, 1.0]),
    ("3 and −1", [3.0, -1.0]),
):
    weights, biases = [np.array(w)[:, None]], [np.zeros(1)]
    l1, l2 = (penalty(weights, biases, kind, 1.0) for kind in ("l1", "l2"))
    print(f"{name:18} L1 {l1:4.1f}   L2 {l2:4.1f}")


# %% [markdown]
# ## 4 Where to begin
#
# Before learning, the weights have to be *something*.
# Two schemes are common, named after their first authors; both draw normal numbers with mean 0 and choose the variance layer by layer, and the biases are 0:
#
# $$\text{Xavier (Glorot):}\quad \mathrm{Var}(w) = \frac{2}{D_{in} + D_{out}}, \qquad\qquad \text{He:}\quad \mathrm{Var}(w) = \frac{2}{D_{in}} .$$
#
# **Task (1 point).**
# Write `initialize(noise, scheme)`.
# `noise` is a list of arrays $(D_{in}, D_{out})$, one for each layer, with standard normal numbers (variance 1); turn them into weights by the scheme `"xavier"` or `"he"`.
# With `"zeros"` all weights are 0.
# Return the list of weights and the list of biases, and leave `noise` as it is.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "initialize", "locked": false, "schema_version": 3, "solution": true, "task": false}
def initialize(noise, scheme):
    """Turn standard normal noise into initial parameters.

    Args:
        noise: list of L arrays, (D_in, D_out) each, of variance 1.
        scheme: "zeros", "xavier" or "he".

    Returns:
        weights, list of L arrays, (D_in, D_out) each; biases, list of L arrays, (D_out,) each.
    """
    ### BEGIN SOLUTION
    weights = []
    for z in noise:
        D_in, D_out = z.shape
        variance = {"zeros": 0, "xavier": 2 / (D_in + D_out), "he": 2 / D_in}[scheme]
        weights.append(np.sqrt(variance) * z)
    return weights, [np.zeros(z.shape[1]) for z in noise]
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_initialize", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(initialize)

# %% [markdown]
# **What it gives you.**
# A signal that survives.
# Digits go through twenty layers of 100 units; the plot shows how large the activations are in each.
# On a logarithmic axis a wrong scale is a straight line, down or up.
# (With tanh, noise that is not scaled seems to do well; but those activations are all nearly +1 or −1, saturated, whatever the input.)

# %% tags=["demonstration"]
rng = np.random.default_rng(3)
noise = [rng.normal(size=pair) for pair in [(49, 100)] + [(100, 100)] * 19]
starts = {
    "0.01 × noise": [0.01 * z for z in noise],
    "noise": noise,
    "Xavier": initialize(noise, "xavier")[0],
    "He": initialize(noise, "he")[0],
}
panels = plt.subplots(1, 2, figsize=(9.6, 3.6), layout="constrained", sharey=True)[1]
for axes, g, name in zip(panels, (np.tanh, relu), ("tanh", "ReLU"), strict=True):
    for (start, weights), colour in zip(starts.items(), COLOURS, strict=False):
        _, h = mlp_forward(x[:200], weights, initialize(noise, "zeros")[1], g, g)
        size = [np.sqrt(np.mean(h_l**2)) for h_l in h]
        axes.semilogy(size, marker=".", color=colour, label=start)
        print(f"{name:5} {start:13} layer 1: {size[1]:8.2g}   layer 20: {size[-1]:8.2g}")
    axes.set(xlabel="layer (0 is the input)", title=name, xticks=range(0, 21, 5))
    axes.grid(alpha=0.3)
panels[0].set_ylabel("root mean square of h")
panels[0].legend(frameon=False)
plt.show()


# %% [markdown]
# ### Known by its curve
#
# From such a curve one can read how a network was started, if one knows what a layer does to the size of a signal.
# In the networks of this task all layers are `width` units wide, inputs too, all hidden units are ReLUs, and the biases are 0.
# Their weights are `"noise"`, `"small noise"` (0.01 × noise), `"Xavier"` or `"He"`.
# You see the root mean square of the inputs and of every layer's hidden values.
# The inputs have any scale.
#
# **Task (2 points).**
# Write `which_initialization(sizes, width)`, which returns the start.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "which_initialization", "locked": false, "schema_version": 3, "solution": true, "task": false}
def which_initialization(sizes, width):
    """Say how the weights of a deep ReLU network were drawn.

    Args:
        sizes: root mean square of the inputs, then of each layer's hidden values, (L + 1,).
        width: units of every layer, at least 100.

    Returns:
        "noise", "small noise", "Xavier" or "He".
    """
    ### BEGIN SOLUTION
    factor = (sizes[-1] / sizes[0]) ** (1 / (len(sizes) - 1))
    factors = {
        "noise": np.sqrt(width / 2),
        "small noise": 0.01 * np.sqrt(width / 2),
        "Xavier": np.sqrt(1 / 2),
        "He": 1.0,
    }
    return min(factors, key=lambda start: abs(np.log(factor / factors[start])))
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_which_initialization", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(which_initialization)

# %% [markdown]
# **What it gives you.**
# The four networks with ReLU of the plot above, from their second layer on, where all layers are 100 units wide.

# %% tags=["demonstration"]
for start, weights in starts.items():
    _, h = mlp_forward(x[:200], weights, initialize(noise, "zeros")[1], relu, relu)
    sizes = np.array([np.sqrt(np.mean(h_l**2)) for h_l in h[1:]])
    print(f"{start:13} looks like {which_initialization(sizes, 100)}")


# %% [markdown]
# ## 5 Your network reads digits, the hard way
#
# All parts are there: layers, softmax, cross-entropy, penalty, initial weights.
# What is missing is how to change the weights.
# There is an obvious way: *try*.
# Move one parameter up a little, and down a little, see what the loss does, and you know its slope; when you know all slopes, go a step downhill.
#
# The network has 49 inputs (the digits, shrunk to 7 × 7), 12 ReLUs and 10 outputs.
# In each step it looks at 200 digits.
# It takes two runs of the network to measure one slope, so a step costs twice `count_parameters([49, 12, 10])` runs.
# (That is half a minute of work for NumPy; if it takes much longer, one of your functions loops over the examples.)
# Everything that runs here is yours.


# %% tags=["demonstration"]
def objective(x, labels, weights, biases, strength):
    """Give loss plus penalty."""
    a, _ = mlp_forward(x, weights, biases, relu, identity)
    return cross_entropy(a[-1], labels) + penalty(weights, biases, "l2", strength)


def measured_slopes(E, array, little=1e-5):
    """Give the slope of E() for every entry of an array that E depends on."""
    slopes = np.empty(array.shape)
    for index in np.ndindex(array.shape):
        middle = array[index]
        array[index] = middle + little
        above = E()
        array[index] = middle - little
        slopes[index] = (above - E()) / (2 * little)
        array[index] = middle
    return slopes


def accuracy(x, labels, weights, biases):
    a, _ = mlp_forward(x, weights, biases, relu, identity)
    return np.mean(a[-1].argmax(axis=1) == labels)


def train_by_trial(weights, biases, steps, learning_rate=0.5, strength=1e-4, curve=None):
    """Go downhill with measured slopes, and give the new weights and biases."""
    rng = np.random.default_rng(4)
    weights = [np.array(W, dtype=float) for W in weights]
    biases = [np.array(b, dtype=float) for b in biases]
    parameters = weights + biases
    for step in tqdm(range(1, steps + 1), desc="training", unit="step"):
        chosen = rng.permutation(len(x))[:200]

        def E(batch=x[chosen], right=labels[chosen]):
            return objective(batch, right, weights, biases, strength)

        slopes = [measured_slopes(E, array) for array in parameters]
        for array, slope in zip(parameters, slopes, strict=True):
            array -= learning_rate * slope
        if curve is not None and step % 5 == 0:
            right = accuracy(validation_x, validation_labels, weights, biases)
            curve.add(step, validation=100 * right)
    return weights, biases


sizes = [49, 12, 10]
print(f"{count_parameters(sizes)} parameters, {2 * count_parameters(sizes)} runs for each step")
rng = np.random.default_rng(5)
noise = [rng.normal(size=pair) for pair in itertools.pairwise(sizes)]
weights, biases = initialize(noise, "he")
curve = LiveCurve("step", "right answers (%)", "validation", title="reading digits by trial")
weights, biases = train_by_trial(weights, biases, steps=120, curve=curve)
curve.close()
print(
    f"{100 * accuracy(test_x, test_labels, weights, biases):.1f} % of the test images are right (aim: 80 %)"
)

# %% [markdown]
# It works, and you have trained a neural network without a single derivative.
# Look at some of its mistakes, and at how sure it was: your `softmax` turns its logits into probabilities.
# (It saw 7 × 7 grey values only.)

# %% tags=["demonstration"]
p = softmax(mlp_forward(test_x, weights, biases, relu, identity)[0][-1])
said = p.argmax(axis=1)
wrong = np.flatnonzero(said != test_labels)[:10]
titles = [f"{said[n]}? {100 * p[n].max():.0f} %" for n in wrong]
image_grid(test_images[wrong], titles)
plt.show()

# %% [markdown]
# ### What zeros do
#
# Now the same with other starts, for a few steps each: all weights 0; all weights of a layer equal (the noise is replaced by ones); and He.
# Besides the loss, the cell prints by how much the twelve hidden units differ from each other after training.

# %% tags=["demonstration"]
for name, start in {
    "zeros": initialize(noise, "zeros"),
    "all equal": initialize([np.ones(z.shape) for z in noise], "xavier"),
    "He": initialize(noise, "he"),
}.items():
    weights, biases = train_by_trial(*start, steps=8, learning_rate=0.3)
    spread = weights[0].std(axis=1).max()
    loss = objective(x, labels, weights, biases, 0.0)
    print(f"{name:10} loss {loss:.3f}; the hidden units' weights differ by {spread:.1e}")

# %% [markdown]
# ### Spot the error
#
# Two students draw the weights of a deep network of ReLUs, and both cite He: $\mathrm{Var}(w) = 2/D_{in}$.
#
# ```python
# first = [rng.uniform(-1, 1, size=(D, K)) * np.sqrt(2 / D) for D, K in pairwise(sizes)]
# second = [rng.normal(0, 2 / D, size=(D, K)) for D, K in pairwise(sizes)]
# ```
#
# **Written answer (2 points).**
# (a) Which variance does a weight really have in each of the two lists? Correct both lines.
# (b) All layers have 450 units, and half of the ReLUs are on.
# By which factor does the mean square of the signal change in each layer of the two networks, and what is left of it behind six layers?
# (c) A third student gives all weights the same value, chosen so that the signal keeps its size.
# Why does that not help?
# Use the output of the last cell, also that of the start in which all weights were equal but not 0.

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "initialization_why", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# (a) Numbers from −1 to 1 have the variance ⅓, so a weight of the first list has $\tfrac13 \cdot 2/D$: multiply by $\sqrt{6/D}$ in place of $\sqrt{2/D}$.
# `normal` takes a standard deviation, so a weight of the second has the variance $4/D^2$: it needs `np.sqrt(2 / D)`.
#
# (b) A layer multiplies the mean square by $D\,\mathrm{Var}(w)/2$, the half being the ReLUs.
# First: by ⅓, and $3^{-6} = 1/729$ is left behind six layers.
# Second: by $2/D = 1/225$, and $225^{-6} = 8 \cdot 10^{-15}$ is left.
#
# (c) The units of one layer have the same weights, compute the same number and get the same slopes, so they stay equal step by step, and the layer is worth one unit.
# In the last cell the hidden units' weights differ by 0 (up to rounding) after training too, although the loss falls: the size is not the problem, the symmetry is.
#
# Marking: (a) ¾ point: each variance ¼, both corrections ¼; (b) ¾ point: each factor ¼, what is left ¼; (c) ½ point: equal units stay equal (¼), read off the cell (¼).
# ### END SOLUTION

# %% [markdown]
# **To try.**
# How long would one step take for the network with 101,770 parameters, on all of its 784 pixels?
# Measure the time of one run, and multiply.
# Chapter 4 finds all slopes at once, for the price of about three runs, and trains that network in seconds.
