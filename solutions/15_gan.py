# %% [markdown]
# # 15 Generative adversarial networks
#
# Nobody can write down the density of all handwritten digits.
# But it is easy to say *no*: a network can learn to tell real digits from bad copies.
# A generative adversarial network turns this into a teacher.
# One network, the generator, makes samples; another, the discriminator, learns to find them out; and the slope of its verdict tells the generator how to do better.
# In this notebook you write the whole game, play it on a line, on eight Gaussians and on digits, and judge honestly who has won.
#
# It takes about 4 hours.
#
# **How to work here.**
# Each task has a text, a cell for your answer (replace `raise NotImplementedError`), and a cell that checks it.
# Run the check as often as you like: it tells you what is right, what is not, and, when it recognises the slip, which one.
# The chapter [Generative adversarial networks](../../book/15_gan.md) explains the theory; [Notation](../../book/notation.md) explains the letters.

# %%
import math

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn import functional
from tqdm.auto import tqdm

from dlarch import check
from dlarch.data import mnist
from dlarch.figures import GanOneDimension, ModeCollapse
from dlarch.models import OwnNetwork, initialize
from dlarch.plots import COLOURS, LiveCurve, image_grid, labelled_axes

torch.set_num_threads(
    1
)  # the networks here are so small that more threads only wait for each other


def adam(*networks, lr=1e-3):
    """Make Adam for one or more networks, with the momentum 0.5 that is usual for adversarial training."""
    parameters = [parameter for network in networks for parameter in network.parameters()]
    return torch.optim.Adam(parameters, lr=lr, betas=(0.5, 0.999))


def noise_source(seed, Z):
    """Make a function N -> N fresh rows of standard normal noise, (N, Z)."""
    rng = torch.Generator().manual_seed(seed)
    return lambda N: torch.randn(N, Z, generator=rng)


# %% [markdown]
# ## 1 What the discriminator wants
#
# The discriminator $D$ gives the probability $D(x) = \sigma(s(x))$ that $x$ is data; its last layer gives the *logit* $s$.
# It maximises
#
# $$V(D, G) = \mathbb{E}_{x \sim p_{data}}[\log D(x)] + \mathbb{E}_{z}[\log(1 - D(G(z)))] .$$
#
# Optimisers minimise, so its loss is $-V$, each expectation estimated by a mean:
#
# $$L_D = -\frac1N \sum_{i=1}^{N} \log D(x_i) - \frac1M \sum_{j=1}^{M} \log\bigl(1 - D(G(z_j))\bigr) .$$
#
# The number of real and of generated samples may differ.
# Work with the logits: a sigmoid that has been rounded to 0 or 1 has no logarithm any more.
# It is the trick of chapters [3](../../book/03_mlp.md#mlp-binary-stable) and [14](../../book/14_vae.md#vae-likelihood) for the third time, so nothing is given ([why it is needed](../../book/15_gan.md#gan-stable)).
#
# **Task (2 points).**
# Write `discriminator_loss(real_logits, fake_logits)`.
# The checks go up to logits of ±800 and pull gradients back through your function.
# PyTorch's own functions are allowed.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "discriminator_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def discriminator_loss(real_logits, fake_logits):
    """Give what the discriminator minimises, −V in nats.

    Args:
        real_logits: D's logits on data, tensor (N, 1) or (N,).
        fake_logits: D's logits on generated samples, tensor (M, 1) or (M,).

    Returns:
        The loss, a tensor without axes, differentiable in both arguments.
    """
    ### BEGIN SOLUTION
    return functional.softplus(-real_logits).mean() + functional.softplus(fake_logits).mean()
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_discriminator_loss", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(discriminator_loss)

# %% [markdown]
# **What it gives you.**
# Two numbers to read every training curve by: the loss of a discriminator that cannot decide (all logits 0), and of one that is sure and right.

# %% tags=["demonstration"]
undecided, sure = torch.zeros(8, 1), torch.full((8, 1), 6.0)
print(
    f"cannot decide:  {discriminator_loss(undecided, undecided):.4f} nats (log 4 = {math.log(4):.4f})"
)
print(f"sure and right: {discriminator_loss(sure, -sure):.4f} nats")


# %% [markdown]
# ## 2 What the generator wants
#
# In the game of the formula above, the generator minimises its part of $V$:
#
# $$L_{\text{saturating}} = \frac1N \sum_i \log\bigl(1 - D(G(z_i))\bigr), \qquad L_{\text{non-saturating}} = -\frac1N \sum_i \log D(G(z_i)) .$$
#
# Both fall when $D(G(z))$ rises.
# They differ in their slopes, and that decides whether the generator learns at all.
#
# **Task (2 points: 1 for the values, 1 for the slopes).**
# Write `generator_loss(fake_logits, kind)`, where `kind` is `"non-saturating"` or `"saturating"`.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "generator_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def generator_loss(fake_logits, kind):
    """Give what the generator minimises, in nats.

    Args:
        fake_logits: D's logits on generated samples, tensor (N, 1) or (N,).
        kind: "non-saturating" or "saturating".

    Returns:
        The loss, a tensor without axes, differentiable in the logits.
    """
    ### BEGIN SOLUTION
    if kind == "saturating":
        return -functional.softplus(fake_logits).mean()
    return functional.softplus(-fake_logits).mean()
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_generator_loss_value", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(generator_loss, "value")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_generator_loss_slope", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(generator_loss, "slope")

