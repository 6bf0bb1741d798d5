# %% [markdown]
# # 5 Optimisation
#
# Backpropagation says which way is down; how far to go, and whether to trust the slope of a hundred examples, it does not say.
# In this notebook you write, derive, mend and recognise the rules that the lectures name, from the plain step of gradient descent to Adam, two more that they do not name, Nesterov's and AdamW, and the loop that all of them run in.
# At the end your loop trains a reader of handwritten digits eight times over, and you see what each rule is good for.
#
# It takes about 3 hours.
#
# **How to work here.**
# Each task has a text, a cell for your answer (replace `raise NotImplementedError`), and a cell that checks it.
# Run the check as often as you like: it tells you what is right, what is not, and, when it recognises the slip, which one.
# Everything needs only the cells above it.
# The chapter [Optimisation](../../book/05_optimization.md) explains the theory; [Notation](../../book/notation.md) explains the letters.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch
from tqdm.auto import tqdm

from dlarch import check
from dlarch.data import mnist
from dlarch.figures import LossSurface
from dlarch.plots import COLOURS, LiveCurve, labelled_axes


# %% [markdown]
# Three conventions hold in the whole notebook.
#
# * An update rule works on one array at a time, of any shape, entry by entry.
# * It returns new arrays and leaves its arguments as they are: no `+=` on an argument, which would change the caller's array.
# * Everything is NumPy; `torch`, `scipy` and `sklearn` are not allowed in the answers.
#
# A check lets your rule make several steps, each from where the last one ended.
#
# ## 1 One step downhill
#
# The gradient $g = \partial E / \partial \theta$ points to where the error grows fastest.
# Gradient descent takes a step against it, as long as the slope is steep:
#
# $$\theta \leftarrow \theta - \eta\, g .$$
#
# With the gradient of a few examples in place of all, the same line is *stochastic* gradient descent, SGD.
#
# **Task (1 point).**
# Write `sgd_step(parameter, gradient, learning_rate)`.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "sgd_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sgd_step(parameter, gradient, learning_rate):
    """Take one step against the gradient.

    Args:
        parameter: θ, any shape.
        gradient: g, the same shape; a mean over the batch already.
        learning_rate: η, a number.

    Returns:
        the new parameter, the same shape.
    """
    ### BEGIN SOLUTION
    return parameter - learning_rate * gradient
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_sgd_step", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(sgd_step)


# %% [markdown]
# ### Say it before you see it
#
# A bowl is the simplest landscape: $E = \tfrac12 c\, \theta^2$ in each direction, with the curvature $c$.
# Three things can happen to an entry that starts beside the minimum:
# it comes nearer in every step and stays on its side (`"straight"`),
# it comes nearer and changes sides in every step (`"zigzag"`),
# or it gets farther away (`"away"`).
#
# **Task (1 point).**
# Write `predict_descent(curvature, learning_rate)`, which says which of the three it will be, and only then run the cell below its check.
# (The learning rates of the check are never at a limit between two of them.)


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "predict_descent", "locked": false, "schema_version": 3, "solution": true, "task": false}
def predict_descent(curvature, learning_rate):
    """Say how gradient descent will move in a bowl, without letting it move.

    Args:
        curvature: c > 0 of E = ½ c θ².
        learning_rate: η > 0.

    Returns:
        "straight", "zigzag" or "away".
    """
    ### BEGIN SOLUTION
    factor = 1 - learning_rate * curvature  # of θ, in every step
    if factor > 0:
        return "straight"
    return "zigzag" if factor > -1 else "away"
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_predict_descent", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(predict_descent)

# %% [markdown]
# **What it gives you.**
# Two directions with the curvatures 1 and 10, and three rates.
# Above each picture stands what you said of its two directions: is it what happens?

# %% tags=["demonstration"]
curvature, start = np.array([1.0, 10.0]), np.array([-4.0, 1.0])
panels = plt.subplots(1, 3, figsize=(9.6, 3.0), layout="constrained", sharey=True)[1]
side_1, side_2 = np.meshgrid(np.linspace(-5, 5, 81), np.linspace(-2, 2, 61))
bowl = (curvature[0] * side_1**2 + curvature[1] * side_2**2) / 2
for axes, learning_rate in zip(panels, (0.02, 0.17, 0.203), strict=True):
    path = [start]
    for _ in range(25):
        path.append(sgd_step(path[-1], curvature * path[-1], learning_rate))
    said = [predict_descent(c, learning_rate) for c in curvature]
    axes.contour(side_1, side_2, bowl, levels=[0.1, 0.5, 2, 5, 10, 20], colors="grey", alpha=0.5)
    axes.plot(*np.array(path).T, ".-", color=COLOURS[0])
    axes.set(
        xlabel="θ₁", title=f"η = {learning_rate}: {said[0]}, {said[1]}", xlim=(-5, 5), ylim=(-2, 2)
    )
    print(f"η = {learning_rate}: you said {said}; after 25 steps at {path[-1].round(3)}")
panels[0].set_ylabel("θ₂")
plt.show()


# %% [markdown]
# ## 2 The learning rate over time
#
# With noisy gradients a constant rate never comes to rest.
# A rate that falls does, if it falls neither too slowly nor too fast.
# Robbins and Monro asked for two conditions:
#
# $$\sum_{t=1}^{\infty} \eta_t = \infty \qquad \text{and} \qquad \sum_{t=1}^{\infty} \eta_t^2 < \infty .$$
#
# The first one makes every place reachable, however far away; the second one makes the noise die out.
# The schedules of the family
#
# $$\eta_t = \frac{\text{scale}}{(\text{offset} + t)^{\,\text{power}}}$$
#
# are judged by their power alone.
#
# **Task (2 points).**
# Write `robbins_monro(t, scale, offset, power)`.
# It returns the rates at the iterations `t` (an integer array), and then two booleans: does the sum of all $\eta_t$ diverge, and does the sum of their squares converge?
# (`scale` > 0, `offset` ≥ 0, and every `t` is at least 1. No sum has to be computed.)


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "robbins_monro", "locked": false, "schema_version": 3, "solution": true, "task": false}
def robbins_monro(t, scale, offset, power):
    """Give the rates of a schedule, and say which of the two conditions it meets.

    Args:
        t: numbers of iterations, (T,) integers from 1 on.
        scale, offset, power: of the schedule scale / (offset + t)^power.

    Returns:
        learning_rate, (T,); sum_diverges, a boolean; squares_converge, a boolean.
    """
    ### BEGIN SOLUTION
    learning_rate = scale / (offset + t) ** power
    return learning_rate, power <= 1, 2 * power > 1
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_robbins_monro", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(robbins_monro)

