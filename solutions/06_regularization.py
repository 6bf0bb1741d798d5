# %% [markdown]
# # 6 Regularisation
#
# A large network can learn its examples by heart, and is then no good at anything else.
# In this notebook you build what is done about it: penalties, dropout, batch normalisation, early stopping, augmentation and bagging.
# At the end your functions read digits after only 500 examples, and you find out by measuring which of them helps, and which one does harm.
#
# It takes about 3 hours.
#
# **How to work here.**
# Each task has a text, a cell for your answer (replace `raise NotImplementedError`), and a cell that checks it.
# Run the check as often as you like: it tells you what is right, what is not, and, when it recognises the slip, which one.
# The chapter [Regularisation](../../book/06_regularization.md) explains the theory; [Notation](../../book/notation.md) explains the letters.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch
from tqdm.auto import tqdm

from dlarch import check
from dlarch.data import mnist, photograph
from dlarch.figures import Capacity, DropoutSubnetworks
from dlarch.plots import COLOURS, LiveCurve, image_grid, labelled_axes

# %% [markdown]
# Three conventions hold in the whole notebook.
#
# * The first axis counts the examples of a batch.
# * Nothing is drawn at random inside your functions: masks, shifts and samples are arguments. So everything can be checked, and repeated.
# * Arguments stay as they are: no `W += …` on what was passed in. Everything is NumPy; `torch`, `scipy` and `sklearn` are not allowed in the answers.
#
# First look at the disease.
# The figure fits polynomials to noisy points: raise the degree and watch the two errors.

# %% tags=["demonstration"]
Capacity()


# %% [markdown]
# ## 1 Weights have a price: L2
#
# The penalised loss is the mean loss of the examples, $E$, plus a price for the weights of all layers:
#
# $$E_\lambda = E + \lambda \sum_l \lVert W^{(l)} \rVert_F^2, \qquad \lVert W \rVert_F^2 = \sum_{i,j} w_{ij}^2 .$$
#
# The biases are free.
#
# **Task (1 point).**
# Write `l2_gradient(weights, biases, dW, db, strength)`.
# `dW` and `db` are the gradients of $E$ (backpropagation has found them); return the gradients of $E_\lambda$, as two lists.
# `strength` is λ, and there is no ½ in the penalty.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "l2_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def l2_gradient(weights, biases, dW, db, strength):
    """Give the gradients of a loss with an L2 penalty on the weights.

    Args:
        weights: list of L arrays, (D, K) each, the sizes differing from layer to layer.
        biases: list of L arrays, (K,) each.
        dW: gradients of the loss without penalty with respect to the weights, list of L arrays.
        db: the same with respect to the biases, list of L arrays.
        strength: λ, a number ≥ 0.

    Returns:
        dW, db: two lists of L arrays, gradients of E + λ Σ ‖W‖².
    """
    ### BEGIN SOLUTION
    return [d + 2 * strength * W for W, d in zip(weights, dW, strict=True)], db
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_l2_gradient", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(l2_gradient)

# %% [markdown]
# **What it gives you.**
# Fifteen noisy points and a polynomial of degree 12, fitted by gradient descent with your gradients.
# (The model is one linear layer on Chebyshev polynomials of $x$, which are friendlier to descend on than powers.)
# Without a price the curve goes after the noise.
# With a high one it no longer follows the data at all.

# %% tags=["demonstration"]
rng = np.random.default_rng(1)
x = -1 + 2 * (np.arange(15) + rng.random(15)) / 15
t = np.sin(4 * x) + 0.4 * rng.normal(size=15)
grid = np.linspace(-1, 1, 201)
features, curve_features = (
    np.polynomial.chebyshev.chebvander(points, 12)[:, 1:] for points in (x, grid)
)
axes = labelled_axes("x", "t", "degree 12, with a price for the weights")
axes.plot(x, t, "ko", label="examples")
axes.plot(grid, np.sin(4 * grid), "k:", label="where they come from")
for strength in (0.0, 0.1, 3.0):
    W, b = np.zeros((12, 1)), np.zeros(1)
    for _ in range(8000):
        delta = 2 * (features @ W + b - t[:, None]) / len(x)
        slopes = l2_gradient([W], [b], [features.T @ delta], [delta.sum(axis=0)], strength)
        W, b = W - 0.1 * slopes[0][0], b - 0.1 * slopes[1][0]
    curve = (curve_features @ W + b)[:, 0]
    axes.plot(grid, curve, label=f"λ = {strength}, ‖W‖ = {np.linalg.norm(W):.2f}")
    error = np.sqrt(np.mean((curve - np.sin(4 * grid)) ** 2))
    print(f"λ = {strength}: root mean square distance from the true curve {error:.3f}")
axes.set_ylim(-2, 2)
axes.legend(frameon=False, fontsize=8)
plt.show()


