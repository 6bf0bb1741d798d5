# %% [markdown]
# # 10 Recurrent networks
#
# "I went to London in 2010." "In 2010 I went to London."
# You find the year in both, wherever it stands and however long the sentence is.
# A network with a weight for every position has to learn each position by itself; a recurrent network reads word by word, with the same weights at each step, and keeps what it has read in its state.
# In this notebook you build it: the cell, the loop, the gradient through time, and what is needed around them.
# At the end your functions find years in sentences of a kind that they have never seen.
#
# It takes about 4½ hours.
#
# **How to work here.**
# Each task has a text, a cell for your answer (replace `raise NotImplementedError`), and a cell that checks it.
# Run the check as often as you like: it tells you what is right, what is not, and, when it recognises the slip, which one.
# Everything needs only the cells above it.
# The chapter [Recurrent networks](../../book/10_recurrent.md) explains the theory; [Notation](../../book/notation.md) explains the letters.

# %%
import matplotlib.pyplot as plt
import numpy as np
from tqdm.auto import tqdm

from dlarch import check
from dlarch.figures import SpectralGradient, UnrolledPatterns
from dlarch.plots import COLOURS, LiveCurve, labelled_axes


def orthogonal(M, rng):
    """Draw a rotation (or reflection): a matrix that changes no length."""
    return np.linalg.qr(rng.normal(size=(M, M)))[0]


class Adam:
    """Adam's steps (chapter 5) for a dict of parameters."""

    def __init__(self, parameters, learning_rate):
        self.learning_rate, self.step = learning_rate, 0
        self.moments = {name: [0 * array, 0 * array] for name, array in parameters.items()}

    def update(self, parameters, gradients):
        """Move all parameters in place."""
        self.step += 1
        for name, gradient in gradients.items():
            m, v = self.moments[name]
            m += 0.1 * (gradient - m)
            v += 0.001 * (gradient**2 - v)
            mean, mean_square = m / (1 - 0.9**self.step), v / (1 - 0.999**self.step)
            parameters[name] -= self.learning_rate * mean / (np.sqrt(mean_square) + 1e-8)


# %% [markdown]
# These conventions hold in the whole notebook.
#
# * Batch first: a batch of sequences is `x` of shape `(N, T, D)`: `N` sequences, `T` steps, `D` features at each step. A state has `M` units, a vocabulary `V` words.
# * Steps are counted from 0. The state before the first step is `h0`; `states[:, t]` is the state *after* step `t`.
# * Weights go from rows to columns: `U[i, j]` goes from unit `i` at one step to unit `j` at the next.
# * Sequences in a batch have different `lengths`. Behind the end of a sequence its row is filled with anything: no result may depend on it.
#
# The derivatives are your work: `torch` and other libraries that differentiate by themselves are not allowed in the answers.
#
# ## 1 One cell, used again and again
#
# $$h_t = \tanh(x_t W + h_{t-1} U + b) .$$
#
# **Task (1 point).**
# Write `rnn_cell(x, h, W, U, b)`, one step for a batch: `x` is $(N, D)$, `h` the state before it, $(N, M)$.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "rnn_cell", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rnn_cell(x, h, W, U, b):
    """Give the state after one step, tanh(x W + h U + b).

    Args:
        x: inputs of this step, (N, D).
        h: states before it, (N, M).
        W: weights of the inputs, (D, M).
        U: recurrent weights, (M, M).
        b: biases, (M,).

    Returns:
        the new states, (N, M).
    """
    ### BEGIN SOLUTION
    return np.tanh(x @ W + h @ U + b)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_rnn_cell", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(rnn_cell)


# %% [markdown]
# ### A whole batch of sequences
#
# Now the loop over time.
# From its length on, a row keeps its last state: so `states[:, -1]` is the state after the last *real* token, for every sequence of the batch.
#
# **Task (2 points).**
# Write `rnn_forward(x, lengths, h0, W, U, b)` with your `rnn_cell`; the result has the state after every step, $(N, T, M)$.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "rnn_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rnn_forward(x, lengths, h0, W, U, b):
    """Run a recurrent network over a batch of sequences.

    Args:
        x: sequences, (N, T, D); behind its length a row is filled with anything.
        lengths: how many steps of each row are real, (N,), from 1 to T.
        h0: states before the first step, (N, M).
        W, U, b: parameters of the cell.

    Returns:
        states, (N, T, M); from its length on a row keeps its last state.
    """
    ### BEGIN SOLUTION
    h, states = h0, []
    for t in range(x.shape[1]):
        real = (t < lengths)[:, None]
        h = np.where(real, rnn_cell(x[:, t], h, W, U, b), h)
        states.append(h)
    return np.stack(states, axis=1)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_rnn_forward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(rnn_forward)

# %% [markdown]
# **What it gives you.**
# A state that depends on the past.
# Two sequences differ in their first number alone, and the states are still different ten steps later; but the difference fades.
# How fast it fades, and whether it must, is the question of this chapter.

