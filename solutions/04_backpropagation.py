# %% [markdown]
# # 4 Backpropagation
#
# A network with a million weights makes an error.
# Which weight is to blame, and by how much?
# In this notebook you write the algorithm that answers this for all weights at once, first for one neuron, then for any network of layers, then for any formula at all.
# At the end your own gradients train a network that reads handwritten digits.
#
# It takes about 4 hours.
#
# **How to work here.**
# Each task has a text, a cell for your answer (replace `raise NotImplementedError`), and a cell that checks it.
# Run the check as often as you like: it tells you what is right, what is not, and, when it recognises the slip, which one.
# Everything needs only the cells above it.
# The chapter [Backpropagation](../../book/04_backpropagation.md) explains the theory; [Notation](../../book/notation.md) explains the letters.

# %%
import itertools
import math

import matplotlib.pyplot as plt
import numpy as np
from tqdm.auto import tqdm

from dlarch import check
from dlarch.data import mnist
from dlarch.figures import BackpropagationStepper, GradientNormDepth
from dlarch.plots import COLOURS, LiveCurve, image_grid, labelled_axes

ACTIVATIONS = {
    "sigmoid": lambda a: 0.5 * (1 + np.tanh(a / 2)),  # = 1 / (1 + exp(−a)), without overflow
    "tanh": np.tanh,
    "relu": lambda a: np.maximum(a, 0),
}


def draw_network(sizes, gain, rng):
    """Draw weights with standard deviation gain/√D_in, and biases 0, for layers of the given sizes."""
    pairs = list(itertools.pairwise(sizes))
    weights = [gain * rng.normal(size=pair) / np.sqrt(pair[0]) for pair in pairs]
    return weights, [np.zeros(pair[1]) for pair in pairs]


def descend(parameters, gradients, learning_rate):
    """Make one step of gradient descent with every array of a list."""
    return [p - learning_rate * g for p, g in zip(parameters, gradients, strict=True)]


# %% [markdown]
# Three conventions hold in the whole notebook.
#
# * A row is an example: `x` has shape `(N, D)`, and a layer computes `x @ W + b` with `W` of shape `(D, K)`. So `W[i, j]` goes from unit `i` to unit `j`.
# * A gradient has the shape of the thing it belongs to.
# * A loss over a batch is the mean over its `N` examples.
#
# The derivatives are your work: `torch` and other libraries that differentiate by themselves are not allowed in the answers.
#
# ## 1 One neuron
#
# One neuron with the sigmoid $\sigma$ computes
#
# $$a = \sum_d w_d x_d + b, \qquad o = \sigma(a), \qquad E = \tfrac12 (o - t)^2 .$$
#
# The chain rule follows the path from $E$ back to a weight: $\dfrac{\partial E}{\partial w_d} = \dfrac{\partial E}{\partial o} \cdot \dfrac{\partial o}{\partial a} \cdot \dfrac{\partial a}{\partial w_d}$.
# Work out the three factors on paper first; [the chapter](../../book/04_backpropagation.md#backpropagation-neuron) does it with numbers.
#
# **Task (2 points).**
# Write `neuron_gradients(x, w, b, t)`: the error `E` and its derivatives `dw` and `db` for one example.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "neuron_gradients", "locked": false, "schema_version": 3, "solution": true, "task": false}
def neuron_gradients(x, w, b, t):
    """Give error and gradients of one sigmoid neuron with E = ½ (o − t)².

    Args:
        x: inputs, (D,).
        w: weights, (D,).
        b: bias, a number.
        t: target, a number.

    Returns:
        E, a number; dw = ∂E/∂w, (D,); db = ∂E/∂b, a number.
    """
    ### BEGIN SOLUTION
    o = ACTIVATIONS["sigmoid"](w @ x + b)
    delta = (o - t) * o * (1 - o)
    return 0.5 * (o - t) ** 2, delta * x, delta
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_neuron_gradients", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(neuron_gradients)

# %% [markdown]
# **What it gives you.**
# A neuron that learns: go against the gradient, again and again.
# One of the two neurons below starts badly, with a large weighted input and therefore a flat sigmoid.
# It hardly moves in all its 300 steps, although its error is large: a first sight of the *vanishing gradient*.

# %% tags=["demonstration"]
axes = labelled_axes("updates", "error E", "one neuron learns to answer 0.1")
for start, name in ((0.5, "starts with small weights"), (3.0, "starts saturated")):
    x, w, b = np.array([1.0, 0.5]), np.array([start, start]), start
    errors = []
    for _ in range(300):
        E, dw, db = neuron_gradients(x, w, b, t=0.1)
        errors.append(E)
        w, b = w - 1.0 * dw, b - 1.0 * db
    axes.plot(errors, label=name)