# %% [markdown]
# **What it gives you.**
# The oldest stochastic approximation: find the mean of a stream of numbers and keep only the present guess.
# With $E = \tfrac12 (\theta - x_t)^2$ the gradient at one number is $\theta - x_t$, and your `sgd_step` does the rest.
# The numbers below have mean 0 and standard deviation 1, and the guess starts at 10.
# Predict which of the five powers arrive, then look at what your function says about them.

# %% tags=["demonstration"]
rng = np.random.default_rng(0)
t = np.arange(1, 2001)
stream = rng.normal(size=(len(t), 300))  # 300 streams side by side
axes = labelled_axes("iteration t", "typical distance from the mean", "one number at a time")
for power in (0.0, 0.5, 0.75, 1.0, 1.5):
    rates, arrives, settles = robbins_monro(t, 1.0, 9.0, power)
    guess, distances = np.full(300, 10.0), []
    for x_t, rate in zip(stream, rates, strict=True):
        guess = sgd_step(guess, guess - x_t, rate)
        distances.append(np.sqrt(np.mean(guess**2)))
    axes.loglog(t, distances, label=f"power {power:g}")
    print(
        f"power {power:4}: sum diverges {arrives!s:5}, squares converge {settles!s:5}, "
        f"distance at the end {distances[-1]:.3f}"
    )
axes.legend(frameon=False)
plt.show()


# %% [markdown]
# ### A schedule for a training that ends
#
# The two conditions speak of infinitely many iterations; a real training has a budget.
# A common plan: *warm up* along a straight line, because the first gradients are wild, and then follow half a period of a cosine from the maximum down to the minimum.
# With $t = 1, 2, \dots, T$ for the iterations and $w$ for the length of the warm-up,
#
# $$\eta_t = \begin{cases}
# \eta_{\max}\, \dfrac{t}{w} & \text{if } t \le w, \\[2ex]
# \eta_{\min} + \tfrac12 (\eta_{\max} - \eta_{\min}) \left( 1 + \cos\Bigl( \pi\, \dfrac{t - w}{T - w} \Bigr) \right) & \text{if } t > w .
# \end{cases}$$
#
# So $\eta_w = \eta_{\max}$ and $\eta_T = \eta_{\min}$.
#
# **Task (1 point).**
# Write `cosine_schedule(t, iterations, maximum, minimum, warmup)` for one number `t`.
# `warmup` may be 0: then there is no warm-up.
# The check asks for every $t$ from 1 to $T$; entry 0 of its answer is $t = 1$.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "cosine_schedule", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cosine_schedule(t, iterations, maximum, minimum, warmup):
    """Give the learning rate of one iteration: linear warm-up, then half a cosine.

    Args:
        t: the iteration, 1 to iterations.
        iterations: T, of the whole training.
        maximum, minimum: largest rate, and the rate of the last iteration.
        warmup: w, the iterations of the warm-up, 0 ≤ w < T.

    Returns:
        the learning rate, a number.
    """
    ### BEGIN SOLUTION
    if t <= warmup:
        return maximum * t / warmup
    progress = (t - warmup) / (iterations - warmup)
    return minimum + (maximum - minimum) * (1 + np.cos(np.pi * progress)) / 2
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_cosine_schedule", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(cosine_schedule)

# %% tags=["demonstration"]
axes = labelled_axes("iteration t", "learning rate", "800 iterations, 80 of them warm-up")
t = np.arange(1, 801)
axes.plot(t, [cosine_schedule(n, 800, 0.3, 0.0, 80) for n in t], label="cosine")
axes.plot(t, robbins_monro(t, 24.0, 79.0, 1.0)[0], label="24 / (79 + t)")
axes.legend(frameon=False)
plt.show()


# %% [markdown]
# ## 3 Steps that remember
#
# In a long valley the gradient points across it, again and again, and hardly along it.
# A ball would do better: what the gradients have in common adds up, what changes its sign cancels.
# The *velocity* is a sum of gradients that slowly forgets: after the gradients $g_1, \dots, g_t$,
#
# $$v_t = \sum_{j=1}^{t} \mu^{\,t-j} g_j , \qquad \theta_{t+1} = \theta_t - \eta\, v_t ,$$
#
# with the *momentum* $\mu$ (often 0.9).
# Texts differ in where they put $\eta$ and the sign; these are PyTorch's conventions, and ours.
#
# **Task (2 points).**
# No program keeps all old gradients.
# Find how $v_t$ comes from $v_{t-1}$ and the newest gradient alone, on paper; the page has the answer folded, to be opened after your check.
# Then write `momentum_step(parameter, gradient, velocity, learning_rate, momentum)`.
# Return the new parameter and the new velocity, in this order.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "momentum_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def momentum_step(parameter, gradient, velocity, learning_rate, momentum):
    """Take one step with momentum.

    Args:
        parameter, gradient: θ and g, one shape.
        velocity: v, the same shape; zeros before the first step.
        learning_rate, momentum: η and μ, numbers.

    Returns:
        the new parameter and the new velocity.
    """
    ### BEGIN SOLUTION
    velocity = momentum * velocity + gradient
    return parameter - learning_rate * velocity, velocity
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_momentum_step", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(momentum_step)