# %% [markdown]
# **What it gives you.**
# The slope of both losses for one sample, over the logit that $D$ gives it.
# A bad sample, one that $D$ is sure about, lies far to the left: that is where a generator starts.

# %% tags=["demonstration"]
axes = labelled_axes("logit of the generated sample", "slope of the loss", "who gets a push?")
for kind in ("non-saturating", "saturating"):
    logits = torch.linspace(-12, 6, 181).requires_grad_(True)
    slopes = torch.autograd.grad(len(logits) * generator_loss(logits, kind), logits)[0]
    axes.plot(logits.detach(), slopes, label=kind)
    print(f"{kind:>14} at logit −10: slope {slopes[20].item():.3g}")
axes.legend(frameon=False)
plt.show()


# %% [markdown]
# ### Known by its slopes
#
# Others have proposed other losses for the generator. For one sample with the logit $s$:
#
# | kind | loss of one sample |
# |---|---|
# | `"saturating"` | $\log(1 - \sigma(s))$ |
# | `"non-saturating"` | $-\log \sigma(s)$ |
# | `"least squares"` | $\tfrac12 (s - 1)^2$: the logit itself should be 1 |
# | `"linear"` | $-s$: as large as possible, with no end |
#
# Somebody's program is closed to you, but you see the logits of some samples and the slopes of the loss with respect to them.
# All slopes of one program are multiplied by one positive factor that you do not know: a mean divides by the number of samples, and a loss may have a weight.
# There are good samples, bad ones, and some between.
#
# **Task (2 points).**
# Write `which_generator_loss(logits, slopes)`, which returns the kind.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "which_generator_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def which_generator_loss(logits, slopes):
    """Say which loss of a generator has these slopes.

    Args:
        logits: D's logits on generated samples, (N,), N at least 3.
        slopes: of the loss with respect to the logits, times an unknown positive factor, (N,).

    Returns:
        "saturating", "non-saturating", "least squares" or "linear".
    """
    ### BEGIN SOLUTION
    worst, best = slopes[logits.argmin()], slopes[logits.argmax()]
    if best > 0:
        return "least squares"
    if np.isclose(worst, best):
        return "linear"
    return "saturating" if abs(worst) < abs(best) else "non-saturating"
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_which_generator_loss", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(which_generator_loss)

# %% [markdown]
# **What it gives you.**
# Your own `generator_loss`, put to the test.

# %% tags=["demonstration"]
for kind in ("non-saturating", "saturating"):
    logits = torch.linspace(-4, 4, 9, dtype=torch.float64).requires_grad_(True)
    slopes = torch.autograd.grad(generator_loss(logits, kind), logits)[0]
    print(f"{kind}: looks {which_generator_loss(logits.detach().numpy(), slopes.numpy())}")


# %% [markdown]
# ## 3 Spot the error
#
# Two friends change the game. Write $s$ for the discriminator's logit of one sample, $D = \sigma(s)$.
#
# - *Ada:* "For the generator I add the two losses, $\log(1 - D) - \log D$. It cannot be worse than either."
# - *Ben:* "My discriminator was too sure of itself. I train it with the targets 0.9 for data and 0.1 for generated samples, in place of 1 and 0."
#
# **Written answer (3 points).**
# (a) Write Ada's loss as a function of $s$, as simply as you can, and compare its slope with the two slopes you have just plotted, for $s = -10$ and for $s = 10$.
# Which samples does it push that the non-saturating loss leaves alone?
# (b) For the best discriminator, which $s$ belongs to a place with the densities $p_{data}$ and $p_g$? What does Ada's generator make small, on average over its samples?
# (c) Which $D$ is best for Ben at such a place? What is the smallest value that it can take, and what does that mean for the generator's saturating loss?

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "proposals_why", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# **Model answer.**
# (a) $\log\frac{1 - \sigma(s)}{\sigma(s)} = -s$, so its slope is $-1$ everywhere.
# At $s = -10$ the non-saturating slope is nearly $-1$ as well, the saturating one nearly 0; at $s = 10$ it is the other way round.
# Ada's loss goes on pushing samples that the discriminator takes for data already, as hard as bad ones, and it has no lower bound.
#
# (b) $D = p_{data}/(p_{data} + p_g)$ means $s = \log (p_{data}/p_g)$.
# The mean of $-s$ over generated samples is $\int p_g \log (p_g / p_{data})$, the Kullback–Leibler divergence of $p_g$ from $p_{data}$.
#
# (c) He maximises $p_{data}\,[0.9 \log D + 0.1 \log (1 - D)] + p_g\,[0.1 \log D + 0.9 \log (1 - D)]$, so $D = (0.9\, p_{data} + 0.1\, p_g)/(p_{data} + p_g)$.
# It stays between 0.1 and 0.9.
# Where there are only generated samples it is 0.1, $s = -2.2$, and the saturating loss still has the slope $-0.1$ in place of one near 0: less saturation.
#
# Marking: 1: $-s$ (½) and the comparison at both ends (½). 1: $s$ (½) and the divergence (½). 1: Ben's $D$ (½), its smallest value with the consequence (½).
# ### END SOLUTION