axes.legend(frameon=False)
plt.show()

# %% [markdown]
# ## 2 Many neurons: the δ of a unit
#
# With more layers the same factors appear again and again.
# Backpropagation gives the repeated part a name and computes it once:
#
# $$\delta_j = \frac{\partial E}{\partial a_j},$$
#
# the derivative of the error with respect to a unit's *pre-activation*.
# Step through the figure: values go forward, δs come back, and only then do the weights move.

# %% tags=["demonstration"]
BackpropagationStepper()


# %% [markdown]
# ### The output layer
#
# For a batch and $K$ outputs the error is
#
# $$E = \frac{1}{2N} \sum_n \sum_k (h_{n,k} - t_{n,k})^2, \qquad h = g(a) .$$
#
# **Task (1 point).**
# Write `output_delta(h, t, activation)`, which gives $\delta = \partial E / \partial a$ of the output layer.
# You get the outputs `h`, not the pre-activations `a`.
# `activation` is `"sigmoid"`, `"tanh"` or `"identity"`.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "output_delta", "locked": false, "schema_version": 3, "solution": true, "task": false}
def output_delta(h, t, activation):
    """Give δ of the output layer for the squared error E = 1/(2N) Σ (h − t)².

    Args:
        h: outputs g(a), (N, K).
        t: targets, (N, K).
        activation: name of g: "sigmoid", "tanh" or "identity".

    Returns:
        δ = ∂E/∂a, (N, K).
    """
    ### BEGIN SOLUTION
    slopes = {"sigmoid": h * (1 - h), "tanh": 1 - h**2, "identity": 1.0}
    return (h - t) * slopes[activation] / len(h)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_output_delta", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(output_delta)


# %% [markdown]
# ### A hidden layer
#
# A hidden unit $j$ has no target of its own.
# It is to blame for what it did to the units $k$ of the next layer: $a_k = \sum_j h_j w_{jk} + b_k$ with $h_j = g(a_j)$.
# Follow all the paths from $a_j$ to $E$ and add them up.
#
# **Task (2 points).**
# Write `hidden_delta(delta_next, W_next, h, h_next, activation)`.
# The forward pass stored the outputs of both layers, `h` of this one and `h_next` of the next; both layers have the same activation (`"sigmoid"`, `"tanh"` or `"relu"`).
# You do not need everything you are given: decide *where* each derivative has to be taken.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "hidden_delta", "locked": false, "schema_version": 3, "solution": true, "task": false}
def hidden_delta(delta_next, W_next, h, h_next, activation):
    """Give δ of a hidden layer from the δ of the layer after it.

    Args:
        delta_next: ∂E/∂a of the next layer, (N, K).
        W_next: weights from this layer to the next, (D, K).
        h: outputs g(a) of this layer, (N, D).
        h_next: outputs of the next layer, (N, K).
        activation: name of g in both layers: "sigmoid", "tanh" or "relu".

    Returns:
        δ = ∂E/∂a of this layer, (N, D).
    """
    ### BEGIN SOLUTION
    slopes = {"sigmoid": h * (1 - h), "tanh": 1 - h**2, "relu": (h > 0).astype(float)}
    return delta_next @ W_next.T * slopes[activation]
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_hidden_delta", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(hidden_delta)

# %% [markdown]
# **What it gives you.**
# A δ is a statement about the world: *raise this unit's pre-activation by a little, and the error changes by δ times that little.*
# Try it: the cell moves one pre-activation of a small network and compares.

# %% tags=["demonstration"]
rng = np.random.default_rng(4)
a, W, t = rng.normal(size=(1, 3)), rng.normal(size=(3, 2)), np.array([[0.9, 0.2]])


def error_of(a):
    return 0.5 * np.sum((np.tanh(np.tanh(a) @ W) - t) ** 2)


h, o = np.tanh(a), np.tanh(np.tanh(a) @ W)
delta = hidden_delta(output_delta(o, t, "tanh"), W, h, o, "tanh")
for j in range(3):
    little = np.zeros_like(a)
    little[0, j] = 1e-4
    change = (error_of(a + little) - error_of(a)) / 1e-4
    print(f"unit {j}: the error changes by {change:+.4f} per unit of a, δ = {delta[0, j]:+.4f}")