# %% tags=["demonstration"]
rng = np.random.default_rng(0)
M, T = 16, 30
network = (rng.normal(size=(1, M)), 0.9 * orthogonal(M, rng), np.zeros(M))
x = np.repeat(0.5 * rng.normal(size=(1, T, 1)), 2, axis=0)
x[1, 0] += 1
states = rnn_forward(x, np.array([T, T]), np.zeros((2, M)), *network)
axes = labelled_axes("step", "distance of the two states", "one number of the past was changed")
axes.semilogy(np.linalg.norm(states[0] - states[1], axis=1), marker="o")
plt.show()


# %% [markdown]
# ## 2 A memory that you design
#
# Before a network learns to remember: *can* it?
# You set the weights by hand.
#
# The network has one input $x_t$ and one output $y_t = h_t V$; no bias, $h_0 = 0$, and $|x_t| \le 1$.
# Wanted is $y_t = \text{gain} \cdot x_{t - \text{delay}}$: what came in `delay` steps ago comes out, `gain` times as large, and nothing (0) before that.
# The error may be at most `error` at every step, whatever the inputs are.
#
# **Task (3 points).**
# Write `delay_line(delay, gain, error)`, which gives `W`, `U` and `V` with the *smallest possible* number of units `M`.
# Two questions to think about first: how many numbers does the state have to hold, and where does $\tanh(z)$ hardly differ from $z$?
# ($|\tanh z - z| \le |z|^3/3$.)


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "delay_line", "locked": false, "schema_version": 3, "solution": true, "task": false}
def delay_line(delay, gain, error):
    """Give the weights of a network whose output is its delayed input.

    Args:
        delay: by how many steps, 0 or more.
        gain: factor of the output, positive or negative.
        error: largest error allowed, for inputs from −1 to 1.

    Returns:
        W (1, M), U (M, M), V (M, 1) of h_t = tanh(x_t W + h_{t−1} U), y_t = h_t V.
    """
    ### BEGIN SOLUTION
    M = delay + 1
    # Each tanh takes at most size³/3 away; all M of them, made gain/size times as large, stay below error.
    size = np.sqrt(error / (abs(gain) * M))
    W, V = np.zeros((1, M)), np.zeros((M, 1))
    W[0, 0], V[-1, 0] = size, gain / size
    return W, np.eye(M, k=1), V
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_delay_line", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(delay_line)

# %% [markdown]
# **What it gives you.**
# A network that repeats what it heard eight steps ago, and a proof: recurrent networks *can* keep things.
# Whether gradient descent *finds* such weights is another matter.

# %% tags=["demonstration"]
W, U, V = delay_line(8, 1.0, 0.01)
x = np.sin(np.arange(60) / 3) * np.cos(np.arange(60) / 11)
states = rnn_forward(
    x[None, :, None], np.array([60]), np.zeros((1, len(U))), W, U, np.zeros(len(U))
)
axes = labelled_axes("step", "", "heard, and repeated eight steps later")
axes.plot(x, label="input")
axes.plot(states[0] @ V, "--", label="output")
axes.legend(frameon=False)
plt.show()

# %% [markdown]
# Where outputs are read from a network, and what is fed back, makes its pattern.
# Choose a pattern and an output, and say which inputs it can depend on before you tick the box.

# %% tags=["demonstration"]
UnrolledPatterns()


# %% [markdown]
# ## 3 Words as vectors
#
# A word is a number $k$ from 0 to $V - 1$; a table has a row for each: its *embedding*, a vector that the network learns.
# To look words up is simply `table[tokens]`, for tokens of shape $(N, T)$ a result of shape $(N, T, D)$.
#
# **Task (2 points).**
# The network gives you `dx`, the gradient of the loss at the rows that were looked up, place by place.
# Derive the gradient of row $v$ of the table (write the lookup as a product with a one-hot row, as in chapter 0, if you like); the page has the answer folded, to be opened after your check.
# Then write `embed_backward(dx, tokens, V)`.
# Token 0 is a word like any other.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "embed_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def embed_backward(dx, tokens, V):
    """Give the gradient of a table of embeddings.

    Args:
        dx: gradient at the rows that were looked up, (N, T, D).
        tokens: which rows those were, (N, T), integers from 0 to V − 1.
        V: number of rows of the table.

    Returns:
        gradient of the table, (V, D).
    """
    ### BEGIN SOLUTION
    dtable = np.zeros((V, dx.shape[2]))
    np.add.at(dtable, tokens, dx)
    return dtable
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_embed_backward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(embed_backward)