# %% [markdown]
# ## 4 The best discriminator
#
# Hold the generator fixed, and let $D$ be any function at all.
# At a point $x$ it weighs two densities: $p_{data}(x)$ and $p_g(x)$, that of the generator's samples.
# The value $V$ is an integral over $x$, and $D(x)$ may be chosen at each point for itself: maximise $p_{data}(x) \log D(x) + p_g(x) \log(1 - D(x))$ there.
# ([The chapter](../../book/15_gan.md#gan-optimal-discriminator) has the derivation folded, to be opened after your check.)
#
# **Task (1 point).**
# Find $D^*(x)$ on paper.
# Then write `optimal_discriminator(p_data, p_g)` for arrays of density values at the same points.
# The values need not sum to one, and both may be as small as $10^{-17}$.
# Where both are zero, $D^*$ is not determined; give ½ there, without a NaN.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "optimal_discriminator", "locked": false, "schema_version": 3, "solution": true, "task": false}
def optimal_discriminator(p_data, p_g):
    """Give the discriminator that maximises V for a fixed generator.

    Args:
        p_data: density of the data at some points, array (N,) or of any shape.
        p_g: density of the generator's samples at the same points, same shape.

    Returns:
        D*, same shape.
    """
    ### BEGIN SOLUTION
    total = p_data + p_g
    return np.where(total == 0, 0.5, p_data / np.where(total == 0, 1.0, total))
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_optimal_discriminator", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(optimal_discriminator)

# %% [markdown]
# **What it gives you.**
# Something to compare a trained discriminator with; section 6 does it with yours.
# The figure shows the whole game on a line: the densities, $D$ and $D^*$, and the map from $z$ to $x$.
# Give $D$ some turns and see it approach $D^*$; then give $G$ a turn, and see the samples follow the slope of $D$.

# %% tags=["demonstration"]
GanOneDimension()


# %% [markdown]
# ## 5 The value of the game
#
# Put $D^*$ into $V$: what is left depends on the two distributions alone.
# For distributions over $K$ outcomes, with $m = (p + q)/2$, it can be said by the Jensen–Shannon divergence
#
# $$\mathrm{JS}(p, q) = \tfrac12 \mathrm{KL}(p \,\|\, m) + \tfrac12 \mathrm{KL}(q \,\|\, m), \qquad \mathrm{KL}(p \,\|\, m) = \sum_k p_k \log \frac{p_k}{m_k} .$$
#
# **Task (2 points).**
# Find out on paper how $\max_D V$ comes from $\mathrm{JS}(p, q)$: write $D^*$ and $1 - D^*$ with $m$.
# Then write `jensen_shannon(p, q)`, which gives the divergence and the value of the game, in this order.
# Natural logarithm; an outcome of probability zero contributes nothing ($0 \log 0 = 0$).
# Both arrays sum to one.
# Build it from NumPy; `scipy` is not allowed.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "jensen_shannon", "locked": false, "schema_version": 3, "solution": true, "task": false}
def jensen_shannon(p, q):
    """Give the Jensen–Shannon divergence of two distributions and the value of the adversarial game.

    Args:
        p: probabilities of the data, (K,), some may be zero.
        q: probabilities of the generator's samples, (K,), some may be zero.

    Returns:
        The divergence in nats; the value max_D V in nats.
    """

    ### BEGIN SOLUTION
    def relative_entropy(p, m):
        possible = p > 0
        return np.sum(p[possible] * np.log(p[possible] / m[possible]))

    m = (p + q) / 2
    divergence = (relative_entropy(p, m) + relative_entropy(q, m)) / 2
    return divergence, 2 * divergence - np.log(4)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_jensen_shannon", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(jensen_shannon)

# %% [markdown]
# **What it gives you.**
# The value of the game when the generator's samples are right in shape, but in the wrong place.
# Once the two bell curves no longer overlap, the divergence is $\log 2$ and *stays* there, however far away they are: it does not say in which direction to go.
# This is why a perfect discriminator teaches badly, and why later variants measure the distance otherwise.

# %% tags=["demonstration"]
x = np.linspace(-12, 12, 2401)
bell = np.exp(-(x**2) / 2)
shifts = np.linspace(0, 10, 101)
divergences = []
for shift in shifts:
    moved = np.exp(-((x - shift) ** 2) / 2)
    divergences.append(jensen_shannon(bell / bell.sum(), moved / moved.sum())[0])
axes = labelled_axes(
    "distance of the means (standard deviations)", "divergence (nats)", "how different?"
)
axes.plot(shifts, divergences)
axes.axhline(math.log(2), color="grey", linestyle="dashed")
axes.annotate("log 2", (0, math.log(2) - 0.05))
plt.show()


# %% [markdown]
# ## The two players
#
# Before they play, you build them.
# Both are networks of any depth, whose weights come in a dictionary: layer $l$ has the matrix `parameters["W_1"]`, `parameters["W_2"]`, … of shape (inputs, outputs), and the biases `parameters["b_1"]`, `parameters["b_2"]`, … of shape (outputs,) ([drawn with their sizes](../../book/15_gan.md#gan-networks)).
# Stay in PyTorch: the generator learns from gradients that come back through both.
#
# **Task (2 points).**
# Write `generator(z, parameters)`: a ReLU after every layer but the last, and nothing after the last.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "generator", "locked": false, "schema_version": 3, "solution": true, "task": false}
def generator(z, parameters):
    """Turn noise into samples.

    Args:
        z: noise, tensor (N, Z).
        parameters: W_1, b_1, W_2, b_2, …; the last layer has D outputs.

    Returns:
        samples, tensor (N, D).
    """
    ### BEGIN SOLUTION
    L = len(parameters) // 2
    for layer in range(1, L):
        z = torch.relu(z @ parameters[f"W_{layer}"] + parameters[f"b_{layer}"])
    return z @ parameters[f"W_{L}"] + parameters[f"b_{L}"]
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_generator", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(generator)