# %% [markdown]
# Nesterov's method asks for the slope not where the ball is but where its velocity is about to carry it.
# With the ball at $\varphi$ and the velocity $v$ of before, one step is
#
# $$v' = \mu\, v + \frac{\partial E}{\partial\theta}(\varphi - \eta\mu\, v), \qquad \varphi' = \varphi - \eta\, v' .$$
#
# A program would rather store the place where the gradient is taken, $\theta = \varphi - \eta\mu\, v$, and call the gradient there $g$.
#
# **Task (2 points).**
# Find how the next such place, $\theta' = \varphi' - \eta\mu\, v'$, comes from $\theta$, $g$ and $v'$ alone: $\varphi$ and the old $v$ should drop out.
# Then write `nesterov_step(parameter, gradient, velocity, learning_rate, momentum)`, which returns the new parameter and the new velocity.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "nesterov_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def nesterov_step(parameter, gradient, velocity, learning_rate, momentum):
    """Take one step with Nesterov's momentum.

    Args:
        parameter, gradient: θ and g, one shape; the gradient was taken at this θ.
        velocity: v, the same shape; zeros before the first step.
        learning_rate, momentum: η and μ, numbers.

    Returns:
        the new parameter and the new velocity.
    """
    ### BEGIN SOLUTION
    velocity = momentum * velocity + gradient
    return parameter - learning_rate * (gradient + momentum * velocity), velocity
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_nesterov_step", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(nesterov_step)


# %% [markdown]
# ### How long may a step with momentum be?
#
# Plain descent needs $\eta < 2/c$ in every direction of a bowl.
# Does the memory make the limit smaller, because steps add up, or larger?
#
# **Task (2 points).**
# Write `largest_rate(curvature, momentum)`: the rate below which `momentum_step` comes to the minimum of $E = \tfrac12 \sum_i c_i \theta_i^2$ from every start, and above which it does not.
# An error of 1 % is allowed, so you may derive it or let your program search for it with your own `momentum_step`; a check lets it search for some seconds.
# (A start: at the limit an entry jumps between $\theta$ and $-\theta$. What is the velocity then?)


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "largest_rate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def largest_rate(curvature, momentum):
    """Find the limit of the learning rate for descent with momentum in a bowl.

    Args:
        curvature: c, (D,), all positive.
        momentum: μ, 0 ≤ μ < 1.

    Returns:
        the largest learning rate with which it still converges, a number.
    """
    ### BEGIN SOLUTION
    # at the limit θ and v change their signs in every step: v = μ (−v) + cθ, and ηv = 2θ
    return 2 * (1 + momentum) / curvature.max()
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_largest_rate", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(largest_rate)

# %% [markdown]
# **What it gives you.**
# A valley that is a hundred times steeper across than along, and for each rule the best settings that theory knows for it.
# SGD keeps the fraction $(\kappa - 1)/(\kappa + 1)$ of the distance in each step, momentum in the long run $(\sqrt\kappa - 1)/(\sqrt\kappa + 1)$, where $\kappa = 100$ is the ratio of the curvatures.
# In how many steps is that a factor of a million?

# %% tags=["demonstration"]
curvature, kappa = np.array([1.0, 100.0]), 100.0
mu = ((np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1)) ** 2
settings = {
    "SGD": (sgd_step, 2 / (1 + kappa), None),
    "momentum": (momentum_step, 4 / (1 + np.sqrt(kappa)) ** 2, mu),
    "Nesterov": (nesterov_step, 1 / kappa, (np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1)),
}
axes = labelled_axes("step", "distance from the minimum", "a valley with κ = 100")
for name, (rule, learning_rate, momentum) in settings.items():
    theta, velocity, distances = np.ones(2), np.zeros(2), []
    for _ in range(300):
        distances.append(np.linalg.norm(theta))
        if momentum is None:
            theta = rule(theta, curvature * theta, learning_rate)
        else:
            theta, velocity = rule(theta, curvature * theta, velocity, learning_rate, momentum)
    axes.semilogy(distances, label=name)
    reached = np.flatnonzero(np.array(distances) < 1e-6 * distances[0])
    print(
        f"{name:8} "
        + (
            f"a millionth after {reached[0]} steps"
            if len(reached)
            else f"after 300 steps {distances[-1] / distances[0]:.0e} of the distance"
        )
    )
axes.legend(frameon=False)
plt.show()


# %% [markdown]
# ## 4 A rate for every weight
#
# One rate for all weights has to suit the steepest of them.
# But a weight that is rarely used, or far from the output, has small gradients, and would like longer steps.
# The next five rules measure how large each entry's gradients are, and divide by that.
# All operations are entry by entry: $g^2$ squares every entry, and the root and the division act on every entry.
#
# ### AdaGrad
#
# $$s \leftarrow s + g^2, \qquad \theta \leftarrow \theta - \eta\, \frac{g}{\sqrt{s} + \varepsilon} .$$
#
# The small number $\varepsilon$ is added to the root, not to $s$.
#
# **Task (1 point).**
# Write `adagrad_step(parameter, gradient, square_sum, learning_rate, epsilon)`, which returns the new parameter and the new $s$.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "adagrad_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def adagrad_step(parameter, gradient, square_sum, learning_rate, epsilon):
    """Take one step of AdaGrad.

    Args:
        parameter, gradient: θ and g, one shape.
        square_sum: s, the same shape; zeros before the first step.
        learning_rate, epsilon: η and ε, numbers.

    Returns:
        the new parameter and the new square_sum.
    """
    ### BEGIN SOLUTION
    square_sum = square_sum + gradient**2
    return parameter - learning_rate * gradient / (np.sqrt(square_sum) + epsilon), square_sum
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_adagrad_step", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(adagrad_step)