# %% [markdown]
# ## 4 Gradients through time
#
# Unrolled, the loop is a network of $T$ layers that share their weights.
# So backpropagation works as in chapter 4, from the last step to the first, with two things more:
# a state is read by the next step *and* by whatever stands above it, and all steps contribute to the same `dW`, `dU` and `db`.
#
# **Task (4 points: 2 for what goes back through time, 2 for the parameters).**
# Write `rnn_backward(dstates, x, lengths, h0, states, W, U)`.
# `dstates[:, t]` is the gradient that arrives at `states[:, t]` from above, at every step; the states are those that `rnn_forward` gave.
# Behind the end of a sequence its states are *copies* of its last real one: think about what that means for the gradient that arrives there.
# (Each step has two linear layers, whose [backward pass](../../book/04_backpropagation.md#backpropagation-layer) you wrote in chapter 4: here the sums over the steps are begun for you.
# The autoencoder of chapter 13 will leave you all of it.)


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "rnn_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rnn_backward(dstates, x, lengths, h0, states, W, U):
    """Give the gradients of a recurrent network.

    Args:
        dstates: gradient that arrives at every state from above, (N, T, M).
        x, lengths, h0: what rnn_forward was given.
        states: what it returned, (N, T, M).
        W, U: weights, (D, M) and (M, M).

    Returns:
        dx (N, T, D), dh0 (N, M), dW (D, M), dU (M, M), db (M,).
    """
    dx, dW, dU, db = np.zeros_like(x), np.zeros_like(W), np.zeros_like(U), np.zeros(len(U))
    ### BEGIN SOLUTION
    dh = np.zeros_like(h0)
    for t in reversed(range(x.shape[1])):
        dh += dstates[:, t]
        rows = np.flatnonzero(lengths > t)  # those that are not at their end yet
        delta = dh[rows] * (1 - states[rows, t] ** 2)
        dx[rows, t] = delta @ W.T
        dW += x[rows, t].T @ delta
        dU += (states[rows, t - 1] if t > 0 else h0[rows]).T @ delta
        db += delta.sum(axis=0)
        dh[rows] = delta @ U.T
    return dx, dh, dW, dU, db
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_rnn_backward_through_time", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(rnn_backward, "through_time")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_rnn_backward_parameters", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(rnn_backward, "parameters")

# %% [markdown]
# **What it gives you.**
# All gradients of any network that reads sequences.
# As in chapter 4, trust and check: measured slopes of three entries beside yours.

# %% tags=["demonstration"]
rng = np.random.default_rng(1)
N, T, D, M = 3, 5, 2, 4
x, lengths = rng.normal(size=(N, T, D)), np.array([5, 2, 4])
h0, W, U, b = (rng.normal(size=shape) for shape in ((N, M), (D, M), (M, M), M))
weights_of_loss = rng.normal(size=(N, T, M))


def loss_with(U):
    return np.sum(weights_of_loss * rnn_forward(x, lengths, h0, W, U, b))


states = rnn_forward(x, lengths, h0, W, U, b)
slopes = rnn_backward(weights_of_loss, x, lengths, h0, states, W, U)[3]
for index in ((0, 0), (1, 3), (3, 2)):
    little = np.zeros_like(U)
    little[index] = 1e-5
    measured = (loss_with(U + little) - loss_with(U - little)) / 2e-5
    print(f"∂E/∂U{index}: yours {slopes[index]:+.6f}, measured {measured:+.6f}")


# %% [markdown]
# ## 5 What is left of a gradient after many steps
#
# Take tanh away for a moment: $h_t = h_{t-1} U$, so that after many steps $h_T = h_0\, U^T$ ($U$ to the power $T$), and the derivative of $h_T$ by $h_0$ is that power.
# For a matrix drawn at random one of two things happens to it as $T$ grows; there are matrices between.
#
# ### Say it before you see it
#
# **Task (2 points).**
# Write `predict_gradient(U)`, which says what becomes of the norm of the $T$-th power of `U` for large $T$: `"vanishes"` (it goes to 0), `"explodes"` (it goes to infinity) or `"keeps"` (neither).
# Only then run the cell below its check.
# (The matrices of the check are at least 5 % away from the border, or on it up to rounding; on the border theirs have bounded powers.)


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "predict_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def predict_gradient(U):
    """Say what becomes of the gradient of a linear recurrent network over many steps.

    Args:
        U: recurrent weights, (M, M).

    Returns:
        "vanishes", "keeps" or "explodes".
    """
    ### BEGIN SOLUTION
    radius = np.abs(np.linalg.eigvals(U)).max()
    if abs(radius - 1) < 1e-6:
        return "keeps"
    return "vanishes" if radius < 1 else "explodes"
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_predict_gradient", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(predict_gradient)

# %% [markdown]
# **What it gives you.**
# Four small networks, and what you said of each.
# One of them is not what it seems during the first steps.

# %% tags=["demonstration"]
networks = {
    "A": np.array([[0.8, 4.0], [0.0, 0.8]]),
    "B": np.array([[0.6, -0.8], [0.8, 0.6]]),
    "C": np.array([[0.5, 0.6], [0.7, 0.5]]),
    "D": np.array([[0.0, 1.2], [-0.7, 0.0]]),
}
axes = labelled_axes("steps T", "norm of U to the power T", "")
for name, U in networks.items():
    norms = [np.linalg.norm(np.linalg.matrix_power(U, T), 2) for T in range(61)]
    axes.semilogy(norms, label=f"{name}: you said it {predict_gradient(U)}")