# %% [markdown]
# **Task (1 point).**
# Write `discriminator(x, parameters)`: a *leaky* ReLU of slope 0.2 after every layer but the last; the last gives the logit, as it is.
# The slope on the left lets a gradient through to the generator where a plain ReLU would be off.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "discriminator", "locked": false, "schema_version": 3, "solution": true, "task": false}
def discriminator(x, parameters):
    """Give the logit that each sample is data.

    Args:
        x: samples, tensor (N, D).
        parameters: W_1, b_1, W_2, b_2, …; the last layer has one output.

    Returns:
        logits, tensor (N, 1).
    """
    ### BEGIN SOLUTION
    L = len(parameters) // 2
    for layer in range(1, L):
        a = x @ parameters[f"W_{layer}"] + parameters[f"b_{layer}"]
        x = torch.where(a > 0, a, 0.2 * a)
    return x @ parameters[f"W_{L}"] + parameters[f"b_{L}"]
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_discriminator", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(discriminator)


# %% [markdown]
# **What it gives you.**
# `OwnNetwork` adds weights that learn to a function of yours.
# The players of the eight Gaussians and of the digits below are your two functions.

# %% [markdown]
# ## 6 One step of the discriminator
#
# Now the networks.
# A step is a function with *side effects*, and these are the task: it must change one network and leave the other alone.
#
# **Task (3 points: 2 for the update, 1 for what it leaves alone).**
# Write `discriminator_step(generator, discriminator, optimizer, real, noise)`.
# It generates samples from `noise`, makes *one* step of `optimizer` on `discriminator_loss` for the batch `real` and these samples, and returns the loss as it was before the step (a number, or a tensor with one).
#
# * `optimizer` holds the discriminator's parameters and no others.
# * The discriminator may arrive with gradients that an earlier step left behind; they must not count.
# * The generator arrives without gradients and leaves without: after the call its parameters are unchanged and require gradients as before, and each `.grad` is `None` or zero.
# * Both networks leave in the mode in which they came (`train()` or `eval()`).
#
# Use your `discriminator_loss`.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "discriminator_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def discriminator_step(generator, discriminator, optimizer, real, noise):
    """Train the discriminator by one step and leave the generator alone.

    Args:
        generator: module (N, Z) -> (N, D).
        discriminator: module (N, D) -> logits (N, 1).
        optimizer: torch optimiser of the discriminator's parameters.
        real: a batch of data, tensor (N, D).
        noise: as many rows of noise, tensor (N, Z).

    Returns:
        The loss before the step.
    """
    ### BEGIN SOLUTION
    fake = generator(noise).detach()
    loss = discriminator_loss(discriminator(real), discriminator(fake))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_discriminator_step_update", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(discriminator_step, "update")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_discriminator_step_side_effects", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(discriminator_step, "side_effects")

# %% [markdown]
# **What it gives you.**
# An experiment that tests theory: the generator is the identity, so its samples are $\mathcal{N}(0, 1)$, and the data is $\mathcal{N}(1.5, 0.6^2)$.
# Your discriminator never sees a density, only samples.
# Does it arrive at $D^*$ all the same?

# %% tags=["demonstration"]
points = np.linspace(-3, 4, 281)
p_data = np.exp(-(((points - 1.5) / 0.6) ** 2) / 2) / (0.6 * math.sqrt(2 * math.pi))
p_g = np.exp(-(points**2) / 2) / math.sqrt(2 * math.pi)

line_discriminator = initialize(
    {"factory": "mlp", "sizes": [1, 32, 32, 1], "activation": "tanh"}, seed=0
)
optimizer = adam(line_discriminator, lr=5e-3)
draw_data, draw_noise = noise_source(1, 1), noise_source(2, 1)
for _ in tqdm(range(500), desc="training D", unit="step"):
    real = 1.5 + 0.6 * draw_data(256)
    discriminator_step(nn.Identity(), line_discriminator, optimizer, real, draw_noise(256))

axes = labelled_axes(
    "x", "density, probability", "a discriminator trained on samples, and the best one"
)
axes.plot(points, p_data, label="data")
axes.plot(points, p_g, label="generator")
with torch.no_grad():
    trained = torch.sigmoid(line_discriminator(torch.tensor(points, dtype=torch.float32)[:, None]))
axes.plot(points, trained, label="D, trained")
axes.plot(points, optimal_discriminator(p_data, p_g), linestyle="dashed", label="D*")
axes.legend(frameon=False)
plt.show()


# %% [markdown]
# At the right end both densities are almost zero: no sample ever falls there, and $D$ is free to say anything.
#
# ## 7 One step of the generator
#
# The gradient of the generator comes *through* the discriminator: the generator never sees the data.
# But the discriminator itself is not to change in this step.
#
# **Task (3 points: 2 for the update, 1 for what it leaves alone).**
# Write `generator_step(generator, discriminator, optimizer, noise)`.
# It makes one step of `optimizer` on the *non-saturating* `generator_loss` of the samples generated from `noise`, and returns the loss as it was before the step.
#
# * `optimizer` holds the generator's parameters and no others.
# * The generator may arrive with gradients that an earlier step left behind; they must not count.
# * After the call the discriminator's parameters are unchanged and require gradients as before. Gradients that the backward pass leaves in the discriminator do no harm: its own step zeroes them.
# * Both networks leave in the mode in which they came (`train()` or `eval()`).
#
# Use your `generator_loss`.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "generator_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def generator_step(generator, discriminator, optimizer, noise):
    """Train the generator by one step and leave the discriminator alone.

    Args:
        generator: module (N, Z) -> (N, D).
        discriminator: module (N, D) -> logits (N, 1).
        optimizer: torch optimiser of the generator's parameters.
        noise: tensor (N, Z).

    Returns:
        The loss before the step.
    """
    ### BEGIN SOLUTION
    loss = generator_loss(discriminator(generator(noise)), "non-saturating")
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_generator_step_update", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(generator_step, "update")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_generator_step_side_effects", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(generator_step, "side_effects")