# %% [markdown]
# ### Spot the error
#
# A student writes the backward pass of a hidden layer, for a batch $h^{(l-1)}$ of rows and $a^{(l)} = h^{(l-1)} W^{(l)} + b^{(l)}$:
#
# $$\delta^{(l)} = g'\bigl(a^{(l)}\bigr) \odot \bigl(\delta^{(l+1)}\, W^{(l+1)}\bigr), \qquad \frac{\partial E}{\partial W^{(l)}} = \delta^{(l)\top}\, h^{(l-1)}, \qquad \frac{\partial E}{\partial b^{(l)}} = \frac1N \sum_n \delta^{(l)}_n .$$
#
# The network has 50 units in every layer, and the program runs without an error.
#
# **Written answer (2 points).**
# (a) Which of the three are wrong, if $\delta^{(l)}$ is the slope of the mean error of the batch? Correct them.
# Why did no error message appear, and which network would have brought two of the slips to light at once?
# (b) A friend keeps no pre-activations and puts $h^{(l)}$ into $g'$ where $a^{(l)}$ belongs.
# For which of sigmoid, tanh, ReLU and the identity is the result right all the same, and why?
# (c) How could you find out, without any theory, which of the three formulas are wrong?

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "delta_why", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# (a) All three: $\delta^{(l)} = g'(a^{(l)}) \odot (\delta^{(l+1)} W^{(l+1)\top})$ and $\partial E/\partial W^{(l)} = h^{(l-1)\top} \delta^{(l)}$.
# The sum for $b$ must not be divided by $N$ again: the mean is in $\delta$ already.
# With 50 units everywhere each product fits in the wrong order too; layers of different widths would have raised an error for the first two.
# (The third never does.)
#
# (b) For ReLU, since $h > 0$ exactly where $a > 0$, and for the identity, whose slope is 1 everywhere.
# For sigmoid and tanh, $g'(h) \ne g'(a)$: their slopes can be written *in* $h$, but by another formula.
#
# (c) Move one weight or one bias by a small amount, divide the change of the error by it, and compare: as in the cell above, entry by entry, for each of the three.
# A batch of more than one example is needed to see the third.
#
# Marking: (a) 1 point: ½ for the three corrections, ½ for the equal widths; (b) ½ point, ¼ for the two functions and ¼ for the reason; (c) ½ point for a numerical check.
# ### END SOLUTION

# %% [markdown]
# ## 3 Layers as modules
#
# Written with matrices, a network is a chain of modules.
# Each module knows one thing: when it is told $\partial E/\partial(\text{its output})$, it answers with $\partial E/\partial(\text{its input})$ and with the gradients of its own parameters.
# Nothing else is needed, whatever the network looks like.
#
# ### The linear layer
#
# $y = xW + b$, that is, $y_{n,k} = \sum_d x_{n,d} w_{d,k} + b_k$.
#
# **Task (3 points, one for each result).**
# Write `linear_backward(dy, x, W)`.
# The `1/N` of the loss is already in `dy`.
# Before you start: the shapes of `dx`, `dW` and `db` are known, so which products are possible at all?


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "linear_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def linear_backward(dy, x, W):
    """Give the gradients of a linear layer y = x W + b.

    Args:
        dy: ∂E/∂y, (N, K).
        x: inputs of the forward pass, (N, D).
        W: weights, (D, K).

    Returns:
        dx = ∂E/∂x, (N, D); dW = ∂E/∂W, (D, K); db = ∂E/∂b, (K,).
    """
    ### BEGIN SOLUTION
    return dy @ W.T, x.T @ dy, dy.sum(axis=0)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_linear_backward_dx", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(linear_backward, "dx")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_linear_backward_dW", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(linear_backward, "dW")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_linear_backward_db", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(linear_backward, "db")

# %% [markdown]
# **What it gives you.**
# With your δs and your layer, a network of two layers learns XOR, which no single neuron can.
# The loop is the lectures' algorithm: feed forward, compare, propagate back, update.

# %% tags=["demonstration"]
x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
t = np.array([[-1.0], [1.0], [1.0], [-1.0]])
weights, biases = draw_network([2, 4, 1], gain=1.5, rng=np.random.default_rng(0))
errors = []
for _ in range(1000):
    h = np.tanh(x @ weights[0] + biases[0])
    o = np.tanh(h @ weights[1] + biases[1])
    errors.append(0.5 * np.mean((o - t) ** 2))
    delta_output = output_delta(o, t, "tanh")
    delta_hidden = hidden_delta(delta_output, weights[1], h, o, "tanh")
    modules = [
        linear_backward(delta_hidden, x, weights[0]),
        linear_backward(delta_output, h, weights[1]),
    ]
    weights = descend(weights, [gradients[1] for gradients in modules], 0.5)
    biases = descend(biases, [gradients[2] for gradients in modules], 0.5)
print("answers:", o.ravel().round(3), "should be", t.ravel())
labelled_axes("updates", "error E", "XOR").plot(errors)
plt.show()