axes.legend(frameon=False)
plt.show()


# %% [markdown]
# ### With tanh
#
# Now the real network.
# Each step contributes a matrix of derivatives of its own, because the slopes of tanh depend on the states.
#
# **Task (2 points).**
# Write `jacobian_norms(states, U)` for *one* sequence with states $(T, M)$: entry $t$ of the result is the spectral norm (the largest singular value, `np.linalg.norm(matrix, 2)`) of the matrix $\partial h_{T-1}/\partial h_t$ of derivatives of the last state by the state at $t$, through the recurrence alone.
# The last entry is therefore 1.
# Matrices do not commute: mind the order.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "jacobian_norms", "locked": false, "schema_version": 3, "solution": true, "task": false}
def jacobian_norms(states, U):
    """Give the size of the derivative of the last state by each state.

    Args:
        states: states of one sequence, (T, M).
        U: recurrent weights, (M, M).

    Returns:
        spectral norms of ∂(last state)/∂(state t), (T,).
    """
    ### BEGIN SOLUTION
    T, M = states.shape
    norms, jacobian = np.ones(T), np.eye(M)
    for t in range(T - 2, -1, -1):
        jacobian = U * (1 - states[t + 1] ** 2) @ jacobian
        norms[t] = np.linalg.norm(jacobian, 2)
    return norms
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_jacobian_norms", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(jacobian_norms)

# %% [markdown]
# **What it gives you.**
# The gradient over 50 steps, for $U = g \cdot$ (a rotation) and small inputs.
# Before you run it: for which $g$ will it still be near 1?
# (Without tanh the answer is clear.)

# %% tags=["demonstration"]
rng = np.random.default_rng(0)
M, T = 64, 51
rotation, x = orthogonal(M, rng), 0.1 * rng.normal(size=(1, T, M))
axes = labelled_axes("step t", "norm of ∂(last state)/∂(state t)", "64 units, 50 steps")
for gain in (0.9, 1.0, 1.1, 1.5):
    states = rnn_forward(
        x, np.array([T]), np.zeros((1, M)), np.eye(M), gain * rotation, np.zeros(M)
    )
    norms = jacobian_norms(states[0], gain * rotation)
    axes.semilogy(norms, label=f"g = {gain}")
    print(f"g = {gain}: after 50 steps {norms[0]:.1e}; without tanh {gain**50:.1e}")
axes.legend(frameon=False)
plt.show()

# %% tags=["demonstration"]
SpectralGradient()


# %% [markdown]
# ### Clipping
#
# **Task (1 point).**
# Write `clip_by_norm(gradients, maximum)`: if the norm of *all* entries of all arrays together, $\sqrt{\sum g^2}$, is larger than `maximum`, multiply all arrays by one factor so that it is `maximum`; otherwise leave them as they are.
# The arrays that you are given must not change.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "clip_by_norm", "locked": false, "schema_version": 3, "solution": true, "task": false}
def clip_by_norm(gradients, maximum):
    """Shorten gradients whose common norm is too large.

    Args:
        gradients: list of arrays, any shapes.
        maximum: largest norm allowed.

    Returns:
        list of arrays of the same shapes.
    """
    ### BEGIN SOLUTION
    norm = np.sqrt(sum(np.sum(array**2) for array in gradients))
    factor = maximum / max(norm, maximum)
    return [factor * array for array in gradients]
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_clip_by_norm", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(clip_by_norm)


# %% [markdown]
# **Written answer (2 points).**
# A colleague trains a recurrent network of tanh units on sequences of 200 steps and writes:
#
# > "After 200 steps the gradient of the first state has the norm $10^{-9}$.
# > So I clip by the norm 1.
# > Since then no loss has jumped any more, which shows that the network now learns dependencies over 200 steps.
# > I also use teacher forcing, so that the gradient does not have to go back so far."
#
# Judge the three claims (that clipping answers the first observation; that quiet losses show what they are said to show; what teacher forcing does here).
# Use your `clip_by_norm` on a gradient of norm $10^{-9}$, and one measurement with your `jacobian_norms` of a change that *would* help, with its numbers.

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "remedies", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# First claim: clipping only shortens.
# `clip_by_norm([g], 1.0)` of a gradient with norm $10^{-9}$ gives the same gradient back; the illness is a vanishing gradient, and clipping is for exploding ones.
#
# Second: losses that no longer jump show that *explosions* (large steps) have stopped.
# They say nothing about the share of the early states in the gradient, which is still $10^{-9}$; that would be seen in `jacobian_norms`, or in a task that needs the first word.
#
# Third: teacher forcing replaces the outputs that are fed back by the true ones.
# If outputs are the only feedback, the steps come apart, and the gradient indeed goes back one step only: then nothing that is far back can be learnt through the recurrence.
# With recurrence through the hidden states, as here, the gradient goes back as far as before.
#
# A change that helps, for example: recurrent weights near a rotation.
# With 64 units and small inputs, `jacobian_norms` over 50 steps gives about $10^{-3}$ for $0.9 \cdot$ rotation and about $10^{-1}$ for the rotation itself.
# (Skip connections through time, or the gates of chapter 11, are right as well, if measured.)
#
# Marking: ½ point for each of the three claims, ½ point for a measurement that fits what it is said to show.
# ### END SOLUTION