# %% [markdown]
# ### RMSProp
#
# AdaGrad never forgets: its steps get shorter and shorter, whether it has arrived or not.
# RMSProp replaces the sum by an average that forgets, with the *decay* $\rho$ (often 0.9 or 0.99):
#
# $$s \leftarrow \rho\, s + (1 - \rho)\, g^2, \qquad \theta \leftarrow \theta - \eta\, \frac{g}{\sqrt{s} + \varepsilon} .$$
#
# **Task (1 point).**
# Write `rmsprop_step(parameter, gradient, square_average, learning_rate, decay, epsilon)`, which returns the new parameter and the new $s$.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "rmsprop_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rmsprop_step(parameter, gradient, square_average, learning_rate, decay, epsilon):
    """Take one step of RMSProp.

    Args:
        parameter, gradient: θ and g, one shape.
        square_average: s, the same shape; zeros before the first step.
        learning_rate, decay, epsilon: η, ρ and ε, numbers.

    Returns:
        the new parameter and the new square_average.
    """
    ### BEGIN SOLUTION
    square_average = decay * square_average + (1 - decay) * gradient**2
    step = learning_rate * gradient / (np.sqrt(square_average) + epsilon)
    return parameter - step, square_average
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_rmsprop_step", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(rmsprop_step)


# %% [markdown]
# ### Adadelta
#
# In RMSProp the gradient is divided by a gradient, so that a step has the unit of $\eta$ and not that of $\theta$.
# Adadelta puts the typical size of the *past steps* in the numerator, and needs no learning rate at all:
#
# $$\begin{aligned}
# s &\leftarrow \rho\, s + (1 - \rho)\, g^2, \\
# \Delta &= - \frac{\sqrt{u + \varepsilon}}{\sqrt{s + \varepsilon}}\; g, \\
# u &\leftarrow \rho\, u + (1 - \rho)\, \Delta^2, \\
# \theta &\leftarrow \theta + \Delta .
# \end{aligned}$$
#
# Here, and only here, $\varepsilon$ stands *inside* the roots: it sets the size of the very first steps.
# Mind the order: $\Delta$ uses the new $s$ and the old $u$.
#
# **Task (1 point).**
# Write `adadelta_step(parameter, gradient, square_average, update_average, decay, epsilon)`, which returns the new parameter, the new $s$ and the new $u$.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "adadelta_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def adadelta_step(parameter, gradient, square_average, update_average, decay, epsilon):
    """Take one step of Adadelta.

    Args:
        parameter, gradient: θ and g, one shape.
        square_average: s, the same shape; zeros before the first step.
        update_average: u, the same shape; zeros before the first step.
        decay, epsilon: ρ and ε, numbers.

    Returns:
        the new parameter, the new square_average and the new update_average.
    """
    ### BEGIN SOLUTION
    square_average = decay * square_average + (1 - decay) * gradient**2
    update = -np.sqrt(update_average + epsilon) / np.sqrt(square_average + epsilon) * gradient
    update_average = decay * update_average + (1 - decay) * update**2
    return parameter + update, square_average, update_average
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_adadelta_step", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(adadelta_step)

# %% [markdown]
# **What it gives you.**
# Two weights whose gradients are always the same, but a thousand times larger for one than for the other.
# How long are their steps?
# (Adadelta's dots lie lower only because its ε is as large as the square of the small gradient.)

# %% tags=["demonstration"]
large_and_small = np.array([1.0, 0.001])
axes = labelled_axes("step", "length of the step", "constant gradients 1 (lines) and 0.001 (dots)")
rules = {
    "SGD": (lambda p, g: (sgd_step(p, g, 0.1),), 0),
    "AdaGrad": (lambda p, g, s: adagrad_step(p, g, s, 0.1, 1e-8), 1),
    "RMSProp": (lambda p, g, s: rmsprop_step(p, g, s, 0.1, 0.9, 1e-8), 1),
    "Adadelta": (lambda p, g, s, u: adadelta_step(p, g, s, u, 0.9, 1e-6), 2),
}
for (name, (rule, memories)), colour in zip(rules.items(), COLOURS, strict=False):
    theta, memory, path = np.zeros(2), [np.zeros(2)] * memories, [np.zeros(2)]
    for _ in range(40):
        theta, *memory = rule(theta, large_and_small, *memory)
        path.append(theta)
    lengths = np.abs(np.diff(path, axis=0))
    axes.semilogy(range(1, 41), lengths[:, 0], color=colour, label=name)
    axes.semilogy(range(1, 41), lengths[:, 1], ".", color=colour)
axes.legend(frameon=False)
plt.show()


# %% [markdown]
# ### Adam
#
# Adam keeps a mean of the gradients, as momentum does, and a mean of their squares, as RMSProp does:
#
# $$m \leftarrow \beta_1 m + (1 - \beta_1)\, g, \qquad v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2 .$$
#
# Both start at 0, and in the first steps this zero is a large part of the average.
# After $t$ steps the weights of the real gradients sum to $1 - \beta^t$ only; dividing by that corrects it:
#
# $$\hat m = \frac{m}{1 - \beta_1^t}, \qquad \hat v = \frac{v}{1 - \beta_2^t}, \qquad \theta \leftarrow \theta - \eta\, \frac{\hat m}{\sqrt{\hat v} + \varepsilon} .$$
#
# **Task (3 points).**
# Here `adam_step(parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon)` is written already, and there are two slips in it that many programs had: it trains all the same.
# Find and mend both.
# `step` is $t$, and is 1 in the first step; what is returned are the new parameter, $m$ and $v$, the moments *without* the correction.
# (Where would a slip show? In the second step and later, and with small gradients: the example with numbers in [the chapter](../../book/05_optimization.md#optimization-adam) has two steps to compare with.)


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "adam_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def adam_step(
    parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon
):
    """Take one step of Adam.

    Args:
        parameter, gradient: θ and g, one shape.
        first_moment, second_moment: m and v, the same shape; zeros before the first step.
        step: t, the number of this step, 1 for the first.
        learning_rate, beta1, beta2, epsilon: η, β₁, β₂ and ε, numbers.

    Returns:
        the new parameter, the new first_moment and the new second_moment.
    """
    ### BEGIN SOLUTION
    first_moment = beta1 * first_moment + (1 - beta1) * gradient
    second_moment = beta2 * second_moment + (1 - beta2) * gradient**2
    mean = first_moment / (1 - beta1**step)
    mean_square = second_moment / (1 - beta2**step)
    update = learning_rate * mean / (np.sqrt(mean_square) + epsilon)
    return parameter - update, first_moment, second_moment
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_adam_step", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(adam_step)