# %% [markdown]
# **What it gives you.**
# What happens when the generator alone plays: against a discriminator that never moves, it does not learn the data's *distribution*; it runs to wherever $D$ says "data" most loudly, and bunches up there.
# The discriminator below prefers $x = 1.5$.
# (Its answer is written down, not trained, so that you see the generator's part alone.)

# %% tags=["demonstration"]


class PrefersOnePlace(nn.Module):
    """A discriminator whose logit is highest at x = 1.5."""

    def forward(self, x):
        return 2 - (x - 1.5) ** 2


line_generator = nn.Linear(1, 1)
with torch.no_grad():
    line_generator.weight.fill_(1.0)
    line_generator.bias.fill_(0.0)
optimizer, draw_noise = adam(line_generator, lr=0.05), noise_source(3, 1)
axes = labelled_axes("x", "density of G(z)", "the generator plays alone")
turns = 0
for stop in (0, 15, 40, 100):
    for _ in range(stop - turns):
        generator_step(line_generator, PrefersOnePlace(), optimizer, draw_noise(256))
    turns = stop
    samples = line_generator(noise_source(4, 1)(4000)).detach().numpy()[:, 0]
    bins = np.linspace(-3, 4, 71)
    axes.hist(samples, bins, density=True, histtype="step", label=f"after {turns} turns")
axes.legend(frameon=False)
plt.show()


# %% [markdown]
# ## 8 The game
#
# The algorithm of Goodfellow and others, exactly:
#
# > repeat `rounds` times
# >> repeat `k` times: take a batch of data, draw fresh noise, make a discriminator step
# >
# >> draw fresh noise, make a generator step
#
# **Task (4 points).**
# Write `train_gan(generator, discriminator, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k)`.
#
# * `next_batch()` gives the next batch of data, `(N, D)`; batches may differ in size. Every discriminator step takes a new one.
# * `draw_noise(N)` gives `N` fresh rows of noise. Call it once for every discriminator step, with the size of its batch, and once for every generator step, with the size of the round's last batch.
# * Return two lists: the loss of every discriminator step, in order (`rounds · k` numbers), and of every generator step (`rounds` numbers).
#
# Use your two steps.
# The checks compare the parameters of both networks after several rounds, and count what you drew.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "train_gan", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_gan(
    generator, discriminator, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k
):
    """Play the adversarial game: in each round k steps of the discriminator, then one of the generator.

    Args:
        generator, discriminator: modules (N, Z) -> (N, D) and (N, D) -> (N, 1).
        optimizer_G, optimizer_D: torch optimisers, each of its own network's parameters.
        next_batch: function () -> data, tensor (N, D).
        draw_noise: function N -> noise, tensor (N, Z).
        rounds: number of rounds.
        k: discriminator steps in each round.

    Returns:
        The discriminator's losses, a list of rounds·k numbers; the generator's, a list of `rounds` numbers.
    """
    ### BEGIN SOLUTION
    losses_D, losses_G = [], []
    for _ in range(rounds):
        for _ in range(k):
            real = next_batch()
            noise = draw_noise(len(real))
            losses_D.append(discriminator_step(generator, discriminator, optimizer_D, real, noise))
        noise = draw_noise(len(real))
        losses_G.append(generator_step(generator, discriminator, optimizer_G, noise))
    return losses_D, losses_G
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_train_gan", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check(train_gan)

# %% [markdown]
# **What it gives you.**
# Eight Gaussians on a circle, the standard test of whether a generator covers *all* of its data.
# Both networks have two hidden layers; the generator starts from two-dimensional noise.

# %% tags=["demonstration"]
MODES = 8
angles = 2 * np.pi * np.arange(MODES) / MODES
centres = 2 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
SPREAD = 0.1


def ring_source(seed, N=128):
    """Make a function () -> a batch of N points from eight Gaussians on a circle, (N, 2)."""
    rng = torch.Generator().manual_seed(seed)
    places = torch.tensor(centres, dtype=torch.float32)

    def next_batch():
        chosen = torch.randint(MODES, (N,), generator=rng)
        return places[chosen] + SPREAD * torch.randn(N, 2, generator=rng)

    return next_batch


def play(
    generator, discriminator, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k, title
):
    """Call train_gan in portions, with a progress bar and growing curves; give the last losses."""
    curve, portion = (
        LiveCurve("rounds", "loss (nats)", "discriminator", "generator", title=title),
        rounds // 30,
    )
    for done in tqdm(range(portion, rounds + 1, portion), desc=title, unit=f"{portion} rounds"):
        losses_D, losses_G = train_gan(
            generator, discriminator, optimizer_G, optimizer_D, next_batch, draw_noise, portion, k
        )
        curve.add(done, discriminator=np.mean(losses_D), generator=np.mean(losses_G))
    curve.axes.axhline(math.log(4), color="grey", linestyle="dashed", label="log 4")
    curve.close()
    return np.mean(losses_D), np.mean(losses_G)