# %% [markdown]
# ## 6 Both directions
#
# To know what a word means it helps to have read what comes after it.
# Two networks with parameters of their own read the sequence, one from the first real token to the last, one from the last to the first; both start from zeros.
#
# **Task (2 points: states, summary).**
# Write `bidirectional(x, lengths, forward, backward)` with your `rnn_forward`; `forward` and `backward` are dicts with the keys `"W"`, `"U"` and `"b"`.
# Return two arrays.
# `states`, $(N, T, 2M)$: at each real place the forward network's state after reading up to this token, and beside it the backward network's state after reading down to it; zeros behind the end.
# `summary`, $(N, 2M)$: for each direction the state after it has read the *whole* sequence.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "bidirectional", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bidirectional(x, lengths, forward, backward):
    """Read sequences in both directions.

    Args:
        x, lengths: sequences, (N, T, D), and their lengths, (N,).
        forward, backward: parameters W, U, b of the two networks, dicts.

    Returns:
        states (N, T, 2M), 0 behind the end; summary (N, 2M).
    """
    ### BEGIN SOLUTION
    N, T, _ = x.shape
    rows, steps = np.arange(N)[:, None], np.arange(T)
    real = steps < lengths[:, None]
    mirror = np.where(real, lengths[:, None] - 1 - steps, steps)
    h0 = np.zeros((N, len(forward["b"])))
    onward = rnn_forward(x, lengths, h0, **forward)
    returning = rnn_forward(x[rows, mirror], lengths, h0, **backward)
    states = np.concatenate([onward, returning[rows, mirror]], axis=2) * real[:, :, None]
    return states, np.concatenate([onward[:, -1], returning[:, -1]], axis=1)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_bidirectional_states", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(bidirectional, "states")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_bidirectional_summary", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(bidirectional, "summary")


# %% [markdown]
# ## 7 A model of language
#
# Predict the next token from those before it: the targets are in the data themselves.
#
# ### Find the slips
#
# The loss is the cross-entropy of chapter 3, at every real token:
#
# $$E = -\frac{1}{\sum_n \text{length}_n} \sum_n \sum_{t < \text{length}_n} \log p_{n, t, \text{target}_{n,t}}, \qquad p = \mathrm{softmax}(\text{logits}) .$$
#
# **Task (2 points).**
# `next_token_loss(logits, targets, lengths)` is written already, and there are two slips in it that many programs had: it trains all the same.
# Find and mend both.
# (Where would a slip show? Try two sequences of different lengths, and change what stands behind the end of the shorter one.)


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "next_token_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def next_token_loss(logits, targets, lengths):
    """Give the mean cross-entropy of the real tokens, and its gradient.

    Args:
        logits: scores, (N, T, V), of any size.
        targets: right tokens, (N, T), integers.
        lengths: how many tokens of each row are real, (N,).

    Returns:
        loss, a number; dlogits, (N, T, V).
    """
    ### BEGIN SOLUTION
    real = np.arange(logits.shape[1]) < lengths[:, None]
    count = real.sum()
    top = logits.max(axis=-1, keepdims=True)
    log_p = logits - (top + np.log(np.exp(logits - top).sum(axis=-1, keepdims=True)))
    one_hot = np.eye(logits.shape[2])[targets]
    loss = -(log_p * one_hot)[real].sum() / count
    dlogits = np.where(real[:, :, None], np.exp(log_p) - one_hot, 0) / count
    return loss, dlogits
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_next_token_loss", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(next_token_loss)


# %% [markdown]
# ### What the network reads
#
# In training the network reads the *true* previous token at each step, whatever it would have said itself (teacher forcing).
#
# **Task (1 point).**
# Write `teacher_forcing_inputs(targets, start)`: what the network reads at each step when `targets` are the tokens that it has to predict there, $(N, T)$.
# At the first step it reads the token `start`.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "teacher_forcing_inputs", "locked": false, "schema_version": 3, "solution": true, "task": false}
def teacher_forcing_inputs(targets, start):
    """Give the tokens that a network reads while it learns to predict others.

    Args:
        targets: tokens to predict, (N, T), integers.
        start: token that stands for the beginning.

    Returns:
        inputs, (N, T), integers.
    """
    ### BEGIN SOLUTION
    first = np.full((len(targets), 1), start)
    return np.concatenate([first, targets[:, :-1]], axis=1)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_teacher_forcing_inputs", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(teacher_forcing_inputs)