# %% [markdown]
# ### The activation
#
# $h = g(a)$, entry by entry.
# The forward pass kept `h`, so write $g'(a)$ in terms of `h`: that saves storing `a`, and most of the arithmetic.
#
# **Task (2 points).**
# Write `activation_backward(dh, h, activation)` for `"sigmoid"`, `"tanh"` and `"relu"`.
# It has to work for arrays of any shape and must not change its arguments.
# (Where ReLU has its kink, at $a = 0$, we take the slope 0.)


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "activation_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def activation_backward(dh, h, activation):
    """Give the gradient behind an activation, from its cached output.

    Args:
        dh: ∂E/∂h, any shape.
        h: outputs g(a) of the forward pass, same shape.
        activation: name of g: "sigmoid", "tanh" or "relu".

    Returns:
        da = ∂E/∂a, same shape.
    """
    ### BEGIN SOLUTION
    if activation == "sigmoid":
        return dh * h * (1 - h)
    if activation == "tanh":
        return dh * (1 - h**2)
    return dh * (h > 0)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_activation_backward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(activation_backward)


# %% [markdown]
# ### Softmax and cross-entropy
#
# For classification the last layer gives logits, softmax turns them into probabilities, and the loss is the mean cross-entropy:
#
# $$p_{n,k} = \frac{e^{a_{n,k}}}{\sum_c e^{a_{n,c}}}, \qquad E = -\frac1N \sum_n \log p_{n, y_n} .$$
#
# Softmax alone has a full Jacobian.
# Together with the logarithm nearly everything cancels: do [the derivation](../../book/04_backpropagation.md#backpropagation-softmax) on paper once.
#
# **Task (2 points).**
# Write `softmax_cross_entropy_backward(logits, labels)`, which gives $\partial E/\partial a$.
# Labels count from 0.
# Logits may be as large as ±1000.
# The arguments must stay as they are.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "softmax_cross_entropy_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax_cross_entropy_backward(logits, labels):
    """Give the gradient of the mean cross-entropy of softmax(logits).

    Args:
        logits: (N, K).
        labels: class of each example, (N,) integers in [0, K − 1].

    Returns:
        dlogits = ∂E/∂logits, (N, K).
    """
    ### BEGIN SOLUTION
    N = len(labels)
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    gradient = exponentials / exponentials.sum(axis=1, keepdims=True)
    gradient[np.arange(N), labels] -= 1
    return gradient / N
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_softmax_cross_entropy_backward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(softmax_cross_entropy_backward)

# %% [markdown]
# **What it gives you.**
# The gradient in words: for every class, *what you said minus what was true*.
# The picture shows it for one example as it becomes more and more sure of a wrong class; compare it with the squared error through a sigmoid, which goes silent exactly there.

# %% tags=["demonstration"]
wrong_by = np.linspace(-8, 8, 81)
logits = np.stack([wrong_by, np.zeros_like(wrong_by)], axis=1)
labels = np.ones(len(wrong_by), dtype=int)
cross_entropy = len(labels) * softmax_cross_entropy_backward(logits, labels)[:, 0]
o = ACTIVATIONS["sigmoid"](wrong_by)[:, None]
squared = len(labels) * output_delta(o, np.zeros_like(o), "sigmoid")[:, 0]
axes = labelled_axes("logit of the wrong class", "δ at the output", "being very wrong")
axes.plot(wrong_by, cross_entropy, label="softmax and cross-entropy")
axes.plot(wrong_by, squared, "--", label="sigmoid and squared error")
axes.legend(frameon=False)
plt.show()