# %% [markdown]
# **What it gives you.**
# With a constant gradient every step of Adam has exactly the length $\eta$.
# What would happen without the correction can be had from your own function: pretend that the training has been running for very long.
# (Such steps are three times too long at first, and six times before it gets better.)

# %% tags=["demonstration"]
axes = labelled_axes("step", "length of the step / η", "Adam with a constant gradient")
for name, pretended in (("as it is", 0), ("without bias correction", 10**6)):
    theta, m, v, lengths = np.zeros(1), np.zeros(1), np.zeros(1), []
    for t in range(1, 301):
        new, m, v = adam_step(theta, np.ones(1), m, v, t + pretended, 0.001, 0.9, 0.999, 1e-8)
        lengths.append((theta - new)[0] / 0.001)
        theta = new
    axes.plot(range(1, 301), lengths, label=name)
    print(f"{name}: first step {lengths[0]:.2f} η, longest {max(lengths):.2f} η")
axes.legend(frameon=False)
plt.show()


# %% [markdown]
# ### AdamW
#
# A penalty $\tfrac{\lambda}{2} \lVert \theta \rVert^2$ has the gradient $\lambda\theta$, and for SGD, adding it to $g$ is the same as letting the weights decay by the fraction $\eta\lambda$ in each step.
# For Adam it is not: in $g$, the decay would be divided by $\sqrt{\hat v}$ with everything else.
# AdamW keeps the two apart.
# First the parameter decays, then Adam makes its step, with the gradient $g$ of the error alone:
#
# $$\theta \leftarrow (1 - \eta\lambda)\, \theta - \eta\, \frac{\hat m}{\sqrt{\hat v} + \varepsilon} .$$
#
# **Task (1 point).**
# Write `adamw_step(parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon, weight_decay)`, with `weight_decay` for $\lambda$.
# Return the same three things as `adam_step`, which you may use.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "adamw_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def adamw_step(
    parameter, gradient, first_moment, second_moment, step,
    learning_rate, beta1, beta2, epsilon, weight_decay,
):  # fmt: skip
    """Take one step of Adam with decoupled weight decay.

    Args:
        parameter, gradient: θ and g, one shape.
        first_moment, second_moment: m and v, the same shape; zeros before the first step.
        step: t, the number of this step, 1 for the first.
        learning_rate, beta1, beta2, epsilon: η, β₁, β₂ and ε, numbers.
        weight_decay: λ, a number.

    Returns:
        the new parameter, the new first_moment and the new second_moment.
    """
    ### BEGIN SOLUTION
    decayed = parameter * (1 - learning_rate * weight_decay)
    return adam_step(
        decayed, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon
    )
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_adamw_step", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(adamw_step)

# %% [markdown]
# **What it gives you.**
# Two weights start at 1 and get gradients that are nothing but noise, a hundred times more for one than for the other.
# A decay should pull both to 0, and at the same speed.

# %% tags=["demonstration"]
rng = np.random.default_rng(1)
noise = rng.normal(size=(3000, 2)) * np.array([10.0, 0.1])
axes = labelled_axes("step", "weight", "decay through the gradient (dashed) and beside it (solid)")
for decoupled, style in ((False, "--"), (True, "-")):
    theta, m, v, path = np.ones(2), np.zeros(2), np.zeros(2), []
    for t, g in enumerate(noise, 1):
        if decoupled:
            theta, m, v = adamw_step(theta, g, m, v, t, 0.001, 0.9, 0.999, 1e-8, 0.5)
        else:
            theta, m, v = adam_step(theta, g + 0.5 * theta, m, v, t, 0.001, 0.9, 0.999, 1e-8)
        path.append(theta)
    for index, size in enumerate((10.0, 0.1)):
        label = f"noise {size:g}" if decoupled else None
        axes.plot(np.array(path)[:, index], style, color=COLOURS[index], label=label)
axes.legend(frameon=False)
plt.show()


# %% [markdown]
# ### Which rule was it?
#
# Somebody shows you the path of a training, `parameters[0]` to `parameters[T]`, and the gradients that were taken on the way, `gradients[t]` at `parameters[t]`.
# Neither the rule nor its settings are known, only that it was SGD, momentum, AdaGrad, RMSProp or Adam, with an ε too small to matter, and with nothing remembered at the start.
# The gradients were chosen to tell them apart: they differ in size between entries and steps, and are never 0, but for the last four steps, in which all are exactly 0.
#
# **Task (3 points).**
# Write `which_optimizer(parameters, gradients)`, which returns `"SGD"`, `"momentum"`, `"AdaGrad"`, `"RMSProp"` or `"Adam"`.
# (What does each of them do where the gradient is 0? How long are its first steps in different entries? Can a step become longer in relation to its gradient?)


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "which_optimizer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def which_optimizer(parameters, gradients):
    """Say which rule made a path.

    Args:
        parameters: (T + 1, D), before and after every step.
        gradients: (T, D), the gradient of each step; 0 in the last four.

    Returns:
        "SGD", "momentum", "AdaGrad", "RMSProp" or "Adam".
    """
    ### BEGIN SOLUTION
    steps = np.diff(parameters, axis=0)
    rates = np.abs(steps[:-4] / gradients[:-4])
    goes_on = np.abs(steps[-1]).max() > 1e-9 * np.abs(steps).max()
    one_rate_for_all = np.allclose(rates[0], rates[0, 0], rtol=1e-6, atol=0)
    if one_rate_for_all:
        return "momentum" if goes_on else "SGD"
    if goes_on:
        return "Adam"
    rises = (rates[1:] > rates[:-1] * (1 + 1e-6)).any()
    return "RMSProp" if rises else "AdaGrad"
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_which_optimizer", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(which_optimizer)