# %% [markdown]
# ## 2 Weights that become exactly zero: L1
#
# The penalty $\lambda \sum |w_{ij}|$ pulls at every weight with the same force, however small it is, and so can bring it to exactly 0.
# But $|w|$ has a kink there, and descending along λ sign(w) steps over the kink and back for ever.
# The *proximal* step does better: first an ordinary gradient step on the loss alone, then the exact minimiser of penalty plus distance,
#
# $$Z = W - \eta\, \mathrm{d}W, \qquad w = \arg\min_{v}\ \tfrac12 (v - z)^2 + \eta \lambda\, |v| \quad \text{for each entry } z \text{ of } Z.$$
#
# [The chapter](../../book/06_regularization.md#regularization-l1) solves this by cases: *soft thresholding*.
#
# **Task (2 points).**
# Write `l1_proximal(W, dW, learning_rate, strength)`, the proximal step for one matrix.
# `strength` is λ, `learning_rate` is η.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "l1_proximal", "locked": false, "schema_version": 3, "solution": true, "task": false}
def l1_proximal(W, dW, learning_rate, strength):
    """Take one proximal gradient step for a loss with an L1 penalty.

    Args:
        W: weights, (D, K).
        dW: gradient of the loss without penalty, (D, K).
        learning_rate: η > 0.
        strength: λ ≥ 0.

    Returns:
        the new weights, (D, K).
    """
    ### BEGIN SOLUTION
    Z = W - learning_rate * dW
    return np.sign(Z) * np.maximum(np.abs(Z) - learning_rate * strength, 0)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_l1_proximal", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(l1_proximal)

# %% [markdown]
# **What it gives you.**
# A model that says which inputs it needs.
# There are 60 inputs and only 40 examples; five of the inputs matter.
# Compare the weights that your two penalties find.

# %% tags=["demonstration"]
rng = np.random.default_rng(5)
x, true_weights = rng.normal(size=(40, 60)), np.zeros((60, 1))
true_weights[[3, 17, 28, 41, 55], 0] = (2, -1.5, 1, -2.5, 1.2)
t = x @ true_weights + 0.3 * rng.normal(size=(40, 1))
ridge = lasso = np.zeros((60, 1))
for _ in range(3000):
    slopes, _ = l2_gradient([ridge], [], [2 * x.T @ (x @ ridge - t) / 40], [], 0.1)
    ridge = ridge - 0.05 * slopes[0]
    lasso = l1_proximal(lasso, 2 * x.T @ (x @ lasso - t) / 40, 0.05, 0.3)
panels = plt.subplots(1, 2, figsize=(9.6, 3), layout="constrained", sharey=True)[1]
for axes, W, name in zip(panels, (ridge, lasso), ("L2", "L1"), strict=True):
    axes.vlines(np.arange(60), 0, W[:, 0], color=COLOURS[0], label="found")
    axes.plot(
        np.flatnonzero(true_weights),
        true_weights[true_weights != 0],
        "x",
        color=COLOURS[1],
        label="true",
    )
    axes.set(xlabel="input", title=f"{name}: {np.count_nonzero(W)} of 60 weights are not 0")
panels[0].set_ylabel("weight")
panels[1].legend(frameon=False)
plt.show()


# %% [markdown]
# ## 3 Dropout
#
# In training, every unit is *dropped* (set to 0) with probability $p$, independently of the others and anew for every example.
# A unit that is kept is divided by $1 - p$, so that the mean over all masks stays what it was.
# After training nothing is dropped and nothing is scaled.
# This form is called *inverted dropout*.
#
# **Task (1 point).**
# Write `dropout_forward(h, mask, p, training)`.
# `p` is the probability to **drop** a unit.
# `mask` has been drawn already: `True` where a unit is kept.
# If `training` is `False`, return `h` as it is.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "dropout_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dropout_forward(h, mask, p, training):
    """Drop units and scale up the others, in training; change nothing afterwards.

    Args:
        h: activations, any shape.
        mask: True where a unit is kept, bool, same shape.
        p: probability to drop a unit, 0 ≤ p < 1.
        training: True in training, False afterwards.

    Returns:
        activations after dropout, same shape.
    """
    ### BEGIN SOLUTION
    return h * mask / (1 - p) if training else h
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_dropout_forward", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(dropout_forward)


# %% [markdown]
# **Task (1 point).**
# Write `dropout_backward(dh, mask, p, training)`: from the gradient with respect to what `dropout_forward` returned, the gradient with respect to its argument `h`.
# It is the same mask: nothing is drawn again.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "dropout_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dropout_backward(dh, mask, p, training):
    """Pull a gradient back through dropout.

    Args:
        dh: gradient with respect to the activations after dropout, any shape.
        mask: the mask of the forward pass, bool, same shape.
        p: probability to drop a unit.
        training: as in the forward pass.

    Returns:
        gradient with respect to the activations before dropout, same shape.
    """
    ### BEGIN SOLUTION
    return dh * mask / (1 - p) if training else dh
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_dropout_backward", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(dropout_backward)

# %% [markdown]
# **What it gives you.**
# Every mask is another network: four hidden units are enough for sixteen.
# The figure draws masks for a small one and compares the mean of their outputs with the whole network.
# (It names the probability to *keep* a unit, $1 - p$.)
# With one hidden layer and inverted scaling the two agree; what happens with two hidden layers?

# %% tags=["demonstration"]
DropoutSubnetworks()

# %% [markdown]
# What does the next layer see?
# A unit with 100 inputs, on average about 1, sums them up, once for each of 5,000 masks.
# With the scaling the mean stays where it is after training; without it (the other histogram) the unit is trained on one scale and used on another.