# %% [markdown]
# ## 4 A network of any depth
#
# Now put the modules together.
# The network has $L$ linear layers; after each but the last comes the activation, and the last one's outputs are the logits:
#
# $$h^{(0)} = x, \qquad h^{(l)} = g\bigl(h^{(l-1)} W^{(l)} + b^{(l)}\bigr) \;\; (l < L), \qquad \text{logits} = h^{(L-1)} W^{(L)} + b^{(L)} .$$
#
# **Task (4 points: 1 for the loss, 3 for the gradients).**
# Write `mlp_gradients(x, labels, weights, biases, activation)` with the three functions above and `ACTIVATIONS`.
# It returns the mean cross-entropy (safe for logits near ±1000) and the gradients of all weights and biases, in the order of `weights` and `biases`.
# Lists in Python count from 0: `weights[0]` is $W^{(1)}$.
# Keep what the forward pass computes; the backward pass needs it.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "mlp_gradients", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mlp_gradients(x, labels, weights, biases, activation):
    """Give loss and gradients of a network of linear layers with an activation between them.

    Args:
        x: inputs, (N, D).
        labels: class of each example, (N,) integers.
        weights: list of L matrices, (D_in, D_out) each.
        biases: list of L vectors, (D_out,) each.
        activation: "sigmoid", "tanh" or "relu", after every layer but the last.

    Returns:
        loss, the mean cross-entropy, a number;
        dW, list of L arrays of the shapes of weights; db, list of L arrays of the shapes of biases.
    """
    ### BEGIN SOLUTION
    L = len(weights)
    h = [x]
    for layer in range(L):
        a = h[layer] @ weights[layer] + biases[layer]
        h.append(a if layer == L - 1 else ACTIVATIONS[activation](a))
    logits = h[L]
    highest = logits.max(axis=1)
    log_sum = highest + np.log(np.exp(logits - highest[:, None]).sum(axis=1))
    loss = np.mean(log_sum - logits[np.arange(len(labels)), labels])

    dW, db = [None] * L, [None] * L
    delta = softmax_cross_entropy_backward(logits, labels)
    for layer in reversed(range(L)):
        dh, dW[layer], db[layer] = linear_backward(delta, h[layer], weights[layer])
        if layer > 0:
            delta = activation_backward(dh, h[layer], activation)
    return loss, dW, db
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_mlp_gradients_loss", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(mlp_gradients, "loss")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_mlp_gradients_gradients", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(mlp_gradients, "gradients")

# %% [markdown]
# **What it gives you.**
# All gradients of a network, of any depth, for the price of about two more forward passes.
# Three spirals, two hidden layers, a few seconds:

# %% tags=["demonstration"]
rng = np.random.default_rng(1)
labels = np.arange(450) % 3
radius = rng.uniform(0.1, 1, size=450)
angle = 2.1 * labels + 4.2 * radius + 0.15 * rng.normal(size=450)
x = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)

weights, biases = draw_network([2, 32, 32, 3], gain=1, rng=rng)
for _ in tqdm(range(600), desc="spirals", unit="update"):
    loss, *gradients = mlp_gradients(x, labels, weights, biases, "tanh")
    weights, biases = descend(weights, gradients[0], 1.0), descend(biases, gradients[1], 1.0)

grid = np.linspace(-1.2, 1.2, 150)
points = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2)
for W, b in zip(weights[:-1], biases[:-1], strict=True):
    points = np.tanh(points @ W + b)
regions = (points @ weights[-1] + biases[-1]).argmax(axis=1).reshape(150, 150)
axes = labelled_axes("x₁", "x₂", f"three spirals, loss {loss:.3f} nats")
axes.contourf(grid, grid, regions, levels=[-0.5, 0.5, 1.5, 2.5], alpha=0.25, colors=COLOURS[:3])
for label, marker in enumerate("o^s"):
    own = labels == label
    axes.scatter(*x[own].T, s=8, marker=marker, color=COLOURS[label], label=f"class {label}")
axes.legend(frameon=False)
axes.set_aspect("equal")
plt.show()