# %% [markdown]
# **What it gives you.**
# Your own rules, put to the test: each makes a path over gradients that nobody chose by hand, and your function says whose it is.

# %% tags=["demonstration"]
rng = np.random.default_rng(2)
slopes = rng.normal(size=(12, 3)) * np.exp(rng.uniform(-1, 1, size=(12, 3)))
slopes[5] *= 0.01
slopes[-4:] = 0
own_rules = {
    "SGD": (lambda p, g, t: (sgd_step(p, g, 0.1),), 0),
    "momentum": (lambda p, g, t, v: momentum_step(p, g, v, 0.1, 0.8), 1),
    "AdaGrad": (lambda p, g, t, s: adagrad_step(p, g, s, 0.1, 1e-12), 1),
    "RMSProp": (lambda p, g, t, s: rmsprop_step(p, g, s, 0.1, 0.9, 1e-12), 1),
    "Adam": (lambda p, g, t, m, v: adam_step(p, g, m, v, t, 0.1, 0.9, 0.99, 1e-12), 2),
}
for name, (rule, memories) in own_rules.items():
    theta, memory, path = np.zeros(3), [np.zeros(3)] * memories, [np.zeros(3)]
    for t, slope in enumerate(slopes, 1):
        theta, *memory = rule(theta, slope, t, *memory)
        path.append(theta)
    print(f"{name:8} looks like {which_optimizer(np.array(path), slopes)}")

# %% [markdown]
# ### The race
#
# Now let all eight run.
# In the valley, switch the slow ones off and find the largest rate at which SGD still arrives; then give the same rate to Adam.
# At the saddle, start a little beside the ridge.
# Among two minima, find a start from which momentum rolls through the first into the second.

# %% tags=["demonstration"]
LossSurface()


# %% [markdown]
# **Written answer (2 points).**
# (a) Somebody multiplies the error by 1000. Which of your eight rules take the same steps as before (as long as ε plays no part)?
# (b) Somebody measures a parameter in millimetres in place of metres, so that its value becomes 1000 times larger and the error stays what it is. By which factor do the steps of SGD, of Adam and of Adadelta change, and by which should they?
# (c) You add $\lambda\theta$ to the gradient and use Adam. Which weights hardly decay, and why is that not what a penalty is for?

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "rules_why", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# (a) AdaGrad, RMSProp, Adam: gradient and root grow by the same factor, which cancels.
# AdamW too: the decay does not contain the error.
# Adadelta too: its numerator is made of past steps, and these stay the same.
# SGD, momentum and Nesterov take steps that are 1000 times longer.
#
# (b) The steps should become 1000 times larger, as the parameter's values do.
# The gradient $\partial E/\partial\theta$ becomes 1000 times *smaller*, so SGD's steps get 1000 times smaller: wrong by a factor of a million.
# Adam's stay what they are ($\eta$ has to be chosen anew): wrong by a factor of 1000.
# Adadelta's scale like past steps: right by construction, once the influence of ε in its first steps has faded.
#
# (c) Those with large gradients: their $\sqrt{\hat v}$ is large, and the penalty's part is divided by it, too.
# A penalty is to keep weights small whatever their gradients are, and these are the weights that move most.
#
# Marking: (a) ½ point, for the five adaptive ones against the three others; (b) 1 point: what should happen, and two of the three rules right; (c) ½ point.
# ### END SOLUTION

# %% [markdown]
# ## 5 The loop
#
# A training set has $n$ examples.
# Its order is shuffled and cut into *mini-batches* of $m$ examples; each mini-batch gives one gradient and one update, an *iteration*.
# When all examples have been seen, an *epoch* is over, and the order is shuffled anew.
# If $m$ does not divide $n$, the last batch of each epoch is smaller, and counts all the same.
#
# **Task (1 point).**
# Write `count_iterations(examples, batch_size, epochs)`.
# It returns three whole numbers: the iterations of one epoch, the iterations of the whole training, and how often an example is visited in all (an example that is used in two epochs is visited twice).
# The batch may be larger than the training set.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "count_iterations", "locked": false, "schema_version": 3, "solution": true, "task": false}
def count_iterations(examples, batch_size, epochs):
    """Count the iterations of a training, and the examples that it visits.

    Args:
        examples: n, examples in the training set.
        batch_size: m, examples in a mini-batch.
        epochs: passes over the training set.

    Returns:
        iterations of one epoch, iterations in all, visits in all: whole numbers.
    """
    ### BEGIN SOLUTION
    per_epoch = (examples + batch_size - 1) // batch_size
    return per_epoch, per_epoch * epochs, examples * epochs
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_count_iterations", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(count_iterations)


# %% [markdown]
# ### Spot the error
#
# A student trains with a loop of her own, on $n = 1050$ examples:
#
# ```python
# order = rng.permutation(n)
# for epoch in range(20):
#     for start in range(0, n, 100):
#         batch = order[start : start + 100]
#         loss, gradient = loss_and_gradient(theta, x[batch], t[batch])  # mean over the batch
#         penalised = gradient + lam * theta / len(batch)
#         t_adam += epoch
#         theta, state = adam_step(theta, penalised, state, t=t_adam, learning_rate=0.01)
#     losses.append(loss)
# ```
#
# **Written answer (2 points).**
# (a) Find four things that are not as they should be, and say for each what the training, or the plot of `losses`, looks like because of it.
# (b) How many updates does the training make, and how many examples does it visit in all?
# How many of each if the last, smaller batch is left out?
# (c) She repeats it with batches of 1050, all else unchanged.
# Name one thing that gets better and one that gets worse.

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "loop_why", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# (a) The order is drawn once: every epoch has the same batches, whose peculiarities are repeated; draw it inside the outer loop.
# `losses` gets the loss of the last batch, of 50 examples: a noisy curve that says little about the epoch; add up over examples.
# The penalty is divided by the batch's size, so that it is a hundred times weaker than $\lambda$ says, and twice as strong in the last batch; the loss is a mean already.
# `t_adam` grows by the number of the epoch, not by 1: it is 0 throughout the first epoch, where the correction divides by $1 - \beta^0 = 0$, and jumps afterwards, so that the correction ends too early.
#
# (b) 11 in each epoch, 220 in all; $20 \cdot 1050 = 21{,}000$ visits.
# Without the last batch 10 and 200 updates, 20,000 visits; the same 50 examples would never be seen with this fixed order.
#
# (c) Better: the gradient has no noise, and the loss of an epoch is that of all examples.
# Worse: 20 updates in place of 220 for the same number of visits, so much less progress; and no noise to leave a saddle or a narrow minimum with.
#
# Marking: (a) 1 point, ¼ for each with its consequence; (b) ½ point; (c) ½ point.
# ### END SOLUTION