# %% [markdown]
# ### Drawing the next token
#
# To write a text, draw a token from $p = \mathrm{softmax}(\text{logits}/\tau)$, feed it back as the next input, and so on.
# The *temperature* $\tau$ makes the choice bolder or safer.
# Random numbers come from outside: the tokens take up intervals of $[0, 1)$ of the lengths $p_0, p_1, \dots$, one after another, and `u` lies in one of them.
#
# **Task (1 point).**
# Write `sample_next(logits, temperature, u)`: the first index whose cumulative probability is larger than `u`; with temperature 0 the index of the largest logit.
# It has to be safe for logits near ±1000, and overflow counts as an error.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "sample_next", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sample_next(logits, temperature, u):
    """Draw a token.

    Args:
        logits: scores, (V,).
        temperature: 0 (the most probable token) or more.
        u: number in [0, 1).

    Returns:
        the token, an integer.
    """
    ### BEGIN SOLUTION
    if temperature == 0:
        return int(np.argmax(logits))
    p = np.exp((logits - logits.max()) / temperature)
    return int(np.argmax(np.cumsum(p) > u * p.sum()))
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_sample_next", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(sample_next)

# %% [markdown]
# **What it gives you.**
# A network that invents names of towns, letter by letter, after having read a hundred.
# The loss is printed as a *perplexity*, $e^E$: among how many equally likely letters the network hesitates.
# Which temperature gives names that could be real, and are not in the list?

# %% tags=["demonstration"]
TOWNS = """agen ajaccio albi amiens angers angouleme annecy antibes arles arras aurillac auxerre avignon bastia
bayonne beauvais belfort besancon beziers blois bordeaux bourges brest brive caen cahors calais cannes carcassonne
castres chambery chartres cholet clermont cognac colmar compiegne creteil dax dieppe digne dijon dole dreux dunkerque
epinal evreux foix gap grasse grenoble gueret laon laval lens lille limoges lorient lyon macon marseille melun mende
metz montauban montpellier moulins mulhouse nancy nantes narbonne nice nimes niort orleans paris pau perigueux
perpignan poitiers quimper reims rennes roanne rodez rouen saintes saumur sedan sens soissons strasbourg tarbes toulon
toulouse tours troyes tulle valence vannes verdun versailles vesoul vichy vienne""".split()
LETTERS = "." + "abcdefghijklmnopqrstuvwxyz"  # the dot begins and ends a name

# %% tags=["demonstration"]
T = max(map(len, TOWNS)) + 1
targets = np.array([[LETTERS.index(c) for c in town.ljust(T, ".")] for town in TOWNS])
lengths = np.array([len(town) + 1 for town in TOWNS])
V, D, M = len(LETTERS), 12, 64
rng = np.random.default_rng(2)
model = {
    "table": 0.5 * rng.normal(size=(V, D)),
    "W": rng.normal(size=(D, M)) / np.sqrt(D),
    "U": orthogonal(M, rng),
    "b": np.zeros(M),
    "V": rng.normal(size=(M, V)) / np.sqrt(M),
}
optimizer = Adam(model, 5e-3)
inputs, h0 = teacher_forcing_inputs(targets, 0), np.zeros((len(TOWNS), M))
curve = LiveCurve("updates", "perplexity", "perplexity", title="a model of names")
for update in tqdm(range(1, 101), desc="reading names"):
    x = model["table"][inputs]
    states = rnn_forward(x, lengths, h0, model["W"], model["U"], model["b"])
    loss, dlogits = next_token_loss(states @ model["V"], targets, lengths)
    out = np.einsum("ntm,ntv->mv", states, dlogits)
    back = rnn_backward(dlogits @ model["V"].T, x, lengths, h0, states, model["W"], model["U"])
    gradients = [embed_backward(back[0], inputs, V), *back[2:], out]
    optimizer.update(model, dict(zip(model, clip_by_norm(gradients, 1.0), strict=True)))
    if update % 20 == 0:
        curve.add(update, perplexity=np.exp(loss))
curve.close()


def invent(temperature, rng):
    """Draw one name: prediction in a loop."""
    h, token, name = np.zeros((1, M)), 0, ""
    while len(name) < 20:
        h = rnn_cell(model["table"][[token]], h, model["W"], model["U"], model["b"])
        token = sample_next(h[0] @ model["V"], temperature, rng.uniform())
        if token == 0:
            break
        name += LETTERS[token]
    return name


for temperature in (0.3, 0.7, 1.0, 2.0):
    names = [invent(temperature, rng) for _ in range(8)]
    print(f"temperature {temperature}:", ", ".join(f"{n}{'*' * (n in TOWNS)}" for n in names))
print("(* is in the list)")