# %% [markdown]
# ## 5 Any formula: automatic differentiation
#
# Nothing in the last function was special to layers.
# Every computation is a graph of small operations, each of which knows its own slopes; going through the graph backwards gives all derivatives.
# This is how PyTorch works, with arrays in place of numbers.
#
# **Task (4 points: 1 for the values, 3 for the gradients).**
# Complete the class `Value`, a number that remembers where it came from.
#
# * `Value(3.0).data` is the number, `.grad` a derivative, 0 at first.
# * `+`, `*`, `**`, `tanh()`, `relu()`, `exp()` return a new `Value` and note how it depends on their operands. The other operand of `+` and `*` may be a plain number; the exponent of `**` is always a plain number. (Division, subtraction and the reversed forms such as `2 * v` are made from these for you.)
# * `z.backward()` sets the `grad` of every value `v` that `z` was computed from, and of `z` itself, to $\partial z/\partial v$, whatever was there before: it *first sets all of them to 0*. (PyTorch adds to what is there; here every call starts afresh.)
# * A value may be used many times, along paths of different lengths.
# * Formulas may be long: chains of thousands of operations must work, so take care that no recursion gets that deep.
# * Values may be used twice at every step, so that the number of paths doubles with each: take care that no value is visited once for every path to it.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "Value", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Value:
    """A number that remembers how it was computed, and can give its derivatives."""

    def __init__(self, data):
        """Start from a number; grad is 0."""
        ### BEGIN SOLUTION
        self.data = data
        self.grad = 0.0
        self.inputs = []  # pairs (value, slope): what this was computed from, and how it depends on it
        ### END SOLUTION

    def __add__(self, other):
        """self + other; other is a Value or a number."""
        ### BEGIN SOLUTION
        other = other if isinstance(other, Value) else Value(other)
        result = Value(self.data + other.data)
        result.inputs = [(self, 1.0), (other, 1.0)]
        return result
        ### END SOLUTION

    def __mul__(self, other):
        """self * other; other is a Value or a number."""
        ### BEGIN SOLUTION
        other = other if isinstance(other, Value) else Value(other)
        result = Value(self.data * other.data)
        result.inputs = [(self, other.data), (other, self.data)]
        return result
        ### END SOLUTION

    def __pow__(self, exponent):
        """self ** exponent; exponent is a number."""
        ### BEGIN SOLUTION
        result = Value(self.data**exponent)
        result.inputs = [(self, exponent * self.data ** (exponent - 1))]
        return result
        ### END SOLUTION

    def tanh(self):
        """The hyperbolic tangent."""
        ### BEGIN SOLUTION
        result = Value(math.tanh(self.data))
        result.inputs = [(self, 1 - result.data**2)]
        return result
        ### END SOLUTION

    def relu(self):
        """The number itself where it is positive, else 0."""
        ### BEGIN SOLUTION
        result = Value(max(self.data, 0.0))
        result.inputs = [(self, 1.0 if self.data > 0 else 0.0)]
        return result
        ### END SOLUTION

    def exp(self):
        """The exponential function."""
        ### BEGIN SOLUTION
        result = Value(math.exp(self.data))
        result.inputs = [(self, result.data)]
        return result
        ### END SOLUTION

    def backward(self):
        """Set grad of this value and of all it was computed from to ∂self/∂(that value)."""
        ### BEGIN SOLUTION
        order, seen, waiting = [], set(), [(self, False)]
        while waiting:
            value, inputs_done = waiting.pop()
            if inputs_done:
                order.append(value)
            elif id(value) not in seen:
                seen.add(id(value))
                waiting.append((value, True))
                waiting.extend((source, False) for source, _ in value.inputs)
        for value in order:
            value.grad = 0.0
        self.grad = 1.0
        for value in reversed(order):
            for source, slope in value.inputs:
                source.grad += slope * value.grad
        ### END SOLUTION

    # The rest follows from the operations above.

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-other)

    def __truediv__(self, other):
        return self * other**-1

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __rsub__(self, other):
        return (-self) + other

    def __rtruediv__(self, other):
        return self**-1 * other

    def __repr__(self):
        return f"Value(data={self.data:.4g}, grad={self.grad:.4g})"


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_Value_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(Value, "values")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_Value_gradients", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(Value, "gradients")

# %% [markdown]
# **What it gives you.**
# Derivatives of things you never derived.
# First the neuron of section 1, written as a plain formula; then a loop that nobody would differentiate on paper.

# %% tags=["demonstration"]
x = [1.0, 0.5]
w, b = [Value(0.4), Value(0.8)], Value(0.1)
a = w[0] * x[0] + w[1] * x[1] + b
o = 1 / (1 + (-a).exp())
E = 0.5 * (o - 0.9) ** 2
E.backward()
print("with Value:           ", E.data, [item.grad for item in w], b.grad)
print("with neuron_gradients:", *neuron_gradients(np.array(x), np.array([0.4, 0.8]), 0.1, 0.9))

start = Value(0.5)
z = start
for _ in range(1000):
    z = 1.002 * z - 0.001 / (1 + z**2)
z.backward()
print("after thousands of operations:", z, "and the start", start)

little = 1e-6
moved = start.data + little
for _ in range(1000):
    moved = 1.002 * moved - 0.001 / (1 + moved**2)
print("measured:", (moved - z.data) / little)


# %% [markdown]
# ## 6 Trust, but check
#
# A backward function with an error often trains all the same, only worse.
# The remedy is to compare with slopes that are measured: the *central difference*
#
# $$\text{numerical}_i = \frac{f(x + h e_i) - f(x - h e_i)}{2h}, \qquad h = 10^{-5},$$
#
# where $e_i$ moves entry $i$ alone.
# Two slopes $u$ and $v$ are compared by their relative error
#
# $$\frac{|u - v|}{\max(|u| + |v|,\; 10^{-8})} .$$
#
# **Task (2 points).**
# A friend's `gradient_check(f, x, gradient)` stands below; it misses errors that it should find.
# There are two slips in it: find and mend both.
# `f` takes an array of the shape of `x` and returns a number; `x` (float64) may have any number of axes; `gradient` is what somebody claims to be $\partial f/\partial x$.
# It should return the index of the entry with the largest relative error, as a tuple with one integer for each axis, and the array of numerical slopes.
# `x` must be exactly what it was at the end, to the last bit.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "gradient_check", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gradient_check(f, x, gradient):
    """Compare a claimed gradient with central differences.

    Args:
        f: function of an array of the shape of x; returns a number.
        x: where to check, any shape, float64.
        gradient: claimed ∂f/∂x, shape of x.

    Returns:
        worst, index of the entry with the largest relative error, a tuple of integers;
        numerical, the central differences, shape of x.
    """
    ### BEGIN SOLUTION
    h = 1e-5
    numerical = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += h
        below[index] -= h
        numerical[index] = (f(above) - f(below)) / (2 * h)
    scale = np.maximum(np.abs(numerical) + np.abs(gradient), 1e-8)
    errors = np.abs(numerical - gradient) / scale
    return np.unravel_index(np.argmax(errors), x.shape), numerical
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_gradient_check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(gradient_check)