# %% [markdown]
# ### Train anything
#
# Now the loop itself.
# It knows neither the network nor the rule nor the schedule: these come in as functions.
#
# * `loss_and_gradients(parameters, x_batch, y_batch)` returns the mean loss of a batch, a number, and the list of its gradients, one for each array in `parameters`.
# * `step(parameter, gradient, state, t, learning_rate)` returns the new parameter and the new state of *one* array. The state is what the rule remembers; it is `None` at the first step of each array.
# * `schedule(t)` returns the learning rate of iteration `t`. Iterations count from 1, through all epochs.
# * `orders[e]` is the order of the examples in epoch `e`: the first batch has the first `batch_size` of them.
#
# **Task (4 points).**
# Write `train(parameters, x, y, loss_and_gradients, step, schedule, batch_size, orders)`.
# Return the list of trained arrays and the losses of all iterations, each one as `loss_and_gradients` gave it, before the step.
# Call `loss_and_gradients` once in each iteration, and `step` once for each array; there may be any number of arrays.
# The caller's list must stay as it is.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "train", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train(parameters, x, y, loss_and_gradients, step, schedule, batch_size, orders):
    """Train with mini-batches.

    Args:
        parameters: list of arrays.
        x, y: training set; axis 0 of both counts the N examples.
        loss_and_gradients: function of parameters, x_batch and y_batch; returns loss and list of gradients.
        step: function of parameter, gradient, state, t and learning_rate; returns parameter and state.
        schedule: function of t; returns the learning rate.
        batch_size: examples in a mini-batch; the last one of an epoch may be smaller.
        orders: (epochs, N) integers, one order of the examples for each epoch.

    Returns:
        the trained parameters, a list of arrays; the losses, one number for each iteration.
    """
    ### BEGIN SOLUTION
    parameters, states, losses = list(parameters), [None] * len(parameters), []
    t = 0
    for order in orders:
        for start in range(0, len(order), batch_size):
            t += 1
            rows = order[start : start + batch_size]
            loss, gradients = loss_and_gradients(parameters, x[rows], y[rows])
            losses.append(loss)
            for i, gradient in enumerate(gradients):
                parameters[i], states[i] = step(parameters[i], gradient, states[i], t, schedule(t))
    return parameters, losses
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_train", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check(train)

# %% [markdown]
# ## 6 Eight rules read digits
#
# The data are 8,000 handwritten digits to learn from and 2,000 others to compare the trainings by, at half their resolution, so that every training takes a second.
# The comparison chooses a schedule, so these 2,000 are *validation* images, and no number here is a final one (chapter 1).
# The network has one hidden layer of 64 ReLUs.
# For its gradients we let PyTorch do the work of chapter 4.
# Each of your rules becomes a `step` by a line that says what it remembers and how it is set.

# %% tags=["demonstration"]
images, labels, validation_images, validation_labels = mnist()
x, validation_x = (
    pixels.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)).reshape(-1, 196)
    for pixels in (images, validation_images)
)
torch.set_num_threads(1)  # such small products gain nothing from more
rng = np.random.default_rng(0)
initial = [
    rng.normal(size=(196, 64)) * np.sqrt(2 / 196), np.zeros(64),
    rng.normal(size=(64, 10)) * np.sqrt(2 / 64), np.zeros(10),
]  # fmt: skip
initial = [array.astype(np.float32) for array in initial]


def classify(parameters, x):
    W1, b1, W2, b2 = parameters
    return torch.relu(x @ W1 + b1) @ W2 + b2


def loss_and_gradients(parameters, x, y):
    tensors = [torch.tensor(array, dtype=torch.float32, requires_grad=True) for array in parameters]
    logits = classify(tensors, torch.from_numpy(x))
    loss = torch.nn.functional.cross_entropy(logits, torch.from_numpy(y))
    return loss.item(), [gradient.numpy() for gradient in torch.autograd.grad(loss, tensors)]


def accuracy(parameters, x, y):
    tensors = [torch.tensor(array, dtype=torch.float32) for array in parameters]
    return np.mean(classify(tensors, torch.from_numpy(x)).argmax(dim=1).numpy() == y)


def remembering(rule, memories):
    """Make a `step` of a rule that keeps some arrays, zeros at first."""

    def step(parameter, gradient, state, t, learning_rate):
        state = [np.zeros_like(parameter)] * memories if state is None else state
        parameter, *state = rule(parameter, gradient, *state, t, learning_rate)
        return parameter, state

    return step


steps = {
    "SGD": remembering(lambda p, g, t, rate: (sgd_step(p, g, rate),), 0),
    "momentum": remembering(lambda p, g, v, t, rate: momentum_step(p, g, v, rate, 0.9), 1),
    "Nesterov": remembering(lambda p, g, v, t, rate: nesterov_step(p, g, v, rate, 0.9), 1),
    "AdaGrad": remembering(lambda p, g, s, t, rate: adagrad_step(p, g, s, rate, 1e-8), 1),
    "RMSProp": remembering(lambda p, g, s, t, rate: rmsprop_step(p, g, s, rate, 0.99, 1e-8), 1),
    "Adadelta": remembering(lambda p, g, s, u, t, rate: adadelta_step(p, g, s, u, 0.95, 1e-6), 2),
    "Adam": remembering(
        lambda p, g, m, v, t, rate: adam_step(p, g, m, v, t, rate, 0.9, 0.999, 1e-8), 2
    ),
    "AdamW": remembering(
        lambda p, g, m, v, t, rate: adamw_step(p, g, m, v, t, rate, 0.9, 0.999, 1e-8, 0.1), 2
    ),
}