# %% [markdown]
# ## 8 The year in a sentence
#
# Everything comes together: embeddings, the loop over words, gradients through time, clipping.
# Sentences say in different ways when somebody was where; the network has to find the year, one of 80.
#
# The test is about *sharing*.
# For every year, half of the places where it could stand never occur in training: a network may have seen 1987 as the third and as the sixth word, and is asked about 1987 as the eighth.
# The rival is a dense network with weights of its own for every place; it gets the same words, the same embeddings, and as many sentences.

# %% tags=["demonstration"]
YEARS = [str(year) for year in range(1940, 2020)]
OPENINGS = ["", "yes", "of course", "people say that", "as far as we know"]
FORMS = [
    "{who} went to {town} in {year}",
    "in {year} {who} went to {town}",
    "{who} went in {year} with {friend} to {town}",
    "in {town} {who} met {friend} in {year}",
    "it was {year} when {who} first saw {town}",
    "{town} is where {who} lived in {year} with {friend}",
    "the summer of {year} was when {who} left {town}",
    "{friend} and {who} moved to {town} in {year}",
    "with {friend} {who} spent the year {year} in {town}",
    "since {year} {who} has never been back to {town}",
    "{year} was the year of the journey to {town}",
    "{who} says that {friend} left {town} for good in {year}",
]
PEOPLE, PLACES = ["I", "we", "Anna", "Omar", "they", "Lucie"], [t.title() for t in TOWNS[:12]]
FRIENDS = ["my sister", "a friend", "two cousins", "nobody"]
LONGEST = 16


def draw_sentences(count, new_places, never, rng):
    """Draw sentences whose year stands where it never does in training, or where it does."""
    sentences, answers = [], []
    while len(sentences) < count:
        year = rng.integers(len(YEARS))
        text = rng.choice(FORMS).format(
            who=rng.choice(PEOPLE),
            friend=rng.choice(FRIENDS),
            town=rng.choice(PLACES),
            year=YEARS[year],
        )
        words = f"{rng.choice(OPENINGS)} {text}".split()
        if never[year, words.index(YEARS[year])] == new_places:
            sentences.append(words)
            answers.append(year)
    return sentences, np.array(answers)


def as_tokens(sentences, vocabulary):
    """Number the words; rows are filled with 0."""
    tokens = np.zeros((len(sentences), LONGEST), dtype=np.int64)
    for row, words in zip(tokens, sentences, strict=True):
        row[: len(words)] = [vocabulary[word] for word in words]
    return tokens, np.array([len(words) for words in sentences])