ring_generator = OwnNetwork(generator, [2, 64, 64, 2], seed=0)
ring_discriminator = OwnNetwork(discriminator, [2, 64, 64, 1], seed=1)
ring_losses = play(
    ring_generator,
    ring_discriminator,
    adam(ring_generator),
    adam(ring_discriminator),
    ring_source(5),
    noise_source(6, 2),
    rounds=3000,
    k=1,
    title="eight Gaussians",
)
ring_samples = ring_generator(noise_source(7, 2)(2000)).detach().numpy().astype(np.float64)

# %% tags=["demonstration"]


def show_samples(samples, title):
    axes = labelled_axes("$x_1$", "$x_2$", title)
    axes.plot(*samples.T, ".", markersize=2)
    axes.plot(*centres.T, "+", markersize=12, color=COLOURS[1])
    axes.set_aspect("equal")
    plt.show()


show_samples(ring_samples, "samples of the generator, and the eight centres")


# %% [markdown]
# Read the curves.
# They do not fall like the loss of a classifier: each player's loss depends on how good the other one is.
# Both hover near the values of an undecided discriminator, $\log 4$ and $\log 2$.
# So the curves do not tell you whether the samples are good.
# That needs a measure of its own.
#
# ## 9 Which modes are covered?
#
# **Task (2 points).**
# Write `mode_coverage(samples, centres, radius, minimum)`.
# Each sample belongs to its *nearest* centre (Euclidean distance), and counts for it if it is not farther away than `radius`.
# Return
#
# * `counts`: how many samples count for each centre, `(K,)` integers;
# * `covered`: how many centres have at least `minimum` of them;
# * `quality`: the share of all samples that count for some centre.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "mode_coverage", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mode_coverage(samples, centres, radius, minimum):
    """Count the samples near each mode.

    Args:
        samples: (N, D).
        centres: the modes, (K, D).
        radius: the largest distance at which a sample counts.
        minimum: how many samples it takes for a mode to be covered.

    Returns:
        counts (K,); covered, an integer; quality, a number from 0 to 1.
    """
    ### BEGIN SOLUTION
    distance = np.linalg.norm(samples[:, None] - centres, axis=2)
    good = distance.min(axis=1) <= radius
    counts = np.bincount(distance.argmin(axis=1)[good], minlength=len(centres))
    return counts, int(np.sum(counts >= minimum)), good.mean()
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_mode_coverage", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(mode_coverage)


# %% [markdown]
# **What it gives you.**
# A verdict, with a radius of three standard deviations.
# And a second run: the same networks, but a generator that learns ten times faster than its discriminator.
# Look at the losses first: can you tell the runs apart by them?


# %% tags=["demonstration"]
def judge_ring(name, losses, samples):
    counts, covered, quality = mode_coverage(samples, centres, radius=3 * SPREAD, minimum=20)
    print(f"{name}: losses {losses[0]:.2f} and {losses[1]:.2f}")
    print(
        f"    {covered} of {MODES} modes, {100 * quality:.0f} % of the samples on a mode; {counts}"
    )


hasty_generator = OwnNetwork(generator, [2, 64, 64, 2], seed=0)
hasty_discriminator = OwnNetwork(discriminator, [2, 64, 64, 1], seed=1)
hasty_losses = play(
    hasty_generator,
    hasty_discriminator,
    adam(hasty_generator, lr=2e-3),
    adam(hasty_discriminator, lr=2e-4),
    ring_source(5),
    noise_source(6, 2),
    rounds=1200,
    k=1,
    title="a hasty generator",
)
hasty_samples = hasty_generator(noise_source(7, 2)(2000)).detach().numpy().astype(np.float64)
judge_ring("equal pace", ring_losses, ring_samples)
judge_ring("hasty", hasty_losses, hasty_samples)
show_samples(hasty_samples, "samples of the hasty generator")

# %% [markdown]
# Play with the causes: pace of the two players, $k$, spread of the modes, and how many samples the discriminator judges at once.

# %% tags=["demonstration"]
ModeCollapse()


# %% [markdown]
# **Written answer (2 points).**
# A generator has collapsed: all its samples lie on one of the eight modes.
# (a) Why can this be a *good* reply to the discriminator of that moment, and what happens next?
# (b) A friend compares the losses, and the mean of his samples, with those of a good run. Name a generator that has the right mean and covers no mode at all, say why the losses do not help, and what to measure instead.

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "collapse_why", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# **Model answer.**
# (a) The generator's loss asks of each sample by itself that $D$ takes it for data; nothing in it asks for variety.
# Against a *fixed* $D$ the best reply is to put every sample where $D$ is largest, which is one place.
# The discriminator then learns that this place is full of generated samples and lowers its answer there, so the generator moves on to the next mode: the two chase each other round the circle instead of converging.
# In the game of the theory $D$ is best for every $G$ ($\max_D$ inside $\min_G$); alternating steps do not keep that order.
#
# (b) Put every sample at the centre of the circle, $(0, 0)$: its mean is that of the data, and no sample lies on a mode.
# The losses measure the pair of players, not the samples: near $\log 4$ and $\log 2$ they say that *this* $D$ cannot tell, be it because the samples are good or because $D$ is slow, as in the hasty run.
# Measure the samples themselves: how many modes have enough samples near them, and what share of the samples lies on a mode.
#
# Marking: 1: reply to a fixed $D$, no term for variety (½), and the chase (½). 1: a counterexample with the right mean (½); why losses do not help, and a measure of coverage and quality (½).
# ### END SOLUTION