# %% tags=["demonstration"]
rng = np.random.default_rng(6)
h, p = np.broadcast_to(rng.uniform(0, 2, 100), (5000, 100)), 0.5
mask = rng.random(h.shape) >= p
axes = labelled_axes("sum of 100 units", "masks", f"dropout with p = {p}, 5,000 masks")
axes.hist(dropout_forward(h, mask, p, True).sum(axis=1), bins=50, alpha=0.7, label="yours")
axes.hist((h * mask).sum(axis=1), bins=50, alpha=0.7, label="without scaling")
axes.axvline(
    dropout_forward(h[:1], mask[:1], p, False).sum(), color="black", label="after training"
)
axes.legend(frameon=False)
plt.show()


# %% [markdown]
# ### Which dropout is it?
#
# Six layers look alike in training, and only one is the dropout of this notebook.
# You see what went in, `h`, what came out in training, `trained`, and what came out when `training` was `False`, `later`; you do not see the mask, but no entry of `h` is 0.
#
# | kind | what it does |
# |---|---|
# | `"right"` | inverted dropout, as above |
# | `"unscaled"` | drops in training, and never scales |
# | `"original"` | drops in training without scaling, and multiplies by $1 - p$ afterwards, as the first paper did |
# | `"divided by p"` | divides what is kept by $p$ |
# | `"still dropping"` | goes on dropping afterwards |
# | `"one mask for all"` | drops the same units for all examples of the batch |
#
# Each of them has one peculiarity, and is right otherwise.
#
# **Task (2 points).**
# Write `which_dropout(h, trained, later, p)`, which returns the name of the kind.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "which_dropout", "locked": false, "schema_version": 3, "solution": true, "task": false}
def which_dropout(h, trained, later, p):
    """Say which kind of dropout made an output.

    Args:
        h: activations before dropout, (N, D), N at least 2, none of them 0.
        trained: activations after dropout in training, (N, D).
        later: the same afterwards, (N, D).
        p: probability to drop a unit, not near 0.5.

    Returns:
        the name of the kind.
    """
    ### BEGIN SOLUTION
    kept = trained != 0
    if (later == 0).any():
        return "still dropping"
    if (kept == kept[0]).all():
        return "one mask for all"
    factor = trained[kept][0] / h[kept][0]
    if np.isclose(factor, 1):
        return "unscaled" if np.allclose(later, h) else "original"
    return "right" if np.isclose(factor, 1 / (1 - p)) else "divided by p"
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_which_dropout", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(which_dropout)

# %% [markdown]
# **What it gives you.**
# PyTorch's own layer, put to the test.

# %% tags=["demonstration"]
layer, given = torch.nn.Dropout(0.3), torch.randn(50, 20, dtype=torch.float64)
outputs = [layer.train(training)(given).numpy() for training in (True, False)]
print(f"torch.nn.Dropout: {which_dropout(given.numpy(), *outputs, 0.3)}")


# %% [markdown]
# ### Spot the error
#
# A student writes dropout for a batch `x` of shape `(N, D)`, `p` being the share of units to drop:
#
# ```python
# class Dropout:
#     def forward(self, x, training):
#         if not training:
#             return x
#         self.mask = np.random.rand(x.shape[1]) < self.p
#         return x * self.mask / (1 - self.p)
#
#     def backward(self, dy):
#         return dy * self.mask
# ```
#
# **Written answer (2 points).**
# (a) Find the two slips that change the mean of the output or of the gradient.
# For each: what happens with `p = 0.2`, and why does the first one go unnoticed with `p = 0.5`?
# (b) A third thing is different from what you wrote, and no mean of outputs over many draws can show it.
# What is it, and what could show it?
# (c) A colleague leaves dropout on after training, sends each image through the network 20 times and averages the 20 probabilities.
# Is that a slip? What does it cost, and what does it give?

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "dropout_why", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# (a) The mask keeps with probability `p` in place of dropping: it should be `>= self.p`.
# With `p = 0.2` only a fifth of the units stays, divided by 0.8: on average a quarter of the signal arrives. With `p = 0.5` keeping and dropping are equally likely, so nothing differs.
# The backward pass lacks the factor `1 / (1 - p)`: with `p = 0.2` all gradients through this layer are 0.8 of what they should be, like a smaller learning rate below it.
#
# (b) `x.shape[1]` draws one mask for the whole batch: all examples lose the same units.
# The mean over draws is the same, but the outputs of a batch vary together, so the gradient of a batch is noisier.
# It shows when two examples of one batch are compared (the same zeros), or in the variance of the batch's mean.
#
# (c) No: it averages 20 random sub-networks, which is what the single pass with all units approximates.
# It costs 20 passes, and gives besides the mean a spread that says how much the sub-networks disagree.
# (*One* pass with dropout on would be a slip.)
#
# Marking: (a) 1 point, ½ for each slip with its consequence; (b) ½ point; (c) ½ point.
# ### END SOLUTION