rng = np.random.default_rng(0)
never = np.array([rng.permutation(LONGEST) < LONGEST // 2 for _ in YEARS])
drawn = {
    "training": draw_sentences(4000, False, never, rng),
    "validation": draw_sentences(500, False, never, rng),
    "new places": draw_sentences(1000, True, never, rng),
}
words = " ".join(FORMS + OPENINGS + PEOPLE + FRIENDS + PLACES + YEARS).split()
vocabulary = {word: number for number, word in enumerate(sorted(set(words)))}
data = {name: (*as_tokens(s, vocabulary), answers) for name, (s, answers) in drawn.items()}
for sentence in drawn["training"][0][:4]:
    print(" ".join(sentence))

# %% tags=["demonstration"]
V, D, M, K = len(vocabulary), 16, 64, len(YEARS)


def read_recurrent(model, x, lengths):
    """The state after the last word, and all states."""
    states = rnn_forward(x, lengths, np.zeros((len(x), M)), model["W"], model["U"], model["b"])
    return states[:, -1], states


def read_dense(model, x, lengths):
    """A layer over all places at once; filling counts as zeros."""
    x = x * (np.arange(LONGEST) < lengths[:, None])[:, :, None]
    return np.tanh(x.reshape(len(x), -1) @ model["W"] + model["b"]), None


def gradients_below(model, dh, h, states, x, lengths):
    """From the gradient at what was read to those of embeddings and weights."""
    if states is None:
        real = (np.arange(LONGEST) < lengths[:, None])[:, :, None]
        da = dh * (1 - h**2)
        flat = (x * real).reshape(len(x), -1)
        return (da @ model["W"].T).reshape(x.shape) * real, {"W": flat.T @ da, "b": da.sum(axis=0)}
    dstates = np.zeros_like(states)
    dstates[:, -1] = dh
    h0 = np.zeros((len(x), M))
    dx, _, dW, dU, db = rnn_backward(dstates, x, lengths, h0, states, model["W"], model["U"])
    return dx, {"W": dW, "U": dU, "b": db}


def make_model(read, rng):
    """Draw parameters for one of the two networks."""
    inputs, units = (D, M) if read is read_recurrent else (LONGEST * D, 2 * M)
    model = {
        "table": 0.5 * rng.normal(size=(V, D)),
        "W": rng.normal(size=(inputs, units)) / np.sqrt(inputs),
        "b": np.zeros(units),
        "out": rng.normal(size=(units, K)) / np.sqrt(units),
        "bias": np.zeros(K),
    }
    return model | ({"U": orthogonal(M, rng)} if read is read_recurrent else {})


def share_right(read, model, tokens, lengths, answers):
    h, _ = read(model, model["table"][tokens], lengths)
    return 100 * np.mean((h @ model["out"] + model["bias"]).argmax(axis=1) == answers)


def train(read, title, epochs=20, batch=50, seed=0):
    """Train a network with embeddings, clipping and Adam; give it back."""
    rng = np.random.default_rng(seed)
    model = make_model(read, rng)
    optimizer = Adam(model, 5e-3)
    tokens, lengths, answers = data["training"]
    curve = LiveCurve("epochs", "right (%)", "places seen", "new places", title=title)
    progress = tqdm(total=epochs * len(tokens) // batch, desc=title, unit="update")
    for epoch in range(1, epochs + 1):
        order = rng.permutation(len(tokens))
        for start in range(0, len(tokens), batch):
            rows = order[start : start + batch]
            x, one = model["table"][tokens[rows]], np.ones(len(rows), dtype=int)
            h, states = read(model, x, lengths[rows])
            logits = h @ model["out"] + model["bias"]
            # A class is one token to predict, after the whole sentence.
            _, dlogits = next_token_loss(logits[:, None], answers[rows][:, None], one)
            dlogits = dlogits[:, 0]
            dx, gradients = gradients_below(
                model, dlogits @ model["out"].T, h, states, x, lengths[rows]
            )
            gradients |= {"out": h.T @ dlogits, "bias": dlogits.sum(axis=0)}
            gradients["table"] = embed_backward(dx, tokens[rows], V)
            clipped = clip_by_norm(list(gradients.values()), 1.0)
            optimizer.update(model, dict(zip(gradients, clipped, strict=True)))
            progress.update()
        if epoch % 2 == 0:
            seen = share_right(read, model, *data["validation"])
            curve.add(
                epoch,
                **{
                    "places seen": seen,
                    "new places": share_right(read, model, *data["new places"]),
                },
            )
    progress.close()
    curve.close()
    for name in ("validation", "new places"):
        print(f"{title}, {name}: {share_right(read, model, *data[name]):.1f} % right")
    return model


# %% tags=["demonstration"]
recurrent = train(read_recurrent, "recurrent network")
dense = train(read_dense, "dense network")
print("aim: the recurrent network finds at least 90 % at new places")

# %% [markdown]
# Look inside: how sure is the network after each word?
# Before the year it knows nothing; from the year on it has to *keep* it while other words come in.

# %% tags=["demonstration"]
sentence = "as far as we know in 1987 Anna went to Albi".split()
tokens, lengths = as_tokens([sentence], vocabulary)
_, states = read_recurrent(recurrent, recurrent["table"][tokens], lengths)
logits = states[0, : len(sentence)] @ recurrent["out"] + recurrent["bias"]
p = np.exp(logits - logits.max(axis=1, keepdims=True))
p /= p.sum(axis=1, keepdims=True)
axes = labelled_axes("", "probability of 1987", "what the state knows after each word")
axes.bar(range(len(sentence)), p[:, YEARS.index("1987")], color=COLOURS[0])
axes.set_xticks(range(len(sentence)), sentence, rotation=45)
plt.show()

# %% [markdown]
# **Written answer (2 points).**
# (a) Both networks answer nearly all sentences whose year stands at a place where it stood in training.
# At new places they differ.
# Explain with the weights of each network what it would need to have learnt, and why more epochs do not help the dense one.
# (b) A third network adds up the embeddings of all words and puts one layer on top.
# It does not know any order.
# Predict how it will do at new places, and say what this means for the claim "the task shows that order matters".

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "sharing", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# (a) In the dense network the embedding of a word at place 8 meets weights that are used for place 8 only.
# If 1987 never stands there in training, nothing has ever told these weights what 1987 means there; other years at the same place do not help, as the answer needs this year's own direction.
# More epochs bring no new pairs of year and place.
# The recurrent network uses the same $W$ for every place: it learns once how a year is written into the state, and how the state is kept while other words pass, and both hold wherever the year stands.
#
# (b) It will do very well, about as well as the recurrent network: the year is the only word in the sentence that is a year, and a sum of embeddings is shared over places by construction.
# So the task shows that *sharing* matters, not order.
# To make order matter, a sentence would need two years, of which the words around them say which is meant.
#
# Marking: (a) 1 point, ½ for weights of their own for each place, ½ for why the recurrent ones carry over; (b) ½ for the prediction with a reason, ½ for what follows for the claim.
# ### END SOLUTION

# %% [markdown]
# **To try.**
# Start the recurrent weights from `0.5 * orthogonal(M, rng)` and predict from section 5 which sentences suffer first.
# Give the dense network twice as many sentences.
# Build the network of question (b), or sentences with two years.
#
# How this goes on: chapter 11 gives the state gates, so that it decides what to keep; chapter 12 lets every word look at every other one.