# %% [markdown]
# ## 10 What a code says about a sample
#
# The generator's noise has no meaning.
# InfoGAN gives a part of it one: a code $c$ goes in beside $z$, and the generator is rewarded when the code can be read off the sample.
# "Can be read off" is measured by the mutual information,
#
# $$I(X; Y) = H(X) - H(X \mid Y), \qquad H(X) = -\sum_x p(x) \log p(x), \qquad H(X \mid Y) = -\sum_{x, y} p(x, y) \log \frac{p(x, y)}{p(y)} .$$
#
# (One lecture prints both entropies without their minus signs. What would the information of a fair coin about itself be?)
#
# **Task (1 point).**
# Write `mutual_information(joint)`, which gives $H(X)$, $H(X \mid Y)$ and $I(X; Y)$ in nats.
# `joint[x, y]` is $p(x, y)$: rows are values of $X$, columns of $Y$; entries, and whole columns, may be zero.
# Build it from NumPy; `scipy` and `sklearn` are not allowed.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "mutual_information", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mutual_information(joint):
    """Give entropy, conditional entropy and mutual information of two discrete variables.

    Args:
        joint: probabilities p(x, y), (A, B), which sum to one.

    Returns:
        H(X), H(X|Y), I(X; Y), three numbers in nats.
    """
    ### BEGIN SOLUTION
    p_x = joint.sum(axis=1)
    p_x = p_x[p_x > 0]
    entropy = -np.sum(p_x * np.log(p_x))
    possible = joint > 0
    p_y = np.broadcast_to(joint.sum(axis=0), joint.shape)
    conditional_entropy = -np.sum(joint[possible] * np.log(joint[possible] / p_y[possible]))
    return entropy, conditional_entropy, entropy - conditional_entropy
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_mutual_information", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(mutual_information)

# %% [markdown]
# **What it gives you.**
# A fair coin and what a noisy observer knows about it, from "sees it exactly" to "guesses".

# %% tags=["demonstration"]
for error in (0.0, 0.1, 0.3, 0.5):
    entropy, left, information = mutual_information(
        np.array([[1 - error, error], [error, 1 - error]]) / 2
    )
    print(
        f"wrong in {100 * error:2.0f} % of the cases: H(X) = {entropy:.3f}, H(X|Y) = {abs(left):.3f}, I = {information:.3f} nats"
    )


# %% [markdown]
# ## 11 InfoGAN
#
# $I(c; G(z, c))$ itself cannot be computed: it needs the distribution of the code given a sample.
# A third network $Q(c \mid x)$ guesses it, and any guess gives a lower bound:
#
# $$L_I = \mathbb{E}[\log Q(c \mid G(z, c))] + H(c) \;\le\; I(c; G(z, c)), \qquad \min_{G, Q} \max_D \; V(D, G) - \lambda\, L_I(G, Q) .$$
#
# **Task (2 points).**
# Write `infogan_loss(fake_logits, code_logits, code, weight)`: what $G$ and $Q$ minimise together,
#
# $$L_{\text{non-saturating}} - \lambda L_I ,$$
#
# for a code that takes each of $K$ values with equal probability, so that $H(c) = \log K$.
# `code_logits` are $Q$'s logits (before the softmax), `code` the codes that went into $G$, `weight` is $\lambda$; the expectation is the mean over the batch.
# Use your `generator_loss`.
# The logits may be as large as ±900.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "infogan_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def infogan_loss(fake_logits, code_logits, code, weight):
    """Give what generator and code reader minimise, in nats.

    Args:
        fake_logits: D's logits on generated samples, tensor (N, 1).
        code_logits: Q's logits on the same samples, tensor (N, K).
        code: the code of each sample, integers 0 … K−1, tensor (N,).
        weight: λ, a number.

    Returns:
        The loss, a tensor without axes, differentiable in both logits.
    """
    ### BEGIN SOLUTION
    bound = math.log(code_logits.shape[1]) - functional.cross_entropy(code_logits, code)
    return generator_loss(fake_logits, "non-saturating") - weight * bound
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_infogan_loss", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(infogan_loss)


# %% [markdown]
# **What it gives you.**
# The eight Gaussians once more, with a code of eight values and λ = 0 or 0.3.
# Nobody tells the networks which point belongs to which Gaussian.
# The table shows how many samples with code $c$ (rows) fall nearest to centre $j$ (columns).


# %% tags=["demonstration"]
def train_infogan(weight, rounds, seed, N=128):
    """Train on the ring; give the codes of 2000 samples and the number of the centre nearest to each."""
    G = OwnNetwork(generator, [2 + MODES, 64, 64, 2], seed)
    D = OwnNetwork(discriminator, [2, 64, 64, 1], seed + 1)
    Q = initialize(
        {"factory": "mlp", "sizes": [2, 64, MODES], "activation": "leaky_relu"}, seed + 2
    )
    optimizer_D, optimizer_GQ = adam(D), adam(G, Q)
    rng = torch.Generator().manual_seed(seed)
    next_batch = ring_source(seed, N)

    def draw_code_and_noise(N):
        code = torch.randint(MODES, (N,), generator=rng)
        return code, torch.cat(
            [torch.randn(N, 2, generator=rng), functional.one_hot(code, MODES)], dim=1
        )

    for _ in tqdm(range(rounds), desc=f"InfoGAN, λ = {weight}", unit="round"):
        discriminator_step(G, D, optimizer_D, next_batch(), draw_code_and_noise(N)[1])
        code, noise = draw_code_and_noise(N)
        fake = G(noise)
        loss = infogan_loss(D(fake), Q(fake), code, weight)
        optimizer_GQ.zero_grad()
        loss.backward()
        optimizer_GQ.step()
    code, noise = draw_code_and_noise(2000)
    samples = G(noise).detach().numpy()
    return code.numpy(), np.linalg.norm(samples[:, None] - centres, axis=2).argmin(axis=1)