# %% [markdown]
# ## 4 Batch normalisation
#
# For every feature, subtract the batch's mean and divide by its spread; then give the feature a scale γ and a shift β that are learnt:
#
# $$\mu_d = \frac1N \sum_n x_{n,d}, \qquad v_d = \frac1N \sum_n (x_{n,d} - \mu_d)^2, \qquad
# \hat x_{n,d} = \frac{x_{n,d} - \mu_d}{\sqrt{v_d + \varepsilon}}, \qquad y_{n,d} = \gamma_d\, \hat x_{n,d} + \beta_d .$$
#
# After training there may be no batch, only one example.
# So *running statistics* are kept in training, with a weight $m$ (`momentum`) for the new batch:
#
# $$\bar\mu \leftarrow (1 - m)\, \bar\mu + m\, \mu, \qquad \bar v \leftarrow (1 - m)\, \bar v + m\, \frac{N}{N - 1}\, v ,$$
#
# and after training $\bar\mu$ and $\bar v$ take the places of μ and $v$ in $\hat x$.
# (The factor makes $\bar v$ the usual unbiased estimate, divided by $N - 1$; the batch itself is normalised with $v$, divided by $N$. PyTorch does the same.)
#
# **Task (2 + 1 points).**
# Somebody has written `batch_norm_forward(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training)` already, and networks train with it.
# It has two slips, which no training shows: find and mend both.
# It should return `y` and the two running statistics: new ones if `training` is `True`, unchanged if it is `False`.
# Nothing is written into the arguments.
# In training $N$ is at least 2.
# The features may lie far from zero, as far as ten million.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "batch_norm_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batch_norm_forward(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    """Normalise every feature of a batch, then scale and shift it.

    Args:
        x: batch, (N, D).
        gamma, beta: scale and shift of each feature, (D,).
        running_mean, running_variance: averages over earlier batches, (D,).
        momentum: weight of this batch in the new averages, between 0 and 1.
        epsilon: a small number, added to the variance under the root.
        training: True: normalise with the batch's statistics and update the averages;
            False: normalise with the averages.

    Returns:
        y, (N, D); running_mean, (D,); running_variance, (D,).
    """
    ### BEGIN SOLUTION
    mean, variance = running_mean, running_variance
    if training:
        mean, variance = x.mean(axis=0), x.var(axis=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        spread = x.var(axis=0, ddof=1)
        running_variance = (1 - momentum) * running_variance + momentum * spread
    y = gamma * (x - mean) / np.sqrt(variance + epsilon) + beta
    return y, running_mean, running_variance
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_batch_norm_forward_value", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(batch_norm_forward, "value")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_batch_norm_forward_statistics", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(batch_norm_forward, "statistics")

# %% [markdown]
# **What it gives you.**
# A signal that survives.
# Twenty layers of 64 tanh units with weights that are a little too small, and a little too large; the plot shows the spread of the pre-activations from layer to layer.

# %% tags=["demonstration"]
axes = labelled_axes("layer", "standard deviation of a", "twenty layers before training")
for gain, colour in zip((0.5, 2.0), COLOURS, strict=False):
    for normalised, style in ((False, "--"), (True, "-")):
        rng = np.random.default_rng(7)
        h, spreads = rng.normal(size=(128, 64)), []
        for _ in range(20):
            a = h @ (gain * rng.normal(size=(64, 64)) / 8)
            if normalised:
                ones, zeros = np.ones(64), np.zeros(64)
                a, *_ = batch_norm_forward(a, ones, zeros, zeros, ones, 0.1, 1e-5, True)
            spreads.append(a.std())
            h = np.tanh(a)
        name = f"gain {gain}" + (", normalised" if normalised else "")
        axes.semilogy(range(1, 21), spreads, style, color=colour, marker="o", label=name)
axes.legend(frameon=False)
plt.show()


# %% [markdown]
# ### The way back
#
# Mean and variance are made of $x$, so an example moves all the others, and the gradient has to come back on three paths: directly, through the variance, and through the mean.
# On paper, one feature suffices: find $\partial \mu / \partial x_m$, then $\partial v / \partial x_m$ (one of its two terms is 0: why?), then $\partial \hat x_n / \partial x_m$ by the quotient rule, and sum up.
# The two sums that appear are gradients that you have already.
# [The chapter](../../book/06_regularization.md#regularization-batch-norm-backward) has two checks that come for free, and the derivation, folded, to be opened after yours.
#
# **Task (1 + 3 points).**
# Write `batch_norm_backward(dy, x, gamma, epsilon)`, the gradients of `batch_norm_forward` **in training** with respect to `x`, `gamma` and `beta`.
# (The gradients of the running statistics are not needed: no loss depends on them.)


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "batch_norm_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batch_norm_backward(dy, x, gamma, epsilon):
    """Pull a gradient back through batch normalisation in training.

    Args:
        dy: gradient with respect to the output, (N, D).
        x: the batch of the forward pass, (N, D).
        gamma: scale of each feature, (D,).
        epsilon: as in the forward pass.

    Returns:
        dx, (N, D); dgamma, (D,); dbeta, (D,).
    """
    ### BEGIN SOLUTION
    s = np.sqrt(x.var(axis=0) + epsilon)
    x_hat = (x - x.mean(axis=0)) / s
    dgamma, dbeta = (dy * x_hat).sum(axis=0), dy.sum(axis=0)
    dx = gamma / s * (dy - dbeta / len(x) - x_hat * dgamma / len(x))
    return dx, dgamma, dbeta
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_batch_norm_backward_parameters", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(batch_norm_backward, "parameters")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_batch_norm_backward_inputs", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(batch_norm_backward, "inputs")

# %% [markdown]
# **What it gives you.**
# A gradient that you can predict things about.
# Adding a constant to a feature changes nothing, so each column of `dx` sums to 0.
# Stretching a feature changes nothing either (ε aside), so each column of `dx` is at a right angle to $\hat x$.
# And multiplying the weights in front by 10 makes the gradient ten times *smaller*: the layer behind batch normalisation sets its own step size.

# %% tags=["demonstration"]
rng = np.random.default_rng(8)
x, dy, gamma, tiny = rng.normal(size=(6, 3)), rng.normal(size=(6, 3)), rng.normal(size=3), 1e-12
dx, _, _ = batch_norm_backward(dy, x, gamma, tiny)
x_hat, *_ = batch_norm_forward(x, np.ones(3), np.zeros(3), np.zeros(3), np.ones(3), 0.1, tiny, True)
print("sums of the columns of dx:          ", np.abs(dx.sum(axis=0)).max().round(12))
print("products with the columns of x̂:     ", np.abs((dx * x_hat).sum(axis=0)).max().round(9))
print(
    "gradient for 10 x, over that for x: ",
    (batch_norm_backward(dy, 10 * x, gamma, tiny)[0] / dx)[0],
)


# %% [markdown]
# ## 5 Early stopping
#
# Train, look at the validation error after every epoch, remember the best parameters, and stop when there has been no improvement for a while.
#
# **Task (3 points).**
# Write `early_stopping(train_one_epoch, validation_error, parameters, patience, max_epochs)`.
#
# * `train_one_epoch(parameters)` trains for one epoch and **changes the arrays of the list in place**, as optimisers do.
# * `validation_error(parameters)` returns a number, to be called after each epoch.
# * An epoch is an *improvement* if its error is lower than that of every epoch before. (Equal is not lower. An error that is not a number, `nan`, is never an improvement.)
# * Stop as soon as `patience` epochs **in a row** have brought no improvement, and in any case after `max_epochs` epochs.
# * Return the parameters after the best epoch, and its number. The first epoch is number 1; the parameters from before it do not take part.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "early_stopping", "locked": false, "schema_version": 3, "solution": true, "task": false}
def early_stopping(train_one_epoch, validation_error, parameters, patience, max_epochs):
    """Train until the validation error stops falling and give the best parameters back.

    Args:
        train_one_epoch: function of the parameters; changes them in place.
        validation_error: function of the parameters; returns a number.
        parameters: list of arrays.
        patience: number of epochs in a row without improvement after which training ends, at least 1.
        max_epochs: the largest number of epochs, at least 1.

    Returns:
        best: list of arrays, the parameters after the best epoch; best_epoch: its number, from 1 on.
    """
    ### BEGIN SOLUTION
    lowest, waited = np.inf, 0
    for epoch in range(1, max_epochs + 1):
        train_one_epoch(parameters)  # in place, so the best needs a copy
        error = validation_error(parameters)
        if error < lowest:
            lowest, waited = error, 0
            best, best_epoch = [array.copy() for array in parameters], epoch
        else:
            waited += 1
        if waited == patience:
            break
    return best, best_epoch
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_early_stopping", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(early_stopping)

# %% [markdown]
# It will be used in section 8.
# Try it first on a descent whose validation error we can see at once: two weights roll into the valley of the training loss, and pass by the valley of the validation loss.

# %% tags=["demonstration"]
path, errors = [np.array([-1.5, 1.5])], []


def roll(parameters):
    parameters[0] -= 0.06 * np.array([1.0, 2.0]) * (parameters[0] - np.array([1.5, 0.0]))
    path.append(parameters[0].copy())


def distance(parameters):
    errors.append(float(np.sum((parameters[0] - np.array([0.3, 0.5])) ** 2)))
    return errors[-1]


(best,), best_epoch = early_stopping(roll, distance, [path[0].copy()], 5, 60)
axes = labelled_axes(
    "weight 1", "weight 2", f"stopped after epoch {len(errors)}, best epoch {best_epoch}"
)
axes.plot(*np.array(path).T, ".-", color=COLOURS[0], label="training")
axes.plot(1.5, 0.0, "x", color=COLOURS[0], label="lowest training loss")
axes.plot(0.3, 0.5, "x", color=COLOURS[1], label="lowest validation loss")
axes.plot(*best, "o", mfc="none", ms=12, color="black", label="returned")
axes.legend(frameon=False)
plt.show()


# %% [markdown]
# ## 6 More examples than you have
#
# A digit that is moved by two pixels is the same digit.
# Each such change that keeps the label makes new examples from old ones: *augmentation*.
#
# **Task (2 points).**
# Write `random_shift(images, shifts)`.
# Row $n$ of `shifts` says by how many rows and by how many columns image $n$ moves; positive means **down** and **to the right**.
# What leaves the picture is lost, and the pixels that become free are 0.
# A shift is at most as large as the picture.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "random_shift", "locked": false, "schema_version": 3, "solution": true, "task": false}
def random_shift(images, shifts):
    """Move every image by its own number of rows and columns, filling up with zeros.

    Args:
        images: (N, H, W).
        shifts: rows (down) and columns (to the right) for each image, (N, 2) int64.

    Returns:
        moved images, (N, H, W).
    """
    ### BEGIN SOLUTION
    _, H, W = images.shape
    shifted = np.zeros_like(images)
    for n, (rows, columns) in enumerate(shifts):
        top, left = max(rows, 0), max(columns, 0)
        bottom, right = H + min(rows, 0), W + min(columns, 0)
        shifted[n, top:bottom, left:right] = images[
            n, top - rows : bottom - rows, left - columns : right - columns
        ]
    return shifted
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_random_shift", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(random_shift)


# %% [markdown]
# **Task (1 point).**
# Write `horizontal_flip(images, flips)`: image $n$ is mirrored, left and right swapped, if `flips[n]` is `True`; the others stay.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "horizontal_flip", "locked": false, "schema_version": 3, "solution": true, "task": false}
def horizontal_flip(images, flips):
    """Mirror the chosen images.

    Args:
        images: (N, H, W).
        flips: True for the images to be mirrored, (N,) bool.

    Returns:
        images, (N, H, W).
    """
    ### BEGIN SOLUTION
    return np.where(flips[:, None, None], images[:, :, ::-1], images)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_horizontal_flip", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(horizontal_flip)

# %% [markdown]
# **What it gives you.**
# Which of these would you still give the same label?
# A photographer in the mirror is a photographer.
# Look for digits that have become something else, or nothing at all.

# %% tags=["demonstration"]
rng = np.random.default_rng(9)
images, labels, _, _ = mnist(train=40, test=0)
chosen = np.array([np.flatnonzero(labels == k)[0] for k in range(10)])
digits = images[chosen].astype(float)
moved = random_shift(digits, rng.integers(-4, 5, size=(10, 2)))
mirrored = horizontal_flip(digits, np.ones(10, dtype=bool))
titles = [f"{kind}{k}" for kind in ("", "moved ", "mirrored ") for k in range(10)]
image_grid(np.concatenate([digits, moved, mirrored]), titles)
picture = photograph().astype(float)[None]
image_grid(np.concatenate([picture, horizontal_flip(picture, np.array([True]))]), columns=4)
plt.show()


# %% [markdown]
# ## 7 Many models are wiser than one
#
# *Bagging* (bootstrap aggregating): draw from the $N$ examples $N$ times with replacement, fit a model to this *bootstrap sample*, do so $M$ times, and average what the models say.
#
# **Task (2 points).**
# Write `bagged_prediction(fit, x, t, samples, x_new)`.
#
# * `fit(x, t)` fits a model to examples and returns it; a model is a function that takes new inputs and returns its predictions.
# * Row $m$ of `samples` holds the indices of the examples that model $m$ learns from; some come twice or more, and count so often.
# * Return the mean of the $M$ predictions for `x_new`. A prediction may have any shape.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "bagged_prediction", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bagged_prediction(fit, x, t, samples, x_new):
    """Average the predictions of models that were fitted to bootstrap samples.

    Args:
        fit: function of inputs and targets; returns a model, which is a function of inputs.
        x: inputs, N examples along the first axis.
        t: targets, N along the first axis.
        samples: indices of the examples of each model, (M, N) int64.
        x_new: inputs to predict for.

    Returns:
        mean of the models' predictions.
    """
    ### BEGIN SOLUTION
    return np.mean([fit(x[rows], t[rows])(x_new) for rows in samples], axis=0)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_bagged_prediction", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(bagged_prediction)

# %% [markdown]
# **What it gives you.**
# Thin lines: twenty polynomials of degree 6, each fitted to its own bootstrap sample; each is wild in its own way.
# Their mean is calmer, because their whims differ.

# %% tags=["demonstration"]
rng = np.random.default_rng(10)
x = rng.uniform(-1, 1, 40)
t = np.sin(3 * x) + 0.4 * rng.normal(size=40)
grid = np.linspace(-0.9, 0.9, 181)
samples = rng.integers(0, 40, size=(20, 40))


def fit_polynomial(x, t):
    return np.polynomial.Polynomial.fit(x, t, 6)


axes = labelled_axes("x", "t", "twenty models and their mean")
alone = [bagged_prediction(fit_polynomial, x, t, samples[m : m + 1], grid) for m in range(20)]
for curve in alone:
    axes.plot(grid, curve, color=COLOURS[0], alpha=0.25, linewidth=1)
bag = bagged_prediction(fit_polynomial, x, t, samples, grid)
axes.plot(grid, bag, color=COLOURS[1], linewidth=2, label="mean of the models")
axes.plot(grid, np.sin(3 * grid), "k:", label="where the examples come from")
axes.plot(x, t, "k.", alpha=0.5)
axes.set_ylim(-2.2, 2.2)
axes.legend(frameon=False)
plt.show()
squares = [np.mean((curve - np.sin(3 * grid)) ** 2) for curve in alone]
print(f"mean squared error: {np.mean(squares):.3f} for one model, on average;", end=" ")
print(f"{np.mean((bag - np.sin(3 * grid)) ** 2):.3f} for their mean")

# %% [markdown]
# ## 8 Five hundred digits
#
# Now all of it on real data, and not much of it: 500 images of digits to learn from, 1,000 to validate with, and 2,000 to test with at the very end.
# The network has 784 inputs, 128 ReLU units and 10 classes: over 100,000 weights for 500 examples.
#
# The two layers and the cross-entropy were the subject of chapters [3](../../book/03_mlp.md) and [4](../../book/04_backpropagation.md) and are given; everything between and around them is yours.
# Batch normalisation stands before the ReLU, dropout after it.
# The running statistics belong to the parameters: they are remembered with the best weights.

# %% tags=["demonstration"]
everything, all_labels, test_images, test_labels = mnist()
images, labels = everything[:500].astype(float), all_labels[:500]
held_out, held_out_labels = (
    everything[500:1500].reshape(1000, -1).astype(float),
    all_labels[500:1500],
)
test_x = test_images.reshape(2000, -1).astype(float)
HIDDEN, BATCH, RATE = 128, 25, 0.2
torch.set_num_threads(1)  # for products as small as these, several threads mostly wait


def product(*factors):
    a, b = (torch.as_tensor(factor, dtype=torch.float64) for factor in factors)
    return (a @ b).numpy()


class DigitReader:
    """One hidden layer, trained by gradient descent with what is switched on."""

    def __init__(
        self, images, labels, seed, l2=0.0, l1=0.0, p=0.0, normalise=False, shift=0, flip=0.0
    ):
        self.images, self.labels, self.rng = images, labels, np.random.default_rng(seed)
        self.l2, self.l1, self.p, self.normalise = l2, l1, p, normalise
        self.shift, self.flip = shift, flip
        D = images[0].size
        W1 = self.rng.normal(size=(D, HIDDEN)) * np.sqrt(2 / D)
        W2 = self.rng.normal(size=(HIDDEN, 10)) * np.sqrt(2 / HIDDEN)
        self.parameters = [W1, np.zeros(HIDDEN), W2, np.zeros(10)]
        self.parameters += [np.ones(HIDDEN), np.zeros(HIDDEN)]  # gamma and beta
        self.parameters += [np.zeros(HIDDEN), np.ones(HIDDEN)]  # running mean and variance

    def forward(self, x, parameters, mask=None):
        """Give the logits and what the way back needs; a mask means training."""
        W1, b1, W2, b2, gamma, beta, running_mean, running_variance = parameters
        a = y = product(x, W1) + b1
        if self.normalise:
            y, *running = batch_norm_forward(
                a, gamma, beta, running_mean, running_variance, 0.1, 1e-5, mask is not None
            )
            running_mean[:], running_variance[:] = running
        h = np.maximum(y, 0)
        h = dropout_forward(h, mask, self.p, mask is not None)
        return product(h, W2) + b2, (a, y, h)

    def gradients(self, x, labels, parameters):
        W1, b1, W2, b2, gamma, beta, *_ = parameters
        mask = self.rng.random((len(x), HIDDEN)) >= self.p
        logits, (a, y, h) = self.forward(x, parameters, mask)
        delta = np.exp(log_probabilities(logits))
        delta[np.arange(len(x)), labels] -= 1
        delta /= len(x)
        dy = dropout_backward(product(delta, W2.T), mask, self.p, True) * (y > 0)
        da, dgamma, dbeta = dy, np.zeros_like(gamma), np.zeros_like(beta)
        if self.normalise:
            da, dgamma, dbeta = batch_norm_backward(dy, a, gamma, 1e-5)
        (dW1, dW2), (db1, db2) = l2_gradient(
            [W1, W2],
            [b1, b2],
            [product(x.T, da), product(h.T, delta)],
            [da.sum(axis=0), delta.sum(axis=0)],
            self.l2,
        )
        return dW1, db1, dW2, db2, dgamma, dbeta

    def train_one_epoch(self, parameters):
        order = self.rng.permutation(len(self.images))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            x = self.images[rows]
            if self.shift:
                x = random_shift(x, self.rng.integers(-self.shift, self.shift + 1, (len(x), 2)))
            if self.flip:
                x = horizontal_flip(x, self.rng.random(len(x)) < self.flip)
            gradients = self.gradients(x.reshape(len(x), -1), self.labels[rows], parameters)
            for index, gradient in enumerate(gradients):
                if self.l1 and index in (0, 2):
                    parameters[index][:] = l1_proximal(parameters[index], gradient, RATE, self.l1)
                else:
                    parameters[index] -= RATE * gradient

    def loss(self, x, labels, parameters):
        """Give the mean cross-entropy in nats."""
        logits, _ = self.forward(x, parameters)
        return -log_probabilities(logits)[np.arange(len(x)), labels].mean()

    def validation_error(self, parameters):
        return self.loss(held_out, held_out_labels, parameters)


def log_probabilities(logits):
    return torch.log_softmax(torch.from_numpy(logits), dim=1).numpy()


def wrong(logits, labels):
    return 100 * np.mean(logits.argmax(axis=1) != labels)


# %% [markdown]
# First without any regularisation, and without stopping.
# (`patience` is so large that it never ends the training.)

# %% tags=["demonstration"]
reader = DigitReader(images, labels, seed=0)
title = "500 digits, nothing against overfitting"
curve = LiveCurve("epochs", "loss (nats)", "training", "validation", title=title)
progress, losses = tqdm(total=40, desc="training", unit="epoch"), []


def observe(parameters):
    losses.append(reader.validation_error(parameters))
    training = reader.loss(images.reshape(500, -1), labels, parameters)
    curve.add(len(losses), training=training, validation=losses[-1])
    progress.update()
    return losses[-1]


_, best_epoch = early_stopping(reader.train_one_epoch, observe, reader.parameters, 100, 40)
progress.close()
curve.close()
print(
    f"lowest validation loss {min(losses):.3f} after epoch {best_epoch}, {losses[-1]:.3f} at the end"
)

# %% [markdown]
# Training goes to perfection and validation does not follow.
# Now the remedies, one by one, all with your `early_stopping` and the same start.
# The strengths are usual ones; whoever wants better ones tries them on the validation images.
# **The test images are looked at here for the first time**, to judge and not to choose.

# %% tags=["demonstration"]
remedies = {
    "early stopping alone": {},
    "L2, λ = 0.001": {"l2": 1e-3},
    "L1, λ = 0.0005": {"l1": 5e-4},
    "dropout, p = 0.5": {"p": 0.5},
    "batch normalisation": {"normalise": True},
    "shifts up to 2 pixels": {"shift": 2},
    "shifts and dropout": {"shift": 2, "p": 0.3},
    "horizontal flips": {"flip": 0.5},
}
results = {}
for name, settings in tqdm(remedies.items(), desc="remedies", unit="network"):
    reader = DigitReader(images, labels, seed=0, **settings)
    best, best_epoch = early_stopping(
        reader.train_one_epoch, reader.validation_error, reader.parameters, 5, 40
    )
    logits, _ = reader.forward(test_x, best)
    zeros = 100 * np.mean(best[0] == 0)
    results[name] = best_epoch, reader.validation_error(best), wrong(logits, test_labels), zeros
print(f"{'':24} epoch  validation loss  wrong test images  weights at 0")
for name, (best_epoch, loss, errors, zeros) in results.items():
    print(f"{name:24} {best_epoch:5} {loss:13.3f} nats {errors:14.1f} % {zeros:11.0f} %")

# %% [markdown]
# Compare the validation losses first, then the rest.
# The penalties and dropout gain little here, and batch normalisation nothing: it was made to train deep networks, and is no remedy against overfitting.
# L1 has set more than a quarter of the first layer's weights to 0 without loss, and 42 % of those at pixels that are black in every image, where nothing but the penalty pulls.
# What changes the picture is knowledge about digits, right or wrong.
#
# And the bag: five networks on five bootstrap samples, with shifts, their probabilities averaged by your `bagged_prediction`.
# A lecture calls this out of the question for neural networks.
# What do you think, at five times the price?

# %% tags=["demonstration"]
bag, progress = [], tqdm(total=5, desc="bag", unit="network")


def fit_reader(images, labels):
    reader = DigitReader(images, labels, seed=1 + len(bag), shift=2)
    best, _ = early_stopping(
        reader.train_one_epoch, reader.validation_error, reader.parameters, 5, 40
    )
    progress.update()
    bag.append(lambda x: np.exp(log_probabilities(reader.forward(x, best)[0])))
    return bag[-1]


samples = np.random.default_rng(11).integers(0, 500, size=(5, 500))
together = bagged_prediction(fit_reader, images, labels, samples, test_x)
progress.close()
print(
    "wrong test images, each model:",
    *(f"{wrong(model(test_x), test_labels):.1f} %" for model in bag),
)
print(f"the bag of five: {wrong(together, test_labels):.1f} %")

# %% [markdown]
# **Written answer (2 points).**
# (a) A lecture's rule is to stop training when the validation error starts to increase. Look at your curve of the validation loss, or at the checks of `early_stopping`: what goes wrong with this rule, and what do `patience` and the copy of the parameters do about it?
# (b) Of all the remedies, which one helped most, and which one did harm? Explain both by what they tell the network about digits.
# (c) Somebody chooses λ by the test images, "since there are more of them". What is wrong with the number they then report?

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "remedies_why", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# (a) The validation error is noisy: it rises for an epoch and falls again, and a rule that stops at the first rise stops too early.
# Patience waits for several epochs in a row without a new lowest error.
# But then training has gone on past the best point, so the parameters of the best epoch must have been kept, as a copy, because training changes the arrays in place.
#
# (b) Shifts helped by far the most: they add true information, that a moved digit is the same digit, which 500 examples do not teach.
# Flips did harm: a mirrored 2, 3, 4, 5, 7 or 9 is not that digit any more, so the network is taught something false (only 0, 1 and 8 more or less survive), and it spends capacity on images that never occur.
#
# (c) The test images then took part in the choice.
# The best of several noisy scores is too good on average, so the number is optimistic; an unbiased one needs images that were used for nothing else.
#
# Marking: (a) ½ point for noise and patience, ½ point for the copy of the best; (b) ½ point; (c) ½ point.
# ### END SOLUTION

# %% [markdown]
# **To try.**
# Let the number of training images grow from 100 to 4,000: which remedies lose their use first?
# Find a shift that is too large.
# Replace the flips by small rotations or by noise on the pixels.
#
# How this goes on: [chapter 7](../../book/07_convolution.md) builds layers in which a moved digit is treated alike from the start, with far fewer weights.