# %% [markdown]
# **What it gives you.**
# A test for every backward function you will ever write.
# Here it examines your `mlp_gradients`, and then a copy of its result in which one entry has been spoilt.

# %% tags=["demonstration"]
rng = np.random.default_rng(7)
weights, biases = draw_network([4, 5, 6, 3], gain=2, rng=rng)
x, labels = rng.normal(size=(8, 4)), rng.integers(3, size=8)


def loss_of_middle_layer(W):
    return mlp_gradients(x, labels, [weights[0], W, weights[2]], biases, "tanh")[0]


claimed = mlp_gradients(x, labels, weights, biases, "tanh")[1][1]
spoilt = claimed.copy()
spoilt[3, 2] *= 1.01
for name, gradient in (("yours", claimed), ("spoilt", spoilt)):
    worst, numerical = gradient_check(loss_of_middle_layer, weights[1], gradient)
    place = tuple(int(i) for i in worst)
    print(f"{name:6} worst entry {place}: {gradient[worst]:+.9f}, measured {numerical[worst]:+.9f}")


# %% [markdown]
# ## 7 Deep networks: where does the gradient go?
#
# Each layer multiplies the error that passes through it by $g'$ and by a matrix.
# Many factors below 1 make the product vanish; many above 1 make it explode.
#
# **Task (1 point).**
# Write `gradient_norms(x, labels, weights, biases, activation)` with `mlp_gradients`: a list with the Frobenius norm $\lVert \partial E/\partial W^{(l)} \rVert = \sqrt{\sum_{ij} (\partial E/\partial w^{(l)}_{ij})^2}$ of every layer, the first layer first.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "gradient_norms", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gradient_norms(x, labels, weights, biases, activation):
    """Give the norm of the loss's gradient for the weights of each layer.

    Args:
        x, labels, weights, biases, activation: as for mlp_gradients.

    Returns:
        List of L numbers, the Frobenius norms of ∂E/∂W of layer 1 to L.
    """
    ### BEGIN SOLUTION
    _, dW, _ = mlp_gradients(x, labels, weights, biases, activation)
    return [float(np.linalg.norm(gradient)) for gradient in dW]
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_gradient_norms", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(gradient_norms)

# %% [markdown]
# **What it gives you.**
# The vanishing gradient, measured on real digits with networks of twelve layers.
# The weights are drawn with standard deviation $\text{gain}/\sqrt{D_{in}}$.
# The figure below the plot lets you change activation, depth and gain (there the loss is a squared error, and the last layer has the activation too).

# %% tags=["demonstration"]
images, labels, _, _ = mnist(train=64, test=0)
x = images.reshape(64, -1).astype(float)
x = (x - x.mean()) / x.std()
axes = labelled_axes(
    "layer (1 is next to the input)", "norm of ∂E/∂W", "twelve layers before training"
)
for activation, gain in (
    ("sigmoid", 1.0),
    ("tanh", 1.0),
    ("relu", 1.0),
    ("relu", math.sqrt(2)),
    ("relu", 2.0),
):
    weights, biases = draw_network([784] + [64] * 11 + [10], gain, np.random.default_rng(3))
    norms = gradient_norms(x, labels, weights, biases, activation)
    axes.semilogy(range(1, 13), norms, marker="o", label=f"{activation}, gain {gain:.3g}")
    print(f"{activation:8} gain {gain:.3g}: first layer {norms[0]:.1e}, last layer {norms[-1]:.1e}")
axes.legend(frameon=False)
plt.show()

# %% tags=["demonstration"]
GradientNormDepth()