def train_digits(name, schedule, epochs, loss_and_gradients=loss_and_gradients):
    orders = [np.random.default_rng(epoch).permutation(len(x)) for epoch in range(epochs)]
    return train(initial, x, labels, loss_and_gradients, steps[name], schedule, 100, orders)


# %% [markdown]
# ### The rate matters more than the rule
#
# First every rule gets one epoch (80 iterations) with each of five rates.
# What counts is the mean loss of the last twenty iterations.
# (Adadelta has no rate and gets one run.)

# %% tags=["demonstration"]
rates = 10.0 ** np.arange(-4, 1)
axes = labelled_axes("learning rate", "loss after one epoch (nats)", "which rates work?")
progress = tqdm(total=7 * len(rates) + 1, desc="training", unit="run")
with np.errstate(all="ignore"):  # some rates are far too large
    for index, name in enumerate(steps):
        reached = []
        for rate in rates if name != "Adadelta" else [1.0]:
            _, losses = train_digits(name, lambda t, rate=rate: rate, 1)
            reached.append(np.mean(losses[-20:]))
            progress.update()
        reached = np.nan_to_num(reached, nan=np.inf)
        if name == "Adadelta":
            axes.axhline(reached[0], color="black", linestyle=":", label=name)
            print(f"{name:9} loss {reached[0]:.3f}")
        else:
            style = "o-" if index < 6 else "s--"
            axes.loglog(rates, reached, style, color=COLOURS[index % 6], label=name)
            best = rates[np.argmin(reached)]
            print(f"{name:9} loss {min(reached):.3f} with the rate {best:g}")
progress.close()
axes.set_ylim(0.1, 10)
axes.legend(frameon=False, fontsize=8, ncols=2)
plt.show()

# %% [markdown]
# Look at the bottoms of the curves, and at how wide they are.
# With the right rate most rules are about equally good after one epoch; with a wrong one none is.
# But the right rate differs by factors of a hundred, and momentum wants a smaller one than SGD: a velocity with $\mu = 0.9$ adds up to ten gradients.
#
# ### A schedule on top
#
# Now ten epochs of AdamW: with the constant rate that was best, with three times as much, and with your schedule, which starts at three times as much and comes down to 0.

# %% tags=["demonstration"]
epochs = 10
_, iterations, visits = count_iterations(len(x), 100, epochs)
schedules = {
    "constant 0.01": lambda t: 0.01,
    "constant 0.03": lambda t: 0.03,
    "cosine from 0.03": lambda t: cosine_schedule(t, iterations, 0.03, 0.0, iterations // 20),
}
curve = LiveCurve("iteration", "loss, mean of 40 (nats)", *schedules, title="AdamW")
curve.axes.set_yscale("log")
progress = tqdm(total=len(schedules) * iterations, desc="training", unit="update")
for name, schedule in schedules.items():
    recent = []

    def watched(parameters, x_batch, y_batch, name=name, recent=recent):
        """Pass the loss and gradients on, and draw the loss from time to time."""
        loss, gradients = loss_and_gradients(parameters, x_batch, y_batch)
        recent.append(loss)
        progress.update()
        if len(recent) % 40 == 0:
            curve.add(len(recent), **{name: np.mean(recent[-40:])})
        return loss, gradients

    trained, _ = train_digits("AdamW", schedule, epochs, watched)
    print(
        f"{name}: {iterations} iterations, {visits} visits; right on training images "
        f"{100 * accuracy(trained, x, labels):.1f} %, validation images "
        f"{100 * accuracy(trained, validation_x, validation_labels):.1f} %"
    )
progress.close()
curve.close()

# %% [markdown]
# A rate that is too large to end with is the right one to begin with: far from the goal, long steps save time, and near it only short ones come to rest.
#
# ### Where training ends, the slope need not
#
# A lecture remarks that SGD often does not converge to a critical point, and that the norm of the gradient can *grow* while training succeeds.
# Measure it: plain SGD with a constant rate, and in every epoch the mean loss and the mean length of the mini-batch gradients, each relative to the first epoch.

# %% tags=["demonstration"]
losses, lengths = [], []


def measured(parameters, x_batch, y_batch):
    loss, gradients = loss_and_gradients(parameters, x_batch, y_batch)
    losses.append(loss)
    lengths.append(np.sqrt(sum(np.sum(gradient**2) for gradient in gradients)))
    return loss, gradients


trained, _ = train_digits("SGD", lambda t: 0.3, 20, measured)
axes = labelled_axes("epoch", "relative to the first epoch", "SGD, η = 0.3")
for name, values in (("loss", losses), ("length of the gradient", lengths)):
    means = np.reshape(values, (20, -1)).mean(axis=1)
    axes.plot(range(1, 21), means / means[0], label=name)
    print(f"{name}: {means[0]:.3f} in the first epoch, {means[-1]:.3f} in the last")
axes.set_ylim(0, None)
axes.legend(frameon=False)
plt.show()
_, exact = loss_and_gradients(trained, x, labels)
length = np.sqrt(sum(np.sum(gradient**2) for gradient in exact))
print(f"at the end, the gradient of all {len(x)} examples together has the length {length:.3f}")

# %% [markdown]
# Here the gradient shrinks, but much more slowly than the loss: at a place where the mean gradient is small, the gradient of a mini-batch is mostly noise, and noise does not go away by training longer.
# That is what the falling end of a schedule is for.
#
# **To try.**
# Train with mini-batches of 10 and of 1000 examples, the same number of epochs each.
# How does the best learning rate change, and who pays?
# Then let `train` count `t` by epochs for a moment: which of the eight rules notices?
#
# How this goes on: a small training loss is not the aim.
# Chapter 6 asks what images say that the network has not seen, and what can be done about it.