for weight in (0.0, 0.3):
    code, nearest = train_infogan(weight, rounds=1500, seed=10)
    table = np.zeros((MODES, MODES), dtype=int)
    np.add.at(table, (code, nearest), 1)
    information = mutual_information(table / table.sum())[2]
    print(
        f"λ = {weight}: the code tells {information:.3f} of {math.log(MODES):.3f} nats about the Gaussian\n{table}\n"
    )

# %% [markdown]
# ## 12 Digits
#
# Now real images: 8,000 digits, and your `train_gan` as it is.
# The generator's last layer is a tanh, so the images are scaled to $[-1, 1]$: if the ranges differed, the discriminator would tell data from copies by their range alone.
# Both networks are as small as a laptop likes, and the training lasts half a minute; do not expect a museum.

# %% tags=["demonstration"]
images, labels, test_images, test_labels = mnist()
pixels = torch.from_numpy(images.reshape(len(images), -1)) * 2 - 1
test_pixels = torch.from_numpy(test_images.reshape(len(test_images), -1)) * 2 - 1


def digit_source(seed, N=64):
    """Make a function () -> a batch of N images, (N, 784)."""
    rng = torch.Generator().manual_seed(seed)
    return lambda: pixels[torch.randint(len(pixels), (N,), generator=rng)]


Z = 32
digit_generator = nn.Sequential(OwnNetwork(generator, [Z, 128, 784], seed=0), nn.Tanh())
digit_discriminator = OwnNetwork(discriminator, [784, 128, 1], seed=1)
play(
    digit_generator,
    digit_discriminator,
    adam(digit_generator),
    adam(digit_discriminator),
    digit_source(2),
    noise_source(3, Z),
    rounds=5100,
    k=1,
    title="digits",
)
generated = digit_generator(noise_source(4, Z)(1000)).detach()
image_grid(generated[:40].numpy().reshape(-1, 28, 28))
plt.show()

# %% [markdown]
# You see strokes, and among them digits.
# Now the judge: a small classifier, trained on the labelled digits.
# A point of its output space is a vector of ten probabilities, and the ten modes are the corners of that space, "surely a 0" to "surely a 9".
# So your `mode_coverage` can judge digits too: a sample counts for a class when the classifier is nearly sure.

# %% tags=["demonstration"]
classifier = initialize({"factory": "mlp", "sizes": [784, 64, 10]}, seed=5)
optimizer = torch.optim.Adam(classifier.parameters(), lr=2e-3)
targets, order = torch.from_numpy(labels), torch.Generator().manual_seed(6)
for _ in tqdm(range(1000), desc="training the judge", unit="update"):
    chosen = torch.randint(len(pixels), (64,), generator=order)
    loss = functional.cross_entropy(classifier(pixels[chosen]), targets[chosen])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def probabilities(pixels):
    with torch.no_grad():
        return torch.softmax(classifier(pixels), dim=1).numpy().astype(np.float64)


accuracy = np.mean(probabilities(test_pixels).argmax(axis=1) == test_labels)
print(f"the judge reads {100 * accuracy:.0f} % of the test digits rightly")
for name, samples in (
    ("test digits", test_pixels[:1000]),
    ("generated", generated),
    ("uniform noise", torch.rand(1000, 784) * 2 - 1),
):
    counts, covered, quality = mode_coverage(
        probabilities(samples), np.eye(10), radius=0.3, minimum=20
    )
    print(
        f"{name:>13}: {covered:2d} of 10 classes, {100 * quality:3.0f} % read with confidence; {counts}"
    )

# %% [markdown]
# Compare the rows.
# Fewer of the generated digits are read with confidence than of real ones, and the counts are less even: digits that are hard to draw, or that look like a neighbour, are rare or missing.
# The last row says that the judge is not fooled by plain noise.
# It can be fooled all the same: it is itself wrong for one test digit in ten, and it has never seen anything but digits, so that it must call every picture one of the ten.
# A judge of this kind is an instrument with an error of its own; your eyes belong to the verdict, and so does the next question.
#
# **Is the generator copying?**
# Each generated image below stands above the training image nearest to it.
# Equal pairs would mean that the network has learnt images by heart; it has not, and it never saw one: only slopes that came through the discriminator.

# %% tags=["demonstration"]
nearest = torch.cdist(generated[:10], pixels).argmin(dim=1)
image_grid(torch.cat([generated[:10], pixels[nearest]]).numpy().reshape(-1, 28, 28))
plt.show()

# %% [markdown]
# **To try.**
# Train with `k=3`, or with the saturating loss in `generator_step`, and judge again with the same numbers.
# Draw two noise vectors, go from one to the other in ten steps, and show the images: do they change all at once or little by little?
# Give the generator a code of ten values as in section 11: does it find the ten digits without being told?
#
# Pictures, voices and videos made by larger networks of this kind are used to deceive as well as to draw.
# You now know what such a network optimises: to be taken for real by a judge, and nothing else.