# %% [markdown]
# **Written answer (2 points).**
# (a) From layer 12 down to layer 2 the sigmoid's curve is nearly a straight line on the logarithmic axis.
# Why a line?
# Estimate the factor by which one layer shrinks the gradient, and explain why it comes out a little below ¼.
# (b) A colleague says: "ReLU's slope is 1, so with ReLU gradients neither vanish nor explode."
# The three ReLU curves are indeed flat, but look at how high they lie.
# What is right about the sentence, and what is not?

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "vanishing_why", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# (a) Going back one layer multiplies δ by $W^\top$ and by the slopes $g'$, in every layer by about the same factor $q$; after $m$ layers that is $q^m$, a geometric sequence, which is a line on a logarithmic axis.
# (The sigmoid's outputs, the other factor of $\partial E/\partial W$, stay near ½ in all layers.)
# From 0.9 to about $2 \cdot 10^{-7}$ over ten layers gives $q \approx (2 \cdot 10^{-7} / 0.9)^{1/10} \approx 0.22$.
# The slope of the sigmoid is at most ¼, and a bit less where $a \neq 0$; a random matrix with standard deviation $1/\sqrt D$ changes lengths by a factor near 1.
#
# (b) Right: an active ReLU passes the error on unchanged, and does not saturate however large its input.
# Not right: inactive units have slope 0, so that in each layer about half of the error is lost, a factor of about $1/\sqrt2$ in its length, and the weights multiply it by the gain.
# $\partial E/\partial W^{(l)}$ is made of $h^{(l-1)}$, with $l - 1$ factors gain/√2 collected on the way forward, and of $\delta^{(l)}$, with the other $L - l$ collected on the way back: every layer has the same number of them.
# Hence flat curves at heights that differ by powers of gain/√2: eleven factors of $\sqrt2$ are 45, and indeed all gradients are about sixty times larger with gain 2 than with $\sqrt2$ (He's initialisation), and some two hundred times smaller with gain 1; with more layers the differences grow.
#
# Marking: (a) ½ point for the product of equal factors, ½ point for the estimate (0.15 to 0.3) with the bound ¼; (b) ½ point for what is right, ½ point for inactive units or the weights as factors. The argument about the two directions is not needed.
# ### END SOLUTION

# %% [markdown]
# ## 8 Your gradients read digits
#
# Everything comes together on MNIST: 7,000 images of handwritten digits to learn from, 1,000 to watch the training by, and 2,000 others to test with when all is done.
# The network has one hidden layer of 128 ReLUs.
# In each update it sees a mini-batch of 100 images; after all 7,000 (an *epoch*) the order is shuffled.
# The gradients are yours.
# Aim: at least 92 % of the test images right.

# %% tags=["demonstration"]
images, labels, test_images, test_labels = mnist()
x, test_x = images.reshape(len(images), -1), test_images.reshape(len(test_images), -1)
x, validation_x = x[:7000], x[7000:]
labels, validation_labels = labels[:7000], labels[7000:]
rng = np.random.default_rng(0)
weights, biases = draw_network([784, 128, 10], math.sqrt(2), rng)


def classify(x):
    """Give the logits of the trained network."""
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        x = np.maximum(x @ W + b, 0)
    return x @ weights[-1] + biases[-1]


def accuracy(x, labels):
    return np.mean(classify(x).argmax(axis=1) == labels)


epochs, batch, learning_rate = 10, 100, 0.3
curve = LiveCurve("epochs", "right answers (%)", "training", "validation", title="reading digits")
progress = tqdm(total=epochs * len(x) // batch, desc="training", unit="update")
for epoch in range(1, epochs + 1):
    order = rng.permutation(len(x))
    for start in range(0, len(x), batch):
        chosen = order[start : start + batch]
        loss, *gradients = mlp_gradients(x[chosen], labels[chosen], weights, biases, "relu")
        weights = descend(weights, gradients[0], learning_rate)
        biases = descend(biases, gradients[1], learning_rate)
        progress.update()
    progress.set_postfix(loss=f"{loss:.3f}")
    curve.add(
        epoch,
        training=100 * accuracy(x[:2000], labels[:2000]),
        validation=100 * accuracy(validation_x, validation_labels),
    )
progress.close()
curve.close()
print(f"{100 * accuracy(test_x, test_labels):.1f} % of the test images are right (aim: 92 %)")

# %% [markdown]
# The mistakes that remain are often ones you would make too.
# (The test images were used once, at the end.
# If you change the network, judge it by the validation images: to tune on the test images is to measure only the tuning.)

# %% tags=["demonstration"]
answers = classify(test_x).argmax(axis=1)
wrong = np.flatnonzero(answers != test_labels)[:20]
image_grid(test_images[wrong], [f"{test_labels[i]}, read as {answers[i]}" for i in wrong])
plt.show()

# %% [markdown]
# **To try.**
# Replace `"relu"` by `"sigmoid"` (in `mlp_gradients` and in `classify`), or make the network six layers deep, and predict from section 7 what happens before you run it.
# Set all weights to 0 at the start: what do the units of the hidden layer learn, and why?
#
# How this goes on: chapter 5 improves the update, chapter 7 the layers.
